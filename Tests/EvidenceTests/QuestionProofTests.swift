// Answers to questions: whole on random logs, and refused after any change.
import Testing
import WritCrypto
import WritEvidence
import WritModel

@Suite struct QuestionProofTests {
  private let claim = Claim(gate: "shop.deploy", clause: "securityTested")

  /// A log in which everything may stand next to everything.
  private func randomLog(seed: UInt64, count: Int) throws -> (log: RecordLog, names: [String]) {
    let log = try RecordLog()
    var dice = Dice(seed: seed)
    let names = (0..<Int.random(in: 0...9, using: &dice)).map { "Service/s\($0 * 2)" }
    for number in 0..<count {
      switch Int.random(in: 0..<12, using: &dice) {
      case 0: try log.fixHeads()
      case 1: try log.append(raw: [bytes("foreign \(number)")])
      default:
        guard !names.isEmpty else { continue }
        let own = Set(
          (0..<Int.random(in: 1...3, using: &dice)).compactMap { _ in
            names.randomElement(using: &dice)
          })
        try log.append([decision("\(number)", about: own.sorted())])
      }
    }
    return (log, names)
  }

  @Test(arguments: 0..<12)
  func everyQuestionIsAnsweredInFull(_ seed: Int) throws {
    let (log, names) = try randomLog(seed: UInt64(seed), count: 10 + seed * 3)
    // Sometimes behind an index leaf, sometimes with entries after it.
    if seed.isMultiple(of: 2) { try log.fixHeads() }
    var dice = Dice(seed: UInt64(seed) + 1000)
    let end = log.clock + 2 * minute
    for name in names + ["Service/s1", "A", "Z", "Service/s3"] {
      for _ in 0..<6 {
        let from = Int64.random(in: tuesday..<end, using: &dice)
        let question = try question(name, from: from, to: .random(in: from...end, using: &dice))
        let proof: QuestionProof
        do {
          proof = try log.prove(question)
        } catch QuestionProverError.noIndexLeaf {
          try log.fixHeads()
          proof = try log.prove(question)
        }
        let answer = try verified(proof.bytes)
        #expect(
          answer.records.map(\.index) == (try log.scan(question)), "seed \(seed), \(question)")
        #expect(try QuestionProof(proof.bytes) == proof)
      }
    }
  }

  /// Two releases of one service, one allowed on a scan and one denied; another service in between.
  private func workedLog() throws -> RecordLog {
    let log = try RecordLog()
    let (passed, failed) = (try trace("passed"), try trace("failed"))
    // As records of this release have it, and as older ones do.
    let reading = try log.store.objects.put(try trace("passed", of: "$release").reading)
    for document in [passed, failed] { _ = try log.store.objects.put(document.bytes) }
    try log.append([
      decision("a", about: ["Release/r1", "Service/web"], readings: [reading]),
      decision("b", about: ["Release/r2", "Service/api"], trace: passed.digest),
      decision("c", about: ["Release/r3", "Service/web"], outcome: "deny", trace: failed.digest),
      decision("d", about: ["Release/r4", "Service/web"], readings: [reading]),
    ])
    try log.fixHeads()
    return log
  }

  @Test func noChangedByteYieldsAnotherAnswer() throws {
    let log = try workedLog()
    let question = try question("Service/web", from: tuesday + 3 * minute, to: tuesday + 9 * minute)
    let proof = try log.prove(question, claim)
    let good = proof.bytes
    let answer = try verified(good)
    #expect(answer.records.map(\.index) == [2, 3])
    #expect(answer.result(of: claim) == .holds([3]))
    var taken = 0
    for index in good.indices {
      var changed = good
      changed[index] ^= 1 << UInt8(index % 8)
      guard let other = try? verified(changed) else { continue }
      taken += 1
      // Another question may have another answer: the true one.
      #expect(other.records.map(\.index) == (try log.scan(other.question)), "byte \(index)")
      if other.question == question {
        #expect(other.records.map(\.index) == [2, 3], "byte \(index)")
      }
      if let claimed = other.claim, claimed != claim {
        if case .holds = other.result(of: claimed) { Issue.record("byte \(index)") }
      } else if other.question == question {
        #expect(other.result(of: claim) == .holds([3]), "byte \(index)")
      }
    }
    // Only the question and the claim, which nobody signs, may change.
    #expect(taken < 200)
  }

  @Test func claimsHoldOnlyOnWhatWasAllowed() throws {
    let log = try workedLog()
    let all = try verified(try log.prove(question("Service/web"), claim).bytes)
    #expect(all.result(of: claim) == .holds([0, 3]))
    #expect(
      all.result(of: Claim(gate: "shop.deploy", clause: "other"))
        == .fails([.noClause(0), .noClause(3)]))
    #expect(
      all.result(of: Claim(gate: "other.deploy", clause: "securityTested"))
        == .fails([.nothingAllowed([])]))
    let denied = try verified(
      try log.prove(
        question("Service/web", from: tuesday + 3 * minute, to: tuesday + 4 * minute), claim
      ).bytes)
    #expect(denied.result(of: claim) == .fails([.nothingAllowed([2])]))
    // By its short name.
    let short = try log.prove(
      question("Service/web"), Claim(gate: "deploy", clause: "securityTested"))
    #expect(short.claim == claim)
    let none = try verified(try log.prove(question("Service/none"), claim).bytes)
    #expect(none.result(of: claim) == .fails([.nothingAllowed([])]))
  }

  @Test func aTraceThatSaysOtherwiseOrIsGoneFailsTheClaim() throws {
    let log = try RecordLog()
    let failed = try trace("failed")
    let elsewhere = try trace("passed", gate: "shop.other")
    for document in [failed, elsewhere] { _ = try log.store.objects.put(document.bytes) }
    let passed = try log.store.objects.put(try trace("passed").reading)
    try log.append([
      decision("a", about: ["Service/a"], trace: failed.digest),
      decision("b", about: ["Service/b"], trace: try trace("owed").digest),
      decision("c", about: ["Service/c"]),
      decision("d", about: ["Service/d"], trace: elsewhere.digest),
      // A document that stands for a reading, a reading for a document, a clause twice, and one of two that is gone.
      decision("e", about: ["Service/e"], readings: [failed.digest]),
      decision("f", about: ["Service/f"], trace: passed),
      decision("g", about: ["Service/g"], readings: [passed, passed]),
      decision("h", about: ["Service/h"], readings: [passed, Digest(of: [1])]),
      decision("i", about: ["Service/i"], readings: [passed]),
    ])
    try log.fixHeads()
    func result(_ name: String) throws -> ClaimResult {
      try verified(try log.prove(question(name), claim).bytes).result(of: claim)
    }
    #expect(try result("Service/a") == .fails([.otherOutcome(0, "failed")]))
    #expect(try result("Service/b") == .fails([.noTrace(1)]))
    #expect(try result("Service/c") == .fails([.noTrace(2)]))
    #expect(try result("Service/d") == .fails([.noTrace(3)]))
    #expect(try result("Service/e") == .fails([.noTrace(4)]))
    #expect(try result("Service/f") == .fails([.noTrace(5)]))
    #expect(try result("Service/g") == .fails([.noClause(6)]))
    #expect(try result("Service/h") == .fails([.noTrace(7)]))
    #expect(try result("Service/i") == .holds([8]))
    // The node of the parameter is named where the decision is.
    let record = try verified(try log.prove(question("Service/i"), claim).bytes)
    let clauses = record.trace(of: record.records[0].record)?.clauses
    #expect(clauses?.first?["facts"]?.array?.first?["fact"] == "Scan/s1")
  }

  @Test func nothingCanBeLeftOutOrAdded() throws {
    let log = try workedLog()
    // Entries behind the index leaf as well.
    try log.append([
      decision("e", about: ["Service/web"]), decision("f", about: ["Service/api"]),
      decision("g", about: ["Service/web"]),
    ])
    let proof = try log.prove(question("Service/web"), claim)
    #expect(try verified(proof.bytes).records.map(\.index) == [0, 2, 3, 5, 7])
    for place in proof.entries.indices {
      var entries = proof.entries
      entries.remove(at: place)
      #expect(throws: QuestionProofError.self, "without \(proof.entries[place].index)") {
        try verified(changed(proof, entries: entries).bytes)
      }
    }
    // An entry that is in the log and has nothing to do with it.
    let reader = try log.reader()
    let surplus = ProvenEntry(
      entry: try reader.entry(at: 1), index: 1, path: try reader.inclusionProof(index: 1).hashes)
    var entries = proof.entries
    entries.insert(surplus, at: 1)
    #expect(throws: QuestionProofError.surplusEntry(1)) {
      try verified(changed(proof, entries: entries).bytes)
    }
    let doubled = proof.entries + [proof.entries[0]]
    #expect(throws: QuestionProofError.order(0)) {
      try verified(changed(proof, entries: doubled).bytes)
    }
    #expect(throws: QuestionProofError.noIndexLeaf) {
      try verified(changed(proof, entries: []).bytes)
    }
    #expect(throws: QuestionProofError.self) {
      try verified(changed(proof, objects: proof.objects.reversed()).bytes)
    }
    #expect(throws: QuestionProofError.self) {
      try verified(changed(proof, objects: proof.objects + [bytes("{}")]).bytes)
    }
  }

  private func changed(
    _ proof: QuestionProof, question: Question? = nil, note: SignedNote? = nil,
    entries: [ProvenEntry]? = nil, heads: [ProvenHead]? = nil, objects: [[UInt8]]? = nil
  ) -> QuestionProof {
    QuestionProof(
      question: question ?? proof.question, claim: proof.claim, note: note ?? proof.note,
      entries: entries ?? proof.entries, heads: heads ?? proof.heads,
      objects: objects ?? proof.objects)
  }

  @Test func headsOfOtherSubjectsDoNotServe() throws {
    let log = try workedLog()
    // Sorted: Release/r1 … r4, Service/api, Service/web.
    let proofs = try ["Release/r0", "Release/r1", "Release/r2x", "Service/api", "Service/b", "Z"]
      .map { try log.prove(question($0)) }
    for proof in proofs { try verified(proof.bytes) }
    #expect(proofs.map(\.heads.count) == [1, 1, 2, 1, 2, 1])
    for proof in proofs {
      for other in proofs where other.heads != proof.heads {
        let forged = changed(proof, heads: other.heads)
        #expect(throws: QuestionProofError.self, "\(proof.question) by \(other.question)") {
          try verified(forged.bytes)
        }
      }
      #expect(throws: QuestionProofError.self) { try verified(changed(proof, heads: []).bytes) }
      #expect(throws: QuestionProofError.self) {
        try verified(changed(proof, heads: proof.heads + proof.heads).bytes)
      }
    }
    // Neighbours that are not next to each other hide what stands between them.
    let far = [proofs[1].heads[0], proofs[3].heads[0]]
    #expect(throws: QuestionProofError.self) {
      try verified(changed(proofs[2], heads: far).bytes)
    }
  }

  @Test func anotherLogsLeafDoesNotServe() throws {
    let log = try workedLog()
    let other = try RecordLog()
    for number in 0..<4 { try other.append([decision("\(number)", about: ["Service/x"])]) }
    try other.fixHeads()
    let (proof, forger) = (
      try log.prove(question("Service/web")), try other.prove(question("Service/web"))
    )
    #expect(forger.entries.count == 1)
    // The other log's leaf in this log, and the other log's checkpoint around this one's entries.
    for forged in [
      changed(proof, entries: forger.entries, heads: forger.heads),
      changed(proof, entries: Array(proof.entries.dropLast()) + forger.entries),
      changed(proof, note: forger.note), changed(forger, note: proof.note),
    ] {
      #expect(throws: QuestionProofError.self) { try verified(forged.bytes) }
    }
    let key = try workedSigner().verifierKey
    #expect(throws: QuestionProofError.self) {
      try proof.verify(keys: [key], origin: "log.example/other")
    }
    let stranger = VerifierKey(
      name: key.name, algorithm: .ed25519, publicKey: try workedKey(from: 0x20).publicKey)
    #expect(throws: QuestionProofError.self) {
      try proof.verify(keys: [stranger], origin: "log.example/writ")
    }
  }

  /// The log's own key signs a false history: what a proof shows of it does not hold together.
  @Test func aLogThatContradictsItselfIsRefused() throws {
    func entry(_ prev: JSONValue, at time: Int64) throws -> [UInt8] {
      try EvidenceRecord(
        type: PredicateType.decision, subjects: [subject("Service/web")],
        predicate: [
          "prev": prev,
          "logged": .string(Instant(microseconds: tuesday + time * minute).description),
        ]
      ).bytes
    }
    // Behind the leaf: an entry that names none, or the wrong one.
    for prev in [["Service/web": -1], ["Service/web": 1], [:]] as [JSONValue] {
      let log = try workedLog()
      try log.append(raw: [entry(prev, at: 100)])
      let proof = try log.index()
      #expect(throws: (any Error).self) {
        try verified(try proof.prove(question("Service/web"), claim: nil).bytes)
      }
    }
    // In front of it: a chain that was cut short, one that runs in a circle, one that leads elsewhere, and
    // one that goes up in time.
    for (prevs, times) in [
      ([-1, 1], [1, 2]), ([-1, 0, 5], [1, 2, 3]), ([-1, 0], [2, 1]),
    ] as [([Int64], [Int64])] {
      let log = try RecordLog()
      for (prev, time) in zip(prevs, times) {
        try log.append(raw: [entry(["Service/web": .integer(prev)], at: time)])
      }
      try log.fixHeads()
      #expect(throws: (any Error).self, "\(prevs)") {
        try verified(try log.prove(question("Service/web")).bytes)
      }
    }
  }

  @Test func otherSpellingsAreRefused() throws {
    let good = try workedLog().prove(question("Service/web"), claim).bytes
    for wrong in [
      good + [0x0a], [0x20] + good, Array(good.dropLast()), bytes("{}"), [], bytes("[]"),
    ] {
      #expect(throws: QuestionProofError.self) { try QuestionProof(wrong) }
    }
    let json = try JSONValue(parsing: good)
    #expect(throws: QuestionProofError.self) { try QuestionProof(bytes(json.pretty)) }
    for member in json.object ?? [] {
      let without = JSONValue.object((json.object ?? []).filter { $0 != member })
      guard member.name != "claim" else { continue }
      #expect(throws: QuestionProofError.self, "\(member.name)") {
        try QuestionProof(without.canonicalBytes())
      }
    }
    let more = JSONValue.object((json.object ?? []) + [JSONMember("zebra", 1)])
    #expect(throws: QuestionProofError.self) { try QuestionProof(more.canonicalBytes()) }
  }
}
