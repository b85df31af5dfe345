// Calls of rules and scorecards.

import WritModel
import WritSyntax
import WritText

extension Checker {
  /// `f(a, label: b)`
  mutating func call(_ call: CallSyntax, _ range: SourceRange) -> TypedExpression? {
    if names.values[call.name.text] == nil, let foreign = ForeignCall(call.name.text) {
      return foreignCall(foreign, call, range)
    }
    guard let entity = lookUp(call.name, in: \.values, .callee) else {
      checkArguments(call)
      return nil
    }
    switch entity {
    case .rule(let rule):
      let arguments = self.arguments(call, rules[rule].signature, range)
      guard let arguments, let result = rules[rule].result else { return nil }
      return TypedExpression(.call(rule: rule, arguments), result, range)
    case .scorecard(let scorecard):
      _ = arguments(call, scorecards[scorecard].signature, range)
      report(.scorecardWithoutMember(call.name, at: range))
    default:
      checkArguments(call)
      report(.misusedName(call.name, is: entity, expected: "a rule or a scorecard"))
    }
    return nil
  }

  /// The scorecard that a name means here, if it does.
  func scorecard(_ name: Name) -> Int? {
    guard let declared = names.values[name.text], isVisible(declared),
      case .scorecard(let index) = declared.entity
    else { return nil }
    return index
  }

  /// `readiness(s).score`, `readiness(s).level`
  mutating func scorecardMember(
    _ scorecard: Int, _ call: CallSyntax, _ name: Name, _ callRange: SourceRange,
    _ range: SourceRange
  ) -> TypedExpression? {
    let arguments = self.arguments(call, scorecards[scorecard].signature, callRange)
    switch name.text {
    case "score":
      return arguments.map {
        TypedExpression(.score(scorecard: scorecard, $0), .decimal, range)
      }
    case "level":
      guard let arguments, let levels = scorecards[scorecard].levelEnum else { return nil }
      return TypedExpression(
        .level(scorecard: scorecard, arguments), .enumeration(levels), range)
    default:
      guard !name.isMissing else { return nil }
      let nearest = nearest(name.text, ["score", "level"])
      report(.unknownMember(name, of: call.name.text, nearest: nearest))
      return nil
    }
  }

  /// `len(S)` and its kin, which other languages have.
  private mutating func foreignCall(
    _ foreign: ForeignCall, _ call: CallSyntax, _ range: SourceRange
  ) -> TypedExpression? {
    let values = call.arguments.map { expression($0.value) }
    let operand = values.count == 1 ? values[0] : nil
    let test = operand.flatMap { ownTest(foreign, on: $0) }
    reportUnknown(.foreignCall(foreign, call.name, isMember: false, test: test, whole: range))
    return nil
  }

  /// The name is another language's member, and no member of what it stands after.
  func foreignCall(_ name: Name, of base: TypedExpression) -> ForeignCall? {
    switch base.type.element ?? base.type.unwrapped {
    case .node(let kinds) where index.isMember(name.text, ofAnyOf: kinds): nil
    case .edge(let edge) where index.isEdgeMember(name.text, ofAnyOf: [edge]): nil
    default: ownTest(ForeignCall(name.text), on: base) == nil ? nil : ForeignCall(name.text)
    }
  }

  /// What the call says here of that operand; `nil` where its type has no such test.
  func ownTest(_ call: ForeignCall?, on operand: TypedExpression) -> String? {
    guard let call, files.indices.contains(operand.range.file) else { return nil }
    let text = files[operand.range.file].file.text(of: operand.range)
    switch (call, operand.type) {
    case (.count, .set), (.count, .list): return "count(\(text))"
    case (.isEmpty, .set), (.isEmpty, .list): return "\(text) is empty"
    case (.isPresent, .set), (.isPresent, .list): return "\(text) is not empty"
    case (.isEmpty, .optional): return "\(text) is absent"
    case (.isPresent, .optional): return "\(text) is not absent"
    default: return nil
    }
  }

  /// Arguments of a call that means nothing are checked all the same.
  private mutating func checkArguments(_ call: CallSyntax) {
    for argument in call.arguments { _ = expression(argument.value) }
  }

  /// The arguments in the order of the parameters.
  mutating func arguments(
    _ call: CallSyntax, _ signature: [Signature], _ range: SourceRange
  ) -> [TypedExpression]? {
    var values = [TypedExpression?](repeating: nil, count: signature.count)
    var given = [Bool](repeating: false, count: signature.count)
    var isWhole = true
    var hasStray = false
    let places = ParameterPlaces(call.hasLabels ? signature : [])
    for (position, argument) in call.arguments.enumerated() {
      guard let place = place(of: argument, position, call, signature, (places, given)) else {
        _ = expression(argument.value)
        isWhole = false
        hasStray = true
        continue
      }
      given[place] = true
      let type = signature[place].type
      values[place] = type.map { expression(argument.value, as: $0) } ?? expression(argument.value)
      if values[place] == nil { isWhole = false }
    }
    // An argument that is for no parameter was meant for one of those that are missing.
    let missing = zip(signature, given).filter { !$0.1 }.map(\.0.name.text)
    if !missing.isEmpty, !hasStray, isWhole || call.arguments.count < signature.count {
      report(.missingArguments(missing, of: call.name.text, at: range))
      isWhole = false
    }
    return isWhole ? values.compactMap { $0 } : nil
  }

  /// The parameter that an argument is for; the label decides where there is one.
  private mutating func place(
    of argument: ArgumentSyntax, _ position: Int, _ call: CallSyntax, _ signature: [Signature],
    _ known: (places: ParameterPlaces, given: [Bool])
  ) -> Int? {
    guard let label = argument.label else {
      guard position < signature.count else {
        report(
          .tooManyArguments(
            call.name.text, expected: signature.count, at: argument.value.range))
        return nil
      }
      if known.given[position] {
        report(.givenTwice(signature[position].name.text, at: argument.value.range))
        return nil
      }
      return position
    }
    guard let place = known.places[label.text] else {
      if !label.isMissing {
        let names = signature.map(\.name.text)
        report(
          .unknownLabel(
            label, of: call.name.text, nearest: nearest(label.text, names), parameters: names))
      }
      return nil
    }
    if known.given[place] {
      report(.givenTwice(label.text, at: label.range))
      return nil
    }
    return place
  }

  /// `approval by role r count n except e within d`
  mutating func approval(_ term: ApprovalSyntax, _ range: SourceRange) -> TypedExpression? {
    if !scope.mayApprove { report(.misplacedApproval(at: range)) }
    scope.mayApprove = false
    let role = lookUp(term.role, in: \.roles, .role)
    let except = term.except.flatMap { expression($0) }
    var isWhole = role != nil
    if let except {
      guard case .node = except.type.element ?? except.type.unwrapped else {
        report(.exceptNodes(index.describe(except.type), at: except.range))
        return nil
      }
    } else if term.except != nil {
      isWhole = false
    }
    let count = term.count.map { $0.value ?? 0 } ?? 1
    if let syntax = term.count, let value = syntax.value,
      !(1...Limits.approvers).contains(value)
    {
      report(.approvalCount(at: syntax.range))
      isWhole = false
    }
    guard isWhole else { return nil }
    let approval = ApprovalTerm(
      role: term.role.text, count: Int(count), except: except,
      withinMicroseconds: term.within?.microseconds)
    return TypedExpression(.approval(approval), .bool, range)
  }
}

extension CallSyntax {
  /// An argument says which parameter it is for.
  fileprivate var hasLabels: Bool { arguments.contains { $0.label != nil } }
}

/// The tree's approval; this room has a type of the same name.
typealias ApprovalSyntax = WritSyntax.ApprovalTerm
