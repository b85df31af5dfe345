// How a command ends: what scripts, pipelines and auditors depend on.

/// The number that the program returns. Only `done` lets a script go on.
enum ExitCode: Int32, CaseIterable, Comparable {
  /// Done, allowed, verified, all passed.
  case done = 0
  /// Denied, failed, findings.
  case refused = 1
  /// Held: approvals are missing.
  case held = 2
  /// Cancelled: a run that somebody stopped.
  case cancelled = 3
  /// Wrong usage.
  case usage = 64
  /// Input that does not parse, type-check or match its schema.
  case badInput = 65
  /// A named file is missing or cannot be read.
  case noInput = 66
  /// A defect in Writ.
  case defect = 70
  /// Reading or writing failed.
  case broken = 74

  /// What the number means, for `writ help`.
  var meaning: String {
    switch self {
    case .done: "done, allowed, verified, all passed"
    case .refused: "denied, failed checks, verification failed, findings"
    case .held: "held: approvals are missing, or only the request says of which time"
    case .cancelled: "cancelled: a run that somebody stopped"
    case .usage: "wrong usage"
    case .badInput: "input that does not parse, type-check or match its schema"
    case .noInput: "a named file is missing or unreadable"
    case .defect: "a defect in Writ"
    case .broken: "reading or writing failed"
    }
  }

  static func < (left: ExitCode, right: ExitCode) -> Bool { left.rawValue < right.rawValue }
}
