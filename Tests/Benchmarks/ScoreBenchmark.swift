// Twelve rules for every service of a fleet: blocks, one subject at a time, and the bound of plain loops.

import Foundation
import Writ
import WritGraph
import WritModel
import WritText
import WritVM

/// Times scorecards of all services; `folder` is one that the generator of the W2 workload wrote.
func scoreBenchmark(folder: String) throws {
  let data = try FleetData(folder: folder)
  guard let program = compile([try fleetPolicy("fleet.writ")], root: 0).program
  else {
    print("fleet.writ does not compile")
    exit(65)
  }
  let snapshot = try data.snapshot(program.program.schema)
  let prepared = try PreparedProgram(program, snapshot)
  let now = Int64(FleetData.now) * 1_000_000
  let overlay = try OverlayBuilder(try OverlayPlan(snapshot, program.program.schema)).build()
  let machines = (0..<2).map { _ in
    let machine = prepared.machine()
    machine.bind(RequestLink(overlay), Circumstances(now: now, asOf: now, caller: nil))
    return machine
  }
  let fleet = Fleet(data: data, machines: machines)
  print("\(data.count) services, \(snapshot.nodeCount) nodes")
  try fleet.checkAnswers()
  if let name = ProcessInfo.processInfo.environment["WRIT_PROFILE"] {
    return fleet.repeatedly(name)
  }
  try fleet.readiness()
  try fleet.ratio("thresholds", rules: 12)
  try fleet.ratio("admission", rules: 1)
}

private struct Fleet {
  let data: FleetData
  let machines: [Machine]

  private func card(_ name: String) -> Int {
    machines[0].program.scorecards.firstIndex { $0.name.hasSuffix(name) } ?? 0
  }

  private func scorer(_ name: String, _ workers: Int) -> BatchScorer {
    BatchScorer(Array(machines.prefix(workers)), scorecard: card(name), kinds: [serviceKind])
  }

  private var serviceKind: Int {
    machines[0].program.schema.kinds.firstIndex { $0.name == "Service" } ?? 0
  }

  /// Every answer of every way, before any is timed.
  func checkAnswers() throws {
    let (grades, results) = (FleetGrades(), FleetResults(count: data.count))
    let known = FleetKnowledge(data)
    for workers in 1...2 {
      let scorer = scorer("readiness", workers)
      let (table, _) = scorer.run(onOwnThreads)
      precondition(scorer.isBatch, "blocks do all twelve rules")
      for service in 0..<data.count {
        var mask: UInt16 = 0
        for rule in 0..<12 where table.outcome(service, check: rule) == .pass { mask |= 1 << rule }
        precondition(mask == data.expected[service], "batch: service \(service)")
        let score = Int64(grades.score[Int(mask)]) * 1_000_000
        precondition(table.score(service)?.lower == score, "score of service \(service)")
        precondition(
          table.level(service).upper == Int(grades.grade[Int(mask)]), "grade of \(service)")
      }
    }
    boundOfServices(data, grades, results, 0..<data.count)
    for service in 0..<data.count {
      precondition(results.lower[service] == data.expected[service], "bound: service \(service)")
    }
    threeValuedBoundOfServices(data, known, grades, results, 0..<data.count)
    for service in 0..<data.count {
      precondition(results.lower[service] == data.expected[service], "bound: service \(service)")
      precondition(results.upper[service] == data.expected[service], "bound: service \(service)")
    }
    let machine = machines[0]
    for (place, node) in machine.nodes(ofKind: serviceKind).enumerated() {
      let result = machine.score(
        scorecard: card("readiness"), arguments: [Slot(exact: node)], asOf: 0)
      let mask = result?.checks.enumerated().reduce(UInt16(0)) {
        $1.element.outcome == .pass ? $0 | 1 << UInt16($1.offset) : $0
      }
      precondition(mask == data.expected[place], "scalar: service \(place)")
    }
  }

  /// One way again and again, for a profiler.
  func repeatedly(_ name: String) {
    let one = scorer(name, 1)
    for _ in 0..<(data.count < 50_000 ? 20_000 : 200) { _ = one.run() }
  }

  func readiness() throws {
    let (grades, results) = (FleetGrades(), FleetResults(count: data.count))
    let known = FleetKnowledge(data)
    let (one, two) = (scorer("readiness", 1), scorer("readiness", 2))
    let turns = data.count < 50_000 ? 100 : 2
    let times = try medians(
      rounds: rounds, turns: turns,
      [
        { boundOfServices(data, grades, results, 0..<data.count) },
        { threeValuedBoundOfServices(data, known, grades, results, 0..<data.count) },
        { _ = one.run() },
      ])
    let wall = try medians(
      rounds: rounds, turns: turns, by: CLOCK_MONOTONIC,
      [{ _ = one.run() }, { _ = two.run(onOwnThreads) }])
    let planning = try medians(rounds: rounds, turns: 1, [{ _ = scorer("readiness", 1) }])[0]
    let scalar = try medians(rounds: rounds, turns: 1, [{ scalarRun(card("readiness")) }])[0]
    print("W2, nanoseconds a service (CPU; median of \(rounds) rounds):")
    line("bound, a service at a time", times[0], times[0])
    line("bound with unknowns", times[1], times[0])
    line("batch, one thread", times[2], times[0])
    line("planning, once", planning, times[0])
    line("scalar", scalar, times[0])
    print(
      "  scalar : batch \(tenths(scalar / times[2])), one thread : two, by the wall, \(tenths(wall[0] / wall[1]))"
    )
    print("  batch : bound with unknowns \(tenths(times[2] / times[1]))")
  }

  private func line(_ name: String, _ time: Double, _ bound: Double) {
    let padded = name.padding(toLength: 28, withPad: " ", startingAt: 0)
    print("  \(padded) \(tenths(time / Double(data.count)))  \(tenths(time / bound)) x")
  }

  private func scalarRun(_ card: Int) {
    let routine = machines[0].program.scorecards[card].routine
    for node in machines[0].nodes(ofKind: serviceKind) {
      _ = machines[0].run(routine, inputs: [Slot(exact: node)], reading: .vouched)
    }
  }

  /// One scorecard by blocks and one subject at a time.
  func ratio(_ name: String, rules: Int) throws {
    let one = scorer(name, 1)
    precondition(one.isBatch, "blocks do it")
    let batch = try medians(
      rounds: rounds, turns: data.count < 50_000 ? 100 : 4, [{ _ = one.run() }])[0]
    let scalar = try medians(rounds: rounds, turns: 1, [{ scalarRun(card(name)) }])[0]
    let each = Double(data.count) * Double(rules)
    print(
      "\(name): batch \(hundredths(batch / each)) ns a rule and service, scalar"
        + " \(hundredths(scalar / each)), ratio \(tenths(scalar / batch))")
  }

  private let rounds = 9
}

private func tenths(_ value: Double) -> String { String(format: "%.1f", value) }
private func hundredths(_ value: Double) -> String { String(format: "%.3f", value) }

/// Workers on threads, the first on this one; others are waited for without a pause between looks.
private func onOwnThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  let done = (1..<count).map { number in
    let done = DispatchSemaphore(value: 0)
    Thread {
      body(number)
      done.signal()
    }.start()
    return done
  }
  body(0)
  for one in done { one.wait() }
}
