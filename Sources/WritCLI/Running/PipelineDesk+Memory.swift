// Decisions that the run's folder remembers, though its journal has lost them.

import Writ
import WritCrypto
import WritEvidence
import WritPipeline

extension PipelineDesk {
  /// The allow of an attempt that was ordered, of a journal that has lost its end: it was asked and acted upon, and is not asked
  /// again. What became of it is for the delegate to say.
  func remembered(_ node: RunPosition, of run: Run) -> GateDecision? {
    let next = AttemptName(
      run: run.id, step: run.name(of: node), attempt: run.states[node.node].attempt + 1)
    guard let order = (try? folder.memory(of: next))?.order?.order,
      let permit = try? Permit(order.permit, key: keys.permitKey.publicKey)
    else { return nil }
    return GateDecision(.allow, action: permit.digest, evidence: permit.decision.index)
  }
}
