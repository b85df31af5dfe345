// What an action would do, in records: a replay works it out again, and it goes with whoever is erased.

import Foundation
import Testing
import Writ
import WritCrypto
import WritEvidence
import WritGraph
import WritModel
import WritText

@Suite("What would be done, on record")
struct AgreedReplayTests {
  private static let now: Int64 = 1_795_082_400_000_000  // 2026-11-19T10:00:00Z
  private static let policy = """
    policy shop version 1
    source catalog fresh 7d
    node Identity from catalog { name: String key }
    node Service from catalog { name: String key  image: String }
    gate open(service: Service) { deny nobody: caller is absent "nobody asks" }
    action ship(service: Service) kind deploy guarded by open(service) effect staging {
      run "./ship.sh" service.image
    }
    """

  /// A decision on the action, made and recorded.
  ///
  /// - Parameter change: What the request says that it would do, by what it does.
  private func replayed(
    _ change: (String?) -> String?
  ) throws -> (result: ReplayResult, entry: [UInt8], does: String?) {
    let folder = FileManager.default.temporaryDirectory.path + "/writ-agreed-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let compilation = compile([SourceFile(name: "shop.writ", text: Self.policy)], root: 0)
    let program = try #require(compilation.program)
    let file = try bundleFile(program, BundleOptions(settings: [], approvers: [], revision: 0))
    let facts = """
      {"node":"Identity","id":"bot","props":{}}
      {"node":"Service","id":"web","props":{"image":"web@1"}}
      {"source":"catalog","at":"\(Instant(microseconds: Self.now))","covers":"*"}

      """
    let bundle = try LoadedBundle(file: file)
    let engine = Engine(
      bundle: bundle, snapshot: try snapshot([("facts", Array(facts.utf8))], for: bundle))
    let asking = Asking(
      caller: "Identity/bot", now: Self.now, asOf: Self.now, isQuestion: false)
    let plain = try Request(["action": "ship", "arguments": ["service": "Service/web"]])
    let stated = try engine.stating(plain, asking)
    let request = stated.doing(change(stated.does))
    let run = try engine.decide(request, asking, tracing: .on)
    let key = try #require(Ed25519PrivateKey(seed: [UInt8](repeating: 1, count: 32)))
    let signer = NoteSigner(name: try #require(KeyName("log.example/agreed")), key: key)
    let store = try LogStore.create(directory: folder, origin: signer.name, keyPath: "log.key")
    let recorded = try engine.record(
      run, of: request,
      DecisionInputs(
        bundle: file, snapshot: engine.snapshot.fileBytes,
        request: request.canonical(gate: "shop.open")),
      in: store, signer: signer, clock: Self.now, id: "1")
    let reader = try LogReader(store: store, keys: [signer.verifierKey])
    return (
      try replay(recorded.index, of: reader, in: store), try reader.entry(at: recorded.index),
      request.does
    )
  }

  @Test("what a decision was made on is worked out again from bundle and facts")
  func same() throws {
    let (result, entry, does) = try replayed { $0 }
    guard case .same(let run) = result else {
      Issue.record("\(result)")
      return
    }
    #expect(run.decision.outcome == .allow)
    // What could be guessed stands nowhere in the record.
    let digits = try #require(does).dropFirst("sha256:".count)
    #expect(digits.count == 64 && !String(decoding: entry, as: UTF8.self).contains(digits))
  }

  @Test("a request without it, as earlier releases recorded them, is replayed as it was")
  func earlier() throws {
    guard case .same = try replayed({ _ in nil }).result else {
      Issue.record("an old record is replayed otherwise")
      return
    }
  }

  @Test("a record that says of what would be done what the facts do not is found")
  func forged() throws {
    let other = Digest(of: [1]).description
    guard case .different(let parting) = try replayed({ _ in other }).result else {
      Issue.record("a forged record is replayed as it was")
      return
    }
    #expect(parting.cause == .does && parting.path == "does" && parting.recorded == other)
  }
}
