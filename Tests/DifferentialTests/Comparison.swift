// One generated case asked of both, answer by answer.

import WritBytecode
import WritGeneration
import WritGraph
import WritModel
import WritOracle
import WritSemantics
import WritVM

/// The machine and the oracle over the same program, graph and request.
struct Comparison {
  private let generated: GeneratedCase
  private let machine: Machine
  private let oracle: Oracle
  private let telling: Telling

  /// `nil` for a graph that an import refuses.
  init?(_ generated: GeneratedCase, running program: VerifiedProgram) throws {
    self.generated = generated
    do {
      machine = try MachineFactory.machine(generated, running: program)
    } catch is GraphProblems {
      return nil
    }
    oracle = generated.oracle
    telling = Telling(
      generated.program, machine: machine, asOf: generated.request.asOf)
  }

  /// Gates, scorecards and queries that are asked.
  var answerCount: Int {
    let program = generated.program
    return program.gates.count + program.scorecards.count + program.queries.count
  }

  /// Gates that say more than they did when more was known; and how many say less.
  func rises(from before: Comparison) -> (risen: [String], lowered: Int) {
    var risen: [String] = []
    var lowered = 0
    for index in generated.program.gates.indices {
      let then = before.decide(index)
      // A clause that looked at too much says nothing of what it did not see.
      if then.reasons.contains(where: { $0.unknown?.why == "fuel" }) { continue }
      let now = decide(index)
      if now.outcome < then.outcome { lowered += 1 }
      if now.outcome > then.outcome {
        let name = generated.program.gates[index].name
        risen.append("gate \(name) rose from \(then.outcome) to \(now.outcome)")
      }
    }
    return (risen, lowered)
  }

  /// What the two do not agree on; empty if all is well.
  func differences() -> [String] {
    let program = generated.program
    let cards = program.scorecards.indices.flatMap { index in
      apart("scorecard \(program.scorecards[index].name)", card(index).oracle, card(index).machine)
    }
    let queries = program.queries.indices.flatMap { index in
      apart("query \(program.queries[index].name)", query(index).oracle, query(index).machine)
    }
    return gateDifferences() + cards + queries
  }

  /// Of the gates alone.
  func gateDifferences() -> [String] {
    let gates = generated.program.gates
    return gates.indices.flatMap { index in
      apart("gate \(gates[index].name)", gate(index).oracle, gate(index).machine)
        + verdictDifferences(index)
    }
  }

  /// Clauses whose verdict was found without looking at anything unknown.
  var exactAnswerCount: Int { machine.exactAnswerCount }

  /// Where the verdict on a gate is not what the whole decision says.
  func verdictDifferences(_ index: Int) -> [String] {
    let gate = generated.program.gates[index]
    let whole = decide(index)
    let verdict = machine.verdict(
      gate: index, arguments: slots(generated.gateArguments[index]), approvals: approvals,
      asOf: generated.request.asOf)
    guard let verdict else {
      return generated.program.waivers.contains { $0.gate == index }
        ? [] : ["gate \(gate.name): no verdict"]
    }
    func clauses(_ names: Set<String>) -> UInt64 {
      gate.clauses.enumerated().reduce(0) { bits, clause in
        names.contains(clause.element.name) ? bits | 1 << UInt64(clause.offset) : bits
      }
    }
    let expected = GateVerdict(
      outcome: whole.outcome, denying: clauses(Set(whole.reasons.map(\.clause))),
      owed: clauses(Set(whole.obligations.map(\.clause))))
    return verdict == expected
      ? [] : ["gate \(gate.name): verdict \(verdict), decision \(expected)"]
  }

  /// The lines that only one of them tells, each with its number.
  private func apart(_ what: String, _ oracle: [String], _ machine: [String]) -> [String] {
    guard oracle != machine else { return [] }
    var lines = ["\(what): oracle \(oracle.count) lines, machine \(machine.count)"]
    for index in 0..<max(oracle.count, machine.count) {
      let left = index < oracle.count ? oracle[index] : ""
      let right = index < machine.count ? machine[index] : ""
      if left != right { lines += ["\(index) - \(left)", "\(index) + \(right)"] }
    }
    return Array(lines.prefix(9))
  }

  private func gate(_ index: Int) -> (oracle: [String], machine: [String]) {
    let arguments = generated.gateArguments[index]
    let gate = generated.program.gates[index]
    return (
      telling.lines(oracle.decide(gate: index, arguments), gate), telling.lines(decide(index))
    )
  }

  private func decide(_ index: Int) -> GateResult {
    machine.decide(
      gate: index, arguments: slots(generated.gateArguments[index]), approvals: approvals,
      waivers: MachineFactory.grants(generated, machine), asOf: generated.request.asOf)
  }

  /// How often one person was not counted for two terms, in all gates.
  var overstretchedCount: Int {
    generated.program.gates.indices.reduce(0) {
      $0 + oracle.decide(gate: $1, generated.gateArguments[$1]).overstretched
    }
  }

  /// Findings that are waived, of all gates.
  var waivedCount: Int {
    generated.program.gates.indices.reduce(0) { $0 + decide($1).waived.count }
  }

  private func card(_ index: Int) -> (oracle: [String], machine: [String]) {
    let arguments = generated.scorecardArguments[index]
    let card = generated.program.scorecards[index]
    let result = machine.score(
      scorecard: index, arguments: slots(arguments), asOf: generated.request.asOf)
    return (
      telling.lines(oracle.score(scorecard: index, arguments), card),
      result.map(telling.lines) ?? ["out of fuel"]
    )
  }

  private func query(_ index: Int) -> (oracle: [String], machine: [String]) {
    let arguments = generated.queryArguments[index]
    let result = machine.query(
      index, arguments: slots(arguments), asOf: generated.request.asOf, isStrict: false)
    return (
      telling.lines(oracle.answer(query: index, arguments)),
      result.map(telling.lines) ?? ["out of fuel"]
    )
  }

  private func slots(_ arguments: [ExpectedArgument]) -> [Slot] {
    arguments.map { MachineFactory.slot($0, machine) }
  }

  private var approvals: [GrantedApproval] {
    generated.request.approvals.map { approval in
      // Whoever the graph does not have gets a number beyond all nodes, as the engine does it.
      let giver = approval.giver
      let node = machine.node(kind: giver.kind, id: giver.id)
      let stranger = -2 - machine.number(ofString: "\(giver.kind)/\(giver.id)")
      return GrantedApproval(
        role: approval.role, approver: node ?? stranger,
        signedAt: approval.signedAt ?? generated.request.now, expires: approval.expiry ?? .max)
    }
  }
}
