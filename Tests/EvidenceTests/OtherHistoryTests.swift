// What somebody who can write a log's directory puts there: another history of it, links and pipes.
import Glibc
import Testing
import WritCrypto
import WritEvidence
import WritModel

@Suite struct OtherHistoryTests {
  /// Two logs of one name and key, each with a record of its own.
  private func twins() throws -> (RecordLog, RecordLog) {
    let (one, other) = (try RecordLog(), try RecordLog())
    try one.append([decision("a", about: ["Release/r1"]), decision("b", about: ["Release/r1"])])
    try other.append([decision("c", about: ["Release/r2"])])
    return (one, other)
  }

  @Test func segmentsOfAnotherHistoryAreRefused() throws {
    let (one, other) = try twins()
    let wal = "/.writ/wal/00000000000000000000"
    try write(try contents(of: one.path + wal), to: other.path + wal)
    #expect {
      try other.writer()
    } throws: {
      guard case LogError.damaged(_, let reason) = $0 else { return false }
      return reason.contains("another history")
    }
    #expect(try verifyRecords(other.reader()) { _ in }.findings == [])
  }

  /// Nothing of what is published is in such a segment, so only what its head says of the tree can tell.
  @Test func segmentsOfAnotherHistoryOfTheSameSizeAreRefused() throws {
    let (one, other) = try twins()
    try other.append([decision("d", about: ["Release/r2"])])
    for log in [one, other] { unlink(log.path + "/.writ/wal/00000000000000000000") }
    let writer = try one.writer()
    _ = try writer.append(decision("e", about: ["Release/r1"]), clock: one.clock)
    writer.close()
    let wal = "/.writ/wal/00000000000000000002"
    let segment = try contents(of: one.path + wal)
    try write(segment, to: other.path + wal)
    #expect {
      try other.writer()
    } throws: {
      guard case LogError.damaged(_, let reason) = $0 else { return false }
      return reason.contains("another history")
    }
    #expect(try other.reader().size == 2)
    // In its own history it is what it was.
    try one.writer().close()
    #expect(try one.reader().size == 3)
    #expect(try verifyRecords(one.reader()) { _ in }.findings == [])
  }

  /// Also where more has been published since it was begun.
  @Test func segmentsThatWereBegunEarlierAreHeldToTheTreeOfThen() throws {
    let log = try RecordLog()
    try log.append([decision("a", about: ["Release/r1"])])
    unlink(log.path + "/.writ/wal/00000000000000000000")
    for name in ["b", "c", "d"] { try log.append([decision(name, about: ["Release/r1"])]) }
    let found = names(in: log.path + "/.writ/wal")
    #expect(found == ["00000000000000000001"])
    try log.append([decision("e", about: ["Release/r1"])])
    #expect(try log.reader().size == 5)
  }

  @Test func entriesThatWereNotPublishedComeBack() throws {
    // The same history, some of it acknowledged and not yet published: that is what the file is for.
    let log = try RecordLog()
    try log.append([decision("a", about: ["Release/r1"])])
    let writer = try log.writer()
    _ = try writer.append(decision("b", about: ["Release/r1"]), clock: log.clock)
    writer.close()
    try log.writer().close()
    #expect(try log.reader().size == 2)
  }

  @Test func linksAreNotFollowedWhereFilesAreRemoved() throws {
    let log = try RecordLog()
    try log.append([decision("a", about: ["Release/r1"])])
    let victim = log.directory.path + "/victim"
    mkdir(victim, 0o755)
    try write(bytes("precious"), to: victim + "/file")
    for name in ["tmp", "index"] {
      let path = log.path + "/.writ/" + name
      for file in names(in: path) { unlink("\(path)/\(file)") }
      rmdir(path)
      symlink(victim, path)
    }
    #expect(throws: LogError.self) { try removeLeftovers(log.store) }
    #expect(throws: LogError.self) { try log.store.removeIndex() }
    #expect(names(in: victim) == ["file"])
  }

  @Test func aPipeIsNoFile() throws {
    let log = try RecordLog()
    try log.append([decision("a", about: ["Release/r1"])])
    unlink(log.path + "/checkpoint")
    mkfifo(log.path + "/checkpoint", 0o644)
    #expect(throws: LogError.self) { try log.reader() }
    #expect(throws: LogError.self) { try log.writer() }
  }

  @Test func aSizeBeyondAllFilesEndsAVerification() throws {
    let log = try RecordLog()
    try log.append([decision("a", about: ["Release/r1"])])
    let signer = try workedSigner()
    for size in [UInt64(1) << 40, 1 << 62] {
      let checkpoint = Checkpoint(
        origin: signer.name.description, size: size, root: Digest(of: bytes("\(size)")))
      try write(signer.sign(checkpoint.text).bytes, to: log.path + "/checkpoint")
      let findings = try verify(log.path).findings
      #expect(findings.contains { $0.message == "is missing" })
    }
  }

  @Test func aPublicationIsAUseOfItsBundle() throws {
    let log = try RecordLog()
    let bundle = try log.store.objects.put(bytes("a bundle"))
    try log.append([
      RecordDraft(
        type: PredicateType.policyPublish, kind: .policyPublish, id: "p",
        subjects: [subject("Policy/shop")],
        members: [JSONMember("bundle", .string(bundle.description))])
    ])
    let retention = try Retention(bytes(#"{"keep": {"bundle": "1h"}}"#))
    let plan = { now in
      try PruningPlan(log.reader(), log.store.objects, retention, now: now) { _ in }.count
    }
    #expect(try plan(log.clock + minute) == 0)
    #expect(try plan(log.clock + 60 * minute) == 1)
  }
}
