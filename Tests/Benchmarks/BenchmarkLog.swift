// Logs to measure with, and what is measured with them.
import Foundation
import Synchronization
import WritCrypto
import WritEvidence

/// A log that goes away with the measurement.
final class BenchmarkLog: Sendable {
  let store: LogStore
  let signer: NoteSigner
  let disk: MeteredDisk
  private let directory: String

  /// Makes an empty log in a folder.
  init(in folder: String, delay: Int? = nil) throws {
    directory = folder + "/writ-benchmark-\(getpid())-\(clock())"
    guard let name = KeyName("log.example/benchmark"),
      let key = Ed25519PrivateKey(seed: [UInt8](repeating: 3, count: 32))
    else { throw BenchmarkError(description: "no key") }
    signer = NoteSigner(name: name, key: key)
    disk = MeteredDisk(delay: delay)
    store = LogStore(directory: directory, disk: disk)
    try store.create(origin: name, keyPath: "none")
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// Opens the log for writing.
  func open() throws -> LogWriter { try LogWriter(store: store, signer: signer) }

  /// Appends records of 1 KiB without waiting for each, and waits for the last.
  func fill(_ writer: LogWriter, _ count: Int) throws {
    var entry = benchmarkEntry
    var last: AppendTicket?
    for number in 0..<count {
      entry[0] = UInt8(truncatingIfNeeded: number)
      entry[1] = UInt8(truncatingIfNeeded: number >> 8)
      entry[2] = UInt8(truncatingIfNeeded: number >> 16)
      last = try writer.enqueue(entry)
    }
    if let last { try writer.wait(for: last) }
  }
}

/// 1 KiB.
let benchmarkEntry = [UInt8](repeating: 0x41, count: 1024)

/// What stops a measurement.
struct BenchmarkError: Error, CustomStringConvertible {
  let description: String
}

/// Seconds on the wall.
func wallSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Seconds that something takes.
func seconds(_ body: () throws -> Void) rethrows -> Double {
  let start = wallSeconds()
  try body()
  return wallSeconds() - start
}

/// The value that so many of a hundred do not reach.
func percentile(_ percent: Int, of values: [Double]) -> Double {
  let sorted = values.sorted()
  return sorted[min(sorted.count - 1, sorted.count * percent / 100)]
}

/// Runs a body on some threads and waits for all.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  let threads = (0..<count).map { number in Thread { body(number) } }
  for thread in threads { thread.start() }
  while threads.contains(where: { !$0.isFinished }) { usleep(2_000) }
}

/// A measured figure beside its bound.
func state(_ name: String, _ value: String, holds: Bool?) {
  let mark = holds.map { $0 ? "  holds" : "  DOES NOT HOLD" } ?? ""
  print(name.padding(toLength: 58, withPad: " ", startingAt: 0) + value + mark)
}
