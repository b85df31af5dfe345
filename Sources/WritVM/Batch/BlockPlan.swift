// A scorecard over all nodes of a kind, as steps that follow each other.

import WritBytecode

/// Steps, and where the last one leaves guard and condition of each check.
final class BlockPlan {
  let scorecard: ScorecardProgram
  let tables: BlockTables
  let steps: BlockSteps
  /// Over the subjects.
  private(set) var last: BlockStage
  private(set) var checks: [(applies: Int, passes: Int)] = []
  /// For each check, whether it has a guard.
  private(set) var isGuarded: [Bool] = []
  let kind: Int
  /// What is left of the routine for each subject by itself, and the first of the registers of its checks.
  private(set) var slice: (slice: ScalarSlice, first: Int)?
  /// Fuel that the blocks' part may take of any subject.
  let fuelLimit: Int64
  /// `nil` for a scorecard that blocks cannot do.
  init?(_ machine: Machine, scorecard index: Int, kind: Int) {
    guard let lowered = BlockLowering.lower(machine, scorecard: index, kind: kind),
      lowered.fuelLimit <= Double(Limits.fuel)
    else { return nil }
    scorecard = machine.program.scorecards[index]
    self.kind = kind
    tables = BlockTables(machine)
    let graph = lowered.graph
    fuelLimit = Int64(lowered.fuelLimit)
    let roots = lowered.checks.compactMap { $0 }
    // Nothing to gain where every check is left.
    if roots.isEmpty && !lowered.checks.isEmpty { return nil }
    let left = ScalarSlice(
      lowered, machine.program.routines[scorecard.routine], index: scorecard.routine)
    last = BlockStage(domain: .nodes(kind), rowCount: 0)
    steps = BlockSteps(graph, machine, tables, roots.flatMap { [$0.applies, $0.passes] })
    var compiler = BlockCompiler(graph, machine, tables, .nodes(kind))
    compiler.compile(roots.flatMap { [$0.applies, $0.passes] })
    checks = lowered.checks.map { check in
      check.map { (compiler.truth($0.applies), compiler.truth($0.passes)) } ?? (0, 0)
    }
    isGuarded = lowered.checks.map { check in
      check.map { graph.constant($0.applies) != .yes } ?? true
    }
    last = compiler.stage
    if let left {
      slice = (left, last.truthCount)
      for check in left.checks {
        checks[check.check] = (last.truthCount, last.truthCount + 1)
        last.truthCount += 2
      }
    }
    guard registerCount <= BlockPlan.maximumRegisters else { return nil }
  }

  /// A scorecard that needs more is left to the scalar executor: with 1,024 rows each takes 32 KiB, and every worker has all.
  static let maximumRegisters = 1024

  var registerCount: Int { max(truthCount, numberCount) }

  var truthCount: Int { max(steps.truthCount, last.truthCount) }
  var numberCount: Int { max(steps.numberCount, last.numberCount) }
}
