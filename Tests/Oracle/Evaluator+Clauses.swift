// Clauses: the bindings for which a `deny` fires or a `require` fails, and what approvals cure.

import WritModel
import WritSemantics

/// A binding that speaks against the request.
struct Objection {
  /// Variables as far as they were bound.
  let row: Row
  /// Why it is not certain; nil if it is.
  let cause: Cause?
  /// About elements that a range may lack, or about all that the clause could not look at.
  var isOpenRange = false
}

/// What a clause came to.
struct ClauseResult {
  var objections: [Objection] = []
  /// What its message may refer to, where no binding says more.
  var scope: Environment
}

extension Evaluator {
  /// The clause with approvals as `assumesApprovals` says. Charged on its own.
  func result(of clause: TypedClause, _ gate: TypedGate, _ arguments: Environment) -> ClauseResult {
    fuel = 0
    missing = []
    var result = ClauseResult(scope: arguments)
    do {
      try evaluate(clause, gate, &result)
    } catch {
      result.objections = [
        Objection(row: Row(scope: arguments), cause: .fuel, isOpenRange: true)
      ]
    }
    return result
  }

  private func evaluate(
    _ clause: TypedClause, _ gate: TypedGate, _ result: inout ClauseResult
  ) throws(OutOfFuel) {
    try bind(lets(of: gate, for: clause.expressions, result.scope), &result.scope)
    var guards = Interval(true)
    for condition in clause.guards {
      guards = both(guards, try scalar(condition, result.scope))
      if guards.isFalse { return }
    }
    let start = Row(scope: result.scope, doubt: guards.cause)
    let rows = try rows(clause.generators, clause.filters, start)
    for row in rows.rows {
      let objects = try objects(clause, row)
      if objects.isFalse { continue }
      result.objections.append(Objection(row: row, cause: row.doubt ?? objects.cause))
    }
    for generator in clause.generators.indices {
      guard let opening = rows.openings.first(where: { $0.generator == generator }) else {
        continue
      }
      result.objections.append(
        Objection(row: opening.outer, cause: opening.cause, isOpenRange: true))
    }
  }

  /// Whether the clause speaks against the request for this binding, if it is there.
  private func objects(_ clause: TypedClause, _ row: Row) throws(OutOfFuel) -> Interval {
    guard let condition = clause.condition else { return Interval(true) }
    let holds = try self.condition(condition, row.scope)
    return switch clause.kind {
    case .deny: holds
    case .require: Interval(1 - holds.upper, 1 - holds.lower, holds.cause)
    }
  }

  /// Who may not give what the term asks for.
  func excluded(
    _ term: ApprovalTerm, _ scope: Environment
  ) throws(OutOfFuel) -> Result<[NodeName], UnknownPeople> {
    var excluded: [NodeName] = []
    if let except = term.except {
      let set = try elements(except, scope)
      if let open = set.open { return .failure(UnknownPeople(cause: open)) }
      // Whoever may be excluded is.
      excluded = set.elements.map { world.nodes[Int($0.lower)].name }
    }
    if let caller = request.caller {
      // Nobody can say who else a caller is that the graph does not have.
      guard world.index(of: caller) != nil else {
        return .failure(UnknownPeople(cause: .noNode(caller)))
      }
      if !excluded.contains(where: { $0.key == caller.key }) { excluded.append(caller) }
    }
    return .success(excluded)
  }

  /// Whether enough people gave what the term asks for.
  func approval(_ term: ApprovalTerm, _ scope: Environment) throws(OutOfFuel) -> Interval {
    let excluded: [NodeName]
    switch try self.excluded(term, scope) {
    case .success(let people): excluded = people
    case .failure(let unknown): return Interval(0, 1, unknown.cause)
    }
    let counting = Set(request.approvals.filter { counts($0, term) }.map(\.giver.key))
    let wanting = term.count - counting.subtracting(excluded.map(\.key)).count
    if wanting > 0 && assumesApprovals { note(term, wanting, excluded) }
    return Interval(wanting <= 0 || assumesApprovals)
  }

  func note(_ term: ApprovalTerm, _ wanting: Int, _ excluded: [NodeName]) {
    let one = OracleMissing(
      role: term.role, count: wanting, except: excluded,
      withinMicroseconds: term.withinMicroseconds)
    if !missing.contains(one) { missing.append(one) }
  }

  func counts(_ approval: Approval, _ term: ApprovalTerm) -> Bool {
    let signedAt = approval.signedAt ?? request.now
    guard approval.role == term.role, signedAt <= request.now else { return false }
    if let expiry = approval.expiry, request.now >= expiry { return false }
    guard let limit = term.withinMicroseconds else { return true }
    let (age, overflowed) = request.now.subtractingReportingOverflow(signedAt)
    return !overflowed && age <= limit
  }

  /// The lets that the expressions refer to, themselves or through others, but those bound already.
  func lets(
    of gate: TypedGate, for expressions: [TypedExpression], _ scope: Environment
  ) -> [TypedLet] {
    var needed = Set(expressions.flatMap(\.variables))
    var lets: [TypedLet] = []
    // A let sees only those before it.
    for definition in gate.lets.reversed() where needed.contains(definition.variable.id) {
      guard scope[definition.variable.id] == nil else { continue }
      lets.append(definition)
      needed.formUnion(definition.value.variables)
    }
    return lets.reversed()
  }
}

extension TypedClause {
  /// All that decides; not the message.
  var expressions: [TypedExpression] {
    guards + generators.map(\.range) + filters.map(\.expression) + [condition].compactMap { $0 }
  }

  /// Whether further approvals could change what it comes to.
  var roles: [String] { condition?.roles ?? [] }
}

extension Filter {
  var expression: TypedExpression {
    switch self {
    case .condition(let expression), .binding(_, _, let expression): expression
    }
  }
}
