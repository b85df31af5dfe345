// Typed expressions as text of the language: what generated programs are made of, and no more.

import WritModel
import WritSemantics

/// Writes expressions so that parsing and checking the text yields one of the same meaning.
struct ExpressionPrinter {
  let program: TypedProgram
  /// How the variables of a step are called in its filter.
  private var steps: [VariableID: StepName] = [:]

  private enum StepName {
    /// Only its fields and ends can be named.
    case edge
    case target(String)
  }

  init(_ program: TypedProgram) {
    self.program = program
  }

  private var schema: Schema { program.schema }

  func text(_ expression: TypedExpression) -> String {
    switch expression.form {
    case .constant(let constant): return text(constant, expression.type)
    case .variable(let id):
      guard case .target(let name)? = steps[id] else { return "v\(id)" }
      return name
    case .parameter(let index): return program.parameters[index].name
    case .now: return "now"
    case .caller: return "caller"
    case .nodeLiteral(let kind, let id): return "(\(schema.kinds[kind].name) \"\(id)\")"
    case .nodes(let kind): return schema.kinds[kind].name
    case .identifier(let operand): return "\(base(operand)).id"
    case .field(let operand, let name): return "\(base(operand)).\(name)"
    case .follow(let operand, let edge): return "\(base(operand)).\(edge)"
    case .edgeEnd(let operand, let end): return "\(base(operand)).\(end)"
    case .reach(let start, let step, let repetition): return reach(start, step, repetition)
    case .edges(let start, let step): return "(\(reach(start, step, .once)).edges)"
    case .instantPart(let operand, let part): return "\(base(operand)).\(part)"
    case .durationPart(let operand, let part): return "\(base(operand)).\(part)"
    case .elements(let values):
      let list = "[\(values.map(text).joined(separator: ", "))]"
      if case .set = expression.type { return "(\(list) + [])" }
      return list
    // A union makes a set of a list.
    case .distinct(let list): return "(\(text(list)) + [])"
    case .comprehension(let comprehension): return text(comprehension, expression.type)
    case .count(let set): return "count(\(text(set)))"
    case .sum(let set): return "sum(\(text(set)))"
    case .least(let set): return "min(\(text(set)))"
    case .greatest(let set): return "max(\(text(set)))"
    case .call(let rule, let arguments):
      return "\(program.rules[rule].name)(\(arguments.map(text).joined(separator: ", ")))"
    case .score(let card, let arguments): return "\(applied(card, arguments)).score"
    case .level(let card, let arguments): return "\(applied(card, arguments)).level"
    case .approval(let term): return "(\(text(term)))"
    default: return "(\(operation(expression)))"
    }
  }

  private func applied(_ card: Int, _ arguments: [TypedExpression]) -> String {
    "\(program.scorecards[card].name)(\(arguments.map(text).joined(separator: ", ")))"
  }

  /// Operators with their operands.
  private func operation(_ expression: TypedExpression) -> String {
    switch expression.form {
    case .not(let operand): return "not \(text(operand))"
    case .and(let left, let right): return "\(text(left)) and \(text(right))"
    case .or(let left, let right): return "\(text(left)) or \(text(right))"
    case .compare(let comparison, let left, let right):
      return "\(text(left)) \(sign(comparison)) \(text(right))"
    case .arithmetic(let operation, let left, let right):
      return "\(text(left)) \(sign(operation)) \(text(right))"
    case .negate(let operand): return "-\(text(operand))"
    case .stringTest(let test, let left, let right): return "\(text(left)) \(test) \(text(right))"
    case .member(let operand, let set): return "\(text(operand)) in \(text(set))"
    case .inRange(let operand, let lower, let upper, let isClosed):
      let sign = isClosed ? ".." : "..<"
      return "\(text(operand)) in \(text(lower)) \(sign) \(text(upper))"
    case .within(let instant, let duration): return "\(text(instant)) within \(text(duration))"
    case .isAbsent(let operand): return "\(text(operand)) is absent"
    case .isEmpty(let set): return "\(text(set)) is empty"
    case .isKind(let operand, let kinds):
      return "\(text(operand)) is \(kinds.map { schema.kinds[$0].name }.joined(separator: " | "))"
    case .coalesce(let left, let right): return "\(text(left)) ?? \(text(right))"
    case .union(let left, let right): return "\(text(left)) + \(text(right))"
    case .difference(let left, let right): return "\(text(left)) - \(text(right))"
    case .intersection(let left, let right): return "\(text(left)) & \(text(right))"
    default: return String(describing: expression.form)
    }
  }

  /// What stands before a dot: nothing for the edge of a step.
  private func base(_ operand: TypedExpression) -> String {
    if case .variable(let id) = operand.form, case .edge? = steps[id] { return "" }
    return text(operand)
  }

  private func sign(_ comparison: Comparison) -> String {
    switch comparison {
    case .equal: "=="
    case .notEqual: "!="
    case .less: "<"
    case .lessOrEqual: "<="
    case .greater: ">"
    case .greaterOrEqual: ">="
    }
  }

  private func sign(_ operation: Arithmetic) -> String {
    switch operation {
    case .add: "+"
    case .subtract: "-"
    case .multiply: "*"
    case .divide: "/"
    case .remainder: "%"
    }
  }

  func text(_ constant: Constant, _ type: ValueType) -> String {
    switch constant {
    case .absent: return "absent"
    case .string(let text): return "\"\(text)\""
    case .scalar(let number):
      return number < 0 ? "(\(literal(number, type)))" : literal(number, type)
    }
  }

  private func literal(_ number: Int64, _ type: ValueType) -> String {
    switch type.unwrapped {
    case .bool: return number == 0 ? "false" : "true"
    case .decimal:
      let text = Decimal(millionths: number).description
      return text.contains(".") ? text : text + ".0"
    case .date: return CalendarDate(days: number).description
    case .instant: return Instant(microseconds: number).description
    case .duration: return "\(number)us"
    case .enumeration(let index):
      return "\(schema.enums[index].name).\(schema.enums[index].members[Int(number)])"
    case .int, .string, .node, .edge, .optional, .set, .list: return "\(number)"
    }
  }

  private func text(_ term: ApprovalTerm) -> String {
    var text = "approval by role \(term.role) count \(term.count)"
    if let except = term.except { text += " except \(self.text(except))" }
    if let within = term.withinMicroseconds { text += " within \(within)us" }
    return text
  }

  private func reach(_ start: TypedExpression, _ step: Step, _ repetition: Repetition) -> String {
    let path = "\(base(start)).\(text(step))"
    switch repetition {
    case .once: return path
    case .oneOrMore(let limit): return "(\(path)+\(limit.map { " up to \($0)" } ?? ""))"
    case .zeroOrMore(let limit): return "(\(path)*\(limit.map { " up to \($0)" } ?? ""))"
    }
  }

  /// The edge's name, in brackets with its filter if it has one.
  func text(_ step: Step) -> String {
    let edge = step.edges[0]
    let type = schema.edges[edge.edge]
    let label = edge.isInverse ? type.inverse ?? "" : type.name
    guard let filter = step.filter else { return label }
    var inner = self
    inner.steps[step.edge] = .edge
    inner.steps[step.target] = .target(edge.isInverse ? ".from" : ".to")
    return "(\(label) where \(inner.text(filter)))"
  }

  private func text(_ comprehension: Comprehension, _ type: ValueType) -> String {
    let generator = comprehension.generators[0]
    var text = "\(self.text(generator.range)) where let v\(generator.variable) = it"
    text += filters(comprehension.filters)
    if case .variable(generator.variable) = comprehension.yield.form, type == generator.range.type {
      return "(\(text))"
    }
    text = "(\(text) select \(self.text(comprehension.yield)))"
    if case .set = type { return "(\(text) + [])" }
    return text
  }

  func filters(_ filters: [Filter]) -> String {
    filters.map { filter in
      switch filter {
      case .condition(let condition): " where \(text(condition))"
      case .binding(let variable, _, let expression):
        " where let v\(variable) = \(text(expression))"
      }
    }.joined()
  }
}
