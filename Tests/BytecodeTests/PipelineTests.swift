// Pipelines in bundles: each broken rule is found where it is broken, and bundles without pipelines are as they were.
import Testing
import WritBytecode
import WritModel

extension PipelineProgram {
  /// The pipeline with some of its parts changed.
  func with(
    name: String? = nil, parameters: [NamedType]? = nil,
    concurrency: PipelineConcurrency? = nil, deadline: Int64? = nil, isUnverified: Bool? = nil,
    freeze: Int? = nil, stages: [PipelineStage]? = nil, values: [PipelineValue]? = nil,
    places: [String]? = nil,
    position: String? = nil, outputs: [NamedType]? = nil
  ) -> PipelineProgram {
    PipelineProgram(
      name: name ?? self.name, parameters: parameters ?? self.parameters,
      concurrency: concurrency ?? self.concurrency, deadline: deadline ?? self.deadline,
      isUnverified: isUnverified ?? self.isUnverified, freeze: freeze ?? self.freeze,
      stages: stages ?? self.stages,
      values: values ?? self.values, places: places ?? self.places,
      position: position ?? self.position, outputs: outputs ?? self.outputs)
  }
}

extension PipelineStage {
  func with(
    name: String? = nil, place: Int? = nil, after: [Int]? = nil, condition: Int?? = nil,
    limit: Int?? = nil, responses: [TroubleResponse]? = nil, steps: [PipelineStep]? = nil
  ) -> PipelineStage {
    PipelineStage(
      name: name ?? self.name, place: place ?? self.place, after: after ?? self.after,
      condition: condition ?? self.condition, limit: limit ?? self.limit,
      responses: responses ?? self.responses, steps: steps ?? self.steps, hooks: hooks)
  }
}

extension PipelineStep {
  func with(
    name: String? = nil, place: Int? = nil, work: PipelineWork? = nil, needs: [Int]? = nil,
    condition: Int? = nil, retry: RetryPolicy? = nil, timeout: Int64? = nil,
    deadline: Int64? = nil, isIdempotent: Bool? = nil, responses: [TroubleResponse]? = nil,
    output: Int? = nil, inSight: [Int]? = nil
  ) -> PipelineStep {
    PipelineStep(
      name: name ?? self.name, place: place ?? self.place, work: work ?? self.work,
      needs: needs ?? self.needs, condition: condition ?? self.condition,
      retry: retry ?? self.retry, timeout: timeout ?? self.timeout,
      deadline: deadline ?? self.deadline, isIdempotent: isIdempotent ?? self.isIdempotent,
      responses: responses ?? self.responses, output: output ?? self.output,
      inSight: inSight ?? self.inSight, hooks: hooks)
  }
}

extension Program {
  mutating func change(_ change: (PipelineProgram) -> PipelineProgram) {
    pipelines[0] = change(pipelines[0])
  }

  mutating func change(
    stage: Int, _ change: (PipelineStage) -> PipelineStage
  ) {
    var stages = pipelines[0].stages
    stages[stage] = change(stages[stage])
    pipelines[0] = pipelines[0].with(stages: stages)
  }

  /// Changes a step that stands in a stage itself.
  mutating func change(
    stage: Int, step: Int, _ change: (PipelineStep) -> PipelineStep
  ) {
    self.change(stage: stage) {
      var steps = $0.steps
      steps[step] = change(steps[step])
      return $0.with(steps: steps)
    }
  }
}

private let release = VerifyPlace.entry(.pipelines, 0)
private let verify = at("verify")
private let unit = at("verify/unit")
private let ship = at("verify/ship")
private let lead = at("ask/lead")
private let deploy = at("production/deploy")
private let soak = at("production/soak")
private let run = PipelineStep(name: "r", place: 0, work: .run([word("x")]))

private func at(_ path: String) -> VerifyPlace { .step(pipeline: 0, path: path) }

private func word(_ text: String) -> PipelineWord { PipelineWord(pieces: [.text(text)]) }

private func retry(
  attempts: Int = 3, base: Int64 = 1, cap: Int64 = 2, factor: Int64 = 1_000_000,
  jitter: Int64 = 0
) -> RetryPolicy {
  RetryPolicy(attempts: attempts, base: base, cap: cap, factor: factor, jitter: jitter)
}

/// So many groups within each other, and a step in the last.
private func nested(_ depth: Int) -> PipelineStep {
  (0..<depth).reduce(run) { step, index in
    PipelineStep(name: "g\(index)", place: 0, work: .group(limit: nil, [step]))
  }
}

private let wholeRules = [
  BrokenTable("pipeline twice", .program, .duplicate("pipeline", "checkout.hotfix")) {
    $0.change { $0.with(name: "checkout.hotfix") }
  },
  BrokenTable("parameter may be absent", release, .badType("parameter")) {
    $0.change {
      $0.with(parameters: [
        NamedType(name: "age", type: .optional(.duration)), $0.parameters[1],
      ])
    }
  },
  BrokenTable("group without a name", release, .badText("group")) {
    $0.change {
      $0.with(concurrency: PipelineConcurrency(group: "", limit: 1, supersedes: false))
    }
  },
  BrokenTable("no run at once", release, .outOfBounds("limit", 0)) {
    $0.change {
      $0.with(concurrency: PipelineConcurrency(group: "a", limit: 0, supersedes: false))
    }
  },
  BrokenTable("no time", release, .outOfBounds("deadline", 0)) {
    $0.change { $0.with(deadline: 0) }
  },
  BrokenTable("freeze that is not there", release, .noSuch("value", 99)) {
    $0.change { $0.with(freeze: 99) }
  },
  BrokenTable("freeze that is no condition", release, .badType("condition")) {
    $0.change { pipeline in
      pipeline.with(freeze: pipeline.values.firstIndex { $0.type != .bool })
    }
  },
  BrokenTable("no stages", release, .empty("stages")) { $0.change { $0.with(stages: []) } },
  BrokenTable("routine that is not there", release, .noSuch("routine", 12)) {
    $0.change { $0.with(values: $0.values + [PipelineValue(routine: 12, type: .bool)]) }
  },
  BrokenTable("routine of another shape", release, .inputs(1, expected: 2)) {
    $0.change { $0.with(values: $0.values + [PipelineValue(routine: 8, type: .bool)]) }
  },
  BrokenTable("value of another form", release, .wrongCapture(0)) {
    $0.change { $0.with(values: $0.values + [PipelineValue(routine: 9, type: .set(.int))]) }
  },
  BrokenTable("value asks for an approval", release, .strayApproval(routine: 0)) {
    $0.change { $0.with(values: $0.values + [PipelineValue(routine: 0, type: .bool)]) }
  },
  BrokenTable("too many values", release, .tooMany("values", count: 20_001, limit: 20_000)) {
    $0.change { $0.with(values: Array(repeating: $0.values[0], count: 20_001)) }
  },
]

private func agent(time: Int64 = 1, calls: Int = 1) -> PipelineAgent {
  PipelineAgent(
    name: "a", task: PipelineWord(pieces: [.text("look")]), time: time, calls: calls, tokens: 1)
}

private let outputRules = [
  BrokenTable("output may be absent", release, .badType("output")) {
    $0.change { $0.with(outputs: [NamedType(name: "o", type: .optional(.int))]) }
  },
  BrokenTable("output twice", release, .duplicate("output", "o")) {
    $0.change {
      $0.with(outputs: [NamedType(name: "o", type: .int), NamedType(name: "o", type: .int)])
    }
  },
  BrokenTable("too many outputs", release, .tooMany("outputs", count: 257, limit: 256)) {
    $0.change {
      $0.with(outputs: (0...256).map { NamedType(name: "o\($0)", type: .int) })
    }
  },
  BrokenTable("value reads what is not there", release, .noSuch("output", 0)) {
    $0.change {
      $0.with(values: [
        PipelineValue(
          routine: $0.values[0].routine, type: $0.values[0].type,
          reads: [OutputRead(output: 0, mayBeAbsent: true)])
      ])
    }
  },
  BrokenTable("value has no place for what it reads", release, .inputs(2, expected: 3)) {
    $0.change {
      $0.with(
        values: [
          PipelineValue(
            routine: $0.values[0].routine, type: $0.values[0].type,
            reads: [OutputRead(output: 0, mayBeAbsent: false)])
        ], outputs: [NamedType(name: "o", type: .int)])
    }
  },
  BrokenTable("step gives out what is not there", at("verify/r"), .noSuch("output", 0)) {
    $0.change(stage: 0, step: 1) { _ in run.with(output: 0) }
  },
  BrokenTable("step sees what is not there", ship, .noSuch("output", 0)) {
    $0.change(stage: 0, step: 1) { $0.with(inSight: [0]) }
  },
  BrokenTable("two steps give out one thing", at("verify/s"), .duplicate("output", "s")) {
    $0.change { $0.with(outputs: [NamedType(name: "o", type: .int)]) }
    $0.change(stage: 0) {
      $0.with(steps: [run.with(output: 0), run.with(name: "s", output: 0)])
    }
  },
  BrokenTable("agent without time", at("verify/a"), .outOfBounds("time", 0)) {
    $0.change(stage: 0) {
      $0.with(steps: [run.with(name: "a", work: .agent(agent(time: 0)))])
    }
  },
  BrokenTable("agent without end", at("verify/a"), .outOfBounds("calls", 10_001)) {
    $0.change(stage: 0) {
      $0.with(steps: [run.with(name: "a", work: .agent(agent(calls: 10_001)))])
    }
  },
  BrokenTable("agent twice as good as once", at("verify/a"), .strayOption) {
    $0.change(stage: 0) {
      $0.with(steps: [run.with(name: "a", work: .agent(agent()), isIdempotent: true)])
    }
  },
  BrokenTable("gate gives out something", ship, .strayOption) {
    $0.change { $0.with(outputs: [NamedType(name: "o", type: .int)]) }
    $0.change(stage: 0, step: 1) { $0.with(output: 0) }
  },
]

private let orderRules = [
  BrokenTable("stage twice", release, .duplicate("stage", "ask")) {
    $0.change(stage: 0) { $0.with(name: "ask") }
  },
  BrokenTable("after what is not there", release, .noSuch("stage", 3)) {
    $0.change(stage: 1) { $0.with(after: [3]) }
  },
  BrokenTable("after in no order", release, .notAscending("stage")) {
    $0.change(stage: 2) { $0.with(after: [1, 0]) }
  },
  BrokenTable("after itself", release, .orderCycle) {
    $0.change(stage: 0) { $0.with(after: [0]) }
  },
  BrokenTable("after what comes after it", release, .orderCycle) {
    $0.change(stage: 0) { $0.with(after: [2]) }
  },
  BrokenTable("stage in no place", verify, .noSuch("place", 4)) {
    $0.change(stage: 0) { $0.with(place: 4) }
  },
  BrokenTable("stage without steps", verify, .empty("steps")) {
    $0.change(stage: 0) { $0.with(steps: []) }
  },
  BrokenTable("no steps at once", verify, .outOfBounds("limit", 0)) {
    $0.change(stage: 0) { $0.with(limit: 0) }
  },
  BrokenTable("response twice", verify, .duplicate("response", "failure")) {
    $0.change(stage: 0) { $0.with(responses: [$0.responses[0], $0.responses[0]]) }
  },
  BrokenTable("step twice beside each other", verify, .duplicate("step", "unit")) {
    $0.change(stage: 0, step: 1) { $0.with(name: "unit") }
  },
  BrokenTable("step without a name", at("verify/"), .badText("step")) {
    $0.change(stage: 0, step: 1) { $0.with(name: "") }
  },
  BrokenTable("step in no place", ship, .noSuch("place", -1)) {
    $0.change(stage: 0, step: 1) { $0.with(place: -1) }
  },
  BrokenTable("needs what is not beside it", verify, .noSuch("step", 2)) {
    $0.change(stage: 0, step: 1) { $0.with(needs: [2]) }
  },
  BrokenTable("needs what needs it", verify, .orderCycle) {
    $0.change(stage: 0, step: 0) { $0.with(needs: [1]) }
  },
  BrokenTable("needs what comes later in a row", at("production"), .orderCycle) {
    $0.change(stage: 2, step: 0) { $0.with(needs: [1]) }
  },
  BrokenTable("group of nothing", unit, .empty("steps")) {
    $0.change(stage: 0, step: 0) { $0.with(work: .group(limit: 1, [])) }
  },
  BrokenTable(
    "steps within each other",
    at("verify/" + (0..<24).reversed().map { "g\($0)" }.joined(separator: "/")),
    .tooMany("steps within each other", count: 25, limit: 24)
  ) {
    $0.change(stage: 0) { $0.with(steps: [nested(24)]) }
  },
  BrokenTable("too many steps", verify, .tooMany("steps", count: 10_001, limit: 10_000)) {
    $0.change(stage: 0) {
      $0.with(steps: (0...10_000).map { run.with(name: "r\($0)") })
    }
  },
  BrokenTable("too many groups", verify, .tooMany("groups", count: 10_001, limit: 10_000)) {
    $0.change(stage: 0) {
      $0.with(
        steps: (0..<5_001).map {
          run.with(
            name: "g\($0)",
            work: .group(limit: 1, [run.with(name: "h", work: .group(limit: 1, [run]))]))
        })
    }
  },
]

private let workRules = [
  BrokenTable("condition that is not there", ship, .noSuch("value", 3)) {
    $0.change(stage: 0, step: 1) { $0.with(condition: 3) }
  },
  BrokenTable("condition of a stage", verify, .badType("condition")) {
    $0.change(stage: 0) { $0.with(condition: 1) }
  },
  BrokenTable("condition that is no Bool", ship, .badType("condition")) {
    $0.change(stage: 0, step: 1) { $0.with(condition: 0) }
  },
  BrokenTable("loop until what is no Bool", soak, .badType("condition")) {
    $0.change(stage: 2, step: 1) {
      $0.with(work: .loop(PipelineLoop(interval: 1, most: 1, until: 0, steps: [])))
    }
  },
  BrokenTable("loop without rounds", soak, .outOfBounds("rounds", 0)) {
    $0.change(stage: 2, step: 1) {
      $0.with(work: .loop(PipelineLoop(interval: 1, most: 0, until: 2, steps: [])))
    }
  },
  BrokenTable("too many rounds", soak, .outOfBounds("rounds", 10_001)) {
    $0.change(stage: 2, step: 1) {
      $0.with(work: .loop(PipelineLoop(interval: 1, most: 10_001, until: 2, steps: [])))
    }
  },
  BrokenTable("loop without time", soak, .outOfBounds("interval", 0)) {
    $0.change(stage: 2, step: 1) {
      $0.with(work: .loop(PipelineLoop(interval: 0, most: 1, until: 2, steps: [])))
    }
  },
  BrokenTable("wait for nothing", ship, .outOfBounds("wait", 0)) {
    $0.change(stage: 0, step: 1) { $0.with(work: .wait(0)) }
  },
  BrokenTable("action that is not there", deploy, .noSuch("action", 2)) {
    $0.change(stage: 2, step: 0) { $0.with(work: .action(2, arguments: [0, 1])) }
  },
  BrokenTable("too few arguments", deploy, .handedOn(1, expected: 2)) {
    $0.change(stage: 2, step: 0) { $0.with(work: .action(0, arguments: [0])) }
  },
  BrokenTable("arguments in another order", deploy, .badType("argument")) {
    $0.change(stage: 2, step: 0) { $0.with(work: .action(0, arguments: [1, 0])) }
  },
  BrokenTable("argument hands out now", ship, .readsMoment(routine: 10)) {
    $0.setEmission(ofRoutine: 10, register: 0)
  },
  BrokenTable("gate that is not there", ship, .noSuch("gate", -1)) {
    $0.change(stage: 0, step: 1) { $0.with(work: .gate(-1, arguments: [])) }
  },
  BrokenTable("role that is not there", lead, .unknownRole("boss")) {
    $0.change(stage: 1, step: 0) {
      $0.with(
        work: .approval(
          PipelineApproval([PipelineApprovers(role: "boss", count: 1, except: nil)], within: 1)))
    }
  },
  BrokenTable("approval by nobody", lead, .outOfBounds("approvers", 0)) {
    $0.change(stage: 1, step: 0) {
      $0.with(
        work: .approval(
          PipelineApproval([PipelineApprovers(role: "lead", count: 0, except: nil)], within: 1)))
    }
  },
  BrokenTable("approval except a time", lead, .badType("except")) {
    $0.change(stage: 1, step: 0) {
      $0.with(
        work: .approval(
          PipelineApproval([PipelineApprovers(role: "lead", count: 1, except: 0)], within: 1)))
    }
  },
  BrokenTable("approval without time", lead, .outOfBounds("time for an approval", 0)) {
    $0.change(stage: 1, step: 0) {
      $0.with(
        work: .approval(
          PipelineApproval([PipelineApprovers(role: "lead", count: 1, except: nil)], within: 0)))
    }
  },
  BrokenTable("no words", ship, .openProgram) {
    $0.change(stage: 0, step: 1) { $0.with(work: .run([])) }
  },
  BrokenTable("program is a value", ship, .openProgram) {
    $0.change(stage: 0, step: 1) {
      $0.with(work: .run([PipelineWord(pieces: [.value(0)])]))
    }
  },
  BrokenTable("word that is not there", ship, .noSuch("value", 3)) {
    $0.change(stage: 0, step: 1) {
      $0.with(work: .run([word("x"), PipelineWord(pieces: [.value(3)])]))
    }
  },
  BrokenTable("U+0000 in a word", ship, .badText("word")) {
    $0.change(stage: 0, step: 1) { $0.with(work: .run([word("x"), word("a\0b")])) }
  },
  BrokenTable("word hands out who calls", at("verify/unit/unit[linux]"), .readsMoment(routine: 9)) {
    // No action says it, so that the pipeline is met first.
    $0.actions = []
    $0.pipelines = [$0.pipelines[0]]
    $0.setEmission(ofRoutine: 9, register: 1)
  },
]

private let optionRules = [
  BrokenTable("retry of a gate", ship, .strayOption) {
    $0.change(stage: 0, step: 1) { $0.with(retry: retry()) }
  },
  BrokenTable("timeout of a group", unit, .strayOption) {
    $0.change(stage: 0, step: 0) { $0.with(timeout: 1) }
  },
  BrokenTable("deadline of an approval", lead, .strayOption) {
    $0.change(stage: 1, step: 0) { $0.with(deadline: 1) }
  },
  BrokenTable("idempotent action", deploy, .strayOption) {
    $0.change(stage: 2, step: 0) { $0.with(isIdempotent: true) }
  },
  BrokenTable("no attempts", deploy, .outOfBounds("attempts", 0)) {
    $0.change(stage: 2, step: 0) { $0.with(retry: retry(attempts: 0)) }
  },
  BrokenTable("too many attempts", deploy, .outOfBounds("attempts", 21)) {
    $0.change(stage: 2, step: 0) { $0.with(retry: retry(attempts: 21)) }
  },
  BrokenTable("first delay over the longest", deploy, .outOfBounds("base", 3)) {
    $0.change(stage: 2, step: 0) { $0.with(retry: retry(base: 3)) }
  },
  BrokenTable("longest delay below 0", deploy, .outOfBounds("cap", -1)) {
    $0.change(stage: 2, step: 0) { $0.with(retry: retry(base: 0, cap: -1)) }
  },
  BrokenTable("delays that shrink", deploy, .outOfBounds("factor", 999_999)) {
    $0.change(stage: 2, step: 0) { $0.with(retry: retry(factor: 999_999)) }
  },
  BrokenTable("too much at random", deploy, .outOfBounds("jitter", 86_400_000_001)) {
    $0.change(stage: 2, step: 0) { $0.with(retry: retry(jitter: 86_400_000_001)) }
  },
  BrokenTable("too much time", deploy, .outOfBounds("timeout", 86_400_000_001)) {
    $0.change(stage: 2, step: 0) { $0.with(timeout: 86_400_000_001) }
  },
]

private let verificationRules = [
  BrokenTable("nothing behind production", deploy, .unverified) {
    $0.change(stage: 2) { $0.with(steps: [$0.steps[0]]) }
  },
  BrokenTable("what verifies may be skipped", deploy, .unverified) {
    $0.change(stage: 2, step: 1) { $0.with(condition: 2) }
  },
  BrokenTable("what verifies is ignored", deploy, .unverified) {
    $0.change(stage: 2, step: 1) {
      $0.with(responses: [TroubleResponse(trouble: .failure, strategy: .ignore)])
    }
  },
  BrokenTable("what verifies runs beside it", deploy, .unverified) {
    $0.change(stage: 2) { $0.with(limit: 2) }
  },
  BrokenTable("what verifies is in a stage before", deploy, .unverified) {
    $0.change(stage: 2) { $0.with(steps: [$0.steps[0]]) }
    $0.change(stage: 1) { $0.with(steps: $0.steps + [run]) }
  },
]

@Suite struct PipelineTests {
  @Test(
    arguments: wholeRules + outputRules + orderRules + workRules + optionRules
      + verificationRules)
  func brokenRuleIsFoundWhereItIsBroken(_ broken: BrokenTable) throws {
    var program = try everything().program.program
    broken.change(&program)
    #expect(throws: VerifyError(broken.place, broken.problem)) {
      try VerifiedProgram(verifying: program)
    }
  }

  /// Steps as deep and as many as can be, and production that a later stage or a loop around it verifies.
  @Test func whatFitsIsTaken() throws {
    var program = try everything().program.program
    program.change(stage: 0) { $0.with(steps: [nested(23)]) }
    program.change(stage: 1) { $0.with(steps: (0..<9_000).map { run.with(name: "r\($0)") }) }
    // As deep as that it is written and read.
    let bundle = try Bundle(
      program: try VerifiedProgram(verifying: program), keyRegistry: [], revision: 1,
      languageVersion: "1", engineVersion: "1")
    #expect(try decodeBundle(try bundle.encoded()) == bundle)
    let text = Array(disassemble(bundle).utf8)
    #expect(try assemble(text).program == bundle.program)

    program = try everything().program.program
    let stage = program.pipelines[0].stages[2]
    let later = PipelineStage(
      name: "later", place: 0, after: [2], condition: nil, limit: nil, responses: [],
      steps: [nested(3)])
    program.change {
      $0.with(stages: Array($0.stages[..<2]) + [stage.with(steps: [stage.steps[0]]), later])
    }
    _ = try VerifiedProgram(verifying: program)

    program = try everything().program.program
    program.change(stage: 2) {
      let loop = PipelineLoop(interval: 1, most: 1, until: 2, steps: [$0.steps[0]])
      return $0.with(steps: [$0.steps[1].with(work: .loop(loop))])
    }
    _ = try VerifiedProgram(verifying: program)
  }

  /// Every way to production is told with the gate that decides on it, that of taking it back too.
  @Test func waysToProductionAreToldWithTheirGuards() throws {
    let program = try everything().program.program
    let ways = program.guardedPaths(of: program.pipelines[0])
    #expect(
      ways.map(\.path) == [
        ["production", "deploy"], ["production", "deploy", "checkout.undo"],
      ])
    #expect(ways.map(\.gate) == [0, 1])
    #expect(ways.map(\.action) == [0, 1])
    #expect(ways.map(\.isRollback) == [false, true])
    #expect(ways.map(\.place) == [3, 3])

    // Within groups and loops, and of an action that itself touches nothing.
    var hidden = program
    let quiet = program.actions[0]
    hidden.actions[0] = ActionProgram(
      name: quiet.name, kind: quiet.kind, effect: .none, impacts: [],
      parameters: quiet.parameters, guardGate: nil, guardArguments: [], rollback: quiet.rollback,
      isIrreversible: false, command: quiet.command, secrets: [], timeout: nil,
      isIdempotent: false, position: "")
    hidden.change(stage: 0) { _ in
      let call = program.pipelines[0].stages[2].steps[0]
      let loop = PipelineLoop(interval: 1, most: 1, until: 2, steps: [call])
      let steps = [
        run.with(name: "g", work: .group(limit: nil, [run.with(name: "l", work: .loop(loop))]))
      ]
      return program.pipelines[0].stages[0].with(steps: steps)
    }
    #expect(
      hidden.guardedPaths(of: hidden.pipelines[0]).map(\.path) == [
        ["verify", "g", "l", "deploy", "checkout.undo"], ["production", "deploy", "checkout.undo"],
      ])
    _ = try VerifiedProgram(verifying: hidden)
  }

  /// A bundle without pipelines has no member for them.
  @Test func manifestWithoutPipelinesIsAsItWas() throws {
    let bundle = try everything()
    var program = bundle.program.program
    program.pipelines = []
    let without = try Bundle(
      program: try VerifiedProgram(verifying: program), keyRegistry: [], revision: 1,
      languageVersion: "1", engineVersion: "1")
    let bytes = try without.encoded()
    #expect(bytes.firstRange(of: Array(#""pipelines""#.utf8)) == nil)
    #expect(try decodeBundle(bytes) == without)
    let with = try bundle.encoded()
    #expect(with.firstRange(of: Array(#""pipelines":[{"#.utf8)) != nil)
    #expect(try decodeBundle(with) == bundle)
  }

  /// Words that no list has and numbers that nothing says, in the assembly language and in a manifest.
  @Test func unknownWordsAreRefused() throws {
    let text = disassemble(try everything())
    for (old, new) in [
      ("on failure abort", "on failures abort"), ("on failure abort", "on failure stop"),
      (" wait 60000000", " weit 60000000"), ("step 2 \"probe\"", "step 3 \"probe\""),
      ("step 1 \"soak\"", "step x \"soak\""), ("retry 3 base", "retry 3 bass"),
      ("concurrency \"checkout\" 2", "concurrency \"checkout\" two"),
    ] {
      let changed = text.replacing(old, with: new)
      #expect(changed != text, "\(old)")
      #expect(throws: AssemblyError.self, "\(new)") { try assemble(Array(changed.utf8)) }
    }
    let bytes = try everything().encoded()
    for (old, new) in [
      (#""does":"wait""#, #""does":"weit""#), (#"["failure","abort"]"#, #"["failure","abord"]"#),
      (#""unverified":true"#, #""unverified":null"#),
      (#""idempotent":true,"name":"u"#, #""idempotent":null,"name":"u"#),
    ] {
      let place = try #require(bytes.firstRange(of: Array(old.utf8)), "\(old)")
      var changed = bytes
      changed.replaceSubrange(place, with: Array(new.utf8))
      #expect(throws: BundleError.self, "\(new)") { try decodeBundle(changed) }
    }
  }
}
