// The values of one field, for all nodes of a kind or all edges of a type.

/// Which nodes the rows of a column or an index stand for.
///
/// Unchecked: the memory behind it is never written again.
public struct Rows: @unchecked Sendable {
  /// The node of row 0, where the rows are dense.
  public let first: Int
  /// The number of rows.
  public let count: Int
  /// The node of each row, ascending, where the rows are sparse; `nil` where row `r` is node `first
  /// + r`.
  public let nodes: UnsafePointer<UInt32>?

  init(first: Int, count: Int) {
    self.first = first
    self.count = count
    nodes = nil
  }

  init(sparse: UnsafeBufferPointer<UInt32>) {
    first = 0
    count = sparse.count
    nodes = sparse.baseAddress
  }

  /// The row of a node, `nil` if it has none; logarithmic where the rows are sparse.
  public func row(of node: Int) -> Int? {
    guard let nodes else {
      return node >= first && node < first + count ? node - first : nil
    }
    var lower = 0
    var upper = count
    while lower < upper {
      let middle = (lower + upper) / 2
      if Int(nodes[middle]) < node { lower = middle + 1 } else { upper = middle }
    }
    return lower < count && Int(nodes[lower]) == node ? lower : nil
  }

  /// The node of a row.
  public func node(of row: Int) -> Int {
    nodes.map { Int($0[row]) } ?? first + row
  }
}

/// A value for each row, and a bit that says whether there is one.
///
/// The memory belongs to the snapshot or overlay and lives as long as that does. Unchecked: it is
/// never written again.
public struct Column: @unchecked Sendable {
  /// Bytes of a value: 1 for bool and enum (`UInt8`), 4 for string (`UInt32`, a string's number), 8
  /// for int, decimal, date, instant and duration (`Int64`).
  public let width: Int
  /// The number of rows.
  public let count: Int
  /// The values; 0 in a row that has none.
  public let base: UnsafeRawPointer
  /// A bit for each row, lowest first: whether the row has a value. Bits behind the last row are 0.
  public let presence: UnsafePointer<UInt64>

  /// Whether the row has a value.
  public func isPresent(_ row: Int) -> Bool {
    presence[row &>> 6] &>> UInt64(truncatingIfNeeded: row & 63) & 1 != 0
  }

  /// The value of a row as 64 bits: a number as it is, the others from zero up. 0 in a row that has
  /// none.
  public func value(_ row: Int) -> Int64 {
    switch width {
    case 1: Int64(base.load(fromByteOffset: row, as: UInt8.self))
    case 4: Int64(base.load(fromByteOffset: row &* 4, as: UInt32.self))
    default: base.load(fromByteOffset: row &* 8, as: Int64.self)
    }
  }
}

/// A set of strings for each row: distinct numbers of strings, ascending, which is their order by
/// bytes in a snapshot.
///
/// Unchecked: the memory behind it is never written again.
public struct StringSets: @unchecked Sendable {
  /// The number of rows.
  public let count: Int
  /// Row `r` has the members `offsets[r] ..< offsets[r + 1]`.
  public let offsets: UnsafePointer<UInt32>
  /// Numbers of strings.
  public let members: UnsafePointer<UInt32>

  /// Where the members of a row lie.
  public func range(_ row: Int) -> Range<Int> {
    Int(offsets[row])..<Int(offsets[row + 1])
  }
}

/// How the values of one field are held.
public enum FieldStorage: Sendable {
  /// Nothing is held: the field is the key, or nothing here can bring it.
  case none
  case scalar(Column)
  case strings(StringSets)

  /// The value in a row as 64 bits, `nil` where there is none; of a set, nothing.
  func cell(_ row: Int) -> UInt64? {
    guard case .scalar(let column) = self, column.isPresent(row) else { return nil }
    return UInt64(bitPattern: column.value(row))
  }

  /// The members of the set in a row; of anything else, nothing.
  func members(_ row: Int) -> UnsafeBufferPointer<UInt32> {
    guard case .strings(let sets) = self else { return UnsafeBufferPointer(start: nil, count: 0) }
    let range = sets.range(row)
    return UnsafeBufferPointer(start: sets.members + range.lowerBound, count: range.count)
  }
}
