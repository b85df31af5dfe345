// Snapshot files: as they are, and with their digests mended so that what is behind them is reached.

import WritCrypto
import WritGraph
import WritModel

/// A snapshot file after a byte that chooses: even as it is, odd with lengths and digests mended.
///
/// What is accepted writes the same bytes again; its facts copied are the same facts; every fact can be read and decided over.
@Sendable func fuzzSnapshot(_ bytes: [UInt8]) throws {
  var feed = ByteFeed(bytes)
  let isMended = feed.byte() & 1 == 1
  let given = Array(feed.rest)
  guard let file = isMended ? mendedSnapshot(given, root: nil) : given else { return }
  let read = accepted { () throws(SnapshotError) in try Snapshot.decode(file) }
  guard let snapshot = read else { return }
  try hold(snapshot.fileBytes == file, "a snapshot is not written as it was read")
  try look(at: snapshot)
  let copier = SnapshotBuilder(snapshot)
  let copied: Snapshot
  do throws(GraphProblems) {
    copied = try copier.build()
  } catch {
    // Facts that no import would take, such as one that is missing: a snapshot may say so.
    return
  }
  guard let genuine = mendedSnapshot(file, root: copied.rootDigest) else { return }
  try hold(
    try Snapshot.decode(genuine).verifyRootDigest(), "facts that were copied are other facts")
}

/// Reads everything that a snapshot holds.
func look(at snapshot: Snapshot) throws {
  _ = GraphSummary(snapshot)
  for node in 0..<snapshot.nodeCount {
    let kind = snapshot.kind(of: node)
    try hold(
      snapshot.node(kind: kind, id: snapshot.id(of: node)) == node, "a node is not found by its id")
    _ = snapshot.reference(to: node)
  }
  let origins = OriginTable(snapshot.schema)
  let vouching = Vouching(snapshot, snapshot.schema, asOf: World.now)
  for origin in origins.origins.indices {
    for kind in snapshot.schema.kinds.indices {
      _ = vouching.coverage(origin: origin, kind: kind)
      for node in snapshot.nodeRange(ofKind: kind).prefix(16) {
        _ = vouching.cause(origin: origin, kind: kind, node: node)
      }
    }
  }
  try exercise(World.shared.program, snapshot, nil)
}

/// The file with lengths that fit each other and the digests of what it holds; `docs/snapshot-format.md` has the layout.
private func mendedSnapshot(_ bytes: [UInt8], root: Digest?) -> [UInt8]? {
  guard bytes.count >= 160 else { return nil }
  func number(_ offset: Int, _ count: Int) -> Int {
    (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
  }
  let sections = number(12, 4)
  let schema = number(40, 3)
  let data = number(24, 3)
  let head = 160 + sections * 32 + schema
  guard sections < 1_024, head <= bytes.count, data <= bytes.count, head <= data else { return nil }
  let body = Array(bytes[data...])
  var digests: [UInt8] = []
  for start in stride(from: 0, to: body.count, by: 1 << 16) {
    digests += Digest(of: Array(body[start..<min(start + 1 << 16, body.count)])).bytes
  }
  let dataStart = (head + digests.count + 63) & ~63
  var fixed = Array(bytes[..<128])
  func set(_ offset: Int, _ value: Int) {
    for byte in 0..<8 { fixed[offset + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte)) }
  }
  for (offset, value) in [
    (16, head), (24, dataStart), (32, body.count), (40, schema), (48, 0), (56, 0),
  ] {
    set(offset, value)
  }
  if let root {
    // What was copied has the newest form.
    set(8, sections << 32 | 2)
    fixed.replaceSubrange(64..<96, with: root.bytes)
  }
  fixed.replaceSubrange(96..<128, with: Digest(of: digests).bytes)
  let rest = Array(bytes[160..<head])
  let filling = [UInt8](repeating: 0, count: dataStart - head - digests.count)
  return fixed + Digest(of: fixed + rest).bytes + rest + digests + filling + body
}
