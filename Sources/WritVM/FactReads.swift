// Which facts a run read, as numbers of the linked graph: cheap to note, made into words later.

/// One fact that a run looked at, each once however often it was read.
struct FactRead: Hashable {
  /// What was asked.
  enum Question: UInt8 {
    /// A field of a node of kind `owner`.
    case field
    /// A field of an edge of type `owner`.
    case edgeField
    /// The edges of type `owner` that leave a node.
    case edges
    /// The edges of type `owner` that arrive at a node.
    case inverseEdges
    /// All nodes of kind `owner`.
    case nodes
  }

  let question: Question
  /// Kind or edge type.
  let owner: Int32
  /// Field, where one was read; else 0.
  let field: Int32
  /// The node or edge that was asked; -1 for all nodes of a kind.
  let subject: Int64
}

/// Facts that the runs since `begin` have read.
struct FactReads {
  /// Nothing is noted unless somebody wants to know.
  private(set) var isOn = false
  private var seen: Set<FactRead> = []

  /// Notes from here on, into an empty list.
  mutating func begin() {
    isOn = true
    seen.removeAll(keepingCapacity: true)
  }

  /// Notes nothing more; what was noted stays.
  mutating func pause() { isOn = false }

  /// What was read since `begin`, in no order.
  mutating func end() -> Set<FactRead> {
    isOn = false
    return seen
  }

  @inline(never)
  mutating func note(_ question: FactRead.Question, _ owner: Int, _ field: Int, _ subject: Int64) {
    seen.insert(
      FactRead(
        question: question, owner: Int32(truncatingIfNeeded: owner),
        field: Int32(truncatingIfNeeded: field), subject: subject))
  }
}
