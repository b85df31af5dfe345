// What a block computes: expressions over the rows of one table, each written once.

import WritBytecode

/// The rows of a table: all nodes of a kind, or all edges of a type; or the requests of a block.
enum Domain: Hashable {
  case nodes(Int)
  case edges(Int)
  case requests
}

/// A comparison of two numbers.
enum Comparison: UInt8 {
  case equal, less, lessOrEqual

  /// Of numbers that are known.
  @inline(__always)
  func callAsFunction(_ left: Int64, _ right: Int64) -> Bool {
    switch self {
    case .equal: left == right
    case .less: left < right
    case .lessOrEqual: left <= right
    }
  }

  /// As the scalar executor compares.
  func callAsFunction(_ left: Slot, _ right: Slot) -> Slot {
    switch self {
    case .equal: .equal(left, right)
    case .less: .less(left, right)
    case .lessOrEqual: .lessOrEqual(left, right)
    }
  }
}

/// An operation whose operands are expressions of the same plan, by number.
enum BlockExpression: Hashable {
  /// The same in every row.
  case constant(Slot)
  /// The row's own node or edge.
  case element
  /// Argument of the row, a request.
  case argument(Int)
  /// A field of the row, from table `table` of the field reference.
  case column(field: Int, table: Int)
  /// The same of the node that an argument is.
  case gathered(field: Int, table: Int, argument: Int)
  /// Whether a text is among the strings of a field of the node that an argument is.
  case isMember(Slot, field: Int, table: Int, argument: Int)
  case compare(Comparison, Int, Int)
  case not(Int)
  case and(Int, Int)
  case or(Int, Int)
  case isAbsent(Int)
  /// The number without the doubt whether there is one.
  case present(Int)
  /// The first, or the second in its place where it is absent.
  case coalesce(Int, Int)
  /// Arithmetic of two numbers.
  case binary(Opcode, Int, Int)
  /// An operation on one value with the operand of its instruction, row by row.
  case unary(Opcode, Int, Int)
  case stringTest(Int, Int, Int)
  /// Of a walk from the row, or from the node that an argument of the row is.
  case isEmpty(Int, from: Int?)
  case count(Int, from: Int?)
  /// A field of a row of a table against a number of the request at hand: only as a condition of a walk.
  case across(AcrossCondition)
}

/// A comparison of a field of a walk's element with a number of the request that it is walked for.
struct AcrossCondition: Hashable {
  let comparison: Comparison
  /// Of the element: a column.
  let field: Int
  let table: Int
  /// Expression over the requests.
  let number: Int
  /// The number stands on the left.
  let isReversed: Bool
  var isNegated = false
}

/// What the values of an expression are, as far as kernels care.
enum BlockType {
  /// A truth that is never absent.
  case truth
  /// A truth or absent.
  case optionalTruth
  case number
}

/// The elements that one step leads to from each row, as far as a predicate holds.
struct BlockWalk: Hashable {
  let step: Int
  /// Place of the table among those of the step.
  let table: Int
  /// The elements are the edges themselves, not the nodes that they lead to.
  let areEdges: Bool
  /// `nil`: nodes of several kinds, of which no predicate can speak.
  let elements: Domain?
  /// A truth over the elements.
  var predicate: Int?
  /// Edges of a row that lead to one element count once.
  var countsOnce = false
  /// What must hold besides, of the element and the request.
  var across: [AcrossCondition] = []
  /// The walk from whose elements the step is taken; `nil`: from the row.
  var outer: Int?
}

/// Expressions and walks, each once, operands before what uses them.
struct BlockGraph {
  struct Entry: Hashable {
    let expression: BlockExpression
    /// `nil` for what is the same in every row of every table.
    let domain: Domain?
  }

  private(set) var entries: [Entry] = []
  private(set) var types: [BlockType] = []
  private(set) var walks: [BlockWalk] = []
  private var entryNumbers: [Entry: Int] = [:]
  private var walkNumbers: [BlockWalk: Int] = [:]
  /// Conjunctions with a comparison of an element and a request in them.
  private var mixed: Set<Int> = []

  mutating func add(_ expression: BlockExpression, _ domain: Domain?, _ type: BlockType) -> Int {
    let entry = Entry(expression: expression, domain: domain)
    if let known = entryNumbers[entry] { return known }
    entryNumbers[entry] = entries.count
    switch expression {
    case .across: mixed.insert(entries.count)
    case .and(let left, let right) where isMixed(left) || isMixed(right):
      mixed.insert(entries.count)
    default: break
    }
    entries.append(entry)
    types.append(type)
    return entries.count - 1
  }

  mutating func add(_ walk: BlockWalk) -> Int {
    if let known = walkNumbers[walk] { return known }
    walkNumbers[walk] = walks.count
    walks.append(walk)
    return walks.count - 1
  }

  mutating func constant(_ slot: Slot) -> Int {
    add(.constant(slot), nil, slot == .yes || slot == .no ? .truth : .number)
  }

  /// Whether it speaks of an element and of a request at once.
  func isMixed(_ number: Int) -> Bool { mixed.contains(number) }

  /// Of an expression that was added.
  func number(of entry: Entry) -> Int? { entryNumbers[entry] }

  /// The value of an expression that is the same everywhere.
  func constant(_ number: Int) -> Slot? {
    if case .constant(let slot) = entries[number].expression { slot } else { nil }
  }

  /// Whether `part` is the conjunction `whole` or one of its members, as conditions are added on the right.
  func isConjunct(_ part: Int, of whole: Int) -> Bool {
    var rest = whole
    while rest != part {
      guard case .and(let left, let right) = entries[rest].expression else { return false }
      if right == part { return true }
      rest = left
    }
    return true
  }
}
