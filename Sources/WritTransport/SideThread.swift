// Work that takes its time, in one thread beside a server's own: at most one piece of it at a time.
import CLinux
import Glibc
import Synchronization

/// Does one piece of work at a time and brings what came of it to whoever waits for `descriptor`.
final class SideThread: Sendable {
  private struct State {
    var work: (ticket: Int, body: @Sendable () -> HTTPResponse)?
    var isBusy = false
    var isEnded = false
    var done: (ticket: Int, response: HTTPResponse)?
  }

  private let state = Mutex(State())
  /// Rings where there is work, and where some is done.
  private let begin = Bell()
  private let end = Bell()
  private let thread = Mutex<pthread_t?>(nil)

  /// To wait for, beside others.
  var descriptor: Int32 { end.descriptor }

  /// Begins with a piece of work; `false` where another is under way, or the system has no thread for it.
  func start(_ ticket: Int, _ body: @escaping @Sendable () -> HTTPResponse) -> Bool {
    let isTaken = state.withLock { state in
      guard !state.isBusy, begin.isThere, end.isThere else { return false }
      state.isBusy = true
      state.work = (ticket, body)
      return true
    }
    guard isTaken else { return false }
    guard hasThread() else {
      state.withLock { state in (state.isBusy, state.work) = (false, nil) }
      return false
    }
    begin.ring()
    return true
  }

  /// What came of the last piece of work, once.
  func result() -> (ticket: Int, response: HTTPResponse)? {
    end.silence()
    return state.withLock { state in
      defer { state.done = nil }
      if state.done != nil { state.isBusy = false }
      return state.done
    }
  }

  /// Ends the thread once what is under way is done.
  func finish() {
    state.withLock { state in state.isEnded = true }
    begin.ring()
    if let thread = thread.withLock({ $0 }) { pthread_join(thread, nil) }
  }

  private func hasThread() -> Bool {
    thread.withLock { thread in
      guard thread == nil else { return true }
      var made = pthread_t()
      let box = Unmanaged.passRetained(self)
      guard pthread_create(&made, nil, runSide, box.toOpaque()) == 0 else {
        box.release()
        return false
      }
      thread = made
      return true
    }
  }

  fileprivate func run() {
    while true {
      begin.wait()
      let (work, isEnded) = state.withLock { state in
        defer { state.work = nil }
        return (state.work, state.isEnded)
      }
      if let work {
        let response = work.body()
        state.withLock { state in state.done = (work.ticket, response) }
        end.ring()
      }
      if isEnded { return }
    }
  }
}

/// A named function: a closure would take over the isolation of where it is written.
private func runSide(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let box { Unmanaged<SideThread>.fromOpaque(box).takeRetainedValue().run() }
  return nil
}

/// Something that one thread rings and another waits for.
private final class Bell: Sendable {
  /// -1 where the system has none; nobody waits for such a one.
  let descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))

  deinit { if isThere { close(descriptor) } }

  var isThere: Bool { descriptor >= 0 }

  func ring() {
    var one: UInt64 = 1
    _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
  }

  func silence() {
    var count: UInt64 = 0
    _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
  }

  /// Waits until it was rung, and silences it.
  func wait() {
    var descriptors = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
    while poll(&descriptors, 1, -1) <= 0 {}
    silence()
  }
}
