// What desks answer, at a door that any program can ask at: one desk for questions, and one for actions beside it.

import Synchronization
import Writ
import WritBytecode
import WritEvidence
import WritModel
import WritServers

/// Answers whoever asks, each as who they say they are; who acts shows it by what they have signed.
final class PolicyDoor: DoorDesk {
  private let asking: Mutex<PolicyDesk>
  /// Of its own, so that nobody who asks waits for an action.
  private let acting: Mutex<PolicyDesk>
  let acts: Bool

  /// Reads every key that is named, once.
  init(_ invocation: Invocation) throws(Failure) {
    let current = CurrentWorld(invocation)
    let keys = try ActingKeys(ifNamed: invocation, try current.now().engine.bundle)
    acts = keys != nil
    asking = Mutex(PolicyDesk(invocation, keys, current))
    acting = Mutex(PolicyDesk(invocation, keys, CurrentWorld(invocation)))
  }

  func tools() throws(DoorRefusal) -> [Tool] {
    try asking.withLock { (desk) throws(DoorRefusal) in
      do throws(Failure) {
        return desk.catalogue(try desk.world()).map(\.tool)
      } catch {
        throw DoorRefusal(unavailable: error)
      }
    }
  }

  func answer(_ question: DoorQuestion) -> DoorAnswer {
    switch question.kind {
    case .act: acting.withLock { $0.answer(question) }
    case .decide, .ask, .score, .query: asking.withLock { $0.answer(question) }
    }
  }
}

extension PolicyDesk {
  fileprivate func answer(_ question: DoorQuestion) -> DoorAnswer {
    let world: LoadedEngine
    do throws(Failure) {
      world = try self.world()
    } catch {
      return .refused(DoorRefusal(unavailable: error))
    }
    do throws(Failure) {
      let token = try question.token.map { (json) throws(Failure) in
        try PresentedToken(json, from: "`token`")
      }
      let caller = question.caller.map {
        ActingCaller(remote: $0, intent: question.intent, token: token)
      }
      guard let name = world.engine.bundle.program.program.name(askedBy: question),
        let answer = try answer(
          "\(question.kind.rawValue).\(name)", question.arguments, by: caller, world)
      else {
        return .refused(
          DoorRefusal(
            404, "no \(question.kind.member) `\(question.name)` can be asked for here",
            remedy: "`GET /v1/tools` lists what can"))
      }
      return .answered(answer.json, status: question.kind == .act ? answer.actingStatus : 200)
    } catch {
      return .refused(DoorRefusal(error, of: question.kind))
    }
  }
}

extension Program {
  /// What a question names, in full; `nil` where there is no such thing, or more than one.
  fileprivate func name(askedBy question: DoorQuestion) -> String? {
    let names =
      switch question.kind {
      case .decide: gates.map(\.name)
      case .ask, .act: actions.map(\.name)
      case .score: scorecards.map(\.name)
      case .query: queries.map(\.name)
      }
    if names.containsBytes(of: question.name) { return question.name }
    let short = names.filter { $0.endsWithBytes(of: ".\(question.name)") }
    return short.count == 1 ? short[0] : nil
  }
}

extension PolicyAnswer {
  /// What became of an action, in a status: 200 says that it was done and succeeded, and nothing else does.
  fileprivate var actingStatus: Int {
    switch code {
    case .done: 200
    case .held: 409
    // Denied; or done, and it did not succeed.
    case .refused: json["decision"] == "allow" ? 422 : 403
    case .cancelled, .usage, .badInput, .noInput, .defect, .broken: 500
    }
  }
}

extension DoorRefusal {
  /// Bundle or graph cannot be had.
  fileprivate init(unavailable failure: Failure) {
    self.init(503, failure.message, remedy: failure.remedy)
  }

  /// Why there is no answer. Of an action it is not said that it can be tried again: it may have been done.
  fileprivate init(_ failure: Failure, of kind: DoorKind) {
    let status =
      switch failure.code {
      case .refused, .held: 403
      case .usage, .badInput: 400
      case .broken, .noInput: kind == .act ? 500 : 503
      case .done, .cancelled, .defect: 500
      }
    self.init(
      status, failure.message, remedy: failure.remedy, evidence: failure.evidence)
  }
}
