// Layout of files, declarations and the schema.

extension Formatter {
  /// The whole text: what has a body stands between empty lines, so do header and imports.
  mutating func file(_ tree: SyntaxTree) {
    if let header = tree.header {
      token()
      add(.space)
      dotted(header.name)
      add(.space)
      words(header.callers == nil ? 2 : 4)
    }
    for (index, item) in tree.imports.enumerated() {
      if index > 0 { separator() } else if tree.header != nil { separator(forcingBlank: true) }
      imported(item)
    }
    var needsBlank = tree.header != nil || !tree.imports.isEmpty
    for (index, declaration) in tree.declarations.enumerated() {
      let isBlock = declaration.isBlock
      if index > 0 || needsBlank { separator(forcingBlank: needsBlank || isBlock) }
      self.declaration(declaration)
      needsBlank = isBlock
    }
    if hasLeadingComments {
      separator()
      leadingComments()
    }
  }

  private mutating func dotted(_ name: DottedName) { tokens(2 * name.parts.count - 1) }

  private mutating func imported(_ item: Import) {
    token()
    add(.space)
    dotted(item.name)
    if item.pin != nil {
      add(.space)
      words(2)
    }
  }

  private mutating func declaration(_ declaration: Declaration) {
    switch declaration {
    case .enumeration(let enumeration): self.enumeration(enumeration)
    case .source(let source): words(source.fresh == nil ? 2 : 4)
    case .roles(let roles):
      token()
      add(.space)
      names(roles.names.count)
    case .node(let node): self.node(node)
    case .param(let param): self.param(param)
    case .rule(let rule): self.rule(rule)
    case .scorecard(let scorecard): self.scorecard(scorecard)
    case .gate(let gate): self.gate(gate)
    case .waiver(let waiver): self.waiver(waiver)
    case .query(let query): self.query(query)
    case .action(let action): self.action(action)
    case .pipeline(let pipeline): self.pipeline(pipeline)
    case .fixture(let fixture): self.fixture(fixture)
    case .test(let test): self.test(test)
    }
  }

  private mutating func enumeration(_ enumeration: EnumDeclaration) {
    words(2)
    add(.space)
    braced(isEmpty: false) { formatter in
      for index in enumeration.members.indices {
        if index > 0, enumeration.isOrdered {
          formatter.add(.line)
          formatter.words(2)
        } else {
          formatter.token()
          if !enumeration.isOrdered, index < enumeration.members.count - 1 {
            formatter.token()
            formatter.add(.line)
          }
        }
      }
      formatter.dropComma()
    }
  }

  private mutating func node(_ node: NodeDeclaration) {
    words(2)
    origin(node.origin)
    add(.space)
    body(node.members) { formatter, member in
      switch member {
      case .field(let field): formatter.field(field)
      case .edge(let edge): formatter.edge(edge)
      }
    }
  }

  /// A space and the origin, or nothing.
  private mutating func origin(_ origin: OriginSyntax?) {
    guard let origin else { return }
    add(.space)
    token()
    add(.space)
    switch origin.kind {
    case .request: token()
    case .sources(let names): alternatives(names.count)
    }
  }

  private mutating func field(_ field: FieldDeclaration) {
    tokens(2)
    add(.space)
    type(field.type)
    for isThere in [field.isKey, field.isPersonal] where isThere {
      add(.space)
      token()
    }
    origin(field.origin)
  }

  private mutating func edge(_ edge: EdgeDeclaration) {
    words(edge.isMany ? 3 : 2)
    add(.space)
    alternatives(edge.targets.count)
    if edge.isOptional { token() }
    origin(edge.origin)
    if edge.inverse != nil {
      add(.space)
      words(2)
    }
    if at(.leftBrace) {
      add(.space)
      body(edge.fields) { $0.field($1) }
    }
  }

  mutating func type(_ type: TypeSyntax) {
    switch type.kind {
    case .named(let names): alternatives(names.count)
    case .set(let element), .list(let element):
      tokens(2)
      self.type(element)
      token()
    case .missing: break
    }
    if type.isOptional { token() }
  }
}

// Params and rules.
extension Formatter {
  private mutating func param(_ param: ParamDeclaration) {
    group { formatter in
      formatter.token()
      formatter.add(.space)
      formatter.tokens(2)
      formatter.add(.space)
      formatter.type(param.type)
      formatter.definition(param.value)
    }
  }

  private mutating func rule(_ rule: RuleDeclaration) {
    group { formatter in
      formatter.words(2)
      formatter.parameters(rule.parameters)
      if let result = rule.result {
        formatter.add(.space)
        formatter.token()
        formatter.add(.space)
        formatter.type(result)
      }
      formatter.definition(rule.body)
    }
  }

  /// ` =` and an expression, below it where the two do not fit on one line; a list starts there.
  mutating func definition(_ value: Expression) {
    add(.space)
    token()
    if case .list = value.kind {
      add(.space)
      return expression(value)
    }
    indented { formatter in
      formatter.add(.line)
      formatter.isIndented = true
      formatter.expression(value)
    }
  }

  mutating func parameters(_ parameters: [ParameterSyntax]) {
    bracketed { formatter in
      formatter.commaSeparated(parameters) { formatter, parameter in
        formatter.tokens(2)
        formatter.add(.space)
        formatter.type(parameter.type)
      }
    }
  }

  mutating func binding(_ binding: LetSyntax) {
    group { formatter in
      formatter.words(2)
      formatter.definition(binding.value)
    }
  }
}

extension Declaration {
  /// It has a body of items, so that empty lines stand around it.
  fileprivate var isBlock: Bool {
    switch self {
    case .scorecard, .gate, .action, .pipeline, .fixture, .test: true
    case .query(let query): if case .columns = query.body { true } else { false }
    case .enumeration, .source, .roles, .node, .param, .rule, .waiver: false
    }
  }
}
