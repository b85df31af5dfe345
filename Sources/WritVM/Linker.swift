// A program, a snapshot, an overlay and an instant become a machine.

public import WritBytecode
public import WritGraph
import WritModel

/// The instant and the caller of a decision.
public struct Circumstances: Sendable {
  /// Microseconds since the epoch: what windows are measured against.
  public let now: Int64
  /// Microseconds since the epoch: what freshness is measured against.
  public let asOf: Int64
  /// Kind of the program's schema, and id; `nil`: nobody was named.
  public let caller: (kind: Int, id: String)?

  public init(now: Int64, asOf: Int64, caller: (kind: Int, id: String)?) {
    self.now = now
    self.asOf = asOf
    self.caller = caller
  }
}

/// Links a program to a graph at an instant. The overlay, if any, is of the program's schema. O(size of the program + nodes of kinds that nobody vouches for).
public func link(
  _ program: VerifiedProgram, _ snapshot: Snapshot, _ overlay: Overlay?,
  _ circumstances: Circumstances
) throws(LinkError) -> Machine {
  var linker = try Linker(program.program, snapshot, overlay, circumstances)
  let graph = linker.link()
  var owners: [AnyObject] = [snapshot]
  if let overlay { owners.append(overlay) }
  return Machine(
    program, graph: graph, strings: linker.strings, owners: owners,
    findNode: { [linker] in linker.find($0, $1) })
}

struct Linker {
  let program: Program
  let snapshot: Snapshot
  let overlay: Overlay?
  private let circumstances: Circumstances
  let names: SchemaMatch
  let vouching: VouchingTable
  var strings: StringTable
  private(set) var graph = LinkedGraph()
  private var vouchingIndexes: [VouchingKey: Int] = [:]

  private struct VouchingKey: Hashable {
    let origin: Origin
    let kind: Int
  }

  init(
    _ program: Program, _ snapshot: Snapshot, _ overlay: Overlay?, _ circumstances: Circumstances
  ) throws(LinkError) {
    self.program = program
    self.snapshot = snapshot
    self.overlay = overlay
    self.circumstances = circumstances
    names = try SchemaMatch(program, snapshot.schema)
    vouching = VouchingTable(
      schema: program.schema, snapshot: snapshot, names: names, asOf: circumstances.asOf)
    strings = StringTable(snapshot: snapshot, overlay: overlay)
  }

  mutating func link() -> LinkedGraph {
    graph.nodeCount = snapshot.nodeCount + (overlay?.nodeIDs.count ?? 0)
    graph.orderedStringCount = snapshot.strings.count
    for kind in program.schema.kinds.indices {
      let nodes = nodes(ofKind: kind)
      graph.kindFirst.append(nodes.lowerBound)
      graph.kindCount.append(nodes.count)
    }
    for kind in program.schema.kinds.indices {
      graph.kindVouchings.append(vouchingIndex(program.schema.kinds[kind].origin, kind))
    }
    graph.columns = program.fields.map { columns(of: $0) }
    graph.ends = program.schema.edges.indices.map(ends(of:))
    graph.steps = program.steps.map { step in step.edges.flatMap { tables(of: $0) } }
    graph.lastSpoke = { [vouching] in vouching.lastSpoke($0, $1, $2) }
    graph.globals = globals()
    return graph
  }

  private func nodes(ofKind kind: Int) -> Range<Int> {
    if program.schema.kinds[kind].origin == .request {
      return overlay?.nodeRanges[kind] ?? 0..<0
    }
    return names.kinds[kind].map(snapshot.nodeRange(ofKind:)) ?? 0..<0
  }

  mutating func vouchingIndex(_ origin: Origin, _ kind: Int) -> Int {
    let key = VouchingKey(origin: origin, kind: kind)
    if let index = vouchingIndexes[key] { return index }
    let first = graph.kindFirst[kind]
    let nodes = first..<first + graph.kindCount[kind]
    graph.vouchings.append(vouching.vouching(origin, kind: kind, nodes: nodes))
    vouchingIndexes[key] = graph.vouchings.count - 1
    return graph.vouchings.count - 1
  }
}

extension Linker {
  private mutating func globals() -> [Slot] {
    return [Slot(exact: circumstances.now), caller]
      + (program.parameters.map(\.value) + program.constants).map { slot($0) }
  }

  /// Optional by its type: whom the graph does not have may as well be nobody.
  private var caller: Slot {
    guard let (kind, id) = circumstances.caller else { return .absent }
    let caller = node(kind, id)
    return caller.isExact
      ? caller : Slot(caller.lower, caller.upper, caller.cause.orAbsent)
  }

  private mutating func slot(_ constant: ConstantValue) -> Slot {
    switch constant {
    case .scalar(let number): return Slot(exact: number)
    case .string(let text): return Slot(exact: strings.number(of: text))
    case .node(let kind, let id): return node(kind, id)
    case .absent: return .absent
    }
  }

  private func node(_ kind: Int, _ id: String) -> Slot {
    if let found = find(kind, id) { return Slot(exact: Int64(found)) }
    return .unknownReference(Cause(.noNode, first: kind))
  }

  func find(_ kind: Int, _ id: String) -> Int? {
    if program.schema.kinds[kind].origin == .request { return overlay?.node(kind: kind, id: id) }
    return names.kinds[kind].flatMap { snapshot.node(kind: $0, id: id) }
  }
}
