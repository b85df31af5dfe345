// What a snapshot holds, in numbers: the data behind `writ graph info`.

public import WritCrypto

/// Counts, bytes and the last words of each source.
public struct GraphSummary: Hashable, Sendable {
  /// A name and how many there are.
  public struct Count: Hashable, Sendable {
    public let name: String
    public let count: Int
    /// Bytes of all its sections.
    public let bytes: Int
  }

  /// When a source last spoke of something.
  public struct LastWord: Hashable, Sendable {
    public let source: String
    /// `*`, a kind, or the count of single nodes as `n nodes`.
    public let covers: String
    public let of: String?
    /// Microseconds since the epoch.
    public let at: Int64
  }

  public let rootDigest: Digest
  /// Bytes of the file.
  public let byteCount: Int
  public let nodeCount: Int
  public let edgeCount: Int
  public let stringCount: Int
  /// By name.
  public let kinds: [Count]
  /// By the kind that they leave and name: `Kind.edge`.
  public let edges: [Count]
  /// By source, then what it covers; of many single nodes the earliest.
  public let lastWords: [LastWord]

  /// The summary of a snapshot.
  public init(_ snapshot: Snapshot) {
    let schema = snapshot.schema
    rootDigest = snapshot.rootDigest
    byteCount = snapshot.headBytes.count + snapshot.dataByteCount
    nodeCount = snapshot.nodeCount
    edgeCount = snapshot.edges.map(\.count).reduce(0, +)
    stringCount = snapshot.strings.count
    let bytes = GraphSummary.sectionBytes(snapshot)
    kinds = schema.kindsByName.map { kind in
      Count(
        name: schema.kinds[kind].name, count: snapshot.nodeRanges[kind].count,
        bytes: bytes.kinds[kind])
    }
    edges = schema.edges.indices.map { edge in
      let kind = schema.kinds[schema.edges[edge].source].name
      return Count(
        name: "\(kind).\(schema.edges[edge].name)", count: snapshot.edges[edge].count,
        bytes: bytes.edges[edge])
    }.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    lastWords = GraphSummary.lastWords(snapshot)
  }

  private static func sectionBytes(_ snapshot: Snapshot) -> (kinds: [Int], edges: [Int]) {
    var kinds = [Int](repeating: 0, count: snapshot.schema.kinds.count)
    var edges = [Int](repeating: 0, count: snapshot.schema.edges.count)
    for (name, place) in zip(snapshot.schema.sections, snapshot.table.places) {
      let bytes = place.count * name.width
      switch name.role {
      case .kindRanges, .nodeIDs, .stringOffsets, .stringBytes, .sourceLines: continue
      case .nodeSources, .nodeValues, .nodePresence, .nodeSetOffsets, .nodeSetMembers:
        kinds[name.first] += bytes
      case .edgeOffsets, .edgeSources, .edgeTargets, .edgeValues, .edgePresence, .edgeSetOffsets,
        .edgeSetMembers, .inverseOffsets, .inverseEdges, .inverseSources:
        edges[name.first] += bytes
      }
    }
    return (kinds, edges)
  }

  /// Lines are sorted, so that those of one source, cover and `of` are neighbours and the last of
  /// them is the latest.
  private static func lastWords(_ snapshot: Snapshot) -> [LastWord] {
    var words: [LastWord] = []
    var nodes: [Int: (count: Int, earliest: Int64)] = [:]
    let lines = snapshot.sourceLines
    for (index, line) in lines.enumerated() {
      let next = index + 1 < lines.count ? lines[index + 1] : nil
      if let next, next.source == line.source, next.cover == line.cover, next.of == line.of {
        continue
      }
      let source = snapshot.schema.sources[line.source].name
      let of = line.of.map { snapshot.schema.sources[$0].name }
      switch line.cover {
      case .everything:
        words.append(LastWord(source: source, covers: "*", of: of, at: line.at))
      case .kind(let kind):
        let name = snapshot.schema.kinds[kind].name
        words.append(LastWord(source: source, covers: name, of: of, at: line.at))
      case .node:
        let old = nodes[line.source]
        nodes[line.source] = ((old?.count ?? 0) + 1, min(old?.earliest ?? line.at, line.at))
      }
      if next?.source != line.source, let single = nodes[line.source] {
        words.append(
          LastWord(source: source, covers: "\(single.count) nodes", of: nil, at: single.earliest))
      }
    }
    return words
  }
}
