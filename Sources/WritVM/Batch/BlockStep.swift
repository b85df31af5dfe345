// What runs: the operations of a block, and the steps of a plan.

import WritBytecode

/// A field's values for the rows of a table.
struct BlockColumn {
  let values: UnsafeRawPointer
  let width: Int
  let presence: ReadWords?
  /// Rows whose sources vouch for them; `nil`: all.
  let vouched: ReadWords?
  let isOptional: Bool
  /// Of a row of which nothing is known.
  let unknown: Slot
  /// Of a row that is vouched for and has no value, where it should have one.
  let missing: Slot
}

/// The edges of each row, and which lead to elements that count.
struct BlockFold {
  /// Where the edges of each row of the table begin.
  let offsets: UnsafePointer<UInt32>
  /// By place of the edge; `nil`: every place.
  let definite: ReadWords?
  let possible: ReadWords?
  /// The two say the same.
  let isExact: UnsafePointer<Bool>
  /// Rows whose edges are vouched for; `nil`: all.
  let vouched: ReadWords?
  /// Something may be missing in every row.
  let isOpen: Bool
  /// A row without edges misses one.
  let mustHaveOne: Bool
}

/// One operation on all rows of a block. Operands are numbers of registers, of truths or of numbers.
enum BlockOperation {
  case column(into: Int, BlockColumn)
  /// `first` + the row.
  case element(into: Int, first: Int64)
  case constantNumber(into: Int, Slot)
  case constantTruth(into: Int, Slot)
  case compareConstant(into: Int, Comparison, Int, Slot, isReversed: Bool)
  case compare(into: Int, Comparison, Int, Int)
  case not(into: Int, Int)
  case and(into: Int, Int, Int)
  case or(into: Int, Int, Int)
  case isAbsent(into: Int, Int)
  case present(into: Int, Int)
  case coalesceConstant(into: Int, Int, Slot)
  case coalesce(into: Int, Int, Int)
  case binary(into: Int, Opcode, Int, Int)
  case unary(into: Int, Opcode, Int, Int)
  case isKind(into: Int, Int, Int)
  case stringTest(into: Int, Int, Int, Int)
  case truth(into: Int, ofNumber: Int)
  case number(into: Int, ofTruth: Int)
  case isEmpty(into: Int, BlockFold)
  case count(into: Int, BlockFold)
}

/// A truth that is kept for all rows of a table, so that other tables can count by it.
struct KeptTruth {
  let truth: Int
  let definite: TableBits
  let possible: TableBits
  /// Elements that are not definite by themselves: rows outside are only possible.
  let masks: [TableBits]
  /// For each block, whether the two differ.
  let differs: UnsafeMutablePointer<Bool>
}

/// Operations over all rows of a table, block by block.
///
/// Unchecked: what it points to is written by one step and read by later ones.
struct BlockStage: @unchecked Sendable {
  let domain: Domain
  let rowCount: Int
  var operations: [BlockOperation] = []
  var truthCount = 0
  var numberCount = 0
  var kept: [KeptTruth] = []
}
