// `writ log continue`: a log ends, and another goes on from it.

import WritEvidence
import WritModel

extension Command {
  static let logContinue = Command(
    name: "log continue", summary: "end a log, and let a new one go on from it",
    operands: [
      .one("OLD", "the directory of the log that ends"), .one("NEW", "the directory to make"),
    ],
    options: [
      .required("--origin", "NAME", "what the new log is called; the name of its key"),
      .required("--key", "KEY", "the key of the new log, whose path is remembered"),
      .passphrase,
    ],
    details: [
      "The last entry of OLD names NEW and its key; the first of NEW holds the last checkpoint of OLD, which",
      "takes no more entries and is verified, searched and proved from as before. After a crash, run it again.",
      "  writ key new log.example/delivery-2027 -o 2027.key",
      "  writ log continue log2026 log2027 --origin log.example/delivery-2027 --key 2027.key",
    ],
    run: runLogContinue)
}

/// Makes the new log, seals the old one, and opens the new: in that order, so that nothing is sealed in vain; what is done
/// is not done again.
private func runLogContinue(_ invocation: Invocation) throws(Failure) -> Report {
  let old = LogStore(directory: try invocation.operand(0))
  let plan = try NewLog(invocation, directory: try invocation.operand(1))
  let signer = try signer(of: old, invocation)
  guard signer.name != plan.signer.name,
    !signer.keys.contains(where: { $0.publicKey == plan.signer.keys[0].publicKey })
  else {
    throw .usage("the new log has the name or the key of the old one", remedy: "make a key for it")
  }
  let next = try patiently { () throws(LogError) in
    try RecordWriter(store: try newStore(plan), signer: plan.signer)
  }
  defer { next.close() }
  let found = try opening(of: plan, next)
  let last = try seal(old, signer, ShardSeal(next: plan.signer.verifierKey), after: found)
  guard let opening = ShardOpening(previous: last) else {
    throw .badInput("\(old.directory): its checkpoint is none")
  }
  if found == nil {
    let id = try recordID()
    let sealed = try sealedAt(old, signer)
    try withLog { () throws(LogError) in
      try next.open(
        opening, id: id, clock: max(currentTime(), sealed), uptime: currentUptime())
    }
  }
  let size = opening.checkpoint.size
  if invocation.wantsJSON {
    return Report([
      "previous": .string(signer.name.description), "size": .integer(Int64(clamping: size)),
      "directory": .string(plan.directory), "origin": .string(plan.signer.name.description),
      "verifierKey": .string(plan.signer.verifierKey.description),
    ])
  }
  var report = Report()
  let entries = counted(Int(clamping: size), "entry", plural: "entries")
  report.print("\(old.directory): sealed with \(entries)")
  report.print("\(plan.directory): `\(plan.signer.name)` goes on from there")
  report.print("verifier key \(plan.signer.verifierKey)")
  return report
}

/// An empty log, or the one that an earlier attempt has left.
private func newStore(_ plan: NewLog) throws(LogError) -> LogStore {
  let store = LogStore(directory: plan.directory)
  guard let configuration = try? store.configuration() else {
    return try LogStore.create(
      directory: plan.directory, origin: plan.signer.name, keyPath: plan.keyPath)
  }
  let isOurs =
    hasSameBytes(configuration.origin, plan.signer.name.description)
    && configuration.keys.map(\.path) == [plan.keyPath]
  guard isOurs else { throw .alreadyALog(path: plan.directory) }
  return store
}

/// What the new log goes on from already; `nil` while it is empty. A log with other entries is not the new one.
private func opening(of plan: NewLog, _ writer: RecordWriter) throws(Failure) -> ShardOpening? {
  guard writer.size > 0 else { return nil }
  return try withLog { () throws(LogError) in
    let reader = try LogReader(
      store: LogStore(directory: plan.directory), keys: plan.signer.verifierKeys)
    guard let opening = try reader.opening() else { throw .alreadyALog(path: plan.directory) }
    return opening
  }
}

/// The last checkpoint of the log, sealed now or before. Where the new log has an opening, the old one must have been sealed
/// for it: nothing is sealed in vain.
private func seal(
  _ store: LogStore, _ signer: NoteSigner, _ seal: ShardSeal, after opening: ShardOpening?
) throws(Failure) -> SignedNote {
  let id = try recordID()
  if opening == nil {
    let note = try patiently { () throws(LogError) -> SignedNote? in
      let writer: RecordWriter
      do throws(LogError) {
        writer = try RecordWriter(store: store, signer: signer)
      } catch .sealed {
        return nil
      } catch {
        throw error
      }
      return try writer.seal(seal, id: id, clock: currentTime(), uptime: currentUptime())
    }
    if let note { return note }
  }
  return try withLog { () throws(LogError) in
    let reader = try LogReader(store: store, keys: signer.verifierKeys)
    guard let found = try reader.seal(), found == seal else {
      throw .sealed(next: try reader.seal()?.next.description ?? "another log")
    }
    guard opening.map({ $0.checkpoint == reader.signed.checkpoint }) ?? true else {
      throw .alreadyALog(path: store.directory)
    }
    return reader.signed.note
  }
}

/// When the old log says that it was sealed, in microseconds since the epoch. The new one does not begin before that, though the clock
/// was set back: what was used in the old one was signed before the new one began.
private func sealedAt(_ store: LogStore, _ signer: NoteSigner) throws(Failure) -> Int64 {
  try withLog { () throws(LogError) in
    let reader = try LogReader(store: store, keys: signer.verifierKeys)
    return LoggedRecord(try reader.entry(at: reader.size - 1)).logged ?? .min
  }
}
