// Lines of facts as the oracle's graph, and back: a reader and a writer that share nothing with the import.

import WritModel
import WritOracle
import WritSemantics

/// Facts of one schema, between their text and a draft of a graph.
struct FactLines {
  let schema: Schema

  /// The graph that the lines make: those of a snapshot and those that a request brings, one after the other.
  func draft(_ lines: [JSONValue]) throws -> WorldDraft {
    var draft = WorldDraft(schema: schema)
    for line in lines {
      if let kind = line["node"]?.string {
        try add(node: kind, line, to: &draft)
      } else if let edge = line["edge"]?.string {
        try add(edge: edge, line, to: &draft)
      } else if let source = line["source"]?.string {
        draft.lines.append(
          SourceLine(
            source: try index(source, schema.sources.map(\.name)),
            at: try microseconds(line["at"]), covers: try coverage(line["covers"])))
      } else {
        throw Unusable(description: "no fact: \(line.compact)")
      }
    }
    return draft
  }

  private func add(node kind: String, _ line: JSONValue, to draft: inout WorldDraft) throws {
    let kind = try index(kind, schema.kinds.map(\.name))
    let name = NodeName(kind: kind, id: line["id"]?.string ?? "")
    let fields = try values(line["props"], schema.kinds[kind].fields)
    if let place = draft.nodes.firstIndex(where: { $0.name == name }) {
      // What a request adds to a node of the snapshot.
      draft.nodes[place].fields.merge(fields) { $1 }
    } else {
      let source = try line["source"]?.string.map { try index($0, schema.sources.map(\.name)) }
      draft.nodes.append(.init(name, fields: fields, source: source))
    }
  }

  private func add(edge label: String, _ line: JSONValue, to draft: inout WorldDraft) throws {
    let from = try node(line["from"]?.string)
    let type = schema.edges.firstIndex { $0.name == label && $0.source == from.kind }
    guard let type else { throw Unusable(description: "no edge `\(label)`") }
    let fields = try values(line["props"], schema.edges[type].fields)
    draft.edges.append(.init(type, from, try node(line["to"]?.string), fields: fields))
  }

  private func coverage(_ json: JSONValue?) throws -> Coverage {
    guard let text = json?.string, text != "*" else { return .everything }
    return try text.contains("/")
      ? .node(node(text)) : .kind(index(text, schema.kinds.map(\.name)))
  }

  func node(_ text: String?) throws -> NodeName {
    let parts = (text ?? "").split(separator: "/", maxSplits: 1)
    guard parts.count == 2 else { throw Unusable(description: "no node: \(text ?? "")") }
    return NodeName(
      kind: try index(String(parts[0]), schema.kinds.map(\.name)), id: String(parts[1]))
  }

  private func index(_ name: String, _ names: [String]) throws -> Int {
    guard let index = names.firstIndex(of: name) else {
      throw Unusable(description: "no `\(name)` in the schema")
    }
    return index
  }

  private func values(_ props: JSONValue?, _ fields: [FieldType]) throws -> [Int: FieldValue] {
    var values: [Int: FieldValue] = [:]
    for member in props?.object ?? [] {
      let field = try index(member.name, fields.map(\.name))
      guard let value = value(member.value, fields[field].type.unwrapped) else {
        throw Unusable(description: "no value of `\(member.name)`: \(member.value.compact)")
      }
      values[field] = value
    }
    return values
  }

  private func value(_ json: JSONValue, _ type: ValueType) -> FieldValue? {
    if case .set = type {
      let texts = Set((json.array ?? []).compactMap(\.string))
      return .strings(texts.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    }
    let text = json.string
    let number: Int64? =
      switch type {
      case .string: nil
      case .bool: json.bool.map { $0 ? 1 : 0 }
      case .int: json.integer ?? text.flatMap { Int64($0) }
      case .decimal: Decimal(text ?? json.compact)?.millionths
      case .date: text.flatMap { CalendarDate($0)?.days }
      case .instant: text.flatMap { Instant($0)?.microseconds }
      case .duration: text.flatMap { (Duration($0) ?? Duration(iso8601: $0))?.microseconds }
      case .enumeration(let index):
        text.flatMap { schema.enums[index].members.firstIndex(of: $0) }.map { Int64($0) }
      case .node, .edge, .optional, .set, .list: nil
      }
    if type == .string { return text.map { .string($0) } }
    return number.map { .scalar($0) }
  }
}

extension FactLines {
  /// What of the graph a snapshot holds.
  func snapshotLines(_ draft: WorldDraft) -> [JSONValue] {
    let nodes = draft.nodes.filter { schema.kinds[$0.name.kind].origin != .request }.map {
      line($0, fromRequest: false)
    }
    let edges = draft.edges.filter { schema.edges[$0.type].origin != .request }.map(line)
    // An import refuses a line about a node that is nowhere.
    let names = Set(draft.nodes.map(\.name))
    let sources = draft.lines.compactMap { source -> JSONValue? in
      if case .node(let name) = source.covers, !names.contains(name) { return nil }
      return line(source)
    }
    return nodes + edges + sources
  }

  /// What of it only a request brings.
  func requestFacts(_ draft: WorldDraft) -> [JSONValue] {
    let nodes = draft.nodes.filter { node in
      let kind = schema.kinds[node.name.kind]
      return kind.origin == .request
        || node.fields.keys.contains { kind.fields[$0].origin == .request }
    }
    return nodes.map { line($0, fromRequest: true) }
      + draft.edges.filter { schema.edges[$0.type].origin == .request }.map(line)
  }

  private func line(_ node: WorldDraft.Node, fromRequest: Bool) -> JSONValue {
    let fields = schema.kinds[node.name.kind].fields
    var members = [
      JSONMember("node", .string(schema.kinds[node.name.kind].name)),
      JSONMember("id", .string(node.name.id)),
      JSONMember(
        "props",
        props(node.fields, fields) { (fields[$0].origin == .request) == fromRequest }),
    ]
    if let source = node.source {
      members.append(JSONMember("source", .string(schema.sources[source].name)))
    }
    return .object(members)
  }

  private func line(_ edge: WorldDraft.Edge) -> JSONValue {
    let type = schema.edges[edge.type]
    return .object([
      JSONMember("edge", .string(type.name)),
      JSONMember("from", .string(text(edge.from))), JSONMember("to", .string(text(edge.to))),
      JSONMember("props", props(edge.fields, type.fields) { _ in true }),
    ])
  }

  private func line(_ source: SourceLine) -> JSONValue {
    let covers =
      switch source.covers {
      case .everything: "*"
      case .kind(let kind): schema.kinds[kind].name
      case .node(let name): text(name)
      }
    return .object([
      JSONMember("source", .string(schema.sources[source.source].name)),
      JSONMember("at", .string(Instant(microseconds: source.at).description)),
      JSONMember("covers", .string(covers)),
    ])
  }

  private func text(_ name: NodeName) -> String { "\(schema.kinds[name.kind].name)/\(name.id)" }

  private func props(
    _ values: [Int: FieldValue], _ fields: [FieldType], where isWanted: (Int) -> Bool
  ) -> JSONValue {
    .object(
      values.sorted { $0.key < $1.key }.filter { isWanted($0.key) }.map { field, value in
        JSONMember(fields[field].name, json(value, fields[field].type.unwrapped))
      })
  }

  private func json(_ value: FieldValue, _ type: ValueType) -> JSONValue {
    switch value {
    case .string(let text): return .string(text)
    case .strings(let texts): return .array(texts.map { .string($0) })
    case .scalar(let number):
      switch type {
      case .bool: return .bool(number != 0)
      case .decimal: return .string(Decimal(millionths: number).description)
      case .date: return .string(CalendarDate(days: number).description)
      case .instant: return .string(Instant(microseconds: number).description)
      case .duration: return .string(Duration(microseconds: number).description)
      case .enumeration(let index): return .string(schema.enums[index].members[Int(number)])
      case .int, .string, .node, .edge, .optional, .set, .list: return .integer(number)
      }
    }
  }
}

/// Lines of JSON, apart.
func jsonLines(_ bytes: [UInt8]) throws -> [JSONValue] {
  try bytes.split(separator: UInt8(ascii: "\n")).filter { !$0.isEmpty }
    .map { try JSONValue(parsing: Array($0)) }
}
