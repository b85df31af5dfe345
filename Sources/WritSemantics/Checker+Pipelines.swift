// Pipelines: their heads and stages, in which order those run, and whether production is verified.

import WritModel
import WritSyntax
import WritText

/// The heads of a pipeline by their form, the first of each.
private struct PipelineHeads {
  var concurrency: PipelineConcurrency?
  var deadline: Int64?
  var unverified: SourceRange?
  var freeze: Expression?
  var gives: OutputSyntax?
  var isWhole = true
}

/// What a stage comes after, and how that must have ended.
private struct StageOrder {
  var after: [Int] = []
  var results: [StageResults] = []
}

/// The heads of a stage by their form, the first of each.
private struct StageHeads {
  var condition: Expression?
  /// As in `PipelineStage.limit`.
  var limit: Int? = 1
  var responses: [ResponseSyntax] = []
  var isWhole = true
}

extension Checker {
  /// All pipelines, those that others run before them; actions and gates are known.
  mutating func checkPipelines() {
    for position in pipelines.indices {
      module = pipelines[position].module
      pipelines[position].signature = signature(
        pipelines[position].declaration.parameters, of: "a pipeline", allowsSets: false)
    }
    for case .pipeline(let position) in callOrder(of: pipelines.indices.map { .pipeline($0) }) {
      module = pipelines[position].module
      let typed = pipeline(pipelines[position])
      pipelines[position].typed = typed
      if let typed { pipelines[position].extent = typed.extent }
    }
    tellUnguardedWays()
  }

  /// One pipeline; `nil` once what is wrong with it is reported.
  private mutating func pipeline(_ entry: PipelineEntry) -> TypedPipeline? {
    let declaration = entry.declaration
    let heads = heads(of: declaration)
    let (depth, known) = (scope.depth, scope.facts.mark)
    let variables = declareParameters(entry.signature)
    var draft = PipelineDraft()
    draft.concurrency = heads.concurrency
    draft.asksForResults = declaration.asksForResults
    let freeze = heads.freeze.map { self.freeze($0, of: declaration, &draft) }
    for case .output(let output) in declaration.allSteps.flatMap(\.allOptions) {
      outputsOfPipeline[ByteText(output.name.text)] = output.name.range
    }
    defer {
      outputsOfPipeline = [:]
      resultReads = [:]
    }
    var parts: [PartInSightNamed] = []
    let stages = stages(of: declaration, &parts, &draft)
    let hooks = hooks(of: declaration, parts, &draft)
    scope.pop(to: depth)
    scope.facts.forget(since: known)
    guard var stages, var hooks else { return nil }
    (stages, hooks) = draft.keepAskedMarks(stages, hooks)
    noteUnguardedWays(stages, hooks, of: declaration.name, draft)
    let isVerified = holdVerified(stages, hooks, draft, heads.unverified)
    let isUntainted = holdTainted(stages, hooks, draft)
    let gives = heads.gives.map { given($0, draft) }
    guard isVerified, isUntainted, let variables, let freeze = given(freeze), heads.isWhole,
      let gives = given(gives)
    else { return nil }
    return TypedPipeline(
      name: declaration.name.text, parameters: variables, concurrency: heads.concurrency,
      deadlineMicroseconds: heads.deadline, isUnverified: heads.unverified != nil,
      freeze: freeze.index, stages: stages, hooks: hooks, values: draft.values,
      places: draft.places,
      range: declaration.range,
      outputs: draft.outputs, gives: gives.index)
  }

  /// `freeze when …`: a condition that can hold, and need not.
  private mutating func freeze(
    _ syntax: Expression, of declaration: PipelineDeclaration, _ draft: inout PipelineDraft
  ) -> Int? {
    guard let condition = condition(syntax) else { return nil }
    switch truth(condition) {
    case true?:
      report(
        .neverRuns(
          "the pipeline `\(declaration.name.text)`", "its freeze is always on", at: syntax.range))
    case false?: report(.needlessFreeze(at: syntax.range))
    case nil: break
    }
    return draft.add(condition)
  }

  /// Of heads that repeat the first counts.
  private mutating func heads(of declaration: PipelineDeclaration) -> PipelineHeads {
    var heads = PipelineHeads()
    var first: [String: SourceRange] = [:]
    for head in declaration.heads {
      guard isFirst(head.kind.word, head.range, &first) else {
        heads.isWhole = false
        continue
      }
      switch head.kind {
      case .concurrency(let group, let max, let supersedes):
        let limit = max.map { atOnce($0) } ?? .some(1)
        guard let limit, !group.isMissing else {
          heads.isWhole = false
          continue
        }
        heads.concurrency = PipelineConcurrency(
          group: group.text, limit: limit, supersedes: supersedes)
      case .deadline(let duration):
        heads.deadline = span(duration, "a deadline")
        if heads.deadline == nil { heads.isWhole = false }
      case .unverified: heads.unverified = head.range
      case .freeze(let condition): heads.freeze = condition
      case .gives(let output): heads.gives = output
      }
    }
    return heads
  }

  /// What a pipeline does to production is looked at behind it, unless it says that it is not; false once it is told.
  private mutating func holdVerified(
    _ stages: [PipelineStage], _ hooks: [PipelineHook], _ draft: PipelineDraft,
    _ unverified: SourceRange?
  ) -> Bool {
    let onProduction = actions.indices.filter { actions[$0].typed?.effect == .production }
    let looking = actions.indices.filter { position in
      actions[position].typed.map { $0.isRequest && $0.effect == .none } ?? false
    }
    let found = stages.unverified(
      hooks: hooks, onProduction: Set(onProduction), looking: Set(looking))
    if let unverified {
      // Of an action that is wrong it is not known what it touches.
      let areKnown = actions.allSatisfy { $0.typed != nil }
      if found.isEmpty, areKnown { report(.needlessUnverified(at: unverified)) }
      return !(found.isEmpty && areKnown)
    }
    var told: Set<SourceRange> = []
    for (path, place) in found where told.insert(draft.shown(place)).inserted {
      report(.unverifiedProduction(path, at: draft.shown(place)))
    }
    return found.isEmpty
  }
}

// What agents say.
extension Checker {
  /// The word of an agent gets into production only through a gate that is handed it; false once it is told.
  private mutating func holdTainted(
    _ stages: [PipelineStage], _ hooks: [PipelineHook], _ draft: PipelineDraft
  ) -> Bool {
    let typed = actions.map(\.typed)
    let undecided = undecidedParameters(
      typed.map { action in
        (
          action?.parameters.count ?? 0, action?.effect == .production,
          action?.guardedBy?.arguments ?? [],
          action?.rollback.map { ($0.target, $0.arguments) }
        )
      })
    let found = stages.tainted(hooks: hooks, undecided: undecided) { value in
      draft.values[value].reads.map(\.output)
    }
    var told: Set<[Int]> = []
    for argument in found where told.insert([argument.place, argument.parameter]).inserted {
      guard let action = typed[argument.action] else { continue }
      report(
        .tainted(
          action.parameters[argument.parameter].name, of: action.name,
          argument.origin + [argument.path.joined(separator: "/")],
          at: draft.shown(argument.place)))
    }
    return found.isEmpty
  }
}

// Stages.
extension Checker {
  /// - Parameter parts: They, as conditions ask for them.
  private mutating func stages(
    of declaration: PipelineDeclaration, _ parts: inout [PartInSightNamed],
    _ draft: inout PipelineDraft
  ) -> [PipelineStage]? {
    if declaration.stages.isEmpty {
      report(
        .neverRuns(
          "the pipeline `\(declaration.name.text)`", "it has no stages", at: declaration.name.range)
      )
    }
    holdDistinct(declaration.stages.map(\.name), "stage")
    let places = PartPlaces(declaration.stages.map(\.name.text))
    let orders = declaration.stages.indices.map { order(of: $0, declaration.stages, places) }
    var stages: [PipelineStage?] = []
    let before = orders.map { $0?.after ?? [] }
    // Those alone behind which what a stage gives out is surely there.
    let well = orders.map { $0?.firm ?? [] }
    var given: [[OutputGift]] = []
    var isGiven = false
    // All stages so far, which those see that come one after another.
    var chain: PartsInSight = [:]
    var isChain = true
    for (index, (stage, order)) in zip(declaration.stages, orders).enumerated() {
      draft.gifts = []
      let seen = isGiven ? gifts(given, to: index, before, well) : []
      let mark = draft.addMark()
      isChain = isChain && before[index] == (index == 0 ? [] : [index - 1])
      if draft.asksForResults {
        draft.parts = isChain ? chain : placesBefore(index, before).map { parts[$0] }.over([:])
      }
      stages.append(
        seeing(seen, &draft) { checker, draft in
          checker.stage(stage, order, mark: mark, &draft)
        })
      let part = PartInSightNamed(stage, mark: mark)
      parts.append(part)
      draft.parts = [:]
      if isChain { chain[ByteText(part.name)] = part.part }
      given.append(draft.gifts)
      isGiven = isGiven || !draft.gifts.isEmpty
    }
    draft.gifts = given.flatMap { $0 }
    guard let after = whole(orders)?.map(\.after), !declaration.stages.isEmpty else { return nil }
    if let circle = circle(in: after) {
      let names = circle.map { declaration.stages[$0].name }
      report(.orderCycle(names.map(\.text) + [names[0].text], "stages", at: names[0].range))
      return nil
    }
    return whole(stages)
  }

  /// The stages that one comes after: those that it names, or the one before it.
  private mutating func order(
    of position: Int, _ stages: [StageSyntax], _ places: PartPlaces
  ) -> StageOrder? {
    var named: [AfterSyntax]?
    for case .after(let names) in stages[position].heads.map(\.kind) { named = named ?? names }
    guard let named else { return StageOrder(after: position == 0 ? [] : [position - 1]) }
    holdDistinct(named.map(\.stage), "stage")
    let after = indexes(of: named.map(\.stage), "stage", among: places)
    var wanted: [StageResults?] = []
    for stage in named where !stage.results.isEmpty {
      guard let place = places[stage.stage.text] else { continue }
      let possible = stages[place].possibleResults
      let results = results(stage.results, of: stage.stage.text, possible: possible)
      wanted.append(results.map { StageResults(stage: place, results: $0) })
    }
    guard let after, let results = whole(wanted) else { return nil }
    return StageOrder(after: after, results: results.sorted { $0.stage < $1.stage })
  }

  /// Where names stand among those that are known, rising; `nil` once one that does not is reported.
  mutating func indexes(of names: [Name], _ sort: String, among known: PartPlaces) -> [Int]? {
    var found: [Int?] = []
    for name in names {
      let index = known[name.text]
      if index == nil, !name.isMissing {
        let nearest = nearest(name.text, known.names)
        report(.unknownPart(name, sort, nearest: nearest, known: known.names))
      }
      found.append(index)
    }
    return whole(found).map { Set($0).sorted() }
  }

  private mutating func stage(
    _ syntax: StageSyntax, _ order: StageOrder?, mark: Int, _ draft: inout PipelineDraft
  ) -> PipelineStage? {
    let heads = heads(of: syntax)
    let place = draft.place(syntax.name.range, base: syntax.name.text)
    let condition = heads.condition.map { stepCondition($0, "this stage", &draft) }
    let areOwn = holdStrategies(heads.responses)
    let responses = areOwn ? responses(heads.responses) : nil
    let labels = syntax.allSteps.flatMap(\.labels)
    draft.enterStage(labels: labels.map(\.text))
    holdDistinct(labels, "step")
    if syntax.steps.isEmpty {
      report(.neverRuns("this stage", "it has no steps", at: syntax.name.range))
    }
    let steps = steps(syntax.steps, limit: heads.limit, depth: 1, &draft)
    let ended = HookedPart(
      own: (syntax.name.text, mark), parts: draft.row, gifts: draft.gifts)
    let hooks = hooks(syntax.hooks, depth: 2, of: ended, &draft)
    draft.gifts = draft.gifts.through(
      isSure: heads.condition == nil && !heads.responses.ignoreAny)
    guard heads.isWhole, let order, let steps, let responses, let hooks,
      !syntax.name.isMissing, !steps.isEmpty, let condition = given(condition)
    else { return nil }
    holdStepNames(steps + hooks.flatMap(\.steps), labels, draft)
    return PipelineStage(
      name: syntax.name.text, place: place, after: order.after, results: order.results,
      condition: condition.index, limit: heads.limit, responses: responses, steps: steps,
      hooks: hooks, mark: mark)
  }

  /// Names of steps within one stage, or one set of hooks, whose labels are known to be distinct or are told not to be.
  mutating func holdStepNames(_ steps: [PipelineStep], _ labels: [Name], _ draft: PipelineDraft) {
    guard Set(labels.map(\.text)).count == labels.count else { return }
    var first: [String: Int] = [:]
    for step in steps { holdStepNames(step, draft, &first) }
  }

  /// A label in backticks may look like the step of a matrix, ``step `unit[linux]` ``, and so may two values of one: names
  /// that look the same are the same.
  private mutating func holdStepNames(
    _ step: PipelineStep, _ draft: PipelineDraft, _ first: inout [String: Int]
  ) {
    // The names of a nested pipeline are its own.
    guard draft.callers[step.place] == nil else { return }
    if let earlier = first.updateValue(step.place, forKey: step.name),
      !repeated.contains(draft.places[step.place])
    {
      let name = Name(text: step.name, range: draft.places[step.place])
      reportRepeated(name, "step", first: draft.places[earlier])
    }
    for step in step.within.flatMap(\.steps) { holdStepNames(step, draft, &first) }
  }

  /// Of heads that repeat the first counts.
  private mutating func heads(of stage: StageSyntax) -> StageHeads {
    var heads = StageHeads()
    var first: [String: SourceRange] = [:]
    for head in stage.heads {
      guard isFirst(head.kind.word, head.range, &first) else {
        heads.isWhole = false
        continue
      }
      switch head.kind {
      case .after: break
      case .when(let condition): heads.condition = condition
      case .parallel(let max):
        heads.limit = max.flatMap { atOnce($0) }
        if max != nil, heads.limit == nil { heads.isWhole = false }
      case .response(let response): heads.responses.append(response)
      }
    }
    return heads
  }
}

// What pipelines, stages and steps share.
extension Checker {
  /// A value that is not there, or is and could be typed; `nil` for one that could not.
  func given(_ value: Int??) -> (index: Int?, Void)? {
    switch value {
    case nil: (nil, ())
    case .some(nil): nil
    case .some(let index?): (index, ())
    }
  }

  /// `when …`: a condition that is not surely false.
  mutating func stepCondition(
    _ syntax: Expression, _ what: String, _ draft: inout PipelineDraft
  ) -> Int? {
    guard let condition = condition(syntax, asking: draft.parts) else { return nil }
    if truth(condition) == false {
      report(.neverRuns(what, "its condition is false", at: syntax.range))
    }
    return draft.add(condition, asking: resultReads)
  }

  /// `on failure ignore`, each trouble once.
  mutating func responses(_ syntax: [ResponseSyntax]) -> [TroubleResponse]? {
    var first: [String: SourceRange] = [:]
    var found: [TroubleResponse?] = []
    for response in syntax {
      let trouble: StepTrouble? = word(response.trouble, "trouble")
      let strategy: TroubleStrategy? = word(response.strategy, "strategy")
      guard let trouble, let strategy,
        isFirst("on \(trouble.rawValue)", response.range, &first)
      else {
        found.append(nil)
        continue
      }
      found.append(TroubleResponse(trouble: trouble, strategy: strategy))
    }
    return whole(found)
  }

  /// How many at once.
  mutating func atOnce(_ syntax: IntegerLiteral) -> Int? {
    number(syntax, in: PipelineBounds.atOnce, "at once there can be")
  }

  /// A number within bounds.
  mutating func number(
    _ syntax: IntegerLiteral, in bounds: ClosedRange<Int64>, _ what: String
  ) -> Int? {
    guard let value = syntax.value else { return nil }
    guard bounds.contains(value) else {
      report(
        .pipelineBound("\(what) \(bounds.lowerBound) to \(bounds.upperBound)", at: syntax.range))
      return nil
    }
    return Int(value)
  }

  /// A time in microseconds, as long as a step may wait.
  mutating func span(
    _ syntax: DurationLiteral, _ what: String,
    in bounds: ClosedRange<Int64> = PipelineBounds.wait
  ) -> Int64? {
    guard let value = syntax.microseconds else { return nil }
    guard bounds.contains(value) else {
      let most = Duration(microseconds: bounds.upperBound)
      let least = bounds.lowerBound > 0 ? "longer than nothing and " : ""
      report(.pipelineBound("\(what) is \(least)at most `\(most)`", at: syntax.range))
      return nil
    }
    return value
  }
}

/// Stages or steps by name; of names that repeat the first counts. Made once for all that stand beside each other.
struct PartPlaces {
  let names: [String]
  private let places: [ByteText: Int]

  init(_ names: [String]) {
    self.names = names
    places = Dictionary(
      zip(names.map { ByteText($0) }, names.indices), uniquingKeysWith: { first, _ in first })
  }

  subscript(name: String) -> Int? { places[ByteText(name)] }
}

extension StageOrder {
  /// Those that it comes after of which what they give out is there: they have succeeded, or gone well.
  fileprivate var firm: [Int] {
    after.filter { stage in
      results.allSatisfy { $0.stage != stage || $0.results == [.succeeded] }
    }
  }
}

extension StageSyntax {
  /// As stages behind it see it. It may be skipped because of another one, too.
  var possibleResults: Set<PartResult> {
    let responses = heads.compactMap { head in
      if case .response(let response) = head.kind { response } else { nil }
    }
    return PartResult.possible(isConditional: true, responses)
  }
}

extension PipelineHead.Kind {
  /// The word that it starts with.
  fileprivate var word: String {
    switch self {
    case .concurrency: "concurrency"
    case .deadline: "deadline"
    case .unverified: "unverified"
    case .freeze: "freeze"
    case .gives: "gives"
    }
  }
}

extension StageHead.Kind {
  /// The word that it starts with, and what tells several of it apart.
  fileprivate var word: String {
    switch self {
    case .after: "after"
    case .when: "when"
    case .parallel: "parallel"
    case .response(let response): "on \(response.trouble.text)"
    }
  }
}
