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
    values.append(TypedPipelineValue(expression: expression, lets: []))
    return values.count - 1
  }

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
}

extension PipelineDraft {
  /// A step for each value of a matrix, or a row of steps; `nil` where that makes too many steps or values.
  mutating func unroll(_ matrix: TypedMatrix) -> PipelineWork? {
    let added = matrix.values.count - 1
    let rows = matrix.steps.count > 1 ? matrix.values.count : 0
    let open = values.indices.dropFirst(matrix.mark).filter {
      values[$0].expression.uses(matrix.variable.id)
    }
    guard count(added * matrix.steps.map(\.size).reduce(0, +) + rows),
      values.count + added * open.count <= PipelineBounds.values
    else { return nil }
    // The first value takes the places that its steps were checked with, so that none is left that knows no value.
    var renumbered = [open.map { ($0, $0) }]
    for _ in 0..<added {
      renumbered.append(open.enumerated().map { ($1, values.count + $0) })
      values += open.map { values[$0] }
    }
    var work: [PipelineStep] = []
    for (value, numbers) in zip(matrix.values, renumbered) {
      let binding = TypedLet(variable: matrix.variable, value: value.expression)
      for (_, number) in numbers {
        values[number] = TypedPipelineValue(
          expression: values[number].expression, lets: values[number].lets + [binding])
      }
      let copy = StepCopy(
        suffix: "[\(value.text)]", bases: bases, numbers: Dictionary(uniqueKeysWithValues: numbers))
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
}

/// Makes the steps of a matrix those of one of its values.
private struct StepCopy {
  let suffix: String
  let bases: [String]
  let numbers: [Int: Int]

  func step(_ step: PipelineStep) -> PipelineStep {
    // The values of matrices further in stand behind: `test[linux][arm]`.
    let base = bases[step.place]
    return PipelineStep(
      name: base + suffix
        + String(decoding: step.name.utf8.dropFirst(base.utf8.count), as: UTF8.self),
      place: step.place, work: work(step.work), needs: step.needs,
      condition: step.condition.map(number), retry: step.retry, timeout: step.timeout,
      deadline: step.deadline, isIdempotent: step.isIdempotent, responses: step.responses)
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
  /// The variable stands somewhere in it.
  fileprivate func uses(_ variable: VariableID) -> Bool {
    var open = [self]
    while let next = open.popLast() {
      if case .variable(variable) = next.form { return true }
      open += next.children
    }
    return false
  }
}
