// One generated case asked of both, answer by answer.

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
  init?(_ generated: GeneratedCase) throws {
    self.generated = generated
    do {
      machine = try MachineFactory.machine(generated)
    } catch is GraphProblems {
      return nil
    }
    oracle = generated.oracle
    telling = Telling(schema: generated.program.schema, machine: machine)
  }

  /// What the two do not agree on; empty if all is well.
  func differences() -> [String] {
    let program = generated.program
    let gates = program.gates.indices.flatMap { index in
      apart("gate \(program.gates[index].name)", gate(index).oracle, gate(index).machine)
    }
    let cards = program.scorecards.indices.flatMap { index in
      apart("scorecard \(program.scorecards[index].name)", card(index).oracle, card(index).machine)
    }
    let queries = program.queries.indices.flatMap { index in
      apart("query \(program.queries[index].name)", query(index).oracle, query(index).machine)
    }
    return gates + cards + queries
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
    let result = machine.decide(
      gate: index, arguments: slots(arguments), approvals: approvals,
      asOf: generated.request.asOf)
    return (
      telling.lines(oracle.decide(gate: index, arguments), gate), telling.lines(result)
    )
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
    generated.request.approvals.compactMap { approval in
      guard let giver = machine.node(kind: approval.giver.kind, id: approval.giver.id) else {
        return nil
      }
      return GrantedApproval(
        role: approval.role, approver: giver,
        signedAt: approval.signedAt ?? generated.request.now, expires: approval.expiry ?? .max)
    }
  }
}
