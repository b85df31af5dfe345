// A program that is ended by a signal as one that crashes is, where the system would keep its core.
import Foundation

/// Runs a program with cores turned on as far as may be, and ends it by a signal that makes one.
public struct Aborted: Sendable {
  /// Whether a signal ended it, and which.
  public let signal: Int32?
  /// Whether the kernel made a core of it.
  public let hasCore: Bool

  public struct NotStarted: Error {}

  /// - Parameters:
  ///   - program: Words; the first is a path.
  ///   - folder: Where it works, and where a core would come to lie.
  ///   - wanted: The signal; SIGABRT where none is said.
  ///   - body: Called with its number once it runs; then that is sent.
  public init(
    _ program: [String], in folder: String, path: String, by wanted: Int32 = 6,
    once body: (Int32) throws -> Void
  ) throws {
    let script =
      #"cd "$1" || exit 1; shift; ulimit -c unlimited; exec "$@" > aborted.out 2> aborted.err < /dev/null"#
    var words = (["/bin/sh", "-c", script, "sh", folder] + program).map { strdup($0) } + [nil]
    var variables = [strdup("PATH=\(path)"), nil]
    defer { for text in words + variables { free(text) } }
    // Threads that run tests may have signals blocked, and what they start would.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var number: pid_t = 0
    guard posix_spawn(&number, "/bin/sh", nil, &attributes, &words, &variables) == 0 else {
      throw NotStarted()
    }
    do {
      try body(number)
    } catch {
      kill(number, SIGKILL)
      waitpid(number, nil, 0)
      throw error
    }
    kill(number, wanted)
    var status: Int32 = 0
    // Nobody waits for ever for what does not end.
    var isOver = false
    for _ in 0..<1000 where !isOver {
      isOver = waitpid(number, &status, WNOHANG) == number
      if !isOver { usleep(10_000) }
    }
    if !isOver {
      kill(number, SIGKILL)
      waitpid(number, &status, 0)
    }
    signal = status & 0x7f == 0 ? nil : status & 0x7f
    hasCore = status & 0x80 != 0
  }
}
