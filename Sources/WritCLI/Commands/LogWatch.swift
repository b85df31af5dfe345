// `writ log watch`: follows a log from outside, and tells when it is not what it was.

@preconcurrency import Glibc
import WritEvidence
import WritModel
import WritTransport

extension Command {
  static let logWatch = Command(
    name: "log watch", summary: "follow a log; tell of a fork, a rollback or a stall",
    operands: [.one("LOG", "the directory of the log, or the http:// URL of its files")],
    options: [
      .repeatedRequired("--vkey", "KEY.pub", "the log's verifier keys, from outside the log"),
      .required("--state", "FILE", "what was seen last; made if it is missing, kept elsewhere"),
      .optional("--every", "DURATION", "how often to look; 10s if it is left out"),
      .optional("--stall", "DURATION", "alarm when nothing was added for so long; else never"),
      .flag("--once", "look once: exits 1 on an alarm"),
    ],
    details: [
      "Each checkpoint must extend the last one seen, by the hashes in the log's tiles. After an alarm",
      "FILE keeps what was seen before; both checkpoints of a fork or rollback go into a file beside it.",
      "A checkpoint whose tiles are missing or wrong is kept too: what is shown later must extend it, and at the",
      "third look it is an alarm (unproven). A server that does not answer is trouble, and none.",
      "Without --once it looks until it is asked to end (SIGINT, SIGTERM), and exits 1 if it had to alarm.",
      "  writ log watch http://log.example:8080/delivery --vkey log.key.pub --state seen --stall 1d",
    ],
    run: runLogWatch)
}

/// Looks once, or again and again.
private func runLogWatch(_ invocation: Invocation) throws(Failure) -> Report {
  let place = try invocation.operand(0)
  let source = try WatchedSource(place)
  let keys = try readVerifierKeys(invocation.values("--vkey"), log: place)
  let statePath = try invocation.required("--state")
  try refuseInsideLog(statePath, place)
  let every = try invocation.duration("--every") ?? 10_000_000
  var watch = LogWatcher(
    source: source, keys: keys, statePath: statePath, stall: try invocation.duration("--stall"))
  try watch.remember()
  if invocation.has("--once") {
    let events = try watch.lookOnce()
    var report = Report(events.contains(where: \.isAlarm) ? .refused : .done)
    for event in events { report.output += event.line(invocation) }
    return report
  }
  return try follow(&watch, every: every, invocation)
}

/// Looks until a signal comes. What goes wrong is told and tried again.
private func follow(
  _ watch: inout LogWatcher, every: Int64, _ invocation: Invocation
) throws(Failure) -> Report {
  let stop = try withSocket { () throws(TransportError) in try StopSignal.ofProcess() }
  var code = ExitCode.done
  repeat {
    for event in try watch.lookAgain() {
      if event.isAlarm { code = .refused }
      guard write(event.line(invocation), to: STDOUT_FILENO) else {
        throw Failure(.broken, "cannot write to standard output: \(reason(errno))")
      }
    }
  } while !stop.wait(milliseconds: max(1, every / 1000))
  return Report(code)
}
