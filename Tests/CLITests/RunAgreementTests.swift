// What whoever looks at a run is told of those who were asked: who has agreed, who is missing, whose word does not count, and why
// somebody said no.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Agreement in runs", .serialized)
final class RunAgreementTests {
  private let site: RunSite

  init() throws {
    site = try RunSite()
    try site.scratch.write(
      RunSite.policy.replacing("role manager\n", with: "role manager, boss\n") + """

        pipeline agreed(service: Service) {
          stage go {
            approve by role manager and role boss within 1h
            step once: run "./once.sh" service
          }
        }
        gate apart(service: Service) {
          require first: approval by role manager within 2s
          require second: approval by role boss and approval by role manager count 2
        }
        pipeline gates(service: Service) {
          stage go { step apart: gate apart(service) }
        }
        pipeline locked(service: Service) unverified {
          stage go on failure rollback {
            approve by role manager within 1s
            roll(service)
          }
        }
        """, to: "shop.writ")
    try site.expect(
      #"""
      line() { printf '{"name":"%s","key":"%s","actor":"Identity/%s","roles":[%s]}\n' $1 "$(cat $1.key.pub)" $1 "$2"; }
      { line ines '"manager","boss"'; line otto '"manager","boss"'; } > registry.jsonl
      writ build shop.writ -o b --registry registry.jsonl
      """#)
  }

  /// Signs what is asked for, as somebody in a role.
  private func word(by name: String, as role: String, no: String? = nil) -> String {
    """
    writ approve --bundle b --request "$file" --role \(role) --as Identity/\(name) --key \(name).key \
    \(no.map { "--no '\($0)'" } ?? "") \
    > "$(dirname "$(dirname "$file")")/approvals/\(name)-\(role)-$(basename "$file")"
    """
  }

  /// Looks at the run while it waits.
  private let look = """
    run=$(ls runs); writ run show $run --runs runs > shown.txt
    writ run show $run --runs runs --json --html shown.html > shown.json
    """

  private func text(_ file: String) throws -> String {
    String(decoding: try site.scratch.bytes(file), as: UTF8.self)
  }

  private func node(_ name: String, in json: JSONValue) throws -> JSONValue {
    try #require(json["nodes"]?.array?.first { $0["node"]?.string == name })
  }

  @Test(
    "while it waits a run tells who has agreed, until when, and who is missing; afterwards who has agreed"
  )
  func whoIsMissing() throws {
    let act =
      "\(word(by: "ines", as: "manager")); sleep 1; \(look); \(word(by: "otto", as: "boss"))"
    try site.expect(site.run("agreed --arg service=Service/web", atAsks: act))
    let shown = try text("shown.txt")
    #expect(shown.contains("1 of 2: manager by Identity/ines (until "), "\(shown)")
    #expect(shown.contains("); missing: boss 1\n"), "\(shown)")
    #expect(try text("shown.html").contains("missing: boss 1"))
    let asked = try node("go/approve", in: JSONValue(parsing: site.scratch.bytes("shown.json")))
    let tally = try #require(asked["approvals"]?.array?.first)
    #expect(tally["wanted"] == 2)
    #expect(tally["has"]?.array?.first?["person"] == "Identity/ines")
    #expect(tally["has"]?.array?.first?["until"]?.string != nil)
    #expect(tally["missing"] == [["role": "boss", "count": 1]])
    // So do the events, as it happens.
    let events = try text("events").split(separator: "\n").map {
      try JSONValue(parsing: Array($0.utf8))
    }
    let votes = events.filter { $0["type"] == "writ.run.voted" }.compactMap { $0["data"] }
    #expect(votes.map { $0["counts"] } == [true, true])
    #expect(votes.first?["approvals"]?.array?.first?["missing"] == [["role": "boss", "count": 1]])
    let end = try site.expect("writ run show $(ls runs) --runs runs")
    #expect(end.contains("2 of 2: manager by Identity/ines, boss by Identity/otto\n"), "\(end)")
  }

  @Test("on lines for people each word is told with what is missing then")
  func lines() throws {
    // It ends by itself, whatever becomes of the run.
    let answer = """
      ( for i in $(seq 100); do
          sleep 0.1; file=$(ls runs/*/asked/*.json 2> /dev/null) && break
        done
        \(word(by: "ines", as: "manager")); sleep 1; \(word(by: "otto", as: "boss"))
      ) > answer.txt 2>&1 &
      """
    let run: String = site.run("agreed --arg service=Service/web")
    let said = try site.expect("\(answer)\n\(run)")
    #expect(said.contains("  agreed     go/approve: 1 of 2: manager by Identity/ines"), "\(said)")
    #expect(said.contains("  agreed     go/approve: 2 of 2: "), "\(said)")
  }

  @Test("a no is told with who said it and why: in text, JSON and picture")
  func why() throws {
    let act = "\(word(by: "otto", as: "boss", no: "the pager is loud"))"
    try site.expect(site.run("agreed --arg service=Service/web", atAsks: act), 1)
    let words = "`Identity/otto` said no: the pager is loud"
    try site.expect("writ run show $(ls runs) --runs runs --html no.html", 1, says: words)
    #expect(try text("no.html").contains("said no: the pager is loud"))
    let asked = try node("go/approve", in: site.shown())
    #expect(asked["reason"]?.string == words)
    let no = try #require(asked["rejections"]?.array?.first)
    #expect(no["person"] == "Identity/otto" && no["reason"] == "the pager is loud")
    #expect(no["roles"] == ["boss"])
    #expect(try text("events").contains("the pager is loud"))
  }

  @Test("a gate's clauses are told by their names, and so is a word that is too old by now")
  func clauses() throws {
    let act =
      "\(word(by: "ines", as: "manager")); sleep 1; \(look); cp shown.txt before.txt; sleep 3; \(look); "
      + "\(word(by: "otto", as: "manager", no: "too slow"))"
    try site.expect(site.run("gates --arg service=Service/web", atAsks: act), 1)
    let before = try text("before.txt")
    #expect(before.contains("first: 1 of 1: manager by Identity/ines (until "), "\(before)")
    #expect(before.contains("second: 1 of 3: manager by Identity/ines"), "\(before)")
    #expect(before.contains("; missing: boss 1, manager 1\n"), "\(before)")
    let later = try text("shown.txt")
    #expect(later.contains("first: 0 of 1; missing: manager 1\n"), "\(later)")
    #expect(
      later.contains("the yes by Identity/ines as manager is too old to count: it did until "),
      "\(later)")
    #expect(try text("events").contains("is too old to count by now"))
  }

  @Test("whose word does not count, and why")
  func uncounted() throws {
    // Two of one person in one role: the second says nothing new.
    let again = word(by: "ines", as: "manager").replacing(
      "ines-manager-", with: "ines-manager-again-")
    let act =
      "\(word(by: "ines", as: "manager")); sleep 1; \(again); sleep 1; \(look); \(word(by: "otto", as: "boss"))"
    try site.expect(site.run("agreed --arg service=Service/web", atAsks: act))
    let shown = try text("shown.txt")
    #expect(
      shown.contains("the yes by Identity/ines as manager does not count: it was there already"),
      "\(shown)")
    let asked = try node("go/approve", in: JSONValue(parsing: site.scratch.bytes("shown.json")))
    #expect(asked["uncounted"]?.array?.first?["why"] == "was there already")
  }

  @Test("that a version is locked is told before people are asked to agree to it")
  func lockedFirst() throws {
    try site.program("eu-1/work/roll.sh", "exit 1")
    for folder in ["one", "two", "three"] {
      try site.expect(site.run("rolling --arg service=Service/web --runs \(folder)"), 1)
    }
    let said = try site.run(
      "set -e\n" + site.run("locked --arg service=Service/web"))
    #expect(said.code == 1)
    let note = try #require(said.output.range(of: "go/roll: it would be refused: sha256:7c5a"))
    let asks = try #require(said.output.range(of: "waits      go/approve"))
    #expect(note.lowerBound < asks.lowerBound, "\(said.output)")
    #expect(said.output.contains("`writ run unlock ACTION ARTIFACT --log DIR`"))
    // Whoever only asks is told too.
    let ask = "--bundle b --graph g --caller Identity/bot --log log"
    try site.scratch.write(
      #"{"action":"roll","arguments":{"service":"Service/web"}}"#, to: "roll.json")
    let asked = try site.expect(
      "writ decide --ask \(ask) --request roll.json --json", 1,
      says: "it would be refused: sha256:7c5a")
    #expect(try JSONValue(parsing: Array(asked.utf8))["locked"]?["action"] == "shop.roll")
    let other = try site.expect("writ ask roll --arg service=Service/web \(ask) --json", 1)
    #expect(try JSONValue(parsing: Array(other.utf8))["locked"]?["action"] == "shop.roll")
    try site.expect(
      "writ decide --ask \(ask) --request roll.json", 1, says: "it would be refused: sha256:7c5a")
  }
}
