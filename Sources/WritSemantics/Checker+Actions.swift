// Actions: what they are, what guards them, what takes them back, and the words of their commands.

import WritModel
import WritSyntax
import WritText

/// The heads of an action by their form, the first of each.
private struct ActionHeads {
  var kind: Name?
  var effect: Name?
  var impacts: [Name] = []
  var guarded: ActionCall?
  var rollback: ActionCall?
  var irreversible: SourceRange?
  var breakGlass: BreakGlassHead?
  var labels: [Name] = []
}

/// The items of an action by their form, the first of each.
private struct ActionItems {
  var words: [ActionWord]?
  var request: (syntax: HTTPSyntax, range: SourceRange)?
  var secrets: [Name] = []
  var timeout: DurationLiteral?
  var isIdempotent = false
}

extension Checker {
  /// All actions: signatures first, as one may name another to be taken back by.
  mutating func checkActions() {
    for position in actions.indices {
      module = actions[position].module
      actions[position].signature = signature(
        actions[position].declaration.parameters, of: "an action", allowsSets: false)
    }
    for position in actions.indices {
      module = actions[position].module
      checkAction(position)
    }
    holdRollbacksEnd()
    holdRollbacksWeighAsMuch()
    holdBreakGlassApart()
  }

  /// One action, whose parameters and those of all others are known.
  private mutating func checkAction(_ position: Int) {
    let declaration = actions[position].declaration
    let signature = actions[position].signature
    let heads = heads(of: declaration)
    let items = items(of: declaration)
    let kind: ActionKind? = part(heads.kind, "kind", of: declaration)
    let effect: ActionEffect? = part(heads.effect, "effect", of: declaration)
    let impacts: [ActionImpact?] = heads.impacts.map { word($0, "impact") }
    holdDistinct(heads.impacts, "impact")
    let guardCall = heads.guarded.map { self.guardCall($0, signature) }
    let rollback = heads.rollback.map { rollbackCall($0, signature) }
    actions[position].rollback = rollback.flatMap { $0 }?.target
    actions[position].guardGate = guardCall.flatMap { $0 }?.target
    if effect == .production { holdProduction(position, heads) }
    if let range = heads.irreversible, let rollback = heads.rollback {
      report(.rollbackOfIrreversible(at: range, rollback: rollback.range))
    }
    let breakGlass = heads.breakGlass.map { self.breakGlass($0, declaration, heads.guarded) }
    holdLabels(heads.labels)
    holdSecrets(items.secrets)
    let timeout = timeout(items.timeout)
    let (depth, known) = (scope.depth, scope.facts.mark)
    let variables = declareParameters(signature)
    secretsOfAction = Dictionary(
      items.secrets.map { (ByteText($0.text), $0.range) }, uniquingKeysWith: { first, _ in first })
    defer { secretsOfAction = [:] }
    let command =
      if let request = items.request {
        self.request(request.syntax, request.range, items.secrets, items.words != nil)
      } else {
        self.command(items.words, of: declaration)
      }
    scope.pop(to: depth)
    scope.facts.forget(since: known)
    guard let kind, let effect, let variables, let command, let timeout,
      let impacts = whole(impacts),
      let guardCall = present(guardCall), let rollback = present(rollback),
      let breakGlass = present(breakGlass)
    else { return }
    actions[position].typed = TypedAction(
      name: declaration.name.text, kind: kind, effect: effect, impacts: impacts,
      parameters: variables, guardedBy: guardCall.part, rollback: rollback.part,
      isIrreversible: heads.irreversible != nil, breakGlass: breakGlass.part,
      labels: heads.labels.map(\.text), command: command, secrets: items.secrets.map(\.text),
      timeoutMicroseconds: timeout.microseconds,
      isIdempotent: items.isIdempotent, range: declaration.range)
  }

  /// What is not there, or is and could be typed; `nil` for what could not.
  private func present<Part>(_ part: Part??) -> (part: Part?, Void)? {
    switch part {
    case nil: (nil, ())
    case .some(nil): nil
    case .some(let part?): (part, ())
    }
  }
}

// Heads and items.
extension Checker {
  /// Of heads that repeat the first counts.
  private mutating func heads(of declaration: ActionDeclaration) -> ActionHeads {
    var heads = ActionHeads()
    var first: [String: SourceRange] = [:]
    for head in declaration.heads {
      guard isFirst(head.kind.word, head.range, &first) else { continue }
      switch head.kind {
      case .kind(let name): heads.kind = name
      case .guarded(let call): heads.guarded = call
      case .effect(let name): heads.effect = name
      case .impact(let names): heads.impacts = names
      case .rollback(let call): heads.rollback = call
      case .irreversible: heads.irreversible = head.range
      case .breakGlass(let role, let within):
        heads.breakGlass = BreakGlassHead(role: role, within: within, range: head.range)
      case .delegate(let labels): heads.labels = labels
      }
    }
    return heads
  }

  /// Of items that repeat the first counts.
  private mutating func items(of declaration: ActionDeclaration) -> ActionItems {
    var items = ActionItems()
    var first: [String: SourceRange] = [:]
    for item in declaration.items {
      guard isFirst(item.kind.word, item.range, &first) else { continue }
      switch item.kind {
      case .run(let words): items.words = words
      case .http(let request): items.request = (request, item.range)
      case .secrets(let names): items.secrets = names
      case .timeout(let duration): items.timeout = duration
      case .idempotent: items.isIdempotent = true
      }
    }
    return items
  }

  /// Reports a part that stands there a second time.
  mutating func isFirst(
    _ word: String, _ range: SourceRange, _ first: inout [String: SourceRange]
  ) -> Bool {
    guard let earlier = first[word] else {
      first[word] = range
      return true
    }
    report(.repeatedPart(word, at: range, first: earlier))
    return false
  }

  /// A head that must be there, and be one of its words.
  private mutating func part<Word: RawRepresentable<String> & CaseIterable>(
    _ name: Name?, _ sort: String, of declaration: ActionDeclaration
  ) -> Word? {
    guard let name else {
      reportUnknown(
        .missingPart(sort, of: declaration.name, words: Word.allCases.map(\.rawValue)))
      return nil
    }
    return word(name, sort)
  }

  /// One of the words of its sort.
  mutating func word<Word: RawRepresentable<String> & CaseIterable>(
    _ name: Name, _ sort: String
  ) -> Word? {
    guard !name.isMissing else { return nil }
    if let word = Word(rawValue: name.text) { return word }
    let words = Word.allCases.map(\.rawValue)
    report(.unknownActionWord(name, sort, words: words, nearest: nearest(name.text, words)))
    return nil
  }

  /// There is no way round a gate, and nobody is left to wonder how to get back.
  private mutating func holdProduction(_ position: Int, _ heads: ActionHeads) {
    let declaration = actions[position].declaration
    if heads.guarded == nil {
      reportUnknown(.unguardedProduction(declaration.name))
      unguarded.insert(position)
    }
    if heads.rollback == nil, heads.irreversible == nil {
      reportUnknown(.productionWithoutRollback(declaration.name))
    }
  }

  /// A label is told apart by its name alone, in a registry too.
  private mutating func holdLabels(_ labels: [Name]) {
    holdDistinct(labels, "label")
    for label in labels where !label.isMissing && !DelegateLabel.isName(label.text) {
      report(.labelName(label))
    }
    guard labels.count > DelegateLabel.most else { return }
    report(.manyLabels(at: labels[DelegateLabel.most].range))
  }

  /// A secret is told apart by its name alone, wherever it is kept.
  private mutating func holdSecrets(_ secrets: [Name]) {
    holdDistinct(secrets, "secret")
    for secret in secrets where !secret.isMissing && !ActionSecret.isName(secret.text) {
      report(.secretName(secret))
    }
  }

  /// `nil` where it is wrong.
  private mutating func timeout(_ syntax: DurationLiteral?) -> (microseconds: Int64?, Void)? {
    guard let syntax else { return (nil, ()) }
    guard let microseconds = syntax.microseconds else { return nil }
    guard ActionTimeout.microseconds.contains(microseconds) else {
      report(.actionTimeout(at: syntax.range))
      return nil
    }
    return (microseconds, ())
  }
}

// Guards and rollbacks.
extension Checker {
  /// `guarded by gate(…)`
  private mutating func guardCall(
    _ call: ActionCall, _ signature: [Signature]
  ) -> TypedActionCall? {
    guard let entity = lookUp(call.name, in: \.values, .gate) else { return nil }
    guard case .gate(let gate) = entity else {
      report(.misusedName(call.name, is: entity, expected: "a gate"))
      return nil
    }
    return handOn(call, signature, to: gates[gate].signature).map {
      TypedActionCall(target: gate, arguments: $0)
    }
  }

  /// `rollback action(…)`
  private mutating func rollbackCall(
    _ call: ActionCall, _ signature: [Signature]
  ) -> TypedActionCall? {
    guard let entity = lookUp(call.name, in: \.values, .action) else { return nil }
    guard case .action(let action) = entity else {
      report(.misusedName(call.name, is: entity, expected: "an action"))
      return nil
    }
    return handOn(call, signature, to: actions[action].signature).map {
      TypedActionCall(target: action, arguments: $0)
    }
  }

  /// Indexes of the parameters that are handed on: as many as are taken, and each of a type that is taken there.
  private mutating func handOn(
    _ call: ActionCall, _ signature: [Signature], to taken: [Signature]
  ) -> [Int]? {
    let places = ParameterPlaces(signature)
    let arguments = call.arguments.filter { !$0.isMissing }
    guard arguments.count == call.arguments.count else { return nil }
    let found = arguments.map { places[$0.text] }
    for (name, place) in zip(arguments, found) where place == nil {
      let names = signature.map(\.name.text)
      report(.unknownParameter(name, nearest: nearest(name.text, names), parameters: names))
    }
    guard let found = whole(found) else { return nil }
    guard found.count == taken.count else {
      if found.count > taken.count {
        report(.tooManyArguments(call.name.text, expected: taken.count, at: call.range))
      } else {
        let missing = taken[found.count...].map(\.name.text)
        report(.missingArguments(missing, of: call.name.text, at: call.range))
      }
      return nil
    }
    var fits = true
    for (place, (name, wanted)) in zip(found, zip(arguments, taken)) {
      guard let type = signature[place].type, let wanted = wanted.type else {
        fits = false
        continue
      }
      if type.isPart(of: wanted) { continue }
      fits = false
      report(
        .typeMismatch(
          expected: index.describe(wanted), found: index.describe(type), hint: "", at: name.range))
    }
    return fits ? found : nil
  }

  /// Taking back ends somewhere: each action names at most one other, so a walk from each finds every circle once.
  private mutating func holdRollbacksEnd() {
    var walks = [Int?](repeating: nil, count: actions.count)
    for start in actions.indices where walks[start] == nil {
      var path: [Int] = []
      var next: Int? = start
      while let action = next, walks[action] == nil {
        walks[action] = start
        path.append(action)
        next = actions[action].rollback
      }
      guard let closing = next, walks[closing] == start,
        let first = path.firstIndex(of: closing), let last = path.last
      else { continue }
      let cycle = (path[first...] + [closing]).map { actions[$0].declaration.name.text }
      report(.rollbackCycle(cycle, at: rollbackRange(of: last)))
      for action in path[first...] { actions[action].typed = nil }
    }
  }

  /// What takes back what was done to production does something to production, and so a gate decides on it.
  private mutating func holdRollbacksWeighAsMuch() {
    for action in actions.indices {
      guard actions[action].typed?.effect == .production, let back = actions[action].rollback,
        let effect = actions[back].typed?.effect, effect != .production
      else { continue }
      report(
        .rollbackOfLess(
          actions[back].declaration.name, of: actions[action].declaration.name.text,
          at: rollbackRange(of: action)))
    }
  }

  func rollbackRange(of action: Int) -> SourceRange {
    let declaration = actions[action].declaration
    for head in declaration.heads {
      if case .rollback(let call) = head.kind { return call.range }
    }
    return declaration.name.range
  }
}

// Commands.
extension Checker {
  /// The words of `run`; `nil` once what is wrong with them is reported.
  private mutating func command(
    _ words: [ActionWord]?, of declaration: ActionDeclaration
  ) -> [[MessagePart]]? {
    guard let words else {
      reportUnknown(.missingPart("run", of: declaration.name, words: []))
      return nil
    }
    return command(words)
  }

  /// The words of a command; `nil` once what is wrong with them is reported.
  mutating func command(_ words: [ActionWord]) -> [[MessagePart]]? {
    if let first = words.first {
      if !first.isProgram { report(.openProgram(at: first.range)) }
      if first.isReservedProgram {
        report(.httpForm("`writ:…` is no program: say `http …`", at: first.range))
      }
    }
    var typed: [[MessagePart]?] = []
    for word in words {
      switch word {
      case .value(let value): typed.append(wordValue(value).map { [part(of: $0)] })
      case .text(let template): typed.append(wordText(template))
      }
    }
    guard let command = whole(typed), words.first?.isProgram == true else { return nil }
    return command
  }

  /// `"--image={release.image}"`
  mutating func wordText(_ template: TemplateSyntax) -> [MessagePart]? {
    var parts: [MessagePart?] = []
    for segment in template.segments {
      switch segment {
      case .text(let text): parts.append(.text(text))
      case .interpolation(let value): parts.append(wordValue(value).map { part(of: $0) })
      }
    }
    return whole(parts)
  }

  /// A value of a word: there, single, and the same whenever and by whomever it is asked for.
  mutating func wordValue(_ syntax: Expression) -> TypedExpression? {
    guard let value = expression(syntax) else { return nil }
    if let moment = moment(in: [value]) {
      report(.wordMoment(moment.what, at: value.range, note: moment.range))
      return nil
    }
    if value.type.isSingle { return value }
    if case .optional = value.type {
      report(.maybeAbsent(describe(value), at: value.range))
    } else {
      report(.wordType(index.describe(value.type), at: value.range))
    }
    return nil
  }

  /// What the policy itself says is a text of it: `-3` is no value that could pass for an option.
  func part(of value: TypedExpression) -> MessagePart {
    guard case .constant(let constant) = value.form else { return .value(value) }
    return index.text(of: constant, value.type).map { .text($0) } ?? .value(value)
  }

  /// Remembers of a rule or a scorecard what in it, or in what it calls, asks when or by whom; called ones come first.
  mutating func noteMoment(of entity: Entity) {
    guard !actions.isEmpty || !pipelines.isEmpty else { return }
    let expressions: [TypedExpression] =
      switch entity {
      case .rule(let rule): rules[rule].typed.map { [$0.body] } ?? []
      case .scorecard(let scorecard): scorecards[scorecard].typed?.expressions ?? []
      default: []
      }
    moments[entity] = moment(in: expressions)
  }

  /// What in the values, or in a rule or scorecard that they call, asks when or by whom.
  func moment(in values: [TypedExpression]) -> Moment? {
    var open = values
    while let next = open.popLast() {
      let called: Entity
      switch next.form {
      case .now: return Moment(what: "now", range: next.range)
      case .caller: return Moment(what: "caller", range: next.range)
      case .within: return Moment(what: "within", range: next.range)
      case .call(let rule, _): called = .rule(rule)
      case .score(let scorecard, _), .level(let scorecard, _): called = .scorecard(scorecard)
      default:
        open += next.children
        continue
      }
      if let moment = moments[called] { return moment }
      open += next.children
    }
    return nil
  }
}

extension SchemaIndex {
  /// A constant as a word of a command, as the machine shows values of its type; `nil` for one that says nothing.
  func text(of constant: Constant, _ type: ValueType) -> String? {
    switch (constant, type) {
    case (.string(let text), _): text.isEmpty ? nil : text
    case (.scalar(let value), .bool): value == 1 ? "true" : "false"
    case (.scalar(let value), .int): String(value)
    case (.scalar(let value), .decimal): Decimal(millionths: value).description
    case (.scalar(let value), .date): CalendarDate(days: value).description
    case (.scalar(let value), .instant): Instant(microseconds: value).description
    case (.scalar(let value), .duration): Duration(microseconds: value).description
    case (.scalar(let value), .enumeration(let index)): schema.enums[index].members[Int(value)]
    default: nil
    }
  }
}

extension TypedScorecard {
  /// All that is evaluated for a score.
  fileprivate var expressions: [TypedExpression] {
    lets.map(\.value) + checks.flatMap { ($0.guardCondition.map { [$0] } ?? []) + [$0.condition] }
  }
}

extension ActionHead.Kind {
  /// The word that it starts with.
  fileprivate var word: String {
    switch self {
    case .kind: "kind"
    case .guarded: "guarded by"
    case .effect: "effect"
    case .impact: "impact"
    case .rollback: "rollback"
    case .irreversible: "irreversible"
    case .breakGlass: "breakGlass"
    case .delegate: "delegate labelled"
    }
  }
}

extension ActionItem.Kind {
  /// The word that it starts with.
  fileprivate var word: String {
    switch self {
    case .run: "run"
    case .http: "http"
    case .secrets: "secrets"
    case .timeout: "timeout"
    case .idempotent: "idempotent"
    }
  }
}
