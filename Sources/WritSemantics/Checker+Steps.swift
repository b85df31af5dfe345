// Steps of pipelines: what they do, how, and on what they wait.

import WritModel
import WritSyntax
import WritText

extension Checker {
  /// Steps beside each other. `name`: what a step that stands alone and has no label is called.
  mutating func steps(
    _ syntax: [PipelineStepSyntax], limit: Int?, depth: Int, name: String? = nil,
    _ draft: inout PipelineDraft
  ) -> [PipelineStep]? {
    guard let first = syntax.first else { return [] }
    guard depth <= PipelineBounds.depth else {
      report(
        .pipelineSize("steps within each other", limit: PipelineBounds.depth, at: first.range))
      return nil
    }
    let sole = syntax.count == 1 ? name : nil
    let names = syntax.map { step in
      step.label?.text ?? sole ?? draft.name(like: step.work.defaultName)
    }
    let places = PartPlaces(names)
    var steps: [PipelineStep?] = []
    let outer = draft.gifts
    var given: [[OutputGift]] = []
    var all: [OutputGift] = []
    // One after another each has seen all before it.
    let before = limit == 1 ? nil : before(syntax, places)
    let outerParts = draft.parts
    var row: [PartInSightNamed] = []
    var partsBefore = outerParts
    for (index, (step, name)) in zip(syntax, names).enumerated() {
      draft.gifts = []
      let mark = draft.addMark()
      if draft.asksForResults {
        draft.parts =
          before.map { placesBefore(index, $0).map { row[$0] }.over(outerParts) } ?? partsBefore
      }
      let seen = all.isEmpty ? [] : before.map { gifts(given, to: index, $0) } ?? all
      steps.append(
        seeing(seen, &draft) { checker, draft in
          checker.step(step, name, mark: mark, beside: places, depth: depth, &draft)
        })
      let part = PartInSightNamed(step, name: name, mark: mark)
      row.append(part)
      if draft.asksForResults {
        // Held once, so that it need not be copied for each step.
        draft.parts = [:]
        partsBefore[ByteText(name)] = part.part
      }
      given.append(draft.gifts)
      all += draft.gifts
    }
    draft.gifts = outer + all
    draft.parts = outerParts
    draft.row = row
    guard let steps = whole(steps) else { return nil }
    if let circle = circle(in: steps.before(limit: limit)) {
      let place = syntax[circle[0]].range
      report(.orderCycle((circle + [circle[0]]).map { names[$0] }, "steps", at: place))
      return nil
    }
    return steps
  }

  /// For each of steps side by side those that it needs, as far as they are there.
  private func before(_ syntax: [PipelineStepSyntax], _ places: PartPlaces) -> [[Int]] {
    syntax.map { step in
      step.options.flatMap { option -> [Int] in
        guard case .needs(let names) = option.kind else { return [] }
        return names.compactMap { places[$0.text] }
      }
    }
  }

  private mutating func step(
    _ syntax: PipelineStepSyntax, _ name: String, mark: Int, beside others: PartPlaces,
    depth: Int, _ draft: inout PipelineDraft
  ) -> PipelineStep? {
    var options = options(of: syntax)
    let place = draft.place(syntax.range, base: name)
    let size = syntax.work.ownSize
    guard draft.count(size) else {
      report(draft.tooLarge(size, at: syntax.range))
      return nil
    }
    let needs = indexes(of: options.needs, "step", among: others)
    let condition = options.condition.map { stepCondition($0, "this step", &draft) }
    let responses = responses(options.responses)
    if depth == 1 { options.isWhole = holdStrategies(options.responses) && options.isWhole }
    let retry = options.retry.map { self.retry($0) }
    let timeout = options.timeout.map {
      span($0, "a timeout", in: ActionTimeout.microseconds)
    }
    let deadline = options.deadline.map { span($0, "a deadline") }
    var nested = NestedRest()
    draft.row = []
    let work = work(syntax, name, place, depth: depth, &draft, &nested)
    let made = draft.gifts
    draft.gifts = draft.gifts.through(isSure: options.isSure)
    if case .pipeline(let call) = syntax.work, let output = options.output {
      let isKnown =
        work == nil
        || alias(
          output, of: nested.gives, call.call.name, isSure: options.isSure, &draft)
      options.isWhole = options.isWhole && isKnown
      options.output = nil
    }
    let output = options.output.map { declareOutput($0, isSure: options.isSure, &draft) }
    if case .action(let action, _)? = work, let output = options.output,
      let typed = actions[action].typed, !typed.hasAnswer
    {
      report(.answerless(typed.name, at: output.name.range))
      return nil
    }
    let own = draft.gifts.dropFirst(made.count).map { OutputGift(output: $0.output, isSure: true) }
    let ended = HookedPart(own: (name, mark), parts: draft.row, gifts: made + own)
    let hooks = hooks(options.hooks, depth: depth + 2, of: ended, &draft)
    guard options.isWhole, !isWrong(output), let needs, let responses, let work, let hooks,
      let condition = given(condition),
      !isWrong(retry), !isWrong(timeout), !isWrong(deadline)
    else { return nil }
    return PipelineStep(
      name: name, place: place, work: work, needs: needs, condition: condition.index,
      retry: retry ?? nil, timeout: timeout ?? nil,
      deadline: [deadline ?? nil, nested.deadline].compactMap { $0 }.min(),
      isIdempotent: options.isIdempotent, responses: responses, output: output ?? nil,
      inSight: draft.inSight.sorted(), hooks: hooks, mark: mark)
  }

  /// It is there and could not be typed.
  private func isWrong<Value>(_ value: Value??) -> Bool {
    if case .some(nil) = value { true } else { false }
  }

  private mutating func work(
    _ syntax: PipelineStepSyntax, _ name: String, _ place: Int, depth: Int,
    _ draft: inout PipelineDraft, _ rest: inout NestedRest
  ) -> PipelineWork? {
    switch syntax.work {
    case .run(let words): return run(words, &draft)
    case .call(let call): return action(call, &draft)
    case .gate(let call): return gate(call, &draft)
    case .pipeline(let call):
      let nested = nested(call, name, depth: depth, &draft)
      if let nested { rest = nested.rest }
      return nested?.work
    case .approve(let approve): return approval(approve, &draft)
    case .wait(let duration): return span(duration, "a wait").map { .wait($0) }
    case .agent(let agent): return self.agent(agent, &draft)
    case .matrix(let matrix):
      let label = syntax.label?.text
      return self.matrix(matrix, label, place, depth: depth, syntax.range, &draft)
    case .loop(let loop): return self.loop(loop, depth: depth, &draft)
    case .parallel(let max, let steps):
      let limit = max.map { atOnce($0) }
      if steps.isEmpty { report(.neverRuns("this step", "it has no steps", at: syntax.range)) }
      guard let steps = self.steps(steps, limit: limit ?? nil, depth: depth + 1, &draft),
        !steps.isEmpty, !isWrong(limit)
      else { return nil }
      return .group(limit: limit ?? nil, steps)
    }
  }
}

// What a step does.
extension Checker {
  private mutating func run(
    _ words: [ActionWord], _ draft: inout PipelineDraft
  ) -> PipelineWork? {
    guard let command = command(words) else { return nil }
    return .run(command.map { word($0, &draft) })
  }

  private func word(_ parts: [MessagePart], _ draft: inout PipelineDraft) -> PipelineWord {
    PipelineWord(
      pieces: parts.map { part in
        switch part {
        case .text(let text): .text(text)
        case .value(let value): .value(draft.add(value))
        }
      })
  }

  private mutating func agent(
    _ syntax: AgentSyntax, _ draft: inout PipelineDraft
  ) -> PipelineWork? {
    let task = wordText(syntax.task)
    let time = span(syntax.time, "the time of an agent", in: ActionTimeout.microseconds)
    let calls = number(syntax.calls, in: PipelineBounds.calls, "calls of tools are")
    let tokens = number(syntax.tokens, in: PipelineBounds.tokens, "tokens are")
    guard let task, let time, let calls, let tokens, !syntax.name.isMissing else { return nil }
    return .agent(
      PipelineAgent(
        name: syntax.name.text, task: word(task, &draft), time: time, calls: calls,
        tokens: Int64(tokens)))
  }

  private mutating func action(
    _ call: StepCall, _ draft: inout PipelineDraft
  ) -> PipelineWork? {
    guard let entity = lookUp(call.call.name, in: \.values, .action) else { return nil }
    guard case .action(let action) = entity else {
      // Behind a run a call begins a step.
      let hint =
        switch entity {
        case .rule: ", or brackets around a word that is a call"
        case .pipeline: "; a step that is a pipeline is `pipeline \(call.call.name.text)(…)`"
        default: ""
        }
      report(.misusedName(call.call.name, is: entity, expected: "an action" + hint))
      return nil
    }
    holdOrdinary(action, at: call.call.name)
    return arguments(call, actions[action].signature, &draft).map {
      .action(action, arguments: $0)
    }
  }

  private mutating func gate(_ call: StepCall, _ draft: inout PipelineDraft) -> PipelineWork? {
    guard let entity = lookUp(call.call.name, in: \.values, .gate) else { return nil }
    guard case .gate(let gate) = entity else {
      report(.misusedName(call.call.name, is: entity, expected: "a gate"))
      return nil
    }
    return arguments(call, gates[gate].signature, &draft).map { .gate(gate, arguments: $0) }
  }

  private mutating func arguments(
    _ call: StepCall, _ signature: [Signature], _ draft: inout PipelineDraft
  ) -> [Int]? {
    fixedArguments(call, signature)?.map { draft.add($0) }
  }

  /// In the order of the parameters, and the same whenever and by whomever they are asked for.
  mutating func fixedArguments(
    _ call: StepCall, _ signature: [Signature]
  ) -> [TypedExpression]? {
    guard let values = arguments(call.call, signature, call.range),
      signature.allSatisfy({ $0.type != nil })
    else { return nil }
    var isWhole = true
    for value in values {
      guard let moment = moment(in: [value]) else { continue }
      report(.argumentMoment(moment.what, at: value.range, note: moment.range))
      isWhole = false
    }
    return isWhole ? values : nil
  }

  private mutating func approval(
    _ syntax: ApproveSyntax, _ draft: inout PipelineDraft
  ) -> PipelineWork? {
    var rules: [PipelineApprovers?] = []
    for (place, rule) in syntax.rules.enumerated() {
      if let first = syntax.rules[..<place].first(where: { $0.role.text == rule.role.text }),
        !rule.role.isMissing
      {
        reportRepeated(rule.role, "role of this approval", first: first.role.range)
        rules.append(nil)
      }
      rules.append(approvers(rule, &draft))
    }
    if rules.count > Limits.approvalsTogether {
      report(
        .tooMany(
          "approvals asked for together", limit: Limits.approvalsTogether,
          at: syntax.rules[0].role.range))
      return nil
    }
    let within = span(syntax.within, "the time for an approval")
    let whole = rules.compactMap { $0 }
    guard let within, whole.count == rules.count else { return nil }
    return .approval(PipelineApproval(whole, within: within))
  }

  private mutating func approvers(
    _ syntax: ApproveRuleSyntax, _ draft: inout PipelineDraft
  ) -> PipelineApprovers? {
    let role = lookUp(syntax.role, in: \.roles, .role)
    let count = syntax.count.map {
      number($0, in: PipelineBounds.approvers, "people who approve are")
    }
    let except = syntax.except.map { expression($0) }
    if let except = except ?? nil {
      guard case .node = except.type.element ?? except.type.unwrapped else {
        report(.exceptNodes(index.describe(except.type), at: except.range))
        return nil
      }
    }
    guard role != nil, !isWrong(count), !isWrong(except) else { return nil }
    return PipelineApprovers(
      role: syntax.role.text, count: (count ?? nil) ?? 1,
      except: (except ?? nil).map { draft.add($0) })
  }

  private mutating func loop(
    _ syntax: RepeatSyntax, depth: Int, _ draft: inout PipelineDraft
  ) -> PipelineWork? {
    let interval = span(syntax.interval, "the time from one round to the next")
    let most = number(syntax.most, in: PipelineBounds.rounds, "rounds are")
    let steps = steps(syntax.steps, limit: 1, depth: depth + 1, &draft)
    // What a round gave out is looked at behind it.
    let parts = draft.row.over(draft.parts)
    let until = seeing(draft.gifts, &draft) { checker, _ in
      checker.condition(syntax.until, asking: parts)
    }
    let unchanged = syntax.unchanged.map { self.unchanged($0, of: most, steps) }
    guard let interval, let most, let until, let steps, !isWrong(unchanged) else { return nil }
    return .loop(
      PipelineLoop(
        interval: interval, most: most, unchanged: unchanged ?? nil,
        until: draft.add(until, asking: resultReads), steps: steps))
  }

  /// `unchanged 3`: fewer rounds than there are, of steps of which one gives something out.
  private mutating func unchanged(
    _ syntax: IntegerLiteral, of most: Int?, _ steps: [PipelineStep]?
  ) -> Int? {
    let bounds = 2...PipelineBounds.rounds.upperBound
    guard let rounds = number(syntax, in: bounds, "rounds that give out the same are"), let most,
      let steps
    else { return nil }
    guard rounds < most else {
      report(
        .needlessUnchanged("after `at most \(most)` rounds it ends anyway", at: syntax.range))
      return nil
    }
    guard steps.contains(where: \.tellsSomething) else {
      report(
        .needlessUnchanged(
          "no step of it is a run, an agent or an action, so that each round is like the one before",
          at: syntax.range))
      return nil
    }
    return rounds
  }

  /// `on failure stage` of a step that stands in its stage itself; false once it is told.
  mutating func holdStrategies(_ responses: [ResponseSyntax]) -> Bool {
    var isWhole = true
    for response in responses where response.strategy.text == TroubleStrategy.stage.rawValue {
      report(.needlessStage(response.trouble.text, at: response.range))
      isWhole = false
    }
    return isWhole
  }
}

// Matrices.
extension Checker {
  /// Its steps are checked once, with a variable; what they come to for each value follows from that.
  private mutating func matrix(
    _ syntax: MatrixSyntax, _ label: String?, _ place: Int, depth: Int, _ range: SourceRange,
    _ draft: inout PipelineDraft
  ) -> PipelineWork? {
    let values = matrixValues(syntax)
    let limit = syntax.max.map { atOnce($0) }
    let outside = draft.combinations
    let (combinations, overflows) = outside.multipliedReportingOverflow(by: syntax.values.count)
    let fits = (1...PipelineBounds.combinations).contains(combinations) && !overflows
    if !fits { report(.matrixSize(combinations, at: syntax.valuesRange)) }
    if fits { draft.combinations = combinations }
    defer { draft.combinations = outside }
    let (frame, known, mark) = (scope.depth, scope.facts.mark, draft.values.count)
    let (outputMark, markMark) = (draft.outputs.count, draft.markCount)
    let variable = declareVariable(syntax.variable, .variable, values?.first?.expression.type)
    let inner = depth + (syntax.steps.count > 1 ? 2 : 1)
    let steps = steps(syntax.steps, limit: 1, depth: inner, name: label, &draft)
    // What one combination gives out nobody else can name.
    draft.gifts = []
    draft.row = []
    scope.pop(to: frame)
    scope.facts.forget(since: known)
    if syntax.steps.isEmpty {
      report(.neverRuns("this step", "it has no steps", at: range))
    }
    guard fits, let values, let variable, let steps, !steps.isEmpty, !isWrong(limit) else {
      return nil
    }
    let matrix = TypedMatrix(
      variable: variable, values: values, limit: limit ?? nil, steps: steps, place: place,
      mark: mark, outputMark: outputMark, markMark: markMark)
    guard let work = draft.unroll(matrix) else {
      report(draft.tooLarge(draft.added(by: matrix), at: range))
      return nil
    }
    return work
  }

  /// Fixed values of one type, each once.
  private mutating func matrixValues(
    _ syntax: MatrixSyntax
  ) -> [(text: String, expression: TypedExpression)]? {
    var type: ValueType?
    var seen: Set<ByteText> = []
    var found: [(text: String, expression: TypedExpression)?] = []
    for value in syntax.values.prefix(PipelineBounds.combinations + 1) {
      let typed = type.map { expression(value, as: $0) } ?? expression(value)
      type = type ?? typed?.type
      guard let typed else {
        found.append(nil)
        continue
      }
      guard let text = fixedText(of: typed) else {
        report(.openMatrixValue(at: value.range))
        found.append(nil)
        continue
      }
      if !seen.insert(ByteText(text)).inserted {
        report(.repeatedMatrixValue(at: value.range))
        found.append(nil)
      } else {
        found.append((text, typed))
      }
    }
    return whole(found)
  }

  /// What tells a fixed value from others of its type; `nil` for one that is not fixed.
  private func fixedText(of value: TypedExpression) -> String? {
    switch value.form {
    case .constant(let constant): index.text(of: constant, value.type)
    case .nodeLiteral(_, let id): id
    default: nil
    }
  }
}

extension PipelineStep {
  /// Its rounds can differ in what programs print and give out.
  fileprivate var tellsSomething: Bool {
    switch work {
    case .run, .action, .agent: true
    case .group(_, let steps): steps.contains(where: \.tellsSomething)
    case .loop(let loop): loop.steps.contains(where: \.tellsSomething)
    case .gate, .approval, .wait: false
    }
  }
}

extension StepWork {
  /// What a step without a label is called.
  fileprivate var defaultName: String {
    switch self {
    case .run: "run"
    case .call(let call), .gate(let call), .pipeline(let call): call.call.name.text
    case .approve: "approve"
    case .wait: "wait"
    case .matrix: "matrix"
    case .loop: "repeat"
    case .parallel: "parallel"
    case .agent(let agent): agent.name.text
    }
  }
}

extension PipelineStepSyntax {
  /// Its own and those of the steps within.
  var labels: [Name] { (label.map { [$0] } ?? []) + within.flatMap(\.labels) }

  /// Its own and those of the steps within.
  var allOptions: [StepOption.Kind] { options.map(\.kind) + within.flatMap(\.allOptions) }

  /// Those that it consists of, and those of its hooks.
  var within: [PipelineStepSyntax] {
    let parts: [PipelineStepSyntax] =
      switch work {
      case .matrix(let matrix): matrix.steps
      case .loop(let loop): loop.steps
      case .parallel(_, let steps): steps
      case .run, .call, .gate, .pipeline, .approve, .wait, .agent: []
      }
    return parts
      + options.flatMap { option -> [PipelineStepSyntax] in
        if case .hook(let hook) = option.kind { hook.steps } else { [] }
      }
  }
}
