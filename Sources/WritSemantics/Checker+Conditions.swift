// `in`, `is` and their kin.

import WritModel
import WritSyntax
import WritText

extension Checker {
  /// `x in S`, `x in a ..< b`
  mutating func membership(
    _ syntax: MembershipSyntax, _ range: SourceRange
  ) -> TypedExpression? {
    let typed: TypedExpression? =
      switch syntax.container {
      case .set(let set): member(syntax.value, of: set, syntax.operatorRange, range)
      case .halfOpen(let low, let high): inRange(syntax.value, low, high, isClosed: false, range)
      case .closed(let low, let high): inRange(syntax.value, low, high, isClosed: true, range)
      }
    guard syntax.isNegated else { return typed }
    return typed.map { TypedExpression(.not($0), .bool, range) }
  }

  /// `x in S`: either side may take its type from the other.
  private mutating func member(
    _ value: Expression, of set: Expression, _ sign: SourceRange, _ range: SourceRange
  ) -> TypedExpression? {
    let isLed = isFlexible(value) && !isFlexible(set)
    let early = isLed ? expression(set) : nil
    if isLed, early == nil { return nil }
    let first = expression(value, expecting: early?.type.element)
    if first == nil, isFlexible(set) { return nil }
    let second = isLed ? early : expression(set, expecting: first.map { .set($0.type.unwrapped) })
    guard let first, let second, let element = elementType(second) else { return nil }
    switch first.type {
    case .optional:
      report(.maybeAbsent(describe(first), at: first.range))
      return nil
    case .set, .list:
      report(.subsetTest(at: sign))
      return nil
    default: break
    }
    guard canMeet(first.type, element) else {
      if let slip = quotedMember(first, for: element) ?? quotedElement(of: second, for: first.type)
      {
        let (value, set) = (index.describe(first.type), index.describe(element))
        report(slip.mending(.neverMember(value, set, hint: slip.hint, at: sign)))
        return nil
      }
      report(.neverMember(index.describe(first.type), index.describe(element), hint: "", at: sign))
      return nil
    }
    return TypedExpression(.member(first, of: second), .bool, range)
  }

  /// One value may be of both types.
  private func canMeet(_ first: ValueType, _ second: ValueType) -> Bool {
    guard case (.node(let kinds), .node(let others)) = (first, second) else {
      return first == second
    }
    return !Set(kinds).isDisjoint(with: others)
  }

  /// `x in a ..< b`: one ordered type for all three.
  private mutating func inRange(
    _ value: Expression, _ low: Expression, _ high: Expression, isClosed: Bool,
    _ range: SourceRange
  ) -> TypedExpression? {
    // The first operand that has a type by itself leads the others.
    let operands = [value, low, high]
    let leader = operands.firstIndex { !isFlexible($0) } ?? 0
    guard let led = expression(operands[leader]) else { return nil }
    var typed: [TypedExpression] = []
    for (position, operand) in operands.enumerated() {
      guard position != leader else {
        typed.append(led)
        continue
      }
      guard let value = expression(operand, as: led.type.unwrapped) else { return nil }
      typed.append(value)
    }
    if case .optional = led.type {
      report(.maybeAbsent(describe(led), at: led.range))
      return nil
    }
    guard index.isOrdered(led.type) else {
      report(.notOrdered(isClosed ? ".." : "..<", index.describe(led.type), at: led.range))
      return nil
    }
    let form = TypedExpression.Form.inRange(
      typed[0], lower: typed[1], upper: typed[2], isClosed: isClosed)
    return TypedExpression(form, .bool, range)
  }

  /// `x is absent`, `x is empty`, `x is Kind`
  mutating func test(_ syntax: TestForm, _ range: SourceRange) -> TypedExpression? {
    if case .kinds(let names) = syntax.kind, names.count == 1, let name = names.first, isNull(name)
    {
      _ = expression(syntax.value)
      reportUnknown(.foreignAbsence(name, say: "absent"))
      return nil
    }
    if let asked = resultTest(syntax, range) { return asked }
    guard let value = expression(syntax.value) else {
      if case .kinds(let names) = syntax.kind { _ = kinds(names) }
      return nil
    }
    let typed: TypedExpression? =
      switch syntax.kind {
      case .absent: isAbsent(value, range)
      case .empty: isEmpty(value, syntax.operatorRange, range)
      case .kinds(let names): isKind(value, names, syntax.operatorRange, range)
      }
    guard syntax.isNegated else { return typed }
    return typed.map { TypedExpression(.not($0), .bool, range) }
  }

  /// What is never absent is a warning and false, not an error: the schema may have changed.
  private mutating func isAbsent(
    _ value: TypedExpression, _ range: SourceRange
  ) -> TypedExpression? {
    if case .optional = value.type {
      return TypedExpression(.isAbsent(value), .bool, range)
    }
    guard value.type.element == nil else {
      report(.absentSet(at: value.range))
      return nil
    }
    report(.neverAbsent(describe(value), at: value.range))
    return scalar(0, .bool, range)
  }

  /// Of a set or a list.
  private mutating func isEmpty(
    _ value: TypedExpression, _ sign: SourceRange, _ range: SourceRange
  ) -> TypedExpression? {
    guard value.type.element != nil else {
      report(.emptyScalar(index.describe(value.type), at: sign))
      return nil
    }
    return TypedExpression(.isEmpty(value), .bool, range)
  }

  /// Every kind that is asked for must be possible; an optional node must be there as well.
  private mutating func isKind(
    _ value: TypedExpression, _ names: [Name], _ sign: SourceRange, _ range: SourceRange
  ) -> TypedExpression? {
    guard case .node(let possible) = value.type.unwrapped else {
      reportKindOfOther(value, names, sign)
      return nil
    }
    guard let wanted = kinds(names) else { return nil }
    let common = possible.filter(Set(wanted).contains)
    guard !common.isEmpty else {
      let described = index.describe(.node(possible))
      report(.kindsNeverMeet(described, index.describe(.node(wanted)), at: sign))
      return nil
    }
    if let stray = wanted.first(where: { [all = Set(possible)] in !all.contains($0) }) {
      let described = index.describe(.node(possible))
      report(.kindsNeverMeet(described, index.schema.kinds[stray].name, at: sign))
      return nil
    }
    guard case .optional = value.type else {
      if common.count == possible.count {
        report(.alwaysKind(index.describe(.node(possible)), at: sign))
      }
      return TypedExpression(.isKind(value, wanted), .bool, range)
    }
    // What is absent is of no kind.
    let node = TypedExpression(value.form, .node(possible), value.range)
    let isAbsent = TypedExpression(.isAbsent(value), .bool, range)
    let isPresent = TypedExpression(.not(isAbsent), .bool, range)
    let isKind = TypedExpression(.isKind(node, wanted), .bool, range)
    return TypedExpression(.and(isPresent, isKind), .bool, range)
  }

  /// `is Kind` of what is no node.
  private mutating func reportKindOfOther(
    _ value: TypedExpression, _ names: [Name], _ sign: SourceRange
  ) {
    if value.type.element != nil {
      return report(.kindOfSet(at: sign))
    }
    if case .enumeration(let enumeration) = value.type.unwrapped,
      let name = names.first, index.ordinals[enumeration][name.text] != nil
    {
      return report(.isOnEnum(name, at: sign))
    }
    report(.kindOfScalar(index.describe(value.type), at: sign))
  }
}
