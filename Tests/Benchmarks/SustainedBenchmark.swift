// A gate asked about one service after the other of a large graph, each decision on disk before the next question: how many a
// second, how long each takes, and what memory that needs.

import Foundation
import Synchronization
import Writ
import WritCrypto
import WritEvidence
import WritGraph
import WritModel
import WritText

/// Decides and records for so many seconds on two threads, on the fleet in `folder` that the generator of the W2 workload
/// wrote; the log lies beside it. On one thread and on 16 a sixth of that, unless only so many threads are wanted.
func sustainedBenchmark(folder: String, seconds duration: Double, threads wanted: Int?) throws {
  if let wanted {
    return try SustainedWorld(folder).run(threads: max(1, wanted), seconds: duration)
  }
  for threads in [1, 2, 16] {
    let world = try SustainedWorld(folder)
    try world.run(threads: threads, seconds: threads == 2 ? duration : max(2, duration / 6))
  }
}

/// What one thread decides with.
private struct AskingThread: @unchecked Sendable {
  let decider: Decider

  init(_ decider: Decider) { self.decider = decider }
}

/// A gate over the fleet, and a log.
private final class SustainedWorld: Sendable {
  private let engine: Engine
  private let prepared: PreparedEngine
  private let inputs: DecisionInputs
  private let log: BenchmarkLog
  private let count: Int
  private let now: Int64

  /// Behind the twelve rules: what a gate asks of a service.
  private static let gate = """

    gate admit(service: Service) {
      require readiness: readiness(service).level >= C
        else "{service} is {readiness(service).level} with {readiness(service).score} points"
      deny critical: for d in service.dependsOn, f in d.findings
        where f.severity == critical and f.status == open
        "{f} is open in {d}"
      deny incidents: for i in service.incidents where i.time >= now - 7d and i.severity <= 1
        "{i} was {now - i.time} ago"
    }
    """

  init(_ folder: String) throws {
    let data = try FleetData(folder: folder)
    let text = try Data(contentsOf: URL(fileURLWithPath: "policies/fleet/fleet.writ"))
    let file = SourceFile(
      name: "fleet.writ", bytes: Array(text) + Array(SustainedWorld.gate.utf8))
    let compilation = compile([file], root: 0)
    guard let program = compilation.program else {
      throw BenchmarkError(description: "the gate does not compile: \(compilation.diagnostics)")
    }
    let bundle = try bundleFile(program, BundleOptions(settings: [], approvers: [], revision: 0))
    let loaded = try LoadedBundle(file: bundle)
    engine = Engine(bundle: loaded, snapshot: try data.snapshot(loaded.program.program.schema))
    prepared = try PreparedEngine(engine)
    inputs = DecisionInputs(bundle: bundle, snapshot: engine.snapshot.fileBytes, request: .null)
    log = try BenchmarkLog(in: folder)
    count = data.count
    now = Int64(FleetData.now) * 1_000_000
  }

  /// Every thread asks, records and waits; one publishes each second.
  func run(threads: Int, seconds duration: Double) throws {
    let writer = try RecordWriter(store: log.store, signer: log.signer)
    let recorder = try DecisionRecorder(engine, inputs, writer: writer)
    defer {
      recorder.close()
      writer.close()
    }
    let deciders = (0..<threads).map { _ in AskingThread(Decider(prepared)) }
    // The first decision of a log brings the snapshot with it.
    for (thread, decider) in deciders.enumerated() {
      _ = try ask(decider.decider, recorder, thread, number: 0)
    }
    let (start, busy) = (wallSeconds(), processSeconds())
    let before = residentMegabytes()
    let times = Mutex<[Double]>([])
    let failure = Mutex<String?>(nil)
    onThreads(threads) { thread in
      do {
        var mine: [Double] = []
        var published = start
        while wallSeconds() < start + duration, failure.withLock({ $0 }) == nil {
          mine.append(
            try self.ask(deciders[thread].decider, recorder, thread, number: mine.count + 1))
          if thread == 0, wallSeconds() - published >= 1 {
            try writer.publish()
            published = wallSeconds()
          }
        }
        times.withLock { $0 += mine }
      } catch {
        failure.withLock { $0 = "\(error)" }
      }
    }
    if let failure = failure.withLock({ $0 }) { throw BenchmarkError(description: failure) }
    let (taken, worked) = (wallSeconds() - start, processSeconds() - busy)
    let all = times.withLock { $0 }
    let rate = Double(all.count) / taken
    print(
      "\(threads) thread\(threads == 1 ? "" : "s"), \(all.count) decisions in \(ratio(taken)) s")
    state(
      "  durable decisions a second", "\(Int(rate))", holds: threads == 2 ? rate >= 1_000 : nil)
    for percent in [50, 99] {
      state("  p\(percent)", "\(ratio(percentile(percent, of: all) * 1e3)) ms", holds: nil)
    }
    state("  the longest", "\(ratio((all.max() ?? 0) * 1e3)) ms", holds: nil)
    state("  processor time a decision", "\(Int(worked / Double(all.count) * 1e6)) us", holds: nil)
    state(
      "  resident MB before and after", "\(Int(before)) and \(Int(residentMegabytes()))", holds: nil
    )
  }

  /// Seconds that a decision takes, from the request's text to a durable record.
  private func ask(
    _ decider: Decider, _ recorder: DecisionRecorder, _ thread: Int, number: Int
  ) throws -> Double {
    let start = wallSeconds()
    let json = request((thread * 7_919 + number * 31) % count)
    let clock = currentMicroseconds()
    let asking = Asking(caller: nil, now: clock, asOf: now, isQuestion: true)
    let prepared = try decider.prepare(Array(json.compact.utf8))
    let run = try decider.decide(prepared, asking, tracing: .on)
    _ = try recorder.record(run, of: json, clock: clock, id: "\(thread)-\(number)")
    return wallSeconds() - start
  }

  private func request(_ service: Int) -> JSONValue {
    let digits = String(service)
    let id = "svc-" + String(repeating: "0", count: 6 - digits.count) + digits
    return ["gate": "fleet.admit", "arguments": ["service": .string("Service/\(id)")]]
  }
}

private func currentMicroseconds() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
}

private func processSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

private func residentMegabytes() -> Double {
  let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .ascii)) ?? ""
  let pages = text.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0
  return pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1e6
}
