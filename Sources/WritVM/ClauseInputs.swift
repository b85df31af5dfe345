// What of a gate's arguments, and of what they lead to, a clause can depend on: read off its instructions.

import WritBytecode
import WritModel

/// Whatever of a request an answer of a clause can depend on, when nothing else of the request can.
///
/// Where a parameter of node type stands only where a field of it is read or an edge of it followed, which node it is does not
/// matter: what was read does, and two requests in which it is the same have the same answer. A class, as `GateInputs` is.
final class ClauseInputs: Sendable {
  /// Parameters whose own value matters, rising.
  let direct: [Int]
  /// Those of one node, and of these the ones for which it does not matter which it is; rising.
  let nodes: [Int]
  let varying: [Int]
  /// Whether a reason names the node of a parameter for which that is not so.
  let tellsOthers: Bool
  /// What is read of the others.
  let reads: [ParameterRead]
  /// Whether it matters who asks.
  let readsCaller: Bool

  init(
    direct: [Int], nodes: [Int], varying: [Int], tellsOthers: Bool, reads: [ParameterRead],
    readsCaller: Bool
  ) {
    self.direct = direct
    self.nodes = nodes
    self.varying = varying
    self.tellsOthers = tellsOthers
    self.reads = reads
    self.readsCaller = readsCaller
  }
}

/// What each clause of a gate depends on. A class: whoever asks for it would count the references of all its parts.
final class GateInputs: Sendable {
  /// Whether it reads the time, and in a way that does not tell for how long its answer holds.
  let isMomentary: [Bool]
  /// Of one that reads it otherwise, the words of its routine with marks where it does.
  let marked: [[Instruction]?]
  /// Whether it asks for an approval.
  let hasApproval: [Bool]
  /// `nil` where that is more than can be told, or the time of a momentary one.
  let clauses: [ClauseInputs?]
  /// The same of the values in each clause's message.
  let messages: [ClauseInputs?]

  init(_ program: Program, _ gate: GateProgram, _ parts: RequestParts) {
    let marked = gate.clauses.map { clause in
      program.messageReadsTime(clause) ? nil : program.markedCode(of: clause.routine)
    }
    let isMomentary = gate.clauses.indices.map { place in
      let clause = gate.clauses[place]
      return program.messageReadsTime(clause)
        || (marked[place] == nil && program.readsTime(clause.routine))
    }
    self.marked = marked
    self.isMomentary = isMomentary
    hasApproval = gate.clauses.map(\.hasApproval)
    clauses = gate.clauses.indices.map { place in
      isMomentary[place] ? nil : program.inputs(of: gate.clauses[place], gate, parts)
    }
    messages = gate.clauses.map { program.inputs(ofMessage: $0, gate, parts) }
  }
}

/// A field or the one target of an edge of a parameter's node.
struct ParameterRead: Hashable, Sendable {
  let parameter: Int
  /// Whether `table` is an index into the program's steps, else into its fields.
  let isStep: Bool
  let table: Int
  /// As a trace notes it: question, owner and field.
  let word: UInt64
  /// What its values are numbers of.
  let numbers: Numbers

  enum Numbers: Sendable { case plain, strings, nodes }
}

extension Program {
  /// What the answers of a clause depend on; `nil` where that is more than can be told: the time, what requests bring, or which
  /// of its nodes it is that a request brings.
  func inputs(of clause: ClauseProgram, _ gate: GateProgram, _ parts: RequestParts) -> ClauseInputs?
  {
    var finder = InputFinder(program: self, gate: gate, parts: parts)
    guard finder.look(into: clause.routine, told: clause.bindings.count),
      finder.look(intoMessage: clause)
    else { return nil }
    return finder.inputs
  }

  /// What the values in a clause's message depend on beside what the clause bound; `nil` as above, and where they read the time.
  func inputs(
    ofMessage clause: ClauseProgram, _ gate: GateProgram, _ parts: RequestParts
  ) -> ClauseInputs? {
    for case .value(let routine, _) in clause.message where readsTime(routine) { return nil }
    var finder = InputFinder(program: self, gate: gate, parts: parts)
    return finder.look(intoMessage: clause) ? finder.inputs : nil
  }
}

/// Looks through the routines of one clause.
private struct InputFinder {
  let program: Program
  let gate: GateProgram
  let parts: RequestParts
  private var direct: Set<Int> = []
  private var told: Set<Int> = []
  private var reads: Set<ParameterRead> = []
  /// What is read of anything else than a parameter, as a trace notes it.
  private var elsewhere: Set<UInt64> = []
  private var readsCaller = false

  init(program: Program, gate: GateProgram, parts: RequestParts) {
    self.program = program
    self.gate = gate
    self.parts = parts
  }

  /// A read of a parameter that is also one of another node could not be told apart in a trace: then the node itself matters.
  var inputs: ClauseInputs? {
    var direct = direct
    let words = Dictionary(grouping: reads, by: \.word)
    for read in reads {
      let isPlain =
        !elsewhere.contains(read.word)
        && words[read.word]?.allSatisfy { $0.parameter == read.parameter } == true
      if !isPlain { direct.insert(read.parameter) }
    }
    let others = reads.filter { !direct.contains($0.parameter) }
    // What a request brings to a node is not told by which node it is.
    let isOfRequest = reads.contains { read in
      direct.contains(read.parameter)
        && (read.isStep ? parts.steps : parts.fields).contains(read.table)
    }
    if isOfRequest { return nil }
    let nodes = gate.parameters.indices.filter { place in
      guard case .node = gate.parameters[place].type.unwrapped else { return false }
      return true
    }
    return ClauseInputs(
      direct: direct.sorted(), nodes: nodes, varying: nodes.filter { !direct.contains($0) },
      tellsOthers: !told.isSubset(of: direct),
      reads: others.sorted {
        ($0.parameter, $0.word, $0.table) < ($1.parameter, $1.word, $1.table)
      }, readsCaller: readsCaller)
  }

  /// False where the message depends on what cannot be told.
  mutating func look(intoMessage clause: ClauseProgram) -> Bool {
    for case .value(let routine, _) in clause.message {
      guard look(into: routine, told: nil) else { return false }
    }
    return true
  }

  /// Index of the parameter that a register holds.
  private func parameter(_ register: Int) -> Int? {
    let index = register - program.globalCount
    return gate.parameters.indices.contains(index) ? index : nil
  }

  /// False where the routine depends on what cannot be told.
  ///
  /// - Parameter told: Captures from there on are named in reasons and nowhere else.
  mutating func look(into index: Int, told first: Int?) -> Bool {
    // What requests bring has other numbers in each of them.
    let constants = program.parameters.map(\.value) + program.constants
    for case .node(let kind, _) in constants where parts.isOfRequest(kind: kind) { return false }
    let routine = program.routines[index]
    for emission in routine.emissions {
      for (place, capture) in emission.captures.enumerated() {
        guard case .register(let register) = capture else { continue }
        guard let first, place >= first else {
          noteRead(of: register)
          continue
        }
        if let parameter = parameter(register) { told.insert(parameter) }
      }
    }
    for word in routine.code {
      guard let opcode = word.opcode, look(at: word, opcode) else { return false }
    }
    return true
  }

  private mutating func look(at word: Instruction, _ opcode: Opcode) -> Bool {
    let shape = opcode.shape
    if let read = parameterRead(word, opcode) {
      reads.insert(read)
      // The target may be written to a parameter's register.
      if let parameter = parameter(word.a) { direct.insert(parameter) }
      return true
    }
    for (role, operand) in [(shape.a, word.a), (shape.b, word.b), (shape.c, word.c)] {
      switch role {
      case .read, .write: noteRead(of: operand)
      case .approval: readsCaller = true
      case .field: guard look(atField: operand) else { return false }
      case .step: guard look(atStep: operand) else { return false }
      case .closure: guard look(atStep: program.closures[operand].step) else { return false }
      case .kind:
        guard !parts.isOfRequest(kind: operand) else { return false }
      case .kindSet:
        guard !program.kindSets[operand].contains(where: parts.isOfRequest(kind:)) else {
          return false
        }
      case .unused, .setWrite, .setRead, .setUpdate, .cursor, .scoreBuffer, .scorecard, .emission,
        .forward, .backward:
        break
      }
    }
    return true
  }

  /// A register is read, or written, for more than what is read of its node.
  private mutating func noteRead(of register: Int) {
    if register == Program.callerRegister { readsCaller = true }
    if let parameter = parameter(register) { direct.insert(parameter) }
  }

  private mutating func look(atField index: Int) -> Bool {
    guard !parts.fields.contains(index) else { return false }
    switch program.fields[index] {
    case .node(let fields):
      for one in fields {
        elsewhere.insert(FactRead(.field, owner: one.kind, field: one.field, subject: 0).word)
      }
    case .edge(let edge, let field):
      elsewhere.insert(FactRead(.edgeField, owner: edge, field: field, subject: 0).word)
    }
    return true
  }

  private mutating func look(atStep index: Int) -> Bool {
    guard !parts.steps.contains(index) else { return false }
    for direction in program.steps[index].edges {
      let question: FactRead.Question = direction.isInverse ? .inverseEdges : .edges
      elsewhere.insert(FactRead(question, owner: direction.edge, field: 0, subject: 0).word)
    }
    return true
  }

  /// The instruction as a read of a parameter whose node matters for nothing else in it; `nil` where it is none.
  private func parameterRead(_ word: Instruction, _ opcode: Opcode) -> ParameterRead? {
    guard opcode == .field || opcode == .follow, let parameter = parameter(word.b),
      case .node(let kinds) = gate.parameters[parameter].type, kinds.count == 1
    else { return nil }
    return opcode == .field
      ? read(ofField: word.c, kinds[0], parameter) : read(along: word.c, kinds[0], parameter)
  }

  private func read(ofField index: Int, _ kind: Int, _ parameter: Int) -> ParameterRead? {
    guard case .node(let fields) = program.fields[index],
      let field = fields.first(where: { $0.kind == kind })
    else { return nil }
    let type = program.schema.kinds[kind].fields[field.field].type
    let numbers: ParameterRead.Numbers
    switch type.unwrapped {
    case .bool, .int, .decimal, .date, .instant, .duration, .enumeration: numbers = .plain
    case .string: numbers = .strings
    case .node, .edge, .optional, .set, .list: return nil
    }
    let word = FactRead(.field, owner: kind, field: field.field, subject: 0).word
    return ParameterRead(
      parameter: parameter, isStep: false, table: index, word: word, numbers: numbers)
  }

  private func read(along index: Int, _ kind: Int, _ parameter: Int) -> ParameterRead? {
    let edges = program.steps[index].edges
    guard edges.count == 1, !edges[0].isInverse, program.schema.edges[edges[0].edge].source == kind,
      program.schema.edges[edges[0].edge].cardinality != .many
    else { return nil }
    let word = FactRead(.edges, owner: edges[0].edge, field: 0, subject: 0).word
    return ParameterRead(
      parameter: parameter, isStep: true, table: index, word: word, numbers: .nodes)
  }
}
