// What acting takes: a policy with facts of today, a log, keys, and a delegate with a program and a secret.

import Foundation
import Testing
import WritModel
import WritTesting

/// Policies/checkout with facts of today, a log, a permit key, and a delegate with a program and a secret.
final class ActionSite: Workshop {
  /// With signs that are encoded otherwise in hexadecimal, base64, URLs and JSON.
  static let canary = "canary-7f3a9c/of \"the\" shop&+"

  override init() throws {
    try super.init()
    let policy = Corpus.text("policies/checkout/checkout.writ")
    // Those who act sign only where a test is about that.
    try scratch.write(
      policy.replacing(
        "policy checkout version 1", with: "policy checkout version 1 callers unsigned"),
      to: "checkout.writ")
    // Vouched for now: a gate that acts goes by the clock.
    let now = ISO8601DateFormatter().string(from: Date())
    for name in ["graph.jsonl", "repaired.jsonl"] {
      let facts = Corpus.text("policies/checkout/\(name)")
      let lines = facts.split(separator: "\n").map { line in
        line.replacing(/"at":"[^"]*"/, with: "\"at\":\"\(now)\"")
      }
      try scratch.write(lines.joined(separator: "\n") + "\n", to: name)
    }
    let request = Corpus.text("policies/checkout/request.json")
    let eu = request.replacing("\"gate\": \"checkout.ship\"", with: "\"action\": \"deploy\"")
    try scratch.write(eu, to: "eu.json")
    try scratch.write(eu.replacing("production-eu", with: "production-us"), to: "us.json")
    try scratch.write(request, to: "gate.json")
    try scratch.write(ActionSite.canary, to: "secret")
    try scratch.write(
      "#!/bin/sh\necho \"ships $1 to $2\"\necho \"with $deploy_token\"\nexit ${WRIT_TEST_EXIT:-0}\n",
      to: "deploy.sh")
    try expect(
      #"""
      writ key new log.example -o log.key
      writ key new permits -o permit.key
      writ key new ines -o ines.key
      printf '{"name":"ines","key":"%s","actor":"Identity/ines","roles":["eu_compliance"]}\n' "$(cat ines.key.pub)" > registry.jsonl
      writ build checkout.writ -o b --registry registry.jsonl
      writ graph import --schema checkout.writ graph.jsonl -o before
      writ graph apply before repaired.jsonl -o g
      writ log init log --origin log.example --key log.key
      writ-delegate init eu-1 --name eu-1 --permit-key permit.key.pub --log-vkey log.key.pub
      writ-delegate secrets set eu-1 deploy_token < secret
      chmod +x deploy.sh; cp deploy.sh eu-1/work/
      """#)
  }

  /// The command, with a delegate that serves one connection beside it.
  func act(_ request: String, _ more: String = "") -> String {
    """
    writ-delegate serve eu-1 --connect "$PWD/sock" --once 2> delegate.err &
    code=0; \(ActionSite.command) --request \(request) \(more) || code=$?
    [ $code = 0 ] || kill $! 2> /dev/null || true
    wait; exit $code
    """
  }

  static let command = """
    writ act --bundle b --graph g --caller Identity/deploy-bot --log log --permit-key permit.key \
    --delegate eu-1/delegate.pub --listen "unix:$PWD/sock" --wait 20s
    """

  /// The predicates of all entries of the log, in order.
  func records() throws -> [JSONValue] {
    var records: [JSONValue] = []
    while true {
      let shown = try run("writ log show log --index \(records.count) --json")
      guard shown.code == 0 || shown.code == 1 || shown.code == 2,
        let json = try? JSONValue(parsing: Array(shown.output.utf8))
      else { return records }
      let record = json["record"] ?? json
      records.append(record["predicate"] ?? record)
    }
  }
}
