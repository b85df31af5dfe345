// Reading debian-small: our own reader against Foundation's JSONDecoder over the same lines.
import Foundation
import WritGraph
import WritModel

/// CPU seconds of this process.
func cpuSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// The least CPU seconds that each of the ways took, all of them in every round, so that a busy
/// machine is busy for all.
func best(of rounds: Int, _ ways: [() throws -> Void]) throws -> [Double] {
  var least = [Double](repeating: .infinity, count: ways.count)
  for _ in 0..<rounds {
    for (index, way) in ways.enumerated() {
      let start = cpuSeconds()
      try way()
      least[index] = min(least[index], cpuSeconds() - start)
    }
  }
  return least
}

/// Prints how our import compares with JSONDecoder; ratios below the house's bounds are marked.
func importBenchmark(folder: String) throws {
  let inputs = try debianInputs(folder)
  let lines = inputs.flatMap { $0.split(separator: 10).map { Data($0) } }
  print("debian-small: \(lines.count) lines, \(inputs.map(\.count).reduce(0, +)) bytes")
  let decoder = JSONDecoder()
  let schema = debianSchema()
  let path = NSTemporaryDirectory() + "writ-benchmark-\(getpid()).snapshot"
  defer { unlink(path) }
  try read(inputs, schema).build().write(to: path)
  let seconds = try best(
    of: 12,
    [
      { for line in lines { _ = try decoder.decode(DecodableLine.self, from: line) } },
      { _ = read(inputs, schema).dropped },
      { _ = try read(inputs, schema).buildUndigested() },
      { try read(inputs, schema).build().write(to: path) },
      { _ = try Snapshot.load(path) },
      { _ = try SnapshotFile(opening: path).nodeCount },
    ])
  let names = [
    "JSONDecoder, a line at a time", "reading alone", "reading into columns",
    "import with digest and synced file", "loading the file, all checked", "opening the file",
  ]
  let bounds: [Double?] = [nil, nil, 8, 3, nil, nil]
  for (index, name) in names.enumerated() {
    report(name, seconds[index], seconds[0], bound: bounds[index])
  }
}

/// Opens a snapshot's file again and again: its head, and nothing of its facts.
func openingBenchmark(path: String) throws {
  let opened = try SnapshotFile(opening: path)
  let schema = opened.schema
  let turns = 2_000
  let times = try medians(
    rounds: 9, turns: turns,
    [
      { _ = try SnapshotFile(opening: path).nodeCount },
      {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        close(descriptor)
      },
    ])
  let size = "\(schema.kinds.count) kinds, \(schema.edges.count) edges"
  print(
    "\(opened.nodeCount) nodes, \(size): opened in \(String(format: "%.1f", times[0] / 1000)) µs")
  print("the call of the system alone: \(String(format: "%.1f", times[1] / 1000)) µs")
}

private func read(_ inputs: [[UInt8]], _ schema: Schema) -> SnapshotBuilder {
  var builder = SnapshotBuilder(schema)
  for (index, input) in inputs.enumerated() { builder.read(input, named: "\(index)") }
  return builder
}

private func debianInputs(_ folder: String) throws -> [[UInt8]] {
  try ["archive", "uploads", "advisories"].map { part in
    try decompressed("\(folder)/debian-small.\(part).jsonl.gz")
  }
}

/// Imports debian-small so many times: for a profiler.
func importRepeatedly(folder: String, rounds: Int) throws {
  let inputs = try debianInputs(folder)
  let schema = debianSchema()
  for _ in 0..<rounds { _ = try read(inputs, schema).buildUndigested() }
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
