// Whether a decision may still be acted upon, by what the log says under its lock: one attempt of a run is let be done once,
// also where somebody has copied the run's folder and goes on beside the first.

import Writ
import WritEvidence
import WritModel

/// Who would be permitted to do what a gate has allowed.
struct PermitQuestion {
  /// The entry of the decision.
  let decision: UInt64
  /// Where in a run it was asked; `nil` of an action by itself.
  let place: RunPlace?
  /// By name.
  let delegate: String
  /// Microseconds since the epoch.
  let now: Int64
}

/// What the log has said of the attempts of one run, read once: each question only looks at what has come since.
final class AttemptLedger {
  private struct Permit {
    let delegate: String
    /// Microseconds since the epoch.
    let expires: Int64
  }

  /// Entries before that one are read.
  private var next: UInt64 = 0
  /// Of decisions, by their entries.
  private var permits: [UInt64: Permit] = [:]
  private var results: [UInt64: String] = [:]
  /// Entries that have allowed each attempt.
  private var allowed: [RunPlace: Set<UInt64>] = [:]
  /// The entry that says that the run has ended.
  private var end: UInt64?

  /// Why no permit may be given; `nil` where one may.
  ///
  /// Another runner that has decided on the same attempt since is at the same run: the run is its own from then on, and not to be ended
  /// by this one. That fails as what cannot be done here.
  ///
  /// - Parameter origin: The log's name.
  func refusal(
    of question: PermitQuestion, by word: LogWord, of origin: String
  ) throws(Failure) -> String? {
    let own = question.decision
    if let place = question.place {
      try read(word, about: RunPlace.subjectName(of: place.id))
    } else {
      // What belongs to no run is looked for as far back as the decision.
      next = max(next, own)
      try read(word, about: Deed.subjectName(of: origin))
    }
    if let end { return "entry \(end) says that the run has ended" }
    if permits[own] != nil { return "entry \(own) has its permit" }
    let others = question.place.map { allowed[$0, default: []].subtracting([own]) } ?? []
    if let later = others.filter({ $0 > own }).min() {
      throw Failure(
        .broken,
        "another runner is at this run: entry \(later) has decided on the same attempt since",
        remedy: "leave the run to it")
    }
    let done = others.filter { isDone($0, question) }.min()
    return done.map { "entry \($0) has let the same attempt be done" }
  }

  /// A permit that is over, of which nobody has heard, was not begun: whoever has begun says so. The same delegate tells by itself.
  private func isDone(_ decision: UInt64, _ question: PermitQuestion) -> Bool {
    guard let permit = permits[decision], results[decision] != "refused" else { return false }
    let isOpen =
      !hasSameBytes(permit.delegate, question.delegate) && question.now < permit.expires
    return results[decision] != nil || isOpen
  }

  private func read(_ word: LogWord, about subject: String) throws(Failure) {
    let known = next
    try withLog { () throws(LogError) in
      try word.history.forEach(about: subject) { (entry) throws(LogError) in
        guard entry.index >= known else { return false }
        next = max(next, entry.index + 1)
        take(entry)
        return true
      }
    }
  }

  private func take(_ entry: FoundRecord) {
    let predicate = entry.record.predicate
    let decision = predicate["decision"]?.integer.flatMap { UInt64(exactly: $0) }
    switch (entry.record.type, decision) {
    case (PredicateType.runEnded, _): end = entry.index
    case (PredicateType.actionResult, let decision?):
      results[decision] = predicate["outcome"]?.string ?? ""
    case (PredicateType.permitIssued, let decision?):
      let expires = predicate["expires"]?.string.flatMap { Instant($0) }?.microseconds
      permits[decision] = Permit(
        delegate: predicate["delegate"]?.string ?? "", expires: expires ?? .max)
    case (PredicateType.decision, _):
      if let place = entry.record.runPlace, entry.record.outcome == "allow" {
        allowed[place, default: []].insert(entry.index)
      }
    default: break
    }
  }
}
