// Conditions, numbers and times.

import WritModel
import WritSemantics

extension ExpressionGenerator {
  mutating func bool(_ depth: Int) -> TypedExpression {
    guard depth > 0 else { return simpleBool() }
    let (left, right) = (depth - 1, depth - 1)
    switch below(20) {
    case 0: return make(.not(bool(left)), .bool)
    case 1, 2: return make(.and(bool(left), bool(right)), .bool)
    case 3, 4: return make(.or(bool(left), bool(right)), .bool)
    case 5, 6, 7: return comparison(depth)
    case 8:
      let form = TypedExpression.Form.stringTest(
        StringTest.allCases[below(4)], value(.string, left), value(.string, right))
      return make(form, .bool)
    case 9, 10: return member(depth)
    case 11: return inRange(depth)
    case 12: return make(.within(value(.instant, left), value(.duration, right)), .bool)
    case 13: return absence(depth)
    case 14, 15:
      let empty = make(.isEmpty(collection(depth)), .bool)
      return chance(60) ? make(.not(empty), .bool) : empty
    case 16: return isKind(depth)
    case 17: return make(.coalesce(optional(.bool, left), bool(right)), .bool)
    case 18: return call(.bool, depth) ?? comparison(depth)
    default: return present(depth) ?? comparison(depth)
    }
  }

  private mutating func simpleBool() -> TypedExpression {
    if chance(60), let field = field(of: .bool, 0) { return field }
    if chance(30), let variable = variable({ $0 == .bool }) { return variable }
    return chance(85) ? comparison(0) : constant(.bool)
  }

  /// A type that values are compared in.
  private mutating func comparedType() -> ValueType {
    switch below(12) {
    case 0: .bool
    case 1, 2: .int
    case 3, 4: .decimal
    case 5: .string
    case 6: .date
    case 7: .instant
    case 8: .duration
    default: .enumeration(below(schema.enums.count))
    }
  }

  private mutating func comparison(_ depth: Int) -> TypedExpression {
    if chance(20) { return sameness(depth) }
    let type = comparedType()
    let all = isOrdered(type) ? Comparison.allCases : [.equal, .notEqual]
    let (left, right) = (value(type, depth - 1), value(type, depth - 1))
    return make(.compare(all[below(all.count)], left, right), .bool)
  }

  /// Of nodes that may be the same one, or of edges.
  private mutating func sameness(_ depth: Int) -> TypedExpression {
    let comparison = chance(50) ? Comparison.equal : .notEqual
    if !isInStep, let edge = variable({ if case .edge = $0 { true } else { false } }),
      let other = variable({ $0 == edge.type })
    {
      return make(.compare(comparison, edge, other), .bool)
    }
    let left = anyNode(depth - 1)
    guard case .node(let kinds) = left.type else { preconditionFailure("a node") }
    let right = node(of: chance(50) ? kinds : Array(schema.kinds.indices), depth - 1)
    guard case .node(let others) = right.type, !Set(kinds).isDisjoint(with: others) else {
      return make(.compare(comparison, left, literal(kinds[0])), .bool)
    }
    return make(.compare(comparison, left, right), .bool)
  }

  private mutating func member(_ depth: Int) -> TypedExpression {
    var set = collection(depth)
    // Behind `in`, the language takes values in brackets for a set.
    if isTextual, case .elements = set.form, let element = set.type.element {
      set = make(set.form, .set(element))
    }
    switch set.type.element {
    case .node(let kinds)?:
      return make(.member(node(of: kinds, depth - 1), of: set), .bool)
    case .edge(let edge)?:
      guard !isInStep, let variable = variable({ $0 == .edge(edge) }) else {
        return make(.isEmpty(set), .bool)
      }
      return make(.member(variable, of: set), .bool)
    case let element?:
      return make(.member(value(element, depth - 1), of: set), .bool)
    case nil: preconditionFailure("a set")
    }
  }

  private mutating func inRange(_ depth: Int) -> TypedExpression {
    let types: [ValueType] = [.int, .decimal, .date, .instant, .duration, .enumeration(1)]
    let type = types[below(types.count)]
    let form = TypedExpression.Form.inRange(
      value(type, depth - 1), lower: value(type, depth - 1), upper: value(type, depth - 1),
      isClosed: chance(50))
    return make(form, .bool)
  }

  private mutating func absence(_ depth: Int) -> TypedExpression {
    let type = chance(40) ? .node(Array(schema.kinds.indices)) : comparedType()
    return make(.isAbsent(optional(type, depth - 1)), .bool)
  }

  /// An optional that is there, and what it then is.
  private mutating func present(_ depth: Int) -> TypedExpression? {
    let type = comparedType()
    guard let field = field(of: .optional(type), depth) else { return nil }
    let narrowed = make(field.form, type)
    let isPresent = make(.not(make(.isAbsent(field), .bool)), .bool)
    let comparison = isOrdered(type) ? Comparison.allCases[below(6)] : .equal
    let test = make(.compare(comparison, narrowed, value(type, depth - 1)), .bool)
    return make(.and(isPresent, test), .bool)
  }

  private mutating func isKind(_ depth: Int) -> TypedExpression {
    let node = anyNode(depth - 1)
    guard case .node(let kinds) = node.type, kinds.count > 1 else { return comparison(depth) }
    let some = Array(kinds.shuffled(using: &worlds.random).prefix(1 + below(kinds.count - 1)))
    return make(.isKind(node, some.sorted()), .bool)
  }

  /// A rule of that type, applied.
  mutating func call(_ type: ValueType, _ depth: Int) -> TypedExpression? {
    guard let index = pick(rules.indices.filter { rules[$0].body.type == type }) else { return nil }
    let parameters = rules[index].parameters
    var arguments = arguments(parameters, depth)
    // Called again in its own argument: what it binds there is not what it binds here.
    if let last = parameters.indices.last, parameters[last].type == type, chance(50) {
      arguments[last] = make(.call(rule: index, self.arguments(parameters, depth - 1)), type)
    }
    return make(.call(rule: index, arguments), type)
  }

  mutating func arguments(_ parameters: [TypedVariable], _ depth: Int) -> [TypedExpression] {
    var arguments: [TypedExpression] = []
    for parameter in parameters { arguments.append(value(parameter.type, depth - 1)) }
    return arguments
  }

  /// A number, time, text or enum member that is computed; nil where a leaf will do.
  mutating func made(_ type: ValueType, _ depth: Int) -> TypedExpression? {
    if chance(12), let call = call(type, depth) { return call }
    if chance(15) {
      return make(.coalesce(optional(type, depth - 1), value(type, depth - 1)), type)
    }
    switch type {
    case .int: return integer(depth)
    case .decimal: return decimal(depth)
    case .string: return make(.identifier(anyNode(depth - 1)), .string)
    case .date:
      if chance(40) { return make(.instantPart(value(.instant, depth - 1), .date), .date) }
      return arithmetic(chance(50) ? .add : .subtract, .date, .duration, .date, depth)
    case .instant:
      return arithmetic(chance(50) ? .add : .subtract, .instant, .duration, .instant, depth)
    case .duration: return duration(depth)
    case .enumeration(0): return make(.instantPart(value(.instant, depth - 1), .weekday), type)
    case .enumeration:
      let cards = scorecards.indices.filter { .enumeration(scorecards[$0].levelEnum) == type }
      guard let card = pick(cards) else { return nil }
      return make(.level(scorecard: card, arguments(scorecards[card].parameters, depth)), type)
    default: return nil
    }
  }

  private mutating func arithmetic(
    _ operation: Arithmetic, _ left: ValueType, _ right: ValueType, _ type: ValueType,
    _ depth: Int
  ) -> TypedExpression {
    make(.arithmetic(operation, value(left, depth - 1), value(right, depth - 1)), type)
  }

  private mutating func integer(_ depth: Int) -> TypedExpression? {
    switch below(9) {
    case 0, 1:
      return arithmetic(Arithmetic.allCases[below(5)], .int, .int, .int, depth)
    case 2: return negated(.int, depth)
    case 3, 4: return make(.count(collection(depth)), .int)
    case 5: return loops > 0 ? make(.sum(list(of: .int, depth - 1)), .int) : nil
    case 6:
      let parts = InstantPart.allCases.filter { $0 != .weekday && $0 != .date }
      return make(.instantPart(value(.instant, depth - 1), parts[below(parts.count)]), .int)
    case 7:
      let part = DurationPart.allCases[below(4)]
      return make(.durationPart(value(.duration, depth - 1), part), .int)
    default: return arithmetic(.divide, .duration, .duration, .int, depth)
    }
  }

  private mutating func negated(_ type: ValueType, _ depth: Int) -> TypedExpression {
    let operand = value(type, depth - 1)
    // The language takes a literal with a sign for a literal.
    if isTextual, case .constant = operand.form { return operand }
    return make(.negate(operand), type)
  }

  private mutating func decimal(_ depth: Int) -> TypedExpression? {
    switch below(5) {
    case 0, 1:
      return arithmetic(Arithmetic.allCases[below(5)], .decimal, .decimal, .decimal, depth)
    case 2: return loops > 0 ? make(.sum(list(of: .decimal, depth - 1)), .decimal) : nil
    case 3: return negated(.decimal, depth)
    default:
      guard let card = pick(Array(scorecards.indices)) else { return nil }
      return make(.score(scorecard: card, arguments(scorecards[card].parameters, depth)), .decimal)
    }
  }

  private mutating func duration(_ depth: Int) -> TypedExpression? {
    switch below(7) {
    case 0: return arithmetic(.subtract, .instant, .instant, .duration, depth)
    case 1: return arithmetic(.subtract, .date, .date, .duration, depth)
    case 2: return arithmetic(.multiply, .duration, .int, .duration, depth)
    case 3: return arithmetic(.divide, .duration, .int, .duration, depth)
    case 4: return arithmetic(chance(50) ? .add : .subtract, .duration, .duration, .duration, depth)
    case 5: return negated(.duration, depth)
    default: return loops > 0 ? make(.sum(list(of: .duration, depth - 1)), .duration) : nil
    }
  }
}
