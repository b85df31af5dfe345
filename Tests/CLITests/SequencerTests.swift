// Limits on rate and reach, and approvals that count once, for whoever acts: by `act`, in a run, at the same time.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("What is decided on what was done", .serialized)
final class SequencerTests {
  private static let policy = """
    policy shop version 1 callers unsigned

    source catalog fresh 7d
    role manager

    node Identity from catalog { name: String key }
    node Service from catalog { name: String key }
    node Deed from request {
      at: Instant
      action: String
      result: String?
      by -> Identity inverse deeds
      service -> Service inverse deeds
    }

    gate change(service: Service) {
      deny runaway: for c in caller where count(c.deeds where at within 10m) >= 3
        "{c} has changed three things in ten minutes"
    }
    gate careful(service: Service) {
      require manager: approval by role manager within 1h else "a manager must approve"
    }

    action deploy(service: Service) kind deploy guarded by change(service) effect staging {
      run "./deploy.sh" service
    }
    action widen(service: Service) kind deploy guarded by careful(service) effect staging {
      run "./widen.sh" service
    }

    pipeline many(service: Service) {
      stage go {
        step one: deploy(service)
        step two: deploy(service)
        step three: deploy(service)
        step four: deploy(service)
      }
    }
    pipeline retried(service: Service) {
      stage go { widen(service) retry 3 backoff 10ms .. 10ms }
    }
    pipeline quiet(service: Service) {
      stage go when count(service.deeds where at within 10m) == 0 {
        run "./look.sh" service
      }
    }
    """

  private let site: Workshop

  init() throws {
    site = try Workshop()
    try site.scratch.write(SequencerTests.policy, to: "shop.writ")
    let now = ISO8601DateFormatter().string(from: Date())
    try site.scratch.write(
      """
      {"node":"Identity","id":"bot","props":{}}
      {"node":"Identity","id":"ines","props":{}}
      {"node":"Service","id":"web","props":{}}
      {"source":"catalog","at":"\(now)","covers":"*"}

      """, to: "facts.jsonl")
    try site.expect(
      #"""
      writ key new log.example -o log.key
      writ key new permits -o permit.key
      writ key new ines -o ines.key
      printf '{"name":"ines","key":"%s","actor":"Identity/ines","roles":["manager"]}\n' \
        "$(cat ines.key.pub)" > registry.jsonl
      writ build shop.writ -o b --registry registry.jsonl
      writ graph import --schema shop.writ facts.jsonl -o g
      writ log init log --origin log.example --key log.key
      touch ran
      """#)
    for name in ["deploy", "widen", "look"] { try program("\(name).sh") }
    try delegate("eu-0")
  }

  private func program(_ path: String, _ more: String = "") throws {
    try site.scratch.write(
      "#!/bin/sh\necho \"\(path)\" >> \"\(site.scratch.path)/ran\"\n\(more)\n", to: path)
    try site.expect("chmod +x \(path)")
  }

  private func delegate(_ name: String) throws {
    try site.expect(
      """
      writ-delegate init \(name) --name \(name) --permit-key permit.key.pub --log-vkey log.key.pub
      cp deploy.sh widen.sh \(name)/work/
      """)
  }

  private func options(_ delegate: String) -> String {
    """
    --bundle b --graph g --caller Identity/bot --log log --permit-key permit.key \
    --delegate \(delegate)/delegate.pub --listen unix:\(site.scratch.path)/\(delegate).sock
    """
  }

  /// A command that a delegate serves beside it.
  private func served(_ command: String, by delegate: String = "eu-0") -> String {
    """
    writ-delegate serve \(delegate) --connect unix:\(site.scratch.path)/\(delegate).sock 2>> delegate.err &
    delegate=$!
    code=0; \(command) \(options(delegate)) || code=$?
    kill $delegate 2> /dev/null || true

    """
  }

  private func ran() throws -> [String] {
    String(decoding: try site.scratch.bytes("ran"), as: UTF8.self).split(separator: "\n")
      .map { String($0.prefix { $0 != "." }) }
  }

  /// So many processes, each with a delegate of its own, on the services in turn; so many are let act, and the rest are denied.
  private func actAtOnce(_ count: Int, services: [String], allowed: Int) throws {
    let acts = (1...count).map { number in
      let service = services[number % services.count]
      return """
        {
        \(served("writ act deploy --arg service=Service/\(service) --wait 60s", by: "eu-\(number)"))
        echo $code > code-\(number)
        } &
        """
    }
    try site.expect(
      acts.joined(separator: "\n")
        + "\nfor n in $(seq \(count)); do until [ -s code-$n ]; do sleep 0.05; done; done\n"
        + "[ $(cat code-* | grep -c '^0') = \(allowed) ] && [ $(cat code-* | grep -c '^1') = \(count - allowed) ]"
    )
  }

  @Test("eight who act at once do no more than the limit lets one after another do")
  func atOnce() throws {
    for number in 1...8 { try delegate("eu-\(number)") }
    try actAtOnce(8, services: ["web"], allowed: 3)
    #expect(try ran() == ["deploy", "deploy", "deploy"])
    try site.expect(
      "writ replay log --all; writ log verify log --vkey log.key.pub", says: "0 different")
  }

  /// A process, a delegate and a socket each.
  @Test("of fifty who act at once on twenty services ten do, where ten in ten minutes may")
  func fifty() throws {
    try site.scratch.write(
      SequencerTests.policy.replacing(">= 3", with: ">= 10"), to: "shop.writ")
    let now = ISO8601DateFormatter().string(from: Date())
    let services = (0..<20).map { #"{"node":"Service","id":"s\#($0)","props":{}}"# }
    try site.scratch.write(
      ([#"{"node":"Identity","id":"bot","props":{}}"#] + services + [
        #"{"source":"catalog","at":"\#(now)","covers":"*"}"#
      ]).joined(separator: "\n") + "\n", to: "facts.jsonl")
    try site.expect(
      #"""
      writ build shop.writ -o b --registry registry.jsonl
      writ graph import --schema shop.writ facts.jsonl -o g
      for n in $(seq 50); do
        writ-delegate init eu-$n --name eu-$n --permit-key permit.key.pub --log-vkey log.key.pub
        cp deploy.sh eu-$n/work/
      done
      """#)
    try actAtOnce(50, services: (0..<20).map { "s\($0)" }, allowed: 10)
    #expect(try ran() == [String](repeating: "deploy", count: 10))
    try site.expect("writ log search log --kind permit", says: "10 records of")
    try site.expect(
      "writ replay log --all; writ log verify log --vkey log.key.pub", says: "0 different")
  }

  @Test("the steps of a run count, and what others do while it runs")
  func inRun() throws {
    try site.expect(served("writ run many --arg service=Service/web") + "exit $code", 1)
    #expect(try ran() == ["deploy", "deploy", "deploy"])
    try site.expect(
      served("writ act deploy --arg service=Service/web") + "exit $code", 1,
      says: "has changed three things")
    // A condition sees it too.
    try site.expect(
      served("writ run quiet --arg service=Service/web --json") + "exit $code", says: "skipped")
    try site.expect("writ replay log --all", says: "0 different")
  }

  @Test("a question needs the log where the policy reads what was done, and no caller can say it")
  func questions() throws {
    let ask = "writ ask deploy --bundle b --graph g --caller Identity/bot --arg service=Service/web"
    try site.expect(ask, 65, says: "only a log knows")
    try site.expect("\(ask) --log log")
    try site.expect(served("writ run many --arg service=Service/web") + "exit $code", 1)
    try site.expect("\(ask) --log log", 1, says: "three things")
    try site.scratch.write(
      #"{"gate":"change","arguments":{"service":"Service/web"}}"#, to: "gate.json")
    let decide = "writ decide --bundle b --graph g --caller Identity/bot --request gate.json"
    try site.expect(decide, 65, says: "only a log knows")
    try site.expect("\(decide) --log log", 1, says: "three things")
    try site.scratch.write(
      #"""
      {"action":"deploy","arguments":{"service":"Service/web"},
       "facts":[{"node":"Deed","id":"x","props":{}}]}
      """#, to: "own.json")
    try site.expect(
      "writ ask --request own.json --bundle b --graph g --caller Identity/bot --log log", 65,
      says: "only the log can say")
    try site.expect(
      "writ decide --batch gate.json --bundle b --graph g", 65, says: "only a log knows")
  }

  private var approve: String {
    "writ approve --bundle b --role manager --as Identity/ines --key ines.key"
  }

  @Test("an approval counts for one action; the next needs another")
  func once() throws {
    try site.scratch.write(
      #"{"action":"widen","arguments":{"service":"Service/web"}}"#, to: "widen.json")
    try site.expect("\(approve) --request widen.json -o approved.json")
    try site.expect(served("writ act --request approved.json") + "exit $code")
    try site.expect(
      served("writ act --request approved.json") + "exit $code", 2,
      says: "approval 1 was used: it was counted for what entry 0 let be done")
    try site.expect(
      "writ ask --request approved.json --bundle b --graph g --caller Identity/bot --log log", 2,
      says: "was used")
    // The second one of the same person is another.
    try site.expect("\(approve) --request approved.json -o again.json")
    try site.expect(served("writ act --request again.json") + "exit $code")
    #expect(try ran() == ["widen", "widen"])
    let record = try JSONValue(
      parsing: Array(try site.expect("writ log show log --index 0 --json").utf8))
    #expect((record["record"] ?? record)["predicate"]?["consumed"]?.array?.count == 1)
    try site.expect("writ replay log --all", says: "0 different")
  }

  @Test("the attempts of one step share their approval; the same step of another run does not")
  func attempts() throws {
    try program("eu-0/work/widen.sh", "[ $(wc -l < \"\(site.scratch.path)/ran\") -gt 1 ]")
    try site.scratch.write(
      #"{"action":"shop.widen","arguments":{"service":"Service/web"},"facts":[]}"#, to: "widen.json"
    )
    try site.expect("mkdir given; \(approve) --request widen.json > given/ines.json")
    let run = "writ run retried --arg service=Service/web --approvals given"
    try site.expect(served(run) + "exit $code", says: "SUCCEEDED")
    #expect(try ran().count == 2)
    try site.expect(
      served("\(run) --hold 1s") + "exit $code", 1, says: "the approval by Identity/ines was used")
    #expect(try ran().count == 2)
  }
}
