// Reading debian-small: our own reader against Foundation's JSONDecoder over the same lines.
import Foundation
import WritGraph

/// CPU seconds of this process.
func cpuSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// The least CPU seconds that `body` took in so many rounds.
func best(of rounds: Int, _ body: () throws -> Void) rethrows -> Double {
  var least = Double.infinity
  for _ in 0..<rounds {
    let start = cpuSeconds()
    try body()
    least = min(least, cpuSeconds() - start)
  }
  return least
}

/// Prints how our import compares with JSONDecoder; ratios below the house's bounds are marked.
func importBenchmark(folder: String) throws {
  let inputs = try ["archive", "uploads", "advisories"].map { part in
    try decompressed("\(folder)/debian-small.\(part).jsonl.gz")
  }
  let lines = inputs.flatMap { $0.split(separator: 10).map { Data($0) } }
  print("debian-small: \(lines.count) lines, \(inputs.map(\.count).reduce(0, +)) bytes")
  let decoder = JSONDecoder()
  let decoding = try best(of: 3) {
    for line in lines { _ = try decoder.decode(DecodableLine.self, from: line) }
  }
  let schema = debianSchema()
  let reading = best(of: 9) {
    var builder = SnapshotBuilder(schema)
    for (index, input) in inputs.enumerated() { builder.read(input, named: "\(index)") }
  }
  let columns = try best(of: 9) {
    var builder = SnapshotBuilder(schema)
    for (index, input) in inputs.enumerated() { builder.read(input, named: "\(index)") }
    _ = try builder.buildUndigested()
  }
  let path = NSTemporaryDirectory() + "writ-benchmark-\(getpid()).snapshot"
  defer { unlink(path) }
  let whole = try best(of: 9) {
    var builder = SnapshotBuilder(schema)
    for (index, input) in inputs.enumerated() { builder.read(input, named: "\(index)") }
    try builder.build().write(to: path)
  }
  let loading = try best(of: 9) { _ = try Snapshot.load(path) }
  let opening = try best(of: 99) { _ = try SnapshotFile(opening: path).nodeCount }
  report("JSONDecoder, a line at a time", decoding, decoding, bound: nil)
  report("reading alone", reading, decoding, bound: nil)
  report("reading into columns", columns, decoding, bound: 8)
  report("import with digest and synced file", whole, decoding, bound: 3)
  report("loading the file, all checked", loading, decoding, bound: nil)
  report("opening the file", opening, decoding, bound: nil)
}

/// Imports debian-small so many times: for a profiler.
func importRepeatedly(folder: String, rounds: Int) throws {
  let inputs = try ["archive", "uploads", "advisories"].map { part in
    try decompressed("\(folder)/debian-small.\(part).jsonl.gz")
  }
  let schema = debianSchema()
  for _ in 0..<rounds {
    var builder = SnapshotBuilder(schema)
    for (index, input) in inputs.enumerated() { builder.read(input, named: "\(index)") }
    _ = try builder.build()
  }
}

private func report(_ name: String, _ seconds: Double, _ base: Double, bound: Double?) {
  let ratio = base / seconds
  let verdict = bound.map { ratio >= $0 ? "  (at least \($0): met)" : "  (at least \($0): MISSED)" }
  print(
    String(format: "%9.3f ms  %8.1f x  ", seconds * 1000, ratio) + name + (verdict ?? ""))
}

private func decompressed(_ path: String) throws -> [UInt8] {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = ["gzip", "-dc", path]
  let pipe = Pipe()
  process.standardOutput = pipe
  try process.run()
  let data = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  guard process.terminationStatus == 0 else { throw CocoaError(.fileReadCorruptFile) }
  return Array(data)
}
