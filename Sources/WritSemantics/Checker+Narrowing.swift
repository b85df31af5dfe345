// What a condition tells about values: their kinds, that they are there, that a set has elements.

import WritModel

extension Checker {
  /// The expression with the narrower type that is known for it here.
  func narrowed(_ expression: TypedExpression) -> TypedExpression {
    guard !scope.facts.hasNoTypes, let path = path(of: expression),
      let type = scope.facts.type(of: path)
    else { return expression }
    return TypedExpression(expression.form, type, expression.range)
  }

  /// From here on the condition is known to be `value`.
  ///
  /// Recursion goes only as deep as `and`, `or` and `not` do.
  mutating func assume(_ condition: TypedExpression, _ value: Bool) {
    switch (condition.form, value) {
    case (.and(let left, let right), true), (.or(let left, let right), false):
      assume(left, value)
      assume(right, value)
    case (.not(let inner), _):
      assume(inner, !value)
    case (.isKind(let node, let kinds), _):
      narrow(node, to: kinds, value)
    case (.isAbsent(let optional), false):
      guard let path = path(of: optional) else { return }
      scope.facts.learn(optional.type.unwrapped, of: path)
    case (.isEmpty(let set), false):
      guard let key = key(of: set) else { return }
      scope.facts.learnNonEmpty(key)
    default:
      break
    }
  }

  /// The node is of these kinds, or of none of them.
  private mutating func narrow(_ node: TypedExpression, to kinds: [Int], _ value: Bool) {
    guard let path = path(of: node),
      case .node(let current) = (scope.facts.type(of: path) ?? node.type).unwrapped
    else { return }
    let wanted = Set(kinds)
    let rest = current.filter { wanted.contains($0) == value }
    guard !rest.isEmpty else { return }
    scope.facts.learn(.node(rest), of: path)
  }

  /// How a value is reached from a variable; `nil` for anything but a path.
  private func path(of expression: TypedExpression) -> String? {
    var steps: [String] = []
    var current = expression
    while true {
      switch current.form {
      case .variable(let id):
        return (["v\(id)"] + steps.reversed()).joined(separator: ".")
      case .caller:
        return (["caller"] + steps.reversed()).joined(separator: ".")
      case .field(let base, let name):
        steps.append(name)
        current = base
      case .follow(let base, let edge):
        steps.append(edge)
        current = base
      case .edgeEnd(let base, let end):
        // No member has a space in front.
        steps.append(" \(end)")
        current = base
      default:
        return nil
      }
    }
  }

  /// What stands for a set in facts; `nil` where it cannot be recognised again.
  private func key(of set: TypedExpression) -> String? {
    switch set.form {
    case .nodes(let kind):
      return "kind \(kind)"
    case .reach(let base, let step, let repetition) where step.filter == nil:
      guard let base = key(of: base) else { return nil }
      let edges = step.edges.map { "\($0.edge)\($0.isInverse ? "-" : "+")" }
      return "\(base) -> \(edges.joined(separator: ",")) \(repetition)"
    case .edges(let base, let step) where step.filter == nil:
      guard let base = key(of: base) else { return nil }
      return "\(base) => \(step.edges.map { "\($0.edge)\($0.isInverse ? "-" : "+")" })"
    default:
      return path(of: set)
    }
  }

  /// The set surely has an element, whatever the graph.
  func isNeverEmpty(_ set: TypedExpression) -> Bool {
    if let key = key(of: set), scope.facts.isNonEmpty(key) { return true }
    switch set.type {
    case .set, .list: break
    case .optional: return false
    case .bool, .int, .decimal, .string, .date, .instant, .duration, .enumeration, .node, .edge:
      return true
    }
    return switch set.form {
    case .elements(let elements): !elements.isEmpty
    case .union(let left, let right): isNeverEmpty(left) || isNeverEmpty(right)
    case .distinct(let list): isNeverEmpty(list)
    case .reach(let start, _, .zeroOrMore): isNeverEmpty(start)
    case .comprehension(let comprehension):
      comprehension.filters.isEmpty
        && comprehension.generators.allSatisfy { isNeverEmpty($0.range) }
    default: false
    }
  }
}
