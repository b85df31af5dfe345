// How much anything outside may ask of a delegate.

/// The bounds of what a delegate reads, keeps and runs.
public enum DelegateLimits {
  /// Bytes in a secret: fewer would be redacted from everywhere, more are no secret of a program.
  public static let secretByteCounts = 4...16_384
  /// Bytes in the file of a sealed secret.
  public static let secretFileByteCount = 65_536
  /// Bytes in a key or settings file.
  public static let smallFileByteCount = 65_536
  /// Bytes in the file of spent permits: some 100,000 orders. It is written anew before it is full.
  public static let spentFileByteCount = 256 << 20
  /// Bytes of it that are left for the result of what is begun.
  static let spentResultByteCount = 16_384
  /// Microseconds for which a permit that was used is remembered at least: many times as long as any counts, and longer than a
  /// clock is off.
  public static let rememberedMicroseconds: Int64 = 3_600_000_000
  /// Bytes of output that are handed on; the rest is counted and digested.
  public static let outputByteCount: Int64 = 4 << 20
  /// Line breaks in a row inside a secret's form that do not hide it, where the secret has no more.
  public static let breaks = 4
  /// Bytes of a command with its folder and variables: more than the kernel takes.
  static let launchByteCount = 8 << 20
  /// Seconds in which a launcher takes what it is asked.
  static let launcherSeconds = 10
  /// Seconds in which a process becomes the program: what is asked to end meanwhile is heard afterwards.
  static let becomingSeconds: UInt32 = 10
  /// Milliseconds in which what a process before had started must have ended.
  public static let endingMilliseconds: Int64 = 10_000
  /// Milliseconds that a program may run where its assignment says nothing.
  public static let usualTimeout: Int64 = 3_600_000
  /// Milliseconds that a program may run at most.
  public static let longestTimeout: Int64 = 7 * 86_400_000
  /// Milliseconds between being asked to end and being killed.
  public static let graceMilliseconds: Int64 = 2_000
  /// Milliseconds in which output is read on after a program's end.
  public static let drainMilliseconds: Int64 = 1_000
  /// Milliseconds between two heartbeats.
  public static let heartbeatMilliseconds: Int64 = 5_000
  /// Milliseconds without a word after which the control plane is lost, and with it the lease.
  public static let silenceMilliseconds: Int64 = 30_000
  /// Milliseconds before the first and between later attempts to connect over a network.
  public static let backoffMilliseconds: ClosedRange<Int64> = 250...10_000
  /// The same at a Unix socket: to look costs next to nothing, and one that waits for work is often looked for.
  public static let nearBackoffMilliseconds: ClosedRange<Int64> = 250...1_000
}
