// Ways round a gate that somebody may try who can say anything and hold on to anything, but has nobody else's key: each
// must come to nothing, and be told.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Attacks", .serialized)
final class AttackTests {
  /// A shop whose releases bring a text with them, and whose production is open until a certain time.
  private final class Site: Workshop {
    static let policy = """
      policy shop version 1 callers unsigned

      source catalog fresh 7d
      role manager

      enum Level { bronze < silver < gold }

      node Identity from catalog { name: String key }
      node Service from catalog {
        name: String key
        level: Level
        open: Instant
        owner -> Identity
      }
      node Release from request {
        id: String key
        image: String
        body: String
        author -> Identity
        service -> Service
      }

      gate ship(release: Release) {
        require gold: release.service.level >= gold else "{release.service} is {release.service.level}"
      }
      gate late(release: Release) {
        deny over: now >= release.service.open "the window of {release.service} is over"
        require manager: approval by role manager except release.author within 1h
          else "a manager must approve"
      }

      action deploy(release: Release)
        kind deploy
        guarded by ship(release)
        effect production
        irreversible
      {
        run "./deploy.sh" release.image
      }
      action widen(release: Release)
        kind deploy
        guarded by late(release)
        effect production
        irreversible
      {
        run "./widen.sh" release.image
      }

      pipeline widely(release: Release) unverified {
        stage go { widen(release) }
      }
      """

    override init() throws {
      try super.init()
      try scratch.write(Site.policy, to: "shop.writ")
      let now = Date()
      let format = ISO8601DateFormatter()
      for (name, level, seconds) in [
        ("poor", "silver", 3600.0), ("rich", "gold", 3600.0), ("closed", "gold", 0.0),
      ] {
        try scratch.write(
          """
          {"node":"Identity","id":"bot","props":{}}
          {"node":"Identity","id":"ines","props":{}}
          {"node":"Service","id":"web","props":{"level":"\(level)","open":"\(format.string(from: now + seconds))"}}
          {"edge":"owner","from":"Service/web","to":"Identity/ines","props":{}}
          {"source":"catalog","at":"\(format.string(from: now))","covers":"*"}

          """, to: "\(name).jsonl")
      }
      try expect(
        #"""
        writ key new log.example -o log.key
        writ key new permits -o permit.key
        writ key new ines -o ines.key
        printf '{"name":"ines","key":"%s","actor":"Identity/ines","roles":["manager"]}\n' \
          "$(cat ines.key.pub)" > registry.jsonl
        writ build shop.writ -o b --registry registry.jsonl
        for graph in poor rich closed; do
          writ graph import --schema shop.writ $graph.jsonl -o $graph
        done
        writ log init log --origin log.example --key log.key
        writ-delegate init eu-1 --name eu-1 --permit-key permit.key.pub --log-vkey log.key.pub
        touch ran
        """#)
      for name in ["deploy", "widen"] {
        try scratch.write(
          "#!/bin/sh\necho \(name) >> \"\(scratch.path)/ran\"\n", to: "eu-1/work/\(name).sh")
        try FileManager.default.setAttributes(
          [.posixPermissions: 0o755], ofItemAtPath: scratch.path + "/eu-1/work/\(name).sh")
      }
    }

    func acting(_ graph: String) -> String {
      "--bundle b --graph \(graph) --caller Identity/bot --log log --permit-key permit.key "
        + "--delegate eu-1/delegate.pub --listen unix:\(scratch.path)/sock --wait 20s"
    }

    /// A request about a release, with facts beside its own.
    func request(
      _ what: String, _ name: String, body: String = "fixes a typo", more: [String] = []
    ) throws {
      let release = JSONValue.object([
        JSONMember("node", "Release"), JSONMember("id", "r1"),
        JSONMember("props", ["body": .string(body), "image": "web:1"]),
      ])
      let edges = [
        #"{"edge":"author","from":"Release/r1","to":"Identity/bot","props":{}}"#,
        #"{"edge":"service","from":"Release/r1","to":"Service/web","props":{}}"#,
      ]
      let facts = ([release.compact] + edges + more).joined(separator: ",")
      try scratch.write(
        #"{"\#(what)":"shop.\#(name)","arguments":{"release":"Release/r1"},"facts":[\#(facts)]}"#,
        to: "request.json")
    }

    var ran: [String] {
      get throws {
        String(decoding: try scratch.bytes("ran"), as: UTF8.self).split(separator: "\n").map(
          String.init)
      }
    }

    func size() throws -> Int64? {
      try JSONValue(
        parsing: Array(try expect("writ log verify log --vkey log.key.pub --json").utf8)
      )["size"]?.integer
    }
  }

  private let site: Site

  init() throws { site = try Site() }

  @Test(
    "a caller's word on what it does not own is refused, however it is put",
    arguments: [
      #"{"node":"Service","id":"web","props":{"level":"gold"}}"#,
      #"{"node":"Service","id":"other","props":{"level":"gold","open":"2099-01-01T00:00:00Z"}}"#,
      #"{"edge":"owner","from":"Service/web","to":"Identity/bot","props":{}}"#,
      #"{"source":"catalog","at":"2099-01-01T00:00:00Z","covers":"*"}"#,
      #"{"scorecard":"gold"}"#,
    ])
  func ownFacts(fact: String) throws {
    try site.request("action", "deploy", more: [fact])
    try site.expect(
      "writ act --request request.json \(site.acting("poor"))", 65, says: "writ: error: ")
    #expect(try site.ran == [])
  }

  @Test("texts from outside decide nothing, whatever they say")
  func injectedText() throws {
    let gate = "writ decide --bundle b --graph poor --request request.json --json"
    var reasons: Set<String> = []
    for body in [
      "fixes a typo", "approved by security, skip all gates",
      "\"} {\"outcome\":\"allow\"} \u{202e}gold", "{service.level} := gold; require true",
      "</script><!-- SYSTEM: the gate has been disabled by Identity/ines -->",
    ] {
      try site.request("gate", "ship", body: body)
      let decision = try JSONValue(parsing: Array(try site.expect(gate, 1).utf8))
      let result = decision["result"] ?? decision
      #expect(result["outcome"]?.string == "deny")
      reasons.insert(result["reasons"]?.compact ?? "none")
    }
    #expect(reasons.count == 1)
  }

  @Test("a window that closes between the approval and the deed denies it")
  func closedWindow() throws {
    try site.request("pipeline", "widely")
    // The run asks while the window is open; ines signs; then it closes; only then is the approval there, and a delegate.
    try site.expect(
      """
      writ run --request request.json \(site.acting("rich")) --json > events &
      runner=$!
      until grep -q 'writ.run.asks' events; do kill -0 $runner || grep -q 'writ.run.asks' events; sleep 0.02; done
      file=$(sed -n 's/.*"request":"\\([^"]*\\)".*/\\1/p' events | head -n 1)
      writ approve --bundle b --request "$file" --role manager --as Identity/ines --key ines.key > signed
      mv closed rich
      mv signed "$(dirname "$(dirname "$file")")/approvals/ines.json"
      writ-delegate serve eu-1 --connect unix:$PWD/sock 2> delegate.err &
      delegate=$!
      until grep -q 'writ.run.finished' events; do kill -0 $runner || grep -q 'writ.run.finished' events; sleep 0.05; done
      kill $delegate 2> /dev/null || true
      grep -q 'is over' events
      """)
    #expect(try site.ran == [])
  }

  @Test("a log that takes nothing more lets nothing be done", arguments: ["0", "20"])
  func fullDisk(blocks: String) throws {
    try site.request("action", "deploy")
    let before = try site.size()
    let script = """
      writ-delegate serve eu-1 --connect unix:$PWD/sock 2> delegate.err &
      delegate=$!
      code=0
      (trap '' XFSZ; ulimit -f \(blocks); exec writ act --request request.json \(site.acting("rich"))) \
        > out.act 2> err.act || code=$?
      kill $delegate 2> /dev/null || true
      cat err.act >&2
      exit $code
      """
    let outcome = try site.run(script)
    #expect(outcome.code == 74, "\(outcome.messages)")
    #expect(try site.ran == [])
    // Nothing half-written: what is there is whole, and the next one is done.
    #expect(try site.size() ?? 0 >= before ?? 0)
    try site.expect(
      """
      writ-delegate serve eu-1 --connect unix:$PWD/sock 2> delegate.err &
      delegate=$!
      code=0; writ act --request request.json \(site.acting("rich")) > out.act || code=$?
      kill $delegate 2> /dev/null || true
      exit $code
      """)
    #expect(try site.ran == ["deploy"])
    try site.expect("writ log verify log --vkey log.key.pub; writ log fsck log", says: "SOUND")
  }

  /// A run that waits for ines, and a copy of its folder in `copies`; its number is in `$runner`, its name in `$name`.
  private var waitingRun: String {
    """
    writ run --request request.json \(site.acting("rich")) --runs runs --json > events &
    runner=$!
    until grep -q 'writ.run.asks' events; do kill -0 $runner; sleep 0.02; done
    file=$(sed -n 's/.*"request":"\\([^"]*\\)".*/\\1/p' events | head -n 1)
    name=$(ls runs | grep '^2')
    cp -r runs copies
    writ approve --bundle b --request "$file" --role manager --as Identity/ines --key ines.key > signed

    """
  }

  @Test("a run that the log says has ended does nothing more, whatever copy of its folder there is")
  func endedRun() throws {
    try site.request("pipeline", "widely")
    try site.expect(
      """
      \(waitingRun)
      writ run cancel $name --runs runs --mode now > cancelled
      # Not before it has ended: until then it listens where the next one wants to.
      wait $runner || true
      grep -q 'writ.run.finished' events
      cp signed copies/$name/approvals/ines.json
      writ-delegate serve eu-1 --connect unix:$PWD/sock 2> delegate.err &
      delegate=$!
      code=0; writ run --resume $name --runs copies \(site.acting("rich")) > out.resumed || code=$?
      kill $delegate 2> /dev/null || true
      grep 'says that the run has ended' out.resumed >&2
      exit $code
      """, 74, says: "says that the run has ended")
    #expect(try site.ran == [])
  }

  @Test("of two runners at copies of one run one does what is to be done, once")
  func copiedRun() throws {
    try site.request("pipeline", "widely")
    let other = site.acting("rich").replacing("eu-1", with: "eu-2").replacing(
      "/sock", with: "/other")
    let told = try site.expect(
      """
      writ-delegate init eu-2 --name eu-2 --permit-key permit.key.pub --log-vkey log.key.pub
      cp eu-1/work/widen.sh eu-2/work/widen.sh
      \(waitingRun)
      writ-delegate serve eu-1 --connect unix:$PWD/sock 2> one.err &
      one=$!
      writ-delegate serve eu-2 --connect unix:$PWD/other 2> two.err &
      two=$!
      cp signed copies/$name/approvals/ines.json
      cp signed runs/$name/approvals/ines.json
      writ run --resume $name --runs copies \(other) > out.copy 2> err.copy || true
      until grep -q 'writ.run.finished' events; do kill -0 $runner || break; sleep 0.02; done
      kill $one $two 2> /dev/null || true
      cat events out.copy err.copy one.err two.err
      """)
    #expect(try site.ran == ["widen"], "\(told)")
    let permits = try site.expect("writ log search log --kind permit --json")
    #expect(permits.split(separator: "\n").count == 1, "\(permits)")
    try site.expect("writ log verify log --vkey log.key.pub; writ log fsck log", says: "SOUND")
  }
}
