// Walking and rebuilding expressions of the intermediate form.

extension IRExpression {
  /// The same expression with each expression directly inside replaced, in the order of evaluation.
  func mapChildren(_ change: (IRExpression) -> IRExpression) -> IRExpression {
    switch self {
    case .constant, .global, .variable, .nodes: self
    case .bind(let variable, let value, let body):
      .bind(variable, change(value), in: change(body))
    case .apply(let operation, let operands): .apply(operation, operands.map(change))
    case .and(let left, let right): .and(change(left), change(right))
    case .or(let left, let right): .or(change(left), change(right))
    case .coalesce(let left, let right, let isOptional):
      .coalesce(change(left), change(right), isOptional: isOptional)
    case .single(let base): .single(change(base))
    case .fieldSet(let base, let field): .fieldSet(change(base), field)
    case .walk(let base, let walk): .walk(change(base), walk.map(change))
    case .elements(let values, let kind): .elements(values.map(change), kind)
    case .combine(let operation, let left, let right, let kind):
      .combine(operation, change(left), change(right), kind)
    case .distinct(let base, let kind): .distinct(change(base), kind)
    case .keepKinds(let base, let kinds): .keepKinds(change(base), kinds)
    case .comprehension(let comprehension): .comprehension(comprehension.map(change))
    case .fold(let fold, let base): .fold(fold, change(base))
    case .member(let value, let base): .member(change(value), of: change(base))
    case .score(let index, let checks, let wantsLevel):
      .score(scorecard: index, checks.map { $0.map(change) }, wantsLevel: wantsLevel)
    case .approvals(let terms):
      .approvals(terms.map { IRApprovalTerm(approval: $0.approval, except: change($0.except)) })
    }
  }

  /// The expressions directly inside.
  var children: [IRExpression] {
    var found: [IRExpression] = []
    _ = mapChildren {
      found.append($0)
      return $0
    }
    return found
  }

  /// It enters no range, so evaluating it costs no fuel and leaving it out cannot be seen; and it is so small that looking
  /// costs nothing either, however many expressions around it are asked the same.
  public var isFree: Bool {
    var open = [self]
    for _ in 0..<Limits.freeExpressions {
      guard let next = open.popLast() else { return true }
      switch next {
      case .constant, .global, .variable: continue
      case .bind, .apply, .and, .or, .coalesce: open += next.children
      case .nodes, .single, .fieldSet, .walk, .elements, .combine, .distinct, .keepKinds,
        .comprehension, .fold, .member, .score, .approvals:
        return false
      }
    }
    return open.isEmpty
  }

  /// Every variable that the expression speaks of, as often as it does.
  func forEachVariable(_ body: (IRVariable) -> Void) {
    var open = [self]
    while let next = open.popLast() {
      if case .variable(let variable) = next { body(variable) }
      open += next.children
    }
  }
}

extension IRWalk {
  func map(_ change: (IRExpression) -> IRExpression) -> IRWalk {
    var goal = goal
    if case .shortest(let ends, let includesStart, let limit) = goal {
      goal = .shortest(to: change(ends), includesStart: includesStart, layerLimit: limit)
    }
    let filter = filter.map {
      IRStepFilter(edge: $0.edge, target: $0.target, condition: change($0.condition))
    }
    return IRWalk(directions: directions, goal: goal, filter: filter)
  }
}

extension IRFilter {
  func map(_ change: (IRExpression) -> IRExpression) -> IRFilter {
    switch self {
    case .condition(let condition): .condition(change(condition))
    case .binding(let variable, let value): .binding(variable, change(value))
    }
  }
}

extension IRComprehension {
  func map(_ change: (IRExpression) -> IRExpression) -> IRComprehension {
    IRComprehension(
      generators: generators.map {
        IRGenerator(variable: $0.variable, range: change($0.range))
      },
      filters: filters.map { $0.map(change) }, yield: change(yield),
      yieldsOptional: yieldsOptional, collection: collection)
  }
}

extension IRCheck {
  func map(_ change: (IRExpression) -> IRExpression) -> IRCheck {
    IRCheck(guardCondition: change(guardCondition), condition: change(condition))
  }
}

extension IRRoutine {
  /// The routine with each expression that stands in it replaced.
  func map(_ change: (IRExpression) -> IRExpression) -> IRRoutine {
    var routine = self
    routine.bindings = bindings.map { IRBinding(variable: $0.variable, value: change($0.value)) }
    routine.guards = guards.map(change)
    routine.generators = generators.map {
      IRGenerator(variable: $0.variable, range: change($0.range))
    }
    routine.filters = filters.map { $0.map(change) }
    routine.condition = condition.map(change)
    routine.captures = captures.map(change)
    return routine
  }
}

extension IRModule {
  /// The module with each routine replaced.
  func map(_ change: (IRRoutine) -> IRRoutine) -> IRModule {
    var module = self
    for gate in module.gates.indices {
      for clause in module.gates[gate].clauses.indices {
        module.gates[gate].clauses[clause].change(change)
      }
    }
    module.waivers = waivers.map(change)
    module.scorecards = scorecards.map(change)
    module.queries = queries.map(change)
    for action in module.actions.indices {
      module.actions[action].command = actions[action].command.map { $0.map { $0.map(change) } }
    }
    for pipeline in module.pipelines.indices {
      module.pipelines[pipeline].values = pipelines[pipeline].values.map(change)
    }
    return module
  }
}

extension IRMessagePart {
  /// The part with its routine replaced.
  func map(_ change: (IRRoutine) -> IRRoutine) -> IRMessagePart {
    switch self {
    case .text: self
    case .value(let routine, let type): .value(change(routine), type)
    }
  }
}

extension IRClause {
  mutating func change(_ change: (IRRoutine) -> IRRoutine) {
    routine = change(routine)
    message = message.map { $0.map(change) }
  }
}
