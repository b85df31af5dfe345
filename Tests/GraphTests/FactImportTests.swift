// An import in parts: the same snapshot, and the same problems, as of facts that are read one after the other.

import Foundation
import Synchronization
import Testing
import WritCrypto
import WritGraph
import WritModel

@Suite struct FactImportTests {
  /// What an import comes to: a file, or problems in words.
  private struct Outcome: Equatable {
    var file: [UInt8] = []
    var problems: [String] = []
    var dropped = DroppedFacts()
  }

  private func serial(_ texts: [String], _ lenience: Lenience = []) -> Outcome {
    var builder = SnapshotBuilder(fixtureSchema(), lenience: lenience)
    for (place, text) in texts.enumerated() where !builder.isFull {
      builder.read(Array(text.utf8), named: "f\(place)")
    }
    var outcome = Outcome(dropped: builder.dropped)
    do throws(GraphProblems) {
      outcome.file = try builder.build().fileBytes
    } catch {
      outcome.problems = error.problems.map(\.description)
    }
    return outcome
  }

  private func parted(
    _ texts: [String], _ lenience: Lenience = [], threads: Int, part: Int
  ) -> Outcome {
    let inputs = texts.enumerated().map {
      FactInput(Array($0.element.utf8), named: "f\($0.offset)")
    }
    var reading = FactImport(fixtureSchema(), inputs, lenience: lenience, partByteCount: part)
    var outcome = Outcome()
    do throws(FactImport.Failure) {
      outcome.file = try reading.snapshot(threads: threads).fileBytes
    } catch {
      if case .problems(let problems) = error {
        outcome.problems = problems.problems.map(\.description)
      }
    }
    outcome.dropped = reading.dropped
    return outcome
  }

  private func compare(
    _ texts: [String], _ lenience: Lenience = [], location: SourceLocation = #_sourceLocation
  ) {
    let expected = serial(texts, lenience)
    for part in [1, 7, 64, 500, 1 << 20] {
      for threads in [1, 2, 5] {
        let outcome = parted(texts, lenience, threads: threads, part: part)
        #expect(
          outcome == expected, "parts of \(part) bytes, \(threads) threads",
          sourceLocation: location)
      }
    }
  }

  private let text = fixtureLines.joined(separator: "\n")

  @Test func theSnapshotIsTheSameForAnyPartsAndThreads() {
    #expect(!serial([text]).file.isEmpty)
    compare([text])
    compare([text + "\n"])
    compare(["\n\n  \n" + text + "\r\n\n"])
    compare([text, text])
    compare([
      fixtureLines[..<5].joined(separator: "\n"), "", fixtureLines[5...].joined(separator: "\n"),
    ])
    compare([])
    compare([""])
    compare(["\n"])
  }

  @Test func nodesAreSaidAgainAndSetsComeInAnyOrder() {
    let first =
      #"{"node":"Service","id":"s","props":{"tier":1,"critical":true,"tags":["b","a","c"]}}"#
    let same =
      #"{"node":"Service","id":"s","props":{"tags":["c","b","a"],"critical":true,"tier":1}}"#
    let other = #"{"node":"Service","id":"s","props":{"tags":["c","b"],"critical":true,"tier":1}}"#
    let owner = #"{"edge":"owner","from":"Service/s","to":"Team/t"}"#
    let team = #"{"node":"Team","id":"t","props":{"title":"c"}}"#
    #expect(serial([[first, owner, same, team].joined(separator: "\n")]).problems.isEmpty)
    compare([[first, owner, same, team].joined(separator: "\n")])
    compare([first, same, owner, team])
    compare([[first, owner, same, team, other].joined(separator: "\n")])
    compare([[owner, first, other, other, same, team].joined(separator: "\n")])
  }

  @Test(arguments: [
    #"{"node":"Service","id":"x","props":{"tier":"high"}}"#, "{", "x",
    #"{"node":"Nothing","id":"a"}"#,
    #"{"edge":"owner","from":"Service/fraud","to":"Team/nowhere"}"#,
    #"{"edge":"owner","from":"Service/fraud","to":"Person/anna"}"#,
    #"{"remove":"Service/fraud"}"#, #"{"remove":"Service/nowhere"}"#,
    #"{"base":"sha256:00"}"#,
    #"{"source":"catalog","at":"2026-01-01T00:00:00Z","covers":"Service/no"}"#,
    #"{"node":"Service","id":"q","props":{"colour":"red"}}"#, "\u{1f}\u{8b}",
  ])
  func whatIsWrongIsToldAsItStands(_ line: String) {
    for place in [0, fixtureLines.count / 2, fixtureLines.count] {
      var lines = fixtureLines
      lines.insert(line, at: place)
      compare([lines.joined(separator: "\n")])
      compare([text, lines.joined(separator: "\n"), text])
    }
    compare([text, line], [.unknownKinds, .unknownProperties])
  }

  @Test func problemsAreCountedTheSameWay() {
    let lines = (0..<150).map { #"{"node":"Service","id":"s\#($0)","props":{"tier":true}}"# }
    #expect(serial([lines.joined(separator: "\n")]).problems.count == 100)
    compare([lines.joined(separator: "\n")])
  }

  @Test func whatIsLeftOutIsCounted() {
    let lines =
      fixtureLines + [
        #"{"node":"Nothing","id":"a"}"#, #"{"node":"Person","id":"p","props":{"colour":"red"}}"#,
        #"{"edge":"owner","from":"Nothing/a","to":"Team/core"}"#,
      ]
    let outcome = serial([lines.joined(separator: "\n")], [.unknownKinds, .unknownProperties])
    #expect(outcome.dropped.nodes == 1 && outcome.dropped.properties == 1)
    compare([lines.joined(separator: "\n")], [.unknownKinds, .unknownProperties])
  }

  @Test func randomFactsMakeOneFileWhateverTheThreads() {
    for seed in 0..<4 {
      var generator = SeededGenerator(seed: UInt64(seed))
      var lines: [String] = []
      for number in 0..<300 {
        let tags = (0..<Int.random(in: 0..<4, using: &generator)).map { _ in
          "\"tag\(Int.random(in: 0..<40, using: &generator))\""
        }
        lines.append(
          #"{"node":"Service","id":"s\#(number)","props":{"tier":\#(number % 4),"critical":false,"tags":[\#(tags.joined(separator: ","))],"summary":"tag\#(number % 50)"}}"#
        )
        lines.append(
          #"{"edge":"owner","from":"Service/s\#(number)","to":"Person/p\#(number % 9)"}"#)
        for _ in 0..<Int.random(in: 0..<4, using: &generator) {
          let other = Int.random(in: 0..<300, using: &generator)
          lines.append(
            #"{"edge":"dependsOn","from":"Service/s\#(number)","to":"Service/s\#(other)","props":{"group":\#(other % 3),"ranges":[\#(tags.joined(separator: ","))]}}"#
          )
        }
      }
      for person in 0..<9 { lines.append(#"{"node":"Person","id":"p\#(person)"}"#) }
      lines.shuffle(using: &generator)
      let text = lines.joined(separator: "\n")
      #expect(!serial([text]).file.isEmpty)
      compare([text])
    }
  }

  @Test func aFileIsReadInPartsAndWhatItSaysOfItselfIsNotTrusted() throws {
    let path = NSTemporaryDirectory() + "facts-\(UInt64.random(in: 0 ... .max))"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    defer { unlink(path) }
    let descriptor = open(path, O_RDONLY)
    defer { close(descriptor) }
    let expected = serial([text])
    // Somebody made it shorter since its length was asked for.
    for count in [text.utf8.count, text.utf8.count + 1000] {
      let input = FactInput(descriptor: descriptor, byteCount: count, named: "f0")
      var reading = FactImport(fixtureSchema(), [input], partByteCount: 100)
      #expect(try reading.snapshot(threads: 2).fileBytes == expected.file)
    }
    var unreadable = FactImport(
      fixtureSchema(), [FactInput(descriptor: -1, byteCount: 10, named: "f0")])
    #expect(throws: FactImport.Failure.self) { try unreadable.snapshot() }
  }

  @Test func whatWasReadIsTold() throws {
    let told = Mutex<[Int]>([])
    var reading = FactImport(
      fixtureSchema(), [FactInput(Array(text.utf8), named: "f0")], partByteCount: 200)
    _ = try reading.snapshot(threads: 2) { count in told.withLock { $0.append(count) } }
    let counts = told.withLock { $0 }
    #expect(counts == counts.sorted() && counts.last == text.utf8.count)
  }
}
