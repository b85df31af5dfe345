// A lock, and the things that threads wait for under it.
import Glibc

/// What a thread waits for.
enum Event: Int, CaseIterable {
  /// The groups of an even number are durable; or one of those who wait is to commit them.
  case evenGroup
  /// Of an odd number.
  case oddGroup
  /// There is room in the queue.
  case room
  /// A role has become free.
  case role
  /// There is something to commit that nobody waits for.
  case queued
  /// There is something to derive.
  case derivable
}

/// A POSIX mutex and a condition variable for each event, never moved.
final class Monitor: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let conditions = UnsafeMutablePointer<pthread_cond_t>.allocate(
    capacity: Event.allCases.count)
  /// Threads that wait for each event; guarded by the lock.
  private let waiting = UnsafeMutablePointer<Int>.allocate(capacity: Event.allCases.count)

  init() {
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
    for event in Event.allCases {
      (conditions + event.rawValue).initialize(to: pthread_cond_t())
      pthread_cond_init(conditions + event.rawValue, nil)
    }
    waiting.initialize(repeating: 0, count: Event.allCases.count)
  }

  deinit {
    for event in Event.allCases { pthread_cond_destroy(conditions + event.rawValue) }
    pthread_mutex_destroy(mutex)
    waiting.deallocate()
    conditions.deallocate()
    mutex.deallocate()
  }

  func lock() { pthread_mutex_lock(mutex) }

  func unlock() { pthread_mutex_unlock(mutex) }

  /// Lets go of the lock until the event is told, then has it again; may also wake for no reason.
  func wait(for event: Event) {
    waiting[event.rawValue] += 1
    pthread_cond_wait(conditions + event.rawValue, mutex)
    waiting[event.rawValue] -= 1
  }

  /// Wakes all that wait for the event.
  func tell(_ event: Event) {
    if waiting[event.rawValue] > 0 { pthread_cond_broadcast(conditions + event.rawValue) }
  }

  /// Wakes one that waits for the event.
  func tellOne(_ event: Event) {
    if waiting[event.rawValue] > 0 { pthread_cond_signal(conditions + event.rawValue) }
  }
}

/// A thread of a log's own, joined before what it works on goes away.
struct Worker {
  private let thread: pthread_t

  /// Runs a body on a new thread; `nil` where the system has no more of them.
  init?(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let box = Unmanaged.passRetained(WorkerBody(body))
    guard pthread_create(&thread, nil, runWorker, box.toOpaque()) == 0 else {
      box.release()
      return nil
    }
    self.thread = thread
  }

  func join() { pthread_join(thread, nil) }
}

private final class WorkerBody: Sendable {
  let run: @Sendable () -> Void

  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

// A named function: a closure would take over the isolation of where it is written.
private func runWorker(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let box { Unmanaged<WorkerBody>.fromOpaque(box).takeRetainedValue().run() }
  return nil
}
