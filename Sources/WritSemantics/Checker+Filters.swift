// `where` and `select`, quantifiers, and aggregates over sets.

import WritModel
import WritSyntax
import WritText

/// A comprehension with one generator while its filters are gathered.
private struct Pipeline {
  let source: TypedExpression
  let element: TypedExpression
  let variable: VariableID
  let isList: Bool
  var filters: [Filter] = []

  /// The comprehension that yields `value`.
  func yielding(
    _ value: TypedExpression, _ type: ValueType, _ range: SourceRange
  ) -> TypedExpression {
    let generator = Generator(variable: variable, name: "it", range: source)
    let comprehension = Comprehension(generators: [generator], filters: filters, yield: value)
    return TypedExpression(.comprehension(comprehension), type, range)
  }
}

extension Checker {
  /// `base where … select …`, any number of them, from the inside out.
  mutating func pipeline(_ syntax: Expression, _ expected: ValueType?) -> TypedExpression? {
    var operations: [Expression] = []
    var base = syntax
    while let inner = base.kind.pipelineBase {
      operations.append(base)
      base = inner
    }
    let depth = scope.depth
    let known = scope.facts.mark
    defer {
      scope.pop(to: depth)
      scope.facts.forget(since: known)
    }
    var pipeline = expression(base).flatMap { begin($0) }
    if pipeline == nil { scope.push(.unknown) }
    for operation in operations.reversed() {
      switch operation.kind {
      case .filter(_, let filter):
        let added = self.filter(filter)
        if let added { pipeline?.filters.append(added) } else { pipeline = nil }
      case .select(_, let value):
        let mapped = select(value, in: pipeline, operation.range)
        scope.pop(to: depth)
        scope.facts.forget(since: known)
        pipeline = mapped.flatMap { begin($0) }
        if pipeline == nil { scope.push(.unknown) }
      default: break
      }
    }
    return pipeline.map { finish($0, syntax.range) }
  }

  /// Opens the scope of the elements of a set, for the caller to close.
  private mutating func begin(_ source: TypedExpression) -> Pipeline? {
    guard let type = elementType(source) else { return nil }
    let id = makeVariable()
    let element = TypedExpression(.variable(id), type, source.range)
    scope.push(.value(element))
    var isList = false
    if case .list = source.type { isList = true }
    return Pipeline(source: source, element: element, variable: id, isList: isList)
  }

  /// A pipeline without a filter is its source: what a last `select` made.
  private func finish(_ pipeline: Pipeline, _ range: SourceRange) -> TypedExpression {
    guard !pipeline.filters.isEmpty else { return pipeline.source.at(range) }
    let element = narrowed(pipeline.element)
    let type: ValueType = pipeline.isList ? .list(element.type) : .set(element.type)
    return pipeline.yielding(element, type, range)
  }

  /// `select e`: a list of one value for each element.
  private mutating func select(
    _ syntax: Expression, in pipeline: Pipeline?, _ range: SourceRange
  ) -> TypedExpression? {
    guard let value = expression(syntax), holdElement(value), let pipeline else { return nil }
    return pipeline.yielding(value, .list(value.type), range)
  }

  /// One `where`; what it tells holds, and what it binds is in sight, for what follows.
  mutating func filter(_ syntax: FilterSyntax) -> Filter? {
    switch syntax.kind {
    case .condition(let condition):
      guard let typed = self.condition(condition) else { return nil }
      assume(typed, true)
      return .condition(typed)
    case .binding(let name, let value):
      var typed = expression(value)
      if let found = typed, found.type.element != nil {
        report(.boundSet(name, at: value.range))
        typed = nil
      }
      guard let variable = declareVariable(name, .variable, typed?.type.unwrapped), let typed
      else { return nil }
      return .binding(variable.id, name: variable.name, typed)
    }
  }
}

extension Expression.Kind {
  fileprivate var pipelineBase: Expression? {
    switch self {
    case .filter(let base, _), .select(let base, _): base
    default: nil
    }
  }
}

extension Checker {
  /// `any S has P`, and its kin, as a test for emptiness.
  mutating func quantified(
    _ syntax: QuantifiedSyntax, _ range: SourceRange
  ) -> TypedExpression? {
    let depth = scope.depth
    let known = scope.facts.mark
    let warnsVacuous = scope.warnsVacuous
    (scope.mayApprove, scope.warnsVacuous) = (false, false)
    defer {
      scope.pop(to: depth)
      scope.facts.forget(since: known)
    }
    guard let (generator, condition) = openQuantifier(syntax),
      let type = elementType(generator.range)
    else { return nil }
    var filter = condition
    if syntax.quantifier == .all {
      filter = TypedExpression(.not(condition), .bool, condition.range)
      scope.warnsVacuous = warnsVacuous
      warnVacuous(generator.range, syntax.operatorRange)
      scope.warnsVacuous = false
    }
    let yield = TypedExpression(.variable(generator.variable), type, generator.range.range)
    let comprehension = Comprehension(
      generators: [generator], filters: [.condition(filter)], yield: yield)
    var setType = ValueType.set(type)
    if case .list = generator.range.type { setType = .list(type) }
    let set = TypedExpression(.comprehension(comprehension), setType, range)
    let isEmpty = TypedExpression(.isEmpty(set), .bool, range)
    guard syntax.quantifier == .any else { return isEmpty }
    return TypedExpression(.not(isEmpty), .bool, range)
  }

  /// Checks a quantifier's set and condition and leaves its variable in sight: the caller pops it.
  mutating func openQuantifier(
    _ syntax: QuantifiedSyntax
  ) -> (generator: Generator, condition: TypedExpression)? {
    let set = expression(syntax.set)
    let type = set.flatMap { elementType($0) }
    let id = makeVariable()
    let element = type.map { TypedExpression(.variable(id), $0, syntax.set.range) }
    if let name = syntax.variable {
      declareLocal(name, .variable, element)
    } else {
      scope.push(element.map { .value($0) } ?? .unknown)
    }
    let condition = condition(syntax.condition)
    guard let set, element != nil, let condition else { return nil }
    let name = syntax.variable?.text ?? "it"
    return (Generator(variable: id, name: name, range: set), condition)
  }

  /// `count(S)`, `sum(S)`, `min(S)`, `max(S)`
  mutating func aggregate(
    _ syntax: AggregateSyntax, _ range: SourceRange
  ) -> TypedExpression? {
    guard var set = expression(syntax.argument), let element = elementType(set) else {
      return nil
    }
    if syntax.isDistinct { set = asSetOperand(set) }
    guard let type = aggregateType(syntax.function, element) else {
      report(
        .aggregateType(
          syntax.function.rawValue, index.describe(element), at: syntax.argument.range))
      return nil
    }
    switch syntax.function {
    case .count: return TypedExpression(.count(set), .int, range)
    case .sum: return TypedExpression(.sum(set), type, range)
    case .min: return TypedExpression(.least(set), .optional(type), range)
    case .max: return TypedExpression(.greatest(set), .optional(type), range)
    }
  }

  /// The type of the number that an aggregate makes of elements; `nil` where it is not defined.
  func aggregateType(
    _ function: AggregateSyntax.Function, _ element: ValueType
  ) -> ValueType? {
    switch (function, element) {
    case (.count, _): .int
    case (.sum, .int), (.sum, .decimal), (.sum, .duration): element
    case (.min, _), (.max, _): index.isOrdered(element) ? element : nil
    case (.sum, _): nil
    }
  }
}
