// What a test expects: a gate's verdict, or an expression's value.

import WritModel
import WritSyntax
import WritText

extension Checker {
  /// One `expect`, or `nil` once what is wrong with it is reported.
  mutating func expectation(_ syntax: ExpectSyntax, _ nodes: TestNodes) -> TypedExpectation? {
    let form: TypedExpectation.Form?
    switch syntax.kind {
    case .verdict(let call, let verdict):
      form = verdictForm(call, verdict, nodes)
    case .holds(let condition):
      form = self.condition(condition).map { .holds($0) }
    case .isUnknown(let value):
      form = unknownForm(value)
    }
    return form.map { TypedExpectation(form: $0, range: syntax.range) }
  }

  /// `expect … is unknown`: of a single value.
  private mutating func unknownForm(_ syntax: Expression) -> TypedExpectation.Form? {
    guard let value = expression(syntax) else { return nil }
    guard value.type.element == nil else {
      report(.unknownSet(at: value.range))
      return nil
    }
    return .isUnknown(value)
  }

  /// `expect gate(…) by … is …`
  private mutating func verdictForm(
    _ call: GateCall, _ verdict: VerdictSyntax, _ nodes: TestNodes
  ) -> TypedExpectation.Form? {
    let caller = call.caller.flatMap { self.caller($0, nodes) }
    guard let entity = lookUp(call.gate, in: \.values, .gate) else { return nil }
    guard case .gate(let gate) = entity else {
      report(.misusedName(call.gate, is: entity, expected: "a gate"))
      return nil
    }
    let arguments = self.arguments(call, gate, nodes)
    let typed = self.verdict(verdict, gate)
    let waiving = verdict.waived.map { clauses($0, gate, mustHold: false) }
    guard let arguments, let typed, call.caller == nil || caller != nil else { return nil }
    if let waiving, waiving == nil { return nil }
    return .gate(gate, arguments, caller: caller, typed, waiving: waiving ?? nil)
  }

  /// Who asks: a node of a kind that may, which a fact makes.
  private mutating func caller(_ reference: NodeReference, _ nodes: TestNodes) -> NodeName? {
    guard let node = person(reference, among: index.callerKinds) else { return nil }
    guard hold(node, reference.range, nodes) else { return nil }
    return node
  }

  /// The test says that the node is there.
  private mutating func hold(
    _ node: NodeName, _ range: SourceRange, _ nodes: TestNodes
  ) -> Bool {
    guard !nodes.contains(node) else { return true }
    reportUndefined(NodeMention(node: node, range: range), nodes)
    return false
  }

  /// Every parameter of the gate has one argument, by its name.
  private mutating func arguments(
    _ call: GateCall, _ gate: Int, _ nodes: TestNodes
  ) -> [ExpectedArgument]? {
    let signature = gates[gate].signature
    let places = ParameterPlaces(signature)
    var values = [ExpectedArgument?](repeating: nil, count: signature.count)
    var given = [SourceRange?](repeating: nil, count: signature.count)
    var isWhole = true
    var hasStray = false
    for argument in call.arguments where !argument.name.isMissing {
      guard let place = places[argument.name.text] else {
        let names = signature.map(\.name.text)
        report(
          .unknownLabel(
            argument.name, of: call.gate.text, nearest: nearest(argument.name.text, names),
            parameters: names))
        (isWhole, hasStray) = (false, true)
        continue
      }
      if let first = given[place] {
        reportRepeated(argument.name, "argument", first: first)
      }
      given[place] = argument.name.range
      values[place] = signature[place].type.flatMap { self.argument(argument, $0, nodes) }
      if values[place] == nil { isWhole = false }
    }
    let missing = zip(signature, given).filter { $0.1 == nil }.map(\.0.name.text)
    if !missing.isEmpty, !hasStray {
      report(.missingArguments(missing, of: call.gate.text, at: call.range))
      isWhole = false
    }
    return isWhole ? values.compactMap { $0 } : nil
  }

  /// A node or a constant, as the type of the parameter says.
  private mutating func argument(
    _ argument: FactArgument, _ type: ValueType, _ nodes: TestNodes
  ) -> ExpectedArgument? {
    guard case .node(let kinds) = type else {
      switch argument.value {
      case .literal(let literal):
        return constant(literal, type).map { .constant($0) }
      case .node(let reference):
        let found = reference.kind?.text ?? reference.id.text
        report(
          .typeMismatch(
            expected: index.describe(type), found: found, hint: "", at: reference.range))
        return nil
      }
    }
    let node: NodeName?
    switch argument.value {
    case .node(let reference):
      node = self.node(reference, among: kinds)
    case .literal(.name(let name)):
      node = name.isMissing ? nil : self.node(nil, name.text, name.range, among: kinds)
    case .literal(.literal(let literal)):
      guard case .string(let id) = literal.kind else {
        let expected = index.describe(type)
        report(
          .typeMismatch(expected: expected, found: "a literal", hint: "", at: literal.range))
        return nil
      }
      node = self.node(nil, id, literal.range, among: kinds)
    }
    guard let node, hold(node, argument.value.range, nodes) else { return nil }
    return .node(node)
  }

  /// The clauses that are named must be clauses of the gate, and hold if they are said to.
  private mutating func verdict(_ syntax: VerdictSyntax, _ gate: Int) -> Verdict? {
    guard let outcome = syntax.outcome else { return nil }
    var clauses: [String]?
    if let given = syntax.clauses {
      clauses = self.clauses(given, gate, mustHold: outcome == .held)
      if clauses == nil { return nil }
    }
    switch outcome {
    case .allowed: return .allowed
    case .denied: return .denied(by: clauses)
    case .held: return .held(by: clauses)
    }
  }

  /// Names of clauses of the gate, sorted; `nil` once it is reported that one is none.
  private mutating func clauses(
    _ given: [Name], _ gate: Int, mustHold: Bool
  ) -> [String]? {
    var names: Set<ByteText> = []
    var isWhole = true
    for name in given where !name.isMissing {
      guard let clause = gates[gate].clauses[name.text] else {
        let nearest = nearest(name.text, gates[gate].clauses.names)
        let gateName = gates[gate].declaration.name.text
        reportUnknown(.unknownClause(name, of: gateName, nearest: nearest))
        isWhole = false
        continue
      }
      if !names.insert(ByteText(name.text)).inserted {
        reportRepeated(name, "clause", first: nil)
      }
      if mustHold, !clause.asksApproval {
        report(.neverHeld(name, declared: clause.name.range))
      }
    }
    return isWhole ? names.sorted().map(\.string) : nil
  }
}

extension FactArgument.Value {
  fileprivate var range: SourceRange {
    switch self {
    case .node(let reference): reference.range
    case .literal(let literal): literal.range
    }
  }
}
