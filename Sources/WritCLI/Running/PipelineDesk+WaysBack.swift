// What takes an action of a run back: the request of the moment at which the action was let be done, for the command that it came to then.
// What the graph says since is of something else.

import Writ
import WritCrypto
import WritEvidence
import WritModel
import WritPipeline

/// What is remembered of an action that was let be done.
struct RememberedDeed: Equatable {
  /// The digest of what it does; `nil` where that is not known.
  var does: String?
  /// The request that would take it back; `nil` where nothing does, or where it cannot be said before it is done.
  var wayBack: JSONValue?
  /// The digest of what that would do.
  var undoes: String?

  init() {}

  /// Of an attempt's file.
  init(_ json: JSONValue) {
    does = json["does"]?.string
    wayBack = json["back"]
    undoes = json["undoes"]?.string
  }

  /// As it stands there.
  var members: [JSONMember] {
    [
      does.map { JSONMember("does", .string($0)) }, wayBack.map { JSONMember("back", $0) },
      undoes.map { JSONMember("undoes", .string($0)) },
    ].compactMap { $0 }
  }
}

extension PipelineDesk {
  /// What a step asks for: of what takes back a round of another, what that one's memory has.
  func asked(
    for id: String, in round: Int, _ outputs: [GivenOutput]
  ) throws(Failure) -> JSONValue {
    if let wayBack = try remembered(undoneBy: id, in: round)?.wayBack { return wayBack }
    return try request(for: id, outputs)
  }

  /// What a step that takes another back takes back in a round, as far as that is remembered.
  private func remembered(undoneBy id: String, in round: Int) throws(Failure) -> RememberedDeed? {
    guard let step = PlanNode.undone(by: id) else { return nil }
    return try deeds(of: step, in: round).last(where: { $0.wayBack != nil })
  }

  /// What is to be remembered of an action that is decided on now.
  func deed(
    of id: String, _ outputs: [GivenOutput], does: Digest?
  ) throws(Failure) -> RememberedDeed {
    var deed = RememberedDeed()
    deed.does = does?.description
    let back = PlanNode.rollbackID(of: id)
    guard lowered.steps[back] != nil else { return deed }
    do throws(Failure) {
      let wayBack = try request(for: back, outputs)
      deed.wayBack = wayBack
      deed.undoes = try subject(of: wayBack).target.does?.description
    } catch {
      // What is not known yet is asked for when it is to be taken back.
      guard error.code == .badInput else { throw error }
    }
    return deed
  }

  /// Refuses to try again what is another thing by now, and to take back by another command than was known when it was done.
  func requireSame(_ deed: RememberedDeed, _ place: RunPlace) throws(Failure) {
    if let kept = try remembered(undoneBy: place.step, in: place.round), let undoes = kept.undoes,
      deed.does != undoes
    {
      throw Failure(
        .refused,
        "what would be undone is not what was done: the graph, or what it says, has changed since",
        remedy: "bring back what it said, or undo it by hand")
    }
    guard place.attempt > 1,
      let before = try deeds(of: place.step, in: place.round).last, before.does != nil,
      before != deed
    else { return }
    throw Failure(
      .refused, "what would be tried again is not what was tried: the graph has changed since")
  }

  /// What a delegate was ordered to do at a step in a round, the first attempt first. Attempts that nobody was ordered are passed over.
  private func deeds(of step: String, in round: Int) throws(Failure) -> [RememberedDeed] {
    let name = round == 1 ? step : "\(step):\(round)"
    var found: [RememberedDeed] = []
    for attempt in 1...PipelineLimits.attempts {
      let memory = try folder.memory(
        of: AttemptName(run: head.id, step: name, attempt: attempt))
      if let memory, memory.order != nil { found.append(memory.deed) }
    }
    return found
  }
}
