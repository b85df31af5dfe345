// The search of exact code: the first element of a set that meets some conditions on its fields.

/// A condition on a field of an element, ready to be tried on many: whether the value lies in a range is `isIn`.
private struct ExactCondition {
  let values: UnsafeRawPointer
  let first: Int
  let count: Int
  let width: Int
  let lower: Int64
  /// How far above `lower` the range goes.
  let span: UInt64
  let isIn: Bool

  /// That comparing a value with the number does not yield what leaves the search.
  init(_ column: ExactColumn, _ comparison: Comparison, _ number: Int64, leaves: Bool) {
    values = column.values
    first = column.first
    count = column.count
    width = column.width
    if comparison == .less && number == .min {
      // No value is less.
      (lower, span, isIn) = (.min, .max, leaves)
      return
    }
    lower = comparison == .equal ? number : .min
    let upper = comparison == .less ? number &- 1 : number
    span = UInt64(bitPattern: upper &- lower)
    isIn = !leaves
  }

  @inline(__always)
  func holds(_ row: Int) -> Bool {
    let value: Int64 =
      switch width {
      case 1: Int64(values.load(fromByteOffset: row, as: UInt8.self))
      case 4: Int64(values.load(fromByteOffset: row &* 4, as: UInt32.self))
      default: values.load(fromByteOffset: row &* 8, as: Int64.self)
      }
    return (UInt64(bitPattern: value &- lower) <= span) == isIn
  }
}

extension ExactExecutor {
  static let unsure = -1
  private static let conditionRoom = 4

  /// The place of the first element of a set that meets all conditions, or their number; `unsure` where a condition is not known.
  @inline(never)
  func search(
    _ words: UnsafePointer<ExactWord>, _ count: Int, _ set: ExactSet, _ tables: ExactView
  ) -> Int {
    if set.count == 0 { return 0 }
    guard count <= ExactExecutor.conditionRoom else { return slowSearch(words, count, set, tables) }
    return withUnsafeTemporaryAllocation(
      of: ExactCondition.self, capacity: ExactExecutor.conditionRoom
    ) { room -> Int in
      let conditions = room.baseAddress.unsafelyUnwrapped
      for place in 0..<count {
        let i = words[place]
        let field = tables.fields[Int(i.b)]
        let column = tables.columns + Int(field.first)
        let other = registers[Int(i.c)]
        guard field.count == 1, column.pointee.presence == nil, column.pointee.width > 0,
          other.tag == .known
        else { return slowSearch(words, count, set, tables) }
        (conditions + place).initialize(
          to: ExactCondition(
            column.pointee, unsafeBitCast(i.d & 3, to: Comparison.self), other.number,
            leaves: i.d & 4 != 0))
      }
      return set.first { element -> Bool? in
        var place = 0
        repeat {
          let row = Int(element) &- conditions[place].first
          guard row >= 0, row < conditions[place].count else { return nil }
          if !conditions[place].holds(row) { return false }
          place &+= 1
        } while place < count
        return true
      } ?? ExactExecutor.unsure
    }
  }

  /// The same for any columns.
  @inline(never)
  private func slowSearch(
    _ conditions: UnsafePointer<ExactWord>, _ count: Int, _ set: ExactSet, _ tables: ExactView
  ) -> Int {
    set.first { number -> Bool? in
      let element = ExactValue(number: number)
      for condition in 0..<count {
        let i = conditions[condition]
        let value = field(Int(i.b), of: element, tables)
        let other = registers[Int(i.c)]
        guard value.tag == .known, other.tag == .known else { return nil }
        let comparison = unsafeBitCast(i.d & 3, to: Comparison.self)
        if comparison(value.number, other.number) == (i.d & 4 != 0) { return false }
      }
      return true
    } ?? ExactExecutor.unsure
  }
}
