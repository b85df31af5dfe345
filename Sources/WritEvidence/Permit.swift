// A signed leave to carry out one action, once: an envelope around a statement of Writ's own type.
//
//     subject    the action: its name, and its digest (Assignment.swift)
//     predicate  {"delegate":{"key":"<fingerprint>","name":"eu-1"},"expires":"…","fence":7,
//                 "id":"<32 digits>","issued":"…","log":{"index":1042,"origin":"log.example/writ"}}
//                with `"labels":["eu"]` before `log`, where the action asks for a delegate that is labelled so;
//                then `"unsigned":true`, where whoever acts did not sign
//
// It names one delegate and its fence, so that nobody else takes it and none whose lease went to
// another; an entry of the log that decided; and an expiry at most 60 s after its issue. Only the
// one spelling is read.
public import WritCrypto
public import WritModel

/// Why an envelope is no permit.
public enum PermitError: Error, Hashable, Sendable {
  /// The envelope cannot be read.
  case envelope(EnvelopeError)
  /// It is no permit; says what was expected.
  case malformed(String)
  /// The permit key did not sign this.
  case badSignature
}

extension PermitError: CustomStringConvertible {
  /// Lower case, no full stop.
  public var description: String {
    switch self {
    case .envelope(let error): "it is no envelope: \(error)"
    case .malformed(let expectation): expectation
    case .badSignature: "the permit key did not sign it"
    }
  }
}

/// The delegate that a permit is for.
public struct DelegateIdentity: Hashable, Sendable {
  /// What it is called; no name of a node.
  public let name: String
  /// Lower-case hexadecimal SHA-256 of its key's SPKI.
  public let fingerprint: String

  /// A name, and the key that results are signed with.
  public init(name: String, key: Ed25519PublicKey) {
    self.name = name
    fingerprint = key.fingerprint
  }

  /// A name, and a key by its fingerprint.
  public init(name: String, fingerprint: String) {
    self.name = name
    self.fingerprint = fingerprint
  }
}

/// A place in a log.
public struct LogPlace: Hashable, Sendable {
  /// The identity of the log.
  public let origin: String
  /// `0 ≤ index < 2^53`.
  public let index: UInt64

  /// A place, not yet looked at.
  public init(origin: String, index: UInt64) {
    self.origin = origin
    self.index = index
  }
}

/// Leave to carry out one action, once, as one delegate, soon.
public struct Permit: Hashable, Sendable {
  /// The action by its full name.
  public let action: String
  /// The action digest.
  public let digest: Digest
  /// 32 lower-case digits; no two permits have the same.
  public let id: String
  /// Who may use it.
  public let delegate: DelegateIdentity
  /// Counts up with each lease; of two, the higher one holds. Not negative.
  public let fence: Int64
  /// The first moment at which it counts.
  public let issued: Instant
  /// The first moment at which it no longer counts.
  public let expires: Instant
  /// Where the decision is logged.
  public let decision: LogPlace
  /// Whether whoever acts did not sign that they do; as the decision's record says.
  public let isUnsigned: Bool
  /// What the action wants its delegate to be labelled, and the delegate is; as the decision's record says.
  public let labels: [String]

  /// A leave for an action; an expiry more than 60 s after the issue is refused when it is read.
  public init(
    for assignment: Assignment, id: String, delegate: DelegateIdentity, fence: Int64,
    validity: Range<Instant>, decision: LogPlace, isUnsigned: Bool, labels: [String] = []
  ) {
    self.isUnsigned = isUnsigned
    self.labels = labels
    action = assignment.action
    digest = assignment.digest
    self.id = id
    self.delegate = delegate
    self.fence = fence
    issued = validity.lowerBound
    expires = validity.upperBound
    self.decision = decision
  }

  /// The permit signed by the permit key.
  public func signed(by key: Ed25519PrivateKey) -> Envelope {
    Envelope(payloadType: Statement.payloadType, payload: payload, signedBy: [key])
  }

  private var payload: [UInt8] {
    var members = [
      JSONMember(
        "delegate", ["key": .string(delegate.fingerprint), "name": .string(delegate.name)]),
      JSONMember("expires", .string(expires.description)), JSONMember("fence", .integer(fence)),
      JSONMember("id", .string(id)), JSONMember("issued", .string(issued.description)),
    ]
    if !labels.isEmpty { members.append(JSONMember("labels", DelegateLabel.json(of: labels))) }
    members.append(
      JSONMember(
        "log",
        [
          "index": .integer(Int64(clamping: decision.index)), "origin": .string(decision.origin),
        ]))
    return SignedClaim(
      action: action, digest: digest,
      predicate: .object(members + (isUnsigned ? [JSONMember("unsigned", true)] : []))
    ).payload(PredicateType.permit)
  }

  /// Reads the payload of a permit, canonical to the byte.
  public init(payload: [UInt8]) throws(PermitError) {
    let claim: SignedClaim
    do throws(SignedClaimError) {
      claim = try SignedClaim(payload: payload, type: PredicateType.permit)
    } catch {
      throw PermitError(error)
    }
    let predicate = claim.predicate
    guard let id = predicate["id"]?.string, isClaimID(id),
      let name = predicate["delegate"]?["name"]?.string, !name.isEmpty,
      let fingerprint = predicate["delegate"]?["key"]?.string,
      let fence = predicate["fence"]?.integer, fence >= 0,
      let issued = predicate["issued"]?.string.flatMap({ Instant($0) }),
      let expires = predicate["expires"]?.string.flatMap({ Instant($0) }),
      let origin = predicate["log"]?["origin"]?.string,
      let index = predicate["log"]?["index"]?.integer, index >= 0
    else { throw .malformed("expected the fields of a permit") }
    guard issued < expires, expires.microseconds - issued.microseconds <= Limits.permitDuration
    else { throw .malformed("expected an expiry at most 60 s after the issue") }
    (action, digest, self.id, self.fence) = (claim.action, claim.digest, id, fence)
    (self.issued, self.expires) = (issued, expires)
    delegate = DelegateIdentity(name: name, fingerprint: fingerprint)
    decision = LogPlace(origin: origin, index: UInt64(index))
    isUnsigned = predicate["unsigned"]?.bool ?? false
    labels = predicate["labels"].flatMap { DelegateLabel.labels($0) } ?? []
    guard self.payload == payload else { throw .malformed("expected its canonical form") }
  }

  /// Verifies an envelope with the permit key and reads the permit in it.
  ///
  /// Whether it is current, for this delegate and for this action, is for `PermitCheck` to say.
  public init(_ value: JSONValue, key: Ed25519PublicKey) throws(PermitError) {
    let payload: [UInt8]
    do throws(SignedClaimError) {
      // Verified first, then read: the very bytes.
      payload = try SignedClaim.payload(of: value, signedBy: key)
    } catch {
      throw PermitError(error)
    }
    try self.init(payload: payload)
  }
}

extension PermitError {
  fileprivate init(_ error: SignedClaimError) {
    switch error {
    case .envelope(let error): self = .envelope(error)
    case .malformed(let expectation): self = .malformed(expectation)
    case .badSignature: self = .badSignature
    }
  }
}
