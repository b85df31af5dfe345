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
///
/// Whoever asks more than once of one snapshot keeps a `PreparedProgram` and a machine of it.
public func link(
  _ program: VerifiedProgram, _ snapshot: Snapshot, _ overlay: Overlay?,
  _ circumstances: Circumstances
) throws(LinkError) -> Machine {
  let machine = try PreparedProgram(program, snapshot).machine()
  machine.bind(RequestLink(overlay), circumstances)
  return machine
}

/// Works out the tables of one graph: all of them at an epoch, or those of a request over an epoch's. A class, so that closures share
/// it and no copy counts the references of its parts.
final class Linker {
  private let prepared: PreparedProgram
  let overlay: Overlay?
  let vouching: VouchingTable
  /// Where they are worked out: a copy would count the references of all of them.
  private let place: UnsafeMutablePointer<LinkedGraph>
  private(set) var vouchingIndexes: [VouchingKey: Int] = [:]

  // Lent, since copies would count the references of all their parts.
  var program: Program { @inline(__always) _read { yield prepared.program.program } }
  var names: SchemaMatch { @inline(__always) _read { yield prepared.names } }
  var snapshot: Snapshot { prepared.snapshot }

  private(set) var graph: LinkedGraph {
    @inline(__always) _read { yield place.pointee }
    @inline(__always) _modify { yield &place.pointee }
  }

  /// Begins with nothing, without any request.
  init(_ prepared: PreparedProgram, asOf: Int64, into place: UnsafeMutablePointer<LinkedGraph>) {
    self.place = place
    self.prepared = prepared
    overlay = nil
    vouching = VouchingTable(
      schema: prepared.program.program.schema, snapshot: prepared.snapshot, names: prepared.names,
      asOf: asOf)
  }

  /// Begins with what an epoch has.
  ///
  /// - Parameter isOfEpoch: The epoch's tables are in their place, with those of another request over them.
  init(
    _ prepared: PreparedProgram, _ epoch: LinkedEpoch, _ overlay: Overlay?,
    into place: UnsafeMutablePointer<LinkedGraph>, isOfEpoch: Bool
  ) {
    self.place = place
    self.prepared = prepared
    self.overlay = overlay
    vouching = epoch.vouching
    vouchingIndexes = epoch.vouchingIndexes
    if isOfEpoch {
      // What the other request had others vouch for.
      graph.vouchings.removeLast(graph.vouchings.count - epoch.graph.vouchings.count)
    } else {
      place.pointee = epoch.graph
    }
  }

  /// Everything but the globals.
  func link() {
    let schema = program.schema
    graph.nodeCount = snapshot.nodeCount + (overlay?.nodeIDs.count ?? 0)
    graph.orderedStringCount = snapshot.strings.count
    for kind in schema.kinds.indices {
      let nodes = nodes(ofKind: kind)
      graph.kindFirst.append(nodes.lowerBound)
      graph.kindCount.append(nodes.count)
    }
    for kind in schema.kinds.indices {
      graph.kindVouchings.append(vouchingIndex(schema.kinds[kind].origin, kind))
    }
    graph.columns = program.fields.map { columns(of: $0) }
    graph.ends = schema.edges.indices.map(ends(of:))
    graph.steps = program.steps.map { step in step.edges.flatMap { tables(of: $0) } }
    graph.lastSpoke = { [vouching] in vouching.lastSpoke($0, $1, $2) }
  }

  /// Again what a request brings; the rest stays as the epoch has it.
  func link(_ parts: RequestParts) {
    graph.nodeCount = snapshot.nodeCount + (overlay?.nodeIDs.count ?? 0)
    for kind in parts.kinds {
      let nodes = nodes(ofKind: kind)
      graph.kindFirst[kind] = nodes.lowerBound
      graph.kindCount[kind] = nodes.count
    }
    for kind in parts.kinds {
      graph.kindVouchings[kind] = vouchingIndex(program.schema.kinds[kind].origin, kind)
    }
    for field in parts.fields { graph.columns[field] = columns(of: program.fields[field]) }
    for edge in parts.edges { graph.ends[edge] = ends(of: edge) }
    for step in parts.steps {
      graph.steps[step] = program.steps[step].edges.flatMap { tables(of: $0) }
    }
  }

  private func nodes(ofKind kind: Int) -> Range<Int> {
    if program.schema.kinds[kind].origin == .request {
      return overlay?.nodeRanges[kind] ?? 0..<0
    }
    return names.kinds[kind].map(snapshot.nodeRange(ofKind:)) ?? 0..<0
  }

  func vouchingIndex(_ origin: Origin, _ kind: Int) -> Int {
    let key = VouchingKey(origin: origin, kind: kind)
    if let index = vouchingIndexes[key] { return index }
    let first = graph.kindFirst[kind]
    let nodes = first..<first + graph.kindCount[kind]
    graph.vouchings.append(vouching.vouching(origin, kind: kind, nodes: nodes))
    vouchingIndexes[key] = graph.vouchings.count - 1
    return graph.vouchings.count - 1
  }
}

/// Whose facts, of the nodes of which kind.
struct VouchingKey: Hashable {
  let origin: Origin
  let kind: Int
}
