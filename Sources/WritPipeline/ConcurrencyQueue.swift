// Runs that must not be under way at once: first in, first out, with one limit on the group.

/// The runs of one concurrency group. What must be done comes back as values.
public struct ConcurrencyQueue: Hashable, Sendable {
  /// What whoever keeps the queue must do.
  public enum Order: Hashable, Sendable {
    /// Let the run begin.
    case begin(run: String)
    /// The run will not begin: a newer one has taken its place.
    case superseded(run: String, by: String)
  }

  /// Runs under way at once: at least 1.
  public let limit: Int
  /// In the order in which they began.
  public private(set) var running: [String] = []
  /// In the order in which they came.
  public private(set) var waiting: [String] = []

  /// An empty queue.
  public init(limit: Int) {
    precondition(limit >= 1, "a queue lets one run begin")
    self.limit = limit
  }

  /// A queue as it was kept; whoever waits and has room begins with the next change.
  public init(limit: Int, running: [String], waiting: [String]) {
    self.init(limit: limit)
    self.running = running
    self.waiting = waiting.filter { !running.contains($0) }
  }

  /// A run comes; one that is known already changes nothing.
  ///
  /// - Parameter supersedes: Whether it takes the place of all that wait; those under way are never touched.
  public mutating func enter(_ run: String, supersedes: Bool) -> [Order] {
    guard !running.contains(run), !waiting.contains(run) else { return fill() }
    var orders: [Order] = []
    if supersedes {
      orders = waiting.map { .superseded(run: $0, by: run) }
      waiting = []
    }
    waiting.append(run)
    return orders + fill()
  }

  /// A run has ended, or waits no more.
  public mutating func leave(_ run: String) -> [Order] {
    running.removeAll { $0 == run }
    waiting.removeAll { $0 == run }
    return fill()
  }

  private mutating func fill() -> [Order] {
    var orders: [Order] = []
    while running.count < limit, !waiting.isEmpty {
      let run = waiting.removeFirst()
      running.append(run)
      orders.append(.begin(run: run))
    }
    return orders
  }
}
