// What a condition comes to for an agent and for a person who ask for the same thing.

import WritModel
import WritText

/// A condition, asked twice on the same facts: of an agent and of a person.
struct Leaning {
  /// What it is whatever the facts; `nil`: that depends on them.
  let forAgent: Bool?
  let forPerson: Bool?
  /// On some facts it may hold for the one and not for the other.
  let agentAlone: Bool
  let personAlone: Bool

  /// It depends on the facts alone.
  static let same = Leaning(nil, nil, agentAlone: false, personAlone: false)
  /// It depends on who asks in a way that is not followed.
  static let either = Leaning(nil, nil, agentAlone: true, personAlone: true)

  static func sure(_ forAgent: Bool, _ forPerson: Bool) -> Leaning {
    Leaning(forAgent, forPerson, agentAlone: false, personAlone: false)
  }

  private init(_ forAgent: Bool?, _ forPerson: Bool?, agentAlone: Bool, personAlone: Bool) {
    self.forAgent = forAgent
    self.forPerson = forPerson
    if forAgent == nil, forPerson == nil {
      self.agentAlone = agentAlone
      self.personAlone = personAlone
    } else {
      self.agentAlone = forAgent != false && forPerson != true
      self.personAlone = forPerson != false && forAgent != true
    }
  }

  static prefix func ! (leaning: Leaning) -> Leaning {
    Leaning(
      leaning.forAgent.map { !$0 }, leaning.forPerson.map { !$0 },
      agentAlone: leaning.personAlone, personAlone: leaning.agentAlone)
  }

  /// Both hold.
  func and(_ other: Leaning) -> Leaning {
    func both(_ left: Bool?, _ right: Bool?) -> Bool? {
      left == false || right == false ? false : left == true ? right : right == true ? left : nil
    }
    return Leaning(
      both(forAgent, other.forAgent), both(forPerson, other.forPerson),
      agentAlone: agentAlone || other.agentAlone, personAlone: personAlone || other.personAlone)
  }

  /// One holds, or both.
  func or(_ other: Leaning) -> Leaning { !(!self).and(!other) }

  /// It holds for an agent only where it holds for a person as well, and not always then.
  var leavesAgentsOut: Bool { personAlone && !agentAlone }
}

/// An expression, and what the variables in it stand for.
struct BoundExpression {
  let expression: TypedExpression
  let scope: [VariableID: BoundExpression]

  init(_ expression: TypedExpression, _ scope: [VariableID: BoundExpression]) {
    self.expression = expression
    self.scope = scope
  }

  func with(_ expression: TypedExpression) -> BoundExpression {
    BoundExpression(expression, scope)
  }
}

/// Follows conditions through lets, rules and loops, and takes it that somebody asks.
struct LeaningFinder {
  let rules: [TypedRule]
  let pair: CallerPair
  /// Parameters that stand for whoever asks.
  let actors: Set<VariableID>
  /// What lets stand for: each sees parameters and other lets alone.
  let lets: [VariableID: TypedExpression]
  /// Where the expressions at hand tell what the caller is.
  private(set) var places: [SourceRange] = []
  /// Steps that are left: conditions can grow without bound once rules are written out.
  private var fuel = 5_000
  /// Conditions within each other, through rules too, that are followed.
  private var depth = 800

  init(
    rules: [TypedRule], pair: CallerPair, actors: Set<VariableID>,
    lets: [VariableID: TypedExpression]
  ) {
    self.rules = rules
    self.pair = pair
    self.actors = actors
    self.lets = lets
  }

  /// Of a Bool.
  mutating func leaning(of bound: BoundExpression) -> Leaning {
    guard enter() else { return .either }
    defer { depth += 1 }
    if let told = told(bound) {
      places.append(bound.expression.range)
      return told
    }
    switch bound.expression.form {
    case .constant(.scalar(let value)): return .sure(value != 0, value != 0)
    case .variable, .call:
      return step(bound).map { leaning(of: $0) } ?? .same
    case .not(let inner): return !leaning(of: bound.with(inner))
    case .and(let left, let right):
      return leaning(of: bound.with(left)).and(leaning(of: bound.with(right)))
    case .or(let left, let right):
      return leaning(of: bound.with(left)).or(leaning(of: bound.with(right)))
    case .isAbsent(let inner) where isCaller(bound.with(inner)): return .sure(false, false)
    case .isEmpty(let set): return !presence(of: bound.with(set)).leaning
    case .coalesce(let value, let other):
      guard case .constant = other.form else { return dependence(bound) }
      return leaning(of: bound.with(value))
    default: return dependence(bound)
    }
  }

  /// Whether a set has an element, and what each is where that is one expression.
  mutating func presence(
    of bound: BoundExpression
  ) -> (leaning: Leaning, element: BoundExpression?) {
    guard enter() else { return (.either, nil) }
    defer { depth += 1 }
    if isCaller(bound) {
      return (.sure(true, true), BoundExpression(plain(bound).expression, [:]))
    }
    switch bound.expression.form {
    case .variable, .call:
      return step(bound).map { presence(of: $0) } ?? (.same, nil)
    case .comprehension(let comprehension):
      let (leaning, scope) = passing(comprehension.generators, comprehension.filters, bound.scope)
      return (leaning, BoundExpression(comprehension.yield, scope))
    case .distinct(let inner): return presence(of: bound.with(inner))
    case .union(let left, let right):
      let (first, second) = (presence(of: bound.with(left)), presence(of: bound.with(right)))
      return (first.leaning.or(second.leaning), nil)
    default: return (dependence(bound), nil)
    }
  }

  /// Whether a loop has a binding that its filters let through, and what its variables stand for.
  mutating func passing(
    _ generators: [Generator], _ filters: [Filter], _ scope: [VariableID: BoundExpression]
  ) -> (Leaning, [VariableID: BoundExpression]) {
    var (scope, leaning) = (scope, Leaning.sure(true, true))
    for generator in generators {
      let found = presence(of: BoundExpression(generator.range, scope))
      leaning = leaning.and(found.leaning)
      scope[generator.variable] = found.element
    }
    for filter in filters {
      switch filter {
      case .condition(let condition):
        leaning = leaning.and(self.leaning(of: BoundExpression(condition, scope)))
      case .binding(let variable, _, let value):
        let bound = BoundExpression(value, scope)
        if !isCaller(bound) { leaning = leaning.and(dependence(bound)) }
        scope[variable] = bound
      }
    }
    return (leaning, scope)
  }

  /// Of what is not followed: it may depend on who asks if anything within does.
  private mutating func dependence(_ bound: BoundExpression) -> Leaning {
    tells(bound) ? .either : .same
  }

  private mutating func tells(_ bound: BoundExpression) -> Bool {
    guard enter() else { return true }
    defer { depth += 1 }
    if told(bound) != nil { return true }
    switch bound.expression.form {
    case .variable, .call: return step(bound).map { tells($0) } ?? false
    case .comprehension(let comprehension):
      let (leaning, scope) = passing(comprehension.generators, comprehension.filters, bound.scope)
      return leaning.agentAlone || leaning.personAlone
        || tells(BoundExpression(comprehension.yield, scope))
    default:
      for child in bound.expression.children where tells(bound.with(child)) { return true }
      return false
    }
  }

  /// Goes one deeper; whoever does comes back up, unless there is no way on.
  private mutating func enter() -> Bool {
    guard depth > 0, spend() else { return false }
    depth -= 1
    return true
  }

  private mutating func spend() -> Bool {
    fuel -= 1
    return fuel > 0
  }
}

extension LeaningFinder {
  /// What a variable or a call stands for.
  private func step(_ bound: BoundExpression) -> BoundExpression? {
    switch bound.expression.form {
    case .variable(let id): return bound.scope[id] ?? lets[id].map { BoundExpression($0, [:]) }
    case .call(let index, let arguments):
      var scope = bound.scope
      for (parameter, argument) in zip(rules[index].parameters, arguments) {
        scope[parameter.id] = bound.with(argument)
      }
      return BoundExpression(rules[index].body, scope)
    default: return nil
    }
  }

  /// Without names in between, and without what stands in for something absent.
  private mutating func plain(_ bound: BoundExpression) -> BoundExpression {
    var bound = bound
    while spend() {
      if case .coalesce(let value, let other) = bound.expression.form,
        case .constant = plain(bound.with(other)).expression.form
      {
        bound = bound.with(value)
      } else if case .variable(let id) = bound.expression.form, actors.contains(id) {
        return bound
      } else if let next = step(bound) {
        bound = next
      } else {
        return bound
      }
    }
    return bound
  }

  private mutating func isCaller(_ bound: BoundExpression) -> Bool {
    switch plain(bound).expression.form {
    case .caller: true
    case .variable(let id): actors.contains(id)
    default: false
    }
  }

  /// What is read of the caller.
  private enum Reading {
    case field(String, ValueType)
    case identifier
    /// The caller, or nodes right beside it.
    case nodes
  }

  private mutating func reading(_ bound: BoundExpression) -> Reading? {
    let bound = plain(bound)
    switch bound.expression.form {
    case .field(let base, let name) where isCaller(bound.with(base)):
      return .field(name, bound.expression.type.unwrapped)
    case .identifier(let base) where isCaller(bound.with(base)): return .identifier
    case .follow(let base, _), .reach(let base, _, _):
      return isCaller(bound.with(base)) ? .nodes : nil
    default: return isCaller(bound) ? .nodes : nil
    }
  }

  /// The id of a node that is written out, or of one that nodes are reached from.
  private mutating func literal(_ bound: BoundExpression) -> String? {
    let bound = plain(bound)
    switch bound.expression.form {
    case .nodeLiteral(_, let id): return id
    case .follow(let base, _), .reach(let base, _, _): return literal(bound.with(base))
    default: return nil
    }
  }

  /// Of a condition that asks what the caller is; `nil`: it asks something else.
  private mutating func told(_ bound: BoundExpression) -> Leaning? {
    switch bound.expression.form {
    case .compare(let comparison, let left, let right):
      let (left, right) = (bound.with(left), bound.with(right))
      return compared(left, right, comparison) ?? compared(right, left, comparison.swapped)
    case .field(_, let name):
      guard case .field(_, .bool)? = reading(bound) else { return nil }
      return sort(ofField: name).map(Self.only)
    case .isKind(let value, let kinds):
      guard let pair = pair.kinds, isCaller(bound.with(value)) else { return nil }
      return .sure(kinds.contains(pair.agent), kinds.contains(pair.person))
    case .member(let value, let set): return member(bound.with(value), of: bound.with(set))
    case .stringTest(_, let value, let pattern):
      guard let reading = reading(bound.with(value)),
        case .constant(.string(let text)) = plain(bound.with(pattern)).expression.form
      else { return nil }
      return told(reading, text)
    default: return nil
    }
  }

  private mutating func compared(
    _ value: BoundExpression, _ other: BoundExpression, _ comparison: Comparison
  ) -> Leaning? {
    guard let reading = reading(value) else { return nil }
    let isEqual = comparison == .equal
    guard isEqual || comparison == .notEqual else {
      guard case .constant(.scalar(let limit)) = plain(other).expression.form,
        case .field(_, .enumeration(let index)) = reading, let pair = pair.members[index]
      else { return nil }
      return .sure(comparison.holds(pair.agent, limit), comparison.holds(pair.person, limit))
    }
    let equal: Leaning?
    switch (reading, plain(other).expression.form) {
    case (.field(_, .enumeration(let index)), .constant(.scalar(let member))):
      equal = pair.members[index].map { .sure($0.agent == member, $0.person == member) }
    case (.field(let name, .bool), .constant(.scalar(let value))):
      equal = sort(ofField: name).map(Self.only).map { value == 0 ? !$0 : $0 }
    case (_, .constant(.string(let text))): equal = told(reading, text)
    case (.nodes, _):
      equal = literal(other).flatMap { sort(ofText: $0, isKind: false) }.map(Self.only)
    default: equal = nil
    }
    return equal.map { isEqual ? $0 : !$0 }
  }

  private mutating func member(_ value: BoundExpression, of set: BoundExpression) -> Leaning? {
    let elements = plain(set)
    if case .elements(let members) = elements.expression.form {
      var found = Leaning.sure(false, false)
      for member in members {
        guard let equal = compared(value, elements.with(member), .equal) else { return nil }
        found = found.or(equal)
      }
      return found
    }
    if case .constant(.string(let text)) = plain(value).expression.form {
      return reading(set).flatMap { told($0, text) }
    }
    // `caller in Team "agents".members`, `Team "agents" in caller.teams`
    let id = reading(value) == nil ? reading(set).flatMap { _ in literal(value) } : literal(set)
    return id.flatMap { sort(ofText: $0, isKind: false) }.map(Self.only)
  }

  private func told(_ reading: Reading, _ text: String) -> Leaning? {
    switch reading {
    case .field(let name, _): sort(ofText: text, isKind: isKindField(name)).map(Self.only)
    case .identifier: sort(ofText: text, isKind: false).map(Self.only)
    case .nodes: nil
    }
  }

  private static func only(_ sort: CallerSort) -> Leaning { .sure(sort == .agent, sort == .person) }
}

extension Comparison {
  /// With its operands the other way round.
  fileprivate var swapped: Comparison {
    switch self {
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    case .equal, .notEqual: self
    }
  }

  fileprivate func holds(_ left: Int64, _ right: Int64) -> Bool {
    switch self {
    case .equal: left == right
    case .notEqual: left != right
    case .less: left < right
    case .lessOrEqual: left <= right
    case .greater: left > right
    case .greaterOrEqual: left >= right
    }
  }
}
