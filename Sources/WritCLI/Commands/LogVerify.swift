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
      .optional("--previous", "OLD", "the directory of the log that this one must go on from"),
      .repeated("--previous-vkey", "KEY.pub", "the verifier keys of that log"),
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
  let previous = try previousLog(invocation)
  let store = LogStore(directory: directory)
  var findings = VerifyFindings()
  do throws(LogError) {
    findings.files = try verifyLog(store, keys: trust.keys, origin: trust.origin, since: since)
  } catch .missing(let path) {
    findings.missing = path
    return findings.report(invocation)
  } catch {
    throw failure(of: error)
  }
  findings.unwitnessed = trust.refusal(of: findings.files?.signed)
  if findings.files?.isWhole == true {
    let reader = try withLog { () throws(LogError) in
      try LogReader(store: store, keys: trust.keys)
    }
    findings.records = try withLog { () throws(LogError) in
      try verifyRecords(reader) {
        invocation.errorTerminal.showProgress("comparing records \($0)…")
      }
    }
    invocation.errorTerminal.showProgress("")
    try withLog { () throws(LogError) in try findings.records?.checkErasures(in: store) }
    try findings.follow(reader, from: previous, keys: trust.keys)
  }
  var report = findings.report(invocation)
  if findings.files?.signed == nil {
    report.tell(
      "note: a log whose key was rotated verifies with its later keys; `writ log keys` tells them all"
    )
  }
  if let size = findings.files?.signed?.checkpoint.size, let last = store.rememberedHead(),
    last.size > size
  {
    report.tell(
      "note: this directory remembers to have signed \(counted(Int(clamping: last.size), "entry", plural: "entries")): "
        + "an older checkpoint was put back, or a writer was stopped just then")
  }
  return report
}

/// The log that `--previous` names, by keys of its own.
private func previousLog(_ invocation: Invocation) throws(Failure) -> LogReader? {
  let paths = invocation.values("--previous-vkey")
  guard let directory = invocation.value("--previous") else {
    if paths.isEmpty { return nil }
    throw .usage("`--previous-vkey` needs `--previous OLD`")
  }
  guard !paths.isEmpty else { throw .usage("`--previous` needs `--previous-vkey KEY.pub`") }
  let keys = try readVerifierKeys(paths, log: directory).keys
  return try withLog { () throws(LogError) in
    try LogReader(store: LogStore(directory: directory), keys: keys)
  }
}

/// What was found, or that nothing was. A log without a checkpoint proves nothing: that is a
/// finding too.
private struct VerifyFindings {
  var files: LogVerification?
  var records: RecordVerification?
  var missing: String?
  var unwitnessed: String?
  var unlinked: String?
  /// The logs before and behind, as the log itself says.
  var neighbours: [String] = []

  private var isSound: Bool { files?.isWhole == true && records?.findings.isEmpty == true }
  private var isWhole: Bool { isSound && unwitnessed == nil && unlinked == nil }

  /// Notes what the log goes on from and in, and checks the link to the one before where that is at hand.
  mutating func follow(
    _ reader: LogReader, from previous: LogReader?, keys: [VerifierKey]
  ) throws(Failure) {
    let ends = try withLog { () throws(LogError) in (try reader.opening(), try reader.seal()) }
    if let checkpoint = ends.0?.checkpoint {
      let size = counted(Int(clamping: checkpoint.size), "entry", plural: "entries")
      neighbours.append("says that it goes on from `\(checkpoint.origin)` with \(size)")
    }
    if let seal = ends.1 { neighbours.append("sealed: goes on in `\(seal.next.name)`") }
    guard let previous else { return }
    do {
      try checkLink(from: previous, to: reader, keys: keys)
      neighbours.append("and so does that log")
    } catch let error as LogError {
      throw failure(of: error)
    } catch {
      unlinked = "\(error)"
    }
  }

  func report(_ invocation: Invocation) -> Report {
    var report = Report(isWhole ? .done : .refused)
    if invocation.wantsJSON {
      report.output = json.pretty + "\n"
      return report
    }
    let terminal = invocation.terminal
    for finding in files?.findings ?? [] {
      report.print("\(terminal.paint("CHANGED", .bad))  \(printable(finding.description))")
    }
    for finding in records?.findings ?? [] {
      report.print("\(terminal.paint("FALSE", .bad))  \(printable(finding.description))")
    }
    let others = [
      ("MISSING", missing), ("UNWITNESSED", unwitnessed), ("UNLINKED", unlinked),
    ]
    for case (let word, let text?) in others {
      report.print("\(terminal.paint(word, .bad))  \(printable(text))")
    }
    conclude(terminal, &report)
    return report
  }

  private func conclude(_ terminal: Terminal, _ report: inout Report) {
    guard let files, let checkpoint = files.signed?.checkpoint else { return }
    let size = counted(Int(clamping: checkpoint.size), "entry", plural: "entries")
    if isWhole {
      let word = terminal.paint("VERIFIED", .good)
      report.print(
        "\(word)  \(checkpoint.origin): \(size) in \(counted(files.fileCount, "file"))")
      report.print("root \(Base64.encode(checkpoint.root.bytes))")
      if let records { report.print(line(records)) }
      for neighbour in neighbours { report.print(printable(neighbour)) }
    } else if files.isWhole, !isSound {
      report.print("\(checkpoint.origin) is as it was signed, and says of itself what is not so")
    } else if !files.isWhole {
      report.print("\(checkpoint.origin) is not the log of \(size) that was signed")
    }
  }

  /// The same for programs.
  private var json: JSONValue {
    var members = [JSONMember("verified", .bool(isWhole))]
    if let checkpoint = files?.signed?.checkpoint {
      members += [
        JSONMember("origin", .string(checkpoint.origin)),
        JSONMember("size", .integer(Int64(clamping: checkpoint.size))),
        JSONMember("root", .string(Base64.encode(checkpoint.root.bytes))),
      ]
    }
    members.append(JSONMember("files", .integer(Int64(files?.fileCount ?? 0))))
    if let records {
      members += [
        JSONMember("records", .integer(Int64(clamping: records.recordCount))),
        JSONMember("unchained", .integer(Int64(clamping: records.unchainedCount))),
        JSONMember("indexLeaves", .integer(Int64(clamping: records.indexLeafCount))),
      ]
    }
    let all = (files?.findings ?? []) + (records?.findings ?? [])
    var findings = all.map { finding -> JSONValue in
      [
        "path": .string(finding.path), "message": .string(finding.message),
        "index": finding.index.map { .integer(Int64(clamping: $0)) } ?? .null,
      ]
    }
    if let missing {
      findings.append(["path": .string(missing), "message": "is missing", "index": .null])
    }
    for text in [unwitnessed, unlinked].compactMap(\.self) {
      findings.append(["path": "checkpoint", "message": .string(text), "index": .null])
    }
    members.append(JSONMember("findings", .array(findings)))
    return .object(members)
  }
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
