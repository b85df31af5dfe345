// A witness's side of the protocol: published exchanges, and every answer in its order.
import Testing
import WritCrypto
import WritEvidence
import WritModel

/// A log whose entries are numbers, as it stands at each size.
struct NumberedLog {
  let signer: NoteSigner
  let tree: MerkleTree

  /// As many entries; those from `fork` on are others.
  init(_ count: Int, fork: Int = .max, name: String = "log.example/writ") throws {
    signer = NoteSigner(name: try #require(KeyName(name)), key: try workedKey(from: 0))
    var tree = MerkleTree()
    var hasher = MerkleHasher()
    for number in 0..<count {
      tree.append(
        hasher.leaf(bytes(number < fork ? "\(number)" : "other \(number)")), with: &hasher)
    }
    self.tree = tree
  }

  func note(_ size: UInt64) -> SignedNote {
    let root = tree.root(of: size)
    return signer.sign(
      Checkpoint(origin: signer.name.description, size: size, root: root).text)
  }

  func proof(_ old: UInt64, _ size: UInt64) -> [Digest] {
    old == 0 ? [] : ConsistencyProof(oldSize: old, size: size, from: tree).hashes
  }

  func request(_ old: UInt64, _ size: UInt64) -> [UInt8] {
    AddCheckpointRequest(oldSize: old, hashes: proof(old, size), note: note(size)).bytes
  }
}

/// A witness without a disk: the same two steps.
private struct MemoryWitness {
  let logs: [VerifierKey]
  var latest: [String: Checkpoint] = [:]

  mutating func status(_ request: [UInt8]) -> (Int, WitnessRefusal?) {
    do throws(WitnessRefusal) {
      let submission = try WitnessSubmission(request, logs: logs)
      try submission.judge(latest: latest[submission.checkpoint.origin])
      latest[submission.checkpoint.origin] = submission.checkpoint
      return (200, nil)
    } catch {
      return (error.status, error)
    }
  }
}

@Suite struct WitnessTests {
  @Test func publishedExchange() throws {
    let file = try vectors("witness/add-checkpoint.json")
    var witness = MemoryWitness(
      logs: [try #require(VerifierKey(try text(file, "log_vkey")))])
    let exchange = try #require(file["exchange"]?.array)
    #expect(exchange.count > 5)
    for item in exchange {
      let (status, refusal) = witness.status(bytes(try text(item, "request")))
      // The server that answered told unknown logs by 403, as the protocol then did.
      if item["body_contains"]?.string == "unknown log" {
        #expect(status == 404)
      } else {
        #expect(item["status"] == .integer(Int64(status)), "\(refusal.debugDescription)")
      }
      if let body = item["body"]?.string {
        guard case .otherSize(let size)? = refusal else {
          Issue.record("expected another size")
          continue
        }
        #expect("\(size)\n" == body)
      }
    }
  }

  @Test func theWorkedRequest() throws {
    let text =
      "old 1\nKhWNiv1I4/iMtBld/bKp5IF9lfpX/TREDZP5quXE+Cs=\n4jU3sFDoSvLLqrRvL4PY07X+vI5axiANMGKE9ofUaSQ=\n\n"
      + workedCheckpoint
    let request = try AddCheckpointRequest(bytes(text))
    #expect(request.oldSize == 1)
    #expect(request.hashes.count == 2)
    #expect(request.bytes == bytes(text))
    let submission = try WitnessSubmission(bytes(text), logs: [workedSigner().verifierKey])
    let root = Merkle.leafHash(of: [])
    #expect(throws: Never.self) {
      try submission.judge(
        latest: Checkpoint(origin: "log.example/writ", size: 1, root: root))
    }
  }

  @Test func everyStepOfEverySmallLog() throws {
    let log = try NumberedLog(33)
    for old in 0...UInt64(33) {
      for size in old...33 {
        var witness = MemoryWitness(logs: [log.signer.verifierKey])
        #expect(witness.status(log.request(0, old)).0 == 200)
        #expect(witness.status(log.request(old, size)).0 == 200, "\(old) to \(size)")
      }
    }
  }

  @Test func everyAnswerInItsOrder() throws {
    let log = try NumberedLog(9)
    let fork = try NumberedLog(9, fork: 3)
    let other = try NumberedLog(9, name: "other.example")
    var witness = MemoryWitness(logs: [log.signer.verifierKey])
    func request(_ old: UInt64, _ hashes: [Digest], _ note: SignedNote) -> [UInt8] {
      AddCheckpointRequest(oldSize: old, hashes: hashes, note: note).bytes
    }
    // A malformed body comes before everything.
    #expect(witness.status([]).0 == 400)
    #expect(witness.status(bytes("old 0\n\nother.example\nx\n\n" + "— a AAAAAAA=\n")).0 == 400)
    // A line that is no signature does not verify.
    let broken = request(0, [], log.note(5)).dropLast(4) + bytes("!!!\n")
    #expect(witness.status(Array(broken)).1 == .notSigned(.malformed))
    // Then the origin: even where the old size is wrong, too.
    #expect(witness.status(request(9, [], other.note(5))).1 == .unknownOrigin("other.example"))
    // Then the signature.
    let unsigned = SignedNote(text: log.note(5).text, signatures: other.note(5).signatures)
    #expect(witness.status(request(9, [], unsigned)).1 == .notSigned(.noKnownSignature))
    let wrong = SignedNote(text: log.note(5).text, signatures: log.note(4).signatures)
    #expect(witness.status(request(9, [], wrong)).1 == .notSigned(.badSignature(log.signer.name)))
    // Then the sizes.
    #expect(witness.status(request(6, [], log.note(5))).1 == .oldSizeTooLarge(old: 6, size: 5))
    #expect(witness.status(request(5, [], log.note(5))).1 == .otherSize(0))
    #expect(witness.status(log.request(0, 5)).0 == 200)
    #expect(witness.status(log.request(0, 7)).1 == .otherSize(5))
    #expect(witness.status(log.request(4, 7)).1 == .otherSize(5))
    // A smaller checkpoint can only begin at a smaller size.
    #expect(witness.status(log.request(4, 4)).1 == .otherSize(5))
    // Then the proof.
    #expect(witness.status(request(5, [], log.note(7))).0 == 422)
    #expect(witness.status(request(5, log.proof(5, 8), log.note(7))).0 == 422)
    #expect(witness.status(request(5, log.proof(5, 7) + log.proof(1, 2), log.note(7))).0 == 422)
    #expect(witness.status(request(5, log.proof(5, 7), log.note(5))).0 == 422)
    #expect(witness.status(fork.request(5, 7)).0 == 422)
    #expect(witness.status(fork.request(5, 5)).1 == .forked(size: 5))
    // Nothing of that has changed what is remembered, and the same again is well.
    #expect(witness.status(log.request(5, 5)).0 == 200)
    #expect(witness.status(log.request(5, 9)).0 == 200)
  }

  @Test func aLogWithoutEntries() throws {
    let log = try NumberedLog(2)
    var witness = MemoryWitness(logs: [log.signer.verifierKey])
    let proof = log.proof(1, 2)
    let withProof = AddCheckpointRequest(oldSize: 0, hashes: proof, note: log.note(2))
    #expect(witness.status(withProof.bytes).0 == 422)
    let root = Base64.encode(log.tree.root(of: 1).bytes)
    let wrong = log.signer.sign("log.example/writ\n0\n\(root)\n")
    let request = AddCheckpointRequest(oldSize: 0, hashes: [], note: wrong)
    #expect(witness.status(request.bytes).0 == 422)
    #expect(witness.status(log.request(0, 0)).0 == 200)
    #expect(witness.status(log.request(0, 0)).0 == 200)
    #expect(witness.status(log.request(0, 2)).0 == 200)
  }

  @Test func otherLinesAreIgnoredAndNotPassedOn() throws {
    let log = try NumberedLog(3)
    let stranger = try witness("stranger", 0x60)
    let note = try #require(log.note(3).adding([stranger.cosign(log.note(3).text, at: 9)]))
    let request = AddCheckpointRequest(oldSize: 0, hashes: [], note: note)
    let submission = try WitnessSubmission(request.bytes, logs: [log.signer.verifierKey])
    #expect(submission.note == log.note(3))
  }

  @Test(arguments: [
    "old 00\n\n", "old +0\n\n", "old -1\n\n", "old 0 \n\n", "old  0\n\n", "Old 0\n\n",
    "old 0\r\n\r\n",
    "old 9223372036854775808\n\n", "old\n\n", "\n", "old 0\n", "old 0\nAAAA\n\n",
    "old 0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n\n", "old 0\n\n\n",
  ])
  func malformed(_ start: String) throws {
    do {
      let keys = [try workedSigner().verifierKey]
      _ = try WitnessSubmission(bytes(start + workedCheckpoint), logs: keys)
      Issue.record("accepted: \(start)")
    } catch let error as WitnessRefusal {
      #expect(error.status == 400)
    }
  }

  @Test func noMoreThan63Hashes() throws {
    let note = try SignedNote(bytes(workedCheckpoint))
    let hashes = Array(repeating: Merkle.emptyRoot, count: 63)
    let most = AddCheckpointRequest(oldSize: 1, hashes: hashes, note: note)
    #expect(try AddCheckpointRequest(most.bytes) == most)
    let more = AddCheckpointRequest(oldSize: 1, hashes: hashes + hashes, note: note)
    #expect(throws: WitnessRefusal.malformed("at most 63 hashes")) {
      try AddCheckpointRequest(more.bytes)
    }
  }

  @Test func everyOneByteChangeIsRefused() throws {
    let log = try NumberedLog(7)
    let request = log.request(3, 7)
    let latest = try #require(Checkpoint(log.note(3).text))
    for index in request.indices {
      for change in [UInt8(1), 0x20, 0x80] {
        var changed = request
        changed[index] ^= change
        mustFail("\(index)") {
          try WitnessSubmission(changed, logs: [log.signer.verifierKey]).judge(latest: latest)
        }
      }
    }
  }
}

@Suite struct WitnessExchangeTests {
  private let size: UInt64 = 7

  private func exchange() throws -> (WitnessExchange, NumberedLog, CosignatureSigner) {
    let log = try NumberedLog(7)
    let signer = try witness("w", 0x20)
    return (WitnessExchange(note: log.note(7), size: 7, key: signer.verifierKey), log, signer)
  }

  @Test func fromNothing() throws {
    var (exchange, log, signer) = try exchange()
    #expect(exchange.request(hashes: []) == log.request(0, 7))
    let line = signer.cosign(log.note(7).text, at: 12)
    let step = try exchange.take(status: 200, body: bytes("\(line)\n"))
    guard case .cosigned(line, let signature) = step else {
      Issue.record("expected a cosignature")
      return
    }
    #expect(signature.time == 12)
    #expect(signature.key == signer.verifierKey)
  }

  @Test func fromWhatTheWitnessKnows() throws {
    var (exchange, log, _) = try exchange()
    #expect(try exchange.take(status: 409, body: bytes("3\n")) == .again)
    #expect(exchange.oldSize == 3)
    #expect(exchange.request(hashes: log.proof(3, 7)) == log.request(3, 7))
    // Somebody else was faster.
    #expect(try exchange.take(status: 409, body: bytes("5\n")) == .again)
    #expect(exchange.request(hashes: log.proof(5, 7)) == log.request(5, 7))
  }

  @Test func aWitnessThatHasSeenMore() throws {
    var (exchange, _, _) = try exchange()
    #expect(throws: WitnessExchangeError.witnessIsAhead(size: 8, of: 7)) {
      try exchange.take(status: 409, body: bytes("8\n"))
    }
  }

  @Test func aWitnessThatNeverSettles() throws {
    var (exchange, _, _) = try exchange()
    for known in 1...3 {
      #expect(try exchange.take(status: 409, body: bytes("\(known)\n")) == .again)
    }
    #expect(throws: WitnessExchangeError.tooManyRounds) {
      try exchange.take(status: 409, body: bytes("4\n"))
    }
    var (same, _, _) = try self.exchange()
    #expect(throws: WitnessExchangeError.tooManyRounds) {
      try same.take(status: 409, body: bytes("0\n"))
    }
  }

  @Test(arguments: ["", "3", "3\n\n", "03\n", "+3\n", " 3\n", "3\r\n", "x\n"])
  func noSize(_ body: String) throws {
    var (exchange, _, _) = try exchange()
    #expect(throws: WitnessExchangeError.malformed("expected a size behind 409")) {
      try exchange.take(status: 409, body: bytes(body))
    }
  }

  @Test func linesOfOthersAreIgnored() throws {
    var (exchange, log, signer) = try exchange()
    let other = try witness("other", 0x40).cosign(log.note(7).text, at: 12)
    let own = signer.cosign(log.note(7).text, at: 12)
    #expect(throws: WitnessExchangeError.noCosignature) {
      try exchange.take(status: 200, body: bytes("\(other)\n"))
    }
    guard case .cosigned(own, _) = try exchange.take(status: 200, body: bytes("\(other)\n\(own)\n"))
    else {
      Issue.record("expected the witness's own line")
      return
    }
    // Of another text, and cut.
    let wrong = signer.cosign(log.note(6).text, at: 12)
    #expect(throws: WitnessExchangeError.badCosignature) {
      try exchange.take(status: 200, body: bytes("\(wrong)\n"))
    }
    for body in ["", "\(own)", "\(own)\n\n", "hello\n"] {
      #expect(throws: WitnessExchangeError.self) {
        try exchange.take(status: 200, body: bytes(body))
      }
    }
  }

  @Test func refusals() throws {
    var (exchange, _, _) = try exchange()
    #expect(throws: WitnessExchangeError.refused(status: 404, message: "no such log")) {
      try exchange.take(status: 404, body: bytes("no such log\nmore\n"))
    }
    #expect(throws: WitnessExchangeError.inconsistent(message: "no reason given")) {
      try exchange.take(status: 422, body: [])
    }
  }
}
