// Which facts a run read, as numbers of the linked graph: cheap to note, made into words later.

/// One fact that a run looked at.
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

  /// From the top: 8 bits of question, 24 of owner, 32 of field.
  let word: UInt64
  /// The node or edge that was asked; -1 for all nodes of a kind.
  let subject: Int64

  init(_ question: Question, owner: Int, field: Int, subject: Int64) {
    word =
      UInt64(question.rawValue) << 56 | UInt64(truncatingIfNeeded: owner & 0xff_ffff) << 32
      | UInt64(truncatingIfNeeded: field & 0xffff_ffff)
    self.subject = subject
  }

  /// A read of another subject.
  init(word: UInt64, subject: Int64) {
    self.word = word
    self.subject = subject
  }

  var question: Question { Question(rawValue: UInt8(truncatingIfNeeded: word >> 56)) ?? .nodes }
  /// Kind or edge type.
  var owner: Int { Int(word >> 32 & 0xff_ffff) }
  /// Field, where one was read; else 0.
  var field: Int { Int(word & 0xffff_ffff) }
}

/// Facts that the runs since `begin` have read.
struct FactReads {
  /// Nothing is noted unless somebody wants to know.
  private(set) var isOn = false
  /// In the order of reading, as often as they were read.
  private var noted: UnsafeMutablePointer<FactRead>?
  private var count = 0
  /// What `noted` had no more room for, each once.
  private var spilled: Set<FactRead> = []

  /// Reads that are kept in their order; few clauses read more.
  private static let room = 4_096

  /// Notes from here on, into an empty list.
  mutating func begin() {
    isOn = true
    count = 0
    if noted == nil { noted = .allocate(capacity: FactReads.room) }
    if !spilled.isEmpty { spilled.removeAll() }
  }

  /// Notes nothing more; what was noted stays.
  mutating func pause() { isOn = false }

  /// What was read since `begin`, as it was read; `nil` if it was too much to keep its order.
  var sequence: UnsafeBufferPointer<FactRead>? {
    spilled.isEmpty ? UnsafeBufferPointer(start: noted, count: count) : nil
  }

  /// The same, each once.
  var distinct: Set<FactRead> {
    spilled.union(UnsafeBufferPointer(start: noted, count: count))
  }

  mutating func note(_ question: FactRead.Question, _ owner: Int, _ field: Int, _ subject: Int64) {
    guard let noted else { return }
    if count == FactReads.room {
      spilled.formUnion(UnsafeBufferPointer(start: noted, count: count))
      count = 0
    }
    (noted + count).initialize(
      to: FactRead(question, owner: owner, field: field, subject: subject))
    count += 1
  }

  func deallocate() { noted?.deallocate() }
}
