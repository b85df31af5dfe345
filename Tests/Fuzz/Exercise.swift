// Whatever the verifier accepts is executed: with little fuel, over every routine.

import WritBytecode
import WritGraph
import WritModel
import WritVM

/// Fuel of one run: enough to come to the end of everything reasonable.
private let littleFuel: Int64 = 2_000

/// Routines of one program that are run.
private let routineLimit = 64

/// Runs everything that a verified program can be asked for over a graph.
func exercise(
  _ program: VerifiedProgram, _ snapshot: Snapshot, _ overlay: Overlay?, routines: [Int]? = nil
) throws {
  let circumstances = Circumstances(now: World.now, asOf: World.now, caller: nil)
  guard
    let machine = accepted({ () throws(LinkError) in
      try link(program, snapshot, overlay, circumstances)
    })
  else { return }
  var allDone = true
  for index in (routines ?? Array(program.program.routines.indices)).prefix(routineLimit) {
    for inputs in inputs(of: program.program.routines[index]) {
      for reading in [Reading.vouched, .lastKnown] {
        let run = machine.run(index, inputs: inputs, reading: reading, fuel: littleFuel)
        if run.status == .exhausted { allDone = false }
      }
    }
  }
  // With full fuel only where little sufficed.
  if allDone && routines == nil { try ask(machine) }
}

/// Numbers of nodes and edges that are there, and some that are not: registers may hold anything.
private func inputs(of routine: Routine) -> [[Slot]] {
  [
    (0..<routine.inputCount).map { Slot(exact: Int64($0)) },
    (0..<routine.inputCount).map { _ in Slot(exact: Int64.max) },
    (0..<routine.inputCount).map { _ in Slot(-1, 4, .none) },
  ]
}

private func ask(_ machine: Machine) throws {
  let program = machine.program
  for index in program.gates.indices.prefix(8) {
    let arguments = values(of: program.gates[index].parameters, machine)
    let result = machine.decide(
      gate: index, arguments: arguments, approvals: [], asOf: World.now, tracing: .on)
    for clause in result.trace { _ = clause.json.compact }
    try hold(
      (result.outcome == .deny) == !result.reasons.isEmpty, "a denial and its reasons disagree")
    let verdict = machine.verdict(gate: index, arguments: arguments, asOf: World.now)
    try hold(
      verdict == nil || verdict?.outcome == result.outcome,
      "a verdict is not the decision's outcome")
    try askInBlock(machine, index, arguments, verdict)
  }
  try askForCommands(machine)
  try askForSteps(machine)
  for index in program.scorecards.indices.prefix(8) {
    let arguments = values(of: program.scorecards[index].parameters, machine)
    _ = machine.score(scorecard: index, arguments: arguments, asOf: World.now)
  }
  for index in program.queries.indices.prefix(8) {
    let query = program.queries[index]
    for isStrict in [true, false] {
      let arguments = values(of: query.parameters, machine)
      let result = machine.query(
        index, arguments: arguments, asOf: World.now, isStrict: isStrict)
      guard let result else { continue }
      for row in result.rows.prefix(100) {
        for (column, value) in zip(result.columns, row.values) {
          _ = machine.text(value, column.type)
          _ = machine.json(value, column.type)
        }
      }
    }
  }
}

/// A block says of each of its requests what is said of one.
private func askInBlock(
  _ machine: Machine, _ gate: Int, _ arguments: [Slot], _ verdict: GateVerdict?
) throws {
  guard let block = GateBlock(machine, gate: gate) else { return }
  for _ in 0..<66 { arguments.withUnsafeBufferPointer { block.append($0) } }
  var isSame = true
  block.takeVerdicts(asOf: World.now) { isSame = isSame && $1 == verdict }
  try hold(isSame, "a block says something else than a verdict")
}

/// What is run is what the policy names, and no value passes for an option.
private func askForCommands(_ machine: Machine) throws {
  for (index, action) in machine.program.actions.enumerated().prefix(8) {
    let arguments = values(of: action.parameters, machine)
    guard case .words(let words) = machine.command(of: index, arguments: arguments, asOf: World.now)
    else { continue }
    try hold(words.count == action.command.count, "a command has words of its own")
    for (word, made) in zip(action.command, words) {
      switch word.pieces.first {
      case .text(let text)?:
        try hold(made.utf8.starts(with: text.utf8), "a word is not the policy's")
      case .value?: try hold(made.utf8.first != UInt8(ascii: "-"), "a value is an option")
      case nil: try hold(made.isEmpty, "an empty word is not")
      }
    }
  }
}

/// What steps come to for some arguments, whatever the bundle says: nothing is made up and nothing breaks.
private func askForSteps(_ machine: Machine) throws {
  for pipeline in machine.program.pipelines.prefix(4) {
    let given = values(of: pipeline.parameters, machine)
    let made = values(of: pipeline.outputs, machine)
    let inputs = PipelineArguments(
      arguments: given, outputs: made.enumerated().map { $0 % 2 == 0 ? $1 : nil })
    for (index, value) in pipeline.values.enumerated().prefix(64) where value.type == .bool {
      _ = machine.condition(index, of: pipeline, inputs, asOf: World.now)
    }
    for step in pipeline.stages.prefix(8).flatMap(\.within).flatMap(\.steps).prefix(64) {
      try askForStep(step, pipeline, inputs, machine)
    }
    let ways = machine.program.guardedPaths(of: pipeline)
    try hold(ways.allSatisfy { $0.gate != nil }, "production is reached without a gate")
  }
}

private func askForStep(
  _ step: PipelineStep, _ pipeline: PipelineProgram, _ inputs: PipelineArguments, _ machine: Machine
) throws {
  switch step.work {
  case .run(let words):
    let made = machine.words(words, of: pipeline, inputs, asOf: World.now)
    guard case .words(let made) = made else { return }
    try hold(made.count == words.count, "a run has words of its own")
  case .action(_, let values), .gate(_, let values):
    let made = machine.callArguments(values, of: pipeline, inputs, asOf: World.now)
    guard case .arguments(let made) = made else { return }
    try hold(made.count == values.count, "a call has arguments of its own")
    try hold(made.allSatisfy(\.slot.isExact), "an argument is not known")
  case .group, .loop, .approval, .wait, .agent: break
  }
  for step in step.within.flatMap({ $0.steps.prefix(8) }) {
    try askForStep(step, pipeline, inputs, machine)
  }
}

/// A value of each type: a node where there is one.
private func values(of parameters: [NamedType], _ machine: Machine) -> [Slot] {
  parameters.map { parameter in
    switch parameter.type {
    case .node(let kinds):
      for kind in kinds {
        if let node = machine.nodes(ofKind: kind).first { return Slot(exact: node) }
      }
      return machine.noNode(kind: kinds.first ?? 0)
    case .optional: return .nothing
    case .string: return Slot(exact: machine.number(ofString: "core"))
    case .bool, .int, .decimal, .date, .instant, .duration, .enumeration, .edge, .set, .list:
      return Slot(exact: 1)
    }
  }
}
