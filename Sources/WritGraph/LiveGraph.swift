// A graph in a process that changes while others decide over it.

import Synchronization
import WritCrypto

/// A graph that takes deltas while readers decide, each on one version from beginning to end.
///
/// A version is a snapshot: whoever holds one keeps it, whatever becomes of the graph, and a reader
/// waits for nobody but for the moment in which a reference changes hands. Deltas are applied one
/// call after the other. Where they bring numbers, times, truths and members of enums for nodes that
/// are there, or words of sources, a version costs a copy of the graph's memory; where they bring
/// other nodes, edges or texts, about what a build of all its facts costs. So whoever has many
/// deltas hands them over together (`applyEachLine`). Its root digest costs what the deltas are
/// large, not what the graph is.
public final class LiveGraph: Sendable {
  /// The graph as it was after some delta.
  public struct Version: Sendable {
    /// From 0, the snapshot that the graph began with.
    public let number: Int
    public let snapshot: Snapshot
  }

  private let names: SchemaNames
  private let published: Mutex<Version>
  private let root: Mutex<LiveRoot>

  /// Begins with a snapshot's facts.
  public init(_ snapshot: Snapshot) {
    names = SchemaNames(snapshot.schema)
    let root = LiveRoot(snapshot)
    let isNewest = snapshot.form == .newest
    let first =
      isNewest ? snapshot : Snapshot(snapshot.schema, snapshot.table, rootDigest: root.digest)
    published = Mutex(Version(number: 0, snapshot: first))
    self.root = Mutex(root)
  }

  /// The newest version.
  public var version: Version { published.withLock { $0 } }

  /// Makes a version of the newest one and a delta, all of it or nothing.
  ///
  /// - Parameter whenBuilt: Called when all is done but the root digest.
  @discardableResult
  public func apply(
    _ delta: GraphDelta, whenBuilt: () -> Void = {}
  ) throws(GraphProblems) -> Version {
    try apply(delta.text.count, whenBuilt) { $0.read(delta.text, named: delta.name) }
  }

  /// The same of many deltas, each line of the text being one: what they come to is one version.
  /// Where one is refused, all are, and the problem names its line.
  @discardableResult
  public func applyEachLine(
    of text: GraphDelta, whenBuilt: () -> Void = {}
  ) throws(GraphProblems) -> Version {
    try apply(text.text.count, whenBuilt) { $0.readEachLine(text.text, named: text.name) }
  }

  private func apply(
    _ byteCount: Int, _ whenBuilt: () -> Void, _ read: (inout FactReader) -> Void
  ) throws(GraphProblems) -> Version {
    try root.withLock { root throws(GraphProblems) in
      let old = version
      let isSmall = byteCount <= old.snapshot.dataByteCount
      let change: SnapshotChange
      if isSmall, let patched = patch(old.snapshot, read) {
        change = patched
      } else {
        change = try build(old.snapshot, read)
      }
      whenBuilt()
      root.update(change, of: old.snapshot)
      let snapshot = Snapshot(
        change.snapshot.schema, change.snapshot.table, rootDigest: root.digest)
      let next = Version(number: old.number + 1, snapshot: snapshot)
      published.withLock { $0 = next }
      return next
    }
  }
  /// The change where it is one of values and source lines alone.
  private func patch(
    _ snapshot: Snapshot, _ read: (inout FactReader) -> Void
  ) -> SnapshotChange? {
    var reader = FactReader(names, over: nil, [])
    reader.beginDelta(on: snapshot.rootDigest)
    read(&reader)
    return snapshot.patched(by: reader)
  }

  /// Any change, or what is wrong with the deltas.
  private func build(
    _ snapshot: Snapshot, _ read: (inout FactReader) -> Void
  ) throws(GraphProblems) -> SnapshotChange {
    var builder = SnapshotBuilder(snapshot)
    read(&builder.reader)
    return try builder.reader.finishChange(of: snapshot)
  }
}
