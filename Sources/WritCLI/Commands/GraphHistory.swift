// `writ graph history` and `writ graph at`: the versions of a snapshot, and one of them.

import WritCrypto
import WritGraph
import WritModel

extension Command {
  static let graphHistory = Command(
    name: "graph history", summary: "list the versions of a snapshot",
    operands: [.one("SNAPSHOT", "a file whose history `writ graph apply --history` keeps")],
    options: [],
    details: ["A star marks the version that the file is at."],
    run: runGraphHistory)

  static let graphAt = Command(
    name: "graph at", summary: "make a version of a snapshot again",
    operands: [
      .one("SNAPSHOT", "a file whose history `writ graph apply --history` keeps"),
      .one("VERSION", "its number, its digest or the beginning of that, or a time"),
    ],
    options: [.required("-o", "SNAPSHOT", "the file to write")],
    details: [
      "The version has the digest that it had, so that a decision can be made again on what it saw.",
      "  writ graph at company.graph 2026-11-19T10:00:00Z -o then.graph",
    ],
    run: runGraphAt)
}

private func runGraphHistory(_ invocation: Invocation) throws(Failure) -> Report {
  let path = try invocation.operand(0)
  let folder = HistoryFolder(of: path)
  let history = try folder.read()
  let current = try folder.version(of: try loadSnapshot(path), in: history)
  var report = Report()
  // What is behind the version that the file is at was never put in its place.
  let versions = history.versions.prefix(through: current.number)
  if invocation.wantsJSON {
    for version in versions { report.print(json(version, history).compact) }
    return report
  }
  let rows = versions.map { version in
    [
      "\(version.number)", version.since, version.root.description,
      grouped(lineCount(version, history)),
      version == current ? "*" : "",
    ]
  }
  for line in aligned(rows, header: ["version", "since", "snapshot", "lines", ""]) {
    report.print(line)
  }
  return report
}

private func json(_ version: GraphHistory.Version, _ history: GraphHistory) -> JSONValue {
  [
    "version": .integer(Int64(version.number)),
    "at": .string(Instant(microseconds: version.at).description),
    "snapshot": .string(version.root.description),
    "lines": .integer(Int64(lineCount(version, history))),
  ]
}

/// Lines of the delta that made a version.
private func lineCount(_ version: GraphHistory.Version, _ history: GraphHistory) -> Int {
  history.delta(of: version).text.count { $0 == 0x0A }
}

private func runGraphAt(_ invocation: Invocation) throws(Failure) -> Report {
  let path = try invocation.operand(0)
  let output = try invocation.required("-o")
  let folder = HistoryFolder(of: path)
  let history = try folder.read()
  let version = try version(named: try invocation.operand(1), in: history)
  let snapshot = try folder.snapshot(of: version, in: history)
  do throws(SnapshotError) {
    try snapshot.write(to: output)
  } catch {
    throw failure(of: error, output)
  }
  var report = Report()
  if invocation.wantsJSON {
    report.output = json(version, history).pretty + "\n"
  } else {
    report.print("\(output): version \(version.number), since \(version.since)")
    report.print(snapshot.digestText)
  }
  return report
}

/// By number, digest or the beginning of one, or the time at which it was the newest.
private func version(
  named text: String, in history: GraphHistory
) throws(Failure) -> GraphHistory.Version {
  let remedy = "`writ graph history` lists the versions"
  if let time = Instant(text) {
    guard let version = history.version(at: time.microseconds) else {
      throw .badInput("the history begins after \(text)", remedy: remedy)
    }
    return version
  }
  if let number = Int(text), number >= 0, text.utf8.count < 8 {
    guard number < history.versions.count else {
      throw .badInput("there is no version \(number)", remedy: remedy)
    }
    return history.versions[number]
  }
  let digits = text.hasPrefix("sha256:") ? String(text.dropFirst(7)) : text
  guard digits.utf8.count >= 8 else {
    throw .usage(
      "`\(text)` is no version", remedy: "name its number, its time, or eight digits of its digest")
  }
  let found = history.versions.filter { $0.root.hex.hasPrefix(digits) }
  // Versions of one digest are the same facts.
  guard let version = found.last, found.allSatisfy({ $0.root == version.root }) else {
    throw .badInput(
      found.isEmpty
        ? "no version has the digest `\(text)`" : "several digests begin with `\(text)`",
      remedy: remedy)
  }
  return version
}
