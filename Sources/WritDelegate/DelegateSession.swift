// A delegate's side of one connection, as a value: bytes and times in, bytes and wishes out.
//
// It knows no clock, no socket and no program. The control plane is not believed before it has signed
// this delegate's nonce with the permit key, and is lost when it says nothing for too long: then
// its lease is over, and what runs must stop.
public import WritCrypto
public import WritEvidence
public import WritModel

/// What the delegate must now do.
public enum SessionEffect: Hashable, Sendable {
  /// Judge the order; then say `accepted`, `refused` or `finished`.
  case judge(WorkOrder)
  /// Stop what runs; then say `finished`.
  case stop
  /// The control plane has the result.
  case recorded(permit: String)
  /// Close the connection; says why.
  case close(String)
}

/// One connection to a control plane.
public struct DelegateSession: Sendable {
  private enum Phase: Hashable {
    case greeted
    case idle
    case judging
    case running(permit: String)
    case reporting(permit: String)
    case closed
  }

  private let name: String
  private let key: Ed25519PrivateKey
  private let permitKey: Ed25519PublicKey
  private let nonce: [UInt8]
  private var lines = SessionLines()
  private var phase = Phase.greeted
  private var lastHeard: Int64
  private var lastHeartbeat: Int64
  /// What is to be sent, in order; whoever sends it empties it.
  public var unsent: [UInt8]

  /// Greets a control plane.
  ///
  /// - Parameters:
  ///   - nonce: 32 bytes that were never used before.
  ///   - now: of a clock that never goes back.
  public init(
    trust: DelegateTrust, key: Ed25519PrivateKey, nonce: [UInt8], atMilliseconds now: Int64
  ) {
    precondition(nonce.count == SessionProof.nonceByteCount, "a nonce of 32 bytes")
    name = trust.identity.name
    self.key = key
    permitKey = trust.permitKey
    self.nonce = nonce
    (lastHeard, lastHeartbeat) = (now, now)
    unsent =
      DelegateMessage.hello(
        identity: trust.identity, nonce: nonce, checkpoint: trust.checkpoint?.size ?? 0,
        fence: trust.fence
      ).line
  }

  /// Whether the control plane has shown who it is.
  public var isKnown: Bool { phase != .greeted && phase != .closed }

  /// Takes bytes of the control plane.
  public mutating func receive(
    _ bytes: [UInt8], atMilliseconds now: Int64
  ) -> [SessionEffect] {
    guard phase != .closed else { return [] }
    lastHeard = now
    lines.append(bytes)
    var effects: [SessionEffect] = []
    do throws(SessionError) {
      while phase != .closed, let line = try lines.next() {
        try take(ControlMessage(line), &effects)
      }
    } catch {
      effects += close(error.description)
    }
    return effects
  }

  private mutating func take(
    _ message: ControlMessage, _ effects: inout [SessionEffect]
  ) throws(SessionError) {
    switch (phase, message) {
    case (.greeted, .challenge(let theirs, let signature)):
      let proof = SessionProof(name: name, delegateNonce: nonce, controlNonce: theirs)
      guard permitKey.verify(signature, of: proof.controlBytes) else {
        throw SessionError("the control plane does not have the permit key")
      }
      unsent += DelegateMessage.proof(signature: key.sign(proof.delegateBytes)).line
      lines.limit = Limits.sessionLineByteCount
      phase = .idle
    case (.idle, .assignment(let order)):
      phase = .judging
      effects.append(.judge(order))
    case (.running, .stop): effects.append(.stop)
    case (.reporting(let reported), .recorded(let permit)) where hasSameBytes(reported, permit):
      phase = .idle
      effects.append(.recorded(permit: permit))
    // An answer to a heartbeat may come late.
    case (.idle, .proceed), (.judging, .proceed), (.running, .proceed), (.reporting, .proceed),
      (.idle, .stop), (.judging, .stop), (.reporting, .stop):
      break
    default: throw SessionError("a message that is out of turn")
    }
  }

  /// Lets time pass: heartbeats go out, and silence ends the connection.
  public mutating func tick(atMilliseconds now: Int64) -> [SessionEffect] {
    guard phase != .closed else { return [] }
    if now - lastHeard >= DelegateLimits.silenceMilliseconds {
      return close("the control plane says nothing")
    }
    if isKnown && now - lastHeartbeat >= DelegateLimits.heartbeatMilliseconds {
      lastHeartbeat = now
      unsent += DelegateMessage.heartbeat.line
    }
    return []
  }

  /// Ends the connection; what runs loses its lease with it.
  public mutating func close(_ reason: String) -> [SessionEffect] {
    guard phase != .closed else { return [] }
    let isRunning = if case .running = phase { true } else { false }
    phase = .closed
    return (isRunning ? [.stop] : []) + [.close(reason)]
  }
}

// What came of an order.
extension DelegateSession {
  /// It begins.
  public mutating func accepted(permit: String) {
    guard phase == .judging else { return }
    phase = .running(permit: permit)
    unsent += DelegateMessage.accepted(permit: permit).line
  }

  /// It is not done.
  public mutating func refused(code: String, reason: String) {
    guard phase == .judging else { return }
    phase = .idle
    unsent += DelegateMessage.refused(code: code, reason: reason).line
  }

  /// It wrote something.
  public mutating func wrote(_ chunk: OutputChunk) {
    guard case .running(let permit) = phase else { return }
    for start in stride(from: 0, to: chunk.bytes.count, by: Limits.outputChunkByteCount) {
      let end = min(start + Limits.outputChunkByteCount, chunk.bytes.count)
      unsent +=
        DelegateMessage.output(
          permit: permit, stream: chunk.stream, bytes: Array(chunk.bytes[start..<end])
        ).line
    }
  }

  /// It is done, now or before; the result of the permit is remembered already.
  public mutating func finished(_ envelope: JSONValue, permit: String) {
    switch phase {
    case .judging, .running:
      phase = .reporting(permit: permit)
      unsent += DelegateMessage.result(envelope: envelope).line
    case .greeted, .idle, .reporting, .closed: break
    }
  }
}
