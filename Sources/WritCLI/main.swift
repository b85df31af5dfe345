// The program: reads the command line, runs a command, prints its report.

@preconcurrency import Glibc
import WritDelegate
import WritModel

/// Runs what the words ask for. Whatever goes wrong becomes a report: a line for standard error, one of JSON for standard output where
/// that was asked for, and a code.
func run(_ words: [String], output: Terminal, errors: Terminal) -> Report {
  do throws(Failure) {
    switch try parseArguments(words, output: output, error: errors) {
    case .help(let topic, asJSON: true): return Report(helpJSON(topic))
    case .help(let topic, asJSON: false):
      var report = Report()
      report.output = helpText(topic, output)
      return report
    case .version(asJSON: true): return Report(Version.json)
    case .version(asJSON: false):
      var report = Report()
      report.print(Version.line)
      return report
    case .run(let invocation):
      try invocation.spareInputs()
      return try invocation.command.run(invocation)
    }
  } catch {
    // What was being done stands on the line no longer.
    errors.showProgress("")
    var report = Report(error.code)
    report.tell(error.line(errors))
    if words.contains("--json") { report.print(error.json.compact) }
    return report
  }
}

/// Writes the report to the streams; an answer that nobody could be given is no answer.
func deliver(_ report: Report) -> ExitCode {
  _ = write(report.messages, to: STDERR_FILENO)
  guard write(report.output, to: STDOUT_FILENO) else {
    let failure = Failure(.broken, "cannot write to standard output: \(reason(errno))")
    _ = write(failure.line(.standardError) + "\n", to: STDERR_FILENO)
    return .broken
  }
  return report.code
}

// The same program in its other mode, which starts those that steps of a run name.
if CommandLine.arguments.dropFirst().first == LauncherProcess.word {
  exit(LauncherProcess.run(Array(CommandLine.arguments.dropFirst())))
}
catchDefects()
ignoreSignals()
let report = run(
  Array(CommandLine.arguments.dropFirst()), output: .standardOutput, errors: .standardError)
exit(deliver(report).rawValue)
