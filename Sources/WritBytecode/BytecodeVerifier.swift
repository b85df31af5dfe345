// All that the executors then need not check.

/// A program that was verified: the only kind that an executor takes.
///
/// Established for any bytes, so that it need not be looked at again at run time:
///
/// - Tables: every index that stands in one is in range; names are distinct; weights, counts and
///   limits are in their bounds; what a gate, scorecard, query or action calls takes its inputs
///   and captures what it promises.
/// - Actions: what touches production has a gate and says how it is taken back; taking back ends; the
///   program of a command is a text, and no word of it asks for `now` or `caller`.
/// - Words: the opcode is known, every operand is in range for its role, unused ones are 0. Shared
///   and input registers are never written. The divisor of `floorDivide` is a constant above 0.
///   `field` names scalar fields, `fieldSet` sets of strings, `follow` edges forwards with at most
///   one target.
/// - Sets: a word does not write a set that it reads. A set that an open loop ranges over is not
///   written, one in which an open filtered closure collects is touched by its own words and
///   `openFrom` alone.
/// - Ways: what is read was written before on every way. `score` finds exactly the checks of its
///   scorecard.
///   `emit`, `closureFound` and `appendVia` name cursors that stand on an element.
/// - End: jumps go forwards and stay inside; backwards go only `repeat` and `closureRepeat`, each
///   to its own `next`; no loop is entered but from its top, and none restarts its own cursor. So
///   every way ends in `halt`, after finitely many elements; how many, the fuel bounds.
///
/// Not established: numbers are data. A register may hold any number when `field`, `follow`,
/// `edgeEnd` and their like take it for a node, an edge or a string, and a set any number as an
/// element. **An executor checks those where it uses them as an index.** Nor is it known that a
/// routine emits at all, nor that sets were sealed before they are combined. After a run that was
/// cut short by fuel, score buffers may hold checks: they are cleared before a run.
public final class VerifiedProgram: Hashable, Sendable {
  public let program: Program

  /// Verifies a program; time and memory are linear in its size, up to named limits.
  public init(verifying program: Program) throws(VerifyError) {
    try SchemaVerifier(schema: program.schema).verify()
    try TableVerifier(program: program).verify()
    var asksForApproval: [Bool] = []
    var readsMoment: [Bool] = []
    var flowBudget = Limits.programFlow
    for index in program.routines.indices {
      var verifier = RoutineVerifier(program: program, index: index, flowBudget: flowBudget)
      try verifier.verify()
      flowBudget = verifier.flowBudget
      asksForApproval.append(verifier.asksForApproval)
      readsMoment.append(verifier.readsMoment)
    }
    try EntryVerifier(
      program: program, asksForApproval: asksForApproval, readsMoment: readsMoment
    ).verify()
    self.program = program
  }

  public static func == (left: VerifiedProgram, right: VerifiedProgram) -> Bool {
    left.program == right.program
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(program) }
}
