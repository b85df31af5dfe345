// Pipelines within pipelines: a step that is another pipeline becomes a group of its stages, with what it is handed in place of
// its parameters. So whatever holds of steps holds of them: nothing behind the checker knows that they were written elsewhere.

import WritModel
import WritSyntax
import WritText

extension Checker {
  /// The pipelines that one names as its steps, in source order.
  func nested(in pipeline: Int) -> [(Entity, SourceRange)] {
    pipelines[pipeline].declaration.allSteps.flatMap(\.nested).compactMap {
      name in
      guard let entity = names.values[name.text]?.entity, case .pipeline = entity else {
        return nil
      }
      return (entity, name.range)
    }
  }

  /// `pipeline promote(release, eu)`: a group of its stages, and how long they have. `nil` where it is wrong itself, too.
  mutating func nested(
    _ call: StepCall, _ name: String, depth: Int, _ draft: inout PipelineDraft
  ) -> (work: PipelineWork, rest: NestedRest)? {
    guard let entity = lookUp(call.call.name, in: \.values, .pipeline) else { return nil }
    guard case .pipeline(let pipeline) = entity else {
      report(.misusedName(call.call.name, is: entity, expected: "a pipeline"))
      return nil
    }
    guard let values = fixedArguments(call, pipelines[pipeline].signature),
      let typed = pipelines[pipeline].typed
    else { return nil }
    if let group = typed.concurrency, !group.holds(within: draft.concurrency) {
      report(.nestedGroup(group, of: typed.name, at: call.range))
      return nil
    }
    if typed.freeze != nil {
      report(.nestedFreeze(of: typed.name, at: call.range))
      return nil
    }
    if !typed.hooks.isEmpty {
      report(.nestedHooks(of: typed.name, at: call.range))
      return nil
    }
    if typed.stages.contains(where: { !$0.results.isEmpty }) {
      report(.nestedResults(of: typed.name, at: call.range))
      return nil
    }
    let (size, levels) = pipelines[pipeline].extent
    guard depth + levels <= PipelineBounds.depth else {
      report(
        .pipelineSize("steps within each other", limit: PipelineBounds.depth, at: call.range))
      return nil
    }
    let lets = zip(typed.parameters, values).map { TypedLet(variable: $0, value: $1) }
    nestedSteps += size.total
    guard nestedSteps <= Limits.nestedSteps else {
      report(
        .pipelineSize("steps of pipelines within others", limit: Limits.nestedSteps, at: call.range)
      )
      return nil
    }
    guard draft.count(size), let (work, given) = draft.expand(typed, lets, name, at: call.range)
    else {
      report(draft.tooLarge(size, at: call.range))
      return nil
    }
    return (work, NestedRest(deadline: typed.deadlineMicroseconds, gives: given))
  }
}

/// What a step that is a pipeline has beside its work.
struct NestedRest {
  /// Microseconds.
  var deadline: Int64?
  /// What it gives out, as an output of the pipeline around it.
  var gives: Int?
}

extension PipelineConcurrency {
  /// A run that holds a place of the one around it has held one of this since it began.
  fileprivate func holds(within outer: PipelineConcurrency?) -> Bool {
    guard let outer else { return false }
    return ByteText(group) == ByteText(outer.group) && outer.limit <= limit
  }
}

extension TypedPipeline {
  /// Within another pipeline: steps and groups, with those that its stages become, and levels of them.
  var extent: (size: PipelineSize, levels: Int) {
    (
      stages.reduce(PipelineSize()) {
        $0 + $1.within.flatMap(\.steps).reduce(PipelineSize(groups: 1)) { $0 + $1.size }
      },
      1 + (stages.map { $0.within.depth }.max() ?? 0)
    )
  }
}

extension PipelineStep {
  /// Levels of steps, its own among them.
  fileprivate var depth: Int { 1 + within.depth }
}

extension [(hook: PipelineMoment?, steps: [PipelineStep])] {
  /// Levels of steps, a hook being one of its own.
  fileprivate var depth: Int {
    map { hook, steps in (hook == nil ? 0 : 1) + (steps.map(\.depth).max() ?? 0) }.max() ?? 0
  }
}

extension PipelineDraft {
  /// The stages of a pipeline as steps, with its parameters bound; `nil` where that makes too many values or outputs.
  fileprivate mutating func expand(
    _ pipeline: TypedPipeline, _ lets: [TypedLet], _ name: String, at caller: SourceRange
  ) -> (PipelineWork, gives: Int?)? {
    guard values.count + pipeline.values.count <= PipelineBounds.values,
      outputs.count + pipeline.outputs.count <= PipelineBounds.outputs
    else { return nil }
    var copy = StepCopy()
    copy.inSight = inSight
    for (number, place) in pipeline.places.enumerated() {
      copy.places[number] = self.place(place, calledAt: caller)
    }
    for (number, output) in pipeline.outputs.enumerated() {
      copy.outputs[number] = addNested(
        TypedOutput(name: freeOutputName("\(name)/\(output.name)"), type: output.type))
    }
    for mark in pipeline.stages.marks { copy.marks[mark] = addMark() }
    let bound = lets.map { (binding: $0, reads: reads(in: $0.value)) }
    for (number, value) in pipeline.values.enumerated() {
      copy.numbers[number] = add(
        value.handed(bound, copy.outputs).asking { copy.marks[$0] ?? $0 })
    }
    // One after another, unless the text says otherwise.
    let isRow = pipeline.stages.indices.allSatisfy {
      pipeline.stages[$0].after == ($0 == 0 ? [] : [$0 - 1])
    }
    let steps = pipeline.stages.map { copy.step($0, needs: isRow ? [] : $0.after) }
    let gives = pipeline.gives.map { copy.outputs[$0] ?? $0 }
    return (.group(limit: isRow ? 1 : nil, steps), gives)
  }
}

extension TypedPipelineValue {
  /// As it is where its parameters are bound, and outputs have other numbers. Only what it depends on is bound.
  fileprivate func handed(
    _ bound: [(binding: TypedLet, reads: [TypedOutputRead])], _ outputs: [Int: Int]
  ) -> TypedPipelineValue {
    let variables = variables
    let needed = bound.filter { variables.contains($0.binding.variable.id) }
    var reads = self.reads.map { read in
      TypedOutputRead(variable: read.variable, output: outputs[read.output] ?? read.output)
    }
    var seen = Set(reads.map(\.variable.id))
    reads += needed.flatMap(\.reads).filter { seen.insert($0.variable.id).inserted }
    return TypedPipelineValue(
      expression: expression, lets: needed.map(\.binding) + lets, reads: reads, asks: asks)
  }
}

extension PipelineStepSyntax {
  /// The pipelines that it and the steps within it name.
  fileprivate var nested: [Name] {
    if case .pipeline(let call) = work { return [call.call.name] }
    return within.flatMap(\.nested)
  }
}
