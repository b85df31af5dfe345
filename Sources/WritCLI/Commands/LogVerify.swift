// `writ log verify`: every entry and tile against the signed root.

@preconcurrency import Glibc
import WritEvidence
import WritModel

extension Command {
  static let logVerify = Command(
    name: "log verify", summary: "find every change in a log's entries and tiles",
    operands: [.one("DIR", "the directory of the log")],
    options: [
      .repeated("--vkey", "KEY.pub", "the log's verifier keys, from outside the log"),
      .optional("--policy", "POLICY", "instead: logs, witnesses, and who must have cosigned"),
      .optional("--since", "CHECKPOINT", "an older checkpoint that the log must extend"),
    ],
    details: [
      "Exits 0 if every entry and tile is as it was signed, else 1, with the place of what was changed.",
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
  let result: LogVerification
  do throws(LogError) {
    result = try verifyLog(
      LogStore(directory: directory), keys: trust.keys, origin: trust.origin, since: since)
  } catch .missing(let path) {
    return report(nil, invocation, missing: path)
  } catch {
    throw failure(of: error)
  }
  var report = report(
    result, invocation, missing: nil, unwitnessed: trust.refusal(of: result.signed))
  if let size = result.signed?.checkpoint.size,
    let last = LogStore(directory: directory).rememberedHead(), last.size > size
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
  _ result: LogVerification?, _ invocation: Invocation, missing: String?,
  unwitnessed: String? = nil
) -> Report {
  let isWhole = result?.isWhole == true && unwitnessed == nil
  var report = Report(isWhole ? .done : .refused)
  if invocation.wantsJSON {
    report.output =
      json(result, missing: missing, unwitnessed: unwitnessed, isWhole: isWhole).pretty + "\n"
    return report
  }
  let terminal = invocation.terminal
  for finding in result?.findings ?? [] {
    report.print("\(terminal.paint("CHANGED", .bad))  \(printable(finding.description))")
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
  } else if !result.isWhole {
    report.print("\(checkpoint.origin) is not the log of \(size) that was signed")
  }
  return report
}

/// The same for programs.
private func json(
  _ result: LogVerification?, missing: String?, unwitnessed: String?, isWhole: Bool
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
  var findings = (result?.findings ?? []).map { finding -> JSONValue in
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
