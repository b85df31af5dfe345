// Why a command could not do its work, in the one form in which people see it, and for programs.

import Writ
import WritEvidence
import WritModel

/// A command that ends without an answer: `writ: error: what, where; what to do`.
struct Failure: Error, Equatable {
  let code: ExitCode
  /// Lower case, no full stop, the user's words in backticks.
  let message: String
  /// What the person can do about it.
  let remedy: String?
  /// The entry that tells of it; `nil` of what is not on record.
  var recorded: LogPlace?

  init(_ code: ExitCode, _ message: String, remedy: String? = nil) {
    self.code = code
    self.message = message
    self.remedy = remedy
  }

  /// The words on the command line make no sense.
  static func usage(_ message: String, remedy: String? = nil) -> Failure {
    Failure(.usage, message, remedy: remedy)
  }

  /// What was read is not what it should be.
  static func badInput(_ message: String, remedy: String? = nil) -> Failure {
    Failure(.badInput, message, remedy: remedy)
  }

  /// The same with the entry that tells of it.
  func onRecord(_ entry: RecordedDecision) -> Failure {
    var failure = self
    failure.recorded = LogPlace(origin: entry.origin, index: entry.index)
    return failure
  }

  /// For programs, a line: what ended the command without an answer.
  var json: JSONValue {
    var members = [
      JSONMember("outcome", .string(code.outcome)), JSONMember("error", .string(message)),
      JSONMember("exit", .integer(Int64(code.rawValue))),
    ]
    if let remedy { members.append(JSONMember("remedy", .string(remedy))) }
    if let evidence { members.append(JSONMember("evidence", evidence)) }
    return .object(members)
  }

  /// The entry that tells of it, for programs.
  var evidence: JSONValue? {
    recorded.map {
      ["log": .string($0.origin), "index": .integer(Int64(clamping: $0.index))]
    }
  }

  /// The line that stands on standard error, without its line break.
  func line(_ terminal: Terminal) -> String {
    let hint = remedy.map { "; \($0)" } ?? ""
    return "writ: " + terminal.paint("error:", .alarm) + " " + printable(message + hint)
  }
}

extension ExitCode {
  /// What became of a command that has no answer: `refused` where somebody was not let do what they wanted, else that it could not
  /// be done.
  fileprivate var outcome: String {
    switch self {
    case .refused: "refused"
    case .held: "held"
    case .cancelled: "cancelled"
    case .done, .usage, .badInput, .noInput, .defect, .broken: "failed"
    }
  }
}
