// Columns and edge tables for the references of a program.

import WritBytecode
import WritGraph
import WritModel

/// How a field's values are held, and the nodes that have a row where not all of the kind have one.
struct FieldTable {
  let storage: FieldStorage
  let keys: UnsafePointer<UInt32>?
  let keyCount: Int

  init(_ storage: FieldStorage) {
    self.storage = storage
    keys = nil
    keyCount = 0
  }

  init(_ storage: FieldStorage, _ rows: Rows) {
    self.storage = storage
    keys = rows.nodes
    keyCount = rows.count
  }
}

extension ValueType {
  /// Bounds of a value of this type of which nothing is known; never exact.
  func unknown(in schema: Schema) -> Slot {
    switch unwrapped {
    case .bool: .unknownTruth(.none)
    case .enumeration(let index):
      Slot(0, Int64(max(1, schema.enums[index].members.count - 1)), .none)
    case .string, .node, .edge: .unknownReference(.none)
    default: .unknownNumber(.none)
    }
  }
}

extension Linker {
  func columns(of reference: FieldReference) -> [LinkedColumn] {
    switch reference {
    case .node(let fields):
      fields.compactMap { column(ofKind: $0.kind, field: $0.field) }
    case .edge(let edge, let field): column(ofEdge: edge, field: field).map { [$0] } ?? []
    }
  }

  private func column(ofKind kind: Int, field: Int) -> LinkedColumn? {
    let type = program.schema.kinds[kind].fields[field]
    guard let table = fieldTable(kind, field) else { return nil }
    let owner = ColumnOwner(
      first: graph.kindFirst[kind], count: graph.kindCount[kind], number: kind, field: field,
      isOfEdge: false)
    return column(type, table, owner, vouching: vouchingIndex(type.origin, kind))
  }

  private func column(ofEdge edge: Int, field: Int) -> LinkedColumn? {
    let type = program.schema.edges[edge]
    let fieldType = type.fields[field]
    guard let index = edgeIndex(edge), let known = knownField(ofEdge: edge, fieldType.name) else {
      return nil
    }
    let table = FieldTable(index.fields[known])
    let owner = ColumnOwner(
      first: 0, count: index.count, number: edge, field: field, isOfEdge: true)
    return column(
      fieldType, table, owner, vouching: vouchingIndex(fieldType.origin, type.source))
  }

  private func column(
    _ type: FieldType, _ table: FieldTable, _ owner: ColumnOwner, vouching: Int
  ) -> LinkedColumn? {
    let isOptional = if case .optional = type.type { true } else { false }
    let unknown = type.type.unknown(in: program.schema)
    switch table.storage {
    case .none: return nil
    case .scalar(let column):
      return LinkedColumn(
        first: owner.first, count: owner.count, keys: table.keys, keyCount: table.keyCount,
        values: column.base,
        presence: isFull(column.presence, table.keys == nil ? owner.count : table.keyCount)
          ? nil : column.presence, width: column.width, offsets: nil,
        isOptional: isOptional, unknown: unknown, vouching: vouching, owner: owner.number,
        field: owner.field, isOfEdge: owner.isOfEdge)
    case .strings(let sets):
      return LinkedColumn(
        first: owner.first, count: owner.count, keys: table.keys, keyCount: table.keyCount,
        values: UnsafeRawPointer(sets.members), presence: nil, width: 0, offsets: sets.offsets,
        isOptional: isOptional, unknown: unknown, vouching: vouching, owner: owner.number,
        field: owner.field, isOfEdge: owner.isOfEdge)
    }
  }

  /// Whether each row has its bit: then nobody needs to look. O(rows / 64).
  private func isFull(_ presence: UnsafePointer<UInt64>, _ count: Int) -> Bool {
    for word in 0..<count / 64 where presence[word] != .max { return false }
    let rest = count % 64
    return rest == 0 || presence[count / 64] | (.max << UInt64(rest)) == .max
  }

  /// The tables of one edge type walked one way: one forwards, one for each kind that it reaches against its direction.
  func tables(of direction: EdgeDirection) -> [LinkedEdges] {
    let edge = direction.edge
    let type = program.schema.edges[edge]
    guard let index = edgeIndex(edge) else { return [] }
    let vouching = vouchingIndex(type.origin, type.source)
    if !direction.isInverse {
      let endsAreDefinite = type.targets.allSatisfy { isAlwaysDefinite($0) }
      return [
        LinkedEdges(
          edge: edge, isInverse: false, firstNode: graph.kindFirst[type.source],
          nodeCount: graph.kindCount[type.source], offsets: index.offsets,
          keys: index.rows.nodes, keyCount: index.rows.count, numbers: nil, ends: index.targets,
          vouching: vouching, endsAreDefinite: endsAreDefinite,
          mustHaveOne: type.cardinality == .one, missingCause: .none)
      ]
    }
    let missing = missingCause(edge, index)
    return inverses(of: index, edge).map { kind, inverse in
      LinkedEdges(
        edge: edge, isInverse: true, firstNode: graph.kindFirst[kind],
        nodeCount: graph.kindCount[kind], offsets: inverse.offsets, keys: inverse.rows.nodes,
        keyCount: inverse.rows.count, numbers: inverse.edges, ends: inverse.sources,
        vouching: vouching, endsAreDefinite: isAlwaysDefinite(type.source),
        mustHaveOne: type.cardinality == .one, missingCause: missing)
    }
  }

  /// Seen from its targets, a `one` edge is open if some node that it should leave has none. O(nodes of the kind).
  private func missingCause(_ edge: Int, _ index: EdgeIndex) -> Cause {
    let type = program.schema.edges[edge]
    guard type.cardinality == .one else { return .none }
    let first = graph.kindFirst[type.source]
    for node in first..<first + graph.kindCount[type.source] where index.edges(from: node).isEmpty {
      return Cause(.missingEdge, first: edge, node: node)
    }
    return .none
  }

  private func isAlwaysDefinite(_ kind: Int) -> Bool {
    graph.vouchings[graph.kindVouchings[kind]].isAlways
  }

  func ends(of edge: Int) -> LinkedEnds {
    guard let index = edgeIndex(edge) else {
      return LinkedEnds(count: 0, sources: nil, targets: nil)
    }
    return LinkedEnds(count: index.count, sources: index.sources, targets: index.targets)
  }
}

/// What a column belongs to.
private struct ColumnOwner {
  let first: Int
  let count: Int
  /// Kind or edge type.
  let number: Int
  let field: Int
  let isOfEdge: Bool
}

extension Linker {
  /// The snapshot's or the overlay's values of a field; `nil` where there are none at all.
  private func fieldTable(_ kind: Int, _ field: Int) -> FieldTable? {
    let type = program.schema.kinds[kind].fields[field]
    if type.origin == .request {
      return overlay.map { FieldTable($0.fields[kind][field].storage, $0.fields[kind][field].rows) }
    }
    guard let known = names.kinds[kind],
      let place = snapshot.schema.kinds[known].fields.firstIndex(where: {
        hasSameBytes($0.name, type.name)
      })
    else { return nil }
    return FieldTable(snapshot.fields[known][place])
  }

  /// Where the edges of a type lie.
  private func edgeIndex(_ edge: Int) -> EdgeIndex? {
    if program.schema.edges[edge].origin == .request { return overlay?.edges[edge] }
    return names.edges[edge].map { snapshot.edges[$0] }
  }

  /// Place of a field of an edge among the fields of where the edges lie.
  private func knownField(ofEdge edge: Int, _ name: String) -> Int? {
    let type = program.schema.edges[edge]
    let fields =
      type.origin == .request
      ? type.fields : names.edges[edge].map { snapshot.schema.edges[$0].fields } ?? []
    return fields.firstIndex { hasSameBytes($0.name, name) }
  }

  /// The inverse tables of an edge, each with the program's kind that it starts from.
  private func inverses(of index: EdgeIndex, _ edge: Int) -> [(kind: Int, inverse: InverseIndex)] {
    let type = program.schema.edges[edge]
    if type.origin == .request { return Array(zip(type.targets, index.inverses)) }
    guard let known = names.edges[edge] else { return [] }
    return zip(snapshot.schema.edges[known].targets, index.inverses).compactMap { target, inverse in
      names.kinds.firstIndex { $0 == target }.map { ($0, inverse) }
    }
  }
}
