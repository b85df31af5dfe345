// `writ log fsck`: the health of a log's directory, beyond what is signed.

import WritEvidence
import WritModel

extension Command {
  static let logFsck = Command(
    name: "log fsck", summary: "look at all files of a log, signed or not",
    operands: [.one("DIR", "the directory of the log")],
    options: [
      .logKey, .flag("--repair", "remove what processes left behind, and make the index anew"),
      .flag("--without-wal", "put a write-ahead log that no writer opens out of the way, first"),
      .passphrase,
    ],
    details: [
      "Entries and tiles, records, earlier checkpoints, objects, disclosures, the search index, and what the",
      "next writer goes by. Exits 0 if all is well and 1 with findings. What was pruned is told as gone and",
      "is no finding: what needs it cannot be replayed. What is named, missing and was neither pruned nor",
      "erased is one.",
      "  writ log fsck log --repair",
    ],
    run: runLogFsck)
}

/// Everything that can be compared is compared.
private func runLogFsck(_ invocation: Invocation) throws(Failure) -> Report {
  let store = LogStore(directory: try invocation.operand(0))
  let aside = try setAside(store, invocation)
  let removed = invocation.has("--repair") ? try repair(store, invocation) : nil
  let reader = try openLog(invocation)
  let keys = try knownKeys(invocation).keys
  let progress = invocation.errorTerminal
  let origin = reader.signed.checkpoint.origin
  let findings = try found { () throws(LogError) in
    progress.showProgress("verifying…")
    let files = try verifyLog(store, keys: keys, origin: origin, since: nil)
    guard files.isWhole else { return files.findings }
    var records = try verifyRecords(reader) { progress.showProgress("comparing records \($0)…") }
    try records.checkErasures(in: store)
    return records.findings
  }
  // What is not as it was signed cannot judge the rest.
  var checkup = LogCheckup()
  if findings.isEmpty {
    checkup = try withLog { () throws(LogError) in
      try checkUp(store, reader, keys: keys) { progress.showProgress($0) }
    }
  }
  progress.showProgress("")
  var report = report(findings + checkup.findings, checkup, removed: removed, reader, invocation)
  if let aside {
    report.tell(
      "the write-ahead log lies in \(aside): records in it that are under no checkpoint are lost")
  }
  return report
}

/// Where the write-ahead log was put, with `--without-wal`.
private func setAside(_ store: LogStore, _ invocation: Invocation) throws(Failure) -> String? {
  guard invocation.has("--without-wal") else { return nil }
  guard invocation.has("--repair") else {
    throw .usage(
      "`--without-wal` is for `--repair`", remedy: "add it, and read what is said of it first")
  }
  let reader = try openLog(invocation)
  return try withLog { () throws(LogError) in try store.setWriteAheadLogAside(reader) }
}

/// What is found, a file that is not there among it.
private func found(_ body: () throws(LogError) -> [LogFinding]) throws(Failure) -> [LogFinding] {
  do throws(LogError) {
    return try body()
  } catch .missing(let path) {
    return [LogFinding(path: path, index: nil, message: "is missing")]
  } catch {
    throw failure(of: error)
  }
}

/// Opens the log as its writer, which recovers it, and takes away what nobody needs.
private func repair(_ store: LogStore, _ invocation: Invocation) throws(Failure) -> Int {
  let signer = try signer(of: store, invocation)
  return try withLog { () throws(LogError) in
    let writer = try LogWriter(store: store, signer: signer)
    defer { writer.close() }
    _ = try writer.publish()
    try store.removeIndex()
    return try removeLeftovers(store)
  }
}

private func report(
  _ findings: [LogFinding], _ checkup: LogCheckup, removed: Int?, _ reader: LogReader,
  _ invocation: Invocation
) -> Report {
  var report = Report(findings.isEmpty ? .done : .refused)
  if invocation.wantsJSON {
    report.output = json(findings, checkup, removed: removed, reader).pretty + "\n"
    return report
  }
  let terminal = invocation.terminal
  for finding in findings {
    report.print("\(terminal.paint("FOUND", .bad))  \(printable(finding.description))")
  }
  let entries = counted(Int(clamping: reader.size), "entry", plural: "entries")
  if findings.isEmpty {
    report.print(
      "\(terminal.paint("SOUND", .good))  \(printable(reader.signed.checkpoint.origin)): \(entries), "
        + "\(counted(checkup.objectCount, "object")), \(counted(checkup.checkpointCount, "checkpoint"))"
    )
  }
  let gone = ObjectClass.allCases.compactMap { kind in
    checkup.gone[kind].map { counted($0, kind.rawValue) }
  }
  if !gone.isEmpty {
    report.print("gone: \(gone.joined(separator: ", ")); what needs them cannot be replayed")
  }
  if checkup.unnamedCount > 0 {
    report.print("\(counted(checkup.unnamedCount, "object")) that no record names")
  }
  if let removed, removed > 0 { report.print("removed \(counted(removed, "leftover file"))") }
  if !checkup.leftovers.isEmpty {
    report.print(
      "\(counted(checkup.leftovers.count, "leftover file")) in .writ/tmp: `--repair` removes them")
  }
  return report
}

/// The same for programs.
private func json(
  _ findings: [LogFinding], _ checkup: LogCheckup, removed: Int?, _ reader: LogReader
) -> JSONValue {
  let gone = ObjectClass.allCases.compactMap { kind in
    checkup.gone[kind].map { JSONMember(kind.rawValue, .integer(Int64($0))) }
  }
  return [
    "sound": .bool(findings.isEmpty), "origin": .string(reader.signed.checkpoint.origin),
    "size": .integer(Int64(clamping: reader.size)),
    "objects": .integer(Int64(checkup.objectCount)), "gone": .object(gone),
    "unnamed": .integer(Int64(checkup.unnamedCount)),
    "checkpoints": .integer(Int64(checkup.checkpointCount)),
    "leftovers": .integer(Int64(checkup.leftovers.count)),
    "removed": removed.map { .integer(Int64($0)) } ?? .null,
    "findings": .array(
      findings.map { ["path": .string($0.path), "message": .string($0.message)] }),
  ]
}
