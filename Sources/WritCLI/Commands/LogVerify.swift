// `writ log verify`: every entry and tile against the signed root, every record against those before it.

@preconcurrency import Glibc
import WritEvidence
import WritModel

extension Command {
  static let logVerify = Command(
    name: "log verify",
    summary: "find every change in a log's entries and tiles, and every false link",
    operands: [.one("DIR", "the directory of the log")],
    options: [
      .repeated("--vkey", "KEY.pub", "the log's verifier keys, from outside the log"),
      .optional("--policy", "POLICY", "instead: logs, witnesses, and who must have cosigned"),
      .optional("--since", "CHECKPOINT", "an older checkpoint that the log must extend"),
    ],
    details: [
      "Exits 0 if all is as it was signed and every record names those before it, else 1, with the place.",
      "What records name by digest, such as snapshots, is checked when a decision is replayed.",
      "A line of KEY.pub is a key, and perhaps the sizes it counts for: `KEY 120` or `KEY 0..140`.",
      "Keep a checkpoint elsewhere: --since finds a log that was rewritten from its start.",
      "  writ log verify log --vkey log.key.pub --since checkpoint.monday",
    ],
    run: runLogVerify)
}

/// Trusts the key that it is given and nothing in the directory.
private func runLogVerify(_ invocation: Invocation) throws(Failure) -> Report {
  let directory = try invocation.operand(0)
  guard isDirectory(directory) else { throw cannotRead(directory, ENOENT) }
  let trust = try LogTrust(invocation, log: directory)
  var since: [UInt8]?
  if let path = invocation.value("--since") { since = try readFile(path, limit: 1 << 20) }
  let store = LogStore(directory: directory)
  let result: LogVerification
  do throws(LogError) {
    result = try verifyLog(store, keys: trust.keys, origin: trust.origin, since: since)
  } catch .missing(let path) {
    return report(nil, nil, invocation, missing: path)
  } catch {
    throw failure(of: error)
  }
  var records: RecordVerification?
  if result.isWhole {
    records = try withLog { () throws(LogError) in
      try verifyRecords(LogReader(store: store, keys: trust.keys)) {
        invocation.errorTerminal.showProgress("comparing records \($0)…")
      }
    }
    invocation.errorTerminal.showProgress("")
    try withLog { () throws(LogError) in try records?.checkErasures(in: store) }
  }
  var report = report(
    result, records, invocation, missing: nil, unwitnessed: trust.refusal(of: result.signed))
  if let size = result.signed?.checkpoint.size, let last = store.rememberedHead(), last.size > size
  {
    report.tell(
      "note: this directory remembers to have signed \(counted(Int(clamping: last.size), "entry", plural: "entries")): "
        + "an older checkpoint was put back, or a writer was stopped just then")
  }
  return report
}

/// What was found, or that nothing was. A log without a checkpoint proves nothing: that is a
/// finding too.
private func report(
  _ result: LogVerification?, _ records: RecordVerification?, _ invocation: Invocation,
  missing: String?, unwitnessed: String? = nil
) -> Report {
  let isSound = result?.isWhole == true && records?.findings.isEmpty == true
  let isWhole = isSound && unwitnessed == nil
  var report = Report(isWhole ? .done : .refused)
  if invocation.wantsJSON {
    report.output =
      json(result, records, missing: missing, unwitnessed: unwitnessed, isWhole: isWhole).pretty
      + "\n"
    return report
  }
  let terminal = invocation.terminal
  for finding in result?.findings ?? [] {
    report.print("\(terminal.paint("CHANGED", .bad))  \(printable(finding.description))")
  }
  for finding in records?.findings ?? [] {
    report.print("\(terminal.paint("FALSE", .bad))  \(printable(finding.description))")
  }
  if let missing { report.print("\(terminal.paint("MISSING", .bad))  \(printable(missing))") }
  if let unwitnessed {
    report.print("\(terminal.paint("UNWITNESSED", .bad))  \(printable(unwitnessed))")
  }
  guard let result, let checkpoint = result.signed?.checkpoint else { return report }
  let size = counted(Int(clamping: checkpoint.size), "entry", plural: "entries")
  if isWhole {
    let word = terminal.paint("VERIFIED", .good)
    let files = counted(result.fileCount, "file")
    report.print("\(word)  \(checkpoint.origin): \(size) in \(files)")
    report.print("root \(checkpoint.root.hex)")
    if let records { report.print(line(records)) }
  } else if result.isWhole, !isSound {
    report.print("\(checkpoint.origin) is as it was signed, and says of itself what is not so")
  } else if !result.isWhole {
    report.print("\(checkpoint.origin) is not the log of \(size) that was signed")
  }
  return report
}

/// What the records say of each other.
private func line(_ records: RecordVerification) -> String {
  let count = Int(clamping: records.recordCount)
  guard records.unchainedCount == 0 else {
    let old = counted(Int(clamping: records.unchainedCount), "record")
    return
      "\(old) of \(grouped(count)) made by an older release, which named no entries before them: "
      + "no question can be proved of this log"
  }
  let leaves = counted(Int(clamping: records.indexLeafCount), "index leaf", plural: "index leaves")
  return "\(counted(count, "record")) in unbroken histories, \(leaves)"
}

/// The same for programs.
private func json(
  _ result: LogVerification?, _ records: RecordVerification?, missing: String?,
  unwitnessed: String?, isWhole: Bool
) -> JSONValue {
  var members = [JSONMember("verified", .bool(isWhole))]
  if let checkpoint = result?.signed?.checkpoint {
    members += [
      JSONMember("origin", .string(checkpoint.origin)),
      JSONMember("size", .integer(Int64(clamping: checkpoint.size))),
      JSONMember("root", .string(checkpoint.root.hex)),
    ]
  }
  members.append(JSONMember("files", .integer(Int64(result?.fileCount ?? 0))))
  if let records {
    members += [
      JSONMember("records", .integer(Int64(clamping: records.recordCount))),
      JSONMember("unchained", .integer(Int64(clamping: records.unchainedCount))),
      JSONMember("indexLeaves", .integer(Int64(clamping: records.indexLeafCount))),
    ]
  }
  let all = (result?.findings ?? []) + (records?.findings ?? [])
  var findings = all.map { finding -> JSONValue in
    [
      "path": .string(finding.path), "message": .string(finding.message),
      "index": finding.index.map { .integer(Int64(clamping: $0)) } ?? .null,
    ]
  }
  if let missing {
    findings.append(["path": .string(missing), "message": "is missing", "index": .null])
  }
  if let unwitnessed {
    findings.append(
      ["path": "checkpoint", "message": .string(unwitnessed), "index": .null])
  }
  members.append(JSONMember("findings", .array(findings)))
  return .object(members)
}
