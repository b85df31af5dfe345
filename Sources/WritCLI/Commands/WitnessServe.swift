// `writ witness serve`: a witness that others' logs ask for cosignatures.

@preconcurrency import Glibc
import WritEvidence
import WritModel
import WritServers
import WritTransport

extension Command {
  static let witnessServe = Command(
    name: "witness serve",
    summary: "cosign the checkpoints of logs, and never two histories of one",
    operands: [.one("DIR", "what the witness remembers; made if it is missing")],
    options: [
      .required("--listen", "ADDRESS", "HOST:PORT, port 0 for any free one, or unix:PATH"),
      .passphrase, .required("--key", "KEY", "a file of `writ key new NAME --witness`"),
      .repeatedRequired("--log", "LOG.pub", "the verifier key of a log to cosign"),
      .optional("--name", "NAME", "of the witness, if KEY.pub does not say it"),
      .flag("--moved", "DIR was moved here whole, and nothing was cosigned since"),
      .passphrase,
    ],
    details: [
      "Speaks C2SP tlog-witness over plain HTTP: put a proxy that speaks TLS in front of it.",
      "Ends on SIGINT and SIGTERM. DIR is what the witness is worth: never put back an older copy.",
      "  writ witness serve state --listen 127.0.0.1:7380 --key w1.key --log log.key.pub",
    ],
    run: runWitnessServe)
}

/// Prints where it listens, then a line for each request to cosign, until it is asked to end.
private func runWitnessServe(_ invocation: Invocation) throws(Failure) -> Report {
  let signer = try cosigner(invocation)
  let logs = try logKeys(invocation)
  guard !logs.contains(where: { $0.publicKey == signer.key.publicKey }) else {
    throw .usage("the witness has the key of a log", remedy: "give it one of its own")
  }
  let text = try invocation.required("--listen")
  guard let wanted = Endpoint(text) else {
    throw .usage("`--listen \(text)` is no address", remedy: "write it as 127.0.0.1:7380")
  }
  // A reader of our lines that goes away must not end the witness.
  signal(SIGPIPE, SIG_IGN)
  let stop = try withSocket { () throws(TransportError) in try StopSignal.ofProcess() }
  let store = try openMemory(invocation, signer, logs)
  defer { store.close() }
  let listener = try withSocket { () throws(TransportError) in try Listener(wanted) }
  let lines = WitnessLines(isJSON: invocation.wantsJSON)
  lines.tellStart(listener.endpoint, signer.verifierKey)
  let handler = WitnessHandler(
    store, now: { UInt64(max(1, currentTime() / 1_000_000)) }, tell: lines.tell)
  var limits = HTTPLimits()
  limits.bodyByteCount = WritEvidence.Limits.addCheckpointByteCount
  HTTPServer(listener, limits: limits, handler: handler.answer).run(until: stop)
  return Report()
}

/// What the witness remembers. A copy is refused, since it may have forgotten what was cosigned.
private func openMemory(
  _ invocation: Invocation, _ signer: CosignatureSigner, _ logs: [VerifierKey]
) throws(Failure) -> WitnessStore {
  let directory = try invocation.operand(0)
  do throws(LogError) {
    if invocation.has("--moved") { try WitnessStore.readmit(directory: directory) }
    return try WitnessStore(directory: directory, signer: signer, logs: logs)
  } catch {
    guard case .restored = error else { throw failure(of: error) }
    throw Failure(
      .broken,
      "\(directory) was copied or brought back from a backup, and may have forgotten what was cosigned",
      remedy: "begin anew with another key and name; --moved only if it is surely the newest")
  }
}

/// The witness's key with its name.
private func cosigner(_ invocation: Invocation) throws(Failure) -> CosignatureSigner {
  let path = try invocation.required("--key")
  let key = try readPrivateKey(path, invocation)
  if let text = invocation.value("--name") {
    guard let name = KeyName(text) else {
      throw .usage("`\(text)` is no name for a witness", remedy: "leave out spaces and `+`")
    }
    return CosignatureSigner(name: name, key: key)
  }
  guard let known = try? readVerifierKey(path + ".pub") else {
    throw .usage("\(path).pub does not say what the witness is called", remedy: "add --name NAME")
  }
  let signer = CosignatureSigner(name: known.name, key: key)
  guard signer.verifierKey == known else {
    throw .usage(
      "\(path).pub is not the verifier key of a witness with that key",
      remedy: "`writ key new NAME --witness` makes one")
  }
  return signer
}

/// The keys of the logs, of each at least one.
private func logKeys(_ invocation: Invocation) throws(Failure) -> [VerifierKey] {
  var keys: [VerifierKey] = []
  for path in invocation.values("--log") { keys += try readVerifierKeys([path], log: nil).keys }
  return keys
}

/// What a witness says of its work, a line at a time, as it happens.
private struct WitnessLines: Sendable {
  let isJSON: Bool

  func tellStart(_ endpoint: Endpoint, _ key: VerifierKey) {
    let address = if case .tcp = endpoint { "http://\(endpoint)" } else { "\(endpoint)" }
    say(
      "listening at \(address)\ncosigning as \(key)",
      ["listening": .string(address), "verifierKey": .string(key.description)])
  }

  func tell(_ event: WitnessEvent) {
    let time = Instant(microseconds: currentTime() / 1_000_000 * 1_000_000)
    switch event {
    case .cosigned(let checkpoint):
      say(
        "\(time)  cosigned  \(checkpoint.origin)  size \(checkpoint.size)",
        [
          "time": .string("\(time)"), "event": "cosigned", "log": .string(checkpoint.origin),
          "size": .integer(Int64(clamping: checkpoint.size)),
        ])
    case .refused(let refusal):
      say(
        "\(time)  refused   \(refusal.status)  \(refusal)",
        [
          "time": .string("\(time)"), "event": "refused",
          "status": .integer(Int64(refusal.status)), "reason": .string("\(refusal)"),
        ])
    case .failed(let error):
      let message = failure(of: error).message
      say(
        "\(time)  FAILED    \(message)",
        ["time": .string("\(time)"), "event": "failed", "reason": .string(message)])
    }
  }

  private func say(_ text: String, _ json: JSONValue) {
    let lines = text.split(separator: "\n").map { printable(String($0)) + "\n" }.joined()
    _ = write(isJSON ? json.compact + "\n" : lines, to: STDOUT_FILENO)
  }
}
