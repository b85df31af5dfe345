// Ways on which pipelines reach production though no gate decides on it.

import WritModel
import WritSyntax
import WritText

/// A step of a pipeline that does what no gate decides on, or does what that takes back.
struct UnguardedWay {
  let pipeline: String
  /// Names of the stage, of hooks and of the steps down to the call, then those of actions that take one back.
  let path: [String]
  /// Of the step.
  let range: SourceRange
  /// It, or something around it, is there only where a condition holds, or another stage has ended in a certain way.
  let isConditional: Bool
  /// It happens only when what was done is taken back.
  let isRollback: Bool
}

extension Checker {
  /// Ways that are told of one action.
  private static let mostTold = 8

  /// Remembers where a pipeline reaches actions that nothing guards, whatever conditions, matrices and strategies say. O(steps).
  mutating func noteUnguardedWays(
    _ stages: [PipelineStage], _ hooks: [PipelineHook], of pipeline: Name, _ draft: PipelineDraft
  ) {
    guard !unguarded.isEmpty else { return }
    var search = UnguardedSearch(
      pipeline: pipeline.text, unguarded: unguarded,
      rollbacks: actions.map { $0.typed?.rollback?.target },
      names: actions.map(\.declaration.name.text), draft: draft)
    for stage in stages {
      search.look(
        through: stage.within, [stage.name],
        isConditional: stage.condition != nil || !stage.results.isEmpty, isTakenBack: true)
    }
    // When they run, all that is taken back has been.
    search.look(through: hooks.within, [], isConditional: false, isTakenBack: false)
    for (action, way) in search.found { unguardedWays[action, default: []].append(way) }
  }

  /// Adds the ways to what was said of the actions.
  mutating func tellUnguardedWays() {
    for (action, ways) in unguardedWays {
      let name = actions[action].declaration.name
      amend(.unguardedProduction, at: name.range) { diagnostic in
        let told = ways.prefix(Self.mostTold).reduce(diagnostic) { $0.noting($1) }
        let further = ways.dropFirst(Self.mostTold)
        return further.first.map { told.notingFurtherWays(further.count, at: $0.range) } ?? told
      }
    }
  }
}

private struct UnguardedSearch {
  let pipeline: String
  let unguarded: Set<Int>
  /// For each action the one that takes it back; these end.
  let rollbacks: [Int?]
  let names: [String]
  let draft: PipelineDraft
  var found: [(action: Int, way: UnguardedWay)] = []
  /// A step of a matrix, or of a pipeline within, is told once.
  private var told: Set<Place> = []

  init(
    pipeline: String, unguarded: Set<Int>, rollbacks: [Int?], names: [String], draft: PipelineDraft
  ) {
    self.pipeline = pipeline
    self.unguarded = unguarded
    self.rollbacks = rollbacks
    self.names = names
    self.draft = draft
  }

  private struct Place: Hashable {
    let action: Int
    let range: SourceRange
    let isRollback: Bool
  }

  mutating func look(
    through parts: [(hook: PipelineMoment?, steps: [PipelineStep])], _ path: [String],
    isConditional: Bool, isTakenBack: Bool
  ) {
    for (hook, steps) in parts {
      for step in steps {
        let path = path + (hook.map { [$0.rawValue] } ?? []) + [step.name]
        let isConditional = isConditional || step.condition != nil
        if case .action(let action, _) = step.work {
          look(at: action, path, step.place, isConditional, isTakenBack)
        }
        look(
          through: step.within, path, isConditional: isConditional, isTakenBack: isTakenBack)
      }
    }
  }

  /// The action, and whatever takes it back: any step that went well may be taken back later.
  private mutating func look(
    at action: Int, _ path: [String], _ place: Int, _ isConditional: Bool, _ isTakenBack: Bool
  ) {
    var (next, path, isRollback) = (Optional(action), path, false)
    while let action = next {
      if isRollback { path.append(names[action]) }
      let range = draft.shown(place)
      if unguarded.contains(action),
        told.insert(Place(action: action, range: range, isRollback: isRollback)).inserted
      {
        found.append(
          (
            action,
            UnguardedWay(
              pipeline: pipeline, path: path, range: range, isConditional: isConditional,
              isRollback: isRollback)
          ))
      }
      (next, isRollback) = (isTakenBack ? rollbacks[action] : nil, true)
    }
  }
}
