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

/// Makes logs below `folder` in which every request is asked once, eight or 64 times, and
/// replays them. Run where policies/checkout is.
func replayBenchmark(folder: String, decisions: Int) throws {
  for asked in [1, 8, 64] {
    print("\(decisions) decisions, each request asked \(asked == 1 ? "once" : "\(asked) times")")
    let world = try CheckoutLog(in: folder)
    try world.fill(decisions, asked: asked)
    for threads in [1, 2] { try measure(world, decisions, threads) }
    try shares(world, decisions, asked: asked)
  }
}

/// The checkout gate on its own graph, and a log.
private final class CheckoutLog: Sendable {
  let engine: Engine
  let store: LogStore
  let signer: NoteSigner
  private let log: BenchmarkLog
  private let bundle: [UInt8]

  init(in folder: String) throws {
    let file = SourceFile(name: "checkout.writ", bytes: try bytes("checkout.writ"))
    guard let program = compile([file], root: 0).program else {
      throw BenchmarkError(description: "checkout.writ does not compile")
    }
    bundle = try bundleFile(program, BundleOptions(settings: [], approvers: [], revision: 0))
    let loaded = try LoadedBundle(file: bundle)
    var builder = SnapshotBuilder(loaded.program.program.schema)
    builder.read(try bytes("graph.jsonl"), named: "graph.jsonl")
    engine = Engine(bundle: loaded, snapshot: try builder.build())
    log = try BenchmarkLog(in: folder, delay: 0)
    store = log.store
    signer = log.signer
  }

  var reader: LogReader { get throws { try LogReader(store: store, keys: [signer.verifierKey]) } }

  /// Decisions over ten minutes: half of them while the pager vouches that there is no freeze.
  func fill(_ count: Int, asked: Int) throws {
    let decider = Decider(try PreparedEngine(engine))
    let writer = try RecordWriter(store: store, signer: signer)
    defer { writer.close() }
    var drafts: [RecordDraft] = []
    for number in 0..<count {
      let (json, asking) = question(number, of: count, asked: asked)
      let request = try Request(json)
      let run = try decider.decide(try decider.prepare(request), asking, tracing: .on)
      let inputs = DecisionInputs(
        bundle: bundle, snapshot: engine.snapshot.fileBytes, request: json)
      drafts.append(
        try engine.draft(run, of: request, inputs, in: store, id: String(number)))
      if drafts.count == 256 || number == count - 1 {
        _ = try writer.append(group: drafts, clock: asking.now)
        drafts.removeAll()
      }
    }
    try writer.publish()
  }

  /// What the decision of that number is asked.
  func question(_ number: Int, of count: Int, asked: Int) -> (request: JSONValue, asking: Asking) {
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

  private func request(_ release: Int) -> JSONValue {
    let author = ["anna", "ben", "ines"][release % 3]
    let service = ["checkout", "payments", "inventory", "fraud", "identity"][release % 5]
    let environment = release % 2 == 0 ? "production-eu" : "production-us"
    let image = Digest(of: Array("\(release)".utf8)).description
    return [
      "gate": "checkout.ship",
      "arguments": [
        "release": .string("Release/r\(release)"), "env": .string("Environment/\(environment)"),
      ],
      "facts": [
        ["node": "Release", "id": .string("r\(release)"), "props": ["image": .string(image)]],
        [
          "edge": "author", "from": .string("Release/r\(release)"),
          "to": .string("Identity/\(author)"), "props": [:],
        ],
        [
          "edge": "service", "from": .string("Release/r\(release)"),
          "to": .string("Service/\(service)"), "props": [:],
        ],
      ],
    ]
  }
}

private func bytes(_ name: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(fileURLWithPath: "policies/checkout/\(name)")))
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
      guard part < parts, let bundle = try? reader.bundle(part) else { break }
      for (place, entry) in bundle.entries.enumerated() {
        replayer.replay(entry, at: part * 256 + UInt64(place), into: &summary)
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
private func shares(_ world: CheckoutLog, _ decisions: Int, asked times: Int) throws {
  let reader = try world.reader
  let reading = try processorSeconds {
    for part in 0..<(reader.size + 255) / 256 { _ = try reader.bundle(part) }
  }
  let replaying = try processorSeconds { try replay(world, 1, decisions) }
  let decider = Decider(try PreparedEngine(world.engine))
  var asked: [(request: PreparedRequest, asking: Asking)] = []
  var fetching = 0.0
  for number in 0..<min(decisions, 4_000) {
    let (json, asking) = world.question(number, of: decisions, asked: times)
    let bytes = Array(json.compact.utf8)
    let start = processorSeconds()
    let request = try decider.prepare(try Request(try JSONValue(parsing: bytes)))
    fetching += processorSeconds() - start
    asked.append((request, asking))
  }
  let count = Double(asked.count)
  func each(_ tracing: Tracing) throws -> Double {
    try processorSeconds {
      for one in asked { _ = try decider.decide(one.request, one.asking, tracing: tracing) }
    } / count
  }
  _ = try each(.text)
  let (plain, traced) = (try each(.off), try each(.text))
  let runs = try asked.prefix(500).map {
    try decider.decide($0.request, $0.asking, tracing: .text)
  }
  var hasher = SHA256()
  var bytes: [UInt8] = []
  let writing =
    processorSeconds {
      for run in runs {
        bytes.removeAll(keepingCapacity: true)
        run.decision.appendCanonical(to: &bytes)
        bytes.removeAll(keepingCapacity: true)
        run.decision.appendCompact(to: &bytes)
        hasher.update(bytes)
        _ = hasher.finish()
        hasher.update(run.traceText)
        _ = hasher.finish()
      }
    } / Double(runs.count)
  let total = replaying / Double(decisions)
  let entry = reading / Double(decisions)
  print("  of \(micros(total)) a decision, processor time of one thread:")
  print("    reading and verifying the entry   \(micros(entry))")
  print("    deciding                          \(micros(plain))")
  print("    telling what was read             \(micros(traced - plain))")
  print("    writing and hashing both          \(micros(writing))")
  print("    the rest: scanning, and requests  \(micros(total - entry - traced - writing))")
  print("    a request that is new             \(micros(fetching / count))")
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
