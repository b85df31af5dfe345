// Where a decision that was made again rests on other facts than the first time.

import WritCrypto
import WritEvidence
import WritModel

/// The first clause, and in it the first fact, in which two traces differ.
struct TraceParting {
  let path: String
  let recorded: String
  let replayed: String

  /// `nil` where they are the same document.
  init?(_ recorded: DecisionTrace, _ replayed: DecisionTrace) {
    guard recorded.bytes != replayed.bytes else { return nil }
    for (left, right) in zip(recorded.clauses, replayed.clauses) where left != right {
      let clause = right["clause"]?.string ?? ""
      guard left["clause"] == right["clause"], left["outcome"] == right["outcome"] else {
        self.init("trace.\(clause)", TraceParting.brief(left), TraceParting.brief(right))
        return
      }
      let facts = (left["facts"]?.array ?? [], right["facts"]?.array ?? [])
      let same = zip(facts.0, facts.1).prefix { $0 == $1 }.count
      self.init(
        "trace.\(clause).facts[\(same)]", TraceParting.fact(same, of: facts.0),
        TraceParting.fact(same, of: facts.1))
      return
    }
    self.init("trace", recorded.clauses.count.description, replayed.clauses.count.description)
  }

  init(_ path: String, _ recorded: String, _ replayed: String) {
    self.path = path
    self.recorded = recorded
    self.replayed = replayed
  }

  private static func brief(_ clause: JSONValue) -> String {
    "\(clause["clause"]?.string ?? "") \(clause["outcome"]?.string ?? "")"
  }

  private static func fact(_ place: Int, of facts: [JSONValue]) -> String {
    facts.indices.contains(place) ? facts[place].compact : "nothing"
  }
}

extension RecordedRun {
  /// Where the trace of a decision made again parts from the recorded one; `nil` where it does not, or where
  /// the record is of a release that kept none.
  func parting(from again: DecisionTrace, _ objects: ContentStore) throws -> TraceParting? {
    guard let trace, trace != again.digest else { return nil }
    // Without the document it can be said that they differ, not where.
    guard let kept = (try? objects.get(trace)).flatMap({ DecisionTrace($0) }) else {
      return TraceParting("trace", trace.description, again.digest.description)
    }
    return TraceParting(kept, again)
  }
}
