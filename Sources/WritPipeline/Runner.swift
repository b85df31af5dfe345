// The loop that makes a run happen: event durable, then its effects, then the next event.
//
//     turn   effects ──► decisions, workers, people, timers
//               ▲                      │ what happened
//               │                      ▼
//             apply ◄── journal ◄── events
//
// It has no thread, clock, process or socket of its own: whoever has them calls `turn` until the run has
// ended, and waits in between as long as it is told.

/// The world that a runner works in.
public struct RunWorld {
  /// The time.
  public let clock: any RunClock
  /// Conditions and gates.
  public let decisions: any DecisionMaker
  /// People.
  public let approvals: any ApprovalSource
  /// Workers.
  public let worker: any Worker
  /// Who is told of each event, once it is durable.
  public let observer: (any RunObserver)?

  /// A world.
  public init(
    clock: any RunClock, decisions: any DecisionMaker, approvals: any ApprovalSource,
    worker: any Worker, observer: (any RunObserver)? = nil
  ) {
    self.observer = observer
    self.clock = clock
    self.decisions = decisions
    self.approvals = approvals
    self.worker = worker
  }
}

/// What comes after a turn.
public enum RunnerState: Hashable, Sendable {
  /// Call again: there is more to do.
  case busy
  /// Call again when something has been reported, or at that time, in microseconds since 1970.
  case idle(until: Int64?)
  /// The run has ended.
  case ended(RunVerdict)
}

/// Carries out one run. One thread at a time.
public final class Runner {
  /// The run as it stands.
  public private(set) var run: Run
  private let journal: Journal
  private let world: RunWorld
  private var effects: [Effect]
  private var timers: [TimerKey: Int64] = [:]
  /// When it is asked again whether a freeze has ended.
  private var freezeLook: Int64?
  /// Why events could not be made durable: the run in memory is then one that never was, and nothing is done any more.
  private var failure: JournalError?

  private struct TimerKey: Hashable {
    let position: RunPosition
    let timer: RunTimer
  }

  /// Takes up a run: begins it if nothing has happened to it, and otherwise goes on where its journal ends.
  ///
  /// What was in flight is asked after. An attempt that its worker does not remember is done again only
  /// where that does no harm; otherwise the step is errored, effect unknown.
  public init(
    _ opened: (journal: Journal, run: Run), start: RunStart, in world: RunWorld
  ) throws(JournalError) {
    journal = opened.journal
    run = opened.run
    self.world = world
    effects = []
    // What the journal tells was told before.
    _ = run.states.takeTouched()
    if run.phase == .waiting {
      try record([.started(start)])
    } else if run.verdict == nil {
      try record([.resumed])
      effects = run.outstanding
      try record(recalled())
    }
  }

  /// Somebody outside wants something: a cancel, a freeze. `false` where that is not possible now.
  public func submit(_ happening: Happening) throws(JournalError) -> Bool {
    if case .cancelled(let mode, let canceller) = happening {
      return try record([.cancelled(mode, by: canceller.bounded)]) > 0
    }
    return try record([happening]) > 0
  }

  /// Does what is wanted, then takes in what has happened. After an error, close the journal and take the run up again.
  public func turn() throws(JournalError) -> RunnerState {
    if let failure { throw failure }
    if let verdict = run.verdict { return .ended(verdict) }
    while !effects.isEmpty {
      let wanted = effects
      effects = []
      var happened: [Happening] = []
      for effect in wanted { if let answer = act(effect) { happened.append(answer) } }
      try record(happened)
    }
    if let verdict = run.verdict { return .ended(verdict) }
    let news = reported() + voted() + due() + thawed()
    if try record(news) > 0 { return .busy }
    return .idle(until: (timers.values + [freezeLook].compactMap { $0 }).min())
  }

  /// What a freeze depends on has changed: at the next turn it is asked again whether it is over.
  public func lookAtFreeze() {
    if freezeLook != nil { freezeLook = 0 }
  }

  /// Applies what happened, makes it durable, and only then wants what follows. Returns how much of it was news.
  @discardableResult
  private func record(_ happenings: [Happening]) throws(JournalError) -> Int {
    if let failure { throw failure }
    var events: [Event] = []
    var wanted: [Effect] = []
    for happening in happenings {
      let event = Event(at: max(world.clock.microseconds, run.now), happening)
      // What is too late, or comes twice, is no event.
      guard let effects = try? run.apply(event) else { continue }
      events.append(event)
      wanted += effects
    }
    do throws(JournalError) {
      try journal.append(events)
    } catch {
      failure = error
      throw error
    }
    effects += wanted
    var touched = run.states.takeTouched()
    for event in events {
      world.observer?.happened(event, to: run, touching: touched)
      touched = []
    }
    return events.count
  }

  private func name(_ position: RunPosition, _ attempt: Int) -> AttemptName {
    AttemptName(run: run.id, step: run.name(of: position), attempt: attempt)
  }
}

// Doing.
extension Runner {
  /// Does what an effect says; what comes of it at once is returned.
  private func act(_ effect: Effect) -> Happening? {
    switch effect {
    case .evaluate(let position, let condition):
      return .conditionEvaluated(
        position, world.decisions.evaluate(condition, for: position, of: run).bounded)
    case .decide(let position): return decided(position)
    case .begin(let position, let attempt): return .stepStarted(position, attempt: attempt)
    case .askApprovals(let position, let rules, let until):
      world.approvals.ask(rules, until: until, for: position, of: run)
    case .perform(let position, let attempt, let until):
      world.worker.perform(name(position, attempt), at: position, until: until, of: run)
    case .cancelAttempt(let position, let attempt): world.worker.cancel(name(position, attempt))
    case .askFreeze(let condition): return freeze(condition)
    case .setTimer(let position, let timer, let time):
      timers[TimerKey(position: position, timer: timer)] = time
    case .finish:
      timers = [:]
      freezeLook = nil
    }
    return nil
  }

  /// A freeze of which it is not known whether it is on is on.
  private func freeze(_ condition: String) -> Happening? {
    guard run.asksFreeze else { return nil }
    switch world.decisions.freeze(condition, of: run).bounded {
    case .no:
      freezeLook = nil
      return run.isFrozen ? .freezeEnded : .freezeAbsent
    case .yes:
      freezeLook = world.clock.microseconds + PipelineLimits.freezeInterval
      return run.isFrozen ? nil : .freezeBegan("")
    case .unknown(let why):
      freezeLook = world.clock.microseconds + PipelineLimits.freezeInterval
      return run.isFrozen ? nil : .freezeBegan(cut("it is not known whether one is on: \(why)"))
    }
  }

  /// A gate is asked only as long as the step waits for it: what it says is evidence.
  private func decided(_ position: RunPosition) -> Happening? {
    let state = run.states[position.node]
    guard state.phase == .deciding, state.round == position.round else { return nil }
    return world.decisions.decide(position, of: run).map { .decided(position, $0.bounded) }
  }
}

// What has happened.
extension Runner {
  private func reported() -> [Happening] {
    world.worker.reports().map { report in
      switch report {
      case .ended(let position, let attempt, let ending):
        .stepEnded(position, attempt: attempt, ending.bounded)
      case .lost(let position, let attempt): .workerLost(position, attempt: attempt)
      case .notBegun(let position, let attempt): .attemptNotBegun(position, attempt: attempt)
      }
    }
  }

  private func voted() -> [Happening] {
    world.approvals.news().map { news in
      switch news {
      case .subject(let position, let digest): .subjectKnown(position, digest)
      case .vote(let position, let vote): .voted(position, vote)
      }
    }
  }

  /// The end of a freeze, where it is time to ask about one.
  private func thawed() -> [Happening] {
    guard let look = freezeLook else { return [] }
    guard run.asksFreeze, let condition = run.plan.freeze else {
      freezeLook = nil
      return []
    }
    guard look <= world.clock.microseconds else { return [] }
    return freeze(condition).map { [$0] } ?? []
  }

  /// Timers whose time has come, the earliest first; each fires once.
  private func due() -> [Happening] {
    let now = max(world.clock.microseconds, run.now)
    let due = timers.filter { $0.value <= now }
    for key in due.keys { timers[key] = nil }
    let sorted = due.sorted { left, right in
      (left.value, left.key.position.node, left.key.timer.rawValue)
        < (right.value, right.key.position.node, right.key.timer.rawValue)
    }
    return sorted.map { .timerFired($0.key.position, $0.key.timer) }
  }

  /// What became of attempts that were in flight; those effects are taken off the list that need not be done again.
  private func recalled() -> [Happening] {
    var happened: [Happening] = []
    effects = effects.filter { effect in
      switch effect {
      case .perform(let position, let attempt, _):
        switch world.worker.recall(name(position, attempt)) {
        case .neverBegun:
          happened.append(.attemptNotBegun(position, attempt: attempt))
          return false
        case .running: return false
        case .ended(let ending):
          happened.append(.stepEnded(position, attempt: attempt, ending.bounded))
          return false
        case .unknown:
          if run.isIdempotent(position.node) { return true }
          happened.append(.workerLost(position, attempt: attempt))
          return false
        }
      case .cancelAttempt(let position, let attempt):
        switch world.worker.recall(name(position, attempt)) {
        case .neverBegun:
          happened.append(.stepEnded(position, attempt: attempt, Ending(.cancelled)))
        case .running: return true
        case .ended(let ending):
          happened.append(.stepEnded(position, attempt: attempt, ending.bounded))
        case .unknown: happened.append(.workerLost(position, attempt: attempt))
        }
        return false
      case .evaluate, .decide, .askApprovals, .begin, .askFreeze, .setTimer, .finish: return true
      }
    }
    return happened
  }
}
