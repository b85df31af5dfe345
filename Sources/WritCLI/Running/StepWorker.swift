// Does the work of a run's steps: programs that touch nothing beside the runner, actions by a delegate.

import Writ
import WritCrypto
import WritDelegate
import WritEvidence
import WritModel
import WritPipeline

/// Hands each attempt to whom it belongs, and brings what became of it.
final class StepWorker: Worker {
  private let desk: PipelineDesk
  private let programs: LocalPrograms
  private let agents: AgentPrograms
  private let delegate: DelegateQueue
  private var waiting: [WorkerReport] = []
  /// Where attempts in flight stand in the run.
  private var positions: [AttemptName: RunPosition] = [:]

  init(
    _ desk: PipelineDesk, _ programs: LocalPrograms, _ agents: AgentPrograms,
    _ delegate: DelegateQueue
  ) {
    self.desk = desk
    self.programs = programs
    self.agents = agents
    self.delegate = delegate
  }

  func perform(_ attempt: AttemptName, at node: RunPosition, until: Int64?, of run: Run) {
    let id = run.id(of: node.node)
    positions[attempt] = node
    expectAnswer(of: attempt, at: node, of: run)
    guard !wasHandedOut(attempt, at: node, of: run) else { return }
    switch desk.lowered.steps[id] {
    case .action:
      // What was allowed before the runner was started anew is asked again.
      guard let action = desk.takeAllowed(node) else {
        return waiting.append(.notBegun(node, attempt: attempt.attempt))
      }
      delegate.enqueue(attempt, action)
    case .run: programs.start(attempt, at: node, until: until, of: run)
    case .agent: agents.start(attempt, at: node, until: until, of: run)
    case .gate, .approval, nil:
      waiting.append(
        .ended(
          node, attempt: attempt.attempt, Ending(.errored, detail: "the bundle has no such step")))
    }
  }

  /// A journal that has lost its end wants an attempt handed out that already was: that is asked after, as on a restart.
  private func wasHandedOut(_ attempt: AttemptName, at node: RunPosition, of run: Run) -> Bool {
    switch recall(attempt) {
    case .neverBegun: return false
    case .running: break
    case .ended(let ending):
      waiting.append(.ended(node, attempt: attempt.attempt, ending))
    case .unknown:
      // Once more is as good as once.
      if run.isIdempotent(node.node) { return false }
      waiting.append(.lost(node, attempt: attempt.attempt))
    }
    _ = desk.takeAllowed(node)
    return true
  }

  func cancel(_ attempt: AttemptName) {
    programs.stop(attempt)
    agents.stop(attempt)
    delegate.cancel(attempt)
  }

  func recall(_ attempt: AttemptName) -> Recollection {
    let memory: AttemptMemory
    do throws(Failure) {
      guard let found = try desk.folder.memory(of: attempt) else { return .neverBegun }
      memory = found
    } catch {
      return .unknown
    }
    if let ending = memory.ending { return .ended(ending) }
    guard let (order, entry) = memory.order else { return .unknown }
    do throws(Failure) {
      try delegate.resume(attempt, order, entry: entry)
    } catch {
      // An order that cannot be offered now can be later: with the permit's own key, or a log that can be read.
      desk.stop(error)
    }
    return .running
  }

  func reports() -> [WorkerReport] {
    defer { waiting = [] }
    let news = programs.news() + agents.news() + delegate.news()
    return waiting
      + news.compactMap { attempt, what in
        guard let node = positions[attempt] else { return nil }
        switch what {
        case .ended(let ending): return .ended(node, attempt: attempt.attempt, ending)
        case .lost: return .lost(node, attempt: attempt.attempt)
        case .notBegun: return .notBegun(node, attempt: attempt.attempt)
        }
      }
  }

  /// Learns where attempts that are in flight stand, of a run that is taken up again.
  func adopt(_ run: Run) {
    for node in run.states.indices {
      let state = run.states[node]
      guard state.phase == .working || state.phase == .stopping else { continue }
      let position = RunPosition(node: node, round: state.round)
      let name = AttemptName(run: run.id, step: run.name(of: position), attempt: state.attempt)
      positions[name] = position
      expectAnswer(of: name, at: position, of: run)
    }
  }

  /// Of an action whose step gives out what it is answered.
  private func expectAnswer(of attempt: AttemptName, at node: RunPosition, of run: Run) {
    let id = run.id(of: node.node)
    guard case .action? = desk.lowered.steps[id], let output = desk.lowered.output(of: id) else {
      return
    }
    let desk = desk
    delegate.expect(attempt) { text throws(Failure) in
      try desk.accepted(text, of: output, at: node, of: run)
    }
  }
}

/// What became of an attempt.
enum AttemptNews {
  case ended(Ending)
  case lost
  case notBegun
}
