// What the steps of a run have given out, for those behind them.

import Writ
import WritCrypto
import WritModel
import WritPipeline

extension PipelineDesk {
  /// What the steps that come before a node of the run have given out, and those that are named.
  func outputs(for id: String, _ run: Run, and more: [Int] = []) throws(Failure) -> [GivenOutput] {
    var outputs: [GivenOutput] = []
    for output in Set(lowered.inSight[id] ?? []).union(more).sorted() {
      guard let made = try made(output, of: run) else { continue }
      outputs.append(made)
    }
    return outputs
  }

  /// How stages and steps ended that conditions ask for, by their marks; what was never begun was skipped.
  func results(of run: Run) -> [PartResult] {
    lowered.marked.map { id in
      place(of: id, in: run).flatMap { run.states[$0].result?.asked } ?? .skipped
    }
  }

  /// What the step of an output has given out in its last round; `nil` where it has not.
  private func made(_ output: Int, of run: Run) throws(Failure) -> GivenOutput? {
    guard let node = place(of: lowered.givers[output], in: run), let text = run.states[node].output
    else { return nil }
    return try read(text, of: output, RunPosition(node: node, round: run.states[node].round), run)
  }

  private func read(
    _ text: String, of output: Int, _ position: RunPosition, _ run: Run
  ) throws(Failure) -> GivenOutput {
    let schema = bundle.program.program.schema
    // A server says what it says to everybody: what the pipeline has no use for is left out.
    let picks = if case .action? = lowered.steps[lowered.givers[output]] { true } else { false }
    return try withEngine { () throws(RequestError) in
      try GivenOutput(
        text, of: output, in: lowered.program, schema, picks: picks,
        origin: "\(run.id)/\(run.name(of: position))")
    }
  }

  /// What a program has given out, if it is what the pipeline says; in its canonical form.
  func accepted(
    _ text: String, of output: Int, at position: RunPosition, of run: Run
  ) throws(Failure) -> String {
    let made = try read(text, of: output, position, run)
    guard made.text.utf8.count <= PipelineLimits.outputByteCount else {
      throw .badInput("it is longer than \(PipelineLimits.outputByteCount) bytes")
    }
    try refresh()
    _ = try inputs.prepared(with: [made])
    return made.text
  }

  /// What a decision on a step is recorded with: outputs that its gate is handed, or is asked with the facts of.
  func notes(of outputs: [GivenOutput], at id: String) -> [OutputNote] {
    var handed: [Int] = []
    if case .action(_, let arguments)? = lowered.steps[id] { handed = arguments }
    if case .gate(_, let arguments)? = lowered.steps[id] { handed = arguments }
    let read = self.outputs(readBy: handed)
    return outputs.compactMap { made in
      let output = lowered.program.outputs[made.output]
      guard read.contains(made.output) || !made.facts.isEmpty,
        inputs.loaded.engine.mayNote(output.type)
      else { return nil }
      return OutputNote(name: output.name, origin: made.origin, digest: made.digest)
    }
  }

  /// Outputs that values of the pipeline read.
  func outputs(readBy values: [Int]) -> [Int] {
    values.flatMap { lowered.program.values[$0].reads.map(\.output) }
  }
}
