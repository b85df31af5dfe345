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
    guard !undoing.isEmpty else { return conclude() }
    phase = .rollingBack
    beginUndoing()
  }

  /// All is done or undone: what is to run at the end of all comes now.
  private mutating func conclude() {
    // What is taken back in part is not taken back.
    for left in undoing.dropFirst(undone) {
      guard let step = plan.nodes[left.rollback].parent, states[step].reversal != nil else {
        continue
      }
      states[step].reversal = .rollbackFailed
    }
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
  /// What was let in, however it ended, and can be undone: what ended last first, parts where the whole stands, and of a repeat each
  /// round.
  private var undoable: [Undoing] {
    var order: [Undoing] = []
    func visit(_ nodes: [Int]) {
      for node in nodes.sorted(by: { states[$0].endOrder > states[$1].endOrder }) {
        if case .repeated = plan.nodes[node].work {
          order += undoable(inRoundsOf: node)
          continue
        }
        if let rollback = plan.nodes[node].rollback, states[node].mayHaveChanged {
          order.append(Undoing(rollback: rollback, round: states[node].round))
        }
        visit(plan.nodes[node].children + plan.nodes[node].hooks)
      }
    }
    visit(plan.stages)
    return order
  }

  /// The same of all that a repeat holds, in all of its rounds.
  private func undoable(inRoundsOf node: Int) -> [Undoing] {
    var found: [(endOrder: Int, undoing: Undoing)] = []
    for part in node..<plan.nodes[node].end {
      guard let rollback = plan.nodes[part].rollback else { continue }
      var changes = states[part].changes
      if states[part].mayHaveChanged {
        changes.append(
          NodeState.Change(round: states[part].round, endOrder: states[part].endOrder))
      }
      found += changes.map { ($0.endOrder, Undoing(rollback: rollback, round: $0.round)) }
    }
    return found.sorted { $0.endOrder > $1.endOrder }.map(\.undoing)
  }

  /// Begins the next. What takes back several rounds of a step is begun anew for each, under the round's number.
  private mutating func beginUndoing() {
    let next = undoing[undoingBegun]
    undoingBegun += 1
    var state = NodeState()
    state.round = next.round
    state.hasUnknownEffect = states[next.rollback].hasUnknownEffect
    states[next.rollback] = state
    ballots[next.rollback] = nil
    begin(next.rollback)
  }

  mutating func undoneOne(_ rollback: Int) {
    undone += 1
    let isWell = states[rollback].result == .succeeded
    if isWell { undoneWell += 1 }
    guard let step = plan.nodes[rollback].parent else { return }
    states[step].reversal = isWell ? .rolledBack : .rollbackFailed
  }

  /// Goes on with the next; what stands behind a failed one is left as it is, because it may need what was not undone.
  private mutating func undoNext() {
    guard undone == undoingBegun else { return }
    if undoneWell == undone, undone < undoing.count, cancelMode != .now {
      beginUndoing()
    } else if agenda.isEmpty {
      conclude()
    }
  }

  private var reversal: RunResult? {
    guard !undoing.isEmpty else { return nil }
    return undoneWell == undoing.count ? .rolledBack : .rollbackFailed
  }
}
