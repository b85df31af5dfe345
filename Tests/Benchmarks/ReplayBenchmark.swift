// A log of decisions of policies/checkout, made again: how many a second, on one thread and on two, and what takes the time.

import Foundation
import Synchronization
import Writ
import WritCrypto
import WritEvidence
import WritGraph
import WritModel
import WritText
import WritVM

/// Makes logs below `folder` and replays them: of requests that only name a release which the graph knows, each another one, and
/// of requests that bring their release, each asked once, eight or 64 times. Run where policies/checkout is.
func replayBenchmark(folder: String, decisions: Int) throws {
  for workload in Workload.all {
    print("\(decisions) decisions, \(workload.description)")
    let world = try CheckoutLog(in: folder, workload)
    try world.fill(decisions)
    for threads in [1, 2] { try measure(world, decisions, threads) }
    try shares(world, decisions)
  }
}

/// Replays one log again and again, for a profiler.
func replayRepeatedly(folder: String, workload: Int, rounds: Int) throws {
  let world = try CheckoutLog(in: folder, Workload.all[workload])
  try world.fill(20_000)
  print("filled")
  fflush(nil)
  for _ in 0..<rounds {
    print(micros(try processorSeconds { try replay(world, 1, 20_000) } / 20_000))
  }
}

/// What requests bring, and how often each is asked.
private struct Workload {
  /// Releases are in the snapshot.
  let isKnown: Bool
  let asked: Int

  static let all = [
    Workload(isKnown: true, asked: 1), Workload(isKnown: false, asked: 1),
    Workload(isKnown: false, asked: 8), Workload(isKnown: false, asked: 64),
  ]
  /// Releases in the snapshot, where they are.
  static let releases = 10_000

  var description: String {
    let times = asked == 1 ? "each request asked once" : "each request asked \(asked) times"
    return isKnown
      ? "\(times), about one of \(Workload.releases) releases in the graph"
      : "\(times), with the facts of its release"
  }
}

/// The checkout gate on its own graph, and a log.
private final class CheckoutLog: Sendable {
  let engine: Engine
  let store: LogStore
  let signer: NoteSigner
  private let log: BenchmarkLog
  private let bundle: [UInt8]
  private let workload: Workload

  init(in folder: String, _ workload: Workload) throws {
    self.workload = workload
    var text = String(decoding: try checkoutBytes("checkout.writ"), as: UTF8.self)
    if workload.isKnown {
      text.replace("node Release from request", with: "node Release from catalog")
    }
    let file = SourceFile(name: "checkout.writ", bytes: Array(text.utf8))
    guard let program = compile([file], root: 0).program else {
      throw BenchmarkError(description: "checkout.writ does not compile")
    }
    bundle = try bundleFile(program, BundleOptions(settings: [], approvers: [], revision: 0))
    let loaded = try LoadedBundle(file: bundle)
    var builder = SnapshotBuilder(loaded.program.program.schema)
    builder.read(try checkoutBytes("graph.jsonl"), named: "graph.jsonl")
    if workload.isKnown {
      var lines: [UInt8] = []
      for release in 0..<Workload.releases {
        for fact in CheckoutLog.facts(release) {
          fact.appendCompact(to: &lines)
          lines.append(0x0a)
        }
      }
      builder.read(lines, named: "releases.jsonl")
    }
    engine = Engine(bundle: loaded, snapshot: try builder.build())
    log = try BenchmarkLog(in: folder, delay: 0)
    store = log.store
    signer = log.signer
  }

  var reader: LogReader { get throws { try LogReader(store: store, keys: [signer.verifierKey]) } }

  /// Decisions over ten minutes: half of them while the pager vouches that there is no freeze.
  func fill(_ count: Int) throws {
    let decider = Decider(try PreparedEngine(engine))
    let writer = try RecordWriter(store: store, signer: signer)
    defer { writer.close() }
    let inputs = DecisionInputs(
      bundle: bundle, snapshot: engine.snapshot.fileBytes, request: .null)
    let recorder = try DecisionRecorder(engine, inputs, writer: writer)
    defer { recorder.close() }
    for number in 0..<count {
      let (json, asking) = question(number, of: count)
      let run = try decider.decide(
        try decider.prepare(try Request(json)), asking, tracing: .on)
      _ = try recorder.record(run, of: json, clock: asking.now, id: String(number))
    }
    try writer.publish()
  }

  /// What the decision of that number is asked.
  func question(_ number: Int, of count: Int) -> (request: JSONValue, asking: Asking) {
    let asked = workload.asked
    let first = Instant("2026-11-19T17:55:30Z")?.microseconds ?? 0
    // As a clock says it: to the microsecond.
    let now = first + Int64(number) * (600_000_000 / Int64(count)) + Int64(number * 7_919 % 1_000)
    // A request comes again behind others, asked by the same.
    let release = number / (16 * asked) * 16 + number % 16
    let asking = Asking(
      caller: release % 3 == 0 ? "Identity/deploy-bot" : nil, now: now, asOf: now,
      isQuestion: false)
    return (request(release), asking)
  }

  private func request(_ number: Int) -> JSONValue {
    let release = workload.isKnown ? number % Workload.releases : number
    let isEuropean = (number + (workload.isKnown ? number / Workload.releases : 0)) % 2 == 0
    let arguments: JSONValue = [
      "release": .string("Release/r\(release)"),
      "env": .string("Environment/production-\(isEuropean ? "eu" : "us")"),
    ]
    guard !workload.isKnown else { return ["gate": "checkout.ship", "arguments": arguments] }
    return [
      "gate": "checkout.ship", "arguments": arguments,
      "facts": .array(CheckoutLog.facts(release)),
    ]
  }

  private static func facts(_ release: Int) -> [JSONValue] {
    let author = ["anna", "ben", "ines"][release % 3]
    let service = ["checkout", "payments", "inventory", "fraud", "identity"][release % 5]
    let image = Digest(of: Array("\(release)".utf8)).description
    return [
      ["node": "Release", "id": .string("r\(release)"), "props": ["image": .string(image)]],
      [
        "edge": "author", "from": .string("Release/r\(release)"),
        "to": .string("Identity/\(author)"), "props": [:],
      ],
      [
        "edge": "service", "from": .string("Release/r\(release)"),
        "to": .string("Service/\(service)"), "props": [:],
      ],
    ]
  }
}

/// Best of three.
private func measure(_ world: CheckoutLog, _ decisions: Int, _ threads: Int) throws {
  var (wall, cpu) = (Double.infinity, Double.infinity)
  for _ in 0..<3 {
    let start = processorSeconds()
    let taken = try seconds { try replay(world, threads, decisions) }
    (wall, cpu) = (min(wall, taken), min(cpu, processorSeconds() - start))
  }
  let each = cpu / Double(decisions)
  let rate = Int(Double(decisions) / wall)
  state(
    "\(threads) thread\(threads == 1 ? "" : "s"), decisions a second on the wall", "\(rate)",
    holds: threads == 2 ? rate >= 200_000 : nil)
  state("  processor time a decision", micros(each), holds: threads == 1 ? each <= 10e-6 : nil)
  print("  that is \(Int(2 / each)) a second on two processors of one's own")
}

private func replay(_ world: CheckoutLog, _ threads: Int, _ decisions: Int) throws {
  let snapshots = SnapshotCache()
  let parts = (try world.reader.size + 255) / 256
  let next = Atomic<UInt64>(0)
  let whole = Mutex(ReplaySummary())
  onThreads(threads) { _ in
    guard let reader = try? world.reader else { return }
    let replayer = Replayer(objects: world.store.objects, snapshots: snapshots)
    var summary = ReplaySummary()
    while true {
      let part = next.add(1, ordering: .relaxed).oldValue
      guard part < parts else { break }
      // A bundle that cannot be read is missed in the sum.
      try? reader.forEachEntry(ofBundle: part) { index, entry in
        replayer.replay(entry, at: index, into: &summary)
      }
    }
    whole.withLock { $0.append(summary) }
  }
  let summary = whole.withLock { $0 }
  guard summary.plain == decisions, summary.different == 0, summary.unreplayable.isEmpty else {
    throw BenchmarkError(description: "the replay differs: \(summary)")
  }
}

/// What one thread does for a decision, each part by itself.
private func shares(_ world: CheckoutLog, _ decisions: Int) throws {
  let reader = try world.reader
  let reading = try processorSeconds {
    for part in 0..<(reader.size + 255) / 256 {
      try reader.forEachEntry(ofBundle: part) { _, _ in }
    }
  }
  let replaying = try processorSeconds { try replay(world, 1, decisions) }
  let decider = Decider(try PreparedEngine(world.engine))
  var asked: [(request: PreparedRequest, asking: Asking)] = []
  var fetching = 0.0
  for number in 0..<min(decisions, 4_000) {
    let (json, asking) = world.question(number, of: decisions)
    let bytes = Array(json.compact.utf8)
    let start = processorSeconds()
    let request = try decider.prepare(bytes)
    fetching += processorSeconds() - start
    asked.append((request, asking))
  }
  let count = Double(asked.count)
  func each(_ tracing: Tracing) throws -> Double {
    try processorSeconds {
      for one in asked { _ = try decider.decide(one.request, one.asking, tracing: tracing) }
    } / count
  }
  _ = try each(.on)
  let (plain, traced) = (try each(.off), try each(.on))
  let total = replaying / Double(decisions)
  let entry = reading / Double(decisions)
  print("  of \(micros(total)) a decision, processor time of one thread:")
  print("    reading and verifying the entry   \(micros(entry))")
  print("    a request that is new, not read   \(micros(fetching / count))")
  print("  deciding as values                  \(micros(plain))")
  print("    and telling what was read         \(micros(traced - plain))")
}

private func micros(_ seconds: Double) -> String {
  let hundredths = Int((seconds * 1e8).rounded())
  return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(abs(hundredths % 100)) µs"
}

private func processorSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

private func processorSeconds(_ body: () throws -> Void) rethrows -> Double {
  let start = processorSeconds()
  try body()
  return processorSeconds() - start
}
