// The versions of a graph as the deltas between them, chained so that none can be changed unseen.

public import WritCrypto
import WritModel

/// Why a history was refused.
public enum HistoryError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Not a history at all.
  case notAHistory
  /// A record is not what was written there.
  case damaged(version: Int)
  /// The snapshot is not the one that the history begins with.
  case otherBase(expected: Digest, found: Digest)
  /// The deltas do not come to the digest that the record says.
  case otherRoot(version: Int, expected: Digest, found: Digest)
  /// A delta cannot be applied.
  case refused(version: Int, GraphProblems)

  /// What is wrong, in words.
  public var description: String {
    switch self {
    case .notAHistory: "not a history of a graph"
    case .damaged(let version): "the record of version \(version) was damaged or changed"
    case .otherBase(let expected, let found):
      "the history begins with \(expected), and the snapshot beside it is \(found)"
    case .otherRoot(let version, let expected, let found):
      "the deltas up to version \(version) come to \(found), not to \(expected)"
    case .refused(let version, let problems):
      "the delta of version \(version) cannot be applied: \(problems.brief)"
    }
  }
}

/// The versions of a graph: which digest each has, since when, and the delta that made it.
///
/// The bytes are a line for the beginning and then, for each delta, a line and the delta's own
/// lines:
///
///     {"at":INSTANT,"chain":DIGEST,"history":1,"root":DIGEST}
///     {"at":INSTANT,"bytes":COUNT,"chain":DIGEST,"root":DIGEST,"version":NUMBER}
///
/// `chain` is the SHA-256 over the chain before (nothing, at the beginning), the line without
/// `chain`, and the delta's bytes. What is behind the last whole record was not written to its end,
/// and counts for nothing.
public struct GraphHistory: Sendable {
  /// A version of the graph.
  public struct Version: Hashable, Sendable {
    /// From 0, the snapshot that the history begins with.
    public let number: Int
    /// When it was made, in microseconds since the epoch.
    public let at: Int64
    /// Its root digest.
    public let root: Digest
    /// Where the delta that made it lies among the bytes; nothing for the first.
    public let delta: Range<Int>
    let chain: Digest

    /// Where its record ends among the bytes.
    public var end: Int { delta.upperBound }
  }

  /// At least one.
  public let versions: [Version]
  private let bytes: [UInt8]

  /// Bytes of all whole records; what is behind them is a record that was cut short.
  public var byteCount: Int { versions.last?.end ?? 0 }

  /// Reads the bytes of a history. A record cut short at the end is left out.
  public init(parsing bytes: [UInt8]) throws(HistoryError) {
    var versions: [Version] = []
    var place = 0
    while place < bytes.count {
      let number = versions.count
      let limit = min(bytes.count, place + HistoryLine.limit)
      guard let end = bytes[place..<limit].firstIndex(of: 0x0A) else {
        guard limit == bytes.count else {
          throw number == 0 ? .notAHistory : .damaged(version: number)
        }
        break
      }
      guard let line = HistoryLine(bytes[place..<end], number: number) else {
        throw number == 0 ? .notAHistory : .damaged(version: number)
      }
      let start = end + 1
      guard line.byteCount <= bytes.count - start else { break }
      let delta = start..<start + line.byteCount
      guard line.chain == line.chain(after: versions.last?.chain, bytes[delta]) else {
        // Of what was written last, the middle may be missing after a loss of power.
        if delta.upperBound == bytes.count, number > 0 { break }
        throw .damaged(version: number)
      }
      versions.append(
        Version(number: number, at: line.at, root: line.root, delta: delta, chain: line.chain))
      place = delta.upperBound
    }
    guard !versions.isEmpty else { throw .notAHistory }
    self.versions = versions
    self.bytes = bytes
  }

  /// The bytes of a history that begins with a snapshot; `at` is in microseconds since the epoch.
  public static func beginning(with root: Digest, at: Int64) -> [UInt8] {
    HistoryLine(number: 0, at: at, root: root, byteCount: 0).bytes(after: nil, []) + [0x0A]
  }

  /// The delta of a version, as it was applied.
  public func delta(of version: Version) -> GraphDelta {
    GraphDelta(Array(bytes[version.delta]), named: "version \(version.number)")
  }

  /// The newest version with that root digest.
  public func version(withRoot root: Digest) -> Version? { versions.last { $0.root == root } }

  /// The version that was the newest at a time, in microseconds since the epoch; `nil` before the
  /// first.
  public func version(at time: Int64) -> Version? { versions.last { $0.at <= time } }

  /// The record of a delta that makes a version of one before, and that version, whose record lies
  /// behind that of `before`.
  public static func record(
    of delta: GraphDelta, after before: Version, root: Digest, at: Int64
  ) -> (bytes: [UInt8], version: Version) {
    var text = delta.text
    if let last = text.last, last != 0x0A { text.append(0x0A) }
    // Time does not run backwards in a history, whatever a clock does.
    let line = HistoryLine(
      number: before.number + 1, at: max(at, before.at), root: root, byteCount: text.count)
    let head = line.bytes(after: before.chain, text[...]) + [0x0A]
    let start = before.end + head.count
    let version = Version(
      number: line.number, at: line.at, root: root, delta: start..<start + text.count,
      chain: line.chain(after: before.chain, text[...]))
    return (head + text, version)
  }

  /// Makes a version of the snapshot that the history begins with. Takes as long as a build of all
  /// its facts, whatever the number of deltas, up to a thousand of them.
  public func snapshot(
    of version: Version, from base: Snapshot
  ) throws(HistoryError) -> Snapshot {
    guard base.rootDigest == versions[0].root else {
      throw .otherBase(expected: versions[0].root, found: base.rootDigest)
    }
    return try snapshot(of: version, from: base, at: versions[0])
  }

  /// The same from an earlier version.
  public func snapshot(
    of version: Version, from snapshot: Snapshot, at start: Version
  ) throws(HistoryError) -> Snapshot {
    var (snapshot, before) = (snapshot, start)
    while before.number < version.number {
      let last = min(version.number, before.number + GraphHistory.deltasAtOnce)
      snapshot = try self.snapshot(snapshot, before, last)
      before = versions[last]
      guard snapshot.rootDigest == before.root else {
        throw .otherRoot(version: last, expected: before.root, found: snapshot.rootDigest)
      }
    }
    return snapshot
  }

  /// Fewer than the inputs that one build takes.
  private static let deltasAtOnce = 1000

  private func snapshot(
    _ base: Snapshot, _ before: Version, _ last: Int
  ) throws(HistoryError) -> Snapshot {
    var builder = SnapshotBuilder(base)
    for number in before.number + 1...last {
      let delta = delta(of: versions[number])
      if number > before.number + 1 { builder.reader.beginDelta(on: versions[number - 1].root) }
      builder.read(delta.text, named: delta.name)
    }
    do throws(GraphProblems) {
      return try builder.build()
    } catch {
      throw .refused(version: last, error)
    }
  }
}

/// The line in front of a delta.
private struct HistoryLine {
  /// Bytes of a line with its end.
  static let limit = 512

  let number: Int
  let at: Int64
  let root: Digest
  let byteCount: Int
  private(set) var chain = Digest.zero

  init(number: Int, at: Int64, root: Digest, byteCount: Int) {
    self.number = number
    self.at = at
    self.root = root
    self.byteCount = byteCount
  }

  /// Reads exactly what `text` writes.
  init?(_ text: ArraySlice<UInt8>, number: Int) {
    guard let value = try? JSONValue(parsing: Array(text)),
      let at = value["at"]?.string.flatMap({ Instant($0) }),
      let root = value["root"]?.string.flatMap({ Digest($0) }),
      let chain = value["chain"]?.string.flatMap({ Digest($0) }),
      let byteCount = number == 0 ? 0 : value["bytes"]?.integer.flatMap({ Int(exactly: $0) }),
      byteCount >= 0
    else { return nil }
    self.init(number: number, at: at.microseconds, root: root, byteCount: byteCount)
    self.chain = chain
    guard self.text(chain).utf8.elementsEqual(text) else { return nil }
  }

  /// The line, without its end; without `chain` what that is over.
  private func text(_ chain: Digest?) -> String {
    let at = Instant(microseconds: at).description
    let chain = chain.map { "\"chain\":\"\($0)\"," } ?? ""
    return number == 0
      ? "{\"at\":\"\(at)\",\(chain)\"history\":1,\"root\":\"\(root)\"}"
      : "{\"at\":\"\(at)\",\"bytes\":\(byteCount),\(chain)\"root\":\"\(root)\",\"version\":\(number)}"
  }

  func chain(after before: Digest?, _ delta: ArraySlice<UInt8>) -> Digest {
    var hasher = SHA256()
    if let before { hasher.update(before) }
    hasher.update(Array(text(nil).utf8))
    hasher.update(delta)
    return hasher.finish()
  }

  func bytes(after before: Digest?, _ delta: ArraySlice<UInt8>) -> [UInt8] {
    Array(text(chain(after: before, delta)).utf8)
  }
}
