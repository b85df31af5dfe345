// Sets to set registers. Every function returns the lowest set register that it leaves open.

import WritBytecode
import WritIR

extension RoutineEmitter {
  /// The set register that holds a set, or a copy of a bound one.
  mutating func set(_ expression: IRExpression) throws(RoutineOverflow) -> Int {
    switch expression {
    case .variable(let variable): return try copy(of: variable)
    case .bind(let variable, let value, let body): return try bind(variable, value, body)
    case .nodes(let kind):
      let result = try writer.openSet()
      writer.write(.nodes, result, 0, kind)
      return result
    case .single(let base):
      let base = try scalar(base)
      let result = try writer.openSet()
      writer.write(.single, result, base)
      return result
    case .fieldSet(let base, let field):
      let base = try scalar(base)
      let result = try writer.openSet()
      writer.write(.fieldSet, result, base, tables.field(field))
      return result
    case .walk(let base, let walk): return try self.walk(base, walk)
    case .elements(let values, let kind): return try elements(values, kind)
    case .combine(let operation, let left, let right, let kind):
      return try combine(operation, left, right, kind)
    case .distinct(let base, let kind):
      let result = try set(base)
      writer.write(.charge, result)
      writer.write(.seal, result, d: kind.holdsStrings ? 1 : 0)
      return result
    case .keepKinds(let base, let kinds): return try keepKinds(base, kinds)
    case .comprehension(let comprehension): return try self.comprehension(comprehension)
    default: preconditionFailure("The checker lets no scalar stand where a set is needed.")
    }
  }

  /// A bound set keeps its register, so whoever may change or close one works on a copy.
  private mutating func copy(of variable: IRVariable) throws(RoutineOverflow) -> Int {
    let result = try writer.openSet()
    switch places[variable] {
    case .set(let bound)?: writer.write(.copy, result, bound)
    case .register(let register)?: writer.write(.single, result, register)
    case nil: writer.write(.clear, result)
    }
    return result
  }

  /// The result lies below the bound set, so that closing it closes both.
  private mutating func bind(
    _ variable: IRVariable, _ value: IRExpression, _ body: IRExpression
  ) throws(RoutineOverflow) -> Int {
    let result = try writer.openSet()
    places[variable] = try place(value)
    let inner = try set(body)
    writer.write(.copy, result, inner)
    writer.closeSets(from: result + 1)
    return result
  }

  private mutating func elements(
    _ values: [IRExpression], _ kind: IRCollection
  ) throws(RoutineOverflow) -> Int {
    let result = try writer.openSet()
    var registers: [Int] = []
    for value in values { registers.append(try scalar(value)) }
    writer.write(.clear, result)
    for register in registers {
      writer.write(.append, result, register, constant(.yes), d: kind.isList ? 2 : 0)
    }
    writer.write(.charge, result)
    if !kind.isList { writer.write(.seal, result, d: kind.holdsStrings ? 1 : 0) }
    return result
  }

  private mutating func combine(
    _ operation: IRSetOperation, _ left: IRExpression, _ right: IRExpression, _ kind: IRCollection
  ) throws(RoutineOverflow) -> Int {
    let result = try writer.openSet()
    let first = try set(left)
    let second = try set(right)
    let opcode: Opcode =
      switch operation {
      case .union: .union
      case .difference: .difference
      case .intersection: .intersection
      }
    writer.write(opcode, result, first, second, d: kind.holdsStrings ? 1 : 0)
    writer.closeSets(from: result + 1)
    return result
  }

  private mutating func keepKinds(
    _ base: IRExpression, _ kinds: [Int]
  ) throws(RoutineOverflow) -> Int {
    let result = try writer.openSet()
    let base = try set(base)
    writer.write(.clear, result)
    writer.write(.openFrom, result, base)
    let loop = try beginLoop(over: base, isFree: true)
    let isKept = try writer.result(.isKind, loop.element, tables.kindSet(kinds))
    let row = try conjunction(loop.member, isKept)
    let dropped = writer.jump(.jumpIfDropped, row)
    writer.write(.appendVia, result, loop.element, row, d: loop.cursor)
    writer.land(dropped)
    endLoop(loop)
    writer.closeSets(from: result + 1)
    return result
  }

  private mutating func comprehension(
    _ comprehension: IRComprehension
  ) throws(RoutineOverflow) -> Int {
    let result = try writer.openSet()
    writer.write(.clear, result)
    try emitLoops(comprehension, from: 0, row: constant(.yes), into: result, firstCursor: nil)
    if !comprehension.collection.isList {
      writer.write(.seal, result, d: comprehension.collection.holdsStrings ? 1 : 0)
    }
    return result
  }

  private mutating func emitLoops(
    _ comprehension: IRComprehension, from index: Int, row: Int, into result: Int,
    firstCursor: Int?
  ) throws(RoutineOverflow) {
    guard index < comprehension.generators.count else {
      return try emitElement(comprehension, row: row, into: result, firstCursor: firstCursor)
    }
    let generator = comprehension.generators[index]
    let range = try set(generator.range)
    writer.write(.openFrom, result, range)
    let loop = try beginLoop(over: range, variable: generator.variable)
    try emitLoops(
      comprehension, from: index + 1, row: try conjunction(row, loop.member), into: result,
      firstCursor: firstCursor ?? loop.cursor)
    endLoop(loop)
    writer.closeSets(from: range)
  }

  private mutating func emitElement(
    _ comprehension: IRComprehension, row: Int, into result: Int, firstCursor: Int?
  ) throws(RoutineOverflow) {
    let filtered = try emitFilters(comprehension.filters, row: row)
    let value = try scalar(comprehension.yield)
    let isFirst =
      comprehension.yield == comprehension.generators.first.map { .variable($0.variable) }
    if let cursor = firstCursor, isFirst, !comprehension.collection.isList {
      writer.write(.appendVia, result, value, filtered.row, d: cursor)
    } else {
      writer.write(
        .append, result, value, filtered.row,
        d: !comprehension.collection.isList ? 0 : comprehension.yieldsOptional ? 3 : 1)
    }
    for exit in filtered.exits { writer.land(exit) }
  }
}

extension RoutineEmitter {
  private mutating func walk(
    _ base: IRExpression, _ walk: IRWalk
  ) throws(RoutineOverflow) -> Int {
    let result = try writer.openSet()
    let start = try set(base)
    let step = tables.step(walk.directions)
    switch (walk.goal, walk.filter) {
    case (.edges, nil): writer.write(.edges, result, start, step)
    case (.targets, nil): writer.write(.reach, result, start, step)
    case (.closure(let includesStart, let limit), nil):
      let closure = tables.closure(step: step, includesStart: includesStart, layerLimit: limit)
      writer.write(.closure, result, start, closure)
    case (.closure(let includesStart, let limit), let filter?):
      let closure = tables.closure(step: step, includesStart: includesStart, layerLimit: limit)
      try filteredClosure(result, start, step, closure, filter)
    case (.shortest(let ends, let includesStart, let limit), let filter?):
      let goal = try set(ends)
      let closure = tables.closure(step: step, includesStart: includesStart, layerLimit: limit)
      try filteredClosure(result, start, step, closure, filter, goal: goal)
    case (.shortest, nil): preconditionFailure("The lowering gives every shortest way a filter.")
    case (let goal, let filter?):
      try filteredStep(result, start, step, goal, filter)
    }
    writer.closeSets(from: result + 1)
    return result
  }

  /// The edges of a step that the filter keeps, or their ends.
  private mutating func filteredStep(
    _ result: Int, _ start: Int, _ step: Int, _ goal: IRGoal, _ filter: IRStepFilter
  ) throws(RoutineOverflow) {
    let edges = try writer.openSet()
    writer.write(.edges, edges, start, step)
    writer.write(.clear, result)
    writer.write(.openFrom, result, edges)
    try eachEdge(of: edges, step, filter) { (emitter, row, loop, target) in
      let value = goal == .edges ? loop.element : target
      emitter.writer.write(.appendVia, result, value, row, d: loop.cursor)
    }
    writer.write(.seal, result)
  }

  private mutating func filteredClosure(
    _ result: Int, _ start: Int, _ step: Int, _ closure: Int, _ filter: IRStepFilter,
    goal: Int? = nil
  ) throws(RoutineOverflow) {
    writer.write(.closureStart, result, start, closure)
    if let goal { writer.write(.closureGoal, result, goal) }
    let knowledge = writer.knowledge
    let layer = try writer.openSet()
    let edges = try writer.openSet()
    let next = writer.code.count
    writer.write(.closureNext, result, layer)
    let exit = writer.jump()
    writer.write(.edges, edges, layer, step)
    writer.write(.openFrom, result, edges)
    try eachEdge(of: edges, step, filter) { (emitter, row, loop, target) in
      emitter.writer.write(.closureFound, result, target, row, d: loop.cursor)
    }
    writer.back(.closureRepeat, result, to: next)
    writer.land(exit)
    writer.forget(since: knowledge)
    writer.write(.closureEnd, result, 0, closure)
  }

  /// A loop over edges, with the filter's variables bound; `body` gets the row, the loop and the node that the edge leads to.
  private mutating func eachEdge(
    of edges: Int, _ step: Int, _ filter: IRStepFilter,
    _ body: (inout RoutineEmitter, Int, OpenLoop, Int) -> Void
  ) throws(RoutineOverflow) {
    let loop = try beginLoop(over: edges, variable: filter.edge, isFree: true)
    let target = try writer.result(.edgeTarget, loop.element, step)
    places[filter.target] = .register(target)
    let row = try conjunction(loop.member, try scalar(filter.condition))
    let dropped = writer.jump(.jumpIfDropped, row)
    body(&self, row, loop, target)
    writer.land(dropped)
    endLoop(loop)
  }
}
