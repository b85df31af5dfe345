// A signed wish to act: whoever acts says so with a key of their own, so that a name alone is nothing.
//
//     subject    the action: its name, and the SHA-256 of the request for it
//     predicate  {"caller":"Identity/deploy-bot","id":"<32 digits>","signedAt":"…"}
//
// It is for one request and good for a minute, and its id lets nobody use it twice. Only the one
// spelling is read.
public import WritCrypto
public import WritModel

/// Why an envelope is not the intent of whoever it is said to be.
public enum IntentError: Error, Hashable, Sendable {
  /// The envelope cannot be read.
  case envelope(EnvelopeError)
  /// It is no intent; says what was expected.
  case malformed(String)
  /// The caller's key did not sign this.
  case badSignature
  /// The registry has no key of that node to act with.
  case unknownCaller(String)
  /// It names another caller.
  case otherCaller(expected: String, found: String)
  /// It is for another request.
  case otherRequest
  /// It was signed more than a minute ago, or will be.
  case notNow(Instant)
}

extension IntentError: CustomStringConvertible {
  /// Lower case, no full stop.
  public var description: String {
    switch self {
    case .envelope(let error): "it is no envelope: \(error)"
    case .malformed(let expectation): expectation
    case .badSignature: "the caller's key did not sign it"
    case .unknownCaller(let caller): "the bundle knows no key that `\(caller)` acts with"
    case .otherCaller(let expected, let found):
      "it is an intent of `\(found)`, who acts is `\(expected)`"
    case .otherRequest: "it is for another request"
    case .notNow(let instant): "it was signed at \(instant), more than a minute from now"
    }
  }
}

/// That somebody wants an action done, now.
public struct Intent: Hashable, Sendable {
  /// The action by its full name.
  public let action: String
  /// Of the request in its canonical form.
  public let request: Digest
  /// Who acts, as a node.
  public let caller: String
  /// 32 lower-case digits; no two intents have the same.
  public let id: String
  /// When it was signed.
  public let signedAt: Instant

  /// A wish, not yet signed.
  public init(action: String, request: Digest, caller: String, id: String, signedAt: Instant) {
    self.action = action
    self.request = request
    self.caller = caller
    self.id = id
    self.signedAt = signedAt
  }

  /// The intent signed by whoever acts.
  public func signed(by key: Ed25519PrivateKey) -> Envelope {
    Envelope(payloadType: Statement.payloadType, payload: payload, signedBy: [key])
  }

  private var payload: [UInt8] {
    SignedClaim(
      action: action, digest: request,
      predicate: [
        "caller": .string(caller), "id": .string(id), "signedAt": .string(signedAt.description),
      ]
    ).payload(PredicateType.intent)
  }

  private init(payload: [UInt8]) throws(IntentError) {
    let claim: SignedClaim
    do throws(SignedClaimError) {
      claim = try SignedClaim(payload: payload, type: PredicateType.intent)
    } catch {
      throw IntentError(error)
    }
    guard let caller = claim.predicate["caller"]?.string, !caller.isEmpty,
      let id = claim.predicate["id"]?.string, isClaimID(id),
      let signedAt = claim.predicate["signedAt"]?.string.flatMap({ Instant($0) })
    else { throw .malformed("expected the fields of an intent") }
    self.init(
      action: claim.action, request: claim.digest, caller: caller, id: id, signedAt: signedAt)
    guard self.payload == payload else { throw .malformed("expected its canonical form") }
  }

  /// Verifies an envelope against the keys that the registry says the caller acts with.
  ///
  /// - Parameters:
  ///   - caller: Who is said to act.
  ///   - request: Of what is asked, in its canonical form.
  public init(
    _ value: JSONValue, of caller: String, for request: Digest, registry: KeyRegistry,
    now: Instant
  ) throws(IntentError) {
    let keys = registry.keys(function: .actor).filter { hasSameBytes($0.node ?? "", caller) }
    guard !keys.isEmpty else { throw .unknownCaller(caller) }
    var payload: [UInt8]?
    var failure = IntentError.badSignature
    for key in keys where payload == nil {
      do throws(SignedClaimError) {
        // Verified first, then read: the very bytes.
        payload = try SignedClaim.payload(of: value, signedBy: key.publicKey)
      } catch {
        failure = IntentError(error)
      }
    }
    guard let payload else { throw failure }
    try self.init(payload: payload)
    guard hasSameBytes(self.caller, caller) else {
      throw .otherCaller(expected: caller, found: self.caller)
    }
    guard self.request == request else { throw .otherRequest }
    let (distance, overflow) = now.microseconds.subtractingReportingOverflow(
      signedAt.microseconds)
    guard !overflow, distance.magnitude <= UInt64(Limits.permitDuration) else {
      throw .notNow(signedAt)
    }
  }
}

extension IntentError {
  fileprivate init(_ error: SignedClaimError) {
    switch error {
    case .envelope(let error): self = .envelope(error)
    case .malformed(let expectation): self = .malformed(expectation)
    case .badSignature: self = .badSignature
    }
  }
}
