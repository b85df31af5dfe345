// Sets: steps with filters, closures, `where` and `select`, quantifiers, aggregates.

import WritModel
import WritSyntax
import WritText

extension Checker {
  /// A list in the place of a set loses its repetitions; nodes and sets stand as they are.
  func asSetOperand(_ value: TypedExpression) -> TypedExpression {
    guard case .list(let element) = value.type else { return value }
    return TypedExpression(.distinct(value), .set(element), value.range)
  }

  /// The type of the elements of what is used as a set: a set, a list, a node or an edge.
  mutating func elementType(_ value: TypedExpression) -> ValueType? {
    switch value.type {
    case .set(let element), .list(let element): return element
    case .node, .edge: return value.type
    case .optional(.node(let kinds)): return .node(kinds)
    case .bool, .int, .decimal, .string, .date, .instant, .duration, .enumeration, .optional:
      report(.notASet(index.describe(value.type), at: value.range))
      return nil
    }
  }

  /// `base.(edge where …)`
  mutating func step(
    _ base: Expression, _ syntax: StepSyntax, _ range: SourceRange
  ) -> TypedExpression? {
    guard let base = expression(base), let kinds = nodeKinds(base, range),
      let member = nodeMember(syntax.edge, of: kinds)
    else {
      checkUnknown(syntax.filters)
      return nil
    }
    guard case .edges(let traversal) = member else {
      report(.notAnEdge(syntax.edge, at: syntax.edge.range))
      checkUnknown(syntax.filters)
      return nil
    }
    let targets = traversal.targets.sorted()
    guard let step = makeStep(traversal.edges, targets, syntax.filters, range) else { return nil }
    return TypedExpression(
      .reach(asSetOperand(base), step, .once), .set(.node(targets)), range)
  }

  /// Kinds of the nodes of a set, or of one node.
  private mutating func nodeKinds(_ base: TypedExpression, _ range: SourceRange) -> [Int]? {
    if case .node(let kinds) = base.type.element ?? base.type.unwrapped { return kinds }
    report(.notNodes(index.describe(base.type), at: base.range))
    return nil
  }

  /// Checks filters whose element is not known, for what is wrong in them all the same.
  private mutating func checkUnknown(_ filters: [FilterSyntax]) {
    let depth = scope.depth
    scope.push(.unknown)
    for filter in filters { _ = expression(filter.value) }
    scope.pop(to: depth)
  }

  /// A step with its filters, in whose scope are the edge and the node that it leads to.
  private mutating func makeStep(
    _ edges: [DirectedEdge], _ targets: [Int], _ filters: [FilterSyntax], _ range: SourceRange
  ) -> Step? {
    guard let first = edges.first, !filters.isEmpty else { return plainStep(edges) }
    let edge = TypedExpression(.variable(makeVariable()), .edge(first.edge), range)
    let target = TypedExpression(.variable(makeVariable()), .node(targets), range)
    guard case .variable(let edgeID) = edge.form, case .variable(let targetID) = target.form else {
      return nil
    }
    let depth = scope.depth
    let known = scope.facts.mark
    scope.push(.step(StepElement(edges: edges, edge: edge, target: target)))
    defer {
      scope.pop(to: depth)
      scope.facts.forget(since: known)
    }
    var conditions: [TypedExpression?] = []
    for filter in filters {
      switch filter.kind {
      case .condition(let syntax):
        let condition = condition(syntax)
        if let condition { assume(condition, true) }
        conditions.append(condition)
      case .binding(let name, let value):
        report(.bindingInStep(name))
        _ = expression(value)
        conditions.append(nil)
      }
    }
    guard let filter = conjunction(conditions) else { return nil }
    return Step(edges: edges, filter: filter, edge: edgeID, target: targetID)
  }

  /// All of the conditions; `nil` if one is wrong.
  func conjunction(_ conditions: [TypedExpression?]) -> TypedExpression? {
    var result: TypedExpression?
    for condition in conditions {
      guard let condition else { return nil }
      result =
        result.map {
          TypedExpression(.and($0, condition), .bool, $0.range.union(condition.range))
        } ?? condition
    }
    return result
  }

  /// `path.edges`: `nil` if the name means something else here.
  mutating func stepEdges(
    _ base: TypedExpression, _ name: Name, _ range: SourceRange
  ) -> (value: TypedExpression?, Bool)? {
    guard case .node(let targets) = base.type.element ?? base.type.unwrapped,
      !index.isMember(name.text, ofAnyOf: targets)
    else { return nil }
    let start: TypedExpression
    let step: Step
    switch base.form {
    case .reach(let from, let taken, .once):
      (start, step) = (from, taken)
    case .follow(let from, let edge):
      let member = Name(text: edge, range: name.range)
      guard case .node(let kinds) = from.type,
        case .edges(let traversal) = nodeMember(member, of: kinds)
      else { return (nil, false) }
      (start, step) = (from, plainStep(traversal.edges))
    default:
      report(.edgesWithoutStep(at: name.range))
      return (nil, false)
    }
    guard let edge = step.edges.first?.edge, step.edges.allSatisfy({ $0.edge == edge }) else {
      report(.severalEdges(step.edges.map { index.describe(.edge($0.edge)) }, at: name.range))
      return (nil, false)
    }
    return (TypedExpression(.edges(start, step), .set(.edge(edge)), range), true)
  }
}

extension Checker {
  /// `base+` and `base*`
  mutating func closure(
    _ base: Expression, _ sign: ClosureSyntax, _ range: SourceRange
  ) -> TypedExpression? {
    guard let parts = closureParts(base, sign, range) else { return nil }
    var kinds = Set(parts.targets)
    if case .zeroOrMore = parts.repetition { kinds.formUnion(parts.starts) }
    return TypedExpression(
      .reach(parts.start, parts.step, parts.repetition), .set(.node(kinds.sorted())), range)
  }

  /// The pieces of a closure, also of the path that `shortest` looks for.
  mutating func closureParts(
    _ base: Expression, _ sign: ClosureSyntax, _ range: SourceRange
  ) -> ClosureParts? {
    guard let (start, edge, filters) = closureBase(base, sign) else { return nil }
    guard let start, let kinds = nodeKinds(start, range), !edge.isMissing,
      let reached = fixpoint(edge, from: kinds)
    else {
      checkUnknown(filters)
      return nil
    }
    let targets = reached.targets.sorted()
    let step = makeStep(reached.edges, targets, filters, range)
    guard let repetition = repetition(sign), let step else { return nil }
    return ClosureParts(
      start: asSetOperand(start), starts: kinds, step: step, targets: targets,
      repetition: repetition)
  }

  /// Start, edge and filters of the step that is repeated; the start is `nil` where it is wrong.
  private mutating func closureBase(
    _ base: Expression, _ sign: ClosureSyntax
  ) -> (start: TypedExpression?, edge: Name, filters: [FilterSyntax])? {
    switch base.kind {
    case .member(let inner, let name):
      return (expression(inner), name, [])
    case .step(let inner, let step):
      return (expression(inner), step.edge, step.filters)
    case .field(let name):
      return (element(base.range), name, [])
    case .name(let name):
      let meaning = scope.meaning(of: name.text, below: scope.depth) { [index] in
        index.isMember(name.text, of: $0)
      }
      switch meaning {
      case .member(.value(let value), outer: .none, _):
        return (narrowed(value.at(name.range)), name, [])
      case .member(.step(let step), outer: .none, _):
        return (narrowed(step.target.at(name.range)), name, [])
      case .member:
        // The clash of a member with an outer name is reported as for any other name.
        _ = self.name(name, nil)
        return nil
      case .local, nil:
        guard !scope.hasUnknownElement(below: scope.depth) else { return nil }
      }
    case .missing:
      return nil
    default:
      _ = expression(base)
    }
    report(.closureWithoutEdge(sign.includesStart ? "*" : "+", at: sign.operatorRange))
    return nil
  }

  /// Every edge of that name that leaves a kind which can be met, and where they lead.
  private mutating func fixpoint(
    _ edge: Name, from kinds: [Int]
  ) -> (edges: [DirectedEdge], targets: Set<Int>)? {
    guard kinds.contains(where: { index.members[$0][edge.text] != nil }) else {
      // Reports that no kind has it.
      if nodeMember(edge, of: kinds) != nil { report(.notAnEdge(edge, at: edge.range)) }
      return nil
    }
    var traversal = Traversal()
    var seen = Set(kinds)
    var open = kinds
    while let kind = open.popLast() {
      guard let member = index.members[kind][edge.text] else { continue }
      guard !member.isBroken else { return nil }
      guard case .edges(let next) = meaning(of: member, in: kind) else { continue }
      traversal.edges += next.edges
      traversal.targets.formUnion(next.targets)
      open += next.targets.filter { seen.insert($0).inserted }.sorted()
    }
    guard !traversal.edges.isEmpty else {
      report(.notAnEdge(edge, at: edge.range))
      return nil
    }
    let whole = joined([traversal])
    return (whole.edges, whole.targets)
  }

  /// The sign of a closure and its bound.
  private mutating func repetition(_ sign: ClosureSyntax) -> Repetition? {
    var bound: Int?
    if let syntax = sign.bound {
      guard let value = syntax.value else { return nil }
      guard (1...Limits.closureSteps).contains(value) else {
        report(.closureBound(at: syntax.range))
        return nil
      }
      bound = Int(value)
    }
    return sign.includesStart ? .zeroOrMore(upTo: bound) : .oneOrMore(upTo: bound)
  }
}

/// A closure taken apart.
struct ClosureParts {
  let start: TypedExpression
  /// Kinds of the start.
  let starts: [Int]
  let step: Step
  /// Kinds of the nodes that a step leads to.
  let targets: [Int]
  let repetition: Repetition
}
