// Names at the top of modules: gathered, held apart, and looked up where they can be seen.

import WritModel
import WritSyntax
import WritText

extension Checker {
  /// Gives every declaration of the program its index and its name.
  mutating func collect() {
    for position in modules.indices {
      module = position
      let declarations = files[modules[position].header.file].tree.declarations
      for declaration in declarations { collect(declaration) }
    }
    holdFullNames()
    holdLimits()
  }

  /// What is called from outside is called by `policy.name`, and a name in backticks may hold a dot: gate `b.g` of policy `a`
  /// and gate `g` of policy `a.b` would both be `a.b.g`.
  private mutating func holdFullNames() {
    let called =
      gates.map { ($0.module, $0.declaration.name) }
      + scorecards.map { ($0.module, $0.declaration.name) }
      + pending.queries.map { ($0.module, $0.declaration.name) }
      + actions.map { ($0.module, $0.declaration.name) }
      + pipelines.map { ($0.module, $0.declaration.name) }
    holdFullNames(called)
    holdFullNames(waivers.map { ($0.module, $0.declaration.name) })
  }

  private mutating func holdFullNames(_ called: [(Int, Name)]) {
    var first: [String: SourceRange] = [:]
    for (module, name) in called where !name.isMissing && !repeated.contains(name.range) {
      let full = "\(modules[module].header.name).\(name.text)"
      if let earlier = first[full] {
        report(.duplicateFullName(name, full: full, first: earlier))
      } else {
        first[full] = name.range
      }
    }
  }

  /// One declaration: its index is its place among those of its sort.
  private mutating func collect(_ declaration: Declaration) {
    switch declaration {
    case .enumeration(let declaration):
      // Index 0 is the built-in enum of weekdays.
      let entity = Entity.enumeration(pending.enumerations.count + 1)
      declare(declaration.name, entity, in: \.types)
      pending.enumerations.append(Pending(module: module, declaration: declaration))
    case .source(let declaration):
      declare(declaration.name, .source(pending.sources.count), in: \.sources)
      pending.sources.append(Pending(module: module, declaration: declaration))
    case .roles(let declaration):
      for name in declaration.names {
        declare(name, .role(roles.count), in: \.roles)
        roles.append(name.text)
      }
    case .node(let declaration):
      declare(declaration.name, .kind(pending.nodes.count), in: \.types)
      pending.nodes.append(Pending(module: module, declaration: declaration))
    case .fixture(let declaration):
      declare(declaration.name, .fixture(fixtures.count), in: \.fixtures)
      fixtures.append(FixtureEntry(module: module, declaration: declaration))
    case .waiver(let declaration):
      declare(declaration.name, .waiver(waivers.count), in: \.waivers)
      waivers.append(WaiverEntry(module: module, declaration: declaration))
    case .test(let declaration):
      pending.tests.append(Pending(module: module, declaration: declaration))
    case .param, .rule, .scorecard, .gate, .query, .action, .pipeline:
      collectValue(declaration)
    }
  }

  /// Declarations whose names may stand in expressions.
  private mutating func collectValue(_ declaration: Declaration) {
    switch declaration {
    case .param(let declaration):
      declare(declaration.name, .parameter(parameters.count), in: \.values)
      parameters.append(ParameterEntry(module: module, declaration: declaration))
    case .rule(let declaration):
      declare(declaration.name, .rule(rules.count), in: \.values)
      rules.append(RuleEntry(module: module, declaration: declaration))
    case .scorecard(let declaration):
      declare(declaration.name, .scorecard(scorecards.count), in: \.values)
      scorecards.append(ScorecardEntry(module: module, declaration: declaration))
    case .gate(let declaration):
      declare(declaration.name, .gate(gates.count), in: \.values)
      gates.append(GateEntry(module: module, declaration: declaration))
    case .query(let declaration):
      declare(declaration.name, .query(pending.queries.count), in: \.values)
      pending.queries.append(Pending(module: module, declaration: declaration))
    case .action(let declaration):
      declare(declaration.name, .action(actions.count), in: \.values)
      actions.append(ActionEntry(module: module, declaration: declaration))
    case .pipeline(let declaration):
      declare(declaration.name, .pipeline(pipelines.count), in: \.values)
      pipelines.append(PipelineEntry(module: module, declaration: declaration))
    case .enumeration, .source, .roles, .node, .waiver, .fixture, .test:
      break
    }
  }

  /// Enters a name, unless it is taken.
  private mutating func declare(
    _ name: Name, _ entity: Entity, in table: WritableKeyPath<NameTables, NameTable>
  ) {
    guard !name.isMissing else { return }
    guard let first = names[keyPath: table].alike(name.text) else {
      let declared = Declared(entity: entity, module: module, range: name.range)
      names[keyPath: table].add(name.text, declared)
      return
    }
    repeated.insert(name.range)
    report(.duplicateName(name, as: first.entity, first: first.range))
  }

  /// Bounds what the rest of the run takes time and memory for.
  private mutating func holdLimits() {
    guard let first = modules.first else { return }
    let place = files[first.header.file].start
    let schemaCounts = [
      ("enums", pending.enumerations.count), ("sources", pending.sources.count),
      ("roles", roles.count), ("kinds of nodes", pending.nodes.count),
    ]
    for (what, count) in schemaCounts where count > Limits.schemaEntries {
      report(.tooMany(what, limit: Limits.schemaEntries, at: place))
    }
    if fixtures.count > Limits.fixtures {
      report(.tooMany("fixtures", limit: Limits.fixtures, at: place))
    }
    let counts = [
      ("params", parameters.count), ("rules", rules.count), ("scorecards", scorecards.count),
      ("gates", gates.count), ("waivers", waivers.count), ("queries", pending.queries.count),
      ("actions", actions.count),
      ("pipelines", pipelines.count), ("tests", pending.tests.count),
    ]
    for (what, count) in counts where count > Limits.declarations {
      report(.tooMany(what, limit: Limits.declarations, at: place))
    }
  }

  /// The declaration that a name means here, if the module at hand can see one.
  mutating func lookUp(
    _ name: Name, in table: KeyPath<NameTables, NameTable>, _ sort: NameSort
  ) -> Entity? {
    guard !name.isMissing else { return nil }
    let table = names[keyPath: table]
    guard let found = table[name.text] else {
      let candidates =
        looksForNames
        ? table.names.filter { isVisible(table[$0]) && table[$0]?.entity.isOf(sort) == true } : []
      reportMissing(name, sort, candidates)
      return nil
    }
    guard isVisible(found) else {
      reportHidden(name, found)
      return nil
    }
    return found.entity
  }

  /// Reports that nothing is called so, with what may have been meant.
  private mutating func reportMissing(_ name: Name, _ sort: NameSort, _ candidates: [String]) {
    if sort == .type, let own = ownType(for: name.text) {
      let diagnostic = Diagnostic.unknownName(name, sort: sort, hint: "; say `\(own)`")
      return reportUnknown(diagnostic.fixing(name.range, with: own))
    }
    let nearest = nearest(name.text, candidates)
    var hint = suggestion(nearest)
    if nearest == nil, sort == .role || sort == .source {
      hint =
        candidates.isEmpty
        ? "; declare it: `\(sort.rawValue) \(name.text)`"
        : "; \(candidates.count == 1 ? "the only \(sort.rawValue) is" : "the \(sort.rawValue)s are") "
          + quotedList(candidates, most: 8)
    }
    reportUnknown(.unknownName(name, sort: sort, hint: hint))
  }

  /// Reports that a name is declared, but in a module that is not imported here.
  mutating func reportHidden(_ name: Name, _ found: Declared) {
    guard let home = found.module, let range = found.range else { return }
    report(.notImported(name, module: modules[home].header.name, declared: range))
  }

  /// The module at hand is, or imports, the one where the declaration stands.
  func isVisible(_ declared: Declared?) -> Bool {
    guard let declared else { return false }
    guard let home = declared.module else { return true }
    return modules[module].visible.contains(home)
  }
}
