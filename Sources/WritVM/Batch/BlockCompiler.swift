// Expressions over one table become operations on registers, in order.

import WritBytecode

/// Writes the operations of one stage.
struct BlockCompiler {
  let graph: BlockGraph
  let machine: Machine
  let tables: BlockTables
  private(set) var stage: BlockStage
  /// Registers by expression.
  private var truths: [Int: Int] = [:]
  private var numbers: [Int: Int] = [:]
  /// Expressions that the roots rest on.
  private var isNeeded: [Bool] = []

  init(_ graph: BlockGraph, _ machine: Machine, _ tables: BlockTables, _ domain: Domain) {
    self.graph = graph
    self.machine = machine
    self.tables = tables
    stage = BlockStage(domain: domain, rowCount: tables.rowCount(domain))
  }

  /// Computes the expressions and all that they rest on in this table. O(expressions of the graph).
  mutating func compile(_ roots: [Int]) {
    isNeeded = Array(repeating: false, count: graph.entries.count)
    for root in roots { isNeeded[root] = true }
    for number in graph.entries.indices.reversed() where isNeeded[number] {
      for operand in graph.operands(of: number) { isNeeded[operand] = true }
    }
    // Operands stand before what uses them.
    for number in graph.entries.indices where isNeeded[number] { compile(number) }
  }

  mutating func keep(_ kept: KeptTruth) { stage.kept.append(kept) }

  private mutating func newTruth(_ expression: Int) -> Int {
    truths[expression] = stage.truthCount
    stage.truthCount += 1
    return stage.truthCount - 1
  }

  private mutating func newNumber(_ expression: Int) -> Int {
    numbers[expression] = stage.numberCount
    stage.numberCount += 1
    return stage.numberCount - 1
  }

  /// The register of an expression as truths.
  mutating func truth(_ expression: Int) -> Int {
    if let known = truths[expression] { return known }
    if let slot = graph.constant(expression) {
      let target = newTruth(expression)
      stage.operations.append(
        .constantTruth(into: target, slot.operand(.unknownTruth(.ofBlock))))
      return target
    }
    let source = number(expression)
    let target = newTruth(expression)
    stage.operations.append(.truth(into: target, ofNumber: source))
    return target
  }

  /// The register of an expression as numbers.
  private mutating func number(_ expression: Int) -> Int {
    if let known = numbers[expression] { return known }
    if let slot = graph.constant(expression) {
      let target = newNumber(expression)
      stage.operations.append(.constantNumber(into: target, slot))
      return target
    }
    let source = truth(expression)
    let target = newNumber(expression)
    stage.operations.append(.number(into: target, ofTruth: source))
    return target
  }

  private mutating func compile(_ expression: Int) {
    switch graph.entries[expression].expression {
    case .constant: break
    case .element:
      let target = newNumber(expression)
      stage.operations.append(.element(into: target, first: tables.firstElement(stage.domain)))
    case .column(let field, let table):
      let column = tables.column(machine.graph.columns[field][table])
      let target = newNumber(expression)
      stage.operations.append(.column(into: target, column))
    case .argument, .gathered, .isMember: compileArgument(expression)
    case .across: preconditionFailure("a condition of a walk is no value")
    case .compare(let comparison, let left, let right):
      compare(expression, comparison, left, right)
    case .not(let operand):
      let operand = truth(operand)
      let target = newTruth(expression)
      stage.operations.append(.not(into: target, operand))
    case .and(let left, let right):
      let (left, right) = (truth(left), truth(right))
      let target = newTruth(expression)
      stage.operations.append(.and(into: target, left, right))
    case .or(let left, let right):
      let (left, right) = (truth(left), truth(right))
      let target = newTruth(expression)
      stage.operations.append(.or(into: target, left, right))
    case .isEmpty(let walk, let start):
      let fold = tables.fold(graph.walks[walk])
      let start = start.map { number($0) }
      guard graph.walks[walk].across.isEmpty else { return search(expression, walk, fold, start) }
      let target = newTruth(expression)
      stage.operations.append(
        start.map { .isEmptyFrom(into: target, fold, $0) } ?? .isEmpty(into: target, fold))
    case .count(let walk, let start):
      let fold = tables.fold(graph.walks[walk])
      let start = start.map { number($0) }
      let target = newNumber(expression)
      stage.operations.append(
        start.map { .countFrom(into: target, fold, $0) } ?? .count(into: target, fold))
    case .isAbsent, .present, .coalesce, .binary, .unary, .stringTest:
      compileByNumber(expression)
    }
  }

  /// What a request brings, and fields of its nodes.
  private mutating func compileArgument(_ expression: Int) {
    switch graph.entries[expression].expression {
    case .argument(let argument):
      let target = newNumber(expression)
      stage.operations.append(.argument(into: target, argument))
    case .gathered(let field, let table, let argument):
      let node = number(argument)
      let column = machine.graph.columns[field][table]
      let target = newNumber(expression)
      stage.operations.append(
        .gather(into: target, tables.column(column), first: column.first, node))
    case .isMember(_, let field, let table, let argument):
      if truths[expression] != nil { return }
      guard let strings = tables.strings(machine.graph.columns[field][table]) else {
        preconditionFailure("the lowering has looked whether the column has rows for all")
      }
      let node = number(argument)
      stage.operations.append(
        .membership(BlockMembership(strings, node: node, texts(field, table, argument))))
    default: break
    }
  }

  private mutating func search(_ expression: Int, _ walk: Int, _ fold: BlockFold, _ start: Int?) {
    guard let start else { preconditionFailure("only walks of requests have such conditions") }
    let walk = graph.walks[walk]
    guard case .nodes(let kind)? = walk.elements else {
      preconditionFailure("the lowering has looked whether the elements have columns")
    }
    let conditions = walk.across.map { condition in
      BlockCondition(
        column: tables.column(machine.graph.columns[condition.field][condition.table]),
        comparison: condition.comparison, number: number(condition.number),
        isReversed: condition.isReversed, isNegated: condition.isNegated)
    }
    let target = newTruth(expression)
    stage.operations.append(
      .search(
        into: target,
        BlockSearch(
          fold, ends: tables.edges(walk).ends, firstElement: machine.graph.kindFirst[kind],
          conditions),
        start))
  }

  /// All texts that are looked for among the same strings, each with a new truth.
  private mutating func texts(
    _ field: Int, _ table: Int, _ argument: Int
  ) -> [(text: Int64, target: Int)] {
    var found: [(text: Int64, target: Int)] = []
    for number in graph.entries.indices where isNeeded[number] {
      guard case .isMember(let text, field, table, argument) = graph.entries[number].expression
      else { continue }
      found.append((text.lower, newTruth(number)))
    }
    return found
  }

  private mutating func compare(
    _ expression: Int, _ comparison: Comparison, _ left: Int, _ right: Int
  ) {
    if let slot = graph.constant(right) {
      let source = number(left)
      let target = newTruth(expression)
      stage.operations.append(
        .compareConstant(into: target, comparison, source, slot, isReversed: false))
    } else if let slot = graph.constant(left) {
      let source = number(right)
      let target = newTruth(expression)
      stage.operations.append(
        .compareConstant(into: target, comparison, source, slot, isReversed: true))
    } else {
      let (left, right) = (number(left), number(right))
      let target = newTruth(expression)
      stage.operations.append(.compare(into: target, comparison, left, right))
    }
  }

  /// What takes numbers and works on them row by row, or nearly so.
  private mutating func compileByNumber(_ expression: Int) {
    switch graph.entries[expression].expression {
    case .isAbsent(let operand):
      let source = number(operand)
      let target = newTruth(expression)
      stage.operations.append(.isAbsent(into: target, source))
    case .present(let operand):
      let source = number(operand)
      let target = newNumber(expression)
      stage.operations.append(.present(into: target, source))
    case .coalesce(let first, let second):
      let source = number(first)
      if let slot = graph.constant(second) {
        let target = newNumber(expression)
        stage.operations.append(.coalesceConstant(into: target, source, slot))
      } else {
        let other = number(second)
        let target = newNumber(expression)
        stage.operations.append(.coalesce(into: target, source, other))
      }
    case .binary(let opcode, let left, let right):
      let (left, right) = (number(left), number(right))
      let target = newNumber(expression)
      stage.operations.append(.binary(into: target, opcode, left, right))
    case .unary(.isKind, let operand, let kinds):
      let source = number(operand)
      let target = newTruth(expression)
      stage.operations.append(.isKind(into: target, source, kinds))
    case .unary(let opcode, let operand, let word):
      let source = number(operand)
      let target = newNumber(expression)
      stage.operations.append(.unary(into: target, opcode, source, word))
    case .stringTest(let text, let pattern, let test):
      let (text, pattern) = (number(text), number(pattern))
      let target = newTruth(expression)
      stage.operations.append(.stringTest(into: target, text, pattern, test))
    default: break
    }
  }
}

extension BlockGraph {
  /// Expressions of the same row that one is made of.
  func operands(of number: Int) -> [Int] {
    switch entries[number].expression {
    case .constant, .element, .column, .argument: []
    case .gathered(_, _, let argument), .isMember(_, _, _, let argument): [argument]
    case .isEmpty(let walk, let start), .count(let walk, let start):
      (start.map { [$0] } ?? []) + walks[walk].across.map(\.number)
    case .across(let condition): [condition.number]
    case .not(let operand), .isAbsent(let operand), .present(let operand),
      .unary(_, let operand, _):
      [operand]
    case .compare(_, let left, let right), .and(let left, let right), .or(let left, let right),
      .coalesce(let left, let right), .binary(_, let left, let right),
      .stringTest(let left, let right, _):
      [left, right]
    }
  }

  /// The walk that an expression folds.
  func walk(of number: Int) -> Int? {
    switch entries[number].expression {
    case .isEmpty(let walk, _), .count(let walk, _): walk
    default: nil
    }
  }
}
