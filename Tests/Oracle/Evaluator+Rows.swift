// Loops: the rows that generators and filters let through, for comprehensions, clauses and queries.

import WritModel
import WritSemantics

/// One binding of the variables of a loop.
struct Row {
  var scope: Environment
  /// What doubts that the row is there: of its elements in order, then of its filters.
  var doubt: Cause?
  /// The elements that the generators were bound to, and the sets that they are from.
  var elements: [Element] = []
  var ranges: [Elements] = []
}

/// A range that was entered and is open, with the row of the generators outside it.
struct Opening {
  let generator: Int
  let cause: Cause
  let outer: Row
}

struct Rows {
  var rows: [Row] = []
  var openings: [Opening] = []
}

extension Evaluator {
  /// All bindings, later generators inside earlier ones, that no filter drops.
  func rows(
    _ generators: [Generator], _ filters: [Filter], _ start: Row
  ) throws(OutOfFuel) -> Rows {
    var rows = Rows()
    try bind(generators[...], filters, start, &rows)
    return rows
  }

  private func bind(
    _ generators: ArraySlice<Generator>, _ filters: [Filter], _ outer: Row, _ rows: inout Rows
  ) throws(OutOfFuel) {
    guard let generator = generators.first else {
      if let row = try filtered(outer, filters) { rows.rows.append(row) }
      return
    }
    let range = try charged(generator.range, outer.scope)
    if let open = range.open {
      rows.openings.append(Opening(generator: generators.startIndex, cause: open, outer: outer))
    }
    for element in range.elements {
      var row = outer
      row.scope[generator.variable] = .scalar(element.value)
      row.doubt = row.doubt ?? element.doubt
      row.elements.append(element)
      row.ranges.append(range)
      try bind(generators.dropFirst(), filters, row, &rows)
    }
  }

  /// The row after its filters; nil where one of them drops it.
  private func filtered(_ outer: Row, _ filters: [Filter]) throws(OutOfFuel) -> Row? {
    var row = outer
    for filter in filters {
      switch filter {
      case .condition(let condition):
        let passes = try scalar(condition, row.scope)
        if passes.isFalse { return nil }
        row.doubt = row.doubt ?? passes.cause
      case .binding(let variable, _, let expression):
        let bound = try value(expression, row.scope)
        if case .absent = bound { return nil }
        row.scope[variable] = bound
        row.doubt = row.doubt ?? doubt(bound, expression.type)
      }
    }
    return row
  }

  /// What doubts that an optional has a value: a value between bounds surely is one.
  func doubt(_ value: Value, _ type: ValueType) -> Cause? {
    guard case .optional = type, case .scalar(let one) = value else { return nil }
    return one.isExact || one == .full(type, schema, one.cause) ? one.cause : nil
  }

  func elements(
    _ comprehension: Comprehension, _ type: ValueType, _ scope: Environment
  ) throws(OutOfFuel) -> Elements {
    let rows = try rows(
      comprehension.generators, comprehension.filters, Row(scope: scope))
    var list = Elements(open: rows.openings.first?.cause)
    for row in rows.rows {
      let yield = try value(comprehension.yield, row.scope)
      switch yield {
      case .scalar(let one):
        let doubt = row.doubt ?? doubt(yield, comprehension.yield.type)
        list.elements.append(
          Element(
            one, isDefinite: doubt == nil, cause: doubt ?? one.cause,
            via: keepsFirst(comprehension) ? row.elements.first?.via : nil))
      case .absent(let cause): list.open = list.open ?? cause
      case .elements: preconditionFailure("a set inside a set")
      }
    }
    if case .set = type { return set(list, of: type) }
    return list
  }

  private func keepsFirst(_ comprehension: Comprehension) -> Bool {
    guard case .variable(let id) = comprehension.yield.form else { return false }
    return id == comprehension.generators.first?.variable
  }
}
