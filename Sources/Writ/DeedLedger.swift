// What a log says was done, and what may yet be: the actions that gates have let be done, each with what became of it.
//
//     decision: allow ──► permit ──► result
//        │                  │          ├── refused by the delegate: nothing was done, it lapses
//        │                  │          └── anything else: it was done, however it ended
//        │                  └── no result yet: it may be done, or was: it counts
//        └── no permit, and too late for one: it lapses
//
// Until it lapses such an allow is a *reservation*: whoever is decided on later is decided on as if it had been done.

public import WritCrypto
public import WritEvidence
import WritModel

/// An action that a gate let be done and that has not lapsed.
public struct Deed: Sendable {
  /// The entry of the decision.
  public let entry: UInt64
  /// What was decided, as the log has it.
  public let record: LoggedRecord
  /// The moment that was decided about; microseconds since the epoch.
  public let at: Int64
  /// How it ended; `nil` as long as nobody has said.
  public let outcome: String?
  /// When that was logged; microseconds since the epoch.
  public let ended: Int64?
  /// Whether a delegate could have begun it.
  public let isPermitted: Bool
  /// What somebody found who looked at it afterwards: the first such word; `nil` as long as there is none.
  public let review: FoundRecord?

  /// What is called so among subjects: every action that a log's control plane lets be done.
  public static func subjectName(of origin: String) -> String { "Deeds/\(origin)" }

  /// What a block of a token is called among subjects, by the digest of its envelope: whoever signs a block chooses its id.
  public static func subjectName(ofToken block: Digest) -> String { "Token/\(block.hex)" }

  /// What people were asked for, and somebody said no to, by the digest that an approval of it has.
  public static func subjectName(ofRefused digest: Digest) -> String { "Refused/\(digest.hex)" }

  /// What an approval is called among subjects, by the digest of its envelope.
  public static func subjectName(ofApproval digest: Digest) -> String { "Approval/\(digest.hex)" }
}

extension SubjectReader {
  /// The deeds about a subject that have not lapsed, the newest first.
  ///
  /// - Parameters:
  ///   - since: Those that were logged before are left out; microseconds since the epoch.
  ///   - asking: Where in a run it is that somebody asks: what was reserved for the very same attempt, and never permitted, is
  ///     theirs.
  ///   - limit: `nil` comes back where there are more.
  public func deeds(
    about subject: String, since: Int64 = .min, now: Int64, asking: RunPlace? = nil,
    limit: Int = DeedLimits.deeds
  ) throws(LogError) -> [Deed]? {
    var permits: Set<Int64> = []
    var ends: [Int64: (outcome: String, logged: Int64?)] = [:]
    var reviews: [Int64: [FoundRecord]] = [:]
    var deeds: [Deed] = []
    var isWhole = true
    try forEach(about: subject) { (found) throws(LogError) in
      let record = found.record
      if let logged = record.logged, logged < since { return false }
      let index = Int64(clamping: found.index)
      switch record.type {
      case PredicateType.actionResult:
        if let decision = record.predicate["decision"]?.integer {
          ends[decision] = (record.predicate["outcome"]?.string ?? "", record.logged)
        }
      case PredicateType.breakGlassReviewed:
        if let decision = record.predicate["decision"]?.integer {
          reviews[decision, default: []].append(found)
        }
      case PredicateType.permitIssued:
        if let decision = record.predicate["decision"]?.integer { permits.insert(decision) }
      case PredicateType.decision:
        // From the newest back: the first that counts stands last.
        let review = reviews[index]?.last { $0.record.isReview(of: found) }
        guard
          let deed = Deed(found, permits.contains(index), (ends[index], review), now, asking)
        else { break }
        guard deeds.count < limit else {
          isWhole = false
          return false
        }
        deeds.append(deed)
      default: break
      }
      return true
    }
    return isWhole ? deeds : nil
  }
}

extension SubjectReader {
  /// What people have said no to it in the log, the newest first.
  public func rejections(of digest: Digest) throws(LogError) -> [FoundRecord] {
    var found: [FoundRecord] = []
    let subject = Deed.subjectName(ofRefused: digest)
    try forEach(about: subject) { (one) throws(LogError) in
      if one.record.type == PredicateType.rejectionGiven { found.append(one) }
      return true
    }
    return found
  }

  /// All that broke the glass and has not lapsed, the newest first. O(their records).
  ///
  /// - Parameters:
  ///   - origin: The log's name.
  ///   - asking: As of `deeds`.
  public func breakGlassUses(
    of origin: String, now: Int64, asking: RunPlace? = nil
  ) throws(LogError) -> [Deed] {
    let subject = BreakGlassMark.subjectName(of: origin)
    let found = try deeds(about: subject, now: now, asking: asking, limit: .max) ?? []
    // A node can be called what it likes, also like this.
    return found.filter { $0.record.breakGlass != nil }
  }

  /// The first review of a decision among the records about a subject; `nil` where there is none that counts.
  public func review(
    of use: FoundRecord, about subject: String
  ) throws(LogError) -> FoundRecord? {
    var review: FoundRecord?
    try forEach(about: subject) { (found) throws(LogError) in
      guard found.index > use.index else { return false }
      if found.record.isReview(of: use) { review = found }
      return true
    }
    return review
  }
}

extension LoggedRecord {
  /// By which bundle a decision was made, as its result names it.
  public var decidingBundle: String? { predicate["result"]?["bundle"]?.string }

  /// Whether it is a review of a decision that was broken glass, by the bundle that decided: any other says for itself who may review.
  fileprivate func isReview(of use: FoundRecord) -> Bool {
    guard hasSameBytes(type, PredicateType.breakGlassReviewed),
      predicate["decision"]?.integer == Int64(clamping: use.index),
      let bundle = predicate["bundle"]?.string, let decided = use.record.decidingBundle
    else { return false }
    return hasSameBytes(bundle, decided)
  }
}

/// How much of what was done is looked at.
public enum DeedLimits {
  /// Deeds that one decision can be made on.
  public static let deeds = 10_000
  /// Deeds that a call may take back and that are looked at to tell which it does.
  public static let reversible = 1_000
}

extension Deed {
  /// `nil` where a record lets nothing be done, or what it let be done has lapsed.
  fileprivate init?(
    _ found: FoundRecord, _ isPermitted: Bool,
    _ known: (end: (outcome: String, logged: Int64?)?, review: FoundRecord?), _ now: Int64,
    _ asking: RunPlace?
  ) {
    let (record, outcome) = (found.record, known.end?.outcome)
    guard record.outcome == "allow", !record.isQuestion, record.predicate["deed"] != nil,
      let at = record.result?["now"]?.string.flatMap({ Instant($0) })?.microseconds,
      outcome != "refused"
    else { return nil }
    if !isPermitted {
      // A permit ends a minute after its decision, whenever it is made.
      let (end, isForever) = at.addingReportingOverflow(Limits.permitDuration)
      guard isForever || now <= end else { return nil }
      if let asking, let place = record.runPlace, place == asking { return nil }
    }
    self.init(
      entry: found.index, record: record, at: at, outcome: outcome, ended: known.end?.logged,
      isPermitted: isPermitted, review: known.review)
  }
}

private typealias Limits = WritEvidence.Limits
