// Where orders are judged, used up and carried out: one program at a time.
//
// The order of things is the point. Judged, secrets opened, permit used up durably, program started,
// result remembered durably, result told. A crash before the third leaves an order that can come
// again; a crash behind it leaves one that never runs again, unless doing it twice is as good as once.
import Glibc
import WritCrypto
public import WritEvidence
public import WritModel

/// What became of an order that was handed in.
public enum DeskAnswer: Hashable, Sendable {
  /// Its program runs.
  case started(permit: String)
  /// It was done before, or could not even be started; here is the result.
  case finished(JSONValue, permit: String)
  /// It is not done.
  case refused(code: String, reason: String)
}

/// What a program did since somebody asked.
public struct DeskNews: Sendable {
  /// Redacted, in order.
  public let chunks: [OutputChunk]
  /// The result, remembered, and its permit; `nil` as long as the program runs.
  public let result: (envelope: JSONValue, permit: String)?
}

/// Times of both clocks.
public struct DeskTime: Hashable, Sendable {
  /// Of the calendar.
  public let now: Instant
  /// Of a clock that never goes back.
  public let milliseconds: Int64

  /// A moment on both clocks.
  public init(now: Instant, milliseconds: Int64) {
    self.now = now
    self.milliseconds = milliseconds
  }
}

/// Carries out one order at a time; one thread.
public final class DelegateDesk {
  /// What it acts as.
  public let home: DelegateHome
  private let spent: SpentPermits
  private let launcher: Launcher
  /// The program that makes requests, too.
  private let program: String
  private let confinement: Confinement?
  /// Whether nothing is done for callers who did not sign.
  private let refusesUnsigned: Bool
  private var current: Current?

  private struct Current {
    let order: AcceptedOrder
    let process: RunningProcess
    let started: Instant
    let timeoutMilliseconds: Int64
    let isRequest: Bool
  }

  /// Opens a delegate's memory, and settles what an earlier process left open.
  ///
  /// - Parameters:
  ///   - launcher: A program that calls `LauncherProcess.run`, by its path.
  ///   - refusesUnsigned: Whether nothing is done for callers who did not sign.
  public init(
    _ home: DelegateHome, launcher: String, refusesUnsigned: Bool = false, now: Instant
  ) throws(DelegateError) {
    self.home = home
    self.refusesUnsigned = refusesUnsigned
    confinement = try home.confinement(beside: launcher)
    spent = try home.spentPermits()
    // What it had started must be gone before anybody is told how it ended.
    self.launcher = Launcher(program: launcher)
    program = launcher
    try self.launcher.hold(
      home.programs, patienceMilliseconds: DelegateLimits.endingMilliseconds)
    for step in spent.interrupted() {
      let ending = StepResult.Ending(
        .errored, from: min(step.at, now), to: now,
        reason: StepResult.interrupted)
      let result = StepResult(
        action: step.action, digest: step.digest, permit: step.permit, fence: step.fence,
        ending: ending)
      try spent.record(result.signed(by: home.key), of: step.permit)
    }
  }

  /// Lets another process serve the delegate; what runs is killed.
  public func close() {
    current = nil
    launcher.close()
    spent.close()
  }

  /// Whom it believes, and what it has seen.
  public var trust: DelegateTrust {
    var trust = home.trust
    trust.refusesUnsigned = refusesUnsigned
    trust.fence = spent.fence
    trust.forgotten = spent.forgotten
    trust.checkpoint = spent.checkpoint(origin: trust.log.origin)
    return trust
  }

  /// Judges an order, and starts what it says if it may be done.
  public func take(_ order: WorkOrder, at time: DeskTime) throws(DelegateError) -> DeskAnswer {
    guard current == nil else {
      return .refused(code: "busy", reason: "another order is being carried out")
    }
    let accepted: AcceptedOrder
    do throws(PermitRefusal) {
      accepted = try PermitCheck.check(order, trust: trust, spent: spent.test, now: time.now)
    } catch {
      return try answer(to: error)
    }
    let isRequest: Bool
    do throws(HTTPRefusal) {
      isRequest = try home.http.request(of: accepted.assignment.command) != nil
    } catch {
      return .refused(code: error.code, reason: error.reason)
    }
    var secrets: [(name: String, value: SecretBytes)] = []
    for name in accepted.assignment.secrets {
      do throws(DelegateError) {
        secrets.append((name, try home.secrets.open(name, with: home.encryptionKey)))
      } catch {
        return .refused(code: "noSecret", reason: "\(error)")
      }
    }
    do throws(SpendError) {
      try spent.spend(accepted, at: time.now)
    } catch {
      switch error {
      case .refused(let refusal): return try answer(to: refusal)
      case .file(let error): throw error
      }
    }
    return try start(accepted, secrets, isRequest, time)
  }

  /// A refusal, or the result where the order was carried out before.
  private func answer(to refusal: PermitRefusal) throws(DelegateError) -> DeskAnswer {
    if case .alreadySpent(let id) = refusal, let result = try spent.result(of: id) {
      return .finished(result, permit: id)
    }
    return .refused(code: refusal.code, reason: refusal.description)
  }

  private func start(
    _ order: AcceptedOrder, _ secrets: [(name: String, value: SecretBytes)], _ isRequest: Bool,
    _ time: DeskTime
  ) throws(DelegateError) -> DeskAnswer {
    let wanted = order.assignment.timeout.map { max(1, $0 / 1000) }
    let timeout = min(
      wanted ?? (isRequest ? HTTPProgram.usualTimeout : DelegateLimits.usualTimeout),
      DelegateLimits.longestTimeout)
    let command = order.assignment.command
    let launch = Launch(
      command: isRequest ? [program, HTTPProgram.word] + command : command, secrets: secrets,
      directory: home.work, timeoutMilliseconds: timeout, limits: home.limits,
      variables: isRequest
        ? home.http.authorities.map { [(HTTPProgram.authorities, $0)] } ?? [] : [],
      confinement: confinement)
    do throws(DelegateError) {
      let process = try RunningProcess(launch, by: launcher, atMilliseconds: time.milliseconds)
      current = Current(
        order: order, process: process, started: time.now, timeoutMilliseconds: timeout,
        isRequest: isRequest)
      return .started(permit: order.permit.id)
    } catch {
      let ending = StepResult.Ending(
        .errored, from: time.now, to: time.now, reason: "\(error)")
      return .finished(try record(order, ending), permit: order.permit.id)
    }
  }

  private func record(
    _ order: AcceptedOrder, _ ending: StepResult.Ending
  ) throws(DelegateError) -> JSONValue {
    let permit = order.permit
    let result = StepResult(
      action: permit.action, digest: permit.digest, permit: permit.id, fence: permit.fence,
      ending: ending)
    let envelope = result.signed(by: home.key)
    try spent.record(envelope, of: permit.id)
    return envelope.json
  }
}

// While a program runs.
extension DelegateDesk {
  /// Whether one does.
  public var isBusy: Bool { current != nil }

  /// What to wait for, to be read.
  public var descriptors: [Int32] { current?.process.descriptors ?? [] }

  /// Asks the program to end, and kills it some time later.
  public func stop(at time: DeskTime) {
    current?.process.stop(atMilliseconds: time.milliseconds)
  }

  /// What the program wrote since, without secrets, and the result once it has ended and that is
  /// remembered.
  public func advance(
    at time: DeskTime
  ) throws(DelegateError) -> DeskNews {
    guard let current else { return DeskNews(chunks: [], result: nil) }
    let chunks = current.process.advance(atMilliseconds: time.milliseconds)
    guard let end = current.process.end else { return DeskNews(chunks: chunks, result: nil) }
    self.current = nil
    let output = StepOutput(
      digest: current.process.outputDigest, byteCount: current.process.byteCount,
      isTruncated: current.process.isTruncated)
    let (outcome, exitCode, reason) = DelegateDesk.meaning(
      of: end, isRequest: current.isRequest, timeoutMilliseconds: current.timeoutMilliseconds)
    let ending = StepResult.Ending(
      outcome, exitCode: exitCode, from: current.started, to: time.now, output: output,
      reason: reason)
    let envelope = try record(current.order, ending)
    return DeskNews(chunks: chunks, result: (envelope, current.order.permit.id))
  }

  private static func meaning(
    of end: ProcessEnd, isRequest: Bool, timeoutMilliseconds: Int64
  ) -> (outcome: StepOutcome, exitCode: Int64?, reason: String) {
    switch end {
    case .exited(0): (.succeeded, 0, "")
    case .exited(let code) where isRequest && code != HTTPProgram.End.unwanted.rawValue:
      (.errored, Int64(code), HTTPProgram.End(rawValue: code)?.reason ?? "")
    case .exited(let code): (.failed, Int64(code), "")
    case .killed(let signal): (.errored, nil, "killed by signal \(signal)")
    case .overran(let limit): (.errored, nil, ProcessEnd.words(ofOverrun: limit))
    case .timedOut: (.errored, nil, "not done after \(timeoutMilliseconds) ms, and killed")
    case .stopped: (.cancelled, nil, "told to stop, or out of touch with who could tell")
    case .notStarted(let reason): (.errored, nil, reason)
    }
  }
}
