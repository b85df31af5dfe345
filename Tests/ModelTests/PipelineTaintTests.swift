// How far the word of an agent gets: which parameters nobody decides on, and which arguments it reaches.

import Testing
import WritModel

@Suite struct PipelineTaintTests {
  private func step(_ name: String, _ work: PipelineWork, output: Int? = nil) -> PipelineStep {
    PipelineStep(name: name, place: 0, work: work, output: output)
  }

  private var agent: PipelineWork {
    .agent(
      PipelineAgent(name: "a", task: PipelineWord(pieces: []), time: 1, calls: 1, tokens: 1))
  }

  private func run(_ value: Int) -> PipelineWork {
    .run([PipelineWord(pieces: [.text("x")]), PipelineWord(pieces: [.value(value)])])
  }

  /// Values 0 to 2 read the output of their own number, value 3 reads nothing.
  private func tainted(_ steps: [PipelineStep], undecided: [Set<Int>]) -> [TaintedArgument] {
    let stage = PipelineStage(
      name: "s", place: 0, after: [], condition: nil, limit: 1, responses: [], steps: steps)
    return [stage].tainted(hooks: [], undecided: undecided) { $0 < 3 ? [$0] : [] }
  }

  @Test func parametersThatNoGateIsHanded() {
    // 0 hands its first parameter to its gate, and both, turned round, to 1, which touches production and decides on its first.
    let found = undecidedParameters([
      (2, true, [0], (1, [1, 0])), (2, true, [0], nil), (2, false, [], nil),
      (1, false, [], (1, [0, 0])),
    ])
    #expect(found == [[0, 1], [1], [], [0]])
  }

  @Test func theWordGoesThroughPrograms() {
    let steps = [
      step("agent", agent, output: 0), step("sum", run(0), output: 1),
      step("other", run(3), output: 2), step("put", .action(0, arguments: [1, 2, 3])),
    ]
    let found = tainted(steps, undecided: [[0, 1, 2]])
    #expect(found.map(\.parameter) == [0] && found.map(\.path) == [["s", "put"]])
    #expect(found.first?.origin == ["s/agent", "s/sum"])
    #expect(tainted(steps, undecided: [[1, 2]]).isEmpty)
  }

  @Test func itIsFoundInGroupsAndWhateverTheOrder() {
    let steps = [
      step("put", .action(0, arguments: [1])),
      step("g", .group(limit: nil, [step("sum", run(0), output: 1)])),
      step(
        "l",
        .loop(
          PipelineLoop(
            interval: 1, most: 1, until: 3, steps: [step("agent", agent, output: 0)]))),
    ]
    #expect(tainted(steps, undecided: [[0]]).first?.origin == ["s/l/agent", "s/g/sum"])
  }
}
