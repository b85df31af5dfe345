// What can be erased, beside the log: the values that its records hold by digest alone.
//
//     lock                     flock of whoever adds or erases
//     values                   ids, texts of nodes and approvers: one line of JSON each, the same value of the
//                              same node once, so that it has one digest in the whole log
//     sealed/ab/cdef…          approvals and decisions, each in a file by the hex of its digest
//     snapshots                which committed form the newest snapshots have; only to save time
//     erasing                  an erasure under way
//     erased                   which entry says of a digest that it was erased; only to save time
//
// A line, and the content of a sealed file, is `{"disclosure":"<text>","of":["Identity/anna",…]}`: `of` says
// who must be erased for it to go. Nothing here is needed to verify the log, and nothing here is believed: a
// disclosure is what the digest in a record says, or it is none.
import WritCrypto
public import WritModel

/// The erasable part of a log.
public struct DisclosureStore: Sendable {
  let directory: String
  let disk: any Disk

  var lock: String { "\(directory)/lock" }
  var values: String { "\(directory)/values" }
  var sealed: String { "\(directory)/sealed" }
  var snapshots: String { "\(directory)/snapshots" }
  var intent: String { "\(directory)/erasing" }
  var erased: String { "\(directory)/erased" }

  func path(of digest: DisclosureDigest) -> String {
    let hex = digest.sha256.hex
    return "\(sealed)/\(hex.prefix(2))/\(hex.dropFirst(2))"
  }

  /// Opens the store for adding; `locked` where somebody else adds or erases.
  public func session() throws(LogError) -> DisclosureSession {
    try disk.makeDurableDirectory(directory)
    let file = try disk.lock(lock)
    do throws(LogError) {
      return try DisclosureSession(self, file)
    } catch {
      disk.close(file)
      throw error
    }
  }

  /// The values as they are now; without the approvals and decisions, which are looked up one by one.
  public func opened() throws(LogError) -> OpenDisclosures {
    var known: [DisclosureDigest: HeldDisclosure] = [:]
    for held in try lines() { known[held.disclosure.digest] = held }
    return OpenDisclosures(store: self, known: known)
  }

  /// Whether an erasure was begun and not finished: `writ log erase` finishes it.
  public func isErasing() throws(LogError) -> Bool {
    try disk.identity(of: intent) != nil
  }

  func lines() throws(LogError) -> [HeldDisclosure] {
    guard let bytes = try disk.read(values, limit: Limits.objectByteCount) else { return [] }
    var held: [HeldDisclosure] = []
    for line in bytes.split(separator: 0x0a) {
      guard let one = HeldDisclosure(Array(line)) else {
        throw .damaged(path: values, reason: "line \(held.count + 1) is no disclosure")
      }
      held.append(one)
    }
    return held
  }

  /// The value of a sealed disclosure, such as an envelope, `nil` if there is none, or no longer. The others are not read.
  public func sealedValue(_ digest: DisclosureDigest) throws(LogError) -> JSONValue? {
    try sealedDisclosure(digest)?.disclosure.value
  }

  /// The sealed disclosure of that digest, `nil` if there is none, or no longer.
  func sealedDisclosure(_ digest: DisclosureDigest) throws(LogError) -> HeldDisclosure? {
    let path = path(of: digest)
    guard let bytes = try disk.read(path, limit: 2 * Limits.disclosureByteCount) else { return nil }
    guard let held = HeldDisclosure(bytes), held.disclosure.digest == digest else {
      throw .damaged(path: path, reason: "holds another disclosure than its name says, or none")
    }
    return held
  }

  /// The digests of all sealed disclosures.
  func sealedDigests() throws(LogError) -> [DisclosureDigest] {
    var digests: [DisclosureDigest] = []
    for folder in try disk.names(in: sealed) {
      for name in try disk.names(in: "\(sealed)/\(folder)") {
        if let digest = Digest(hex: folder + name) {
          digests.append(DisclosureDigest(sha256: digest))
        }
      }
    }
    return digests
  }

  /// Puts a file in its place at once and durably. A draft that a crash leaves lies in the store itself, where an
  /// erasure finds it.
  func replace(_ path: String, _ bytes: [UInt8]) throws(LogError) {
    let draft = path + ".new"
    try disk.put(draft, bytes)
    try disk.rename(draft, to: path)
    try disk.syncDirectory(parentDirectory(of: path))
  }
}

/// A disclosure and whom it is of.
public struct HeldDisclosure: Hashable, Sendable {
  /// The value and its salt.
  public let disclosure: Disclosure
  /// Nodes, by `Kind/id`, that it goes with; `sha256:…` stands for those that an object names.
  public let of: [String]

  init(_ disclosure: Disclosure, of: [String]) {
    self.disclosure = disclosure
    self.of = of
  }

  /// Reads what `bytes` holds and nothing else.
  public init?(_ bytes: [UInt8]) {
    guard let json = try? JSONValue(parsing: bytes),
      let disclosure = json["disclosure"]?.string.flatMap({ Disclosure($0) }),
      let list = json["of"]?.array
    else { return nil }
    self.init(disclosure, of: list.compactMap(\.string))
    guard self.bytes == bytes else { return nil }
  }

  /// A line of JSON, without its end.
  public var bytes: [UInt8] {
    let json: JSONValue = [
      "disclosure": .string(disclosure.text), "of": .array(of.map { .string($0) }),
    ]
    return Array(json.compact.utf8)
  }
}

/// The disclosures that there are, by digest.
public struct OpenDisclosures: Sendable {
  fileprivate let store: DisclosureStore
  private let known: [DisclosureDigest: HeldDisclosure]

  fileprivate init(store: DisclosureStore, known: [DisclosureDigest: HeldDisclosure]) {
    self.store = store
    self.known = known
  }

  /// The disclosure of that digest, `nil` if it was erased or never here.
  public func disclosure(_ digest: DisclosureDigest) throws(LogError) -> Disclosure? {
    if let held = known[digest] { return held.disclosure }
    return try store.sealedDisclosure(digest)?.disclosure
  }

  /// The value behind a token, where that is a text.
  public func text(_ digest: DisclosureDigest) -> String? { known[digest]?.disclosure.value.string }

  /// The text with values in place of the tokens that can be opened.
  public func open(_ text: String) -> String {
    DisclosureDigest.replace(in: text) { self.text($0) }
  }

  /// The names by which the log's records may know a node, itself and with a token for its id; of an id without a kind
  /// the same. Linear in the disclosures.
  public func recordedNames(of node: String) -> [String] {
    let (kind, id) = node.halves(at: UInt8(ascii: "/")) ?? ("", node)
    var names = [node]
    for (digest, held) in known where held.of.isEmpty {
      guard held.disclosure.value.string.map({ hasSameBytes($0, id) }) == true,
        kind.isEmpty || hasSameBytes(held.disclosure.name, kind)
      else { continue }
      names.append(kind.isEmpty ? digest.token : "\(kind)/\(digest.token)")
    }
    return names
  }
}
