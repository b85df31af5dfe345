// A pipeline on its way to its typed form: tables that grow while its steps are checked, and matrices made into steps.

import WritModel
import WritSyntax
import WritText

/// What the steps checked so far refer to.
struct PipelineDraft {
  private(set) var values: [TypedPipelineValue] = []
  private(set) var places: [SourceRange] = []
  /// For each place what its step is called without the values of matrices.
  private var bases: [String] = []
  /// Names of steps in the stage at hand.
  private var taken: Set<ByteText> = []
  /// The last number behind a name, by that name.
  private var numbers: [ByteText: Int] = [:]
  /// Steps, those of matrices each on its own.
  private(set) var stepCount = 0
  /// How often the step at hand will be there.
  var combinations = 1
  /// What steps give out.
  private(set) var outputs: [TypedOutput] = []
  /// Where names of outputs stand, by name.
  private(set) var outputRanges: [ByteText: SourceRange] = [:]
  private var outputNames: [(name: Name, readers: OutputReaders)] = []
  /// Variables that stand for outputs.
  private var reads: [VariableID: TypedOutputRead] = [:]
  /// Outputs that the step at hand can read.
  var inSight: [Int] = []
  /// What the steps looked at so far, of those beside each other, give to those behind.
  var gifts: [OutputGift] = []

  /// Begins a stage, in which some names are given by labels.
  mutating func enterStage(labels: [String]) {
    taken = Set(labels.map { ByteText($0) })
    numbers = [:]
  }

  /// A name of the stage at hand that no step has.
  mutating func name(like base: String) -> String {
    var name = base
    while !taken.insert(ByteText(name)).inserted {
      let number = numbers[ByteText(base), default: 1] + 1
      numbers[ByteText(base)] = number
      name = "\(base)#\(number)"
    }
    return name
  }

  mutating func place(_ range: SourceRange, base: String) -> Int {
    places.append(range)
    bases.append(base)
    return places.count - 1
  }

  mutating func add(_ expression: TypedExpression) -> Int {
    let reads = reads.isEmpty ? [] : expression.variables.compactMap { self.reads[$0] }
    values.append(TypedPipelineValue(expression: expression, lets: [], reads: reads))
    return values.count - 1
  }

  /// Adds an output; `nil` where there are too many.
  mutating func addOutput(_ name: Name, _ type: ValueType, _ readers: OutputReaders) -> Int? {
    guard outputs.count < PipelineBounds.outputs else { return nil }
    let output = outputs.count
    outputs.append(TypedOutput(name: name.text, type: type))
    outputRanges[ByteText(name.text)] = name.range
    outputNames.append((name, readers))
    for variable in [readers.sure, readers.perhaps] {
      reads[variable.id] = TypedOutputRead(variable: variable, output: output)
    }
    return output
  }

  /// By what the output of a step that is not of a matrix yet is read.
  func readers(of output: Int) -> (name: Name, readers: OutputReaders) { outputNames[output] }

  /// Counts steps; false if there are too many.
  mutating func count(_ steps: Int) -> Bool {
    stepCount += steps
    return stepCount <= PipelineBounds.steps
  }
}

/// A matrix whose steps are checked.
struct TypedMatrix {
  let variable: TypedVariable
  /// Constants and nodes, with the texts that tell them apart.
  let values: [(text: String, expression: TypedExpression)]
  let limit: Int?
  let steps: [PipelineStep]
  /// Of the matrix.
  let place: Int
  /// The draft had so many values before its steps were checked.
  let mark: Int
  /// And so many outputs.
  let outputMark: Int
}

extension PipelineDraft {
  /// A step for each value of a matrix, or a row of steps; `nil` where that makes too many steps or values.
  mutating func unroll(_ matrix: TypedMatrix) -> PipelineWork? {
    let added = matrix.values.count - 1
    let rows = matrix.steps.count > 1 ? matrix.values.count : 0
    let open = values.indices.dropFirst(matrix.mark).filter {
      let value = values[$0]
      return value.expression.variables.contains(matrix.variable.id)
        || value.reads.contains { $0.output >= matrix.outputMark }
    }
    let given = Array(outputs[matrix.outputMark...])
    guard count(added * matrix.steps.map(\.size).reduce(0, +) + rows),
      values.count + added * open.count <= PipelineBounds.values,
      outputs.count + added * given.count <= PipelineBounds.outputs
    else { return nil }
    // The first value takes the places that its steps were checked with, so that none is left that knows no value.
    var renumbered = [open.map { ($0, $0) }]
    for _ in 0..<added {
      renumbered.append(open.enumerated().map { ($1, values.count + $0) })
      values += open.map { values[$0] }
    }
    var work: [PipelineStep] = []
    for (combination, (value, numbers)) in zip(matrix.values, renumbered).enumerated() {
      let outputs = outputs(of: combination, value.text, given, from: matrix.outputMark)
      let binding = TypedLet(variable: matrix.variable, value: value.expression)
      for (_, number) in numbers {
        let reads = values[number].reads.map { read in
          TypedOutputRead(variable: read.variable, output: outputs[read.output] ?? read.output)
        }
        values[number] = TypedPipelineValue(
          expression: values[number].expression, lets: values[number].lets + [binding],
          reads: reads)
      }
      let copy = StepCopy(
        suffix: "[\(value.text)]", bases: bases,
        numbers: Dictionary(uniqueKeysWithValues: numbers), outputs: outputs)
      let steps = matrix.steps.map { copy.step($0) }
      if steps.count == 1 {
        work += steps
      } else {
        work.append(
          PipelineStep(
            name: bases[matrix.place] + copy.suffix, place: matrix.place,
            work: .group(limit: 1, steps)))
      }
    }
    return .group(limit: matrix.limit, work)
  }

  /// The outputs of one combination of a matrix: the first takes those that its steps were checked with.
  private mutating func outputs(
    of combination: Int, _ value: String, _ given: [TypedOutput], from mark: Int
  ) -> [Int: Int] {
    var numbers: [Int: Int] = [:]
    for (place, output) in given.enumerated() {
      let named = TypedOutput(name: "\(output.name)[\(value)]", type: output.type)
      if combination == 0 {
        outputs[mark + place] = named
      } else {
        numbers[mark + place] = outputs.count
        outputs.append(named)
        outputNames.append(outputNames[mark + place])
      }
    }
    return numbers
  }
}

/// Makes the steps of a matrix those of one of its values.
private struct StepCopy {
  let suffix: String
  let bases: [String]
  let numbers: [Int: Int]
  let outputs: [Int: Int]

  func step(_ step: PipelineStep) -> PipelineStep {
    // The values of matrices further in stand behind: `test[linux][arm]`.
    let base = bases[step.place]
    return PipelineStep(
      name: base + suffix
        + String(decoding: step.name.utf8.dropFirst(base.utf8.count), as: UTF8.self),
      place: step.place, work: work(step.work), needs: step.needs,
      condition: step.condition.map(number), retry: step.retry, timeout: step.timeout,
      deadline: step.deadline, isIdempotent: step.isIdempotent, responses: step.responses,
      output: step.output.map { outputs[$0] ?? $0 },
      inSight: step.inSight.map { outputs[$0] ?? $0 }.sorted())
  }

  private func number(_ value: Int) -> Int { numbers[value] ?? value }

  private func work(_ work: PipelineWork) -> PipelineWork {
    switch work {
    case .run(let words): .run(words.map(word))
    case .action(let action, let arguments): .action(action, arguments: arguments.map(number))
    case .gate(let gate, let arguments): .gate(gate, arguments: arguments.map(number))
    case .approval(let approval):
      .approval(
        PipelineApproval(
          role: approval.role, count: approval.count, except: approval.except.map(number),
          within: approval.within))
    case .wait: work
    case .agent(let agent):
      .agent(
        PipelineAgent(
          name: agent.name, task: word(agent.task), time: agent.time, calls: agent.calls,
          tokens: agent.tokens))
    case .group(let limit, let steps): .group(limit: limit, steps.map(step))
    case .loop(let loop):
      .loop(
        PipelineLoop(
          interval: loop.interval, most: loop.most, until: number(loop.until),
          steps: loop.steps.map(step)))
    }
  }

  private func word(_ word: PipelineWord) -> PipelineWord {
    PipelineWord(
      pieces: word.pieces.map {
        if case .value(let value) = $0 { .value(number(value)) } else { $0 }
      })
  }
}

extension TypedExpression {
  /// The variables that stand in it, each once, rising.
  fileprivate var variables: [VariableID] {
    var found: Set<VariableID> = []
    var open = [self]
    while let next = open.popLast() {
      if case .variable(let variable) = next.form { found.insert(variable) }
      open += next.children
    }
    return found.sorted()
  }
}
