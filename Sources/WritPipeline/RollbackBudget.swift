// How often a version may have to be rolled back before a person must say that it may be tried again.

/// Rollbacks by (service, artifact), from run to run; a value that whoever starts runs keeps.
///
/// A rollback that failed locks at once: nobody knows what a second try would meet.
public struct RollbackBudget: Hashable, Sendable {
  /// Rollbacks after which a version is locked: at least 1.
  public let limit: Int
  /// Rollbacks so far; what is not there has had none.
  public private(set) var counts: [DeployedTarget: Int] = [:]

  /// A budget of which nothing is used.
  public init(limit: Int) {
    precondition(limit >= 1, "a budget allows a first try")
    self.limit = limit
  }

  /// A budget as it was kept.
  public init(limit: Int, counts: [DeployedTarget: Int]) {
    self.init(limit: limit)
    self.counts = counts
  }

  /// What may not be deployed now, sorted: a run begins with it.
  public var locked: [DeployedTarget] {
    counts.filter { $0.value >= limit }.keys.sorted()
  }

  /// Counts what a run had to undo.
  public mutating func record(_ verdict: RunVerdict) {
    for target in verdict.undone {
      let count = counts[target, default: 0] + 1
      counts[target] = verdict.rollback == .rollbackFailed ? max(limit, count) : count
    }
  }

  /// A person lets a version be tried again; it has all its tries anew.
  public mutating func unlock(_ target: DeployedTarget) { counts[target] = nil }
}
