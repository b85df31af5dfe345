// JSON Lines of facts: imported, applied as a delta, laid over a snapshot.

import WritGraph
import WritGraphTesting
import WritModel

/// Facts, after a byte that chooses: a whole import, a delta to the world's snapshot, or a request's facts over it; strict or
/// lenient.
///
/// What is accepted is a snapshot that verifies, reads back from its file, and is the same when the lines come in two inputs.
@Sendable func fuzzFacts(_ bytes: [UInt8]) throws {
  var feed = ByteFeed(bytes)
  let choice = feed.byte()
  let lines = Array(feed.rest)
  let lenience = Lenience(rawValue: Int(choice >> 2 & 3))
  switch choice & 3 {
  case 0, 1: try checkImport(lines, lenience)
  case 2: try checkDelta(lines, lenience)
  default: try checkOverlay(lines)
  }
}

private func checkImport(_ lines: [UInt8], _ lenience: Lenience) throws {
  func imported(_ inputs: [ArraySlice<UInt8>]) -> Snapshot? {
    var builder = SnapshotBuilder(World.shared.schema, lenience: lenience)
    for input in inputs { builder.read(Array(input), named: "facts") }
    return built(builder)
  }
  let whole = imported([lines[...]])
  // Where an input ends is no part of what the lines say.
  let middle = lines[..<(lines.count / 2)].lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
  let parts = imported([lines[..<middle], lines[middle...]])
  try hold(
    whole?.rootDigest == parts?.rootDigest, "the same lines in two inputs are other facts")
  if let whole { try check(whole) }
}

private func checkDelta(_ lines: [UInt8], _ lenience: Lenience) throws {
  var builder = SnapshotBuilder(World.shared.snapshot, lenience: lenience)
  builder.read(lines, named: "delta")
  let changed = built(builder)
  if let changed { try check(changed) }
  guard lenience == [] else { return }
  // What a graph in a process makes of it, by whichever way, is the same.
  let base = World.shared.snapshot
  let live = LiveGraph(base)
  let version = try? live.apply(GraphDelta(lines, named: "delta"))
  try hold(
    version?.snapshot.fileBytes == changed?.fileBytes, "a living graph takes a delta otherwise")
  // So are two deltas together and one after the other.
  let middle = lines[..<(lines.count / 2)].lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
  let parts = [lines[..<middle], lines[middle...]].map { GraphDelta(Array($0), named: "delta") }
  let first = try? base.applying([parts[0]]).snapshot
  let alone = try? first?.applying([parts[1]]).snapshot
  let together = try? base.applying(parts).snapshot
  try hold(
    alone?.fileBytes == together?.fileBytes, "deltas together are not what they are alone")
}

private func checkOverlay(_ lines: [UInt8]) throws {
  var builder = OverlayBuilder(World.shared.plan)
  builder.read(lines, named: "request")
  let quick = try? OverlayReader(World.shared.plan).overlay(lines, named: "request")
  let overlay: Overlay
  do throws(GraphProblems) {
    overlay = try builder.build()
  } catch {
    try hold(quick == nil, "an overlay is made of what is refused")
    return try check(error)
  }
  try hold(
    quick.map { contents(of: $0) } == contents(of: overlay), "the two ways to an overlay differ")
  for node in 0..<World.shared.snapshot.nodeCount + overlay.nodeCount {
    _ = overlay.reference(to: node)
  }
  try exercise(World.shared.program, World.shared.snapshot, overlay)
}

/// The snapshot; refusals are told, and name their lines.
private func built(_ builder: consuming SnapshotBuilder) -> Snapshot? {
  do throws(GraphProblems) {
    return try builder.build()
  } catch {
    _ = error.description
    return nil
  }
}

private func check(_ problems: GraphProblems) throws {
  for problem in problems.problems {
    _ = problem.description
    try hold(problem.line >= 0 && problem.column >= 0, "a problem has no place")
  }
}

private func check(_ snapshot: Snapshot) throws {
  try hold(snapshot.verifyRootDigest(), "a snapshot has not the digest of its facts")
  let bytes = snapshot.fileBytes
  try hold(try Snapshot.decode(bytes).fileBytes == bytes, "a snapshot reads back otherwise")
  try look(at: snapshot)
}
