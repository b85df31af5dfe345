// A program, a graph and a request that fit each other, all from one number.

import WritModel
public import WritOracle
public import WritSemantics

/// Everything that is needed to ask every gate, scorecard and query of a program once.
public struct GeneratedCase: Sendable {
  public let seed: UInt64
  public internal(set) var program: TypedProgram
  public private(set) var draft: WorldDraft
  public internal(set) var request: OracleRequest
  /// In parameter order, by index of the gate, scorecard or query.
  public private(set) var gateArguments: [[ExpectedArgument]]
  public let scorecardArguments: [[ExpectedArgument]]
  public let queryArguments: [[ExpectedArgument]]

  /// The same for the same seed. A textual one holds only what the language has words for; a grown one has so many times as
  /// many nodes.
  public init(seed: UInt64, isTextual: Bool, growth: Int = 1) {
    self.seed = seed
    var schemas = SchemaGenerator(random: SplitMix64(seed: seed))
    let schema = schemas.schema()
    let worlds = WorldGenerator(random: schemas.random, schema: schema)
    var programs = ProgramGenerator(worlds, isTextual: isTextual)
    let program = programs.program()
    self.program = program
    var requests = RequestGenerator(worlds: programs.expressions.worlds)
    requests.worlds.growth = growth
    draft = requests.worlds.world()
    request = requests.request(draft, program)
    gateArguments = program.gates.map { requests.arguments($0.parameters) }
    scorecardArguments = program.scorecards.map { requests.arguments($0.parameters) }
    queryArguments = program.queries.map { requests.arguments($0.parameters) }
  }

  /// The same with up to `count` facts fewer, of those that can be unknown; what they are.
  public func forgetting(_ count: Int) -> (after: GeneratedCase, facts: [String]) {
    var random = SplitMix64(seed: ~seed)
    var after = self
    var facts: [String] = []
    for _ in 0..<count {
      guard let fact = random.pick(World(after.draft).forgettings) else { break }
      after.draft = fact.draft
      facts.append(fact.name)
    }
    return (after, facts)
  }

  /// The same where every source has just spoken of everything, so that little is unknown.
  public var vouched: GeneratedCase {
    var after = self
    after.draft.lines = program.schema.sources.indices.map {
      SourceLine(source: $0, at: request.asOf, covers: .everything)
    }
    return after
  }

  /// With a scorecard more for each check, of that check alone.
  public var withChecksAlone: GeneratedCase {
    var single = self
    let cards = program.scorecards.flatMap { card in
      card.checks.indices.map { index in
        TypedScorecard(
          name: "\(card.name)-\(index)", parameters: card.parameters, levelEnum: card.levelEnum,
          isSum: card.isSum, lets: card.lets, checks: [card.checks[index]],
          levels: card.levels.map {
            TypedLevel(
              ordinal: $0.ordinal, threshold: $0.threshold,
              requiredChecks: $0.requiredChecks.contains(index) ? [0] : [])
          }, range: card.range)
      }
    }
    single.program = TypedProgram(
      modules: program.modules, schema: program.schema, roles: program.roles,
      parameters: program.parameters, rules: program.rules,
      scorecards: program.scorecards + cards, gates: [], queries: [], actions: [], pipelines: [],
      fixtures: [], tests: [])
    return single
  }

  /// A case for each clause of each gate, which asks of that clause alone.
  public var clauseByClause: [GeneratedCase] {
    program.gates.indices.flatMap { index in
      program.gates[index].clauses.map { clause in
        var single = self
        let gate = program.gates[index]
        single.gateArguments = [gateArguments[index]]
        single.program = TypedProgram(
          modules: program.modules, schema: program.schema, roles: program.roles,
          parameters: program.parameters, rules: program.rules, scorecards: program.scorecards,
          gates: [
            TypedGate(
              name: gate.name, parameters: gate.parameters, lets: gate.lets, clauses: [clause],
              range: gate.range)
          ], queries: [], actions: [], pipelines: [], fixtures: [], tests: [])
        return single
      }
    }
  }

  public var world: World { World(draft) }
  public var oracle: Oracle { Oracle(program, world, request) }
}

private struct RequestGenerator {
  var worlds: WorldGenerator

  mutating func request(_ draft: WorldDraft, _ program: TypedProgram) -> OracleRequest {
    let names = draft.nodes.map(\.name)
    var request = OracleRequest(now: generatedNow, asOf: generatedNow)
    if worlds.random.chance(20) { request.now += worlds.random.number(-72...72) * hour }
    let kinds = worlds.schema.kinds
    let callers = kinds.firstIndex { $0.name == "Identity" }
    let known = names.filter { callers == nil || $0.kind == callers }
    if worlds.random.chance(70) { request.caller = worlds.random.pick(known) }
    // At times one whom the graph does not have.
    if worlds.random.chance(5) { request.caller = stranger(callers ?? 0) }
    for _ in 0..<worlds.random.below(6) {
      guard var giver = worlds.random.pick(names) else { continue }
      if worlds.random.chance(10) { giver = stranger(giver.kind) }
      var approval = Approval(
        giver: giver, role: worlds.random.pick(program.roles) ?? "",
        signedAt: request.now - worlds.random.number(-4...100) * hour)
      if worlds.random.chance(40) {
        approval.expiry = request.now + worlds.random.number(-5...50) * hour
      }
      request.approvals.append(approval)
      // Who signs in two roles is one person.
      if worlds.random.chance(30) {
        request.approvals.append(
          Approval(
            giver: giver, role: worlds.random.pick(program.roles) ?? "",
            signedAt: approval.signedAt, expiry: approval.expiry))
      }
    }
    return request
  }

  private mutating func stranger(_ kind: Int) -> NodeName {
    NodeName(kind: kind, id: "nobody\(worlds.random.below(2))")
  }

  mutating func arguments(_ parameters: [TypedVariable]) -> [ExpectedArgument] {
    parameters.map { parameter in
      switch parameter.type {
      case .node(let kinds):
        let kind = worlds.random.pick(kinds) ?? 0
        return .node(NodeName(kind: kind, id: WorldGenerator.id(worlds.random.below(6))))
      case .string: return .constant(.string(worlds.text()))
      default: return .constant(.scalar(worlds.number(parameter.type)))
      }
    }
  }
}
