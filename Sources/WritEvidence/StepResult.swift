// What became of an action: an envelope by the delegate that carried it out.
//
//     subject    the action: its name and its digest
//     predicate  {"ended":"…","exit":0,"fence":7,
//                 "output":{"bytes":412,"sha256":"<hex>","truncated":false},"outcome":"succeeded",
//                 "permit":"<32 digits>","reason":"","started":"…"}
//
// The output is what a reader would see: secrets are already taken out of it, for a digest of the
// rest would let a short secret be guessed. `exit` is left out where there is no exit code.
public import WritCrypto
public import WritModel

/// Why an envelope is no result.
public enum StepResultError: Error, Hashable, Sendable {
  /// The envelope cannot be read.
  case envelope(EnvelopeError)
  /// It is no result; says what was expected.
  case malformed(String)
  /// The delegate did not sign this.
  case badSignature
}

extension StepResultError: CustomStringConvertible {
  /// Lower case, no full stop.
  public var description: String {
    switch self {
    case .envelope(let error): "it is no envelope: \(error)"
    case .malformed(let expectation): expectation
    case .badSignature: "the delegate's key did not sign it"
    }
  }
}

/// How an action came out.
public enum StepOutcome: String, Hashable, Sendable, CaseIterable {
  /// The program said yes.
  case succeeded
  /// The program said no.
  case failed
  /// It could not be done, or nobody knows whether it was.
  case errored
  /// It was told to stop.
  case cancelled
}

/// What a program wrote, redacted.
public struct StepOutput: Hashable, Sendable {
  /// All of it, also of what was not handed on.
  public let digest: Digest
  /// Likewise.
  public let byteCount: Int64
  /// Whether some of it was not handed on.
  public let isTruncated: Bool

  /// What was written.
  public init(digest: Digest, byteCount: Int64, isTruncated: Bool) {
    self.digest = digest
    self.byteCount = byteCount
    self.isTruncated = isTruncated
  }

  /// Nothing was written.
  public static let none = StepOutput(digest: Digest(of: []), byteCount: 0, isTruncated: false)
}

/// What became of one permit.
public struct StepResult: Hashable, Sendable {
  /// The action by its full name.
  public let action: String
  /// The action digest.
  public let digest: Digest
  /// The permit that was used up.
  public let permit: String
  /// The permit's.
  public let fence: Int64
  /// How it came out.
  public let outcome: StepOutcome
  /// 0 to 255, where the program ended by itself.
  public let exitCode: Int64?
  /// When its permit was used.
  public let started: Instant
  /// Not before it started.
  public let ended: Instant
  /// What the program wrote.
  public let output: StepOutput
  /// In words, at most `Limits.reasonByteCount` bytes; empty where there is nothing to say.
  public let reason: String

  /// What happened, and when.
  public struct Ending: Hashable, Sendable {
    fileprivate let outcome: StepOutcome
    fileprivate let exitCode: Int64?
    fileprivate let started: Instant
    fileprivate let ended: Instant
    fileprivate let output: StepOutput
    fileprivate let reason: String

    /// An ending; a longer reason is cut.
    public init(
      _ outcome: StepOutcome, exitCode: Int64? = nil, from started: Instant, to ended: Instant,
      output: StepOutput = .none, reason: String = ""
    ) {
      self.outcome = outcome
      self.exitCode = exitCode
      self.started = started
      self.ended = max(started, ended)
      self.output = output
      self.reason = String(decoding: Array(reason.utf8.prefix(1000)), as: UTF8.self)
    }
  }

  /// The result of an action whose permit has that number.
  public init(
    action: String, digest: Digest, permit: String, fence: Int64, ending: Ending
  ) {
    (self.action, self.digest, self.permit, self.fence) = (action, digest, permit, fence)
    (outcome, exitCode, started) = (ending.outcome, ending.exitCode, ending.started)
    (ended, output, reason) = (ending.ended, ending.output, ending.reason)
  }

  /// The reason of a result that a delegate signs for what was under way when it ended.
  public static let interrupted = "the delegate ended while this ran: its effect is unknown"

  /// Whether nobody saw it come to its end, and so nobody knows what it has changed: it was told to stop, or killed, or its delegate
  /// ended before. What could not be started has no exit code either, and has changed nothing.
  public var isEffectUnknown: Bool {
    switch outcome {
    case .cancelled: true
    case .errored:
      hasSameBytes(reason, StepResult.interrupted)
        || exitCode == nil && StepResult.killed.contains { reason.contains($0) }
    case .succeeded, .failed: false
    }
  }

  /// What stands in the reason of a result of what was killed, and in no reason for which something could not be started.
  public static let killed = ["killed by signal ", "killed: ", ", and killed"]

  /// The result signed by the delegate.
  public func signed(by key: Ed25519PrivateKey) -> Envelope {
    Envelope(payloadType: Statement.payloadType, payload: payload, signedBy: [key])
  }

  private var payload: [UInt8] {
    var members: [JSONMember] = [JSONMember("ended", .string(ended.description))]
    if let exitCode { members.append(JSONMember("exit", .integer(exitCode))) }
    members += [
      JSONMember("fence", .integer(fence)),
      JSONMember("outcome", .string(outcome.rawValue)),
      JSONMember(
        "output",
        [
          "bytes": .integer(output.byteCount), "sha256": .string(output.digest.hex),
          "truncated": .bool(output.isTruncated),
        ]),
      JSONMember("permit", .string(permit)),
      JSONMember("reason", .string(reason)),
      JSONMember("started", .string(started.description)),
    ]
    return SignedClaim(action: action, digest: digest, predicate: .object(members))
      .payload(PredicateType.result)
  }

  /// Reads the payload of a result, canonical to the byte.
  public init(payload: [UInt8]) throws(StepResultError) {
    let claim: SignedClaim
    do throws(SignedClaimError) {
      claim = try SignedClaim(payload: payload, type: PredicateType.result)
    } catch {
      throw StepResultError(error)
    }
    let predicate = claim.predicate
    guard let permit = predicate["permit"]?.string, isClaimID(permit),
      let fence = predicate["fence"]?.integer, fence >= 0,
      let outcome = predicate["outcome"]?.string.flatMap(StepOutcome.init(rawValue:)),
      let started = predicate["started"]?.string.flatMap({ Instant($0) }),
      let ended = predicate["ended"]?.string.flatMap({ Instant($0) }), started <= ended,
      let output = predicate["output"].flatMap(StepOutput.init),
      let reason = predicate["reason"]?.string, reason.utf8.count <= Limits.reasonByteCount
    else { throw .malformed("expected the fields of a result") }
    let exitCode = predicate["exit"]?.integer
    if let exitCode, !(0...255 ~= exitCode) { throw .malformed("expected `exit`, 0 to 255") }
    guard outcome != .succeeded || exitCode == 0 else {
      throw .malformed("expected exit code 0 of what succeeded")
    }
    (action, digest, self.permit, self.fence) = (claim.action, claim.digest, permit, fence)
    (self.outcome, self.exitCode, self.started) = (outcome, exitCode, started)
    (self.ended, self.output, self.reason) = (ended, output, reason)
    guard self.payload == payload else { throw .malformed("expected its canonical form") }
  }

  /// Verifies an envelope with the delegate's key and reads the result in it.
  public init(_ value: JSONValue, key: Ed25519PublicKey) throws(StepResultError) {
    let payload: [UInt8]
    do throws(SignedClaimError) {
      payload = try SignedClaim.payload(of: value, signedBy: key)
    } catch {
      throw StepResultError(error)
    }
    try self.init(payload: payload)
  }
}

extension StepOutput {
  fileprivate init?(_ value: JSONValue) {
    guard let digest = value["sha256"]?.string.flatMap(Digest.init(hex:)),
      let byteCount = value["bytes"]?.integer, byteCount >= 0,
      let isTruncated = value["truncated"]?.bool
    else { return nil }
    self.init(digest: digest, byteCount: byteCount, isTruncated: isTruncated)
  }
}

extension StepResultError {
  fileprivate init(_ error: SignedClaimError) {
    switch error {
    case .envelope(let error): self = .envelope(error)
    case .malformed(let expectation): self = .malformed(expectation)
    case .badSignature: self = .badSignature
    }
  }
}
