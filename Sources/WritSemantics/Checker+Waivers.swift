// Waivers: the clause, the nodes that a finding must speak of, and who may not grant them.

import WritModel
import WritSyntax
import WritText

extension Checker {
  /// `waivable by role r except e`, where the gate's parameters are in sight; `nil` once what is wrong is reported.
  mutating func waivable(_ syntax: WaivableSyntax) -> TypedWaivable? {
    let role = lookUp(syntax.role, in: \.roles, .role)
    var except: TypedExpression?
    if let nodes = syntax.except {
      except = expression(nodes)
      guard let typed = except else { return nil }
      guard case .node = typed.type.element ?? typed.type.unwrapped else {
        report(.exceptNodes(index.describe(typed.type), at: typed.range))
        return nil
      }
    }
    guard role != nil else { return nil }
    return TypedWaivable(role: syntax.role.text, except: except)
  }

  /// All waivers; gates are known.
  mutating func checkWaivers() {
    for position in waivers.indices {
      module = waivers[position].module
      waivers[position].typed = waiver(waivers[position].declaration)
    }
  }

  /// One waiver; `nil` once what is wrong with it is reported.
  private mutating func waiver(_ declaration: WaiverDeclaration) -> TypedWaiver? {
    holdReason(declaration.reason)
    let expires = expiry(declaration.expires)
    let nodes = declaration.nodes.map { (kind($0.kind), $0) }
    guard let (gate, clause) = waivedClause(declaration) else { return nil }
    guard let typed = gates[gate].typed, let expires else { return nil }
    guard let place = typed.clauses.firstIndex(where: { hasSameBytes($0.name, clause) }) else {
      return nil
    }
    let spoken = spokenKinds(typed.clauses[place], of: typed)
    var names: [NodeName] = []
    for (kind, syntax) in nodes {
      guard let kind else { return nil }
      let name = NodeName(kind: kind, id: syntax.id.value)
      if !spoken.contains(kind) {
        report(
          .waivedNode(
            syntax.kind, clause, known: index.kindNames(spoken.sorted()),
            declared: typed.clauses[place].range))
        return nil
      }
      if index.schema.kinds[kind].origin == .request {
        report(.waivedRequest(syntax.kind))
        return nil
      }
      if names.contains(name) { report(.waivedTwice(at: syntax.range)) }
      names.append(name)
    }
    if names.count > Limits.waivedNodes { report(.waivedNodes(at: declaration.nodes[0].range)) }
    return TypedWaiver(
      name: declaration.name.text, gate: gate, clause: place, nodes: names, expiring: expires,
      because: declaration.reason.value, excluded: excluded(typed, names, declaration.range),
      range: declaration.range)
  }

  /// The gate and the clause that a waiver is of, if there are waivers of it.
  private mutating func waivedClause(
    _ declaration: WaiverDeclaration
  ) -> (gate: Int, clause: String)? {
    guard let entity = lookUp(declaration.gate, in: \.values, .gate) else { return nil }
    guard case .gate(let gate) = entity else {
      report(.misusedName(declaration.gate, is: entity, expected: "a gate"))
      return nil
    }
    let name = declaration.clause
    guard !name.isMissing else { return nil }
    guard let clause = gates[gate].clauses[name.text] else {
      let nearest = nearest(name.text, gates[gate].clauses.names)
      reportUnknown(.unknownClause(name, of: declaration.gate.text, nearest: nearest))
      return nil
    }
    if gates[gate].declaration.waivable == nil {
      report(
        .gateNotWaivable(declaration.gate, declared: gates[gate].declaration.name.range))
      return nil
    }
    if clause.asksApproval {
      report(.approvalNotWaivable(name, declared: clause.name.range))
      return nil
    }
    return (gate, name.text)
  }

  /// It stands in logs and on one line of what is shown.
  private mutating func holdReason(_ reason: StringLiteral) {
    let bytes = reason.value.utf8
    let isPlain = bytes.contains { $0 > 0x20 } && !bytes.contains { $0 < 0x20 }
    if isPlain, bytes.count <= Limits.waiverReason { return }
    report(.waiverReason(at: reason.range))
  }

  /// The first moment at which the waiver is over; `nil` where the parser has reported it.
  private func expiry(_ syntax: ExpirySyntax) -> Int64? {
    guard let text = syntax.text else { return nil }
    guard syntax.isDate else { return Instant(text)?.microseconds }
    return Instant(text + "T00:00:00Z")?.microseconds
  }

  /// Kinds of the nodes that a finding of the clause may have among its subjects.
  private func spokenKinds(_ clause: TypedClause, of gate: TypedGate) -> Set<Int> {
    var types: [ValueType] = []
    if clause.generators.isEmpty {
      types = gate.parameters.map(\.type) + gate.lets.map(\.variable.type)
    } else {
      types = clause.generators.map { $0.range.type.element ?? $0.range.type.unwrapped }
      for case .binding(_, _, let value) in clause.filters { types.append(value.type.unwrapped) }
    }
    var kinds: Set<Int> = []
    for case .node(let some) in types { kinds.formUnion(some) }
    return kinds
  }
}

// Who may not grant a waiver: whoever has an interest in it, as far as the schema tells.
extension Checker {
  /// Those of the gate's `except`; owners of the nodes that are spared, and of whoever asks; and the members of these.
  private mutating func excluded(
    _ gate: TypedGate, _ nodes: [NodeName], _ range: SourceRange
  ) -> [TypedExpression] {
    var excluded: [TypedExpression] = []
    if let except = gate.waivable?.except { excluded.append(except) }
    for node in nodes {
      let literal = TypedExpression(
        .nodeLiteral(kind: node.kind, id: node.id), .node([node.kind]), range)
      excluded += owners(of: literal, kinds: [node.kind])
    }
    let kinds = index.callerKinds
    if !kinds.isEmpty {
      let caller = TypedExpression(.caller, .optional(.node(kinds)), range)
      excluded += owners(of: caller, kinds: kinds)
    }
    return excluded
  }

  /// What `owner` leads to, and what `members` leads to from there; nothing where the schema has no such edges.
  private mutating func owners(of base: TypedExpression, kinds: [Int]) -> [TypedExpression] {
    guard let owners = reached(from: base, kinds, by: "owner") else { return [] }
    guard case .set(.node(let ownerKinds)) = owners.type,
      let members = reached(from: owners, ownerKinds, by: "members")
    else { return [owners] }
    return [owners, members]
  }

  /// One step along all edges of that name, also inverse ones, that nodes of these kinds have.
  private mutating func reached(
    from base: TypedExpression, _ kinds: [Int], by name: String
  ) -> TypedExpression? {
    var edges: [DirectedEdge] = []
    var targets: Set<Int> = []
    for kind in kinds {
      guard let member = index.members[kind][name], !member.isBroken else { continue }
      switch member.sort {
      case .field: continue
      case .edge(let edge):
        edges.append(DirectedEdge(edge: edge, isInverse: false))
        targets.formUnion(index.schema.edges[edge].targets)
      case .inverse(let edge):
        edges.append(DirectedEdge(edge: edge, isInverse: true))
        targets.insert(index.schema.edges[edge].source)
      }
    }
    guard !edges.isEmpty else { return nil }
    var distinct: [DirectedEdge] = []
    for edge in edges where !distinct.contains(edge) { distinct.append(edge) }
    let step = Step(edges: distinct, filter: nil, edge: makeVariable(), target: makeVariable())
    return TypedExpression(
      .reach(base, step, .once), .set(.node(targets.sorted())), base.range)
  }
}
