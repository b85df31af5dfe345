// A decision in both of its written forms, kept so that the same decision at another time need not be written again.

import WritCrypto
import WritModel

/// The bytes of a decision, of which only the times change while it stays the same in all else. For one thread at a time.
final class WrittenDecision {
  /// Of the result, by the memory of its request.
  private let version: UInt64
  private let isQuestion: Bool
  private let caller: String?
  /// As it stands in a record.
  private(set) var canonical: [UInt8] = []
  /// What a record's result digest is over.
  private(set) var compact: [UInt8] = []
  private var canonicalTimes: WrittenTimes
  private var compactTimes: WrittenTimes
  /// The times at hand as text; reused.
  private var times: [UInt8] = []
  /// Of the trace document of a run that was traced as text, once somebody asked.
  private var knownTraceDigest: Digest?

  /// Writes the decision of a run.
  init(_ run: DecisionRun) {
    version = run.version
    isQuestion = run.decision.isQuestion
    caller = run.decision.caller
    canonicalTimes = run.decision.appendCanonical(to: &canonical)
    compactTimes = run.decision.appendCompact(to: &compact)
  }

  /// Makes this the decision of another run of the same request; `false` if more than its times differ.
  func become(_ run: DecisionRun) -> Bool {
    let decision = run.decision
    guard version == run.version, version != 0, isQuestion == decision.isQuestion,
      hasSameCaller(decision.caller)
    else { return false }
    times.removeAll(keepingCapacity: true)
    Instant(microseconds: decision.now).append(to: &times)
    let end = times.count
    if decision.asOf != decision.now { Instant(microseconds: decision.asOf).append(to: &times) }
    let (now, asOf) = (times[..<end], end == times.count ? times[...] : times[end...])
    compactTimes.replace(in: &compact, now: now, asOf: asOf)
    canonicalTimes.replace(in: &canonical, now: now, asOf: asOf)
    return true
  }

  private func hasSameCaller(_ other: String?) -> Bool {
    switch (caller, other) {
    case (nil, nil): true
    case (let one?, let other?): hasSameBytes(one, other)
    default: false
    }
  }

  /// The digest of the run's trace document, which does not tell the time.
  func traceDigest(of run: DecisionRun, _ hasher: inout SHA256) -> Digest {
    if let knownTraceDigest { return knownTraceDigest }
    var bytes: [UInt8] = []
    run.appendTraceDocument(to: &bytes)
    hasher.update(bytes)
    let digest = hasher.finish()
    knownTraceDigest = digest
    return digest
  }
}
