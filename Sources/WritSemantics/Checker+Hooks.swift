// Hooks of pipelines, stages and steps: what runs once they have ended, and what that can see.

import WritModel
import WritSyntax
import WritText

/// What a hook belongs to, once it has ended.
struct HookedPart {
  /// By which conditions ask about it; `nil` of a pipeline, which has ended when nobody asks any more.
  let own: (name: String, mark: Int)?
  /// The steps right in it; the stages of a pipeline.
  let parts: [PartInSightNamed]
  /// What it gives out itself, and the steps in it, where it succeeds.
  let gifts: [OutputGift]
}

extension HookedPart {
  /// What conditions in a hook of it can ask about.
  fileprivate func inSight(
    in moment: PipelineMoment, over outer: PartsInSight
  ) -> PartsInSight {
    let asked = own.map { own in
      PartInSightNamed(
        name: own.name, part: PartInSight(mark: own.mark, possible: moment.results))
    }
    return ([asked].compactMap { $0 } + parts.inHook).over(outer)
  }
}

extension Checker {
  /// What runs once something has ended, each moment once; `nil` once what is wrong is reported.
  ///
  /// - Parameter depth: Of the steps in them.
  mutating func hooks(
    _ syntax: [HookSyntax], depth: Int, of ended: HookedPart, _ draft: inout PipelineDraft
  ) -> [PipelineHook]? {
    guard !syntax.isEmpty else { return [] }
    let outer = draft.parts
    defer { draft.parts = outer }
    var first: [String: SourceRange] = [:]
    var found: [PipelineHook?] = []
    let outside = draft.gifts
    for hook in syntax {
      guard isFirst(hook.moment.text, hook.moment.range, &first),
        let moment = PipelineMoment(rawValue: hook.moment.text)
      else {
        found.append(nil)
        continue
      }
      if hook.steps.isEmpty {
        report(.neverRuns("this hook", "it has no steps", at: hook.moment.range))
      }
      draft.gifts = []
      draft.parts = ended.inSight(in: moment, over: outer)
      // Where it did not succeed it may have given out nothing.
      let seen = ended.gifts.through(isSure: moment == .onSuccess)
      let steps = seeing(seen, &draft) { checker, draft in
        checker.steps(hook.steps, limit: 1, depth: depth, &draft)
      }
      guard let steps, !steps.isEmpty, holdNoSay(steps, moment, draft) else {
        found.append(nil)
        continue
      }
      found.append(PipelineHook(moment: moment, steps: steps))
    }
    // What is given out in a hook nobody else can read.
    draft.gifts = outside
    return whole(found)
  }

  /// What has ended has ended: a hook cannot make the run stop, or go back; false once it is told.
  private mutating func holdNoSay(
    _ steps: [PipelineStep], _ moment: PipelineMoment, _ draft: PipelineDraft
  ) -> Bool {
    var told: Set<SourceRange> = []
    var open = steps
    while let step = open.popLast() {
      open += step.within.flatMap(\.steps)
      for response in step.responses where response.strategy != .ignore {
        let place = draft.shown(step.place)
        guard told.insert(place).inserted else { continue }
        report(.hookStrategy(response, moment, at: place))
      }
    }
    return told.isEmpty
  }
}

extension Checker {
  /// What runs once all of a pipeline has ended, and what was to be taken back is.
  mutating func hooks(
    of declaration: PipelineDeclaration, _ parts: [PartInSightNamed],
    _ draft: inout PipelineDraft
  ) -> [PipelineHook]? {
    let labels = declaration.hooks.flatMap(\.steps).flatMap(\.labels)
    draft.enterStage(labels: labels.map(\.text))
    holdDistinct(labels, "step")
    // A stage that waits for trouble need not have begun, though all went well.
    let isFirm = declaration.stages.allSatisfy { stage in
      stage.heads.allSatisfy { head in
        if case .after(let stages) = head.kind {
          stages.allSatisfy(\.results.isEmpty)
        } else {
          true
        }
      }
    }
    let ended = HookedPart(own: nil, parts: parts, gifts: draft.gifts.through(isSure: isFirm))
    guard let hooks = hooks(declaration.hooks, depth: 1, of: ended, &draft) else { return nil }
    holdStepNames(hooks.flatMap(\.steps), labels, draft)
    return hooks
  }
}

extension PipelineDeclaration {
  /// The steps of its stages, and those of hooks.
  var allSteps: [PipelineStepSyntax] {
    stages.flatMap(\.allSteps) + hooks.flatMap(\.steps)
  }
}

extension StageSyntax {
  /// Its steps, and those of its hooks.
  var allSteps: [PipelineStepSyntax] { steps + hooks.flatMap(\.steps) }
}
