// What `writ approve` says before it signs, and that it signs only what was looked at.

import Foundation
import Testing
import WritEvidence
import WritModel
import WritTesting

@Suite("What is approved", .serialized)
final class ApprovalViewTests {
  private let site: RunSite
  private static let words = "writ approve --bundle b --request asked.json"
  private static let ines = "--role manager --as Identity/ines --key ines.key"

  init() throws {
    site = try RunSite()
    try ask("web")
  }

  private func ask(_ service: String) throws {
    try site.scratch.write(
      #"{"action":"widen","arguments":{"service":"Service/\#(service)"}}"#, to: "asked.json")
  }

  private func shown(_ more: String = "") throws -> JSONValue {
    let output = try site.expect("\(ApprovalViewTests.words) --show --json \(more)")
    return try JSONValue(parsing: Array(output.utf8))
  }

  @Test(
    "the digest that is shown is the one that is signed, and no other is",
    arguments: ["", "--no late"])
  func digest(no: String) throws {
    let digest = try #require(try shown(no)["digest"]?.string)
    let sign = "\(ApprovalViewTests.words) \(ApprovalViewTests.ines) \(no) --digest \(digest)"
    let signed = try site.run(sign)
    #expect(signed.code == 0 && signed.messages.contains("digest      \(digest)"), "\(signed)")
    let envelope = try JSONValue(parsing: Array(signed.output.utf8))
    let payload = try #require(envelope["payload"]?.string.flatMap(Base64.decode))
    // A yes is for what is asked and for what would be done, a no for what is asked.
    if no.isEmpty {
      let target = try Approval(payload: payload).target
      #expect(target.does != nil && target.whole.description == digest)
    } else {
      #expect(String(decoding: payload, as: UTF8.self).contains(String(digest.dropFirst(7))))
    }
    // Another argument, and it is another: nothing is signed, and nothing recorded.
    try ask("cart")
    let other = try site.run("\(sign) --log log")
    #expect(other.code == 1 && other.output.isEmpty, "\(other)")
    #expect(other.messages.contains("this is not what you want to sign: its digest is sha256:"))
    try site.expect("writ log verify log --vkey log.key.pub", says: "0 entries")
  }

  @Test("it is said before the key is opened: who is asked for a passphrase has read it")
  func before() throws {
    let outcome = try site.run(
      """
      printf '%s\\n' secret > pass; writ key encrypt ines.key --passphrase-fd 3 3< pass > said
      printf '%s\\n' another > pass
      \(ApprovalViewTests.words) \(ApprovalViewTests.ines) --passphrase-fd 3 3< pass
      """)
    let messages = outcome.messages
    #expect(outcome.code != 0 && outcome.output.isEmpty)
    let said = try #require(
      messages.firstRange(of: "asked       shop.widen, an action (deploy, production)"),
      "\(messages)")
    let failed = try #require(
      messages.firstRange(of: "the passphrase does not open"), "\(messages)")
    #expect(said.upperBound < failed.lowerBound)
  }

  @Test("the command is shown by the graph, and so is an argument that the graph lacks")
  func graph() throws {
    // It has no words of the graph.
    let plain = try shown()
    #expect(plain["command"] == ["./widen.sh", "web"] && plain["commandIsKnown"] == true)
    #expect(plain["absent"] == nil)
    let known = try shown("--graph g")
    #expect(known["command"] == ["./widen.sh", "web"] && known["commandIsKnown"] == true)
    #expect(known["absent"] == [])
    #expect(known["action"]?["rollback"] == "shop.undoWiden")
    try ask("cart")
    #expect(try shown("--graph g")["absent"] == ["service"])
    try site.expect(
      "\(ApprovalViewTests.words) --show --graph g",
      says: "service: Service/cart  (not in the graph)")
  }

  @Test("of a run's step the run, the step and what stands behind it are said")
  func step() throws {
    let look = """
      [ -e shown ] || writ approve --bundle b --graph g --request "$file" --show > shown
      [ -e shown.json ] || writ approve --bundle b --graph g --request "$file" --show --json > shown.json
      \(site.approval(by: "ines"))
      """
    try site.expect(site.run("release --arg service=Service/web", atAsks: look), 0)
    let text = String(decoding: try site.scratch.bytes("shown"), as: UTF8.self)
    for line in [
      "asked      to go on at a step of a run", "step       production/approve",
      "pipeline   shop.release", "argument   service: Service/web",
      "needs      1 of manager except service.owner within 1h",
      "behind it  production/ship  shop.deploy (deploy, production), decided by shop.ship",
      "tell/run  run ./tell.sh {…}",
    ] { #expect(text.contains(line), "\(line) in \(text)") }
    #expect(!text.contains("verify/unit"))
    let json = try JSONValue(parsing: try site.scratch.bytes("shown.json"))
    let behind = json["behind"]?.array?.compactMap { $0["step"]?.string } ?? []
    #expect(behind.first == "production/ship" && behind.last == "tell/run", "\(behind)")
    #expect(behind.contains("production/wide") && !behind.contains("production/approve"))
  }

  @Test("what others wrote is shown within bounds, and cannot steer a terminal")
  func bounds() throws {
    let facts = (0..<50).map {
      #"{"node":"Service","id":"s\#($0)","props":{"name":"\u001b[2J\#(String(repeating: "x", count: 5_000))"}}"#
    }
    try site.scratch.write(
      #"{"gate":"ship","arguments":{"service":"Service/web"},"facts":[\#(facts.joined(separator: ","))]}"#,
      to: "asked.json")
    let text = try site.expect(
      "\(ApprovalViewTests.words) --show", says: "and 30 more, in the request")
    #expect(text.contains("50 nodes and 0 edges that the request brings"))
    #expect(text.utf8.count < 20_000 && !text.utf8.contains(0x1B))
  }
}
