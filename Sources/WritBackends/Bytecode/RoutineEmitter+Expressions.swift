// Scalars to registers.

import WritBytecode
import WritIR

extension RoutineEmitter {
  /// Where the value of an expression lies once what is written has run.
  mutating func place(_ expression: IRExpression) throws(RoutineOverflow) -> Place {
    switch expression {
    case .variable(let variable): return places[variable] ?? .register(constant(.absent))
    case .bind(let variable, let value, let body):
      places[variable] = try place(value)
      return try place(body)
    case .nodes, .single, .fieldSet, .walk, .elements, .combine, .distinct, .keepKinds,
      .comprehension:
      return .set(try set(expression))
    default: return .register(try scalar(expression))
    }
  }

  /// The register that holds a scalar.
  mutating func scalar(_ expression: IRExpression) throws(RoutineOverflow) -> Int {
    switch expression {
    case .constant(let value): return constant(value)
    case .global(.now): return 0
    case .global(.caller): return 1
    case .global(.parameter(let index)): return 2 + index
    case .variable, .bind: return try register(of: expression)
    case .apply(let operation, let operands): return try apply(operation, operands)
    case .and(let left, let right): return try shortCircuit(.and, .jumpIfFalse, left, right)
    case .or(let left, let right): return try shortCircuit(.or, .jumpIfTrue, left, right)
    case .coalesce(let left, let right, let isOptional):
      return try coalesce(left, right, isOptional: isOptional)
    case .fold(let fold, let base): return try self.fold(fold, base)
    case .member(let value, let base):
      let value = try scalar(value)
      let base = try set(base)
      defer { writer.closeSets(from: base) }
      let result = try writer.newRegister()
      writer.write(.member, result, value, base)
      return result
    case .score(let index, let checks, let wantsLevel):
      return try score(index, checks, wantsLevel)
    case .approvals(let terms): return try approvals(terms)
    case .nodes, .single, .fieldSet, .walk, .elements, .combine, .distinct, .keepKinds,
      .comprehension:
      preconditionFailure("The checker lets no set stand where a scalar is needed.")
    }
  }

  private mutating func register(of expression: IRExpression) throws(RoutineOverflow) -> Int {
    guard case .register(let register) = try place(expression) else {
      preconditionFailure("The checker lets no set stand where a scalar is needed.")
    }
    return register
  }

  /// Evaluates the right side only where the left one does not decide, or where it costs nothing anyway.
  private mutating func shortCircuit(
    _ opcode: Opcode, _ jump: Opcode, _ left: IRExpression, _ right: IRExpression
  ) throws(RoutineOverflow) -> Int {
    let first = try scalar(left)
    if right.isFree { return try writer.result(opcode, first, try scalar(right)) }
    let result = try writer.newRegister()
    writer.write(.move, result, first)
    let decided = writer.jump(jump, first)
    let knowledge = writer.knowledge
    let second = try scalar(right)
    writer.write(opcode, result, first, second)
    writer.forget(since: knowledge)
    writer.land(decided)
    return result
  }

  private mutating func coalesce(
    _ left: IRExpression, _ right: IRExpression, isOptional: Bool
  ) throws(RoutineOverflow) -> Int {
    let first = try scalar(left)
    let result = try writer.newRegister()
    writer.write(isOptional ? .move : .present, result, first)
    let present = writer.jump(.jumpIfPresent, first)
    let knowledge = writer.knowledge
    writer.write(.alternative, result, first, try scalar(right))
    writer.forget(since: knowledge)
    writer.land(present)
    return result
  }

  /// Nothing stands between the words of approvals that are asked for together: what they need is at hand before.
  private mutating func approvals(_ terms: [IRApprovalTerm]) throws(RoutineOverflow) -> Int {
    var excepts: [Int] = []
    for term in terms { excepts.append(try set(term.except)) }
    defer { if let first = excepts.first { writer.closeSets(from: first) } }
    var result = 0
    for (place, term) in terms.enumerated() {
      result = try writer.newRegister()
      writer.write(.approval, result, excepts[place], term.approval, d: place == 0 ? 0 : 1)
    }
    return result
  }

  private mutating func fold(
    _ fold: IRFold, _ base: IRExpression
  ) throws(RoutineOverflow) -> Int {
    let base = try set(base)
    defer { writer.closeSets(from: base) }
    let result = try writer.newRegister()
    switch fold {
    case .isEmpty: writer.write(.isEmpty, result, base)
    case .count: writer.write(.count, result, base)
    case .sum: writer.write(.sum, result, base)
    case .least(let members): writer.write(.least, result, base, d: Int(members))
    case .greatest(let members): writer.write(.greatest, result, base, d: Int(members))
    }
    return result
  }

  private mutating func score(
    _ index: Int, _ checks: [IRCheck], _ wantsLevel: Bool
  ) throws(RoutineOverflow) -> Int {
    let buffer = try writer.openBuffer()
    for check in checks {
      let applies = try scalar(check.guardCondition)
      writer.write(.check, buffer, applies, try scalar(check.condition))
    }
    let result = try writer.newRegister()
    writer.write(.score, result, buffer, index, d: wantsLevel ? 1 : 0)
    writer.closeBuffer()
    return result
  }

  private mutating func apply(
    _ operation: IROperation, _ operands: [IRExpression]
  ) throws(RoutineOverflow) -> Int {
    let first = try scalar(operands[0])
    let second = operands.count > 1 ? try scalar(operands[1]) : 0
    switch operation {
    case .identifier: return try writer.result(.identifier, first)
    case .field(let field): return try writer.result(.field, first, tables.field(field))
    case .follow(let edges): return try writer.result(.follow, first, tables.step(edges))
    case .edgeEnd(let end): return try writer.result(.edgeEnd, first, d: Int(end))
    case .isKind(let kinds): return try writer.result(.isKind, first, tables.kindSet(kinds))
    case .not: return try writer.result(.not, first)
    case .negate: return try writer.result(.negate, first)
    case .isAbsent: return try writer.result(.isAbsent, first)
    case .instantPart(let part): return try writer.result(.instantPart, first, d: Int(part))
    case .stringTest(let test):
      return try writer.result(.stringTest, first, second, d: Int(test))
    default: return try writer.result(opcode(of: operation), first, second)
    }
  }

  private func opcode(of operation: IROperation) -> Opcode {
    switch operation {
    case .equal: .equal
    case .notEqual: .notEqual
    case .less: .less
    case .lessOrEqual: .lessOrEqual
    case .strictAnd: .and
    case .add: .add
    case .subtract: .subtract
    case .multiply: .multiply
    case .multiplyDecimal: .multiplyDecimal
    case .divide: .divide
    case .divideDecimal: .divideDecimal
    case .remainder: .remainder
    case .floorDivide: .floorDivide
    default: preconditionFailure("Operations of another shape are written by `apply`.")
    }
  }
}
