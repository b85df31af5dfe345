// An HTTP/1.1 server in one thread: poll, and a bounded number of connections. What takes its time is done in a thread beside it.
// No TLS: it belongs behind a proxy that speaks it, or on a network of one's own.
import Glibc

/// What a handler says to a request.
public enum HTTPAnswer: Sendable {
  case now(HTTPResponse)
  /// Work that takes its time. One piece is done at a time, beside the server's thread, and others are refused as `HTTPError.busy`
  /// meanwhile.
  case later(@Sendable () -> HTTPResponse)
}

/// Serves one listening socket until it is asked to stop.
public struct HTTPServer: Sendable {
  private let listener: Listener
  private let limits: HTTPLimits
  private let refusal: @Sendable (HTTPError) -> HTTPResponse
  private let handler: @Sendable (HTTPRequest) -> HTTPAnswer

  /// A peer, by its socket.
  private struct Peer {
    /// No two peers of a server have the same.
    let ticket: Int
    let socket: Socket
    var connection: HTTPConnection
  }

  /// Serves requests with that handler, one after the other. A handler must not wait for long: all
  /// other peers wait with it.
  public init(
    _ listener: Listener, limits: HTTPLimits = HTTPLimits(),
    handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
  ) {
    self.init(listener, limits: limits, refusal: HTTPResponse.init(refusing:)) { request in
      .now(handler(request))
    }
  }

  /// The same with a handler some of whose answers take their time.
  ///
  /// - Parameter refusal: The answer to what is not taken.
  public init(
    _ listener: Listener, limits: HTTPLimits,
    refusal: @escaping @Sendable (HTTPError) -> HTTPResponse,
    answering handler: @escaping @Sendable (HTTPRequest) -> HTTPAnswer
  ) {
    self.listener = listener
    self.limits = limits
    self.refusal = refusal
    self.handler = handler
  }

  /// Runs until the signal comes. A request that was received whole is answered before, unless its
  /// peer does not read; work that takes its time is waited for.
  public func run(until stop: StopSignal) {
    let side = SideThread()
    defer { side.finish() }
    var peers: [Peer] = []
    var nextTicket = 0
    // When to listen again after the system had no room for a connection.
    var listensFrom: Int64 = 0
    var isStopping = false
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let start = monotonicMilliseconds()
      let isListening = !isStopping && listensFrom <= start && makesRoom(peers)
      var descriptors = [
        pollfd(fd: isStopping ? -1 : stop.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(
          fd: listener.socket.descriptor, events: Int16(isListening ? POLLIN : 0), revents: 0),
        pollfd(fd: side.descriptor, events: Int16(POLLIN), revents: 0),
      ]
      descriptors += peers.map(HTTPServer.wish)
      let deadlines = peers.map(\.connection.deadline) + (listensFrom > start ? [listensFrom] : [])
      let left = (deadlines.min() ?? .max) - start
      _ = wait(&descriptors, milliseconds: min(max(left, 0), 60_000))
      if descriptors[0].revents != 0 {
        guard peers.contains(where: \.connection.isAwaiting) else { return }
        isStopping = true
      }
      let now = monotonicMilliseconds()
      // Nothing new is begun at the end.
      let taker = isStopping ? nil : side
      for (index, descriptor) in descriptors.dropFirst(3).enumerated() {
        if descriptor.revents != 0 { serve(&peers[index], &buffer, now, taker) }
        expire(&peers[index], now)
      }
      if descriptors[2].revents != 0, let (ticket, response) = side.result(),
        let index = peers.firstIndex(where: { $0.ticket == ticket })
      {
        peers[index].connection.answer(response, now: now)
        flush(&peers[index], now, taker)
      }
      // At the end whoever waits for nothing is left.
      peers.removeAll { peer in
        peer.connection.isFinished || isStopping && peer.connection.wantsInput
      }
      if isStopping, peers.isEmpty { return }
      if descriptors[1].revents != 0, !accept(&peers, now, &nextTicket) { listensFrom = now + 100 }
    }
  }

  /// What is waited for of a peer; of one whose answer is worked out only that it goes.
  private static func wish(_ peer: Peer) -> pollfd {
    let events =
      peer.connection.isAwaiting ? 0 : peer.connection.wantsInput ? POLLIN : POLLOUT
    return pollfd(fd: peer.socket.descriptor, events: Int16(events), revents: 0)
  }

  /// Whether another peer can be taken: there is room, or one that can go.
  private func makesRoom(_ peers: [Peer]) -> Bool {
    peers.count < limits.connectionCount || peers.contains(where: \.connection.isIdle)
  }

  /// Takes peers that wait, each in place of the one that is idle longest where there is no room;
  /// `false` where the system has none.
  private func accept(_ peers: inout [Peer], _ now: Int64, _ nextTicket: inout Int) -> Bool {
    while makesRoom(peers) {
      switch listener.accept() {
      case .none: return true
      case .exhausted: return false
      case .socket(let socket):
        if peers.count >= limits.connectionCount {
          let idle = peers.indices.filter { peers[$0].connection.isIdle }
          let oldest = idle.min { peers[$0].connection.deadline < peers[$1].connection.deadline }
          if let oldest { peers.remove(at: oldest) }
        }
        let connection = HTTPConnection(limits: limits, now: now, refusal: refusal)
        peers.append(Peer(ticket: nextTicket, socket: socket, connection: connection))
        nextTicket += 1
      }
    }
    return true
  }

  /// Ends what has lasted too long, though something may still come: a peer that never stops talking
  /// has no more time than others.
  private func expire(_ peer: inout Peer, _ now: Int64) {
    guard !peer.connection.isFinished, peer.connection.deadline <= now else { return }
    peer.connection.expire(now: now)
    // What has expired asks nothing more.
    flush(&peer, now, nil)
  }

  /// The answer to a request of a peer; `nil` where it comes later.
  private func answer(
    _ request: HTTPRequest, _ ticket: Int, _ side: SideThread?
  ) -> HTTPResponse? {
    switch handler(request) {
    case .now(let response): return response
    case .later(let work):
      guard let side, side.start(ticket, work) else { return refusal(.busy) }
      return nil
    }
  }

  /// Does what can be done for a peer whose socket is ready.
  private func serve(
    _ peer: inout Peer, _ buffer: inout [UInt8], _ now: Int64, _ side: SideThread?
  ) {
    // It is gone, as nothing else was asked of its socket.
    if peer.connection.isAwaiting { return peer.connection.end() }
    if peer.connection.wantsInput {
      switch peer.socket.receive(&buffer) {
      case .later: return
      case .failed: return peer.connection.end()
      case .count(0): peer.connection.end()
      case .count(let count):
        let ticket = peer.ticket
        peer.connection.receive(buffer[..<count], now: now) { answer($0, ticket, side) }
      }
    }
    flush(&peer, now, side)
  }

  /// Sends what the peer's socket takes.
  private func flush(_ peer: inout Peer, _ now: Int64, _ side: SideThread?) {
    let wasLingering = peer.connection.isLingering
    let ticket = peer.ticket
    while !peer.connection.unsent.isEmpty {
      switch peer.socket.send(peer.connection.unsent) {
      case .later: return
      case .failed: return peer.connection.end()
      case .count(let count):
        peer.connection.sent(count, now: now) { answer($0, ticket, side) }
      }
    }
    if peer.connection.isLingering && !wasLingering { peer.socket.shutSending() }
  }
}
