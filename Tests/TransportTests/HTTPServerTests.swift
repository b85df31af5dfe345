// Server and client over real sockets of this machine: a free port, or a path of the test's own.
import Foundation
import Synchronization
import Testing
import WritTransport

/// A server in a thread of its own, which ends with the test.
private final class RunningServer: Sendable {
  let endpoint: Endpoint
  private let stop: StopSignal
  private let ended = DispatchSemaphore(value: 0)

  convenience init(
    _ wanted: Endpoint = .tcp(host: "127.0.0.1", port: 0), _ limits: HTTPLimits = HTTPLimits(),
    handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
  ) throws {
    try self.init(wanted, limits, answering: { .now(handler($0)) })
  }

  init(
    _ wanted: Endpoint = .tcp(host: "127.0.0.1", port: 0), _ limits: HTTPLimits = HTTPLimits(),
    answering handler: @escaping @Sendable (HTTPRequest) -> HTTPAnswer
  ) throws {
    let listener = try Listener(wanted)
    endpoint = listener.endpoint
    let stop = try StopSignal.manual()
    self.stop = stop
    let server = HTTPServer(
      listener, limits: limits, refusal: HTTPResponse.init(refusing:), answering: handler)
    let ended = ended
    Thread.detachNewThread {
      server.run(until: stop)
      ended.signal()
    }
  }

  func end() {
    stop.raise()
    ended.wait()
  }
}

/// Says back what it was asked.
@Sendable private func echo(_ request: HTTPRequest) -> HTTPResponse {
  HTTPResponse(status: 200, body: bytes("\(request.method) \(request.target) ") + request.body)
}

private func socketPath() -> String {
  FileManager.default.temporaryDirectory.path + "/writ-\(UUID().uuidString.prefix(8)).sock"
}

/// A plain connection to a server on this machine.
private func connected(to endpoint: Endpoint) throws -> Int32 {
  guard case .tcp(_, let port) = endpoint else { return -1 }
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  let result = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
  try #require(result == 0)
  return descriptor
}

@Suite struct HTTPServerTests {
  @Test func overTCP() throws {
    let server = try RunningServer(handler: echo)
    defer { server.end() }
    let url = try HTTPURL("http://\(server.endpoint)/x")
    #expect(try HTTPClient().get(url).body == bytes("GET /x "))
    let body = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0) }
    var limits = HTTPLimits()
    limits.bodyByteCount = 2 << 20
    let answer = try HTTPClient(limits: limits).post(body, type: "text/plain", to: url)
    #expect(answer.body == bytes("POST /x ") + body)
    #expect(throws: TransportError.message(.bodyTooLong)) {
      try HTTPClient().post(body, type: "text/plain", to: url)
    }
    #expect(try HTTPClient().post(body + [0], type: "text/plain", to: url).status == 413)
  }

  @Test func overAUnixSocketForThisUserAlone() throws {
    let path = socketPath()
    let server = try RunningServer(.unix(path: path), handler: echo)
    let request = HTTPRequest(method: "GET", target: "/y")
    let answer = try HTTPClient().send(request, to: server.endpoint, host: "local")
    #expect(answer.body == bytes("GET /y "))
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
    #expect((mode as? NSNumber)?.intValue == 0o600)
    #expect(throws: TransportError.inUse("unix:\(path)")) { try Listener(.unix(path: path)) }
    server.end()
  }

  @Test func whatNobodyAnswersAtIsTakenOver() throws {
    let path = socketPath()
    defer { unlink(path) }
    // A socket file that its server left behind.
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(bound == 0)
    close(descriptor)
    let server = try RunningServer(.unix(path: path), handler: echo)
    let request = HTTPRequest(method: "GET", target: "/")
    #expect(try HTTPClient().send(request, to: server.endpoint, host: "x").status == 200)
    server.end()
    // A file that is no socket is nobody's to take.
    let file = socketPath()
    defer { unlink(file) }
    try Data().write(to: URL(fileURLWithPath: file))
    #expect(throws: TransportError.inUse("unix:\(file)")) { try Listener(.unix(path: file)) }
  }

  @Test func aPortIsListenedAtOnce() throws {
    let server = try RunningServer(handler: echo)
    #expect(throws: TransportError.inUse("\(server.endpoint)")) { try Listener(server.endpoint) }
    server.end()
  }

  @Test func nobodyIsThere() throws {
    // Bound, so that no other test is given the port, and not listened at.
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    #expect(isBound)
    let url = try HTTPURL("http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/")
    #expect {
      try HTTPClient().get(url)
    } throws: { error in
      guard case TransportError.system(_, let code) = error else { return false }
      return code == ECONNREFUSED
    }
    #expect(throws: TransportError.self) { try HTTPClient().get(HTTPURL("http://no.invalid/")) }
  }

  @Test func aServerThatDoesNotAnswerInTime() throws {
    // Listened at, and nobody accepts.
    let listener = try Listener(.tcp(host: "127.0.0.1", port: 0))
    var limits = HTTPLimits()
    limits.exchangeMilliseconds = 50
    let url = try HTTPURL("http://\(listener.endpoint)/")
    #expect(throws: TransportError.timeout) { try HTTPClient(limits: limits).get(url) }
  }

  @Test func idleConnectionsMakeRoomForOthers() throws {
    var limits = HTTPLimits()
    limits.connectionCount = 4
    let server = try RunningServer(.tcp(host: "127.0.0.1", port: 0), limits, handler: echo)
    defer { server.end() }
    // Ten that connect and say nothing.
    let silent = try (0..<10).map { _ in try connected(to: server.endpoint) }
    defer { for descriptor in silent { close(descriptor) } }
    let url = try HTTPURL("http://\(server.endpoint)/")
    for _ in 0..<10 { #expect(try HTTPClient().get(url).status == 200) }
  }

  @Test func aPeerThatNeverStopsTalkingHasNoMoreTimeThanOthers() throws {
    var limits = HTTPLimits()
    limits.startLineByteCount = 1 << 30
    limits.headByteCount = 1 << 30
    limits.requestMilliseconds = 100
    let server = try RunningServer(.tcp(host: "127.0.0.1", port: 0), limits, handler: echo)
    defer { server.end() }
    let descriptor = try connected(to: server.endpoint)
    defer { close(descriptor) }
    var answer = [UInt8](repeating: 0, count: 4096)
    var count = 0
    var sent = 0
    while count <= 0 && sent < 10_000_000 {
      var byte: UInt8 = sent < 5 ? bytes("GET /")[sent] : 0x61
      send(descriptor, &byte, 1, Int32(MSG_NOSIGNAL))
      sent += 1
      count = recv(descriptor, &answer, answer.count, Int32(MSG_DONTWAIT))
    }
    #expect(String(decoding: answer.prefix(max(count, 0)), as: UTF8.self).hasPrefix("HTTP/1.1 408"))
  }

  @Test func manyAtOnce() throws {
    let count = Mutex(0)
    let server = try RunningServer { request in
      count.withLock { $0 += 1 }
      return echo(request)
    }
    defer { server.end() }
    let url = try HTTPURL("http://\(server.endpoint)/z")
    let good = Mutex(0)
    DispatchQueue.concurrentPerform(iterations: 200) { _ in
      if (try? HTTPClient().get(url))?.body == bytes("GET /z ") { good.withLock { $0 += 1 } }
    }
    #expect(good.withLock { $0 } == 200)
    #expect(count.withLock { $0 } == 200)
  }

  /// What takes its time is done beside the server's thread, one piece at a time, and waited for at the end.
  @Test func whatTakesItsTimeHoldsUpNobody() throws {
    let (begun, goes) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let server = try RunningServer(answering: { request in
      guard request.target == "/slow" else { return .now(echo(request)) }
      return .later {
        begun.signal()
        goes.wait()
        return echo(request)
      }
    })
    let answers = Mutex<[[UInt8]]>([])
    let url = try HTTPURL("http://\(server.endpoint)/slow")
    let ended = DispatchSemaphore(value: 0)
    func ask() {
      Thread.detachNewThread {
        let answer = try? HTTPClient().get(url)
        answers.withLock { $0.append(answer?.body ?? []) }
        ended.signal()
      }
    }
    for _ in 0..<2 {
      ask()
      begun.wait()
      #expect(try HTTPClient().get(HTTPURL("http://\(server.endpoint)/x")).body == bytes("GET /x "))
      #expect(try HTTPClient().get(url).status == 503, "one at a time")
      goes.signal()
      ended.wait()
    }
    // Asked to end, it ends once the last is answered.
    ask()
    begun.wait()
    let isOver = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      server.end()
      isOver.signal()
    }
    #expect(isOver.wait(timeout: .now() + 0.1) == .timedOut)
    goes.signal()
    ended.wait()
    isOver.wait()
    #expect(answers.withLock { $0 } == Array(repeating: bytes("GET /slow "), count: 3))
  }
}
