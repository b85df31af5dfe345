// Clauses in the vocabulary of a policy that is not generated: its kinds, fields, rules, roles and nodes.

import WritModel
public import WritSemantics

/// Makes clauses that a gate of a program could have as well.
public struct ClauseGenerator {
  private var programs: ProgramGenerator

  /// Nodes of the graph are named in the clauses. The schema needs two enums of its own, the first ordered.
  public init(for program: TypedProgram, naming nodes: [NodeName], seed: UInt64) {
    let worlds = WorldGenerator(random: SplitMix64(seed: seed), schema: program.schema)
    programs = ProgramGenerator(worlds, roles: program.roles, firstVariable: 1 << 20)
    programs.expressions.names = nodes
    programs.expressions.rules = program.rules
    programs.expressions.scorecards = program.scorecards
    programs.expressions.parameters = program.parameters
  }

  /// A clause behind the last one of a gate, whose parameters and lets it may speak of.
  public mutating func clause(_ name: String, of gate: TypedGate) -> TypedClause {
    programs.expressions.variables = gate.parameters + gate.lets.map(\.variable)
    return programs.clause(name, gate.range)
  }
}

extension TypedProgram {
  /// The program with a clause behind the others of one gate.
  public func adding(_ clause: TypedClause, toGate index: Int) -> TypedProgram {
    var gates = gates
    let gate = gates[index]
    gates[index] = TypedGate(
      name: gate.name, parameters: gate.parameters, waivable: gate.waivable, lets: gate.lets,
      clauses: gate.clauses + [clause], range: gate.range)
    return TypedProgram(
      modules: modules, schema: schema, roles: roles, parameters: parameters, rules: rules,
      scorecards: scorecards, gates: gates, waivers: waivers, queries: queries, actions: actions,
      pipelines: pipelines, fixtures: fixtures, tests: tests)
  }
}
