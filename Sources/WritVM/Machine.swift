// What both executors share: a verified program linked to a graph, registers, and the limits of a run.

public import WritBytecode

/// Whether facts that nobody vouches for are unknown, or their last known values.
public enum Reading: Sendable {
  /// Gates and scorecards: what is not vouched for is unknown.
  case vouched
  /// Queries: the last known value, with a cause.
  case lastKnown
}

/// Bounds of a run.
public enum Limits {
  /// Elements and edges that one clause may look at.
  public static let fuel: Int64 = 10_000_000
  /// Rows that one routine may emit.
  public static let rows = 1_000_000
  /// Reasons that one clause may give before the rest are counted only.
  public static let toldRows = 100
  /// Nodes of the way that a reason tells: the last ones of a longer way.
  public static let witness = 2_000
  /// The most that a set can hold: the upper bound of the count of an open one.
  public static let count: Int64 = 1 << 40
}

/// An approval that was verified and counts for this request.
public struct GrantedApproval: Sendable {
  public let role: String
  /// Number of the approver's node, or one of its own beyond all nodes if the graph has none.
  public let approver: Int64
  /// Microseconds since the epoch.
  public let signedAt: Int64
  public let expires: Int64

  public init(role: String, approver: Int64, signedAt: Int64, expires: Int64) {
    self.role = role
    self.approver = approver
    self.signedAt = signedAt
    self.expires = expires
  }
}

/// An approval that a clause still wants.
public struct MissingApproval: Sendable {
  /// Index into `Program.approvals`.
  public let approval: Int
  /// Distinct people still needed.
  public let count: Int
  /// Nodes who may not give it, besides the caller.
  public let except: [Int64]
}

/// Registers, sets and cursors for one run after another. Not thread-safe: one machine a thread.
public final class Machine {
  public let program: Program
  let graph: LinkedGraph
  /// Keeps the memory alive that `graph` points into.
  private let owners: [AnyObject]
  var strings: StringTable
  private let findNode: (Int, String) -> Int?
  let registers: UnsafeMutablePointer<Slot>
  let sets: UnsafeMutablePointer<SetBuffer>
  let cursors: UnsafeMutablePointer<LoopCursor>
  private let registerCount: Int
  private let setCount: Int
  private let cursorCount: Int
  var closures: [ClosureState]
  var scores: [[ScoredCheck]]
  var reading = Reading.vouched
  var fuel = Limits.fuel
  /// Instructions of all runs so far.
  public internal(set) var stepCount = 0
  var approvals: [GrantedApproval] = []
  /// Take every approval as given, and note those that are not.
  var assumesApprovals = false
  public internal(set) var missingApprovals: [MissingApproval] = []
  /// Places in `approvals` of those that counted in any run since they were set.
  var countedApprovals: Set<Int> = []
  var rows: [EmittedRow] = []
  /// Facts that the run reads, where somebody asked for them.
  var reads = FactReads()
  /// Bit g: generator g has told that its range is open.
  var toldOpen: UInt16 = 0

  init(
    _ verified: VerifiedProgram, graph: LinkedGraph, strings: StringTable, owners: [AnyObject],
    findNode: @escaping (Int, String) -> Int?
  ) {
    program = verified.program
    self.graph = graph
    self.strings = strings
    self.owners = owners
    self.findNode = findNode
    let routines = program.routines
    registerCount = max(program.globalCount, routines.map(\.registerCount).max() ?? 0)
    setCount = routines.map(\.setCount).max() ?? 0
    cursorCount = routines.map(\.cursorCount).max() ?? 0
    registers = .allocate(capacity: registerCount)
    registers.initialize(repeating: .no, count: registerCount)
    sets = .allocate(capacity: setCount)
    for set in 0..<setCount { (sets + set).initialize(to: SetBuffer()) }
    cursors = .allocate(capacity: cursorCount)
    cursors.initialize(repeating: LoopCursor(set: 0, next: 0), count: cursorCount)
    closures = (0..<setCount).map { _ in ClosureState() }
    scores = Array(repeating: [], count: routines.map(\.scoreBufferCount).max() ?? 0)
    for (index, value) in graph.globals.enumerated() where index < registerCount {
      registers[index] = value
    }
  }

  deinit {
    for set in 0..<setCount { sets[set].deallocate() }
    for closure in closures { closure.deallocate() }
    registers.deallocate()
    sets.deallocate()
    cursors.deallocate()
  }

  /// The bytes of a string by its number; none for a number that names no string.
  func withBytes<Result>(of string: Int64, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result
  {
    strings.withBytes(of: string, body)
  }

  /// Spends fuel for looking at so many things; false if there was not enough.
  @inline(__always)
  func spend(_ count: Int) -> Bool {
    fuel -= 1 + Int64(count)
    return fuel >= 0
  }
}

/// Where a loop stands.
struct LoopCursor {
  var set: Int
  /// Place of the element that `next` takes next.
  var next: Int
}

/// A check of a scorecard, evaluated.
struct ScoredCheck {
  let applies: Slot
  let passes: Slot
}

extension Machine {
  /// The number of a node by kind and id; `nil` if the graph has no such node.
  public func node(kind: Int, id: String) -> Int64? {
    findNode(kind, id).map { Int64($0) }
  }

  /// A node that the graph does not have: unknown.
  public func noNode(kind: Int) -> Slot { .unknownReference(Cause(.noNode, first: kind)) }

  /// The number of a string, which is given one if the graph has none.
  public func number(ofString text: String) -> Int64 {
    strings.number(of: text)
  }

  /// Every node of a kind, in order.
  public func nodes(ofKind kind: Int) -> Range<Int64> {
    let first = Int64(graph.kindFirst[kind])
    return first..<first + Int64(graph.kindCount[kind])
  }

  /// `Kind/id` of a node.
  public func reference(to node: Int64) -> String {
    ValueFormatter(schema: program.schema, machine: self).reference(to: node)
  }
}

extension Slot {
  /// The optional that is known to be absent.
  public static let nothing = Slot.absent
}
