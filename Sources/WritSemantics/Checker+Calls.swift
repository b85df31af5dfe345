// Calls of rules and scorecards.

import WritModel
import WritSyntax
import WritText

extension Checker {
  /// `f(a, label: b)`
  mutating func call(_ call: CallSyntax, _ range: SourceRange) -> TypedExpression? {
    guard let entity = lookUp(call.name, in: \.values, "rule or scorecard") else {
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

  /// Arguments of a call that means nothing are checked all the same.
  private mutating func checkArguments(_ call: CallSyntax) {
    for argument in call.arguments { _ = expression(argument.value) }
  }

  /// The arguments in the order of the parameters.
  private mutating func arguments(
    _ call: CallSyntax, _ signature: [Signature], _ range: SourceRange
  ) -> [TypedExpression]? {
    var values = [TypedExpression?](repeating: nil, count: signature.count)
    var given = [Bool](repeating: false, count: signature.count)
    var isWhole = true
    for (position, argument) in call.arguments.enumerated() {
      guard let place = place(of: argument, position, call, signature, given) else {
        _ = expression(argument.value)
        isWhole = false
        continue
      }
      given[place] = true
      let type = signature[place].type
      values[place] = type.map { expression(argument.value, as: $0) } ?? expression(argument.value)
      if values[place] == nil { isWhole = false }
    }
    let missing = zip(signature, given).filter { !$0.1 }.map(\.0.name.text)
    if !missing.isEmpty, isWhole || call.arguments.count < signature.count {
      report(.missingArguments(missing, of: call.name.text, at: range))
      isWhole = false
    }
    return isWhole ? values.compactMap { $0 } : nil
  }

  /// The parameter that an argument is for; the label decides where there is one.
  private mutating func place(
    of argument: ArgumentSyntax, _ position: Int, _ call: CallSyntax, _ signature: [Signature],
    _ given: [Bool]
  ) -> Int? {
    guard let label = argument.label else {
      guard position < signature.count else {
        report(
          .tooManyArguments(
            call.name.text, expected: signature.count, at: argument.value.range))
        return nil
      }
      if given[position] {
        report(.givenTwice(signature[position].name.text, at: argument.value.range))
        return nil
      }
      return position
    }
    guard let place = signature.firstIndex(where: { $0.name.text == label.text }) else {
      if !label.isMissing {
        let nearest = nearest(label.text, signature.map(\.name.text))
        report(.unknownLabel(label, of: call.name.text, nearest: nearest))
      }
      return nil
    }
    if given[place] {
      report(.givenTwice(label.text, at: label.range))
      return nil
    }
    return place
  }

  /// `approval by role r count n except e within d`
  mutating func approval(_ term: ApprovalSyntax, _ range: SourceRange) -> TypedExpression? {
    if !scope.mayApprove { report(.misplacedApproval(at: range)) }
    scope.mayApprove = false
    let role = lookUp(term.role, in: \.roles, "role")
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

/// The tree's approval; this room has a type of the same name.
typealias ApprovalSyntax = WritSyntax.ApprovalTerm
