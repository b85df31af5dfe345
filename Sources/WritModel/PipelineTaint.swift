// How far the word of an agent, or of a server, gets: into an argument of an action on production only where a gate is handed it.
//
// What an agent gives out is tainted, and what an action got for an answer over HTTP; so is what a program gives out that was handed tainted words. Conditions are not
// looked at: whether an action is asked for may depend on an agent, whether it is done is for its gate.

/// An argument of an action on production that the word of an agent reaches, and that no gate is handed.
public struct TaintedArgument: Hashable, Sendable {
  /// Names of the stage and of the steps down to the call.
  public let path: [String]
  /// Index into the pipeline's places, of the call.
  public let place: Int
  public let action: Int
  /// Index into the action's parameters.
  public let parameter: Int
  /// Steps that it comes through, the agent's first.
  public let origin: [String]
}

/// Parameters of actions that reach an effect on production, on their own or by being taken back, though the gate that decides
/// there is not handed them; by action. Following rollbacks ends.
///
/// - Parameter actions: Whether each touches production, which parameters its gate is handed, and which action with which of
///   the parameters takes it back.
public func undecidedParameters(
  _ actions: [(
    parameterCount: Int, onProduction: Bool, decided: [Int],
    rollback: (action: Int, arguments: [Int])?
  )]
) -> [Set<Int>] {
  actions.indices.map { start in
    var found: Set<Int> = []
    // For each parameter of the action at hand the one of the first action that it is.
    var origins = Array(0..<actions[start].parameterCount)
    var next = start
    for _ in actions.indices {
      let action = actions[next]
      if action.onProduction {
        for (parameter, origin) in origins.enumerated() where !action.decided.contains(parameter) {
          found.insert(origin)
        }
      }
      guard let back = action.rollback else { break }
      origins = back.arguments.map { origins[$0] }
      next = back.action
    }
    return found
  }
}

extension [PipelineStage] {
  /// Arguments that taint reaches undecided. O(steps × values read, as often as taint goes on); indexes are in bounds.
  ///
  /// - Parameters:
  ///   - hooks: Of the whole pipeline.
  ///   - undecided: By action, as of `undecidedParameters`.
  ///   - reads: The outputs that a value reads.
  public func tainted(
    hooks: [PipelineHook], undecided: [Set<Int>], reads: (Int) -> [Int]
  ) -> [TaintedArgument] {
    let steps = flatMap { stage in below(stage.within, [stage.name]) } + below(hooks.within, [])
    var origins: [Int: [String]] = [:]
    var isChanging = true
    while isChanging {
      isChanging = false
      for (path, step) in steps {
        guard let output = step.output, origins[output] == nil,
          let origin = step.taint(path, origins, reads)
        else { continue }
        origins[output] = origin
        isChanging = true
      }
    }
    return steps.flatMap { path, step -> [TaintedArgument] in
      guard case .action(let action, let arguments) = step.work else { return [] }
      return undecided[action].sorted().compactMap { parameter in
        reads(arguments[parameter]).compactMap { origins[$0] }.first.map {
          TaintedArgument(
            path: path, place: step.place, action: action, parameter: parameter, origin: $0)
        }
      }
    }
  }
}

/// Steps, and those of hooks, with all that are within them; each with its path.
private func below(
  _ parts: [(hook: PipelineMoment?, steps: [PipelineStep])], _ path: [String]
) -> [(path: [String], step: PipelineStep)] {
  parts.flatMap { hook, steps in
    steps.flatMap { step in
      let path = path + (hook.map { [$0.rawValue] } ?? []) + [step.name]
      return [(path, step)] + below(step.within, path)
    }
  }
}

extension PipelineStep {
  /// Through which steps the word of an agent gets into what the step gives out; `nil`: it does not.
  fileprivate func taint(
    _ path: [String], _ origins: [Int: [String]], _ reads: (Int) -> [Int]
  ) -> [String]? {
    let own = path.joined(separator: "/")
    switch work {
    case .agent, .action: return [own]
    case .run(let words):
      for case .value(let value) in words.flatMap(\.pieces) {
        if let origin = reads(value).compactMap({ origins[$0] }).first { return origin + [own] }
      }
      return nil
    case .gate, .approval, .wait, .group, .loop: return nil
    }
  }
}
