// The answer to an auditor's question in one file, verified without the log: records, proofs that they
// are in it, and the argument that none was left out (docs/decisions/0003-records-and-proofs.md).
public import WritCrypto
import WritModel

/// An entry and the way from it to the root.
public struct ProvenEntry: Hashable, Sendable {
  /// The bytes that are in the log.
  public let entry: [UInt8]
  /// Their place.
  public let index: UInt64
  /// The leaf's sibling first.
  public let path: [Digest]

  /// An entry, not yet verified.
  public init(entry: [UInt8], index: UInt64, path: [Digest]) {
    self.entry = entry
    self.index = index
    self.path = path
  }
}

/// A subject's newest entry before an index leaf, and the way from it to the leaf's root.
public struct ProvenHead: Hashable, Sendable {
  /// The subject and its entry.
  public let head: SubjectHead
  /// Among the subjects, sorted by the bytes of their names.
  public let place: UInt64
  /// The leaf's sibling first.
  public let path: [Digest]

  /// A head, not yet verified.
  public init(head: SubjectHead, place: UInt64, path: [Digest]) {
    self.head = head
    self.place = place
    self.path = path
  }
}

/// The parts of a proof, which nobody has verified yet.
public struct QuestionProof: Hashable, Sendable {
  /// What is asked.
  public let question: Question
  /// What is claimed of the answer.
  public let claim: Claim?
  /// What all is proved against.
  public let note: SignedNote
  /// Rising.
  public let entries: [ProvenEntry]
  /// The subject's head, or its neighbours where it has none.
  public let heads: [ProvenHead]
  /// Traces of decisions in the answer, by rising digest.
  public let objects: [[UInt8]]
  /// What records of the answer hold by digest and the file shows, by rising digest.
  public let disclosures: [Disclosure]

  /// A proof of its parts, not yet verified.
  public init(
    question: Question, claim: Claim?, note: SignedNote, entries: [ProvenEntry],
    heads: [ProvenHead], objects: [[UInt8]]
  ) {
    self.init(
      question: question, claim: claim, note: note, entries: entries, heads: heads,
      objects: objects, disclosures: [])
  }

  private init(
    question: Question, claim: Claim?, note: SignedNote, entries: [ProvenEntry],
    heads: [ProvenHead], objects: [[UInt8]], disclosures: [Disclosure]
  ) {
    self.disclosures = disclosures
    self.question = question
    self.claim = claim
    self.note = note
    self.entries = entries
    self.heads = heads
    self.objects = objects
  }

  /// The proof with something shown that its records hold by digest: each once, in the one order.
  public func disclosing(_ disclosures: [Disclosure]) -> QuestionProof {
    let shown = Dictionary(disclosures.map { ($0.digest, $0) }) { first, _ in first }
    return QuestionProof(
      question: question, claim: claim, note: note, entries: entries, heads: heads,
      objects: objects, disclosures: shown.sorted { $0.key < $1.key }.map(\.value))
  }

  /// What `type` says.
  public static let type = "urn:writ:proof:v1"

  /// Canonical JSON.
  public var bytes: [UInt8] {
    var members = [
      JSONMember("checkpoint", .string(String(decoding: note.bytes, as: UTF8.self)))
    ]
    if let claim { members.append(JSONMember("claim", .string(claim.description))) }
    if !disclosures.isEmpty {
      members.append(JSONMember("disclosures", .array(disclosures.map { .string($0.text) })))
    }
    members += [
      JSONMember("entries", .array(entries.map(\.json))),
      JSONMember("head", .array(heads.map(\.json))),
      JSONMember("objects", .array(objects.map { .string(Base64.encode($0)) })),
      JSONMember("question", question.json),
      JSONMember("type", .string(QuestionProof.type)),
    ]
    // Texts and whole numbers below 2^53 always have a canonical form.
    return (try? JSONValue.object(members).canonicalBytes()) ?? []
  }

  /// Whether a file is said to be a proof of a question; any other kind begins otherwise.
  public static func isSaidToBe(_ bytes: [UInt8]) -> Bool { bytes.first == UInt8(ascii: "{") }

  /// Reads a proof; only the one spelling that `bytes` writes.
  public init(_ bytes: [UInt8]) throws(QuestionProofError) {
    let value: JSONValue
    let limits = JSONLimits(depth: 8, byteCount: Limits.questionProofByteCount)
    do throws(JSONError) {
      value = try JSONValue(parsing: bytes, limits: limits)
    } catch {
      throw .malformed("no JSON: \(error)")
    }
    guard hasSameBytes(value["type"]?.string ?? "", QuestionProof.type) else {
      throw .malformed("expected `type` to be \(QuestionProof.type)")
    }
    guard let question = value["question"].flatMap({ Question($0) }) else {
      throw .malformed("expected a `question` with subject, from and to")
    }
    guard let text = value["checkpoint"]?.string, let note = try? SignedNote(Array(text.utf8))
    else {
      throw .malformed("expected a signed note as `checkpoint`")
    }
    self.question = question
    self.note = note
    claim = value["claim"]?.string.flatMap { Claim($0) }
    entries = try QuestionProof.list(value["entries"], "entries") { ProvenEntry($0) }
    heads = try QuestionProof.list(value["head"], "head") { ProvenHead($0) }
    objects = try QuestionProof.list(value["objects"], "objects") {
      $0.string.flatMap(Base64.decode)
    }
    disclosures = try QuestionProof.list(value["disclosures"], "disclosures") {
      $0.string.flatMap { Disclosure($0) }
    }
    guard self.bytes == bytes else { throw .malformed("expected the canonical spelling") }
  }

  private static func list<Item>(
    _ value: JSONValue?, _ name: String, _ read: (JSONValue) -> Item?
  ) throws(QuestionProofError) -> [Item] {
    var items: [Item] = []
    for element in value?.array ?? [] {
      guard let item = read(element) else { throw .malformed("expected other `\(name)`") }
      items.append(item)
    }
    return items
  }
}

extension ProvenEntry {
  fileprivate var json: JSONValue {
    [
      "entry": .string(Base64.encode(entry)), "index": .integer(Int64(clamping: index)),
      "path": pathJSON(path),
    ]
  }

  fileprivate init?(_ value: JSONValue) {
    guard let entry = value["entry"]?.string.flatMap(Base64.decode),
      let index = number(value["index"]), let path = readPath(value["path"])
    else { return nil }
    self.init(entry: entry, index: index, path: path)
  }
}

extension ProvenHead {
  fileprivate var json: JSONValue {
    [
      "last": .integer(Int64(clamping: head.last)), "name": .string(head.name),
      "path": pathJSON(path), "place": .integer(Int64(clamping: place)),
    ]
  }

  fileprivate init?(_ value: JSONValue) {
    guard let name = value["name"]?.string, let last = number(value["last"]),
      let place = number(value["place"]), let path = readPath(value["path"])
    else { return nil }
    self.init(head: SubjectHead(name: name, last: last), place: place, path: path)
  }
}

private func pathJSON(_ path: [Digest]) -> JSONValue {
  .array(path.map { .string(Base64.encode($0.bytes)) })
}

private func readPath(_ value: JSONValue?) -> [Digest]? {
  guard let list = value?.array, list.count <= Limits.proofHashes else { return nil }
  let path = list.compactMap { $0.string.flatMap(Base64.decode).flatMap { Digest($0) } }
  return path.count == list.count ? path : nil
}

/// A whole number that every reader of JSON keeps.
private func number(_ value: JSONValue?) -> UInt64? {
  guard let number = value?.number, number.isSafeInteger, let integer = number.integer,
    integer >= 0
  else { return nil }
  return UInt64(integer)
}
