// Envelopes and statements: published vectors and near misses.
import Testing
import WritCrypto
import WritEvidence
import WritModel

@Suite struct EnvelopeTests {
  @Test func publishedEnvelopes() throws {
    let cases = try #require(try vectors("dsse/dsse.json").array)
    #expect(cases.count > 15)
    for item in cases {
      let keys = try #require(item["keys_pem"]?.array).compactMap {
        $0.string.flatMap(PublicKey.init(pem:))
      }
      #expect(keys.count == item["keys_pem"]?.array?.count)
      let isValid = (try? open(item, keys)) != nil
      #expect(isValid == item["valid"]?.bool, "\(item["name"]?.string ?? "")")
    }
  }

  private func open(_ item: JSONValue, _ keys: [PublicKey]) throws {
    let envelope = try Envelope(parsing: bytes(try text(item, "envelope")))
    _ = try envelope.verify(with: keys, threshold: 1)
    if item["statement"]?.bool == true { _ = try Statement(payloadOf: envelope) }
  }

  @Test func signedBytesOfTheSpecification() throws {
    let example = try vectors("dsse/spec-example.json")
    let signed = Envelope.signedBytes(
      payloadType: try text(example, "payloadType"), payload: bytes(try text(example, "payload")))
    #expect(signed == bytes(try text(example, "pae")))
  }

  @Test func workedSignature() throws {
    let envelope = Envelope(
      payloadType: Statement.payloadType,
      payload: bytes(#"{"_type":"https://in-toto.io/Statement/v1"}"#),
      signedBy: [try workedKey(from: 0)])
    #expect(
      Base64.encode(envelope.signatures[0].bytes)
        == "Fo6jOXP9gw1yxFFqcxT3OROGg9MHJ9G2Ps2yCG4lrdJS8Yli9xdH78rzsGRdX7vN0BvZnteNGPg9F79CG51UDQ=="
    )
    #expect(
      envelope.signatures[0].keyID
        == "a050837d85070582ccf7394b0988847cc312cb88259b894899f6f239cf1791a5")
    #expect(try Envelope(envelope.json) == envelope)
  }

  @Test func aThresholdCountsKeysNotSignatures() throws {
    let (one, two) = (try workedKey(from: 0), try workedKey(from: 0x20))
    let keys = [one, two].map { PublicKey.ed25519($0.publicKey) }
    let twice = Envelope(payloadType: "t", payload: [1], signedBy: [one, one])
    #expect(throws: EnvelopeError.notEnoughSignatures(needed: 2, found: 1)) {
      try twice.verify(with: keys + keys, threshold: 2)
    }
    let both = Envelope(payloadType: "t", payload: [1], signedBy: [one, two])
    #expect(try both.verify(with: keys, threshold: 2).count == 2)
    #expect(throws: EnvelopeError.self) { try both.verify(with: [], threshold: 0) }
  }

  @Test func everyOneByteChangeOfThePartsIsRefused() throws {
    let key = try workedKey(from: 0)
    let envelope = Envelope(payloadType: "type", payload: bytes("payload"), signedBy: [key])
    let file = bytes(envelope.json.compact)
    let hint = envelope.signatures[0].keyID
    // The hint is not signed, and the envelope's reader must not trust it.
    let hintStart = try #require(file.firstRange(of: bytes("keyid")))
    let unsigned = hintStart.lowerBound..<hintStart.upperBound + 3 + hint.utf8.count
    for index in file.indices where !unsigned.contains(index) {
      for change in (0..<8).map({ UInt8(1) << $0 }) + [0x06, 0x70, 0xff] {
        var changed = file
        changed[index] ^= change
        mustFail("\(index) \(change)") {
          let read = try Envelope(parsing: changed)
          // `+` for `-` is the same signature in the other alphabet of base64.
          if read == envelope { throw EnvelopeError.malformed("other spelling") }
          _ = try read.verify(with: [.ed25519(key.publicKey)], threshold: 1)
        }
      }
    }
  }

  @Test(arguments: [
    "[]", "{}", #"{"payload":"","payloadType":"t"}"#,
    #"{"payload":"A","payloadType":"t","signatures":[]}"#,
    #"{"payload":"","payloadType":1,"signatures":[]}"#,
    #"{"payload":"","payloadType":"t","signatures":{}}"#,
    #"{"payload":"","payloadType":"t","signatures":[{"keyid":"a"}]}"#,
    #"{"payload":"","payloadType":"t","signatures":[{"keyid":1,"sig":""}]}"#,
    #"{"payload":"","payload":"","payloadType":"t","signatures":[]}"#,
  ])
  func malformed(_ text: String) {
    #expect(throws: EnvelopeError.self) { try Envelope(parsing: bytes(text)) }
  }
}

@Suite struct StatementTests {
  let digest = String(repeating: "ab", count: 32)

  private func statement(_ changes: [(String, JSONValue?)]) throws(StatementError) -> Statement {
    var members: [JSONMember] = [
      JSONMember("_type", "https://in-toto.io/Statement/v1"),
      JSONMember("subject", [["digest": ["sha256": .string(digest)]]]),
      JSONMember("predicateType", "urn:x"), JSONMember("predicate", [:]),
    ]
    for (name, value) in changes {
      members.removeAll { $0.name == name }
      if let value { members.append(JSONMember(name, value)) }
    }
    return try Statement(.object(members))
  }

  @Test func theLeast() throws {
    let read = try statement([])
    #expect(read.subjects[0].digest("sha256") == digest)
    #expect(try Statement(read.json) == read)
    #expect(throws: Never.self) { try statement([("predicate", nil)]) }
    #expect(throws: Never.self) { try statement([("more", 1)]) }
  }

  @Test func refused() throws {
    let upper = JSONValue.string(digest.uppercased())
    let one: JSONValue = ["name": "a", "digest": ["x": "1"]]
    let refused: [[(String, JSONValue?)]] = [
      [("_type", nil)], [("_type", "https://in-toto.io/Statement/v0.1")], [("subject", nil)],
      [("subject", [])], [("subject", [[:]])], [("subject", [["digest": [:]]])],
      [("subject", [["digest": ["sha256": 1]]])], [("subject", [["digest": ["sha256": upper]]])],
      [("subject", [["digest": ["sha256": "ab"]]])],
      [("subject", [["digest": ["gitCommit": "ab"]]])],
      [("subject", [one, one])], [("subject", [["name": 1, "digest": ["x": "1"]]])],
      [("predicateType", nil)], [("predicateType", "")], [("predicate", [])], [("predicate", "x")],
    ]
    for changes in refused {
      #expect(throws: StatementError.self, "\(changes)") { try statement(changes) }
    }
  }

  private func summary(_ name: String, _ value: JSONValue?) throws(StatementError) {
    var members: [JSONMember] = [
      JSONMember("verifier", ["id": "https://example.com/v"]), JSONMember("resourceUri", "r"),
      JSONMember("policy", ["uri": "p"]), JSONMember("verificationResult", "PASSED"),
      JSONMember("verifiedLevels", ["SLSA_BUILD_LEVEL_3", "OWN"]),
    ]
    members.removeAll { $0.name == name }
    if let value { members.append(JSONMember(name, value)) }
    _ = try statement([
      ("predicateType", "https://slsa.dev/verification_summary/v1"),
      ("predicate", .object(members)),
    ])
  }

  @Test func verificationSummaries() {
    let good: [(String, JSONValue?)] = [
      ("none", nil), ("verifiedLevels", []), ("verifiedLevels", ["FAILED"]),
      ("verificationResult", "FAILED"),
      ("verifiedLevels", ["SLSA_BUILD_LEVEL_2", "SLSA_SOURCE_LEVEL_1"]), ("other", 1),
      ("verifiedLevels", ["SLSA_BUILD_LEVEL_UNEVALUATED"]),
      ("timeVerified", "2026-01-02T03:04:05Z"),
    ]
    for (name, value) in good {
      #expect(throws: Never.self, "\(name)") { try summary(name, value) }
    }
    let bad: [(String, JSONValue?)] = [
      ("verifier", nil), ("verifier", ["id": "no"]), ("resourceUri", nil), ("resourceUri", ""),
      ("policy", nil),
      ("policy", ["digest": ["sha256": "x"]]), ("verificationResult", nil),
      ("verificationResult", "passed"),
      ("verifiedLevels", nil), ("verifiedLevels", "SLSA_BUILD_LEVEL_1"),
      ("verifiedLevels", ["SLSA_OWN"]),
      ("verifiedLevels", ["SLSA_BUILD_LEVEL_"]), ("verifiedLevels", ["SLSA_BUILD_LEVEL_x"]),
      ("verifiedLevels", ["SLSA_BUILD_LEVEL_1", "SLSA_BUILD_LEVEL_UNEVALUATED"]),
      ("verifiedLevels", [1]),
      ("timeVerified", "2026-01-02T03:04:05+01:00"), ("timeVerified", "yesterday"),
      ("inputAttestations", [["uri": "x"]]),
    ]
    for (name, value) in bad {
      #expect(throws: StatementError.self, "\(name) \(value?.compact ?? "")") {
        try summary(name, value)
      }
    }
  }
}
