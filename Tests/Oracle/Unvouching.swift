// The graphs that know one fact less: what the property "unknown never allows more" is tried on.

import WritModel
import WritSemantics

/// A graph in which one fact is not known any more, by means that real data has: a value missing, a
/// source that does not speak of a node, a line that was never received.
public struct ForgottenFact: Sendable {
  /// What was forgotten, for messages.
  public var name: String { describe() }
  private let describe: @Sendable () -> String
  private let make: @Sendable () -> WorldDraft

  init(
    name: @autoclosure @escaping @Sendable () -> String,
    draft: @autoclosure @escaping @Sendable () -> WorldDraft
  ) {
    describe = name
    make = draft
  }

  /// The graph without it, made when asked for. O(graph).
  public var draft: WorldDraft { make() }
}

extension World {
  /// Every single fact of the graph, forgotten in turn; some in more than one way.
  public var forgettings: [ForgottenFact] {
    let draft = draft
    return nodes.flatMap { forgettings(of: $0, draft) }
      + edges.indices.flatMap { forgettings(ofEdge: $0, draft) }
      + lines.indices.map { index in
        ForgottenFact(name: "line \(lines[index])", draft: draft.without(line: index))
      }
  }

  private func forgettings(of node: Node, _ draft: WorldDraft) -> [ForgottenFact] {
    let kind = schema.kinds[node.name.kind]
    var forgotten = unvouched(kind.origin, node, "node", draft)
    for (index, field) in kind.fields.enumerated() where !field.isKey {
      forgotten += unvouched(field.origin, node, "field \(field.name)", draft)
      guard node.fields[index] != nil, isNeverAbsent(field.type) else { continue }
      forgotten.append(
        ForgottenFact(
          name: "field \(field.name) of \(node.name)", draft: draft.without(index, of: node.name)))
    }
    return forgotten
  }

  /// Not known to be there; gone, from a set that may lack it; and the values of its fields.
  private func forgettings(ofEdge index: Int, _ draft: WorldDraft) -> [ForgottenFact] {
    let edge = edges[index]
    let type = schema.edges[edge.type]
    let target = nodes[edge.to].name
    var forgotten =
      unvouched(type.origin, nodes[edge.from], "edge \(type.name) to \(target)", draft)
      + unvouched(
        type.origin, nodes[edge.from], "gone edge \(type.name) to \(target)",
        draft.without(edge: index))
    if type.cardinality == .one {
      forgotten.append(
        ForgottenFact(
          name: "lost edge \(type.name) to \(target)", draft: draft.without(edge: index)))
    }
    for (field, value) in type.fields.enumerated()
    where edge.fields[field] != nil && isNeverAbsent(value.type) {
      forgotten.append(
        ForgottenFact(
          name: "field \(value.name) of edge \(type.name) to \(target)",
          draft: draft.without(field, ofEdge: index)))
    }
    return forgotten
  }

  /// A missing value of the type is unknown, not known to be absent.
  private func isNeverAbsent(_ type: ValueType) -> Bool {
    switch type {
    case .optional, .set, .list: false
    case .bool, .int, .decimal, .string, .date, .instant, .duration, .enumeration, .node, .edge:
      true
    }
  }

  /// The draft without the word of one source, of any that must vouch, about the node.
  private func unvouched(
    _ origin: Origin, _ node: Node, _ name: @autoclosure @escaping @Sendable () -> String,
    _ draft: @autoclosure @escaping @Sendable () -> WorldDraft
  ) -> [ForgottenFact] {
    sources(of: origin, node).map { source in
      ForgottenFact(
        name: "\(name()) at \(node.name), of source \(source)",
        draft: draft().without(source: source, about: node.name))
    }
  }
}

extension WorldDraft {
  fileprivate func without(line index: Int) -> WorldDraft {
    var draft = self
    draft.lines.remove(at: index)
    return draft
  }

  fileprivate func without(edge index: Int) -> WorldDraft {
    var draft = self
    draft.edges.remove(at: index)
    return draft
  }

  fileprivate func without(_ field: Int, ofEdge index: Int) -> WorldDraft {
    var draft = self
    draft.edges[index].fields[field] = nil
    return draft
  }

  fileprivate func without(_ field: Int, of name: NodeName) -> WorldDraft {
    var draft = self
    for index in draft.nodes.indices where draft.nodes[index].name.key == name.key {
      draft.nodes[index].fields[field] = nil
    }
    return draft
  }

  /// What the source says of everything or of the kind it says of each other kind and node instead.
  fileprivate func without(source: Int, about name: NodeName) -> WorldDraft {
    var draft = self
    draft.lines = lines.flatMap { line in
      line.source == source ? reduced(line, name) : [line]
    }
    return draft
  }

  private func reduced(_ line: SourceLine, _ name: NodeName) -> [SourceLine] {
    let others = nodes.map(\.name).filter { $0.kind == name.kind && $0.key != name.key }
    let rest = others.map { Coverage.node($0) }
    let coverage: [Coverage] =
      switch line.covers {
      case .everything:
        schema.kinds.indices.filter { $0 != name.kind }.map { .kind($0) } + rest
      case .kind(name.kind): rest
      case .node(let covered) where covered.key == name.key: []
      case .kind, .node: [line.covers]
      }
    return coverage.map { SourceLine(source: line.source, at: line.at, covers: $0) }
  }
}
