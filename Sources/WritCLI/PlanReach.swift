// What comes behind a step of a plan: what whoever approves there lets happen.

import Writ
import WritModel
import WritPipeline

extension PlanNode {
  /// What a leaf does, as the policy has it.
  func work(in lowered: LoweredPipeline) -> PipelineWork? {
    switch (lowered.steps[id], work) {
    case (.run(let words)?, _): .run(words)
    case (.action(let action, let arguments)?, _): .action(action, arguments: arguments)
    case (.gate(let gate, let arguments)?, _): .gate(gate, arguments: arguments)
    case (.approval(let approval)?, _): .approval(approval)
    case (.agent(let agent)?, _): .agent(agent)
    case (nil, .wait(let time)): .wait(time)
    case (nil, _): nil
    }
  }

  private var parts: [PlanNode] {
    switch work {
    case .sequence(let nodes), .parallel(let nodes, _), .repeated(let nodes, _): nodes
    case .run, .act, .approve, .wait, .gate: []
    }
  }

  /// What runs once it has ended, in that order: `ensure` last.
  private var hooks: [PlanNode] {
    options.hooks.ordered.map(\.node)
  }

  /// Steps, whatever groups and hooks they are in.
  fileprivate var leaves: [PlanNode] {
    (parts.isEmpty ? [self] : parts.flatMap(\.leaves)) + hooks.flatMap(\.leaves)
  }

  /// Steps within that come after one of them, those of hooks too; `nil` where it is not within. All others of a repeat come after
  /// it: there may be another round.
  fileprivate func leaves(behind step: String) -> [PlanNode]? {
    if hasSameBytes(id, step) { return hooks.flatMap(\.leaves) }
    if case .repeated = work {
      let all = leaves
      guard all.contains(where: { hasSameBytes($0.id, step) }) else { return nil }
      return all.filter { !hasSameBytes($0.id, step) }
    }
    for (place, part) in parts.enumerated() {
      guard let within = part.leaves(behind: step) else { continue }
      let isRow = if case .sequence = work { true } else { false }
      let later = isRow ? parts[(place + 1)...].flatMap(\.leaves) : []
      return within + later + hooks.flatMap(\.leaves)
    }
    for (place, hook) in hooks.enumerated() {
      guard let within = hook.leaves(behind: step) else { continue }
      return within + hooks[(place + 1)...].flatMap(\.leaves)
    }
    return nil
  }
}

extension Plan {
  /// All steps, whatever groups and hooks they are in.
  var allLeaves: [PlanNode] {
    stages.flatMap(\.leaves) + hooks.ordered.flatMap(\.node.leaves)
  }

  /// Steps that begin only when that one has ended, in the plan's order: stages stand behind those that they wait for.
  func leaves(behind step: String) -> [PlanNode] {
    var reached: [String] = []
    var found: [PlanNode] = []
    for stage in stages {
      if let within = stage.leaves(behind: step) {
        reached.append(stage.id)
        found += within
      } else if stage.options.after.contains(where: { reached.containsBytes(of: $0.stage) }) {
        reached.append(stage.id)
        found += stage.leaves
      }
    }
    for (place, hook) in hooks.ordered.enumerated() {
      guard let within = hook.node.leaves(behind: step) else { continue }
      return within + hooks.ordered[(place + 1)...].flatMap(\.node.leaves)
    }
    return found + hooks.ordered.flatMap(\.node.leaves)
  }
}
