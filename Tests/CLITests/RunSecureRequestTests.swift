// Actions that ask over https://: by name, and by authorities that the delegate believes.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite(
  "Runs that ask over TLS", .serialized,
  .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")))
final class RunSecureRequestTests {
  private let site: RunSite
  private let server = Process()
  private var port = ""

  init() throws {
    site = try RunSite()
    try site.expect(
      """
      mkdir served; cd served
      for name in ca other; do
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $name.key -out $name.pem \
          -days 2 -subj /CN=$name 2> /dev/null
      done
      openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.csr -subj /CN=x 2> /dev/null
      echo subjectAltName=DNS:localhost > names
      openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -days 2 -extfile names -out server.pem 2> /dev/null
      printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 4\\r\\n\\r\\nfine' > health
      """)
    server.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    server.arguments = [
      "s_server", "-accept", "127.0.0.1:0", "-cert", "server.pem", "-key", "server.key", "-HTTP",
    ]
    server.currentDirectoryURL = URL(fileURLWithPath: site.scratch.path + "/served")
    let log = site.scratch.path + "/served/log"
    try Data().write(to: URL(fileURLWithPath: log))
    server.standardOutput = FileHandle(forWritingAtPath: log)
    server.standardError = FileHandle.nullDevice
    server.standardInput = Pipe()
    try server.run()
    try waitUntil {
      let text = String(decoding: try site.scratch.bytes("served/log"), as: UTF8.self)
      guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("ACCEPT ") }) else {
        return false
      }
      port = String(line.split(separator: ":").last ?? "")
      return true
    }
  }

  deinit { server.terminate() }

  private func run(host: String, authorities: String?, _ code: Int32, says: String) throws {
    let origin = "https://\(host):\(port)"
    try site.scratch.write(
      RunSite.policy + """
        action health(service: Service) kind scan guarded by ship(service) effect none {
          http GET "\(origin)/health" answer body timeout 10s
        }
        pipeline looking(service: Service) {
          stage go { health(service) -> said: String  run "./look.sh" said }
        }
        """, to: "shop.writ")
    let believed = authorities.map {
      #", "authorities": "\#(site.scratch.path)/served/\#($0).pem""#
    }
    try site.expect(
      """
      writ build shop.writ -o b --registry registry.jsonl
      writ graph import --schema shop.writ facts.jsonl -o g
      sed -i '/^{"http/s|.*|{|; 1s|{|{"http": {"origins": ["\(origin)"]\(believed ?? "")},\\n|' eu-1/delegate.json
      """)
    try site.expect(site.run("looking --arg service=Service/web"), code)
    try site.expect("writ run show \(try site.runName()) --runs runs", code, says: says)
  }

  @Test("an authority that the delegate is told of vouches for the name that is asked")
  func vouched() throws {
    try run(host: "localhost", authorities: "ca", 0, says: "SUCCEEDED")
    #expect(String(decoding: try site.scratch.bytes("ran"), as: UTF8.self).contains("look.sh fine"))
  }

  @Test("another authority, those of the system, and another name are no proof")
  func notVouched() throws {
    try run(host: "localhost", authorities: "other", 74, says: "no TLS with the server")
    try run(host: "localhost", authorities: nil, 74, says: "no TLS with the server")
    try run(host: "127.0.0.1", authorities: "ca", 74, says: "no TLS with the server")
    try run(host: "localhost", authorities: "none", 74, says: "no TLS with the server")
    #expect(try site.ran().isEmpty)
  }
}
