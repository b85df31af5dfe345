// Signed wishes to act: whose they are, for what, and when.

import Testing
import WritCrypto
import WritEvidence
import WritModel

@Suite struct IntentTests {
  private let now = Instant(microseconds: 1_795_082_400_000_000)
  private let request = Digest(of: Array("request".utf8))
  private let bot = Ed25519PrivateKey(seed: Array(0..<32))
  private let other = Ed25519PrivateKey(seed: Array(1..<33))

  private func registry(_ function: KeyFunction = .actor) throws -> KeyRegistry {
    try KeyRegistry(keys: [
      RegisteredKey(
        function: function, name: "bot", publicKey: try #require(bot).publicKey,
        node: "Identity/bot", roles: []),
      RegisteredKey(
        function: .actor, name: "anna", publicKey: try #require(other).publicKey,
        node: "Identity/anna", roles: []),
    ])
  }

  private func envelope(
    caller: String = "Identity/bot", by key: Ed25519PrivateKey? = nil, at offset: Int64 = 0
  ) throws -> JSONValue {
    Intent(
      action: "checkout.deploy", request: request, caller: caller,
      id: String(repeating: "a", count: 32),
      signedAt: Instant(microseconds: now.microseconds + offset)
    ).signed(by: try #require(key ?? bot)).json
  }

  private func read(
    _ value: JSONValue, as caller: String = "Identity/bot", for digest: Digest? = nil,
    _ registry: KeyRegistry? = nil
  ) throws -> Intent {
    try Intent(
      value, of: caller, for: digest ?? request, registry: registry ?? self.registry(), now: now)
  }

  @Test func isTheCallersForOneRequestAndNow() throws {
    let intent = try read(envelope())
    #expect(intent.action == "checkout.deploy" && intent.caller == "Identity/bot")
    #expect(throws: IntentError.badSignature) { try read(envelope(by: other)) }
    #expect(throws: IntentError.unknownCaller("Identity/eve")) {
      try read(envelope(), as: "Identity/eve")
    }
    #expect(throws: IntentError.badSignature) { try read(envelope(), as: "Identity/anna") }
    #expect(throws: IntentError.otherCaller(expected: "Identity/bot", found: "Identity/anna")) {
      try read(envelope(caller: "Identity/anna"))
    }
    #expect(throws: IntentError.otherRequest) { try read(envelope(), for: Digest(of: [])) }
    #expect(throws: IntentError.unknownCaller("Identity/bot")) {
      try read(envelope(), registry(.approver))
    }
    for (offset, isTaken) in [
      (-60_000_000, true), (-60_000_001, false), (60_000_000, true), (60_000_001, false),
    ] {
      #expect(((try? read(envelope(at: Int64(offset)))) != nil) == isTaken, "\(offset)")
    }
  }

  @Test func noByteOfItCanBeChanged() throws {
    let bytes = Array(try envelope().compact.utf8)
    for place in bytes.indices {
      for flip in [UInt8(1), 0x20] {
        var changed = bytes
        changed[place] ^= flip
        guard let value = try? JSONValue(parsing: changed) else { continue }
        #expect(throws: (any Error).self, "byte \(place)") { try read(value) }
      }
    }
  }
}
