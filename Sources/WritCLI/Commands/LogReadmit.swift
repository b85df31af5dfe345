// `writ log readmit`: a copied or restored log is written to again.

import WritEvidence
import WritModel

extension Command {
  static let logReadmit = Command(
    name: "log readmit", summary: "write again to a log that was copied or restored",
    operands: [.one("DIR", "the directory of the log")],
    options: [
      .required("--seen", "CHECKPOINT", "the newest checkpoint of it that anybody has seen"),
      .passphrase,
    ],
    details: [
      "A copy may have forgotten entries, and would sign other roots for sizes that others hold.",
      "Look for the newest checkpoint with auditors, in proofs, and in the other copy.",
      "  writ log readmit log --seen checkpoint.newest",
    ],
    run: runLogReadmit)
}

/// Compares the log with the checkpoint, and remembers where it lies now.
private func runLogReadmit(_ invocation: Invocation) throws(Failure) -> Report {
  let store = LogStore(directory: try invocation.operand(0))
  let seen = try invocation.required("--seen")
  if seen != "-", directoryOfLog(holding: seen, or: store.directory) == store.directory {
    throw .usage(
      "\(seen) lies inside the log itself",
      remedy:
        "a copy has no newer one than its own: take one that was seen elsewhere, or the other copy's"
    )
  }
  let newest = try readFile(seen, limit: 1 << 20)
  let signer = try signer(of: store, invocation)
  try withLog { () throws(LogError) in try store.readmit(newest: newest, signer: signer) }
  if invocation.wantsJSON { return Report(["directory": .string(store.directory)]) }
  var report = Report()
  report.print("\(store.directory): reaches that checkpoint and extends it")
  return report
}
