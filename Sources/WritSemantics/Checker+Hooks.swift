// Hooks of stages and steps: what runs once they have ended, and what that can see.

import WritModel
import WritSyntax
import WritText

/// What a hook belongs to, once it has ended.
struct HookedPart {
  let name: String
  let mark: Int
  /// The steps right in it.
  let parts: [PartInSightNamed]
  /// What it gives out itself, and the steps in it, where it succeeds.
  let gifts: [OutputGift]
}

extension HookedPart {
  /// What conditions in a hook of it can ask about.
  fileprivate func inSight(
    in moment: PipelineMoment, over outer: PartsInSight
  ) -> PartsInSight {
    let own = PartInSight(mark: mark, possible: moment.results)
    return ([PartInSightNamed(name: name, part: own)] + parts.inHook).over(outer)
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

extension StageSyntax {
  /// Its steps, and those of its hooks.
  var allSteps: [PipelineStepSyntax] { steps + hooks.flatMap(\.steps) }
}
