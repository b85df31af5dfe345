// Keys that come and go: their records, and what follows from a chain of them.
import Testing
import WritCrypto
import WritEvidence
import WritModel

/// Signers of one log with the seeds n, n+1, ….
private func signer(_ seeds: [Int]) throws -> NoteSigner {
  let keys = try seeds.map { seed in
    try #require(
      Ed25519PrivateKey(seed: (0..<32).map { UInt8(truncatingIfNeeded: seed * 32 + $0) }))
  }
  return NoteSigner(name: try workedSigner().name, keys: keys)
}

private func key(_ seed: Int) throws -> VerifierKey { try signer([seed]).verifierKey }

private func statement(_ record: KeyRecord) throws -> Statement {
  try EvidenceRecord(
    type: PredicateType.key, subjects: [record.subject], predicate: .object(record.members)
  ).statement
}

private func add(_ seed: Int, from size: UInt64, by seeds: [Int]) throws -> KeyRecord {
  KeyRecord(.add(validFrom: size), key: try key(seed), signedBy: try signer(seeds))
}

private func retire(_ seed: Int, to size: UInt64, by seeds: [Int]) throws -> KeyRecord {
  KeyRecord(.retire(validTo: size), key: try key(seed), signedBy: try signer(seeds))
}

@Suite struct KeyRecordTests {
  @Test func recordsReadBack() throws {
    for record in [try add(1, from: 5, by: [0, 1]), try retire(0, to: 9, by: [1])] {
      #expect(try KeyRecord(try statement(record)) == record)
      // No reader takes the note for a checkpoint.
      #expect(Checkpoint(record.note.text) == nil)
      #expect(throws: CheckpointError.malformed) {
        try SignedCheckpoint(record.note.bytes, keys: [key(0), key(1)])
      }
    }
  }

  @Test func noOtherTextIsARecord() throws {
    let record = try add(1, from: 5, by: [0, 1])
    let predicate = try statement(record).predicate.object ?? []
    func refuses(_ members: [JSONMember], subject: Subject) throws {
      let made = try EvidenceRecord(
        type: PredicateType.key, subjects: [subject], predicate: .object(members))
      #expect(throws: KeyRecordError.self) { try KeyRecord(made.statement) }
    }
    for index in predicate.indices {
      var members = predicate
      members.remove(at: index)
      try refuses(members, subject: record.subject)
      members = predicate
      members[index] = JSONMember(predicate[index].name, "another")
      try refuses(members, subject: record.subject)
    }
    var members = predicate.filter { $0.name != "validFrom" }
    members.append(JSONMember("validFrom", 6))
    try refuses(members, subject: record.subject)
    let stranger = Subject(
      name: "log.example/writ", uri: nil,
      digests: [NamedDigest(algorithm: "sha256", value: try key(2).publicKey.fingerprint)])
    try refuses(predicate, subject: stranger)
  }

  @Test func theChainGivesEachKeyItsSizes() throws {
    var history = KeyHistory(trusting: try LogVerifierKeys(keys: [key(0)]))
    try history.take(try add(1, from: 5, by: [0, 1]), at: 4)
    try history.take(try retire(0, to: 9, by: [1]), at: 9)
    try history.take(try add(2, from: 12, by: [1, 2]), at: 11)
    // What was done twice, because the program was stopped between, says nothing new.
    try history.take(try add(2, from: 14, by: [1, 2]), at: 13)
    let lines = try ["\(key(0)) 0..9", "\(key(1)) 5", "\(key(2)) 12"]
    #expect(history.keys.map(\.fileLine) == lines)
  }

  @Test func aKeyThatWasGivenGetsItsSizesToo() throws {
    var history = KeyHistory(trusting: try LogVerifierKeys(keys: [key(0), key(1)]))
    try history.take(try add(1, from: 5, by: [0, 1]), at: 4)
    let lines = try ["\(key(0))", "\(key(1)) 5"]
    #expect(history.keys.map(\.fileLine) == lines)
  }

  @Test func nobodyElseBringsKeysInOrOut() throws {
    let start = KeyHistory(trusting: try LogVerifierKeys(keys: [key(0)]))
    let refused: [(KeyRecord, UInt64)] = [
      // Of a stranger, of the new key alone, without the new key, before it was there.
      (try add(1, from: 5, by: [2, 1]), 4), (try add(1, from: 5, by: [1]), 4),
      (try add(1, from: 5, by: [0]), 4), (try add(1, from: 4, by: [0, 1]), 4),
      // A key cannot retire itself, nor can one that the log has not.
      (try retire(0, to: 4, by: [0]), 4), (try retire(0, to: 4, by: [1]), 4),
    ]
    for (index, (record, place)) in refused.enumerated() {
      var history = start
      #expect(throws: KeyRecordError.self, "\(index)") { try history.take(record, at: place) }
      #expect(history == start)
    }
    // Nor a key after it was retired.
    var history = start
    try history.take(try add(1, from: 5, by: [0, 1]), at: 4)
    try history.take(try retire(0, to: 9, by: [1]), at: 9)
    #expect(throws: KeyRecordError.self) {
      try history.take(try add(2, from: 21, by: [0, 2]), at: 20)
    }
  }
}

@Suite struct RotatedLogTests {
  /// Old key, both, new key: each checkpoint is signed by those that sign then, and verified by a list
  /// of keys with sizes.
  @Test func aLogIsVerifiedThroughARotation() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/log"
    let (old, both, new) = (try signer([0]), try signer([0, 1]), try signer([1]))
    let store = try LogStore.create(directory: path, origin: old.name, keyPath: "old.key")
    #expect(try store.configuration().keys == [SigningKeyPlace(path: "old.key", verifierKey: nil)])
    for (signer, count, ids) in [(old, 3, [0]), (both, 4, [0, 1]), (new, 300, [1])] {
      let writer = try LogWriter(store: store, signer: signer)
      _ = try writer.append(group: entries(0..<count))
      let note = try writer.publish()
      #expect(try note.signatures.map(\.keyID) == ids.map { try key($0).id })
      writer.close()
    }
    let dated = try [
      key(0).restricted(to: 0...7), key(1).restricted(to: 4...Limits.treeSize),
    ]
    func findings(_ keys: [VerifierKey]) throws -> [LogFinding] {
      try verifyLog(store, keys: keys, origin: "log.example/writ", since: nil).findings
    }
    #expect(try findings(dated) == [])
    #expect(try findings([key(1)]) == [])
    #expect(try findings([key(0)]).map(\.path) == ["checkpoint"])
    #expect(try findings([key(1).restricted(to: 0...300)]).map(\.path) == ["checkpoint"])
    // The old key alone can no longer write.
    #expect(throws: LogError.self) { try LogWriter(store: store, signer: old) }
  }

  @Test func theConfigurationRemembersKeys() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/log"
    let store = try LogStore.create(
      directory: path, origin: try workedSigner().name, keyPath: "old.key")
    let places = [
      SigningKeyPlace(path: "a.key", verifierKey: try key(0)),
      SigningKeyPlace(path: "b.key", verifierKey: try key(1)),
    ]
    let retired = [try key(2)]
    try store.remember(keys: places, retired: retired)
    let configuration = try store.configuration()
    #expect(configuration.keys == places && configuration.retired == retired)
    #expect(configuration.origin == "log.example/writ")
  }
}

@Suite struct LogDirectoryTests {
  @Test func whatLiesInALogIsFound() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/log"
    let (_, writer) = try newLog(path)
    try writer.publish()
    writer.close()
    try write([1], to: directory.path + "/outside")
    for name in ["inside", "tile/inside", ".writ/inside"] {
      let file = "\(path)/\(name)"
      if name.hasPrefix("tile") { _ = try? copy(path + "/.writ/tmp", to: path + "/tile") }
      #expect(directoryOfLog(holding: file, or: nil) == path, "a file that is not yet there")
      try write([1], to: file)
      #expect(directoryOfLog(holding: file, or: nil) == path)
      #expect(directoryOfLog(holding: "\(path)/../log/\(name)", or: nil) == path)
    }
    #expect(directoryOfLog(holding: directory.path + "/outside", or: nil) == nil)
    #expect(directoryOfLog(holding: directory.path + "/outside", or: path) == nil)
    #expect(directoryOfLog(holding: path, or: path) == nil)
    // A directory that is no log yet.
    #expect(
      directoryOfLog(holding: directory.path + "/outside", or: directory.path) == directory.path)
  }
}
