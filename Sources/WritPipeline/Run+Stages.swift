// Stages, the end of a run, how it is stopped and what is undone.

extension Run {
  /// Looks at everything that the event has touched, until nothing follows from anything any more.
  mutating func settle() {
    while true {
      while let node = agenda.popLast() { advance(node) }
      switch phase {
      case .running:
        if looksAtStages { beginStages() }
        if !mayBeginStages { asksFreeze = false }
        if agenda.isEmpty && activeStages == 0 { rest() }
      case .rollingBack: undoNext()
      case .closing: closeNext()
      case .held, .waiting, .ended: break
      }
      if agenda.isEmpty { return }
    }
  }

  private var mayBeginStages: Bool { failure == nil && cancelMode == nil }

  /// Begins the stages that wait for nothing any more. Stages stand behind those they wait for, so once is enough.
  private mutating func beginStages() {
    looksAtStages = false
    guard mayBeginStages else { return }
    for (number, stage) in plan.stages.enumerated() where states[stage].phase == .waiting {
      let dependencies = plan.dependencies[number]
      guard dependencies.allSatisfy({ states[$0.stage].phase == .ended }) else { continue }
      if let missed = dependencies.first(where: { !isMet($0.stage, $0.results) }) {
        states[stage].result = .skipped
        states[stage].cause = .dependency(id(of: missed.stage))
        states[stage].phase = .ended
      } else if let freeze = plan.freeze, !isClear {
        guard !asksFreeze else { continue }
        asksFreeze = true
        wanted.append(.askFreeze(condition: freeze))
      } else if !isFrozen {
        activeStages += 1
        begin(stage)
      }
    }
  }

  /// Bare: succeeded, ignored, or skipped by its own condition; a stage that was itself left out
  /// because of another is no better than that other.
  private func isMet(_ stage: Int, _ results: [RunResult]) -> Bool {
    guard results.isEmpty else {
      return states[stage].result.map { results.contains($0) } ?? false
    }
    if case .dependency = states[stage].cause { return false }
    return states[stage].isGood
  }

  /// Whether a node is a stage that only waits for another to go wrong, which went well.
  public func isSpared(_ node: Int) -> Bool {
    guard let number = plan.stages.firstIndex(of: node),
      let missed = plan.dependencies[number].first(where: { !isMet($0.stage, $0.results) })
    else { return false }
    return !missed.results.isEmpty && states[missed.stage].result == .succeeded
  }

  mutating func stageEnded(_ stage: Int) {
    activeStages -= 1
    looksAtStages = true
  }

  /// No stage runs: the run waits for the end of a freeze, or for word of one, undoes, or ends.
  private mutating func rest() {
    let isPending = plan.stages.contains { states[$0].phase == .waiting }
    if isPending && isFrozen && mayBeginStages {
      phase = .held
      return
    }
    if asksFreeze { return }
    undoing = wantsRollback ? undoable : []
    if undoing.isEmpty { conclude() } else { phase = .rollingBack }
    if phase == .rollingBack { begin(undoing[0]) }
  }

  /// All is done or undone: what is to run at the end of all comes now.
  private mutating func conclude() {
    conclusion = overall
    phase = .closing
    closeNext()
  }

  /// Goes on with the next hook of the whole that is for how the run has ended.
  private mutating func closeNext() {
    if closed > 0, states[plan.hooks[closed - 1]].isUnderWay { return }
    while let result = conclusion, closed < plan.hooks.count {
      let hook = plan.hooks[closed]
      closed += 1
      guard case .hook(let moment) = plan.nodes[hook].role, moment.covers(result), mayBegin(hook)
      else { continue }
      return begin(hook)
    }
    finish()
  }

  /// What succeeded has not, if its hook has not.
  mutating func closingHookEnded(_ hook: Int) {
    guard conclusion == .succeeded, !states[hook].isGood, let result = states[hook].result else {
      return
    }
    conclusion = result
  }

  private mutating func finish() {
    let verdict = RunVerdict(
      result: conclusion ?? overall, rollback: reversal,
      isEffectUnknown: states.contains(where: \.hasUnknownEffect), isOverdue: isOverdue)
    phase = .ended(verdict)
    wanted.append(.finish(verdict))
  }

  /// The gravest result of a stage that was not ignored.
  private var overall: RunResult {
    let results = plan.stages.filter { !states[$0].isIgnored } + [failure].compactMap { $0 }
    let gravest = results.compactMap { states[$0].result }.max { $0.gravity < $1.gravity }
    let stopped: RunResult = isOverdue ? .expired : .cancelled
    if let gravest, gravest.gravity > 0 {
      return gravest == .cancelled ? stopped : gravest
    }
    let isWhole = plan.stages.allSatisfy { states[$0].result != nil }
    return isWhole || cancelMode == nil ? .succeeded : stopped
  }
}

// Stopping.
extension Run {
  /// Why it is stopped, if it was from without: somebody's word, or the end of its time.
  var cancellation: Cause? {
    guard let cancelMode else { return nil }
    return isOverdue && cancelMode == .cleanup
      ? .runOverdue
      : .runCancelled(cancelMode, by: cancelWords.last?.by ?? .unsaid)
  }

  mutating func cancel(_ mode: CancelMode) {
    cancelMode = mode
    if mode == .cleanup { wantsRollback = true }
    if mode == .now { wantsRollback = false }
    halt(
      plan.nodes.indices, because: cancellation ?? .runCancelled(mode, by: .unsaid),
      stopsWork: mode != .drain,
      hooksToo: mode != .cleanup)
    if phase == .held { phase = .running }
  }

  /// Ends whatever waits among some nodes, and, if so wanted, what works.
  mutating func halt(
    _ nodes: Range<Int>, because cause: Cause, stopsWork: Bool, hooksToo: Bool
  ) {
    for node in nodes where hooksToo || !plan.nodes[node].isInHook {
      // Only `now` touches what undoes.
      if plan.nodes[node].role == .rollback && cancelMode != .now { continue }
      switch states[node].phase {
      case .asking, .deciding, .holding, .pausing, .ready, .checking:
        end(node, cause == .deadline ? .expired : .cancelled, cause)
      case .working: if stopsWork { stop(node, because: cause) }
      case .stopping:
        // Whatever it is stopped for, it is not tried again.
        if stopsWork { states[node].stopCause = cause }
      case .waiting, .inside, .hooks, .ended: break
      }
    }
  }
}

// Undoing.
extension Run {
  /// What was let in, however it ended, and can be undone: what ended last first, parts where the whole stands.
  private var undoable: [Int] {
    var order: [Int] = []
    func visit(_ nodes: [Int]) {
      for node in nodes.sorted(by: { states[$0].endOrder > states[$1].endOrder }) {
        if let rollback = plan.nodes[node].rollback, states[node].mayHaveChanged {
          order.append(rollback)
        }
        visit(plan.nodes[node].children + plan.nodes[node].hooks)
      }
    }
    visit(plan.stages)
    return order
  }

  mutating func undoneOne(_ rollback: Int) {
    undone += 1
    guard let step = plan.nodes[rollback].parent else { return }
    states[step].reversal = states[rollback].result == .succeeded ? .rolledBack : .rollbackFailed
  }

  /// Goes on with the next; what stands behind a failed one is left as it is, because it may need what was not undone.
  private mutating func undoNext() {
    guard let current = undoing.indices.contains(undone - 1) ? undoing[undone - 1] : nil,
      states[current].phase == .ended
    else { return }
    if states[current].result == .succeeded, undone < undoing.count, cancelMode != .now {
      if states[undoing[undone]].phase == .waiting { begin(undoing[undone]) }
    } else if agenda.isEmpty {
      conclude()
    }
  }

  private var reversal: RunResult? {
    guard !undoing.isEmpty else { return nil }
    let isWhole = undoing.allSatisfy { states[$0].result == .succeeded }
    return isWhole ? .rolledBack : .rollbackFailed
  }
}
