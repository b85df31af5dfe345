// `writ log keys`: the verifier keys of a log with their sizes, as the log's own records tell.

import WritEvidence
import WritModel

extension Command {
  static let logKeys = Command(
    name: "log keys", summary: "list a log's verifier keys, each with the sizes it counts for",
    operands: [.one("DIR", "the directory of the log")],
    options: [.logKey],
    details: [
      "Reads all records, and takes a key only from keys that it has. What is printed is a file for",
      "--vkey. Exits 1 if a record of a key is not signed as it should be.",
      "  writ log keys log --vkey log.key.pub > log.keys",
    ],
    run: runLogKeys)
}

/// Follows the keys from one to the next.
private func runLogKeys(_ invocation: Invocation) throws(Failure) -> Report {
  let reader = try openLog(invocation)
  var history = KeyHistory(trusting: try knownKeys(invocation))
  var report = Report()
  for number in 0..<(reader.size + 255) / 256 {
    invocation.errorTerminal.showProgress("reading entries \(number * 256)…")
    let bundle = try withLog { () throws(LogError) in try reader.bundle(number) }
    for (position, entry) in bundle.entries.enumerated() {
      let index = number * 256 + UInt64(position)
      guard let statement = try? Statement(parsing: entry),
        hasSameBytes(statement.predicateType, PredicateType.key)
      else { continue }
      do throws(KeyRecordError) {
        try history.take(try KeyRecord(statement), at: index)
      } catch {
        report.code = .refused
        report.tell("entry \(index): \(printable(error.description))")
      }
    }
  }
  invocation.errorTerminal.showProgress("")
  for key in history.keys {
    report.print(invocation.wantsJSON ? line(key).compact : key.fileLine)
  }
  return report
}

private func line(_ key: VerifierKey) -> JSONValue {
  let isOpen = key.sizes.upperBound == WritEvidence.Limits.treeSize
  return [
    "verifierKey": .string(key.description), "fingerprint": .string(key.publicKey.fingerprint),
    "from": .integer(Int64(clamping: key.sizes.lowerBound)),
    "to": isOpen ? .null : .integer(Int64(clamping: key.sizes.upperBound)),
  ]
}
