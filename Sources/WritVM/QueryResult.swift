// Queries: rows of last known values, grouped, ordered and cut.

import WritBytecode
public import WritModel

/// A row of a query's answer.
public struct QueryRow: Sendable {
  /// In column order.
  public let values: [CapturedValue]
  /// Something that the row rests on is not vouched for.
  public let isPossible: Bool
  public let unknown: UnknownFact?
}

/// The answer to a query.
public struct QueryResult: Sendable {
  public let columns: [(name: String, type: ValueType)]
  public let rows: [QueryRow]
}

extension Machine {
  /// Asks a query; arguments in parameter order. `nil` if the fuel did not suffice.
  public func query(_ index: Int, arguments: [Slot], asOf: Int64, isStrict: Bool) -> QueryResult? {
    let query = program.queries[index]
    let run = run(query.routine, inputs: arguments, reading: .lastKnown)
    guard run.status == .done else { return nil }
    let tabulator = Tabulator(machine: self, query: query)
    let rows = isStrict ? run.rows.filter { tabulator.cause(of: $0).isNone } : run.rows
    let formatter = ValueFormatter(schema: program.schema, machine: self)
    let causes = CauseText(machine: self, formatter: formatter, asOf: asOf)
    let table = query.isPath ? tabulator.path(rows) : tabulator.table(rows)
    return QueryResult(
      columns: query.columns.map { ($0.name, $0.type) },
      rows: table.map { row in
        QueryRow(
          values: row.values, isPossible: !row.cause.isNone, unknown: causes.fact(row.cause))
      })
  }

  /// The first value of a query's first row, reading only what is vouched for, as a gate does.
  public func evaluate(query index: Int) -> CapturedValue? {
    let run = run(program.queries[index].routine, inputs: [], reading: .vouched)
    return run.status == .done ? run.rows.first?.captures.first : nil
  }

  /// A value as text, as a message shows it.
  public func text(_ value: CapturedValue, _ type: ValueType) -> String {
    ValueFormatter(schema: program.schema, machine: self).text(value, type)
  }

  /// A value as JSON: nodes as `Kind/id`, decimals as strings, what is absent or unknown as null.
  public func json(_ value: CapturedValue, _ type: ValueType) -> JSONValue {
    switch value {
    case .scalar(let slot): json(slot, type.unwrapped)
    case .set(let elements, _):
      .array(
        elements.map { json(Slot($0.lower, $0.upper, .none), type.element ?? type.unwrapped) })
    }
  }

  private func json(_ slot: Slot, _ type: ValueType) -> JSONValue {
    guard slot.isExact else { return .null }
    switch type {
    case .bool: return .bool(slot.lower == 1)
    case .int: return .integer(slot.lower)
    case .node: return .string(reference(to: slot.lower))
    default: return .string(text(.scalar(slot), type))
    }
  }
}

/// A row on its way: its values, and why it is only possible.
private struct DraftRow {
  var values: [CapturedValue]
  var cause: Cause
}

private struct Tabulator {
  let machine: Machine
  let query: QueryProgram

  /// Why an emitted row is only possible: its truth's cause, or the first of a captured value.
  func cause(of row: EmittedRow) -> Cause {
    if !row.truth.isCertain { return row.truth.cause }
    for capture in row.captures {
      switch capture {
      case .scalar(let slot):
        if !slot.isAbsent && !slot.cause.isNone { return slot.cause }
      case .set(let elements, let open):
        if !open.isNone { return open }
        if let element = elements.first(where: { !$0.isDefinite }) { return element.cause }
      }
    }
    return .none
  }

  func path(_ rows: [EmittedRow]) -> [DraftRow] {
    guard let row = rows.first(where: { !$0.captures.isEmpty }) else { return [] }
    let cause = cause(of: row)
    if row.witness.isEmpty { return [DraftRow(values: row.captures, cause: cause)] }
    return row.witness.map { DraftRow(values: [.scalar(Slot(exact: $0))], cause: cause) }
  }

  func table(_ rows: [EmittedRow]) -> [DraftRow] {
    var drafts = query.isGrouped ? grouped(rows) : rows.map(plain)
    drafts.sort(by: isBefore)
    if let limit = query.limit { drafts = Array(drafts.prefix(limit)) }
    return drafts
  }

  private func plain(_ row: EmittedRow) -> DraftRow {
    let values = query.columns.map { column -> CapturedValue in
      switch column.source {
      case .value(let capture), .groupKey(let capture), .aggregate(_, let capture):
        row.captures[capture]
      }
    }
    return DraftRow(values: values, cause: cause(of: row))
  }

  private func slot(_ row: EmittedRow, _ capture: Int) -> Slot {
    if case .scalar(let slot) = row.captures[capture] { slot } else { .absent }
  }

  /// Groups in order of first appearance; the order of the answer is made later.
  private func grouped(_ rows: [EmittedRow]) -> [DraftRow] {
    var members: [[Int64?]: [EmittedRow]] = [:]
    var order: [[Int64?]] = []
    for row in rows {
      let key = query.groupKeys.indices.map { capture -> Int64? in
        let slot = slot(row, capture)
        return slot.isExact ? slot.lower : nil
      }
      if members[key] == nil { order.append(key) }
      members[key, default: []].append(row)
    }
    return order.map { draft(of: members[$0] ?? []) }
  }

  private func draft(of group: [EmittedRow]) -> DraftRow {
    let cause = group.map(cause(of:)).first { !$0.isNone } ?? .none
    let values = query.columns.map { column -> CapturedValue in
      switch column.source {
      case .value(let capture), .groupKey(let capture): group[0].captures[capture]
      case .aggregate(let kind, let capture):
        .scalar(aggregate(kind, group.map { slot($0, capture) }))
      }
    }
    return DraftRow(values: values, cause: cause)
  }

  private func aggregate(_ kind: AggregateKind, _ slots: [Slot]) -> Slot {
    let present = slots.filter { !$0.isAbsent }
    switch kind {
    case .count: return Slot(exact: Int64(slots.count))
    case .countDistinct:
      return Slot(exact: Int64(Set(present.filter(\.isExact).map(\.lower)).count))
    case .sum: return present.reduce(Slot(exact: 0)) { .add($0, $1) }
    case .least: return present.min { $0.lower < $1.lower } ?? .absent
    case .greatest: return present.max { $0.upper < $1.upper } ?? .absent
    }
  }
}

extension Tabulator {
  /// By the order keys, then by all columns from left to right, ascending.
  private func isBefore(_ left: DraftRow, _ right: DraftRow) -> Bool {
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

  /// Negative, 0 or positive. What is absent or unknown comes last; sets are not ordered.
  private func compare(_ left: CapturedValue, _ right: CapturedValue, _ column: Int) -> Int {
    guard case .scalar(let first) = left, case .scalar(let second) = right else { return 0 }
    guard first.isExact && second.isExact else {
      return first.isExact == second.isExact ? 0 : first.isExact ? -1 : 1
    }
    let strings = query.columns[column].type.unwrapped == .string
    if machine.isBefore(first.lower, second.lower, strings: strings) { return -1 }
    return first.lower == second.lower ? 0 : 1
  }
}
