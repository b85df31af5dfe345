// Facts of fixtures and tests: names resolved, values typed.

import WritModel
import WritSyntax
import WritText

extension Checker {
  /// Facts as written; those that are wrong are reported and left out.
  mutating func facts(_ syntax: [FactSyntax]) -> FactList {
    var list = FactList()
    for fact in syntax {
      switch fact {
      case .node(let fact): addNodeFact(fact, to: &list)
      case .remove(let reference):
        guard let node = node(reference, among: nil) else { continue }
        list.references.append(NodeMention(node: node, range: reference.range))
        list.facts.append(.remove(node, reference.range))
      case .source(let fact): addSourceFact(fact, to: &list)
      case .approval(let fact): addApproval(fact, to: &list)
      case .waived(let fact): addWaived(fact, to: &list)
      }
    }
    return list
  }

  /// The node that a reference names; `kinds` are those it may be of.
  mutating func node(_ reference: NodeReference, among kinds: [Int]?) -> NodeName? {
    guard !reference.id.text.isEmpty || reference.id.isString else { return nil }
    return node(reference.kind, reference.id.text, reference.range, among: kinds)
  }

  /// The node of that kind and id; without a kind it is of the only one that it may be of.
  mutating func node(
    _ name: Name?, _ id: String, _ range: SourceRange, among kinds: [Int]?
  ) -> NodeName? {
    if let name {
      guard let kind = kind(name) else { return nil }
      if let kinds, !kinds.contains(kind) {
        report(
          .typeMismatch(
            expected: index.describe(.node(kinds)), found: name.text, hint: "", at: name.range))
        return nil
      }
      return NodeName(kind: kind, id: id)
    }
    guard let kinds, let only = kinds.first else { return nil }
    guard kinds.count == 1 else {
      report(.kindNeeded(index.kindNames(kinds), at: range))
      return nil
    }
    return NodeName(kind: only, id: id)
  }

  /// Who asks or approves. The kind is always said, so that a test reads alone.
  mutating func person(_ reference: NodeReference, among kinds: [Int]?) -> NodeName? {
    guard reference.kind == nil else { return node(reference, among: kinds) }
    guard !reference.id.text.isEmpty || reference.id.isString else { return nil }
    report(
      .personWithoutKind(
        excerpt(reference.range), index.kindNames(index.callerKinds),
        at: reference.range))
    return nil
  }

  /// `Service a { tier: 1, owner -> red }`: the node with its fields, then an edge fact each.
  private mutating func addNodeFact(_ fact: NodeFact, to list: inout FactList) {
    guard let node = node(fact.node, among: nil) else { return }
    var fields: [FactField] = []
    var edges: [TypedFact] = []
    var first: [String: SourceRange] = [:]
    for value in fact.values where !value.name.isMissing {
      if let earlier = first[value.name.text] {
        reportRepeated(value.name, "value of", first: earlier)
      }
      first[value.name.text] = value.name.range
      guard let member = index.members[node.kind][value.name.text] else {
        let nearest = nearest(value.name.text, index.memberNames[node.kind])
        let owner = index.schema.kinds[node.kind].name
        reportUnknown(.unknownMember(value.name, of: owner, nearest: nearest))
        continue
      }
      guard !member.isBroken else { continue }
      switch member.sort {
      case .field(let field):
        let type = index.schema.kinds[node.kind].fields[field]
        guard let typed = fieldFact(value, type) else { continue }
        fields.append(FactField(field: field, value: typed))
      case .edge(let edge):
        guard let fact = edgeFact(value, edge, from: node, to: &list) else { continue }
        edges.append(fact)
      case .inverse(let edge):
        report(.inverseFact(value.name, index.describe(.edge(edge))))
      }
    }
    list.facts.append(.node(node, fields: fields, fact.node.range))
    list.facts += edges
  }

  /// The value of a field. What would be absent or empty without a fact cannot be unknown.
  private mutating func fieldFact(_ value: FactValueSyntax, _ field: FieldType) -> FactValue? {
    guard case .field(let fact) = value.kind else {
      report(.fieldNotEdge(value.name))
      return nil
    }
    guard !field.isKey else {
      report(.keyFact(value.name))
      return nil
    }
    switch fact {
    case .unknown(let range):
      guard case .optional = field.type else {
        guard field.type.element != nil else { return .unknown }
        report(.cannotBeUnknown(value.name, "empty", at: range))
        return nil
      }
      report(.cannotBeUnknown(value.name, "absent", at: range))
      return nil
    case .absent(let range):
      guard case .optional = field.type else {
        report(.neverAbsentField(value.name, at: range))
        return nil
      }
      return .constant(.absent)
    case .value(let literal):
      return constant(literal, field.type).map { .constant($0) }
    case .list(let literals, let range):
      return strings(literals, field.type, range).map { .strings($0) }
    }
  }

  /// `["a", "b"]`, for a field that is a set of strings.
  private mutating func strings(
    _ literals: [FactLiteral], _ type: ValueType, _ range: SourceRange
  ) -> [String]? {
    guard type == .set(.string) else {
      let expected = index.describe(type)
      report(.typeMismatch(expected: expected, found: "a list", hint: "", at: range))
      return nil
    }
    var strings: [String] = []
    for literal in literals {
      if case .string(let text)? = constant(literal, .string) { strings.append(text) }
    }
    return strings.count == literals.count ? strings : nil
  }

  /// A literal of a type.
  mutating func constant(_ literal: FactLiteral, _ type: ValueType) -> Constant? {
    switch literal {
    case .name(let name):
      guard !name.isMissing else { return nil }
      if isForeignAbsence(name.text), index.enumsOfMember[name.text] == nil {
        if case .optional = type {
          report(.foreignAbsence(name, say: "absent"))
        } else {
          report(.foreignAbsence(name, say: nil))
        }
        return nil
      }
      guard case .enumeration(let enumeration) = type.unwrapped else {
        let hint = type.unwrapped == .string ? "; a text stands in quotes" : ""
        report(
          .typeMismatch(
            expected: index.describe(type), found: name.text, hint: hint, at: name.range))
        return nil
      }
      guard let member = index.ordinals[enumeration][name.text] else {
        reportUnknownMember(name, of: enumeration)
        return nil
      }
      return .scalar(Int64(member))
    case .literal(let syntax):
      guard let typed = self.literal(syntax, type), case .constant(let constant) = typed.form
      else { return nil }
      guard typed.type == type.unwrapped else {
        let (expected, found) = (index.describe(type), index.describe(typed.type))
        guard let slip = quotedMember(typed, for: type, isFact: true) else {
          report(.typeMismatch(expected: expected, found: found, hint: "", at: syntax.range))
          return nil
        }
        report(
          slip.mending(
            .typeMismatch(expected: expected, found: found, hint: slip.hint, at: syntax.range)))
        return nil
      }
      return constant
    }
  }

  /// `owner -> red`: as many targets as the edge can have.
  private mutating func edgeFact(
    _ value: FactValueSyntax, _ edge: Int, from node: NodeName, to list: inout FactList
  ) -> TypedFact? {
    let type = index.schema.edges[edge]
    switch value.kind {
    case .field:
      report(.edgeNotField(value.name))
      return nil
    case .unknownTargets:
      guard type.cardinality == .one else {
        let empty = type.cardinality == .many ? "empty" : "absent"
        report(.cannotBeUnknown(value.name, empty, at: value.range))
        return nil
      }
      return .edges(node, edge: edge, nil, value.range)
    case .targets(let targets, _):
      if targets.count > 1, type.cardinality != .many {
        report(.tooManyTargets(value.name, at: value.range))
      } else if targets.isEmpty, type.cardinality == .one {
        report(.targetNeeded(value.name, at: value.range))
      }
      let typed = targets.map { target -> FactEdge? in
        guard !isTwoTargets(target, type) else {
          reportUnknown(.missingComma(target.node, isSure: type.targets.count == 1))
          return nil
        }
        return edgeTarget(target, edge, to: &list)
      }
      let whole = typed.compactMap { $0 }
      guard whole.count == typed.count else { return nil }
      return .edges(node, edge: edge, whole, value.range)
    }
  }

  /// `[x y]`, where `x` is nothing like a kind: two targets without their comma.
  private func isTwoTargets(_ target: FactTarget, _ type: EdgeType) -> Bool {
    guard let kind = target.node.kind, !kind.isMissing, type.cardinality == .many,
      names.types[kind.text] == nil
    else { return false }
    return nearest(kind.text, index.schema.kinds.map(\.name)) == nil
  }

  /// One target with the fields of the edge to it.
  private mutating func edgeTarget(
    _ target: FactTarget, _ edge: Int, to list: inout FactList
  ) -> FactEdge? {
    let type = index.schema.edges[edge]
    var fields: [FactField] = []
    var first: [String: SourceRange] = [:]
    for value in target.values where !value.name.isMissing {
      if let earlier = first[value.name.text] {
        reportRepeated(value.name, "value of", first: earlier)
      }
      first[value.name.text] = value.name.range
      guard let field = index.edgeFields[edge][value.name.text] else {
        let nearest = nearest(value.name.text, type.fields.map(\.name))
        let owner = index.describe(.edge(edge))
        reportUnknown(.unknownMember(value.name, of: owner, nearest: nearest))
        continue
      }
      guard !index.brokenEdgeFields.contains(EdgeField(edge: edge, field: field)),
        let typed = fieldFact(value, type.fields[field])
      else { continue }
      fields.append(FactField(field: field, value: typed))
    }
    guard let node = node(target.node, among: type.targets) else { return nil }
    list.references.append(NodeMention(node: node, range: target.node.range))
    return FactEdge(target: node, fields: fields)
  }

  /// `source s silent`, `source s at … covers …`
  private mutating func addSourceFact(_ fact: SourceFact, to list: inout FactList) {
    guard case .source(let source)? = lookUp(fact.name, in: \.sources, .source) else { return }
    switch fact.kind {
    case .silent:
      list.facts.append(.silence(source: source, fact.range))
    case .spoke(let at, let kindName, let id):
      var kind: Int?
      var node: NodeName?
      if let kindName {
        kind = self.kind(kindName)
        guard let kind else { return }
        if let id, !id.text.isEmpty || id.isString {
          let name = NodeName(kind: kind, id: id.text)
          node = name
          list.references.append(NodeMention(node: name, range: id.range))
        }
      }
      guard let at = microseconds(at) else { return }
      list.facts.append(.vouch(source: source, at: at, kind: kind, node: node, fact.range))
    }
  }

  /// `approval by Person p as role`
  private mutating func addApproval(_ fact: ApprovalFact, to list: inout FactList) {
    let approver = person(fact.approver, among: nil)
    let role = lookUp(fact.role, in: \.roles, .role)
    guard let approver, role != nil else { return }
    list.references.append(NodeMention(node: approver, range: fact.approver.range))
    list.facts.append(
      .approval(
        approver: approver, role: fact.role.text, at: fact.at.flatMap { microseconds($0) },
        until: fact.until.flatMap { microseconds($0) }, fact.range))
  }

  /// `waived W17 by Person p as role`
  private mutating func addWaived(_ fact: WaivedFact, to list: inout FactList) {
    let granter = person(fact.granter, among: nil)
    let role = lookUp(fact.role, in: \.roles, .role)
    let waiver = lookUp(fact.waiver, in: \.waivers, .waiver)
    guard let granter, role != nil, case .waiver(let waiver) = waiver else { return }
    list.references.append(NodeMention(node: granter, range: fact.granter.range))
    list.facts.append(
      .waived(
        waiver: waiver, granter: granter, role: fact.role.text,
        validity: GivenValidity(
          from: fact.at.flatMap { microseconds($0) }, until: fact.until.flatMap { microseconds($0) }
        ), fact.range))
  }

  /// `nil` where the parser has reported the instant.
  func microseconds(_ literal: InstantLiteral) -> Int64? {
    literal.text.flatMap { Instant($0)?.microseconds }
  }
}

/// The tree's value of a fact; this room has a type of the same name.
typealias FactValueSyntax = WritSyntax.FactValue
