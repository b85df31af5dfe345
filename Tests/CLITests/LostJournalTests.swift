// Journals that have lost their end, or all of it, though the run's folder remembers what was handed out.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Runs whose journal has lost something", .serialized)
final class LostJournalTests {
  private let site: RunSite

  init() throws { site = try RunSite() }

  private func resume() throws -> String { site.run("--resume \(try site.runName())") }

  private var killsRunner: String { "kill -9 $(cat \"\(site.scratch.path)/pid\")" }

  private func change(_ damage: (inout [UInt8]) -> Void) throws {
    let path = "runs/\(try site.runName())/journal"
    var bytes = try site.scratch.bytes(path)
    damage(&bytes)
    try Data(bytes).write(to: URL(fileURLWithPath: "\(site.scratch.path)/\(path)"))
  }

  enum Damage: CaseIterable {
    case lastByteChanged, lastByteCut, almostAllCut
  }

  private func change(_ damage: Damage) throws {
    try change { bytes in
      switch damage {
      case .lastByteChanged: bytes[bytes.count - 1] ^= 1
      case .lastByteCut: bytes.removeLast()
      // The head and a part of the first frame are left.
      case .almostAllCut: bytes.removeLast(bytes.count - 180)
      }
    }
  }

  @Test("an action that was ordered is not ordered again", arguments: Damage.allCases)
  func action(_ damage: Damage) throws {
    try site.program("eu-1/work/deploy.sh", "\(killsRunner); exec sleep 60")
    try site.expect(site.run("one --arg service=Service/web"), 137)
    try site.program("eu-1/work/deploy.sh")
    try change(damage)
    try site.expect(try resume(), 74, says: "ERRORED")
    #expect(try site.ran() == ["deploy"])
    #expect(try site.kinds() == ["run", "gate", "permit", "result", "run"])
    // What was done is told as it was, whatever the gate would say now.
    try site.expect("writ run show \(try site.runName()) --runs runs", 74, says: "told to stop")
  }

  @Test("what was done is told from memory, not done again")
  func done() throws {
    try site.expect(site.run("one --arg service=Service/web"), says: "SUCCEEDED")
    try change(.almostAllCut)
    try site.expect(try resume(), says: "SUCCEEDED")
    #expect(try site.ran() == ["deploy", "look"])
    #expect(try site.kinds() == ["run", "gate", "permit", "result", "run"])
  }

  @Test("a program that may be done once only is not started again")
  func program() throws {
    try site.program("once.sh", "\(killsRunner); exec sleep 60")
    try site.expect(site.run("local --arg service=Service/web"), 137)
    try site.program("once.sh")
    try change(.lastByteChanged)
    try site.expect(try resume(), 74, says: "an effect is unknown: a person must look")
    #expect(try site.ran() == ["once"])
  }

  @Test("a run that has handed something out does not begin anew without its journal")
  func headless() throws {
    try site.expect(site.run("one --arg service=Service/web"), says: "SUCCEEDED")
    let name = try site.runName()
    for left in [20, 0] {
      try change { $0.removeLast($0.count - left) }
      try site.expect(try resume(), 65, says: "expected the head of a journal")
      try site.expect("writ run show \(name) --runs runs", 65, says: "expected the head")
    }
    try site.expect("rm runs/\(name)/journal")
    try site.expect("writ run show \(name) --runs runs", 66)
    try site.expect(try resume(), 65, says: "expected the head of a journal")
    #expect(try site.ran() == ["deploy", "look"])
  }

  @Test("a result that is in the log, though nobody remembers it, is not recorded again")
  func recordedOnce() throws {
    try site.expect(site.run("one --arg service=Service/web"), says: "SUCCEEDED")
    try change(.almostAllCut)
    // As if the runner had been killed between the log and the folder.
    try site.expect(
      "cd runs/*/attempts && for file in go-deploy*; do sed -i '/\"ended\"/,$d' $file; echo '\"x\":0}' >> $file; done"
    )
    try site.expect(try resume(), says: "SUCCEEDED")
    #expect(try site.ran() == ["deploy", "look"])
    #expect(try site.kinds() == ["run", "gate", "permit", "result", "run"])
  }

  @Test("a run is taken up with what it was begun with, in its own folder, and with its own log")
  func bound() throws {
    try site.program("eu-1/work/deploy.sh", "\(killsRunner); exec sleep 60")
    try site.expect(site.run("one --arg service=Service/web"), 137)
    let name = try site.runName()
    let again = try resume()

    try site.expect(
      "cp runs/\(name)/run.json kept; sed -i s,Identity/bot,Identity/ines, runs/\(name)/run.json")
    try site.expect(
      again.replacing("Identity/bot", with: "Identity/ines"), 65, says: "begun with another request"
    )
    try site.expect("writ run show \(name) --runs runs", 65, says: "begun with another request")
    try site.expect("cp kept runs/\(name)/run.json")

    try site.expect("cp -r runs/\(name) copy")
    try site.expect(
      again.replacing("--resume \(name)", with: "--resume copy"), 65, says: "is a copy")
    try site.expect("rm -r copy")

    try site.expect("mv log kept-log; writ key new log.example -o other.key")
    try site.expect("writ log init log --origin log.example --key other.key")
    try site.expect(again, 65, says: "a log of that name with another key")
    try site.expect("rm -r log; mv kept-log log")
    try site.expect(again, 74, says: "ERRORED")
    #expect(try site.ran() == ["deploy"])
  }

  @Test("a stop becomes harder, never gentler, also where no runner is at it")
  func harder() throws {
    try site.program("once.sh", "\(killsRunner); exec sleep 60")
    try site.expect(site.run("local --arg service=Service/web"), 137)
    let cancel = "writ run cancel \(try site.runName()) --runs runs --mode"
    try site.expect("\(cancel) cleanup", says: "is to be stopped: cleanup")
    try site.expect("\(cancel) now", says: "is to be stopped: now")
    try site.expect("\(cancel) drain", says: "is to be stopped: now")
    try site.expect(try resume(), 74, says: "an effect is unknown")
    try site.expect("\(cancel) now", 1, says: "has ended already")
  }
}
