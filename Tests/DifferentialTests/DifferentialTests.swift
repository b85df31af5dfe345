// The oracle and the virtual machine give the same answers: on generated programs, graphs and requests.

import Foundation
import Testing
import WritGeneration
import WritGraph

@Suite struct DifferentialTests {
  /// `WRIT_SEEDS=200000` for the long run; `WRIT_SEEDS=245` with `WRIT_FIRST_SEED=244` for one, whose policy is printed
  /// with `WRIT_SHOW=1`.
  private static let environment = ProcessInfo.processInfo.environment
  private static let end = environment["WRIT_SEEDS"].flatMap { UInt64($0) } ?? 120
  private static let first = environment["WRIT_FIRST_SEED"].flatMap { UInt64($0) } ?? 0

  @Test func oracleAndMachineAgree() {
    var tally = Tally()
    let seeds = DifferentialTests.first..<DifferentialTests.end
    for seed in seeds where tally.failures < 60 {
      for complaint in Trial(seed: seed).complaints(&tally) {
        tally.failures += 1
        Issue.record("seed \(seed): \(complaint)")
      }
      if seed % 10_000 == 9_999 { print(tally.text, "up to seed \(seed)") }
    }
    print(tally.text, "of seeds \(seeds)")
    #expect(tally.failures > 0 || tally.whole * 3 > seeds.count)
    #expect(tally.waived * 20 > seeds.count)
    #expect(tally.overstretched > 0)
  }
}

/// How much was compared.
private struct Tally {
  /// Triples of policy, graph and request as they were made, and with facts made unknown.
  var whole = 0
  var forgotten = 0
  var facts = 0
  var answers = 0
  /// Outcomes that went down when facts were forgotten.
  var lowered = 0
  /// Findings that waivers spared.
  var waived = 0
  /// How often one person was not counted for two terms.
  var overstretched = 0
  var failures = 0

  var text: String {
    "differential: \(whole + forgotten) triples compared (\(whole) as made, \(forgotten) with"
      + " \(facts) facts made unknown), \(answers) answers, \(lowered) outcomes lowered,"
      + " \(waived) findings waived, \(overstretched) people for two terms counted for one,"
      + " \(failures) differences"
  }
}

/// Everything that is tried of one seed.
private struct Trial {
  let generated: GeneratedCase

  init(seed: UInt64) {
    // A textual case holds only what the language has words for.
    let made = GeneratedCase(seed: seed, isTextual: seed.isMultiple(of: 4))
    // Half of them with waivers; they have no words here.
    generated = seed % 4 == 1 || seed % 4 == 2 ? made.withWaivers : made
  }

  func complaints(_ tally: inout Tally) -> [String] {
    if ProcessInfo.processInfo.environment["WRIT_SHOW"] != nil { show() }
    // The oracle also walks graphs that an import refuses, such as edges to the request's own nodes.
    do {
      let program = try MachineFactory.program(generated)
      guard let before = try Comparison(generated, running: program) else { return [] }
      tally.whole += 1
      tally.answers += before.answerCount
      tally.waived += before.waivedCount
      tally.overstretched += before.overstretchedCount
      let (after, facts) = generated.forgetting(1 + Int(generated.seed % 5))
      guard let later = try Comparison(after, running: program) else { return before.differences() }
      tally.forgotten += 1
      tally.facts += facts.count
      tally.answers += later.answerCount
      let rises = later.rises(from: before)
      tally.lowered += rises.lowered
      let complaints = later.differences() + rises.risen
      return before.differences() + complaints.map { "without \(facts): \($0)" }
    } catch {
      return ["\(error)"]
    }
  }

  /// The policy, the graph, and of each clause that differs by itself how.
  private func show() {
    print(policyText(generated.program), generated.draft)
    for single in generated.clauseByClause {
      let program = try? MachineFactory.program(single)
      let differences = program.flatMap { try? Comparison(single, running: $0)?.gateDifferences() }
      guard let clause = single.program.gates.first?.clauses.first,
        let differences, !differences.isEmpty
      else { continue }
      print("of \(clause.name) alone: \(differences.joined(separator: "\n"))")
    }
  }
}
