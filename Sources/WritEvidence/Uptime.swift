// How long a machine has been running, which nobody can set: what tells a wall clock that was set from one
// that went on while nothing was logged.

/// Time since a machine was started.
public struct Uptime: Hashable, Sendable {
  /// Which start: a text that no other start of any machine has.
  public let boot: String
  /// Since then, sleep included.
  public let microseconds: Int64

  /// So long after that start.
  public init(boot: String, microseconds: Int64) {
    self.boot = boot
    self.microseconds = microseconds
  }
}
