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

/// Strings of each row of a table.
struct BlockStrings {
  let ids: UnsafePointer<UInt32>
  /// Where those of each row begin.
  let offsets: UnsafePointer<UInt32>
  /// Number of the first row's node.
  let first: Int
  /// Rows whose sources vouch for them; `nil`: all.
  let vouched: ReadWords?
}

/// Texts that are looked for among the strings of the node that a number of a row is.
///
/// Unchecked: nothing is written once it is made.
final class BlockMembership: @unchecked Sendable {
  let strings: BlockStrings
  let node: Int
  let count: Int
  /// Ids; a text that no node has is one that no column holds.
  let texts: UnsafeMutablePointer<UInt32>
  /// The truth for each.
  let targets: UnsafeMutablePointer<Int>

  init(_ strings: BlockStrings, node: Int, _ wanted: [(text: Int64, target: Int)]) {
    self.strings = strings
    self.node = node
    count = wanted.count
    texts = .allocate(capacity: max(1, count))
    targets = .allocate(capacity: max(1, count))
    for (place, one) in wanted.enumerated() {
      (texts + place).initialize(to: UInt32(exactly: one.text) ?? .max)
      (targets + place).initialize(to: one.target)
    }
  }

  deinit {
    texts.deallocate()
    targets.deallocate()
  }
}

/// A field of an element against a number of the row.
struct BlockCondition {
  let column: BlockColumn
  let comparison: Comparison
  let number: Int
  /// The number stands on the left.
  let isReversed: Bool
  let isNegated: Bool
}

/// Elements of a walk that meet conditions of the row.
///
/// Unchecked: nothing is written once it is made.
final class BlockSearch: @unchecked Sendable {
  let fold: BlockFold
  let ends: UnsafePointer<UInt32>
  let firstElement: Int
  let count: Int
  let conditions: UnsafeMutablePointer<BlockCondition>
  /// Each condition leaves a range of the numbers of its column, all of which are known and take eight bytes.
  let isPlain: Bool

  init(
    _ fold: BlockFold, ends: UnsafePointer<UInt32>, firstElement: Int,
    _ conditions: [BlockCondition]
  ) {
    self.fold = fold
    self.ends = ends
    self.firstElement = firstElement
    count = conditions.count
    isPlain = conditions.allSatisfy {
      $0.column.width == 8 && $0.column.vouched == nil && $0.column.presence == nil
        && !($0.comparison == .equal && $0.isNegated)
    }
    self.conditions = .allocate(capacity: max(1, count))
    for (place, condition) in conditions.enumerated() {
      (self.conditions + place).initialize(to: condition)
    }
  }

  deinit {
    conditions.deinitialize(count: count)
    conditions.deallocate()
  }
}

/// What the requests of a block have for one parameter: a value each, of 1 or 8 bytes.
struct ArgumentColumn {
  let values: UnsafeMutableRawPointer
  let width: Int
}

/// The edges of each row, and which lead to elements that count.
struct BlockFold {
  /// Number of the first row's node.
  let first: Int
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
  /// Of requests: an argument, and what is known of the node that a number of the row is. That node is one of the table.
  case argument(into: Int, Int)
  case gather(into: Int, BlockColumn, first: Int, Int)
  case membership(BlockMembership)
  case isEmptyFrom(into: Int, BlockFold, Int)
  case countFrom(into: Int, BlockFold, Int)
  /// Whether no edge from the node leads to an element that meets all conditions.
  case search(into: Int, BlockSearch, Int)
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
