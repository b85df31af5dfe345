// A clock that somebody has vouched for, as an entry of the log says it.
//
//     subject    "Clock/<origin>", and the SHA-256 of the text "<clock> <newest>"
//     predicate  {"clock":"<time>","newest":"<time>","setting":"clock",…}
//
// `clock` is what the clock said, `newest` when the newest entry before was logged. The log's signature is
// the one that vouches: who may sign for the log says that its clock is right.
import WritCrypto
public import WritModel

/// What a clock says though the log does not expect it.
public struct ClockRecord: Hashable, Sendable {
  /// What the clock said.
  public let clock: Instant
  /// When the newest entry before was logged; what the clock said where there was none.
  public let newest: Instant

  /// A clock and the log's newest time.
  public init(clock: Instant, newest: Instant) {
    self.clock = clock
    self.newest = newest
  }

  /// Reads a record; `nil` where it is none of a clock.
  public init?(_ record: LoggedRecord) {
    guard hasSameBytes(record.type, PredicateType.config),
      record.predicate["setting"]?.string.map({ hasSameBytes($0, "clock") }) == true,
      let clock = record.predicate["clock"]?.string.flatMap({ Instant($0) }),
      let newest = record.predicate["newest"]?.string.flatMap({ Instant($0) })
    else { return nil }
    self.init(clock: clock, newest: newest)
  }

  /// What the clocks of a log are called among subjects.
  public static func subjectName(of origin: KeyName) -> String { "Clock/\(origin)" }

  /// The record of it.
  func draft(origin: KeyName, id: String) -> RecordDraft {
    let digest = Digest(of: Array("\(clock) \(newest)".utf8)).hex
    return RecordDraft(
      type: PredicateType.config, kind: .config, id: id,
      subjects: [
        Subject(
          name: ClockRecord.subjectName(of: origin), uri: nil,
          digests: [NamedDigest(algorithm: "sha256", value: digest)])
      ],
      members: [
        JSONMember("clock", .string(clock.description)),
        JSONMember("newest", .string(newest.description)),
        JSONMember("setting", "clock"),
      ])
  }
}
