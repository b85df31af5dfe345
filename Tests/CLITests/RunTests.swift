// `writ run` as its parties use it: who asks for the run, who approves, the log, and a real delegate.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Runs", .serialized)
final class RunTests {
  private let site: RunSite

  init() throws { site = try RunSite() }

  @Test("an action and a look at it: each once, the action with decision, permit and result")
  func succeeds() throws {
    let output = try site.expect(
      site.run("one --arg service=Service/web"), says: "SUCCEEDED")
    #expect(output.contains("succeeded  go/deploy") && output.contains("begins     go/run"))
    #expect(try site.ran() == ["deploy", "look"])
    #expect(try site.kinds() == ["run", "gate", "permit", "result", "run"])
    #expect(try site.shown()["verdict"]?["result"]?.string == "succeeded")
    let shown = try site.expect("writ run show \(try site.runName()) --runs runs")
    #expect(shown.contains("succeeded  go/deploy") && shown.contains("entry 1"))
    try site.expect("writ replay log --all", says: "1 the same, 0 different")
    try site.expect("writ log verify log --vkey log.key.pub; writ log fsck log", says: "SOUND")
  }

  @Test("build, matrix, gate, approval, deploy, held gate, repeat and a stage on a condition")
  func wholeWay() throws {
    try site.expect(
      site.run("release --arg service=Service/web", atAsks: site.approval(by: "ines")))
    #expect(
      try site.ran().sorted()
        == ["build", "deploy", "look", "tell", "unit", "unit", "widen"])
    #expect(try Array(site.ran().suffix(4)) == ["deploy", "widen", "look", "tell"])
    for node in ["verify", "production/approve", "production/soak", "tell/run"] {
      #expect(try site.result(node) == "succeeded", "\(node)")
    }
    let events = String(decoding: try site.scratch.bytes("events"), as: UTF8.self)
      .split(separator: "\n")
    var ids: Set<String> = []
    for line in events {
      let event = try JSONValue(parsing: Array(line.utf8))
      #expect(event["specversion"]?.string == "1.0" && event["data"]?.object != nil, "\(line)")
      #expect(event["source"]?.string == "/writ/runs/\(try site.runName())")
      #expect(event["type"]?.string?.hasPrefix("writ.run.") == true)
      #expect(event["time"]?.string.flatMap { Instant($0) } != nil)
      ids.insert(event["id"]?.string ?? "")
    }
    #expect(ids.count == events.count)
    #expect(events.last?.contains(#""type":"writ.run.finished""#) == true)
    // The approval that the gate counted is in the record of its decision.
    try site.expect("writ replay log --all", says: "0 different")
  }

  @Test("what fails takes back what was done, the last first")
  func rollsBack() throws {
    try site.program("eu-1/work/widen.sh", "exit 3")
    let script = site.run(
      "release --arg service=Service/web", atAsks: site.approval(by: "ines"))
    try site.expect(script, 1)
    #expect(
      try Array(site.ran().suffix(4)) == ["deploy", "widen", "undo-widen", "undo-deploy"])
    #expect(try site.result("production/wide") == "failed")
    #expect(try site.shown()["verdict"]?["rollback"]?.string == "rolledBack")
    #expect(try site.result("tell") == "skipped" || site.result("tell") == nil)
    try site.expect(
      "writ run show \(try site.runName()) --runs runs --svg run.svg --html run.html", 1,
      says: "what was done is undone")
    let page = String(decoding: try site.scratch.bytes("run.html"), as: UTF8.self)
    #expect(page.contains("<title>FAILED, what was done is undone: run "))
    #expect(page.contains("taken back: ") && page.contains("<g class=\"step bad\"><title>wide"))
    #expect(String(decoding: try site.scratch.bytes("run.svg"), as: UTF8.self).hasPrefix("<?xml"))
    // The plan as it was written, before anything is run.
    try site.expect("writ plan --bundle b release --html plan.html", says: "ways to production")
    let plan = String(decoding: try site.scratch.bytes("plan.html"), as: UTF8.self)
    #expect(plan.contains("Ways to production") && plan.contains("class=\"guard\""))
  }

  @Test("a way back that fails is told, and a person must look")
  func rollbackFails() throws {
    try site.program("eu-1/work/widen.sh", "exit 3")
    try site.program("eu-1/work/undo-widen.sh", "exit 4")
    try site.expect(
      site.run("release --arg service=Service/web", atAsks: site.approval(by: "ines")), 1)
    #expect(try Array(site.ran().suffix(3)) == ["deploy", "widen", "undo-widen"])
    #expect(try site.shown()["verdict"]?["needsPerson"]?.bool == true)
  }

  @Test("a gate is asked on the graph as it is then, and its no in the middle undoes what was done")
  func deniedInBetween() throws {
    // What the first action changes in the world is read before the second one.
    let path = site.scratch.path
    try site.program(
      "eu-1/work/deploy.sh", "cp \(path)/frozen \(path)/next; mv \(path)/next \(path)/g")
    try site.expect(
      site.run("release --arg service=Service/web", atAsks: site.approval(by: "ines")), 1)
    #expect(try site.result("production/wide") == "denied")
    #expect(try Array(site.ran().suffix(2)) == ["deploy", "undo-deploy"])
    try site.expect("writ run show \(try site.runName()) --runs runs", 1, says: "web is frozen")
  }

  @Test("nobody who is excepted, and nobody whose time is up, lets a run go on")
  func approvals() throws {
    try site.expect(site.run("hasty --arg service=Service/web"), 1, says: "EXPIRED")
    let cancel = "writ run cancel \"$(dirname \"$(dirname \"$file\")\")\""
    try site.expect(
      site.run(
        "release --arg service=Service/web",
        atAsks: "\(site.approval(by: "otto")); sleep 1; \(cancel)"), 3)
    let events = String(decoding: try site.scratch.bytes("events"), as: UTF8.self)
    #expect(events.contains(#""counts":false,"why":"is of somebody who is excepted""#))
    try site.expect(
      "writ run show \(try site.runName()) --runs runs", 3,
      says: "the yes by Identity/otto as manager does not count: it is of somebody who is excepted")
    #expect(try !site.ran().contains("deploy"))
  }

  @Test("what is in the folder of approvals and counts for nothing is said, once for each file")
  func strayApprovals() throws {
    try site.scratch.write(
      RunSite.policy + """

        pipeline slow(service: Service) deadline 5s {
          stage go { approve by role manager within 1h }
        }

        """, to: "shop.writ")
    try site.expect("writ build shop.writ -o b --registry registry.jsonl")
    let keep = "cp \"$file\" asked.json"
    try site.expect(site.run("hasty --arg service=Service/web", atAsks: keep), 1)
    let sign = "--request asked.json --role manager --bundle b"
    try site.expect(
      """
      writ approve \(sign) --as Identity/ines --key ines.key > stray-yes.json
      writ approve \(sign) --as Identity/otto --key otto.key --no why > stray-no.json
      echo 'yes, by all means' > stray-text.json; touch stray-empty.json; rm events
      """)
    let put = "cp stray-* \"$(dirname \"$(dirname \"$file\")\")/approvals/\""
    try site.expect(site.run("slow --arg service=Service/web", atAsks: put), 1)
    let lines = String(decoding: try site.scratch.bytes("events"), as: UTF8.self)
      .split(separator: "\n").map(String.init)
    let notes = lines.filter { $0.contains("writ.run.note") }
    for (name, reason) in [
      ("stray-yes", "the approval by Identity/ines is for something else than what is asked"),
      ("stray-no", "the no by Identity/otto is for something else than what is asked"),
      ("stray-text", "it is no JSON"),
    ] {
      let told = notes.filter { $0.contains(name) }
      #expect(told.count == 1 && told.allSatisfy { $0.contains(reason) }, "\(notes)")
    }
    #expect(!notes.contains { $0.contains("stray-empty") })
    // People have no longer than the pipeline has, whatever the step says.
    let (started, until) = (
      try moment("time", "started", lines), try moment("until", "asks", lines)
    )
    #expect(until.timeIntervalSince(started) < 6)
  }

  /// A time that the event of that type has.
  private func moment(_ name: String, _ type: String, _ lines: [String]) throws -> Date {
    let event = try #require(
      lines.compactMap { try? JSONValue(parsing: Array($0.utf8)) }
        .first { $0["type"]?.string == "writ.run.\(type)" })
    let text = try #require((event["data"]?[name] ?? event[name])?.string)
    let formatter = ISO8601DateFormatter()
    let whole = text.split(separator: ".").first.map(String.init) ?? text
    return try #require(formatter.date(from: whole.hasSuffix("Z") ? whole : whole + "Z"))
  }

  @Test("a version that was taken back too often is locked until a person unlocks it")
  func locks() throws {
    let artifact = "sha256:7c5a0e9d1b44f2c86a3f0d5e7b92c1a8460d3f9e5b7a2c1d8e6f40937a5b2c1d"
    try site.program("eu-1/work/roll.sh", "exit 1")
    let run: String = site.run("rolling --arg service=Service/web --rollbacks 2")
    for _ in 1...2 { try site.expect(run, 1, says: "what was done is undone") }
    // Taking up a run that has ended counts nothing.
    try site.expect(
      site.run("--resume \(try site.runName()) --rollbacks 2"), 1, says: "what was done is undone")
    try site.expect(run, 1, says: "was taken back too often after shop.roll: 2 times")
    #expect(try site.ran() == ["roll", "undo-deploy", "roll", "undo-deploy"])
    let unlock = """
      writ run unlock shop.roll \(artifact) --log log --bundle b --role manager \
      --as Identity/ines --key ines.key --reason 'the probe was wrong'
      """
    try site.expect(unlock, says: "Identity/ines lets \(artifact) be tried again by shop.roll")
    try site.expect(
      unlock, 1, says: "is not locked: it was not taken back since it was last unlocked")
    try site.program("eu-1/work/roll.sh")
    try site.expect(run, says: "SUCCEEDED")
  }

  @Test("interrupted once, a run undoes what was done")
  func interrupted() throws {
    let first = site.approval(by: "ines")
    try site.expect(
      site.run(
        "release --arg service=Service/web",
        atAsks: "if [ -e first ]; then kill -INT $(cat pid); else touch first; \(first); fi"), 3)
    #expect(try Array(site.ran().suffix(2)) == ["deploy", "undo-deploy"])
    #expect(try site.result("production/wide") == "cancelled")
  }

  @Test("on a terminal there is a tree that changes in its place")
  func tree() throws {
    let words = """
      writ run local --arg service=Service/web --bundle b --graph g --caller Identity/bot --log log \
      --permit-key permit.key --delegate eu-1/delegate.pub --listen unix:\(site.scratch.path)/sock
      """
    let dialogue = try Dialogue(
      words.split(separator: " ").map(String.init), in: site.scratch.path, kind: "xterm")
    guard let dialogue else { return }
    #expect(dialogue.end() == 0)
    let text = dialogue.seen.replacing("\r\n", with: "\n")
    #expect(text.contains("· go") && text.contains("\u{1B}[3A\u{1B}[J"), "\(text)")
    let tree = "  ✓ once\u{1B}[0m\n\u{1B}[32m  ✓ again\u{1B}[0m\n\u{1B}[32mSUCCEEDED"
    #expect(text.contains(tree), "\(text)")
  }

  @Test("a reader that stands still stops nothing; what it did not read is said")
  func unread() throws {
    // What is printed is far more than a pipe takes, and is read only once all is done.
    try site.program("once.sh", "yes 'a line that nobody reads' | head -c 3000000")
    try site.program("again.sh", "touch \"\(site.scratch.path)/done\"")
    try site.expect(
      """
      mkfifo told
      {
        exec 3< told
        timeout 60 sh -c 'until [ -e done ]; do sleep 0.05; done' && touch unread
        cat <&3 > read; touch all
      } > /dev/null 2>&1 &
      """ + "\n" + site.run("local --arg service=Service/web > told"))
    let read = try site.expect("timeout 60 sh -c 'until [ -e all ]; do sleep 0.05; done'; cat read")
    #expect(FileManager.default.fileExists(atPath: site.scratch.path + "/unread"))
    #expect(read.contains("bytes were left out here: nobody read them"))
    #expect(read.contains("succeeded  go/again") && read.contains("SUCCEEDED"))
  }

  @Test("requests that do not fit say what, and nothing is begun")
  func misfits() throws {
    for (words, code, message) in [
      ("relaese --arg service=Service/web", Int32(65), "did you mean `release`"),
      ("one", 65, "needs an argument `service`"),
      ("one --arg service=Service/nowhere", 65, "not in the graph"),
      ("one --arg service=Service/web --arg x=1", 65, "no parameter `x`"),
      ("", 64, "no pipeline is named"),
      ("one --resume x", 64, "goes on with what it was begun with"),
      ("--resume nowhere", 66, "there is no run `nowhere`"),
    ] {
      try site.expect(site.run(words), code, says: message)
    }
    #expect(try site.kinds().isEmpty)
    try site.expect(site.run("one --plan"), says: "ways to production")
    #expect(!FileManager.default.fileExists(atPath: site.scratch.path + "/runs"))
  }

  @Test("a run by nobody's key is refused where the bundle knows keys to act with")
  func identifies() throws {
    try site.expect(
      #"""
      writ key new bot -o bot.key
      printf '{"name":"bot","key":"%s","actor":"Identity/bot","roles":[]}\n' "$(cat bot.key.pub)" >> registry.jsonl
      writ build shop.writ -o b --registry registry.jsonl
      """#)
    let one = "one --arg service=Service/web"
    try site.expect(site.run(one), 1, says: "nobody signed for the caller")
    try site.expect(site.run("\(one) --actor-key ines.key"), 1, says: "did not sign it")
    try site.expect(site.run("\(one) --actor-key bot.key"), says: "SUCCEEDED")
    #expect(
      try site.kinds() == ["intent", "intent", "intent"] + [
        "run", "gate", "permit", "result", "run",
      ])
  }
}
