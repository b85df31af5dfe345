// Which clocks a log of records takes, and what it takes after somebody has vouched for one.
import Testing
import WritCrypto
import WritEvidence
import WritModel

@Suite struct ClockRuleTests {
  private let hour = 60 * minute

  /// A log with one record of `tuesday`, when the machine had run for a day.
  private func log() throws -> RecordLog {
    let log = try RecordLog()
    _ = try append(log, tuesday, up: 24 * hour)
    return log
  }

  private func up(_ microseconds: Int64, _ boot: String = "a") -> Uptime {
    Uptime(boot: boot, microseconds: microseconds)
  }

  /// The time that a record bears that is appended by another process.
  private func append(
    _ log: RecordLog, _ clock: Int64, up uptime: Int64?, _ boot: String = "a"
  ) throws -> Int64? {
    let writer = try log.writer()
    defer { writer.close() }
    let index = try writer.append(
      decision("\(clock)", about: ["Service/web"]), clock: clock,
      uptime: uptime.map { up($0, boot) })
    try writer.publish()
    return LoggedRecord(try log.reader().entry(at: index)).logged
  }

  @Test func aLogMayRest() throws {
    let log = try log()
    for day in Int64(1)...3 {
      let later = tuesday + day * 24 * hour
      #expect(try append(log, later, up: (24 + day * 24) * hour) == later)
    }
  }

  @Test func aClockThatWasSetForwardIsRefused() throws {
    let log = try log()
    // An hour has passed, and the clock says that it were five minutes more, or a little over.
    let expected = tuesday + hour
    let most = expected + Limits.clockJump
    #expect(
      throws: LogError.clockJumped(newest: expected, offered: most + 1)
    ) { try append(log, most + 1, up: 25 * hour) }
    #expect(try log.reader().size == 1)
    #expect(try append(log, most, up: 25 * hour) == most)
    // From there on it is the last reading that counts.
    #expect(throws: LogError.self) { try append(log, most + 6 * minute, up: 25 * hour) }
    // Another start, or none, says nothing; nor does a reading that cannot be read.
    #expect(try append(log, most + 6 * minute, up: 1, "b") == most + 6 * minute)
    #expect(try append(log, most + hour, up: nil) == most + hour)
    try write(bytes("{"), to: log.path + "/.writ/clock")
    #expect(try append(log, most + 9 * hour, up: 2, "b") == most + 9 * hour)
  }

  @Test func withinOneWriterToo() throws {
    let log = try log()
    let writer = try log.writer()
    defer { writer.close() }
    let draft = decision("a", about: ["Service/web"])
    _ = try writer.append(draft, clock: tuesday + 10 * hour, uptime: up(34 * hour))
    #expect(throws: LogError.self) {
      try writer.append(draft, clock: tuesday + 11 * hour, uptime: up(34 * hour))
    }
    #expect(throws: LogError.self) {
      try writer.appendIndexLeaf(id: "leaf", clock: tuesday + 11 * hour, uptime: up(34 * hour))
    }
    #expect(throws: LogError.self) {
      try writer.checkClock(tuesday + 11 * hour, uptime: up(34 * hour))
    }
    #expect(writer.size == 2)
    #expect(writer.newestTime == tuesday + 10 * hour)
  }

  @Test func aJumpForwardThatIsVouchedForGoesOn() throws {
    let log = try log()
    let late = tuesday + 3 * hour
    let writer = try log.writer()
    let index = try writer.accept(clock: late, uptime: up(24 * hour), id: "config")
    writer.close()
    let record = LoggedRecord(try log.reader().entry(at: index))
    #expect(record.logged == late)
    #expect(record.predicate["kind"]?.string == "config")
    #expect(
      ClockRecord(record)
        == ClockRecord(clock: Instant(microseconds: late), newest: Instant(microseconds: tuesday)))
    #expect(try append(log, late + minute, up: 24 * hour + minute) == late + minute)
    #expect(throws: LogError.clockWentBack(newest: late + minute, offered: tuesday)) {
      try append(log, tuesday, up: 24 * hour + minute)
    }
    #expect(try verifyRecords(log.reader()) { _ in }.findings == [])
  }

  @Test func aClockThatStandsBehindTheLogWaitsForIt() throws {
    let log = try log()
    let late = tuesday + 48 * hour
    #expect(try append(log, late, up: 1, "b") == late)
    let right = tuesday + 2 * hour
    #expect(throws: LogError.clockWentBack(newest: late, offered: right)) {
      try append(log, right, up: 2 * hour, "b")
    }
    let writer = try log.writer()
    _ = try writer.accept(clock: right, uptime: nil, id: "config")
    writer.close()
    // Until it has caught up; not if it falls behind what was accepted; and also behind an index leaf.
    #expect(try append(log, right + minute, up: nil) == late)
    try fixHeads(log, right + 2 * minute)
    #expect(try append(log, right + 3 * minute, up: nil) == late)
    #expect(throws: LogError.self) { try append(log, right - 6 * minute, up: nil) }
    #expect(try append(log, late + minute, up: nil) == late + minute)
    // What was accepted is over once the log has gone on.
    #expect(throws: LogError.self) { try append(log, right + hour, up: nil) }
    #expect(try verifyRecords(log.reader()) { _ in }.findings == [])
  }

  private func fixHeads(_ log: RecordLog, _ clock: Int64) throws {
    let writer = try log.writer()
    defer { writer.close() }
    try writer.appendIndexLeaf(id: "leaf", clock: clock)
  }
}
