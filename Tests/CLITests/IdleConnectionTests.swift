// Many who connect where delegates do, and say nothing: an order is carried out as if they were not there.

import Foundation
import Testing
import WritModel
import WritTesting
import WritTransport

@Suite("Idle connections", .serialized)
final class IdleConnectionTests {
  private let site: RunSite

  init() throws { site = try RunSite() }

  /// Connects as soon as somebody listens, as often as is said, and holds on to it until the end of the test.
  private final class Crowd: @unchecked Sendable {
    private let lock = NSLock()
    private var connections: [StreamConnection] = []
    private var isOver = false

    /// - Parameter words: What each says, once.
    init(of count: Int, at endpoint: Endpoint, saying words: [UInt8] = [], then mark: String) {
      let crowd = self
      Thread.detachNewThread {
        while !crowd.hasEnded {
          guard let connection = try? StreamConnection(to: endpoint, milliseconds: 1000) else {
            usleep(10_000)
            continue
          }
          if !words.isEmpty { _ = try? connection.send(words[...]) }
          if crowd.add(connection) == count {
            _ = FileManager.default.createFile(atPath: mark, contents: nil)
            return
          }
        }
      }
    }

    private var hasEnded: Bool { lock.withLock { isOver } }

    private func add(_ connection: StreamConnection) -> Int {
      lock.withLock {
        connections.append(connection)
        return connections.count
      }
    }

    func leave() {
      lock.withLock {
        isOver = true
        connections = []
      }
    }
  }

  /// The command; a delegate comes once the crowd is there, and how long that takes it is in `took`, in milliseconds.
  private func behindCrowd(_ command: String, _ serve: String) -> String {
    """
    (
      for i in $(seq 2000); do [ -e crowd ] && break; sleep 0.01; done
      date +%s%3N > began
      exec writ-delegate serve eu-1 \(serve) 2> delegate.err
    ) & delegate=$!
    code=0
    writ \(command) --arg service=Service/web --bundle b --graph g --caller Identity/bot --log log \
      --permit-key permit.key --delegate eu-1/delegate.pub --wait 20s || code=$?
    echo $(( $(date +%s%3N) - $(cat began) )) > took
    kill $delegate; exit $code
    """
  }

  /// What passes between the delegate's coming and the end of the command: the program and its records are in that.
  private var milliseconds: Int {
    get throws {
      let text = String(decoding: try site.scratch.bytes("took"), as: UTF8.self)
      return try #require(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }
  }

  @Test(
    "sixty at a Unix socket hold up neither an action nor a run, whether they are silent or begin to speak",
    arguments: ["act deploy", "run one"], [[], Array("{".utf8)])
  func atSocket(_ command: String, _ words: [UInt8]) throws {
    let socket = "\(site.scratch.path)/sock"
    let crowd = Crowd(
      of: 60, at: .unix(path: socket), saying: words, then: site.scratch.path + "/crowd")
    defer { crowd.leave() }
    try site.expect(
      behindCrowd("\(command) --listen unix:\(socket)", "--connect unix:\(socket)"),
      says: "SUCCEEDED")
    #expect(try milliseconds < 4_000)
  }

  @Test("sixty over a network do not either", arguments: ["act deploy", "run one"])
  func overNetwork(_ command: String) throws {
    let listener = try Listener(.tcp(host: "127.0.0.1", port: 0))
    guard case .tcp(_, let port) = listener.endpoint else { return }
    _ = consume listener
    try site.expect("writ key new control-tls -o tls.key; writ-delegate tls eu-1")
    let crowd = Crowd(
      of: 60, at: .tcp(host: "127.0.0.1", port: port), then: site.scratch.path + "/crowd")
    defer { crowd.leave() }
    try site.expect(
      behindCrowd(
        "\(command) --listen 127.0.0.1:\(port) --tls-key tls.key --delegate-tls eu-1/tls.pub",
        "--connect 127.0.0.1:\(port) --control-tls tls.key.pub"),
      says: "SUCCEEDED")
    #expect(try milliseconds < 4_000)
  }

  @Test("a crowd that is all that comes is told of once, and the wait ends when it should")
  func nobodyElse() throws {
    let socket = "\(site.scratch.path)/sock"
    let crowd = Crowd(of: 60, at: .unix(path: socket), then: site.scratch.path + "/crowd")
    defer { crowd.leave() }
    try site.expect(
      """
      writ act deploy --arg service=Service/web --bundle b --graph g --caller Identity/bot --log log \
        --permit-key permit.key --delegate eu-1/delegate.pub --listen unix:\(socket) --wait 4s
      """, 74, says: "it does not say who it is")
    #expect(try site.kinds().isEmpty)
  }
}
