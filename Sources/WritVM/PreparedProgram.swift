// A program matched to a snapshot once, for any number of requests and instants.

import Synchronization
public import WritBytecode
public import WritGraph
import WritModel

/// What linking works out that neither a request nor the instant changes, and the tables of the epochs that were asked for.
///
/// What an instant changes is which sources vouch for what, and that only at certain times: when a line was spoken, and when
/// it is no longer fresh. Between two of them, in an epoch, the same tables hold. Safe for several threads.
public final class PreparedProgram: Sendable {
  public let program: VerifiedProgram
  public let snapshot: Snapshot
  let names: SchemaMatch
  let parts: RequestParts
  /// Nodes of which a source spoke by name.
  let nodesSpokenOf: Set<Int>
  /// For each gate that was asked with a memory, what its clauses depend on.
  private let gateInputs = Mutex<[Int: GateInputs]>([:])
  /// For each kind of the program whose nodes are often looked for.
  private let nodeIndexes = Mutex<[Int: NodeIndex]>([:])
  private let exactGates = Mutex<[Int: ExactGate]>([:])
  private let epochs = Mutex<[LinkedEpoch]>([])

  /// Epochs whose tables are kept; each has a word for each node of a kind that is not vouched for as a whole.
  private static let keptEpochs = 8

  /// Refuses a snapshot that does not have what the program asks for. O(size of the program).
  public init(_ program: VerifiedProgram, _ snapshot: Snapshot) throws(LinkError) {
    self.program = program
    self.snapshot = snapshot
    let names = try SchemaMatch(program.program, snapshot.schema)
    self.names = names
    parts = RequestParts(program.program)
    var nodes: Set<Int> = []
    for line in snapshot.sourceLines {
      if case .node(let node) = line.cover { nodes.insert(node) }
    }
    nodesSpokenOf = nodes
  }

  /// A machine over the snapshot; `bind` tells it whom to answer. For one thread at a time.
  public func machine() -> Machine { Machine(self) }

  /// What the clauses of a gate depend on; worked out once.
  func inputs(ofGate gate: Int) -> GateInputs {
    gateInputs.withLock { known in
      if let found = known[gate] { return found }
      let made = GateInputs(program.program, program.program.gates[gate], parts)
      known[gate] = made
      return made
    }
  }

  /// The nodes of a kind by their ids; made once, in O(nodes of the kind). `nil` for a kind that the snapshot has not.
  func nodeIndex(ofKind kind: Int) -> NodeIndex? {
    guard let known = names.kinds[kind] else { return nil }
    return nodeIndexes.withLock { indexes in
      if let found = indexes[kind] { return found }
      let made = NodeIndex(snapshot, kind: known)
      indexes[kind] = made
      return made
    }
  }

  /// The clauses of a gate as exact code; made once.
  func exactGate(_ gate: Int) -> ExactGate {
    exactGates.withLock { known in
      if let found = known[gate] { return found }
      let made = ExactGate(program.program, gate: gate)
      known[gate] = made
      return made
    }
  }

  /// The tables of the epoch that an instant lies in. Where they are not kept, O(size of the program + source lines + nodes of
  /// kinds that nobody vouches for).
  func epoch(at asOf: Int64) -> LinkedEpoch {
    if let known = epochs.withLock({ $0.first { $0.span.contains(asOf) } }) { return known }
    let made = LinkedEpoch(self, asOf: asOf)
    return epochs.withLock { kept in
      // Another thread may have been as quick.
      if let known = kept.first(where: { $0.span.contains(asOf) }) { return known }
      if kept.count == PreparedProgram.keptEpochs { kept.removeFirst() }
      kept.append(made)
      return made
    }
  }
}

/// The tables of one epoch, without any request.
///
/// Unchecked: nothing is written once it is made, and the pointers in it lead into the snapshot that it keeps alive.
final class LinkedEpoch: @unchecked Sendable {
  /// The instants between which the tables hold, microseconds since 1970.
  let span: ClosedRange<Int64>
  let graph: LinkedGraph
  let vouching: VouchingTable
  /// Where in the graph each is; none of what a request brings and others vouch for.
  let vouchingIndexes: [VouchingKey: Int]
  private let snapshot: Snapshot

  init(_ prepared: PreparedProgram, asOf: Int64) {
    span = VouchingTable.epoch(
      at: asOf, schema: prepared.program.program.schema, snapshot: prepared.snapshot,
      names: prepared.names)
    snapshot = prepared.snapshot
    var graph = LinkedGraph()
    let (vouching, indexes) = withUnsafeMutablePointer(to: &graph) { place in
      let linker = Linker(prepared, asOf: asOf, into: place)
      linker.link()
      return (linker.vouching, linker.vouchingIndexes)
    }
    self.graph = graph
    self.vouching = vouching
    let parts = prepared.parts
    vouchingIndexes = indexes.filter { key, _ in
      key.origin == .request || !parts.isOfRequest(kind: key.kind)
    }
  }
}

/// Which tables of a program depend on what a request brings.
final class RequestParts: Sendable {
  /// Kinds whose nodes requests bring.
  let kinds: [Int]
  /// Edge types that requests bring.
  let edges: [Int]
  /// Field references, and step references, that meet any of those.
  let fields: [Int]
  let steps: [Int]
  private let kindIs: [Bool]
  private let edgeIs: [Bool]
  /// For each kind, whether requests bring the field.
  private let fieldIs: [[Bool]]

  init(_ program: Program) {
    let schema = program.schema
    let kindIs = schema.kinds.map { $0.origin == .request }
    let edgeIs = schema.edges.map { edge in
      edge.origin == .request || kindIs[edge.source] || edge.targets.contains { kindIs[$0] }
    }
    let fieldIs = schema.kinds.enumerated().map { kind, type in
      type.fields.map { kindIs[kind] || $0.origin == .request }
    }
    kinds = kindIs.indices.filter { kindIs[$0] }
    edges = edgeIs.indices.filter { edgeIs[$0] }
    fields = program.fields.indices.filter { index in
      switch program.fields[index] {
      case .node(let fields): fields.contains { fieldIs[$0.kind][$0.field] }
      case .edge(let edge, _): edgeIs[edge]
      }
    }
    steps = program.steps.indices.filter { program.steps[$0].edges.contains { edgeIs[$0.edge] } }
    self.kindIs = kindIs
    self.edgeIs = edgeIs
    self.fieldIs = fieldIs
  }

  func isOfRequest(kind: Int) -> Bool { kindIs[kind] }

  /// Whether what was read may be another thing in another request.
  func isOfRequest(_ read: FactRead) -> Bool {
    switch read.question {
    case .field: fieldIs[read.owner][read.field]
    case .edgeField, .edges, .inverseEdges: edgeIs[read.owner]
    case .nodes: kindIs[read.owner]
    }
  }
}
