// Params, rules and the order in which bodies are checked.

import WritModel
import WritSyntax
import WritText

extension Checker {
  /// Params are constants, set anew when the bundle is built.
  mutating func checkParameters() {
    for position in parameters.indices {
      module = parameters[position].module
      let declaration = parameters[position].declaration
      guard let type = type(declaration.type) else { continue }
      guard isScalar(type) else {
        report(.paramType(index.describe(type), at: declaration.type.range))
        continue
      }
      // A param's own value cannot speak of params.
      let value = expression(declaration.value, as: type)
      parameters[position].type = type
      guard let value else { continue }
      guard case .constant(let constant) = value.form else {
        report(.notConstant(at: declaration.value.range))
        continue
      }
      parameters[position].typed = TypedParameter(
        name: declaration.name.text, type: type, defaultValue: constant,
        range: declaration.range)
    }
  }

  /// Signatures first, then bodies, called before calling.
  mutating func checkRulesAndScorecards() {
    for position in rules.indices {
      module = rules[position].module
      let declaration = rules[position].declaration
      rules[position].signature = signature(
        declaration.parameters, of: "a rule", allowsSets: true)
      rules[position].result = declaration.result.flatMap { type($0) }
    }
    for position in scorecards.indices { openScorecard(position) }
    for node in callOrder(
      of: rules.indices.map { .rule($0) } + scorecards.indices.map { .scorecard($0) })
    {
      switch node {
      case .rule(let rule): checkRule(rule)
      case .scorecard(let scorecard): checkScorecard(scorecard)
      default: break
      }
      noteMoment(of: node)
    }
  }

  /// One rule; those that it calls have been checked.
  private mutating func checkRule(_ position: Int) {
    let entry = rules[position]
    module = entry.module
    let depth = scope.depth
    let variables = declareParameters(entry.signature)
    var body: TypedExpression?
    if entry.declaration.result == nil {
      body = expression(entry.declaration.body)
      rules[position].result = body?.type
    } else if let result = entry.result {
      body = expression(entry.declaration.body, as: result)
    } else {
      _ = expression(entry.declaration.body)
    }
    scope.pop(to: depth)
    guard let variables, let body else { return }
    rules[position].typed = TypedRule(
      name: entry.declaration.name.text, parameters: variables, body: body,
      range: entry.declaration.range)
  }

  /// Brings parameters in sight; `nil` if the type of one is not known.
  mutating func declareParameters(_ signature: [Signature]) -> [TypedVariable]? {
    let variables = signature.map { declareVariable($0.name, .parameter, $0.type) }
    let known = variables.compactMap { $0 }
    return known.count == variables.count ? known : nil
  }

  /// These and what they call, called ones first; what calls itself is reported and comes anyhow.
  ///
  /// Depth first with a stack of its own: a chain of calls may be as long as the program.
  mutating func callOrder(of roots: [Entity]) -> [Entity] {
    var order: [Entity] = []
    var isDone: [Entity: Bool] = [:]
    for root in roots where isDone[root] == nil {
      var path: [(entity: Entity, calls: [(Entity, SourceRange)], next: Int)] = []
      isDone[root] = false
      path.append((root, calls(of: root), 0))
      while let (entity, calls, next) = path.last {
        guard next < calls.count else {
          path.removeLast()
          isDone[entity] = true
          order.append(entity)
          continue
        }
        path[path.count - 1].next += 1
        let (callee, range) = calls[next]
        switch isDone[callee] {
        case nil:
          isDone[callee] = false
          path.append((callee, self.calls(of: callee), 0))
        case true?: break
        case false?:
          let start = looksForNames ? path.firstIndex { $0.entity == callee } : nil
          let cycle = path[(start ?? path.count)...].map { name(of: $0.entity) }
          let sort = if case .pipeline = callee { "pipelines" } else { "rules and scorecards" }
          report(.recursion(of: sort, cycle + [name(of: callee)], at: range))
        }
      }
    }
    return order
  }

  /// Of a rule, a scorecard or a pipeline.
  private func name(of entity: Entity) -> String {
    switch entity {
    case .rule(let rule): rules[rule].declaration.name.text
    case .scorecard(let scorecard): scorecards[scorecard].declaration.name.text
    case .pipeline(let pipeline): pipelines[pipeline].declaration.name.text
    default: ""
    }
  }

  /// What a rule, a scorecard or a pipeline calls of its sort, in source order.
  private func calls(of entity: Entity) -> [(Entity, SourceRange)] {
    if case .pipeline(let pipeline) = entity { return nested(in: pipeline) }
    var finder = CallFinder()
    switch entity {
    case .rule(let rule): finder.visit(rules[rule].declaration.body)
    case .scorecard(let scorecard):
      for item in scorecards[scorecard].declaration.items {
        switch item {
        case .binding(let binding): finder.visit(binding.value)
        case .check(let check):
          if let guardCondition = check.guardCondition { finder.visit(guardCondition) }
          finder.visit(check.condition)
        case .level: break
        }
      }
    default: break
    }
    return finder.calls.compactMap { name in
      switch names.values[name.text]?.entity {
      case .rule(let rule): (.rule(rule), name.range)
      case .scorecard(let scorecard): (.scorecard(scorecard), name.range)
      default: nil
      }
    }
  }
}
