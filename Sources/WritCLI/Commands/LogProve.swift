// `writ log prove`: one entry and its proof in one file.

import WritEvidence
import WritModel

extension Command {
  static let logProve = Command(
    name: "log prove", summary: "write the proof of one entry, for writ-verify",
    operands: [.one("DIR", "the directory of the log")],
    options: [
      .required("--index", "N", "of the entry, from 0"),
      .required("-o", "PROOF", "the file to write"), .logKey,
    ],
    details: [
      "The file holds the entry and is verified offline: writ-verify PROOF --vkey KEY.pub",
      "  writ log prove log --index 42 -o release.proof",
    ],
    run: runLogProve)
}

/// Writes entry, inclusion proof and checkpoint in one file.
private func runLogProve(_ invocation: Invocation) throws(Failure) -> Report {
  let index = try invocation.number("--index") ?? 0
  let output = try invocation.required("-o")
  let reader = try openLog(invocation)
  let bundle = try withLog { () throws(LogError) in try reader.proofBundle(index: index) }
  try writeFile(output, bundle.bytes)
  let checkpoint = reader.signed.checkpoint
  if invocation.wantsJSON {
    return Report([
      "file": .string(output), "log": .string(checkpoint.origin),
      "index": .integer(Int64(clamping: index)), "size": .integer(Int64(clamping: checkpoint.size)),
      "root": .string(checkpoint.root.hex), "hashes": .integer(Int64(bundle.hashes.count)),
    ])
  }
  var report = Report()
  let size = grouped(Int(clamping: checkpoint.size))
  report.print("\(output): entry \(index) of \(checkpoint.origin), size \(size)")
  return report
}
