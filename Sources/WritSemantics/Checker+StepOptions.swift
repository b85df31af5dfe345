// How steps of pipelines are done: which options there can be for what, and within which bounds.

import WritModel
import WritSyntax
import WritText

/// The options of a step by their form, the first of each.
struct StepOptions {
  var condition: Expression?
  var retry: RetrySyntax?
  var timeout: DurationLiteral?
  var deadline: DurationLiteral?
  var isIdempotent = false
  var needs: [Name] = []
  var responses: [ResponseSyntax] = []
  var output: OutputSyntax?
  var hooks: [HookSyntax] = []
  var isWhole = true

  /// Where a step behind it begins, it has surely succeeded.
  var isSure: Bool { condition == nil && !responses.ignoreAny }
}

extension Checker {
  /// Of options that repeat the first counts; those that say nothing of such a step are reported.
  mutating func options(of step: PipelineStepSyntax) -> StepOptions {
    var options = StepOptions()
    var first: [String: SourceRange] = [:]
    for option in step.options {
      guard isFirst(option.kind.word, option.range, &first), fits(option, step.work) else {
        options.isWhole = false
        continue
      }
      switch option.kind {
      case .when(let condition): options.condition = condition
      case .retry(let retry): options.retry = retry
      case .timeout(let duration): options.timeout = duration
      case .deadline(let duration): options.deadline = duration
      case .idempotent: options.isIdempotent = true
      case .secrets: break
      case .needs(let names):
        holdDistinct(names, "step")
        options.needs = names
      case .response(let response): options.responses.append(response)
      case .output(let output): options.output = output
      case .hook(let hook): options.hooks.append(hook)
      }
    }
    return options
  }

  /// The option says something of such work.
  private mutating func fits(_ option: StepOption, _ work: StepWork) -> Bool {
    let isRun = if case .run = work { true } else { false }
    let isCall = if case .call = work { true } else { false }
    let isPipeline = if case .pipeline = work { true } else { false }
    let isAgent = if case .agent = work { true } else { false }
    let fits: Bool
    switch option.kind {
    case .when, .needs, .response, .hook: return true
    case .retry: fits = isRun || isCall || isAgent
    case .timeout: fits = isRun || isCall
    case .idempotent: fits = isRun
    case .output: fits = isRun || isAgent || isCall || isPipeline
    case .deadline: fits = isRun || isCall || isAgent || work.isOfSteps
    case .secrets:
      report(.stepSecrets(at: option.range))
      return false
    }
    if !fits { report(.misplacedOption(option.kind.word, of: work.noun, at: option.range)) }
    return fits
  }

  /// `retry 3 backoff 10s .. 2m factor 2 jitter 5s`; without a factor each delay is twice the one before.
  mutating func retry(_ syntax: RetrySyntax) -> RetryPolicy? {
    let attempts = number(syntax.attempts, in: PipelineBounds.attempts, "attempts are")
    guard let backoff = syntax.backoff else {
      return attempts.map {
        RetryPolicy(attempts: $0, base: 0, cap: 0, factor: 1_000_000, jitter: 0)
      }
    }
    let base = delay(backoff.base)
    let cap = backoff.cap.map { delay($0) } ?? PipelineBounds.delay.upperBound
    let jitter = backoff.jitter.map { delay($0) } ?? 0
    let factor = backoff.factor.map { self.factor($0) } ?? 2_000_000
    guard let attempts, let base, let cap, let jitter, let factor else { return nil }
    guard base <= cap else {
      if let syntax = backoff.cap {
        report(.backoffCap(at: syntax.range, base: backoff.base.range))
      }
      return nil
    }
    return RetryPolicy(attempts: attempts, base: base, cap: cap, factor: factor, jitter: jitter)
  }

  private mutating func delay(_ syntax: DurationLiteral) -> Int64? {
    span(syntax, "the time between attempts", in: PipelineBounds.delay)
  }

  /// Millionths.
  private mutating func factor(_ syntax: Literal) -> Int64? {
    let value: Int64?
    switch syntax.kind {
    case .integer(let number):
      guard let number else { return nil }
      value = Decimal(String(number))?.millionths
    case .decimal(let digits): value = Decimal(digits)?.millionths
    default: value = nil
    }
    if let value, PipelineBounds.factor.contains(value) { return value }
    let bounds = [PipelineBounds.factor.lowerBound, PipelineBounds.factor.upperBound]
      .map { Decimal(millionths: $0).description }
    report(.pipelineBound("a factor is \(bounds[0]) to \(bounds[1])", at: syntax.range))
    return nil
  }
}

extension StepWork {
  /// It consists of steps.
  fileprivate var isOfSteps: Bool {
    switch self {
    case .matrix, .loop, .parallel, .pipeline: true
    case .run, .call, .gate, .approve, .wait, .agent: false
    }
  }

  /// What people call it, with its article.
  fileprivate var noun: String {
    switch self {
    case .run: "a run"
    case .call: "an action: say it of the action itself"
    case .gate: "a question to a gate"
    case .pipeline: "a pipeline: say it of its steps"
    case .approve: "an approval"
    case .wait: "a wait"
    case .matrix: "a matrix: say it of its steps"
    case .loop: "a loop: say it of its steps"
    case .parallel: "steps side by side: say it of each"
    case .agent: "an agent"
    }
  }
}

extension StepOption.Kind {
  /// The word that it starts with, and what tells several of it apart.
  fileprivate var word: String {
    switch self {
    case .when: "when"
    case .retry: "retry"
    case .timeout: "timeout"
    case .deadline: "deadline"
    case .idempotent: "idempotent"
    case .secrets: "secrets"
    case .needs: "needs"
    case .response(let response): "on \(response.trouble.text)"
    case .output: "->"
    case .hook(let hook): hook.moment.text
    }
  }
}
