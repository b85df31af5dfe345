// A control plane's side of one connection of a delegate, as a value: bytes in, bytes and events out.
//
// It knows no clock and no socket. Whoever has it sends `unsent`, offers orders to a delegate that
// is known, and says of each result when it is recorded. A result is believed only if the delegate
// signed it and it is of the very order that was offered.
public import WritCrypto
public import WritModel

/// What a delegate did that a control plane must know.
public enum ControlEvent: Hashable, Sendable {
  /// It is who it says it is; it has seen a checkpoint of that size, and a permit with that fence.
  case known(DelegateIdentity, checkpoint: UInt64, fence: Int64)
  /// It begins.
  case accepted(permit: String)
  /// It does not do what it was offered.
  case refused(code: String, reason: String)
  /// It is under way and wrote something; secrets are taken out of it.
  case output(permit: String, stream: OutputStream, bytes: [UInt8])
  /// It lives, and waits for `proceed` or `stop`.
  case heartbeat
  /// It has done what it was offered. To be recorded, and then said to be.
  case result(StepResult, envelope: JSONValue)
}

/// One connection of a delegate.
public struct ControlSession: Sendable {
  private enum Phase: Hashable {
    case strange
    case challenged(DelegateIdentity, SessionProof, Ed25519PublicKey, UInt64, Int64)
    case idle
    case offered(Permit)
    case running(Permit)
    /// Its result is not recorded yet.
    case reported(Permit)
    case broken
  }

  private let permitKey: Ed25519PrivateKey
  private let delegates: [DelegateIdentity: Ed25519PublicKey]
  private let nonce: [UInt8]
  private var lines = SessionLines()
  private var phase = Phase.strange
  private var delegateKey: Ed25519PublicKey?
  /// What is to be sent, in order; whoever sends it empties it.
  public var unsent: [UInt8] = []

  /// The control plane's side.
  ///
  /// - Parameters:
  ///   - permitKey: signs permits, and who one is.
  ///   - delegates: those who are registered, by name, with the keys that their results are verified by.
  ///   - nonce: 32 bytes that were never used before.
  public init(
    permitKey: Ed25519PrivateKey, delegates: [(name: String, key: Ed25519PublicKey)],
    nonce: [UInt8]
  ) {
    precondition(nonce.count == SessionProof.nonceByteCount, "a nonce of 32 bytes")
    self.permitKey = permitKey
    let pairs = delegates.map { (DelegateIdentity(name: $0.name, key: $0.key), $0.key) }
    self.delegates = Dictionary(pairs) { first, _ in first }
    self.nonce = nonce
  }

  /// Whether an order can be offered.
  public var isIdle: Bool { phase == .idle }

  /// Takes bytes of the delegate. After an error the connection is to be closed.
  public mutating func receive(_ bytes: [UInt8]) throws(SessionError) -> [ControlEvent] {
    lines.append(bytes)
    var events: [ControlEvent] = []
    do throws(SessionError) {
      while let line = try lines.next() { try take(DelegateMessage(line), &events) }
    } catch {
      phase = .broken
      throw error
    }
    return events
  }

  private mutating func take(
    _ message: DelegateMessage, _ events: inout [ControlEvent]
  ) throws(SessionError) {
    switch (phase, message) {
    case (.strange, .hello(let identity, let theirs, let checkpoint, let fence)):
      guard let key = delegates[identity] else {
        throw SessionError("no delegate `\(identity.name)` with that key is registered")
      }
      let proof = SessionProof(name: identity.name, delegateNonce: theirs, controlNonce: nonce)
      let signature = permitKey.sign(proof.controlBytes)
      unsent += ControlMessage.challenge(nonce: nonce, signature: signature).line
      phase = .challenged(identity, proof, key, checkpoint, fence)
    case (.challenged(let identity, let proof, let key, let checkpoint, let fence), .proof(let by)):
      guard key.verify(by, of: proof.delegateBytes) else {
        throw SessionError("the delegate `\(identity.name)` did not sign who it is")
      }
      (phase, delegateKey) = (.idle, key)
      lines.limit = Limits.sessionLineByteCount
      events.append(.known(identity, checkpoint: checkpoint, fence: fence))
    case (.offered(let permit), .accepted(let id)) where hasSameBytes(id, permit.id):
      phase = .running(permit)
      events.append(.accepted(permit: id))
    case (.offered, .refused(let code, let reason)):
      phase = .idle
      events.append(.refused(code: code, reason: reason))
    case (.running(let permit), .output(let id, let stream, let bytes))
    where hasSameBytes(id, permit.id):
      events.append(.output(permit: id, stream: stream, bytes: bytes))
    case (.idle, .heartbeat), (.offered, .heartbeat), (.running, .heartbeat),
      (.reported, .heartbeat):
      events.append(.heartbeat)
    // At once, where it was carried out before.
    case (.offered(let permit), .result(let envelope)),
      (.running(let permit), .result(let envelope)):
      events.append(.result(try result(envelope, permit), envelope: envelope))
      phase = .reported(permit)
    default: throw SessionError("a message that is out of turn")
    }
  }

  private func result(
    _ envelope: JSONValue, _ permit: Permit
  ) throws(SessionError) -> StepResult {
    guard let delegateKey else { throw SessionError("a result of nobody") }
    let result: StepResult
    do throws(StepResultError) {
      result = try StepResult(envelope, key: delegateKey)
    } catch {
      throw SessionError("the result is none: \(error)")
    }
    guard result.digest == permit.digest, hasSameBytes(result.permit, permit.id),
      result.fence == permit.fence, hasSameBytes(result.action, permit.action)
    else { throw SessionError("the result is of another order") }
    return result
  }

  /// Offers an order to a delegate that is idle.
  ///
  /// - Parameter permit: what the order's envelope holds.
  public mutating func offer(_ order: WorkOrder, permit: Permit) {
    precondition(isIdle, "one order at a time, to a delegate that is known")
    phase = .offered(permit)
    unsent += ControlMessage.assignment(order).line
  }

  /// Answers a heartbeat: go on.
  public mutating func proceed() { unsent += ControlMessage.proceed.line }

  /// Tells the delegate to stop what it does.
  public mutating func stop() { unsent += ControlMessage.stop.line }

  /// Says that the result of what was offered is recorded, durably; the delegate is then idle.
  public mutating func recorded() {
    guard case .reported(let permit) = phase else { return }
    phase = .idle
    unsent += ControlMessage.recorded(permit: permit.id).line
  }
}
