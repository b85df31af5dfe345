// A log of decisions by the texts of corpus/cli/tested, in which records can be forged.

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
final class RecordedWorld {
  let engine: Engine
  let store: LogStore
  let signer: NoteSigner
  let bundleBytes: [UInt8]
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
  func record(_ json: JSONValue, caller: String? = nil) throws -> LoggedRecord {
    let request = try Request(json)
    let run = try run(json, caller: caller)
    let inputs = DecisionInputs(
      bundle: bundleBytes, snapshot: engine.snapshot.fileBytes, request: json)
    let recorded = try engine.record(
      run, of: request, inputs, in: store, signer: signer, clock: clock, id: "1")
    return LoggedRecord(try reader().entry(at: recorded.index))
  }

  /// Decides on a request.
  func run(_ json: JSONValue, caller: String? = nil) throws -> DecisionRun {
    let asking = Asking(caller: caller, now: clock, asOf: clock, isQuestion: false)
    return try engine.decide(try Request(json), asking, tracing: .on)
  }

  func reader() throws -> LogReader { try LogReader(store: store, keys: [signer.verifierKey]) }

  /// Appends a decision that names other readings.
  func append(_ record: LoggedRecord, tracing trace: TraceReference?) throws -> UInt64 {
    try append(record, naming: trace?.json)
  }

  func append(_ record: LoggedRecord, naming trace: JSONValue?) throws -> UInt64 {
    let replay = (record.predicate["replay"] ?? [:]).setting("trace", to: trace)
    return try append(record, record.predicate.setting("replay", to: replay))
  }

  /// Appends a decision with another predicate.
  func append(_ record: LoggedRecord, _ predicate: JSONValue) throws -> UInt64 {
    let statement = try #require(record.statement)
    let changed = try EvidenceRecord(
      type: PredicateType.decision, subjects: statement.subjects, predicate: predicate)
    let writer = try LogWriter(store: store, signer: signer)
    defer { writer.close() }
    let index = try writer.append(changed.bytes)
    try writer.publish()
    return index
  }
}

extension JSONValue {
  /// The object with another member of that name, or without it.
  func setting(_ name: String, to value: JSONValue?) -> JSONValue {
    let others = (object ?? []).filter { $0.name != name }
    return .object(others + (value.map { [JSONMember(name, $0)] } ?? []))
  }
}
