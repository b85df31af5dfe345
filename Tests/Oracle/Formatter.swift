// Values as messages print them.

import WritModel
import WritSemantics

/// Elements that a message lists before it only counts the rest.
private let listedCount = 10

extension Evaluator {
  /// The message in that scope, on fuel of its own.
  func text(_ message: [MessagePart], _ gate: TypedGate, _ scope: Environment) -> String {
    fuel = 0
    var scope = scope
    do {
      try bind(lets(of: gate, for: message.compactMap(\.expression), scope), &scope)
      var text = ""
      for part in message {
        switch part {
        case .text(let piece): text += piece
        case .value(let expression): text += format(try value(expression, scope), expression.type)
        }
      }
      return text
    } catch {
      return "…"
    }
  }

  func format(_ value: Value, _ type: ValueType) -> String {
    switch value {
    case .absent: return "none"
    case .scalar(let one): return one.isExact ? format(one.lower, type) : format(one, type)
    case .elements(let set):
      let member = type.element ?? type
      var texts = set.elements.prefix(listedCount).map { format(.scalar($0.value), member) }
      let rest = set.elements.count - texts.count
      if rest > 0 { texts[texts.count - 1] += " and \(rest) more" }
      return texts.joined(separator: ", ") + (set.open == nil ? "" : " (and maybe more)")
    }
  }

  /// A value that is known.
  private func format(_ number: Int64, _ type: ValueType) -> String {
    switch type.unwrapped {
    case .bool: return number == 0 ? "false" : "true"
    case .int: return String(number)
    case .decimal: return Decimal(millionths: number).description
    case .string: return String(decoding: texts.bytes(number), as: UTF8.self)
    case .date: return CalendarDate(days: number).description
    case .instant: return Instant(microseconds: number).description
    case .duration: return Duration(microseconds: number).description
    case .enumeration(let index): return schema.enums[index].members[Int(number)]
    case .node: return world.nodes[Int(number)].name.id
    case .edge:
      let edge = world.edges[Int(number)]
      return "\(world.nodes[edge.from].name.id) -> \(world.nodes[edge.to].name.id)"
    case .optional, .set, .list: preconditionFailure("not the type of a scalar")
    }
  }

  /// A value that is not known: what bounds it, where that says anything.
  private func format(_ one: Interval, _ type: ValueType) -> String {
    guard isBounded(type.unwrapped) else { return "unknown" }
    let full = Interval.full(type, schema, nil)
    let isCount = type.unwrapped == .int && one.upper == 1 << 40
    switch (one.lower > full.lower, one.upper < full.upper && !isCount) {
    case (true, true): return "\(format(one.lower, type)) to \(format(one.upper, type))"
    case (true, false): return "at least \(format(one.lower, type))"
    case (false, true): return "at most \(format(one.upper, type))"
    case (false, false): return "unknown"
    }
  }

  private func isBounded(_ type: ValueType) -> Bool {
    switch type {
    case .int, .decimal, .duration, .instant, .date: true
    case .enumeration(let index): schema.enums[index].isOrdered
    default: false
    }
  }
}

extension MessagePart {
  var expression: TypedExpression? {
    if case .value(let expression) = self { expression } else { nil }
  }
}
