// The graphs that know one fact less: what the property "unknown never allows more" is tried on.

import WritModel
import WritSemantics

/// A graph in which one fact is not known any more, by means that real data has: a value missing, a
/// source that does not speak of a node, a line that was never received.
public struct ForgottenFact: Sendable {
  /// What was forgotten, for messages.
  public let name: String
  public let draft: WorldDraft
}

extension World {
  /// Every single fact of the graph, forgotten in turn; some in more than one way.
  public var forgettings: [ForgottenFact] {
    nodes.flatMap { forgettings(of: $0) } + edges.indices.flatMap { forgettings(ofEdge: $0) }
      + lines.indices.map { index in
        var draft = draft
        draft.lines.remove(at: index)
        return ForgottenFact(name: "line \(lines[index])", draft: draft)
      }
  }

  private func forgettings(of node: Node) -> [ForgottenFact] {
    let kind = schema.kinds[node.name.kind]
    var forgotten = unvouched(kind.origin, node, "node", draft)
    for (index, field) in kind.fields.enumerated() where !field.isKey {
      let name = "field \(field.name)"
      forgotten += unvouched(field.origin, node, name, draft)
      guard node.fields[index] != nil, isNeverAbsent(field.type) else { continue }
      forgotten.append(
        ForgottenFact(name: "\(name) of \(node.name)", draft: draft.without(index, of: node.name)))
    }
    return forgotten
  }

  /// Not known to be there; gone, from a set that may lack it; and the values of its fields.
  private func forgettings(ofEdge index: Int) -> [ForgottenFact] {
    let edge = edges[index]
    let type = schema.edges[edge.type]
    let name = "edge \(type.name) to \(nodes[edge.to].name)"
    var gone = draft
    gone.edges.remove(at: index)
    var forgotten =
      unvouched(type.origin, nodes[edge.from], name, draft)
      + unvouched(type.origin, nodes[edge.from], "gone " + name, gone)
    if type.cardinality == .one {
      forgotten.append(ForgottenFact(name: "lost " + name, draft: gone))
    }
    for (field, value) in type.fields.enumerated()
    where edge.fields[field] != nil && isNeverAbsent(value.type) {
      var draft = draft
      draft.edges[index].fields[field] = nil
      forgotten.append(ForgottenFact(name: "field \(value.name) of \(name)", draft: draft))
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
    _ origin: Origin, _ node: Node, _ name: String, _ draft: WorldDraft
  ) -> [ForgottenFact] {
    sources(of: origin, node).map { source in
      ForgottenFact(
        name: "\(name) at \(node.name), of source \(source)",
        draft: draft.without(source: source, about: node.name))
    }
  }
}

extension WorldDraft {
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
