// Approvals as `writ decide` takes them: one that counts, and the near misses.

import Foundation
import Testing
import WritCrypto
import WritEvidence
import WritModel
import WritTesting

@Suite("Approvals")
struct ApprovalTests {
  /// A way in which an approval is given, and what `writ decide` makes of it.
  struct Way: Sendable, CustomTestStringConvertible {
    let name: String
    var key = "bo.key"
    var role = "release_manager"
    var approver = "Person/bo"
    var service = "Service/web"
    var signed = "2020-11-19T09:00:00Z"
    var expires = "2020-11-19T18:00:00Z"
    var caller = "Person/cy"
    var isDamaged = false
    /// 0 allowed, 2 still held.
    let code: Int32
    /// What is said of an approval that does not count.
    var note: String?

    var testDescription: String { name }
  }

  static let ways = [
    Way(name: "good", code: 0),
    Way(
      name: "expired", expires: "2020-11-19T10:00:00Z", code: 2,
      note: "it expired at 2020-11-19T10:00:00Z"),
    Way(name: "expires a moment later", expires: "2020-11-19T10:00:00.000001Z", code: 0),
    Way(
      name: "signed later", signed: "2020-11-19T10:00:01Z", code: 2,
      note: "was signed later than now"),
    Way(
      name: "too old", signed: "2020-11-19T01:59:59Z", code: 2,
      note: "it was signed at 2020-11-19T01:59:59Z, and the gate takes one for 8h"),
    Way(name: "just not too old", signed: "2020-11-19T02:00:00Z", code: 0),
    Way(name: "another service", service: "Service/cart", code: 2, note: "is for another request"),
    Way(name: "another key", key: "log.key", code: 2, note: "no approver in the bundle"),
    Way(name: "another name", approver: "Person/ada", code: 2, note: "it names `Person/ada`"),
    Way(name: "another role", role: "owner", code: 2, note: "does not hold the role `owner`"),
    Way(name: "given by the caller", caller: "Person/bo", code: 2, note: "its giver asks"),
    Way(name: "changed", isDamaged: true, code: 2, note: "did not sign it"),
  ]

  @Test("an approval counts, or it does not and the decision says why", arguments: ways)
  func approval(_ way: Way) throws {
    let scratch = try Scratch()
    try makeShop(in: scratch)
    let request = try JSONValue(parsing: Array(Corpus.text("corpus/cli/shop/request.json").utf8))
    let envelope = try envelope(of: way, for: request)
    let members = (request.object ?? []) + [JSONMember("approvals", .array([envelope]))]
    try scratch.write(JSONValue.object(members).compact, to: "request.json")
    let time = "2020-11-19T10:00:00Z"
    let words = ["decide", "--bundle", "b", "--graph", "g", "--request", "request.json"]
    let outcome = try Program.run(
      words + ["--now", time, "--as-of", time, "--caller", way.caller], in: scratch.path)
    #expect(outcome.code == way.code, "\(outcome.output)\(outcome.messages)")
    if let note = way.note {
      #expect(outcome.messages.contains(note), "\(outcome.messages)")
    } else {
      #expect(outcome.messages.isEmpty)
    }
  }

  private func envelope(of way: Way, for request: JSONValue) throws -> JSONValue {
    let text = request.compact.replacing("Service/web", with: way.service)
    let subject = try Request(try JSONValue(parsing: Array(text.utf8)))
      .approvalSubject(gate: "shop.ship", bundle: "", readsDeeds: false)
    let start = try #require(Instant(way.signed))
    let end = try #require(Instant(way.expires))
    let approval = Approval(
      gate: "shop.ship", digest: Digest(of: try subject.ownCanonicalBytes()), role: way.role,
      approver: way.approver, validity: start..<end)
    let pem = Corpus.text("corpus/cli/shop/" + way.key)
    let json = approval.signed(by: try #require(Ed25519PrivateKey(pem: pem))).json
    guard way.isDamaged else { return json }
    let payload = try #require(json["payload"]?.string.flatMap(Base64.decode))
    let changed = String(decoding: payload, as: UTF8.self)
      .replacing("18:00:00Z", with: "19:00:00Z")
    return .object(
      (json.object ?? []).map { member in
        member.name == "payload"
          ? JSONMember("payload", .string(Base64.encode(Array(changed.utf8)))) : member
      })
  }
}

@Suite("Logs")
struct LogTests {
  @Test("decisions that are recorded at once are all recorded")
  func concurrentWriters() throws {
    let scratch = try Scratch()
    try makeShop(in: scratch)
    let key = ["--key", "log.key"]
    let made = try Program.run(
      ["log", "init", "log", "--origin", "shop.example/log"] + key, in: scratch.path)
    #expect(made.code == 0)
    let words = [
      "decide", "--bundle", "b", "--graph", "g", "--request", "request.json", "--log", "log",
    ]
    let running = try (0..<6).map { _ in try Program.start(words + ["--json"], in: scratch.path) }
    let indexes = try running.map { program -> Int64 in
      let outcome = try program.outcome()
      #expect(outcome.code == 1, "\(outcome.messages)")
      let json = try JSONValue(parsing: Array(outcome.output.utf8))
      return try #require(json["evidence"]?["index"]?.integer)
    }
    #expect(indexes.sorted() == Array(0..<6))
    let verify = ["log", "verify", "log", "--vkey", "log.key.pub"]
    #expect(try Program.run(verify, in: scratch.path).code == 0)
  }

  @Test("a log whose key is gone gives no decision")
  func noKey() throws {
    let scratch = try Scratch()
    try makeShop(in: scratch)
    let made = ["log", "init", "log", "--origin", "shop.example/log", "--key", "log.key"]
    #expect(try Program.run(made, in: scratch.path).code == 0)
    try FileManager.default.removeItem(atPath: scratch.path + "/log.key")
    let words = [
      "decide", "--bundle", "b", "--graph", "g", "--request", "request.json", "--log", "log",
    ]
    let outcome = try Program.run(words, in: scratch.path)
    #expect(outcome.code == 74)
    #expect(outcome.output.isEmpty)
  }

  @Test("a key inside of the log is not taken")
  func keyInside() throws {
    let scratch = try Scratch()
    try makeShop(in: scratch)
    let made = ["log", "init", "log", "--origin", "shop.example/log", "--key", "log.key"]
    #expect(try Program.run(made, in: scratch.path).code == 0)
    try scratch.write(Corpus.text("corpus/cli/shop/log.key.pub"), to: "log/key.pub")
    let verify = ["log", "verify", "log", "--vkey", "log/key.pub"]
    #expect(try Program.run(verify, in: scratch.path).code == 64)
  }
}

/// The shop's files, a bundle `b` and a snapshot `g` of them.
func makeShop(in scratch: Scratch) throws {
  for path in Corpus.files(in: "corpus/cli/shop", ending: "") {
    try scratch.write(
      Corpus.text(path), to: path.split(separator: "/").last.map(String.init) ?? path)
  }
  let build = ["build", "shop.writ", "--registry", "registry.jsonl", "-o", "b"]
  #expect(try Program.run(build, in: scratch.path).code == 0)
  let load = ["graph", "import", "--schema", "shop.writ", "facts.jsonl", "-o", "g"]
  #expect(try Program.run(load, in: scratch.path).code == 0)
}
