// Sets, lists, folds, and what is written in place of a call.

import WritModel
import WritSemantics

extension Lowering {
  mutating func collection(_ typed: TypedExpression) throws(LoweringError) -> IRExpression {
    let kind = collectionKind(of: typed.type)
    switch typed.form {
    case .nodes(let kind): return .nodes(kind: kind)
    case .reach(let base, let step, let repetition):
      return .walk(try set(base), try lower(step, goal: goal(of: repetition)))
    case .edges(let base, let step): return .walk(try set(base), try lower(step, goal: .edges))
    case .elements(let values):
      return .elements(
        try values.map { (element) throws(LoweringError) in try scalar(element) }, kind)
    case .distinct(let base):
      if case .list = base.type { return .distinct(try set(base), kind) }
      return try set(base)
    case .union(let left, let right): return .combine(.union, try set(left), try set(right), kind)
    case .difference(let left, let right):
      return .combine(.difference, try set(left), try set(right), kind)
    case .intersection(let left, let right):
      return intersection(
        (left.type, try set(left)), (right.type, try set(right)), typed.type, kind)
    case .comprehension(let comprehension): return try lower(comprehension, kind)
    default: return try fold(typed)
    }
  }

  private func collectionKind(of type: ValueType) -> IRCollection {
    switch type {
    case .list(let element): IRCollection(isList: true, holdsStrings: element == .string)
    case .set(let element): IRCollection(isList: false, holdsStrings: element == .string)
    default: IRCollection(isList: false, holdsStrings: type.unwrapped == .string)
    }
  }

  /// Where one set is open, what the other has may be in both; but never a node of a kind that only one of them can hold.
  private func intersection(
    _ left: (type: ValueType, set: IRExpression), _ right: (type: ValueType, set: IRExpression),
    _ type: ValueType, _ kind: IRCollection
  ) -> IRExpression {
    let both = IRExpression.combine(.intersection, left.set, right.set, kind)
    guard case .node(let kinds)? = type.element else { return both }
    let isFitting = [left.type, right.type].allSatisfy { operand in
      let element = operand.element ?? operand.unwrapped
      guard case .node(let given) = element else { return false }
      return given.allSatisfy(kinds.contains)
    }
    return isFitting ? both : .keepKinds(both, kinds)
  }

  private mutating func fold(_ typed: TypedExpression) throws(LoweringError) -> IRExpression {
    switch typed.form {
    case .isEmpty(let base): return .fold(.isEmpty, try set(base))
    case .count(let base): return .fold(.count, try set(base))
    case .sum(let base): return .fold(.sum, try set(base))
    case .least(let base): return .fold(.least(memberCount(base.type)), try set(base))
    case .greatest(let base): return .fold(.greatest(memberCount(base.type)), try set(base))
    case .member(let value, let base): return .member(try scalar(value), of: try set(base))
    default: preconditionFailure("Only folds come here.")
    }
  }

  private func memberCount(_ type: ValueType) -> UInt8 {
    guard case .enumeration(let index)? = type.element else { return 0 }
    return UInt8(clamping: program.schema.enums[index].members.count)
  }

  private mutating func lower(
    _ comprehension: Comprehension, _ kind: IRCollection
  ) throws(LoweringError) -> IRExpression {
    let yieldsOptional = if case .optional = comprehension.yield.type { true } else { false }
    return .comprehension(
      IRComprehension(
        generators: try comprehension.generators.map { (generator) throws(LoweringError) in
          try lower(generator)
        },
        filters: try comprehension.filters.map { (filter) throws(LoweringError) in
          try lower(filter)
        },
        yield: try scalar(comprehension.yield), yieldsOptional: yieldsOptional, collection: kind))
  }

  /// The body of a rule with its parameters bound to the arguments.
  mutating func call(
    _ rule: TypedRule, _ arguments: [TypedExpression]
  ) throws(LoweringError) -> IRExpression {
    let bound = try bindings(of: rule.parameters, to: arguments)
    try deepen(by: bound.count, at: rule.range)
    defer { leave(bound.count) }
    return wrap(try value(rule.body), in: bound)
  }

  /// The arguments, each under a variable of its own, which stands for the parameter from here on.
  ///
  /// A parameter cannot keep its number: a later argument may call the same declaration, and what that binds would be taken
  /// for what this call bound before. Declarations do not recurse, so a body never meets its own parameters bound anew.
  private mutating func bindings(
    of parameters: [TypedVariable], to arguments: [TypedExpression]
  ) throws(LoweringError) -> [IRBinding] {
    var values: [IRExpression] = []
    for (parameter, argument) in zip(parameters, arguments) {
      let isCollection = parameter.type.element != nil
      values.append(isCollection ? try set(argument) : try value(argument))
    }
    return zip(parameters, values).map { IRBinding(variable: rename($0.id), value: $1) }
  }

  /// The expression within its bindings, the first outermost.
  private func wrap(_ body: IRExpression, in bindings: [IRBinding]) -> IRExpression {
    bindings.reversed().reduce(body) { .bind($1.variable, $1.value, in: $0) }
  }

  mutating func score(
    _ index: Int, _ arguments: [TypedExpression], wantsLevel: Bool
  ) throws(LoweringError) -> IRExpression {
    let scorecard = program.scorecards[index]
    var bound = try bindings(of: scorecard.parameters, to: arguments)
    for item in scorecard.lets {
      bound.append(IRBinding(variable: item.variable.id, value: try value(item.value)))
    }
    try deepen(by: bound.count, at: scorecard.range)
    defer { leave(bound.count) }
    var checks: [IRCheck] = []
    for check in scorecard.checks { checks.append(try lower(check)) }
    return wrap(.score(scorecard: index, checks, wantsLevel: wantsLevel), in: bound)
  }
}
