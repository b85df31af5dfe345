// A graph while it is put together: facts in the order in which they came, nothing sorted yet.

import WritModel

/// What a draft will become, and so what may be in it.
enum GraphLayer {
  /// A snapshot: nothing that only a request may bring.
  case snapshot
  /// A request's overlay: nothing but that.
  case overlay
}

/// The snapshot under an overlay, seen by the kinds of the overlay's schema.
struct OverlayBase: Sendable {
  let snapshot: Snapshot
  /// Per kind of the schema, the snapshot's kind of that name; `nil` for one that only requests
  /// bring.
  let kinds: [Int?]

  init(_ snapshot: Snapshot, _ schema: Schema) {
    self.snapshot = snapshot
    kinds = schema.kinds.map { kind in
      if kind.origin == .request { return nil }
      return snapshot.schema.kinds.firstIndex { hasSameBytes($0.name, kind.name) }
    }
  }

  /// The node of a kind of the schema with that id.
  func node(_ kind: Int, _ id: UnsafeBufferPointer<UInt8>) -> Int? {
    guard let own = kinds[kind], let number = snapshot.strings.find(id) else { return nil }
    return snapshot.node(kind: own, idNumber: number)
  }
}

/// How a fact counts that was said before.
enum Repetition {
  /// The same again is fine, anything else is a problem.
  case mustAgree
  /// The later fact replaces the earlier one.
  case replaces
}

/// Where a fact stands: 12 bits of input, 32 of line, 20 of column; 0 for one that stands in no
/// text.
struct FactPlace: Hashable {
  let bits: UInt64

  static let nowhere = FactPlace(file: -1, line: 0, column: 0)

  /// `file` counts from 0.
  init(file: Int, line: Int, column: Int) {
    bits = UInt64(file + 1) << 52 | UInt64(line) << 20 | UInt64(min(column, 1 << 20 - 1))
  }

  var file: Int { Int(bits >> 52) - 1 }
  var line: Int { Int(bits >> 20 & 0xffff_ffff) }
  var column: Int { Int(bits & 0xfffff) }
  var startOfLine: FactPlace { FactPlace(file: file, line: line, column: 1) }
}

/// A node by kind and id, whether or not it has been said.
struct NodeReference {
  let kind: UInt32
  /// The id's number in the draft's strings.
  let id: UInt32
  /// The next reference with that id and another kind, `UInt32.max` at the end.
  let next: UInt32
  /// Its row among the rows of its kind, -1 while it is not said.
  var row: Int32
}

/// The nodes of one kind.
struct NodeRows {
  var properties: PropertyRows
  /// Per row, the node's reference; the row counts only while that points back.
  var references: [UInt32] = []
  /// Per row, 1 + the place of who brought it among the kind's sources, 0 if unsaid.
  var sources: [UInt8] = []
}

/// The edges of one type.
struct EdgeRows {
  var properties: PropertyRows
  var froms: [UInt32] = []
  var tos: [UInt32] = []
  /// Per edge, its number among all facts about edges: later ones are greater. None in a plain draft.
  var moments: [UInt32] = []
  /// Per edge, where it stands; none in a plain draft.
  var places: [FactPlace] = []

  /// When the edge of a row was said; 0 in a plain draft.
  func moment(_ row: Int) -> UInt32 {
    moments.isEmpty ? 0 : moments[row]
  }

  /// Where the edge of a row stands; nowhere in a plain draft.
  func place(_ row: Int) -> FactPlace {
    places.isEmpty ? .nowhere : places[row]
  }
}

/// What a source line covers.
enum DraftCover: Hashable {
  case everything
  case kind(Int)
  case node(UInt32)
}

/// A source line.
struct DraftLine {
  let source: Int
  let cover: DraftCover
  /// The source of the nodes that are meant, -1 for all.
  let of: Int
  /// Microseconds since the epoch.
  let at: Int64
  let place: FactPlace
  /// As in `EdgeRows`.
  let moment: UInt32
}

/// A removal of all edges of one type between two nodes.
struct EdgeRemoval {
  let edge: Int
  let from: UInt32
  let to: UInt32
  let moment: UInt32
  let place: FactPlace
}

/// Facts by row, with all names resolved.
struct GraphDraft: ~Copyable {
  let names: SchemaNames
  /// What an overlay lies over; `nil` for a snapshot's draft.
  let base: OverlayBase?
  /// Nothing is removed or replaced, and nobody will be told where an edge stands: neither is then kept.
  let isPlain: Bool
  var repetition = Repetition.mustAgree
  /// Ids and string values.
  var strings: Interner
  private(set) var references: [NodeReference] = []
  /// Per string, the first reference with that id.
  private var heads: [UInt32] = []
  var nodes: [NodeRows]
  var edges: [EdgeRows]
  private(set) var lines: [DraftLine] = []
  /// Members of all sets, each set sorted and distinct.
  private(set) var setMembers: [UInt32] = []
  /// Per removed node, the moments of its removals, ascending: facts before the last one that speak
  /// of the node are void.
  private(set) var removals: [UInt32: [UInt32]] = [:]
  private(set) var edgeRemovals: [EdgeRemoval] = []
  /// The moment of the next fact.
  private(set) var moment: UInt32 = 0
  /// The first moment of each delta that changes what was there before; of a draft of facts alone
  /// none.
  private(set) var deltas: [UInt32] = []
  /// The nodes of which a delta said something, in that order, perhaps repeatedly.
  private(set) var touched: [UInt32] = []

  /// A draft for a snapshot, or for an overlay over one.
  init(_ names: SchemaNames, over base: OverlayBase?, isPlain: Bool = false) {
    let schema = names.schema
    self.names = names
    self.base = base
    self.isPlain = isPlain
    // A request brings few strings, a snapshot many.
    strings = base == nil ? Interner() : Interner(capacity: 1 << 6, arena: 1 << 11)
    nodes = schema.kinds.map { NodeRows(properties: PropertyRows(fieldCount: $0.fields.count)) }
    edges = schema.edges.map { EdgeRows(properties: PropertyRows(fieldCount: $0.fields.count)) }
  }

  var schema: Schema { names.schema }

  var layer: GraphLayer { base == nil ? .snapshot : .overlay }

  /// From here on facts are those of another delta, and replace what is there.
  mutating func beginDelta() {
    repetition = .replaces
    // What has no moment cannot be told apart by one.
    if deltas.last != moment || deltas.isEmpty { deltas.append(moment) }
  }

  /// Which delta said a fact of that moment, from 1; 0 for what was there before.
  func delta(of moment: UInt32) -> Int {
    var (lower, upper) = (0, deltas.count)
    while lower < upper {
      let middle = (lower + upper) / 2
      if deltas[middle] <= moment { lower = middle + 1 } else { upper = middle }
    }
    return lower
  }

  /// The reference to a node, made if it is new.
  mutating func reference(_ kind: Int, _ id: UInt32) -> UInt32 {
    while heads.count <= Int(id) { heads.append(.max) }
    let head = heads[Int(id)]
    var next = head
    while next != .max {
      let reference = references[Int(next)]
      if Int(reference.kind) == kind { return next }
      next = reference.next
    }
    heads[Int(id)] = UInt32(truncatingIfNeeded: references.count)
    references.append(NodeReference(kind: UInt32(kind), id: id, next: head, row: -1))
    return UInt32(truncatingIfNeeded: references.count - 1)
  }

  /// Takes all facts out of a plain draft; their memory stays for others.
  mutating func removeAll() {
    strings.removeAll()
    references.removeAll(keepingCapacity: true)
    heads.removeAll(keepingCapacity: true)
    for kind in nodes.indices where nodes[kind].properties.count > 0 {
      nodes[kind].properties.removeAll()
      nodes[kind].references.removeAll(keepingCapacity: true)
      nodes[kind].sources.removeAll(keepingCapacity: true)
    }
    for type in edges.indices where edges[type].properties.count > 0 {
      edges[type].properties.removeAll()
      edges[type].froms.removeAll(keepingCapacity: true)
      edges[type].tos.removeAll(keepingCapacity: true)
    }
    lines.removeAll(keepingCapacity: true)
    setMembers.removeAll(keepingCapacity: true)
    moment = 0
  }

  /// The first reference with that id, `UInt32.max` if there is none.
  func head(_ id: UInt32) -> UInt32 { Int(id) < heads.count ? heads[Int(id)] : .max }

  /// Whether the node was said and not removed since.
  func isSaid(_ reference: UInt32) -> Bool { references[Int(reference)].row >= 0 }

  /// Whether a node that a request says is one that it may: of a kind of its own, or one of the
  /// snapshot.
  func mayBeSaid(_ reference: UInt32) -> Bool {
    guard let base else { return true }
    let node = references[Int(reference)]
    return schema.kinds[Int(node.kind)].origin == .request
      || base.node(Int(node.kind), strings.bytes(node.id)) != nil
  }

  /// Says which rows of their kind nodes have, which were not said before.
  mutating func setRows(of said: [UInt32], from first: Int) {
    for (place, reference) in said.enumerated() {
      references[Int(reference)].row = Int32(truncatingIfNeeded: first + place)
    }
  }

  /// Adds a node; `false` if it was said before with other values.
  mutating func add(_ reference: UInt32, source: UInt8, _ stage: borrowing PropertyStage) -> Bool {
    let kind = Int(references[Int(reference)].kind)
    let row = Int(references[Int(reference)].row)
    if repetition == .replaces { touched.append(reference) }
    if row < 0 {
      references[Int(reference)].row = Int32(
        truncatingIfNeeded: nodes[kind].properties.append(stage))
      nodes[kind].references.append(reference)
      nodes[kind].sources.append(source)
      return true
    }
    switch repetition {
    case .mustAgree: return nodes[kind].sources[row] == source && agrees(kind, row, stage)
    case .replaces:
      nodes[kind].properties.replace(row, stage)
      nodes[kind].sources[row] = source
      return true
    }
  }

  private func agrees(_ kind: Int, _ row: Int, _ stage: borrowing PropertyStage) -> Bool {
    let slots = names.kindSlots[kind]
    for field in slots.indices where !slots[field].isKey {
      let old = nodes[kind].properties.cell(row, field)
      let new = stage.has(field) ? stage.cells[field] : nil
      if slots[field].form == .strings {
        guard setMembers(old ?? 0) == setMembers(new ?? 0) else { return false }
      } else if old != new {
        return false
      }
    }
    return true
  }

  /// Adds an edge.
  mutating func add(
    _ edge: Int, from: UInt32, to: UInt32, _ stage: borrowing PropertyStage, at place: FactPlace
  ) {
    _ = edges[edge].properties.append(stage)
    edges[edge].froms.append(from)
    edges[edge].tos.append(to)
    if !isPlain {
      edges[edge].moments.append(moment)
      edges[edge].places.append(place)
    }
    if repetition == .replaces { touched.append(from) }
    moment += 1
  }

  /// Adds a source line.
  mutating func add(source: Int, _ cover: DraftCover, of: Int, at: Int64, _ place: FactPlace) {
    lines.append(
      DraftLine(source: source, cover: cover, of: of, at: at, place: place, moment: moment))
    moment += 1
  }

  /// Adds a set and says its cell; elements may be in any order and stand more than once.
  mutating func addSet(_ elements: [UInt32]) -> UInt64 {
    let start = setMembers.count
    var last: UInt32?
    for element in elements.sorted() where element != last {
      setMembers.append(element)
      last = element
    }
    return UInt64(start) << 32 | UInt64(setMembers.count - start)
  }

  /// The members of the set in a cell.
  func setMembers(_ cell: UInt64) -> ArraySlice<UInt32> {
    let start = Int(cell >> 32)
    return setMembers[start..<start + Int(cell & 0xffff_ffff)]
  }

  /// Removes a node and every edge and source line about it; `false` if there is none.
  mutating func remove(_ reference: UInt32) -> Bool {
    guard isSaid(reference) else { return false }
    references[Int(reference)].row = -1
    removals[reference, default: []].append(moment)
    if repetition == .replaces { touched.append(reference) }
    moment += 1
    return true
  }

  /// Removes the edges of one type between two nodes; whether there are any is found when the draft
  /// is done.
  mutating func remove(_ edge: Int, from: UInt32, to: UInt32, at place: FactPlace) {
    edgeRemovals.append(
      EdgeRemoval(edge: edge, from: from, to: to, moment: moment, place: place))
    if repetition == .replaces { touched.append(from) }
    moment += 1
  }

  /// Whether a fact of that moment still speaks of a node.
  func isVoid(_ reference: UInt32, _ moment: UInt32) -> Bool {
    guard !removals.isEmpty, let removed = removals[reference]?.last else { return false }
    return moment < removed
  }

  /// `Kind/id` of a reference.
  func text(_ reference: UInt32) -> String {
    let node = references[Int(reference)]
    let id = String(decoding: strings.bytes(node.id), as: UTF8.self)
    return "\(schema.kinds[Int(node.kind)].name)/\(id)"
  }

  /// The place of who brought the node among its kind's sources, counted from 1; 0 if unsaid.
  func sourceByte(_ source: Int, ofKind kind: Int) -> UInt8? {
    guard case .sources(let sources) = schema.kinds[kind].origin,
      let place = sources.firstIndex(of: source)
    else { return nil }
    // With one source there is nothing to remember.
    return sources.count == 1 ? 0 : UInt8(place + 1)
  }
}
