// How nodes begin and end, and what follows from an end.
import WritCrypto

extension Run {
  /// Begins a node: its condition first, on values as they are now.
  mutating func begin(_ node: Int) {
    let options = plan.nodes[node].options
    if let deadline = options.deadline {
      states[node].deadline = now + deadline
      wanted.append(.setTimer(position(node), .deadline, at: now + deadline))
    }
    guard let condition = options.condition else { return proceed(node) }
    states[node].phase = .asking
    wanted.append(.evaluate(position(node), condition: condition))
  }

  /// Goes on with a node whose condition holds.
  mutating func proceed(_ node: Int) {
    switch plan.nodes[node].work {
    case .run, .act: tryIt(node)
    case .gate: decide(node)
    case .wait(let time): pause(node, time)
    case .approve(let rules, let within):
      let ballot = Ballot(rules: rules, until: now + within, subject: nil)
      ballots[node] = ballot
      states[node].phase = .holding
      wanted += asking(position(node), ballot)
    case .sequence, .parallel: enter(node)
    case .repeated:
      states[node].rounds = 1
      enter(node)
    }
  }

  /// An action's gate is asked before each attempt, at the moment of execution.
  mutating func tryIt(_ node: Int) {
    guard case .act = plan.nodes[node].work else { return makeReady(node) }
    states[node].decisions = 0
    ballots[node] = nil
    decide(node)
  }

  mutating func makeReady(_ node: Int) {
    states[node].attempt += 1
    states[node].phase = .ready
    wanted.append(.begin(position(node), attempt: states[node].attempt))
  }

  private mutating func enter(_ node: Int) {
    states[node].phase = .inside
    states[node].next = 0
    states[node].worst = nil
    agenda.append(node)
  }

  /// The node's own work has ended; its hooks come next.
  mutating func end(_ node: Int, _ result: RunResult, _ cause: Cause) {
    states[node].result = result
    states[node].cause = cause
    states[node].timer = nil
    states[node].deadline = nil
    states[node].phase = .hooks
    states[node].next = 0
    agenda.append(node)
  }

  /// Looks at a node again after something in it has changed.
  mutating func advance(_ node: Int) {
    switch states[node].phase {
    case .inside: advanceParts(node)
    case .hooks: advanceHooks(node)
    default: break
    }
  }

  private mutating func advanceHooks(_ node: Int) {
    guard states[node].active == 0 else { return }
    let hooks = plan.nodes[node].hooks
    while states[node].next < hooks.count {
      let hook = hooks[states[node].next]
      states[node].next += 1
      guard case .hook(let moment) = plan.nodes[hook].role, let result = states[node].result,
        result != .skipped, moment.covers(result), mayBegin(hook)
      else { continue }
      states[node].active = 1
      return begin(hook)
    }
    close(node)
  }
}

// Groups.
extension Run {
  /// Begins as many parts as there is room for; a group in which one has failed begins no more.
  private mutating func advanceParts(_ node: Int) {
    let flat = plan.nodes[node]
    while states[node].worst == nil, !states[node].isOverdue, states[node].active < flat.width,
      states[node].next < flat.children.count, mayBegin(flat.children[states[node].next])
    {
      let child = flat.children[states[node].next]
      states[node].next += 1
      states[node].active += 1
      begin(child)
    }
    guard states[node].active == 0 else { return }
    if states[node].isOverdue, states[node].worst?.gravity ?? 0 <= RunResult.expired.gravity {
      return end(node, .expired, .deadline)
    }
    if let worst = states[node].worst {
      return end(node, worst, .part(id(of: states[node].worstPart)))
    }
    guard states[node].next == flat.children.count else {
      return end(node, .cancelled, stopCause(of: node))
    }
    if case .repeated(_, let repetition) = flat.work { return check(node, repetition) }
    states[node].outputs = outputs(of: flat.children)
    end(node, .succeeded, .none)
  }

  /// Why nothing new is begun in a node.
  func stopCause(of node: Int) -> Cause {
    if let cancellation { return cancellation }
    if let failure { return .runFailed(id(of: failure)) }
    let group = failedGroup(around: node)
    return group.map {
      states[$0].worst == nil ? .deadline : .groupFailed(id(of: states[$0].worstPart))
    } ?? .none
  }

  private mutating func check(_ node: Int, _ repetition: Repetition) {
    guard mayBegin(node) else { return end(node, .cancelled, stopCause(of: node)) }
    states[node].phase = .checking
    wanted.append(.evaluate(position(node), condition: repetition.until))
  }

  /// What a repeat's condition says after a round.
  mutating func checked(_ node: Int, _ answer: Answer) {
    guard case .repeated(_, let repetition) = plan.nodes[node].work else { return }
    let outputs = outputs(of: plan.nodes[node].children)
    states[node].outputs = outputs
    switch answer {
    case .yes: return end(node, .succeeded, .none)
    case .unknown(let why): return end(node, .errored, .conditionUnknown(why))
    case .no: break
    }
    let isSame = states[node].roundOutputs == outputs
    states[node].sameRounds = isSame ? states[node].sameRounds + 1 : 1
    states[node].roundOutputs = outputs
    if let limit = repetition.noProgress, states[node].sameRounds >= limit {
      return end(node, .failed, .noProgress)
    }
    guard states[node].rounds < repetition.atMost else {
      return end(node, .failed, .roundsUsedUp)
    }
    pause(node, repetition.every)
  }

  mutating func nextRound(_ node: Int) {
    states[node].rounds += 1
    for child in plan.nodes[node].children { renew(child) }
    enter(node)
  }

  /// Forgets a round, apart from what may have to be undone.
  private mutating func renew(_ node: Int) {
    let old = states[node]
    var state = NodeState()
    state.round = old.round + 1
    state.endOrder = old.endOrder
    state.changes = old.changes
    if old.mayHaveChanged {
      state.changes.append(NodeState.Change(round: old.round, endOrder: old.endOrder))
    }
    state.hasUnknownEffect = old.hasUnknownEffect
    states[node] = state
    ballots[node] = nil
    for part in plan.nodes[node].children + plan.nodes[node].hooks { renew(part) }
  }

  /// One digest for what all parts gave out, in their order; those without outputs count as such.
  private func outputs(of parts: [Int]) -> Digest {
    var bytes: [UInt8] = []
    for part in parts {
      let result = states[part].result.map { RunResult.allCases.firstIndex(of: $0) ?? 0 } ?? 255
      bytes.append(UInt8(result))
      bytes.append(states[part].outputs == nil ? 0 : 1)
      states[part].outputs?.append(to: &bytes)
    }
    return Digest(of: bytes)
  }
}

// Ends.
extension Run {
  /// Nothing of a node runs any more: strategies, then whoever waits for it.
  private mutating func close(_ node: Int) {
    states[node].phase = .ended
    ends += 1
    states[node].endOrder = ends
    if states[node].result?.isGood == false { follow(node) }
    let flat = plan.nodes[node]
    guard let parent = flat.parent, flat.role != .rollback else {
      switch flat.role {
      case .part: return stageEnded(node)
      case .hook: return closingHookEnded(node)
      case .rollback: return undoneOne(node)
      }
    }
    states[parent].active -= 1
    if case .hook = flat.role { hookEnded(node, of: parent) } else { partEnded(node, of: parent) }
    agenda.append(parent)
  }

  private mutating func partEnded(_ node: Int, of parent: Int) {
    let state = states[node]
    guard let result = state.result, !state.isGood else { return }
    // One failure that nobody has dealt with is enough to look further up.
    let isFirst = states[parent].worst == nil
    states[parent].isSettled = state.isSettled && (isFirst || states[parent].isSettled)
    if !state.isSettled && state.isForStage { states[parent].isForStage = true }
    if isFirst || result.gravity > states[parent].worst?.gravity ?? 0 {
      states[parent].worst = result
      states[parent].worstPart = node
    }
    guard isFirst, !plan.nodes[parent].isInHook else { return }
    let group = parent..<plan.nodes[parent].end
    halt(group, because: .groupFailed(id(of: node)), stopsWork: false, hooksToo: false)
  }

  /// What succeeded has not, if its hook has not.
  private mutating func hookEnded(_ hook: Int, of node: Int) {
    guard !states[hook].isGood, states[node].result == .succeeded,
      let result = states[hook].result
    else { return }
    states[node].result = result
    states[node].cause = .hook(id(of: hook))
  }

  /// The first strategy of this level that is for the result; of a stage that has none: stop.
  private mutating func follow(_ node: Int) {
    let flat = plan.nodes[node]
    guard let result = states[node].result, result != .cancelled, !states[node].isSettled else {
      return
    }
    let isStage = flat.parent == nil && flat.role == .part
    guard isStage || !states[node].isForStage else { return }
    let found = flat.options.strategies.first { $0.results.contains(result) }?.action
    switch found ?? (isStage ? .abort : nil) {
    case nil: break
    case .ignore: states[node].isIgnored = true
    case .stage: states[node].isForStage = true
    // A hook, or what undoes, has no say over the run.
    case .abort: if !flat.isInHook { fail(node, undoing: false) }
    case .rollback: if !flat.isInHook { fail(node, undoing: true) }
    }
  }

  private mutating func fail(_ node: Int, undoing: Bool) {
    states[node].isSettled = true
    wantsRollback = wantsRollback || undoing
    guard failure == nil else { return }
    failure = node
    let cause = Cause.runFailed(id(of: node))
    halt(plan.nodes.indices, because: cause, stopsWork: false, hooksToo: false)
  }
}
