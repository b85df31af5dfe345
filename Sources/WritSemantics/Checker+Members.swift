// What stands behind a dot: fields, edges, ids, parts of times, and all of these over sets.

import WritModel
import WritSyntax
import WritText

/// What a name means for nodes of some kinds.
enum NodeMember {
  case identifier
  case field(ValueType)
  case edges(Traversal)
}

/// The edges that bear a name for some kinds.
struct Traversal {
  /// Sorted.
  var edges: [DirectedEdge] = []
  /// Kinds of the far ends.
  var targets: Set<Int> = []
  /// Forwards, at most one from a node.
  var isSingle = true
  var isOptional = false
}

extension Checker {
  /// `base.name`
  mutating func member(
    _ base: Expression, _ name: Name, _ range: SourceRange
  ) -> TypedExpression? {
    if case .call(let call) = base.kind, let scorecard = scorecard(call.name) {
      return scorecardMember(scorecard, call, name, base.range, range)
    }
    if case .name(let owner) = base.kind, !name.isMissing, let qualified = qualified(owner, name) {
      return qualified.value?.at(range)
    }
    guard let base = expression(base), !name.isMissing else { return nil }
    if name.text == "edges", let edges = stepEdges(base, name, range) { return edges.value }
    if let call = foreignCall(name, of: base) {
      let test = ownTest(call, on: base)
      reportUnknown(.foreignCall(call, name, isMember: true, test: test, whole: range))
      return nil
    }
    return member(name, of: base, range)
  }

  /// `Severity.high`; `nil` if the owner is no enum here.
  private mutating func qualified(_ owner: Name, _ name: Name) -> (value: TypedExpression?, Bool)? {
    guard let declared = names.types[owner.text], isVisible(declared),
      case .enumeration(let enumeration) = declared.entity
    else { return nil }
    let meaning = scope.meaning(of: owner.text, below: scope.depth) { [index] in
      index.isMember(owner.text, of: $0)
    }
    guard meaning == nil else { return nil }
    guard let member = enumMember(name, of: enumeration) else {
      reportUnknownMember(name, of: enumeration)
      return (nil, false)
    }
    return (member, true)
  }

  /// A member of the element of a filter.
  mutating func member(
    _ name: Name, of element: Element, _ range: SourceRange
  ) -> TypedExpression? {
    switch element {
    case .unknown: return nil
    case .value(let value): return member(name, of: narrowed(value.at(range)), range)
    case .step(let step): return stepMember(name, step, range)
    }
  }

  /// In the filter of a step: a field or an end of the edge, or a member of the node at its end.
  private mutating func stepMember(
    _ name: Name, _ step: StepElement, _ range: SourceRange
  ) -> TypedExpression? {
    let isOfEdge = index.isEdgeMember(name.text, ofAnyOf: step.edges.map(\.edge))
    guard case .node(let kinds) = step.target.type else { return nil }
    let isInverse = step.edges.allSatisfy(\.isInverse)
    let isForward = step.edges.allSatisfy { !$0.isInverse }
    let farEnd = isInverse ? "from" : "to"
    if isOfEdge, index.isMember(name.text, ofAnyOf: kinds), name.text != "id" {
      report(.ambiguousInStep(name, far: farEnd))
      return nil
    }
    guard isOfEdge else {
      return member(name, of: narrowed(step.target.at(range)), range)
    }
    if name.text == farEnd, isInverse || isForward { return narrowed(step.target.at(range)) }
    return edgeMember(name, of: step.edge.at(range), edges: step.edges.map(\.edge), range)
  }

  /// A member of a value of any type.
  mutating func member(
    _ name: Name, of base: TypedExpression, _ range: SourceRange
  ) -> TypedExpression? {
    switch base.type {
    case .node(let kinds):
      guard let member = nodeMember(name, of: kinds) else { return nil }
      return single(member, name, of: base, range)
    case .edge(let edge):
      return edgeMember(name, of: base, edges: [edge], range)
    case .instant, .duration:
      return timePart(name, of: base, range)
    case .set(let element), .list(let element):
      return member(name, ofEach: element, in: base, range)
    case .optional(let wrapped):
      return member(name, ofOptional: wrapped, base, range)
    case .bool, .int, .decimal, .string, .date, .enumeration:
      report(.noMembers(name, index.describe(base.type)))
      return nil
    }
  }

  /// A path goes on from a node that may be absent only where its end is a set.
  private mutating func member(
    _ name: Name, ofOptional wrapped: ValueType, _ base: TypedExpression, _ range: SourceRange
  ) -> TypedExpression? {
    if case .node(let kinds) = wrapped {
      guard let member = nodeMember(name, of: kinds) else { return nil }
      if case .edges(let traversal) = member, !traversal.isSingle {
        return reach(base, traversal, range)
      }
    }
    report(.maybeAbsent(describe(base), at: base.range))
    return nil
  }

  /// A member of one node that is there.
  private mutating func single(
    _ member: NodeMember, _ name: Name, of base: TypedExpression, _ range: SourceRange
  ) -> TypedExpression? {
    switch member {
    case .identifier:
      return TypedExpression(.identifier(base), .string, range)
    case .field(let type):
      return narrowed(TypedExpression(.field(base, name: name.text), type, range))
    case .edges(let traversal):
      guard traversal.isSingle else { return reach(base, traversal, range) }
      let node = ValueType.node(traversal.targets.sorted())
      let type = traversal.isOptional ? .optional(node) : node
      return narrowed(TypedExpression(.follow(base, edge: name.text), type, range))
    }
  }

  /// The nodes that a step reaches once from a set of nodes, or from one.
  private mutating func reach(
    _ base: TypedExpression, _ traversal: Traversal, _ range: SourceRange
  ) -> TypedExpression {
    let step = plainStep(traversal.edges)
    let type = ValueType.set(.node(traversal.targets.sorted()))
    return TypedExpression(.reach(asSetOperand(base), step, .once), type, range)
  }

  /// One value that is no node.
  func isScalar(_ type: ValueType) -> Bool {
    switch type {
    case .bool, .int, .decimal, .string, .date, .instant, .duration, .enumeration: true
    case .node, .edge, .optional, .set, .list: false
    }
  }

  /// A step along edges without a filter.
  mutating func plainStep(_ edges: [DirectedEdge]) -> Step {
    Step(edges: edges, filter: nil, edge: makeVariable(), target: makeVariable())
  }
}

extension Checker {
  /// A member of every element of a set: nodes and edges' ends make a set, scalars a list.
  private mutating func member(
    _ name: Name, ofEach element: ValueType, in base: TypedExpression, _ range: SourceRange
  ) -> TypedExpression? {
    if case .node(let kinds) = element {
      guard let member = nodeMember(name, of: kinds) else { return nil }
      if case .edges(let traversal) = member { return reach(base, traversal, range) }
    }
    let variable = TypedExpression(.variable(makeVariable()), element, base.range)
    guard let value = self.member(name, of: variable, range) else { return nil }
    switch value.type {
    case .optional:
      report(.maybeAbsentInSet(name))
      return nil
    case .set(let inner):
      return flattened(value, of: inner, over: base, variable, range)
    case .node:
      return mapped(value, .set(value.type), over: base, variable, range)
    default:
      return mapped(value, .list(value.type), over: base, variable, range)
    }
  }

  /// One value for every element.
  private func mapped(
    _ value: TypedExpression, _ type: ValueType, over base: TypedExpression,
    _ variable: TypedExpression, _ range: SourceRange
  ) -> TypedExpression? {
    guard case .variable(let id) = variable.form else { return nil }
    let generator = Generator(variable: id, name: "it", range: base)
    let comprehension = Comprehension(generators: [generator], filters: [], yield: value)
    return TypedExpression(.comprehension(comprehension), type, range)
  }

  /// A set-valued field over a set: one set.
  private mutating func flattened(
    _ value: TypedExpression, of inner: ValueType, over base: TypedExpression,
    _ variable: TypedExpression, _ range: SourceRange
  ) -> TypedExpression? {
    guard case .variable(let id) = variable.form else { return nil }
    let element = makeVariable()
    let generators = [
      Generator(variable: id, name: "it", range: base),
      Generator(variable: element, name: "it", range: value),
    ]
    let yield = TypedExpression(.variable(element), inner, range)
    let comprehension = Comprehension(generators: generators, filters: [], yield: yield)
    return TypedExpression(.comprehension(comprehension), .set(inner), range)
  }

  /// `.year` and its kin of an instant, `.days` and its kin of a duration.
  private mutating func timePart(
    _ name: Name, of base: TypedExpression, _ range: SourceRange
  ) -> TypedExpression? {
    if base.type == .duration,
      let part = DurationPart.allCases.first(where: { "\($0)" == name.text })
    {
      return TypedExpression(.durationPart(base, part), .int, range)
    }
    if base.type == .instant,
      let part = InstantPart.allCases.first(where: { "\($0)" == name.text })
    {
      let type: ValueType =
        switch part {
        case .date: .date
        case .weekday: .enumeration(0)
        case .year, .month, .day, .hour, .minute, .second: .int
        }
      return TypedExpression(.instantPart(base, part), type, range)
    }
    let nearest = nearest(name.text, index.memberNames(of: base.type))
    report(.unknownMember(name, of: index.describe(base.type), nearest: nearest))
    return nil
  }

  /// An end or a field of an edge; of several edge types each must have the field.
  private mutating func edgeMember(
    _ name: Name, of base: TypedExpression, edges: [Int], _ range: SourceRange
  ) -> TypedExpression? {
    if name.text == "from" {
      let kinds = Set(edges.map { index.schema.edges[$0].source }).sorted()
      return narrowed(TypedExpression(.edgeEnd(base, .from), .node(kinds), range))
    }
    if name.text == "to" {
      let kinds = Set(edges.flatMap { index.schema.edges[$0].targets }).sorted()
      return narrowed(TypedExpression(.edgeEnd(base, .to), .node(kinds), range))
    }
    let edgeName = edges.first.map { index.schema.edges[$0].name } ?? ""
    var type: ValueType?
    for edge in edges {
      guard let field = index.edgeFields[edge][name.text] else {
        reportEdgeField(name, edge, edges)
        return nil
      }
      guard !index.brokenEdgeFields.contains(EdgeField(edge: edge, field: field)) else {
        return nil
      }
      let found = index.schema.edges[edge].fields[field].type
      guard type ?? found == found else {
        report(.memberDiffers(name, of: edges.map { index.describe(.edge($0)) }))
        return nil
      }
      type = found
    }
    guard let type, !edgeName.isEmpty else { return nil }
    return narrowed(TypedExpression(.field(base, name: name.text), type, range))
  }
}

extension Checker {
  /// Says which of the edges of a step lacks a field.
  private mutating func reportEdgeField(_ name: Name, _ edge: Int, _ edges: [Int]) {
    if let other = edges.first(where: { index.edgeFields[$0][name.text] != nil }) {
      let (has, lacks) = (index.describe(.edge(other)), index.describe(.edge(edge)))
      return report(.partialEdgeField(name, has: has, lacks: lacks))
    }
    let nearest = nearest(name.text, index.memberNames(of: .edge(edge)))
    reportUnknown(.unknownMember(name, of: index.describe(.edge(edge)), nearest: nearest))
  }

  /// What a name means for all of the kinds.
  mutating func nodeMember(_ name: Name, of kinds: [Int]) -> NodeMember? {
    guard !name.isMissing else { return nil }
    let found = kinds.map { index.members[$0][name.text] }
    if found.allSatisfy({ $0 == nil }) {
      guard name.text != "id" else { return .identifier }
      guard !index.lostMembers.contains(name.text) else { return nil }
      let owner = kinds.count == 1 ? kinds : Array(kinds.prefix(3))
      let described = index.kindNames(owner).joined(separator: " | ")
      reportUnknown(
        .unknownMember(
          name, of: kinds.count > 3 ? described + " | …" : described,
          nearest: nearest(name.text, index.memberNames(of: .node(kinds)))))
      return nil
    }
    if found.contains(where: { $0?.isBroken == true }) { return nil }
    if name.text != "id", let missing = found.firstIndex(of: nil) {
      let having = kinds[found.firstIndex { $0 != nil } ?? 0]
      report(
        .partialMember(
          name, has: index.schema.kinds[having].name, lacks: index.schema.kinds[kinds[missing]].name
        ))
      return nil
    }
    return combined(name, kinds, found)
  }

  /// The one meaning of a name that every kind has.
  private mutating func combined(
    _ name: Name, _ kinds: [Int], _ found: [Member?]
  ) -> NodeMember? {
    var result: NodeMember?
    // Joined in the end, all at once: there may be many kinds.
    var traversals: [Traversal] = []
    for (kind, member) in zip(kinds, found) {
      let next = meaning(of: member, in: kind)
      if case .edges(let traversal) = next { traversals.append(traversal) }
      switch (result, next) {
      case (nil, _):
        result = next
      case (.identifier, .identifier):
        break
      case (.field(let first), .field(let second)) where first == second:
        break
      case (.edges, .edges):
        break
      default:
        report(.memberDiffers(name, of: index.kindNames(kinds)))
        return nil
      }
    }
    return traversals.count > 1 ? .edges(joined(traversals)) : result
  }

  /// What a member is for one kind; no member is the id.
  func meaning(of member: Member?, in kind: Int) -> NodeMember {
    switch member?.sort {
    case nil:
      return .identifier
    case .field(let field):
      let field = index.schema.kinds[kind].fields[field]
      return field.isKey ? .identifier : .field(field.type)
    case .edge(let edge):
      let type = index.schema.edges[edge]
      return .edges(
        Traversal(
          edges: [DirectedEdge(edge: edge, isInverse: false)], targets: Set(type.targets),
          isSingle: type.cardinality != .many, isOptional: type.cardinality == .optional))
    case .inverse(let edge):
      return .edges(
        Traversal(
          edges: [DirectedEdge(edge: edge, isInverse: true)],
          targets: [index.schema.edges[edge].source], isSingle: false, isOptional: false))
    }
  }
}

/// All of them, walked as one step.
func joined(_ traversals: [Traversal]) -> Traversal {
  Traversal(
    edges: Set(traversals.flatMap(\.edges)).sorted {
      ($0.edge, $0.isInverse ? 1 : 0) < ($1.edge, $1.isInverse ? 1 : 0)
    },
    targets: traversals.reduce(into: []) { $0.formUnion($1.targets) },
    isSingle: traversals.allSatisfy(\.isSingle),
    isOptional: traversals.contains(where: \.isOptional))
}
