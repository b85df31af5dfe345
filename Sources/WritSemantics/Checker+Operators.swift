// Operators: connectives, comparison, membership, tests, arithmetic.

import WritModel
import WritSyntax
import WritText

extension Checker {
  /// `not x`, `-x`
  mutating func unary(
    _ sign: UnaryOperator, _ operand: Expression, _ range: SourceRange, _ expected: ValueType?
  ) -> TypedExpression? {
    switch sign.kind {
    case .not:
      return condition(operand).map { TypedExpression(.not($0), .bool, range) }
    case .negate:
      guard let value = expression(operand, expecting: expected) else { return nil }
      switch value.type {
      case .int, .decimal, .duration: break
      case .optional:
        report(.maybeAbsent(describe(value), at: value.range))
        return nil
      default:
        report(.arithmetic("-", nil, index.describe(value.type), hint: "", at: sign.range))
        return nil
      }
      // A literal with a sign is a literal.
      if case .constant(.scalar(let number)) = value.form, number != .min {
        return scalar(-number, value.type, range)
      }
      return TypedExpression(.negate(value), value.type, range)
    }
  }

  /// Chains such as `a and b and c` lean to the left, and are walked without recursion.
  mutating func binary(_ syntax: Expression, _ expected: ValueType?) -> TypedExpression? {
    guard case .binary(let sign, let left, let right) = syntax.kind else { return nil }
    switch sign.kind {
    case .and, .or: return connective(syntax, sign.kind)
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual:
      return comparison(sign, left, right, syntax.range)
    case .within: return within(left, right, syntax.range)
    case .starts, .ends, .contains, .like: return stringTest(sign, left, right, syntax.range)
    case .coalesce: return coalesce(left, right, syntax.range, expected)
    case .add, .subtract, .multiply, .divide, .remainder, .intersect:
      return arithmetic(syntax, expected)
    }
  }

  /// The operands of a chain of operators of one class, and the operators between them.
  func chain(
    _ syntax: Expression, _ isLink: (BinaryOperator.Kind) -> Bool
  ) -> (first: Expression, rest: [(sign: BinaryOperator, operand: Expression)]) {
    var rest: [(sign: BinaryOperator, operand: Expression)] = []
    var current = syntax
    while case .binary(let sign, let left, let right) = current.kind, isLink(sign.kind) {
      rest.append((sign, right))
      current = left
    }
    return (current, rest.reversed())
  }

  /// `a and b and c`, `a or b or c`: each operand is typed by what those before it tell.
  private mutating func connective(
    _ syntax: Expression, _ kind: BinaryOperator.Kind
  ) -> TypedExpression? {
    let (first, rest) = chain(syntax) { $0 == kind }
    let known = scope.facts.mark
    defer { scope.facts.forget(since: known) }
    var result = condition(first)
    var isWhole = result != nil
    if let result { assume(result, kind == .and) }
    for (_, operand) in rest {
      // What stands to the left is true where `and` goes on, false where `or` does.
      guard let right = condition(operand) else {
        isWhole = false
        continue
      }
      assume(right, kind == .and)
      result = result.map { left in
        let form: TypedExpression.Form = kind == .and ? .and(left, right) : .or(left, right)
        return TypedExpression(form, .bool, left.range.union(right.range))
      }
    }
    return isWhole ? result : nil
  }

  /// Two operands of which one may take its type from the other.
  private mutating func pair(
    _ left: Expression, _ right: Expression
  ) -> (TypedExpression, TypedExpression)? {
    if isFlexible(left), !isFlexible(right) {
      guard let second = expression(right) else { return nil }
      guard let first = expression(left, expecting: second.type.unwrapped) else { return nil }
      return (first, second)
    }
    let first = expression(left)
    // Nothing is said of an operand that only the other one could have explained.
    if first == nil, isFlexible(right) { return nil }
    let second = expression(right, expecting: first?.type.unwrapped)
    guard let first, let second else { return nil }
    return (first, second)
  }

  /// A number literal, a member of an enum, or a list of them: typed by what stands beside it.
  func isFlexible(_ syntax: Expression) -> Bool {
    switch syntax.kind {
    case .literal(let literal):
      if case .integer = literal.kind { true } else { false }
    case .group(let inner): isFlexible(inner)
    case .unary(let sign, let operand): sign.kind == .negate && isFlexible(operand)
    case .name(let name): !isBound(name.text)
    case .list(let elements): elements.allSatisfy { isFlexible($0) }
    default: false
    }
  }

  /// `==` for values that can be equal, `<` for those that have an order.
  private mutating func comparison(
    _ sign: BinaryOperator, _ left: Expression, _ right: Expression, _ range: SourceRange
  ) -> TypedExpression? {
    if case .name(let name) = right.kind, isNull(name),
      sign.kind == .equal || sign.kind == .notEqual
    {
      _ = expression(left)
      let range = sign.range.union(name.range)
      let whole = SourceRange(file: range.file, start: left.range.end, end: range.end)
      reportUnknown(
        .comparedWithNull(name, isNegated: sign.kind == .notEqual, at: range, whole: whole))
      return nil
    }
    guard let comparison = Comparison(sign.kind), let (first, second) = pair(left, right),
      holdPresent(first, second)
    else { return nil }
    guard areComparable(first.type, second.type) else {
      reportIncomparable(first, second, sign.range)
      return nil
    }
    if comparison != .equal, comparison != .notEqual, !index.isOrdered(first.type) {
      report(.notOrdered(sign.kind.rawValue, index.describe(first.type), at: sign.range))
      return nil
    }
    return TypedExpression(.compare(comparison, first, second), .bool, range)
  }

  /// Both are there, or it has been said which is not.
  private mutating func holdPresent(_ first: TypedExpression, _ second: TypedExpression) -> Bool {
    var isPresent = true
    for value in [first, second] {
      guard case .optional = value.type else { continue }
      report(.maybeAbsent(describe(value), at: value.range))
      isPresent = false
    }
    return isPresent
  }

  /// Values of one type, or nodes that may be of one kind.
  private func areComparable(_ first: ValueType, _ second: ValueType) -> Bool {
    switch (first, second) {
    case (.node(let kinds), .node(let others)): !Set(kinds).isDisjoint(with: others)
    case (.set, _), (.list, _): false
    default: first == second
    }
  }

  /// Names both types.
  private mutating func reportIncomparable(
    _ first: TypedExpression, _ second: TypedExpression, _ range: SourceRange
  ) {
    let (left, right) = (index.describe(first.type), index.describe(second.type))
    if case (.node, .node) = (first.type, second.type) {
      report(.kindsNeverMeet(left, right, at: range))
    } else if let slip = quotedMember(first, for: second.type)
      ?? quotedMember(second, for: first.type)
    {
      report(slip.mending(.comparedTypes(left, right, hint: slip.hint, at: range)))
    } else {
      report(
        .comparedTypes(left, right, hint: comparisonHint(first.type, second.type), at: range))
    }
  }

  /// What would put it right, where a slip is likely.
  private func comparisonHint(_ first: ValueType, _ second: ValueType) -> String {
    if first.element != nil, second.element != nil {
      return "; sets are compared by `all x in … has x in …`"
    }
    if first.element != nil || second.element != nil {
      return "; say `x in set`, or `any … has …`"
    }
    switch (first, second) {
    case (.instant, .date), (.date, .instant): return "; the day of an instant is its `.date`"
    default: return ""
    }
  }
}

extension Comparison {
  /// `nil` for every other operator.
  fileprivate init?(_ kind: BinaryOperator.Kind) {
    switch kind {
    case .equal: self = .equal
    case .notEqual: self = .notEqual
    case .less: self = .less
    case .lessOrEqual: self = .lessOrEqual
    case .greater: self = .greater
    case .greaterOrEqual: self = .greaterOrEqual
    default: return nil
    }
  }
}

extension Checker {
  /// `at within 3d`: not further back from now, and not after it.
  private mutating func within(
    _ left: Expression, _ right: Expression, _ range: SourceRange
  ) -> TypedExpression? {
    let instant = expression(left, as: .instant)
    let duration = expression(right, as: .duration)
    guard let instant, let duration else { return nil }
    return TypedExpression(.within(instant, duration), .bool, range)
  }

  /// `starts`, `ends`, `contains`, `like`
  private mutating func stringTest(
    _ sign: BinaryOperator, _ left: Expression, _ right: Expression, _ range: SourceRange
  ) -> TypedExpression? {
    let text = expression(left)
    let pattern = expression(right, as: .string)
    guard let text else { return nil }
    if sign.kind == .contains, text.type.element != nil {
      report(.containsOnSet(at: sign.range))
      return nil
    }
    guard let text = coerce(text, to: .string), let pattern, let test = StringTest(sign.kind)
    else { return nil }
    if test == .like, case .constant(.string(let glob)) = pattern.form,
      !glob.utf8.contains(where: { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") })
    {
      report(.likeWithoutWildcard(at: pattern.range))
    }
    return TypedExpression(.stringTest(test, text, pattern), .bool, range)
  }

  /// `a ?? b`: the default takes its type from the value.
  private mutating func coalesce(
    _ left: Expression, _ right: Expression, _ range: SourceRange, _ expected: ValueType?
  ) -> TypedExpression? {
    guard let value = expression(left, expecting: expected) else {
      if !isFlexible(right) { _ = expression(right) }
      return nil
    }
    guard let other = expression(right, expecting: value.type.unwrapped) else { return nil }
    guard value.type.element == nil,
      let joined = join(value.type.unwrapped, other.type.unwrapped)
    else {
      let (left, right) = (index.describe(value.type), index.describe(other.type))
      report(.typeMismatch(expected: left, found: right, hint: "", at: other.range))
      return nil
    }
    guard case .optional = value.type else {
      report(.neverAbsent(describe(value), at: value.range))
      return value.at(range)
    }
    var type = joined
    if case .optional = other.type { type = .optional(joined) }
    return TypedExpression(.coalesce(value, other), type, range)
  }
}

extension StringTest {
  /// `nil` for every other operator.
  fileprivate init?(_ kind: BinaryOperator.Kind) {
    switch kind {
    case .starts: self = .starts
    case .ends: self = .ends
    case .contains: self = .contains
    case .like: self = .like
    default: return nil
    }
  }
}
