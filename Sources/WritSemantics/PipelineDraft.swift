// A pipeline on its way to its typed form: tables that grow while its steps are checked, and matrices made into steps.

import WritModel
import WritSyntax
import WritText

/// What the steps checked so far refer to.
struct PipelineDraft {
  private(set) var values: [TypedPipelineValue] = []
  private(set) var places: [SourceRange] = []
  /// For each place what its step is called without the values of matrices; `nil` for one of a nested pipeline, which keeps
  /// its name.
  private(set) var bases: [String?] = []
  /// By the places of nested pipelines where the pipeline at hand calls them.
  private(set) var callers: [Int: SourceRange] = [:]
  /// As the pipeline at hand says.
  var concurrency: PipelineConcurrency?
  /// Names of steps in the stage at hand.
  private var taken: Set<ByteText> = []
  /// The last number behind a name, by that name.
  private var numbers: [ByteText: Int] = [:]
  /// Steps and groups, those of matrices each on its own.
  private(set) var size = PipelineSize()
  /// How often the step at hand will be there.
  var combinations = 1
  /// What steps give out.
  private(set) var outputs: [TypedOutput] = []
  /// Where names of outputs stand, by name.
  private(set) var outputRanges: [ByteText: SourceRange] = [:]
  /// Those of nested pipelines nobody else can read.
  private var outputNames: [Int: (name: Name, readers: OutputReaders)] = [:]
  /// Variables that stand for outputs.
  private var reads: [VariableID: TypedOutputRead] = [:]
  /// Outputs that the step at hand can read.
  var inSight: [Int] = []
  /// What the steps looked at so far, of those beside each other, give to those behind.
  var gifts: [OutputGift] = []
  /// Stages and steps have so many marks.
  private(set) var markCount = 0
  /// Something asks how stages or steps ended; otherwise what is in sight need not be known.
  var asksForResults = false
  /// What conditions of the step at hand can ask about.
  var parts: PartsInSight = [:]
  /// The steps beside each other that were looked at last.
  var row: [PartInSightNamed] = []

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

  /// A place of a nested pipeline, told of as the place that calls it.
  mutating func place(_ range: SourceRange, calledAt caller: SourceRange) -> Int {
    callers[places.count] = caller
    places.append(range)
    bases.append(nil)
    return places.count - 1
  }

  /// Where a diagnostic about a place of the pipeline at hand stands.
  func shown(_ place: Int) -> SourceRange { callers[place] ?? places[place] }

  mutating func addMark() -> Int {
    markCount += 1
    return markCount - 1
  }

  /// Gives what values ask by other marks.
  mutating func renumberAsks(_ mark: (Int) -> Int) {
    for index in values.indices where !values[index].asks.isEmpty {
      values[index] = values[index].asking(mark)
    }
  }

  mutating func add(_ expression: TypedExpression) -> Int {
    add(TypedPipelineValue(expression: expression, lets: [], reads: reads(in: expression)))
  }

  /// Adds a condition, which can ask how stages and steps ended.
  mutating func add(
    _ condition: TypedExpression, asking results: [VariableID: TypedResultRead]
  ) -> Int {
    let asks = results.isEmpty ? [] : condition.variables.compactMap { results[$0] }
    return add(
      TypedPipelineValue(
        expression: condition, lets: [], reads: reads(in: condition), asks: asks))
  }

  mutating func add(_ value: TypedPipelineValue) -> Int {
    values.append(value)
    return values.count - 1
  }

  /// The outputs that an expression of the pipeline at hand reads.
  func reads(in expression: TypedExpression) -> [TypedOutputRead] {
    reads.isEmpty ? [] : expression.variables.compactMap { reads[$0] }
  }

  /// Adds an output; `nil` where there are too many.
  mutating func addOutput(_ name: Name, _ type: ValueType, _ readers: OutputReaders) -> Int? {
    guard outputs.count < PipelineBounds.outputs else { return nil }
    let output = outputs.count
    outputs.append(TypedOutput(name: name.text, type: type))
    outputRanges[ByteText(name.text)] = name.range
    outputNames[output] = (name, readers)
    for variable in [readers.sure, readers.perhaps] {
      reads[variable.id] = TypedOutputRead(variable: variable, output: output)
    }
    return output
  }

  /// Another name for an output that a nested pipeline gives out.
  mutating func alias(_ name: Name, _ output: Int, _ readers: OutputReaders) {
    outputRanges[ByteText(name.text)] = name.range
    outputNames[output] = (name, readers)
    for variable in [readers.sure, readers.perhaps] {
      reads[variable.id] = TypedOutputRead(variable: variable, output: output)
    }
  }

  /// By what the output of a step that is not of a matrix yet is read.
  func readers(of output: Int) -> (name: Name, readers: OutputReaders)? { outputNames[output] }

  /// A name like this that no output has: those of nested pipelines bear the step before them.
  func freeOutputName(_ base: String) -> String {
    let taken = Set(outputs.map { ByteText($0.name) })
    var (name, number) = (base, 1)
    while taken.contains(ByteText(name)) {
      number += 1
      name = "\(base)#\(number)"
    }
    return name
  }

  /// Adds what a nested pipeline gives out within itself.
  mutating func addNested(_ output: TypedOutput) -> Int {
    outputs.append(output)
    return outputs.count - 1
  }

  /// Counts what comes to it; false if that is too much, and then it is not counted.
  mutating func count(_ added: PipelineSize) -> Bool {
    let sum = size + added
    guard sum.excess == nil else { return false }
    size = sum
    return true
  }
}

extension PipelineDraft {
  /// What a matrix comes to beside what its steps were counted as when they were checked.
  func added(by matrix: TypedMatrix) -> PipelineSize {
    let rows = PipelineSize(groups: matrix.steps.count > 1 ? matrix.values.count : 0)
    return (matrix.values.count - 1) * matrix.steps.map(\.size).reduce(PipelineSize(), +) + rows
  }

  /// What is said where so much more does not fit.
  func tooLarge(_ added: PipelineSize, at range: SourceRange) -> Diagnostic {
    guard let excess = (size + added).excess else {
      let what = "values, or \(PipelineBounds.outputs) outputs"
      return .pipelineSize(what, limit: PipelineBounds.values, at: range)
    }
    return .pipelineSize(excess.what, limit: excess.limit, at: range)
  }
}

extension StepWork {
  /// What a step is itself, before what it holds is looked at; as `PipelineWork.ownSize`.
  var ownSize: PipelineSize {
    switch self {
    case .run, .call, .gate, .approve, .wait, .agent: PipelineSize(steps: 1)
    case .loop(let loop): loop.steps.isEmpty ? PipelineSize(steps: 1) : PipelineSize(groups: 1)
    case .pipeline, .matrix, .parallel: PipelineSize(groups: 1)
    }
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
  /// And so many marks.
  let markMark: Int
}

extension PipelineDraft {
  /// A step for each value of a matrix, or a row of steps; `nil` where that makes too many steps or values.
  mutating func unroll(_ matrix: TypedMatrix) -> PipelineWork? {
    let added = matrix.values.count - 1
    let open = values.indices.dropFirst(matrix.mark).filter {
      let value = values[$0]
      return value.variables.contains(matrix.variable.id)
        || value.reads.contains { $0.output >= matrix.outputMark }
        || value.asks.contains { $0.read.mark >= matrix.markMark }
    }
    let marks = matrix.markMark..<markCount
    let given = Array(outputs[matrix.outputMark...])
    guard count(self.added(by: matrix)),
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
      // As outputs: the first takes the marks that its steps were checked with.
      let others = combination == 0 ? [:] : otherMarks(for: marks)
      let binding = TypedLet(variable: matrix.variable, value: value.expression)
      for (_, number) in numbers {
        let reads = values[number].reads.map { read in
          TypedOutputRead(variable: read.variable, output: outputs[read.output] ?? read.output)
        }
        values[number] = TypedPipelineValue(
          // In front: what nested pipelines are handed may read it.
          expression: values[number].expression, lets: [binding] + values[number].lets,
          reads: reads, asks: values[number].asks
        ).asking { others[$0] ?? $0 }
      }
      let suffix = "[\(value.text)]"
      let copy = StepCopy(
        suffix: suffix, bases: bases, numbers: Dictionary(uniqueKeysWithValues: numbers),
        outputs: outputs, marks: others)
      let steps = matrix.steps.map { copy.step($0) }
      if steps.count == 1 {
        work += steps
      } else {
        work.append(
          PipelineStep(
            name: (bases[matrix.place] ?? "") + suffix, place: matrix.place,
            work: .group(limit: 1, steps)))
      }
    }
    return .group(limit: matrix.limit, work)
  }

  private mutating func otherMarks(for marks: Range<Int>) -> [Int: Int] {
    var numbers: [Int: Int] = [:]
    for mark in marks { numbers[mark] = addMark() }
    return numbers
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
        outputNames[outputs.count] = outputNames[mark + place]
        outputs.append(named)
      }
    }
    return numbers
  }
}

extension TypedPipelineValue {
  /// As it is where stages and steps have other marks.
  func asking(_ mark: (Int) -> Int) -> TypedPipelineValue {
    TypedPipelineValue(
      expression: expression, lets: lets, reads: reads,
      asks: asks.map {
        TypedResultRead(
          variable: $0.variable,
          read: ResultRead(mark: mark($0.read.mark), results: $0.read.results))
      })
  }

  /// The variables that stand in it and in what its own variables are.
  var variables: Set<VariableID> {
    Set(expression.variables).union(lets.flatMap(\.value.variables))
  }
}

extension TypedExpression {
  /// The variables that stand in it, each once, rising.
  var variables: [VariableID] {
    var found: Set<VariableID> = []
    var open = [self]
    while let next = open.popLast() {
      if case .variable(let variable) = next.form { found.insert(variable) }
      open += next.children
    }
    return found.sorted()
  }
}
