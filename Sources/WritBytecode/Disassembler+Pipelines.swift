// The lines that `Assembler.readPipeline` reads.
import WritModel

extension AssemblyWriter {
  mutating func write(_ pipeline: PipelineProgram, _ index: Int, in program: Program) {
    blank()
    line(
      "pipeline",
      [
        quoted(pipeline.name), "at", quoted(pipeline.position),
        pipeline.isUnverified ? "unverified" : nil, pipeline.deadline.map { "deadline \($0)" },
        pipeline.freeze.map { "freeze \($0)" },
      ], comment: "pipelines[\(index)]")
    write(pipeline.parameters, as: "parameter", indent: 1)
    if let concurrency = pipeline.concurrency {
      line(
        "concurrency",
        [
          quoted(concurrency.group), String(concurrency.limit),
          concurrency.supersedes ? "supersedes" : nil,
        ], indent: 1)
    }
    write(pipeline.outputs, as: "output", indent: 1)
    for (index, value) in pipeline.values.enumerated() {
      let reads = value.reads.map { "read \($0.output)" + ($0.mayBeAbsent ? " perhaps" : "") }
      line(
        "value",
        ["routine", String(value.routine)] + reads + [text(of: value.type)]
          + (value.text.isEmpty ? [] : ["text", quoted(value.text)]), indent: 1,
        comment: "values[\(index)]")
      for ask in value.asks {
        line("ask", [String(ask.mark)] + ask.results.map(\.rawValue), indent: 2)
      }
    }
    for (index, place) in pipeline.places.enumerated() {
      line("place", [quoted(place)], indent: 1, comment: "places[\(index)]")
    }
    for (index, stage) in pipeline.stages.enumerated() {
      line(
        "stage",
        [
          quoted(stage.name), "place \(stage.place)", stage.mark.map { "mark \($0)" },
          indexes("after", stage.after),
          stage.condition.map { "when \($0)" }, stage.limit.map { "limit \($0)" },
        ], indent: 1, comment: "stages[\(index)]")
      for result in stage.results {
        line("wants", [String(result.stage)] + result.results.map(\.rawValue), indent: 2)
      }
      write(stage.responses, indent: 2)
      for step in stage.steps { write(step, depth: 1, in: program) }
      write(stage.hooks, depth: 0, in: program)
    }
    for hook in pipeline.hooks {
      line("once", [hook.moment.rawValue], indent: 1)
      for step in hook.steps { write(step, depth: 1, in: program) }
    }
  }

  /// Hooks of what stands so deep: of a stage 0.
  private mutating func write(_ hooks: [PipelineHook], depth: Int, in program: Program) {
    for hook in hooks {
      line("hook", [String(depth), hook.moment.rawValue], indent: depth + 2)
      for step in hook.steps { write(step, depth: depth + 1, in: program) }
    }
  }

  /// The word and the numbers, or nothing.
  private func indexes(_ word: String, _ indexes: [Int]) -> String? {
    indexes.isEmpty ? nil : ([word] + indexes.map(String.init)).joined(separator: " ")
  }

  private mutating func write(_ responses: [TroubleResponse], indent: Int) {
    for response in responses {
      line("on", [response.trouble.rawValue, response.strategy.rawValue], indent: indent)
    }
  }

  private mutating func write(_ step: PipelineStep, depth: Int, in program: Program) {
    let indent = depth + 1
    line(
      "step",
      [
        String(depth), quoted(step.name), "place \(step.place)", step.mark.map { "mark \($0)" },
        indexes("needs", step.needs),
        step.condition.map { "when \($0)" }, step.timeout.map { "timeout \($0)" },
        step.deadline.map { "deadline \($0)" }, step.isIdempotent ? "idempotent" : nil,
        step.output.map { "output \($0)" }, indexes("sees", step.inSight), text(of: step.work),
      ], indent: indent, comment: step.work.target(in: program).map { shortened($0) } ?? "")
    if let retry = step.retry {
      line(
        "retry",
        [
          "\(retry.attempts) base \(retry.base) cap \(retry.cap) factor \(retry.factor) "
            + "jitter \(retry.jitter)"
        ], indent: indent + 1)
    }
    write(step.responses, indent: indent + 1)
    switch step.work {
    case .run(let words):
      for word in words { write(word, indent: indent + 1) }
    case .agent(let agent): write(agent.task, indent: indent + 1)
    case .group, .loop, .action, .gate, .approval, .wait: break
    }
    for step in step.work.steps { write(step, depth: depth + 1, in: program) }
    write(step.hooks, depth: depth, in: program)
  }

  private mutating func write(_ word: PipelineWord, indent: Int) {
    line("word", [], indent: indent)
    for piece in word.pieces {
      switch piece {
      case .text(let text): line("text", [quoted(text)], indent: indent + 1)
      case .value(let value): line("value", [String(value)], indent: indent + 1)
      }
    }
  }

  /// What a step does, without what stands on lines below.
  private func text(of work: PipelineWork) -> String {
    switch work {
    case .run: "run"
    case .action(let action, let arguments): indexes("action", [action] + arguments) ?? ""
    case .gate(let gate, let arguments): indexes("gate", [gate] + arguments) ?? ""
    case .approval(let approval):
      "approval "
        + approval.rules.map { rule in
          "\(quoted(rule.role)) \(rule.count) " + (rule.except.map { "except \($0) " } ?? "")
        }.joined(separator: "and ") + "within \(approval.within)"
    case .wait(let time): "wait \(time)"
    case .agent(let agent):
      "agent \(quoted(agent.name)) time \(agent.time) calls \(agent.calls) tokens \(agent.tokens)"
    case .group(let limit, _): "group" + (limit.map { " limit \($0)" } ?? "")
    case .loop(let loop):
      "loop every \(loop.interval) most \(loop.most) "
        + (loop.unchanged.map { "unchanged \($0) " } ?? "") + "until \(loop.until)"
    }
  }
}

extension PipelineWork {
  /// The name of what is called.
  fileprivate func target(in program: Program) -> String? {
    switch self {
    case .action(let action, _): program.actions[action].name
    case .gate(let gate, _): program.gates[gate].name
    case .run, .approval, .wait, .group, .loop, .agent: nil
    }
  }
}
