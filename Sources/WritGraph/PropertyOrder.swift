// The order of edges that leave the same node and reach the same node.

import WritModel

/// Compares properties by what they say, so that the order does not depend on how the schema was
/// written down.
///
/// Fields are taken by the bytes of their names. A missing value comes first, then numbers, dates
/// and times by value, `false` before `true`, texts and enum members by the bytes of their names,
/// sets element by element.
struct PropertyOrder {
  private struct Key {
    let field: Int
    let form: StorageForm
    /// Per member of the enum, its place by name.
    let places: [Int]

    func rank(_ cell: UInt64) -> Int64 {
      form == .enumeration ? Int64(places[Int(cell)]) : Int64(bitPattern: cell)
    }
  }

  private let keys: [Key]

  init(_ fields: [FieldType], _ schema: Schema) {
    let order = fields.indices.sorted {
      fields[$0].name.utf8.lexicographicallyPrecedes(fields[$1].name.utf8)
    }
    keys = order.map { field in
      var places: [Int] = []
      if case .enumeration(let index) = fields[field].type.unwrapped {
        places = PropertyOrder.places(schema.enums[index].members)
      }
      return Key(
        field: field, form: StorageForm(fields[field].type) ?? .string, places: places)
    }
  }

  private static func places(_ members: [String]) -> [Int] {
    var places = Array(repeating: 0, count: members.count)
    let order = members.indices.sorted {
      members[$0].utf8.lexicographicallyPrecedes(members[$1].utf8)
    }
    for (place, member) in order.enumerated() { places[member] = place }
    return places
  }

  /// -1, 0 or 1: how row `left` stands to row `right`.
  ///
  /// `cell` gives a value's bits, with texts by rank; `members` the ranks in a set, ascending, none
  /// for a missing one.
  func compare(
    _ left: Int, _ right: Int, cell: (_ row: Int, _ field: Int) -> UInt64?,
    members: (_ row: Int, _ field: Int) -> [UInt32]
  ) -> Int {
    for key in keys {
      if key.form == .strings {
        let a = members(left, key.field)
        let b = members(right, key.field)
        if a != b { return a.lexicographicallyPrecedes(b) ? -1 : 1 }
        continue
      }
      let a = cell(left, key.field)
      let b = cell(right, key.field)
      guard a != b else { continue }
      guard let a, let b else { return a == nil ? -1 : 1 }
      return key.rank(a) < key.rank(b) ? -1 : 1
    }
    return 0
  }
}
