// Delegates over a network: TLS with the keys that were named, and with no others.

import Foundation
import Testing
import WritModel
import WritTesting
import WritTransport

@Suite("Delegates over a network", .serialized)
final class NetworkTests {
  private let site: RunSite
  private let port: UInt16

  init() throws {
    site = try RunSite()
    // A port that was free just now.
    let listener = try Listener(.tcp(host: "127.0.0.1", port: 0))
    guard case .tcp(_, let port) = listener.endpoint else { throw WrongEndpoint() }
    self.port = port
    try site.expect(
      """
      writ key new control-tls -o tls.key
      writ key new other-tls -o other.key
      writ-delegate tls eu-1 > shown
      cmp shown eu-1/tls.pub
      """)
  }

  private struct WrongEndpoint: Error {}

  /// The command with a delegate beside it, both at the port.
  private func act(
    control: String = "tls.key.pub", delegate: String = "eu-1/tls.pub", wait: String = "20s"
  ) -> String {
    """
    writ-delegate serve eu-1 --connect 127.0.0.1:\(port) --control-tls \(control) 2> delegate.err &
    delegate=$!
    code=0
    writ act deploy --arg service=Service/web --bundle b --graph g --caller Identity/bot --log log \
      --permit-key permit.key --delegate eu-1/delegate.pub --listen 127.0.0.1:\(port) \
      --tls-key tls.key --delegate-tls \(delegate) --wait \(wait) || code=$?
    kill $delegate; exit $code
    """
  }

  private var said: String {
    get throws { String(decoding: try site.scratch.bytes("delegate.err"), as: UTF8.self) }
  }

  @Test("an action is done over TLS")
  func acts() throws {
    try site.expect(act(), says: "SUCCEEDED")
    #expect(try site.ran() == ["deploy"])
    #expect(try site.kinds() == ["gate", "permit", "result"])
  }

  @Test("a control plane with another key gets no word")
  func falseControl() throws {
    try site.expect(act(control: "other.key.pub", wait: "3s"), 74, says: "no TLS with the peer")
    #expect(try said.contains("which is not one of those named"))
    #expect(try site.ran().isEmpty && site.kinds().isEmpty)
  }

  @Test("a delegate with another key gets no order")
  func falseDelegate() throws {
    try site.expect(
      act(delegate: "other.key.pub", wait: "3s"), 74, says: "which is not one of those named")
    #expect(try site.ran().isEmpty && site.kinds().isEmpty)
  }

  @Test("without keys nothing is spoken over a network")
  func usage() throws {
    let act = """
      writ act deploy --arg service=Service/web --bundle b --graph g --caller Identity/bot --log log \
      --permit-key permit.key --delegate eu-1/delegate.pub
      """
    let network = "\(act) --listen 127.0.0.1:\(port)"
    try site.expect(network, 64, says: "needs TLS")
    try site.expect("\(network) --tls-key tls.key", 64, says: "needs TLS")
    try site.expect(
      "\(act) --listen unix:\(site.scratch.path)/sock --tls-key tls.key", 64,
      says: "no TLS at a Unix socket")
    try site.expect(
      "\(network) --tls-key permit.key --delegate-tls eu-1/tls.pub", 65,
      says: "give each function its own key")
    let serve = "writ-delegate serve eu-1 --connect"
    try site.expect("\(serve) 127.0.0.1:\(port)", 64, says: "needs `--control-tls`")
    try site.expect("\(serve) sock --control-tls tls.key.pub", 64, says: "no TLS at a Unix socket")
    try site.expect(
      "rm eu-1/tls.key; \(serve) 127.0.0.1:\(port) --control-tls tls.key.pub", 66, says: "tls.key")
  }

  @Test("a key makes the same certificate each time")
  func certificate() throws {
    try site.expect(
      """
      writ key tls tls.key -o tls.crt
      writ key tls tls.key | cmp - tls.crt
      """)
  }
}
