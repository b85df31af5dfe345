// The verifier's rules about pipelines: bounds, orders that end, no production unguarded or unverified.
import WritModel

extension EntryVerifier {
  /// Every pipeline; actions are verified before.
  func verifyPipelines() throws(VerifyError) {
    try VerifierRules(.program).distinct(program.pipelines.map(\.name), of: "pipeline")
    let onProduction = program.actions.indices.filter {
      program.actions[$0].effect == .production
    }
    for (index, pipeline) in program.pipelines.enumerated() {
      let rules = VerifierRules(.entry(.pipelines, index))
      try verify(pipeline, rules)
      var verifier = StepVerifier(entries: self, pipeline: pipeline, index: index)
      try verifier.verify()
      if let first = program.tainted(in: pipeline).first {
        throw VerifyError(
          .step(pipeline: index, path: first.path.joined(separator: "/")), .tainted)
      }
      for way in program.guardedPaths(of: pipeline) where way.gate == nil {
        throw VerifyError(
          .step(pipeline: index, path: way.path.joined(separator: "/")), .unguarded)
      }
      guard !pipeline.isUnverified else { continue }
      let looking = program.actions.indices.filter { program.actions[$0].looks }
      let unverified = pipeline.stages.unverified(
        hooks: pipeline.hooks, onProduction: Set(onProduction), looking: Set(looking))
      if let first = unverified.first {
        throw VerifyError(
          .step(pipeline: index, path: first.path.joined(separator: "/")), .unverified)
      }
    }
  }

  /// What is said of all of it, and the values.
  private func verify(
    _ pipeline: PipelineProgram, _ rules: VerifierRules
  ) throws(VerifyError) {
    try rules.text(pipeline.position, of: "position")
    try rules.variables(pipeline.parameters, of: "parameter", in: program.schema)
    for parameter in pipeline.parameters {
      try rules.require(parameter.type.isSingle, .badType("parameter"))
    }
    if let concurrency = pipeline.concurrency {
      try rules.name(concurrency.group, of: "group")
      try rules.value(Int64(concurrency.limit), of: "limit", in: PipelineBounds.atOnce)
    }
    try rules.value(
      pipeline.deadline ?? PipelineBounds.wait.lowerBound, of: "deadline", in: PipelineBounds.wait)
    try rules.count(
      pipeline.places.count, of: "places", atMost: PipelineBounds.steps * 2 + PipelineBounds.groups)
    for place in pipeline.places { try rules.text(place, of: "place") }
    try rules.count(pipeline.outputs.count, of: "outputs", atMost: PipelineBounds.outputs)
    try rules.variables(pipeline.outputs, of: "output", in: program.schema)
    for output in pipeline.outputs {
      try rules.require(output.type.isSingle, .badType("output"))
    }
    let marks = pipeline.marks
    try rules.require(marks.sorted() == Array(marks.indices), .badMarks)
    try rules.count(pipeline.values.count, of: "values", atMost: PipelineBounds.values)
    for value in pipeline.values {
      try rules.text(value.text, of: "text")
      try rules.type(value.type, of: "value", in: program.schema)
      try rules.count(value.reads.count, of: "reads", atMost: PipelineBounds.outputs)
      for read in value.reads {
        try rules.index(read.output, of: "output", below: pipeline.outputs.count)
      }
      for ask in value.asks {
        try rules.index(ask.mark, of: "mark", below: marks.count)
        try rules.results(ask.results)
      }
      let inputCount = pipeline.parameters.count + value.reads.count + value.asks.count
      let emission = try emission(of: value.routine, inputCount: inputCount, rules)
      try rules.require(
        emission.captures.count == 1, .captures(emission.captures.count, expected: 1))
      try capture(emission.captures, 0, holds: value.type, rules)
    }
    try rules.require(!pipeline.stages.isEmpty, .empty("stages"))
    try rules.count(pipeline.stages.count, of: "stages", atMost: PipelineBounds.steps)
    try rules.distinct(pipeline.stages.map(\.name), of: "stage")
    for stage in pipeline.stages {
      try rules.order(stage.after, of: "stage", below: pipeline.stages.count)
      try rules.order(stage.results.map(\.stage), of: "stage", below: pipeline.stages.count)
      for result in stage.results {
        try rules.require(
          stage.after.contains(result.stage), .noSuch("stage before", result.stage))
        try rules.results(result.results)
      }
    }
    try rules.require(circle(in: pipeline.stages.map(\.after)) == nil, .orderCycle)
  }
}

/// The stages and steps of one pipeline, whose values are verified.
private struct StepVerifier {
  let entries: EntryVerifier
  let pipeline: PipelineProgram
  let index: Int
  private var size = PipelineSize()
  /// Outputs that a step gives out, of those that were looked at.
  private var given: Set<Int> = []

  init(entries: EntryVerifier, pipeline: PipelineProgram, index: Int) {
    self.entries = entries
    self.pipeline = pipeline
    self.index = index
  }

  private func rules(_ path: [String]) -> VerifierRules {
    VerifierRules(.step(pipeline: index, path: path.joined(separator: "/")))
  }

  mutating func verify() throws(VerifyError) {
    try verifyFreeze(VerifierRules(.entry(.pipelines, index)))
    for stage in pipeline.stages {
      let rules = rules([stage.name])
      try rules.index(stage.place, of: "place", below: pipeline.places.count)
      try condition(stage.condition, rules)
      try rules.responses(stage.responses)
      try rules.require(stage.responses.allSatisfy { $0.strategy != .stage }, .strayOption)
      try rules.require(!stage.steps.isEmpty, .empty("steps"))
      try verify(stage.steps, limit: stage.limit, [stage.name], isHook: false)
      try verify(stage.hooks, [stage.name])
    }
    try verify(pipeline.hooks, [])
  }

  /// What runs once something has ended: each moment once, and steps, which have no say over the run.
  private mutating func verify(
    _ hooks: [PipelineHook], _ path: [String]
  ) throws(VerifyError) {
    // Of the whole pipeline there is no path yet.
    let rules = path.isEmpty ? VerifierRules(.entry(.pipelines, index)) : rules(path)
    try rules.distinct(hooks.map(\.moment.rawValue), of: "hook")
    for hook in hooks {
      let path = path + [hook.moment.rawValue]
      try self.rules(path).require(!hook.steps.isEmpty, .empty("steps"))
      try verify(hook.steps, limit: 1, path, isHook: true)
    }
  }

  /// It is asked of the whole run, which has given out nothing.
  private func verifyFreeze(_ rules: VerifierRules) throws(VerifyError) {
    guard let freeze = pipeline.freeze else { return }
    try condition(freeze, rules)
    let value = pipeline.values[freeze]
    try rules.require(value.reads.isEmpty && value.asks.isEmpty, .badType("freeze"))
  }

  /// Steps beside each other; the path is that of what they stand in.
  private mutating func verify(
    _ steps: [PipelineStep], limit: Int?, _ path: [String], isHook: Bool
  ) throws(VerifyError) {
    let rules = rules(path)
    try rules.count(path.count, of: "steps within each other", atMost: PipelineBounds.depth)
    try rules.value(Int64(limit ?? 1), of: "limit", in: PipelineBounds.atOnce)
    for step in steps {
      size = size + step.work.ownSize
      try rules.count(size.steps, of: "steps", atMost: PipelineBounds.steps)
      try rules.count(size.groups, of: "groups", atMost: PipelineBounds.groups)
      try rules.order(step.needs, of: "step", below: steps.count)
      try verify(step, path + [step.name], isHook: isHook)
    }
    try rules.distinct(steps.map(\.name), of: "step")
    try rules.require(circle(in: steps.before(limit: limit)) == nil, .orderCycle)
  }

  private mutating func verify(
    _ step: PipelineStep, _ path: [String], isHook: Bool
  ) throws(VerifyError) {
    let rules = rules(path)
    try rules.name(step.name, of: "step")
    try rules.index(step.place, of: "place", below: pipeline.places.count)
    try condition(step.condition, rules)
    try rules.responses(step.responses)
    try rules.require(
      !isHook || step.responses.allSatisfy { $0.strategy == .ignore }, .strayOption)
    try rules.options(of: step)
    try verify(step.hooks, path)
    try rules.order(step.inSight, of: "output", below: pipeline.outputs.count)
    if let output = step.output {
      try rules.index(output, of: "output", below: pipeline.outputs.count)
      try rules.require(given.insert(output).inserted, .duplicate("output", step.name))
    }
    switch step.work {
    case .run(let words): try verify(words, rules)
    case .action(let action, let arguments):
      try rules.index(action, of: "action", below: entries.program.actions.count)
      try rules.require(
        entries.program.actions[action].breakGlass == nil, .misplacedBreakGlass)
      try rules.require(
        step.output == nil || entries.program.actions[action].hasAnswer, .strayOption)
      try verify(arguments, for: entries.program.actions[action].parameters, rules)
    case .gate(let gate, let arguments):
      try rules.index(gate, of: "gate", below: entries.program.gates.count)
      try verify(arguments, for: entries.program.gates[gate].parameters, rules)
    case .approval(let approval): try verify(approval, rules)
    case .wait(let time): try rules.value(time, of: "wait", in: PipelineBounds.wait)
    case .agent(let agent):
      try rules.name(agent.name, of: "agent")
      try verify(agent.task, rules)
      try rules.value(agent.time, of: "time", in: ActionTimeout.microseconds)
      try rules.value(Int64(agent.calls), of: "calls", in: PipelineBounds.calls)
      try rules.value(agent.tokens, of: "tokens", in: PipelineBounds.tokens)
    case .group(let limit, let steps):
      try rules.require(!steps.isEmpty, .empty("steps"))
      try verify(steps, limit: limit, path, isHook: isHook)
    case .loop(let loop):
      try rules.value(loop.interval, of: "interval", in: PipelineBounds.wait)
      try rules.value(Int64(loop.most), of: "rounds", in: PipelineBounds.rounds)
      if let unchanged = loop.unchanged {
        try rules.value(Int64(unchanged), of: "unchanged", in: 2...Int64(max(loop.most, 2)))
      }
      try condition(loop.until, rules)
      try verify(loop.steps, limit: 1, path, isHook: isHook)
    }
  }

  /// A value that is a Bool, or nothing.
  private func condition(_ value: Int?, _ rules: VerifierRules) throws(VerifyError) {
    guard let value else { return }
    try rules.index(value, of: "value", below: pipeline.values.count)
    try rules.require(pipeline.values[value].type == .bool, .badType("condition"))
  }

  /// One value for each parameter, of a type that fits and the same whenever it is asked for.
  private func verify(
    _ arguments: [Int], for wanted: [NamedType], _ rules: VerifierRules
  ) throws(VerifyError) {
    try rules.require(
      arguments.count == wanted.count, .handedOn(arguments.count, expected: wanted.count))
    for (argument, parameter) in zip(arguments, wanted) {
      try rules.index(argument, of: "value", below: pipeline.values.count)
      let value = pipeline.values[argument]
      try rules.require(value.type.isPart(of: parameter.type), .badType("argument"))
      let readsMoment = entries.readsMoment[value.routine] || !value.asks.isEmpty
      try rules.require(!readsMoment, .readsMoment(routine: value.routine))
    }
  }

  private func verify(
    _ approval: PipelineApproval, _ rules: VerifierRules
  ) throws(VerifyError) {
    try rules.value(approval.within, of: "time for an approval", in: PipelineBounds.wait)
    try rules.require(!approval.rules.isEmpty, .empty("approvers"))
    try rules.count(approval.rules.count, of: "roles", atMost: Limits.approvalsTogether)
    try rules.distinct(approval.rules.map(\.role), of: "role")
    for one in approval.rules { try verify(one, rules) }
  }

  private func verify(
    _ approvers: PipelineApprovers, _ rules: VerifierRules
  ) throws(VerifyError) {
    try rules.require(
      entries.program.roles.contains { hasSameBytes($0, approvers.role) },
      .unknownRole(approvers.role))
    try rules.value(Int64(approvers.count), of: "approvers", in: PipelineBounds.approvers)
    guard let except = approvers.except else { return }
    try rules.index(except, of: "value", below: pipeline.values.count)
    let type = pipeline.values[except].type
    guard case .node = type.element ?? type.unwrapped else {
      throw VerifyError(rules.place, .badType("except"))
    }
  }

  /// As the command of an action.
  private func verify(_ words: [PipelineWord], _ rules: VerifierRules) throws(VerifyError) {
    try rules.count(words.count, of: "words", atMost: Limits.commandWords)
    guard let first = words.first, first.pieces.count == 1, case .text(let name) = first.pieces[0],
      !name.isEmpty
    else { throw VerifyError(rules.place, .openProgram) }
    for word in words { try verify(word, rules) }
  }

  private func verify(_ word: PipelineWord, _ rules: VerifierRules) throws(VerifyError) {
    try rules.count(word.pieces.count, of: "pieces of a word", atMost: Limits.messagePieces)
    for piece in word.pieces {
      switch piece {
      case .text(let text):
        try rules.name(text, of: "word")
        try rules.count(text.utf8.count, of: "bytes of a word", atMost: Limits.wordBytes)
      case .value(let value):
        try rules.index(value, of: "value", below: pipeline.values.count)
        let (routine, type) = (pipeline.values[value].routine, pipeline.values[value].type)
        try rules.require(type.isSingle, .badType("word"))
        let readsMoment = entries.readsMoment[routine] || !pipeline.values[value].asks.isEmpty
        try rules.require(!readsMoment, .readsMoment(routine: routine))
      }
    }
  }
}

extension VerifierRules {
  /// Indexes in rising order, perhaps none.
  fileprivate func order(
    _ indexes: [Int], of what: String, below count: Int
  ) throws(VerifyError) {
    if !indexes.isEmpty { try ascending(indexes, of: what, below: count) }
  }

  /// Some, each once and in their order.
  fileprivate func results(_ results: [PartResult]) throws(VerifyError) {
    try require(!results.isEmpty, .empty("results"))
    try require(
      zip(results, results.dropFirst()).allSatisfy { $0 < $1 }, .notAscending("result"))
  }

  /// Each trouble once.
  fileprivate func responses(_ responses: [TroubleResponse]) throws(VerifyError) {
    try distinct(responses.map(\.trouble.rawValue), of: "response")
  }

  /// Retries and times only where there are attempts, and within their bounds.
  fileprivate func options(of step: PipelineStep) throws(VerifyError) {
    let (isTried, isOfSteps, isRun) =
      switch step.work {
      case .run: (true, false, true)
      case .action, .agent: (true, false, false)
      case .group, .loop: (false, true, false)
      case .gate, .approval, .wait: (false, false, false)
      }
    try require(isTried || (step.retry == nil && step.timeout == nil), .strayOption)
    try require(isTried || isOfSteps || step.deadline == nil, .strayOption)
    try require(isRun || !step.isIdempotent, .strayOption)
    let isAction = if case .action = step.work { true } else { false }
    let isAgent = if case .agent = step.work { true } else { false }
    try require(isRun || isAgent || isAction || step.output == nil, .strayOption)
    try require(!isAgent || step.timeout == nil, .strayOption)
    try value(step.timeout ?? 1, of: "timeout", in: ActionTimeout.microseconds)
    try value(step.deadline ?? 1, of: "deadline", in: PipelineBounds.wait)
    guard let retry = step.retry else { return }
    try value(Int64(retry.attempts), of: "attempts", in: PipelineBounds.attempts)
    try value(retry.base, of: "base", in: 0...retry.cap.clamped(to: PipelineBounds.delay))
    try value(retry.cap, of: "cap", in: PipelineBounds.delay)
    try value(retry.jitter, of: "jitter", in: PipelineBounds.delay)
    try value(retry.factor, of: "factor", in: PipelineBounds.factor)
  }
}

extension Int64 {
  fileprivate func clamped(to bounds: ClosedRange<Int64>) -> Int64 {
    Swift.min(Swift.max(self, bounds.lowerBound), bounds.upperBound)
  }
}
