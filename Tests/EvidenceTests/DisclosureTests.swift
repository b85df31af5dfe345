// Values that can be erased: their digests, their tokens, the records that speak of them.
import Testing
import WritCrypto
import WritEvidence
import WritModel
import WritSimulation
import WritTesting

@Suite struct DisclosureTests {
  @Test func aDigestIsThatOfTheStandard() throws {
    // RFC 9901, section 4.2.3: the text is hashed as it was written, spaces and all.
    let text = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    let disclosure = try #require(Disclosure(text))
    #expect(disclosure.name == "family_name")
    #expect(disclosure.value == "Möbius")
    #expect(disclosure.digest.description == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0")
  }

  @Test func aDisclosureHasASaltOfItsOwn() throws {
    let one = try Disclosure(name: "Identity", value: "anna")
    let other = try Disclosure(name: "Identity", value: "anna")
    #expect(one.digest != other.digest)
    #expect(Disclosure(one.text) == one)
  }

  @Test(arguments: [
    "", "!", "e30", #"["short","n","v"]"#, #"["_26bc4LT-ac6q2KI6cBW5es","n"]"#,
    #"["_26bc4LT-ac6q2KI6cBW5es",1,"v"]"#, #"{"a":["_26bc4LT-ac6q2KI6cBW5es","n","v"]}"#,
  ])
  func whatIsNoDisclosureIsRefused(_ text: String) {
    #expect(Disclosure(text) == nil)
    #expect(Disclosure(Base64.encodeURL(Array(text.utf8))) == nil)
  }

  @Test func tokensAreFoundInTexts() throws {
    let digest = try Disclosure(name: "Identity", value: "anna").digest
    let text = "Identity/\(digest.token) and ~\(digest.token), not ~short"
    #expect(DisclosureDigest.all(in: text) == [digest, digest])
    let opened = DisclosureDigest.replace(in: text) { $0 == digest ? "anna" : nil }
    #expect(opened == "Identity/anna and ~anna, not ~short")
    #expect(DisclosureDigest(in: "Identity/" + digest.token) == digest)
    #expect(DisclosureDigest(token: digest.description) == nil)
    // A text of that length whose last character has stray bits is no digest.
    #expect(DisclosureDigest(String(repeating: "B", count: 43)) == nil)
  }

  @Test func aValueIsFoundAgainAmongAllOthers() throws {
    let disk = SimulatedDisk()
    let store = LogStore(directory: "/log", disk: disk)
    try store.create(origin: try workedSigner().name, keyPath: "key")
    var values: [(name: String, value: JSONValue, of: [String])] = []
    // Of every length, so that they end anywhere in a group of base64.
    for length in 0..<20 {
      let text = JSONValue.string(String(repeating: "\"ö", count: length / 2) + "\(length)")
      values += [
        ("Identity", text, []), ("Identity.mail", text, []),
        ("Identity", text, ["Identity/\(length)"]),
        ("Identity", [text], []),
      ]
    }
    func digests(_ values: [(name: String, value: JSONValue, of: [String])]) throws
      -> [DisclosureDigest]
    {
      let session = try store.disclosures.session()
      defer { session.close() }
      let digests = try values.map { try session.digest(of: $0.value, name: $0.name, of: $0.of) }
      for (digest, value) in zip(digests, values) {
        #expect(session.text(digest) == value.value.string)
      }
      try session.commit()
      return digests
    }
    let first = try digests(values)
    #expect(Set(first).count == values.count)
    let path = "/log/.writ/disclosures/values"
    let file = try disk.read(path, limit: 1 << 20)
    #expect(try digests(values.reversed()) == first.reversed())
    #expect(try disk.read(path, limit: 1 << 20) == file)
    // One more, behind all that there are.
    let other = try digests(values + [("Identity", "other", [])])
    #expect(Array(other.dropLast()) == first)
    #expect(try store.disclosures.opened().text(other[values.count]) == "other")
  }

  @Test func recordsOfFixedKindsHaveTheirMembersAndNoOthers() throws {
    let digest = try Disclosure(name: "reason", value: "because").digest.description
    let list = JSONValue.array([.string(digest)])
    let waiver: [JSONMember] = [
      JSONMember("gate", "shop.ship"), JSONMember("clause", "coverage"),
      JSONMember("waiver", "shop.W17"), JSONMember("text", .string(Digest(of: []).description)),
      JSONMember("role", "risk"), JSONMember("granter", "Identity/~x"),
      JSONMember("signedAt", "2026-11-17T00:00:00Z"),
      JSONMember("expires", "2026-11-18T00:00:00Z"), JSONMember("envelope", .string(digest)),
      JSONMember("bundle", .string(Digest(of: []).description)),
      JSONMember("_sd", list), JSONMember("_sd_alg", "sha-256"),
    ]
    let override: [JSONMember] = [
      JSONMember("gate", "shop.ship"), JSONMember("decision", 12), JSONMember("outcome", "deny"),
      JSONMember("role", "owner"), JSONMember("overrider", "Identity/~x"),
      JSONMember("signedAt", "2026-11-17T00:00:00Z"),
      JSONMember("expires", "2026-11-18T00:00:00Z"), JSONMember("envelope", .string(digest)),
      JSONMember("bundle", .string(Digest(of: []).description)), JSONMember("_sd", list),
      JSONMember("_sd_alg", "sha-256"),
    ]
    let freeze: [JSONMember] = [JSONMember("act", "begin"), JSONMember("scope", "Environment/eu")]
    let config: [JSONMember] = [
      JSONMember("setting", "clock"), JSONMember("clock", "2026-11-17T00:00:00Z"),
      JSONMember("newest", "2026-11-16T00:00:00Z"),
    ]
    let kinds: [(String, RecordKind, [JSONMember])] = [
      (PredicateType.waiverGiven, .waiver, waiver),
      (PredicateType.overrideGiven, .override, override),
      (PredicateType.freeze, .freeze, freeze), (PredicateType.config, .config, config),
    ]
    let log = try RecordLog()
    for (type, kind, members) in kinds {
      try log.append([draft(type, kind, members)])
      #expect(throws: LogError.self) { try log.append([draft(type, .gate, members)]) }
      #expect(throws: LogError.self) {
        try log.append([draft(type, kind, Array(members.dropFirst()))])
      }
      #expect(throws: LogError.self) {
        try log.append([draft(type, kind, members + [JSONMember("comment", "anna was ill")])])
      }
    }
    // What was signed names a person: never in the record itself.
    let plain = waiver.map { $0.name == "envelope" ? JSONMember("envelope", "anna") : $0 }
    #expect(throws: LogError.self) {
      try log.append([draft(PredicateType.waiverGiven, .waiver, plain)])
    }
    #expect(try log.reader().size == UInt64(kinds.count))
    #expect(try verifyRecords(try log.reader()) { _ in }.findings.isEmpty)
  }

  private func draft(
    _ type: String, _ kind: RecordKind, _ members: [JSONMember]
  ) -> RecordDraft {
    RecordDraft(
      type: type, kind: kind, id: "1", subjects: [subject("Service/web")], members: members)
  }

  @Test func aRecordThatHasNotItsShapeIsFound() throws {
    let log = try RecordLog()
    try log.append([decision("1", about: ["Service/web"])])
    let odd = Statement(
      subjects: [subject("Service/web")], predicateType: PredicateType.erase,
      predicate: [
        "digests": [], "ground": "none", "id": "2", "kind": "erase",
        "logged": "2026-11-17T01:00:00Z", "prev": ["Service/web": 0],
      ])
    try log.append(raw: [try odd.json.canonicalBytes()])
    let verification = try verifyRecords(try log.reader()) { _ in }
    #expect(verification.findings.map(\.index) == [1])
  }
}
