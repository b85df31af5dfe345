// What would be refused of a run by now, later on: versions that are locked, actions that their gates deny. Who agrees before is to know.

import Writ
import WritEvidence
import WritModel
import WritPipeline

extension PipelineDesk {
  /// Actions of a run that come behind a node, are not begun, and would be refused by now because their version is locked. What
  /// cannot be said yet, or not be looked up, is left out: it is asked again when it is done.
  func lockedBehind(_ node: Int, of run: Run) -> [(step: String, locked: LockedVersion)] {
    var word: LogWord?
    var found: [(step: String, locked: LockedVersion)] = []
    for place in run.states.indices where place > node && run.states[place].phase == .waiting {
      let versions = versions(at: run.id(of: place), run)
      guard !versions.isEmpty, let known = word ?? (try? keys.word()) else { continue }
      word = known
      let locked = try? known.locked(
        versions, limit: rollbackLimit, bundle, keys.signer.name.description)
      if let locked { found.append((run.id(of: place), locked)) }
    }
    return found
  }

  /// Actions behind an `approve` step that their gates deny as things are now, and why. What stands between may change that.
  func denied(_ actions: [ActionBehind]) -> [(step: String, words: String)] {
    guard !actions.isEmpty, let deeds = try? deeds() else { return [] }
    return actions.compactMap { action in
      guard let asked = try? request(for: action.step, action.outputs),
        let inputs = try? ActionInputs(any: asked, inputs.loaded).stated(deeds, asking()),
        let run = try? inputs.decide(caller, isQuestion: true).run,
        run.decision.outcome == .deny
      else { return nil }
      let reasons = run.decision.reasons.map { "\($0.clause): \($0.message)" }
      return (action.step, reasons.joined(separator: "; "))
    }
  }

  /// The versions that an action of the run would put somewhere, as far as that can be said now; none of what takes back.
  private func versions(at id: String, _ run: Run) -> [DeployedVersion] {
    guard !PlanNode.isRollback(id), case .action? = lowered.steps[id],
      let outputs = try? outputs(for: id, run), let asked = try? request(for: id, outputs),
      let action = try? ActionInputs(any: asked, inputs.loaded),
      let assignment = try? action.assignment(asking()).get()
    else { return [] }
    return DeployedVersion.all(in: assignment)
  }
}
