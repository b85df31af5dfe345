// Pipelines as S-expressions.

import WritModel

extension TypedDumper {
  /// `(pipeline name (parameter…) … (stage name … (step name work …)…)…)`
  func form(_ pipeline: TypedPipeline) -> SExpression {
    var parts: [SExpression] = [.atom(pipeline.name), variables(pipeline.parameters)]
    if let concurrency = pipeline.concurrency {
      parts.append(
        .node(
          "concurrency", .atom(concurrency.group), .number(concurrency.limit),
          concurrency.supersedes ? .atom("supersede") : nil))
    }
    if let deadline = pipeline.deadlineMicroseconds { parts.append(span("deadline", deadline)) }
    if pipeline.isUnverified { parts.append(.atom("unverified")) }
    let forms = PipelineForms(dumper: self, pipeline: pipeline)
    if let freeze = pipeline.freeze { parts.append(.node("freeze", forms.value(freeze))) }
    if let gives = pipeline.gives {
      parts.append(.node("gives", .atom(pipeline.outputs[gives].name)))
    }
    return .node(
      "pipeline",
      parts + pipeline.stages.map { forms.form($0) } + pipeline.hooks.map { forms.form($0) })
  }

  /// `(deadline 6h)`
  fileprivate func span(_ label: String, _ microseconds: Int64) -> SExpression {
    .node(label, .atom("\(Duration(microseconds: microseconds))"))
  }
}

private struct PipelineForms {
  let dumper: TypedDumper
  let pipeline: TypedPipeline

  func form(_ stage: PipelineStage) -> SExpression {
    var parts: [SExpression] = [.atom(stage.name)]
    if !stage.after.isEmpty {
      parts.append(.node("after", stage.after.map { .atom(pipeline.stages[$0].name) }))
    }
    parts += stage.results.map { wanted in
      .node(
        "wants",
        [.atom(pipeline.stages[wanted.stage].name)]
          + wanted.results.map { .atom($0.rawValue) })
    }
    if let condition = stage.condition { parts.append(.node("when", value(condition))) }
    parts += limit(stage.limit) + stage.responses.map { form($0) }
    parts += stage.steps.map { form($0) }
    return .node("stage", parts + stage.hooks.map { form($0) })
  }

  func form(_ hook: PipelineHook) -> SExpression {
    .node("hook", [.atom(hook.moment.rawValue)] + hook.steps.map { form($0) })
  }

  /// Nothing for steps one after another.
  private func limit(_ limit: Int?) -> [SExpression] {
    switch limit {
    case 1: []
    case let limit?: [.node("parallel", .number(limit))]
    case nil: [.atom("parallel")]
    }
  }

  /// The expression, and what the variables of matrices in it are.
  func value(_ index: Int) -> SExpression {
    let value = pipeline.values[index]
    guard !value.lets.isEmpty || !value.asks.isEmpty else {
      return dumper.form(value.expression)
    }
    let asks = value.asks.map { ask in
      SExpression.node(
        "ended",
        [.atom(name(ofMark: ask.read.mark)), .atom("v\(ask.variable.id)")]
          + ask.read.results.map { .atom($0.rawValue) })
    }
    let lets = asks + value.lets.map { dumper.form($0) }
    return .node("with", lets + [dumper.form(value.expression)])
  }

  /// Where the stage or step with a mark stands.
  private func name(ofMark mark: Int) -> String {
    var open = pipeline.stages.map { ($0.name, $0.mark, $0.within) }
    while let (path, own, within) = open.popLast() {
      if own == mark { return path }
      for (hook, steps) in within {
        let around = hook.map { "\(path)/\($0.rawValue)" } ?? path
        open += steps.map { ("\(around)/\($0.name)", $0.mark, $0.within) }
      }
    }
    return "?"
  }

  private func form(_ response: TroubleResponse) -> SExpression {
    .node("on", .atom(response.trouble.rawValue), .atom(response.strategy.rawValue))
  }

  private func form(_ step: PipelineStep) -> SExpression {
    var parts: [SExpression] = [.atom(step.name)] + form(step.work)
    if let condition = step.condition { parts.append(.node("when", value(condition))) }
    if !step.needs.isEmpty { parts.append(.node("needs", step.needs.map { .number($0) })) }
    if let retry = step.retry { parts.append(form(retry)) }
    if let timeout = step.timeout { parts.append(dumper.span("timeout", timeout)) }
    if let deadline = step.deadline { parts.append(dumper.span("deadline", deadline)) }
    if step.isIdempotent { parts.append(.atom("idempotent")) }
    if let output = step.output {
      let output = pipeline.outputs[output]
      parts.append(
        .node("output", .atom(output.name), dumper.type(output.type)))
    }
    parts += step.responses.map { form($0) }
    return .node("step", parts + step.hooks.map { form($0) })
  }

  private func form(_ retry: RetryPolicy) -> SExpression {
    .node(
      "retry", .number(retry.attempts), dumper.span("base", retry.base),
      dumper.span("cap", retry.cap),
      .node("factor", .atom(Decimal(millionths: retry.factor).description)),
      dumper.span("jitter", retry.jitter))
  }

  private func form(_ work: PipelineWork) -> [SExpression] {
    switch work {
    case .run(let words): [.node("run", words.map { form($0) })]
    case .action(let action, let arguments):
      [call("do", dumper.program.actions[action].name, arguments)]
    case .gate(let gate, let arguments):
      [call("gate", dumper.program.gates[gate].name, arguments)]
    case .approval(let approval):
      [
        .node(
          "approve",
          approval.rules.enumerated().flatMap { place, rule in
            let forms =
              [.atom(rule.role), .number(Int64(rule.count))]
              + (rule.except.map { [SExpression.node("except", value($0))] } ?? [])
            return place == 0 ? forms : [.node("and", forms)]
          } + [dumper.span("within", approval.within)])
      ]
    case .wait(let time): [dumper.span("wait", time)]
    case .agent(let agent):
      [
        .node(
          "agent", .atom(agent.name), form(agent.task), dumper.span("time", agent.time),
          .node("calls", .number(agent.calls)), .node("tokens", .number(Int(agent.tokens))))
      ]
    case .group(let limit, let steps): [.node("group", self.limit(limit) + steps.map { form($0) })]
    case .loop(let loop):
      [
        .node(
          "repeat",
          [
            dumper.span("every", loop.interval), .node("most", .number(loop.most)),
          ] + (loop.unchanged.map { [.node("unchanged", .number($0))] } ?? []) + [
            .node("until", value(loop.until))
          ] + loop.steps.map { form($0) })
      ]
    }
  }

  private func call(_ label: String, _ target: String, _ arguments: [Int]) -> SExpression {
    .node(label, [.atom(target)] + arguments.map { value($0) })
  }

  private func form(_ word: PipelineWord) -> SExpression {
    .node(
      "word",
      word.pieces.map { piece in
        switch piece {
        case .text(let text): .quoted(text)
        case .value(let index): value(index)
        }
      })
  }
}
