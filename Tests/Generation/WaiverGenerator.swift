// Waivers of a generated program's gates, and grants of them: by people who may and by others, too early, too late and never.

import WritModel
import WritOracle
import WritSemantics

extension GeneratedCase {
  /// The same with waivers of clauses that can have some, many of them granted. The same for the same seed.
  public var withWaivers: GeneratedCase {
    var generator = WaiverGenerator(self)
    var waived = self
    waived.program = generator.program()
    waived.request.grants = generator.grants(of: waived.program, draft)
    return waived
  }
}

private struct WaiverGenerator {
  private let generated: GeneratedCase
  private var programs: ProgramGenerator
  private static let role = "security"

  init(_ generated: GeneratedCase) {
    self.generated = generated
    let program = generated.program
    let worlds = WorldGenerator(
      random: SplitMix64(seed: generated.seed ^ 0x5741_4956_4552), schema: program.schema)
    programs = ProgramGenerator(worlds, roles: program.roles, firstVariable: 1 << 20)
    programs.expressions.rules = program.rules
    programs.expressions.scorecards = program.scorecards
    programs.expressions.parameters = program.parameters
  }

  private mutating func chance(_ percent: Int) -> Bool { programs.expressions.chance(percent) }

  mutating func program() -> TypedProgram {
    let program = generated.program
    var gates: [TypedGate] = []
    var waivers: [TypedWaiver] = []
    for gate in program.gates {
      programs.expressions.variables = gate.parameters
      let except = chance(20) ? nodes() : nil
      let waivable = TypedWaivable(role: WaiverGenerator.role, except: except)
      gates.append(
        TypedGate(
          name: gate.name, parameters: gate.parameters, waivable: waivable, lets: gate.lets,
          clauses: gate.clauses, range: gate.range))
      let found = generated.oracle.decide(
        gate: gates.count - 1, generated.gateArguments[gates.count - 1]
      ).findings
      for clause in gate.clauses.indices where chance(80) {
        let count = 1 + programs.expressions.below(3)
        for _ in 0..<count {
          let place = (gate: gates.count - 1, clause: clause, number: waivers.count)
          if let waiver = waiver(of: place, gate, except, found) { waivers.append(waiver) }
        }
      }
    }
    return TypedProgram(
      modules: program.modules, schema: program.schema, roles: program.roles,
      parameters: program.parameters, rules: program.rules, scorecards: program.scorecards,
      gates: gates, waivers: waivers, queries: program.queries, actions: [], pipelines: [],
      fixtures: [], tests: [])
  }

  /// A few nodes, or one.
  private mutating func nodes() -> TypedExpression {
    programs.expressions.loops = 1
    return chance(40) ? programs.expressions.anyNode(2) : programs.expressions.nodes(2)
  }

  /// `nil` for a clause that asks for an approval or is about no node.
  private mutating func waiver(
    of place: (gate: Int, clause: Int, number: Int), _ gate: TypedGate,
    _ except: TypedExpression?, _ found: [OracleFinding]
  ) -> TypedWaiver? {
    let clause = gate.clauses[place.clause]
    guard clause.condition?.asksApproval != true,
      let kind = programs.expressions.pick(spokenKinds(of: clause, gate))
    else { return nil }
    // Mostly what a finding is about; a name at random would hardly ever be one.
    let subjects = found.filter { $0.clause == clause.name }.flatMap(\.subjects)
      .filter { !isBrought($0.kind) }
    let random = NodeName(kind: kind, id: WorldGenerator.id(programs.expressions.below(6)))
    let first = chance(85) ? programs.expressions.pick(subjects) ?? random : random
    var named = [first]
    if chance(15), let other = programs.expressions.pick(spokenKinds(of: clause, gate)) {
      let second = NodeName(kind: other, id: WorldGenerator.id(programs.expressions.below(6)))
      if second != first { named.append(second) }
    }
    var excluded = except.map { [$0] } ?? []
    if chance(25) { excluded.append(nodes()) }
    let hours = programs.expressions.worlds.random.number(-2...60)
    return TypedWaiver(
      name: "waiver\(place.number)", gate: place.gate, clause: place.clause, nodes: named,
      expiring: generated.request.now + hours * hour, because: "a reason", excluded: excluded,
      range: gate.range)
  }

  /// No waiver names what a request brings.
  private func isBrought(_ kind: Int) -> Bool {
    generated.program.schema.kinds[kind].origin == .request
  }

  private func spokenKinds(of clause: TypedClause, _ gate: TypedGate) -> [Int] {
    let types =
      clause.generators.isEmpty
      ? (gate.parameters + gate.lets.map(\.variable)).map(\.type)
      : clause.generators.map { $0.range.type.element ?? $0.range.type.unwrapped }
    return types.flatMap { type -> [Int] in
      if case .node(let kinds) = type { kinds.filter { !isBrought($0) } } else { [] }
    }
  }

  mutating func grants(of program: TypedProgram, _ draft: WorldDraft) -> [Grant] {
    var grants: [Grant] = []
    let names = draft.nodes.map(\.name)
    let now = generated.request.now
    for waiver in program.waivers.indices {
      for _ in 0..<[0, 1, 1, 1, 2][programs.expressions.below(5)] {
        guard var giver = programs.expressions.pick(names) else { continue }
        if chance(25) { giver = NodeName(kind: giver.kind, id: "nobody") }
        if chance(10), let caller = generated.request.caller { giver = caller }
        let random = programs.expressions.worlds.random.number(-2...100)
        grants.append(
          Grant(
            waiver: waiver, granter: giver, role: chance(90) ? WaiverGenerator.role : "lead",
            signedAt: now - random * hour,
            expiry: chance(30) ? now + (random - 10) * hour : nil))
      }
    }
    return grants
  }
}

extension TypedExpression {
  /// An approval stands in it.
  fileprivate var asksApproval: Bool {
    if case .approval = form { return true }
    return children.contains(where: \.asksApproval)
  }
}
