// Actions of a run on their way to delegates, each under a permit of its own. A delegate does one after another, several work
// side by side.
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
  private let routes: DelegateRoutes
  /// One for each delegate that is named.
  private var seats: [Seat]
  private var queue: [Waiting] = []
  private var waiting: [(AttemptName, AttemptNews)] = []
  /// How often in a row an attempt's gate was sent to be asked anew.
  private var renewals: [AttemptName: Int] = [:]

  /// What reads and takes an answer, of attempts whose step gives it out.
  private var expected: [AttemptName: ExpectedAnswer] = [:]
  typealias ExpectedAnswer = (String) throws(Failure) -> String

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
    /// What its program wrote on standard output, where its step gives that out; bounded.
    var answer: [UInt8] = []
  }

  /// A delegate and what it has.
  private struct Seat {
    let delegate: VerifierKey
    var line: DelegateLine?
    /// Orders of a runner before that are to be offered again.
    var known: [Offered] = []
    var current: Offered?
    /// Since when the delegate is wanted and is not there, in microseconds.
    var absentSince: Int64?

    var hasOrders: Bool { current != nil || !known.isEmpty }
  }

  /// An allow that is older is asked for anew, in microseconds.
  private static let oldest: Int64 = 10_000_000
  /// How often in a row.
  private static let mostRenewals = 5
  /// Bytes of an answer: as much as a request takes, and what JSON makes of it.
  private static let answerByteCount = 4 << 20

  init(
    _ desk: PipelineDesk, _ tell: RunTeller, _ post: DelegatePost, _ routes: DelegateRoutes
  ) {
    self.desk = desk
    self.tell = tell
    self.post = post
    self.routes = routes
    seats = desk.keys.delegates.map { Seat(delegate: $0) }
  }

  /// To wait for, beside others.
  var descriptors: [Int32] {
    let lines = seats.compactMap { $0.line?.descriptor }
    return lines.count == seats.count ? lines : lines + post.descriptors
  }

  /// Whether a delegate is wanted.
  var isBusy: Bool { !queue.isEmpty || seats.contains(where: \.hasOrders) }

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
    let decided = try reader.decided(at: permit.decision.index)
    let checkpoint = order.proof.flatMap { Checkpoint($0.note.text) }
    guard
      let place = seats.firstIndex(where: { DelegateIdentity(of: $0.delegate) == permit.delegate })
    else {
      throw Failure(
        .broken, "the delegate `\(permit.delegate.name)` has the order of \(attempt.step)",
        remedy: "name it with --delegate")
    }
    seats[place].known.append(
      Offered(
        attempt: attempt,
        order: PermittedOrder(
          order: order, permit: permit, decided: decided, entry: entry,
          checkpointSize: checkpoint?.size ?? 0),
        offers: 1, isKnown: true))
  }

  /// Has what an attempt's program writes read, and given out.
  func expect(_ attempt: AttemptName, _ answer: @escaping ExpectedAnswer) {
    expected[attempt] = answer
  }

  func cancel(_ attempt: AttemptName) {
    if let place = queue.firstIndex(where: { $0.attempt == attempt }) {
      queue.remove(at: place)
      return end(attempt, Ending(.cancelled, detail: "it was not begun", wasBegun: false))
    }
    for seat in seats.indices {
      if let place = seats[seat].known.firstIndex(where: { $0.attempt == attempt }) {
        seats[seat].known[place].isCancelled = true
      } else if let current = seats[seat].current, current.attempt == attempt {
        seats[seat].current?.isCancelled = true
        if current.isOpen { try? seats[seat].line?.stop() }
      }
    }
  }

  func news() -> [(AttemptName, AttemptNews)] {
    meet()
    for seat in seats.indices { listen(seat) }
    giveUp()
    for seat in seats.indices { offer(seat) }
    defer { waiting = [] }
    return waiting
  }
}

// Connections.
extension DelegateQueue {
  private func meet() {
    guard seats.contains(where: { $0.line == nil }) else { return }
    do throws(Failure) {
      guard let line = try post.waiting(),
        let seat = seats.firstIndex(where: { $0.delegate == line.delegate })
      else { return }
      // One that connects anew has lost the connection before.
      if seats[seat].line != nil { lose(seat, Failure(.broken, "it has connected anew")) }
      seats[seat].line = line
      seats[seat].absentSince = nil
      tell.note("the delegate `\(seats[seat].delegate.name)` is here")
    } catch {
      tell.note("whoever connected is no delegate of this run: \(error.message)")
    }
  }

  private func listen(_ seat: Int) {
    guard let line = seats[seat].line else { return }
    do throws(Failure) {
      while let event = try line.news() {
        try take(event, line, seat)
        if seats[seat].line == nil { return }
      }
    } catch {
      lose(seat, error)
    }
  }

  private func lose(_ seat: Int, _ error: Failure) {
    seats[seat].line = nil
    seats[seat].current?.isOpen = false
    tell.note("the delegate `\(seats[seat].delegate.name)` is gone: \(error.message)")
  }

  /// Who may do what waits, by their places.
  private func mayDo(_ one: Waiting, _ seat: Int) -> Bool {
    routes.lead(one.action.desk.inputs.request.call?.name ?? "", to: seat)
  }

  /// Whether a delegate is away for as long as `--wait` says, though it is wanted.
  private func isGivenUp(_ seat: Int, at now: Int64) -> Bool {
    let isWanted = seats[seat].hasOrders || queue.contains { mayDo($0, seat) }
    guard seats[seat].line == nil, isWanted else {
      seats[seat].absentSince = nil
      return false
    }
    let since = seats[seat].absentSince ?? now
    seats[seat].absentSince = since
    return now - since >= post.patience
  }

  /// Where nobody comes who could do what is to be done.
  private func giveUp() {
    let now = currentTime()
    let away = seats.indices.filter { isGivenUp($0, at: now) }
    for seat in away {
      let inDoubt = seats[seat].known + [seats[seat].current].compactMap { $0 }
      (seats[seat].known, seats[seat].current) = ([], nil)
      for one in inDoubt where one.isCancelled {
        tell.ends(one.attempt.step)
        waiting.append((one.attempt, .lost))
      }
      if let one = inDoubt.first(where: { !$0.isCancelled }) {
        // The delegate has the answer: it is asked for, not guessed.
        desk.stop(
          Failure(
            .broken,
            "the delegate `\(seats[seat].delegate.name)` did not connect to "
              + "\(post.listener.endpoint) again, and has the order of \(one.attempt.step)"))
      }
    }
    guard !away.isEmpty else { return }
    for one in queue {
      let able = seats.indices.filter { mayDo(one, $0) }
      guard able.allSatisfy(away.contains) else { continue }
      queue.removeAll { $0.attempt == one.attempt }
      end(
        one.attempt,
        Ending(
          .errored, detail: "\(names(of: able)) did not connect to \(post.listener.endpoint)",
          wasBegun: false))
    }
  }

  private func names(of seats: [Int]) -> String {
    let names = seats.map { "`\(self.seats[$0].delegate.name)`" }
    return names.count == 1
      ? "the delegate \(names[0])" : "none of " + names.joined(separator: ", ")
  }
}

// Orders.
extension DelegateQueue {
  private func offer(_ seat: Int) {
    guard let line = seats[seat].line, line.isIdle else { return }
    do throws(Failure) {
      if seats[seat].current == nil, !seats[seat].known.isEmpty {
        seats[seat].current = seats[seat].known.removeFirst()
      }
      if seats[seat].current == nil { try permitNext(seat, line) }
      guard let offered = seats[seat].current, !offered.isOpen else { return }
      // An offer that breaks off may have arrived.
      seats[seat].current?.offers += 1
      try line.offer(offered.order)
      seats[seat].current?.isOpen = true
    } catch {
      if error.code == .broken { lose(seat, error) } else { desk.stop(error) }
    }
  }

  /// A permit for the next that waits. Before the delegate can have it, the log and the run's folder do.
  private func permitNext(_ seat: Int, _ line: DelegateLine) throws(Failure) {
    while seats[seat].current == nil,
      let place = queue.firstIndex(where: { mayDo($0, seat) })
    {
      let next = queue.remove(at: place)
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
          try moment.known(), decision, moment, for: line)
        guard currentTime() < order.permit.expires.microseconds else {
          renew(next.attempt)
          continue
        }
        try desk.folder.remember(next.attempt, order: order, deed: next.action.deed)
        seats[seat].current = Offered(attempt: next.attempt, order: order, offers: 0)
      } catch {
        // Nothing was offered: the run is left as it is where the log or the disk cannot go on.
        guard error.code != .broken else {
          desk.stop(error)
          waiting.append((next.attempt, .notBegun))
          return
        }
        end(next.attempt, Ending(.errored, detail: error.message, wasBegun: false))
      }
    }
  }

  private func renew(_ attempt: AttemptName) {
    renewals[attempt, default: 0] += 1
    guard renewals[attempt, default: 0] <= DelegateQueue.mostRenewals else {
      return end(
        attempt,
        Ending(
          .errored, detail: "what the gate allows is over before the delegate has it",
          wasBegun: false))
    }
    waiting.append((attempt, .notBegun))
  }

  private func take(
    _ event: ControlEvent, _ line: DelegateLine, _ seat: Int
  ) throws(Failure) {
    guard let offered = seats[seat].current else { return }
    switch event {
    case .output(_, let stream, let bytes):
      tell.wrote(bytes, stream, offered.attempt.step)
      // More than is taken says as much.
      if stream == .output, offered.answer.count <= DelegateQueue.answerByteCount {
        seats[seat].current?.answer += bytes
      }
    case .result(let result, let envelope):
      // The result is recorded whether or not the delegate hears of it.
      if finish(offered, result, envelope, seat) { try line.recorded() }
    case .refused(let code, let reason): try refused(offered, code, reason, seat)
    // A word to stop that comes while the delegate still judges the order is lost on it.
    case .accepted: if offered.isCancelled { try line.stop() }
    case .known, .heartbeat: break
    }
  }

  /// Recorded in the log, remembered, reported: in that order. `false` where the log does not take it: the run is left, and the
  /// delegate asked again later.
  private func finish(
    _ offered: Offered, _ result: StepResult, _ envelope: JSONValue, _ seat: Int
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
    seats[seat].current = nil
    tell.ends(offered.attempt.step)
    end(offered.attempt, ending(offered, result))
    return true
  }

  /// What its signed result says, and what it gives out. What was lost on the way cannot be had again.
  private func ending(_ offered: Offered, _ result: StepResult) -> Ending {
    let ending = Ending(result)
    guard ending.result == .succeeded, let accept = expected[offered.attempt] else {
      return ending
    }
    do throws(Failure) {
      guard Digest(of: offered.answer) == result.output.digest else {
        throw Failure.badInput("it is longer than is taken, or was lost on the way")
      }
      guard let text = String(validating: offered.answer, as: UTF8.self) else {
        throw Failure.badInput("it is no UTF-8")
      }
      return Ending(.succeeded, outputs: result.output.digest, output: try accept(text))
    } catch {
      return Ending(
        .errored, outputs: result.output.digest,
        detail: "it was done, but what was answered is not what the pipeline says: \(error.message)"
      )
    }
  }

  /// Of a first offer a refusal says that nothing was done. Later it does so only where an order that was taken is known as
  /// such: not of one that may be done twice.
  private func refused(
    _ offered: Offered, _ code: String, _ reason: String, _ seat: Int
  ) throws(Failure) {
    seats[seat].current = nil
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
      offered.attempt,
      Ending(
        .errored, detail: "the delegate refuses: \(reason) (\(code))", wasBegun: false))
  }

  private func end(_ attempt: AttemptName, _ ending: Ending) {
    renewals[attempt] = nil
    expected[attempt] = nil
    waiting.append(desk.remembering(attempt, ending))
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
