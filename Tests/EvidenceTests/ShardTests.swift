// Logs that end, and logs that go on from them.
import Testing
import WritCrypto
import WritEvidence
import WritModel

@Suite struct ShardTests {
  private let nextKey: Ed25519PrivateKey
  private let next: NoteSigner

  init() throws {
    nextKey = try #require(Ed25519PrivateKey(seed: [UInt8](repeating: 7, count: 32)))
    next = NoteSigner(name: try #require(KeyName("log.example/next")), key: nextKey)
  }

  /// A sealed log with one decision, and one that goes on from it.
  private func pair() throws -> (old: RecordLog, new: LogStore) {
    let old = try RecordLog()
    try old.append([decision("a", about: ["Release/r1"])])
    let note = try old.writer().seal(
      ShardSeal(next: next.verifierKey), id: "seal", clock: tuesday)
    let store = try LogStore.create(
      directory: old.path + "-next", origin: next.name, keyPath: "next.pem")
    let writer = try RecordWriter(store: store, signer: next)
    defer { writer.close() }
    let opening = try #require(ShardOpening(previous: note))
    try writer.open(opening, id: "open", clock: tuesday)
    #expect(throws: LogError.alreadyALog(path: store.directory)) {
      try writer.open(opening, id: "again", clock: tuesday)
    }
    return (old, store)
  }

  @Test func aLogGoesOnInAnother() throws {
    let (old, store) = try pair()
    let (earlier, later) = (
      try old.reader(), try LogReader(store: store, keys: [next.verifierKey])
    )
    #expect(try earlier.seal() == ShardSeal(next: next.verifierKey))
    #expect(try earlier.opening() == nil)
    #expect(try later.seal() == nil)
    #expect(try later.opening()?.checkpoint == earlier.signed.checkpoint)
    try checkLink(from: earlier, to: later, keys: [next.verifierKey])
    for reader in [earlier, later] {
      let records = try verifyRecords(reader) { _ in }
      #expect(records.findings == [] && records.unchainedCount == 0)
    }
    // The seal stands behind an index leaf, so questions about the old log have answers.
    #expect(try verified(old.prove(question("Release/r1")).bytes).records.count == 1)
  }

  @Test func aSealedLogTakesNothing() throws {
    let (old, _) = try pair()
    #expect(throws: LogError.sealed(next: "log.example/next")) { try old.writer() }
  }

  @Test func otherLogsAreNotLinked() throws {
    let (old, store) = try pair()
    let (earlier, later) = (
      try old.reader(), try LogReader(store: store, keys: [next.verifierKey])
    )
    #expect(throws: ShardLinkError.noOpening) {
      try checkLink(from: later, to: earlier, keys: [next.verifierKey])
    }
    // Trusted by another key than the seal names.
    #expect(throws: ShardLinkError.otherNext(named: next.verifierKey.description)) {
      try checkLink(from: earlier, to: later, keys: [workedSigner().verifierKey])
    }
    let other = try RecordLog()
    try other.append([decision("b", about: ["Release/r1"])])
    #expect(throws: ShardLinkError.otherLog(named: "log.example/writ", size: 3)) {
      try checkLink(from: other.reader(), to: later, keys: [next.verifierKey])
    }
  }

  @Test func aLogThatWasNotSealedIsNotLinked() throws {
    let old = try RecordLog()
    try old.append([decision("a", about: ["Release/r1"])])
    let earlier = try old.reader()
    let store = try LogStore.create(
      directory: old.path + "-next", origin: next.name, keyPath: "next.pem")
    let writer = try RecordWriter(store: store, signer: next)
    try writer.open(
      try #require(ShardOpening(previous: earlier.signed.note)), id: "open", clock: tuesday)
    writer.close()
    #expect(throws: ShardLinkError.noSeal) {
      try checkLink(
        from: earlier, to: LogReader(store: store, keys: [next.verifierKey]),
        keys: [next.verifierKey])
    }
  }

  @Test func whatStandsBehindASealIsFound() throws {
    let (old, _) = try pair()
    let record = try EvidenceRecord(
      type: PredicateType.decision, subjects: [subject("Release/r9")],
      predicate: [
        "id": "x", "kind": "gate", "logged": .string(Instant(microseconds: tuesday).description),
        "prev": ["Release/r9": -1],
      ])
    try old.append(raw: [record.bytes])
    let findings = try verifyRecords(old.reader()) { _ in }.findings
    #expect(findings.map(\.message).contains("entry 3 stands behind the seal of the log"))
  }

  @Test func anOpeningStandsFirst() throws {
    let (old, store) = try pair()
    defer { withExtendedLifetime(old) {} }
    let later = try LogReader(store: store, keys: [next.verifierKey])
    let log = try RecordLog()
    try log.append([decision("a", about: ["Release/r1"])])
    try log.append(raw: [try later.entry(at: 0)])
    let findings = try verifyRecords(log.reader()) { _ in }.findings
    #expect(findings.map(\.message).contains("entry 1 opens the log, and is not its first"))
  }
}
