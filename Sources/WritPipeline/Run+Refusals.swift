// Which events a run takes: what comes too late, too early or twice changes nothing and is not recorded.

/// Why an event is not one for a run as it stands.
public enum EventRefusal: Error, Hashable, Sendable {
  /// The run has not begun, has begun already, or has ended.
  case wrongPhase
  /// The plan has no such node.
  case unknownNode(Int)
  /// The node does not wait for that, or not in that round or attempt.
  case stale
  /// The time has not come.
  case early
  /// The event is older than the one before.
  case timeWentBack
  /// The event is of a time beyond `PipelineLimits.latest`.
  case timeOutOfRange
  /// Part of it is longer than it may be.
  case tooLong
}

extension Run {
  /// Why an event would be refused; `nil` if it is one for this run now.
  public func refusal(of event: Event) -> EventRefusal? {
    guard event.at >= now else { return .timeWentBack }
    guard event.at <= PipelineLimits.latest else { return .timeOutOfRange }
    switch (phase, event.happening) {
    case (.waiting, .started(let start)): return start.fits ? nil : .tooLong
    case (.waiting, _), (.ended, _), (_, .started): return .wrongPhase
    default: break
    }
    switch event.happening {
    case .started: return .wrongPhase
    case .cancelled(let mode, let canceller):
      return canceller.fits ? cancelRefusal(mode) : .tooLong
    case .overdue: return cancelRefusal(.cleanup)
    case .freezeBegan(let why):
      guard fits(detail: why) else { return .tooLong }
      return isFrozen ? .stale : nil
    case .freezeEnded: return isFrozen ? nil : .stale
    case .freezeAbsent: return asksFreeze && !isFrozen ? nil : .stale
    case .resumed: return nil
    case .conditionEvaluated(let position, let answer):
      guard answer.fits else { return .tooLong }
      return refusal(at: position) { $0.phase == .asking || $0.phase == .checking }
    case .decided(let position, let decision):
      guard decision.fits else { return .tooLong }
      return refusal(at: position) { $0.phase == .deciding }
    case .subjectKnown(let position, let digest):
      return refusal(at: position) { state in
        state.phase == .holding && ballots[position.node]?.subject != digest
      }
    case .voted(let position, let vote):
      guard vote.fits else { return .tooLong }
      return refusal(at: position) { state in
        state.phase == .holding
          && ballots[position.node]?.takes(vote, at: event.at, start: start) == true
      }
    case .stepStarted(let position, let attempt):
      return refusal(at: position) { $0.phase == .ready && $0.attempt == attempt }
    case .stepEnded(let position, let attempt, let ending):
      guard ending.fits else { return .tooLong }
      return refusal(at: position) { $0.isAtWork && $0.attempt == attempt }
    case .attemptNotBegun(let position, let attempt):
      return refusal(at: position) { $0.phase == .working && $0.attempt == attempt }
    case .workerLost(let position, let attempt):
      return refusal(at: position) { $0.isAtWork && $0.attempt == attempt }
    case .timerFired(let position, let timer): return refusal(of: timer, at: position, event.at)
    }
  }

  private func refusal(
    at position: RunPosition, unless holds: (NodeState) -> Bool
  ) -> EventRefusal? {
    guard states.indices.contains(position.node) else { return .unknownNode(position.node) }
    let state = states[position.node]
    return state.round == position.round && holds(state) ? nil : .stale
  }

  private func refusal(
    of timer: RunTimer, at position: RunPosition, _ time: Int64
  ) -> EventRefusal? {
    var due: Int64?
    if let refusal = refusal(
      at: position,
      unless: { state in
        switch timer {
        case .pause: due = state.phase == .pausing ? state.timer : nil
        case .attempt: due = state.phase == .working ? state.timer : nil
        case .deadline: due = state.isBeforeHooks || state.isInside ? state.deadline : nil
        case .approval: due = state.phase == .holding ? ballots[position.node]?.until : nil
        }
        return due != nil
      })
    {
      return refusal
    }
    return due.map { time >= $0 } == true ? nil : .early
  }

  /// Stopping may only become harder, and only `now` stops what undoes, and what runs at the end of all.
  private func cancelRefusal(_ mode: CancelMode) -> EventRefusal? {
    if let cancelMode, mode <= cancelMode { return .stale }
    if phase == .rollingBack || phase == .closing, mode != .now { return .wrongPhase }
    return nil
  }
}

extension NodeState {
  /// Whether a worker may still report.
  var isAtWork: Bool { phase == .working || phase == .stopping }

  /// Whether its parts run, or are about to.
  var isInside: Bool { phase == .inside || phase == .checking }

  /// Whether its own work is under way.
  var isBeforeHooks: Bool {
    switch phase {
    case .asking, .deciding, .holding, .pausing, .ready, .working, .stopping: true
    case .waiting, .inside, .checking, .hooks, .ended: false
    }
  }
}
