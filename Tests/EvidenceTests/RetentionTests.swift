// How long objects are kept, and what says so.
import Glibc
import Testing
import WritCrypto
import WritEvidence
import WritModel

@Suite struct RetentionTests {
  private static let day: Int64 = 86_400_000_000

  private func retention(_ text: String) throws -> Retention { try Retention(bytes(text)) }

  @Test func aPolicyNamesClasses() throws {
    let policy = try retention(#"{"keep": {"trace": "90d", "bundle": "36h"}}"#)
    #expect(policy.keep == [.trace: 90 * RetentionTests.day, .bundle: RetentionTests.day * 3 / 2])
    #expect(try retention(#"{"keep": {}}"#).keep.isEmpty)
  }

  @Test(arguments: [
    "", "[]", "{}", #"{"keep": []}"#, #"{"keep": {"traces": "90d"}}"#, #"{"keep": {"trace": 90}}"#,
    #"{"keep": {"trace": "0s"}}"#, #"{"keep": {"trace": "-1d"}}"#, #"{"keep": {}, "more": 1}"#,
    #"{"keep": {"trace": "1d", "trace": "2d"}}"#,
  ])
  func anythingElseIsRefused(_ text: String) {
    #expect(throws: RetentionError.self) { try retention(text) }
  }

  @Test func theLongestUseCounts() throws {
    let log = try RecordLog()
    let (once, twice) = (bytes("read once"), bytes("read twice"))
    for content in [once, twice] { try log.store.objects.put(content) }
    let (first, second) = (Digest(of: once), Digest(of: twice))
    try log.append([
      decision("a", about: ["Release/r1"], trace: first),
      decision("b", about: ["Release/r1"], readings: [first, second]),
    ])
    // Ten days later the second is named again.
    let later = log.clock + 10 * RetentionTests.day
    let writer = try log.writer()
    _ = try writer.append(
      decision("c", about: ["Release/r2"], readings: [second]), clock: later)
    try writer.publish()
    func plan(_ now: Int64, _ text: String = #"{"keep": {"trace": "5d"}}"#) throws -> [Digest] {
      try PruningPlan(log.reader(), log.store.objects, retention(text), now: now) { _ in }
        .objects[.trace] ?? []
    }
    #expect(try plan(log.clock + 4 * RetentionTests.day) == [])
    #expect(try plan(later) == [first])
    #expect(try Set(plan(later + 5 * RetentionTests.day)) == [first, second])
    #expect(try plan(.max, #"{"keep": {"request": "1d"}}"#) == [])

    let policy = bytes(#"{"keep": {"trace": "5d"}}"#)
    try PruningPlan(log.reader(), log.store.objects, Retention(policy), now: later) { _ in }
      .carryOut(
        in: log.store, recordedIn: log.store, by: writer, policy: policy, log: "log.example/writ",
        id: "p", clock: later)
    writer.close()
    #expect(!log.store.objects.contains(first) && log.store.objects.contains(second))
    let said = LoggedRecord(try log.reader().entry(at: 3))
    #expect(said.predicate["removed"] == ["trace": 1])
    #expect(said.predicate["policy"]?.string == Digest(of: policy).description)
    let checkup = try checkUp(
      log.store, log.reader(), keys: [workedSigner().verifierKey]
    ) { _ in }
    // The policy that was followed is no bundle, and stays.
    #expect(
      try PruningPlan(
        log.reader(), log.store.objects, retention(#"{"keep": {"bundle": "1s"}}"#), now: .max - 1
      ) { _ in }.count == 0)
    #expect(checkup.findings == [] && checkup.gone == [.trace: 1] && checkup.unnamedCount == 0)
  }

  /// Also the reasons of a decision, which lie there where they are too long for its record.
  @Test func aCheckupFindsWhatIsMissingAndWasNotPruned() throws {
    let log = try RecordLog()
    let kept = try log.store.objects.put(bytes("a trace"))
    let other = try log.store.objects.put(bytes("another trace"))
    try log.append([
      decision("a", about: ["Release/r1"], trace: kept),
      decision("b", about: ["Release/r1"], trace: other),
    ])
    unlink(log.store.objects.path(of: kept))
    let checkup = try checkUp(
      log.store, log.reader(), keys: [workedSigner().verifierKey]
    ) { _ in }
    #expect(checkup.gone == [.trace: 1])
    #expect(checkup.findings.map(\.path) == [".writ/objects/\(kept)"])
    #expect(checkup.findings.first?.message.contains("it is the trace of entry 0") == true)
  }

  @Test func aCheckupFindsWhatIsWrong() throws {
    let log = try RecordLog()
    let kept = try log.store.objects.put(bytes("a trace"))
    try log.append([decision("a", about: ["Release/r1"], trace: kept)])
    try write(bytes("another"), to: log.store.objects.path(of: kept))
    try write(bytes("left"), to: log.path + "/.writ/tmp/left")
    try write(bytes("no checkpoint"), to: log.path + "/.writ/checkpoints/7")
    let checkup = try checkUp(
      log.store, log.reader(), keys: [workedSigner().verifierKey]
    ) { _ in }
    #expect(checkup.leftovers == ["left"])
    #expect(
      checkup.findings.map(\.path) == [
        ".writ/checkpoints/7", ".writ/objects/\(kept)",
      ])
    #expect(try removeLeftovers(log.store) == 1)
  }
}
