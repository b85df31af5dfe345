// Verifying a whole log, and opening one, against the hashing that cannot be avoided.
import Foundation
import Synchronization
import WritCrypto
import WritEvidence

/// Verifies a log in that folder in turns with plain hashing of as many bytes, on all cores.
func auditBenchmark(folder: String) throws {
  let count = 200_000
  let benchmark = try BenchmarkLog(in: folder)
  let writer = try benchmark.open()
  try benchmark.fill(writer, count)
  try writer.publish()
  writer.close()
  // A leaf is its entry and one byte; every leaf but one costs a node of 65 bytes.
  let bytes = Double(count * 1025 + (count - 1) * 65)
  let cores = ProcessInfo.processInfo.activeProcessorCount
  var audits: [Double] = []
  var plain: [Double] = []
  var openssl: [Double] = []
  for _ in 0..<5 {
    audits.append(
      try seconds {
        let result = try verifyLog(
          benchmark.store, keys: [benchmark.signer.verifierKey],
          origin: benchmark.signer.name.description, since: nil)
        guard result.isWhole else { throw BenchmarkError(description: "the log is not whole") }
      })
    plain.append(seconds { hashPlainly(count, cores) })
    openssl.append(try opensslRate(cores))
  }
  let rate = bytes / (audits.min() ?? 1)
  let plainRate = bytes / (plain.min() ?? 1)
  let reference = openssl.max() ?? 1
  print("audit of \(count) records of 1 KiB, \(Int(bytes / 1e6)) MB hashed, \(cores) cores")
  state(
    "  audit", "\(Int(rate / 1e6)) MB/s, \(Int(Double(count) / (audits.min() ?? 1))) records/s",
    holds: nil)
  state("  the same hashes alone", "\(Int(plainRate / 1e6)) MB/s", holds: nil)
  state("  openssl speed sha256, 1024 bytes, all cores", "\(Int(reference / 1e6)) MB/s", holds: nil)
  state("  ratio audit / the same hashes", ratio(rate / plainRate), holds: nil)
  state(
    "  ratio audit / openssl (at least 0.5)", ratio(rate / reference),
    holds: rate / reference >= 0.5)
}

/// The leaves and nodes of a log of that size, of bytes that are at hand.
private func hashPlainly(_ count: Int, _ cores: Int) {
  let sink = Mutex<UInt64>(0)
  onThreads(cores) { _ in
    var sha = SHA256()
    let node = [UInt8](repeating: 1, count: 65)
    let leaf = [UInt8](repeating: 0, count: 1025)
    var last = Digest(of: [])
    for _ in 0..<count / cores {
      sha.update(leaf)
      last = sha.finish()
      sha.update(node)
      last = max(last, sha.finish())
    }
    sink.withLock { $0 &+= UInt64(last.bytes[0]) }
  }
}

/// Bytes a second that OpenSSL's own measurement hashes on all cores, in messages of 1 KiB.
private func opensslRate(_ cores: Int) throws -> Double {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = [
    "openssl", "speed", "-mr", "-seconds", "1", "-bytes", "1024", "-multi", "\(cores)", "-evp",
    "sha256",
  ]
  let pipe = Pipe()
  process.standardOutput = pipe
  process.standardError = FileHandle.nullDevice
  try process.run()
  let data = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  // The last line is `+F:22:sha256:3309977600.00`.
  let line = String(decoding: data, as: UTF8.self).split(separator: "\n").last {
    $0.hasPrefix("+F:")
  }
  guard let rate = line?.split(separator: ":").last.flatMap({ Double($0) }) else {
    throw BenchmarkError(description: "openssl speed tells no figure")
  }
  return rate
}

/// Opens logs of three sizes for writing and for reading.
func openBenchmark(folder: String) throws {
  var first: Double?
  for count in [10_000, 100_000, 1_000_000] {
    let benchmark = try BenchmarkLog(in: folder)
    let filling = try benchmark.open()
    try benchmark.fill(filling, count)
    try filling.publish()
    filling.close()
    // One entry a process, as the command line does it: the tail is short but there.
    let tail = try benchmark.open()
    _ = try tail.append(benchmarkEntry)
    tail.close()
    var writers: [Double] = []
    var readers: [Double] = []
    var syncs: [Double] = []
    let probe = try SystemDisk().open(benchmark.store.directory + "/.writ/home")
    for _ in 0..<20 {
      var opened: LogWriter?
      writers.append(try seconds { opened = try benchmark.open() })
      opened?.close()
      readers.append(
        try seconds {
          _ = try LogReader(store: benchmark.store, keys: [benchmark.signer.verifierKey])
        })
      syncs.append(try seconds { try SystemDisk().sync(probe) })
    }
    SystemDisk().close(probe)
    let median = percentile(50, of: writers)
    print("a log of \(count) records")
    state("  open for writing, median", milliseconds(median), holds: median < 0.020)
    state("  of that, a bare sync", milliseconds(percentile(50, of: syncs)), holds: nil)
    state("  open for reading, median", milliseconds(percentile(50, of: readers)), holds: nil)
    if let first { state("  growth against 10,000", ratio(median / first), holds: nil) }
    first = first ?? median
  }
}

private func milliseconds(_ seconds: Double) -> String {
  String(format: "%.2f ms", seconds * 1e3)
}
