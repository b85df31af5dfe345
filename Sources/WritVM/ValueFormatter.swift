// Values as messages and tables show them.

import WritBytecode
import WritModel

/// Where a value is shown.
public enum ValueStyle: Sendable {
  /// Within a sentence.
  case message
  /// In a cell of a table: nodes that may be of several kinds with their kind.
  case cell
}

/// Prints captured values by their types.
struct ValueFormatter {
  let machine: Machine
  var style = ValueStyle.message

  /// Lent, since a copy would count the references of its parts.
  var schema: Schema {
    @inline(__always) _read { yield machine.program.schema }
  }

  /// A set or list shows this many elements before it says how many more there are.
  private static let shownElements = 10

  func text(_ value: CapturedValue, _ type: ValueType) -> String {
    switch value {
    case .scalar(let slot): scalar(slot, type.unwrapped)
    case .set(let elements, let open): set(elements, open, type.element ?? type.unwrapped)
    }
  }

  private func set(_ elements: [Element], _ open: Cause, _ type: ValueType) -> String {
    let shown = elements.prefix(ValueFormatter.shownElements)
    var text = shown.map { scalar(Slot($0.lower, $0.upper, .none), type) }
      .joined(separator: ", ")
    if elements.count > shown.count { text += " and \(elements.count - shown.count) more" }
    if !open.isNone { text += " (and maybe more)" }
    return text
  }

  func scalar(_ slot: Slot, _ type: ValueType) -> String {
    if slot.isAbsent { return "none" }
    if slot.lower == slot.upper { return exact(slot.lower, type) }
    return interval(slot, type)
  }

  private func interval(_ slot: Slot, _ type: ValueType) -> String {
    var least = Int64.min
    var greatest = Int64.max
    switch type {
    case .int, .decimal, .duration, .instant, .date: break
    case .enumeration(let index) where schema.enums[index].isOrdered:
      least = 0
      greatest = Int64(schema.enums[index].members.count - 1)
    default: return "unknown"
    }
    if type == .int && slot.upper == Limits.count { greatest = Limits.count }
    switch (slot.lower > least, slot.upper < greatest) {
    case (true, true): return "\(exact(slot.lower, type)) to \(exact(slot.upper, type))"
    case (true, false): return "at least \(exact(slot.lower, type))"
    case (false, true): return "at most \(exact(slot.upper, type))"
    case (false, false): return "unknown"
    }
  }

  private func exact(_ value: Int64, _ type: ValueType) -> String {
    switch type {
    case .bool: value == 1 ? "true" : "false"
    case .int: String(value)
    case .decimal: Decimal(millionths: value).description
    case .string: string(value)
    case .date: CalendarDate(days: value).description
    case .instant: Instant(microseconds: value).description
    case .duration: Duration(microseconds: value).description
    case .enumeration(let index): member(value, of: index)
    case .node(let kinds) where style == .cell && kinds.count > 1: reference(to: value)
    case .node: string(machine.strings.identifier(ofNode: Int(value)))
    case .edge: edge(value)
    case .optional(let wrapped): exact(value, wrapped)
    case .set, .list: ""
    }
  }

  private func member(_ ordinal: Int64, of index: Int) -> String {
    let members = schema.enums[index].members
    return members.indices.contains(Int(ordinal)) ? members[Int(ordinal)] : "unknown"
  }

  func string(_ number: Int64) -> String {
    machine.withBytes(of: number) { String(decoding: $0, as: UTF8.self) }
  }

  /// `from -> to`, by id.
  func edge(_ value: Int64) -> String {
    let ends = (0...1).map { end -> String in
      let node = machine.edgeEnd(Slot(exact: value), end)
      return string(machine.strings.identifier(ofNode: Int(node.lower)))
    }
    return ends.joined(separator: " -> ")
  }

  /// `Kind/id` of a node.
  func reference(to node: Int64) -> String {
    if let known = machine.references[node] { return known }
    let kind = machine.graph.kind(of: Int(node)).map { schema.kinds[$0].name } ?? "?"
    let text = "\(kind)/\(string(machine.strings.identifier(ofNode: Int(node))))"
    machine.keep(reference: text, to: node)
    return text
  }
}
