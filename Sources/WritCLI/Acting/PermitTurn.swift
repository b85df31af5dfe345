// Whether a decision may still be acted upon, by what the log says under its lock: one attempt of a run is let be done once,
// also where somebody has copied the run's folder and goes on beside the first.

import Writ
import WritEvidence
import WritModel

/// What stands in the way of a permit.
struct PermitTurn {
  /// The entry of the decision.
  let decision: UInt64
  /// Where in a run it was asked; `nil` of an action by itself.
  let place: RunPlace?
  /// Who would be permitted, by name.
  let delegate: String
  /// Microseconds since the epoch.
  let now: Int64

  /// Why no permit may be given; `nil` where one may.
  ///
  /// - Parameter origin: The log's name.
  func refusal(by word: LogWord, of origin: String) throws(Failure) -> String? {
    var found = Findings()
    // All of a run names it; what belongs to none is looked for as far back as the decision.
    let subject = place.map { RunPlace.subjectName(of: $0.id) } ?? Deed.subjectName(of: origin)
    try withLog { () throws(LogError) in
      try word.history.forEach(about: subject) { (entry) throws(LogError) in
        if place == nil, entry.index < decision { return false }
        look(at: entry, &found)
        return found.refusal == nil
      }
    }
    return found.refusal
  }

  /// What newer entries have said of decisions, by their indexes.
  private struct Findings {
    var results: [Int64: String] = [:]
    var permits: [Int64: (delegate: String, expires: Int64)] = [:]
    var refusal: String?
  }

  private func look(at entry: FoundRecord, _ found: inout Findings) {
    let predicate = entry.record.predicate
    let about = predicate["decision"]?.integer
    switch entry.record.type {
    case PredicateType.runEnded:
      found.refusal = "entry \(entry.index) says that the run has ended"
    case PredicateType.actionResult:
      if let about { found.results[about] = predicate["outcome"]?.string ?? "" }
    case PredicateType.permitIssued:
      let expires = predicate["expires"]?.string.flatMap { Instant($0) }?.microseconds
      if let about {
        found.permits[about] = (predicate["delegate"]?.string ?? "", expires ?? .max)
      }
    case PredicateType.decision: look(atDecision: entry, &found)
    default: break
    }
  }

  private func look(atDecision entry: FoundRecord, _ found: inout Findings) {
    let own = Int64(clamping: entry.index)
    if entry.index == decision {
      if found.permits[own] != nil { found.refusal = "entry \(decision) has its permit" }
      return
    }
    guard let place, entry.record.runPlace == place, entry.record.outcome == "allow" else { return }
    if entry.index > decision {
      found.refusal = "entry \(entry.index) has decided on the same attempt since"
      return
    }
    guard let permit = found.permits[own], found.results[own] != "refused" else { return }
    // A permit that is over, of which nobody has heard, was not begun: whoever has begun says so. The same delegate tells by itself.
    let isOpen = !hasSameBytes(permit.delegate, delegate) && now < permit.expires
    if found.results[own] != nil || isOpen {
      found.refusal = "entry \(entry.index) has let the same attempt be done"
    }
  }
}
