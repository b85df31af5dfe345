// Expressions: the switch over what the text holds, literals, and names.

import WritModel
import WritSyntax
import WritText

extension Checker {
  /// The expression, typed; `nil` once what is wrong with it is reported.
  ///
  /// `expected` is a hint alone: members of enums and number literals take their type from it.
  mutating func expression(
    _ syntax: Expression, expecting expected: ValueType? = nil
  ) -> TypedExpression? {
    let (mayApprove, warnsVacuous) = (scope.mayApprove, scope.warnsVacuous)
    if !syntax.kind.isConnective { (scope.mayApprove, scope.warnsVacuous) = (false, false) }
    defer { (scope.mayApprove, scope.warnsVacuous) = (mayApprove, warnsVacuous) }
    switch syntax.kind {
    case .group(let inner): return expression(inner, expecting: expected)
    case .unary(let sign, let operand): return unary(sign, operand, syntax.range, expected)
    case .binary: return binary(syntax, expected)
    case .filter, .select: return pipeline(syntax, expected)
    case .member(let base, let name): return member(base, name, syntax.range)
    case .step(let base, let step): return self.step(base, step, syntax.range)
    case .closure(let base, let sign): return closure(base, sign, syntax.range)
    default: return leaf(syntax, expected)
    }
  }

  /// Everything that is not on the way of long chains; kept apart so that frames stay small.
  private mutating func leaf(_ syntax: Expression, _ expected: ValueType?) -> TypedExpression? {
    switch syntax.kind {
    case .literal(let literal): return self.literal(literal, expected)
    case .name(let name): return self.name(name, expected)
    case .field(let name): return elementMember(name, syntax.range)
    case .outer(let name): return outerName(name, expected)
    case .element: return element(syntax.range)
    case .now: return TypedExpression(.now, .instant, syntax.range)
    case .caller: return caller(syntax.range)
    case .list(let elements): return list(elements, syntax.range, expected)
    case .call(let call): return self.call(call, syntax.range)
    case .node(let node): return nodeLiteral(node, syntax.range)
    case .aggregate(let aggregate): return self.aggregate(aggregate, syntax.range)
    case .approval(let term): return approval(term, syntax.range)
    case .membership(let membership): return self.membership(membership, syntax.range)
    case .test(let test): return self.test(test, syntax.range)
    case .quantified(let quantified): return self.quantified(quantified, syntax.range)
    case .missing, .group, .unary, .binary, .filter, .select, .member, .step, .closure: return nil
    }
  }

  /// An expression that must be a Bool.
  mutating func condition(_ syntax: Expression) -> TypedExpression? {
    expression(syntax, as: .bool)
  }

  /// An expression that must be of a type, or may stand for one of it.
  mutating func expression(_ syntax: Expression, as expected: ValueType) -> TypedExpression? {
    expression(syntax, expecting: expected).flatMap { coerce($0, to: expected) }
  }

  /// The value as one of `expected`, with what is implicit in the text made explicit.
  mutating func coerce(_ value: TypedExpression, to expected: ValueType) -> TypedExpression? {
    if isAssignable(value.type, to: expected) { return value }
    switch (value.type, expected) {
    case (.list(let element), .set(let wanted)) where isAssignable(element, to: wanted):
      return TypedExpression(.distinct(value), .set(element), value.range)
    case (.node, .set(let wanted)) where isAssignable(value.type, to: wanted):
      return TypedExpression(.elements([value]), .set(value.type), value.range)
    case (.optional(.node(let kinds)), .set(let wanted))
    where isAssignable(.node(kinds), to: wanted):
      // An absent node is the empty set; `elements` holds only what is there.
      let none = TypedExpression(.elements([]), .set(.node(kinds)), value.range.endPlace)
      return TypedExpression(.union(value, none), .set(.node(kinds)), value.range)
    default:
      reportMismatch(value, expected)
      return nil
    }
  }

  /// Says what was expected, or that the value may be absent if that is all.
  private mutating func reportMismatch(_ value: TypedExpression, _ expected: ValueType) {
    if case .optional(let wrapped) = value.type, isAssignable(wrapped, to: expected) {
      report(.maybeAbsent(describe(value), at: value.range))
    } else {
      let (wanted, found) = (index.describe(expected), index.describe(value.type))
      guard let slip = quotedMember(value, for: expected) else {
        let hint = hint(for: expected, value.type)
        return report(.typeMismatch(expected: wanted, found: found, hint: hint, at: value.range))
      }
      report(
        slip.mending(
          .typeMismatch(expected: wanted, found: found, hint: slip.hint, at: value.range)))
    }
  }

  /// What would put it right, where a slip is likely.
  private func hint(for expected: ValueType, _ found: ValueType) -> String {
    switch (expected, found) {
    case (.bool, .set), (.bool, .list): "; say `… is not empty`, or `any … has …`"
    case (.bool, .optional): "; say `… is not absent`"
    case (.node, .set), (.node, .list): "; say `for x in …`, or `any x in … has …`"
    default: ""
    }
  }

  /// Every value of the one type is a value of the other.
  func isAssignable(_ type: ValueType, to expected: ValueType) -> Bool {
    switch (type, expected) {
    case (.node(let kinds), .node(let wanted)): isSubset(kinds, of: wanted)
    case (.optional(let inner), .optional(let wanted)): isAssignable(inner, to: wanted)
    case (_, .optional(let wanted)): isAssignable(type, to: wanted)
    case (.set(let inner), .set(let wanted)), (.list(let inner), .list(let wanted)):
      isAssignable(inner, to: wanted)
    default: type == expected
    }
  }

  /// Both ascending.
  private func isSubset(_ kinds: [Int], of wanted: [Int]) -> Bool {
    kinds == wanted || Set(wanted).isSuperset(of: kinds)
  }

  /// The text of an expression, for a message; cut where it is long or of several lines.
  func describe(_ expression: TypedExpression) -> String {
    excerpt(expression.range)
  }

  /// The text at a place, `…` where it is long.
  func excerpt(_ range: SourceRange) -> String {
    guard files.indices.contains(range.file) else { return "…" }
    let text = files[range.file].file.text(of: range)
    guard !text.contains("\n"), text.utf8.count <= 40 else { return "…" }
    return text
  }
}

extension Expression.Kind {
  /// What may stand at the top of a condition may stand in it too.
  fileprivate var isConnective: Bool {
    switch self {
    case .group, .approval, .quantified: true
    case .binary(let sign, _, _): sign.kind == .and || sign.kind == .or
    default: false
    }
  }
}

extension Checker {
  /// A literal; a whole number is a Decimal where one is expected.
  mutating func literal(_ literal: Literal, _ expected: ValueType?) -> TypedExpression? {
    let range = literal.range
    switch literal.kind {
    case .integer(nil), .duration(nil):
      return nil
    case .integer(.some(let value)):
      guard expected?.unwrapped == .decimal else { return scalar(value, .int, range) }
      guard let decimal = Decimal(value) else {
        report(.decimalRange(at: range))
        return nil
      }
      return scalar(decimal.millionths, .decimal, range)
    case .decimal(let digits):
      guard let decimal = decimal(digits) else {
        report(.decimalRange(at: range))
        return nil
      }
      return scalar(decimal.millionths, .decimal, range)
    case .string(let text):
      return TypedExpression(.constant(.string(text)), .string, range)
    case .duration(.some(let microseconds)):
      return scalar(microseconds, .duration, range)
    case .date(let text):
      return CalendarDate(text).flatMap { scalar($0.days, .date, range) }
    case .instant(let text):
      return Instant(text).flatMap { scalar($0.microseconds, .instant, range) }
    case .boolean(let value):
      return scalar(value ? 1 : 0, .bool, range)
    }
  }

  /// Digits as the grammar has them: leading zeros are allowed, which `Decimal` refuses.
  private func decimal(_ digits: String) -> Decimal? {
    let isNegative = digits.hasPrefix("-")
    let magnitude = isNegative ? digits.dropFirst() : Substring(digits)
    let trimmed = magnitude.drop { $0 == "0" }
    let whole = trimmed.first.map { $0.isNumber } == true ? trimmed : "0" + trimmed
    return Decimal((isNegative ? "-" : "") + whole)
  }

  /// A constant in the representation of its type.
  func scalar(_ value: Int64, _ type: ValueType, _ range: SourceRange) -> TypedExpression {
    TypedExpression(.constant(.scalar(value)), type, range)
  }

  /// `caller`: nobody need have been named.
  private mutating func caller(_ range: SourceRange) -> TypedExpression? {
    guard !index.callerKinds.isEmpty else {
      report(.noKinds(at: range))
      return nil
    }
    return narrowed(TypedExpression(.caller, .optional(.node(index.callerKinds)), range))
  }

  /// `Service "checkout"`: the graph may have no such node.
  private mutating func nodeLiteral(_ node: NodeLiteral, _ range: SourceRange) -> TypedExpression? {
    guard let kind = kind(node.kind) else { return nil }
    return TypedExpression(.nodeLiteral(kind: kind, id: node.id.value), .node([kind]), range)
  }

  /// `[a, b]`: a list, unless a set is expected.
  private mutating func list(
    _ elements: [Expression], _ range: SourceRange, _ expected: ValueType?
  ) -> TypedExpression? {
    // Without an expectation the first element that has a type by itself gives the others theirs.
    let wanted = expected?.unwrapped.element
    let anchor = wanted == nil ? elements.firstIndex { !isFlexible($0) } : nil
    let anchored = anchor.flatMap { expression(elements[$0]) }
    var typed: [TypedExpression] = []
    var isWhole = true
    for (position, syntax) in elements.enumerated() {
      let value =
        position == anchor
        ? anchored
        : expression(syntax, expecting: wanted ?? anchored?.type ?? typed.first?.type)
      guard let value, holdElement(value) else {
        isWhole = false
        continue
      }
      typed.append(value)
    }
    guard isWhole else { return nil }
    guard let joined = joinedElement(of: typed, expected: wanted, range) else { return nil }
    if case .set = expected?.unwrapped {
      return TypedExpression(.elements(typed), .set(joined), range)
    }
    return TypedExpression(.elements(typed), .list(joined), range)
  }

  /// The one type of all elements.
  private mutating func joinedElement(
    of elements: [TypedExpression], expected: ValueType?, _ range: SourceRange
  ) -> ValueType? {
    guard var joined = elements.first?.type ?? expected else {
      report(.untypedList(at: range))
      return nil
    }
    for element in elements.dropFirst() {
      guard let wider = join(joined, element.type) else {
        report(
          .mixedList(index.describe(joined), index.describe(element.type), at: element.range))
        return nil
      }
      joined = wider
    }
    return joined
  }

  /// The least type that both are of; nodes of different kinds have one.
  func join(_ left: ValueType, _ right: ValueType) -> ValueType? {
    switch (left, right) {
    case (.node(let first), .node(let second)): .node(Set(first).union(second).sorted())
    default: left == right ? left : nil
    }
  }

  /// An element of a set or list is a single value that is there.
  mutating func holdElement(_ value: TypedExpression) -> Bool {
    switch value.type {
    case .set, .list:
      report(.nestedSet(at: value.range))
      return false
    case .optional:
      report(.maybeAbsent(describe(value), at: value.range))
      return false
    case .bool, .int, .decimal, .string, .date, .instant, .duration, .enumeration, .node, .edge:
      return true
    }
  }
}
