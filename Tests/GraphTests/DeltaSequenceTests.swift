// Many deltas: one after the other, all at once, in a process, and as a history.
import Testing
import WritCrypto
import WritGraph
import WritModel

@Suite struct DeltaSequenceTests {
  private func delta(_ lines: [String]) -> GraphDelta {
    GraphDelta(Array(lines.joined(separator: "\n").utf8), named: "delta")
  }

  /// What comes of deltas applied one by one; `nil` if one is refused.
  private func oneByOne(_ deltas: [GraphDelta], to base: Snapshot) -> Snapshot? {
    var snapshot = base
    for delta in deltas {
      guard let next = try? snapshot.applying([delta]).snapshot else { return nil }
      snapshot = next
    }
    return snapshot
  }

  @Test(arguments: 0..<60)
  func deltasComeToWhatABatchComesTo(_ seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    var model = FactModel()
    let base = try snapshot([])
    let live = LiveGraph(base)
    var deltas: [GraphDelta] = []
    for _ in 0..<8 {
      deltas.append(randomDelta(&model, &random))
      let batch = try snapshot(model.lines)
      let version = try live.apply(deltas[deltas.count - 1])
      #expect(version.number == deltas.count)
      #expect(version.snapshot.rootDigest == batch.rootDigest, "seed \(seed)")
      #expect(version.snapshot.fileBytes == batch.fileBytes, "seed \(seed)")
      #expect(try base.applying(deltas).snapshot.fileBytes == batch.fileBytes, "seed \(seed)")
    }
    #expect(oneByOne(deltas, to: base)?.fileBytes == live.version.snapshot.fileBytes)
  }

  /// Lines at random are often refused: then all at once is refused where one by one is.
  @Test(arguments: 0..<150)
  func togetherIsRefusedWhatIsRefusedAlone(_ seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed) + 1000)
    let base = try snapshot(fixtureLines)
    let nodes = ["Service/checkout", "Service/fraud", "Service/new", "Team/core", "Person/anna"]
    func line() -> String {
      let (one, other) = (
        nodes.randomElement(using: &random) ?? "", nodes.randomElement(using: &random) ?? ""
      )
      let id = one.split(separator: "/")[1]
      let kind = one.split(separator: "/")[0]
      switch Int.random(in: 0..<7, using: &random) {
      case 0, 1: return #"{"node":"\#(kind)","id":"\#(id)"}"#
      case 2: return #"{"remove":"\#(one)"}"#
      case 3: return #"{"edge":"owner","from":"Service/\#(id)","to":"\#(other)"}"#
      case 4: return #"{"removeEdge":"owner","from":"Service/\#(id)","to":"\#(other)"}"#
      case 5: return #"{"edge":"dependsOn","from":"Service/\#(id)","to":"Service/fraud"}"#
      default:
        return #"{"source":"scanner","at":"2026-11-18T23:00:00Z","covers":"\#(one)"}"#
      }
    }
    let lines = (0..<Int.random(in: 1..<6, using: &random)).map { _ in line() }
    let deltas = lines.map { delta([$0]) }
    let alone = oneByOne(deltas, to: base)
    let together = try? base.applying(deltas).snapshot
    #expect(alone?.fileBytes == together?.fileBytes, "seed \(seed): \(lines)")
    let live = LiveGraph(base)
    let version = try? live.applyEachLine(of: delta(lines))
    #expect(alone?.fileBytes == version?.snapshot.fileBytes, "seed \(seed): \(lines)")
    #expect(live.version.number == (alone == nil ? 0 : 1))
  }

  @Test func readersKeepTheVersionThatTheyTook() async throws {
    let live = LiveGraph(try snapshot(fixtureLines))
    let first = live.version
    let bytes = first.snapshot.fileBytes
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        for tier in 0..<60 {
          _ = try? live.apply(
            GraphDelta(
              Array(#"{"node":"Service","id":"s\#(tier)","props":{"tier":\#(tier)}}"#.utf8),
              named: "delta"))
        }
      }
      for _ in 0..<3 {
        group.addTask {
          var last = 0
          while last < 60 {
            let version = live.version
            #expect(version.number >= last)
            #expect(version.snapshot.nodeCount == first.snapshot.nodeCount + version.number)
            last = version.number
            await Task.yield()
          }
        }
      }
    }
    #expect(live.version.snapshot.verifyRootDigest())
    #expect(first.snapshot.fileBytes == bytes)
  }

  @Test func aGraphOfTheFirstFormLives() throws {
    var bytes = try snapshot(fixtureLines).fileBytes
    bytes[8] = 1
    seal(&bytes)
    let live = LiveGraph(try Snapshot.decode(bytes))
    #expect(try live.version.snapshot.rootDigest == snapshot(fixtureLines).rootDigest)
    try live.apply(delta([#"{"remove":"Service/fraud"}"#]))
    #expect(live.version.snapshot.verifyRootDigest())
  }
}
