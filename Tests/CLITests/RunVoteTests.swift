// Steps at which people of several roles agree: nobody for two, and each word in the log before it counts.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Votes of runs", .serialized)
final class RunVoteTests {
  private let site: RunSite

  init() throws {
    site = try RunSite()
    try site.scratch.write(
      RunSite.policy.replacing("role manager\n", with: "role manager, boss\n") + """

        pipeline agreed(service: Service) {
          stage go {
            approve by role manager except service.owner and role boss within 1h
            step once: run "./once.sh" service
          }
        }
        pipeline soon(service: Service) {
          stage go { approve by role manager and role boss within 3s }
        }

        gate apart(service: Service) {
          require manager: approval by role manager
          require boss: approval by role boss
        }
        gate together(service: Service) {
          require both: approval by role manager and approval by role boss
        }
        pipeline gates(service: Service) {
          stage go { step apart: gate apart(service) }
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
  private func approval(by name: String, as role: String) -> String {
    """
    writ approve --bundle b --request "$file" --role \(role) --as Identity/\(name) --key \(name).key \
    > "$(dirname "$(dirname "$file")")/approvals/\(name)-\(role)-$(basename "$file")"
    """
  }

  /// The predicates of all entries of a kind.
  private func records(_ kind: String) throws -> [JSONValue] {
    try site.kinds().enumerated().filter { $0.element == kind }.map { place in
      let shown = try site.run("writ log show log --index \(place.offset) --json")
      let json = try JSONValue(parsing: Array(shown.output.utf8))
      let record = json["record"] ?? json
      return record["predicate"] ?? record
    }
  }

  @Test(
    "who signs in two roles is one person: the step waits for another, and the log has each word")
  func matched() throws {
    let both = "\(approval(by: "ines", as: "manager")); \(approval(by: "ines", as: "boss"))"
    let act = "\(both); sleep 2; \(approval(by: "otto", as: "boss"))"
    try site.expect(site.run("agreed --arg service=Service/web", atAsks: act))
    #expect(try site.ran() == ["once"])
    let votes = try records("approval")
    #expect(votes.compactMap { $0["role"]?.string }.sorted() == ["boss", "boss", "manager"])
    #expect(votes.allSatisfy { $0["run"]?["step"]?.string == "go/approve" })
    #expect(votes.allSatisfy { $0["run"]?["id"]?.string != nil && $0["envelope"] != nil })
    // Whoever looks for a person finds what they have signed, by the index and without it.
    for full in ["", " --full"] {
      let found = try site.expect("writ log search log --person Identity/ines\(full)")
      #expect(found.split(separator: "\n").count == 2 && found.contains("urn:writ:approval"))
      let bot = try site.expect("writ log search log --person Identity/bot --kind run\(full)")
      #expect(bot.split(separator: "\n").count == 1)
    }
    // They stand before the end of the run, and belong to it.
    #expect(
      try site.kinds() == ["run", "approval", "approval", "approval", "run"])
    try site.expect(
      "writ log verify log --vkey log.key.pub; writ log fsck log", says: "SOUND")
    let ended = try #require(try records("run").last)
    #expect(ended["results"]?.string?.hasPrefix("sha256:") == true)
    try site.expect("writ log show log --index 4", says: "succeeded  go/once")
    // Kept for ever, and missed where it is gone.
    try site.expect(
      "rm -r log/.writ/objects; writ log show log --index 4", says: "is not in the content store")
  }

  @Test("a runner that is killed between the record of a word and its journal records it once")
  func recordedOnce() throws {
    let journal = "\"$(dirname \"$(dirname \"$file\")\")/journal\""
    let first =
      "cp \(journal) before; \(approval(by: "ines", as: "manager")); sleep 2; kill -9 $(cat \"\(site.scratch.path)/pid\")"
    try site.expect(site.run("agreed --arg service=Service/web", atAsks: first), 137)
    #expect(try records("approval").count == 1)
    // As the journal was before it: nobody knows there that the word was counted.
    try site.expect("cp before runs/\(try site.runName())/journal; rm events")
    try site.expect(
      site.run(
        "--resume \(try site.runName())", atAsks: "sleep 2; \(approval(by: "otto", as: "boss"))"))
    let votes = try records("approval")
    #expect(votes.compactMap { $0["role"]?.string } == ["manager", "boss"])
    let events = String(decoding: try site.scratch.bytes("events"), as: UTF8.self)
    #expect(events.components(separatedBy: #""type":"writ.run.voted""#).count == 3)
    try site.expect("writ log verify log --vkey log.key.pub; writ log fsck log", says: "SOUND")
    // Taken up once more nothing is said or recorded again.
    try site.expect(
      "writ run show \(try site.runName()) --runs runs",
      says: "2 of 2: manager by Identity/ines, boss by Identity/otto")
  }

  @Test("one person in both roles does not meet a step that asks for two")
  func onePerson() throws {
    let both = "\(approval(by: "ines", as: "manager")); \(approval(by: "ines", as: "boss"))"
    try site.expect(site.run("soon --arg service=Service/web", atAsks: both), 1)
    #expect(try site.result("go/approve") == "expired")
    #expect(try records("approval").count == 2)
  }

  @Test(
    "whoever is excepted in one role may agree in the other, and what does not count is not on record"
  )
  func exceptedByRole() throws {
    let act =
      "\(approval(by: "otto", as: "manager")); \(approval(by: "otto", as: "boss")); "
      + "sleep 1; \(approval(by: "ines", as: "manager"))"
    try site.expect(site.run("agreed --arg service=Service/web", atAsks: act))
    #expect(
      try records("approval").compactMap { $0["role"]?.string }.sorted() == ["boss", "manager"])
  }

  @Test("a no that ends a step is in the log, and stands in the way of nothing but that run")
  func rejected() throws {
    let no = approval(by: "ines", as: "boss").replacing(
      "writ approve", with: "writ approve --no why")
    try site.expect(site.run("agreed --arg service=Service/web", atAsks: no), 1)
    let found = try records("rejection")
    #expect(found.count == 1 && found.first?["run"]?["step"]?.string == "go/approve")
    #expect(try site.ran().isEmpty)
  }

  @Test(
    "clauses are for themselves: one person in both roles meets two of them, in a gate and in its run"
  )
  func clausesApart() throws {
    try site.scratch.write(
      #"{"gate":"apart","arguments":{"service":"Service/web"}}"#, to: "apart.json")
    try site.scratch.write(
      #"{"gate":"together","arguments":{"service":"Service/web"}}"#, to: "together.json")
    for (gate, code) in [("apart", Int32(0)), ("together", 2)] {
      try site.expect(
        """
        writ approve --bundle b --request \(gate).json --role manager --as Identity/ines --key ines.key -o one.json
        writ approve --bundle b --request one.json --role boss --as Identity/ines --key ines.key -o two.json
        writ decide --bundle b --graph g --request two.json --caller Identity/bot
        """, code)
    }
    let both = "\(approval(by: "ines", as: "manager")); \(approval(by: "ines", as: "boss"))"
    try site.expect(site.run("gates --arg service=Service/web", atAsks: both))
    #expect(try site.result("go/apart") == "succeeded")
    // So are the decisions that counted it.
    try site.expect(
      "writ log search log --person Identity/ines --kind gate --outcome allow", says: "ALLOW")
  }
}
