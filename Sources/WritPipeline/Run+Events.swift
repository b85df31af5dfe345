// What an event does to a run.
import WritCrypto

extension Run {
  /// Applies one event and says what must now be done in the world, in that order.
  ///
  /// An event that is not one for the run as it stands changes nothing.
  public mutating func apply(_ event: Event) throws(EventRefusal) -> [Effect] {
    if let refusal = refusal(of: event) { throw refusal }
    now = event.at
    wanted = []
    take(event.happening)
    settle()
    isClear = false
    defer { wanted = [] }
    return wanted
  }

  private mutating func take(_ happening: Happening) {
    switch happening {
    case .started(let start):
      self.start = start
      phase = .running
      looksAtStages = true
    case .conditionEvaluated(let position, let answer): evaluated(position.node, answer)
    case .decided(let position, let decision): decided(position.node, decision)
    case .subjectKnown(let position, let digest): subjectKnown(position.node, digest)
    case .voted(let position, let vote): voted(position.node, vote)
    case .stepStarted(let position, _): attemptStarted(position.node)
    case .stepEnded(let position, _, let ending): attemptEnded(position.node, ending)
    case .workerLost(let position, _):
      attemptEnded(
        position.node, Ending(.errored, detail: "the worker was lost", isEffectUnknown: true))
    case .attemptNotBegun(let position, _): attemptNotBegun(position.node)
    case .timerFired(let position, let timer): timerFired(position.node, timer)
    case .cancelled(let mode, let canceller):
      cancelWords.append(CancelWord(mode: mode, by: canceller, at: now))
      cancel(mode)
    case .overdue:
      isOverdue = true
      cancel(.cleanup)
    case .freezeBegan(let why):
      isFrozen = true
      freezeReason = why
    case .freezeEnded, .freezeAbsent: thaw()
    case .resumed: resume()
    }
  }

  private mutating func thaw() {
    isFrozen = false
    freezeReason = ""
    asksFreeze = false
    isClear = true
    looksAtStages = true
    if phase == .held { phase = .running }
  }

  func position(_ node: Int) -> RunPosition { RunPosition(node: node, round: states[node].round) }
}

// Conditions and times.
extension Run {
  private mutating func evaluated(_ node: Int, _ answer: Answer) {
    if states[node].phase == .checking { return checked(node, answer) }
    switch answer {
    case .yes: proceed(node)
    case .no: end(node, .skipped, .conditionFalse)
    case .unknown(let why): end(node, .errored, .conditionUnknown(why))
    }
  }

  private mutating func timerFired(_ node: Int, _ timer: RunTimer) {
    switch timer {
    case .pause: paused(node)
    case .attempt: stop(node, because: .attemptTimedOut)
    case .approval: end(node, .expired, .approvalExpired)
    case .deadline:
      if states[node].isAtWork {
        // Once is enough: the worker was told, or is told now.
        states[node].deadline = nil
        if states[node].phase == .working {
          stop(node, because: .deadline)
        } else if states[node].stopCause == .attemptTimedOut {
          // Not tried again; what was cancelled stays so.
          states[node].stopCause = .deadline
        }
      } else if states[node].phase == .inside {
        overrun(node)
      } else {
        end(node, .expired, .deadline)
      }
    }
  }

  /// The time of a group is up: nothing more is begun in it, what waits and what works is stopped.
  private mutating func overrun(_ node: Int) {
    states[node].deadline = nil
    states[node].isOverdue = true
    halt(
      (node + 1)..<plan.nodes[node].end, because: .deadline, stopsWork: true,
      hooksToo: plan.nodes[node].isInHook)
    agenda.append(node)
  }

  private mutating func paused(_ node: Int) {
    states[node].timer = nil
    switch plan.nodes[node].work {
    case .wait: end(node, .succeeded, .none)
    case .run, .act: tryIt(node)
    case .repeated: nextRound(node)
    case .approve, .gate, .sequence, .parallel: preconditionFailure("nothing else pauses")
    }
  }
}

// Gates and approvals.
extension Run {
  private mutating func decided(_ node: Int, _ decision: GateDecision) {
    states[node].evidence = decision.evidence
    states[node].action = decision.action
    states[node].decisions += 1
    switch decision.outcome {
    case .allow:
      if case .gate = plan.nodes[node].work {
        end(node, .succeeded, .none)
      } else {
        makeReady(node)
      }
    case .deny(let why):
      // Of what was let in once and is not again, something may be done: that is more than a denial.
      end(node, states[node].mayHaveChanged ? .failed : .denied, .denied(why))
    case .hold(let rules, let within): hold(node, rules, within, decision.action)
    }
  }

  private mutating func hold(
    _ node: Int, _ rules: [ApprovalRule], _ within: Microseconds, _ action: Digest
  ) {
    guard !rules.isEmpty, within > 0, rules.allSatisfy({ $0.count > 0 }) else {
      return end(node, .errored, .senselessHold)
    }
    guard states[node].decisions <= Run.decisionsOfAttempt else {
      return end(node, .errored, .heldTooOften)
    }
    var ballot = Ballot(rules: rules, until: now + within, subject: action)
    if let before = ballots[node] {
      // The time that people were given does not begin anew.
      ballot = Ballot(rules: rules, until: before.until, subject: action)
      ballot.carry(from: before)
      guard ballot.until > now else { return end(node, .expired, .approvalExpired) }
      if ballot.isMet(at: now) {
        guard before.rules != rules || before.subject != action else {
          return end(node, .errored, .heldTooOften)
        }
      }
    }
    ballots[node] = ballot
    if ballot.isMet(at: now) { return decide(node) }
    states[node].phase = .holding
    wanted += asking(position(node), ballot)
  }

  /// A gate that has held so often for one attempt will not allow it.
  private static let decisionsOfAttempt = 16

  private mutating func subjectKnown(_ node: Int, _ digest: Digest) {
    states[node].action = digest
    if case .approve = plan.nodes[node].work {
      ballots[node]?.setSubject(digest)
    } else if ballots[node]?.subject != digest {
      // What would be done has changed: the gate says what that needs.
      ballots[node]?.setSubject(digest)
      decide(node)
    }
  }

  private mutating func voted(_ node: Int, _ vote: Vote) {
    guard var ballot = ballots[node], let start else { return }
    let refusal = ballot.add(vote, at: now, start: start)
    ballots[node] = ballot
    guard refusal == nil else { return }
    guard vote.approves else {
      return end(node, .denied, .rejected(vote.person, why: vote.reason))
    }
    guard ballot.isMet(at: now) else { return }
    if case .approve = plan.nodes[node].work {
      end(node, .succeeded, .none)
    } else {
      decide(node)
    }
  }

  mutating func decide(_ node: Int) {
    states[node].phase = .deciding
    wanted.append(.decide(position(node)))
  }
}

// Attempts.
extension Run {
  private mutating func attemptStarted(_ node: Int) {
    states[node].phase = .working
    states[node].timer = plan.nodes[node].options.attemptTimeout.map { now + $0 }
    let state = states[node]
    wanted.append(.perform(position(node), attempt: state.attempt, until: end(of: state)))
    if let timer = state.timer { wanted.append(.setTimer(position(node), .attempt, at: timer)) }
  }

  /// What was allowed before the pause may not be any more: gates are asked again.
  private mutating func resume() {
    restarts += 1
    for node in states.indices where states[node].phase == .ready {
      guard case .act = plan.nodes[node].work else { continue }
      states[node].attempt -= 1
      decide(node)
    }
  }

  private mutating func attemptNotBegun(_ node: Int) {
    states[node].attempt -= 1
    states[node].timer = nil
    guard mayBegin(node) else { return end(node, .cancelled, stopCause(of: node)) }
    if case .act = plan.nodes[node].work { decide(node) } else { makeReady(node) }
  }

  mutating func stop(_ node: Int, because cause: Cause) {
    states[node].phase = .stopping
    states[node].timer = nil
    states[node].stopCause = cause
    wanted.append(.cancelAttempt(position(node), attempt: states[node].attempt))
  }

  private mutating func attemptEnded(_ node: Int, _ ending: Ending) {
    let stopCause = states[node].phase == .stopping ? states[node].stopCause : .none
    states[node].timer = nil
    states[node].stopCause = .none
    states[node].outputs = ending.outputs
    states[node].output = ending.output
    if ending.wasBegun && (ending.result != .denied || ending.isEffectUnknown) {
      states[node].mayHaveChanged = true
    }
    if ending.isEffectUnknown {
      states[node].hasUnknownEffect = true
    } else if ending.result == .succeeded && plan.nodes[node].isIdempotent {
      // Done twice is as good as once.
      states[node].hasUnknownEffect = false
    }
    // What came to its end because it was to stop has the result of that.
    let isStopped =
      ending.result == .cancelled && (stopCause == .deadline || stopCause.isWordToStop)
    if ending.isEffectUnknown && !plan.nodes[node].isIdempotent && !isStopped {
      return end(node, .errored, .effectUnknown(ending.detail))
    }
    // What ended well before the word to stop came has ended well.
    guard ending.result != .succeeded else { return end(node, .succeeded, .none) }
    switch stopCause {
    case .deadline: return end(node, .expired, .deadline)
    case .runFailed, .runCancelled, .runOverdue: return end(node, .cancelled, stopCause)
    case .attemptTimedOut: return endOrTryAgain(node, .errored, .attemptTimedOut)
    default: break
    }
    if ending.isEffectUnknown {
      return endOrTryAgain(node, .errored, .effectUnknown(ending.detail))
    }
    switch ending.result {
    case .denied: end(node, .denied, .denied(ending.detail))
    // Nobody here has asked for it.
    case .cancelled: endOrTryAgain(node, .errored, .worker(ending.detail))
    default: endOrTryAgain(node, ending.result, .worker(ending.detail))
    }
  }

  private mutating func endOrTryAgain(_ node: Int, _ result: RunResult, _ cause: Cause) {
    let attempt = states[node].attempt
    guard let retry = plan.nodes[node].options.retry, attempt < retry.attempts, mayBegin(node)
    else { return end(node, result, cause) }
    let name = name(of: position(node))
    let pause = retry.pause(before: attempt + 1, run: id, step: name)
    states[node].cause = cause
    self.pause(node, pause)
  }

  mutating func pause(_ node: Int, _ time: Microseconds) {
    states[node].phase = .pausing
    states[node].timer = now + time
    wanted.append(.setTimer(position(node), .pause, at: now + time))
  }

  /// Whether a node may begin something now.
  func mayBegin(_ node: Int) -> Bool {
    let flat = plan.nodes[node]
    if flat.role == .rollback { return cancelMode != .now }
    if flat.isInHook { return cancelMode == nil || cancelMode == .cleanup }
    return failure == nil && cancelMode == nil && failedGroup(around: node) == nil
  }

  /// The group nearest around a node in which a part has failed, or whose time is up: nothing more is begun in it.
  func failedGroup(around node: Int) -> Int? {
    var around = plan.nodes[node].parent
    while let group = around {
      if states[group].worst != nil || states[group].isOverdue { return group }
      around = plan.nodes[group].parent
    }
    return nil
  }
}
