// Real threads that append to one writer until it fails or they are done.

import Glibc
import WritEvidence
import WritTesting

/// Threads that each append, wait, and sometimes publish.
final class Callers: Sendable {
  private let writer: LogWriter
  private let chronicle: Chronicle

  init(_ writer: LogWriter, _ chronicle: Chronicle) {
    self.writer = writer
    self.chronicle = chronicle
  }

  /// Runs that many threads to their end.
  func run(threads: Int, seed: UInt64) throws {
    var running: [pthread_t] = []
    for number in 0..<threads {
      var thread = pthread_t()
      let box = Unmanaged.passRetained(Caller(self, number, seed))
      guard pthread_create(&thread, nil, runCaller, box.toOpaque()) == 0 else {
        box.release()
        throw BrokenPromise("the system has no more threads")
      }
      running.append(thread)
    }
    for thread in running { pthread_join(thread, nil) }
  }

  /// One thread's part; the first error ends it, as it would end a process.
  fileprivate func call(_ number: Int, _ seed: UInt64) throws {
    var random = SplitMix64(seed: seed &+ UInt64(number) &* 7919)
    var entries = EntrySource(seed: seed, name: "caller \(number)")
    for _ in 0..<12 {
      let batch = (0..<1 + random.below(8)).map { _ in entries.next() }
      chronicle.note { $0.submitted.formUnion(batch) }
      if random.below(2) == 0 {
        var tickets: [AppendTicket] = []
        for entry in batch { tickets.append(try writer.enqueue(entry)) }
        for (ticket, entry) in zip(tickets, batch) {
          try writer.wait(for: ticket)
          chronicle.note { $0.acknowledged[ticket.indexes.lowerBound] = entry }
        }
      } else {
        for entry in batch {
          let index = try writer.append(entry)
          chronicle.note { $0.acknowledged[index] = entry }
        }
      }
      if random.below(6) == 0 {
        let checkpoint = Checkpoint(try writer.publish().text)
        chronicle.note { history in
          let isNewer = history.published?.size ?? 0 < checkpoint?.size ?? 0
          if isNewer { history.published = checkpoint }
        }
      }
    }
  }
}

private final class Caller: Sendable {
  let callers: Callers
  let number: Int
  let seed: UInt64

  init(_ callers: Callers, _ number: Int, _ seed: UInt64) {
    (self.callers, self.number, self.seed) = (callers, number, seed)
  }
}

private func runCaller(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let box else { return nil }
  let caller = Unmanaged<Caller>.fromOpaque(box).takeRetainedValue()
  // An error is what the test waits for; the history says what was promised before it.
  try? caller.callers.call(caller.number, caller.seed)
  return nil
}
