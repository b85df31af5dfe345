// Histories of graphs: versions read, and made again.

import WritCrypto
import WritGraph
import WritModel

/// The bytes of a history of the world's snapshot, or, after an odd byte, a delta that is put into one.
///
/// What is accepted is written again as it was read; a version that is made again has its digest.
@Sendable func fuzzHistory(_ bytes: [UInt8]) throws {
  var feed = ByteFeed(bytes)
  let isDelta = feed.byte() & 1 == 1
  let rest = Array(feed.rest)
  if isDelta { return try checkRecord(rest) }
  let history = accepted { () throws(HistoryError) in try GraphHistory(parsing: rest) }
  guard let history else { return }
  var written = GraphHistory.beginning(with: history.versions[0].root, at: history.versions[0].at)
  try hold(written.count == history.versions[0].end, "a history begins otherwise")
  for (before, version) in zip(history.versions, history.versions.dropFirst()) {
    try hold(version.number == before.number + 1, "a version is missing")
    // One whose clock went backwards was not written here.
    guard version.at >= before.at else { return }
    let record = GraphHistory.record(
      of: history.delta(of: version), after: before, root: version.root, at: version.at)
    written += record.bytes
    // A delta without an end of its last line was not written here either.
    guard history.delta(of: version).text.last ?? 0x0A == 0x0A else { return }
    try hold(record.version == version, "a version is not written as it was read")
  }
  try hold(
    written == Array(rest.prefix(history.byteCount)), "a history is not written as it was read")
  guard let last = history.versions.last else { return }
  let made = accepted { () throws(HistoryError) in
    try history.snapshot(of: last, from: World.shared.snapshot)
  }
  if let made { try hold(made.rootDigest == last.root, "a version is another one") }
}

private func checkRecord(_ text: [UInt8]) throws {
  let base = World.shared.snapshot
  let delta = GraphDelta(text, named: "delta")
  let beginning = GraphHistory.beginning(with: base.rootDigest, at: 0)
  guard let next = try? base.applying([delta]).snapshot else { return }
  guard let first = try? GraphHistory(parsing: beginning).versions.first else {
    throw BrokenInvariant(description: "a history does not begin")
  }
  let record = GraphHistory.record(of: delta, after: first, root: next.rootDigest, at: 5)
  let history = try GraphHistory(parsing: beginning + record.bytes)
  try hold(history.versions.last == record.version, "a delta is not in its history")
  let made = try history.snapshot(of: record.version, from: base)
  try hold(made.fileBytes == next.fileBytes, "a delta comes to something else in its history")
}
