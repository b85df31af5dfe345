// Approvals that stand together: a condition holds if it holds with some of its terms given, by different people, and the others not.

import WritModel
import WritSemantics

/// What a condition with approvals is made of.
private indirect enum ApprovalForm {
  /// Number of a term, in the order of the text.
  case term(Int)
  /// What asks for no approval.
  case value(Interval)
  case and(ApprovalForm, ApprovalForm)
  case or(ApprovalForm, ApprovalForm)

  /// Ways in which it holds, in the order of the text: terms, and values that all must hold.
  var ways: [(terms: [Int], values: [Interval])] {
    switch self {
    case .term(let term): return [([term], [])]
    case .value(let value): return [([], [value])]
    case .or(let left, let right): return left.ways + right.ways
    case .and(let left, let right):
      return left.ways.flatMap { one in
        right.ways.map { (one.terms + $0.terms, one.values + $0.values) }
      }
    }
  }
}

/// A term, and who may give it.
private struct AskedTerm {
  let term: ApprovalTerm
  /// Who may not; or why that is not known.
  let excluded: Result<[NodeName], UnknownPeople>
}

/// Why it is not known who may not give an approval.
struct UnknownPeople: Error {
  let cause: Cause
}

extension Evaluator {
  /// A condition; of one in which approvals stand together nobody is counted for two.
  func condition(_ typed: TypedExpression, _ scope: Environment) throws(OutOfFuel) -> Interval {
    guard typed.hasTermsTogether else { return try scalar(typed, scope) }
    var terms: [AskedTerm] = []
    let ways = try form(typed, scope, &terms).ways
    var result: Interval?
    for way in ways {
      var holds: Interval?
      for value in way.values { holds = holds.map { both($0, value) } ?? value }
      if !way.terms.isEmpty, holds?.isCertainlyFalse != true {
        let given = given(way.terms.map { terms[$0] })
        holds = holds.map { both($0, given) } ?? given
      }
      let found = holds ?? Interval(true)
      result = result.map { either($0, found) } ?? found
      if result?.isCertainlyTrue == true { break }
    }
    return result ?? Interval(false)
  }

  private func form(
    _ typed: TypedExpression, _ scope: Environment, _ terms: inout [AskedTerm]
  ) throws(OutOfFuel) -> ApprovalForm {
    guard !typed.roles.isEmpty else { return .value(try scalar(typed, scope)) }
    switch typed.form {
    case .and(let left, let right):
      let first = try form(left, scope, &terms)
      return .and(first, try form(right, scope, &terms))
    case .or(let left, let right):
      let first = try form(left, scope, &terms)
      return .or(first, try form(right, scope, &terms))
    case .approval(let term):
      terms.append(AskedTerm(term: term, excluded: try excluded(term, scope)))
      return .term(terms.count - 1)
    default: preconditionFailure("an approval where the checker lets none stand")
    }
  }

  /// Whether the terms were given by different people. By Hall: so many of the first places can be filled that for each choice of
  /// terms there are people enough who gave one of them.
  private func given(_ terms: [AskedTerm]) -> Interval {
    var cause: Cause?
    var asked: [(term: ApprovalTerm, people: Set<String>, excluded: [NodeName])] = []
    for one in terms {
      switch one.excluded {
      case .success(let excluded):
        let givers = request.approvals.filter { counts($0, one.term) }.map { "\($0.giver.key)" }
        let people = Set(givers).subtracting(excluded.map { "\($0.key)" })
        asked.append((one.term, people, excluded))
      case .failure(let unknown): cause = cause ?? unknown.cause
      }
    }
    var filled: [Int] = []
    for one in asked {
      var most = one.term.count
      while most > 0, !canFill(filled + [most], asked.map(\.people)) { most -= 1 }
      filled.append(most)
    }
    let isGiven = zip(filled, asked).allSatisfy { $0 == $1.term.count }
    if !isGiven, asked.allSatisfy({ $0.people.count >= $0.term.count }) { overstretched += 1 }
    if !isGiven, !assumesApprovals { return Interval(false) }
    for (count, one) in zip(filled, asked) where count < one.term.count {
      note(one.term, one.term.count - count, one.excluded)
    }
    return cause.map { Interval(0, 1, $0) } ?? Interval(true)
  }

  private func canFill(_ counts: [Int], _ people: [Set<String>]) -> Bool {
    (1..<1 << counts.count).allSatisfy { choice in
      let chosen = counts.indices.filter { choice >> $0 & 1 == 1 }
      let all = chosen.reduce(into: Set<String>()) { $0.formUnion(people[$1]) }
      return chosen.reduce(0) { $0 + counts[$1] } <= all.count
    }
  }
}

extension TypedExpression {
  /// Whether two approvals stand on both sides of an `and`.
  fileprivate var hasTermsTogether: Bool {
    switch form {
    case .and(let left, let right) where !left.roles.isEmpty && !right.roles.isEmpty: true
    case .and(let left, let right), .or(let left, let right):
      left.hasTermsTogether || right.hasTermsTogether
    default: false
    }
  }
}
