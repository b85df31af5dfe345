// What each clause of a decision rested on: the facts that it read, and who vouched for them.

import WritBytecode
public import WritModel

/// How a clause came out.
public enum ClauseOutcome: String, Sendable {
  case passed, failed, owed
  /// It failed, and every finding of it is waived.
  case waived
}

/// A source of a fact, and when it last spoke of it.
public struct Voucher: Hashable, Sendable {
  public let source: String
  /// Microseconds since the epoch, at or before `asOf`; `nil`: never.
  public let at: Int64?
}

/// A fact as a clause read it.
public struct TracedFact: Hashable, Sendable {
  /// `Kind/id`; a kind, for all nodes of it; `from -> to`, for an edge.
  public let subject: String
  /// The field or edge; for an edge that is walked against its direction the name of its inverse, or `~edge`.
  /// `nil` for all nodes of a kind.
  public let member: String?
  /// As a message shows it: a value, `none`, `unknown`, or for edges and kinds how many and the first of them.
  public let value: String
  /// `Kind/id` of the first of the nodes that the edges lead to; empty for anything but edges.
  public let ends: [String]
  /// Why the value is not known, or something may be missing; `nil` if neither.
  public let unknown: UnknownFact?
  /// Empty for facts that nobody has to vouch for.
  public let vouchers: [Voucher]
  /// The first parameter of the gate that the subject is the node of; `nil` where it is none's.
  public let parameter: String?
}

/// A clause, how it came out, and what it read.
public struct ClauseTrace: Hashable, Sendable {
  public let clause: String
  public let outcome: ClauseOutcome
  /// Each fact once, sorted by subject, member and value as bytes.
  public let facts: [TracedFact]
}

extension TracedFact {
  /// `{"fact":…,"member":…,"value":…,"ends":[…],"unknown":…,"vouched":[{"source":…,"at":…}]}`; what there is none of does not stand.
  public var json: JSONValue {
    var members = [JSONMember("fact", .string(subject))]
    if let member { members.append(JSONMember("member", .string(member))) }
    members.append(JSONMember("value", .string(value)))
    if !ends.isEmpty { members.append(JSONMember("ends", .array(ends.map { .string($0) }))) }
    if let unknown { members.append(JSONMember("unknown", unknown.json)) }
    if !vouchers.isEmpty { members.append(JSONMember("vouched", .array(vouchers.map(\.json)))) }
    return .object(members)
  }
}

extension Voucher {
  fileprivate var json: JSONValue {
    var members = [JSONMember("source", .string(source))]
    if let at { members.append(JSONMember("at", .string(Instant(microseconds: at).description))) }
    return .object(members)
  }
}

extension ClauseTrace {
  /// `{"clause":…,"outcome":…,"facts":[…]}`, each fact with its subject by name.
  public var json: JSONValue {
    .object([
      JSONMember("clause", .string(clause)), JSONMember("outcome", .string(outcome.rawValue)),
      JSONMember("facts", .array(facts.map(\.json))),
    ])
  }
}

/// Puts what was read into words. The values are read again: a linked graph does not change.
struct FactTeller {
  let machine: Machine
  let formatter: ValueFormatter
  let causes: CauseText
  let gate: Int
  /// Of the gate, with what was given for them.
  let parameters: [NamedType]
  let arguments: [Slot]

  init(_ builder: DecisionBuilder) {
    machine = builder.machine
    formatter = builder.formatter
    causes = builder.causes
    gate = builder.gate
    parameters = builder.parameters
    arguments = builder.arguments
  }

  /// Edges show this many of their ends.
  private static let shownEnds = 10

  /// Sorted by subject, member and value as bytes.
  func facts(_ reads: Set<FactRead>) -> [TracedFact] {
    if reads.isEmpty { return [] }
    let facts = reads.map { fact($0) }
    return facts.count < 2 ? facts : facts.sorted { $0.precedes($1) }
  }

  /// The same, sorted as a record has them.
  func recordedFacts(_ reads: Set<FactRead>) -> [TracedFact] {
    reads.map { fact($0) }.sorted { $0.precedesInRecord($1) }
  }

  private func parameter(of node: Int64) -> String? {
    let place = parameters.indices.first { place in
      guard case .node = parameters[place].type.unwrapped else { return false }
      return arguments[place].isExact && arguments[place].lower == node
    }
    return place.map { parameters[$0].name }
  }

  private func fact(_ read: FactRead) -> TracedFact {
    switch read.question {
    case .field, .edgeField: field(read)
    case .edges, .inverseEdges: edges(read)
    case .nodes: nodes(read)
    }
  }

  private func field(_ read: FactRead) -> TracedFact {
    let schema = machine.program.schema
    let (owner, member) = (read.owner, read.field)
    let isOfEdge = read.question == .edgeField
    let field = isOfEdge ? schema.edges[owner].fields[member] : schema.kinds[owner].fields[member]
    let subject =
      isOfEdge ? formatter.edge(read.subject) : formatter.reference(to: read.subject)
    let node = isOfEdge ? machine.edgeEnd(Slot(exact: read.subject), 0).lower : read.subject
    let value = machine.fieldValue(of: read)
    let (text, cause) =
      switch value {
      case .scalar(let slot): (formatter.scalar(slot, field.type.unwrapped), slot.cause.plain)
      case .set(_, let open): (formatter.text(value, field.type), open)
      }
    return TracedFact(
      subject: subject, member: field.name, value: text, ends: [], unknown: causes.fact(cause),
      vouchers: vouchers(field.origin, node: Int(node)),
      parameter: isOfEdge ? nil : parameter(of: read.subject))
  }

  private func edges(_ read: FactRead) -> TracedFact {
    let edge = machine.program.schema.edges[read.owner]
    let isInverse = read.question == .inverseEdges
    let found = machine.edges(of: read)
    let ends = found.ends.prefix(FactTeller.shownEnds).map { formatter.reference(to: Int64($0)) }
    let rest = found.ends.count - ends.count
    let value =
      ends.isEmpty ? "none" : ends.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    let node = Int(read.subject)
    return TracedFact(
      subject: formatter.reference(to: read.subject),
      member: isInverse ? edge.inverse ?? "~\(edge.name)" : edge.name, value: value, ends: ends,
      unknown: causes.fact(found.cause),
      vouchers: isInverse
        ? vouchers(edge.origin, kind: edge.source) : vouchers(edge.origin, node: node),
      parameter: parameter(of: read.subject))
  }

  private func nodes(_ read: FactRead) -> TracedFact {
    let kind = read.owner
    let graph = machine.graph
    let type = machine.program.schema.kinds[kind]
    return TracedFact(
      subject: type.name, member: nil, value: String(graph.kindCount[kind]), ends: [],
      unknown: causes.fact(graph.vouchings[graph.kindVouchings[kind]].closedCause),
      vouchers: vouchers(type.origin, kind: kind), parameter: nil)
  }

  private func vouchers(_ origin: Origin, node: Int) -> [Voucher] {
    machine.graph.kind(of: node).map { vouchers(origin, kind: $0, node: node) } ?? []
  }

  private func vouchers(_ origin: Origin, kind: Int, node: Int = -1) -> [Voucher] {
    guard case .sources(let sources) = origin else { return [] }
    return sources.map { source in
      Voucher(
        source: machine.program.schema.sources[source].name,
        at: machine.graph.lastSpoke(source, kind, node))
    }
  }
}

extension Machine {
  /// The value of a field that was read.
  fileprivate func fieldValue(of read: FactRead) -> CapturedValue {
    let owner = Slot(exact: read.subject)
    let columns = graph.columns.first { columns in
      columns.contains {
        $0.owner == read.owner && $0.field == read.field
          && $0.isOfEdge == (read.question == .edgeField)
      }
    }
    guard let found = columns.flatMap({ column(among: $0, read.subject) }) else {
      return .scalar(.absent)
    }
    guard found.column.width == 0 else {
      return .scalar(load(found.column, row: found.row, owner: owner))
    }
    var strings = SetBuffer()
    defer { strings.deallocate() }
    fill(&strings, found.column, row: found.row, owner: owner)
    let elements = UnsafeBufferPointer(start: strings.elements, count: strings.count)
    return .set(Array(elements), open: strings.open)
  }

  /// The far ends of edges that were read, and why some may be missing.
  fileprivate func edges(of read: FactRead) -> (ends: [UInt32], cause: Cause) {
    let isInverse = read.question == .inverseEdges
    let node = Int(read.subject)
    let table = graph.steps.lazy.flatMap { $0 }.first {
      $0.edge == read.owner && $0.isInverse == isInverse && $0.covers(node)
    }
    guard let table else { return ([], .none) }
    let ends = table.places(at: node).map { table.ends[$0] }
    let cause =
      isInverse
      ? graph.vouchings[table.vouching].closedCause
      : graph.cause(table.vouching, row: node - table.firstNode)
    return (ends, cause)
  }
}
