// Logs of records about this and that, for tests of histories, searches and questions.
import Glibc
import Testing
import WritCrypto
import WritEvidence
import WritModel

/// A generator whose sequence its seed fixes.
struct Dice: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
    return word ^ word >> 31
  }
}

/// 2026-11-17T00:00:00Z, in microseconds.
let tuesday: Int64 = 1_794_873_600_000_000
let minute: Int64 = 60_000_000

func subject(_ name: String) -> Subject {
  Subject(
    name: name, uri: nil,
    digests: [NamedDigest(algorithm: "sha256", value: Digest(of: bytes(name)).hex)])
}

/// A decision about some nodes.
func decision(
  _ id: String, about names: [String], gate: String = "shop.deploy", outcome: String = "allow",
  caller: String = "Bot/ci", trace: Digest? = nil, readings: [Digest]? = nil
) -> RecordDraft {
  var replay: [JSONMember] = []
  let reference = readings.map { TraceReference.clauses($0) } ?? trace.map { .document($0) }
  if let reference { replay.append(JSONMember("trace", reference.json)) }
  return RecordDraft(
    type: PredicateType.decision, kind: .gate, id: id, subjects: names.map(subject),
    members: [
      JSONMember("arguments", ["release": .string(names.first ?? "")]),
      JSONMember("replay", .object(replay)),
      JSONMember(
        "result",
        [
          "outcome": .string(outcome), "gate": .string(gate), "caller": .string(caller),
          "question": false,
        ]),
    ])
}

/// Somebody's wish to act, taken or refused.
func intent(_ id: String, about names: [String], isTaken: Bool) -> RecordDraft {
  RecordDraft(
    type: PredicateType.intentGiven, kind: .intent, id: id, subjects: names.map(subject),
    members: [
      JSONMember("action", "shop.deploy"), JSONMember("caller", "Bot/ci"),
      JSONMember("bundle", .string(Digest(of: [1]).description)),
      JSONMember("taken", .bool(isTaken)),
    ] + (isTaken ? [] : [JSONMember("reason", "nobody signed for the caller")]))
}

/// What a decision read, in few words: as one document, and as the reading of its clause.
struct WorkedTrace {
  let bytes: [UInt8]
  let reading: [UInt8]

  var digest: Digest { Digest(of: bytes) }
}

func trace(
  _ outcome: String, gate: String = "shop.deploy", of subject: String = "Scan/s1"
) throws -> WorkedTrace {
  let clause: JSONValue = [
    "clause": "securityTested", "outcome": .string(outcome),
    "facts": [["fact": .string(subject), "member": "verdict", "value": .string(outcome)]],
  ]
  return WorkedTrace(
    bytes: try DecisionTrace.document(gate: gate, clauses: [clause]),
    reading: try clause.canonicalBytes())
}

/// A log of records of the worked key.
final class RecordLog {
  let directory: TemporaryDirectory
  let store: LogStore
  private(set) var clock = tuesday

  init() throws {
    directory = try TemporaryDirectory()
    let signer = try workedSigner()
    store = try LogStore.create(
      directory: directory.path + "/log", origin: signer.name, keyPath: "key.pem")
    try LogWriter(store: store, signer: signer).publish()
  }

  var path: String { store.directory }

  func writer() throws -> RecordWriter {
    let signer = try workedSigner()
    return try patiently { try RecordWriter(store: store, signer: signer) }
  }

  /// A process that another test starts holds all open files for a moment, and so the log's lock.
  private func patiently<Writer>(_ open: () throws -> Writer) throws -> Writer {
    for _ in 0..<1000 {
      do {
        return try open()
      } catch LogError.locked {
        usleep(5000)
      }
    }
    return try open()
  }

  /// Goes on from a time at which something else has written.
  func skip(to time: Int64) { clock = max(clock, time) }

  func reader() throws -> LogReader {
    try LogReader(store: store, keys: [workedSigner().verifierKey])
  }

  func index() throws -> SearchIndex { try SearchIndex(reader(), of: store) }

  /// Appends drafts, a minute after the last.
  func append(_ drafts: [RecordDraft]) throws {
    let writer = try writer()
    defer { writer.close() }
    for draft in drafts {
      clock += minute
      _ = try writer.append(draft, clock: clock)
    }
    try writer.publish()
  }

  /// Appends bytes that no writer of records would.
  func append(raw entries: [[UInt8]]) throws {
    let signer = try workedSigner()
    let writer = try patiently { try LogWriter(store: store, signer: signer) }
    defer { writer.close() }
    _ = try writer.append(group: entries)
    try writer.publish()
  }

  func fixHeads() throws {
    let writer = try writer()
    defer { writer.close() }
    clock += minute
    try writer.appendIndexLeaf(id: "leaf-\(clock)", clock: clock)
  }

  func prove(_ question: Question, _ claim: Claim? = nil) throws -> QuestionProof {
    try index().prove(question, claim: claim)
  }

  /// The indexes of the records that a question asks for, by reading all.
  func scan(_ question: Question) throws -> [UInt64] {
    let reader = try reader()
    return try (0..<reader.size).filter { index in
      let record = LoggedRecord(try reader.entry(at: index))
      guard let logged = record.logged, record.isAbout(question.subject) else { return false }
      return question.from.microseconds <= logged && logged < question.to.microseconds
    }
  }
}

func question(
  _ subject: String, from: Int64 = tuesday - minute, to: Int64 = tuesday + 10_000_000 * minute
) throws -> Question {
  try #require(
    Question(
      subject: subject, from: Instant(microseconds: from), to: Instant(microseconds: to)))
}

/// Verifies by the worked key, as an auditor would: from the bytes of the file.
@discardableResult
func verified(_ bytes: [UInt8]) throws -> VerifiedAnswer {
  try QuestionProof(bytes).verify(keys: [workedSigner().verifierKey], origin: "log.example/writ")
}
