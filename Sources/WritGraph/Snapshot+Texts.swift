// A snapshot with other texts: the same graph, in which some ids and text values are replaced.

import WritModel

/// Where a text stands in a graph; kinds, edges and fields by their place in the graph's own schema.
public enum TextPlace: Hashable, Sendable {
  /// The id of a node.
  case id(kind: Int)
  /// A text, or a member of a set of texts, of a node.
  case field(kind: Int, field: Int)
  /// The same of an edge.
  case edgeField(edge: Int, field: Int)
}

/// Which texts of a graph are replaced, and by what.
public struct TextReplacement {
  /// Places whose texts all are.
  let isWanted: (TextPlace) -> Bool
  /// Texts that are wherever they stand; asked only of texts with a `~` in them.
  let isSuspect: (String) -> Bool
  /// What comes instead, given the place, the node that has the text (of an edge's the one that it leaves) as
  /// `Kind/id`, and the text.
  let text: (TextPlace, String, String) throws -> String

  /// A replacement of all texts in some places, and of some texts in all.
  public init(
    in isWanted: @escaping (TextPlace) -> Bool, where isSuspect: @escaping (String) -> Bool,
    by text: @escaping (TextPlace, String, String) throws -> String
  ) {
    self.isWanted = isWanted
    self.isSuspect = isSuspect
    self.text = text
  }
}

extension Snapshot {
  /// Whether any text is to be replaced. Linear in the bytes of the texts and the rows of what is wanted.
  public func holdsTexts(for replacement: TextReplacement) -> Bool {
    if !suspects(replacement).isEmpty { return true }
    for kind in schema.kinds.indices {
      if replacement.isWanted(.id(kind: kind)), !nodeRanges[kind].isEmpty { return true }
      for (field, storage) in fields[kind].enumerated()
      where replacement.isWanted(.field(kind: kind, field: field)) {
        if storage.holdsTexts(schema.kinds[kind].fields[field]) { return true }
      }
    }
    for (edge, index) in edges.enumerated() {
      for (field, storage) in index.fields.enumerated()
      where replacement.isWanted(.edgeField(edge: edge, field: field)) {
        if storage.holdsTexts(schema.edges[edge].fields[field]) { return true }
      }
    }
    return false
  }

  /// The numbers of the texts that are replaced wherever they stand.
  fileprivate func suspects(_ replacement: TextReplacement) -> Set<UInt32> {
    var found: Set<UInt32> = []
    for number in 0..<strings.count where strings.bytes(number).contains(UInt8(ascii: "~")) {
      if replacement.isSuspect(strings.string(number)) { found.insert(UInt32(number)) }
    }
    return found
  }

  /// The same graph with other texts. No text that was replaced everywhere is left in it.
  ///
  /// Throws what the replacement throws, and `RepeatedText` where two nodes of a kind would have one id. Takes as
  /// long as making the snapshot from facts that are in memory.
  public func replacingTexts(_ replacement: TextReplacement) throws -> Snapshot {
    var reader = FactReader(schema, [])
    try reader.draft.add(self, replacing: replacement)
    let (schema, table) = try reader.finish()
    // A record names the graph with tokens in the form that the graph had.
    let undigested = Snapshot(schema, table, rootDigest: .zero, form: form)
    return Snapshot(schema, undigested.table, rootDigest: RootDigest.of(undigested), form: form)
  }
}

extension FieldStorage {
  /// Whether a field of texts has any.
  fileprivate func holdsTexts(_ field: FieldType) -> Bool {
    switch self {
    case .none: false
    case .scalar(let column):
      StorageForm(field.type) == .string && (0..<column.count).contains { column.isPresent($0) }
    case .strings(let sets): sets.count > 0 && sets.offsets[sets.count] > 0
    }
  }
}

extension GraphDraft {
  /// Adds all facts of a snapshot with the draft's own schema, some texts replaced, to the draft, which is empty.
  mutating func add(_ snapshot: Snapshot, replacing replacement: TextReplacement) throws {
    var texts = ReplacedTexts(snapshot, replacement)
    var stage = PropertyStage(schema)
    var references = [UInt32](repeating: 0, count: snapshot.nodeCount)
    for kind in schema.kinds.indices {
      for node in snapshot.nodeRanges[kind] {
        let row = node - snapshot.nodeRanges[kind].lowerBound
        let id = try texts.number(
          snapshot.nodeIDs[node], .id(kind: kind), of: node, in: &strings)
        references[node] = reference(kind, id)
        guard !isSaid(references[node]) else { throw RepeatedText() }
        try copy(
          snapshot.fields[kind], schema.kinds[kind].fields, row, of: node, to: &stage, &texts
        ) { .field(kind: kind, field: $0) }
        _ = add(references[node], source: snapshot.nodeSources[kind]?[row] ?? 0, stage)
      }
    }
    for edge in schema.edges.indices {
      let index = snapshot.edges[edge]
      for number in 0..<index.count {
        let source = Int(index.sources[number])
        try copy(
          index.fields, schema.edges[edge].fields, number, of: source, to: &stage, &texts
        ) { .edgeField(edge: edge, field: $0) }
        add(
          edge, from: references[source], to: references[Int(index.targets[number])], stage,
          at: .nowhere)
      }
    }
    addSources(of: snapshot, references)
  }

  private mutating func copy(
    _ storages: [FieldStorage], _ fields: [FieldType], _ row: Int, of node: Int,
    to stage: inout PropertyStage, _ texts: inout ReplacedTexts, at place: (Int) -> TextPlace
  ) throws {
    stage.clear(storages.count)
    for (field, storage) in storages.enumerated() {
      switch storage {
      case .none: continue
      case .scalar:
        guard let cell = storage.cell(row) else { continue }
        guard StorageForm(fields[field].type) == .string else {
          stage.set(field, cell)
          continue
        }
        let number = try texts.number(
          UInt32(truncatingIfNeeded: cell), place(field), of: node, in: &strings)
        stage.set(field, UInt64(number))
      case .strings:
        var members: [UInt32] = []
        for member in storage.members(row) {
          members.append(try texts.number(member, place(field), of: node, in: &strings))
        }
        if !members.isEmpty { stage.set(field, addSet(members)) }
      }
    }
  }
}

/// Two nodes of a kind would have one id.
public struct RepeatedText: Error, Hashable, Sendable, CustomStringConvertible {
  /// Why.
  public var description: String { "two nodes of a kind would have one id" }
}

/// The numbers that a snapshot's texts have in a draft.
private struct ReplacedTexts {
  private let snapshot: Snapshot
  private let replacement: TextReplacement
  private let suspects: Set<UInt32>
  /// Of the texts that stay, each looked up once.
  private var kept: [UInt32?]
  /// Of the places that were asked about.
  private var isWanted: [TextPlace: Bool] = [:]

  init(_ snapshot: Snapshot, _ replacement: TextReplacement) {
    self.snapshot = snapshot
    self.replacement = replacement
    suspects = snapshot.suspects(replacement)
    kept = [UInt32?](repeating: nil, count: snapshot.strings.count)
  }

  mutating func number(
    _ number: UInt32, _ place: TextPlace, of node: Int, in strings: inout Interner
  ) throws -> UInt32 {
    guard wants(place) || suspects.contains(number) else {
      if let known = kept[Int(number)] { return known }
      let found = withPadded(snapshot.strings.string(Int(number))) { strings.intern($0) }
      kept[Int(number)] = found
      return found
    }
    let text = try replacement.text(
      place, snapshot.reference(to: node), snapshot.strings.string(Int(number)))
    return withPadded(text) { strings.intern($0) }
  }

  private mutating func wants(_ place: TextPlace) -> Bool {
    if let known = isWanted[place] { return known }
    let wanted = replacement.isWanted(place)
    isWanted[place] = wanted
    return wanted
  }
}
