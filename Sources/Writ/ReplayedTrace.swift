// Where a decision that was made again rests on other facts than the first time.

import WritCrypto
import WritEvidence
import WritModel

/// The first clause, and in it the first fact, in which two traces differ.
struct TraceParting {
  let difference: Difference
  /// By its full name within the gate; `nil` where it cannot be said.
  let clause: String?
  let fact: PartingFact?

  /// `nil` where they are the same document.
  init?(_ recorded: DecisionTrace, _ replayed: DecisionTrace) {
    guard recorded != replayed else { return nil }
    for (left, right) in zip(recorded.clauses, replayed.clauses) where left != right {
      self.init(clause: left, right)
      return
    }
    self.init(
      Difference(
        path: "trace", recorded: recorded.clauses.count.description,
        replayed: replayed.clauses.count.description))
  }

  /// Without a clause or a fact.
  init(_ difference: Difference) {
    self.difference = difference
    clause = nil
    fact = nil
  }

  private init(clause left: JSONValue, _ right: JSONValue) {
    let clause = right["clause"]?.string ?? ""
    let facts = (left["facts"]?.array ?? [], right["facts"]?.array ?? [])
    let same = zip(facts.0, facts.1).prefix { $0 == $1 }.count
    let isSame = facts.0 == facts.1
    self.clause = clause
    fact = isSame ? nil : TraceParting.fact(facts.0, facts.1, behind: same)
    if left["clause"] == right["clause"], left["outcome"] == right["outcome"] {
      difference = Difference(
        path: "trace.\(clause).facts[\(same)]", recorded: TraceParting.text(same, of: facts.0),
        replayed: TraceParting.text(same, of: facts.1))
    } else {
      difference = Difference(
        path: "trace.\(clause)", recorded: TraceParting.brief(left),
        replayed: TraceParting.brief(right))
    }
  }

  private static func brief(_ clause: JSONValue) -> String {
    "\(clause["clause"]?.string ?? "") \(clause["outcome"]?.string ?? "")"
  }

  private static func text(_ place: Int, of facts: [JSONValue]) -> String {
    facts.indices.contains(place) ? facts[place].compact : "nothing"
  }

  /// The first fact in two sorted lists that differ from some place on: one that only one of them has, or one that says
  /// something else.
  private static func fact(
    _ left: [JSONValue], _ right: [JSONValue], behind same: Int
  ) -> PartingFact? {
    let first = left.dropFirst(same).first
    let second = right.dropFirst(same).first
    guard let first else { return PartingFact(recorded: .none, replayed: second) }
    guard let second else { return PartingFact(recorded: first, replayed: .none) }
    let isSameFact = first["fact"] == second["fact"] && first["member"] == second["member"]
    if isSameFact { return PartingFact(recorded: first, replayed: second) }
    // The lists are sorted: what comes first of the two is missing in the other.
    let isFirst = !right[same...].contains {
      $0["fact"] == first["fact"] && $0["member"] == first["member"]
    }
    return isFirst
      ? PartingFact(recorded: first, replayed: .none)
      : PartingFact(recorded: .none, replayed: second)
  }
}

extension PartingFact {
  /// `nil` where neither has it, or it is no fact of a trace.
  fileprivate init?(recorded: JSONValue?, replayed: JSONValue?) {
    guard let one = recorded ?? replayed, let subject = one["fact"]?.string else { return nil }
    self.init(
      subject: subject, member: one["member"]?.string, recorded: recorded?.compact,
      replayed: replayed?.compact)
  }
}
