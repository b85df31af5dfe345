// A version that differs from the one before in some values and source lines alone: a copy of its
// memory in which these are written over.

import WritModel

/// Values to write over, and source lines to add.
private struct SnapshotPatch {
  struct Cell {
    let kind: Int
    let field: Int
    let row: Int
    /// `nil` for no value.
    let value: UInt64?
  }

  var nodes: [Int] = []
  var cells: [Cell] = []
  var lines: [SourceLine] = []
}

extension Snapshot {
  /// What deltas make of the snapshot, read by a reader that began with nothing; `nil` where they
  /// change more than numbers, times, truths and members of enums of nodes that are there, or where
  /// anything is wrong with them. Takes as long as the deltas are, and a copy of the memory.
  func patched(by reader: borrowing FactReader) -> SnapshotChange? {
    guard reader.problems.isEmpty, let patch = patch(reader.draft) else { return nil }
    return SnapshotChange(
      snapshot: patched(by: patch), numbers: nil, touched: patch.nodes, removed: [], added: [])
  }

  private func patch(_ draft: borrowing GraphDraft) -> SnapshotPatch? {
    guard draft.edgeRemovals.isEmpty, draft.removals.isEmpty else { return nil }
    for edges in draft.edges where !edges.froms.isEmpty { return nil }
    var patch = SnapshotPatch()
    for kind in schema.kinds.indices {
      let rows = draft.nodes[kind]
      for row in rows.references.indices {
        let id = draft.strings.bytes(draft.references[Int(rows.references[row])].id)
        guard let node = node(kind: kind, id: id) else { return nil }
        let own = node - nodeRanges[kind].lowerBound
        guard rows.sources[row] == nodeSources[kind]?[own] ?? 0,
          add(draft, kind, row, to: own, &patch)
        else { return nil }
        patch.nodes.append(node)
      }
    }
    for line in draft.lines {
      guard let line = sourceLine(line, draft) else { return nil }
      patch.lines.append(line)
    }
    return patch
  }

  /// Adds the values that a row of the draft says otherwise; `false` if a text is among them.
  private func add(
    _ draft: borrowing GraphDraft, _ kind: Int, _ row: Int, to own: Int,
    _ patch: inout SnapshotPatch
  ) -> Bool {
    let slots = draft.names.kindSlots[kind]
    for field in slots.indices where schema.isStored(kind: kind, field: field) {
      let cell = draft.nodes[kind].properties.cell(row, field)
      switch slots[field].form {
      case .string:
        let old = fields[kind][field].cell(own).map { strings.bytes(Int($0)) }
        let new = cell.map { draft.strings.bytes(UInt32(truncatingIfNeeded: $0)) }
        guard isSame(old, new) else { return false }
      case .strings:
        let old = fields[kind][field].members(own)
        let new = draft.setMembers(cell ?? 0)
        guard old.count == new.count else { return false }
        for member in new {
          guard let number = strings.find(draft.strings.bytes(member)),
            old.contains(UInt32(truncatingIfNeeded: number))
          else { return false }
        }
      default:
        if fields[kind][field].cell(own) == cell { continue }
        patch.cells.append(SnapshotPatch.Cell(kind: kind, field: field, row: own, value: cell))
      }
    }
    return true
  }

  private func isSame(
    _ left: UnsafeBufferPointer<UInt8>?, _ right: UnsafeBufferPointer<UInt8>?
  ) -> Bool {
    guard let left, let right else { return left == nil && right == nil }
    return left.elementsEqual(right)
  }

  private func sourceLine(_ line: DraftLine, _ draft: borrowing GraphDraft) -> SourceLine? {
    let cover: SourceLine.Cover
    switch line.cover {
    case .everything: cover = .everything
    case .kind(let kind): cover = .kind(kind)
    case .node(let reference):
      let named = draft.references[Int(reference)]
      guard let node = node(kind: Int(named.kind), id: draft.strings.bytes(named.id)) else {
        return nil
      }
      cover = .node(node)
    }
    return SourceLine(
      source: line.source, cover: cover, of: line.of < 0 ? nil : line.of, at: line.at)
  }

  private func patched(by patch: SnapshotPatch) -> Snapshot {
    let lines = merged(sourceLines, patch.lines.sorted())
    let sections = schema.sections
    // Only the source lines, the fifth section, may need more room.
    let counts = table.places.enumerated().map {
      $0.offset == 4 ? lines.count * 3 : $0.element.count
    }
    let places = SectionTable.places(
      zip(counts, sections).map { (count: $0.0, width: $0.1.width) })
    let memory = GraphMemory(
      byteCount: SectionTable.byteCount(places, sections.last?.width ?? 1))
    let start = table.places[4].offset
    memory.base.copyMemory(from: table.memory.base, byteCount: start)
    Payload.longs(lines.flatMap(\.words)).copy(to: memory.base + start)
    if places.count > 5 {
      let (from, to) = (table.places[5].offset, places[5].offset)
      (memory.base + to).copyMemory(
        from: table.memory.base + from, byteCount: table.memory.byteCount - from)
    }
    for (index, name) in sections.enumerated() where name.role == .nodeValues {
      for cell in patch.cells where cell.kind == name.first && cell.field == name.second {
        write(cell, memory.base + places[index].offset, name.width)
        let word = (memory.base + places[index + 1].offset).assumingMemoryBound(to: UInt64.self)
        let bit: UInt64 = 1 << UInt64(cell.row & 63)
        if cell.value == nil { word[cell.row >> 6] &= ~bit } else { word[cell.row >> 6] |= bit }
      }
    }
    return Snapshot(schema, SectionTable(memory: memory, places: places), rootDigest: .zero)
  }

  private func write(_ cell: SnapshotPatch.Cell, _ column: UnsafeMutableRawPointer, _ width: Int) {
    let value = cell.value ?? 0
    switch width {
    case 1:
      column.storeBytes(
        of: UInt8(truncatingIfNeeded: value), toByteOffset: cell.row, as: UInt8.self)
    default: column.storeBytes(of: value, toByteOffset: cell.row * 8, as: UInt64.self)
    }
  }

  /// Sorted lines and more of them, each once.
  private func merged(_ left: [SourceLine], _ right: [SourceLine]) -> [SourceLine] {
    if right.isEmpty { return left }
    var merged: [SourceLine] = []
    merged.reserveCapacity(left.count + right.count)
    var (one, other) = (0, 0)
    while one < left.count || other < right.count {
      let isLeft = one < left.count && (other == right.count || !(right[other] < left[one]))
      let line = isLeft ? left[one] : right[other]
      if isLeft { one += 1 } else { other += 1 }
      if merged.last != line { merged.append(line) }
    }
    return merged
  }
}
