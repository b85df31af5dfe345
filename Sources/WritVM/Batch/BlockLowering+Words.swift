// Single words of a routine as expressions.

import WritBytecode
import WritModel

extension BlockLowering {
  /// One word that is no jump, loop or emission.
  mutating func step(_ word: Instruction, _ opcode: Opcode) {
    switch opcode {
    case .move: set(word.a, registers[word.b])
    case .present: set(word.a, present(registers[word.b]))
    case .alternative: set(word.a, coalesce(registers[word.b], registers[word.c]))
    case .equal: set(word.a, compare(.equal, word))
    case .notEqual: set(word.a, not(compare(.equal, word)))
    case .less: set(word.a, compare(.less, word))
    case .lessOrEqual: set(word.a, compare(.lessOrEqual, word))
    case .not: set(word.a, not(registers[word.b]))
    case .and: set(word.a, and(registers[word.b], registers[word.c]))
    case .or: set(word.a, or(registers[word.b], registers[word.c]))
    case .add, .subtract, .multiply, .multiplyDecimal, .divide, .divideDecimal, .remainder,
      .floorDivide:
      set(word.a, binary(opcode, word))
    case .field: set(word.a, field(registers[word.b], word.c))
    case .isAbsent: set(word.a, isAbsent(registers[word.b]))
    case .isKind: set(word.a, isKind(registers[word.b], word.c))
    case .follow, .edgeTarget: set(word.a, unary(opcode, registers[word.b], word.c))
    case .identifier, .negate: set(word.a, unary(opcode, registers[word.b], 0))
    case .edgeEnd, .instantPart: set(word.a, unary(opcode, registers[word.b], word.d))
    case .stringTest: set(word.a, stringTest(word))
    case .isEmpty, .count: fold(word, opcode)
    case .member: member(word)
    case .check: buffer(word)
    case .score: score(word)
    case .single, .fieldSet, .edges, .reach, .clear, .openFrom, .append, .appendVia, .seal, .copy,
      .charge:
      setStep(word, opcode)
    default: poison(word)
    }
  }

  /// Nothing is known of what the word writes, nor of what it spends.
  private mutating func poison(_ word: Instruction) {
    if word.opcode?.spendsFuel == true { uncounted.insert(place) }
    let shape = (word.opcode ?? .halt).shape
    for (role, operand) in [(shape.a, word.a), (shape.b, word.b)] {
      switch role {
      case .write: set(operand, nil)
      case .setWrite, .setUpdate: setSet(operand, nil)
      default: break
      }
    }
  }

  /// The depth of two values together; none if they are of different rows.
  private func common(_ left: Symbol, _ right: Symbol) -> Int? {
    if left.depth == right.depth || right.depth < 0 { return left.depth }
    return left.depth < 0 ? right.depth : nil
  }

  private func domain(_ depth: Int) -> Domain? { depth < 0 ? nil : domains[depth] }

  /// A value that is no set's element and no more: what operations take.
  private func plain(_ symbol: Symbol?) -> Symbol? {
    guard let symbol, !symbol.isMember, !graph.isMixed(symbol.expression) else { return nil }
    return symbol
  }

  private mutating func constant(_ slot: Slot) -> Symbol {
    Symbol(expression: graph.constant(slot), depth: -1)
  }

  private mutating func add(_ expression: BlockExpression, _ depth: Int, _ type: BlockType)
    -> Symbol
  {
    Symbol(expression: graph.add(expression, domain(depth), type), depth: depth)
  }

  private mutating func compare(_ comparison: Comparison, _ word: Instruction) -> Symbol? {
    guard let left = plain(registers[word.b]), let right = plain(registers[word.c]) else {
      return nil
    }
    guard let depth = common(left, right) else { return across(comparison, left, right) }
    if let first = graph.constant(left.expression), let second = graph.constant(right.expression) {
      return constant(comparison(first, second))
    }
    return add(.compare(comparison, left.expression, right.expression), depth, .truth)
  }

  /// A field of a loop's element against a number of the request.
  private mutating func across(
    _ comparison: Comparison, _ left: Symbol, _ right: Symbol
  ) -> Symbol? {
    let isReversed = left.depth == 0
    let (element, number) = isReversed ? (right, left) : (left, right)
    guard domains[0] == .requests, number.depth == 0, element.depth == depth, depth == 1,
      case .nodes? = domain(depth),
      case .column(let field, let table) = graph.entries[element.expression].expression
    else { return nil }
    let condition = AcrossCondition(
      comparison: comparison, field: field, table: table, number: number.expression,
      isReversed: isReversed)
    return add(.across(condition), depth, .truth)
  }

  private mutating func binary(_ opcode: Opcode, _ word: Instruction) -> Symbol? {
    guard let left = plain(registers[word.b]), let right = plain(registers[word.c]),
      let depth = common(left, right)
    else { return nil }
    if let first = graph.constant(left.expression), let second = graph.constant(right.expression) {
      return constant(.arithmetic(opcode, first, second))
    }
    // The divisor was verified to be a constant above 0.
    return add(.binary(opcode, left.expression, right.expression), depth, .number)
  }

  private func isTruth(_ symbol: Symbol) -> Bool { graph.types[symbol.expression] != .number }

  private mutating func not(_ operand: Symbol?) -> Symbol? {
    if let operand, !operand.isMember,
      case .across(var condition) = graph.entries[operand.expression].expression
    {
      condition.isNegated.toggle()
      return add(.across(condition), operand.depth, .truth)
    }
    guard let operand = plain(operand), isTruth(operand) else { return nil }
    if let slot = graph.constant(operand.expression) { return constant(.not(slot)) }
    return add(.not(operand.expression), operand.depth, .truth)
  }

  private mutating func and(_ left: Symbol?, _ right: Symbol?) -> Symbol? {
    guard let left, let right, isTruth(left), isTruth(right), let depth = common(left, right)
    else { return nil }
    var result: Symbol
    if graph.constant(left.expression) == .yes, graph.types[right.expression] == .truth {
      result = Symbol(expression: right.expression, depth: depth)
    } else if graph.constant(right.expression) == .yes, graph.types[left.expression] == .truth {
      result = Symbol(expression: left.expression, depth: depth)
    } else if graph.constant(left.expression) == .no || graph.constant(right.expression) == .no {
      result = Symbol(expression: graph.constant(.no), depth: depth)
    } else {
      result = add(.and(left.expression, right.expression), depth, .truth)
    }
    result.isMember = left.isMember || right.isMember
    return result
  }

  private mutating func or(_ left: Symbol?, _ right: Symbol?) -> Symbol? {
    guard let left = plain(left), let right = plain(right), isTruth(left), isTruth(right),
      let depth = common(left, right)
    else { return nil }
    if let first = graph.constant(left.expression), let second = graph.constant(right.expression) {
      return constant(.or(first, second))
    }
    return add(.or(left.expression, right.expression), depth, .truth)
  }

  private mutating func present(_ operand: Symbol?) -> Symbol? {
    guard let operand = plain(operand) else { return nil }
    if let slot = graph.constant(operand.expression) { return constant(slot.present) }
    return add(.present(operand.expression), operand.depth, .number)
  }

  private mutating func coalesce(_ first: Symbol?, _ second: Symbol?) -> Symbol? {
    guard let first = plain(first), let second = plain(second),
      let depth = common(first, second), depth >= 0
    else { return nil }
    let isTruth =
      graph.types[first.expression] != .number && graph.types[second.expression] == .truth
    return add(.coalesce(first.expression, second.expression), depth, isTruth ? .truth : .number)
  }

  private mutating func isAbsent(_ operand: Symbol?) -> Symbol? {
    guard let operand = plain(operand) else { return nil }
    if let slot = graph.constant(operand.expression) { return constant(machine.isAbsent(slot)) }
    return add(.isAbsent(operand.expression), operand.depth, .truth)
  }

  private mutating func isKind(_ node: Symbol?, _ kinds: Int) -> Symbol? {
    guard let node = plain(node) else { return nil }
    if let kind = kind(of: node) {
      return constant(machine.program.kindSets[kinds].contains(kind) ? .yes : .no)
    }
    return unary(.isKind, node, kinds)
  }

  /// The kind of the node of a row, or of an argument.
  func kind(of symbol: Symbol) -> Int? {
    switch (graph.entries[symbol.expression].expression, purpose) {
    case (.element, _):
      if case .nodes(let kind)? = domain(symbol.depth) { kind } else { nil }
    case (.argument(let argument), .clause(let parameters)):
      parameters[argument].type.onlyKind
    default: nil
    }
  }

  private mutating func unary(_ opcode: Opcode, _ operand: Symbol?, _ operandOfWord: Int) -> Symbol?
  {
    guard let operand = plain(operand) else { return nil }
    if let slot = graph.constant(operand.expression) {
      return constant(machine.unary(opcode, slot, operandOfWord))
    }
    return add(
      .unary(opcode, operand.expression, operandOfWord), operand.depth,
      opcode == .isKind ? .truth : .number)
  }

  private mutating func stringTest(_ word: Instruction) -> Symbol? {
    guard let text = plain(registers[word.b]), let pattern = plain(registers[word.c]),
      let depth = common(text, pattern)
    else { return nil }
    if let first = graph.constant(text.expression), let second = graph.constant(pattern.expression)
    {
      return constant(machine.stringTest(first, second, word.d))
    }
    return add(.stringTest(text.expression, pattern.expression, word.d), depth, .truth)
  }

  private mutating func field(_ owner: Symbol?, _ field: Int) -> Symbol? {
    guard let owner = plain(owner) else { return nil }
    let columns = machine.graph.columns[field]
    guard let rows = rows(of: owner),
      let table = columns.firstIndex(where: { isColumn($0, of: rows) }),
      columns[table].keys == nil, columns[table].width > 0,
      !columns[table].isOfEdge || machine.graph.vouchings[columns[table].vouching].isAlways
    else { return unary(.field, owner, field) }
    let type = type(of: columns[table])
    if case .argument = graph.entries[owner.expression].expression {
      return add(
        .gathered(field: field, table: table, argument: owner.expression), owner.depth, type)
    }
    return add(.column(field: field, table: table), owner.depth, type)
  }

  /// The table in which the facts of a row's element, or of an argument's node, stand.
  private func rows(of owner: Symbol) -> Domain? {
    if case .element = graph.entries[owner.expression].expression { return domain(owner.depth) }
    return kind(of: owner).map { .nodes($0) }
  }

  private func isColumn(_ column: LinkedColumn, of domain: Domain?) -> Bool {
    switch domain {
    case .nodes(let kind)?: !column.isOfEdge && column.owner == kind
    case .edges(let type)?: column.isOfEdge && column.owner == type
    case .requests?, nil: false
    }
  }

  private func type(of column: LinkedColumn) -> BlockType {
    let schema = machine.program.schema
    let fields =
      column.isOfEdge ? schema.edges[column.owner].fields : schema.kinds[column.owner].fields
    switch fields[column.field].type {
    case .bool: return .truth
    case .optional(.bool): return .optionalTruth
    default: return .number
    }
  }
}

extension Opcode {
  /// Whether the executor may charge for the word.
  var spendsFuel: Bool {
    switch self {
    case .loop, .nodes, .edges, .reach, .closure, .union, .difference, .intersection, .member,
      .count, .sum, .least, .greatest, .charge:
      true
    default: false
    }
  }
}

extension Machine {
  /// An operation on one value, as the dispatch loop does it.
  func unary(_ opcode: Opcode, _ slot: Slot, _ operand: Int) -> Slot {
    switch opcode {
    case .field: field(slot, operand)
    case .follow: follow(slot, operand)
    case .edgeTarget: edgeTarget(slot, operand)
    case .edgeEnd: edgeEnd(slot, operand)
    case .isKind: isKind(slot, operand)
    case .identifier: identifier(slot)
    case .instantPart: instantPart(slot, operand)
    default: .negate(slot)
    }
  }
}

extension Slot {
  /// An operation on two numbers, as the dispatch loop does it.
  static func arithmetic(_ opcode: Opcode, _ left: Slot, _ right: Slot) -> Slot {
    switch opcode {
    case .add: add(left, right)
    case .subtract: subtract(left, right)
    case .multiply: multiply(left, right)
    case .multiplyDecimal: multiplyDecimal(left, right)
    case .divide: divide(left, right)
    case .divideDecimal: divideDecimal(left, right)
    case .remainder: remainder(left, right)
    default: floorDivide(left, right)
    }
  }
}
