// Properties while a graph is put together: a row of cells for each node or edge.

import WritModel

/// The properties of one node or edge on their way into its row.
///
/// A cell holds a number's bits, a string's number in the draft, or for a set `start << 32 | count`
/// into `GraphDraft.setMembers`. A cell that is not present is 0, so that equal properties are
/// equal bits.
///
/// The cells lie in memory of their own: a stage is filled once a line, and an array would ask each
/// time whether it is shared.
struct PropertyStage: ~Copyable {
  /// Fields of the row at hand.
  private(set) var fieldCount = 0
  private let memory: UnsafeMutablePointer<UInt64>
  private let presenceBits: UnsafeMutablePointer<UInt64>

  /// A stage for the rows of any kind or edge of the schema.
  init(_ schema: Schema) {
    var most = 0
    for kind in schema.kinds { most = max(most, kind.fields.count) }
    for edge in schema.edges { most = max(most, edge.fields.count) }
    memory = .allocate(capacity: most + 1)
    memory.initialize(repeating: 0, count: most + 1)
    presenceBits = .allocate(capacity: wordCount(most))
    presenceBits.initialize(repeating: 0, count: wordCount(most))
  }

  deinit {
    memory.deallocate()
    presenceBits.deallocate()
  }

  var cells: UnsafeBufferPointer<UInt64> {
    UnsafeBufferPointer(start: memory, count: fieldCount)
  }

  var presence: UnsafeBufferPointer<UInt64> {
    UnsafeBufferPointer(start: presenceBits, count: wordCount(fieldCount))
  }

  /// Empties the stage for a row of a kind or edge with that many fields.
  mutating func clear(_ fieldCount: Int) {
    self.fieldCount = fieldCount
    memory.update(repeating: 0, count: fieldCount)
    presenceBits.update(repeating: 0, count: wordCount(fieldCount))
  }

  /// Whether the field has a value.
  func has(_ field: Int) -> Bool {
    presenceBits[field &>> 6] &>> UInt64(truncatingIfNeeded: field & 63) & 1 != 0
  }

  /// Gives the field a value.
  mutating func set(_ field: Int, _ cell: UInt64) {
    memory[field] = cell
    presenceBits[field &>> 6] |= 1 &<< UInt64(truncatingIfNeeded: field & 63)
  }

  /// Takes the field's value away.
  mutating func unset(_ field: Int) {
    memory[field] = 0
    presenceBits[field &>> 6] &= ~(1 &<< UInt64(truncatingIfNeeded: field & 63))
  }
}

/// Words of a bitmap of that many bits, at least one.
func wordCount(_ bits: Int) -> Int { max(1, (bits + 63) / 64) }

/// Rows of cells, one behind the other.
struct PropertyRows {
  /// Fields, and so cells, of a row.
  let stride: Int
  /// Words of a row's presence bits.
  let words: Int
  private(set) var count = 0
  private(set) var cells: [UInt64] = []
  private(set) var presence: [UInt64] = []

  init(fieldCount: Int) {
    stride = fieldCount
    words = fieldCount == 0 ? 0 : wordCount(fieldCount)
  }

  /// Adds a row and says its number.
  mutating func append(_ stage: borrowing PropertyStage) -> Int {
    if stride > 0 {
      cells.append(contentsOf: stage.cells)
      presence.append(contentsOf: stage.presence)
    }
    count += 1
    return count - 1
  }

  /// Adds all rows of another table of the same fields.
  mutating func append(_ rows: PropertyRows) {
    cells.append(contentsOf: rows.cells)
    presence.append(contentsOf: rows.presence)
    count += rows.count
  }

  /// Changes the cells of a field that has a value.
  mutating func change(_ field: Int, _ change: (UInt64) -> UInt64) {
    for row in 0..<count {
      if let cell = cell(row, field) { cells[row &* stride &+ field] = change(cell) }
    }
  }

  /// Takes all rows out; their memory stays.
  mutating func removeAll() {
    cells.removeAll(keepingCapacity: true)
    presence.removeAll(keepingCapacity: true)
    count = 0
  }

  /// Overwrites a row.
  mutating func replace(_ row: Int, _ stage: borrowing PropertyStage) {
    for field in 0..<stride { cells[row * stride + field] = stage.cells[field] }
    for word in 0..<words { presence[row * words + word] = stage.presence[word] }
  }

  /// The cell of a field, `nil` where it has no value.
  func cell(_ row: Int, _ field: Int) -> UInt64? {
    let word = presence[row &* words &+ field &>> 6]
    guard word &>> UInt64(truncatingIfNeeded: field & 63) & 1 != 0 else { return nil }
    return cells[row &* stride &+ field]
  }

}
