// The rules about the operands of one word.
import WritModel

extension RoutineVerifier {
  /// Every operand is in range for its role, what is read was written, what is not used is 0.
  mutating func verifyOperands(
    _ opcode: Opcode, _ word: Instruction, _ rules: VerifierRules
  ) throws(VerifyError) {
    let shape = opcode.shape
    try verify(shape.a, word.a, "a", opcode, rules)
    try verify(shape.b, word.b, "b", opcode, rules)
    // A distance takes the place of c too.
    let isJump = shape.b == .forward || shape.b == .backward
    if !isJump { try verify(shape.c, word.c, "c", opcode, rules) }
    switch shape.d {
    case .unused: try rules.require(word.d == 0, .unusedOperand("d"))
    case .below(let bound):
      try rules.value(Int64(word.d), of: "d", in: 0...Int64(bound) - 1)
    case .cursor:
      try rules.index(word.d, of: "cursor", below: routine.cursorCount)
      try rules.require(isOpen(cursor: word.d), .cursorNotOpen(word.d))
    case .any: break
    }
  }

  /// One operand of 16 bits, by what it is for.
  private mutating func verify(
    _ role: OperandRole, _ value: Int, _ name: String, _ opcode: Opcode, _ rules: VerifierRules
  ) throws(VerifyError) {
    switch role {
    case .unused: try rules.require(value == 0, .unusedOperand(name))
    case .write:
      try rules.index(value, of: "register", below: routine.registerCount)
      try rules.require(value >= firstOwn, .writesShared(value))
    case .read:
      try rules.index(value, of: "register", below: routine.registerCount)
      try rules.require(isWritten(register: value), .unassigned("register", value))
      if value < Program.momentRegisters { readsMoment = true }
    case .setWrite, .setRead, .setUpdate: try verifySet(role, value, opcode, rules)
    case .cursor: try rules.index(value, of: "cursor", below: routine.cursorCount)
    case .scoreBuffer:
      try rules.index(value, of: "score buffer", below: routine.scoreBufferCount)
    case .field: try rules.index(value, of: "field", below: program.fields.count)
    case .step: try rules.index(value, of: "step", below: program.steps.count)
    case .kindSet: try rules.index(value, of: "kind set", below: program.kindSets.count)
    case .kind: try rules.index(value, of: "kind", below: program.schema.kinds.count)
    case .closure: try rules.index(value, of: "closure", below: program.closures.count)
    case .scorecard: try rules.index(value, of: "scorecard", below: program.scorecards.count)
    case .approval: try rules.index(value, of: "approval", below: program.approvals.count)
    case .emission: try rules.index(value, of: "emission", below: routine.emissions.count)
    case .forward, .backward: break
    }
  }

  /// A set is written before it is read, and left alone by others while a loop or walk needs it.
  private func verifySet(
    _ role: OperandRole, _ set: Int, _ opcode: Opcode, _ rules: VerifierRules
  ) throws(VerifyError) {
    try rules.index(set, of: "set", below: routine.setCount)
    if role != .setRead { try rules.require(!isLoopedOver(set: set), .setInUse(set)) }
    switch opcode {
    case .closureFound, .closureRepeat, .closureEnd: return  // `follow` asks for their closure.
    case .closureNext where role == .setUpdate: return
    case .closureGoal where role == .setUpdate: return  // It stands behind its `closureStart`.
    case .openFrom where role == .setUpdate && isCollecting(set: set): return
    default: try rules.require(!isCollecting(set: set), .setInUse(set))
    }
    if role != .setWrite { try rules.require(isWritten(set: set), .unassigned("set", set)) }
  }

  /// What a word asks of its operands beyond their roles.
  func verifyMeaning(
    _ opcode: Opcode, _ word: Instruction, _ rules: VerifierRules
  ) throws(VerifyError) {
    switch opcode {
    case .floorDivide: try rules.require(isPositiveConstant(word.c), .badDivisor(word.c))
    case .field: try rules.require(!isSet(field: word.c), .wrongField(word.c))
    case .fieldSet: try rules.require(isSet(field: word.c), .wrongField(word.c))
    case .follow:
      let isSingle = program.steps[word.c].edges.allSatisfy {
        !$0.isInverse && program.schema.edges[$0.edge].cardinality != .many
      }
      try rules.require(isSingle, .wrongStep(word.c))
    case .edges, .reach, .closure, .closureStart, .closureGoal, .copy, .openFrom, .closureNext:
      try rules.require(word.a != word.b, .aliased(word.a))
    case .union, .difference, .intersection:
      try rules.require(word.a != word.b && word.a != word.c, .aliased(word.a))
    case .emit: try verifyEmission(word.c, rules)
    default: break
    }
  }

  /// Only a constant is sure to be above 0.
  private func isPositiveConstant(_ register: Int) -> Bool {
    let constant = register - 2 - program.parameters.count
    guard program.constants.indices.contains(constant) else { return false }
    if case .scalar(let value) = program.constants[constant] { return value > 0 }
    return false
  }

  /// All fields of a reference have one type, so the first tells.
  private func isSet(field index: Int) -> Bool {
    let declared: FieldType
    switch program.fields[index] {
    case .edge(let edge, let field): declared = program.schema.edges[edge].fields[field]
    case .node(let fields):
      declared = program.schema.kinds[fields[0].kind].fields[fields[0].field]
    }
    return declared.type.element != nil
  }

  /// All that an emission captures is at hand, and its witness stands on an element.
  private func verifyEmission(_ index: Int, _ rules: VerifierRules) throws(VerifyError) {
    let emission = routine.emissions[index]
    for capture in emission.captures {
      switch capture {
      case .register(let register):
        try rules.require(isWritten(register: register), .unassigned("register", register))
      case .set(let set):
        try rules.require(!isCollecting(set: set), .setInUse(set))
        try rules.require(isWritten(set: set), .unassigned("set", set))
      }
    }
    for cursor in emission.witnesses {
      try rules.require(isOpen(cursor: cursor), .cursorNotOpen(cursor))
    }
  }
}
