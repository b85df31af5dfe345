// What the log says of a run: that it began and how it ended, and of each decision, permit and result where in the run it belongs.

import Foundation
import Testing
import WritEvidence
import WritModel
import WritTesting

@Suite("Runs in the log", .serialized)
final class RunRecordTests {
  private let site: RunSite

  init() throws { site = try RunSite() }

  /// The records that `log search` finds, by what else it is given.
  private func found(_ words: String) throws -> [JSONValue] {
    try site.expect("writ log search log \(words) --json").split(separator: "\n").map {
      try JSONValue(parsing: Array($0.utf8))
    }
  }

  private func names(_ records: [JSONValue]) -> [String] {
    records.map { record in
      let type = record["type"]?.string ?? ""
      return String(type.dropFirst("urn:writ:".count).dropLast(":v1".count))
    }
  }

  @Test("an auditor finds all of a run by its name, in order, and nothing of another")
  func finds() throws {
    try site.expect(site.run("one --arg service=Service/web"), says: "SUCCEEDED")
    let first = try site.runName()
    try site.expect(site.run("twice --arg service=Service/web"), says: "SUCCEEDED")
    let second = try site.runName()
    let records = try found("--run \(first)")
    #expect(
      names(records) == ["run-begun", "decision", "permit-issued", "action-result", "run-ended"])
    let begun = try #require(records.first?["record"])
    #expect(begun["pipeline"]?.string == "shop.one" && begun["run"]?.string == first)
    #expect(begun["caller"]?.string?.hasPrefix("Identity/~") == true)
    for record in records[1...3] {
      let place = try #require(record["record"]?["run"].flatMap { RunPlace($0) })
      #expect(place == RunPlace(id: first, step: "go/deploy", round: 1, attempt: 1))
    }
    let ended = try #require(records.last?["record"])
    #expect(ended["result"]?.string == "succeeded" && ended["attempts"]?.integer == 2)
    #expect(ended["needsPerson"]?.bool == false && ended["effectUnknown"]?.bool == false)
    let steps = try found("--run \(second)").compactMap { record in
      record["record"]?["run"]?["step"]?.string
    }
    #expect(steps == ["go/first", "go/first", "go/first", "go/second", "go/second", "go/second"])
    #expect(try names(found("--run \(first) --full")) == names(records))
    #expect(try found("--run nobody").isEmpty)
    // Each record names the one before, so that nothing of it can be left out of a proof.
    try site.expect(
      """
      writ log prove log --subject Run/\(first) --from 2020-01-01T00:00:00Z --to 2100-01-01T00:00:00Z -o run.proof
      writ-verify run.proof --vkey log.key.pub
      writ log verify log --vkey log.key.pub; writ log fsck log; writ replay log --all
      """, says: "SOUND")
  }

  @Test("a way back is in the run too, under the path of what it undoes")
  func undoes() throws {
    try site.program(
      "eu-1/work/deploy.sh",
      "[ -e \"\(site.scratch.path)/once\" ] && exit 3; touch \"\(site.scratch.path)/once\"")
    try site.expect(site.run("twice --arg service=Service/web"), 1)
    let records = try found("--run \(try site.runName())")
    let ended = try #require(records.last?["record"])
    #expect(ended["result"]?.string == "failed" && ended["rollback"]?.string == "rolledBack")
    let steps = records.filter { $0["type"]?.string == PredicateType.actionResult }
      .compactMap { $0["record"]?["run"]?["step"]?.string }
    #expect(steps.count == 4 && steps[0] == "go/first" && steps[1] == "go/second")
  }

  @Test("the delegate is told for which attempt of which run it works, by what its permit is for")
  func assigns() throws {
    try site.expect(site.run("one --arg service=Service/web"), says: "SUCCEEDED")
    let name = try site.runName()
    let file = "runs/\(name)/attempts/go-deploy"
    let attempts = try FileManager.default.contentsOfDirectory(
      atPath: "\(site.scratch.path)/runs/\(name)/attempts")
    let path = try #require(attempts.first { $0.hasPrefix("go-deploy") }, "\(file)")
    let memory = try JSONValue(parsing: try site.scratch.bytes("runs/\(name)/attempts/\(path)"))
    let order = try WorkOrder(try #require(memory["order"]))
    #expect(
      order.assignment.run == RunPlace(id: name, step: "go/deploy", round: 1, attempt: 1))
  }

  @Test("a folder that is not what the run was begun with is refused by what the log says")
  func binds() throws {
    try site.program("once.sh", "kill -9 $(cat \"\(site.scratch.path)/pid\"); exec sleep 60")
    try site.expect(site.run("local --arg service=Service/web"), 137)
    let name = try site.runName()
    // All of it exchanged, so that it fits together: another run in the place of the one that the log knows.
    try site.expect(
      """
      sed -i 's/"salt": "....../"salt": "AAAAAA/' runs/\(name)/run.json
      rm -r runs/\(name)/attempts runs/\(name)/journal; mkdir runs/\(name)/attempts
      """)
    try site.expect(site.run("--resume \(name)"), 65, says: "was begun with another request")
    #expect(try names(found("--run \(name)")) == ["run-begun"])
  }

  @Test("a folder in which something was done, and that the log does not know, is refused")
  func unknown() throws {
    try site.expect(site.run("local --arg service=Service/web"), says: "SUCCEEDED")
    try site.expect(
      """
      mv log other; mv other/.writ/config.json kept
      writ log init log --origin log.example --key log.key
      """)
    try site.expect(
      site.run("--resume \(try site.runName())"), 65, says: "the log knows of no such run")
  }

  @Test("an older copy of a run's folder does nothing again")
  func copies() throws {
    let path = site.scratch.path
    try site.program(
      "eu-1/work/deploy.sh",
      "[ -e \"\(path)/older\" ] || cp -r \"\(path)/runs\" \"\(path)/older\"")
    try site.expect(site.run("twice --arg service=Service/web"), says: "SUCCEEDED")
    let name = try site.runName()
    try site.expect("rm -r runs/\(name); mv older/\(name) runs/")
    try site.expect(
      site.run("--resume \(name)"), 65, says: "knows of more that was done in the run")
    #expect(try site.ran() == ["deploy", "deploy"])
  }

  @Test("`run show --log` shows a run only as the log has it")
  func shows() throws {
    try site.expect(site.run("one --arg service=Service/web"), says: "SUCCEEDED")
    let show = "writ run show \(try site.runName()) --runs runs --log log"
    try site.expect(show, says: "the log has it: 5 entries; it began in entry 0 and has ended in")
    try site.expect("\(show) --vkey log.key.pub --json", says: #""ended": 4"#)
    // Another journal that is whole, of the same beginning: nobody has signed it.
    let journal = "\(site.scratch.path)/runs/\(try site.runName())/journal"
    var bytes = try Data(contentsOf: URL(fileURLWithPath: journal))
    bytes.append(0)
    try bytes.write(to: URL(fileURLWithPath: journal))
    try site.expect(show, 65, says: "entry 4 names another journal")
  }

  @Test("a run whose end could not be recorded is taken up to record it, and does nothing else")
  func endsLater() throws {
    // The log goes away with the last step, and nothing is to be recorded before the end.
    try site.program("again.sh", "mv \"\(site.scratch.path)/log\" \"\(site.scratch.path)/away\"")
    try site.expect(
      site.run("local --arg service=Service/web"), 74, says: "that could not be recorded")
    try site.expect("mv away log")
    try site.expect(site.run("--resume \(try site.runName())"), says: "SUCCEEDED")
    try site.expect(site.run("--resume \(try site.runName())"), says: "SUCCEEDED")
    #expect(try names(found("--run \(try site.runName())")) == ["run-begun", "run-ended"])
    #expect(try site.ran() == ["once", "again"])
  }
}
