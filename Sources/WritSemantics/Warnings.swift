// What is legal and still surely not meant.

import WritModel
import WritSyntax
import WritText

/// What a condition decides, for the words of a warning.
enum ConditionRole {
  case deny(isLooped: Bool)
  case require(isLooped: Bool)
  case guarded
  case check
}

extension Checker {
  /// Warns of a condition that is the same whatever the graph.
  mutating func warnConstant(
    _ range: SourceRange, _ condition: TypedExpression?, _ role: ConditionRole
  ) {
    guard let condition, let value = truth(condition) else { return }
    switch (role, value) {
    case (.deny(isLooped: false), false):
      report(.neverFires("this `deny` can never fire", value, at: range))
    case (.require(isLooped: false), true):
      report(.neverFires("this `require` can never fail", value, at: range))
    // A set that is open speaks for itself, whatever the condition says of its elements.
    case (.deny(isLooped: true), false):
      report(.neverFires("no element can make this `deny` fire", value, at: range))
    case (.require(isLooped: true), true):
      report(.neverFires("no element can make this `require` fail", value, at: range))
    case (.guarded, false):
      report(.neverFires("the clauses in this `when` can never fire", value, at: range))
    case (.check, true): report(.alwaysFires("this check always passes", value, at: range))
    case (.check, false): report(.alwaysFires("this check never passes", value, at: range))
    case (.deny(isLooped: false), true):
      report(.alwaysFires("this `deny` always fires", value, at: range))
    case (.require(isLooped: false), false):
      report(.alwaysFires("this `require` always fails", value, at: range))
    case (.guarded, true): report(.alwaysFires("this `when` says nothing", value, at: range))
    case (.deny(isLooped: true), true), (.require(isLooped: true), false): break
    }
  }

  /// The value of a condition that depends on nothing.
  func truth(_ condition: TypedExpression) -> Bool? {
    switch condition.form {
    case .constant(.scalar(let value)):
      return value != 0
    case .not(let inner):
      return truth(inner).map { !$0 }
    case .and(let left, let right):
      let values = [truth(left), truth(right)]
      return values.contains(false) ? false : values == [true, true] ? true : nil
    case .or(let left, let right):
      let values = [truth(left), truth(right)]
      return values.contains(true) ? true : values == [false, false] ? false : nil
    case .compare(let comparison, let left, let right):
      guard case .constant(let first) = left.form, case .constant(let second) = right.form else {
        return nil
      }
      return truth(comparison, first, second)
    case .isEmpty(let set):
      if case .elements(let elements) = set.form { return elements.isEmpty }
      return nil
    default:
      return nil
    }
  }

  /// Texts are equal byte for byte.
  private func truth(_ comparison: Comparison, _ first: Constant, _ second: Constant) -> Bool? {
    switch (comparison, first, second) {
    case (.equal, .string(let left), .string(let right)):
      left.utf8.elementsEqual(right.utf8)
    case (.notEqual, .string(let left), .string(let right)):
      !left.utf8.elementsEqual(right.utf8)
    case (.equal, .scalar(let left), .scalar(let right)): left == right
    case (.notEqual, .scalar(let left), .scalar(let right)): left != right
    case (.less, .scalar(let left), .scalar(let right)): left < right
    case (.lessOrEqual, .scalar(let left), .scalar(let right)): left <= right
    case (.greater, .scalar(let left), .scalar(let right)): left > right
    case (.greaterOrEqual, .scalar(let left), .scalar(let right)): left >= right
    default: nil
    }
  }

  /// Warns of an `all` that holds where there is nothing at all.
  mutating func warnVacuous(_ set: TypedExpression, _ range: SourceRange) {
    guard scope.warnsVacuous, !isNeverEmpty(set) else { return }
    report(.vacuousAll(describe(set), at: range))
  }

  /// Warns of lets that nothing refers to.
  mutating func warnUnused(_ names: [Name]) {
    for name in names where !name.isMissing && !scope.usedLets.contains(name.range) {
      report(.unusedLet(name))
    }
  }
}
