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
      let result = try replay(UInt64(index), of: reader, objects: store.objects)
      guard case .same(let again) = result else {
        Issue.record("\(DecisionCase.paths[index]): \(result)")
        continue
      }
      #expect(Array(again.decision.json.compact.utf8) == bytes)
    }
    // And all at once, without a value of them being made.
    let replayer = Replayer(objects: store.objects, snapshots: SnapshotCache())
    var summary = ReplaySummary()
    for index in 0..<reader.size {
      replayer.replay(try reader.entry(at: index), at: index, into: &summary)
    }
    #expect(summary.same == made.count)
    // But for callers with escapes in their names every record is read quickly.
    #expect(summary.plain > made.count * 9 / 10)
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
