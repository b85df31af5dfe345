// Records, key registries and approvals: what is written is read, and nothing else.
import Testing
import WritCrypto
import WritEvidence
import WritModel

@Suite struct RecordTests {
  private let subject = Subject(
    name: "Release/r42", uri: nil,
    digests: [NamedDigest(algorithm: "sha256", value: Digest(of: [1]).hex)])

  @Test func aRecordIsCanonical() throws {
    let record = try EvidenceRecord(
      type: PredicateType.decision, subjects: [subject],
      predicate: ["result": "allow", "gate": "ship"])
    #expect(
      String(decoding: record.bytes, as: UTF8.self)
        == #"{"_type":"https://in-toto.io/Statement/v1","predicate":{"gate":"ship","result":"allow"},"#
        + #""predicateType":"urn:writ:decision:v1","subject":[{"digest":{"sha256":"\#(Digest(of: [1]).hex)"},"#
        + #""name":"Release/r42"}]}"#)
    #expect(try EvidenceRecord(entry: record.bytes) == record)
    let envelope = record.envelope(signedBy: try workedKey(from: 0))
    #expect(envelope.payload == record.bytes)
  }

  @Test func otherSpellingsAreRefused() throws {
    let record = try EvidenceRecord(
      type: PredicateType.decision, subjects: [subject], predicate: ["a": 1])
    #expect(throws: RecordError.otherSpelling) { try EvidenceRecord(entry: record.bytes + [0x0a]) }
    #expect(throws: RecordError.otherSpelling) {
      try EvidenceRecord(entry: bytes(record.statement.json.pretty))
    }
    #expect(throws: RecordError.self) { try EvidenceRecord(entry: []) }
  }

  @Test func lengthAndNumbersAreLimited() throws {
    func record(_ predicate: JSONValue) throws(RecordError) -> EvidenceRecord {
      try EvidenceRecord(type: "urn:x", subjects: [subject], predicate: predicate)
    }
    let overhead = try record(["a": ""]).bytes.count
    let fits = JSONValue.string(String(repeating: "x", count: 60_000 - overhead))
    #expect(try record(["a": fits]).bytes.count == 60_000)
    let long = JSONValue.string(String(repeating: "x", count: 60_001 - overhead))
    #expect(throws: RecordError.tooLong(60_001)) { try record(["a": long]) }
    let half = JSONValue.number(try #require(JSONNumber("0.5")))
    #expect(throws: RecordError.notCanonical(.notSafeInteger("0.5"))) { try record(["a": half]) }
    #expect(throws: RecordError.notCanonical(.repeatedName("a"))) {
      try record(.object([JSONMember("a", 1), JSONMember("a", 2)]))
    }
    #expect(throws: RecordError.self) { try record("x") }
    #expect(throws: RecordError.self) {
      try EvidenceRecord(type: "urn:x", subjects: [], predicate: [:])
    }
  }
}

@Suite struct KeyRegistryTests {
  private func key(
    _ function: KeyFunction, _ name: String, seed: UInt8, node: String? = nil, roles: [String] = []
  ) throws -> RegisteredKey {
    RegisteredKey(
      function: function, name: name, publicKey: try workedKey(from: seed).publicKey, node: node,
      roles: roles)
  }

  @Test func aRegistryIsReadAsWritten() throws {
    let registry = try KeyRegistry(keys: [
      key(.log, "log", seed: 0),
      key(.approver, "erik", seed: 32, node: "Identity/erik", roles: ["a", "b"]),
    ])
    #expect(try KeyRegistry(registry.json) == registry)
    #expect(try KeyRegistry(JSONValue(parsing: bytes(registry.json.pretty))) == registry)
    let id = try workedKey(from: 32).publicKey.fingerprint
    #expect(registry.key(id: id, function: .approver)?.name == "erik")
    #expect(registry.key(id: id, function: .log) == nil)
    #expect(registry.keys(function: .log).count == 1)
    #expect(try KeyRegistry(KeyRegistry().json) == KeyRegistry())
  }

  @Test func aKeyHasOneFunction() throws {
    #expect(throws: KeyRegistryError.keyInTwoFunctions("b", .log, .permit)) {
      try KeyRegistry(keys: [key(.log, "a", seed: 0), key(.permit, "b", seed: 0)])
    }
    #expect(throws: KeyRegistryError.repeatedKey("b")) {
      try KeyRegistry(keys: [key(.log, "a", seed: 0), key(.log, "b", seed: 0)])
    }
    #expect(throws: KeyRegistryError.repeatedName("a")) {
      try KeyRegistry(keys: [key(.log, "a", seed: 0), key(.log, "a", seed: 1)])
    }
    #expect(throws: KeyRegistryError.keyWithoutNode("a")) {
      try KeyRegistry(keys: [key(.approver, "a", seed: 0)])
    }
    #expect(throws: KeyRegistryError.self) { try KeyRegistry(keys: [key(.log, "", seed: 0)]) }
    #expect(throws: KeyRegistryError.self) {
      try KeyRegistry(keys: [key(.approver, "a", seed: 0, node: "n", roles: ["r", "r"])])
    }
  }

  private func agent(
    _ function: KeyFunction, _ name: String, seed: UInt8, node: String? = "Identity/bot",
    roles: [String] = []
  ) throws -> RegisteredKey {
    RegisteredKey(
      function: function, name: name, publicKey: try workedKey(from: seed).publicKey, node: node,
      roles: roles, isAgent: true)
  }

  @Test func anAgentActsAndApprovesNothing() throws {
    let registry = try KeyRegistry(keys: [
      agent(.actor, "bot", seed: 0), key(.actor, "bot-2", seed: 32, node: "Identity/bot"),
      key(.approver, "erik", seed: 64, node: "Identity/erik", roles: ["a"]),
      key(.log, "log", seed: 96),
    ])
    #expect(try KeyRegistry(registry.json) == registry)
    #expect(registry.isAgent("Identity/bot") && !registry.isAgent("Identity/erik"))
    // Whichever of its keys it is.
    for (seed, node) in [(0, "Identity/bot"), (32, "Identity/bot"), (64, nil), (96, nil)] {
      let id = try workedKey(from: UInt8(seed)).publicKey.fingerprint
      #expect(registry.agent(id: id) == node)
    }
    #expect(throws: KeyRegistryError.agentWithRoles("bot")) {
      try KeyRegistry(keys: [agent(.approver, "bot", seed: 0, roles: ["a"])])
    }
    let other = try key(.approver, "bot-2", seed: 32, node: "Identity/bot", roles: ["a"])
    for keys in [
      [try agent(.actor, "bot", seed: 0), other], [other, try agent(.issuer, "bot", seed: 0)],
    ] {
      #expect(throws: KeyRegistryError.agentElsewhere("bot-2", node: "Identity/bot")) {
        try KeyRegistry(keys: keys)
      }
    }
    #expect(throws: KeyRegistryError.keyWithoutNode("bot")) {
      try KeyRegistry(keys: [agent(.log, "bot", seed: 0, node: nil)])
    }
    // Read as it is written, and in no other way.
    let text = registry.json.compact
    #expect(text.contains(#"{"agent":true,"function":"actor""#))
    for word in ["false", "null", "1"] {
      let changed = text.replacing(#""agent":true"#, with: #""agent":\#(word)"#)
      #expect(throws: KeyRegistryError.self) {
        try KeyRegistry(JSONValue(parsing: bytes(changed)))
      }
    }
  }

  @Test func everyOneByteChangeIsAnotherRegistryOrNone() throws {
    let registry = try KeyRegistry(keys: [
      key(.approver, "erik", seed: 32, node: "Identity/erik", roles: ["a"])
    ])
    let file = bytes(registry.json.compact)
    for index in file.indices {
      for bit in 0..<8 {
        var changed = file
        changed[index] ^= 1 << UInt8(bit)
        guard let value = try? JSONValue(parsing: changed) else { continue }
        #expect((try? KeyRegistry(value)) != registry)
      }
    }
  }
}

@Suite struct ApprovalTests {
  private func instant(_ text: String) throws -> Instant { try #require(Instant(text)) }

  private func approval(does: Digest? = nil) throws -> Approval {
    Approval(
      gate: "checkout.release.ship", digest: Digest(of: [1]), does: does, role: "eu_compliance",
      approver: "Identity/erik",
      validity: try instant("2026-11-19T09:00:00Z")..<instant("2026-11-19T21:00:00Z"))
  }

  private func registry(
    node: String = "Identity/erik", roles: [String] = ["eu_compliance"],
    function: KeyFunction = .approver
  ) throws -> KeyRegistry {
    try KeyRegistry(keys: [
      RegisteredKey(
        function: function, name: "erik", publicKey: workedKey(from: 0).publicKey, node: node,
        roles: roles)
    ])
  }

  @Test func aSignedApprovalIsReadBack() throws {
    let approval = try approval()
    let envelope = approval.signed(by: try workedKey(from: 0))
    #expect(try Approval(envelope.json, registry: registry()) == approval)
    let sent = try JSONValue(parsing: bytes(envelope.json.pretty))
    #expect(try Approval(sent, registry: registry()) == approval)
  }

  @Test func whatWouldBeDoneIsPartOfIt() throws {
    let key = try workedKey(from: 0)
    let (plain, bound) = (try approval(), try approval(does: Digest(of: [2])))
    #expect(try Approval(bound.signed(by: key).json, registry: registry()) == bound)
    // One of an earlier release, to the byte.
    #expect(!String(decoding: plain.signed(by: key).payload, as: UTF8.self).contains("does"))
    let targets = [plain, bound, try approval(does: Digest(of: [3]))].map(\.target)
    for (left, one) in targets.enumerated() {
      for (right, other) in targets.enumerated() {
        #expect(one.asksTheSame(as: other))
        #expect(one.isSame(as: other) == (left == right))
        #expect((one.whole == other.whole) == (left == right))
      }
    }
    // A digest that is none, and one in another spelling.
    for text in ["2", Digest(of: [2]).hex, Digest(of: [2]).description.uppercased()] {
      let payload = String(decoding: bound.signed(by: key).payload, as: UTF8.self)
        .replacing(Digest(of: [2]).description, with: text)
      #expect(throws: ApprovalError.self) { try Approval(payload: bytes(payload)) }
    }
  }

  @Test func itCountsForATime() throws {
    let approval = try approval()
    #expect(!approval.isCurrent(at: try instant("2026-11-19T08:59:59.999999Z")))
    #expect(approval.isCurrent(at: try instant("2026-11-19T09:00:00Z")))
    #expect(approval.isCurrent(at: try instant("2026-11-19T20:59:59Z")))
    #expect(!approval.isCurrent(at: try instant("2026-11-19T21:00:00Z")))
  }

  @Test func nearMisses() throws {
    let key = try workedKey(from: 0)
    let json = try approval().signed(by: key).json
    let id = key.publicKey.fingerprint
    #expect(throws: ApprovalError.unknownKey(id)) { try Approval(json, registry: KeyRegistry()) }
    #expect(throws: ApprovalError.unknownKey(id)) {
      try Approval(json, registry: registry(function: .permit))
    }
    #expect(throws: ApprovalError.wrongApprover(expected: "Identity/anna", found: "Identity/erik"))
    {
      try Approval(json, registry: registry(node: "Identity/anna"))
    }
    #expect(throws: ApprovalError.roleNotHeld("eu_compliance")) {
      try Approval(json, registry: registry(roles: ["us_compliance"]))
    }
    let other = try approval().signed(by: try workedKey(from: 0x20))
    #expect(throws: ApprovalError.unknownKey(try workedKey(from: 0x20).publicKey.fingerprint)) {
      try Approval(other.json, registry: registry())
    }
  }

  @Test func everyOneByteChangeIsRefused() throws {
    let does = Digest(of: [2])
    let file = bytes(try approval(does: does).signed(by: try workedKey(from: 0)).json.compact)
    let registry = try registry()
    for index in file.indices {
      for bit in 0..<8 {
        var changed = file
        changed[index] ^= 1 << UInt8(bit)
        mustFail("\(index) \(bit)") {
          _ = try Approval(JSONValue(parsing: changed), registry: registry)
        }
      }
    }
  }

  @Test func moreInTheEnvelopeIsRefused() throws {
    let json = try approval().signed(by: try workedKey(from: 0)).json
    let members = try #require(json.object)
    let more = JSONValue.object(members + [JSONMember("more", 1)])
    #expect(throws: ApprovalError.self) { try Approval(more, registry: registry()) }
    let key = try workedKey(from: 0)
    let two = try Envelope(
      payloadType: Statement.payloadType, payload: Envelope(json).payload, signedBy: [key, key])
    #expect(throws: ApprovalError.self) { try Approval(two.json, registry: registry()) }
  }

  @Test func payloadsThatAreNoApproval() throws {
    let key = try workedKey(from: 0)
    let payloads = ["", "{}", #"{"_type":"https://in-toto.io/Statement/v1"}"#]
    for payload in payloads {
      let envelope = Envelope(
        payloadType: Statement.payloadType, payload: bytes(payload), signedBy: [key])
      #expect(throws: ApprovalError.self) { try Approval(envelope.json, registry: registry()) }
    }
    let good = try Envelope(approval().signed(by: key).json).payload
    let other = Envelope(payloadType: "application/json", payload: good, signedBy: [key])
    #expect(throws: ApprovalError.self) { try Approval(other.json, registry: registry()) }
  }
}
