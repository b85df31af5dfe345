// Being asked to end, as something to wait for: beside sockets, and instead of sleeping.
import CLinux
import Glibc

/// Asks a loop to end. Any number of threads.
public final class StopSignal: Sendable {
  /// Can be read once the signal has been given: to wait for, beside others.
  public let descriptor: Int32

  private init(_ descriptor: Int32) throws(TransportError) {
    guard descriptor >= 0 else { throw .system(act: "wait for a signal", code: errno) }
    self.descriptor = descriptor
  }

  /// SIGINT and SIGTERM, taken over for the rest of the program's life. To be made before any
  /// thread, which would take them itself.
  public static func ofProcess() throws(TransportError) -> StopSignal {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    return try StopSignal(signalfd(-1, &signals, Int32(SFD_NONBLOCK | SFD_CLOEXEC)))
  }

  /// A signal that this program gives itself, by `raise`.
  public static func manual() throws(TransportError) -> StopSignal {
    try StopSignal(eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC)))
  }

  deinit { close(descriptor) }

  /// Gives a manual signal; it stays given.
  public func raise() {
    var one: UInt64 = 1
    _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
  }

  /// A signal of the process, and who gave it.
  public struct Given: Hashable, Sendable {
    /// `SIGTERM`.
    public let name: String
    /// The system's number of the user whose process gave it; `nil` where it came from the system, as from a key on a terminal.
    public let user: UInt32?
  }

  /// Takes one signal that was given, so that the next can be told from it; `false` where there is none. Of the process, two of
  /// one kind that come at once are one.
  public func take() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 128)
    return read(descriptor, &buffer, buffer.count) > 0
  }

  /// The same of a signal of the process, and tells which.
  public func takeGiven() -> Given? {
    var given = signalfd_siginfo()
    let size = MemoryLayout<signalfd_siginfo>.size
    guard read(descriptor, &given, size) == size else { return nil }
    let name = given.ssi_signo == UInt32(SIGINT) ? "SIGINT" : "SIGTERM"
    // What a process gives has a code that is not positive.
    return Given(name: name, user: given.ssi_code <= 0 ? given.ssi_uid : nil)
  }

  /// Waits for as long; `true` once the signal has been given.
  public func wait(milliseconds: Int64) -> Bool {
    let end = monotonicMilliseconds() + milliseconds
    while true {
      var descriptors = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
      let left = end - monotonicMilliseconds()
      if WritTransport.wait(&descriptors, milliseconds: left) { return true }
      if left <= 0 { return false }
    }
  }
}
