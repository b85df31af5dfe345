// What both executors share: a verified program linked to a graph, registers, and the limits of a run.

public import WritBytecode
import WritGraph

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
  /// Bytes of all words of a command, with one behind each.
  public static let commandBytes = 1 << 20
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

/// Registers, sets and cursors for one run after another, over one snapshot. Not thread-safe: one machine a thread.
public final class Machine {
  public let program: Program
  let prepared: PreparedProgram
  /// In memory of its own: a stored property of a class would be guarded at each access of the loop.
  private let linked: UnsafeMutablePointer<LinkedGraph>
  /// The epoch whose tables are linked; those of the request over them.
  private(set) var epoch: LinkedEpoch?
  /// Keeps the memory alive that `graph` points into, as `prepared` does for the snapshot.
  private var request: RequestLink?
  var strings: StringTable
  /// Of each routine, so that a run counts no references.
  let code: UnsafeMutablePointer<RoutineCode>
  let registers: UnsafeMutablePointer<Slot>
  let sets: UnsafeMutablePointer<SetBuffer>
  let cursors: UnsafeMutablePointer<LoopCursor>
  private let setCount: Int
  var closures: [ClosureState]
  var scores: [[ScoredCheck]]
  var reading = Reading.vouched
  var fuel = Limits.fuel
  /// Instructions of all runs so far.
  public internal(set) var stepCount = 0
  /// Answers of clauses, and reasons, that were taken over from earlier questions.
  public internal(set) var rememberedCount = 0
  /// Clauses whose verdict exact code has found.
  public internal(set) var exactAnswerCount = 0
  var approvals: [GrantedApproval] = []
  /// Nodes of those who gave the leave under which the caller asks: none of them may approve.
  public var represented: [Int64] = []
  /// Take every approval as given, and note those that are not.
  var assumesApprovals = false
  public internal(set) var missingApprovals: [MissingApproval] = []
  /// Approvals that are asked for together, as far as the words have come; and how many were missing before.
  var approvalRow: [ApprovalInRow] = []
  var missingBeforeRow = 0
  /// Places in `approvals` of those that counted in any run since they were set.
  var countedApprovals: Set<Int> = []
  var rows: [EmittedRow] = []
  /// Facts that the run reads, where somebody asked for them.
  var reads = FactReads()
  /// Names of nodes of the snapshot that were asked for.
  private(set) var references: [Int64: String] = [:]
  /// What clauses said before of facts that no request changes.
  var clauseTexts = ClauseTexts()
  /// What clauses answered before, other requests too.
  var answers = AnswerMemory()
  /// What they said of what they found.
  var foundReasons = ReasonMemory()
  /// What is looked for in those two; its memory is used again.
  var key: [UInt64] = []
  /// For each gate that was asked with a memory, what its clauses depend on.
  var gateInputs: [GateInputs?]
  /// For how long what the clause at hand answers will hold, as far as it has looked at the time by marked code.
  var span = AnswerSpan.always
  /// For each kind: how often its nodes were looked for by bytes, and an index of them once that was often.
  private var lookupCounts: [Int]
  private var nodeIndexes: [NodeIndex?]
  private lazy var snapshotNames = namesOfSnapshot()
  /// Executor and tables of those who ask for outcomes alone.
  var verdicts: VerdictState
  /// Bit g: generator g has told that its range is open.
  var toldOpen: UInt16 = 0

  init(_ prepared: PreparedProgram) {
    self.prepared = prepared
    program = prepared.program.program
    gateInputs = Array(repeating: nil, count: program.gates.count)
    lookupCounts = Array(repeating: 0, count: program.schema.kinds.count)
    nodeIndexes = Array(repeating: nil, count: program.schema.kinds.count)
    verdicts = VerdictState(gates: Array(repeating: nil, count: program.gates.count))
    strings = StringTable(snapshot: prepared.snapshot, overlay: nil)
    linked = .allocate(capacity: 1)
    linked.initialize(to: LinkedGraph())
    let routines = program.routines
    let registerCount = max(program.globalCount, routines.map(\.registerCount).max() ?? 0)
    setCount = routines.map(\.setCount).max() ?? 0
    let cursorCount = routines.map(\.cursorCount).max() ?? 0
    code = .allocate(capacity: routines.count)
    for (index, routine) in routines.enumerated() {
      (code + index).initialize(to: RoutineCode(routine))
    }
    registers = .allocate(capacity: registerCount)
    registers.initialize(repeating: .no, count: registerCount)
    sets = .allocate(capacity: setCount)
    for set in 0..<setCount { (sets + set).initialize(to: SetBuffer()) }
    cursors = .allocate(capacity: cursorCount)
    cursors.initialize(repeating: LoopCursor(set: 0, next: 0), count: cursorCount)
    closures = (0..<setCount).map { _ in ClosureState() }
    scores = Array(repeating: [], count: routines.map(\.scoreBufferCount).max() ?? 0)
  }

  deinit {
    for set in 0..<setCount { sets[set].deallocate() }
    for closure in closures { closure.deallocate() }
    reads.deallocate()
    for index in program.routines.indices { code[index].deallocate() }
    code.deallocate()
    registers.deallocate()
    sets.deallocate()
    cursors.deallocate()
    linked.deinitialize(count: 1)
    linked.deallocate()
  }

  /// Keeps what a node of the snapshot is called; those of requests differ from one to the next.
  func keep(reference: String, to node: Int64) {
    guard node >= 0, node < Int64(prepared.snapshot.nodeCount) else { return }
    if references.count == Machine.keptReferences { references.removeAll() }
    references[node] = reference
  }

  private static let keptReferences = 1 << 16

  /// The time that is decided for.
  var now: Int64 { registers[Program.nowRegister].lower }

  /// The graph of the request at hand.
  var graph: LinkedGraph {
    @inline(__always) _read { yield linked.pointee }
  }

  /// Makes the machine answer a request at an instant. O(what the request brings) when it is first asked in an epoch, else O(tables
  /// of the program).
  public func bind(_ request: RequestLink, _ circumstances: Circumstances) {
    let epoch = prepared.epoch(at: circumstances.asOf)
    if self.request !== request || self.epoch !== epoch {
      request.link(prepared, epoch, into: linked, isOfEpoch: self.epoch === epoch)
      self.epoch = epoch
      self.request = request
      verdicts.tables = nil
    }
    verdicts.isBound = false
    let names = request.names(self)
    strings = names.strings
    for (index, value) in names.globals.enumerated() { registers[2 + index] = value }
    registers[Program.nowRegister] = Slot(exact: circumstances.now)
    registers[Program.callerRegister] = caller(circumstances)
  }

  /// The values of parameters and constants over a request, and the strings with the numbers that these were given. O(what the
  /// request can change of them).
  func names(over overlay: Overlay?) -> RequestNames {
    var names = snapshotNames.names
    guard let overlay else { return names }
    names.strings = StringTable(names.strings, over: overlay)
    for (place, value) in snapshotNames.unsettled {
      names.globals[place] = slot(value, overlay, &names.strings)
    }
    return names
  }

  private func namesOfSnapshot() -> SnapshotNames {
    var strings = StringTable(snapshot: prepared.snapshot, overlay: nil)
    var globals: [Slot] = []
    var unsettled: [(place: Int, value: ConstantValue)] = []
    for value in program.parameters.map({ $0.value }) + program.constants {
      if canChange(value) { unsettled.append((globals.count, value)) }
      globals.append(slot(value, nil, &strings))
    }
    return SnapshotNames(
      names: RequestNames(globals: globals, strings: strings), unsettled: unsettled)
  }

  /// Whether the value over a request can be another than over the snapshot alone.
  private func canChange(_ constant: ConstantValue) -> Bool {
    switch constant {
    case .string(let text): prepared.snapshot.strings.find(text) == nil
    case .node(let kind, _): prepared.parts.isOfRequest(kind: kind)
    case .scalar, .absent: false
    }
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

/// The instructions of a routine, copied.
struct RoutineCode {
  /// `nil` where there is none.
  let start: UnsafePointer<Instruction>?
  let inputCount: Int
  let scoreBufferCount: Int

  init(_ routine: Routine) {
    self.init(
      routine.code, inputCount: routine.inputCount, scoreBufferCount: routine.scoreBufferCount)
  }

  private init(_ words: [Instruction], inputCount: Int, scoreBufferCount: Int) {
    self.inputCount = inputCount
    self.scoreBufferCount = scoreBufferCount
    guard !words.isEmpty else {
      start = nil
      return
    }
    let copy = UnsafeMutablePointer<Instruction>.allocate(capacity: words.count)
    words.withUnsafeBufferPointer { words in
      if let first = words.baseAddress { copy.initialize(from: first, count: words.count) }
    }
    start = UnsafePointer(copy)
  }

  func deallocate() { start?.deallocate() }

  /// The same with other words, as many of them.
  func replaced(by words: [Instruction]) -> RoutineCode {
    RoutineCode(words, inputCount: inputCount, scoreBufferCount: scoreBufferCount)
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
    node(kind: kind, id: id, request?.overlay)
  }

  /// The same of an id as bytes.
  public func node(kind: Int, id: UnsafeBufferPointer<UInt8>) -> Int64? {
    if prepared.parts.isOfRequest(kind: kind) {
      return request?.overlay?.node(kind: kind, id: id).map { Int64($0) }
    }
    if let index = nodeIndexes[kind] { return index.node(id).map { Int64($0) } }
    countLookup(ofKind: kind)
    return prepared.names.kinds[kind].flatMap { prepared.snapshot.node(kind: $0, id: id) }
      .map { Int64($0) }
  }

  /// Whoever has looked for an eighth of a kind's nodes has paid for an index of all.
  private func countLookup(ofKind kind: Int) {
    lookupCounts[kind] += 1
    guard let known = prepared.names.kinds[kind],
      lookupCounts[kind] * 8 >= prepared.snapshot.nodeRange(ofKind: known).count
    else { return }
    nodeIndexes[kind] = prepared.nodeIndex(ofKind: kind)
  }

  private func node(kind: Int, id: String, _ overlay: Overlay?) -> Int64? {
    if program.schema.kinds[kind].origin == .request {
      return overlay?.node(kind: kind, id: id).map { Int64($0) }
    }
    return prepared.names.kinds[kind].flatMap { prepared.snapshot.node(kind: $0, id: id) }
      .map { Int64($0) }
  }

  /// Optional by its type: whom the graph does not have may as well be nobody.
  private func caller(_ circumstances: Circumstances) -> Slot {
    guard let (kind, id) = circumstances.caller else { return .absent }
    guard let caller = node(kind: kind, id: id) else {
      let unknown = noNode(kind: kind)
      return Slot(unknown.lower, unknown.upper, unknown.cause.orAbsent)
    }
    return Slot(exact: caller)
  }

  private func slot(
    _ constant: ConstantValue, _ overlay: Overlay?, _ strings: inout StringTable
  ) -> Slot {
    switch constant {
    case .scalar(let number): Slot(exact: number)
    case .string(let text): Slot(exact: strings.number(of: text))
    case .node(let kind, let id):
      node(kind: kind, id: id, overlay).map { Slot(exact: $0) } ?? noNode(kind: kind)
    case .absent: .absent
    }
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
    ValueFormatter(machine: self).reference(to: node)
  }
}

extension Slot {
  /// The optional that is known to be absent.
  public static let nothing = Slot.absent
}
