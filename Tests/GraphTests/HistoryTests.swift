// Histories: every version again, a cut end left out, a change refused.
import Testing
import WritCrypto
import WritGraph
import WritModel

@Suite struct HistoryTests {
  /// A history of some random deltas, and the digest of each version.
  private func history(_ seed: UInt64, count: Int) throws -> (
    base: Snapshot, bytes: [UInt8], roots: [Digest]
  ) {
    var random = SeededGenerator(seed: seed)
    var model = FactModel()
    let base = try snapshot([])
    var snapshot = base
    var bytes = GraphHistory.beginning(with: base.rootDigest, at: 1_000_000)
    var version = try GraphHistory(parsing: bytes).versions[0]
    var roots = [base.rootDigest]
    for number in 1...count {
      let delta = randomDelta(&model, &random)
      snapshot = try snapshot.applying([delta]).snapshot
      let record = GraphHistory.record(
        of: delta, after: version, root: snapshot.rootDigest, at: Int64(number) * 5_000_000)
      bytes += record.bytes
      version = record.version
      roots.append(snapshot.rootDigest)
    }
    return (base, bytes, roots)
  }

  @Test(arguments: 0..<10)
  func everyVersionIsMadeAgain(_ seed: Int) throws {
    let (base, bytes, roots) = try history(UInt64(seed), count: 12)
    let history = try GraphHistory(parsing: bytes)
    #expect(history.versions.map(\.root) == roots)
    #expect(history.versions.map(\.number) == Array(0...12))
    #expect(history.byteCount == bytes.count)
    for version in history.versions {
      #expect(try history.snapshot(of: version, from: base).rootDigest == version.root)
    }
    let middle = try history.snapshot(of: history.versions[5], from: base)
    let last = try history.snapshot(of: history.versions[12], from: middle, at: history.versions[5])
    #expect(last.rootDigest == roots[12])
    #expect(history.version(at: 0) == nil)
    #expect(history.version(at: 14_999_999)?.number == 2)
    #expect(history.version(at: .max)?.number == 12)
  }

  @Test func anotherBeginningIsRefused() throws {
    let (_, bytes, _) = try history(1, count: 3)
    let history = try GraphHistory(parsing: bytes)
    let other = try snapshot(fixtureLines)
    #expect(throws: HistoryError.self) {
      try history.snapshot(of: history.versions[3], from: other)
    }
  }

  @Test func aCutEndIsLeftOut() throws {
    let (_, bytes, _) = try history(2, count: 4)
    let whole = try GraphHistory(parsing: bytes)
    let ends = whole.versions.map(\.end)
    for count in 0..<bytes.count {
      let cut = Array(bytes[..<count])
      guard count >= ends[0] else {
        #expect(throws: HistoryError.notAHistory) { try GraphHistory(parsing: cut) }
        continue
      }
      let found = try GraphHistory(parsing: cut)
      #expect(found.versions == whole.versions.filter { $0.end <= count })
      #expect(found.byteCount == ends.last { $0 <= count })
    }
  }

  /// A change is refused, or hides what is behind it: it makes no other version.
  @Test func aChangeMakesNoOtherVersion() throws {
    let (_, bytes, _) = try history(3, count: 4)
    let whole = try GraphHistory(parsing: bytes)
    var refused = 0
    for place in bytes.indices {
      var changed = bytes
      changed[place] ^= 1
      guard let found = try? GraphHistory(parsing: changed) else {
        refused += 1
        continue
      }
      #expect(found.versions.count <= 4, "byte \(place)")
      #expect(found.versions.elementsEqual(whole.versions.prefix(found.versions.count)))
    }
    #expect(refused > whole.versions[3].end * 9 / 10)
  }

  @Test func deltasThatSayTheirBaseAreMadeAgain() throws {
    let base = try snapshot(fixtureLines)
    var version = try GraphHistory(
      parsing: GraphHistory.beginning(with: base.rootDigest, at: 7)
    ).versions[0]
    var bytes = GraphHistory.beginning(with: base.rootDigest, at: 7)
    var now = base
    for tier in 1...3 {
      let delta = GraphDelta(
        Array(
          (#"{"base":"\#(now.rootDigest)"}"# + "\n"
            + #"{"node":"Service","id":"fraud","props":{"tier":\#(tier)}}"#).utf8), named: "delta")
      now = try now.applying([delta]).snapshot
      let record = GraphHistory.record(of: delta, after: version, root: now.rootDigest, at: 7)
      bytes += record.bytes
      version = record.version
    }
    let history = try GraphHistory(parsing: bytes)
    #expect(try history.snapshot(of: history.versions[3], from: base).fileBytes == now.fileBytes)
  }
}
