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
  /// What the delegate has seen of the log, and the highest fence that it was given.
  private(set) var seen: (size: UInt64, fence: Int64) = (0, 0)

  /// A delegate says nothing for longer than this only if it is gone; microseconds.
  private static let silence: Int64 = 60_000_000

  /// Takes connections until one is the delegate's, or the time is over; others are closed.
  static func meet(
    _ delegate: VerifierKey, at listener: Listener, _ permitKey: Ed25519PrivateKey,
    until deadline: Int64
  ) throws(Failure) -> DelegateLine {
    var last: Failure?
    while true {
      let left = max(0, (deadline - currentTime()) / 1000)
      guard let connection = listener.connection(milliseconds: left) else {
        if let last {
          throw Failure(
            .broken,
            "whoever connected is not the delegate `\(delegate.name)`, or does not trust "
              + "this permit key: \(last.message)")
        }
        throw Failure(
          .broken, "the delegate `\(delegate.name)` did not connect to \(listener.endpoint)",
          remedy: "start it: writ-delegate serve DIR --connect SOCKET")
      }
      do throws(Failure) {
        return try DelegateLine(
          connection, delegate, permitKey, until: min(deadline, currentTime() + 2_000_000))
      } catch {
        last = error
      }
    }
  }

  private init(
    _ connection: StreamConnection, _ delegate: VerifierKey, _ permitKey: Ed25519PrivateKey,
    until deadline: Int64
  ) throws(Failure) {
    self.connection = connection
    let nonce: [UInt8]
    do throws(CryptoError) {
      nonce = try randomBytes(SessionProof.nonceByteCount)
    } catch {
      throw Failure(.broken, "the system gives no random bytes")
    }
    session = ControlSession(
      permitKey: permitKey, delegates: [(delegate.name.description, delegate.publicKey)],
      nonce: nonce)
    while true {
      if case .known(_, let size, let fence)? = try next(until: deadline) {
        seen = (size, fence)
        return
      }
    }
  }

  /// Offers an order and sends it.
  func offer(_ order: WorkOrder, _ permit: Permit) throws(Failure) {
    session.offer(order, permit: permit)
    try send(until: currentTime() + DelegateLine.silence)
  }

  /// Says that the result is recorded.
  func recorded() throws(Failure) {
    session.recorded()
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

  /// `nil` where bytes have come that say nothing yet.
  private func next(until deadline: Int64) throws(Failure) -> ControlEvent? {
    if !events.isEmpty { return events.removeFirst() }
    try wait(for: Int16(POLLIN), until: deadline)
    do {
      guard let bytes = try connection.receive() else { return nil }
      guard !bytes.isEmpty else { throw gone("the delegate closed the connection") }
      events = try session.receive(bytes)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw gone("\(error)")
    }
    if events.contains(.heartbeat) { session.proceed() }
    try send(until: deadline)
    return events.isEmpty ? nil : events.removeFirst()
  }

  private func send(until deadline: Int64) throws(Failure) {
    while !session.unsent.isEmpty {
      do throws(TransportError) {
        session.unsent.removeFirst(try connection.send(session.unsent[...]))
      } catch {
        throw gone("\(error)")
      }
      if !session.unsent.isEmpty { try wait(for: Int16(POLLOUT), until: deadline) }
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
