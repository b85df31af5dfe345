// Actions of a run on their way to one delegate: one after another, each under a permit of its own.
//
//     allowed ──► waits ──► permitted, order remembered ──► offered ──► result recorded, remembered, reported
//                   │ too old, or overtaken                    │ connection broken: offered again
//                   └──► not begun: its gate is asked anew     └──► nobody comes: the run is left, and asks later

import Writ
import WritCrypto
import WritEvidence
import WritModel
import WritPipeline

/// The orders of a run. One thread.
final class DelegateQueue {
  private let desk: PipelineDesk
  private let tell: RunTeller
  private let post: DelegatePost
  private var line: DelegateLine?
  private var queue: [Waiting] = []
  /// Orders of a runner before that are to be offered again.
  private var known: [Offered] = []
  private var current: Offered?
  private var waiting: [(AttemptName, AttemptNews)] = []
  /// Since when a delegate is wanted and none is there, in microseconds.
  private var absentSince: Int64?
  /// How often in a row an attempt's gate was sent to be asked anew.
  private var renewals: [AttemptName: Int] = [:]

  private struct Waiting {
    let attempt: AttemptName
    let action: AllowedAction
  }

  private struct Offered {
    let attempt: AttemptName
    let order: PermittedOrder
    /// Offers so far, over all connections and runners.
    var offers: Int
    var isOpen = false
    var isCancelled = false
    /// Of a runner before, which may have recorded what became of it.
    var isKnown = false
  }

  /// An allow that is older is asked for anew, in microseconds.
  private static let oldest: Int64 = 10_000_000
  /// How often in a row.
  private static let mostRenewals = 5

  init(_ desk: PipelineDesk, _ tell: RunTeller, _ post: DelegatePost) {
    self.desk = desk
    self.tell = tell
    self.post = post
  }

  /// To wait for, beside others.
  var descriptors: [Int32] { line.map { [$0.descriptor] } ?? [] }

  /// Whether a delegate is wanted.
  var isBusy: Bool { current != nil || !known.isEmpty || !queue.isEmpty }

  func enqueue(_ attempt: AttemptName, _ action: AllowedAction) {
    queue.append(Waiting(attempt: attempt, action: action))
  }

  /// Takes up an order that a runner before had remembered, and may have offered.
  func resume(_ attempt: AttemptName, _ order: WorkOrder, entry: UInt64) throws(Failure) {
    let permit: Permit
    do throws(PermitError) {
      permit = try Permit(order.permit, key: desk.keys.permitKey.publicKey)
    } catch {
      throw .badInput("the permit that was remembered is none: \(error)")
    }
    let keys = desk.keys
    let reader = try withLog { () throws(LogError) in
      try LogReader(store: keys.store, keys: keys.signer.verifierKeys)
    }
    let subjects = try reader.subjects(ofEntry: permit.decision.index)
    let checkpoint = order.proof.flatMap { Checkpoint($0.note.text) }
    known.append(
      Offered(
        attempt: attempt,
        order: PermittedOrder(
          order: order, permit: permit, subjects: subjects, entry: entry,
          checkpointSize: checkpoint?.size ?? 0),
        offers: 1, isKnown: true))
  }

  func cancel(_ attempt: AttemptName) {
    if let place = queue.firstIndex(where: { $0.attempt == attempt }) {
      queue.remove(at: place)
      waiting.append((attempt, .ended(Ending(.cancelled, detail: "it was not begun"))))
    } else if let place = known.firstIndex(where: { $0.attempt == attempt }) {
      known[place].isCancelled = true
    } else if current?.attempt == attempt {
      current?.isCancelled = true
      if let current, current.isOpen { try? line?.stop() }
    }
  }

  func news() -> [(AttemptName, AttemptNews)] {
    meet()
    listen()
    giveUp()
    offer()
    defer { waiting = [] }
    return waiting
  }
}

// The connection.
extension DelegateQueue {
  private func meet() {
    guard line == nil else { return }
    do throws(Failure) {
      guard let found = try post.waiting() else { return }
      line = found
      absentSince = nil
      tell.note("the delegate is here")
    } catch {
      tell.note("whoever connected is not the delegate: \(error.message)")
    }
  }

  private func listen() {
    guard let line else { return }
    do throws(Failure) {
      while let event = try line.news() {
        try take(event, line)
        if self.line == nil { return }
      }
    } catch {
      lose(error)
    }
  }

  private func lose(_ error: Failure) {
    line = nil
    current?.isOpen = false
    tell.note("the delegate is gone: \(error.message)")
  }

  /// Where nobody comes for as long as `--wait` says.
  private func giveUp() {
    guard line == nil, isBusy else {
      absentSince = nil
      return
    }
    let now = currentTime()
    let since = absentSince ?? now
    absentSince = since
    guard now - since >= post.patience else { return }
    absentSince = nil
    let inDoubt = known + [current].compactMap { $0 }
    (known, current) = ([], nil)
    for one in inDoubt where one.isCancelled {
      tell.ends(one.attempt.step)
      waiting.append((one.attempt, .lost))
    }
    if let one = inDoubt.first(where: { !$0.isCancelled }) {
      // The delegate has the answer: it is asked for, not guessed.
      return desk.stop(
        Failure(
          .broken,
          "the delegate did not connect to \(post.listener.endpoint) again, and has the order of \(one.attempt.step)"
        ))
    }
    for one in queue {
      end(
        one.attempt,
        Ending(.errored, detail: "the delegate did not connect to \(post.listener.endpoint)"))
    }
    queue = []
  }
}

// Orders.
extension DelegateQueue {
  private func offer() {
    guard let line, line.isIdle else { return }
    do throws(Failure) {
      if current == nil, !known.isEmpty { current = known.removeFirst() }
      if current == nil { try permitNext(line) }
      guard let offered = current, !offered.isOpen else { return }
      // An offer that breaks off may have arrived.
      current?.offers += 1
      try line.offer(offered.order)
      current?.isOpen = true
    } catch {
      if error.code == .broken { lose(error) } else { desk.stop(error) }
    }
  }

  /// A permit for the next that waits. Before the delegate can have it, the log and the run's folder do.
  private func permitNext(_ line: DelegateLine) throws(Failure) {
    while current == nil, !queue.isEmpty {
      let next = queue.removeFirst()
      let (moment, decision) = (next.action.moment, next.action.decision)
      let isFresh = currentTime() - moment.asking.now < DelegateQueue.oldest
      guard isFresh, desk.isCurrent(next.action),
        Int64(clamping: decision.index) >= line.seen.fence
      else {
        renew(next.attempt)
        continue
      }
      do throws(Failure) {
        let order = try next.action.desk.permit(
          try moment.known(), decision, moment, seen: line.seen.size)
        guard currentTime() < order.permit.expires.microseconds else {
          renew(next.attempt)
          continue
        }
        try desk.folder.remember(next.attempt, order: order)
        current = Offered(attempt: next.attempt, order: order, offers: 0)
      } catch {
        // Nothing was offered: the run is left as it is where the log or the disk cannot go on.
        guard error.code != .broken else {
          desk.stop(error)
          waiting.append((next.attempt, .notBegun))
          return
        }
        end(next.attempt, Ending(.errored, detail: error.message))
      }
    }
  }

  private func renew(_ attempt: AttemptName) {
    renewals[attempt, default: 0] += 1
    guard renewals[attempt, default: 0] <= DelegateQueue.mostRenewals else {
      return end(
        attempt, Ending(.errored, detail: "what the gate allows is over before the delegate has it")
      )
    }
    waiting.append((attempt, .notBegun))
  }

  private func take(_ event: ControlEvent, _ line: DelegateLine) throws(Failure) {
    guard let offered = current else { return }
    switch event {
    case .output(_, let stream, let bytes): tell.wrote(bytes, stream, offered.attempt.step)
    case .result(let result, let envelope):
      // The result is recorded whether or not the delegate hears of it.
      if finish(offered, result, envelope) { try line.recorded() }
    case .refused(let code, let reason): try refused(offered, code, reason)
    // A word to stop that comes while the delegate still judges the order is lost on it.
    case .accepted: if offered.isCancelled { try line.stop() }
    case .known, .heartbeat: break
    }
  }

  /// Recorded in the log, remembered, reported: in that order. `false` where the log does not take it: the run is left, and the
  /// delegate asked again later.
  private func finish(
    _ offered: Offered, _ result: StepResult, _ envelope: JSONValue
  ) -> Bool {
    do throws(Failure) {
      let isRecorded = offered.isKnown ? try desk.keys.hasRecorded(offered.order) : false
      if !isRecorded {
        _ = try desk.keys.record(result, envelope, of: offered.order)
      }
    } catch {
      desk.stop(error)
      return false
    }
    current = nil
    tell.ends(offered.attempt.step)
    end(offered.attempt, Ending(result))
    return true
  }

  /// Of a first offer a refusal says that nothing was done. Later it does so only where an order that was taken is known as
  /// such: not of one that may be done twice.
  private func refused(
    _ offered: Offered, _ code: String, _ reason: String
  ) throws(Failure) {
    current = nil
    let isFirst = offered.offers == 1
    let isOver = ["expired", "notYetValid", "fenceTooOld"].contains(code)
    guard isFirst || isOver && !offered.order.order.assignment.isIdempotent else {
      tell.note("\(offered.attempt.step): the delegate refuses it now: \(reason)")
      waiting.append((offered.attempt, .lost))
      return
    }
    try desk.keys.record(refusal: code, of: offered.order)
    if isOver {
      try desk.folder.forget(offered.attempt)
      return renew(offered.attempt)
    }
    end(
      offered.attempt, Ending(.errored, detail: "the delegate refuses: \(reason) (\(code))"))
  }

  private func end(_ attempt: AttemptName, _ ending: Ending) {
    renewals[attempt] = nil
    do throws(Failure) {
      try desk.folder.remember(attempt, ending)
    } catch {
      desk.stop(error)
    }
    waiting.append((attempt, .ended(ending)))
  }
}

extension Ending {
  /// What a delegate's signed result says.
  init(_ result: StepResult) {
    let outcome: RunResult =
      switch result.outcome {
      case .succeeded: .succeeded
      case .failed: .failed
      case .errored: .errored
      case .cancelled: .cancelled
      }
    let code = result.exitCode.flatMap { $0 == 0 ? nil : "exit code \($0)" }
    let detail = [code, result.reason.isEmpty ? nil : result.reason].compactMap { $0 }
    self.init(
      outcome, outputs: result.output.digest, detail: detail.joined(separator: "; "),
      isEffectUnknown: result.isEffectUnknown)
  }
}
