// Gates over blocks of requests, and one request after the other: the same verdicts, on graphs with and without holes.

import Foundation
import Testing
import WritBytecode
import WritGeneration
import WritGraph
import WritModel
import WritSemantics
import WritVM

@Suite struct GateBlockTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let end = environment["WRIT_BATCH_SEEDS"].flatMap { UInt64($0) } ?? 120
  private static let first = environment["WRIT_FIRST_SEED"].flatMap { UInt64($0) } ?? 0

  @Test func blocksAndRequestsAgree() throws {
    var tally = Tally()
    for seed in GateBlockTests.first..<GateBlockTests.end where tally.failures < 20 {
      let growth = seed % 8 == 7 ? 14 : 1
      let generated = GeneratedCase(seed: seed, isTextual: false, growth: growth)
      for one in [generated, generated.vouched, generated.forgetting(3 + Int(seed % 5)).0] {
        try compare(one, &tally)
      }
    }
    print(tally.text)
    // Most generated clauses walk further than blocks do, or ask for approvals; those here and there suffice.
    #expect(tally.failures > 0 || tally.blockClauses * 15 > tally.clauses)
    #expect(tally.failures > 0 || tally.denied > 1_000 && tally.allowed > 1_000)
  }

  private func compare(_ generated: GeneratedCase, _ tally: inout Tally) throws {
    let program = try MachineFactory.program(generated)
    let machine: Machine
    do {
      machine = try MachineFactory.machine(generated, running: program)
    } catch is GraphProblems {
      return
    }
    for index in generated.program.gates.indices {
      tally.clauses += generated.program.gates[index].clauses.count
      guard let block = GateBlock(machine, gate: index) else { continue }
      tally.blockClauses += block.blockClauseCount
      for difference in differences(generated, machine, index, block, &tally) {
        tally.failures += 1
        let name = generated.program.gates[index].name
        Issue.record("seed \(generated.seed), \(name): \(difference)")
      }
    }
  }

  private func differences(
    _ generated: GeneratedCase, _ machine: Machine, _ gate: Int, _ block: GateBlock,
    _ tally: inout Tally
  ) -> [String] {
    var questions = Questions(generated, machine, gate)
    let asOf = generated.request.asOf
    var differences: [String] = []
    // Twice, since a block is used again; of other lengths, so that rows of the first are no longer there.
    for count in [67, 130, 1] {
      let rows = (0..<count).map { _ in questions.next() }
      for row in rows { row.withUnsafeBufferPointer { block.append($0) } }
      var answered = 0
      block.takeVerdicts(asOf: asOf) { row, verdict in
        answered += 1
        tally.denied += verdict.outcome == .deny ? 1 : 0
        tally.allowed += verdict.outcome == .allow ? 1 : 0
        let alone = machine.verdict(gate: gate, arguments: rows[row], asOf: asOf)
        if verdict != alone {
          differences.append("request \(rows[row]): block \(verdict), alone \(alone as Any)")
        }
        guard row % 9 == 0 else { return }
        let whole = machine.decide(gate: gate, arguments: rows[row], approvals: [], asOf: asOf)
        if whole.outcome != verdict.outcome {
          differences.append("request \(rows[row]): block \(verdict), decision \(whole.outcome)")
        }
      }
      if answered != count { differences.append("\(answered) answers to \(count) requests") }
      tally.requests += count
    }
    return Array(differences.prefix(3))
  }
}

private struct Tally {
  var clauses = 0
  var blockClauses = 0
  var requests = 0
  var allowed = 0
  var denied = 0
  var failures = 0

  var text: String {
    "gate blocks: \(blockClauses) of \(clauses) clauses by blocks, \(requests) requests,"
      + " \(allowed) allowed, \(denied) denied, \(failures) differences"
  }
}

/// Arguments for one gate, drawn at random: nodes of the graph, values near those that the program has, and now and then what is
/// not there.
private struct Questions {
  private let machine: Machine
  private let types: [ValueType]
  private let given: [Slot]
  private let enums: [EnumType]
  private let now: Int64
  private var random: SplitMix64

  init(_ generated: GeneratedCase, _ machine: Machine, _ gate: Int) {
    self.machine = machine
    types = generated.program.gates[gate].parameters.map(\.type)
    given = generated.gateArguments[gate].map { MachineFactory.slot($0, machine) }
    enums = generated.program.schema.enums
    now = generated.request.now
    random = SplitMix64(seed: generated.seed &* 31 &+ UInt64(gate))
  }

  mutating func next() -> [Slot] {
    types.indices.map { place in
      if below(5) == 0 { return given[place] }
      if case .optional = types[place], below(4) == 0 { return .nothing }
      return value(types[place].unwrapped) ?? given[place]
    }
  }

  private mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

  /// `nil` where nothing else is known of the type.
  private mutating func value(_ type: ValueType) -> Slot? {
    switch type {
    case .node(let kinds):
      let kind = kinds[below(kinds.count)]
      let nodes = machine.nodes(ofKind: kind)
      if nodes.isEmpty || below(20) == 0 { return machine.noNode(kind: kind) }
      return Slot(exact: nodes.lowerBound + Int64(below(nodes.count)))
    case .bool: return Slot(exact: Int64(below(2)))
    case .int: return Slot(exact: Int64(below(9)) - 3)
    case .decimal: return Slot(exact: Int64(below(9) - 3) * 500_000)
    case .enumeration(let index): return Slot(exact: Int64(below(enums[index].members.count)))
    case .instant: return Slot(exact: now + Int64(below(9) - 4) * 86_400_000_000)
    case .duration: return Slot(exact: Int64(below(9)) * 3_600_000_000)
    default: return nil
    }
  }
}
