// A scorecard over all nodes of a kind, as steps that follow each other.

import Synchronization
import WritBytecode

/// One step; each ends before the next begins.
enum BlockStep {
  case stage(BlockStage)
  case gather(BlockGather)
}

/// Steps, and where the last one leaves guard and condition of each check.
final class BlockPlan {
  let scorecard: ScorecardProgram
  let tables: BlockTables
  private(set) var steps: [BlockStep] = []
  /// Over the subjects.
  private(set) var last: BlockStage
  private(set) var checks: [(applies: Int, passes: Int)] = []
  /// For each check, whether it has a guard.
  private(set) var isGuarded: [Bool] = []
  /// Bits of each kept truth, for the flags behind a stage.
  private(set) var kept: [Int: [(KeptTruth, PlaceBits)]] = [:]
  let kind: Int
  /// What is left of the routine for each subject by itself, and the first of the registers of its checks.
  private(set) var slice: (slice: ScalarSlice, first: Int)?
  /// Fuel that the blocks' part may take of any subject.
  let fuelLimit: Int64
  /// Rows of the blocks of tables that are counted by: whole words.
  static let tableRows = 1024

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
    plan(graph, machine, roots.flatMap { [$0.applies, $0.passes] })
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
  private static let maximumRegisters = 1024

  var registerCount: Int { max(truthCount, numberCount) }

  var truthCount: Int { stages.map(\.truthCount).max() ?? 0 }
  var numberCount: Int { stages.map(\.numberCount).max() ?? 0 }

  private var stages: [BlockStage] {
    steps.compactMap { if case .stage(let stage) = $0 { stage } else { nil } } + [last]
  }

  /// Stages for the predicates of all walks that the roots rest on, those that rest on others behind them.
  private func plan(_ graph: BlockGraph, _ machine: Machine, _ roots: [Int]) {
    let levels = BlockPlan.levels(graph, tables)
    var isNeeded = Array(repeating: false, count: graph.entries.count)
    for root in roots { isNeeded[root] = true }
    var walks: [BlockWalk] = []
    for number in graph.entries.indices.reversed() where isNeeded[number] {
      for operand in graph.operands(of: number) { isNeeded[operand] = true }
      guard let walk = graph.walk(of: number).map({ graph.walks[$0] }) else { continue }
      if let predicate = walk.predicate { isNeeded[predicate] = true }
      if !tables.countsAll(walk) && !walks.contains(walk) { walks.append(walk) }
    }
    for level in 0...(levels.max() ?? 0) {
      let due = walks.filter { ($0.predicate.map { levels[$0] } ?? 0) == level }
      for domain in due.compactMap(\.elements).distinct {
        add(due.filter { $0.elements == domain }, domain, graph, machine)
      }
    }
  }

  /// How many tables must have been gone through before an expression can be computed.
  private static func levels(_ graph: BlockGraph, _ tables: BlockTables) -> [Int] {
    var levels: [Int] = []
    for number in graph.entries.indices {
      var level = graph.operands(of: number).map { levels[$0] }.max() ?? 0
      if let walk = graph.walk(of: number).map({ graph.walks[$0] }), !tables.countsAll(walk) {
        level = max(level, 1 + (walk.predicate.map { levels[$0] } ?? 0))
      }
      levels.append(level)
    }
    return levels
  }

  private func add(
    _ walks: [BlockWalk], _ domain: Domain, _ graph: BlockGraph, _ machine: Machine
  ) {
    var graph = graph
    let predicates = walks.map { $0.predicate ?? graph.constant(.yes) }
    var compiler = BlockCompiler(graph, machine, tables, domain)
    compiler.compile(predicates)
    let rowCount = tables.rowCount(domain)
    var gathers: [BlockGather] = []
    var kept: [(KeptTruth, PlaceBits)] = []
    for (walk, predicate) in zip(walks, predicates) {
      let bits = tables.newPlaces(rowCount)
      let blocks = rowCount / BlockPlan.tableRows + 1
      let differs = UnsafeMutablePointer<Bool>.allocate(capacity: blocks)
      differs.initialize(repeating: false, count: blocks)
      let truth = KeptTruth(
        truth: compiler.truth(predicate), definite: bits.definite, possible: bits.possible,
        masks: tables.masks(walk), differs: differs)
      compiler.keep(truth)
      kept.append((truth, bits))
      if tables.isClustered(walk, domain) {
        tables.set(bits, for: walk)
      } else {
        let edges = tables.edges(walk)
        let gathered = tables.newPlaces(tables.placeCount(walk))
        tables.set(gathered, for: walk)
        gathers.append(
          BlockGather(
            ends: edges.ends, first: UInt32(truncatingIfNeeded: tables.firstElement(domain)),
            placeCount: tables.placeCount(walk), firsts: tables.firsts(walk), from: bits,
            into: gathered))
      }
    }
    self.kept[steps.count] = kept
    steps.append(.stage(compiler.stage))
    steps += gathers.map { .gather($0) }
  }

  deinit {
    for stage in kept.values { for (truth, _) in stage { truth.differs.deallocate() } }
  }
}

extension Array where Element: Equatable {
  /// Each once, in the order of their first places.
  fileprivate var distinct: [Element] {
    reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
