// The loop at the edge of a run: it has the clock, the signals and the sockets, and calls the runner until the run has ended.

@preconcurrency import Glibc
import Writ
import WritCrypto
import WritEvidence
import WritModel
import WritPipeline
import WritTransport

/// Tells the runner the time.
final class MachineClock: RunClock {
  var microseconds: Int64 { currentTime() }
}

extension StopSignal.Given {
  /// `SIGTERM, from the system user 1000 (ines)`
  var words: String {
    name + (user.map { ", from \(systemUser($0))" } ?? "")
  }
}

/// Carries out one run. One thread.
final class RunLoop {
  private let runner: Runner
  private let journal: Journal
  private let desk: PipelineDesk
  private let programs: LocalPrograms
  private let agents: AgentPrograms
  private let delegate: DelegateQueue
  private let inbox: ApprovalInbox
  private let tell: RunTeller
  private let signals: StopSignal
  private var interrupts = 0
  /// Who interrupted it last.
  private var interrupter = Canceller.unsaid

  /// Takes up a run, which nothing has happened to or whose runner is gone.
  init(
    _ invocation: Invocation, _ desk: PipelineDesk, _ start: RunStart, _ tell: RunTeller,
    signals: StopSignal
  ) throws(Failure) {
    self.desk = desk
    self.signals = signals
    self.tell = tell
    let post = try DelegatePost(invocation, desk.keys)
    programs = try LocalPrograms(desk, tell)
    agents = try AgentPrograms(invocation, desk, tell, programs)
    delegate = DelegateQueue(
      desk, tell, post,
      try DelegateRoutes(invocation, desk.keys.delegates, desk.bundle))
    inbox = ApprovalInbox(desk, tell)
    let worker = StepWorker(desk, programs, agents, delegate)
    let (folder, head, plan) = (desk.folder, desk.head, desk.lowered.plan)
    let beginning = try head.digest()
    let opened = try withJournal { () throws(JournalError) in
      try Journal.open(
        folder.journal, run: head.id, plan: plan, beginning: beginning,
        isBegun: folder.hasAttempts, on: SystemDisk())
    }
    journal = opened.journal
    // Before anybody is told how what was under way ended.
    try programs.claim()
    worker.adopt(opened.run)
    tell.begin(opened.run, isResumed: opened.run.start != nil)
    if desk.lowered.startsPrograms, let note = desk.bounds.note { tell.note(note) }
    let world = RunWorld(
      clock: MachineClock(), decisions: desk, approvals: inbox, worker: worker, observer: tell)
    runner = try withJournal { () throws(JournalError) in
      try Runner(opened, start: start, in: world)
    }
    inbox.counts = { [unowned runner] node, vote in
      guard let start = runner.run.start, let ballot = runner.run.ballots[node.node] else {
        return false
      }
      return ballot.counts(vote, at: currentTime(), start: start)
    }
  }

  /// Until the run has ended, or cannot go on now.
  func carryOut() throws(Failure) -> Run {
    defer { journal.close() }
    while true {
      try heed()
      let runner = runner
      if runner.run.isFrozen, desk.hasNews { runner.lookAtFreeze() }
      let state = try withJournal { () throws(JournalError) in try runner.turn() }
      if let failure = desk.failure { throw left(failure) }
      let run = runner.run
      inbox.keep { position in
        run.states[position.node].phase == .holding
          && run.states[position.node].round == position.round
      }
      switch state {
      case .ended:
        tell.finish(run)
        return run
      case .busy: continue
      case .idle(let until): wait(until)
      }
    }
  }

  private func left(_ failure: Failure) -> Failure {
    tell.finish(runner.run)
    return Failure(
      failure.code, "the run is left as it is: \(failure.message)",
      remedy: "`writ run --resume \(desk.head.id)` takes it up again")
  }

  /// Takes what people want of the whole run: once interrupted it cleans up, twice it stops at once.
  private func heed() throws(Failure) {
    while let signal = signals.takeGiven() {
      interrupts += 1
      interrupter = .signal(signal.words)
    }
    let interrupted: CancelMode? = interrupts == 0 ? nil : interrupts == 1 ? .cleanup : .now
    if let wanted = desk.folder.wantedCancel, isHarder(wanted),
      interrupted.map({ $0 < wanted }) ?? true
    {
      let canceller = desk.folder.canceller(wanted, desk.head, desk.bundle.registry)
      try cancel(wanted, by: canceller)
    } else if let interrupted, isHarder(interrupted) {
      try cancel(interrupted, by: interrupter)
    }
    if let deadline = desk.deadline, currentTime() >= deadline { try stop(by: .cleanup, .overdue) }
  }

  /// Stops the run and puts on record who wanted that. A log that cannot be written keeps nobody from stopping it: the end is recorded with
  /// what is missing, or not at all.
  private func cancel(_ mode: CancelMode, by canceller: Canceller) throws(Failure) {
    try stop(by: mode, .cancelled(mode, by: canceller))
    do throws(Failure) {
      try desk.recordCancellations(of: runner.run)
    } catch {
      tell.note("that the run was told to stop is not on record yet: \(error.message)")
    }
  }

  private func isHarder(_ mode: CancelMode) -> Bool {
    runner.run.cancelMode.map { $0 < mode } ?? true
  }

  /// Says what stops the run, unless it is stopped as hard already.
  private func stop(by mode: CancelMode, _ happening: Happening) throws(Failure) {
    let runner = runner
    guard isHarder(mode) else { return }
    _ = try withJournal { () throws(JournalError) in try runner.submit(happening) }
  }

  /// Waits for whatever can happen next, at most a quarter of a second: folders are no descriptors.
  private func wait(_ until: Int64?) {
    var descriptors =
      [signals.descriptor] + programs.descriptors + agents.descriptors + delegate.descriptors
    descriptors = Array(Set(descriptors))
    var polls = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    polls += tell.wanting.map { pollfd(fd: $0, events: Int16(POLLOUT), revents: 0) }
    let left = until.map { max(0, ($0 - currentTime() + 999) / 1000) } ?? 250
    // A program's end, and a delegate that connects, are looked for; the end comes soon after that of what it writes.
    let isEnding =
      programs.isBusy && programs.descriptors.isEmpty
      || agents.isBusy && agents.descriptors.isEmpty
    let isBusy = programs.isBusy || agents.isBusy || delegate.isBusy
    let most: Int64 = isEnding ? 1 : isBusy ? 20 : 250
    _ = poll(&polls, nfds_t(polls.count), Int32(clamping: min(left, most)))
    tell.advance()
  }
}
