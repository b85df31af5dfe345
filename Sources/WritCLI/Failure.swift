// Why a command could not do its work, in the one form in which people see it.

/// A command that ends without an answer: `writ: error: what, where; what to do`.
struct Failure: Error, Equatable {
  let code: ExitCode
  /// Lower case, no full stop, the user's words in backticks.
  let message: String
  /// What the person can do about it.
  let remedy: String?

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

  /// The line that stands on standard error, without its line break.
  func line(_ terminal: Terminal) -> String {
    let hint = remedy.map { "; \($0)" } ?? ""
    return "writ: " + terminal.paint("error:", .alarm) + " " + printable(message + hint)
  }
}
