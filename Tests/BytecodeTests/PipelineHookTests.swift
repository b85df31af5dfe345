// Hooks in bundles: each broken rule is found where it is broken, and what stands in a hook is guarded, verified and followed as
// what stands anywhere else.
import Testing
import WritBytecode
import WritModel

private func at(_ path: String) -> VerifyPlace { .step(pipeline: 0, path: path) }

private func word(_ text: String) -> PipelineWord { PipelineWord(pieces: [.text(text)]) }

private let run = PipelineStep(name: "tidy", place: 0, work: .run([word("x")]))

private func response(
  _ trouble: StepTrouble, _ strategy: TroubleStrategy
) -> [TroubleResponse] { [TroubleResponse(trouble: trouble, strategy: strategy)] }

extension PipelineStage {
  fileprivate func hooked(_ hooks: [PipelineHook]) -> PipelineStage {
    PipelineStage(
      name: name, place: place, after: after, condition: condition, limit: limit,
      responses: responses, steps: steps, hooks: hooks)
  }
}

extension PipelineStep {
  fileprivate func hooked(_ hooks: [PipelineHook]) -> PipelineStep {
    PipelineStep(
      name: name, place: place, work: work, needs: needs, condition: condition, retry: retry,
      timeout: timeout, deadline: deadline, isIdempotent: isIdempotent, responses: responses,
      output: output, inSight: inSight, hooks: hooks)
  }
}

extension Program {
  /// Puts hooks behind the whole pipeline.
  fileprivate mutating func close(_ hooks: [PipelineHook]) {
    let old = pipelines[0]
    pipelines[0] = PipelineProgram(
      name: old.name, parameters: old.parameters, concurrency: old.concurrency,
      deadline: old.deadline, isUnverified: old.isUnverified, freeze: old.freeze,
      stages: old.stages, hooks: hooks, values: old.values, places: old.places,
      position: old.position, outputs: old.outputs)
  }

  /// One hook of the whole with these steps.
  fileprivate mutating func close(_ moment: PipelineMoment, _ steps: [PipelineStep]) {
    close([PipelineHook(moment: moment, steps: steps)])
  }

  /// Puts hooks behind the stage `verify`.
  fileprivate mutating func hook(_ hooks: [PipelineHook]) {
    change(stage: 0) { $0.hooked(hooks) }
  }

  /// One hook of the stage `verify` with these steps.
  fileprivate mutating func hook(_ moment: PipelineMoment, _ steps: [PipelineStep]) {
    hook([PipelineHook(moment: moment, steps: steps)])
  }

  /// The call of the action on production.
  fileprivate var deploy: PipelineStep { pipelines[0].stages[2].steps[0] }
}

/// Hooks of hooks, each with one step; so many of them.
private func nested(_ depth: Int) -> PipelineStep {
  (0..<depth).reduce(run) { step, index in
    run.with(name: "h\(index)").hooked([PipelineHook(moment: .ensure, steps: [step])])
  }
}

private let rules = [
  BrokenTable("hook twice", at("verify"), .duplicate("hook", "ensure")) {
    let hook = PipelineHook(moment: .ensure, steps: [run])
    $0.hook([hook, hook])
  },
  BrokenTable("hook of the whole twice", .entry(.pipelines, 0), .duplicate("hook", "ensure")) {
    let hook = PipelineHook(moment: .ensure, steps: [run])
    $0.close([hook, hook])
  },
  BrokenTable("hook of the whole, of nothing", at("onAbort"), .empty("steps")) {
    $0.close(.onAbort, [])
  },
  BrokenTable("a say over the run that is over", at("ensure/tidy"), .strayOption) {
    $0.close(.ensure, [run.with(responses: response(.failure, .rollback))])
  },
  BrokenTable("production at the end, unverified", at("onSuccess/deploy"), .unverified) {
    $0.close(.onSuccess, [$0.deploy])
  },
  BrokenTable("production that the end verifies", at("production/deploy"), .unverified) {
    $0.change(stage: 2) { $0.with(steps: [$0.steps[0]]) }
    $0.close(.ensure, [run])
  },
  BrokenTable("hook of nothing", at("verify/onFailure"), .empty("steps")) {
    $0.hook(.onFailure, [])
  },
  BrokenTable("hook of a step, of nothing", at("verify/unit/onError"), .empty("steps")) {
    $0.change(stage: 0, step: 0) { $0.hooked([PipelineHook(moment: .onError, steps: [])]) }
  },
  BrokenTable("step twice in a hook", at("verify/ensure"), .duplicate("step", "tidy")) {
    $0.hook(.ensure, [run, run])
  },
  BrokenTable("step of a hook in no place", at("verify/ensure/tidy"), .noSuch("place", 99)) {
    $0.hook(.ensure, [run.with(place: 99)])
  },
  BrokenTable("condition in a hook", at("verify/ensure/tidy"), .noSuch("value", 99)) {
    $0.hook(.ensure, [run.with(condition: 99)])
  },
  BrokenTable("needs what is not in the hook", at("verify/ensure"), .noSuch("step", 1)) {
    $0.hook(.ensure, [run.with(needs: [1])])
  },
  BrokenTable("action that is not there", at("verify/ensure/tidy"), .noSuch("action", 99)) {
    $0.hook(.ensure, [run.with(work: .action(99, arguments: []))])
  },
  BrokenTable("a hook that stops the run", at("verify/ensure/tidy"), .strayOption) {
    $0.hook(.ensure, [run.with(responses: response(.failure, .abort))])
  },
  BrokenTable("a hook that goes back", at("verify/onError/g/tidy"), .strayOption) {
    let step = run.with(responses: response(.denial, .rollback))
    $0.hook(.onError, [run.with(name: "g", work: .group(limit: nil, [step]))])
  },
  BrokenTable("a hook of a hook that goes back", at("verify/ensure/tidy/ensure/tidy"), .strayOption)
  {
    let inner = PipelineHook(
      moment: .ensure, steps: [run.with(responses: response(.error, .rollback))])
    $0.hook(.ensure, [run.hooked([inner])])
  },
  BrokenTable(
    "output given out in a hook again", at("verify/ensure/tidy"), .duplicate("output", "tidy")
  ) {
    $0.pipelines[0] = $0.pipelines[0].with(outputs: [NamedType(name: "o", type: .int)])
    $0.change(stage: 0) {
      $0.with(steps: $0.steps + [run.with(name: "first", output: 0)])
        .hooked([PipelineHook(moment: .ensure, steps: [run.with(output: 0)])])
    }
  },
  BrokenTable(
    "hooks within each other",
    at("verify" + (0..<12).reversed().map { "/ensure/h\($0)" }.joined() + "/ensure"),
    .tooMany("steps within each other", count: 26, limit: 24)
  ) {
    $0.hook(.ensure, [nested(12)])
  },
  BrokenTable(
    "too many steps in a hook", at("verify/ensure"),
    .tooMany("steps", count: 10_001, limit: 10_000)
  ) {
    $0.hook(.ensure, (0...10_000).map { run.with(name: "r\($0)") })
  },
  BrokenTable("production in a hook", at("verify/onFailure/deploy"), .unverified) {
    $0.hook(.onFailure, [$0.deploy])
  },
  BrokenTable(
    "production in a hook, verified by a hook of it", at("verify/onFailure/deploy"), .unverified
  ) {
    $0.hook(
      .onFailure, [$0.deploy.hooked([PipelineHook(moment: .ensure, steps: [run])])])
  },
  BrokenTable(
    "production in a hook of what is verified", at("production/deploy/onSuccess/deploy"),
    .unverified
  ) {
    $0.change(stage: 2, step: 0) {
      $0.hooked([PipelineHook(moment: .onSuccess, steps: [$0])])
    }
  },
  BrokenTable("production that a hook verifies", at("production/deploy"), .unverified) {
    $0.change(stage: 2) {
      $0.with(steps: [$0.steps[0].hooked([PipelineHook(moment: .ensure, steps: [run])])])
    }
  },
]

@Suite struct PipelineHookTests {
  @Test(arguments: rules)
  func brokenRuleIsFoundWhereItIsBroken(_ broken: BrokenTable) throws {
    var program = try everything().program.program
    broken.change(&program)
    #expect(throws: VerifyError(broken.place, broken.problem)) {
      try VerifiedProgram(verifying: program)
    }
  }

  /// All moments, hooks of steps within steps, hooks of hooks: written, read and assembled as they were.
  @Test func whatFitsIsTaken() throws {
    var program = try everything().program.program
    let deploy = program.deploy
    program.hook(
      PipelineMoment.allCases.map { moment in
        PipelineHook(
          moment: moment,
          steps: [deploy, run, run.with(name: "g", work: .group(limit: nil, [nested(1)]))])
      })
    program.change(stage: 2, step: 1) { step in
      step.hooked([
        PipelineHook(
          moment: .onError,
          steps: [run.with(responses: [TroubleResponse(trouble: .failure, strategy: .ignore)])])
      ])
    }
    program.change(stage: 1) { $0.with(steps: [nested(11)]) }
    program.close(
      PipelineMoment.allCases.map { PipelineHook(moment: $0, steps: [deploy, run, nested(2)]) })
    let bundle = try Bundle(
      program: try VerifiedProgram(verifying: program), keyRegistry: [], revision: 1,
      languageVersion: "1", engineVersion: "1")
    #expect(try decodeBundle(try bundle.encoded()) == bundle)
    let text = disassemble(bundle)
    #expect(text.contains("hook 0 onAbort") && text.contains("hook 1 onError"))
    #expect(text.contains("once onAbort"))
    #expect(try assemble(Array(text.utf8)).program == bundle.program)
  }

  /// A word of an agent that gets to production through a hook alone is found there.
  @Test func taintIsFollowedIntoHooks() throws {
    var program = try everything().program.program
    let deploy = program.deploy
    guard case .action(let action, let arguments) = deploy.work else {
      Issue.record("the step is no action")
      return
    }
    program.hook(.onFailure, [deploy, run])
    let undecided = program.actions.map { Set($0.parameters.indices) }
    let tainted = program.pipelines[0].stages.map { stage in
      stage.hooked(
        stage.hooks.map { hook in
          PipelineHook(
            moment: hook.moment,
            steps: [PipelineStep(name: "says", place: 0, work: .agent(agent), output: 0)]
              + hook.steps)
        })
    }
    let found = tainted.tainted(hooks: [], undecided: undecided) { $0 == arguments[0] ? [0] : [] }
    #expect(found.first?.path == ["verify", "onFailure", "deploy"])
    #expect(found.first?.origin == ["verify/onFailure/says"])
    #expect(found.first?.action == action)
  }

  /// So is one that gets there when all is over; and what is done then is taken back by nothing.
  @Test func taintAndWaysAreFollowedToTheEnd() throws {
    var program = try everything().program.program
    let deploy = program.deploy
    guard case .action(let action, let arguments) = deploy.work else {
      Issue.record("the step is no action")
      return
    }
    let says = PipelineStep(name: "says", place: 0, work: .agent(agent), output: 0)
    let hooks = [PipelineHook(moment: .ensure, steps: [says, deploy, run])]
    let undecided = program.actions.map { Set($0.parameters.indices) }
    let found = program.pipelines[0].stages.tainted(hooks: hooks, undecided: undecided) {
      $0 == arguments[0] ? [0] : []
    }.filter { $0.path.first == "ensure" }
    #expect(found.first?.path == ["ensure", "deploy"])
    #expect(found.first?.origin == ["ensure/says"])
    let before = program.guardedPaths(of: program.pipelines[0])
    program.close(.ensure, [deploy, run])
    let ways = program.guardedPaths(of: program.pipelines[0]).dropFirst(before.count)
    #expect(ways.map(\.path) == [["ensure", "deploy"]])
    #expect(ways.first?.action == action && ways.first?.gate != nil)
    #expect(program.actions[action].rollback != nil)
  }

  private var agent: PipelineAgent {
    PipelineAgent(name: "a", task: word("x"), time: 1, calls: 1, tokens: 1)
  }

  /// Ways through hooks are told with their gates, and one that nothing decides on is refused.
  @Test func waysThroughHooksAreGuarded() throws {
    var program = try everything().program.program
    let deploy = program.deploy
    program.change(stage: 0, step: 0) {
      $0.hooked([PipelineHook(moment: .ensure, steps: [deploy, run])])
    }
    program.hook(.onAbort, [deploy, run])
    let ways = program.guardedPaths(of: program.pipelines[0])
    #expect(
      ways.map(\.path) == [
        ["verify", "unit", "ensure", "deploy"],
        ["verify", "unit", "ensure", "deploy", "checkout.undo"],
        ["verify", "onAbort", "deploy"], ["verify", "onAbort", "deploy", "checkout.undo"],
        ["production", "deploy"], ["production", "deploy", "checkout.undo"],
      ])
    #expect(ways.map(\.gate) == [0, 1, 0, 1, 0, 1])
    _ = try VerifiedProgram(verifying: program)

    let old = program.actions[0]
    program.actions[0] = ActionProgram(
      name: old.name, kind: old.kind, effect: old.effect, impacts: old.impacts,
      parameters: old.parameters, guardGate: nil, guardArguments: [], rollback: old.rollback,
      isIrreversible: old.isIrreversible, command: old.command, secrets: old.secrets,
      timeout: old.timeout, isIdempotent: old.isIdempotent, position: old.position)
    let unguarded = program.guardedPaths(of: program.pipelines[0]).filter { $0.gate == nil }
    #expect(
      unguarded.map(\.path) == [
        ["verify", "unit", "ensure", "deploy"], ["verify", "onAbort", "deploy"],
        ["production", "deploy"],
      ])
    #expect(throws: VerifyError.self) { try VerifiedProgram(verifying: program) }
  }

  /// Bundles without hooks have the bytes that they always had: nothing of them is in the manifest.
  @Test func bundlesWithoutHooksAreAsTheyWere() throws {
    let bundle = try everything()
    let bytes = try bundle.encoded()
    #expect(!String(decoding: bytes, as: UTF8.self).contains("\"hooks\""))
    #expect(!disassemble(bundle).contains("hook "))
  }
}
