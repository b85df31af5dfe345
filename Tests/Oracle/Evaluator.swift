// The tree walk: one case for each form of a typed expression.
// docs/decisions/0001-evaluation.md says what each means.

import WritModel
import WritSemantics

/// What unvouched facts are worth.
enum Mode {
  /// Nothing: they are unknown.
  case gate
  /// Their last known value, with a cause.
  case query
}

/// More was charged than the limit allows.
struct OutOfFuel: Error {}

/// The variables in scope.
struct Environment {
  var values: [VariableID: Value] = [:]
  /// Why a variable that is not bound has no value.
  var unbound: Cause = .absent

  subscript(id: VariableID) -> Value? {
    get { values[id] }
    set { values[id] = newValue }
  }
}

/// Evaluates expressions over one graph for one request.
final class Evaluator {
  let program: TypedProgram
  let world: World
  let request: OracleRequest
  let mode: Mode
  var texts = TextTable()
  /// Whether every missing approval counts as given.
  var assumesApprovals = false
  /// Approvals that were taken as given since the clause began, each once.
  var missing: [OracleMissing] = []
  /// How often terms that had people enough each for itself lacked them together.
  var overstretched = 0
  /// Charged since the clause began.
  var fuel = 0

  init(_ program: TypedProgram, _ world: World, _ request: OracleRequest, _ mode: Mode) {
    self.program = program
    self.world = world
    self.request = request
    self.mode = mode
  }

  var schema: Schema { world.schema }

  /// What the clause charged: no more than there was.
  var charged: Int { min(fuel, request.fuelLimit) }

  func charge(_ amount: Int) throws(OutOfFuel) {
    fuel += amount
    if fuel > request.fuelLimit { throw OutOfFuel() }
  }

  func value(
    _ expression: TypedExpression, _ scope: Environment
  ) throws(OutOfFuel) -> Value {
    let type = expression.type
    switch expression.form {
    case .constant(let constant): return value(of: constant)
    case .variable(let id): return scope[id] ?? unknown(type, scope.unbound)
    case .parameter(let index):
      let values = request.parameters ?? program.parameters.map(\.defaultValue)
      return value(of: values[index])
    case .now: return .scalar(Interval(exactly: request.now))
    case .caller: return request.caller.map { node($0, type) } ?? .absent(nil)
    case .nodeLiteral(let kind, let id): return node(NodeName(kind: kind, id: id), type)

    case .identifier, .field, .follow, .edgeEnd, .isKind:
      return try valueOfFact(expression, scope)
    case .nodes, .reach, .edges, .elements, .distinct, .union, .difference, .intersection,
      .comprehension:
      return .elements(try elements(expression, scope))

    case .not(let operand):
      let operand = try scalar(operand, scope)
      return .scalar(Interval(1 - operand.upper, 1 - operand.lower, operand.cause))
    case .and(let left, let right): return .scalar(try and(left, right, scope))
    case .or(let left, let right): return .scalar(try or(left, right, scope))
    case .compare(let comparison, let left, let right):
      return .scalar(compare(comparison, try scalar(left, scope), try scalar(right, scope)))
    case .arithmetic(let operation, let left, let right):
      let operands = (try scalar(left, scope), try scalar(right, scope))
      let kind = ArithmeticKind(operation, left.type.unwrapped, right.type.unwrapped)
      return .scalar(arithmetic(kind, operands.0, operands.1))
    case .negate(let operand): return .scalar(negate(try scalar(operand, scope)))
    case .stringTest(let test, let left, let right):
      let operands = (try scalar(left, scope), try scalar(right, scope))
      return .scalar(stringTest(test, operands.0, operands.1))
    case .inRange(let operand, let lower, let upper, let isClosed):
      let operand = try scalar(operand, scope)
      let bounds = (try scalar(lower, scope), try scalar(upper, scope))
      return .scalar(inRange(operand, bounds.0, bounds.1, isClosed: isClosed))
    case .within(let instant, let duration):
      return .scalar(within(try scalar(instant, scope), try scalar(duration, scope)))
    case .instantPart(let instant, let part):
      return .scalar(instantPart(part, try scalar(instant, scope), type))
    case .durationPart(let duration, let part):
      return .scalar(durationPart(part, try scalar(duration, scope)))

    case .isAbsent(let operand):
      return .scalar(isAbsent(try value(operand, scope), operand.type))
    case .coalesce(let left, let right): return try coalesce(left, right, scope)

    case .member(let operand, let set):
      return .scalar(try member(try scalar(operand, scope), try elements(set, scope)))
    case .isEmpty(let set): return .scalar(isEmpty(try elements(set, scope)))
    case .count(let set): return .scalar(count(try charged(set, scope)))
    case .sum(let set): return .scalar(sum(try charged(set, scope)))
    case .least(let set): return least(try charged(set, scope), type)
    case .greatest(let set): return greatest(try charged(set, scope), type)

    case .call(let rule, let arguments): return try call(rule, arguments, scope)
    case .score(let scorecard, let arguments):
      return .scalar(try scorecardValue(scorecard, arguments, scope).score)
    case .level(let scorecard, let arguments):
      return .scalar(try scorecardValue(scorecard, arguments, scope).level)
    case .approval(let term): return .scalar(try approval(term, scope))
    }
  }

  /// Of an expression that is no set. What is absent all the same is not known.
  func scalar(
    _ expression: TypedExpression, _ scope: Environment
  ) throws(OutOfFuel) -> Interval {
    switch try value(expression, scope) {
    case .scalar(let interval): return interval
    case .absent(let cause): return .full(expression.type, schema, cause ?? .absent)
    case .elements: preconditionFailure("a set where the checker promised a scalar")
    }
  }

  /// Everything that a value of the type could be.
  func unknown(_ type: ValueType, _ cause: Cause?) -> Value {
    switch type {
    case .set, .list: .elements(Elements(open: cause))
    default: .scalar(.full(type, schema, cause))
    }
  }

  func value(of constant: Constant) -> Value {
    switch constant {
    case .scalar(let number): .scalar(Interval(exactly: number))
    case .string(let text): .scalar(Interval(exactly: texts.number(of: text)))
    case .absent: .absent(nil)
    }
  }

  /// The node of that name: naming it is no fact about it.
  func node(_ name: NodeName, _ type: ValueType) -> Value {
    guard let index = world.index(of: name) else { return unknown(type, .noNode(name)) }
    return .scalar(Interval(exactly: Int64(index)))
  }

  /// Arguments are evaluated once, in order; the body sees them alone.
  func arguments(
    _ variables: [TypedVariable], _ arguments: [TypedExpression], _ scope: Environment
  ) throws(OutOfFuel) -> Environment {
    var inner = Environment()
    for (variable, argument) in zip(variables, arguments) {
      inner[variable.id] = try value(argument, scope)
    }
    return inner
  }

  private func call(
    _ index: Int, _ arguments: [TypedExpression], _ scope: Environment
  ) throws(OutOfFuel) -> Value {
    let rule = program.rules[index]
    return try value(rule.body, try self.arguments(rule.parameters, arguments, scope))
  }

  private func coalesce(
    _ left: TypedExpression, _ right: TypedExpression, _ scope: Environment
  ) throws(OutOfFuel) -> Value {
    let first = try value(left, scope)
    guard case .absent(let cause) = first else { return first }
    switch try value(right, scope) {
    case .scalar(let second):
      return .scalar(Interval(second.lower, second.upper, cause ?? second.cause))
    case .absent(let other): return .absent(cause ?? other)
    case .elements: preconditionFailure("a set is never optional")
    }
  }

  private func isAbsent(_ operand: Value, _ type: ValueType) -> Interval {
    switch operand {
    case .absent(let cause): return Interval(true, cause)
    case .scalar(let interval):
      let full = Interval.full(type, schema, interval.cause)
      if interval == full { return Interval(0, 1, interval.cause) }
      return Interval(false, interval.isExact ? interval.cause : nil)
    case .elements: preconditionFailure("a set is never absent")
    }
  }
}

/// Texts as numbers, and back.
struct TextTable {
  private var numbers: [[UInt8]: Int64] = [:]
  private var texts: [[UInt8]] = []

  mutating func number(of text: String) -> Int64 {
    let bytes = Array(text.utf8)
    if let number = numbers[bytes] { return number }
    let number = Int64(texts.count)
    numbers[bytes] = number
    texts.append(bytes)
    return number
  }

  func bytes(_ number: Int64) -> [UInt8] { texts[Int(number)] }
}
