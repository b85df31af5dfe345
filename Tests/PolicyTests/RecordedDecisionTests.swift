// What is recorded of a decision: what it is about, what it read, and that a replay compares all of it.

import Foundation
import Testing
import Writ
import WritCrypto
import WritEvidence
import WritGraph
import WritModel
import WritTesting
import WritText

/// A log below a folder of its own, and an engine over the texts of corpus/cli/tested.
private final class RecordedWorld {
  let engine: Engine
  let store: LogStore
  let signer: NoteSigner
  private let bundleBytes: [UInt8]
  private let folder: String
  private let clock: Int64 = 1_794_873_600_000_000

  init() throws {
    let path = "corpus/cli/tested/"
    let compilation = compile(sourceFiles([path + "tested.writ"]), root: 0)
    let program = try #require(compilation.program)
    bundleBytes = try bundleFile(program, BundleOptions(settings: [], approvers: [], revision: 0))
    let bundle = try LoadedBundle(file: bundleBytes)
    let facts = [(name: "facts", bytes: Corpus.bytes(path + "facts.jsonl"))]
    engine = Engine(bundle: bundle, snapshot: try snapshot(facts, for: bundle))
    folder = FileManager.default.temporaryDirectory.path + "/writ-records-" + UUID().uuidString
    let key = try #require(Ed25519PrivateKey(seed: (0..<32).map { UInt8($0) }))
    signer = NoteSigner(name: try #require(KeyName("log.example/records")), key: key)
    store = try LogStore.create(
      directory: folder + "/log", origin: signer.name, keyPath: "log.key")
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func json(_ name: String) throws -> JSONValue {
    try JSONValue(parsing: Corpus.bytes("corpus/cli/tested/\(name).json"))
  }

  /// Decides on a request and records it.
  func record(_ json: JSONValue) throws -> LoggedRecord {
    let request = try Request(json)
    let asking = Asking(caller: nil, now: clock, asOf: clock, isQuestion: false)
    let run = try engine.decide(request, asking, tracing: .on)
    let inputs = DecisionInputs(
      bundle: bundleBytes, snapshot: engine.snapshot.fileBytes, request: json)
    let recorded = try engine.record(
      run, of: request, inputs, in: store, signer: signer, clock: clock, id: "1")
    return LoggedRecord(try reader().entry(at: recorded.index))
  }

  func reader() throws -> LogReader { try LogReader(store: store, keys: [signer.verifierKey]) }

  /// Appends a decision with another digest of what it read.
  func append(_ record: LoggedRecord, tracing trace: Digest?) throws -> UInt64 {
    let statement = try #require(record.statement)
    let replay = (record.predicate["replay"]?.object ?? []).filter { $0.name != "trace" }
    let traced = trace.map { replay + [JSONMember("trace", .string($0.description))] } ?? replay
    let members = (record.predicate.object ?? []).filter { $0.name != "replay" }
    let changed = try EvidenceRecord(
      type: PredicateType.decision, subjects: statement.subjects,
      predicate: .object(members + [JSONMember("replay", .object(traced))]))
    let writer = try LogWriter(store: store, signer: signer)
    defer { writer.close() }
    let index = try writer.append(changed.bytes)
    try writer.publish()
    return index
  }
}

@Suite struct RecordedDecisionTests {
  @Test func aDecisionIsAboutItsArgumentsAndWhereTheyLead() throws {
    let world = try RecordedWorld()
    let record = try world.record(try world.json("release1"))
    #expect(record.subjects == ["Release/r1", "Service/checkout"])
    let digests = (record.statement?.subjects ?? []).compactMap { $0.digest("sha256") }
    // The facts of the request about the release; the line of the service in the snapshot.
    let facts =
      #"[{"id":"r1","node":"Release","props":{"image":"sha256:"#
      + String(repeating: "1", count: 64) + #""}}]"#
    let line = #"{"id":"checkout","node":"Service","props":{}}"#
    #expect(
      digests == [
        Digest(of: Array(facts.utf8)).hex, Digest(of: [0] + Array(line.utf8)).hex,
      ])
    #expect(record.logged == 1_794_873_600_000_000)
  }

  @Test func aNodeThatOnlyTheRequestBringsHasTheDigestOfItsFacts() throws {
    let world = try RecordedWorld()
    let one = try world.record(try world.json("release1"))
    let two = try world.record(try world.json("release2"))
    #expect(one.statement?.subjects.map(\.digests) != two.statement?.subjects.map(\.digests))
    #expect(two.previous(of: "Service/checkout") == .entry(0))
    #expect(two.previous(of: "Release/r2") == .none)
  }

  @Test func whatWasReadIsKept() throws {
    let world = try RecordedWorld()
    let record = try world.record(try world.json("release2"))
    let digest = try #require(record.trace.flatMap { Digest($0) })
    let document = try #require(DecisionTrace(try world.store.objects.get(digest)))
    #expect(document.gate == "shop.deploy")
    #expect(document.outcome(of: "securityTested") == "failed")
    #expect(document.outcome(of: "other") == nil)
    #expect(document.digest == digest)
  }

  @Test func aReplayComparesWhatWasRead() throws {
    let world = try RecordedWorld()
    let record = try world.record(try world.json("release1"))
    let digest = try #require(record.trace.flatMap { Digest($0) })
    let document = try #require(DecisionTrace(try world.store.objects.get(digest)))
    guard case .same = try replay(0, of: world.reader(), objects: world.store.objects) else {
      Issue.record("the decision is not the same")
      return
    }
    // A fact that was not read like that, an outcome that was not so, and a document that nobody has.
    let text = String(decoding: document.bytes, as: UTF8.self)
    for (old, new, path) in [
      ("\"value\":\"passed\"", "\"value\":\"failed\"", "trace.securityTested.facts[3]"),
      ("\"outcome\":\"passed\"", "\"outcome\":\"owed\"", "trace.securityTested"),
      ("\"clause\":\"securityTested\"", "\"clause\":\"tested\"", "trace.securityTested"),
    ] {
      let changed = Array(text.replacing(old, with: new).utf8)
      #expect(changed != document.bytes)
      let index = try world.append(record, tracing: try world.store.objects.put(changed))
      #expect(try parting(world, index) == path)
    }
    #expect(try parting(world, world.append(record, tracing: Digest(of: [1]))) == "trace")
    // A record of a release that kept none.
    #expect(try parting(world, world.append(record, tracing: nil)) == nil)
  }

  private func parting(_ world: RecordedWorld, _ index: UInt64) throws -> String? {
    switch try replay(index, of: world.reader(), objects: world.store.objects) {
    case .same: nil
    case .different(let path, _, _, _): path
    case .sameWithout, .needsErased: "erased"
    }
  }
}
