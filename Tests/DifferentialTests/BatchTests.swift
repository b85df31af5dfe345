// Scorecards of all subjects by blocks, by the scalar executor and by the oracle: the same, however large a block is.

import Foundation
import Testing
import WritBytecode
import WritGeneration
import WritGraph
import WritModel
import WritOracle
import WritSemantics
import WritVM

@Suite struct BatchTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let end = environment["WRIT_BATCH_SEEDS"].flatMap { UInt64($0) } ?? 24
  private static let first = environment["WRIT_FIRST_SEED"].flatMap { UInt64($0) } ?? 0

  @Test func blocksAndSubjectsAgree() throws {
    var tally = Tally()
    for seed in BatchTests.first..<BatchTests.end where tally.failures < 20 {
      // Every fourth graph has some hundred nodes of a kind, so that blocks of all sizes end in the middle of it.
      let growth = seed % 8 == 7 ? 14 : 1
      let generated = GeneratedCase(seed: seed, isTextual: false, growth: growth)
      try compare(generated.withChecksAlone, &tally)
      let (after, _) = generated.forgetting(3 + Int(seed % 5))
      try compare(after.withChecksAlone, &tally)
    }
    print(tally.text)
    #expect(tally.failures > 0 || (tally.batched + tally.mixed) * 3 > tally.cards)
    #expect(tally.failures > 0 || tally.unknown > 100)
  }

  private func compare(_ generated: GeneratedCase, _ tally: inout Tally) throws {
    let program = try MachineFactory.program(generated)
    let machines: [Machine]
    do {
      machines = try (0..<2).map { _ in try MachineFactory.machine(generated, running: program) }
    } catch is GraphProblems {
      return
    }
    let oracle = generated.oracle
    for (index, card) in generated.program.scorecards.enumerated() {
      guard card.parameters.count == 1, case .node(let kinds) = card.parameters[0].type else {
        continue
      }
      // The oracle looks through whole graphs again and again: it is asked of small ones.
      let isSmall = generated.draft.nodes.count < 100
      let cards = Cards(generated, machines, isSmall ? oracle : nil, index, kinds)
      tally.cards += 1
      for difference in cards.differences(&tally) {
        tally.failures += 1
        Issue.record("seed \(generated.seed), \(card.name): \(difference)")
      }
    }
  }
}

private struct Tally {
  var cards = 0
  var batched = 0
  var mixed = 0
  var subjects = 0
  var unknown = 0
  var failures = 0

  var text: String {
    "batch: \(cards) scorecards, \(batched) of them by blocks, \(mixed) in part, \(subjects) subjects,"
      + " \(unknown) of them with something unknown, \(failures) differences"
  }
}

/// One scorecard of all its subjects.
private struct Cards {
  let generated: GeneratedCase
  let machines: [Machine]
  let oracle: Oracle?
  let index: Int
  let kinds: [Int]

  init(
    _ generated: GeneratedCase, _ machines: [Machine], _ oracle: Oracle?, _ index: Int,
    _ kinds: [Int]
  ) {
    self.generated = generated
    self.machines = machines
    self.oracle = oracle
    self.index = index
    self.kinds = kinds
  }

  func differences(_ tally: inout Tally) -> [String] {
    let machine = machines[0]
    let nodes = kinds.flatMap { Array(machine.nodes(ofKind: $0)) }
    let wanted = nodes.map { node in
      machine.score(
        scorecard: index, arguments: [Slot(exact: node)], asOf: generated.request.asOf)
    }
    var differences = oracleDifferences(nodes, wanted)
    for blockRows in [1, 63, 64, 65, 1024] {
      let workers = blockRows % 64 == 0 ? machines : [machine]
      let scorer = BatchScorer(workers, scorecard: index, kinds: kinds, blockRows: blockRows)
      if blockRows == 1 && scorer.usesBlocks {
        tally.batched += scorer.isBatch ? 1 : 0
        tally.mixed += scorer.isBatch ? 0 : 1
        tally.subjects += nodes.count
        tally.unknown += wanted.filter { $0.map(hasUnknown) ?? false }.count
      }
      if !scorer.usesBlocks && blockRows != 64 { continue }
      // Twice, since a scorer keeps what it made.
      for _ in 0..<(scorer.usesBlocks ? 2 : 1) {
        let (table, exhausted) = scorer.run()
        let firstExhausted = zip(nodes, wanted).first { $0.1 == nil }?.0
        if exhausted != firstExhausted {
          differences.append("out of fuel at \(exhausted as Any), not \(firstExhausted as Any)")
        }
        if exhausted != nil { continue }
        for (place, result) in wanted.enumerated() {
          guard let result else { continue }
          let (left, right) = (text(machine.result(table, place)), text(result))
          if left != right {
            differences.append(
              "blocks of \(blockRows), subject \(place): batch \(left), scalar \(right)")
          }
        }
      }
    }
    return Array(differences.prefix(4))
  }

  private func hasUnknown(_ result: ScoreResult) -> Bool {
    result.checks.contains { $0.outcome == .unknown }
  }

  /// Every seventh subject, as the oracle scores it.
  private func oracleDifferences(_ nodes: [Int64], _ results: [ScoreResult?]) -> [String] {
    guard let oracle else { return [] }
    let machine = machines[0]
    let telling = Telling(generated.program, machine: machine, asOf: generated.request.asOf)
    var differences: [String] = []
    for (place, result) in results.enumerated() where place % 7 == 0 {
      guard let result else { continue }
      let name = nodeName(machine.reference(to: nodes[place]))
      let scored = oracle.score(scorecard: index, [.node(name)])
      let wanted = telling.lines(scored, generated.program.scorecards[index])
      if telling.lines(result) != wanted {
        differences.append("oracle \(wanted), scalar \(telling.lines(result))")
      }
    }
    return differences
  }

  private func nodeName(_ reference: String) -> NodeName {
    let parts = reference.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let kind = generated.program.schema.kinds.firstIndex { $0.name == parts[0] } ?? 0
    return NodeName(kind: kind, id: String(parts[1]))
  }

  /// All but the reasons.
  private func text(_ result: ScoreResult) -> String {
    let score = result.score.map { "\($0.lower) \($0.upper)" } ?? "unknown"
    let checks = result.checks.map { "\($0.name) \($0.weight) \($0.outcome)" }
    return "\(score) \(result.level.lower) \(result.level.upper) \(checks.joined(separator: ", "))"
  }
}
