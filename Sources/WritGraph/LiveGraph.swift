// A graph in a process that changes while others decide over it.

import Synchronization
import WritCrypto

/// A graph that takes deltas while readers decide, each on one version from beginning to end.
///
/// A version is a snapshot: whoever holds one keeps it, whatever becomes of the graph, and a reader
/// waits for nobody but for the moment in which a reference changes hands. Deltas are applied one
/// call after the other. A version costs about what a build of all its facts costs, so that whoever
/// has many deltas hands them over together (`applyEachLine`); its root digest costs what the delta
/// is large.
public final class LiveGraph: Sendable {
  /// The graph as it was after some delta.
  public struct Version: Sendable {
    /// From 0, the snapshot that the graph began with.
    public let number: Int
    public let snapshot: Snapshot
  }

  private let published: Mutex<Version>
  private let root: Mutex<LiveRoot>

  /// Begins with a snapshot's facts.
  public init(_ snapshot: Snapshot) {
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
    try apply(whenBuilt) { $0.read(delta.text, named: delta.name) }
  }

  /// The same of many deltas, each line of the text being one: what they come to is one version.
  /// Where one is refused, all are, and the problem names its line.
  @discardableResult
  public func applyEachLine(
    of text: GraphDelta, whenBuilt: () -> Void = {}
  ) throws(GraphProblems) -> Version {
    try apply(whenBuilt) { $0.readEachLine(text.text, named: text.name) }
  }

  private func apply(
    _ whenBuilt: () -> Void, _ read: (inout FactReader) -> Void
  ) throws(GraphProblems) -> Version {
    try root.withLock { root throws(GraphProblems) in
      let old = version
      var builder = SnapshotBuilder(old.snapshot)
      read(&builder.reader)
      let change = try builder.reader.finishChange(of: old.snapshot)
      whenBuilt()
      root.update(change, of: old.snapshot)
      let snapshot = Snapshot(
        change.snapshot.schema, change.snapshot.table, rootDigest: root.digest)
      let next = Version(number: old.number + 1, snapshot: snapshot)
      published.withLock { $0 = next }
      return next
    }
  }
}
