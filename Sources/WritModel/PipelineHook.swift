// Hooks: what runs once a stage, a step or a whole run has ended, and how it must have ended for that.

/// How what a hook belongs to must have ended for it to run; the name is how a policy writes it.
public enum PipelineMoment: String, CaseIterable, Hashable, Sendable {
  /// It succeeded.
  case onSuccess
  /// It failed, was denied, or its time was up.
  case onFailure
  /// It could not be done.
  case onError
  /// It was stopped.
  case onAbort
  /// However it ended; behind the others.
  case ensure
}

/// Steps that run once what they belong to has ended.
public struct PipelineHook: Hashable, Sendable {
  public let moment: PipelineMoment
  /// One after another; never empty.
  public let steps: [PipelineStep]

  public init(moment: PipelineMoment, steps: [PipelineStep]) {
    self.moment = moment
    self.steps = steps
  }
}

extension PipelineWork {
  /// The steps that it consists of; none where it is one by itself.
  public var steps: [PipelineStep] {
    switch self {
    case .group(_, let steps): steps
    case .loop(let loop): loop.steps
    case .run, .action, .gate, .approval, .wait, .agent: []
    }
  }
}

extension PipelineStep {
  /// What lies right within it: the steps that it consists of, and those of its hooks, each hook with its name.
  public var within: [(hook: PipelineMoment?, steps: [PipelineStep])] {
    [(nil, work.steps)] + hooks.within
  }
}

extension [PipelineHook] {
  /// What lies within them, each with its name.
  public var within: [(hook: PipelineMoment?, steps: [PipelineStep])] {
    map { ($0.moment, $0.steps) }
  }
}

extension PipelineStage {
  /// Its steps, and those of its hooks, each hook with its name.
  public var within: [(hook: PipelineMoment?, steps: [PipelineStep])] {
    [(nil, steps)] + hooks.within
  }
}
