// Small servers for tests of programs that ask servers.

import Foundation
import WritTransport

/// Waits for something that another process does; gives up after a minute.
func waitUntil(_ holds: () throws -> Bool) throws {
  for _ in 0..<6000 {
    if try holds() { return }
    usleep(10_000)
  }
  throw WaitError()
}

private struct WaitError: Error {}

/// Serves the files of a directory.
final class StaticServer {
  let url: String
  private let signal: StopSignal
  private let ended = DispatchSemaphore(value: 0)

  init(_ directory: String) throws {
    let listener = try Listener(.tcp(host: "127.0.0.1", port: 0))
    url = "http://\(listener.endpoint)"
    signal = try StopSignal.manual()
    let server = HTTPServer(listener) { request in
      let path = directory + request.target
      guard request.method == "GET", !path.contains(".."),
        let bytes = FileManager.default.contents(atPath: path)
      else { return HTTPResponse(status: 404, text: "nothing\n") }
      return HTTPResponse(status: 200, body: Array(bytes))
    }
    let (signal, ended) = (signal, ended)
    Thread.detachNewThread {
      server.run(until: signal)
      ended.signal()
    }
  }

  /// No connection is taken from now on.
  func stop() {
    signal.raise()
    // The signal stays given, and so does the end.
    ended.wait()
    ended.signal()
  }

  deinit { stop() }
}

/// Accepts connections and never says a word.
final class SilentServer {
  let url: String
  private let descriptor: Int32

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var count = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(descriptor, $0, count)
        _ = listen(descriptor, 8)
        _ = getsockname(descriptor, $0, &count)
      }
    }
    url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
  }

  /// Whether somebody has connected.
  var hasBeenAsked: Bool {
    var asked = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&asked, 1, 0) == 1
  }

  deinit { close(descriptor) }
}
