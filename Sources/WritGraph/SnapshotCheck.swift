// What must hold of a snapshot's sections before anybody uses them without a further check.

import Synchronization
import WritModel

/// Checks everything that users of a snapshot rely on. Whatever bytes the sections hold, no check
/// reads outside them.
struct SnapshotCheck: Sendable {
  let snapshot: Snapshot
  private var schema: Schema { snapshot.schema }

  init(_ snapshot: Snapshot) {
    self.snapshot = snapshot
  }

  /// The first thing that is wrong, `nil` if nothing is. Later checks rely on what the earlier ones
  /// made sure of.
  func problem() -> String? {
    fillingProblem() ?? stringProblem() ?? nodeProblem() ?? shapeProblem() ?? sourceProblem()
      ?? valueProblem()
  }

  /// The first problem of fields and edges, which do not rely on each other: kinds and types of edges are looked at on several
  /// threads where they have much.
  private func valueProblem() -> String? {
    let kinds = schema.kinds.count
    let count = kinds + schema.edges.count
    let isMuch = snapshot.table.memory.byteCount > 1 << 22
    let next = SharedCounter()
    let found = Mutex([String?](repeating: nil, count: count))
    onThreads(isMuch ? min(processorCount, max(1, count)) : 1) { _ in
      while let place = next.next(below: count) {
        // Edges take longer than fields, and the last ones often the longest.
        let part = count - 1 - place
        let problem = part < kinds ? fieldProblem(part) : edgeProblem(part - kinds)
        if let problem { found.withLock { $0[part] = problem } }
      }
    }
    return found.withLock { $0.lazy.compactMap { $0 }.first }
  }

  /// Between sections there are zeros only, so that a graph has one file and no byte of it is idle.
  private func fillingProblem() -> String? {
    let table = snapshot.table
    var end = 0
    for (place, name) in zip(table.places, schema.sections) {
      for offset in end..<place.offset where table.memory.byte(offset) != 0 {
        return "there is something between the sections"
      }
      end = place.offset + place.count * name.width
    }
    for offset in end..<table.memory.byteCount where table.memory.byte(offset) != 0 {
      return "there is something after the sections"
    }
    return nil
  }

  private func stringProblem() -> String? {
    let strings = snapshot.strings
    guard snapshot.table.places[2].count > 0,
      isAscending(strings.offsets, strings.count, end: snapshot.table.places[3].count)
    else { return "the offsets of the strings are not in order" }
    for number in 0..<strings.count {
      let text = strings.bytes(number)
      guard isUTF8(text), !text.contains(0) else { return "string \(number) is not text" }
      guard number == 0 || precedes(strings.bytes(number - 1), text) else {
        return "string \(number) is out of order"
      }
    }
    return nil
  }

  private func nodeProblem() -> String? {
    var next = 0
    for kind in schema.kindsByName {
      let range = snapshot.nodeRanges[kind]
      guard range.lowerBound == next, isWhole(kind) else {
        return "the nodes of `\(schema.kinds[kind].name)` are out of place"
      }
      guard schema.kinds[kind].origin != .request || range.isEmpty else {
        return "there are nodes of `\(schema.kinds[kind].name)`, which only requests bring"
      }
      next = range.upperBound
    }
    guard next == snapshot.nodeCount else { return "there are nodes of no kind" }
    for range in snapshot.nodeRanges {
      for node in range {
        guard Int(snapshot.nodeIDs[node]) < snapshot.strings.count,
          node == range.lowerBound || snapshot.nodeIDs[node - 1] < snapshot.nodeIDs[node]
        else { return "node \(node) is out of order" }
      }
    }
    return nil
  }

  /// Whether the kind's two bounds say the range that was made of them.
  private func isWhole(_ kind: Int) -> Bool {
    let bounds = snapshot.table.memory.base.assumingMemoryBound(to: UInt32.self)
    let range = snapshot.nodeRanges[kind]
    return Int(bounds[kind * 2]) == range.lowerBound
      && Int(bounds[kind * 2 + 1]) == range.upperBound
  }

  /// Every section must have as many elements as the nodes and edges ask for.
  private func shapeProblem() -> String? {
    var shape = SectionShape(snapshot)
    for (name, place) in zip(schema.sections, snapshot.table.places)
    where !shape.fits(name, place) {
      return "a section has \(place.count) elements, which does not fit the others"
    }
    return nil
  }

  private func sourceProblem() -> String? {
    let lines = snapshot.sourceLines
    let start = snapshot.table.memory.base + snapshot.table.places[4].offset
    for (index, line) in lines.enumerated() {
      for (word, value) in line.words.enumerated()
      where start.load(fromByteOffset: (index * 3 + word) * 8, as: UInt64.self) != value {
        return "source line \(index) is written oddly"
      }
      guard isSound(line), index == 0 || lines[index - 1] < line else {
        return "source line \(index) is out of order or speaks of nothing"
      }
    }
    for (kind, sources) in snapshot.nodeSources.enumerated() {
      guard let sources else { continue }
      guard case .sources(let all) = schema.kinds[kind].origin,
        sources.count == snapshot.nodeRanges[kind].count,
        sources.allSatisfy({ Int($0) <= all.count })
      else { return "nodes of `\(schema.kinds[kind].name)` come from nowhere" }
    }
    return nil
  }

  private func isSound(_ line: SourceLine) -> Bool {
    let covers =
      switch line.cover {
      case .everything: true
      case .kind(let kind): schema.kinds.indices.contains(kind)
      case .node(let node): node < snapshot.nodeCount
      }
    return covers && schema.sources.indices.contains(line.source)
      && line.of.map(schema.sources.indices.contains) ?? true
      && Instant.earliest.microseconds...Instant.latest.microseconds ~= line.at
  }

  private func fieldProblem(_ kind: Int) -> String? {
    for (field, type) in schema.kinds[kind].fields.enumerated() {
      let storage = snapshot.fields[kind][field]
      guard isSound(storage, type.type, rows: snapshot.nodeRanges[kind].count) else {
        return "the values of `\(type.name)` of `\(schema.kinds[kind].name)` are not of its type"
      }
    }
    return nil
  }

  private func edgeProblem(_ type: Int) -> String? {
    guard schema.isStored(edge: type) else { return nil }
    let edge = schema.edges[type]
    let check = EdgeCheck(snapshot, type)
    guard check.isSound() else { return "the edges `\(edge.name)` are not in order" }
    for (field, fieldType) in edge.fields.enumerated() {
      let storage = snapshot.edges[type].fields[field]
      guard isSound(storage, fieldType.type, rows: snapshot.edges[type].count) else {
        return "the values of `\(fieldType.name)` of `\(edge.name)` are not of its type"
      }
    }
    guard check.areParallelEdgesInOrder() else {
      return "parallel edges `\(edge.name)` are not in order"
    }
    return nil
  }

  private func isSound(_ storage: FieldStorage, _ type: ValueType, rows: Int) -> Bool {
    switch storage {
    case .none: true
    case .scalar(let column): isSound(column, type, rows)
    case .strings(let sets): isSound(sets, rows)
    }
  }

  private func isSound(_ column: Column, _ type: ValueType, _ rows: Int) -> Bool {
    if rows & 63 != 0 {
      let last = column.presence[rows / 64]
      guard last >> UInt64(rows & 63) == 0 else { return false }
    }
    let isText = type.unwrapped == .string
    let range = schema.range(of: type)
    let least = range?.lowerBound ?? 0
    let most = isText ? Int64(snapshot.strings.count) - 1 : range?.upperBound ?? -1
    for row in 0..<rows {
      let value = column.value(row)
      let isSound = column.isPresent(row) ? value >= least && value <= most : value == 0
      guard isSound else { return false }
    }
    return true
  }

  private func isSound(_ sets: StringSets, _ rows: Int) -> Bool {
    guard isAscending(sets.offsets, rows, end: Int(sets.offsets[rows])) else { return false }
    for row in 0..<rows {
      let range = sets.range(row)
      for place in range {
        guard Int(sets.members[place]) < snapshot.strings.count,
          place == range.lowerBound || sets.members[place - 1] < sets.members[place]
        else { return false }
      }
      guard range.count <= Limits.setElements else { return false }
    }
    return true
  }
}

extension GraphMemory {
  /// One byte.
  fileprivate func byte(_ offset: Int) -> UInt8 {
    base.load(fromByteOffset: offset, as: UInt8.self)
  }
}

/// Whether `count + 1` offsets ascend from 0 to `end`.
func isAscending(_ offsets: UnsafePointer<UInt32>, _ count: Int, end: Int) -> Bool {
  guard offsets[0] == 0, Int(offsets[count]) == end else { return false }
  var isAscending = true
  // Without a branch in the loop, so that the compiler takes several at a time.
  for index in 0..<count { isAscending = isAscending && offsets[index] <= offsets[index + 1] }
  return isAscending
}

/// How many elements each section must have, going through them in order.
private struct SectionShape {
  let snapshot: Snapshot
  private var edgeCount = 0
  /// What the last section of offsets ended with.
  private var end = 0

  init(_ snapshot: Snapshot) {
    self.snapshot = snapshot
  }

  /// Whether the section has the elements that it must have; notes what later ones must have.
  mutating func fits(_ name: SectionName, _ place: SectionPlace) -> Bool {
    let count = place.count
    switch name.role {
    case .kindRanges, .nodeIDs, .stringOffsets, .stringBytes, .sourceLines: return true
    case .nodeSources, .nodeValues: return count == nodes(name.first)
    case .nodePresence: return count == (nodes(name.first) + 63) / 64
    case .nodeSetOffsets: return fits(place, rows: nodes(name.first))
    case .edgeOffsets:
      guard fits(place, rows: nodes(snapshot.schema.edges[name.first].source)) else {
        return false
      }
      edgeCount = end
      return true
    case .edgeSources, .edgeTargets, .edgeValues: return count == edgeCount
    case .edgePresence: return count == (edgeCount + 63) / 64
    case .edgeSetOffsets: return fits(place, rows: edgeCount)
    case .inverseOffsets: return fits(place, rows: nodes(name.second))
    case .nodeSetMembers, .edgeSetMembers, .inverseEdges, .inverseSources: return count == end
    }
  }

  private func nodes(_ kind: Int) -> Int { snapshot.nodeRanges[kind].count }

  private mutating func fits(_ offsets: SectionPlace, rows: Int) -> Bool {
    guard offsets.count == rows + 1 else { return false }
    let last = offsets.offset + rows * 4
    end = Int(snapshot.table.memory.base.load(fromByteOffset: last, as: UInt32.self))
    return true
  }
}
