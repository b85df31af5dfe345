// Layout of pipelines: heads as those of actions, a step a line, what is said of it behind it where it fits.

extension Formatter {
  mutating func pipeline(_ pipeline: PipelineDeclaration) {
    words(2)
    parameters(pipeline.parameters)
    heads(pipeline.heads) { $0.head($1) }
    body(pipeline.stages) { $0.stage($1) }
    hooks(pipeline.hooks)
  }

  private mutating func head(_ head: PipelineHead) {
    switch head.kind {
    case .concurrency(_, let max, let supersedes):
      words(2 + (max == nil ? 0 : 2) + (supersedes ? 1 : 0))
    case .deadline: words(2)
    case .unverified: token()
    case .freeze(let condition):
      token()
      add(.space)
      self.condition(condition)
    case .gives(let output):
      words(2)
      token()
      add(.space)
      type(output.type)
    }
  }

  private mutating func stage(_ stage: StageSyntax) {
    words(2)
    for head in stage.heads {
      add(.space)
      self.head(head)
    }
    add(.space)
    body(stage.steps) { $0.step($1) }
    hooks(stage.hooks)
  }

  /// Each behind the brace before it.
  private mutating func hooks(_ hooks: [HookSyntax]) {
    for hook in hooks {
      add(.space)
      self.hook(hook)
    }
  }

  private mutating func hook(_ hook: HookSyntax) {
    token()
    add(.space)
    body(hook.steps) { $0.step($1) }
  }

  private mutating func head(_ head: StageHead) {
    switch head.kind {
    case .after(let stages):
      token()
      for (index, stage) in stages.enumerated() {
        if index > 0 { token() }
        add(.space)
        words(1 + (stage.results.isEmpty ? 0 : 2 * stage.results.count))
      }
    case .when(let condition): self.condition(condition)
    case .parallel(let max): words(max == nil ? 1 : 3)
    case .response: words(3)
    }
  }

  /// A word, and the expression behind it.
  private mutating func condition(_ condition: Expression) {
    token()
    add(.space)
    expression(condition)
  }
}

// Steps.
extension Formatter {
  private mutating func step(_ step: PipelineStepSyntax) {
    group { formatter in
      if step.label != nil {
        formatter.words(2)
        formatter.token()
        formatter.add(.space)
      }
      formatter.work(step.work)
      for option in step.options {
        if case .hook(let hook) = option.kind, step.work.hasBody {
          // Its brace stands where that of the work stands.
          formatter.add(.space)
          formatter.hook(hook)
        } else {
          formatter.indented { formatter in
            formatter.add(step.work.hasBody ? .space : .line)
            formatter.option(option)
          }
        }
      }
    }
  }

  private mutating func work(_ work: StepWork) {
    switch work {
    case .run(let words): command(words)
    case .call(let call): self.call(call)
    case .gate(let call), .pipeline(let call):
      token()
      add(.space)
      self.call(call)
    case .approve(let approve): self.approve(approve)
    case .wait: words(2)
    case .agent:
      words(5)
      token()
      add(.space)
      words(2)
      token()
      add(.space)
      words(2)
    case .matrix(let matrix):
      words(3)
      add(.space)
      bracketed { formatter in
        formatter.commaSeparated(matrix.values) { $0.expression($1) }
      }
      add(.space)
      most(matrix.max)
      body(matrix.steps) { $0.step($1) }
    case .loop(let loop):
      words(loop.unchanged == nil ? 7 : 9)
      add(.space)
      expression(loop.until)
      guard at(.leftBrace) else { return }
      add(.space)
      body(loop.steps) { $0.step($1) }
    case .parallel(let max, let steps):
      token()
      add(.space)
      most(max)
      body(steps) { $0.step($1) }
    }
  }

  /// `max N` and a space, or nothing.
  private mutating func most(_ max: IntegerLiteral?) {
    guard max != nil else { return }
    words(2)
    add(.space)
  }

  private mutating func call(_ call: StepCall) {
    token()
    arguments(call.call.arguments)
  }

  private mutating func approve(_ approve: ApproveSyntax) {
    // `approve by` before the first, `and` before each other.
    if let first = approve.rules.first { approvers(first, wordCount: 4) }
    indented { formatter in
      for rule in approve.rules.dropFirst() {
        formatter.add(.line)
        formatter.approvers(rule, wordCount: 3)
      }
    }
    add(.space)
    words(2)
  }

  /// A rule with the words that stand before its role.
  private mutating func approvers(_ rule: ApproveRuleSyntax, wordCount: Int) {
    words(wordCount + (rule.count == nil ? 0 : 2))
    guard let except = rule.except else { return }
    add(.space)
    condition(except)
  }

  private mutating func option(_ option: StepOption) {
    switch option.kind {
    case .when(let condition): self.condition(condition)
    case .retry(let retry):
      words(2)
      if let backoff = retry.backoff {
        add(.space)
        words(
          2 + (backoff.cap == nil ? 0 : 2) + (backoff.factor == nil ? 0 : 2)
            + (backoff.jitter == nil ? 0 : 2))
      }
    case .timeout, .deadline: words(2)
    case .idempotent: token()
    case .secrets(let names), .needs(let names):
      token()
      add(.space)
      self.names(names.count)
    case .response: words(3)
    case .output(let output):
      words(2)
      token()
      add(.space)
      type(output.type)
    case .hook(let hook): self.hook(hook)
    }
  }
}

extension StepWork {
  /// It ends with a brace.
  fileprivate var hasBody: Bool {
    switch self {
    case .matrix, .parallel: true
    case .loop(let loop): !loop.steps.isEmpty
    case .run, .call, .gate, .pipeline, .approve, .wait, .agent: false
    }
  }
}
