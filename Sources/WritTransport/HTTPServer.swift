// An HTTP/1.1 server in one thread: poll, and a bounded number of connections. No TLS: it belongs
// behind a proxy that speaks it, or on a network of one's own.
import Glibc

/// Serves one listening socket until it is asked to stop.
public struct HTTPServer: Sendable {
  private let listener: Listener
  private let limits: HTTPLimits
  private let handler: @Sendable (HTTPRequest) -> HTTPResponse

  /// A peer, by its socket.
  private struct Peer {
    let socket: Socket
    var connection: HTTPConnection
  }

  /// Serves requests with that handler, one after the other. A handler must not wait for long: all
  /// other peers wait with it.
  public init(
    _ listener: Listener, limits: HTTPLimits = HTTPLimits(),
    handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
  ) {
    self.listener = listener
    self.limits = limits
    self.handler = handler
  }

  /// Runs until the signal comes. A request that was received whole is answered before, unless its
  /// peer does not read.
  public func run(until stop: StopSignal) {
    var peers: [Peer] = []
    // When to listen again after the system had no room for a connection.
    var listensFrom: Int64 = 0
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let start = monotonicMilliseconds()
      let isListening = listensFrom <= start && makesRoom(peers)
      var descriptors = [
        pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(
          fd: listener.socket.descriptor, events: Int16(isListening ? POLLIN : 0), revents: 0),
      ]
      for peer in peers {
        let events = peer.connection.wantsInput ? POLLIN : POLLOUT
        descriptors.append(
          pollfd(fd: peer.socket.descriptor, events: Int16(events), revents: 0))
      }
      let deadlines = peers.map(\.connection.deadline) + (listensFrom > start ? [listensFrom] : [])
      let left = (deadlines.min() ?? .max) - start
      _ = wait(&descriptors, milliseconds: min(max(left, 0), 60_000))
      if descriptors[0].revents != 0 { return }
      let now = monotonicMilliseconds()
      for (index, descriptor) in descriptors.dropFirst(2).enumerated() {
        if descriptor.revents != 0 { serve(&peers[index], &buffer, now) }
        expire(&peers[index], now)
      }
      peers.removeAll(where: \.connection.isFinished)
      if descriptors[1].revents != 0, !accept(&peers, now) { listensFrom = now + 100 }
    }
  }

  /// Whether another peer can be taken: there is room, or one that can go.
  private func makesRoom(_ peers: [Peer]) -> Bool {
    peers.count < limits.connectionCount || peers.contains(where: \.connection.isIdle)
  }

  /// Takes peers that wait, each in place of the one that is idle longest where there is no room;
  /// `false` where the system has none.
  private func accept(_ peers: inout [Peer], _ now: Int64) -> Bool {
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
        peers.append(
          Peer(socket: socket, connection: HTTPConnection(limits: limits, now: now)))
      }
    }
    return true
  }

  /// Ends what has lasted too long, though something may still come: a peer that never stops talking
  /// has no more time than others.
  private func expire(_ peer: inout Peer, _ now: Int64) {
    guard !peer.connection.isFinished, peer.connection.deadline <= now else { return }
    peer.connection.expire(now: now)
    flush(&peer, now)
  }

  /// Does what can be done for a peer whose socket is ready.
  private func serve(_ peer: inout Peer, _ buffer: inout [UInt8], _ now: Int64) {
    if peer.connection.wantsInput {
      switch peer.socket.receive(&buffer) {
      case .later: return
      case .failed: return peer.connection.end()
      case .count(0): peer.connection.end()
      case .count(let count):
        peer.connection.receive(buffer[..<count], now: now, handler: handler)
      }
    }
    flush(&peer, now)
  }

  /// Sends what the peer's socket takes.
  private func flush(_ peer: inout Peer, _ now: Int64) {
    let wasLingering = peer.connection.isLingering
    while !peer.connection.unsent.isEmpty {
      switch peer.socket.send(peer.connection.unsent) {
      case .later: return
      case .failed: return peer.connection.end()
      case .count(let count): peer.connection.sent(count, now: now, handler: handler)
      }
    }
    if peer.connection.isLingering && !wasLingering { peer.socket.shutSending() }
  }
}
