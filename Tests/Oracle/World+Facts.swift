// A graph from the facts of a test, each adding to those before it.

public import WritModel
public import WritSemantics

extension World {
  /// The graph that the facts lay out, seen at the test's time.
  public init(schema: Schema, facts: [TypedFact], at: Int64) {
    var layout = FactLayout(schema: schema, at: at)
    for fact in facts { layout.apply(fact) }
    self.init(layout.finished)
  }
}

extension [TypedFact] {
  /// The approvals among the facts, each of whatever is asked.
  public var approvals: [Approval] {
    compactMap { fact in
      guard case .approval(let approver, let role, let at, let until, _) = fact else { return nil }
      return Approval(giver: approver, role: role, signedAt: at, expiry: until)
    }
  }
}

extension [TypedFact] {
  /// The grants of waivers among the facts.
  public var grants: [Grant] {
    compactMap { fact in
      guard case .waived(let waiver, let granter, let role, let validity, _) = fact else {
        return nil
      }
      return Grant(
        waiver: waiver, granter: granter, role: role, signedAt: validity.from,
        expiry: validity.until)
    }
  }
}

private struct FactLayout {
  let at: Int64
  private var draft: WorldDraft
  private var nodes: [NodeKey: WorldDraft.Node] = [:]
  /// Sources that still vouch for everything because no fact says otherwise.
  private var byDefault: Set<Int>

  init(schema: Schema, at: Int64) {
    self.at = at
    draft = WorldDraft(schema: schema)
    byDefault = Set(schema.sources.indices)
  }

  mutating func apply(_ fact: TypedFact) {
    switch fact {
    case .node(let name, let fields, _):
      apply(fields, to: &nodes[name.key, default: .init(name)].fields)
    case .edges(let name, let edge, let targets, _): replace(name, edge, targets ?? [])
    case .remove(let name, _):
      nodes[name.key] = nil
      draft.edges.removeAll { $0.from.key == name.key || $0.to.key == name.key }
    case .silence(let source, _):
      byDefault.remove(source)
      draft.lines.removeAll { $0.source == source }
    case .vouch(let source, let at, let kind, let node, _):
      byDefault.remove(source)
      let coverage = node.map(Coverage.node) ?? kind.map(Coverage.kind) ?? .everything
      draft.lines.append(SourceLine(source: source, at: at, covers: coverage))
    case .approval, .waived: break
    }
  }

  private mutating func replace(_ name: NodeName, _ edge: Int, _ targets: [FactEdge]) {
    nodes[name.key] = nodes[name.key] ?? .init(name)
    draft.edges.removeAll { $0.type == edge && $0.from.key == name.key }
    for target in targets {
      var added = WorldDraft.Edge(edge, name, target.target)
      apply(target.fields, to: &added.fields)
      draft.edges.append(added)
    }
  }

  private func apply(_ fields: [FactField], to values: inout [Int: FieldValue]) {
    for field in fields {
      switch field.value {
      case .constant(.scalar(let number)): values[field.field] = .scalar(number)
      case .constant(.string(let text)): values[field.field] = .string(text)
      case .strings(let texts): values[field.field] = .strings(distinct(texts))
      case .constant(.absent), .unknown: values[field.field] = nil
      }
    }
  }

  var finished: WorldDraft {
    var draft = draft
    draft.nodes = Array(nodes.values)
    for source in byDefault.sorted() {
      draft.lines.append(SourceLine(source: source, at: at, covers: .everything))
    }
    return draft
  }
}

/// In byte order, each once.
private func distinct(_ texts: [String]) -> [String] {
  texts.sorted(by: precedes).reduce(into: []) { kept, text in
    if kept.last.map({ precedes($0, text) }) ?? true { kept.append(text) }
  }
}
