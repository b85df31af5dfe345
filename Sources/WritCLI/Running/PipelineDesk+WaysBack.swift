// What takes an action of a run back: the request of the moment at which the action was let be done. What the graph says since is of
// something else.

import Writ
import WritEvidence
import WritModel
import WritPipeline

extension PipelineDesk {
  /// What a step asks for: of what takes back a round of another, what that one's memory has.
  func asked(
    for id: String, in round: Int, _ outputs: [GivenOutput]
  ) throws(Failure) -> JSONValue {
    if let step = PlanNode.undone(by: id),
      let back = try memories(of: step, in: round).last(where: { $0.wayBack != nil })?.wayBack
    {
      return back
    }
    return try request(for: id, outputs)
  }

  /// The request that would take a step back as things are now; `nil` where nothing does, or where it cannot be said yet.
  func wayBack(from id: String, _ outputs: [GivenOutput]) throws(Failure) -> JSONValue? {
    let back = PlanNode.rollbackID(of: id)
    guard lowered.steps[back] != nil else { return nil }
    do throws(Failure) {
      return try request(for: back, outputs)
    } catch {
      guard error.code == .badInput else { throw error }
      return nil
    }
  }

  /// Refuses to try again what would be taken back otherwise than what was tried: one way back is for one thing done.
  func requireSame(_ wayBack: JSONValue?, _ place: RunPlace) throws(Failure) {
    guard place.attempt > 1 else { return }
    let tried = try memories(of: place.step, in: place.round).prefix(place.attempt - 1)
    guard let before = tried.last(where: { $0.order != nil }), before.wayBack != wayBack else {
      return
    }
    throw Failure(
      .refused, "what would be tried again is not what was tried: another thing would be taken back"
    )
  }

  /// What is remembered of the attempts at a step in a round, the first of them first.
  private func memories(of step: String, in round: Int) throws(Failure) -> [AttemptMemory] {
    let name = round == 1 ? step : "\(step):\(round)"
    var found: [AttemptMemory] = []
    while let memory = try folder.memory(
      of: AttemptName(run: head.id, step: name, attempt: found.count + 1))
    {
      found.append(memory)
    }
    return found
  }
}
