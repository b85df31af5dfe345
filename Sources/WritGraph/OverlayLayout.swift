// A request's draft becomes an overlay: nodes, strings and edges get their numbers, and what was brought its columns.

import WritModel

/// Lays out drafts of requests over one snapshot, one after the other, in memory that is used again.
///
/// It does for the few facts of a request what `GraphAssembly` does for any, and only for the kinds and edges that they speak of;
/// the rest is that of an overlay without facts. `nil` wherever `GraphAssembly` would have something to say, or to order by more
/// than the ends of edges.
struct OverlayLayout {
  /// Of no facts; `nil` where there cannot be one.
  private let nothing: Overlay?
  private let base: OverlayBase
  private let names: SchemaNames
  /// Kinds that only requests bring, by name.
  private let ownKinds: [Int]
  /// Edge types that only requests bring, and that leave or reach such a kind.
  private let ownEdges: [Int]
  /// Per string of the draft, its number in the overlay.
  private var stringNumbers: [UInt32] = []
  /// Strings of the draft that the snapshot lacks, by their bytes.
  private var ownStrings: [UInt32] = []
  /// Per reference of the draft, the number of its node.
  private var nodeNumbers: [UInt32] = []
  /// Rows of the kind or edge at hand, in their order.
  private var order: [UInt32] = []
  /// Edges of the type at hand that reach nodes of one kind, by these.
  private var reaching: [UInt32] = []

  init(_ plan: OverlayPlan) {
    base = plan.base
    names = plan.names
    let schema = plan.names.schema
    ownKinds = schema.kindsByName.filter { schema.kinds[$0].origin == .request }
    ownEdges = schema.edges.indices.filter { edge in
      let type = schema.edges[edge]
      return type.origin == .request
        && ([type.source] + type.targets).contains { schema.kinds[$0].origin == .request }
    }
    nothing = try? OverlayBuilder(plan).build()
  }

  /// The overlay of a draft of which nothing was wrong so far.
  mutating func overlay(of draft: borrowing GraphDraft) -> Overlay? {
    guard let nothing else { return nil }
    numberStrings(draft)
    guard numberNodes(draft) else { return nil }
    var memory = SectionMemory(byteCount: byteCount(draft))
    var ranges = nothing.nodeRanges
    let ids = orderNodes(draft, &ranges, &memory)
    let strings = strings(draft, &memory)
    var fields = nothing.fields
    for kind in draft.nodes.indices where draft.nodes[kind].properties.count > 0 {
      fields[kind] = nodeFields(draft, kind, ranges[kind], &memory)
    }
    var edges = nothing.edges
    for edge in draft.edges.indices where !draft.edges[edge].froms.isEmpty {
      guard let index = edgeIndex(draft, edge, ranges, &memory) else { return nil }
      edges[edge] = index
    }
    // Own nodes have a row in every index, though no edge be there.
    let offsets = memory.take(UInt32.self, ids.count + 1)
    for edge in ownEdges where draft.edges[edge].froms.isEmpty && ids.count > 0 {
      edges[edge] = noEdges(edge, nothing.edges[edge], ranges, UnsafePointer(offsets.start))
    }
    return Overlay(
      over: nothing, memory.memory, ranges: ranges, ids: ids, strings: strings, fields: fields,
      edges: edges)
  }

  /// Numbers of the snapshot, and behind those its own by their bytes.
  private mutating func numberStrings(_ draft: borrowing GraphDraft) {
    let pool = base.snapshot.strings
    stringNumbers.removeAll(keepingCapacity: true)
    ownStrings.removeAll(keepingCapacity: true)
    for string in 0..<UInt32(draft.strings.count) {
      if let number = pool.find(draft.strings.bytes(string)) {
        stringNumbers.append(UInt32(truncatingIfNeeded: number))
      } else {
        stringNumbers.append(.max)
        ownStrings.append(string)
      }
    }
    ownStrings.sort { precedes(draft.strings.bytes($0), draft.strings.bytes($1)) }
    for (place, string) in ownStrings.enumerated() {
      stringNumbers[Int(string)] = UInt32(truncatingIfNeeded: pool.count + place)
    }
  }

  /// Numbers of the snapshot for its nodes; whether all that are named are there.
  private mutating func numberNodes(_ draft: borrowing GraphDraft) -> Bool {
    let snapshot = base.snapshot
    nodeNumbers.removeAll(keepingCapacity: true)
    for reference in draft.references {
      if let kind = base.kinds[Int(reference.kind)] {
        let id = Int(stringNumbers[Int(reference.id)])
        guard id < snapshot.strings.count, let node = snapshot.node(kind: kind, idNumber: id) else {
          return false
        }
        nodeNumbers.append(UInt32(truncatingIfNeeded: node))
      } else {
        // Of a kind that the snapshot should have there are none either.
        guard reference.row >= 0, draft.isOwn(kind: Int(reference.kind)) else { return false }
        nodeNumbers.append(.max)
      }
    }
    return true
  }

  /// Numbers the overlay's own nodes, by kind and id; their ids.
  private mutating func orderNodes(
    _ draft: borrowing GraphDraft, _ ranges: inout [Range<Int>], _ memory: inout SectionMemory
  ) -> UnsafeBufferPointer<UInt32> {
    let first = base.snapshot.nodeCount
    var count = 0
    for kind in ownKinds { count += draft.nodes[kind].references.count }
    let ids = memory.take(UInt32.self, count)
    var next = 0
    for kind in ownKinds {
      orderByID(draft, ofKind: kind)
      let start = first + next
      for row in order {
        let reference = draft.nodes[kind].references[Int(row)]
        nodeNumbers[Int(reference)] = UInt32(truncatingIfNeeded: first + next)
        ids[next] = stringNumbers[Int(draft.references[Int(reference)].id)]
        next += 1
      }
      ranges[kind] = start..<first + next
    }
    return UnsafeBufferPointer(ids)
  }

  /// Own nodes by the bytes of their ids.
  private mutating func orderByID(_ draft: borrowing GraphDraft, ofKind kind: Int) {
    let references = draft.nodes[kind].references
    takeRows(references.count)
    guard order.count > 1 else { return }
    order.sort {
      let left = draft.references[Int(references[Int($0)])].id
      let right = draft.references[Int(references[Int($1)])].id
      return precedes(draft.strings.bytes(left), draft.strings.bytes(right))
    }
  }

  /// Nodes that have their numbers, by these.
  private mutating func orderByNumber(_ draft: borrowing GraphDraft, ofKind kind: Int) {
    let references = draft.nodes[kind].references
    takeRows(references.count)
    guard order.count > 1 else { return }
    let numbers = nodeNumbers
    order.sort { numbers[Int(references[Int($0)])] < numbers[Int(references[Int($1)])] }
  }

  /// All rows as they came.
  private mutating func takeRows(_ count: Int) {
    order.removeAll(keepingCapacity: true)
    order.append(contentsOf: 0..<UInt32(count))
  }

  private func strings(
    _ draft: borrowing GraphDraft, _ memory: inout SectionMemory
  ) -> StringPool {
    let offsets = memory.take(UInt32.self, ownStrings.count + 1)
    var byteCount = 0
    for string in ownStrings { byteCount += draft.strings.bytes(string).count }
    let bytes = memory.take(UInt8.self, byteCount)
    var end = 0
    for (place, string) in ownStrings.enumerated() {
      let text = draft.strings.bytes(string)
      if let start = text.baseAddress { (bytes.start + end).update(from: start, count: text.count) }
      end += text.count
      offsets[place + 1] = UInt32(truncatingIfNeeded: end)
    }
    return StringPool(
      first: base.snapshot.strings.count, count: ownStrings.count,
      offsets: UnsafePointer(offsets.start), bytes: UnsafePointer(bytes.start))
  }

  private mutating func nodeFields(
    _ draft: borrowing GraphDraft, _ kind: Int, _ range: Range<Int>, _ memory: inout SectionMemory
  ) -> [OverlayField] {
    orderByNumber(draft, ofKind: kind)
    let rows: Rows
    if draft.isOwn(kind: kind) {
      rows = Rows(first: range.lowerBound, count: range.count)
    } else {
      let nodes = memory.take(UInt32.self, order.count)
      for (place, row) in order.enumerated() {
        nodes[place] = nodeNumbers[Int(draft.nodes[kind].references[Int(row)])]
      }
      rows = Rows(sparse: UnsafeBufferPointer(nodes))
    }
    let types = names.schema.kinds[kind].fields
    var fields: [OverlayField] = []
    fields.reserveCapacity(types.count)
    for field in types.indices {
      guard types[field].isFromRequest else {
        fields.append(OverlayField(rows: Rows(first: 0, count: 0), storage: .none))
        continue
      }
      let storage = storage(
        draft, draft.nodes[kind].properties, field, names.kindSlots[kind][field].form, &memory)
      fields.append(OverlayField(rows: rows, storage: storage))
    }
    return fields
  }

  /// The values of a field of the rows at hand.
  private func storage(
    _ draft: borrowing GraphDraft, _ properties: PropertyRows, _ field: Int, _ form: StorageForm,
    _ memory: inout SectionMemory
  ) -> FieldStorage {
    if form == .strings { return .strings(sets(draft, properties, field, &memory)) }
    let presence = memory.take(UInt64.self, (order.count + 63) / 64)
    let values = memory.takeBytes(order.count * form.width)
    for (place, row) in order.enumerated() {
      guard let cell = properties.cell(Int(row), field) else { continue }
      presence[place &>> 6] |= 1 &<< UInt64(truncatingIfNeeded: place & 63)
      switch form.width {
      case 1:
        values.storeBytes(of: UInt8(truncatingIfNeeded: cell), toByteOffset: place, as: UInt8.self)
      case 4:
        values.storeBytes(of: stringNumbers[Int(cell)], toByteOffset: place &* 4, as: UInt32.self)
      default: values.storeBytes(of: cell, toByteOffset: place &* 8, as: UInt64.self)
      }
    }
    return .scalar(
      Column(
        width: form.width, count: order.count, base: UnsafeRawPointer(values),
        presence: UnsafePointer(presence.start)))
  }

  private func sets(
    _ draft: borrowing GraphDraft, _ properties: PropertyRows, _ field: Int,
    _ memory: inout SectionMemory
  ) -> StringSets {
    let offsets = memory.take(UInt32.self, order.count + 1)
    var count = 0
    for row in order { count += draft.setMembers(properties.cell(Int(row), field) ?? 0).count }
    let members = memory.take(UInt32.self, count)
    var end = 0
    for (place, row) in order.enumerated() {
      let set = draft.setMembers(properties.cell(Int(row), field) ?? 0)
      for (offset, string) in set.enumerated() {
        members[end + offset] = stringNumbers[Int(string)]
      }
      var sorted = UnsafeMutableBufferPointer(rebasing: members[end..<end + set.count])
      sorted.sort()
      end += set.count
      offsets[place + 1] = UInt32(truncatingIfNeeded: end)
    }
    return StringSets(
      count: order.count, offsets: UnsafePointer(offsets.start),
      members: UnsafePointer(members.start))
  }

  /// The edges of a type; `nil` where two join the same nodes, or more leave a node than may.
  private mutating func edgeIndex(
    _ draft: borrowing GraphDraft, _ edge: Int, _ ranges: [Range<Int>],
    _ memory: inout SectionMemory
  ) -> EdgeIndex? {
    let rows = draft.edges[edge]
    let type = names.schema.edges[edge]
    let count = rows.froms.count
    let numbers = nodeNumbers
    func from(_ row: UInt32) -> UInt32 { numbers[Int(rows.froms[Int(row)])] }
    func to(_ row: UInt32) -> UInt32 { numbers[Int(rows.tos[Int(row)])] }
    takeRows(count)
    if count > 1 { order.sort { (from($0), to($0)) < (from($1), to($1)) } }
    let sources = memory.take(UInt32.self, count)
    let targets = memory.take(UInt32.self, count)
    for (place, row) in order.enumerated() {
      (sources[place], targets[place]) = (from(row), to(row))
      guard place > 0, sources[place] == sources[place - 1] else { continue }
      if targets[place] == targets[place - 1] || type.cardinality != .many { return nil }
    }
    let leaving = index(
      sources, ranges[type.source], isOwn: draft.isOwn(kind: type.source), &memory)
    var fields: [FieldStorage] = []
    fields.reserveCapacity(type.fields.count)
    for field in type.fields.indices {
      fields.append(
        type.fields[field].isFromRequest
          ? storage(draft, rows.properties, field, names.edgeSlots[edge][field].form, &memory)
          : .none)
    }
    var inverses: [InverseIndex] = []
    inverses.reserveCapacity(type.targets.count)
    for kind in type.targets {
      inverses.append(
        inverse(
          sources, targets, draft.isOwn(kind: kind) ? ranges[kind] : snapshotRange(kind),
          ranges[kind], isOwn: draft.isOwn(kind: kind), &memory))
    }
    return EdgeIndex(
      rows: leaving.rows, count: count, offsets: leaving.offsets,
      sources: UnsafePointer(sources.start), targets: UnsafePointer(targets.start), fields: fields,
      inverses: inverses)
  }

  /// An index without edges over the overlay's own nodes.
  private func noEdges(
    _ edge: Int, _ nothing: EdgeIndex, _ ranges: [Range<Int>], _ offsets: UnsafePointer<UInt32>
  ) -> EdgeIndex {
    let type = names.schema.edges[edge]
    func rows(_ kind: Int) -> Rows? {
      guard names.schema.kinds[kind].origin == .request else { return nil }
      return Rows(first: ranges[kind].lowerBound, count: ranges[kind].count)
    }
    let own = rows(type.source)
    return EdgeIndex(
      rows: own ?? nothing.rows, count: 0, offsets: own == nil ? nothing.offsets : offsets,
      sources: nothing.sources, targets: nothing.targets, fields: nothing.fields,
      inverses: zip(type.targets, nothing.inverses).map { kind, inverse in
        guard let rows = rows(kind) else { return inverse }
        return InverseIndex(
          rows: rows, count: 0, offsets: offsets, edges: inverse.edges, sources: inverse.sources)
      })
  }

  /// The nodes of a kind in the snapshot.
  private func snapshotRange(_ kind: Int) -> Range<Int> {
    base.kinds[kind].map { base.snapshot.nodeRanges[$0] } ?? 0..<0
  }

  /// The edges that reach the nodes of one kind.
  private mutating func inverse(
    _ sources: UnsafeMutableBufferPointer<UInt32>, _ targets: UnsafeMutableBufferPointer<UInt32>,
    _ nodes: Range<Int>, _ ownRange: Range<Int>, isOwn: Bool, _ memory: inout SectionMemory
  ) -> InverseIndex {
    reaching.removeAll(keepingCapacity: true)
    for place in targets.indices where nodes.contains(Int(targets[place])) {
      reaching.append(UInt32(truncatingIfNeeded: place))
    }
    if reaching.count > 1 {
      reaching.sort { (targets[Int($0)], $0) < (targets[Int($1)], $1) }
    }
    let reached = memory.take(UInt32.self, reaching.count)
    let edges = memory.take(UInt32.self, reaching.count)
    let left = memory.take(UInt32.self, reaching.count)
    for (place, edge) in reaching.enumerated() {
      (reached[place], edges[place], left[place]) = (targets[Int(edge)], edge, sources[Int(edge)])
    }
    let index = index(reached, ownRange, isOwn: isOwn, &memory)
    return InverseIndex(
      rows: index.rows, count: reaching.count, offsets: index.offsets,
      edges: UnsafePointer(edges.start), sources: UnsafePointer(left.start))
  }

  /// Where the edges of each node begin among ascending nodes; in front of that the nodes, where they are of the snapshot.
  private func index(
    _ nodes: UnsafeMutableBufferPointer<UInt32>, _ range: Range<Int>, isOwn: Bool,
    _ memory: inout SectionMemory
  ) -> (rows: Rows, offsets: UnsafePointer<UInt32>) {
    if isOwn {
      let offsets = memory.take(UInt32.self, range.count + 1)
      for node in nodes { offsets[Int(node) - range.lowerBound + 1] += 1 }
      for row in 0..<range.count { offsets[row + 1] += offsets[row] }
      return (Rows(first: range.lowerBound, count: range.count), UnsafePointer(offsets.start))
    }
    let rows = memory.take(UInt32.self, nodes.count)
    let offsets = memory.take(UInt32.self, nodes.count + 1)
    var count = 0
    for place in nodes.indices where count == 0 || rows[count - 1] != nodes[place] {
      rows[count] = nodes[place]
      offsets[count] = UInt32(truncatingIfNeeded: place)
      count += 1
    }
    offsets[count] = UInt32(truncatingIfNeeded: nodes.count)
    let used = UnsafeBufferPointer(start: UnsafePointer(rows.start), count: count)
    return (Rows(sparse: used), UnsafePointer(offsets.start))
  }

  /// The most that all sections come to.
  private func byteCount(_ draft: borrowing GraphDraft) -> Int {
    var bytes = 3 * SectionMemory.alignment
    var ownNodes = 0
    for kind in draft.nodes.indices {
      let count = draft.nodes[kind].properties.count
      guard count > 0 else { continue }
      ownNodes += count
      bytes += SectionMemory.room(count * 4) + fieldBytes(names.kindSlots[kind], rows: count)
    }
    bytes += SectionMemory.room(ownNodes * 4) + SectionMemory.room((ownNodes + 1) * 4)
    bytes += SectionMemory.room((ownStrings.count + 1) * 4)
    bytes += SectionMemory.room(draft.strings.byteCount)
    bytes += SectionMemory.room(draft.setMembers.count * 4)
    for edge in draft.edges.indices {
      let count = draft.edges[edge].froms.count
      guard count > 0 else { continue }
      let targets = names.schema.edges[edge].targets.count
      // Ends; rows and offsets of what they leave; of each kind that they reach, what is reached, edges, ends, rows and offsets.
      bytes += 4 * SectionMemory.room((max(count, ownNodes) + 1) * 4)
      bytes += targets * 5 * SectionMemory.room((max(count, ownNodes) + 1) * 4)
      bytes += fieldBytes(names.edgeSlots[edge], rows: count)
    }
    return bytes
  }

  /// Values and presence of all fields; of sets the offsets, and where their members begin anew.
  private func fieldBytes(_ slots: UnsafeBufferPointer<PropertySlot>, rows: Int) -> Int {
    var bytes = 0
    for slot in slots where slot.isFromRequest && !slot.isKey {
      bytes += SectionMemory.room(rows * slot.form.width + 4)
      bytes += SectionMemory.room((rows + 63) / 64 * 8) + SectionMemory.alignment
    }
    return bytes
  }
}

/// Memory for sections, of which as much is taken as was asked for.
private struct SectionMemory {
  let memory: GraphMemory
  private var used = 0

  static let alignment = 64

  /// What a section of that many bytes takes.
  static func room(_ byteCount: Int) -> Int { (byteCount + alignment - 1) & ~(alignment - 1) }

  init(byteCount: Int) { memory = GraphMemory(byteCount: byteCount) }

  /// Zeroed bytes.
  mutating func takeBytes(_ count: Int) -> UnsafeMutableRawPointer {
    let start = used
    used += SectionMemory.room(count)
    precondition(used <= memory.byteCount, "the sections of an overlay have room")
    return memory.base + start
  }

  /// Zeroed elements.
  mutating func take<Element: BitwiseCopyable>(
    _: Element.Type, _ count: Int
  ) -> UnsafeMutableBufferPointer<Element> {
    let start = takeBytes(count * MemoryLayout<Element>.stride)
    return UnsafeMutableBufferPointer(
      start: start.assumingMemoryBound(to: Element.self), count: count)
  }
}

extension UnsafeMutableBufferPointer {
  /// The address of the first element; every section lies in memory, an empty one too.
  fileprivate var start: UnsafeMutablePointer<Element> {
    guard let baseAddress else { preconditionFailure("a section has no address") }
    return baseAddress
  }
}
