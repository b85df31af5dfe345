// Tokens: what one is good for, what nobody can make of it, and that each hand can only pass on less.

import Testing
import WritCrypto
import WritEvidence
import WritModel

@Suite("Tokens") struct CapabilityTests {
  private static let start: Int64 = 1_795_082_400_000_000
  private static let hour: Int64 = 3_600_000_000

  private let issuer = key(1)
  private let next = key(2)
  private let after = key(3)

  private static func key(_ number: UInt8) -> Ed25519PrivateKey {
    guard let key = Ed25519PrivateKey(seed: [UInt8](repeating: number, count: 32)) else {
      preconditionFailure("32 bytes are a seed")
    }
    return key
  }

  private func registry(_ key: Ed25519PrivateKey, _ function: KeyFunction) throws -> KeyRegistry {
    try KeyRegistry(keys: [
      RegisteredKey(
        function: function, name: "k", publicKey: key.publicKey, node: "Identity/platform",
        roles: [])
    ])
  }

  private func verifier(_ key: Ed25519PrivateKey) throws -> VerifierKey {
    VerifierKey(
      name: try #require(KeyName("next")), algorithm: .ed25519, publicKey: key.publicKey)
  }

  /// What a block says, to be changed one thing at a time.
  private struct Draft {
    var id = "00000000000000000000000000000001"
    var holder = "Identity/bot"
    var audience = "log.example"
    var bounds = CapabilityBlock.Bounds(
      actions: ["shop.deploy", "shop.scan"],
      arguments: ["env": ["Environment/staging", "Environment/test"]], budget: 5)
    var from = CapabilityTests.start
    var until = CapabilityTests.start + CapabilityTests.hour
    var next: VerifierKey?

    var block: CapabilityBlock {
      CapabilityBlock(
        id: id, for: holder, at: audience, bounds,
        (Instant(microseconds: from)..<Instant(microseconds: until), next))
    }
  }

  private func token(_ change: (inout Draft) throws -> Void = { _ in }) throws -> Capability {
    var draft = Draft()
    draft.next = try verifier(next)
    try change(&draft)
    return try Capability(minting: draft.block, by: issuer)
  }

  private func use(
    of action: String = "shop.deploy", env: String? = "Environment/staging",
    by holder: String = "Identity/bot", at audience: String = "log.example",
    after microseconds: Int64 = 0, isPipeline: Bool = false
  ) -> CapabilityUse {
    CapabilityUse(
      of: action, with: env.map { ["env": $0] } ?? [:], isPipeline: isPipeline, by: holder,
      at: audience, now: Instant(microseconds: Self.start + microseconds))
  }

  @Test("a token is good for what it names, and refused by the bound that would be crossed")
  func bounds() throws {
    let token = try Capability(try token().json, registry: try registry(issuer, .issuer))
    try token.check(use())
    try token.check(use(of: "shop.scan", env: "Environment/test", after: Self.hour - 1))
    let span = CapabilityError.notNow(
      from: Instant(microseconds: Self.start), until: Instant(microseconds: Self.start + Self.hour))
    let refused: [(CapabilityUse, CapabilityError)] = [
      (use(of: "shop.undo"), .outOfScope(.action("shop.undo"))),
      (use(env: "Environment/production"), .outOfScope(.argument("env"))),
      (use(env: nil), .outOfScope(.argument("env"))),
      (use(by: "Identity/eve"), .otherHolder(expected: "Identity/eve", found: "Identity/bot")),
      (use(at: "other"), .otherAudience(expected: "other", found: "log.example")),
      (use(after: Self.hour), span), (use(after: -1), span),
    ]
    for (use, error) in refused {
      #expect(throws: error, "\(use)") { try token.check(use) }
    }
    // What a pipeline does not take is asked of each of its actions.
    try token.check(use(env: nil, isPipeline: true))
    #expect(throws: CapabilityError.outOfScope(.argument("env"))) {
      try token.check(use(env: "Environment/production", isPipeline: true))
    }
  }

  @Test("only an issuer of the registry can begin a token, and only the next key can narrow it")
  func hands() throws {
    let minted = try token()
    #expect(throws: CapabilityError.unknownIssuer(issuer.publicKey.fingerprint)) {
      _ = try Capability(minted.json, registry: try registry(issuer, .actor))
    }
    #expect(throws: CapabilityError.unknownIssuer(issuer.publicKey.fingerprint)) {
      _ = try Capability(minted.json, registry: try registry(after, .issuer))
    }
    var less = Draft()
    less.id = "00000000000000000000000000000002"
    #expect(throws: CapabilityError.badSignature(block: 2)) {
      _ = try minted.narrowed(to: less.block, by: after)
    }
    let ended = try token { $0.next = nil }
    #expect(throws: CapabilityError.badSignature(block: 2)) {
      _ = try ended.narrowed(to: less.block, by: next)
    }
    let narrowed = try minted.narrowed(to: less.block, by: next)
    let read = try Capability(narrowed.json, registry: try registry(issuer, .issuer))
    #expect(read == narrowed && read.blocks.count == 2)
    // A block that was handed on by one token is none of another's.
    let other = try token { $0.id = "00000000000000000000000000000009" }
    let first = try #require(other.json["blocks"]?.array)
    let second = try #require(narrowed.json["blocks"]?.array)
    #expect(throws: CapabilityError.self) {
      _ = try Capability(
        ["blocks": [first[0], second[1]]], registry: try registry(issuer, .issuer))
    }
    #expect(throws: CapabilityError.self) {
      _ = try Capability(["blocks": [second[1]]], registry: try registry(issuer, .issuer))
    }
    // Without the block that took most away it is the longer token, and says so.
    #expect(
      try Capability(["blocks": [second[0]]], registry: try registry(issuer, .issuer)) == minted)
  }

  @Test(
    "nothing can be widened: each bound in turn, by whoever narrows and by whoever signs it all the same"
  )
  func widens() throws {
    let minted = try token()
    let changes: [(CapabilityScope, (inout Draft) -> Void)] = [
      (.action("shop.undo"), { $0.bounds.actions.append("shop.undo") }),
      (.argument("env"), { $0.bounds.arguments = [:] }),
      (.argument("env"), { $0.bounds.arguments["env"] = ["Environment/production"] }),
      (.budget, { $0.bounds.budget = 6 }), (.budget, { $0.bounds.budget = nil }),
      (.expiry, { $0.until += 1 }), (.expiry, { $0.from -= 1 }),
      (.audience, { $0.audience = "other" }),
    ]
    for (scope, change) in changes {
      var draft = Draft()
      draft.id = "00000000000000000000000000000002"
      change(&draft)
      #expect(throws: CapabilityError.widened(block: 2, scope), "\(scope)") {
        _ = try minted.narrowed(to: draft.block, by: next)
      }
      // Signed with a program of one's own: a token of one block, by the next key, behind the first.
      let forged = try Capability(minting: draft.block, by: next)
      let blocks = try #require(minted.json["blocks"]?.array) + (forged.json["blocks"]?.array ?? [])
      #expect(throws: CapabilityError.self, "\(scope)") {
        _ = try Capability(["blocks": .array(blocks)], registry: try registry(issuer, .issuer))
      }
    }
  }

  @Test("each hand narrows what the one before had, to an end")
  func narrows() throws {
    var token = try token { $0.next = try verifier(next) }
    for number in 2...Capability.blockLimit {
      var draft = Draft()
      draft.id = "0000000000000000000000000000000\(number)"
      draft.holder = "Identity/helper\(number)"
      draft.bounds = .init(
        actions: ["shop.deploy"], arguments: ["env": ["Environment/staging"], "tag": ["v1"]],
        budget: 1)
      draft.next = try verifier(next)
      token = try token.narrowed(to: draft.block, by: next)
    }
    let read = try Capability(token.json, registry: try registry(issuer, .issuer))
    #expect(read.last.holder == "Identity/helper8" && read.digests.count == 8)
    #expect(throws: CapabilityError.outOfScope(.argument("tag"))) {
      try read.check(use(by: "Identity/helper8"))
    }
    #expect(throws: CapabilityError.outOfScope(.action("shop.scan"))) {
      try read.check(use(of: "shop.scan", by: "Identity/helper8"))
    }
    #expect(throws: CapabilityError.malformed("a token has at most 8 blocks")) {
      _ = try read.narrowed(to: Draft().block, by: next)
    }
  }

  @Test("no byte of a token can be changed")
  func changedBytes() throws {
    var less = Draft()
    less.id = "00000000000000000000000000000002"
    let narrowed = try token().narrowed(to: less.block, by: next)
    let registry = try registry(issuer, .issuer)
    let text = Array(narrowed.json.compact.utf8)
    for index in text.indices {
      var changed = text
      changed[index] = changed[index] == 0x41 ? 0x42 : 0x41
      guard let json = try? JSONValue(parsing: changed) else { continue }
      #expect(throws: CapabilityError.self, "byte \(index)") {
        _ = try Capability(json, registry: registry)
      }
    }
  }

  @Test("who acts under tokens only is known by the registry")
  func needs() throws {
    func registry(_ roles: [String]) throws -> KeyRegistry {
      try KeyRegistry(keys: [
        RegisteredKey(
          function: .actor, name: "bot", publicKey: next.publicKey, node: "Identity/bot",
          roles: roles)
      ])
    }
    #expect(try registry([KeyFunction.tokenMark]).needsToken("Identity/bot"))
    #expect(try !registry([]).needsToken("Identity/bot"))
    #expect(try !registry([KeyFunction.tokenMark]).needsToken("Identity/ann"))
  }
}
