// What a runner needs from the world: who knows the time, who decides, who is asked, who works.
public import WritCrypto

/// Tells the time.
public protocol RunClock: AnyObject {
  /// Microseconds since 1970.
  var microseconds: Int64 { get }
}

/// Looks at conditions and asks gates, on values as they are now. Fails closed: what it cannot find out it
/// says is unknown, or denied.
public protocol DecisionMaker: AnyObject {
  /// What a condition comes to for a node of a run.
  func evaluate(_ condition: String, for node: RunPosition, of run: Run) -> Answer
  /// What the condition comes to under which no stage of a run begins.
  func freeze(_ condition: String, of run: Run) -> Answer
  /// What the gate of a step says; recorded as evidence before it is said. `nil` where it cannot be recorded: then nothing is
  /// said, and whoever takes the run up later asks again.
  func decide(_ node: RunPosition, of run: Run) -> GateDecision?
}

/// Gets people's word.
public protocol ApprovalSource: AnyObject {
  /// Lets people know what is asked; the same may be asked again.
  func ask(_ rules: [ApprovalRule], until: Int64, for node: RunPosition, of run: Run)
  /// What has come since it was last asked.
  func news() -> [ApprovalNews]
}

/// Something about an approval.
public enum ApprovalNews: Hashable, Sendable {
  /// What it is about was worked out, or has changed.
  case subject(RunPosition, Digest)
  /// Somebody voted.
  case vote(RunPosition, Vote)
}

/// Does the work of steps.
public protocol Worker: AnyObject {
  /// Begins an attempt and comes back at once.
  ///
  /// - Parameter until: When it should be over.
  func perform(_ attempt: AttemptName, at node: RunPosition, until: Int64?, of run: Run)
  /// Stops an attempt, if it runs; its end is reported like any other.
  func cancel(_ attempt: AttemptName)
  /// What the worker knows of an attempt of which the runner does not know the end.
  func recall(_ attempt: AttemptName) -> Recollection
  /// What has happened since it was last asked. A report may come twice.
  func reports() -> [WorkerReport]
}

/// One attempt at one step in one round, unlike any other of any run.
public struct AttemptName: Hashable, Sendable {
  /// The run.
  public let run: String
  /// The step, with its round, as `Run.name(of:)` writes it.
  public let step: String
  /// From 1.
  public let attempt: Int

  /// A name.
  public init(run: String, step: String, attempt: Int) {
    self.run = run
    self.step = step
    self.attempt = attempt
  }
}

/// What a worker knows of an attempt.
public enum Recollection: Hashable, Sendable {
  /// It was surely never begun.
  case neverBegun
  /// It runs, and its end will be reported.
  case running
  /// It has ended so.
  case ended(Ending)
  /// Nothing: it may have happened or not.
  case unknown
}

/// What a worker reports.
public enum WorkerReport: Hashable, Sendable {
  /// An attempt has ended.
  case ended(RunPosition, attempt: Int, Ending)
  /// Whoever was at it is gone.
  case lost(RunPosition, attempt: Int)
  /// It was surely never begun, and will not be: the gate is asked anew, and it does not count.
  case notBegun(RunPosition, attempt: Int)
}

/// Watches a run.
public protocol RunObserver: AnyObject {
  /// Something has happened, and is durable. The run is as it stands after all that became durable together.
  ///
  /// - Parameter touched: Nodes that may stand otherwise than before, rising; all of them with the first event of several.
  func happened(_ event: Event, to run: Run, touching touched: [Int])
}
