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
  /// Why there may be rows that are not here.
  public let open: UnknownFact?
}

extension Machine {
  /// Asks a query; arguments in parameter order. `nil` if the fuel did not suffice.
  public func query(_ index: Int, arguments: [Slot], asOf: Int64, isStrict: Bool) -> QueryResult? {
    let query = program.queries[index]
    let run = run(query.routine, inputs: arguments, reading: .lastKnown)
    guard run.status == .done else { return nil }
    let emitted = run.rows.filter { $0.openGenerator == nil }
    let opening = run.rows.first { $0.openGenerator != nil }
    let table = Tabulator(machine: self, query: query)
      .rows(isStrict ? emitted.filter { $0.doubt.isNone && $0.firstCause.isNone } : emitted)
    let formatter = ValueFormatter(machine: self)
    let causes = CauseText(machine: self, formatter: formatter, asOf: asOf)
    return QueryResult(
      columns: query.columns.map { ($0.name, $0.type) },
      rows: table.map { row in
        QueryRow(
          values: row.values, isPossible: !row.cause.isNone, unknown: causes.fact(row.cause))
      },
      open: opening.flatMap { causes.fact($0.truth.cause) })
  }

  /// The first value of a query's first row, reading only what is vouched for, as a gate does.
  public func evaluate(query index: Int) -> CapturedValue? {
    let run = run(program.queries[index].routine, inputs: [], reading: .vouched)
    return run.status == .done ? run.rows.first?.captures.first : nil
  }

  /// Why a value is not known, as a message says it; `nil` where it is.
  public func reason(_ slot: Slot, asOf: Int64) -> String? {
    guard !slot.cause.isNone else { return nil }
    let formatter = ValueFormatter(machine: self)
    return CauseText(machine: self, formatter: formatter, asOf: asOf).text(slot.cause)
  }

  /// A value as text.
  public func text(
    _ value: CapturedValue, _ type: ValueType, _ style: ValueStyle = .message
  ) -> String {
    ValueFormatter(machine: self, style: style).text(value, type)
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
