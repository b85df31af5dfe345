// What serving at a door takes: the site of an action whose policy has callers sign, a key of one, and the door as a process.

import Foundation
import Testing
import WritCrypto
import WritEvidence
import WritModel
import WritTransport

/// `writ serve` under way. Any thread asks.
final class DoorProcess: @unchecked Sendable {
  let process = Process()
  /// Where it listens.
  let endpoint: Endpoint
  private let output: FileHandle

  /// Starts it at a free port, or where that is said, and waits until it says where.
  init(_ options: String, in directory: String, at address: String = "127.0.0.1:0") throws {
    process.executableURL = URL(fileURLWithPath: Program.folder + "/writ")
    process.arguments =
      ["serve", "--http", address, "--json"]
      + options.split(whereSeparator: \.isWhitespace).map(String.init)
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    process.environment = ["PATH": "/usr/bin:/bin"]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    output = pipe.fileHandleForReading
    try process.run()
    var line: [UInt8] = []
    while line.last != 0x0a, let byte = try output.read(upToCount: 1), !byte.isEmpty {
      line += byte
    }
    let said = try JSONValue(parsing: Array(line.dropLast()))["listening"]?.string ?? ""
    endpoint = try #require(
      Endpoint(said.hasPrefix("http://") ? String(said.dropFirst(7)) : said))
  }

  /// Sends a request and waits for the answer.
  func send(
    _ method: String, _ target: String, _ body: [UInt8] = [], _ fields: [HTTPField] = [],
    host: String? = nil
  ) throws -> HTTPResponse {
    var limits = HTTPLimits()
    limits.bodyByteCount = 8 << 20
    limits.exchangeMilliseconds = 60_000
    return try HTTPClient(limits: limits).send(
      HTTPRequest(method: method, target: target, fields: fields, body: body), to: endpoint,
      host: host ?? "\(endpoint)")
  }

  /// Asks with a document.
  func post(_ kind: String, _ body: JSONValue) throws -> HTTPResponse {
    try send(
      "POST", "/v1/\(kind)", Array(body.compact.utf8),
      [HTTPField("Content-Type", "application/json")])
  }

  /// Ends it, as a service manager would; its exit code.
  func end() -> Int32 {
    process.terminate()
    process.waitUntilExit()
    return process.terminationReason == .exit ? process.terminationStatus : -1
  }

  deinit { if process.isRunning { _ = end() } }
}

extension HTTPResponse {
  /// The document that it is.
  var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
}

extension JSONValue {
  /// The same object with some members more, or in place of its own.
  func with(_ members: [JSONMember]) -> JSONValue {
    let others = (object ?? []).filter { own in !members.contains { $0.name == own.name } }
    return .object(others + members)
  }
}

/// A site of an action at which the bot signs, with a delegate that is always there and a door.
final class DoorSite {
  let site: ActionSite
  static let asking = "--bundle b --graph g"
  let options: String

  init() throws {
    site = try ActionSite()
    try site.expect(
      #"""
      sed -i 's/ callers unsigned//' checkout.writ
      for name in bot issuer; do writ key new $name -o $name.key; done
      entry() { printf '{"name":"%s","key":"%s","actor":"Identity/%s","roles":[%s]}\n' $1 "$(cat $1.key.pub)" $2 "$3" >> registry.jsonl; }
      entry bot deploy-bot; entry issuer ines '"@issuer"'
      writ build checkout.writ -o b --registry registry.jsonl
      """#)
    options = """
      \(DoorSite.asking) --log log --permit-key permit.key --delegate eu-1/delegate.pub \
      --listen unix:\(site.scratch.path)/sock --wait 20s
      """
  }

  func door() throws -> DoorProcess { try DoorProcess(options, in: site.scratch.path) }

  /// A delegate that takes orders until it is stopped.
  func delegate() throws -> Running {
    try Program.start(
      ["serve", "eu-1", "--connect", site.scratch.path + "/sock"], in: site.scratch.path,
      program: "writ-delegate")
  }

  /// A request of the site as the door takes it.
  func request(_ name: String) throws -> JSONValue {
    try JSONValue(parsing: site.scratch.bytes(name)).with([
      JSONMember("caller", "Identity/deploy-bot")
    ])
  }

  func key(_ name: String) throws -> Ed25519PrivateKey {
    try #require(
      Ed25519PrivateKey(pem: String(decoding: site.scratch.bytes("\(name).key"), as: UTF8.self)))
  }

  /// What a caller signs for a request that they asked about.
  func intent(
    _ request: JSONValue, by name: String = "bot", of caller: String = "Identity/deploy-bot",
    at age: Double = 0, over door: DoorProcess
  ) throws -> JSONValue {
    let asked = try door.post("ask", request).json
    let subject = try #require(asked["intent"]?["subject"]?.array?.first)
    let digest = try #require(subject["digest"]?["sha256"]?.string.flatMap(Digest.init(hex:)))
    let now = Int64((Date().timeIntervalSince1970 - age) * 1_000_000)
    return Intent(
      action: subject["name"]?.string ?? "", request: digest, caller: caller,
      id: (0..<16).map { _ in String(format: "%02x", UInt8.random(in: .min ... .max)) }.joined(),
      signedAt: Instant(microseconds: now)
    ).signed(by: try key(name)).json
  }

  /// The same request, signed.
  func signed(_ name: String, over door: DoorProcess) throws -> JSONValue {
    let request = try request(name)
    return request.with([JSONMember("intent", try intent(request, over: door))])
  }

  /// Kinds of the log's records, and of refusals the reason.
  func kinds() throws -> [String] {
    try site.records().map { record in
      record["taken"] == false
        ? record["reason"]?.string ?? "" : record["kind"]?.string ?? ""
    }
  }
}
