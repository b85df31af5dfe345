// One delegate at the other end of a socket, as a control plane talks to it.

@preconcurrency import Glibc
import WritCrypto
import WritEvidence
import WritModel
import WritTransport

/// A connection on which a delegate has shown who it is.
final class DelegateLine {
  private let connection: StreamConnection
  private var session: ControlSession
  /// Events that have come and were not taken yet.
  private var events: [ControlEvent] = []
  /// Who may be at the other end.
  private let delegates: [VerifierKey]
  /// Who is, once that is shown.
  private(set) var delegate: VerifierKey?
  /// What the delegate has seen of the log, and the highest fence that it was given.
  private(set) var seen: (size: UInt64, fence: Int64) = (0, 0)
  /// What it will have seen once it takes the order at hand.
  private var offered: (size: UInt64, fence: Int64) = (0, 0)
  /// When it last said something, in microseconds.
  private var lastHeard = currentTime()

  /// A delegate says nothing for longer than this only if it is gone; microseconds.
  private static let silence: Int64 = 60_000_000

  /// A connection of somebody who has not shown who they are.
  init(
    _ connection: StreamConnection, _ delegates: [VerifierKey], _ permitKey: Ed25519PrivateKey
  ) throws(Failure) {
    self.connection = connection
    self.delegates = delegates
    let nonce: [UInt8]
    do throws(CryptoError) {
      nonce = try randomBytes(SessionProof.nonceByteCount)
    } catch {
      throw Failure(.broken, "the system gives no random bytes")
    }
    session = ControlSession(
      permitKey: permitKey, delegates: delegates.map { ($0.name.description, $0.publicKey) },
      nonce: nonce)
  }

  /// Goes on with the greeting, and waits for nothing; whether it is a delegate that is known by now.
  func greet() throws(Failure) -> Bool {
    guard let event = try news() else { return false }
    guard case .known(let identity, let size, let fence) = event else {
      throw gone("it does not begin with who it is")
    }
    delegate = delegates.first { identity == DelegateIdentity(of: $0) }
    seen = (size, fence)
    return true
  }

  /// To wait for, beside others.
  var descriptor: Int32 { connection.descriptor }

  /// Whether an order can be offered.
  var isIdle: Bool { session.isIdle }

  /// Offers an order and sends it.
  func offer(_ order: PermittedOrder) throws(Failure) {
    session.offer(order.order, permit: order.permit)
    offered = (order.checkpointSize, order.permit.fence)
    try send(until: currentTime() + DelegateLine.silence)
  }

  /// Says that the result is recorded.
  func recorded() throws(Failure) {
    session.recorded()
    try send(until: currentTime() + DelegateLine.silence)
  }

  /// Tells the delegate to stop what it does.
  func stop() throws(Failure) {
    session.stop()
    try send(until: currentTime() + DelegateLine.silence)
  }

  /// The next thing that the delegate does; heartbeats are answered.
  func next() throws(Failure) -> ControlEvent {
    while true {
      let event = try next(until: currentTime() + DelegateLine.silence)
      guard let event, event != .heartbeat else { continue }
      return event
    }
  }

  /// The same, without waiting; `nil` where there is nothing.
  func news() throws(Failure) -> ControlEvent? {
    while true {
      if events.isEmpty, try !receive(until: currentTime() + DelegateLine.silence) { return nil }
      guard !events.isEmpty else { continue }
      let event = events.removeFirst()
      if event != .heartbeat { return event }
    }
  }

  /// `nil` where bytes have come that say nothing yet.
  private func next(until deadline: Int64) throws(Failure) -> ControlEvent? {
    if !events.isEmpty { return events.removeFirst() }
    try wait(for: Int16(POLLIN), until: deadline)
    _ = try receive(until: deadline)
    return events.isEmpty ? nil : events.removeFirst()
  }

  /// Takes what has come; `false` where nothing has.
  private func receive(until deadline: Int64) throws(Failure) -> Bool {
    do {
      guard let bytes = try connection.receive() else {
        guard currentTime() - lastHeard < DelegateLine.silence else {
          throw gone("the delegate says nothing")
        }
        return false
      }
      guard !bytes.isEmpty else { throw gone("the delegate closed the connection") }
      events = try session.receive(bytes)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw gone("\(error)")
    }
    lastHeard = currentTime()
    for event in events {
      switch event {
      case .heartbeat: session.proceed()
      case .accepted, .result: seen = (max(seen.size, offered.size), max(seen.fence, offered.fence))
      case .known, .refused, .output: break
      }
    }
    try send(until: deadline)
    return true
  }

  private func send(until deadline: Int64) throws(Failure) {
    while !session.unsent.isEmpty || connection.hasUnsent {
      do throws(TransportError) {
        session.unsent.removeFirst(try connection.send(session.unsent[...]))
      } catch {
        throw gone("\(error)")
      }
      // To a stranger little is said, and nobody waits for them to listen.
      guard delegate != nil else { return }
      if !session.unsent.isEmpty || connection.hasUnsent {
        try wait(for: Int16(POLLOUT), until: deadline)
      }
    }
  }

  private func wait(for wanted: Int16, until deadline: Int64) throws(Failure) {
    while true {
      var descriptors = [pollfd(fd: connection.descriptor, events: wanted, revents: 0)]
      let left = (deadline - currentTime()) / 1000
      guard left >= 0 else { throw gone("the delegate says nothing") }
      if poll(&descriptors, 1, Int32(clamping: left)) > 0 { return }
    }
  }

  private func gone(_ why: String) -> Failure { Failure(.broken, why) }
}

extension DelegateIdentity {
  /// What a delegate is in permits, by its verifier key.
  init(of key: VerifierKey) { self.init(name: key.name.description, key: key.publicKey) }
}
