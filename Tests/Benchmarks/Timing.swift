// Clocks, medians and files that several benchmarks share.

import Foundation
import WritText

/// Of a clock, in nanoseconds.
func nanoseconds(_ clock: clockid_t = CLOCK_MONOTONIC) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

/// Nanoseconds of one call of each way, all of them in every round: the median of the rounds.
func medians(
  rounds: Int, turns: Int = 1, by clock: clockid_t = CLOCK_THREAD_CPUTIME_ID,
  _ ways: [() throws -> Void]
) throws -> [Double] {
  var times = ways.map { _ in [Double]() }
  for _ in 0..<rounds {
    for (index, way) in ways.enumerated() {
      let start = nanoseconds(clock)
      for _ in 0..<turns { try way() }
      times[index].append((nanoseconds(clock) - start) / Double(turns))
    }
  }
  return times.map { $0.sorted()[$0.count / 2] }
}

/// A file of policies/checkout, from the root of the checkout.
func checkoutBytes(_ name: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(fileURLWithPath: "policies/checkout/\(name)")))
}

/// A policy of policies/fleet, wherever the program is called.
func fleetPolicy(_ name: String) throws -> SourceFile {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
  let text = try Data(contentsOf: URL(fileURLWithPath: folder + "/../../policies/fleet/" + name))
  return SourceFile(name: name, bytes: Array(text))
}

/// Where results go, so that no way is left out as useless.
func keep(_ value: UInt32) { sink.pointee &+= value }

private nonisolated(unsafe) let sink = {
  let memory = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
  memory.initialize(to: 0)
  return memory
}()
