// What people let happen at an `approve` step: the very commands behind it, as far as they are known when people are asked.
//
// What they were asked lies in the run's folder, and the journal has its digest: a file that is not what they agreed to lets nothing
// be done.

import Writ
import WritCrypto
import WritEvidence
import WritModel
import WritPipeline

/// An action that begins only when people have agreed, and all that is given out for it.
struct ActionBehind {
  /// Its step.
  let step: String
  let outputs: [GivenOutput]
}

/// What people agreed to of one action.
struct StepAgreement {
  /// Where, as the run names it.
  let name: String
  /// The action by its full name.
  let action: String
  let does: Digest

  /// As it is recorded when something else would be done.
  static let why = "what would be done is not what people agreed to"
}

extension [StepAgreement] {
  /// The first that something else would break.
  func first(brokenBy does: Digest?) -> StepAgreement? { first { $0.does != does } }
}

// Asking.
extension PipelineDesk {
  /// Actions that begin only behind an `approve` step and of which all is known by now that can be: what they are handed does not hang
  /// on steps that are yet to end, or may begin again.
  func actions(behind id: String, _ run: Run) throws(Failure) -> [ActionBehind] {
    guard isApproval(id) else { return [] }
    let behind = lowered.plan.leaves(behind: id)
    let later = Set(behind.map { ByteText($0.id) })
    var found: [ActionBehind] = []
    for leaf in behind {
      guard case .action(_, let arguments)? = lowered.steps[leaf.id],
        arguments.allSatisfy({ lowered.program.values[$0].asks.isEmpty })
      else { continue }
      let given = try outputs(for: leaf.id, run)
      let needed =
        outputs(readBy: arguments) + (lowered.inSight[leaf.id] ?? []).filter(bringsFacts)
      let isKnown = needed.allSatisfy { output in
        given.contains { $0.output == output } && !later.contains(ByteText(lowered.givers[output]))
      }
      if isKnown { found.append(ActionBehind(step: leaf.id, outputs: given)) }
    }
    return found
  }

  /// Whether what a step gives out says something of the world.
  private func bringsFacts(_ output: Int) -> Bool {
    guard case .node(let kinds) = lowered.program.outputs[output].type.unwrapped else {
      return false
    }
    let schema = bundle.program.program.schema
    return kinds.contains { schema.kinds[$0].origin == .request }
  }

  /// What actions would do now, by their steps; without those of which it is not known.
  func undertakings(of actions: [ActionBehind]) throws(Failure) -> [JSONMember] {
    guard !actions.isEmpty else { return [] }
    let deeds = try deeds()
    var found: [JSONMember] = []
    for action in actions {
      do throws(Failure) {
        let asked = try request(for: action.step, action.outputs)
        let (_, undertaking) = try ActionInputs(any: asked, inputs.loaded).whatIsAgreedTo(
          asking(), deeds: { deeds })
        if let undertaking { found.append(JSONMember(action.step, undertaking.json)) }
      } catch {
        // What is not known is not agreed to; what could not be looked up may be known.
        guard error.code == .badInput else { throw error }
      }
    }
    return found
  }
}

// Acting.
extension PipelineDesk {
  /// What people have agreed to of an action of the run. Throws where that cannot be told any more.
  func agreements(on id: String, _ run: Run) throws(Failure) -> [StepAgreement] {
    guard case .action? = lowered.steps[id], !PlanNode.isRollback(id) else { return [] }
    var found: [StepAgreement] = []
    for (node, ballot) in run.ballots.sorted(by: { $0.key < $1.key })
    where run.states[node].result == .succeeded {
      let step = run.id(of: node)
      guard isApproval(step),
        lowered.plan.leaves(behind: step).contains(where: { hasSameBytes($0.id, id) })
      else { continue }
      let name = run.name(of: RunPosition(node: node, round: run.states[node].round))
      guard let asked = folder.asked(name), let digest = try? asked.digest,
        digest == ballot.subject
      else {
        throw Failure(
          .refused,
          "what people agreed to at `\(name)` cannot be told any more: its file in `asked` is another"
        )
      }
      guard let undertaking = asked.undertaking(of: id) else { continue }
      found.append(
        StepAgreement(name: name, action: undertaking.action, does: undertaking.digest))
    }
    return found
  }

  /// Refuses, on record, to do something else than people agreed to.
  func refused(_ broken: StepAgreement) throws(Failure) -> Failure {
    let run = RunContext.subject(ofRun: head.id, head: try head.digest())
    let entry = try keys.record(
      .refused(StepAgreement.why), of: acting, for: broken.action, bundle, run)
    return Failure(
      .refused,
      "\(StepAgreement.why) at `\(broken.name)`, \(broken.does): the graph, or what it says, has changed since",
      remedy: "bring back what they saw, or begin a new run and ask them again"
    ).onRecord(entry)
  }
}
