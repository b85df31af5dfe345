// What breaking the glass takes: the worked example with facts of today, people with keys to act and to review, a log and a delegate.

import Foundation
import Testing
import WritModel
import WritTesting

/// policies/examples/break_glass.writ, whose service was not scanned, so that the usual way is closed.
final class BreakGlassSite: Workshop {
  /// - Parameter due: How soon a review is due, as the policy says it.
  init(due: String = "24h") throws {
    try super.init()
    let policy = Corpus.text("policies/examples/break_glass.writ")
    try scratch.write(
      policy.replacing("within 24h\n{", with: "within \(due)\n{"), to: "glass.writ")
    let now = ISO8601DateFormatter().string(from: Date())
    try scratch.write(
      """
      {"source":"catalog","at":"\(now)","covers":"*"}
      {"source":"scanner","at":"\(now)","covers":"*"}
      {"node":"Identity","id":"dana","props":{"kind":"person"}}
      {"node":"Identity","id":"erik","props":{"kind":"person"}}
      {"node":"Identity","id":"max","props":{"kind":"person"}}
      {"node":"Identity","id":"bot","props":{"kind":"agent"}}
      {"node":"Service","id":"web","props":{"scanned":false}}
      {"edge":"onCall","from":"Identity/dana","to":"Service/web"}
      {"edge":"onCall","from":"Identity/bot","to":"Service/web"}

      """, to: "graph.jsonl")
    try expect(
      #"""
      for name in log.example permits dana erik bot issuer dana-reviews erik-reviews max; do
        writ key new $name -o $name.key
      done
      entry() { printf '{"name":"%s","key":"%s","actor":"Identity/%s","roles":[%s]}\n' $1 "$(cat $1.key.pub)" $2 "$3"; }
      { entry dana dana; entry erik erik; entry bot bot; entry issuer erik '"@issuer"'
        entry dana-reviews dana '"incident_commander"'
        entry erik-reviews erik '"incident_commander"'
        entry max max '"release_manager"'; } > registry.jsonl
      writ build glass.writ -o b --registry registry.jsonl
      writ graph import --schema glass.writ graph.jsonl -o g
      writ log init log --origin log.example --key log.example.key
      writ-delegate init eu-1 --name eu-1 --permit-key permits.key.pub --log-vkey log.example.key.pub
      printf '#!/bin/sh\necho "ships $*"\necho "$*" >> ../../ran\n' > eu-1/work/deploy.sh
      chmod +x eu-1/work/deploy.sh; : > ran
      """#)
  }

  static let reason = "checkout is down since 02:40"

  /// `writ act` with a delegate beside it.
  func act(
    _ words: String = "emergencyDeploy --reason '\(BreakGlassSite.reason)'",
    as person: String = "dana", key: String? = nil, bundle: String = "b"
  ) -> String {
    """
    writ-delegate serve eu-1 --connect "$PWD/sock" --once 2> delegate.err &
    code=0; writ act \(words) --bundle \(bundle) --graph g --caller Identity/\(person) \
      \(key ?? "--actor-key \(person).key") --log log --permit-key permits.key \
      --delegate eu-1/delegate.pub --listen "unix:$PWD/sock" --wait 20s || code=$?
    [ $code = 0 ] || kill $! 2> /dev/null || true
    wait; exit $code
    """
  }

  /// The same of the one service, which is an argument.
  func breakGlass(
    as person: String = "dana", key: String? = nil, bundle: String = "b"
  ) -> String {
    act(
      "emergencyDeploy --arg service=Service/web --reason '\(BreakGlassSite.reason)'", as: person,
      key: key, bundle: bundle)
  }

  func review(
    _ index: Int = 1, as person: String = "erik", key: String? = nil,
    role: String = "incident_commander", verdict: String = "justified",
    note: String = "the outage of 02:40"
  ) -> String {
    "writ log review log --index \(index) --bundle b --role \(role) --as Identity/\(person) "
      + "--key \(key ?? "\(person)-reviews.key") --verdict \(verdict) --note '\(note)'"
  }

  /// What programs have done.
  func ran() throws -> Int {
    String(decoding: try scratch.bytes("ran"), as: UTF8.self).split(separator: "\n").count
  }

  /// The predicate of an entry.
  func record(_ index: Int) throws -> JSONValue {
    let shown = try expect("writ log show log --index \(index) --json")
    return try #require(try JSONValue(parsing: Array(shown.utf8))["predicate"])
  }
}
