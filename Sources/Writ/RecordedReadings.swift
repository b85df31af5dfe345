// What the clauses of a decision read, as the objects that its record names.

import WritCrypto
import WritEvidence
import WritModel
import WritVM

/// Objects of the content store, and how a record names them.
struct RecordedReadings {
  /// One a clause; of a gate of many clauses one document.
  let objects: [[UInt8]]
  private let isDocument: Bool

  /// - Parameter run: Made with `tracing: .on`.
  init(_ run: DecisionRun) throws(CanonicalJSONError) {
    precondition(run.tracing == .on, "only a decision that was traced tells what it read")
    try self.init(gate: run.decision.gate, run.trace)
  }

  init(gate: String, _ clauses: [ClauseTrace]) throws(CanonicalJSONError) {
    isDocument = clauses.count > WritEvidence.Limits.tracedClauses
    objects =
      isDocument
      ? [try DecisionTrace.document(gate: gate, clauses: clauses.map(\.json))]
      : clauses.map(\.recordedBytes)
  }

  /// What a record's result digest is over; an error where the result has no canonical form.
  func digested(_ result: JSONValue) throws(CanonicalJSONError) -> [UInt8] {
    try result.digested(isCanonical: !isDocument)
  }

  /// - Parameter digests: Of the objects, in order.
  func reference(_ digests: [Digest]) -> TraceReference {
    isDocument ? .document(digests[0]) : .clauses(digests)
  }
}

extension JSONValue {
  /// What the digest of a result is over: its canonical form in records that name a reading a clause, the compact one in others.
  func digested(isCanonical: Bool) throws(CanonicalJSONError) -> [UInt8] {
    isCanonical ? try ownCanonicalBytes() : Array(compact.utf8)
  }
}

extension TraceReference? {
  /// Whether the result of a record that names what was read like this is digested in its canonical form.
  var digestsCanonically: Bool { if case .clauses = self { true } else { false } }
}
