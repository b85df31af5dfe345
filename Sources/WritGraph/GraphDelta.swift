// Deltas: facts that change a snapshot, in a text of their own.

/// A delta: lines of facts that were not read yet, and what problems call them.
public struct GraphDelta: Hashable, Sendable {
  /// JSON Lines of facts (`docs/file-formats.md`).
  public let text: [UInt8]
  /// What problems call the delta.
  public let name: String

  /// A delta; its text may be anything.
  public init(_ text: [UInt8], named name: String) {
    self.text = text
    self.name = name
  }

  /// Whether the first line says which snapshot the delta is for.
  public var namesBase: Bool {
    let start = text.drop { [9, 10, 13, 32].contains($0) }
    guard start.first == UInt8(ascii: "{") else { return false }
    return start.dropFirst().drop { $0 == 9 || $0 == 32 }.starts(with: Array("\"base\"".utf8))
  }
}

extension Snapshot {
  /// The snapshot that deltas make of this one, each applied to what those before it came to, and
  /// what was read. Takes as long as a build of all facts; once more for each further delta that
  /// names its base.
  public func applying(
    _ deltas: [GraphDelta], lenience: Lenience = []
  ) throws(GraphProblems) -> (snapshot: Snapshot, counts: FactCounts, dropped: DroppedFacts) {
    var (counts, dropped) = (FactCounts(), DroppedFacts())
    var snapshot = self
    var rest = deltas[...]
    repeat {
      var builder = SnapshotBuilder(snapshot, lenience: lenience)
      var isFirst = true
      while let delta = rest.first, isFirst || !delta.namesBase {
        if !isFirst { builder.beginDelta() }
        builder.read(delta.text, named: delta.name)
        rest.removeFirst()
        isFirst = false
      }
      counts += builder.counts
      dropped += builder.dropped
      snapshot = try builder.build()
    } while !rest.isEmpty
    return (snapshot, counts, dropped)
  }
}

extension FactCounts {
  /// Adds each to each.
  public static func += (left: inout FactCounts, right: FactCounts) {
    left.nodes += right.nodes
    left.edges += right.edges
    left.sourceLines += right.sourceLines
    left.removals += right.removals
  }
}

extension DroppedFacts {
  static func += (left: inout DroppedFacts, right: DroppedFacts) {
    left.properties += right.properties
    left.nodes += right.nodes
    left.edges += right.edges
    left.sourceLines += right.sourceLines
  }
}
