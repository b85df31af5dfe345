// What the clauses of a gate said of a request when it was last decided, and which of it still holds.

import WritBytecode
import WritModel

/// What one clause says of one request.
struct ClauseAnswer: Equatable {
  var outcome = ClauseOutcome.passed
  var reasons: [Reason] = []
  var obligations: [Obligation] = []
  /// One of its findings is certain, whether or not it is told.
  var hasCertainFinding = false
  /// Places of the told findings that are certain, where the gate has waivers; else empty.
  var certainFindings: [Int] = []
  /// One that is only counted is certain, where the gate has waivers.
  var hasUntoldCertainFinding = false
  /// It is owed, and that itself is not certain.
  var owesUncertainly = false
  /// Spent by its runs, messages aside.
  var fuel: Int64 = 0
  /// What it read, where that was asked for as values.
  var trace: ClauseTrace?
  /// The same as a record keeps it, where that was asked for.
  var reading: ClauseReading?
  /// Where the reasons were found before.
  var knownReasons: KnownReasons?
  /// When it is the same; `nil` where that was not asked for, or approvals were counted for it: which of them is no answer.
  var span: AnswerSpan?

  /// Whether all that they say is the same, for however long.
  static func == (left: ClauseAnswer, right: ClauseAnswer) -> Bool {
    left.outcome == right.outcome && left.reasons == right.reasons
      && left.obligations == right.obligations
      && left.hasCertainFinding == right.hasCertainFinding
      && left.certainFindings == right.certainFindings
      && left.hasUntoldCertainFinding == right.hasUntoldCertainFinding
      && left.owesUncertainly == right.owesUncertainly && left.fuel == right.fuel
      && left.trace == right.trace && left.reading?.bytes == right.reading?.bytes
  }
}

/// Keeps what a gate said of one request, so that it need not be found again while it holds. For one thread at a time, and the
/// machines of one prepared program.
///
/// A clause is a function of the request, of who vouches for what, of who asks, of the approvals given and of the time: of the
/// first it is kept for one, of the next two for the last epoch and caller, and of the time for as long as its answer holds.
public final class DecisionMemory {
  private var epoch: LinkedEpoch?
  private var caller = Slot.absent
  private var tracing = Tracing.off
  /// By clause; `nil` before it was evaluated in this epoch, for this caller.
  private var answers: [ClauseAnswer?] = []
  /// What all answers together came to.
  private(set) var result: GateResult?
  private var version: UInt64 = 0

  /// A memory of nothing.
  public init() {}

  /// Forgets what was said in another epoch, to another caller, or otherwise traced.
  func begin(_ epoch: LinkedEpoch?, caller: Slot, _ tracing: Tracing, clauseCount: Int) {
    let isSame =
      self.epoch === epoch && self.caller == caller && self.tracing == tracing
      && answers.count == clauseCount
    if isSame { return }
    (self.epoch, self.caller, self.tracing) = (epoch, caller, tracing)
    answers = Array(repeating: nil, count: clauseCount)
    result = nil
  }

  /// Whether a clause is sure to say again what it said.
  func holds(_ clause: Int, now: Int64, asOf: Int64) -> Bool {
    answers[clause]?.span?.contains(now: now, asOf: asOf) == true
  }

  /// Of all clauses, once each was asked.
  var allAnswers: [ClauseAnswer] { answers.compactMap { $0 } }

  /// Keeps what a clause says now; whether it said the same before.
  func keep(_ answer: ClauseAnswer, of clause: Int) -> Bool {
    let isSame = answers[clause] == answer
    answers[clause] = answer
    return isSame
  }

  /// Keeps what all answers came to.
  func keep(_ result: GateResult) { self.result = result }

  /// A number that no result of this memory has had.
  func nextVersion() -> UInt64 {
    version += 1
    return version
  }
}

extension Program {
  /// Whether a value in a clause's message depends on the time.
  func messageReadsTime(_ clause: ClauseProgram) -> Bool {
    clause.message.contains { piece in
      if case .value(let routine, _) = piece { return readsTime(routine) }
      return false
    }
  }

  /// Whether the register of `now` is an operand anywhere, or captured.
  func readsTime(_ index: Int) -> Bool {
    let now = Program.nowRegister
    let routine = routines[index]
    let isCaptured = routine.emissions.contains { emission in
      emission.captures.contains { $0 == .register(now) }
    }
    return isCaptured
      || routine.code.contains { word in
        guard let shape = word.opcode?.shape else { return true }
        return shape.a == .read && word.a == now || shape.b == .read && word.b == now
          || shape.c == .read && word.c == now
      }
  }
}
