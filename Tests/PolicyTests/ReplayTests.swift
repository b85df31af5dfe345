// Every decision case recorded in a log and made again from what the log keeps: the same bytes.

import Foundation
import Testing
import Writ
import WritBytecode
import WritCrypto
import WritEvidence
import WritModel
import WritOracle

@Suite struct ReplayTests {
  private static let signer: NoteSigner? = {
    guard let name = KeyName("log.example/cases"),
      let key = Ed25519PrivateKey(seed: [UInt8](repeating: 7, count: 32))
    else { return nil }
    return NoteSigner(name: name, key: key)
  }()

  /// All of them in one log, so that each is looked up among the others.
  @Test func givesTheSameBytes() throws {
    let signer = try #require(ReplayTests.signer)
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("writ-replay-" + UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = try LogStore.create(directory: folder, origin: signer.name, keyPath: "key")
    var made: [[UInt8]] = []
    for path in DecisionCase.paths {
      let run = try record(try DecisionCase(path), in: store, signer: signer, id: path)
      made.append(Array(run.decision.json.compact.utf8))
    }
    let reader = try LogReader(store: store, keys: [signer.verifierKey])
    #expect(reader.size == UInt64(made.count))
    for (index, bytes) in made.enumerated() {
      let result = try replay(UInt64(index), of: reader, in: store)
      guard case .same(let again) = result else {
        Issue.record("\(DecisionCase.paths[index]): \(result)")
        continue
      }
      #expect(again.decision.json.compact == String(decoding: bytes, as: UTF8.self))
    }
    // And all at once, without a value of most being made.
    let summary = try all(store, reader)
    #expect(summary.same == made.count)
    // But for callers with escapes in their names every record is read quickly.
    #expect(summary.plain > made.count * 9 / 10)
    try eraseAll(store, signer, reader)
    try checkErased(store, reader)
  }

  private func all(_ store: LogStore, _ reader: LogReader) throws -> ReplaySummary {
    let replayer = Replayer(
      objects: store.objects, disclosures: store.disclosures, snapshots: SnapshotCache())
    var summary = ReplaySummary()
    for index in 0..<reader.size {
      replayer.replay(try reader.entry(at: index), at: index, into: &summary)
    }
    return summary
  }

  /// Everything that the records hold by digest.
  private func eraseAll(_ store: LogStore, _ signer: NoteSigner, _ reader: LogReader) throws {
    var digests: Set<DisclosureDigest> = []
    for index in 0..<reader.size {
      let statement = try Statement(parsing: try reader.entry(at: index))
      digests.formUnion(statement.disclosureDigests)
    }
    #expect(digests.count > 5)
    let erasure = try store.erase(
      .digests(digests.sorted()), ground: "test", id: "erase", signer: signer,
      clock: LoggedRecord(try reader.entry(at: reader.size - 1)).logged ?? 0)
    // With ids goes what is of them.
    #expect(Set(erasure.digests).isSuperset(of: digests))
  }

  /// A decision about people comes out the same without them, unless its policy looked into who they are.
  private func checkErased(_ store: LogStore, _ reader: LogReader) throws {
    var same = 0
    for index in 0..<reader.size {
      switch try replay(index, of: reader, in: store) {
      case .same, .sameWithout: same += 1
      case .needsErased: break
      case .different(let parting):
        Issue.record("\(DecisionCase.paths[Int(index)]) : \(parting)")
      }
    }
    #expect(same * 10 > Int(reader.size) * 8, "\(same) of \(reader.size) replay without names")
    let summary = try all(store, reader)
    #expect(summary.same == same)
    #expect(summary.unreplayable[.erased, default: 0] == Int(reader.size) - same)
  }

  /// Decides with the bundle and the snapshot as they come out of their files.
  private func record(
    _ one: DecisionCase, in store: LogStore, signer: NoteSigner, id: String
  ) throws -> DecisionRun {
    let approvers = try one.registeredKeys.map { key in
      let verifier = VerifierKey(
        name: try #require(KeyName(key.name)), algorithm: .ed25519, publicKey: key.publicKey)
      return RegistryEntry(
        name: key.name, publicKey: verifier.description, actor: key.node ?? "", roles: key.roles)
    }
    let file = try bundleFile(
      try one.bundle().program, BundleOptions(settings: [], approvers: approvers, revision: 1))
    let bundle = try LoadedBundle(file: file)
    let engine = try one.engine(bundle)
    let request = try one.signed(engine)
    let run = try engine.decide(Request(request), one.asking, tracing: .on)
    let inputs = DecisionInputs(
      bundle: file, snapshot: engine.snapshot.fileBytes, request: request)
    let recorded = try engine.record(
      run, of: Request(request), inputs, in: store, signer: signer, clock: one.asking.now, id: id)
    #expect(recorded.origin == signer.name.description)
    return run
  }
}
