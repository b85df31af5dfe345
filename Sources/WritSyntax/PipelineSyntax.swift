// The tree of pipelines; the grammar's productions of the same names.

public import WritText

/// `pipeline releaseCheckout(release: Release) deadline 6h { stage verify { … } … }`
public struct PipelineDeclaration: Sendable {
  /// What it is called.
  public let name: Name
  /// In the order of the text.
  public let parameters: [ParameterSyntax]
  /// What stands before the brace, in the order of the text.
  public let heads: [PipelineHead]
  /// In the order of the text.
  public let stages: [StageSyntax]
  /// What stands behind the brace, in the order of the text.
  public let hooks: [HookSyntax]
  /// From its first token to its last.
  public let range: SourceRange
}

/// What is said of a pipeline before its stages.
public struct PipelineHead: Sendable {
  /// The forms that it can have.
  public enum Kind: Sendable {
    /// `concurrency checkout max 2 supersede`
    case concurrency(Name, max: IntegerLiteral?, supersedes: Bool)
    /// `deadline 6h`
    case deadline(DurationLiteral)
    /// `unverified`
    case unverified
    /// `freeze when service.frozen`
    case freeze(Expression)
    /// `gives count: Int`
    case gives(OutputSyntax)
  }

  /// Which form it has.
  public let kind: Kind
  /// From its first token to its last.
  public let range: SourceRange
}

/// `stage soak after canary when release.hot { … }`
public struct StageSyntax: Sendable {
  /// What it is called.
  public let name: Name
  /// What stands before the brace, in the order of the text.
  public let heads: [StageHead]
  /// In the order of the text.
  public let steps: [PipelineStepSyntax]
  /// What stands behind the brace, in the order of the text.
  public let hooks: [HookSyntax]
  /// From its first token to its last.
  public let range: SourceRange
}

/// `onFailure { run "./tell.sh" release.service }`
public struct HookSyntax: Sendable {
  /// How what it belongs to must have ended.
  public let moment: Name
  /// In the order of the text.
  public let steps: [PipelineStepSyntax]
  /// From its first token to its last.
  public let range: SourceRange
}

/// What is said of a stage before its steps.
public struct StageHead: Sendable {
  /// The forms that it can have.
  public enum Kind: Sendable {
    /// `after build, test is failed | denied`; never empty.
    case after([AfterSyntax])
    /// `when release.hot`
    case when(Expression)
    /// `parallel max 4`
    case parallel(max: IntegerLiteral?)
    /// `on failure rollback`
    case response(ResponseSyntax)
  }

  /// Which form it has.
  public let kind: Kind
  /// From its first token to its last.
  public let range: SourceRange
}

/// `test is failed | denied`: a stage that comes before, and how it must have ended.
public struct AfterSyntax: Sendable {
  /// Of the stage.
  public let stage: Name
  /// None: well.
  public let results: [Name]
}

/// `on failure rollback`
public struct ResponseSyntax: Sendable {
  /// What went wrong.
  public let trouble: Name
  /// What is done about it.
  public let strategy: Name
  /// From its first token to its last.
  public let range: SourceRange
}

/// `step test: matrix os in [linux, macos] { … } on failure ignore`
public struct PipelineStepSyntax: Sendable {
  /// `nil`: it is named by what it does.
  public let label: Name?
  /// What it does.
  public let work: StepWork
  /// In the order of the text.
  public let options: [StepOption]
  /// From its first token to its last.
  public let range: SourceRange
}

/// What a step does.
public indirect enum StepWork: Sendable {
  /// `run "make" "test" os`
  case run([ActionWord])
  /// `deploy(release, Environment "eu")`
  case call(StepCall)
  /// `gate ship(release, Environment "eu")`
  case gate(StepCall)
  /// `pipeline promote(release, Environment "eu")`
  case pipeline(StepCall)
  /// `approve by role manager count 2 except release.author within 4h`
  case approve(ApproveSyntax)
  /// `wait 10m`
  case wait(DurationLiteral)
  /// `matrix os in [linux, macos] max 2 { … }`
  case matrix(MatrixSyntax)
  /// `repeat every 1m at most 30 until healthy(release) { … }`
  case loop(RepeatSyntax)
  /// `parallel max 2 { … }`
  case parallel(max: IntegerLiteral?, [PipelineStepSyntax])
  /// `agent reviewer "look at {release.image}" budget 10m, 20 calls, 100000 tokens`
  case agent(AgentSyntax)
}

/// A task for an agent, and what it may use up.
public struct AgentSyntax: Sendable {
  /// Which agent, by the name that whoever runs the pipeline knows it by.
  public let name: Name
  /// What it is to do.
  public let task: TemplateSyntax
  /// For one attempt.
  public let time: DurationLiteral
  /// Of tools.
  public let calls: IntegerLiteral
  /// As the agent counts them.
  public let tokens: IntegerLiteral
}

/// An action, a gate or a pipeline, and what it is handed.
public struct StepCall: Sendable {
  /// Its name and its arguments.
  public let call: CallSyntax
  /// From its name to its last token.
  public let range: SourceRange
}

/// Who must agree, and how long they have.
public struct ApproveSyntax: Sendable {
  /// Never empty; those behind the first stand behind an `and`.
  public let rules: [ApproveRuleSyntax]
  /// How long is waited for them.
  public let within: DurationLiteral
}

/// `role manager count 2 except release.author`
public struct ApproveRuleSyntax: Sendable {
  /// Of the people.
  public let role: Name
  /// How many of them; `nil`: one.
  public let count: IntegerLiteral?
  /// Who may not.
  public let except: Expression?
}

/// Steps for each of some values.
public struct MatrixSyntax: Sendable {
  /// What the value is called.
  public let variable: Name
  /// In the order of the text.
  public let values: [Expression]
  /// The brackets and what is in them.
  public let valuesRange: SourceRange
  /// How many values at once.
  public let max: IntegerLiteral?
  /// In the order of the text.
  public let steps: [PipelineStepSyntax]
}

/// Steps again and again.
public struct RepeatSyntax: Sendable {
  /// From one round to the next.
  public let interval: DurationLiteral
  /// Rounds.
  public let most: IntegerLiteral
  /// Rounds in a row that give out the same; `nil`: that does not matter.
  public let unchanged: IntegerLiteral?
  /// What ends it.
  public let until: Expression
  /// Of one round, in the order of the text.
  public let steps: [PipelineStepSyntax]
}

/// How a step is done.
public struct StepOption: Sendable {
  /// The forms that it can have.
  public enum Kind: Sendable {
    /// `when release.hot`
    case when(Expression)
    /// `retry 3 backoff 10s .. 2m factor 2 jitter 5s`
    case retry(RetrySyntax)
    /// `timeout 5m`
    case timeout(DurationLiteral)
    /// `deadline 20m`
    case deadline(DurationLiteral)
    /// `idempotent`
    case idempotent
    /// `secrets token`; never empty.
    case secrets([Name])
    /// `needs build, test`; never empty.
    case needs([Name])
    /// `on failure ignore`
    case response(ResponseSyntax)
    /// `-> findings: Scan`
    case output(OutputSyntax)
    /// `ensure { run "./clean.sh" }`
    case hook(HookSyntax)
  }

  /// Which form it has.
  public let kind: Kind
  /// From its first token to its last.
  public let range: SourceRange
}

/// What a step gives out.
public struct OutputSyntax: Sendable {
  /// What it is called.
  public let name: Name
  /// Its type as written.
  public let type: TypeSyntax
}

/// How often, and after what time.
public struct RetrySyntax: Sendable {
  /// The first counts.
  public let attempts: IntegerLiteral
  /// `nil`: at once.
  public let backoff: BackoffSyntax?
}

/// The time before an attempt.
public struct BackoffSyntax: Sendable {
  /// Before the second attempt.
  public let base: DurationLiteral
  /// At most.
  public let cap: DurationLiteral?
  /// From one delay to the next.
  public let factor: Literal?
  /// Added at random, at most.
  public let jitter: DurationLiteral?
}
