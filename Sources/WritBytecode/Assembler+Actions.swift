// The assembler's lines about actions, and the disassembler's.
import WritModel

extension Assembler {
  /// `action NAME KIND EFFECT at PLACE irreversible? (breakGlass ROLE N)? idempotent? (timeout N)?`, its parameters, and what belongs to it.
  mutating func readAction(_ line: AssemblyLine) throws(AssemblyError) {
    var line = line
    mark(.actions, program.actions.count, line)
    let name = try line.text()
    let kind: ActionKind = try line.named()
    let effect: ActionEffect = try line.named()
    try line.expect("at")
    let position = try line.text()
    let isIrreversible = line.take("irreversible")
    let breakGlass = try line.optional("breakGlass") { (line) throws(AssemblyError) in
      BreakGlass(role: try line.text(), within: try line.number64())
    }
    let isIdempotent = line.take("idempotent")
    let timeout = try line.optional("timeout") { (line) throws(AssemblyError) in
      try line.number64()
    }
    try line.finish()
    let parameters = try variables("parameter")
    let impacts = try impacts()
    let guardedBy = try call("guard")
    let rollback = try call("rollback")
    let labels = try texts("label")
    program.actions.append(
      ActionProgram(
        name: name, kind: kind, effect: effect, impacts: impacts, parameters: parameters,
        guardGate: guardedBy?.target, guardArguments: guardedBy?.arguments ?? [],
        rollback: rollback.map { RollbackReference(action: $0.target, arguments: $0.arguments) },
        isIrreversible: isIrreversible, breakGlass: breakGlass, labels: labels,
        command: try command(), secrets: try texts("secret"), timeout: timeout,
        isIdempotent: isIdempotent, position: position))
  }

  /// `impact WORD`, any number of times.
  private mutating func impacts() throws(AssemblyError) -> [ActionImpact] {
    var impacts: [ActionImpact] = []
    while var line = try lines.take("impact") {
      impacts.append(try line.named())
      try line.finish()
    }
    return impacts
  }

  /// `guard GATE PARAMETER*` or `rollback ACTION PARAMETER*`
  private mutating func call(
    _ keyword: String
  ) throws(AssemblyError) -> (target: Int, arguments: [Int])? {
    guard var line = try lines.take(keyword) else { return nil }
    let target = try line.index()
    let arguments = try line.indexes()
    try line.finish()
    return (target, arguments)
  }

  /// `word`, and its pieces.
  private mutating func command() throws(AssemblyError) -> [CommandWord] {
    var words: [CommandWord] = []
    while let line = try lines.take("word") {
      try line.finish()
      words.append(CommandWord(pieces: try message()))
    }
    return words
  }

  /// `secret NAME` or `label NAME`, any number of times.
  private mutating func texts(_ keyword: String) throws(AssemblyError) -> [String] {
    var texts: [String] = []
    while var line = try lines.take(keyword) {
      texts.append(try line.text())
      try line.finish()
    }
    return texts
  }
}

extension AssemblyLine {
  /// The next word, one of a closed list.
  mutating func named<Word: RawRepresentable<String> & CaseIterable>()
    throws(AssemblyError) -> Word
  {
    let all = Word.allCases.map(\.rawValue).joined(separator: ", ")
    guard let word = Word(rawValue: try word("one of \(all)")) else {
      throw errorBefore("expected one of \(all)")
    }
    return word
  }
}

extension AssemblyWriter {
  /// The lines that `Assembler.readAction` reads.
  mutating func write(_ action: ActionProgram, _ index: Int, in program: Program) {
    blank()
    line(
      "action",
      [
        quoted(action.name), action.kind.rawValue, action.effect.rawValue, "at",
        quoted(action.position), action.isIrreversible ? "irreversible" : nil,
        action.breakGlass.map { "breakGlass \(quoted($0.role)) \($0.within)" },
        action.isIdempotent ? "idempotent" : nil, action.timeout.map { "timeout \($0)" },
      ], comment: "actions[\(index)]")
    write(action.parameters, as: "parameter", indent: 1)
    for impact in action.impacts { line("impact", [impact.rawValue], indent: 1) }
    if let gate = action.guardGate {
      line(
        "guard", [String(gate)] + action.guardArguments.map(String.init), indent: 1,
        comment: shortened(program.gates[gate].name))
    }
    if let rollback = action.rollback {
      line(
        "rollback", [String(rollback.action)] + rollback.arguments.map(String.init), indent: 1,
        comment: shortened(program.actions[rollback.action].name))
    }
    for label in action.labels { line("label", [quoted(label)], indent: 1) }
    for word in action.command {
      line("word", [], indent: 1)
      write(word.pieces)
    }
    for secret in action.secrets { line("secret", [quoted(secret)], indent: 1) }
  }
}
