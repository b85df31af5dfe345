// Servers of others, for tests of requests: they answer what they are told to, byte for byte.

import Foundation
import Synchronization

/// Answers each request, whole, with bytes, and closes.
final class ScriptedServer: Sendable {
  let port: UInt16
  private let descriptor: Int32
  private let seen = Mutex<[String]>([])

  /// - Parameter answer: To a request as text. `nil`: the connection is closed without a word.
  init(_ answer: @escaping @Sendable (String) -> String?) throws {
    let listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listening, $0, size) == 0 && listen(listening, 16) == 0
          && getsockname(listening, $0, &size) == 0
      }
    }
    guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
    descriptor = listening
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread { [self] in
      while true {
        let peer = accept(listening, nil, nil)
        guard peer >= 0 else { return }
        serve(peer, answer)
        close(peer)
      }
    }
  }

  /// Whole requests, in order.
  var requests: [String] { seen.withLock { $0 } }

  /// No connection is taken from now on.
  func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  private func serve(_ peer: Int32, _ answer: (String) -> String?) {
    var text = ""
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while !ScriptedServer.isWhole(text) {
      let count = recv(peer, &buffer, buffer.count, 0)
      guard count > 0 else { return }
      text += String(decoding: buffer[..<count], as: UTF8.self)
    }
    seen.withLock { $0.append(text) }
    guard let bytes = answer(text).map({ Array($0.utf8) }) else { return }
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        send(peer, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      sent += count
    }
  }

  private static func isWhole(_ text: String) -> Bool {
    guard let end = text.firstRange(of: "\r\n\r\n") else { return false }
    let length = text[..<end.lowerBound].split(separator: "\r\n")
      .first { $0.lowercased().hasPrefix("content-length:") }
      .flatMap { Int($0.dropFirst(15).filter(\.isNumber)) }
    return text[end.upperBound...].utf8.count >= length ?? 0
  }

  /// An answer with a body of a known length.
  static func answer(_ status: String, _ body: String, _ fields: String = "") -> String {
    "HTTP/1.1 \(status)\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }
}
