// Steps made from steps: those of a matrix for one of its values, those of a pipeline for one call of it.

import WritModel
import WritSyntax

/// Numbers that are not said stay as they are.
struct StepCopy {
  /// Put behind the names of steps of the pipeline at hand.
  var suffix = ""
  /// For each place, before it changes, the name that the suffix is put behind; `nil`: the name stays.
  var bases: [String?] = []
  var places: [Int: Int] = [:]
  /// Of values.
  var numbers: [Int: Int] = [:]
  var outputs: [Int: Int] = [:]
  var marks: [Int: Int] = [:]
  /// Where it is there, all other marks are dropped.
  var keptMarks: [Int: Int]?
  /// Outputs in sight of all of them, by the numbers that they have afterwards.
  var inSight: [Int] = []

  func step(_ step: PipelineStep) -> PipelineStep {
    PipelineStep(
      name: name(step), place: places[step.place] ?? step.place, work: work(step.work),
      needs: step.needs, condition: step.condition.map(number), retry: step.retry,
      timeout: step.timeout, deadline: step.deadline, isIdempotent: step.isIdempotent,
      responses: step.responses, output: step.output.map { outputs[$0] ?? $0 },
      inSight: (inSight + step.inSight.map { outputs[$0] ?? $0 }).sorted(),
      hooks: step.hooks.map(hook), mark: mark(step.mark))
  }

  /// A stage as one.
  func stage(_ stage: PipelineStage) -> PipelineStage {
    PipelineStage(
      name: stage.name, place: places[stage.place] ?? stage.place, after: stage.after,
      results: stage.results, condition: stage.condition.map(number), limit: stage.limit,
      responses: stage.responses, steps: stage.steps.map(step), hooks: stage.hooks.map(hook),
      mark: mark(stage.mark))
  }

  /// A stage as a step of what it stands in.
  func step(_ stage: PipelineStage, needs: [Int]) -> PipelineStep {
    PipelineStep(
      name: stage.name, place: places[stage.place] ?? stage.place,
      work: .group(limit: stage.limit, stage.steps.map(step)), needs: needs,
      condition: stage.condition.map(number), responses: stage.responses, inSight: inSight,
      hooks: stage.hooks.map(hook), mark: mark(stage.mark))
  }

  private func mark(_ mark: Int?) -> Int? {
    guard let mark else { return nil }
    if let keptMarks { return keptMarks[mark] }
    return marks[mark] ?? mark
  }

  func hook(_ hook: PipelineHook) -> PipelineHook {
    PipelineHook(moment: hook.moment, steps: hook.steps.map(step))
  }

  private func name(_ step: PipelineStep) -> String {
    guard !suffix.isEmpty, let base = bases[step.place] else { return step.name }
    // The values of matrices further in stand behind: `test[linux][arm]`.
    return base + suffix
      + String(decoding: step.name.utf8.dropFirst(base.utf8.count), as: UTF8.self)
  }

  private func number(_ value: Int) -> Int { numbers[value] ?? value }

  private func work(_ work: PipelineWork) -> PipelineWork {
    switch work {
    case .run(let words): .run(words.map(word))
    case .action(let action, let arguments): .action(action, arguments: arguments.map(number))
    case .gate(let gate, let arguments): .gate(gate, arguments: arguments.map(number))
    case .approval(let approval):
      .approval(
        PipelineApproval(
          approval.rules.map { rule in
            PipelineApprovers(
              role: rule.role, count: rule.count, except: rule.except.map(number))
          }, within: approval.within))
    case .wait: work
    case .agent(let agent):
      .agent(
        PipelineAgent(
          name: agent.name, task: word(agent.task), time: agent.time, calls: agent.calls,
          tokens: agent.tokens))
    case .group(let limit, let steps): .group(limit: limit, steps.map(step))
    case .loop(let loop):
      .loop(
        PipelineLoop(
          interval: loop.interval, most: loop.most, unchanged: loop.unchanged,
          until: number(loop.until),
          steps: loop.steps.map(step)))
    }
  }

  private func word(_ word: PipelineWord) -> PipelineWord {
    PipelineWord(
      pieces: word.pieces.map {
        if case .value(let value) = $0 { .value(number(value)) } else { $0 }
      })
  }
}
