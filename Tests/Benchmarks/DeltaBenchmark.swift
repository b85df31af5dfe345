// A graph that takes deltas while one thread decides over it: deltas a second, what a decision takes with and without them, and
// what a version and its root digest cost after one fact.

import Foundation
import Synchronization
import Writ
import WritGraph
import WritModel
import WritText

/// Measures graphs of so many nodes under the policy of `folder`, policies/checkout.
func deltaBenchmark(folder: String, sizes: [Int]) throws {
  for size in sizes {
    let world = try DeltaWorld(folder, services: size)
    try world.oneFact()
    try world.deciding()
    fflush(nil)
  }
}

/// Measures one value that changes in a graph of so many services, and no more: the root digest of a large graph.
func largeDeltaBenchmark(folder: String, services: Int) throws {
  try DeltaWorld(folder, services: services).oneFact(ofEdges: false)
}

/// What readers decide with: the newest version, linked.
private final class Published: Sendable {
  private let prepared: Mutex<PreparedEngine>
  private let changes = Atomic<Int>(0)

  init(_ engine: PreparedEngine) { prepared = Mutex(engine) }

  var number: Int { changes.load(ordering: .acquiring) }
  var engine: PreparedEngine { prepared.withLock { $0 } }

  func publish(_ engine: PreparedEngine) {
    prepared.withLock { $0 = engine }
    changes.add(1, ordering: .releasing)
  }
}

private final class DeltaWorld: Sendable {
  private let bundle: LoadedBundle
  private let live: LiveGraph
  private let request: [UInt8]
  private let count: Int
  private let asking: Asking

  init(_ folder: String, services: Int) throws {
    let text = try Data(contentsOf: URL(fileURLWithPath: folder + "/checkout.writ"))
    let file = SourceFile(name: "checkout.writ", bytes: Array(text))
    guard let program = compile([file], root: 0).program else {
      throw BenchmarkError(description: "checkout.writ does not compile")
    }
    bundle = try LoadedBundle(
      file: try bundleFile(program, BundleOptions(settings: [], approvers: [], revision: 0)))
    let json = try Data(contentsOf: URL(fileURLWithPath: folder + "/request.json"))
    request = Array(try JSONValue(parsing: Array(json)).compact.utf8)
    let now = Instant("2026-11-19T18:00:00Z")?.microseconds ?? 0
    asking = Asking(caller: nil, now: now, asOf: now, isQuestion: true)
    count = services
    var builder = SnapshotBuilder(program.program.schema)
    let facts = try Data(contentsOf: URL(fileURLWithPath: folder + "/graph.jsonl"))
    builder.read(Array(facts), named: "graph.jsonl")
    for start in stride(from: 0, to: services, by: 10_000) {
      let end = min(services, start + 10_000)
      builder.read(Array(DeltaWorld.lines(start..<end, services).utf8), named: "more")
    }
    live = LiveGraph(try builder.build())
    let edges = live.version.snapshot.edges.reduce(0) { $0 + $1.count }
    print("\(live.version.snapshot.nodeCount) nodes, \(edges) edges")
  }

  /// Services with an owner, a library and two that they depend on.
  private static func lines(_ range: Range<Int>, _ count: Int) -> String {
    var text = ""
    for number in range {
      let id = "s\(number)"
      text += service(number, tier: number % 4)
      text += #"{"edge":"owner","from":"Service/\#(id)","to":"Team/commerce"}"# + "\n"
      text += #"{"edge":"uses","from":"Service/\#(id)","to":"Library/cartkit@4.2.0"}"# + "\n"
      for other in [(number * 7 + 1) % count, (number * 13 + 5) % count] {
        text += #"{"edge":"dependsOn","from":"Service/\#(id)","to":"Service/s\#(other)"}"# + "\n"
      }
    }
    return text
  }

  private static func service(_ number: Int, tier: Int) -> String {
    #"{"node":"Service","id":"s\#(number)","props":{"tier":\#(tier),"coverage":70.5}}"# + "\n"
  }

  /// A delta a line: values of services, and a heartbeat in every ten.
  private func values(_ lines: Int, round: Int) -> GraphDelta {
    var text = ""
    for line in 0..<lines {
      if line % 10 == 9 {
        let at = Instant(microseconds: asking.now + Int64(round * lines + line) * 1_000)
        text += #"{"source":"ci","at":"\#(at)","covers":"Service"}"# + "\n"
      } else {
        text += DeltaWorld.service((line &* 7919 &+ round) % count, tier: (line + round + 1) % 4)
      }
    }
    return GraphDelta(Array(text.utf8), named: "values")
  }

  /// A delta a line: edges between services.
  private func structure(_ lines: Int, round: Int) -> GraphDelta {
    var text = ""
    for line in 0..<lines {
      let (from, to) = ((line &* 7919) % count, (line &* 31 &+ round &+ 2) % count)
      text += #"{"edge":"dependsOn","from":"Service/s\#(from)","to":"Service/s\#(to)"}"# + "\n"
    }
    return GraphDelta(Array(text.utf8), named: "structure")
  }

  func oneFact(ofEdges: Bool = true) throws {
    for (name, delta) in [("value", values), ("edge", structure)] where ofEdges || name == "value" {
      var (versions, roots): ([Double], [Double]) = ([], [])
      let clock = CLOCK_THREAD_CPUTIME_ID
      for round in 0..<(count > 500_000 ? 5 : 11) {
        let delta = delta(1, round + 100)
        // Who holds the version before keeps its memory, so that giving it back is not timed with the digest.
        let before = live.version
        var built = 0.0
        let start = nanoseconds(clock)
        try live.applyEachLine(of: delta) { built = nanoseconds(clock) }
        let end = nanoseconds(clock)
        withExtendedLifetime(before) {}
        if round > 0 {
          versions.append((built - start) / 1e6)
          roots.append((end - built) / 1e6)
        }
      }
      print(
        "  one \(name) changed: version \(hundredths(median(versions))) ms, "
          + "root digest \(hundredths(median(roots))) ms")
    }
  }

  func deciding() throws {
    let quiet = try run(seconds: 3, nil)
    print("  decisions alone:          \(quiet.text)")
    for (name, delta) in [("values", values), ("edges ", structure)] {
      let busy = try run(seconds: 3, delta)
      let rise = (busy.percentile(99) / quiet.percentile(99) - 1) * 100
      print(
        "  while \(name) change:      \(busy.text), p99 \(rise < 0 ? "" : "+")\(Int(rise)) %, "
          + "\(Int(busy.deltasPerSecond)) deltas a second, \(Int(busy.deltasPerWork)) of processor time, "
          + "\(busy.versions) versions")
    }
  }

  private struct Outcome {
    var latencies: [Double] = []
    var deltasPerSecond = 0.0
    /// The same of a second on a processor.
    var deltasPerWork = 0.0
    var versions = 0

    func percentile(_ percent: Int) -> Double { latencies[latencies.count * percent / 100] }

    var text: String {
      "\(latencies.count) decisions, p50 \(Int(percentile(50))) ns, p99 \(Int(percentile(99))) ns, "
        + "worst \(Int((latencies.last ?? 0) / 1000)) us"
    }
  }

  /// One thread decides, and this one hands deltas over, in batches.
  private func run(
    seconds: Double, _ delta: ((Int, Int) -> GraphDelta)?
  ) throws -> Outcome {
    let published = Published(
      try PreparedEngine(Engine(bundle: bundle, snapshot: live.version.snapshot)))
    let batch = 100_000
    // Texts are made before the clock starts.
    let deltas = delta.map { make in (0..<8).map { make(batch, $0 + 200) } } ?? []
    let isOver = Mutex(false)
    let latencies = Mutex<[Double]>([])
    let ended = DispatchSemaphore(value: 0)
    let (request, asking) = (request, asking)
    Thread.detachNewThread {
      var times: [Double] = []
      times.reserveCapacity(10_000_000)
      var number = published.number
      var decider = Decider(published.engine)
      while !isOver.withLock({ $0 }) {
        let start = nanoseconds(CLOCK_THREAD_CPUTIME_ID)
        if published.number != number {
          number = published.number
          decider = Decider(published.engine)
        }
        if let prepared = try? decider.prepare(request) {
          _ = try? decider.decide(prepared, asking)
        }
        times.append(nanoseconds(CLOCK_THREAD_CPUTIME_ID) - start)
      }
      times.sort()
      latencies.withLock { $0 = times }
      ended.signal()
    }
    var outcome = Outcome()
    let (start, work) = (nanoseconds(), nanoseconds(CLOCK_THREAD_CPUTIME_ID))
    var lines = 0
    while nanoseconds() - start < seconds * 1e9 {
      guard !deltas.isEmpty else {
        Thread.sleep(forTimeInterval: seconds)
        break
      }
      let version = try live.applyEachLine(of: deltas[outcome.versions % deltas.count])
      published.publish(try PreparedEngine(Engine(bundle: bundle, snapshot: version.snapshot)))
      lines += batch
      outcome.versions += 1
    }
    outcome.deltasPerSecond = Double(lines) / ((nanoseconds() - start) / 1e9)
    outcome.deltasPerWork =
      Double(lines) / ((nanoseconds(CLOCK_THREAD_CPUTIME_ID) - work) / 1e9)
    isOver.withLock { $0 = true }
    ended.wait()
    outcome.latencies = latencies.withLock { $0 }
    return outcome
  }
}

private func median(_ values: [Double]) -> Double {
  values.sorted()[values.count / 2]
}

private func hundredths(_ value: Double) -> String { String(format: "%.2f", value) }
