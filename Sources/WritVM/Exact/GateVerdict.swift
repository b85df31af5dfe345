// The outcome of a gate and the clauses that it rests on, and nothing else: no reasons, no trace, nothing for the record.

import Synchronization
import WritBytecode
public import WritModel

/// What a gate says of one request, in short.
public struct GateVerdict: Hashable, Sendable {
  /// As a whole decision has it.
  public let outcome: Outcome
  /// Bit c: clause c, in the order of the gate, failed or fired.
  public let denying: UInt64
  /// Bit c: clause c is owed.
  public let owed: UInt64

  public init(outcome: Outcome, denying: UInt64, owed: UInt64) {
    self.outcome = outcome
    self.denying = denying
    self.owed = owed
  }
}

/// Exact code for the clauses of one gate; `nil` for a clause that only the scalar executor can do.
///
/// Unchecked: nothing is written once it is made.
final class ExactGate: @unchecked Sendable {
  let clauses: UnsafeMutablePointer<ExactCode?>
  let clauseCount: Int
  let registerCount: Int
  let parameterCount: Int
  let hasWaivers: Bool

  /// O(size of the clauses' routines).
  init(_ program: Program, gate index: Int) {
    let gate = program.gates[index]
    parameterCount = gate.parameters.count
    hasWaivers = program.hasWaivers(ofGate: index)
    clauseCount = gate.clauses.count
    clauses = .allocate(capacity: clauseCount)
    var registers = 0
    for (place, clause) in gate.clauses.enumerated() {
      let code =
        clause.hasApproval || program.schema.kinds.count > 64
        ? nil : ExactCompiler.compile(program.routines[clause.routine], program)
      (clauses + place).initialize(to: code)
      registers = max(registers, code?.registerCount ?? 0)
    }
    registerCount = registers
  }

  deinit {
    for place in 0..<clauseCount { clauses[place]?.deallocate() }
    clauses.deallocate()
  }
}

/// What a machine answers verdicts with.
struct VerdictState {
  /// For each gate that was asked.
  var gates: [ExactGate?]
  var executor: ExactExecutor?
  var registerCount = 0
  /// Of the request and the epoch that were asked about last.
  var tables: ExactTables?
  /// The executor has the tables and globals of what the machine is bound to.
  var isBound = false
}

extension Machine {
  /// The outcome that `decide` comes to for the same, and the clauses that it rests on. A clause that rests on nothing unknown is
  /// done without intervals, causes, reasons and traces; any other as `decide` does it.
  ///
  /// `nil` for a gate with waivers, where more than clauses matters, or with more than 64 clauses: use `decide`.
  public func verdict(
    gate index: Int, arguments: [Slot], approvals: [GrantedApproval] = [], asOf: Int64
  ) -> GateVerdict? {
    let gate = exactGate(index)
    guard !gate.hasWaivers, gate.clauseCount <= 64 else { return nil }
    precondition(arguments.count == gate.parameterCount, "an argument for each parameter")
    return arguments.withUnsafeBufferPointer {
      verdict(gate, index, of: ~0, denying: 0, $0, approvals, asOf: asOf)
    }
  }

  /// The verdict of a gate of which some clauses have been judged.
  ///
  /// - Parameters:
  ///   - wanted: Bit c: clause c is still to be judged.
  ///   - denying: Of the others, those with a finding.
  func verdict(
    gate index: Int, of wanted: UInt64, denying: UInt64, _ arguments: UnsafeBufferPointer<Slot>,
    asOf: Int64
  ) -> GateVerdict {
    verdict(exactGate(index), index, of: wanted, denying: denying, arguments, [], asOf: asOf)
  }

  @inline(__always)
  private func verdict(
    _ gate: ExactGate, _ index: Int, of wanted: UInt64, denying known: UInt64,
    _ arguments: UnsafeBufferPointer<Slot>, _ approvals: [GrantedApproval], asOf: Int64
  ) -> GateVerdict {
    let executor = boundExecutor(gate)
    executor.set(arguments)
    var (denying, unsure) = executor.run(gate, wanted)
    denying |= known
    exactAnswerCount &+= min(gate.clauseCount, wanted.nonzeroBitCount) &- unsure.nonzeroBitCount
    var owed: UInt64 = 0
    while unsure != 0 {
      let place = unsure.trailingZeroBitCount
      unsure &= unsure - 1
      switch whole(index, place, Array(arguments), approvals, asOf: asOf) {
      case .passed, .waived: break
      case .failed: denying |= 1 << UInt64(place)
      case .owed: owed |= 1 << UInt64(place)
      }
    }
    return GateVerdict(
      outcome: denying != 0 ? .deny : owed != 0 ? .hold : .allow, denying: denying, owed: owed)
  }

  @inline(never)
  private func whole(
    _ gate: Int, _ place: Int, _ arguments: [Slot], _ approvals: [GrantedApproval], asOf: Int64
  ) -> ClauseOutcome {
    let builder = builder(gate: gate, arguments, approvals, [], asOf: asOf, .off)
    return builder.answer(program.gates[gate].clauses, place).outcome
  }

  @inline(__always)
  private func exactGate(_ index: Int) -> ExactGate {
    if let known = verdicts.gates[index] { return known }
    return newExactGate(index)
  }

  @inline(never)
  private func newExactGate(_ index: Int) -> ExactGate {
    let made = prepared.exactGate(index)
    verdicts.gates[index] = made
    return made
  }

  @inline(__always)
  private func boundExecutor(_ gate: ExactGate) -> ExactExecutor {
    if verdicts.isBound, let executor = verdicts.executor,
      gate.registerCount <= verdicts.registerCount
    {
      return executor
    }
    return newlyBoundExecutor(gate)
  }

  @inline(never)
  private func newlyBoundExecutor(_ gate: ExactGate) -> ExactExecutor {
    let tables = verdicts.tables ?? ExactTables(graph, program)
    verdicts.tables = tables
    if verdicts.executor == nil || gate.registerCount > verdicts.registerCount {
      let inputs = program.gates.map(\.parameters.count).max() ?? 0
      verdicts.registerCount = max(gate.registerCount, program.globalCount + inputs)
      verdicts.executor = ExactExecutor(
        self, registerCount: verdicts.registerCount, tables: tables)
    }
    guard let executor = verdicts.executor else { preconditionFailure("it was just made") }
    executor.bind(tables)
    verdicts.isBound = true
    return executor
  }
}
