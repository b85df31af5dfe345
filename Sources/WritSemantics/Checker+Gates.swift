// Gates: lets, guards, clauses, loops and messages.

import WritModel
import WritSyntax
import WritText

/// What has been gathered of a gate.
private struct GateParts {
  var lets: [TypedLet] = []
  var letNames: [Name] = []
  var firstLet: [String: SourceRange] = [:]
  var clauses: [TypedClause] = []
  var clauseNames = ClauseTable()
  var isWhole = true
}

/// A clause's loop, filters and condition.
private struct ClauseBody {
  var generators: [Generator] = []
  var filters: [Filter] = []
  var condition: TypedExpression?
  var isWhole = true
}

extension Checker {
  /// All gates; tests ask for their clauses later.
  mutating func checkGates() {
    for position in gates.indices {
      module = gates[position].module
      gates[position].signature = signature(
        gates[position].declaration.parameters, of: "a gate", allowsSets: false)
      checkGate(position)
    }
  }

  /// One gate, whose parameters are known.
  private mutating func checkGate(_ position: Int) {
    let entry = gates[position]
    let depth = scope.depth
    let variables = declareParameters(entry.signature)
    var parts = GateParts()
    let waivable = entry.declaration.waivable.map { self.waivable($0) }
    if let waivable, waivable == nil { parts.isWhole = false }
    checkItems(entry.declaration.items, guards: [], &parts)
    scope.pop(to: depth)
    warnUnused(parts.letNames)
    gates[position].clauses = parts.clauseNames
    guard let variables, parts.isWhole else { return }
    gates[position].typed = TypedGate(
      name: entry.declaration.name.text, parameters: variables, waivable: waivable ?? nil,
      lets: parts.lets, clauses: parts.clauses, range: entry.declaration.range)
  }

  /// Items of a gate or of a `when`; recursion goes as deep as `when` is nested.
  private mutating func checkItems(
    _ items: [GateItem], guards: [TypedExpression], _ parts: inout GateParts
  ) {
    let depth = scope.depth
    for item in items {
      switch item {
      case .binding(let binding): checkBinding(binding, &parts)
      case .clause(let clause): checkClause(clause, guards, &parts)
      case .when(let when): checkWhen(when, guards, &parts)
      }
    }
    scope.pop(to: depth)
  }

  /// A `let` of a gate or of a `when`.
  private mutating func checkBinding(_ binding: LetSyntax, _ parts: inout GateParts) {
    if let first = parts.firstLet[binding.name.text], !binding.name.isMissing {
      reportRepeated(binding.name, "let", first: first)
      parts.isWhole = false
    }
    parts.firstLet[binding.name.text] = binding.name.range
    parts.letNames.append(binding.name)
    // A let is evaluated before the guards around it: it cannot rely on what they tell.
    let facts = scope.facts
    scope.facts = Facts()
    let typed = checkLet(binding)
    scope.facts = facts
    if let typed { parts.lets.append(typed) } else { parts.isWhole = false }
  }

  /// What the guard tells holds in its clauses: none of them is evaluated where it is false.
  private mutating func checkWhen(
    _ when: WhenSyntax, _ guards: [TypedExpression], _ parts: inout GateParts
  ) {
    let known = scope.facts.mark
    let condition = condition(when.condition)
    warnConstant(when.condition.range, condition, .guarded)
    if let condition { assume(condition, true) } else { parts.isWhole = false }
    checkItems(when.items, guards: guards + (condition.map { [$0] } ?? []), &parts)
    scope.facts.forget(since: known)
  }

  /// One `require` or `deny`, with its message.
  private mutating func checkClause(
    _ clause: ClauseSyntax, _ guards: [TypedExpression], _ parts: inout GateParts
  ) {
    if let first = parts.clauseNames.alike(clause.name.text), !clause.name.isMissing {
      reportRepeated(clause.name, "clause", first: first.range)
      parts.isWhole = false
    }
    parts.clauseNames.add(clause.name, asksApproval: clause.condition?.asksApproval ?? false)
    let depth = scope.depth
    let known = scope.facts.mark
    let body = clauseBody(clause)
    // The message is shown where a `deny` holds, and where a `require` does not.
    if let condition = body.condition { assume(condition, clause.polarity == .deny) }
    let message = clause.message.map { self.message($0) } ?? []
    scope.pop(to: depth)
    scope.facts.forget(since: known)
    guard body.isWhole, let message else {
      parts.isWhole = false
      return
    }
    parts.clauses.append(
      TypedClause(
        name: clause.name.text, kind: clause.polarity == .require ? .require : .deny,
        guards: guards, generators: body.generators, filters: body.filters,
        condition: body.condition, message: message, range: clause.range))
  }

  /// Leaves the variables of the clause in sight, for its message.
  private mutating func clauseBody(_ clause: ClauseSyntax) -> ClauseBody {
    if clause.loop == nil, let lifted = lifted(clause) { return lifted }
    var body = ClauseBody()
    if let loop = clause.loop {
      let (generators, filters, isWhole) = self.loop(loop)
      body = ClauseBody(generators: generators, filters: filters, isWhole: isWhole)
    }
    guard let syntax = clause.condition else { return body }
    let isRequired = clause.polarity == .require
    (scope.mayApprove, scope.warnsVacuous) = (isRequired, isRequired)
    body.condition = condition(syntax)
    (scope.mayApprove, scope.warnsVacuous) = (false, false)
    if let condition = body.condition { boundApprovals(condition) }
    warnConstant(syntax.range, body.condition, role(of: clause, isLooped: clause.loop != nil))
    if body.condition == nil { body.isWhole = false }
    return body
  }

  /// Approvals that stand together are matched with people in each way in which the condition holds: of those there are only so many.
  private mutating func boundApprovals(_ condition: TypedExpression) {
    let together = condition.approvalsTogether
    guard together > 1 else { return }
    if together > Limits.approvalsTogether {
      report(
        .tooMany(
          "approvals asked for together", limit: Limits.approvalsTogether, at: condition.range))
    } else if condition.approvalWays > Limits.approvalWays {
      report(
        .tooMany(
          "ways in which approvals satisfy one clause", limit: Limits.approvalWays,
          at: condition.range))
    }
  }

  /// For the words of a warning.
  private func role(of clause: ClauseSyntax, isLooped: Bool) -> ConditionRole {
    clause.polarity == .deny ? .deny(isLooped: isLooped) : .require(isLooped: isLooped)
  }

  /// A quantifier at the top of a clause is its loop: each element is a finding of its own.
  private mutating func lifted(_ clause: ClauseSyntax) -> ClauseBody? {
    guard let quantified = clause.condition?.quantifierAtTop else { return nil }
    switch (clause.polarity, quantified.quantifier) {
    case (.deny, .any), (.require, .all), (.require, .no): break
    case (.deny, _), (.require, .any): return nil
    }
    guard let (generator, condition) = openQuantifier(quantified) else {
      return ClauseBody(isWhole: false)
    }
    if quantified.quantifier == .all {
      scope.warnsVacuous = true
      warnVacuous(generator.range, quantified.operatorRange)
      scope.warnsVacuous = false
    }
    let form: TypedExpression.Form =
      quantified.quantifier == .no ? .not(condition) : condition.form
    let wanted = TypedExpression(form, .bool, condition.range)
    warnConstant(quantified.condition.range, wanted, role(of: clause, isLooped: true))
    return ClauseBody(generators: [generator], condition: wanted)
  }

  /// `for x in A, y in B where …`: leaves the variables in sight.
  mutating func loop(
    _ syntax: LoopSyntax
  ) -> (generators: [Generator], filters: [Filter], isWhole: Bool) {
    var generators: [Generator] = []
    var filters: [Filter] = []
    var first: [String: SourceRange] = [:]
    for generator in syntax.generators {
      if let earlier = first[generator.name.text], !generator.name.isMissing {
        reportRepeated(generator.name, "variable", first: earlier)
      }
      first[generator.name.text] = generator.name.range
      let range = expression(generator.set)
      let type = range.flatMap { elementType($0) }
      let variable = declareVariable(generator.name, .variable, type)
      if let range, let variable {
        generators.append(Generator(variable: variable.id, name: variable.name, range: range))
      }
    }
    for filter in syntax.filters {
      if let typed = self.filter(filter) { filters.append(typed) }
    }
    let isWhole =
      generators.count == syntax.generators.count && filters.count == syntax.filters.count
    return (generators, filters, isWhole)
  }

  /// The pieces of a message; each value is a single one.
  private mutating func message(_ template: TemplateSyntax) -> [MessagePart]? {
    var parts: [MessagePart] = []
    var isWhole = true
    for segment in template.segments {
      switch segment {
      case .text(let text):
        parts.append(.text(text))
      case .interpolation(let syntax):
        guard let value = expression(syntax), holdShown(value) else {
          isWhole = false
          continue
        }
        parts.append(.value(value))
      }
    }
    return isWhole ? parts : nil
  }

  /// People can read the value.
  private mutating func holdShown(_ value: TypedExpression) -> Bool {
    switch value.type.unwrapped {
    case .bool, .int, .decimal, .string, .date, .instant, .duration, .enumeration, .node:
      return true
    case .edge, .set, .list, .optional:
      report(.messageType(index.describe(value.type), at: value.range))
      return false
    }
  }
}

extension Expression {
  /// The expression without brackets around it, if it is a quantifier.
  fileprivate var quantifierAtTop: QuantifiedSyntax? {
    guard case .quantified(let quantified) = withoutGroups.kind else { return nil }
    return quantified
  }

  /// An approval stands in it.
  fileprivate var asksApproval: Bool {
    var open = [self]
    while let next = open.popLast() {
      if case .approval = next.kind { return true }
      open += next.kind.children
    }
    return false
  }
}
