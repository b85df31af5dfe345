// From the rows that a query emitted to its table: groups, aggregates, order, limit.

import WritBytecode
import WritModel

/// A row of the table.
struct TableRow {
  let values: [CapturedValue]
  /// Why it is only possible.
  let cause: Cause
}

/// A part of a value, as it is compared.
private enum Rank: Hashable {
  /// Behind the last element of a set.
  case end
  case absent
  case exact(Int64)
  case between(Int64, Int64)

  var group: Int {
    switch self {
    case .end: 0
    case .absent: 1
    case .exact: 2
    case .between: 3
    }
  }
}

/// Makes the table of one query. docs/decisions/0001-evaluation.md, "Queries".
struct Tabulator {
  let machine: Machine
  let query: QueryProgram

  /// In the order and number that the query asks for; the nodes of a path stand as they were emitted. O(n log n).
  func rows(_ emitted: [EmittedRow]) -> [TableRow] {
    let groups = query.isGrouped ? grouped(emitted) : emitted.map { [$0] }
    let table = groups.map(row)
    if query.isPath { return table }
    let sorted = table.sorted(by: isBefore)
    return query.limit.map { Array(sorted.prefix($0)) } ?? sorted
  }

  /// Rows with the same keys, in the order of the first of each.
  private func grouped(_ rows: [EmittedRow]) -> [[EmittedRow]] {
    var places: [[Rank]: Int] = [:]
    var groups: [[EmittedRow]] = []
    for row in rows {
      let key = query.groupKeys.indices.flatMap { ranks(row.captures[$0]) + [.end] }
      if let place = places[key] {
        groups[place].append(row)
      } else {
        places[key] = groups.count
        groups.append([row])
      }
    }
    return groups
  }

  /// Definite if one row of the group is; else it takes the doubt of the first, or of a column.
  private func row(_ group: [EmittedRow]) -> TableRow {
    let values = query.columns.map { column -> CapturedValue in
      switch column.source {
      case .value(let capture), .groupKey(let capture): group[0].captures[capture]
      case .aggregate(let kind, let capture): aggregate(kind, group, capture, column.type)
      }
    }
    let isDefinite = group.contains { $0.doubt.isNone }
    let doubt = isDefinite ? .none : group[0].doubt
    return TableRow(
      values: values, cause: doubt.or(values.lazy.map(\.cause).first { !$0.isNone } ?? .none))
  }

  /// As the fold of the same name over the list of the rows' values.
  private func aggregate(
    _ kind: AggregateKind, _ rows: [EmittedRow], _ capture: Int, _ type: ValueType
  ) -> CapturedValue {
    if kind == .count {
      let doubt = rows.lazy.map(\.doubt).first { !$0.isNone } ?? .none
      return .scalar(Slot(Int64(rows.count), Int64(rows.count), doubt))
    }
    var list = SetBuffer()
    defer { list.deallocate() }
    for row in rows {
      guard case .scalar(let slot) = row.captures[capture] else { continue }
      if slot.isAbsent {
        list.open(by: slot.cause)
      } else {
        list.append(
          Element(slot, cause: row.doubt.or(slot.cause), isDefinite: row.doubt.isNone, via: -1))
      }
    }
    switch kind {
    case .count, .sum: return .scalar(machine.sum(list))
    case .countDistinct:
      machine.seal(&list, strings: false)
      return .scalar(machine.count(list))
    case .least, .greatest:
      return .scalar(
        machine.extreme(list, members: members(of: type), isGreatest: kind == .greatest))
    }
  }

  /// Members of an enum, 0 for a number.
  private func members(of type: ValueType) -> Int {
    guard case .enumeration(let index) = type.unwrapped else { return 0 }
    return machine.program.schema.enums[index].members.count
  }
}

// The order of values: what is absent, then what is exact, then the rest by its bounds; sets element by element.
extension Tabulator {
  private func ranks(_ value: CapturedValue) -> [Rank] {
    switch value {
    case .scalar(let slot): [rank(slot)]
    case .set(let elements, _): elements.map { rank(Slot($0.lower, $0.upper, .none)) }
    }
  }

  private func rank(_ slot: Slot) -> Rank {
    if slot.isAbsent { return .absent }
    return slot.isExact ? .exact(slot.lower) : .between(slot.lower, slot.upper)
  }

  /// By the order keys, then by all columns from left to right, ascending.
  private func isBefore(_ left: TableRow, _ right: TableRow) -> Bool {
    for key in query.order {
      let order = compare(left.values[key.column], right.values[key.column], key.column)
      if order != 0 { return key.isDescending ? order > 0 : order < 0 }
    }
    for column in query.columns.indices {
      let order = compare(left.values[column], right.values[column], column)
      if order != 0 { return order < 0 }
    }
    return false
  }

  /// Negative, 0 or positive.
  private func compare(_ left: CapturedValue, _ right: CapturedValue, _ column: Int) -> Int {
    let type = query.columns[column].type
    let strings = (type.element ?? type).unwrapped == .string
    let (first, second) = (ranks(left), ranks(right))
    for (one, other) in zip(first, second) where one != other {
      return isBefore(one, other, strings: strings) ? -1 : 1
    }
    return first.count - second.count
  }

  private func isBefore(_ left: Rank, _ right: Rank, strings: Bool) -> Bool {
    switch (left, right) {
    case (.exact(let one), .exact(let other)): machine.isBefore(one, other, strings: strings)
    case (.between(let low, let high), .between(let otherLow, let otherHigh)):
      (low, high) < (otherLow, otherHigh)
    default: left.group < right.group
    }
  }
}

extension EmittedRow {
  /// Why the row is only possible; none if it is certain.
  var doubt: Cause { truth.isCertain ? .none : truth.cause }

  /// The first cause of what it captured.
  var firstCause: Cause { captures.lazy.map(\.cause).first { !$0.isNone } ?? .none }
}

extension CapturedValue {
  /// Why it is unknown or not vouched for: that of a set is why it is open, else that of its first element that has one.
  fileprivate var cause: Cause {
    switch self {
    case .scalar(let slot): slot.cause.plain
    case .set(let elements, let open):
      open.or(elements.lazy.map(\.cause).first { !$0.isNone } ?? .none)
    }
  }
}
