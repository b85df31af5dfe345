// What is to be known of whole tables before the rows of a plan can be computed, as steps that follow each other.

import Synchronization
import WritBytecode

/// One step; each ends before the next begins.
enum BlockStep {
  case stage(BlockStage)
  case gather(BlockGather)
}

/// Predicates of elements, decided for their whole tables.
final class BlockSteps {
  private let tables: BlockTables
  private var steps: [BlockStep] = []
  /// Bits of each kept truth, for the flags behind a stage.
  private var kept: [Int: [(KeptTruth, PlaceBits)]] = [:]

  /// Rows of the blocks of tables that are counted by: whole words.
  static let tableRows = 1024

  /// Stages for the predicates of all walks that the roots rest on, those that rest on others behind them.
  init(_ graph: BlockGraph, _ machine: Machine, _ tables: BlockTables, _ roots: [Int]) {
    self.tables = tables
    let levels = BlockSteps.levels(graph, tables)
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
      let blocks = rowCount / BlockSteps.tableRows + 1
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

  var truthCount: Int { stages.map(\.truthCount).max() ?? 0 }
  var numberCount: Int { stages.map(\.numberCount).max() ?? 0 }

  private var stages: [BlockStage] {
    steps.compactMap { if case .stage(let stage) = $0 { stage } else { nil } }
  }
}

extension Array where Element: Equatable {
  /// Each once, in the order of their first places.
  fileprivate var distinct: [Element] {
    reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}

extension BlockSteps {
  /// Decides them all; an executor for each worker.
  func run(_ executors: [BlockExecutor], _ workers: Workers) {
    for (index, step) in steps.enumerated() {
      switch step {
      case .stage(let stage):
        let kept = kept[index] ?? []
        reset(kept, stage.rowCount)
        eachBlock(stage.rowCount, BlockSteps.tableRows, executors.count, workers) {
          worker, base, rows in
          executors[worker].run(stage, base: base, rows: rows)
        }
        finish(kept, stage.rowCount)
      case .gather(let gather):
        gather.into.isExact.pointee = gather.from.isExact.pointee
        eachBlock(gather.placeCount, 1 << 14, executors.count, workers) { _, base, count in
          gather.run(base, count)
        }
      }
    }
  }

  private func reset(_ kept: [(KeptTruth, PlaceBits)], _ rowCount: Int) {
    for (truth, _) in kept {
      truth.differs.update(repeating: false, count: rowCount / BlockSteps.tableRows + 1)
    }
  }

  private func finish(_ kept: [(KeptTruth, PlaceBits)], _ rowCount: Int) {
    for (truth, bits) in kept {
      let blocks = rowCount / BlockSteps.tableRows + 1
      bits.isExact.pointee = !(0..<blocks).contains { truth.differs[$0] }
    }
  }
}

/// Blocks of a table to whichever worker is free; a small table to one.
func eachBlock(
  _ rowCount: Int, _ blockRows: Int, _ workerCount: Int, _ workers: Workers,
  _ body: @escaping @Sendable (_ worker: Int, _ base: Int, _ rows: Int) -> Void
) {
  guard rowCount > 0 else { return }
  let next = SharedCounter()
  let run: @Sendable (Int) -> Void = { worker in
    while true {
      let base = next.take() * blockRows
      if base >= rowCount { return }
      body(worker, base, min(blockRows, rowCount - base))
    }
  }
  // A thread costs as much as some ten thousand rows.
  if rowCount < 1 << 14 || workerCount == 1 { run(0) } else { workers(workerCount, run) }
}

// Unchecked: the bits behind it are written by one step and read by later ones.
extension BlockGather: @unchecked Sendable {
  /// The bits of `count` places from `base` on, a multiple of 64.
  func run(_ base: Int, _ count: Int) {
    gather(from.possible.words, into.possible.words, base, count)
    if !from.isExact.pointee { gather(from.definite.words, into.definite.words, base, count) }
  }

  private func gather(_ source: ReadWords, _ target: Words, _ base: Int, _ count: Int) {
    let (ends, first) = (ends + base, first)
    BlockKernels.pack(count, target + base &>> 6) { place in
      Bits.isSet(source, Int(ends[place] &- first))
    }
    guard let firsts else { return }
    for word in base &>> 6..<Bits.wordCount(base &+ count) { target[word] &= firsts.words[word] }
  }
}
