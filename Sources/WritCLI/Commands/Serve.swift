// `writ serve`: the questions and actions of a bundle for any program that speaks HTTP.

@preconcurrency import Glibc
import WritModel
import WritServers
import WritTransport

extension Command {
  static let serve = Command(
    name: "serve", summary: "answer every question, and do actions, for any program, over HTTP",
    operands: [],
    options: [
      .bundle, .publisher, .graph,
      .required("--http", "ADDRESS", "where it is asked: unix:PATH, or HOST:PORT, port 0 for any"),
      .flag("--plain", "listen beyond this machine without TLS, as behind a proxy that speaks it"),
    ] + .mayAct("callers"),
    details: [
      "GET /v1/tools lists what can be asked; POST /v1/decide, ask, score and query answer as the",
      "commands do with --json, and POST /v1/act does an action that its caller has signed for.",
      "Callers keep their keys. Bundle and snapshot are read again when they change. Ends on SIGINT and",
      "SIGTERM, once an action that is under way has ended.",
      "  writ serve --bundle b --graph g --http 127.0.0.1:7400",
    ],
    run: runServe)
}

/// Prints where it listens, then a line for each thing that whoever runs it should look at, until it is asked to end.
private func runServe(_ invocation: Invocation) throws(Failure) -> Report {
  let door = try PolicyDoor(invocation)
  let (wanted, isLoopback) = try address(invocation)
  // A reader of our lines that goes away must not end the door.
  signal(SIGPIPE, SIG_IGN)
  let stop = try withSocket { () throws(TransportError) in try StopSignal.ofProcess() }
  let listener = try withSocket { () throws(TransportError) in try Listener(wanted) }
  let lines = DoorLines(isJSON: invocation.wantsJSON)
  lines.tellStart(listener.endpoint, acts: door.acts)
  let handler = DoorHandler(door, isLoopback: isLoopback, tell: lines.tell)
  var limits = HTTPLimits()
  limits.bodyByteCount = Limits.messageBytes
  limits.requestMilliseconds = 5_000
  HTTPServer(
    listener, limits: limits, refusal: { DoorRefusal($0).response }, answering: handler.answer
  ).run(until: stop)
  return Report()
}

/// `--http`, and whether only this machine reaches it over the network; one that others reach is listened at only where that is said.
private func address(_ invocation: Invocation) throws(Failure) -> (Endpoint, isLoopback: Bool) {
  let text = try invocation.required("--http")
  guard let endpoint = Endpoint(text) else {
    throw .usage("`--http \(text)` is no address", remedy: "write it as 127.0.0.1:7400")
  }
  guard case .tcp(let host, _) = endpoint else { return (endpoint, false) }
  let isLoopback = Endpoint.isLoopback(host: host)
  guard isLoopback || invocation.has("--plain") else {
    throw .usage(
      "`--http \(text)` is reached by others, and there is no TLS",
      remedy:
        "listen at 127.0.0.1 or unix:PATH, with a proxy that speaks TLS in front; or say --plain")
  }
  return (endpoint, isLoopback)
}

/// What a door says of its work, a line at a time, as it happens.
private struct DoorLines: Sendable {
  let isJSON: Bool

  func tellStart(_ endpoint: Endpoint, acts: Bool) {
    let address = if case .tcp = endpoint { "http://\(endpoint)" } else { "\(endpoint)" }
    say(
      "listening at \(address)\n\(acts ? "questions and actions" : "questions alone")",
      ["listening": .string(address), "acts": .bool(acts)])
  }

  func tell(_ refusal: DoorRefusal) {
    let time = Instant(microseconds: currentTime() / 1_000_000 * 1_000_000)
    say(
      "\(time)  FAILED    \(refusal.status)  \(refusal.message)",
      [
        "time": .string("\(time)"), "event": "failed", "status": .integer(Int64(refusal.status)),
        "reason": .string(refusal.message),
      ])
  }

  private func say(_ text: String, _ json: JSONValue) {
    let lines = text.split(separator: "\n").map { printable(String($0)) + "\n" }.joined()
    _ = write(isJSON ? json.compact + "\n" : lines, to: STDOUT_FILENO)
  }
}
