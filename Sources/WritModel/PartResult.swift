// How stages and steps end, as far as a pipeline can ask for it.

/// How a stage or a step ended; the name is how a policy writes it.
public enum PartResult: String, CaseIterable, Hashable, Sendable, Comparable {
  case succeeded
  /// The work said no.
  case failed
  /// It could not be done.
  case errored
  /// Policy, or a person, said no.
  case denied
  /// Its time was up.
  case expired
  /// It was stopped.
  case cancelled
  /// Its condition did not hold, or it was never begun.
  case skipped

  /// In the order in which they stand here.
  public static func < (left: PartResult, right: PartResult) -> Bool { left.rank < right.rank }

  private var rank: Int { PartResult.allCases.firstIndex(of: self) ?? 0 }
}

/// Whether a stage or a step ended in one of some ways: a Bool that a value reads.
public struct ResultRead: Hashable, Sendable {
  /// The mark of the stage or step.
  public let mark: Int
  /// Rising, never empty.
  public let results: [PartResult]

  public init(mark: Int, results: [PartResult]) {
    self.mark = mark
    self.results = results
  }
}

/// How a stage that another one comes after must have ended for that to begin.
public struct StageResults: Hashable, Sendable {
  /// Index of the stage.
  public let stage: Int
  /// Rising, never empty.
  public let results: [PartResult]

  public init(stage: Int, results: [PartResult]) {
    self.stage = stage
    self.results = results
  }
}

extension [PipelineStage] {
  /// Marks of stages and steps, in the order of the text.
  public var marks: [Int] { flatMap { [$0.mark].compactMap { $0 } + $0.within.marks } }
}

extension [PipelineHook] {
  /// Marks of the steps in them, in the order of the text.
  public var marks: [Int] { within.marks }
}

extension [(hook: PipelineMoment?, steps: [PipelineStep])] {
  fileprivate var marks: [Int] {
    flatMap { _, steps in
      steps.flatMap { [$0.mark].compactMap { $0 } + $0.within.marks }
    }
  }
}
