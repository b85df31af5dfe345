// Versions that a run would put somewhere later on and that are locked: who agrees before is to know.

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
