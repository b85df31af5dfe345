// Five rules on a release, request after request: the machine, the whole way from JSON to JSON, and the bounds of plain loops.

import Foundation
import Writ
import WritGraph
import WritModel
import WritText
import WritVM

/// Times the gate of policies/fleet/admission.writ; `folder` is one that the generator of the W1 workload wrote.
func admissionBenchmark(folder: String) throws {
  let data = try AdmissionData(folder: folder)
  let file = try fleetPolicy("admission.writ")
  guard let program = compile([file], root: 0).program else {
    print("admission.writ does not compile")
    exit(65)
  }
  let bundle = try bundleFile(program, BundleOptions(settings: [], approvers: [], revision: 0))
  let loaded = try LoadedBundle(file: bundle)
  let engine = Engine(
    bundle: loaded, snapshot: try data.snapshot(loaded.program.program.schema))
  let admission = try Admission(data, engine)
  print("\(data.fleet.count) services, \(engine.snapshot.nodeCount) nodes")
  try admission.checkAnswers()
  if let name = ProcessInfo.processInfo.environment["WRIT_PROFILE"] {
    return try admission.repeatedly(name)
  }
  try admission.run()
}

private final class Admission {
  private let data: AdmissionData
  private let known: AdmissionKnowledge
  private let marks: WalkMarks
  private let names: AdmissionNames
  private let machine: Machine
  private let decider: Decider
  private let gate: Int
  private let gateByWalk: Int
  private let block: GateBlock
  private let blockByWalk: GateBlock
  /// For each request, as slots and as text.
  private let arguments: [[Slot]]
  private let texts: [[UInt8]]
  /// Copies of the texts, to be lent.
  private let lent: [UnsafeMutableBufferPointer<UInt8>]
  private let asking: Asking
  private let now = Int64(FleetData.now) * 1_000_000

  init(_ data: AdmissionData, _ engine: Engine) throws {
    self.data = data
    known = AdmissionKnowledge(data)
    marks = WalkMarks(data.fleet.count)
    names = AdmissionNames(data)
    let prepared = try PreparedEngine(engine)
    decider = Decider(prepared)
    let program = engine.bundle.program
    machine = try PreparedProgram(program, engine.snapshot).machine()
    let overlay = try OverlayBuilder(try OverlayPlan(engine.snapshot, program.program.schema))
      .build()
    machine.bind(RequestLink(overlay), Circumstances(now: now, asOf: now, caller: nil))
    asking = Asking(caller: nil, now: now, asOf: now, isQuestion: true)
    let gates = program.program.gates
    gate = gates.firstIndex { $0.name.hasSuffix(".admit") } ?? 0
    gateByWalk = gates.firstIndex { $0.name.hasSuffix(".admitByWalk") } ?? 0
    guard let block = GateBlock(machine, gate: gate),
      let byWalk = GateBlock(machine, gate: gateByWalk)
    else { throw BenchmarkError(description: "no clause of the gate goes by blocks") }
    (self.block, blockByWalk) = (block, byWalk)
    texts = data.requests.map { data.json(of: $0, gate: "admission.admit") }
    lent = texts.map { text in
      let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.count)
      _ = copy.initialize(from: text)
      return copy
    }
    let kinds = Dictionary(
      uniqueKeysWithValues: program.program.schema.kinds.enumerated().map { ($1.name, $0) })
    let machine = machine
    func node(_ kind: String, _ id: String) -> Slot {
      machine.node(kind: kinds[kind] ?? 0, id: id).map { Slot(exact: $0) } ?? .nothing
    }
    func person(_ number: UInt32) -> Slot { node("Person", AdmissionData.person(Int(number))) }
    arguments = data.requests.map { request in
      [
        node("Service", AdmissionData.service(Int(request.service))),
        node("Environment", AdmissionData.environment(Int(request.environment))),
        Slot(exact: Int64(request.time) * 1_000_000),
        request.kind == 2
          ? node("Agent", AdmissionData.agent(Int(request.actor))) : person(request.actor),
        person(request.author),
      ] + request.threeApprovers.map(person)
    }
  }

  private let rules = ["score", "cve", "freeze", "eu", "blast"]

  private func mask(_ reasons: [Reason]) -> UInt8 {
    reasons.reduce(0) { mask, reason in
      rules.firstIndex(of: reason.clause).map { mask | 1 << UInt8($0) } ?? 0xff
    }
  }

  /// Every answer of every way, before any is timed.
  func checkAnswers() throws {
    for (place, request) in data.requests.enumerated() {
      let expected = data.expected[place]
      precondition(data.bound(request) == UInt32(expected), "bound: request \(place)")
      let both = UInt32(expected) | UInt32(expected) << 8
      precondition(data.threeValuedBound(request, known) == both, "bound: request \(place)")
      precondition(
        data.boundByWalk(request, marks) == UInt32(data.expectedByWalk[place]),
        "bound by walk: request \(place)")
      let whole = machine.decide(
        gate: gate, arguments: arguments[place], approvals: [], asOf: now)
      precondition(mask(whole.reasons) == expected, "decision: request \(place)")
      let walked = machine.decide(
        gate: gateByWalk, arguments: arguments[place], approvals: [], asOf: now)
      precondition(
        mask(walked.reasons) == data.expectedByWalk[place], "decision by walk: request \(place)")
      let verdict = machine.verdict(gate: gate, arguments: arguments[place], asOf: now)
      precondition(verdict?.denying == UInt64(expected), "verdict: request \(place)")
      let walk = machine.verdict(gate: gateByWalk, arguments: arguments[place], asOf: now)
      precondition(
        walk?.denying == UInt64(data.expectedByWalk[place]), "verdict by walk: request \(place)")
      let run = try decider.decide(try decider.prepare(texts[place]), asking)
      precondition(mask(run.decision.reasons) == expected, "JSON: request \(place)")
      var written: [UInt8] = []
      _ = try decider.write(try decider.prepare(texts[place]), asking, to: &written)
      precondition(
        written == Array(run.decision.json.compact.utf8), "written: request \(place)")
      let read = texts[place].withUnsafeBufferPointer {
        names.request($0.baseAddress.unsafelyUnwrapped)
      }
      precondition(data.bound(read) == UInt32(expected), "bound of text: request \(place)")
      let short = try texts[place].withUnsafeBufferPointer { try decider.verdict(on: $0, asking) }
      precondition(short.verdict.denying == UInt64(expected), "short: request \(place)")
    }
    for (block, expected) in [(block, data.expected), (blockByWalk, data.expectedByWalk)] {
      var place = 0
      inBlocks(block) {
        precondition($0.denying == UInt64(expected[place]), "block: request \(place)")
        place += 1
      }
      precondition(place == data.requests.count, "a block left requests out")
    }
  }

  /// Every request, judged in full blocks.
  private func inBlocks(_ block: GateBlock, _ body: (GateVerdict) -> Void) {
    for request in arguments {
      request.withUnsafeBufferPointer { block.append($0) }
      if block.isFull { block.takeVerdicts(asOf: now) { body($1) } }
    }
    block.takeVerdicts(asOf: now) { body($1) }
  }

  private func blockWay(_ block: GateBlock) {
    var sum: UInt64 = 0
    inBlocks(block) { sum &+= $0.denying }
    keep(UInt32(truncatingIfNeeded: sum))
  }

  /// What of a gate depends on no request.
  private func planWay(_ gate: Int) { _ = GateBlock(machine, gate: gate) }

  private func each(_ body: (Int) throws -> Void) rethrows {
    for place in data.requests.indices { try body(place) }
  }

  private func boundWay() {
    var sum: UInt32 = 0
    for request in data.requests { sum &+= data.bound(request) }
    keep(sum)
  }

  private func boundOfTextWay() {
    var sum: UInt32 = 0
    each { place in
      texts[place].withUnsafeBufferPointer { text in
        sum &+= data.bound(names.request(text.baseAddress.unsafelyUnwrapped))
      }
    }
    keep(sum)
  }

  private func threeValuedWay() {
    var sum: UInt32 = 0
    for request in data.requests { sum &+= data.threeValuedBound(request, known) }
    keep(sum)
  }

  private func boundByWalkWay() {
    var sum: UInt32 = 0
    for request in data.requests { sum &+= data.boundByWalk(request, marks) }
    keep(sum)
  }

  private func verdictWay(_ gate: Int) {
    var sum: UInt64 = 0
    each { sum &+= machine.verdict(gate: gate, arguments: arguments[$0], asOf: now)?.denying ?? 0 }
    keep(UInt32(truncatingIfNeeded: sum))
  }

  private func decideWay() {
    each { _ = machine.decide(gate: gate, arguments: arguments[$0], approvals: [], asOf: now) }
  }

  private func decideByWalkWay() {
    each {
      _ = machine.decide(gate: gateByWalk, arguments: arguments[$0], approvals: [], asOf: now)
    }
  }

  private func jsonWay() throws {
    var output: [UInt8] = []
    try each {
      output.removeAll(keepingCapacity: true)
      _ = try decider.write(try decider.prepare(texts[$0]), asking, to: &output)
      keep(UInt32(truncatingIfNeeded: output.count))
    }
  }

  private func shortWay() throws {
    var output: [UInt8] = []
    try each { place in
      output.removeAll(keepingCapacity: true)
      try texts[place].withUnsafeBufferPointer { text in
        decider.append(try decider.verdict(on: text, asking), to: &output)
      }
      keep(UInt32(truncatingIfNeeded: output.count))
    }
  }

  /// As `writ decide --batch --brief` does it: parts of a file.
  private func shortBlocksWay() throws {
    var output: [UInt8] = []
    for first in stride(from: 0, to: texts.count, by: GateBlock.capacity) {
      let part = first..<min(texts.count, first + GateBlock.capacity)
      let requests = part.map { UnsafeBufferPointer(lent[$0]) }
      for verdict in decider.verdicts(on: requests, asking) {
        output.removeAll(keepingCapacity: true)
        decider.append(try verdict.get(), to: &output)
        keep(UInt32(truncatingIfNeeded: output.count))
      }
    }
  }

  /// One way again and again, for a profiler.
  func repeatedly(_ name: String) throws {
    for _ in 0..<200 {
      switch name {
      case "json": try jsonWay()
      case "short": try shortWay()
      case "walk": verdictWay(gateByWalk)
      case "verdict": verdictWay(gate)
      case "block": blockWay(block)
      case "shortblocks": try shortBlocksWay()
      default: decideWay()
      }
    }
  }

  func run() throws {
    let times = try medians(
      rounds: rounds,
      [
        { self.boundWay() }, { self.threeValuedWay() }, { self.boundByWalkWay() },
        { self.decideWay() }, { self.decideByWalkWay() }, { try self.jsonWay() },
        { self.verdictWay(self.gate) }, { self.verdictWay(self.gateByWalk) },
        { try self.shortWay() }, { self.boundOfTextWay() }, { self.blockWay(self.block) },
        { self.blockWay(self.blockByWalk) }, { self.planWay(self.gate) },
        { try self.shortBlocksWay() },
      ])
    print(
      "\(block.blockClauseCount) clauses go by blocks; with the walk \(blockByWalk.blockClauseCount)"
    )
    print("W1, nanoseconds a request (CPU; median of \(rounds) rounds):")
    line("bound", times[0], times[0])
    line("bound with unknowns", times[1], times[0])
    line("verdict", times[6], times[0])
    line("verdicts by blocks", times[10], times[0])
    line("  and once for all of them", times[12], times[0])
    line("decision with reasons", times[3], times[0])
    print("W1, JSON in:")
    line("bound", times[9], times[9])
    line("verdict JSON out", times[8], times[9])
    line("the same by blocks", times[13], times[9])
    line("decision JSON out", times[5], times[9])
    print("W1t:")
    line("bound", times[2], times[2])
    line("verdict", times[7], times[2])
    line("verdicts by blocks", times[11], times[2])
    line("decision with reasons", times[4], times[2])
  }

  private func line(_ name: String, _ time: Double, _ bound: Double) {
    let padded = name.padding(toLength: 28, withPad: " ", startingAt: 0)
    let each = String(format: "%7.1f", time / Double(data.requests.count))
    print("  \(padded) \(each)  \(String(format: "%.1f", time / bound)) x")
  }

  private let rounds = 9
}
