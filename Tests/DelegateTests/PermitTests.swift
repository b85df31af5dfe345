// Every way in which an order can be wrong is refused in its own words.

import Testing
import WritCrypto
import WritDelegate
import WritEvidence
import WritModel

@Suite struct PermitTests {
  private func refusal(
    _ order: WorkOrder, _ trust: DelegateTrust, spent: SpentTest = nothingSpent,
    now: Instant = noon
  ) throws -> PermitRefusal? {
    do throws(PermitRefusal) {
      _ = try PermitCheck.check(order, trust: trust, spent: spent, now: now)
      return nil
    } catch {
      #expect(!error.description.isEmpty && !error.code.isEmpty)
      return error
    }
  }

  @Test func aRightOrderIsAccepted() throws {
    var world = try World()
    let (order, permit) = try world.order(assignment())
    let accepted = try PermitCheck.check(
      order, trust: world.trust(), spent: nothingSpent, now: noon)
    #expect(accepted.permit == permit)
    #expect(accepted.assignment == order.assignment)
    #expect(accepted.checkpoint == world.checkpoint())
    #expect(try WorkOrder(Array(order.json.compact.utf8)) == order)
  }

  @Test func aPermitIsForOneActionOnly() throws {
    var world = try World()
    let (order, permit) = try world.order(assignment(service: "Service/a", image: "one"))
    let others = [
      try assignment(service: "Service/b", image: "one"),
      try assignment(service: "Service/a", image: "two"),
      try assignment(["false"], service: "Service/a", image: "one"),
      try assignment(service: "Service/a", image: "one", effect: .staging),
      try assignment(service: "Service/a", image: "one", secrets: ["token"]),
      try assignment(service: "Service/a", image: "one", timeout: 1),
      try assignment(service: "Service/a", image: "one", isIdempotent: true),
    ]
    for other in others {
      let swapped = WorkOrder(
        assignment: other, permit: permit.signed(by: world.permitKey), proof: order.proof)
      #expect(
        try refusal(swapped, world.trust())
          == .otherAction(permitted: permit.digest, found: other.digest))
    }
  }

  @Test func aPermitMustBeSignedByThePermitKey() throws {
    var world = try World()
    let (order, permit) = try world.order(assignment())
    for thief in [world.delegateKey, try key(2), try key(9)] {
      let forged = WorkOrder(
        assignment: order.assignment, permit: permit.signed(by: thief), proof: order.proof)
      #expect(try refusal(forged, world.trust()) == .forged(.badSignature))
    }
    let both = Envelope(
      payloadType: Statement.payloadType, payload: permit.signed(by: world.permitKey).payload,
      signedBy: [world.permitKey, try key(9)])
    let double = WorkOrder(assignment: order.assignment, permit: both, proof: order.proof)
    guard case .forged(.malformed) = try refusal(double, world.trust()) else {
      Issue.record("two signatures were taken")
      return
    }
  }

  /// Whichever byte of an order's text is changed: it is no order any more, or refused.
  @Test func noByteCanBeChanged() throws {
    var world = try World()
    let (order, _) = try world.order(assignment(["echo", "é"], secrets: ["token"], timeout: 5))
    let trust = try world.trust()
    let text = Array(
      WorkOrder(
        assignment: order.assignment, permit: try Envelope(order.permit)
      ).json.compact.utf8)
    // Without a proof: a changed proof may be the same proof with another disclosure.
    var staging: [String: Int] = [:]
    for place in text.indices {
      for change in [text[place] ^ 1, text[place] ^ 0x20, UInt8(ascii: "0")] {
        var bytes = text
        bytes[place] = change
        guard bytes != text, let read = try? WorkOrder(bytes) else { continue }
        let refused = try refusal(read, trust)
        staging[refused?.code ?? "accepted", default: 0] += 1
        #expect(refused != nil && refused != .noProof, "byte \(place)")
      }
    }
    #expect(staging["otherAction"] ?? 0 > 100)
    #expect(staging["forged"] ?? 0 > 100)
  }

  @Test func aPermitIsForOneDelegateOnly() throws {
    var world = try World()
    let (order, _) = try world.order(assignment())
    var other = world
    other.delegateName = "eu-2"
    #expect(
      try refusal(order, other.trust()) == .otherDelegate(expected: "eu-2", found: "eu-1"))
    let otherKey = DelegateTrust(
      permitKey: world.permitKey.publicKey, log: try world.trust().log,
      identity: DelegateIdentity(name: "eu-1", key: try key(9).publicKey))
    #expect(try refusal(order, otherKey) == .otherDelegate(expected: "eu-1", found: "eu-1"))
  }

  @Test func aPermitHasItsTime() throws {
    var world = try World()
    let (order, permit) = try world.order(assignment())
    let trust = try world.trust()
    #expect(try refusal(order, trust, now: noon.later(-1)) == .notYetValid(from: noon))
    #expect(try refusal(order, trust, now: noon.later(minute - 1)) == nil)
    #expect(
      try refusal(order, trust, now: noon.later(minute)) == .expired(at: noon.later(minute)))
    let long = Permit(
      for: order.assignment, id: permit.id, delegate: permit.delegate, fence: 7,
      validity: noon..<noon.later(minute + 1), decision: permit.decision, isUnsigned: false)
    let longer = WorkOrder(
      assignment: order.assignment, permit: long.signed(by: world.permitKey), proof: order.proof)
    #expect(
      try refusal(longer, trust)
        == .forged(.malformed("expected an expiry at most 60 s after the issue")))
  }

  @Test func anOlderFenceIsRefused() throws {
    var world = try World()
    let (order, permit) = try world.order(assignment(), fence: 7)
    var trust = try world.trust()
    trust.fence = 7
    #expect(try refusal(order, trust) == nil)
    trust.fence = 8
    #expect(try refusal(order, trust) == .fenceTooOld(seen: 8, found: 7))
    // Whatever else is wrong with an order that comes again, it was spent.
    let spent = SpentTest(isSpent: { $0 == permit.id }, isDecisionSpent: { _ in true })
    #expect(
      try refusal(order, trust, spent: spent, now: noon.later(2 * minute))
        == .alreadySpent(id: permit.id))
  }

  @Test func aDecisionIsUsedOnce() throws {
    var world = try World()
    let spent = SpentTest(isSpent: { _ in false }, isDecisionSpent: { _ in true })
    let (order, permit) = try world.order(assignment())
    #expect(try refusal(order, world.trust(), spent: spent) == .decisionSpent(permit.decision))
    let (again, _) = try world.order(assignment(isIdempotent: true))
    #expect(try refusal(again, world.trust(), spent: spent) == nil)
  }

  /// What an assignment says of its effect is the word of whoever wrote the permit.
  @Test func everyOrderNeedsAProof() throws {
    var world = try World()
    for effect in ActionEffect.allCases {
      let (order, permit) = try world.order(assignment(effect: effect))
      let bare = WorkOrder(
        assignment: order.assignment, permit: permit.signed(by: world.permitKey))
      #expect(try refusal(bare, world.trust()) == .noProof)
    }
  }
}

// What the proof must prove.
extension PermitTests {
  /// An order whose permit and proof are of a decision that is not what it should be.
  private func order(
    _ world: inout World, _ text: DecisionText
  ) throws -> WorkOrder {
    let assignment = try assignment()
    let place = try world.decide(assignment, text)
    let permit = world.permit(for: assignment, at: place)
    return WorkOrder(
      assignment: assignment, permit: permit.signed(by: world.permitKey),
      proof: world.proof(of: place.index))
  }

  @Test func onlyAnAllowPermits() throws {
    var world = try World()
    let trust = try world.trust()
    for outcome in ["deny", "hold", "Allow", ""] {
      let wrong = try order(&world, DecisionText(outcome: outcome))
      #expect(try refusal(wrong, trust) == .notAllowed(outcome: outcome))
    }
    #expect(try refusal(order(&world, DecisionText(question: true)), trust) == .question)
    #expect(try refusal(order(&world, DecisionText(question: nil)), trust) == .noDecision)
    #expect(try refusal(order(&world, DecisionText(question: "no")), trust) == .noDecision)
    let other = DecisionText(action: digest("another"))
    #expect(
      try refusal(order(&world, other), trust)
        == .otherDecision(found: digest("another").description))
    let approval = DecisionText(type: "urn:example:other:v1")
    #expect(try refusal(order(&world, approval), trust) == .noDecision)
    // A decision of a gate that guards no action names none.
    let assignment = try assignment()
    var text = DecisionText()
    text.action = nil
    world.append(try text.entry(99))
    let place = LogPlace(origin: world.origin, index: world.size - 1)
    let permit = world.permit(for: assignment, at: place)
    let nameless = WorkOrder(
      assignment: assignment, permit: permit.signed(by: world.permitKey),
      proof: world.proof(of: place.index))
    #expect(try refusal(nameless, trust) == .otherDecision(found: nil))
  }

  @Test func permitAndDecisionSayTheSameOfWhoActs() throws {
    var world = try World()
    let trust = try world.trust()
    let assignment = try assignment()
    for (decided, permitted) in [(false, false), (true, true), (true, false), (false, true)] {
      let place = try world.decide(assignment, DecisionText(isUnsigned: decided))
      let permit = world.permit(for: assignment, at: place, isUnsigned: permitted)
      let order = WorkOrder(
        assignment: assignment, permit: permit.signed(by: world.permitKey),
        proof: world.proof(of: place.index))
      #expect(
        try refusal(order, trust)
          == (decided == permitted ? nil : .otherCaller(isUnsigned: decided)))
      let read = try Permit(permit.signed(by: world.permitKey).json, key: trust.permitKey)
      #expect(read == permit)
    }
  }

  /// Whatever the policy lets be done: the delegate's owner has the last word.
  @Test func anOwnerCanHaveNothingDoneForWhoDidNotSign() throws {
    var world = try World()
    var trust = try world.trust()
    trust.refusesUnsigned = true
    let assignment = try assignment()
    for isUnsigned in [false, true] {
      let place = try world.decide(assignment, DecisionText(isUnsigned: isUnsigned))
      let permit = world.permit(for: assignment, at: place, isUnsigned: isUnsigned)
      let order = WorkOrder(
        assignment: assignment, permit: permit.signed(by: world.permitKey),
        proof: world.proof(of: place.index))
      #expect(try refusal(order, trust) == (isUnsigned ? .unsigned : nil))
    }
  }

  @Test func permitAndDecisionAskForTheSameDelegate() throws {
    var world = try World()
    let trust = try world.trust()
    let assignment = try assignment()
    let cases: [(decided: [String], permitted: [String])] = [
      ([], []), (["eu"], ["eu"]), (["eu"], []), ([], ["eu"]), (["eu", "fast"], ["eu"]),
      (["eu", "fast"], ["fast", "eu"]),
    ]
    for (decided, permitted) in cases {
      let place = try world.decide(assignment, DecisionText(labels: decided))
      let permit = world.permit(for: assignment, at: place, labels: permitted)
      let order = WorkOrder(
        assignment: assignment, permit: permit.signed(by: world.permitKey),
        proof: world.proof(of: place.index))
      #expect(
        try refusal(order, trust)
          == (decided == permitted ? nil : .otherLabels(decided: decided, found: permitted)))
      let read = try Permit(permit.signed(by: world.permitKey).json, key: trust.permitKey)
      #expect(read == permit)
    }
  }

  @Test func theProofIsOfThePermitsEntry() throws {
    var world = try World()
    let assignment = try assignment()
    let first = try world.decide(assignment)
    let second = try world.decide(assignment)
    let permit = world.permit(for: assignment, at: first)
    let order = WorkOrder(
      assignment: assignment, permit: permit.signed(by: world.permitKey),
      proof: world.proof(of: second.index))
    #expect(
      try refusal(order, world.trust()) == .otherEntry(permitted: first, found: second))
  }

  @Test func theLogMustHaveSigned() throws {
    var world = try World()
    let (order, permit) = try world.order(assignment())
    let proof = try #require(order.proof)
    let note = NoteSigner(name: world.logSigner.name, key: try key(9)).sign(proof.note.text)
    let inclusion = InclusionProof(
      index: proof.index, size: world.size, hashes: proof.hashes)
    let forged = WorkOrder(
      assignment: order.assignment, permit: permit.signed(by: world.permitKey),
      proof: ProofBundle(entry: proof.extra, proof: inclusion, checkpoint: note))
    guard case .proof = try refusal(forged, world.trust()) else {
      Issue.record("a checkpoint of another key was taken")
      return
    }
    // An entry that is not in the log, beside a proof that is right for another.
    let entry = try DecisionText(action: permit.digest).entry(1000)
    let outside = WorkOrder(
      assignment: order.assignment, permit: permit.signed(by: world.permitKey),
      proof: ProofBundle(entry: entry, proof: inclusion, checkpoint: proof.note))
    #expect(try refusal(outside, world.trust()) == .proof(.proof(.wrongRoot)))
  }

  @Test func theLogOnlyGrows() throws {
    var world = try World()
    var trust = try world.trust()
    trust.checkpoint = world.checkpoint(2)
    let (order, permit) = try world.order(assignment(), seen: 2)
    #expect(try refusal(order, trust) == nil)
    let envelope = permit.signed(by: world.permitKey)
    func with(_ step: CheckpointStep?) -> WorkOrder {
      WorkOrder(
        assignment: order.assignment, permit: envelope, proof: order.proof, consistency: step)
    }
    #expect(try refusal(with(nil), trust) == .noConsistency(seen: 2))
    #expect(try refusal(with(world.step(from: 1)), trust) == .noConsistency(seen: 2))
    let wrong = CheckpointStep(
      oldSize: 2, hashes: world.step(from: 2).hashes.map { Digest(of: $0.bytes) })
    #expect(try refusal(with(wrong), trust) == .forked(size: 2))
    // The same log with another past.
    trust.checkpoint = Checkpoint(origin: world.origin, size: 2, root: digest("other"))
    #expect(try refusal(order, trust) == .forked(size: 2))
    // The same size with another root; the same root; a smaller log.
    trust.checkpoint = Checkpoint(origin: world.origin, size: world.size, root: digest("other"))
    #expect(try refusal(order, trust) == .forked(size: world.size))
    trust.checkpoint = world.checkpoint()
    #expect(try refusal(order, trust) == nil)
    world.append([1])
    trust.checkpoint = world.checkpoint()
    #expect(
      try refusal(order, trust) == .rolledBack(seen: world.size, found: world.size - 1))
  }
}

@Suite struct AssignmentTests {
  @Test func anAssignmentHasOneSpelling() throws {
    let assignment = try assignment(["kubectl", "apply"], secrets: ["b", "a"], timeout: 5)
    let text = String(decoding: assignment.bytes, as: UTF8.self)
    #expect(assignment.secrets == ["a", "b"])
    #expect(try Assignment(assignment.bytes) == assignment)
    #expect(assignment.digest == Digest(of: assignment.bytes))
    let others = [
      text.replacing("\"a\",\"b\"", with: "\"b\",\"a\""),
      text.replacing("\"a\",\"b\"", with: "\"a\",\"a\""),
      text.replacing(":5}", with: ":5.0}"), text.replacing(":5}", with: ":0}"),
      text.replacing(":5}", with: ":\"5\"}"), text.replacing(":5}", with: ":5} "),
      text.replacing("\"kind\"", with: "\"more\":1,\"kind\""),
      text.replacing("production\"", with: "prod\""),
      text.replacing("[\"kubectl\",\"apply\"]", with: "[]"),
      text.replacing("[\"a\",", with: "[\"PATH\","), text.replacing("[\"a\",", with: "[\"LD_X\","),
      text.replacing("[\"a\",", with: "[\"../a\","), text.replacing("sha256:", with: "SHA256:"),
      text.replacing("\"idempotent\":false,", with: ""),
      text.replacing("Identity/anna", with: ""),
    ]
    for other in others {
      #expect(other != text)
      #expect(throws: AssignmentError.self, "\(other)") { try Assignment(Array(other.utf8)) }
    }
  }

  @Test func limitsAreHeld() throws {
    #expect(throws: AssignmentError.self) {
      try assignment([String](repeating: "x", count: Limits.commandWords + 1))
    }
    #expect(throws: AssignmentError.self) {
      try assignment(["x", String(repeating: "x", count: Limits.assignmentByteCount)])
    }
    #expect(throws: AssignmentError.self) {
      try assignment(service: String(repeating: "x", count: Limits.assignmentByteCount))
    }
    #expect(throws: AssignmentError.self) { try assignment([""]) }
    #expect(throws: AssignmentError.self) { try assignment(timeout: .max) }
  }
}

@Suite struct StepResultTests {
  private func result(_ outcome: StepOutcome, _ exitCode: Int64?) throws -> StepResult {
    let output = StepOutput(digest: digest("out"), byteCount: 3, isTruncated: false)
    return StepResult(
      action: "checkout.deploy", digest: digest("action"),
      permit: String(repeating: "0", count: 32), fence: 7,
      ending: StepResult.Ending(
        outcome, exitCode: exitCode, from: noon, to: noon.later(5), output: output,
        reason: "words"))
  }

  @Test func aResultIsTheDelegatesAndCannotBeChanged() throws {
    let own = try key(3)
    let result = try result(.failed, 3)
    let envelope = result.signed(by: own)
    #expect(try StepResult(envelope.json, key: own.publicKey) == result)
    #expect(throws: StepResultError.badSignature) {
      try StepResult(envelope.json, key: try key(4).publicKey)
    }
    for place in envelope.payload.indices {
      var payload = envelope.payload
      payload[place] ^= 1
      let changed: JSONValue = [
        "payload": .string(Base64.encode(payload)),
        "payloadType": .string(envelope.payloadType),
        "signatures": envelope.json["signatures"] ?? .null,
      ]
      #expect(throws: StepResultError.badSignature) {
        try StepResult(changed, key: own.publicKey)
      }
    }
  }

  @Test func successIsExitCodeZero() throws {
    let own = try key(3)
    for (outcome, code) in [(.succeeded, 1), (.succeeded, nil), (.failed, 256)]
      as [(StepOutcome, Int64?)]
    {
      let envelope = try result(outcome, code).signed(by: own)
      #expect(throws: StepResultError.self) {
        try StepResult(envelope.json, key: own.publicKey)
      }
    }
  }
}
