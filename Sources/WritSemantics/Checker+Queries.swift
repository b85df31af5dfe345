// Queries: columns, rows, groups, orders and paths.

import WritModel
import WritSyntax
import WritText

extension Checker {
  /// All queries.
  mutating func checkQueries() {
    for query in pending.queries {
      module = query.module
      let declaration = query.declaration
      let signature = signature(
        declaration.parameters ?? [], of: "a query", allowsSets: false)
      let (depth, known) = (scope.depth, scope.facts.mark)
      let variables = declareParameters(signature)
      let body = self.body(declaration.body)
      scope.pop(to: depth)
      scope.facts.forget(since: known)
      guard let variables, let body else { continue }
      queries.append(
        TypedQuery(
          name: declaration.name.text, parameters: variables, body: body,
          range: declaration.range))
    }
  }

  /// `nil` once what is wrong is reported.
  private mutating func body(_ syntax: WritSyntax.QueryBody) -> QueryBody? {
    switch syntax {
    case .missing: nil
    case .columns(let columns): oneRow(columns)
    case .rows(let query): rows(query)
    case .path(let query): path(query)
    }
  }

  /// `{ a: …, b: … }`
  private mutating func oneRow(_ syntax: [ColumnSyntax]) -> QueryBody? {
    var columns: [TypedColumn?] = []
    for column in syntax {
      columns.append(rowColumn(column.name, expression(column.value)))
    }
    holdDistinct(syntax.map(\.name), "column")
    guard let columns = whole(columns) else { return nil }
    return .rows(
      RowQuery(
        generators: [], filters: [], groupKeys: [], columns: columns, order: [], limit: nil))
  }

  /// `for … select { … }`, grouped or not.
  private mutating func rows(_ syntax: WritSyntax.RowQuery) -> QueryBody? {
    let (generators, filters, isWhole) = loop(syntax.loop)
    var keys: [TypedExpression?] = []
    for key in syntax.keys { keys.append(groupKey(key)) }
    holdDistinct(syntax.keys.map(\.name), "group key")
    let places = ColumnPlaces(syntax.keys.map(\.name.text))
    var columns: [TypedColumn?] = []
    for item in syntax.columns {
      columns.append(syntax.keys.isEmpty ? ungrouped(item) : grouped(item, places, keys))
    }
    holdDistinct(syntax.columns.map(\.name), "column")
    let order = self.order(syntax)
    let limit = self.limit(syntax.limit)
    guard isWhole, let keys = whole(keys), let columns = whole(columns), let order, let limit
    else { return nil }
    return .rows(
      RowQuery(
        generators: generators, filters: filters, groupKeys: keys, columns: columns,
        order: order, limit: limit.value))
  }

  /// All parts, `nil` if one is wrong.
  func whole<Part>(_ parts: [Part?]) -> [Part]? {
    let present = parts.compactMap { $0 }
    return present.count == parts.count ? present : nil
  }

  /// Names that stand in one list differ.
  mutating func holdDistinct(_ names: [Name], _ sort: String) {
    var first: [String: SourceRange] = [:]
    for name in names where !name.isMissing {
      if let earlier = first[name.text] {
        reportRepeated(name, sort, first: earlier)
      } else {
        first[name.text] = name.range
      }
    }
  }

  /// A column shows a single value.
  private mutating func rowColumn(_ name: Name, _ value: TypedExpression?) -> TypedColumn? {
    guard let value else { return nil }
    switch value.type.unwrapped {
    case .bool, .int, .decimal, .string, .date, .instant, .duration, .enumeration, .node:
      return TypedColumn(name: name.text, type: value.type, value: .row(value))
    case .edge, .optional, .set, .list:
      report(.columnType(index.describe(value.type), at: value.range))
      return nil
    }
  }

  /// A bare name is a variable of that name.
  private mutating func ungrouped(_ item: SelectItem) -> TypedColumn? {
    let value = item.value.map { expression($0) } ?? name(item.name, nil)
    return rowColumn(item.name, value)
  }

  /// Groups are told apart by values that are there.
  private mutating func groupKey(_ key: ColumnSyntax) -> TypedExpression? {
    guard let value = expression(key.value) else { return nil }
    if case .optional = value.type {
      report(.maybeAbsent(describe(value), at: value.range))
      return nil
    }
    return rowColumn(key.name, value).map { _ in value }
  }

  /// In a grouped query: a key, or an aggregate over the rows of the group.
  private mutating func grouped(
    _ item: SelectItem, _ places: ColumnPlaces, _ typed: [TypedExpression?]
  ) -> TypedColumn? {
    let value = item.value?.withoutGroups
    if case .aggregate(let aggregate)? = value?.kind {
      return aggregated(item.name, aggregate)
    }
    var keyName = item.name
    if let value {
      guard case .name(let name) = value.kind else {
        report(.groupedColumn(at: value.range))
        return nil
      }
      keyName = name
    }
    guard !keyName.isMissing else { return nil }
    guard let key = places[keyName.text] else {
      let nearest = nearest(keyName.text, places.names)
      report(.unknownGroupKey(keyName, nearest: nearest))
      return nil
    }
    return typed[key].map {
      TypedColumn(name: item.name.text, type: $0.type, value: .groupKey(key))
    }
  }

  /// An aggregate goes over the rows of a group; its operand is a value of a row.
  private mutating func aggregated(_ name: Name, _ syntax: AggregateSyntax) -> TypedColumn? {
    guard let operand = expression(syntax.argument) else { return nil }
    let isCount = syntax.function == .count && !syntax.isDistinct
    switch operand.type {
    case .set, .list:
      report(.aggregateOverSet(syntax.function.rawValue, at: operand.range))
      return nil
    case .optional where !isCount:
      report(.maybeAbsent(describe(operand), at: operand.range))
      return nil
    default: break
    }
    guard let type = aggregateType(syntax.function, operand.type) else {
      report(
        .aggregateType(
          syntax.function.rawValue, index.describe(operand.type), at: operand.range))
      return nil
    }
    if syntax.isDistinct, syntax.function == .sum {
      report(.distinctSum(at: syntax.functionRange))
      return nil
    }
    let aggregate: Aggregate =
      switch syntax.function {
      case .count: syntax.isDistinct ? .countDistinct : .count
      case .sum: .sum
      case .min: .least
      case .max: .greatest
      }
    // A group has a row, so its least and greatest are never absent.
    return TypedColumn(name: name.text, type: type, value: .aggregate(aggregate, operand))
  }

  /// Order keys are columns of the select.
  private mutating func order(_ syntax: WritSyntax.RowQuery) -> [OrderKey]? {
    let columns = ColumnPlaces(syntax.columns.map(\.name.text))
    var keys: [OrderKey] = []
    for key in syntax.order where !key.name.isMissing {
      guard let column = columns[key.name.text] else {
        report(.unknownColumn(key.name, nearest: nearest(key.name.text, columns.names)))
        continue
      }
      keys.append(OrderKey(column: column, isDescending: key.isDescending))
    }
    holdDistinct(syntax.order.map(\.name), "order key")
    return keys.count == syntax.order.count ? keys : nil
  }

  /// `nil` where it is wrong; a value of `nil` where there is none.
  private mutating func limit(_ syntax: IntegerLiteral?) -> (value: Int?, Bool)? {
    guard let syntax else { return (nil, true) }
    guard let value = syntax.value else { return nil }
    guard value > 0 else {
      report(.limitOfZero(at: syntax.range))
      return nil
    }
    return (Int(value), true)
  }

  /// `shortest a.dependsOn+ to b`
  private mutating func path(_ syntax: WritSyntax.PathQuery) -> QueryBody? {
    let path = syntax.path.withoutGroups
    guard case .closure(let base, let sign) = path.kind else {
      if case .missing = path.kind { return nil }
      report(.pathWithoutClosure(at: path.range))
      _ = expression(syntax.target)
      return nil
    }
    let parts = closureParts(base, sign, path.range)
    guard let end = expression(syntax.target) else { return nil }
    guard case .node(let ends) = end.type else {
      if case .optional = end.type {
        report(.maybeAbsent(describe(end), at: end.range))
      } else {
        report(.pathEnd(index.describe(end.type), at: end.range))
      }
      return nil
    }
    guard let parts else { return nil }
    var reached = Set(parts.targets)
    if case .zeroOrMore = parts.repetition { reached.formUnion(parts.starts) }
    guard !reached.isDisjoint(with: ends) else {
      let (found, met) = (index.describe(end.type), index.describe(.node(reached.sorted())))
      report(.kindsNeverMeet(met, found, at: end.range))
      return nil
    }
    return .path(
      PathQuery(
        start: parts.start, step: parts.step, repetition: parts.repetition, end: end))
  }
}

/// Columns or group keys by name; of names that repeat the first counts.
private struct ColumnPlaces {
  let names: [String]
  private var places = NameMap<Int>()

  init(_ names: [String]) {
    self.names = names
    for (place, name) in names.enumerated() { places.add(name, place) }
  }

  subscript(name: String) -> Int? { places[name] }
}

extension Expression {
  /// The expression without brackets around it.
  var withoutGroups: Expression {
    var current = self
    while case .group(let inner) = current.kind { current = inner }
    return current
  }
}
