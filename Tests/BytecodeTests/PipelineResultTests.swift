// Results in bundles: what is asked for is there, each mark once, and nothing but conditions asks.
import Testing
import WritBytecode
import WritModel

private func at(_ path: String) -> VerifyPlace { .step(pipeline: 0, path: path) }

private let pipeline = VerifyPlace.entry(.pipelines, 0)

extension PipelineStage {
  fileprivate func wanting(_ results: [StageResults], mark: Int? = nil) -> PipelineStage {
    PipelineStage(
      name: name, place: place, after: after, results: results, condition: condition,
      limit: limit, responses: responses, steps: steps, hooks: hooks, mark: mark ?? self.mark)
  }
}

extension PipelineStep {
  fileprivate func marked(_ mark: Int) -> PipelineStep {
    PipelineStep(
      name: name, place: place, work: work, needs: needs, condition: condition, retry: retry,
      timeout: timeout, deadline: deadline, isIdempotent: isIdempotent, responses: responses,
      output: output, inSight: inSight, hooks: hooks, mark: mark)
  }
}

extension Program {
  /// A condition of the stage at the end that asks for these, with a routine that takes so much.
  fileprivate mutating func ask(_ asks: [ResultRead]) {
    change { pipeline in
      let condition = pipeline.values[2]
      var values = pipeline.values
      values.append(
        PipelineValue(
          routine: condition.routine, type: condition.type, reads: condition.reads, asks: asks))
      return pipeline.with(values: values)
    }
  }
}

private let rules = [
  BrokenTable("mark twice", pipeline, .badMarks) {
    $0.change(stage: 0) { $0.wanting([], mark: 0) }
    $0.change(stage: 1) { $0.wanting([], mark: 0) }
  },
  BrokenTable("marks with one left out", pipeline, .badMarks) {
    $0.change(stage: 0, step: 0) { $0.marked(1) }
  },
  BrokenTable("mark below 0", pipeline, .badMarks) {
    $0.change(stage: 0, step: 0) { $0.marked(-1) }
  },
  BrokenTable("mark that is not there", pipeline, .noSuch("mark", 1)) {
    $0.change(stage: 0, step: 0) { $0.marked(0) }
    $0.ask([ResultRead(mark: 1, results: [.failed])])
  },
  BrokenTable("question for nothing", pipeline, .empty("results")) {
    $0.change(stage: 0, step: 0) { $0.marked(0) }
    $0.ask([ResultRead(mark: 0, results: [])])
  },
  BrokenTable("results that fall", pipeline, .notAscending("result")) {
    $0.change(stage: 0, step: 0) { $0.marked(0) }
    $0.ask([ResultRead(mark: 0, results: [.denied, .failed])])
  },
  BrokenTable("answers that the routine does not take", pipeline, .inputs(2, expected: 3)) {
    $0.change(stage: 0, step: 0) { $0.marked(0) }
    $0.ask([ResultRead(mark: 0, results: [.failed])])
  },
  BrokenTable("results of a stage that is not before", pipeline, .noSuch("stage before", 2)) {
    $0.change(stage: 1) { $0.wanting([StageResults(stage: 2, results: [.failed])]) }
  },
  BrokenTable("results of no stage", pipeline, .noSuch("stage", 9)) {
    $0.change(stage: 1) { $0.wanting([StageResults(stage: 9, results: [.failed])]) }
  },
  BrokenTable("results of a stage, twice", pipeline, .notAscending("stage")) {
    let wanted = StageResults(stage: 0, results: [.failed])
    $0.change(stage: 1) { $0.wanting([wanted, wanted]) }
  },
  BrokenTable("no results of a stage", pipeline, .empty("results")) {
    $0.change(stage: 1) { $0.wanting([StageResults(stage: 0, results: [])]) }
  },
  BrokenTable("what verifies waits for a result", at("production/deploy"), .unverified) {
    let steps = $0.pipelines[0].stages[2].steps
    $0.change(stage: 2) { $0.with(steps: [steps[0]]) }
    let later = PipelineStage(
      name: "later", place: 0, after: [2],
      results: [StageResults(stage: 2, results: [.succeeded])], condition: nil, limit: 1,
      responses: [], steps: [PipelineStep(name: "r", place: 0, work: .run([word("x")]))])
    $0.change { $0.with(stages: $0.stages + [later]) }
  },
  BrokenTable(
    "what verifies waits for what waits for a result", at("production/deploy"), .unverified
  ) {
    let steps = $0.pipelines[0].stages[2].steps
    $0.change(stage: 2) { $0.with(steps: [steps[0]]) }
    let pause = PipelineStage(
      name: "pause", place: 0, after: [2],
      results: [StageResults(stage: 2, results: [.failed])], condition: nil, limit: 1,
      responses: [], steps: [PipelineStep(name: "w", place: 0, work: .wait(1))])
    let later = PipelineStage(
      name: "later", place: 0, after: [3], condition: nil, limit: 1, responses: [],
      steps: [PipelineStep(name: "r", place: 0, work: .run([word("x")]))])
    $0.change { $0.with(stages: $0.stages + [pause, later]) }
  },
  BrokenTable("a stage that leaves it to the stage", at("verify"), .strayOption) {
    $0.change(stage: 0) {
      $0.with(responses: [TroubleResponse(trouble: .denial, strategy: .stage)])
    }
  },
  BrokenTable(
    "one round that gives out the same", at("production/soak"), .outOfBounds("unchanged", 1)
  ) {
    $0.change(stage: 2, step: 1) {
      $0.with(work: .loop(PipelineLoop(interval: 1, most: 5, unchanged: 1, until: 2, steps: [])))
    }
  },
]

private func word(_ text: String) -> PipelineWord { PipelineWord(pieces: [.text(text)]) }

@Suite struct PipelineResultTests {
  @Test(arguments: rules)
  func brokenRuleIsFoundWhereItIsBroken(_ broken: BrokenTable) throws {
    var program = try everything().program.program
    broken.change(&program)
    #expect(throws: VerifyError(broken.place, broken.problem)) {
      try VerifiedProgram(verifying: program)
    }
  }

  /// Marks, results of stages, expiries and loops that give up: written, read and assembled as they were.
  @Test func whatFitsIsTaken() throws {
    var program = try everything().program.program
    program.change(stage: 0, step: 0) { $0.marked(1) }
    program.change(stage: 1) {
      $0.wanting([StageResults(stage: $0.after[0], results: [.failed, .skipped])], mark: 0)
    }
    program.change(stage: 2, step: 1) { step in
      let loop = PipelineLoop(interval: 1, most: 5, unchanged: 2, until: 2, steps: [])
      return step.with(
        work: .loop(loop), responses: [TroubleResponse(trouble: .expiry, strategy: .stage)])
    }
    let bundle = try Bundle(
      program: try VerifiedProgram(verifying: program), keyRegistry: [], revision: 1,
      languageVersion: "1", engineVersion: "1")
    #expect(try decodeBundle(try bundle.encoded()) == bundle)
    let text = disassemble(bundle)
    #expect(text.contains("wants 0 failed skipped") && text.contains("unchanged 2"))
    #expect(try assemble(Array(text.utf8)).program == bundle.program)
  }
}
