// Bitmaps over whole tables: who is vouched for, which elements a predicate holds for, and which edges lead to them.

import WritBytecode

/// Bits by the places of a table of edges.
struct PlaceBits {
  let definite: TableBits
  let possible: TableBits
  let isExact: UnsafeMutablePointer<Bool>
}

/// Carries the bits of elements to the edges that lead to them.
struct BlockGather {
  let ends: UnsafePointer<UInt32>
  /// Number of the first element.
  let first: UInt32
  let placeCount: Int
  /// Places that count; `nil`: all.
  let firsts: TableBits?
  let from: PlaceBits
  let into: PlaceBits
}

/// What stages keep for each other. For the thread that makes a plan, until it runs.
final class BlockTables {
  let machine: Machine
  private var vouched: [Int: TableBits] = [:]
  /// By walk with its predicate.
  private var places: [BlockWalk: PlaceBits] = [:]
  private var flags: [UnsafeMutablePointer<Bool>] = []
  private let always: UnsafeMutablePointer<Bool>

  init(_ machine: Machine) {
    self.machine = machine
    always = .allocate(capacity: 1)
    always.initialize(to: true)
  }

  deinit {
    for flag in flags { flag.deallocate() }
    always.deallocate()
  }

  func rowCount(_ domain: Domain) -> Int {
    switch domain {
    case .nodes(let kind): machine.graph.kindCount[kind]
    case .edges(let type): machine.graph.ends[type].count
    case .requests: 0
    }
  }

  /// The number of a table's first node or edge.
  func firstElement(_ domain: Domain) -> Int64 {
    switch domain {
    case .nodes(let kind): Int64(machine.graph.kindFirst[kind])
    case .edges(let type): EdgeNumber.value(edge: type, number: 0)
    case .requests: 0
    }
  }

  func edges(_ walk: BlockWalk) -> LinkedEdges { machine.graph.steps[walk.step][walk.table] }

  /// Rows that a table of vouching speaks for; `nil`: all.
  func vouchedRows(_ index: Int) -> TableBits? {
    if machine.graph.vouchings[index].isAlways { return nil }
    if let known = vouched[index] { return known }
    let silent = machine.graph.vouchings[index].silentSources
    let bits = TableBits(rowCount: silent.count)
    for row in silent.indices where silent[row] == 0 { Bits.set(bits.words, row) }
    vouched[index] = bits
    return bits
  }

  func column(_ column: LinkedColumn) -> BlockColumn {
    let unknown = column.unknown
    let silent = column.isOptional ? Cause.ofBlock.orAbsent : Cause.ofBlock
    return BlockColumn(
      values: column.values, width: column.width, presence: column.presence,
      vouched: column.isOfEdge ? nil : vouchedRows(column.vouching).map { ReadWords($0.words) },
      isOptional: column.isOptional, unknown: Slot(unknown.lower, unknown.upper, silent),
      missing: Slot(unknown.lower, unknown.upper, .ofBlock))
  }

  /// `nil` for a column that has no row for each node.
  func strings(_ column: LinkedColumn) -> BlockStrings? {
    guard column.keys == nil, !column.isOfEdge, let offsets = column.offsets else { return nil }
    return BlockStrings(
      ids: column.values.assumingMemoryBound(to: UInt32.self), offsets: offsets,
      first: column.first,
      vouched: vouchedRows(column.vouching).map { ReadWords($0.words) })
  }

  /// Elements that are not definite by themselves: of kinds, or met against edges, that are not vouched for throughout.
  func masks(_ walk: BlockWalk) -> [TableBits] {
    guard case .nodes(let kind)? = walk.elements else { return [] }
    let edges = edges(walk)
    var masks: [TableBits] = []
    if let rows = vouchedRows(machine.graph.kindVouchings[kind]) { masks.append(rows) }
    if edges.isInverse, let rows = vouchedRows(edges.vouching) { masks.append(rows) }
    return masks
  }

  /// Whether every edge leads to an element that counts.
  func countsAll(_ walk: BlockWalk) -> Bool {
    walk.predicate == nil && !walk.countsOnce && masks(walk).isEmpty
  }

  /// Places whose edge leads elsewhere than the one before it; `nil`: all.
  func firsts(_ walk: BlockWalk) -> TableBits? {
    guard walk.countsOnce else { return nil }
    let edges = edges(walk)
    let bits = TableBits(rowCount: placeCount(walk))
    for row in 0..<edges.nodeCount {
      let start = Int(edges.offsets[row])
      for place in start..<Int(edges.offsets[row + 1])
      where place == start || edges.ends[place] != edges.ends[place - 1] {
        Bits.set(bits.words, place)
      }
    }
    return bits
  }

  func newPlaces(_ rowCount: Int) -> PlaceBits {
    let flag = UnsafeMutablePointer<Bool>.allocate(capacity: 1)
    flag.initialize(to: false)
    flags.append(flag)
    return PlaceBits(
      definite: TableBits(rowCount: rowCount), possible: TableBits(rowCount: rowCount),
      isExact: flag)
  }

  func set(_ bits: PlaceBits, for walk: BlockWalk) { places[walk] = bits }

  func fold(_ walk: BlockWalk) -> BlockFold {
    let edges = edges(walk)
    let bits = places[walk]
    let closed = machine.graph.vouchings[edges.vouching].closedCause
    return BlockFold(
      first: edges.firstNode, offsets: edges.offsets,
      definite: bits.map { ReadWords($0.definite.words) },
      possible: bits.map { ReadWords($0.possible.words) },
      isExact: bits.map { UnsafePointer($0.isExact) } ?? UnsafePointer(always),
      vouched: edges.isInverse ? nil : vouchedRows(edges.vouching).map { ReadWords($0.words) },
      isOpen: edges.isInverse && !(closed.isNone && edges.missingCause.isNone),
      mustHaveOne: edges.mustHaveOne && !edges.isInverse)
  }

  /// Do the edges, in order, lead to the elements in order? Then the bits of the elements are those of the places.
  func isClustered(_ walk: BlockWalk, _ domain: Domain) -> Bool {
    guard !walk.areEdges, case .nodes(let kind) = domain else { return true }
    if walk.countsOnce { return false }
    let edges = edges(walk)
    let first = UInt32(truncatingIfNeeded: machine.graph.kindFirst[kind])
    let count = placeCount(walk)
    guard count <= machine.graph.kindCount[kind] else { return false }
    for place in 0..<count where edges.ends[place] &- first != UInt32(truncatingIfNeeded: place) {
      return false
    }
    return true
  }

  func placeCount(_ walk: BlockWalk) -> Int {
    let edges = edges(walk)
    return Int(edges.offsets[edges.nodeCount])
  }
}
