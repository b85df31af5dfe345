// One typed expression to one of the intermediate form.

import WritModel
import WritSemantics

/// Microseconds in each unit of `DurationPart`.
private func microseconds(in part: DurationPart) -> Int64 {
  switch part {
  case .days: 86_400_000_000
  case .hours: 3_600_000_000
  case .minutes: 60_000_000
  case .seconds: 1_000_000
  }
}

extension Lowering {
  /// A set stays a set, a scalar a scalar.
  mutating func value(_ typed: TypedExpression) throws(LoweringError) -> IRExpression {
    try enter(at: typed.range)
    defer { leave() }
    switch typed.form {
    case .constant, .variable, .parameter, .now, .caller, .nodeLiteral:
      return leaf(typed)
    case .identifier, .field, .follow, .edgeEnd, .isKind, .instantPart, .durationPart:
      return try access(typed)
    case .not, .and, .or, .compare, .arithmetic, .negate, .stringTest, .inRange, .within,
      .isAbsent, .coalesce:
      return try operation(typed)
    case .nodes, .reach, .edges, .elements, .distinct, .union, .difference, .intersection,
      .comprehension, .count, .sum, .least, .greatest, .isEmpty, .member:
      return try collection(typed)
    case .call(let rule, let arguments):
      return try call(program.rules[rule], arguments)
    case .score(let index, let arguments):
      return try score(index, arguments, wantsLevel: false)
    case .level(let index, let arguments):
      return try score(index, arguments, wantsLevel: true)
    case .approval(let term): return .approvals([try approval(term)])
    }
  }

  /// An expression that is known to be a scalar.
  mutating func scalar(_ typed: TypedExpression) throws(LoweringError) -> IRExpression {
    try value(typed)
  }

  /// The expression as a set: a single node or edge becomes the set of it.
  mutating func set(_ typed: TypedExpression) throws(LoweringError) -> IRExpression {
    let lowered = try value(typed)
    return typed.type.element == nil ? .single(lowered) : lowered
  }

  mutating func lower(_ generator: Generator) throws(LoweringError) -> IRGenerator {
    IRGenerator(variable: generator.variable, range: try set(generator.range))
  }

  mutating func lower(_ filter: Filter) throws(LoweringError) -> IRFilter {
    switch filter {
    case .condition(let condition): .condition(try scalar(condition))
    case .binding(let variable, _, let bound): .binding(variable, try value(bound))
    }
  }

  mutating func lower(_ step: Step, goal: IRGoal) throws(LoweringError) -> IRWalk {
    let filter = try step.filter.map { (filter) throws(LoweringError) in
      IRStepFilter(edge: step.edge, target: step.target, condition: try scalar(filter))
    }
    let directions = step.edges.map { IRDirection(edge: $0.edge, isInverse: $0.isInverse) }
    return IRWalk(directions: directions, goal: goal, filter: filter)
  }

  func goal(of repetition: Repetition) -> IRGoal {
    switch repetition {
    case .once: .targets
    case .oneOrMore(let limit): .closure(includesStart: false, layerLimit: limit)
    case .zeroOrMore(let limit): .closure(includesStart: true, layerLimit: limit)
    }
  }
}

extension Lowering {
  private func leaf(_ typed: TypedExpression) -> IRExpression {
    switch typed.form {
    case .constant(.scalar(let number)): .constant(.scalar(number))
    case .constant(.string(let text)): .constant(.string(text))
    case .variable(let variable): .variable(renamed[variable] ?? variable)
    case .parameter(let index): .global(.parameter(index))
    case .now: .global(.now)
    case .caller: .global(.caller)
    case .nodeLiteral(let kind, let id): .constant(.node(kind: kind, id: id))
    default: .constant(.absent)
    }
  }

  private mutating func access(_ typed: TypedExpression) throws(LoweringError) -> IRExpression {
    switch typed.form {
    case .identifier(let base): return .apply(.identifier, [try scalar(base)])
    case .field(let base, let name):
      let field = fieldReference(base.type.unwrapped, name)
      if typed.type.element != nil { return .fieldSet(try scalar(base), field) }
      return .apply(.field(field), [try scalar(base)])
    case .follow(let base, let name):
      return .apply(.follow(directions(base.type.unwrapped, name)), [try scalar(base)])
    case .edgeEnd(let base, let end):
      return .apply(.edgeEnd(end.rawValue), [try scalar(base)])
    case .isKind(let base, let kinds): return .apply(.isKind(kinds), [try scalar(base)])
    case .instantPart(let base, let part):
      return .apply(.instantPart(part.rawValue), [try scalar(base)])
    case .durationPart(let base, let part):
      let unit = IRExpression.constant(.scalar(microseconds(in: part)))
      return .apply(.floorDivide, [try scalar(base), unit])
    default: preconditionFailure("Only forms that reach into a value come here.")
    }
  }

  private func fieldReference(_ type: ValueType, _ name: String) -> IRField {
    switch type {
    case .edge(let edge):
      return .edge(edge: edge, field: names.field(name, ofEdge: edge) ?? 0)
    case .node(let kinds):
      return .node(
        kinds.compactMap { kind in
          names.field(name, ofKind: kind).map { IRKindField(kind: kind, field: $0) }
        })
    default: preconditionFailure("Only nodes and edges have fields.")
    }
  }

  private func directions(_ type: ValueType, _ name: String) -> [IRDirection] {
    guard case .node(let kinds) = type else { return [] }
    return kinds.compactMap { names.edge(name, from: $0) }.sorted()
      .map { IRDirection(edge: $0, isInverse: false) }
  }

  private mutating func operation(_ typed: TypedExpression) throws(LoweringError) -> IRExpression {
    switch typed.form {
    case .not(let operand): return .apply(.not, [try scalar(operand)])
    case .negate(let operand): return .apply(.negate, [try scalar(operand)])
    case .isAbsent(let operand): return .apply(.isAbsent, [try scalar(operand)])
    case .and(let left, let right): return .and(try scalar(left), try scalar(right))
    case .or(let left, let right): return .or(try scalar(left), try scalar(right))
    case .coalesce(let left, let right):
      let isOptional = if case .optional = typed.type { true } else { false }
      return .coalesce(try scalar(left), try scalar(right), isOptional: isOptional)
    case .compare(let comparison, let left, let right):
      return compare(comparison, try scalar(left), try scalar(right))
    case .arithmetic(let operation, let left, let right):
      return arithmetic(
        operation, (left.type, try scalar(left)), (right.type, try scalar(right)))
    case .stringTest(let test, let left, let right):
      return .apply(.stringTest(test.rawValue), [try scalar(left), try scalar(right)])
    case .inRange(let value, let lower, let upper, let isClosed):
      return try inRange(value, lower, upper, isClosed)
    case .within(let value, let duration): return try within(value, duration)
    default: preconditionFailure("Only operations on scalars come here.")
    }
  }

  private func compare(
    _ comparison: Comparison, _ left: IRExpression, _ right: IRExpression
  ) -> IRExpression {
    switch comparison {
    case .equal: .apply(.equal, [left, right])
    case .notEqual: .apply(.notEqual, [left, right])
    case .less: .apply(.less, [left, right])
    case .lessOrEqual: .apply(.lessOrEqual, [left, right])
    case .greater: .apply(.not, [.apply(.lessOrEqual, [left, right])])
    case .greaterOrEqual: .apply(.not, [.apply(.less, [left, right])])
    }
  }

  private func arithmetic(
    _ operation: Arithmetic, _ left: (type: ValueType, value: IRExpression),
    _ right: (type: ValueType, value: IRExpression)
  ) -> IRExpression {
    let day = IRExpression.constant(.scalar(microseconds(in: .days)))
    let isDecimal = left.type == .decimal
    switch operation {
    case .add where left.type == .date:
      return .apply(.add, [left.value, .apply(.floorDivide, [right.value, day])])
    case .subtract where left.type == .date && right.type == .date:
      return .apply(.multiply, [.apply(.subtract, [left.value, right.value]), day])
    case .subtract where left.type == .date:
      return .apply(.subtract, [left.value, .apply(.floorDivide, [right.value, day])])
    case .add: return .apply(.add, [left.value, right.value])
    case .subtract: return .apply(.subtract, [left.value, right.value])
    case .multiply:
      return .apply(isDecimal ? .multiplyDecimal : .multiply, [left.value, right.value])
    case .divide:
      return .apply(isDecimal ? .divideDecimal : .divide, [left.value, right.value])
    case .remainder: return .apply(.remainder, [left.value, right.value])
    }
  }

  private mutating func inRange(
    _ value: TypedExpression, _ lower: TypedExpression, _ upper: TypedExpression, _ isClosed: Bool
  ) throws(LoweringError) -> IRExpression {
    let variable = freshVariable()
    let body = IRExpression.apply(
      .strictAnd,
      [
        .apply(.not, [.apply(.less, [.variable(variable), try scalar(lower)])]),
        .apply(isClosed ? .lessOrEqual : .less, [.variable(variable), try scalar(upper)]),
      ])
    return .bind(variable, try scalar(value), in: body)
  }

  private mutating func within(
    _ value: TypedExpression, _ duration: TypedExpression
  ) throws(LoweringError) -> IRExpression {
    let variable = freshVariable()
    let age = IRExpression.apply(.subtract, [.global(.now), .variable(variable)])
    let body = IRExpression.apply(
      .strictAnd,
      [
        .apply(.lessOrEqual, [.variable(variable), .global(.now)]),
        .apply(.lessOrEqual, [age, try scalar(duration)]),
      ])
    return .bind(variable, try scalar(value), in: body)
  }
}
