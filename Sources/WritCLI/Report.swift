// What a command has to say once it is done.

@preconcurrency import Glibc
import WritModel

/// The text for standard output, the text for standard error, and the exit code. Commands return
/// it and print nothing themselves, so that the demo can show a command as a person would see it.
struct Report {
  var output = ""
  var messages = ""
  var code = ExitCode.done

  init(_ code: ExitCode = .done) {
    self.code = code
  }

  /// A report that consists of one JSON document.
  init(_ json: JSONValue, _ code: ExitCode = .done) {
    self.code = code
    output = json.pretty + "\n"
  }

  /// Appends a line to standard output.
  mutating func print(_ line: String = "") {
    output += line + "\n"
  }

  /// Appends a line to standard error.
  mutating func tell(_ line: String) {
    messages += line + "\n"
  }
}

/// What must be read before a command goes on.
enum EarlyWords {
  /// They wait in the report with all else, as where a command is only shown.
  @TaskLocal static var areKept = false
}

extension Report {
  /// Lines for standard error, at once: somebody is to read them before what comes next is done.
  mutating func tellAtOnce(_ lines: [String]) {
    guard EarlyWords.areKept else {
      _ = write(lines.map { $0 + "\n" }.joined(), to: STDERR_FILENO)
      return
    }
    for line in lines { tell(line) }
  }
}
