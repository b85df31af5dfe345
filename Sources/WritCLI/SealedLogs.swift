// A sealed log that must forget: what is done to it is recorded in a log that goes on from it.

import WritEvidence

extension Option {
  /// The way from a sealed log to one that takes entries.
  static let successor = Option.repeated(
    "--successor", "NEXT", "of a sealed log: the one that goes on from it, which takes the record")
}

/// The log that takes the record of what is done to this one: itself, or the last of `--successor`. Each of these must go
/// on from the one before, as both logs say.
func recordingLog(
  for store: LogStore, _ invocation: Invocation
) throws(Failure) -> RecordingLog {
  var last = store
  for path in invocation.values("--successor") {
    let next = LogStore(directory: path)
    let keys = (
      from: try verifierKeys(of: last, invocation), to: try verifierKeys(of: next, invocation)
    )
    let (earlier, later) = try withLog { () throws(LogError) in
      (try LogReader(store: last, keys: keys.from), try LogReader(store: next, keys: keys.to))
    }
    do {
      try checkLink(from: earlier, to: later, keys: keys.to)
    } catch {
      throw .badInput(
        "\(path) does not go on from \(last.directory): \(error)",
        remedy: "name the logs that follow, one `--successor` each, in their order")
    }
    last = next
  }
  if let seal = try seal(of: last, invocation) {
    throw Failure(
      .broken, "\(last.directory) is sealed: it goes on in `\(seal.next.name)`",
      remedy: "name the directory of that one with one more `--successor`; it takes the record")
  }
  return RecordingLog(last, try signer(of: last, invocation))
}

/// What ends a log, if it has ended.
private func seal(of store: LogStore, _ invocation: Invocation) throws(Failure) -> ShardSeal? {
  let keys = try verifierKeys(of: store, invocation)
  return try withLog { () throws(LogError) in try LogReader(store: store, keys: keys).seal() }
}
