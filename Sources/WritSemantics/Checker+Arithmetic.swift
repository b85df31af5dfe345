// Arithmetic, and the same signs on sets: union, difference, intersection.

import WritModel
import WritSyntax
import WritText

extension Checker {
  /// A chain of `+ -`, or of `* / % &`, from left to right.
  mutating func arithmetic(_ syntax: Expression, _ expected: ValueType?) -> TypedExpression? {
    guard case .binary(let sign, _, _) = syntax.kind else { return nil }
    let isSum = sign.kind == .add || sign.kind == .subtract
    let (first, rest) = chain(syntax) {
      isSum ? $0 == .add || $0 == .subtract : $0.isProduct
    }
    var hint = numberHint(expected)
    // A literal in front takes its type from the first operand that has one by itself.
    var early: (position: Int, value: TypedExpression?)?
    if hint == nil, isFlexible(first),
      let position = rest.firstIndex(where: { !isFlexible($0.operand) })
    {
      let value = expression(rest[position].operand)
      early = (position, value)
      hint = value?.type.unwrapped
    }
    var result = expression(first, expecting: hint)
    var isWhole = result != nil
    for (position, link) in rest.enumerated() {
      let right =
        if let early, early.position == position {
          early.value
        } else {
          expression(link.operand, expecting: operandHint(link.sign.kind, result?.type, hint))
        }
      guard let left = result, let right else {
        isWhole = false
        continue
      }
      result = combine(left, link.sign, right)
      if result == nil { isWhole = false }
    }
    return isWhole ? result : nil
  }

  /// Only numbers and sets hand their type on to literals beside them.
  private func numberHint(_ type: ValueType?) -> ValueType? {
    switch type?.unwrapped {
    case .decimal: .decimal
    case .set(let element): .set(element)
    default: nil
    }
  }

  /// The type that a literal on the right would take.
  private func operandHint(
    _ sign: BinaryOperator.Kind, _ left: ValueType?, _ hint: ValueType?
  ) -> ValueType? {
    guard let left else { return hint }
    switch left {
    case .list(let element), .set(let element): return .set(element)
    case .node, .edge: return .set(left)
    case .duration where sign == .multiply || sign == .divide: return nil
    case .bool, .int, .decimal, .string, .date, .instant, .duration, .enumeration, .optional:
      return left.unwrapped
    }
  }

  /// Two operands and the sign between them: sets if either is one, else numbers and times.
  private mutating func combine(
    _ left: TypedExpression, _ sign: BinaryOperator, _ right: TypedExpression
  ) -> TypedExpression? {
    if isCollection(left.type) || isCollection(right.type) {
      return combineSets(left, sign, right)
    }
    for value in [left, right] {
      guard case .optional = value.type else { continue }
      report(.maybeAbsent(describe(value), at: value.range))
      return nil
    }
    guard let operation = Arithmetic(sign.kind),
      let type = arithmeticType(operation, left.type, right.type)
    else {
      let (first, second) = (index.describe(left.type), index.describe(right.type))
      let hint = arithmeticHint(left.type, right.type)
      report(.arithmetic(sign.kind.rawValue, first, second, hint: hint, at: sign.range))
      return nil
    }
    let range = left.range.union(right.range)
    return TypedExpression(.arithmetic(operation, left, right), type, range)
  }

  /// Makes `+`, `-` and `&` signs on sets: nodes and edges stand for the set of one.
  private func isCollection(_ type: ValueType) -> Bool {
    switch type {
    case .set, .list, .node, .edge, .optional(.node): true
    default: false
    }
  }

  /// Union, difference or intersection. A difference holds only what its left side does.
  private mutating func combineSets(
    _ left: TypedExpression, _ sign: BinaryOperator, _ right: TypedExpression
  ) -> TypedExpression? {
    guard sign.kind == .add || sign.kind == .subtract || sign.kind == .intersect else {
      let (first, second) = (index.describe(left.type), index.describe(right.type))
      report(.arithmetic(sign.kind.rawValue, first, second, hint: "", at: sign.range))
      return nil
    }
    guard let first = elementType(left), let second = elementType(right) else { return nil }
    guard let joined = join(first, second) else {
      report(.mixedSets(index.describe(first), index.describe(second), at: sign.range))
      return nil
    }
    let (a, b) = (asSetOperand(left), asSetOperand(right))
    let range = left.range.union(right.range)
    switch sign.kind {
    case .subtract: return TypedExpression(.difference(a, b), .set(first), range)
    case .intersect:
      let type = intersection(first, second)
      return TypedExpression(.intersection(a, b), .set(type ?? joined), range)
    default: return TypedExpression(.union(a, b), .set(joined), range)
    }
  }

  /// Only nodes of the kinds that both may hold are in both.
  private func intersection(_ first: ValueType, _ second: ValueType) -> ValueType? {
    guard case (.node(let kinds), .node(let others)) = (first, second) else { return nil }
    let common = kinds.filter(Set(others).contains)
    return common.isEmpty ? nil : .node(common)
  }

  /// docs/decisions/0001-evaluation.md lists these.
  private func arithmeticType(
    _ operation: Arithmetic, _ left: ValueType, _ right: ValueType
  ) -> ValueType? {
    switch (operation, left, right) {
    case (_, .int, .int): .int
    case (_, .decimal, .decimal): .decimal
    case (.add, .duration, .duration), (.subtract, .duration, .duration): .duration
    case (.add, .instant, .duration), (.subtract, .instant, .duration): .instant
    case (.add, .date, .duration), (.subtract, .date, .duration): .date
    case (.subtract, .instant, .instant), (.subtract, .date, .date): .duration
    case (.multiply, .duration, .int), (.divide, .duration, .int): .duration
    case (.divide, .duration, .duration): .int
    default: nil
    }
  }

  /// What would put it right, where a slip is likely.
  private func arithmeticHint(_ left: ValueType, _ right: ValueType) -> String {
    switch (left, right) {
    case (.duration, .instant), (.duration, .date), (.int, .duration):
      "; the other way round it can"
    case (.instant, .date), (.date, .instant): "; the day of an instant is its `.date`"
    case (.string, .string): "; texts are joined in messages alone"
    default: ""
    }
  }
}

extension BinaryOperator.Kind {
  fileprivate var isProduct: Bool {
    self == .multiply || self == .divide || self == .remainder || self == .intersect
  }
}

extension Arithmetic {
  /// `nil` for `&`, which is for sets alone.
  fileprivate init?(_ kind: BinaryOperator.Kind) {
    switch kind {
    case .add: self = .add
    case .subtract: self = .subtract
    case .multiply: self = .multiply
    case .divide: self = .divide
    case .remainder: self = .remainder
    default: return nil
    }
  }
}
