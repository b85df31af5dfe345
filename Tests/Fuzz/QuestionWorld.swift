// A small log, all of whose records are known: what the proof of a question may show is known too.

import WritCrypto
import WritEvidence
import WritModel

/// Seven entries about three services, two of them index leaves, and checkpoints of several sizes.
struct QuestionWorld: Sendable {
  static let shared: QuestionWorld = {
    do {
      return try QuestionWorld()
    } catch {
      preconditionFailure("the log of the fuzzers is broken: \(error)")
    }
  }()

  /// An entry as it was meant.
  struct Record: Sendable {
    let bytes: [UInt8]
    let names: [String]
    /// Minutes after `World.now`.
    let minute: Int64
    /// What its clause came to, where the gate allowed; `nil` for anything else.
    let outcome: String?
  }

  let signer: NoteSigner
  private(set) var records: [Record] = []
  /// What the clauses of decisions read.
  private(set) var readings: [[UInt8]] = []
  private var tree = MerkleTree()
  private var newest: [String: UInt64] = [:]
  /// Of each index leaf by its place.
  private(set) var heads: [Int: [ProvenHead]] = [:]

  static let claim = Claim(gate: "shop.deploy", clause: "tested")
  /// Those that have records, and those that have none, in front of, between and behind these.
  static let names = ["Service/a", "Service/b", "Service/c", "Box/a", "Service/aa", "Zone/a"]
  static let span = -1...Int64(8)

  static func moment(_ minute: Int64) -> Instant {
    Instant(microseconds: World.now + minute * 60_000_000)
  }

  var verifierKey: VerifierKey { signer.verifierKey }

  private init() throws {
    guard let key = Ed25519PrivateKey(seed: [UInt8](repeating: 5, count: 32)),
      let name = KeyName("log.example/questions")
    else { throw BrokenInvariant(description: "a seed makes no key") }
    signer = NoteSigner(name: name, key: key)
    try decide(["Service/a", "Service/b"], "passed")
    try decide(["Service/b"], nil)
    try fixHeads()
    try decide(["Service/c", "Service/a"], "passed")
    try decide(["Service/a"], "failed")
    try fixHeads()
    try decide(["Service/b"], "passed")
  }

  /// A decision that allowed where its clause came to something, and else denied.
  private mutating func decide(_ names: [String], _ outcome: String?) throws {
    let reading: JSONValue = [
      "clause": .string(QuestionWorld.claim.clause), "outcome": .string(outcome ?? "failed"),
      "facts": [["fact": .string(names[0]), "value": .integer(Int64(records.count))]],
    ]
    let readingBytes = try reading.ownCanonicalBytes()
    readings.append(readingBytes)
    let result: JSONValue = [
      "gate": .string(QuestionWorld.claim.gate), "outcome": outcome == nil ? "deny" : "allow",
      "question": false,
    ]
    let members = [
      JSONMember("arguments", ["service": .string(names[0])]),
      JSONMember("replay", ["trace": [.string(Digest(of: readingBytes).description)]]),
      JSONMember("result", result),
    ]
    try append(PredicateType.decision, members, names.map(subject), names, outcome)
  }

  private mutating func fixHeads() throws {
    let size = UInt64(records.count)
    let known = newest.map { SubjectHead(name: $0.key, last: $0.value) }
      .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    guard let leaf = IndexLeaf(known, size: size) else {
      throw BrokenInvariant(description: "heads make no index leaf")
    }
    var tree = MerkleTree()
    var hasher = MerkleHasher()
    for head in known {
      let json: JSONValue = [.string(head.name), .integer(Int64(head.last))]
      tree.append(hasher.leaf(try json.ownCanonicalBytes()), with: &hasher)
    }
    heads[records.count] = known.enumerated().map { place, head in
      let proof = InclusionProof(index: UInt64(place), size: tree.size, from: tree)
      return ProvenHead(head: head, place: UInt64(place), path: proof.hashes)
    }
    let draft = leaf.record
    try append(draft.type, draft.members, draft.subjects, [], nil)
  }

  private mutating func append(
    _ type: String, _ members: [JSONMember], _ subjects: [Subject], _ names: [String],
    _ outcome: String?
  ) throws {
    let index = UInt64(records.count)
    let previous = names.map { name in
      JSONMember(name, .integer(newest[name].map { Int64($0) } ?? -1))
    }
    let minute = Int64(records.count)
    let more = [
      JSONMember("id", .string("r\(index)")), JSONMember("kind", "gate"),
      JSONMember("logged", .string(QuestionWorld.moment(minute).description)),
      JSONMember("prev", .object(previous)),
    ]
    let entry = try EvidenceRecord(
      type: type, subjects: subjects, predicate: .object(members + more))
    for name in names { newest[name] = index }
    var hasher = MerkleHasher()
    tree.append(hasher.leaf(entry.bytes), with: &hasher)
    records.append(Record(bytes: entry.bytes, names: names, minute: minute, outcome: outcome))
  }

  private func subject(_ name: String) -> Subject {
    Subject(
      name: name, uri: nil,
      digests: [NamedDigest(algorithm: "sha256", value: Digest(of: Array(name.utf8)).hex)])
  }
}

// What is proved of it.
extension QuestionWorld {
  /// The checkpoint of the first entries.
  func note(size: UInt64) -> SignedNote {
    signer.sign(
      Checkpoint(
        origin: signer.name.description, size: size, root: tree.root(of: size)
      ).text)
  }

  /// An entry in the tree of the first entries.
  func proven(_ index: Int, size: UInt64) -> ProvenEntry {
    let proof = InclusionProof(index: UInt64(index), size: size, from: tree)
    return ProvenEntry(
      entry: records[index].bytes, index: UInt64(index), path: proof.hashes)
  }

  /// The entries that answer a question, of the first so many.
  func answer(_ question: Question, size: UInt64) -> [UInt64] {
    (0..<size).filter { index in
      let record = records[Int(index)]
      let logged = QuestionWorld.moment(record.minute)
      return record.names.contains { hasSameBytes($0, question.subject) } && question.from <= logged
        && logged < question.to
    }
  }

  /// The proof of a question by all entries, as it ought to be.
  func proof(_ question: Question) -> QuestionProof {
    let size = UInt64(records.count)
    let leaf = heads.keys.max() ?? 0
    let known = heads[leaf] ?? []
    let own = known.filter { hasSameBytes($0.head.name, question.subject) }
    let place = known.firstIndex {
      question.subject.utf8.lexicographicallyPrecedes($0.head.name.utf8)
    }
    let neighbours = known[
      max((place ?? known.count) - 1, 0)..<min((place ?? known.count) + 1, known.count)]
    var needed: [Int] = Array(leaf..<records.count)
    for index in records.indices.reversed()
    where records[index].names.contains(where: { hasSameBytes($0, question.subject) }) {
      if index < leaf { needed.append(index) }
      if QuestionWorld.moment(records[index].minute) < question.from { break }
    }
    let named = answer(question, size: size).flatMap { index in
      LoggedRecord(records[Int(index)].bytes).trace?.digests ?? []
    }
    return QuestionProof(
      question: question, claim: QuestionWorld.claim, note: note(size: size),
      entries: needed.sorted().map { proven($0, size: size) },
      heads: own.isEmpty ? Array(neighbours) : own,
      objects: readings.filter { named.contains(Digest(of: $0)) }.sorted {
        Digest(of: $0).hex < Digest(of: $1).hex
      })
  }
}
