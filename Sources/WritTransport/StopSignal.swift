// SIGINT and SIGTERM as something to wait for, beside sockets and instead of sleeping.
import CLinux
import Glibc

/// Asks the program to end: the signals are blocked, and readable from a descriptor.
public final class StopSignal {
  let descriptor: Int32

  /// Takes SIGINT and SIGTERM over for the rest of the program's life. To be made before any
  /// thread, which would take them itself.
  public init() throws(TransportError) {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    descriptor = signalfd(-1, &signals, Int32(SFD_NONBLOCK | SFD_CLOEXEC))
    guard descriptor >= 0 else { throw .system(act: "wait for signals", code: errno) }
  }

  deinit { close(descriptor) }

  /// Waits for as long; `true` once the program has been asked to end.
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
