// A set of exact code: numbers without an order, of which no one is merely possible.

/// Elements in memory of the graph, in a range of nodes, or in memory of the set's own.
struct ExactSet {
  enum Form: UInt8 {
    case own, view, range
  }

  private(set) var form = Form.own
  private(set) var count = 0
  private var own: UnsafeMutablePointer<Int64>
  private var capacity = 16
  /// Elements that may stand there before something is to be done: in memory of its own as many as that has, else those that do.
  private var limit = 16
  private var view: UnsafePointer<UInt32>?
  private var first: Int64 = 0

  init() {
    own = .allocate(capacity: capacity)
  }

  func deallocate() { own.deallocate() }

  @inline(__always)
  subscript(place: Int) -> Int64 {
    switch form {
    case .own: own[place]
    case .view: view.map { Int64($0[place]) } ?? 0
    case .range: first &+ Int64(place)
    }
  }

  /// The place of the first element for which something holds, or how many there are; `nil` where that is not known of one before.
  @inline(__always)
  func first(where holds: (Int64) -> Bool?) -> Int? {
    var place = 0
    switch form {
    case .own:
      while place < count {
        guard let isOne = holds(own[place]) else { return nil }
        if isOne { return place }
        place &+= 1
      }
    case .view:
      guard let view else { return count }
      while place < count {
        guard let isOne = holds(Int64(view[place])) else { return nil }
        if isOne { return place }
        place &+= 1
      }
    case .range:
      while place < count {
        guard let isOne = holds(first &+ Int64(place)) else { return nil }
        if isOne { return place }
        place &+= 1
      }
    }
    return count
  }

  @inline(__always)
  mutating func clear() {
    form = .own
    count = 0
    limit = capacity
  }

  /// Becomes what stands in the graph.
  @inline(__always)
  mutating func look(at elements: UnsafePointer<UInt32>, count: Int) {
    form = .view
    view = elements
    self.count = count
    limit = count
  }

  /// Becomes so many numbers from one on.
  mutating func range(from first: Int64, count: Int) {
    form = .range
    self.first = first
    self.count = count
    limit = count
  }

  @inline(__always)
  mutating func append(_ number: Int64) {
    if count == limit { makeRoom() }
    own[count] = number
    count &+= 1
  }

  /// Keeps one of equal elements. O(n log n).
  mutating func makeDistinct() {
    // What stands in the graph is not written to.
    if form != .own { makeRoom() }
    guard count > 1 else { return }
    var elements = UnsafeMutableBufferPointer(start: own, count: count)
    elements.sort()
    var kept = 0
    for place in 1..<count where own[place] != own[kept] {
      kept += 1
      own[kept] = own[place]
    }
    count = kept + 1
  }

  /// More memory of its own, and in it what stood elsewhere.
  @inline(never)
  private mutating func makeRoom() {
    if form != .own && count < capacity {
      // Its own memory holds it, and is not what it looks at.
      for place in 0..<count { own[place] = self[place] }
      form = .own
    } else if form != .own || count == capacity {
      let larger = UnsafeMutablePointer<Int64>.allocate(capacity: max(capacity, count) * 2)
      for place in 0..<count { (larger + place).initialize(to: self[place]) }
      own.deallocate()
      own = larger
      capacity = max(capacity, count) * 2
      form = .own
    }
    limit = capacity
  }
}

/// Which nodes a walk has met. Never cleared as a whole: each walk has a number of its own.
struct ExactMarks {
  private var marks: UnsafeMutablePointer<UInt32>?
  private var nodeCount = 0
  private var walk: UInt32 = 0

  func deallocate() { marks?.deallocate() }

  /// Begins a walk over so many nodes.
  mutating func begin(_ count: Int) {
    if nodeCount < count {
      marks?.deallocate()
      marks = .allocate(capacity: count)
      nodeCount = count
      walk = .max
    }
    if walk == .max {
      marks?.initialize(repeating: 0, count: nodeCount)
      walk = 0
    }
    walk &+= 1
  }

  /// Whether a node is met for the first time. It must be one of the graph.
  @inline(__always)
  func meet(_ node: Int) -> Bool {
    guard let marks, marks[node] != walk else { return false }
    marks[node] = walk
    return true
  }
}
