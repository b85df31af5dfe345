// Whether the clock may be believed that a record is logged by: docs/decisions/0006.
//
// `logged` never decreases, so a clock that once stood too far ahead would be in every later record. What
// can be noticed:
//
//     set forward      the wall clock has gone on by more than the machine has run since the last record
//     stands behind    the newest record is from later than it says: that one, or this, is wrong
//
// A log that nobody wrote to for a day is neither. `.writ/clock` remembers the last record's reading:
//
//     {"boot":"<which start>","uptime":<microseconds>,"wall":<microseconds>}
//
// Nothing that is signed comes from there, and without it, or after a restart, only the second is noticed.
import WritModel

/// What a wall clock and the uptime said together.
struct ClockReading: Hashable, Sendable {
  /// Microseconds since the epoch.
  let wall: Int64
  let uptime: Uptime

  /// What the wall clock should say at another uptime of the same start; `nil` where that is not known.
  func expected(at later: Uptime) -> Int64? {
    guard hasSameBytes(later.boot, uptime.boot) else { return nil }
    let (elapsed, isLong) = later.microseconds.subtractingReportingOverflow(uptime.microseconds)
    let (expected, isFar) = wall.addingReportingOverflow(elapsed)
    return isLong || elapsed < 0 || isFar ? nil : expected
  }
}

extension LogStore {
  private var clockFile: String { "\(ownDirectory)/clock" }

  /// The reading of the last record, if it is remembered.
  func lastReading() -> ClockReading? {
    guard let bytes = try? disk.read(clockFile, limit: 4096),
      let value = try? JSONValue(parsing: bytes), let boot = value["boot"]?.string,
      let uptime = value["uptime"]?.integer, let wall = value["wall"]?.integer
    else { return nil }
    return ClockReading(wall: wall, uptime: Uptime(boot: boot, microseconds: uptime))
  }

  /// Remembers a reading, not durably: after a crash of the machine it says nothing anyway.
  func remember(_ reading: ClockReading) {
    let value: JSONValue = [
      "boot": .string(reading.uptime.boot), "uptime": .integer(reading.uptime.microseconds),
      "wall": .integer(reading.wall),
    ]
    let draft = temporaryPath(for: clockFile)
    try? disk.draft(draft, Array((value.compact + "\n").utf8))
    try? disk.rename(draft, to: clockFile)
  }
}

/// What a log knows of its clock, for one writer.
struct ClockRule {
  /// The reading of the last record.
  var last: ClockReading?
  /// The newest record that vouches for a clock, and when that was logged.
  var accepted: (record: ClockRecord, logged: Int64)?

  /// Throws `clockJumped` or `clockWentBack` where the clock is not to be believed.
  func check(_ wall: Int64, _ uptime: Uptime?, newest: Int64?) throws(LogError) {
    if let uptime, let expected = last?.expected(at: uptime),
      wall.subtractingReportingOverflow(expected).partialValue > Limits.clockJump
    {
      throw .clockJumped(newest: expected, offered: wall)
    }
    guard let newest, newest > wall, newest - wall > Limits.clockJump else { return }
    // While the clock stands behind, records bear the time of the newest: so it still does.
    if let accepted, accepted.logged == newest,
      wall >= accepted.record.clock.microseconds - Limits.clockJump
    {
      return
    }
    throw .clockWentBack(newest: newest, offered: wall)
  }
}
