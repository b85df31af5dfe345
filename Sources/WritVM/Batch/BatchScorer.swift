// A scorecard of all nodes of its kinds: blocks where they can, the scalar executor elsewhere, the same answers.

import Synchronization
import WritBytecode

/// Calls a body with the numbers of so many workers, each on a thread of its own or one after the other, and returns when all
/// have.
public typealias Workers = (_ count: Int, _ body: @escaping @Sendable (Int) -> Void) -> Void

/// Scores every subject of a scorecard with one node parameter. For one thread at a time; its workers are its own.
public final class BatchScorer: @unchecked Sendable {
  private let machines: [Machine]
  private let scorecard: Int
  /// For each kind; `nil` where blocks cannot.
  private let plans: [PlanRun?]
  private let kinds: [Int]

  /// Rows of a block, unless another number is asked for: what a first-level cache holds of a few registers.
  public static let usualBlockRows = 1024

  /// Links a scorecard to the graph that the machines see. O(size of the program + nodes + edges that it walks).
  ///
  /// - Parameters:
  ///   - machines: One for each worker, bound to the same request at the same instant, and not bound anew while this is used.
  ///   - kinds: Of the parameter, in the order in which their nodes are told.
  ///   - blockRows: At least 1; with more than one worker a multiple of 64.
  public init(
    _ machines: [Machine], scorecard: Int, kinds: [Int], blockRows: Int = usualBlockRows
  ) {
    precondition(!machines.isEmpty, "a scorer has a worker")
    precondition(
      blockRows > 0 && (machines.count == 1 || blockRows % 64 == 0),
      "blocks of several workers share no word")
    self.machines = machines
    self.scorecard = scorecard
    self.kinds = kinds
    plans = kinds.map { kind in
      BlockPlan(machines[0], scorecard: scorecard, kind: kind)
        .map { PlanRun($0, machines, blockRows: blockRows) }
    }
  }

  /// Whether blocks do all of it.
  public var isBatch: Bool { plans.allSatisfy { $0?.plan.slice.map { _ in false } ?? ($0 != nil) } }

  /// Whether blocks do any of it.
  public var usesBlocks: Bool { plans.contains { $0 != nil } }

  /// The table; or the first node for which the scalar executor ran out of fuel.
  public func run(_ workers: Workers = { count, body in (0..<count).forEach(body) })
    -> (table: ScoreTable, exhausted: Int64?)
  {
    let machine = machines[0]
    let table = ScoreTable(
      machine.program.scorecards[scorecard],
      parts: kinds.map {
        (Int64(machine.graph.kindFirst[$0]), machine.graph.kindCount[$0])
      })
    var exhausted: Int64?
    for (part, plan) in zip(table.parts, plans) {
      if exhausted != nil { break }
      if let plan {
        let failed = SharedLeast()
        plan.run(into: table, part, workers) { [self] worker, row in
          let node = part.first + Int64(row)
          if !fill(machines[worker], scorecard, node, row: part.start + row, table) {
            failed.note(Int64(row))
          }
        }
        if failed.value != .max { exhausted = part.first + failed.value }
      } else {
        exhausted = scalar(part, table, workers)
      }
    }
    return (table, exhausted)
  }

  /// One subject at a time; the first of which there is no result.
  private func scalar(_ part: ScorePart, _ table: ScoreTable, _ workers: Workers) -> Int64? {
    let next = SharedCounter()
    let failed = SharedLeast()
    let rows = 256
    let run: @Sendable (Int) -> Void = { [self] worker in
      while true {
        let first = next.take() * rows
        if first >= part.count || failed.value < Int64(first) { return }
        for row in first..<min(part.count, first + rows) {
          let node = part.first + Int64(row)
          if !fill(machines[worker], scorecard, node, row: part.start + row, table) {
            return failed.note(Int64(row))
          }
        }
      }
    }
    workers(part.count < 1024 ? 1 : machines.count, run)
    return failed.value == .max ? nil : part.first + failed.value
  }

  private func fill(
    _ machine: Machine, _ scorecard: Int, _ node: Int64, row: Int, _ table: ScoreTable
  ) -> Bool {
    let count = table.scorecard.checks.count
    let status = machine.start(
      table.scorecard.routine, inputs: [Slot(exact: node)], reading: .vouched)
    guard status == .done, let captures = machine.rows.first?.captures,
      captures.count == 2 * count + 2
    else { return false }
    let slots = captures.map { capture -> Slot in
      if case .scalar(let slot) = capture { slot } else { .absent }
    }
    table.store(
      row: row, checks: (0..<count).map { (slots[2 * $0], slots[2 * $0 + 1]) },
      score: slots[2 * count], level: slots[2 * count + 1])
    return true
  }
}

/// Numbers from 0, each to one worker.
final class SharedCounter: Sendable {
  private let next = Atomic<Int>(0)

  func take() -> Int { next.wrappingAdd(1, ordering: .relaxed).oldValue }
}

/// The least of the numbers that workers note.
final class SharedLeast: Sendable {
  private let least = Atomic<Int64>(.max)

  var value: Int64 { least.load(ordering: .relaxed) }

  func note(_ value: Int64) { least.min(value, ordering: .relaxed) }
}

/// One plan on its way through its steps.
private final class PlanRun: @unchecked Sendable {
  let plan: BlockPlan
  private let executors: [BlockExecutor]
  private let scorings: [BlockScoring]
  private let subjectRows: Int

  init(_ plan: BlockPlan, _ machines: [Machine], blockRows: Int) {
    self.plan = plan
    subjectRows = blockRows
    let rows = max(blockRows, BlockSteps.tableRows)
    executors = machines.map {
      BlockExecutor(
        $0, blockRows: rows, truthCount: plan.truthCount, numberCount: plan.numberCount)
    }
    scorings = machines.map { _ in BlockScoring(plan.scorecard, blockRows: blockRows) }
  }

  /// Scores a part of a table; a row that neither blocks nor the slice can tell goes to `fill`.
  func run(
    into table: ScoreTable, _ part: ScorePart, _ workers: Workers,
    fill: @escaping @Sendable (_ worker: Int, _ row: Int) -> Void
  ) {
    plan.steps.run(executors, workers)
    eachBlock(part.count, subjectRows, executors.count, workers) { [self] worker, base, rows in
      let (executor, scoring) = (executors[worker], scorings[worker])
      executor.run(plan.last, base: base, rows: rows)
      if let slice = plan.slice {
        executor.run(
          slice.slice, into: slice.first, firstNode: part.first, spent: plan.fuelLimit,
          left: scoring.left)
      }
      scoring.score(executor, plan, into: table, at: part.start + base)
      if plan.slice != nil { Bits.each(scoring.left, rows) { fill(worker, base + $0) } }
    }
  }
}
