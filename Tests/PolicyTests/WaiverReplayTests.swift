// A decision that a waiver changed, in a log: made again as it was, also once its granter was erased; and a record whose grant is
// gone, or another, is told from it.

import Foundation
import Testing
import Writ
import WritBytecode
import WritCrypto
import WritEvidence
import WritModel

@Suite struct WaiverReplayTests {
  private final class WaivedLog {
    let store: LogStore
    let signer: NoteSigner
    private let folder: String
    private let one: DecisionCase

    init() throws {
      one = try DecisionCase("corpus/decisions/waivers/granted.case")
      folder = FileManager.default.temporaryDirectory.path + "/writ-waived-" + UUID().uuidString
      let key = try #require(Ed25519PrivateKey(seed: [UInt8](repeating: 9, count: 32)))
      signer = NoteSigner(name: try #require(KeyName("log.example/waived")), key: key)
      store = try LogStore.create(directory: folder, origin: signer.name, keyPath: "key")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func reader() throws -> LogReader { try LogReader(store: store, keys: [signer.verifierKey]) }

    func record() throws -> LoggedRecord {
      let approvers = try one.registeredKeys.map { key in
        let verifier = VerifierKey(
          name: try #require(KeyName(key.name)), algorithm: .ed25519, publicKey: key.publicKey)
        return RegistryEntry(
          name: key.name, publicKey: verifier.description, actor: key.node ?? "", roles: key.roles)
      }
      let file = try bundleFile(
        try one.bundle().program, BundleOptions(settings: [], approvers: approvers, revision: 1))
      let engine = try one.engine(try LoadedBundle(file: file))
      let request = try one.signed(engine)
      let run = try engine.decide(Request(request), one.asking, tracing: .on)
      #expect(run.decision.outcome == .allow && run.decision.waived.count == 1)
      #expect(run.trace.first?.outcome == .waived)
      let inputs = DecisionInputs(
        bundle: file, snapshot: engine.snapshot.fileBytes, request: request)
      let recorded = try engine.record(
        run, of: Request(request), inputs, in: store, signer: signer, clock: one.asking.now,
        id: "1")
      return LoggedRecord(try reader().entry(at: recorded.index))
    }

    /// Appends the record with another request, as if it had been decided on that.
    func forge(_ record: LoggedRecord, _ change: (JSONValue) -> JSONValue) throws -> UInt64 {
      let replay = record.predicate["replay"] ?? [:]
      let digest = try #require(replay["request"]?.string.flatMap { Digest($0) })
      let request = try JSONValue(parsing: try store.objects.get(digest))
      let other = try store.objects.put(try change(request).canonicalBytes())
      let predicate = record.predicate.setting(
        "replay", to: replay.setting("request", to: .string(other.description)))
      let entry = try EvidenceRecord(
        type: PredicateType.decision, subjects: try #require(record.statement).subjects,
        predicate: predicate)
      let writer = try LogWriter(store: store, signer: signer)
      defer { writer.close() }
      let index = try writer.append(entry.bytes)
      try writer.publish()
      return index
    }

    /// What is told of a forged record.
    func parting(_ index: UInt64) throws -> Parting? {
      guard case .different(let parting) = try Writ.replay(index, of: reader(), in: store) else {
        return nil
      }
      return parting
    }
  }

  @Test func itIsMadeAgainAsItWas() throws {
    let log = try WaivedLog()
    let record = try log.record()
    guard case .same(let run) = try replay(0, of: log.reader(), in: log.store) else {
      Issue.record("the decision is not the same")
      return
    }
    #expect(run.decision.waived.first?.waiver.waiver == "depot.W17")
    // Nobody's name stands in the record: whoever granted it is a digest in it.
    let granter = record.predicate["result"]?["waived"]?.array?.first?["waiver"]?["granter"]
    #expect(granter?.string?.hasPrefix("Identity/~") == true)
    let text = record.predicate.compact
    #expect(!text.contains("Identity/bo") && !text.contains("Identity/ada"))
    let replayer = Replayer(
      objects: log.store.objects, disclosures: log.store.disclosures, snapshots: SnapshotCache())
    var summary = ReplaySummary()
    replayer.replay(try log.reader().entry(at: 0), at: 0, into: &summary)
    #expect(summary.same == 1)
  }

  @Test func aGrantThatIsGoneIsTold() throws {
    let log = try WaivedLog()
    let index = try log.forge(try log.record()) { $0.setting("waivers", to: nil) }
    let parting = try #require(try log.parting(index))
    #expect(parting.cause == .request)
  }

  @Test(arguments: [
    ("granter", "Identity/cy"), ("expires", "2026-11-19T10:00:00Z"),
    ("signedAt", "2026-11-24T10:00:00Z"), ("waiver", "depot.W18"),
  ])
  func aGrantThatIsAnotherIsTold(_ member: String, _ value: String) throws {
    let log = try WaivedLog()
    let index = try log.forge(try log.record()) { request in
      let grants = (request["waivers"]?.array ?? []).map {
        $0.setting(member, to: .string(value))
      }
      return request.setting("waivers", to: .array(grants))
    }
    #expect(try log.parting(index) != nil)
  }
}
