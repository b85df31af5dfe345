// The graph of a test: its facts in order, each adding to the earlier ones or replacing them.

import WritGraph
import WritModel
import WritSemantics
import WritVM

/// What a test's facts come to.
struct TestWorld {
  private let schema: Schema
  private let at: Int64
  /// In order of first mention, so that everything made of them is the same every time.
  private var names: [NodeName] = []
  private var fields: [NodeName: [Int: FactValue]] = [:]
  private var edges: [EdgeKey: [FactEdge]] = [:]
  private var edgeOrder: [EdgeKey] = []
  private var silent: Set<Int> = []
  private var vouches: [(source: Int, cover: SourceCover, at: Int64)] = []
  private(set) var approvals: [TestApproval] = []
  private(set) var grants: [TestGrant] = []

  private struct EdgeKey: Hashable {
    let source: NodeName
    let edge: Int
  }

  init(_ test: TypedTest, schema: Schema) {
    self.schema = schema
    at = test.at
    for fact in test.facts { add(fact) }
  }

  private mutating func add(_ fact: TypedFact) {
    switch fact {
    case .node(let name, let values, _):
      if fields[name] == nil {
        names.append(name)
        fields[name] = [:]
      }
      for value in values { fields[name]?[value.field] = value.value }
    case .edges(let name, let edge, let targets, _):
      let key = EdgeKey(source: name, edge: edge)
      if edges[key] == nil { edgeOrder.append(key) }
      edges[key] = targets ?? []
    case .remove(let name, _): remove(name)
    case .silence(let source, _): silent.insert(source)
    case .vouch(let source, let time, let kind, let node, _):
      silent.insert(source)
      let cover: SourceCover =
        node.map { .node(NodeKey($0.kind, $0.id)) } ?? kind.map { .kind($0) } ?? .everything
      vouches.append((source, cover, time))
    case .approval(let approver, let role, let signedAt, let until, _):
      approvals.append(
        TestApproval(
          approver: approver, role: role, signedAt: signedAt ?? at, expires: until ?? .max))
    case .waived(let waiver, let granter, let role, let validity, _):
      grants.append(
        TestGrant(
          waiver: waiver, granter: granter, role: role, signedAt: validity.from ?? at,
          expires: validity.until ?? .max))
    }
  }

  private mutating func remove(_ name: NodeName) {
    names.removeAll { $0 == name }
    fields[name] = nil
    for key in edgeOrder {
      if key.source == name { edges[key] = [] }
      edges[key]?.removeAll { $0.target == name }
    }
  }
}

/// An approval that a test takes as given.
struct TestApproval {
  let approver: NodeName
  let role: String
  let signedAt: Int64
  let expires: Int64
}

/// A waiver that a test takes as granted.
struct TestGrant {
  let waiver: Int
  let granter: NodeName
  let role: String
  let signedAt: Int64
  let expires: Int64
}

extension TestWorld {
  /// The facts that a snapshot may hold.
  func snapshot() throws(GraphProblems) -> Snapshot {
    var builder = SnapshotBuilder(schema)
    for name in names where !isFromRequest(kind: name.kind) {
      builder.addNode(NodeKey(name.kind, name.id), properties(of: name, fromRequest: false))
    }
    for key in edgeOrder where schema.edges[key.edge].origin != .request {
      for edge in edges[key] ?? [] {
        builder.addEdge(
          key.edge, from: NodeKey(key.source.kind, key.source.id),
          to: NodeKey(edge.target.kind, edge.target.id), properties(of: edge))
      }
    }
    for source in schema.sources.indices where !silent.contains(source) {
      builder.addSource(source, .everything, at: at)
    }
    for vouch in vouches { builder.addSource(vouch.source, vouch.cover, at: vouch.at) }
    return try builder.build()
  }

  /// The facts that only a request may bring.
  func overlay(_ snapshot: Snapshot) throws(GraphProblems) -> Overlay {
    var builder = OverlayBuilder(try OverlayPlan(snapshot, schema))
    for name in names {
      let brought = properties(of: name, fromRequest: true)
      guard isFromRequest(kind: name.kind) || !brought.isEmpty else { continue }
      builder.addNode(NodeKey(name.kind, name.id), brought)
    }
    for key in edgeOrder where schema.edges[key.edge].origin == .request {
      for edge in edges[key] ?? [] {
        builder.addEdge(
          key.edge, from: NodeKey(key.source.kind, key.source.id),
          to: NodeKey(edge.target.kind, edge.target.id), properties(of: edge))
      }
    }
    return try builder.build()
  }

  private func isFromRequest(kind: Int) -> Bool { schema.kinds[kind].origin == .request }

  private func properties(of name: NodeName, fromRequest: Bool) -> [Property] {
    let kind = schema.kinds[name.kind]
    return (fields[name] ?? [:]).sorted { $0.key < $1.key }.compactMap { field, value in
      let type = kind.fields[field]
      guard !type.isKey, (type.origin == .request) == fromRequest else { return nil }
      return property(field, value)
    }
  }

  private func properties(of edge: FactEdge) -> [Property] {
    edge.fields.compactMap { property($0.field, $0.value) }
  }

  private func property(_ field: Int, _ value: FactValue) -> Property? {
    switch value {
    case .constant(.scalar(let number)): Property(field, .number(number))
    case .constant(.string(let text)): Property(field, .text(text))
    case .strings(let texts): Property(field, .texts(texts))
    case .constant(.absent), .unknown: nil
    }
  }
}
