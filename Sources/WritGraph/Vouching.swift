// Whether sources vouch for facts at an instant, and if not, why not.

public import WritModel

/// Why a source does not vouch for something.
public enum VouchingCause: Hashable, Sendable {
  /// It has never spoken of anything up to the instant.
  case silent(source: Int)
  /// It has spoken, but never of this.
  case uncovered(source: Int)
  /// It last spoke of this at `observed`, which is longer ago than its limit. Microseconds.
  case stale(source: Int, observed: Int64, limit: Int64)

  /// The source, as an index into the schema of the `Vouching`.
  public var source: Int {
    switch self {
    case .silent(let source), .uncovered(let source), .stale(let source, _, _): source
    }
  }
}

/// What an origin vouches for of one kind.
public struct Coverage: Hashable, Sendable {
  /// Which nodes of the kind are vouched for.
  public enum Nodes: Hashable, Sendable {
    case all
    case none(VouchingCause)
    /// Each is asked for by `Vouching.cause(origin:node:)`.
    case perNode
  }

  public let nodes: Nodes
  /// Why something of the kind may be missing, `nil` if the kind as a whole is vouched for.
  public let openCause: VouchingCause?

  /// A coverage.
  public init(nodes: Nodes, openCause: VouchingCause?) {
    self.nodes = nodes
    self.openCause = openCause
  }

  /// Nothing needs to be asked.
  public static let always = Coverage(nodes: .all, openCause: nil)
}

/// The origins that a schema names, each once, in the order in which it names them first: kinds,
/// their fields, edges, their fields.
public struct OriginTable: Hashable, Sendable {
  /// The distinct origins.
  public let origins: [Origin]

  /// The origins of a schema.
  public init(_ schema: Schema) {
    var origins: [Origin] = []
    var seen: Set<Origin> = []
    func add(_ origin: Origin) {
      if seen.insert(origin).inserted { origins.append(origin) }
    }
    for kind in schema.kinds {
      add(kind.origin)
      for field in kind.fields { add(field.origin) }
    }
    for edge in schema.edges {
      add(edge.origin)
      for field in edge.fields { add(field.origin) }
    }
    self.origins = origins
  }

  /// The index of an origin; linear, so it is for linking.
  public func index(of origin: Origin) -> Int? { origins.firstIndex(of: origin) }
}

/// Whether sources vouch for the facts of a snapshot at one instant.
///
/// Sources, kinds and limits are those of the schema that it was made with, matched with the
/// snapshot's by name; nodes are the snapshot's. A source line later than the instant does not
/// count. What requests bring, and what has no source, is always vouched for.
public struct Vouching: Sendable {
  /// The instant, in microseconds since the epoch.
  public let asOf: Int64
  /// The origins by index.
  public var origins: OriginTable { tables.origins }
  private let tables: VouchingTables
  /// Per origin and kind, as far as the schema has them together.
  private let coverages: [Coverage?]
  /// The instants for which `coverages` hold.
  private let validity: ClosedRange<Int64>

  /// Works out what is vouched for at `asOf`.
  public init(_ snapshot: Snapshot, _ schema: Schema, asOf: Int64) {
    self.init(VouchingTables(snapshot, schema), asOf: asOf)
  }

  private init(_ tables: VouchingTables, asOf: Int64) {
    self.tables = tables
    self.asOf = asOf
    var moment = VouchingMoment(tables, asOf)
    var coverages = [Coverage?](
      repeating: nil, count: tables.origins.origins.count * tables.schema.kinds.count)
    for (origin, kind) in tables.pairs {
      coverages[origin * tables.schema.kinds.count + kind] = moment.coverage(origin, kind)
    }
    self.coverages = coverages
    validity = moment.lower...max(moment.lower, moment.upper)
  }

  private init(_ other: Vouching, asOf: Int64) {
    tables = other.tables
    coverages = other.coverages
    validity = other.validity
    self.asOf = asOf
  }

  /// The same at another instant; what does not differ is not worked out again.
  public func moved(to asOf: Int64) -> Vouching {
    validity.contains(asOf) ? Vouching(self, asOf: asOf) : Vouching(tables, asOf: asOf)
  }

  /// What an origin (an index into `origins`) vouches for of a kind of the schema.
  public func coverage(origin: Int, kind: Int) -> Coverage {
    if let coverage = coverages[origin * tables.schema.kinds.count + kind] { return coverage }
    var moment = VouchingMoment(tables, asOf)
    return moment.coverage(origin, kind)
  }

  /// Why an origin does not vouch for a node, which is of that kind of the schema; `nil` if it
  /// does. Logarithmic.
  public func cause(origin: Int, kind: Int, node: Int) -> VouchingCause? {
    switch coverage(origin: origin, kind: kind).nodes {
    case .all: return nil
    case .none(let cause): return cause
    case .perNode:
      var moment = VouchingMoment(tables, asOf)
      return moment.cause(origin, kind, node)
    }
  }
}

/// What does not depend on the instant.
private final class VouchingTables: Sendable {
  let snapshot: Snapshot
  let schema: Schema
  let origins: OriginTable
  let history: SourceHistory
  /// Per kind of the schema, the snapshot's kind of that name.
  let kinds: [Int?]
  /// Per source of the schema, the snapshot's source of that name.
  let sources: [Int?]
  /// The origins and kinds that the schema has together.
  let pairs: [(origin: Int, kind: Int)]

  init(_ snapshot: Snapshot, _ schema: Schema) {
    self.snapshot = snapshot
    self.schema = schema
    history = SourceHistory(snapshot)
    let own = snapshot.schema
    kinds = schema.kinds.map { kind in own.kinds.firstIndex { hasSameBytes($0.name, kind.name) } }
    sources = schema.sources.map { source in
      own.sources.firstIndex { hasSameBytes($0.name, source.name) }
    }
    let origins = OriginTable(schema)
    self.origins = origins
    var pairs: [(origin: Int, kind: Int)] = []
    func add(_ origin: Origin, _ kind: Int) {
      guard let index = origins.index(of: origin) else { return }
      if !pairs.contains(where: { $0 == (index, kind) }) { pairs.append((index, kind)) }
    }
    for (index, kind) in schema.kinds.enumerated() {
      add(kind.origin, index)
      for field in kind.fields { add(field.origin, index) }
    }
    for edge in schema.edges {
      add(edge.origin, edge.source)
      for field in edge.fields { add(field.origin, edge.source) }
    }
    self.pairs = pairs
  }
}

/// One instant, and how far around it the answers stay the same.
private struct VouchingMoment {
  private let tables: VouchingTables
  private let asOf: Int64
  private(set) var lower = Int64.min
  private(set) var upper = Int64.max

  init(_ tables: VouchingTables, _ asOf: Int64) {
    self.tables = tables
    self.asOf = asOf
  }

  mutating func coverage(_ origin: Int, _ kind: Int) -> Coverage {
    guard case .sources(let sources) = tables.origins.origins[origin] else { return .always }
    let parts = sources.map { coverage(ofSource: $0, kind) }
    let openCause = parts.compactMap(\.openCause).first
    if parts.allSatisfy({ $0.nodes == .all }) { return Coverage(nodes: .all, openCause: openCause) }
    if sources.count == 1 { return parts[0] }
    let remembers = tables.kinds[kind].map { tables.snapshot.nodeSources[$0] != nil } ?? false
    // A node that remembers who brought it needs that source alone, so each is asked for.
    if remembers || parts.contains(where: { $0.nodes == .perNode }) {
      return Coverage(nodes: .perNode, openCause: openCause)
    }
    return Coverage(nodes: openCause.map(Coverage.Nodes.none) ?? .perNode, openCause: openCause)
  }

  /// What one source vouches for of a kind.
  private mutating func coverage(ofSource source: Int, _ kind: Int) -> Coverage {
    // Of a kind that the snapshot does not know, nobody can have said anything.
    guard let own = tables.sources[source], let ownKind = tables.kinds[kind],
      tables.schema.kinds[kind].origin != .request
    else {
      let cause = silence(source)
      return Coverage(nodes: .none(cause), openCause: cause)
    }
    let whole = latest(own, [.everything, .kind(ownKind)], of: nil)
    let parts = partTimes(own, ownKind, whole)
    if age(source, whole) == nil { return Coverage(nodes: .all, openCause: nil) }
    let known = parts.compactMap(\.self)
    let cause = age(source, known.count == parts.count ? known.min() ?? whole : whole)
    guard let cause else {
      // Vouched for part by part; a node that does not say which part it is of is asked for.
      return Coverage(nodes: parts.count == 1 ? .all : .perNode, openCause: nil)
    }
    let hasParts = parts.contains { age(source, $0) == nil }
    let nodes = tables.snapshot.nodeRanges[ownKind]
    let isPerNode = hasParts || tables.history.speaks(own, ofNodesIn: nodes)
    return Coverage(nodes: isPerNode ? .perNode : .none(cause), openCause: cause)
  }

  /// For each source that the kind's nodes come from, when they were last vouched for as a whole.
  private mutating func partTimes(_ source: Int, _ kind: Int, _ whole: Int64?) -> [Int64?] {
    guard case .sources(let bringers) = tables.snapshot.schema.kinds[kind].origin else { return [] }
    return bringers.map { bringer in
      later(whole, latest(source, [.everything, .kind(kind)], of: bringer))
    }
  }

  mutating func cause(_ origin: Int, _ kind: Int, _ node: Int) -> VouchingCause? {
    guard case .sources(let sources) = tables.origins.origins[origin] else { return nil }
    guard let ownKind = tables.kinds[kind],
      tables.snapshot.nodeRanges[ownKind].contains(node)
    else { return sources.first.map { silence($0) } }
    let bringer = bringer(of: node, ownKind)
    if sources.count > 1, let bringer,
      let remembered = sources.first(where: { tables.sources[$0] == bringer }),
      tables.snapshot.nodeSources[ownKind] != nil
    {
      return cause(source: remembered, ownKind, node, bringer)
    }
    for source in sources {
      if let cause = cause(source: source, ownKind, node, bringer) { return cause }
    }
    return nil
  }

  /// Who brought a node, of the snapshot's sources; `nil` if it is not said.
  private func bringer(of node: Int, _ kind: Int) -> Int? {
    guard case .sources(let bringers) = tables.snapshot.schema.kinds[kind].origin else {
      return nil
    }
    guard let remembered = tables.snapshot.nodeSources[kind] else { return bringers.first }
    let byte = remembered[node - tables.snapshot.nodeRanges[kind].lowerBound]
    return byte == 0 ? nil : bringers[Int(byte) - 1]
  }

  private mutating func cause(
    source: Int, _ kind: Int, _ node: Int, _ bringer: Int?
  ) -> VouchingCause? {
    guard let own = tables.sources[source] else { return .silent(source: source) }
    let covers: [SourceLine.Cover] = [.everything, .kind(kind), .node(node)]
    var time = latest(own, covers, of: nil)
    if let bringer { time = later(time, latest(own, covers, of: bringer)) }
    return age(source, time)
  }

  /// When the source last spoke of any of these.
  private mutating func latest(
    _ source: Int, _ covers: [SourceLine.Cover], of: Int?
  ) -> Int64? {
    var time: Int64?
    for cover in covers {
      let (latest, next) = tables.history.latest(source, cover, of: of, asOf: asOf)
      if let latest { lower = max(lower, latest) }
      if let next { upper = min(upper, next - 1) }
      time = later(time, latest)
    }
    return time
  }

  private func later(_ left: Int64?, _ right: Int64?) -> Int64? {
    guard let left, let right else { return left ?? right }
    return max(left, right)
  }

  /// Why what was last said at that time is not vouched for, `nil` if it is.
  private mutating func age(_ source: Int, _ time: Int64?) -> VouchingCause? {
    guard let time else { return silence(source) }
    guard let limit = tables.schema.sources[source].freshMicroseconds else { return nil }
    let (end, overflowed) = time.addingReportingOverflow(limit)
    // asOf - at <= fresh, said without a subtraction that could overflow.
    if overflowed || asOf <= end {
      if !overflowed { upper = min(upper, end) }
      return nil
    }
    lower = max(lower, end + 1)
    return .stale(source: source, observed: time, limit: limit)
  }

  private mutating func silence(_ source: Int) -> VouchingCause {
    guard let own = tables.sources[source], let first = tables.history.firsts[own] else {
      return .silent(source: source)
    }
    if first <= asOf {
      lower = max(lower, first)
      return .uncovered(source: source)
    }
    upper = min(upper, first - 1)
    return .silent(source: source)
  }
}
