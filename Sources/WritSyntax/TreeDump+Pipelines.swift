// Pipelines as S-expressions.

extension PipelineDeclaration {
  var form: Form {
    .node(
      "pipeline",
      [name.form, parameters.form] + heads.map(\.form) + stages.map(\.form) + hooks.map(\.form))
  }
}

extension PipelineHead {
  fileprivate var form: Form {
    switch kind {
    case .concurrency(let group, let max, let supersedes):
      .node(
        "concurrency", [group.form] + max.forms + (supersedes ? [.atom("supersede")] : []))
    case .deadline(let duration): .node("deadline", duration.form)
    case .unverified: .atom("unverified")
    case .freeze(let condition): .node("freeze", condition.form)
    case .gives(let output): .node("gives", output.name.form, output.type.form)
    }
  }
}

extension StageSyntax {
  fileprivate var form: Form {
    .node(
      "stage", [name.form] + heads.map(\.form) + steps.map(\.form) + hooks.map(\.form))
  }
}

extension HookSyntax {
  fileprivate var form: Form { .node("hook", [moment.form] + steps.map(\.form)) }
}

extension StageHead {
  fileprivate var form: Form {
    switch kind {
    case .after(let stages): .node("after", stages.map(\.form))
    case .when(let condition): .node("when", condition.form)
    case .parallel(let max): .node("parallel", max.forms)
    case .response(let response): response.form
    }
  }
}

extension AfterSyntax {
  fileprivate var form: Form {
    results.isEmpty ? stage.form : .node("is", [stage.form] + results.map(\.form))
  }
}

extension ResponseSyntax {
  fileprivate var form: Form { .node("on", trouble.form, strategy.form) }
}

extension IntegerLiteral? {
  /// `(max N)`, or nothing.
  fileprivate var forms: [Form] { map { [.node("max", $0.form)] } ?? [] }
}

extension PipelineStepSyntax {
  fileprivate var form: Form {
    let work = work.form
    guard label != nil || !options.isEmpty else { return work }
    return .node("step", [label?.form].compactMap { $0 } + [work] + options.map(\.form))
  }
}

extension StepWork {
  fileprivate var form: Form {
    switch self {
    case .run(let words): .node("run", words.map(\.form))
    case .call(let call): .node("do", call.form)
    case .gate(let call): .node("gate", call.form)
    case .pipeline(let call): .node("pipeline", call.form)
    case .approve(let approve): approve.form
    case .wait(let duration): .node("wait", duration.form)
    case .matrix(let matrix): matrix.form
    case .loop(let loop): loop.form
    case .parallel(let max, let steps): .node("parallel", max.forms + steps.map(\.form))
    case .agent(let agent):
      .node(
        "agent", agent.name.form, agent.task.form, agent.time.form,
        .node("calls", agent.calls.form), .node("tokens", agent.tokens.form))
    }
  }
}

extension StepCall {
  fileprivate var form: Form { Expression(.call(call), range: range).form }
}

extension ApproveSyntax {
  fileprivate var form: Form {
    let others = rules.dropFirst().map { Form.node("and", $0.forms) }
    return .node("approve", (rules.first?.forms ?? []) + others + [.node("within", within.form)])
  }
}

extension ApproveRuleSyntax {
  fileprivate var forms: [Form] {
    var parts = [role.form]
    if let count { parts.append(.node("count", count.form)) }
    if let except { parts.append(.node("except", except.form)) }
    return parts
  }
}

extension MatrixSyntax {
  fileprivate var form: Form {
    .node(
      "matrix",
      [variable.form, .node("values", values.map(\.form))] + max.forms + steps.map(\.form))
  }
}

extension RepeatSyntax {
  fileprivate var form: Form {
    .node(
      "repeat",
      [
        .node("every", interval.form), .node("most", most.form),
      ] + (unchanged.map { [.node("unchanged", $0.form)] } ?? []) + [.node("until", until.form)]
        + steps.map(\.form))
  }
}

extension StepOption {
  fileprivate var form: Form {
    switch kind {
    case .when(let condition): .node("when", condition.form)
    case .retry(let retry): retry.form
    case .timeout(let duration): .node("timeout", duration.form)
    case .deadline(let duration): .node("deadline", duration.form)
    case .idempotent: .atom("idempotent")
    case .secrets(let names): names.form("secrets")
    case .needs(let names): names.form("needs")
    case .response(let response): response.form
    case .output(let output): .node("output", output.name.form, output.type.form)
    case .hook(let hook): hook.form
    }
  }
}

extension RetrySyntax {
  fileprivate var form: Form {
    var parts = [attempts.form]
    if let backoff {
      parts.append(.node("backoff", backoff.base.form))
      if let cap = backoff.cap { parts.append(.node("cap", cap.form)) }
      if let factor = backoff.factor { parts.append(.node("factor", factor.form)) }
      if let jitter = backoff.jitter { parts.append(.node("jitter", jitter.form)) }
    }
    return .node("retry", parts)
  }
}
