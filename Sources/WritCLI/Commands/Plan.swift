// `writ plan`: what a pipeline may do, step by step, and which gate guards every way to production. Nothing is run.

import Writ
import WritBytecode
import WritModel
import WritReport

extension Command {
  static let plan = Command(
    name: "plan", summary: "show what a pipeline may do, and which gate guards what",
    operands: [.one("PIPELINE", "its full name, or what stands after the last dot")],
    options: [.bundle, .publisher, .svg, .html],
    details: [
      "Lists every step, each of a matrix on its own, what may come of each action, and every way to",
      "production with its gate.",
      "  writ plan --bundle b releaseCheckout --html plan.html",
    ],
    run: runPlan)
}

private func runPlan(_ invocation: Invocation) throws(Failure) -> Report {
  let bundle = try loadBundle(invocation).bundle
  return try plan(of: try invocation.operand(0), bundle, invocation)
}

/// What a pipeline may do; `run --plan` shows it too.
func plan(
  of name: String, _ bundle: LoadedBundle, _ invocation: Invocation
) throws(Failure) -> Report {
  let pipeline = try withEngine { () throws(RequestError) in try bundle.pipeline(name) }
  let plan = PipelinePlan(bundle, pipeline)
  try writePictures(invocation) { plan.diagram }
  if invocation.wantsJSON { return Report(plan.json) }
  var report = Report()
  for line in plan.lines { report.print(printable(line)) }
  return report
}

/// A pipeline as its reader wants it.
private struct PipelinePlan {
  private let bundle: LoadedBundle
  private let program: Program
  private let pipeline: PipelineProgram
  private let paths: [GuardedPath]
  private let approvals: [AskedStep]

  init(_ bundle: LoadedBundle, _ pipeline: PipelineProgram) {
    self.bundle = bundle
    program = bundle.program.program
    self.pipeline = pipeline
    paths = program.guardedPaths(of: pipeline)
    approvals =
      (try? bundle.lowered(pipeline)).map { AskedStep.all(in: $0, bundle.program.program) } ?? []
  }

  /// What is done, and may be taken back, by labelled delegates only: full names, each once, in the bundle's order.
  private var labelled: [String] {
    let steps = (try? bundle.lowered(pipeline).steps.values).map { Array($0) } ?? []
    let indexes = steps.compactMap { step in
      if case .action(let action, _) = step { action } else { nil }
    }
    return Set(indexes).sorted().map { program.actions[$0] }.filter { !$0.labels.isEmpty }
      .map(\.name)
  }
}

/// A step at which people are asked, and the actions that come behind it.
private struct AskedStep {
  let step: String
  let lets: [(step: String, action: String, work: PipelineWork)]

  /// All of a pipeline, in the plan's order.
  static func all(in lowered: LoweredPipeline, _ program: Program) -> [AskedStep] {
    lowered.plan.allLeaves.compactMap { leaf in
      guard case .approval? = lowered.steps[leaf.id] else { return nil }
      return AskedStep(
        step: leaf.id,
        lets: lowered.plan.leaves(behind: leaf.id).compactMap { behind in
          guard let work = behind.work(in: lowered), case .action(let action, _) = work else {
            return nil
          }
          return (behind.id, program.actions[action].name, work)
        })
    }
  }
}

// For people.
extension PipelinePlan {
  var lines: [String] {
    var lines = [
      ([pipeline.name] + pipeline.parameters.map(\.name)).joined(separator: "  ")
    ]
    if pipeline.freeze != nil { lines.append("  \(freezeRemark)") }
    for stage in pipeline.stages {
      lines += ["", "stage \(stage.name)" + remark(of: stage)]
      for step in stage.steps { lines += self.lines(step, indent: "  ") }
      lines += self.lines(stage.hooks, indent: "  ")
    }
    if !pipeline.hooks.isEmpty {
      lines += ["", "when all is over"] + self.lines(pipeline.hooks, indent: "  ")
    }
    lines += ["", paths.isEmpty ? "nothing reaches production" : "ways to production"]
    for path in paths {
      let gate = path.gate.map { program.gates[$0].name } ?? "nothing"
      let word = path.isRollback ? "taken back by" : "by"
      lines.append(
        "  \(path.path.joined(separator: " → "))  \(word) \(program.actions[path.action].name), "
          + "decided by \(gate)")
    }
    if !approvals.isEmpty { lines += ["", "what approvals let be done"] }
    for approval in approvals {
      lines.append("  \(approval.step)" + (approval.lets.isEmpty ? "  no action" : ""))
      for one in approval.lets {
        let parts = [one.action] + program.handedText(by: one.work, in: pipeline)
        lines.append("    \(one.step)  \(parts.joined(separator: "; "))")
      }
    }
    let labelled = labelled
    if !labelled.isEmpty { lines += ["", "delegates"] }
    for action in labelled {
      lines.append("  \(action)  \(bundle.delegateText(ofAction: action) ?? "")")
    }
    return lines
  }

  private var freezeRemark: String {
    let text = pipeline.freeze.map { pipeline.values[$0].text } ?? ""
    return "no stage begins while its freeze is on" + (text.isEmpty ? "" : ": \(text)")
  }

  private func remark(of stage: PipelineStage) -> String {
    var parts: [String] = []
    if !stage.after.isEmpty {
      let names = stage.after.map { index in
        let wanted = stage.results.first { $0.stage == index }?.results ?? []
        return pipeline.stages[index].name
          + (wanted.isEmpty ? "" : " if " + wanted.map(\.rawValue).joined(separator: " or "))
      }
      parts.append("after " + names.joined(separator: ", "))
    }
    if let condition = stage.condition { parts.append(pipeline.remark(onCondition: condition)) }
    if let limit = limitText(stage.limit) { parts.append(limit) }
    parts += stage.responses.map { "\($0.trouble.rawValue): \($0.strategy.rawValue)" }
    return parts.isEmpty ? "" : "  (\(parts.joined(separator: "; ")))"
  }

  private func lines(_ step: PipelineStep, indent: String) -> [String] {
    let parts =
      [program.words(of: step.work, in: pipeline)]
      + program.handedText(by: step.work, in: pipeline) + remarks(of: step)
    let own = "\(indent)\(step.name)  " + parts.joined(separator: "; ")
    return [own] + step.work.steps.flatMap { lines($0, indent: indent + "  ") }
      + lines(step.hooks, indent: indent + "  ")
  }

  private func lines(_ hooks: [PipelineHook], indent: String) -> [String] {
    hooks.flatMap { hook in
      [indent + hook.moment.rawValue] + hook.steps.flatMap { lines($0, indent: indent + "  ") }
    }
  }

  /// What may come of it, when it is done, and how often.
  private func remarks(of step: PipelineStep) -> [String] {
    var parts = program.stakes(of: step.work)
    if let condition = step.condition { parts.append(pipeline.remark(onCondition: condition)) }
    if let retry = step.retry { parts.append("\(retry.attempts) attempts") }
    if let timeout = step.timeout { parts.append("\(Duration(microseconds: timeout)) each") }
    if let deadline = step.deadline {
      parts.append("\(Duration(microseconds: deadline)) in all")
    }
    if step.isIdempotent { parts.append("idempotent") }
    if let output = step.output { parts.append("gives out \(pipeline.outputs[output].name)") }
    return parts + step.responses.map { "\($0.trouble.rawValue): \($0.strategy.rawValue)" }
  }
}

// As a picture.
extension PipelinePlan {
  var diagram: Diagram {
    let rows = paths.map { path in
      [
        path.path.joined(separator: " → "), program.actions[path.action].name,
        path.gate.map { program.gates[$0].name } ?? "nothing", path.isRollback ? "taken back" : "",
      ]
    }
    let ways = Diagram.Table(
      title: "Ways to production", head: ["way", "action", "decided by", ""], rows: rows)
    let parameters = pipeline.parameters.map(\.name).joined(separator: ", ")
    return Diagram(
      title: pipeline.name,
      lines: [
        parameters.isEmpty ? "takes nothing" : "takes \(parameters)",
        "written at \(pipeline.position)",
      ] + (pipeline.freeze == nil ? [] : [freezeRemark]),
      stages: pipeline.stages.map { stage in
        let own = remark(of: stage)
        let box = Diagram.Box(
          title: stage.name, lines: own.isEmpty ? [] : [String(own.dropFirst(3).dropLast())],
          tone: .plain, isParallel: stage.limit != 1, parts: stage.steps.map(box),
          hooks: stage.hooks.map(box))
        return Diagram.Stage(box: box, after: stage.after)
      }.closed(by: pipeline.hooks.map(box)),
      tables: rows.isEmpty ? [] : [ways])
  }

  private func box(_ step: PipelineStep) -> Diagram.Box {
    var isParallel = false
    if case .group(let limit, _) = step.work { isParallel = limit != 1 }
    var isGuarded = false
    if case .action(let action, _) = step.work {
      isGuarded = program.actions[action].effect == .production
    }
    // The gate has a line of its own.
    let work = program.words(of: step.work, in: pipeline).replacing(
      ", decided by", with: "\ndecided by", maxReplacements: 1)
    let lines =
      work.split(separator: "\n").map(String.init)
      + program.handedText(by: step.work, in: pipeline) + remarks(of: step)
    return Diagram.Box(
      title: step.name, lines: lines, tone: .plain, isGuarded: isGuarded, isParallel: isParallel,
      parts: step.work.steps.map(box), hooks: step.hooks.map(box))
  }

  private func box(_ hook: PipelineHook) -> Diagram.Box {
    Diagram.Box(
      title: hook.moment.rawValue, lines: [], tone: .plain, parts: hook.steps.map(box))
  }
}

// For programs.
extension PipelinePlan {
  var json: JSONValue {
    let delegates = labelled.map { action -> JSONValue in
      .object([JSONMember("action", .string(action))] + bundle.delegateMembers(ofAction: action))
    }
    var members = delegates.isEmpty ? [] : [JSONMember("delegates", .array(delegates))]
    if !approvals.isEmpty { members.append(JSONMember("approvals", .array(approvals.map(json)))) }
    return .object((whole.object ?? []) + self.members(of: pipeline.hooks) + members)
  }

  private func json(_ approval: AskedStep) -> JSONValue {
    let lets = approval.lets.map { one -> JSONValue in
      .object(
        [JSONMember("step", .string(one.step)), JSONMember("action", .string(one.action))]
          + HandedArgument.members(of: program.handed(by: one.work, in: pipeline)))
    }
    return ["step": .string(approval.step), "lets": .array(lets)]
  }

  private var whole: JSONValue {
    [
      "pipeline": .string(pipeline.name),
      "parameters": .array(pipeline.parameters.map { .string($0.name) }),
      "stages": .array(
        pipeline.stages.map { stage in
          .object(
            [
              JSONMember("stage", .string(stage.name)),
              JSONMember("after", .array(stage.after.map { .string(pipeline.stages[$0].name) })),
              JSONMember("steps", .array(stage.steps.map(json))),
            ] + when(stage.condition) + members(of: stage.results) + members(of: stage.hooks))
        }),
      "freezes": .bool(pipeline.freeze != nil),
      "freeze": pipeline.freeze.map { .string(pipeline.values[$0].text) } ?? .null,
      "production": .array(paths.map(json)),
    ]
  }

  /// The condition of a stage or a step, as the policy has it; none where there is none.
  private func when(_ condition: Int?) -> [JSONMember] {
    condition.map { [JSONMember("when", .string(pipeline.values[$0].text))] } ?? []
  }

  private func json(_ step: PipelineStep) -> JSONValue {
    var members = [
      JSONMember("step", .string(step.name)),
      JSONMember("does", .string(program.words(of: step.work, in: pipeline))),
      JSONMember("at", .string(pipeline.places[step.place])),
    ]
    if case .action(let action, _) = step.work {
      members.append(JSONMember("action", program.json(of: program.actions[action])))
    }
    members += HandedArgument.members(of: program.handed(by: step.work, in: pipeline))
    if let output = step.output {
      members.append(JSONMember("output", .string(pipeline.outputs[output].name)))
    }
    let steps = step.work.steps
    if !steps.isEmpty { members.append(JSONMember("steps", .array(steps.map(json)))) }
    return .object(members + when(step.condition) + self.members(of: step.hooks))
  }

  /// None where each stage goes on after what went well.
  private func members(of results: [StageResults]) -> [JSONMember] {
    guard !results.isEmpty else { return [] }
    let found = results.map { wanted -> JSONValue in
      [
        "stage": .string(pipeline.stages[wanted.stage].name),
        "results": .array(wanted.results.map { .string($0.rawValue) }),
      ]
    }
    return [JSONMember("results", .array(found))]
  }

  /// None where there are none.
  private func members(of hooks: [PipelineHook]) -> [JSONMember] {
    guard !hooks.isEmpty else { return [] }
    let found = hooks.map { hook -> JSONValue in
      ["moment": .string(hook.moment.rawValue), "steps": .array(hook.steps.map(json))]
    }
    return [JSONMember("hooks", .array(found))]
  }

  private func json(_ path: GuardedPath) -> JSONValue {
    [
      "path": .array(path.path.map { .string($0) }),
      "action": .string(program.actions[path.action].name),
      "gate": path.gate.map { .string(program.gates[$0].name) } ?? .null,
      "rollback": .bool(path.isRollback),
    ]
  }
}
