// Verdicts on many requests of one gate at once: clauses by blocks where they can, each request by itself elsewhere.

import WritBytecode
import WritModel

/// Requests of one gate that are judged together. For one thread at a time, while its machine is bound to what it was made for.
public final class GateBlock {
  /// Requests of a full block.
  public static let capacity = 1024

  private let machine: Machine
  private let gate: Int
  private let plan: GatePlan
  private let executor: BlockExecutor
  private let parameterCount: Int
  /// Number of the first node of the kind that a parameter is of, and how many there are; `nil` for a parameter of any other type.
  private let nodes: [Range<Int64>?]
  /// Arguments by request, as they were given.
  private let slots: UnsafeMutablePointer<Slot>
  /// And by parameter.
  private let columns: UnsafeMutablePointer<ArgumentColumn>
  /// Requests with an argument that is not exact, or is no node of the graph.
  private let odd: Words
  /// Bit c: clause c is left to each request by itself.
  private let left: UInt64
  /// Bits of the clauses with findings, for each request.
  private let denying: UnsafeMutablePointer<UInt64>
  public private(set) var count = 0

  /// What of the gate depends on no request is decided now: O(size of the program + nodes and edges of the walks).
  ///
  /// `nil` where blocks gain nothing: for a gate with waivers, of more than 64 clauses, or of which blocks can do none.
  ///
  /// - Parameter machine: Bound to a request that brings no facts.
  public init?(_ machine: Machine, gate index: Int) {
    let gate = machine.program.gates[index]
    guard !machine.program.hasWaivers(ofGate: index), gate.clauses.count <= 64,
      let plan = GatePlan(machine, gate: index)
    else { return nil }
    self.machine = machine
    self.gate = index
    self.plan = plan
    parameterCount = gate.parameters.count
    executor = BlockExecutor(
      machine, blockRows: GateBlock.capacity, truthCount: plan.truthCount,
      numberCount: plan.numberCount)
    nodes = gate.parameters.map { parameter in
      parameter.type.onlyKind.map { machine.nodes(ofKind: $0) }
    }
    let done = plan.findings.reduce(0 as UInt64) { $0 | 1 << UInt64($1.clause) }
    let all = gate.clauses.count == 64 ? ~0 : (1 as UInt64) << UInt64(gate.clauses.count) - 1
    left = all & ~done
    denying = .allocate(capacity: GateBlock.capacity)
    denying.initialize(repeating: 0, count: GateBlock.capacity)
    slots = .allocate(capacity: max(1, parameterCount * GateBlock.capacity))
    columns = .allocate(capacity: max(1, parameterCount))
    let enums = machine.program.schema.enums
    for (place, parameter) in gate.parameters.enumerated() {
      (columns + place).initialize(to: ArgumentColumn(parameter.type, enums))
    }
    odd = .allocate(capacity: Bits.wordCount(GateBlock.capacity))
    odd.initialize(repeating: 0, count: Bits.wordCount(GateBlock.capacity))
    executor.arguments = UnsafePointer(columns)
    plan.steps.run([executor]) { count, body in (0..<count).forEach(body) }
  }

  deinit {
    slots.deallocate()
    for parameter in 0..<parameterCount { columns[parameter].values.deallocate() }
    columns.deallocate()
    denying.deallocate()
    odd.deallocate()
  }

  /// Clauses that blocks do.
  public var blockClauseCount: Int { plan.findings.count }

  public var isFull: Bool { count == GateBlock.capacity }

  /// Adds a request with these arguments, one for each parameter of the gate, to a block that is not full.
  public func append(_ arguments: UnsafeBufferPointer<Slot>) {
    precondition(arguments.count == parameterCount && !isFull, "an argument for each parameter")
    let row = count
    var isOdd = false
    for parameter in 0..<parameterCount {
      let slot = arguments[parameter]
      slots[row &* parameterCount &+ parameter] = slot
      var value = slot.lower
      if !slot.isExact || !slot.cause.isNone { isOdd = true }
      if columns[parameter].width == 1 && UInt64(bitPattern: value) > 255 { isOdd = true }
      if let nodes = nodes[parameter], isOdd || !nodes.contains(value) {
        isOdd = true
        // Some node, so that every column can be read; the row is not used.
        value = nodes.lowerBound
      }
      columns[parameter].store(value, row)
    }
    if isOdd { Bits.set(odd, row) }
    count &+= 1
  }

  /// What `Machine.verdict` says of each request, in the order in which they were added. The block is empty after it.
  public func takeVerdicts(asOf: Int64, _ body: (Int, GateVerdict) -> Void) {
    let count = count
    defer { clear() }
    judge(count)
    for row in 0..<count {
      body(row, verdict(row, asOf: asOf))
    }
  }

  private func clear() {
    Bits.fill(odd, Bits.wordCount(count), with: 0)
    count = 0
  }

  private func judge(_ count: Int) {
    for row in 0..<count { denying[row] = 0 }
    guard count > 0, nodes.allSatisfy({ $0?.isEmpty != true }) else {
      // Nobody is asked about but nodes that are not there.
      return Bits.fill(odd, Bits.wordCount(count), with: ~0)
    }
    executor.run(plan.last, base: 0, rows: count)
    for (clause, truth) in plan.findings {
      let bit = 1 as UInt64 &<< UInt64(truncatingIfNeeded: clause)
      // What may be a finding is one.
      Bits.each(executor.truths[truth].upper, count) { denying[$0] |= bit }
    }
  }

  private func verdict(_ row: Int, asOf: Int64) -> GateVerdict {
    let isOdd = Bits.isSet(odd, row)
    if left == 0 && !isOdd {
      return GateVerdict(
        outcome: denying[row] == 0 ? .allow : .deny, denying: denying[row], owed: 0)
    }
    let arguments = UnsafeBufferPointer(
      start: slots + row &* parameterCount, count: parameterCount)
    return machine.verdict(
      gate: gate, of: isOdd ? ~0 : left, denying: isOdd ? 0 : denying[row], arguments, asOf: asOf)
  }
}

extension ArgumentColumn {
  /// A full block of them, all zero. Truths and members of small enums take a byte.
  fileprivate init(_ type: ValueType, _ enums: [EnumType]) {
    let isNarrow =
      switch type {
      case .bool: true
      case .enumeration(let index): enums[index].members.count <= 256
      default: false
      }
    width = isNarrow ? 1 : 8
    values = .allocate(byteCount: GateBlock.capacity * width, alignment: 16)
    values.initializeMemory(as: UInt8.self, repeating: 0, count: GateBlock.capacity * width)
  }

  /// Of an exact argument; of any other something that fits.
  @inline(__always)
  fileprivate func store(_ value: Int64, _ row: Int) {
    if width == 1 {
      values.storeBytes(of: UInt8(truncatingIfNeeded: value), toByteOffset: row, as: UInt8.self)
    } else {
      values.storeBytes(of: value, toByteOffset: row &* 8, as: Int64.self)
    }
  }
}
