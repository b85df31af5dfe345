// One routine as text: its sizes, its emissions, its words with labels where jumps go.
import WritModel

/// Names of a program's entries, for comments.
struct ProgramNames {
  let program: Program

  /// What an operand stands for: `fields[3] "tier"`.
  func note(_ role: OperandRole, _ index: Int) -> String {
    guard let table = role.table else { return "" }
    let name = name(role, index)
    return name.isEmpty ? "\(table)[\(index)]" : "\(table)[\(index)] \(name)"
  }

  /// The name alone; empty where there is none.
  func name(_ role: OperandRole, _ index: Int) -> String {
    let schema = program.schema
    switch role {
    case .field:
      switch program.fields[index] {
      case .edge(let edge, let field): return shortened(schema.edges[edge].fields[field].name)
      case .node(let fields):
        return shortened(schema.kinds[fields[0].kind].fields[fields[0].field].name)
      }
    case .step: return list(program.steps[index].edges.map(\.edge)) { schema.edges[$0].name }
    case .kindSet: return list(program.kindSets[index]) { schema.kinds[$0].name }
    case .kind: return shortened(schema.kinds[index].name)
    case .closure: return name(.step, program.closures[index].step)
    case .scorecard: return shortened(program.scorecards[index].name)
    case .approval: return shortened(program.approvals[index].role)
    default: return ""
    }
  }

  /// At most four names.
  private func list(_ indexes: [Int], _ name: (Int) -> String) -> String {
    let names = indexes.prefix(4).map { shortened(name($0)) }
    return names.joined(separator: " ") + (indexes.count > 4 ? " …" : "")
  }

  /// What a shared register holds; empty for `now` and `caller`.
  func name(ofGlobal register: Int) -> String {
    let parameter = register - 2
    if program.parameters.indices.contains(parameter) {
      return shortened(program.parameters[parameter].name)
    }
    let constant = parameter - program.parameters.count
    guard program.constants.indices.contains(constant) else { return "" }
    switch program.constants[constant] {
    case .scalar(let number): return String(number)
    case .string(let text): return shortened(text)
    case .node(let kind, let id):
      return "\(shortened(program.schema.kinds[kind].name)) \(shortened(id))"
    case .absent: return "absent"
    }
  }
}

extension ProgramNames {
  /// For each routine, the first that calls it; empty where nobody does.
  func callers() -> [String] {
    var callers = Array(repeating: "", count: program.routines.count)
    func note(_ routine: Int, _ caller: String) {
      if callers[routine].isEmpty { callers[routine] = caller }
    }
    for scorecard in program.scorecards {
      note(scorecard.routine, "scorecard \(shortened(scorecard.name))")
    }
    for gate in program.gates {
      for clause in gate.clauses {
        let name = "clause \(shortened(clause.name)) of \(shortened(gate.name))"
        note(clause.routine, name)
        for case .value(let routine, _) in clause.message { note(routine, "message of \(name)") }
      }
    }
    for waiver in program.waivers { note(waiver.routine, "waiver \(shortened(waiver.name))") }
    for query in program.queries { note(query.routine, "query \(shortened(query.name))") }
    for action in program.actions {
      for case .value(let routine, _) in action.command.flatMap(\.pieces) {
        note(routine, "word of action \(shortened(action.name))")
      }
    }
    for pipeline in program.pipelines {
      for value in pipeline.values {
        note(value.routine, "value of pipeline \(shortened(pipeline.name))")
      }
    }
    return callers
  }
}

/// Writes one routine of a verified program.
struct RoutineDisassembler {
  let program: Program
  let index: Int
  /// Who calls it, for the comment.
  let caller: String
  private let routine: Routine
  private let names: ProgramNames
  private let registers: RegisterNames
  /// For each word that a jump goes to, the number of its label; numbered from the top.
  private var labels: [Int: Int] = [:]

  init(program: Program, index: Int, caller: String) {
    self.program = program
    self.index = index
    self.caller = caller
    routine = program.routines[index]
    names = ProgramNames(program: program)
    registers = RegisterNames(
      parameterCount: program.parameters.count, constantCount: program.constants.count,
      inputCount: routine.inputCount)
    let targets = Set(routine.code.indices.compactMap { target(of: $0) })
    for (label, word) in targets.sorted().enumerated() { labels[word] = label }
  }

  /// The word that a jump goes to; `nil` for what is no jump.
  private func target(of word: Int) -> Int? {
    let instruction = routine.code[word]
    switch instruction.opcode?.shape.b {
    case .forward: return instruction.target(from: word)
    case .backward: return instruction.loopStart(from: word)
    default: return nil
    }
  }

  /// Its sizes, its emissions, and its words, each jump's target with a label in front.
  func write(to text: inout AssemblyWriter) {
    text.blank()
    text.line(
      "routine",
      [
        "inputs \(routine.inputCount)", "registers \(routine.registerCount - registers.firstOwn)",
        "sets \(routine.setCount)", "cursors \(routine.cursorCount)",
        "buffers \(routine.scoreBufferCount)",
      ], comment: caller.isEmpty ? "routines[\(index)]" : "routines[\(index)] \(caller)")
    for (number, emission) in routine.emissions.enumerated() {
      let captures = emission.captures.map { (capture) -> String in
        switch capture {
        case .register(let register): registers.name(of: register)
        case .set(let set): "s\(set)"
        }
      }
      text.line(
        "emission", captures + witnesses(of: emission), indent: 1,
        comment: "emissions[\(number)]")
    }
    for word in routine.code.indices {
      if let label = labels[word] { text.line("L\(label):", []) }
      write(word, to: &text)
    }
  }

  private func write(_ word: Int, to text: inout AssemblyWriter) {
    let instruction = routine.code[word]
    guard let opcode = instruction.opcode else { return }
    let shape = opcode.shape
    let values = [(shape.a, instruction.a), (shape.b, instruction.b), (shape.c, instruction.c)]
    var operands: [String?] = []
    var notes: [String] = []
    for (role, value) in values {
      operands.append(operand(role, value, at: word))
      notes.append(note(role, value))
    }
    operands.append(choice(of: opcode, instruction.d))
    text.line(
      opcode.name, operands, indent: 1,
      comment: notes.filter { !$0.isEmpty }.joined(separator: ", "))
  }

  /// As the assembler spells it; `nil` where the word has none.
  private func operand(_ role: OperandRole, _ value: Int, at word: Int) -> String? {
    switch role {
    case .unused: nil
    case .write, .read: registers.name(of: value)
    case .forward, .backward: target(of: word).flatMap { labels[$0] }.map { "L\($0)" }
    default: role.prefix.map { "\($0)\(value)" } ?? role.table.map { "\($0)[\(value)]" }
    }
  }

  /// What the operand stands for, where it is shared by all routines.
  private func note(_ role: OperandRole, _ value: Int) -> String {
    switch role {
    case .read: value < registers.firstInput ? names.name(ofGlobal: value) : ""
    default: names.name(role, value)
    }
  }

  /// The operand d, by its name where it has one.
  private func choice(of opcode: Opcode, _ value: Int) -> String? {
    switch opcode.shape.d {
    case .unused: nil
    case .cursor: "c\(value)"
    case .any: String(value)
    case .below: opcode.choices.isEmpty ? String(value) : opcode.choices[value]
    }
  }
}

/// `witness` and the cursors, or nothing.
private func witnesses(of emission: Emission) -> [String] {
  emission.witnesses.isEmpty ? [] : ["witness"] + emission.witnesses.map { "c\($0)" }
}
