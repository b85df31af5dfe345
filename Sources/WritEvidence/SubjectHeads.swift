// Where the history of every subject begins, read backwards, and the tree over it.
//
// One leaf a subject, sorted by the bytes of its name: the canonical JSON `[name, last]`, `last` being
// the newest entry with that subject. The tree is that of a log: RFC 6962.
public import WritCrypto
import WritModel

/// A subject and the newest entry with it.
public struct SubjectHead: Hashable, Sendable {
  /// As records name it.
  public let name: String
  /// Index of the entry.
  public let last: UInt64

  /// A subject's newest entry.
  public init(name: String, last: UInt64) {
    self.name = name
    self.last = last
  }

  /// Equal where the bytes of the names are, and the entries.
  public static func == (left: SubjectHead, right: SubjectHead) -> Bool {
    hasSameBytes(left.name, right.name) && left.last == right.last
  }

  /// The canonical JSON `[name, last]`.
  var leaf: [UInt8] {
    if name.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5c }) {
      // Nothing to escape: there are as many leaves as subjects.
      return Array("[\"\(name)\",\(last)]".utf8)
    }
    // A string and a whole number below 2^53 always have a canonical form.
    let json: JSONValue = [.string(name), .integer(Int64(clamping: last))]
    return (try? json.canonicalBytes()) ?? []
  }
}

/// Whether one name comes before another, by bytes.
func precedes(_ left: String, _ right: String) -> Bool {
  left.utf8.lexicographicallyPrecedes(right.utf8)
}

/// The heads of all subjects of the first `size` entries of a log.
struct SubjectHeads: Sendable {
  /// Entries that are taken into account.
  private(set) var size: UInt64
  /// Sorted by the bytes of their names, each once.
  private(set) var heads: [SubjectHead]

  /// No entries, no subjects.
  init() {
    size = 0
    heads = []
  }

  /// Those of a tree, to go on from.
  init(_ fixed: FixedHeads) {
    size = fixed.size
    heads = fixed.heads
  }

  /// `nil` unless the names rise and every entry lies below `size`.
  init?(size: UInt64, heads: [SubjectHead]) {
    for (left, right) in zip(heads, heads.dropFirst()) {
      guard precedes(left.name, right.name) else { return nil }
    }
    guard heads.allSatisfy({ $0.last < size }) else { return nil }
    self.size = size
    self.heads = heads
  }

  /// Takes the next entries into account; `names` of each in order.
  mutating func append(_ names: [[String]]) {
    var newest: [[UInt8]: SubjectHead] = [:]
    for names in names {
      for name in names { newest[Array(name.utf8)] = SubjectHead(name: name, last: size) }
      size += 1
    }
    let added = newest.values.sorted { precedes($0.name, $1.name) }
    var merged: [SubjectHead] = []
    merged.reserveCapacity(heads.count + added.count)
    // Few of many: each is looked for by halving, and what stands between is copied.
    var next = 0
    for head in added {
      let place = SubjectHeads.place(of: head.name, in: heads, from: next)
      merged += heads[next..<place]
      next = place
      if next < heads.count, hasSameBytes(heads[next].name, head.name) { next += 1 }
      merged.append(head)
    }
    heads = merged + heads[next...]
  }

  /// The first head from `start` on whose name does not come before a name.
  static func place(of name: String, in heads: [SubjectHead], from start: Int) -> Int {
    var (lower, upper) = (start, heads.count)
    while lower < upper {
      let middle = (lower + upper) / 2
      if precedes(heads[middle].name, name) { lower = middle + 1 } else { upper = middle }
    }
    return lower
  }
}

/// The heads of all subjects at one size, and the tree over them.
struct FixedHeads: Sendable {
  let size: UInt64
  /// Sorted by the bytes of their names.
  let heads: [SubjectHead]
  let tree: MerkleTree
  let root: Digest

  /// Hashes every head. Linear.
  init(_ subjects: SubjectHeads) {
    size = subjects.size
    heads = subjects.heads
    var tree = MerkleTree()
    var hasher = MerkleHasher()
    for head in heads { tree.append(hasher.leaf(head.leaf), with: &hasher) }
    self.tree = tree
    root = tree.root(of: UInt64(heads.count))
  }

  /// Where a subject stands, or would: the first head whose name does not come before it.
  func place(of name: String) -> Int { SubjectHeads.place(of: name, in: heads, from: 0) }

  /// The place of a subject, `nil` if it is not there.
  func exactPlace(of name: String) -> Int? {
    let place = place(of: name)
    return place < heads.count && hasSameBytes(heads[place].name, name) ? place : nil
  }
}

/// A record that fixes the heads of all subjects of the entries before it.
public struct IndexLeaf: Hashable, Sendable {
  /// Entries before it, which is also its own index.
  public let size: UInt64
  /// Subjects in the tree.
  public let subjectCount: UInt64
  /// The root of the tree over them.
  public let root: Digest

  init(size: UInt64, subjectCount: UInt64, root: Digest) {
    self.size = size
    self.subjectCount = subjectCount
    self.root = root
  }

  /// Reads a record that stands at an index; one that speaks of another place is none.
  init?(_ record: LoggedRecord, at index: UInt64) {
    guard hasSameBytes(record.type, PredicateType.index), record.subjects.isEmpty,
      let size = record.predicate["size"]?.integer, size >= 0, UInt64(size) == index,
      let count = record.predicate["subjects"]?.integer, count >= 0,
      let root = record.predicate["root"]?.string.flatMap({ Digest($0) })
    else { return nil }
    self.init(size: index, subjectCount: UInt64(count), root: root)
  }

  /// The record of it. Its subject, which has no name and so no history, is the tree itself.
  func draft(id: String) -> RecordDraft {
    RecordDraft(
      type: PredicateType.index, kind: .index, id: id,
      subjects: [
        Subject(name: nil, uri: nil, digests: [NamedDigest(algorithm: "sha256", value: root.hex)])
      ],
      members: [
        JSONMember("root", .string(root.description)),
        JSONMember("size", .integer(Int64(clamping: size))),
        JSONMember("subjects", .integer(Int64(clamping: subjectCount))),
      ])
  }
}
