// What a plan, a run and a journal may ask for at most.

import WritModel

/// Bounds of this room; whatever is beyond one of them is refused where it comes in.
public enum PipelineLimits {
  /// Bytes of a plan's JSON.
  public static let planByteCount = 16 << 20
  /// Steps of a plan, those of hooks too, rollbacks apart: what a pipeline may have.
  public static let steps = PipelineBounds.steps
  /// Stages, groups, steps and hooks of a plan together, rollbacks apart: room for all that a pipeline may have, each in a row
  /// of its own.
  public static let nodes = 65_536
  /// Stages of a plan.
  public static let stages = 256
  /// Groups and hooks inside one another, a stage's own level included.
  public static let depth = 16
  /// Steps that a run may begin, each counted as often as the repeats around it go round.
  public static let stepRuns = 200_000
  /// Bytes of an id, a name or a reference.
  public static let nameByteCount = 256
  /// Names in one list: words, arguments, results, dependencies.
  public static let names = 256
  /// Bytes of all names in one list of an event.
  public static let namesByteCount = 16_384
  /// Rules of one approval; people that one rule asks for.
  public static let approvalRules = 16
  /// Votes that are kept for one step: as many that count, and as many that do not.
  public static let votes = 256
  /// Rounds of a repeat.
  public static let rounds = 10_000
  /// Attempts at a step, the first included.
  public static let attempts = 100
  /// The longest time that a plan can name, in microseconds: 366 days.
  public static let microseconds: Int64 = 366 * 86_400_000_000
  /// Microseconds after which it is asked again whether a freeze has ended.
  public static let freezeInterval: Int64 = 10_000_000
  /// Bytes of what a step gives out.
  public static let outputByteCount = 16_384
  /// Bytes of what somebody said of a result.
  public static let detailByteCount = 4_096
  /// The latest time of an event, in microseconds since 1970: the end of the year 9999.
  public static let latest: Int64 = 253_402_300_799_999_999
  /// Bytes of the events that become durable together.
  public static let frameByteCount = 1 << 20
  /// Bytes of a journal.
  public static let journalByteCount = 1 << 30
}
