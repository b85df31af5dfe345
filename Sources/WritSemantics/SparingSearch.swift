// Which rules hold people and not agents.

import WritModel
import WritText

/// A clause or a check: for each sort of agent, beside each sort of person, whether it finds something.
struct WeighedPart {
  let name: String
  let range: SourceRange
  let leanings: [[Leaning]]
  /// Where it tells what the caller is.
  let told: SourceRange?
  /// All that it looks at.
  fileprivate let reads: [TypedExpression]

  /// It finds something whatever the facts, and for nobody of the other sort: it says who may ask, and binds nobody who does.
  fileprivate func shutsOutAgent(_ agent: Int) -> Bool {
    leanings[agent].allSatisfy { $0.forAgent == true && $0.forPerson != true }
  }

  fileprivate func shutsOutPeople(beside agent: Int) -> Bool {
    leanings[agent].allSatisfy { $0.forPerson == true && $0.forAgent != true }
  }
}

/// The clauses of a gate or the checks of a scorecard.
struct WeighedRules {
  let parts: [WeighedPart]
  fileprivate let parameters: [TypedVariable]
  fileprivate let lets: [VariableID: TypedExpression]

  fileprivate func isShut(toAgent agent: Int) -> Bool {
    parts.contains { $0.shutsOutAgent(agent) }
  }

  fileprivate func isShutToPeople(beside agent: Int) -> Bool {
    parts.contains { $0.shutsOutPeople(beside: agent) }
  }
}

/// Parts that spare agents, told apart at one place.
struct SparedGroup {
  /// They find nothing for an agent; otherwise less than for a person.
  let isWhole: Bool
  var parts: [WeighedPart]
  let told: SourceRange?
}

/// A step, a stage or a freeze that holds people alone.
struct SparedStep {
  enum What: String {
    case approval = "people are asked to approve only where a person runs it"
    case gate = "a gate is asked only where a person runs it"
    case freeze = "this freeze holds only runs that a person started"
  }

  let what: What
  let place: SourceRange
  let told: SourceRange?
}

/// Asks of each condition what it comes to for agents and for people.
struct SparingSearch {
  private let program: TypedProgram
  private let sorts: CallerSorts
  private var names: ReadNames

  init(_ program: TypedProgram, _ sorts: CallerSorts) {
    self.program = program
    self.sorts = sorts
    names = ReadNames(program)
  }

  /// The clauses: a `deny` that fires, a `require` that fails.
  func weighed(_ gate: TypedGate) -> WeighedRules {
    let (actors, lets) = (actors(gate.parameters), values(gate.lets))
    let parts = gate.clauses.map { clause in
      let loops = clause.generators.map(\.range) + clause.filters.map(\.value)
      let told = weigh(actors, lets) { finder in
        var leaning = Leaning.sure(true, true)
        for condition in clause.guards {
          leaning = leaning.and(finder.leaning(of: BoundExpression(condition, [:])))
        }
        let (passes, inner) = finder.passing(clause.generators, clause.filters, [:])
        leaning = leaning.and(passes)
        guard let condition = clause.condition else { return leaning }
        let holds = finder.leaning(of: BoundExpression(condition, inner))
        return leaning.and(clause.kind == .deny ? holds : !holds)
      }
      return WeighedPart(
        name: clause.name, range: clause.range, leanings: told.leanings, told: told.place,
        reads: clause.guards + loops + (clause.condition.map { [$0] } ?? []))
    }
    return WeighedRules(parts: parts, parameters: gate.parameters, lets: lets)
  }

  /// The checks: one that applies and does not pass.
  func weighed(_ card: TypedScorecard) -> WeighedRules {
    let (actors, lets) = (actors(card.parameters), values(card.lets))
    let parts = card.checks.map { check in
      let told = weigh(actors, lets) { finder in
        let fails = !finder.leaning(of: BoundExpression(check.condition, [:]))
        guard let condition = check.guardCondition else { return fails }
        return fails.and(finder.leaning(of: BoundExpression(condition, [:])))
      }
      return WeighedPart(
        name: check.name, range: check.range, leanings: told.leanings, told: told.place,
        reads: (check.guardCondition.map { [$0] } ?? []) + [check.condition])
    }
    return WeighedRules(parts: parts, parameters: card.parameters, lets: lets)
  }

  /// What some sort of agent is spared beside every sort of person, and nothing in its place holds.
  mutating func spared(in rules: WeighedRules) -> [SparedGroup] {
    var groups: [SparedGroup] = []
    var reads: [Int: [Set<String>]] = [:]
    for part in rules.parts where groups.count < Limits.diagnostics {
      guard
        let agent = part.leanings.indices.first(where: { agent in
          part.leanings[agent].allSatisfy(\.leavesAgentsOut) && !rules.isShut(toAgent: agent)
            && !part.shutsOutPeople(beside: agent)
        })
      else { continue }
      let known = reads[agent] ?? names(in: rules, for: agent, isForAgentsAlone: true)
      reads[agent] = known
      if isMet(part, of: rules, by: known) { continue }
      let isWhole = part.leanings[agent].allSatisfy { $0.forAgent == false }
      if let group = groups.firstIndex(where: { $0.told == part.told && $0.isWhole == isWhole }) {
        groups[group].parts.append(part)
      } else {
        groups.append(SparedGroup(isWhole: isWhole, parts: [part], told: part.told))
      }
    }
    return groups
  }

  /// No person passes it, and some sort of agent may.
  func isForAgentsAlone(_ rules: WeighedRules) -> Bool {
    sorts.pairs.indices.contains {
      rules.isShutToPeople(beside: $0) && !rules.isShut(toAgent: $0)
    }
  }

  /// Clauses that hold people in `usual`, which no agent passes, and that agents in `way`, which no person passes, are spared.
  mutating func missing(in way: WeighedRules, of usual: WeighedRules) -> [String] {
    for agent in sorts.pairs.indices
    where usual.isShut(toAgent: agent) && !usual.isShutToPeople(beside: agent)
      && way.isShutToPeople(beside: agent) && !way.isShut(toAgent: agent)
    {
      let reads = names(in: way, for: agent, isForAgentsAlone: false)
      return usual.parts.filter { !$0.shutsOutAgent(agent) && !isMet($0, of: usual, by: reads) }
        .map(\.name)
    }
    return []
  }

  /// What each clause looks at that holds agents; that holds agents alone, where these are asked for.
  private mutating func names(
    in rules: WeighedRules, for agent: Int, isForAgentsAlone: Bool
  ) -> [Set<String>] {
    rules.parts.filter { part in
      part.leanings[agent].allSatisfy {
        $0.forAgent != false && (!isForAgentsAlone || $0.forPerson == false)
      }
    }.map { names.names(in: $0.reads, lets: rules.lets, parameters: rules.parameters) }
  }

  /// One of them looks at all that this clause looks at: what it asks of agents is the policy's matter.
  private mutating func isMet(
    _ part: WeighedPart, of rules: WeighedRules, by reads: [Set<String>]
  ) -> Bool {
    let wanted = names.names(in: part.reads, lets: rules.lets, parameters: rules.parameters)
    return reads.contains { wanted.isSubset(of: $0) }
  }
}

extension SparingSearch {
  /// Steps and stages that only a person's run has, and that hold a run up without doing anything; and freezes for people alone.
  func sparedSteps(of pipeline: TypedPipeline) -> [SparedStep] {
    var found: [SparedStep] = []
    if let freeze = pipeline.freeze.map({ weighed($0, of: pipeline) }),
      freeze.leanings.contains(where: { $0.allSatisfy(\.leavesAgentsOut) })
    {
      found.append(
        SparedStep(
          what: .freeze, place: pipeline.values[pipeline.freeze ?? 0].expression.range,
          told: freeze.place))
    }
    var parts: [ConditionalPart] = []
    for stage in pipeline.stages {
      let steps = stage.within.flatMap(\.steps)
      if let condition = stage.condition { note(condition, stage.place, steps, pipeline, &parts) }
      note(steps, pipeline, &parts)
    }
    note(pipeline.hooks.within.flatMap(\.steps), pipeline, &parts)
    for part in parts where !part.acts {
      for what in [SparedStep.What.approval, .gate] where part.holds.contains(what) {
        let spared = part.leanings.indices.contains { agent in
          part.leanings[agent].allSatisfy { $0.forAgent == false && $0.forPerson != false }
            && !parts.contains { other in
              other.holds.contains(what)
                && other.leanings[agent].allSatisfy {
                  $0.forAgent != false && $0.forPerson == false
                }
            }
        }
        guard spared else { continue }
        found.append(
          SparedStep(what: what, place: pipeline.places[part.place], told: part.told))
        break
      }
    }
    return found
  }

  /// A step or a stage with a condition.
  private struct ConditionalPart {
    let place: Int
    let leanings: [[Leaning]]
    let told: SourceRange?
    /// What stands in it.
    var holds: Set<SparedStep.What> = []
    var acts = false
  }

  private func note(
    _ steps: [PipelineStep], _ pipeline: TypedPipeline, _ parts: inout [ConditionalPart]
  ) {
    for step in steps {
      if let condition = step.condition { note(condition, step.place, [step], pipeline, &parts) }
      note(step.within.flatMap(\.steps), pipeline, &parts)
    }
  }

  private func note(
    _ condition: Int, _ place: Int, _ steps: [PipelineStep], _ pipeline: TypedPipeline,
    _ parts: inout [ConditionalPart]
  ) {
    let weighed = weighed(condition, of: pipeline)
    // A condition that does not ask who the caller is says nothing here.
    guard weighed.place != nil else { return }
    var part = ConditionalPart(place: place, leanings: weighed.leanings, told: weighed.place)
    var open = steps
    while let step = open.popLast() {
      switch step.work {
      case .approval: part.holds.insert(.approval)
      case .gate: part.holds.insert(.gate)
      case .action: part.acts = true
      case .run, .wait, .group, .loop, .agent: break
      }
      open += step.within.flatMap(\.steps)
    }
    parts.append(part)
  }

  private func weighed(
    _ value: Int, of pipeline: TypedPipeline
  ) -> (leanings: [[Leaning]], place: SourceRange?) {
    let value = pipeline.values[value]
    return weigh(actors(pipeline.parameters), values(value.lets)) {
      $0.leaning(of: BoundExpression(value.expression, [:]))
    }
  }

  /// Asked of each sort of agent beside each sort of person; and where the first of them is told apart.
  private func weigh(
    _ actors: Set<VariableID>, _ lets: [VariableID: TypedExpression],
    _ ask: (inout LeaningFinder) -> Leaning
  ) -> (leanings: [[Leaning]], place: SourceRange?) {
    var place: SourceRange?
    let leanings = sorts.pairs.map { agent in
      agent.map { pair in
        var finder = LeaningFinder(rules: program.rules, pair: pair, actors: actors, lets: lets)
        let leaning = ask(&finder)
        place = place ?? finder.places.first
        return leaning
      }
    }
    return (leanings, place)
  }

  private func values(_ lets: [TypedLet]) -> [VariableID: TypedExpression] {
    Dictionary(lets.map { ($0.variable.id, $0.value) }) { first, _ in first }
  }

  private func actors(_ parameters: [TypedVariable]) -> Set<VariableID> {
    Set(
      parameters.filter { parameter in
        if case .node = parameter.type { isActorName(parameter.name) } else { false }
      }.map(\.id))
  }
}

extension Filter {
  fileprivate var value: TypedExpression {
    switch self {
    case .condition(let value), .binding(_, _, let value): value
    }
  }
}
