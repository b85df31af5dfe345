// Durable appends against a plain loop that writes and syncs, on the same disk in the same run.
import Foundation
import Synchronization
import WritEvidence

/// Measures a log in that folder; what belongs together is measured in turns.
func appendBenchmark(folder: String) throws {
  try pipelined(folder)
  try oneCaller(folder)
  try manyCallers(folder, name: "16 callers, this disk", delay: nil)
  let delay = calibratedDelay()
  let memory = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : folder
  try manyCallers(memory, name: "16 callers, sync of 0.1 ms", delay: delay)
}

/// Many entries under way at once; the loop writes and syncs just the batches that the log made.
private func pipelined(_ folder: String) throws {
  let count = 200_000
  var log: [Double] = []
  var plain: [Double] = []
  var published: [Double] = []
  var batchCount = 0
  var work: [Double] = []
  // Kept until all are measured: ext4 looks long for a free inode where many were freed in the last five minutes.
  var logs: [BenchmarkLog] = []
  defer { logs.removeAll() }
  for _ in 0..<10 {
    let benchmark = try BenchmarkLog(in: folder)
    logs.append(benchmark)
    let writer = try benchmark.open()
    _ = benchmark.disk.takeBatches()
    let (start, busy) = (wallSeconds(), cpuSeconds())
    try benchmark.fill(writer, count)
    log.append(wallSeconds() - start)
    work.append(cpuSeconds() - busy)
    try writer.publish()
    published.append(wallSeconds() - start)
    writer.close()
    let batches = benchmark.disk.takeBatches()
    batchCount = batches.count
    plain.append(try plainLoop(folder, batches))
  }
  // The disk's own speed differs from second to second by a factor of three: each round is compared with its neighbour.
  let pairs = zip(plain, log).map { $0 / $1 }
  let median = percentile(50, of: pairs)
  let totals = plain.reduce(0, +) / log.reduce(0, +)
  print("pipelined, \(count) records of 1 KiB in \(batchCount) batches")
  state("  durable", rate(count, log), holds: nil)
  state("  durable and published", rate(count, published), holds: nil)
  state("  plain loop, same batches", rate(count, plain), holds: nil)
  state(
    "  plain loop : log, median of the rounds (at least 0.5)", ratio(median), holds: median >= 0.5)
  state("  plain loop : log, of all rounds together", ratio(totals), holds: totals >= 0.5)
  let each = (work.min() ?? 0) / Double(count) * 1e6
  state("  processor time a record, all threads", "\(ratio(each)) us", holds: nil)
  let times = zip(log, plain).map { "\(ratio($0)):\(ratio($1))" }
  state("  seconds of each round, log:loop", times.joined(separator: " "), holds: nil)
  state("  ratios of each round", pairs.map(ratio).joined(separator: " "), holds: nil)
}

/// So many in the best and in the middle of some times.
private func rate(_ count: Int, _ times: [Double]) -> String {
  func rate(_ time: Double) -> String { String(Int(Double(count) / time)) }
  return
    "\(rate(times.min() ?? 1)) a second at best, \(rate(percentile(50, of: times))) in the middle"
}

/// Seconds that it takes to write these batches to a new file, each synced.
private func plainLoop(_ folder: String, _ batches: [Int]) throws -> Double {
  let path = folder + "/writ-plain-\(getpid())"
  let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
  guard descriptor >= 0 else { throw BenchmarkError(description: "cannot create \(path)") }
  defer {
    close(descriptor)
    unlink(path)
  }
  let bytes = [UInt8](repeating: 0x41, count: batches.max() ?? 0)
  var offset = 0
  return try seconds {
    for batch in batches {
      guard pwrite(descriptor, bytes, batch, off_t(offset)) == batch, fdatasync(descriptor) == 0
      else { throw BenchmarkError(description: "cannot write \(path)") }
      offset += batch
    }
  }
}

/// One caller that waits for each entry, against bare syncs of a file that was written before.
private func oneCaller(_ folder: String) throws {
  let benchmark = try BenchmarkLog(in: folder)
  let writer = try benchmark.open()
  let path = folder + "/writ-bare-\(getpid())"
  let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
  defer {
    close(descriptor)
    unlink(path)
  }
  let zeros = [UInt8](repeating: 0, count: 1 << 20)
  guard write(descriptor, zeros, zeros.count) == zeros.count, fsync(descriptor) == 0 else {
    throw BenchmarkError(description: "cannot write \(path)")
  }
  var ours: [Double] = []
  var bare: [Double] = []
  for number in 0..<400 {
    ours.append(try seconds { _ = try writer.append(benchmarkEntry) })
    bare.append(
      seconds {
        pwrite(descriptor, benchmarkEntry, 1024, off_t(number * 1024))
        fdatasync(descriptor)
      })
  }
  writer.close()
  print("one caller that waits for each record")
  tell(latencies: ours, "append")
  tell(latencies: bare, "bare write and fdatasync")
  let means = ours.reduce(0, +) / bare.reduce(0, +)
  state("  ratio of means (at most 1.2)", ratio(means), holds: means <= 1.2)
  let medians = percentile(50, of: ours) / percentile(50, of: bare)
  state("  ratio of medians (at most 1.2)", ratio(medians), holds: medians <= 1.2)
}

private func tell(latencies: [Double], _ name: String) {
  func text(_ percent: Int) -> String {
    String(format: "%.3f", percentile(percent, of: latencies) * 1e3)
  }
  state("  \(name)", "p50 \(text(50)) ms, p99 \(text(99)) ms", holds: nil)
}

/// Sixteen threads that each wait for their entries.
private func manyCallers(_ folder: String, name: String, delay: Int?) throws {
  let benchmark = try BenchmarkLog(in: folder, delay: delay)
  let writer = try benchmark.open()
  var bare: [Double] = []
  let probe = try SystemDisk().create(folder + "/writ-probe-\(getpid())")
  for number in 0..<100 {
    try SystemDisk().write(probeBytes, probe, number)
    bare.append(try seconds { try benchmark.disk.sync(probe) })
  }
  SystemDisk().close(probe)
  unlink(probe.path)
  _ = benchmark.disk.takeBatches()
  // Many short rounds: on a busy machine most of them measure somebody else.
  let (rounds, each) = delay == nil ? (5, 40) : (40, 200)
  let latencies = Mutex<[Double]>([])
  var rates: [Double] = []
  for _ in 0..<rounds {
    let total = seconds {
      onThreads(16) { _ in
        var mine: [Double] = []
        for _ in 0..<each {
          let start = wallSeconds()
          _ = try? writer.append(benchmarkEntry)
          mine.append(wallSeconds() - start)
        }
        latencies.withLock { $0 += mine }
      }
    }
    rates.append(Double(16 * each) / total)
  }
  let batches = benchmark.disk.takeBatches().count
  writer.close()
  let (median, best) = (percentile(50, of: rates), rates.max() ?? 0)
  let sync = percentile(50, of: bare)
  print("\(name): a bare sync takes \(String(format: "%.3f", sync * 1e3)) ms")
  state(
    "  durable, median and best of \(rounds) rounds",
    "\(Int(median)) and \(Int(best)) a second, \(16 * each * rounds / max(1, batches)) a batch",
    holds: delay == nil ? nil : best >= 40_000)
  state(
    "  records in the time of a bare sync (at least 4)", ratio(best * sync),
    holds: best * sync >= 4)
  latencies.withLock { tell(latencies: $0, "append under load") }
}

private let probeBytes = benchmarkEntry

extension SystemDisk {
  fileprivate func write(_ bytes: [UInt8], _ file: OpenFile, _ number: Int) throws {
    let result: Result<Void, LogError> = bytes.withUnsafeBytes { buffer in
      do throws(LogError) {
        return .success(try write(buffer, to: file, at: number * bytes.count))
      } catch {
        return .failure(error)
      }
    }
    try result.get()
  }
}

/// What to ask of `nanosleep` so that a sleep takes 0.1 ms.
private func calibratedDelay() -> Int {
  func median(_ asked: Int) -> Double {
    percentile(
      50,
      of: (0..<50).map { _ in
        seconds {
          var time = timespec(tv_sec: 0, tv_nsec: asked)
          nanosleep(&time, nil)
        }
      })
  }
  let overhead = median(50_000) - 50e-6
  return max(1000, Int((100e-6 - overhead) * 1e9))
}

/// Memory while two million records go through, and its slope.
func memoryOverAMillion(folder: String) throws {
  let benchmark = try BenchmarkLog(in: folder)
  let writer = try benchmark.open()
  var points: [(records: Double, bytes: Double)] = []
  let total = try seconds {
    for step in 1...20 {
      try benchmark.fill(writer, 100_000)
      points.append((Double(step) * 100_000, residentBytes()))
    }
    try writer.publish()
  }
  writer.close()
  print("two million records of 1 KiB, \(Int(2e6 / total)) a second with checkpoints")
  let table = points.map { String(Int($0.bytes / 1e6)) }.joined(separator: " ")
  state("  resident MB at every 100,000", table, holds: nil)
  // During the first million the buffers grow to their bounds.
  let slope = slope(of: Array(points.dropFirst(10)))
  state(
    "  slope of the second million, bytes a record (below 4)", String(format: "%.2f", slope),
    holds: slope < 4)
}

private func residentBytes() -> Double {
  let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .ascii)) ?? ""
  let pages = text.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0
  return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
}

/// Of the straight line with the least squares.
private func slope(of points: [(records: Double, bytes: Double)]) -> Double {
  let count = Double(points.count)
  let (x, y) = (points.map(\.records).reduce(0, +), points.map(\.bytes).reduce(0, +))
  let xy = points.map { $0.records * $0.bytes }.reduce(0, +)
  let xx = points.map { $0.records * $0.records }.reduce(0, +)
  return (count * xy - x * y) / (count * xx - x * x)
}

/// Two digits behind the point.
func ratio(_ value: Double) -> String { String(format: "%.2f", value) }
