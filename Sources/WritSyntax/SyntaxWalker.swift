// Visits the nodes of a tree in source order.

extension Expression {
  /// Visits the expressions that are part of this one, without theirs, in source order.
  public func forEachChild(_ visit: (Expression) -> Void) { kind.forEachChild(visit) }

  /// Visits this expression, then all within it, in source order; recursion is bounded by `depth`.
  public func walk(_ visit: (Expression) -> Void) {
    visit(self)
    forEachChild { $0.walk(visit) }
  }
}

extension Expression.Kind {
  /// Visits the expressions that an expression of this kind is made of, in source order.
  func forEachChild(_ visit: (Expression) -> Void) {
    switch self {
    case .missing, .literal, .name, .field, .outer, .element, .now, .caller, .node: break
    case .group(let inner), .member(let inner, _), .closure(let inner, _), .unary(_, let inner):
      visit(inner)
    case .list(let elements): elements.forEach(visit)
    case .call(let call): call.arguments.forEach { visit($0.value) }
    case .aggregate(let aggregate): visit(aggregate.argument)
    case .approval(let term): term.except.map(visit)
    case .step(let base, let step):
      visit(base)
      step.filters.forEach { visit($0.value) }
    case .binary(_, let left, let right), .select(let left, let right):
      visit(left)
      visit(right)
    case .membership(let membership):
      visit(membership.value)
      membership.container.forEachChild(visit)
    case .test(let test): visit(test.value)
    case .quantified(let quantified):
      visit(quantified.set)
      visit(quantified.condition)
    case .filter(let base, let filter):
      visit(base)
      visit(filter.value)
    }
  }
}

extension MembershipSyntax.Container {
  fileprivate func forEachChild(_ visit: (Expression) -> Void) {
    switch self {
    case .set(let set): visit(set)
    case .halfOpen(let low, let high), .closed(let low, let high):
      visit(low)
      visit(high)
    }
  }
}

extension SyntaxTree {
  /// Visits every expression of every declaration, those of messages too, in source order.
  public func walk(_ visit: (Expression) -> Void) {
    declarations.forEach { $0.walk(visit) }
  }
}

extension Declaration {
  /// Visits every expression of the declaration, in source order.
  public func walk(_ visit: (Expression) -> Void) {
    switch self {
    case .enumeration, .source, .roles, .node, .waiver, .fixture: break
    case .param(let param): param.value.walk(visit)
    case .rule(let rule): rule.body.walk(visit)
    case .scorecard(let scorecard):
      for item in scorecard.items {
        switch item {
        case .binding(let binding): binding.value.walk(visit)
        case .check(let check):
          check.guardCondition?.walk(visit)
          check.condition.walk(visit)
        case .level: break
        }
      }
    case .gate(let gate):
      gate.waivable?.except?.walk(visit)
      gate.items.forEach { $0.walk(visit) }
    case .query(let query): query.body.walk(visit)
    case .action(let action): action.items.forEach { $0.walk(visit) }
    case .pipeline(let pipeline): pipeline.walk(visit)
    case .test(let test):
      for expectation in test.expectations {
        switch expectation.kind {
        case .verdict: break
        case .holds(let condition), .isUnknown(let condition): condition.walk(visit)
        }
      }
    }
  }
}

extension GateItem {
  fileprivate func walk(_ visit: (Expression) -> Void) {
    switch self {
    case .binding(let binding): binding.value.walk(visit)
    case .clause(let clause):
      clause.loop?.walk(visit)
      clause.condition?.walk(visit)
      for case .interpolation(let expression) in clause.message?.segments ?? [] {
        expression.walk(visit)
      }
    case .when(let when):
      when.condition.walk(visit)
      when.items.forEach { $0.walk(visit) }
    }
  }
}

extension ActionItem {
  fileprivate func walk(_ visit: (Expression) -> Void) {
    switch kind {
    case .run(let words): words.forEach { $0.walk(visit) }
    case .http(let request):
      request.url.walk(visit)
      for part in request.parts {
        switch part.kind {
        case .header(_, let value): value.walk(visit)
        case .body(let word), .field(_, let word): word.walk(visit)
        case .status, .answer: break
        }
      }
    case .secrets, .timeout, .idempotent: break
    }
  }
}

extension ActionWord {
  fileprivate func walk(_ visit: (Expression) -> Void) {
    switch self {
    case .value(let expression): expression.walk(visit)
    case .text(let template): template.walk(visit)
    }
  }
}

extension TemplateSyntax {
  fileprivate func walk(_ visit: (Expression) -> Void) {
    for case .interpolation(let expression) in segments { expression.walk(visit) }
  }
}

extension PipelineDeclaration {
  /// Its expressions, each before those within it.
  public func walk(_ visit: (Expression) -> Void) {
    for case .freeze(let condition) in heads.map(\.kind) { condition.walk(visit) }
    stages.forEach { $0.walk(visit) }
    hooks.flatMap(\.steps).forEach { $0.walk(visit) }
  }
}

extension StageSyntax {
  fileprivate func walk(_ visit: (Expression) -> Void) {
    for case .when(let condition) in heads.map(\.kind) { condition.walk(visit) }
    steps.forEach { $0.walk(visit) }
    hooks.flatMap(\.steps).forEach { $0.walk(visit) }
  }
}

extension PipelineStepSyntax {
  fileprivate func walk(_ visit: (Expression) -> Void) {
    switch work {
    case .run(let words): words.forEach { $0.walk(visit) }
    case .call(let call), .gate(let call), .pipeline(let call):
      call.call.arguments.forEach { $0.value.walk(visit) }
    case .approve(let approve): approve.rules.forEach { $0.except?.walk(visit) }
    case .wait: break
    case .matrix(let matrix):
      matrix.values.forEach { $0.walk(visit) }
      matrix.steps.forEach { $0.walk(visit) }
    case .loop(let loop):
      loop.until.walk(visit)
      loop.steps.forEach { $0.walk(visit) }
    case .parallel(_, let steps): steps.forEach { $0.walk(visit) }
    case .agent(let agent): ActionWord.text(agent.task).walk(visit)
    }
    for case .when(let condition) in options.map(\.kind) { condition.walk(visit) }
    for case .hook(let hook) in options.map(\.kind) { hook.steps.forEach { $0.walk(visit) } }
  }
}

extension LoopSyntax {
  fileprivate func walk(_ visit: (Expression) -> Void) {
    generators.forEach { $0.set.walk(visit) }
    filters.forEach { $0.value.walk(visit) }
  }
}

extension QueryBody {
  fileprivate func walk(_ visit: (Expression) -> Void) {
    switch self {
    case .columns(let columns): columns.forEach { $0.value.walk(visit) }
    case .rows(let rows):
      rows.loop.walk(visit)
      rows.keys.forEach { $0.value.walk(visit) }
      rows.columns.forEach { $0.value?.walk(visit) }
    case .path(let path):
      path.path.walk(visit)
      path.target.walk(visit)
    case .missing: break
    }
  }
}
