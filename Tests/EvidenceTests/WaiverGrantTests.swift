// Grants of waivers: read back as they were signed, and refused in any other form.
import Testing
import WritCrypto
import WritEvidence
import WritModel

@Suite struct WaiverGrantTests {
  private func instant(_ text: String) throws -> Instant { try #require(Instant(text)) }

  private func grant() throws -> WaiverGrant {
    WaiverGrant(
      waiver: "checkout.release.W17", digest: Digest(of: [1]), role: "eu_compliance",
      granter: "Identity/erik",
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

  @Test func aSignedGrantIsReadBack() throws {
    let grant = try grant()
    let envelope = grant.signed(by: try workedKey(from: 0))
    #expect(try WaiverGrant(envelope.json, registry: registry()) == grant)
    let sent = try JSONValue(parsing: bytes(envelope.json.pretty))
    #expect(try WaiverGrant(sent, registry: registry()) == grant)
  }

  @Test func nearMisses() throws {
    let key = try workedKey(from: 0)
    let json = try grant().signed(by: key).json
    let id = key.publicKey.fingerprint
    #expect(throws: WaiverGrantError.unknownKey(id)) {
      try WaiverGrant(json, registry: KeyRegistry())
    }
    #expect(throws: WaiverGrantError.unknownKey(id)) {
      try WaiverGrant(json, registry: registry(function: .permit))
    }
    #expect(
      throws: WaiverGrantError.wrongGranter(expected: "Identity/anna", found: "Identity/erik")
    ) {
      try WaiverGrant(json, registry: registry(node: "Identity/anna"))
    }
    #expect(throws: WaiverGrantError.roleNotHeld("eu_compliance")) {
      try WaiverGrant(json, registry: registry(roles: ["us_compliance"]))
    }
    let other = try grant().signed(by: try workedKey(from: 0x20))
    #expect(throws: WaiverGrantError.unknownKey(try workedKey(from: 0x20).publicKey.fingerprint)) {
      try WaiverGrant(other.json, registry: registry())
    }
  }

  @Test func everyOneByteChangeIsRefused() throws {
    let file = bytes(try grant().signed(by: try workedKey(from: 0)).json.compact)
    let registry = try registry()
    for index in file.indices {
      for bit in 0..<8 {
        var changed = file
        changed[index] ^= 1 << UInt8(bit)
        mustFail("\(index) \(bit)") {
          _ = try WaiverGrant(JSONValue(parsing: changed), registry: registry)
        }
      }
    }
  }

  @Test func moreInTheEnvelopeIsRefused() throws {
    let json = try grant().signed(by: try workedKey(from: 0)).json
    let members = try #require(json.object)
    let more = JSONValue.object(members + [JSONMember("more", 1)])
    #expect(throws: WaiverGrantError.self) { try WaiverGrant(more, registry: registry()) }
    let key = try workedKey(from: 0)
    let two = try Envelope(
      payloadType: Statement.payloadType, payload: Envelope(json).payload, signedBy: [key, key])
    #expect(throws: WaiverGrantError.self) { try WaiverGrant(two.json, registry: registry()) }
  }

  @Test func payloadsThatAreNoGrant() throws {
    let key = try workedKey(from: 0)
    let payloads = ["", "{}", #"{"_type":"https://in-toto.io/Statement/v1"}"#]
    for payload in payloads {
      let envelope = Envelope(
        payloadType: Statement.payloadType, payload: bytes(payload), signedBy: [key])
      #expect(throws: WaiverGrantError.self) {
        try WaiverGrant(envelope.json, registry: registry())
      }
    }
    // A signed yes to a request is no leave for a waiver, and the other way round.
    let validity = try instant("2026-11-19T09:00:00Z")..<instant("2026-11-19T21:00:00Z")
    let approval = Approval(
      gate: "checkout.release.W17", digest: Digest(of: [1]), role: "eu_compliance",
      approver: "Identity/erik", validity: validity
    ).signed(by: key)
    #expect(throws: WaiverGrantError.self) {
      try WaiverGrant(approval.json, registry: registry())
    }
    #expect(throws: ApprovalError.self) {
      try Approval(grant().signed(by: key).json, registry: registry())
    }
    let good = try Envelope(grant().signed(by: key).json).payload
    let other = Envelope(payloadType: "application/json", payload: good, signedBy: [key])
    #expect(throws: WaiverGrantError.self) { try WaiverGrant(other.json, registry: registry()) }
  }
}
