// What people agree to of an action: all that is done, and nothing of who does it, when and by which snapshot.

import Testing
import WritCrypto
import WritEvidence
import WritModel

@Suite("What would be done")
struct UndertakingTests {
  private func parts() -> Assignment.Parts {
    var parts = Assignment.Parts(
      action: "shop.deploy", kind: "deploy", effect: .production, actor: "Identity/bot",
      bundle: Digest(of: [1]), snapshot: Digest(of: [2]), command: ["./deploy.sh", "web"],
      salt: [UInt8](repeating: 7, count: 16))
    parts.arguments = [("service", "Service/web")]
    parts.artifacts = [Digest(of: [3])]
    parts.secrets = ["token"]
    parts.timeout = 60_000_000
    return parts
  }

  private func undertaking(
    labels: [String] = ["region:eu"], _ change: (inout Assignment.Parts) -> Void = { _ in }
  ) throws -> Undertaking {
    var parts = parts()
    change(&parts)
    return Undertaking(try Assignment(parts), labels: labels)
  }

  @Test("who acts, when, for which run and by which snapshot changes nothing")
  func sameForAll() throws {
    let one = try undertaking()
    let place = RunPlace(id: "r", step: "go/ship", round: 1, attempt: 2)
    let ground = BreakGlassGround(reason: "it burns", role: "lead")
    let others = [
      try undertaking { $0.actor = "Identity/anna" },
      try undertaking { $0.onBehalfOf = "Identity/anna" },
      try undertaking { $0.bundle = Digest(of: [9]) },
      try undertaking { $0.snapshot = Digest(of: [9]) },
      try undertaking { $0.salt[0] = 1 },
      try undertaking { $0.run = place },
      try undertaking { $0.breakGlass = ground },
    ]
    for other in others { #expect(other == one) }
  }

  @Test("whatever is done changes it")
  func otherForEach() throws {
    let all = [
      try undertaking(),
      try undertaking(labels: []), try undertaking(labels: ["region:us"]),
      try undertaking(labels: ["region:eu", "region:us"]),
      try undertaking { $0.action = "shop.undo" },
      try undertaking { $0.kind = "migrate" },
      try undertaking { $0.effect = .staging },
      try undertaking { $0.arguments = [("service", "Service/pay")] },
      try undertaking { $0.artifacts = [Digest(of: [4])] },
      try undertaking { $0.artifacts = [] },
      try undertaking { $0.command[1] = "pay" },
      try undertaking { $0.command = ["./deploy.sh web"] },
      try undertaking { $0.secrets = [] },
      try undertaking { $0.timeout = 60_000_001 },
      try undertaking { $0.timeout = nil },
      try undertaking { $0.isIdempotent = true },
    ]
    #expect(Set(all.map(\.digest)).count == all.count)
  }

  @Test("it is read as it is written, and no byte of it can be changed unseen")
  func reading() throws {
    let one = try undertaking()
    #expect(try Undertaking(one.json) == one)
    #expect(try Undertaking(JSONValue(parsing: Array(one.json.pretty.utf8))) == one)
    let plain = try undertaking(labels: [])
    #expect(try Undertaking(plain.json) == plain)
    let file = Array(one.json.compact.utf8)
    for index in file.indices {
      for bit in 0..<8 {
        var changed = file
        changed[index] ^= 1 << UInt8(bit)
        guard let value = try? JSONValue(parsing: changed),
          let read = try? Undertaking(value)
        else { continue }
        #expect(read.digest != one.digest, "\(index) \(bit)")
      }
    }
  }

  @Test("what is more, less or something else is refused")
  func refused() throws {
    let members = try #require(try undertaking().json.object)
    for member in members where member.name != "labels" && member.name != "timeout" {
      let less = JSONValue.object(members.filter { $0.name != member.name })
      #expect(throws: AssignmentError.self) { try Undertaking(less) }
    }
    for name in ["actor", "salt", "run", "snapshot", "bundle", "onBehalfOf", "more"] {
      let more = JSONValue.object(members + [JSONMember(name, "Identity/anna")])
      #expect(throws: AssignmentError.self) { try Undertaking(more) }
    }
    let others = members.filter { $0.name != "labels" }
    for labels: JSONValue in [[], "region:eu", [1]] {
      let other = JSONValue.object(others + [JSONMember("labels", labels)])
      #expect(throws: AssignmentError.self) { try Undertaking(other) }
    }
    #expect(throws: AssignmentError.self) { try Undertaking("text") }
  }
}
