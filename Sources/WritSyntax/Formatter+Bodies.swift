// Layout of scorecards, gates, queries, fixtures and tests.

// Scorecards.
extension Formatter {
  mutating func scorecard(_ scorecard: ScorecardDeclaration) {
    words(2)
    parameters(scorecard.parameters)
    add(.space)
    words(scorecard.isSum ? 3 : 2)
    add(.space)
    body(scorecard.items) { formatter, item in
      switch item {
      case .binding(let binding): formatter.binding(binding)
      case .check(let check): formatter.check(check)
      case .level(let level): formatter.level(level)
      }
    }
  }

  private mutating func check(_ check: CheckSyntax) {
    group { formatter in
      formatter.words(check.title == nil ? 4 : 5)
      if let guardCondition = check.guardCondition {
        formatter.add(.space)
        formatter.token()
        formatter.add(.space)
        formatter.expression(guardCondition)
      }
      formatter.token()
      formatter.indented { formatter in
        formatter.add(.line)
        formatter.isIndented = true
        formatter.expression(check.condition)
      }
    }
  }

  private mutating func level(_ level: LevelSyntax) {
    words(4)
    if !level.checks.isEmpty {
      add(.space)
      token()
      add(.space)
      names(level.checks.count)
    }
  }
}

// Gates.
extension Formatter {
  mutating func gate(_ gate: GateDeclaration) {
    words(2)
    parameters(gate.parameters)
    add(.space)
    if let waivable = gate.waivable {
      words(4)
      add(.space)
      if let except = waivable.except {
        token()
        add(.space)
        expression(except)
        add(.space)
      }
    }
    body(gate.items) { $0.item($1) }
  }

  /// On one line where it fits; else nodes, reason and expiry below.
  mutating func waiver(_ waiver: WaiverDeclaration) {
    group { formatter in
      formatter.words(3)
      formatter.add(.space)
      formatter.tokens(3)
      formatter.add(.space)
      formatter.words(3 * waiver.nodes.count)
      formatter.indented { formatter in
        formatter.add(.line)
        formatter.isIndented = true
        formatter.words(4)
      }
    }
  }

  private mutating func item(_ item: GateItem) {
    switch item {
    case .binding(let binding): self.binding(binding)
    case .clause(let clause): self.clause(clause)
    case .when(let when):
      token()
      add(.space)
      expression(when.condition)
      add(.space)
      body(when.items) { $0.item($1) }
    }
  }

  /// The message stands below its clause where both do not fit on one line.
  private mutating func clause(_ clause: ClauseSyntax) {
    group { formatter in
      formatter.words(2)
      formatter.token()
      formatter.add(.space)
      formatter.indented { formatter in
        if let loop = clause.loop {
          formatter.group { formatter in
            formatter.loop(loop)
            if let condition = clause.condition {
              formatter.token()
              formatter.add(.line)
              formatter.expression(condition)
            }
          }
        } else if let condition = clause.condition {
          formatter.expression(condition)
        }
        if clause.message != nil {
          // The message of a loop never stands behind it on its line.
          formatter.add(clause.loop == nil ? .line : .hard(blank: false))
          formatter.words(clause.polarity == .require ? 2 : 1)
        }
      }
    }
  }

  /// `for` and its generators and filters, which are the pieces of a group around it.
  private mutating func loop(_ loop: LoopSyntax) {
    group { formatter in
      formatter.token()
      formatter.add(.space)
      formatter.indented { formatter in
        formatter.commaSeparated(loop.generators) { formatter, generator in
          formatter.words(2)
          formatter.add(.space)
          formatter.expression(generator.set)
        }
      }
    }
    for filter in loop.filters {
      add(.line)
      self.filter(filter)
    }
  }

  /// `where` and what it asks.
  mutating func filter(_ filter: FilterSyntax) {
    token()
    add(.space)
    switch filter.kind {
    case .condition(let condition): expression(condition)
    case .binding(_, let value):
      words(3)
      add(.space)
      expression(value)
    }
  }
}

// Queries.
extension Formatter {
  mutating func query(_ query: QueryDeclaration) {
    words(2)
    if let parameters = query.parameters { self.parameters(parameters) }
    add(.space)
    switch query.body {
    case .columns(let columns) where columns.count == 1:
      braced(isEmpty: false) { formatter in
        formatter.named(columns[0].value)
        formatter.dropComma()
      }
    case .columns(let columns):
      body(columns) { formatter, column in
        formatter.named(column.value)
        formatter.dropComma()
      }
    case .rows(let rows):
      group { formatter in
        formatter.token()
        formatter.indented { $0.rows(rows) }
      }
    case .path(let path):
      words(2)
      add(.space)
      expression(path.path)
      add(.space)
      token()
      add(.space)
      expression(path.target)
    case .missing: break
    }
  }

  /// `name: expression`
  private mutating func named(_ value: Expression) {
    group { formatter in
      formatter.tokens(2)
      formatter.indented { formatter in
        formatter.add(.line)
        formatter.isIndented = true
        formatter.expression(value)
      }
    }
  }

  private mutating func rows(_ rows: RowQuery) {
    add(.line)
    group { $0.loop(rows.loop) }
    if !rows.keys.isEmpty {
      add(.line)
      words(2)
      add(.space)
      group { $0.commaSeparated(rows.keys) { $0.named($1.value) } }
    }
    add(.line)
    token()
    add(.space)
    braced(isEmpty: false) { formatter in
      formatter.commaSeparated(rows.columns) { formatter, item in
        if let value = item.value { formatter.named(value) } else { formatter.token() }
      }
    }
    if !rows.order.isEmpty {
      add(.line)
      words(2)
      add(.space)
      group { $0.commaSeparated(rows.order) { formatter, _ in formatter.orderKey() } }
    }
    if rows.limit != nil {
      add(.line)
      words(2)
    }
  }
}

extension Formatter {
  private mutating func orderKey() {
    token()
    if at(.asc) || at(.desc) {
      add(.space)
      token()
    }
  }
}

// Fixtures and tests.
extension Formatter {
  mutating func fixture(_ fixture: FixtureDeclaration) {
    words(2)
    if !fixture.bases.isEmpty {
      add(.space)
      token()
      add(.space)
      names(fixture.bases.count)
    }
    add(.space)
    body(fixture.facts) { $0.fact($1) }
  }

  mutating func test(_ test: TestDeclaration) {
    words(2)
    add(.space)
    token()
    add(.indent)
    add(.hard(blank: false))
    words(2)
    for given in test.givens {
      separator()
      self.given(given)
    }
    for expectation in test.expectations {
      separator()
      expect(expectation)
    }
    if hasLeadingComments {
      separator()
      leadingComments()
    }
    add(.dedent)
    add(.hard(blank: false))
    token()
  }

  private mutating func given(_ given: GivenSyntax) {
    token()
    if !given.fixtures.isEmpty {
      add(.space)
      names(given.fixtures.count)
    }
    if at(.with) {
      add(.space)
      token()
    }
    guard at(.leftBrace) else { return }
    add(.space)
    if let fact = given.facts.first, given.facts.count == 1 {
      braced(isEmpty: false) { $0.fact(fact) }
    } else {
      body(given.facts) { $0.fact($1) }
    }
  }

  private mutating func fact(_ fact: FactSyntax) {
    switch fact {
    case .node(let fact):
      words(2)
      add(.space)
      values(fact.values)
    case .remove: words(3)
    case .source(let fact):
      switch fact.kind {
      case .silent: words(3)
      case .spoke(_, let kind, let node): words(4 + (kind == nil ? 0 : 2) + (node == nil ? 0 : 1))
      }
    case .approval(let fact):
      let approver = fact.approver.kind == nil ? 1 : 2
      words(4 + approver + (fact.at == nil ? 0 : 2) + (fact.until == nil ? 0 : 2))
    case .waived(let fact):
      let granter = fact.granter.kind == nil ? 1 : 2
      words(5 + granter + (fact.at == nil ? 0 : 2) + (fact.until == nil ? 0 : 2))
    }
  }

  /// Braces around fields and edges: commas between those on one line, none on lines of their own.
  private mutating func values(_ values: [FactValue]) {
    braced(isEmpty: values.isEmpty) { formatter in
      for (index, value) in values.enumerated() {
        formatter.value(value)
        formatter.dropComma()
        if index < values.count - 1 {
          formatter.add(.flatComma)
          formatter.add(.line)
        }
      }
    }
  }

  private mutating func value(_ value: FactValue) {
    switch value.kind {
    case .field(let fact):
      tokens(2)
      add(.space)
      field(fact)
    case .unknownTargets: words(3)
    case .targets(let targets, let isList):
      words(2)
      add(.space)
      guard isList else { return targets.forEach { target($0) } }
      bracketed { $0.commaSeparated(targets) { $0.target($1) } }
    }
  }

  private mutating func field(_ fact: FieldFact) {
    switch fact {
    case .value(let value): literal(value)
    case .list(let values, _): bracketed { $0.commaSeparated(values) { $0.literal($1) } }
    case .unknown, .absent: token()
    }
  }

  private mutating func literal(_ literal: FactLiteral) { tokens(at(.minus) ? 2 : 1) }

  private mutating func target(_ target: FactTarget) {
    words(target.node.kind == nil ? 1 : 2)
    if at(.leftBrace) {
      add(.space)
      values(target.values)
    }
  }

  private mutating func expect(_ expectation: ExpectSyntax) {
    token()
    add(.space)
    switch expectation.kind {
    case .holds(let condition): expression(condition)
    case .isUnknown(let condition):
      expression(condition)
      add(.space)
      words(2)
    case .verdict(let call, let verdict):
      token()
      bracketed { formatter in
        formatter.commaSeparated(call.arguments) { $0.argument($1) }
      }
      if let caller = call.caller {
        add(.space)
        words(caller.kind == nil ? 2 : 3)
      }
      add(.space)
      words(2)
      if let clauses = verdict.clauses {
        add(.space)
        token()
        add(.space)
        names(clauses.count)
      }
      if let waived = verdict.waived {
        add(.space)
        token()
        add(.space)
        names(waived.count)
      }
    }
  }

  private mutating func argument(_ argument: FactArgument) {
    tokens(2)
    add(.space)
    switch argument.value {
    case .node: words(2)
    case .literal(let value): literal(value)
    }
  }
}
