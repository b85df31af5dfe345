// What others verify: summaries of decisions, and a publisher's word for a bundle.
import Testing
import WritCrypto
import WritEvidence
import WritModel

/// The record of a decision with that outcome.
private func decision(
  _ outcome: String, isQuestion: Bool = false, subject: String? = "Service/check out+é"
) throws -> EvidenceRecord {
  let digest = String(repeating: "ab", count: 32)
  let subject = Subject(
    name: subject, uri: nil, digests: [NamedDigest(algorithm: "sha256", value: digest)])
  return try EvidenceRecord(
    type: PredicateType.decision, subjects: [subject],
    predicate: [
      "id": "1", "kind": "gate", "logged": "2026-11-19T10:00:00Z",
      "result": [
        "gate": "shop.ship", "outcome": .string(outcome), "question": .bool(isQuestion),
        "bundle": .string("sha256:" + String(repeating: "01", count: 32)),
      ],
      "replay": [
        // As the log keeps it: without its approvers.
        "engine": "0.1.0", "bundle": .string("sha256:" + String(repeating: "04", count: 32)),
        "snapshot": .string("sha256:" + String(repeating: "02", count: 32)),
        "request": .string("sha256:" + String(repeating: "03", count: 32)),
      ],
    ])
}

private func place() throws -> RecordPlace {
  let signer = try workedSigner()
  let checkpoint = try SignedCheckpoint(
    Array(workedCheckpoint.utf8), keys: [signer.verifierKey])
  return RecordPlace(index: 1, checkpoint: checkpoint)
}

@Suite struct VerificationSummaryTests {
  private let plain = SummaryNames(verifier: nil, resource: nil)

  @Test func anAllowPasses() throws {
    let record = try decision("allow")
    let summary = try verificationSummary(of: record, at: place(), names: plain).statement
    #expect(summary.predicateType == "https://slsa.dev/verification_summary/v1")
    #expect(summary.subjects == record.statement.subjects)
    let predicate = summary.predicate
    #expect(predicate["verificationResult"]?.string == "PASSED")
    #expect(predicate["verifiedLevels"]?.array == ["WRIT:shop.ship"])
    #expect(predicate["timeVerified"]?.string == "2026-11-19T10:00:00Z")
    #expect(predicate["resourceUri"]?.string == "urn:writ:resource:Service/check%20out%2B%C3%A9")
    #expect(predicate["verifier"]?["id"]?.string == "urn:writ:log:log.example/writ")
    #expect(predicate["policy"]?["uri"]?.string == "urn:writ:gate:shop.ship")
    let digest = predicate["policy"]?["digest"]?["sha256"]?.string
    #expect(digest == String(repeating: "01", count: 32))
    #expect(predicate["inputAttestations"]?.array?.count == 2)
    let log = predicate["urn:writ:log:v1"]
    #expect(log?["index"]?.integer == 1 && log?["origin"]?.string == "log.example/writ")
    #expect(log?["checkpoint"]?.string == workedCheckpoint)
  }

  @Test(arguments: ["hold", "deny"]) func allElseFails(_ outcome: String) throws {
    let predicate = try verificationSummary(of: decision(outcome), at: place(), names: plain)
      .statement.predicate
    #expect(predicate["verificationResult"]?.string == "FAILED")
    #expect(predicate["verifiedLevels"]?.array == ["FAILED"])
  }

  @Test func questionsHaveNone() throws {
    for outcome in ["allow", "deny"] {
      #expect(throws: VerificationSummaryError.question) {
        try verificationSummary(of: decision(outcome, isQuestion: true), at: place(), names: plain)
      }
    }
  }

  @Test func otherRecordsHaveNone() throws {
    let record = KeyRecord(
      .add(validFrom: 1), key: try workedSigner().verifierKey, signedBy: try workedSigner())
    let entry = try EvidenceRecord(
      type: PredicateType.key, subjects: [record.subject], predicate: .object(record.members))
    #expect(throws: VerificationSummaryError.notADecision) {
      try verificationSummary(of: entry, at: place(), names: plain)
    }
  }

  @Test func namesAreTheCallers() throws {
    let names = SummaryNames(verifier: "https://ci.example", resource: "pkg:oci/checkout")
    let record = try decision("allow", subject: nil)
    let predicate = try verificationSummary(of: record, at: place(), names: names)
      .statement.predicate
    #expect(predicate["verifier"]?["id"]?.string == "https://ci.example")
    #expect(predicate["resourceUri"]?.string == "pkg:oci/checkout")
  }
}

@Suite struct BundleSignatureTests {
  private let word = BundleSignature(digest: Digest(of: [1, 2, 3]), revision: 7)

  private func envelope(_ word: BundleSignature) throws -> [UInt8] {
    Array(try word.signed(by: workedSigner().keys[0]).json.compact.utf8)
  }

  @Test func theSignedBundleIsTaken() throws {
    try word.verify(try envelope(word), by: workedSigner().keys[0].publicKey)
  }

  @Test func anyOtherIsRefused() throws {
    let key = try workedSigner().keys[0]
    let digest = Digest(of: [1, 2, 3])
    #expect(throws: BundleSignatureError.otherRevision(signed: 8)) {
      try word.verify(
        try envelope(BundleSignature(digest: digest, revision: 8)), by: key.publicKey)
    }
    let other = BundleSignature(digest: Digest(of: [1, 2, 4]), revision: 7)
    #expect(throws: BundleSignatureError.otherBundle(signed: other.digest.hex)) {
      try word.verify(try envelope(other), by: key.publicKey)
    }
    let stranger = try #require(Ed25519PrivateKey(seed: (32..<64).map { UInt8($0) }))
    #expect(
      throws: BundleSignatureError.envelope(.notEnoughSignatures(needed: 1, found: 0))
    ) {
      try word.verify(try envelope(word), by: stranger.publicKey)
    }
    #expect(throws: BundleSignatureError.self) { try word.verify([], by: key.publicKey) }
    // Signed by the key, but about something else.
    for payload in ["{}", "[]", #"{"_type":"https://in-toto.io/Statement/v1"}"#] {
      let envelope = Envelope(
        payloadType: Statement.payloadType, payload: Array(payload.utf8), signedBy: [key])
      #expect(throws: BundleSignatureError.malformed) {
        try word.verify(Array(envelope.json.compact.utf8), by: key.publicKey)
      }
    }
  }
}

@Suite struct KeyFunctionTests {
  @Test func aKeyHasOneFunction() throws {
    let key = try workedSigner().keys[0].publicKey
    let registry = try KeyRegistry(keys: [
      RegisteredKey(
        function: .approver, name: "ines", publicKey: key, node: "Identity/ines", roles: ["legal"])
    ])
    try registry.check(key, is: .approver)
    for function in KeyFunction.allCases where function != .approver {
      #expect(throws: KeyRegistryError.keyInTwoFunctions("ines", .approver, function)) {
        try registry.check(key, is: function)
      }
    }
    let other = try #require(Ed25519PrivateKey(seed: (32..<64).map { UInt8($0) })).publicKey
    try registry.check(other, is: .log)
  }

  @Test func envelopeKeysAreOfEitherForm() throws {
    let key = try workedSigner().verifierKey
    let pem = PublicKey.ed25519(key.publicKey).pem
    #expect(verifyingKey(file: Array("\(key)\n".utf8)) == .ed25519(key.publicKey))
    #expect(verifyingKey(file: Array(pem.utf8)) == .ed25519(key.publicKey))
    let witness = VerifierKey(name: key.name, algorithm: .cosignature, publicKey: key.publicKey)
    for wrong in ["", "\(witness)\n", pem + pem, "\(key) 5\n"] {
      #expect(verifyingKey(file: Array(wrong.utf8)) == nil)
    }
  }
}
