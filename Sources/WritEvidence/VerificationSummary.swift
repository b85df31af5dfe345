// A recorded decision as others' tools read it: SLSA Verification Summary Attestation, predicate v1.
//
//     subject    as in the record
//     predicate  {"inputAttestations":[{"digest":{"sha256":"…"},"uri":"urn:writ:snapshot"},…],
//                 "policy":{"digest":{"sha256":"<bundle>"},"uri":"urn:writ:gate:<gate>"},
//                 "resourceUri":"urn:writ:resource:Service/checkout",
//                 "timeVerified":"<when it was logged>",
//                 "urn:writ:log:v1":{"checkpoint":"<note>","index":42,"origin":"<log>"},
//                 "verificationResult":"PASSED","verifiedLevels":["WRIT:<gate>"],
//                 "verifier":{"id":"urn:writ:log:<log>","version":{"writ":"0.1.0"}}}
//
// PASSED is an allow; hold and deny are FAILED, whose only level is FAILED. A question has no
// summary. The extension field `urn:writ:log:v1` says where the decision stands; `writ log prove`
// proves it.
import WritModel

/// Why a record has no summary.
public enum VerificationSummaryError: Error, Hashable, Sendable {
  /// It is no decision, or lacks what a summary needs.
  case notADecision
  /// It was asked of another time, or without leave to act.
  case question
  /// It makes no statement.
  case record(RecordError)
}

extension VerificationSummaryError: CustomStringConvertible {
  /// Lower case, no full stop.
  public var description: String {
    switch self {
    case .notADecision: "it is no decision of a gate"
    case .question: "it is a question, and nobody may act on one"
    case .record(let error): "its summary is no statement: \(error)"
    }
  }
}

/// Where a record stands: in which log, at which index, under which checkpoint.
public struct RecordPlace: Hashable, Sendable {
  /// Of the entry, from 0.
  public let index: UInt64
  /// A checkpoint with the entry in it.
  public let checkpoint: SignedCheckpoint

  /// That entry of the log at that checkpoint.
  public init(index: UInt64, checkpoint: SignedCheckpoint) {
    self.index = index
    self.checkpoint = checkpoint
  }
}

/// The names that a summary gives; URIs.
public struct SummaryNames: Hashable, Sendable {
  /// Who decided; `nil` for the log by its origin.
  public let verifier: String?
  /// What was asked about; `nil` for the first subject.
  public let resource: String?

  /// Names for a summary.
  public init(verifier: String?, resource: String?) {
    self.verifier = verifier
    self.resource = resource
  }
}

/// The summary of a decision, as canonical bytes to be signed.
public func verificationSummary(
  of record: EvidenceRecord, at place: RecordPlace, names: SummaryNames
) throws(VerificationSummaryError) -> EvidenceRecord {
  let predicate = record.statement.predicate
  guard hasSameBytes(record.statement.predicateType, PredicateType.decision),
    let result = predicate["result"], let gate = result["gate"]?.string,
    let outcome = result["outcome"]?.string, let isQuestion = result["question"]?.bool,
    let logged = predicate["logged"]?.string, let replay = predicate["replay"],
    let bundle = descriptor("urn:writ:gate:\(escaped(gate))", result["bundle"]),
    let snapshot = descriptor("urn:writ:snapshot", replay["snapshot"]),
    let request = descriptor("urn:writ:request", replay["request"])
  else { throw .notADecision }
  guard !isQuestion else { throw .question }
  let isAllowed = outcome == "allow"
  let origin = place.checkpoint.checkpoint.origin
  let subject = record.statement.subjects[0]
  let resource = subject.name ?? subject.digests[0].value
  let engine = replay["engine"] ?? ""
  do throws(RecordError) {
    return try EvidenceRecord(
      type: PredicateType.verificationSummary, subjects: record.statement.subjects,
      predicate: [
        "inputAttestations": [snapshot, request],
        "policy": bundle,
        "resourceUri": .string(names.resource ?? "urn:writ:resource:\(escaped(resource))"),
        "timeVerified": .string(logged),
        "urn:writ:log:v1": logPlace(place),
        "verificationResult": .string(isAllowed ? "PASSED" : "FAILED"),
        "verifiedLevels": [.string(isAllowed ? "WRIT:\(gate)" : "FAILED")],
        "verifier": [
          "id": .string(names.verifier ?? "urn:writ:log:\(escaped(origin))"),
          "version": ["writ": engine],
        ],
      ])
  } catch {
    throw .record(error)
  }
}

/// A resource descriptor: a name and the SHA-256 that a record gives as `sha256:<hex>`.
private func descriptor(_ uri: String, _ digest: JSONValue?) -> JSONValue? {
  guard let text = digest?.string, text.hasPrefix("sha256:") else { return nil }
  return ["digest": ["sha256": .string(String(text.dropFirst(7)))], "uri": .string(uri)]
}

private func logPlace(_ place: RecordPlace) -> JSONValue {
  let index = Int64(clamping: place.index)
  return [
    "checkpoint": .string(String(decoding: place.checkpoint.note.bytes, as: UTF8.self)),
    // Numbers beyond 2^53 - 1 are strings, since not every reader keeps them.
    "index": place.index < 1 << 53 ? .integer(index) : .string(String(place.index)),
    "origin": .string(place.checkpoint.checkpoint.origin),
  ]
}

/// What may stand in the last part of a URN, anything else as `%` and two digits (RFC 3986).
private func escaped(_ text: String) -> String {
  let plain = Set("-._~/:@".utf8)
  return text.utf8.map { byte in
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: String(UnicodeScalar(byte))
    case _ where plain.contains(byte): String(UnicodeScalar(byte))
    default: "%" + Hex.encode([byte]).uppercased()
    }
  }.joined()
}
