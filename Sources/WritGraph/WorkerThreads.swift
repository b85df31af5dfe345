// Threads for work that splits into parts; what is worked out never depends on how many there are.

@preconcurrency import Glibc
import Synchronization

/// Processors that the process may run on, at least 1.
public var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

/// Calls the body on so many threads, each with its number, and returns when all are done. Where the system gives no thread
/// the calling one does its part.
public func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  var threads: [pthread_t] = []
  if count == 1 { return body(0) }
  for number in 0..<count {
    var thread = pthread_t()
    let work = Unmanaged.passRetained(Work(number, body))
    if pthread_create(&thread, nil, runWork, work.toOpaque()) == 0 {
      threads.append(thread)
    } else {
      work.takeRetainedValue().run()
    }
  }
  for thread in threads { pthread_join(thread, nil) }
}

/// What one thread does.
private final class Work: Sendable {
  private let number: Int
  private let body: @Sendable (Int) -> Void

  init(_ number: Int, _ body: @escaping @Sendable (Int) -> Void) {
    self.number = number
    self.body = body
  }

  func run() { body(number) }
}

/// A named function: a closure that is written where the main actor runs would belong to it, and trap on another thread.
private func runWork(_ work: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let work { Unmanaged<Work>.fromOpaque(work).takeRetainedValue().run() }
  return nil
}

/// Numbers that threads take, each once.
final class SharedCounter: Sendable {
  private let taken = Atomic<Int>(0)

  /// The next number, `nil` from `bound` on.
  func next(below bound: Int) -> Int? {
    let number = taken.add(1, ordering: .relaxed).oldValue
    return number < bound ? number : nil
  }
}

/// The least of the places that threads note.
final class FirstPlace: Sendable {
  private let least = Atomic<Int>(.max)

  func note(_ place: Int) {
    least.min(place, ordering: .relaxed)
  }

  /// `nil` if none was noted.
  var place: Int? {
    let place = least.load(ordering: .relaxed)
    return place == .max ? nil : place
  }
}
