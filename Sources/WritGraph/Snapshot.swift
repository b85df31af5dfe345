// An immutable graph: nodes, columns and edges by number.

public import WritCrypto
public import WritModel

/// A source's word at a time: what it covers is vouched for.
public struct SourceLine: Hashable, Sendable {
  /// What a source line speaks of.
  public enum Cover: Hashable, Sendable {
    case everything
    /// All nodes of a kind of the snapshot's schema.
    case kind(Int)
    /// One node.
    case node(Int)
  }

  /// Who spoke, of the snapshot's schema.
  public let source: Int
  public let cover: Cover
  /// Only the nodes that this source brought are meant; `nil` for all.
  public let of: Int?
  /// Microseconds since the epoch.
  public let at: Int64
}

/// An immutable graph.
///
/// Nodes are numbered from 0, by the bytes of their kind's name, then of their id; the nodes of a
/// kind are one range. Strings are numbered by their bytes. Kinds, fields and edges are those of
/// the snapshot's own schema, which a bundle's is matched with by name. Everything was checked when
/// the snapshot was made, so that offsets, nodes, strings and ordinals can be used without a
/// further check. Pointers live as long as the snapshot does. Unchecked: nothing is ever written
/// again.
public final class Snapshot: @unchecked Sendable {
  /// The schema that the facts were read by.
  public let schema: Schema
  /// What the facts, the source lines and the schema come to: `docs/snapshot-format.md`.
  public let rootDigest: Digest
  /// How the root digest is put together.
  public let form: RootForm
  /// Nodes of all kinds.
  public let nodeCount: Int
  /// Per node, the number of its id among the strings.
  public let nodeIDs: UnsafeBufferPointer<UInt32>
  /// Per kind, its nodes.
  public let nodeRanges: [Range<Int>]
  /// Ids and text values.
  public let strings: StringPool
  /// Per kind and field, with a row for each node of the kind.
  public let fields: [[FieldStorage]]
  /// Per kind, for each of its nodes 1 + the place of who brought it among the kind's sources, 0 if
  /// unsaid; `nil` for a kind with at most one source.
  public let nodeSources: [UnsafeBufferPointer<UInt8>?]
  /// Per edge type; without any edges for one that only requests bring.
  public let edges: [EdgeIndex]
  /// Sorted by source, cover, `of` and time.
  public let sourceLines: [SourceLine]
  /// The sections, as they lie in a file.
  let table: SectionTable

  /// The nodes of a kind.
  public func nodeRange(ofKind kind: Int) -> Range<Int> { nodeRanges[kind] }

  /// The kind of a node.
  public func kind(of node: Int) -> Int {
    nodeRanges.firstIndex { $0.contains(node) } ?? 0
  }

  /// The id of a node.
  public func id(of node: Int) -> String { strings.string(Int(nodeIDs[node])) }

  /// `Kind/id` of a node.
  public func reference(to node: Int) -> String {
    "\(schema.kinds[kind(of: node)].name)/\(id(of: node))"
  }

  /// The node of a kind with that id, `nil` if there is none; logarithmic.
  public func node(kind: Int, id: String) -> Int? {
    strings.find(id).flatMap { node(kind: kind, idNumber: $0) }
  }

  /// The same of an id as bytes.
  public func node(kind: Int, id: UnsafeBufferPointer<UInt8>) -> Int? {
    strings.find(id).flatMap { node(kind: kind, idNumber: $0) }
  }

  /// The node of a kind whose id is that string.
  func node(kind: Int, idNumber: Int) -> Int? {
    var lower = nodeRanges[kind].lowerBound
    var upper = nodeRanges[kind].upperBound
    while lower < upper {
      let middle = (lower + upper) / 2
      if Int(nodeIDs[middle]) < idNumber { lower = middle + 1 } else { upper = middle }
    }
    return lower < nodeRanges[kind].upperBound && Int(nodeIDs[lower]) == idNumber ? lower : nil
  }

  /// Takes sections that are known to be sound, or are about to be checked.
  init(_ schema: Schema, _ table: SectionTable, rootDigest: Digest, form: RootForm = .newest) {
    self.schema = schema
    self.form = form
    self.table = table
    self.rootDigest = rootDigest
    var reader = SnapshotReader(schema, table)
    nodeRanges = reader.nodeRanges()
    nodeIDs = reader.cursor.next(UInt32.self)
    nodeCount = nodeIDs.count
    strings = reader.strings()
    sourceLines = reader.sourceLines()
    (nodeSources, fields) = reader.nodeFields(nodeRanges)
    edges = reader.edges(nodeRanges)
  }
}

/// Takes the sections of a snapshot apart, in the order of `Schema.sections`.
private struct SnapshotReader {
  let schema: Schema
  var cursor: SectionCursor

  init(_ schema: Schema, _ table: SectionTable) {
    self.schema = schema
    cursor = SectionCursor(table)
  }

  mutating func nodeRanges() -> [Range<Int>] {
    let bounds = cursor.next(UInt32.self)
    return schema.kinds.indices.map { kind in
      let lower = Int(bounds[kind * 2])
      return lower..<max(lower, Int(bounds[kind * 2 + 1]))
    }
  }

  mutating func strings() -> StringPool {
    cursor.strings(from: 0)
  }

  mutating func sourceLines() -> [SourceLine] {
    let words = cursor.next(UInt64.self)
    return stride(from: 0, to: words.count / 3 * 3, by: 3).map { index in
      SourceLine(words[index], words[index + 1], words[index + 2])
    }
  }

  mutating func nodeFields(
    _ ranges: [Range<Int>]
  ) -> ([UnsafeBufferPointer<UInt8>?], [[FieldStorage]]) {
    var sources: [UnsafeBufferPointer<UInt8>?] = []
    var fields: [[FieldStorage]] = []
    for kind in schema.kinds.indices {
      sources.append(schema.remembersSources(kind) ? cursor.next(UInt8.self) : nil)
      fields.append(
        schema.kinds[kind].fields.indices.map { field in
          guard schema.isStored(kind: kind, field: field) else { return .none }
          return cursor.field(schema.kinds[kind].fields[field])
        })
    }
    return (sources, fields)
  }

  mutating func edges(_ ranges: [Range<Int>]) -> [EdgeIndex] {
    let schema = schema
    return schema.edges.indices.map { edge in
      let type = schema.edges[edge]
      guard schema.isStored(edge: edge) else { return .empty(type) }
      let range = ranges[type.source]
      return cursor.edges(
        type, rows: Rows(first: range.lowerBound, count: range.count),
        isStored: { schema.isStored(edge: edge, field: $0) },
        inverseRows: { _, kind in Rows(first: ranges[kind].lowerBound, count: ranges[kind].count) })
    }
  }
}

extension SectionCursor {
  /// The offsets and bytes of strings.
  mutating func strings(from first: Int) -> StringPool {
    let offsets = next(UInt32.self)
    let bytes = next(UInt8.self)
    return StringPool(
      first: first, count: max(0, offsets.count - 1), offsets: offsets.start, bytes: bytes.start)
  }

  /// The values of one field.
  mutating func field(_ type: FieldType) -> FieldStorage {
    let form = StorageForm(type.type) ?? .string
    if form == .strings {
      let offsets = next(UInt32.self)
      let members = next(UInt32.self)
      return .strings(
        StringSets(
          count: max(0, offsets.count - 1), offsets: offsets.start, members: members.start))
    }
    let (base, count) = values(form.width)
    let presence = next(UInt64.self)
    return .scalar(
      Column(width: form.width, count: count, base: base, presence: presence.start))
  }

  private mutating func values(_ width: Int) -> (UnsafeRawPointer, Int) {
    switch width {
    case 1:
      let values = next(UInt8.self)
      return (UnsafeRawPointer(values.start), values.count)
    case 4:
      let values = next(UInt32.self)
      return (UnsafeRawPointer(values.start), values.count)
    default:
      let values = next(UInt64.self)
      return (UnsafeRawPointer(values.start), values.count)
    }
  }

  /// The edges of one type; the rows of an inverse may lie in front of it.
  mutating func edges(
    _ type: EdgeType, rows: Rows, isStored: (Int) -> Bool,
    inverseRows: (inout SectionCursor, Int) -> Rows
  ) -> EdgeIndex {
    let offsets = next(UInt32.self)
    let sources = next(UInt32.self)
    let targets = next(UInt32.self)
    let fields = type.fields.indices.map { field in
      isStored(field) ? self.field(type.fields[field]) : .none
    }
    let inverses = type.targets.map { kind in
      let rows = inverseRows(&self, kind)
      let offsets = next(UInt32.self)
      let edges = next(UInt32.self)
      let sources = next(UInt32.self)
      return InverseIndex(
        rows: rows, count: edges.count, offsets: offsets.start, edges: edges.start,
        sources: sources.start)
    }
    return EdgeIndex(
      rows: rows, count: targets.count, offsets: offsets.start, sources: sources.start,
      targets: targets.start, fields: fields, inverses: inverses)
  }
}

extension UnsafeBufferPointer {
  /// The address of the first element; every section lies in memory, an empty one too.
  var start: UnsafePointer<Element> {
    guard let baseAddress else { preconditionFailure("a section has no address") }
    return baseAddress
  }
}

extension SourceLine {
  /// The three words of a line in a section.
  init(_ who: UInt64, _ what: UInt64, _ when: UInt64) {
    source = Int(who & 0xffff_ffff)
    of = who >> 32 == 0 ? nil : Int(who >> 32) - 1
    let index = Int(what & 0xffff_ffff)
    switch what >> 32 {
    case 0: cover = .everything
    case 1: cover = .kind(index)
    default: cover = .node(index)
    }
    at = Int64(bitPattern: when)
  }

  /// As three words: source and 1 + `of` above it; index and tag of the cover; time.
  var words: [UInt64] {
    [
      UInt64(of.map { $0 + 1 } ?? 0) << 32 | UInt64(source), coverWord, UInt64(bitPattern: at),
    ]
  }

  /// The cover as one word: everything comes first, then kinds, then nodes.
  private var coverWord: UInt64 {
    switch cover {
    case .everything: 0
    case .kind(let kind): 1 << 32 | UInt64(kind)
    case .node(let node): 2 << 32 | UInt64(node)
    }
  }
}

extension SourceLine: Comparable {
  /// By source, cover (everything, kinds, nodes), `of` and time, as they lie in a file.
  public static func < (left: SourceLine, right: SourceLine) -> Bool {
    if left.source != right.source { return left.source < right.source }
    if left.coverWord != right.coverWord { return left.coverWord < right.coverWord }
    if left.of != right.of { return left.of ?? -1 < right.of ?? -1 }
    return left.at < right.at
  }
}
