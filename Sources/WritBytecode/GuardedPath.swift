// Every way on which a pipeline reaches production, and the gate that decides on it.
public import WritModel

/// A step whose action touches production, on its own or by being taken back.
public struct GuardedPath: Hashable, Sendable {
  /// Names of the stage, of hooks and of the steps down to the call, then those of actions that take one back.
  public let path: [String]
  /// Index into the pipeline's places, of the step.
  public let place: Int
  /// Index into `Program.actions`.
  public let action: Int
  /// Index into `Program.gates`; `nil`: nothing decides, which no verified program has.
  public let gate: Int?
  /// It happens only when what was done is taken back.
  public let isRollback: Bool
}

extension Program {
  /// Arguments on production that the word of an agent reaches undecided; indexes are in bounds and rollbacks end.
  public func tainted(in pipeline: PipelineProgram) -> [TaintedArgument] {
    let undecided = undecidedParameters(
      actions.map { action in
        (
          action.parameters.count, action.effect == .production,
          action.guardGate == nil ? [] : action.guardArguments,
          action.rollback.map { ($0.action, $0.arguments) }
        )
      })
    return pipeline.stages.tainted(hooks: pipeline.hooks, undecided: undecided) { value in
      pipeline.values[value].reads.map(\.output)
    }
  }

  /// The ways of all steps, those of hooks too, whatever conditions, matrices and strategies say: what may be done is listed, not
  /// what will be.
  /// O(steps × the longest chain of rollbacks); indexes are in bounds and rollbacks end.
  public func guardedPaths(of pipeline: PipelineProgram) -> [GuardedPath] {
    var found: [GuardedPath] = []
    for stage in pipeline.stages {
      collect(stage.within, [stage.name], isTakenBack: true, &found)
    }
    // When they run, all that is taken back has been.
    collect(pipeline.hooks.within, [], isTakenBack: false, &found)
    return found
  }

  private func collect(
    _ parts: [(hook: PipelineMoment?, steps: [PipelineStep])], _ path: [String],
    isTakenBack: Bool, _ found: inout [GuardedPath]
  ) {
    for (hook, steps) in parts {
      for step in steps {
        let path = path + (hook.map { [$0.rawValue] } ?? []) + [step.name]
        if case .action(let action, _) = step.work {
          collect(action, path, step.place, isTakenBack: isTakenBack, &found)
        }
        collect(step.within, path, isTakenBack: isTakenBack, &found)
      }
    }
  }

  /// The action, and whatever takes it back: any step that went well may be taken back later.
  private func collect(
    _ action: Int, _ path: [String], _ place: Int, isTakenBack: Bool,
    _ found: inout [GuardedPath]
  ) {
    var next: Int? = action
    var path = path
    var isRollback = false
    while let action = next {
      let program = actions[action]
      if isRollback { path.append(program.name) }
      if program.effect == .production {
        found.append(
          GuardedPath(
            path: path, place: place, action: action, gate: program.guardGate,
            isRollback: isRollback))
      }
      (next, isRollback) = (isTakenBack ? program.rollback?.action : nil, true)
    }
  }
}
