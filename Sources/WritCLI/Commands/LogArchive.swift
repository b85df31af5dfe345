// `writ log archive`: a log as one file.

@preconcurrency import Glibc
import WritEvidence
import WritModel

extension Command {
  static let logArchive = Command(
    name: "log archive", summary: "write a log into one tar file, verified",
    operands: [.one("DIR", "the directory of the log")],
    options: [
      .repeated("--vkey", "KEY.pub", "the log's verifier keys, from outside the log"),
      .optional("--policy", "POLICY", "instead: logs, witnesses, and who must have cosigned"),
      .required("-o", "FILE.tar", "the file to write"),
      .flag("--without-objects", "leave out what records name: nothing can then be replayed"),
    ],
    details: [
      "Extracted anywhere, it verifies and is searched, proved from and replayed as the log is. Keys and",
      "personal values stay behind. It can be written while the log is; what is not published is not in it.",
      "  writ log archive log2026 --vkey log.key.pub -o log2026.tar",
    ],
    run: runLogArchive)
}

/// Verifies the log and writes exactly what was verified.
private func runLogArchive(_ invocation: Invocation) throws(Failure) -> Report {
  let directory = try invocation.operand(0)
  guard isDirectory(directory) else { throw cannotRead(directory, ENOENT) }
  let trust = try LogTrust(invocation, log: directory)
  let path = try invocation.required("-o")
  guard path != "-" else { throw .usage("an archive is a file", remedy: "name it") }
  guard directoryOfLog(holding: path, or: directory) == nil else {
    throw .usage("\(path) lies inside a log", remedy: "write the archive elsewhere")
  }
  var status = stat()
  if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
    throw .usage("\(path) is no regular file", remedy: "name a file to write")
  }
  let result = try withLog { () throws(LogError) in
    try archive(
      LogStore(directory: directory), keys: trust.keys, origin: trust.origin, to: path,
      withObjects: !invocation.has("--without-objects")
    ) { invocation.errorTerminal.showProgress("archiving entry \($0)…") }
  }
  invocation.errorTerminal.showProgress("")
  switch result {
  case .damaged(let findings):
    throw .badInput(
      "the log is not as it was signed: \(findings.first?.description ?? "")",
      remedy: "`writ log verify` tells all; no archive was written")
  case .done(let archive): return report(archive, path, invocation)
  }
}

private func report(
  _ archive: LogArchive, _ path: String, _ invocation: Invocation
) -> Report {
  let checkpoint = archive.checkpoint
  if invocation.wantsJSON {
    return Report([
      "archive": .string(path), "origin": .string(checkpoint.origin),
      "size": .integer(Int64(clamping: checkpoint.size)),
      "root": .string(Base64.encode(checkpoint.root.bytes)),
      "files": .integer(Int64(archive.fileCount)), "objects": .integer(Int64(archive.objectCount)),
      "bytes": .integer(Int64(archive.byteCount)),
    ])
  }
  var report = Report()
  let entries = counted(Int(clamping: checkpoint.size), "entry", plural: "entries")
  report.print(
    "\(path): \(checkpoint.origin), \(entries), \(counted(archive.objectCount, "object")), "
      + "\(counted(archive.byteCount, "byte"))")
  return report
}
