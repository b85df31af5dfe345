// What a decision is about: the nodes among its arguments, and what each leads to by an edge to one node.

import WritBytecode
import WritCrypto
import WritEvidence
import WritGraph
import WritModel

extension Engine {
  /// The subjects of a decision, sorted by the bytes of their names; where no argument is a node, the gate
  /// with the digest of the request. Who gave the leave under which it was asked is among them.
  func subjects(
    of run: DecisionRun, _ request: Request
  ) throws(RequestError) -> [Subject] {
    let overlay = try overlay(request.facts)
    let facts = request.canonical(gate: run.decision.gate)["facts"]?.array ?? []
    var nodes: Set<Int> = []
    for node in try argumentNodes(run, overlay) {
      nodes.insert(node)
      nodes.formUnion(ends(of: node, overlay).map(\.node))
    }
    let isAboutNone = nodes.isEmpty
    // Whose it is too, each to be found by it.
    var others: [Subject] = []
    for name in run.decision.onBehalfOf {
      let named = try node(name, what: "who stands behind the caller")
      if let node = overlay.node(kind: named.kind, id: named.id) {
        nodes.insert(node)
      } else {
        others.append(Subject(name: name, sha256: Digest(of: Array(name.utf8))))
      }
    }
    var subjects: [Subject] = []
    for node in nodes {
      let digest = try digest(of: node, overlay, facts)
      subjects.append(Subject(name: overlay.reference(to: node), sha256: digest))
    }
    if isAboutNone {
      let request = try digest(of: request.canonical(gate: run.decision.gate))
      subjects.append(Subject(name: run.decision.gate, sha256: request))
    }
    subjects += others
    return subjects.sorted {
      ($0.name ?? "").utf8.lexicographicallyPrecedes(($1.name ?? "").utf8)
    }
  }

  private func argumentNodes(
    _ run: DecisionRun, _ overlay: Overlay
  ) throws(RequestError) -> [Int] {
    guard let gate = program.gates.first(where: { $0.name == run.decision.gate }) else { return [] }
    var nodes: [Int] = []
    for parameter in gate.parameters {
      guard case .node = parameter.type.unwrapped,
        let text = run.arguments.first(where: { $0.name == parameter.name })?.value.string
      else { continue }
      let named = try node(text, what: "argument `\(parameter.name)`")
      if let node = overlay.node(kind: named.kind, id: named.id) { nodes.append(node) }
    }
    return nodes
  }

  /// The ends of the edges that lead from a node to one other, brought by the snapshot or the request, and their names.
  func ends(of node: Int, _ overlay: Overlay) -> [(name: String, node: Int)] {
    var ends: [(name: String, node: Int)] = []
    func add(_ index: EdgeIndex, _ type: EdgeType) {
      guard type.cardinality != .many else { return }
      for edge in index.edges(from: node) { ends.append((type.name, Int(index.targets[edge]))) }
    }
    for (type, index) in zip(overlay.schema.edges, overlay.edges) { add(index, type) }
    guard node < snapshot.nodeCount else { return ends }
    let kind = snapshot.kind(of: node)
    for (type, index) in zip(snapshot.schema.edges, snapshot.edges) where type.source == kind {
      add(index, type)
    }
    return ends
  }

  /// Over a node's line in the snapshot; for one that the request brings, over the request's facts about
  /// it.
  private func digest(
    of node: Int, _ overlay: Overlay, _ facts: [JSONValue]
  ) throws(RequestError) -> Digest {
    if node < snapshot.nodeCount { return snapshot.digest(ofNode: node) }
    let name = overlay.reference(to: node)
    let own = facts.filter { fact in
      guard let kind = fact["node"]?.string, let id = fact["id"]?.string else { return false }
      return hasSameBytes("\(kind)/\(id)", name)
    }
    return try digest(of: .array(own))
  }
}

extension Subject {
  /// A subject by its name and one digest.
  init(name: String, sha256: Digest) {
    self.init(name: name, uri: nil, digests: [NamedDigest(algorithm: "sha256", value: sha256.hex)])
  }
}
