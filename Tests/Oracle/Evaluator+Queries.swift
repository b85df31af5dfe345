// Queries: rows of columns over last known values, grouped, ordered and cut off.

import WritModel
import WritSemantics

/// A row of a query's answer before it is shown.
private struct AnswerRow {
  let values: [Value]
  let cause: Cause?
}

/// The rows of a query that agree in their group keys.
private struct Group {
  let keys: [Value]
  var rows: [Row]
}

extension Evaluator {
  func answer(_ query: TypedQuery, _ scope: Environment) -> OracleAnswer {
    fuel = 0
    do {
      return switch query.body {
      case .rows(let body): try answer(body, scope)
      case .path(let body): try path(body, scope)
      }
    } catch {
      return OracleAnswer(rows: [], open: .fuel)
    }
  }

  private func answer(
    _ query: RowQuery, _ scope: Environment
  ) throws(OutOfFuel) -> OracleAnswer {
    let rows = try rows(query.generators, query.filters, Row(scope: scope))
    var answers: [AnswerRow] = []
    if query.groupKeys.isEmpty {
      for row in rows.rows {
        answers.append(try answerRow(query.columns, Group(keys: [], rows: [row])))
      }
    } else {
      for group in try groups(rows.rows, query.groupKeys) {
        answers.append(try answerRow(query.columns, group))
      }
    }
    answers.sort { precedes($0, $1, query) }
    let kept = answers.prefix(query.limit ?? .max).map { row in
      let values = zip(row.values, query.columns).map { shown($0, $1.type) }
      return OracleRow(values: values, cause: row.cause)
    }
    return OracleAnswer(rows: Array(kept), open: rows.openings.first?.cause)
  }

  /// Rows with the same keys, in the order of the first of each.
  private func groups(
    _ rows: [Row], _ keys: [TypedExpression]
  ) throws(OutOfFuel) -> [Group] {
    var groups: [Group] = []
    for row in rows {
      var values: [Value] = []
      for key in keys { values.append(try value(key, row.scope)) }
      let place = groups.firstIndex { group in
        zip(zip(group.keys, values), keys).allSatisfy { order($0.0, $0.1, $1.type) == 0 }
      }
      if let place {
        groups[place].rows.append(row)
      } else {
        groups.append(Group(keys: values, rows: [row]))
      }
    }
    return groups
  }

  /// Possible if its binding is not definite, or any column has a cause.
  private func answerRow(
    _ columns: [TypedColumn], _ group: Group
  ) throws(OutOfFuel) -> AnswerRow {
    var values: [Value] = []
    for column in columns {
      switch column.value {
      case .row(let expression): values.append(try value(expression, group.rows[0].scope))
      case .groupKey(let key): values.append(group.keys[key])
      case .aggregate(let aggregate, let operand):
        values.append(try value(aggregate, operand, group.rows, column.type))
      }
    }
    let isDefinite = group.rows.contains { $0.doubt == nil }
    let doubt = isDefinite ? nil : group.rows[0].doubt
    return AnswerRow(
      values: values, cause: doubt ?? values.lazy.compactMap(\.cause).first)
  }

  private func value(
    _ aggregate: Aggregate, _ operand: TypedExpression, _ rows: [Row], _ type: ValueType
  ) throws(OutOfFuel) -> Value {
    var list = Elements()
    for row in rows {
      switch try value(operand, row.scope) {
      case .scalar(let one):
        list.elements.append(
          Element(one, isDefinite: row.doubt == nil, cause: row.doubt ?? one.cause))
      case .absent(let cause): list.open = list.open ?? cause
      case .elements: preconditionFailure("an aggregate of sets")
      }
    }
    try charge(1 + rows.count)
    switch aggregate {
    case .count:
      return .scalar(Interval(exactly: Int64(rows.count), rows.lazy.compactMap(\.doubt).first))
    case .countDistinct: return .scalar(count(set(list, of: .set(operand.type))))
    case .sum: return .scalar(sum(list))
    case .least: return least(list, type)
    case .greatest: return greatest(list, type)
    }
  }

  /// By the order keys, then by all columns.
  private func precedes(_ left: AnswerRow, _ right: AnswerRow, _ query: RowQuery) -> Bool {
    let all = query.columns.indices.map { OrderKey(column: $0, isDescending: false) }
    for key in query.order + all {
      let type = query.columns[key.column].type
      let order = order(left.values[key.column], right.values[key.column], type)
      if order != 0 { return key.isDescending ? order > 0 : order < 0 }
    }
    return false
  }

  /// Negative, 0 or positive: absent values first, then exact ones, then the others by their
  /// bounds; sets element by element.
  private func order(_ left: Value, _ right: Value, _ type: ValueType) -> Int {
    let (a, b) = (ranks(left, type), ranks(right, type))
    if a.lexicographicallyPrecedes(b, by: { $0.lexicographicallyPrecedes($1) }) { return -1 }
    return a == b ? 0 : 1
  }

  private func ranks(_ value: Value, _ type: ValueType) -> [[Int64]] {
    switch value {
    case .absent: [[0]]
    case .scalar(let one): [rank(one, type)]
    case .elements(let set):
      set.elements.map { rank(Interval($0.lower, $0.upper, nil), type.element ?? type) }
    }
  }

  private func rank(_ one: Interval, _ type: ValueType) -> [Int64] {
    guard one.isExact else { return [2, one.lower, one.upper] }
    guard type.unwrapped == .string else { return [1, one.lower] }
    return [1] + texts.bytes(one.lower).map(Int64.init)
  }

  /// A shortest way, a row a node; among several ends the first in canonical order.
  private func path(_ query: PathQuery, _ scope: Environment) throws(OutOfFuel) -> OracleAnswer {
    let start = try elements(query.start, scope)
    let ends = try elements(query.end, scope)
    let found = try shortest(start, ends, query, scope)
    let rows = found.way.map { element in
      let name = world.nodes[Int(element.lower)].name
      return OracleRow(values: [.node(name, element.doubt)], cause: element.doubt)
    }
    return OracleAnswer(rows: rows, open: ends.open ?? found.open)
  }
}
