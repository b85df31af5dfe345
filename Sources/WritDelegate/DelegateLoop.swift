// The loop at the edge: the one place that has the socket, both clocks and the desk.
import Glibc
import WritCrypto
import WritEvidence
import WritModel
public import WritTransport

/// Serves as one delegate: connects out, takes orders, connects again.
public final class DelegateLoop {
  private let desk: DelegateDesk
  private let endpoint: Endpoint
  private let tls: TLSContext?
  private let stop: StopSignal
  private let tell: (String) -> Void
  /// How many results the control plane has recorded.
  private var recordedCount = 0
  /// Why the last attempt to connect came to nothing.
  private var lastRefusal = ""

  /// Serves at a desk; `tell` gets what an operator wants to know, in sentences.
  ///
  /// - Parameter tls: The key to show, and that of the control plane; `nil` at a Unix socket.
  public init(
    _ desk: DelegateDesk, endpoint: Endpoint, under tls: TLSContext? = nil, stop: StopSignal,
    tell: @escaping (String) -> Void
  ) {
    self.tls = tls
    self.desk = desk
    self.endpoint = endpoint
    self.stop = stop
    self.tell = tell
  }

  /// Serves until it is asked to end, or, if only once, until the control plane has one result.
  public func run(once: Bool) throws(DelegateError) {
    let backoff =
      tls == nil ? DelegateLimits.nearBackoffMilliseconds : DelegateLimits.backoffMilliseconds
    var pause = backoff.lowerBound
    while !stop.wait(milliseconds: 0) {
      if let connection = connect(), try serve(connection, once: once) {
        pause = backoff.lowerBound
      }
      if once && recordedCount > 0 || stop.wait(milliseconds: pause + jitter(pause)) { return }
      pause = min(pause * 2, backoff.upperBound)
    }
  }

  private func connect() -> StreamConnection? {
    do throws(TransportError) {
      return try StreamConnection(to: endpoint, milliseconds: 10_000, under: tls)
    } catch {
      let reason = "\(error)"
      // Said once, not at every try.
      if reason != lastRefusal { tell(reason) }
      lastRefusal = reason
      return nil
    }
  }

  /// Up to half as much again, so that many delegates do not come back at once.
  private func jitter(_ pause: Int64) -> Int64 { Int64.random(in: 0...pause / 2) }

  /// One connection, to its end; whether the control plane was known. What runs at its end is
  /// stopped, and its result kept for whoever asks again.
  private func serve(
    _ connection: StreamConnection, once: Bool
  ) throws(DelegateError) -> Bool {
    var session = DelegateSession(
      trust: desk.trust, key: desk.home.key, nonce: try nonce(),
      atMilliseconds: currentTime().milliseconds)
    var wasKnown = false
    var isOpen = true
    while isOpen || desk.isBusy {
      var effects = isOpen ? exchange(connection, &session) : []
      if !isOpen { wait([]) }
      effects += session.tick(atMilliseconds: currentTime().milliseconds)
      let isDone = stop.wait(milliseconds: 0) || once && recordedCount > 0
      if isDone { effects += session.close("asked to end") }
      for effect in effects where try !act(on: effect, &session) { isOpen = false }
      let news = try desk.advance(at: currentTime())
      for chunk in news.chunks { session.wrote(chunk) }
      if let result = news.result { session.finished(result.envelope, permit: result.permit) }
      if session.isKnown && !wasKnown { tell("connected to \(endpoint)") }
      wasKnown = wasKnown || session.isKnown
    }
    return wasKnown
  }

  private func nonce() throws(DelegateError) -> [UInt8] {
    do throws(CryptoError) {
      return try randomBytes(SessionProof.nonceByteCount)
    } catch {
      throw .noRandomBytes
    }
  }

  /// Does what the session wants; false where it is over.
  private func act(
    on effect: SessionEffect, _ session: inout DelegateSession
  ) throws(DelegateError) -> Bool {
    switch effect {
    case .judge(let order):
      switch try desk.take(order, at: currentTime()) {
      case .started(let permit):
        tell("permit \(permit): \(order.assignment.action) begins")
        session.accepted(permit: permit)
      case .finished(let result, let permit): session.finished(result, permit: permit)
      case .refused(let code, let reason):
        tell("refused \(order.assignment.action): \(reason)")
        session.refused(code: code, reason: reason)
      }
    case .stop: desk.stop(at: currentTime())
    case .recorded(let permit):
      recordedCount += 1
      tell("permit \(permit): the result is recorded")
    case .close(let reason):
      tell("connection closed: \(reason)")
      return false
    }
    return true
  }

  /// Sends, waits for something to happen, and takes what has come.
  private func exchange(
    _ connection: StreamConnection, _ session: inout DelegateSession
  ) -> [SessionEffect] {
    do throws(TransportError) {
      if !session.unsent.isEmpty {
        session.unsent.removeFirst(try connection.send(session.unsent[...]))
      }
      // Under TLS what is said before both are known waits for bytes that come in.
      let wantsToSend = connection.hasUnsent || connection.isReady && !session.unsent.isEmpty
      let events = wantsToSend ? POLLIN | POLLOUT : POLLIN
      wait([pollfd(fd: connection.descriptor, events: Int16(events), revents: 0)])
      guard let bytes = try connection.receive() else { return [] }
      guard !bytes.isEmpty else { throw .closed }
      return session.receive(bytes, atMilliseconds: currentTime().milliseconds)
    } catch {
      return session.close("\(error)")
    }
  }

  /// Waits for what is given, for the program and for the signal, but not long where a program
  /// runs: its end is no event.
  private func wait(_ more: [pollfd]) {
    var all = more
    // Without a connection the signal has done its work, and would only keep this from waiting.
    for descriptor in desk.descriptors + (more.isEmpty ? [] : [stop.descriptor]) {
      all.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
    }
    poll(&all, nfds_t(all.count), desk.isBusy ? 20 : 1000)
  }
}

/// Both clocks, now.
public func currentTime() -> DeskTime {
  var real = timespec()
  clock_gettime(CLOCK_REALTIME, &real)
  var steady = timespec()
  clock_gettime(CLOCK_MONOTONIC, &steady)
  return DeskTime(
    now: Instant(microseconds: Int64(real.tv_sec) * 1_000_000 + Int64(real.tv_nsec) / 1000),
    milliseconds: Int64(steady.tv_sec) * 1000 + Int64(steady.tv_nsec) / 1_000_000)
}
