// The checkout gate, decided again and again: time a decision and time an instruction, CPU only.

import Foundation
import Writ
import WritGraph
import WritModel
import WritText
import WritVM

/// Times the gate of policies/checkout on its own graph; `folder` is that folder.
func decisionBenchmark(folder: String) throws {
  let text = try Data(contentsOf: URL(fileURLWithPath: folder + "/checkout.writ"))
  let file = SourceFile(name: "checkout.writ", bytes: Array(text))
  guard let program = compile([file], root: 0).program else {
    print("checkout.writ does not compile")
    exit(65)
  }
  let schema = program.program.schema
  var builder = SnapshotBuilder(schema)
  let facts = try Data(contentsOf: URL(fileURLWithPath: folder + "/graph.jsonl"))
  builder.read(Array(facts), named: "graph.jsonl")
  let snapshot = try builder.build()
  let bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "/request.json"))
  let request = try Request(try JSONValue(parsing: Array(bytes)))
  let now = Instant("2026-11-19T18:00:00Z")?.microseconds ?? 0

  let asking = Asking(caller: nil, now: now, asOf: now, isQuestion: true)
  let bundle = try bundleFile(
    program, BundleOptions(settings: [], approvers: [], revision: 0))
  let engine = Engine(bundle: try LoadedBundle(file: bundle), snapshot: snapshot)
  let whole = try measure(rounds: 2_000) { _ = try engine.decide(request, asking) }

  let decider = Decider(try PreparedEngine(engine))
  let json = Array(try JSONValue(parsing: Array(bytes)).compact.utf8)
  let again = try measure(rounds: 20_000) {
    _ = try decider.decide(try decider.prepare(json), asking)
  }

  let overlay = try overlay(of: request, snapshot, schema)
  let machine = try link(
    program, snapshot, overlay, Circumstances(now: now, asOf: now, caller: nil))
  let gate = program.program.gates.firstIndex { $0.name.hasSuffix(".ship") } ?? 0
  let arguments = request.arguments.map { argument -> Slot in
    let parts = (argument.value.string ?? "").split(separator: "/", maxSplits: 1).map(String.init)
    let kind = schema.kinds.firstIndex { $0.name == parts[0] } ?? 0
    return machine.node(kind: kind, id: parts[1]).map { Slot(exact: $0) } ?? .nothing
  }
  let before = machine.stepCount
  let rounds = 20_000
  let linked = measure(rounds: rounds) {
    _ = machine.decide(gate: gate, arguments: arguments, approvals: [], asOf: now)
  }
  let steps = Double(machine.stepCount - before) / Double(rounds)
  let routines = program.program.gates[gate].clauses.map(\.routine)
  let bareBefore = machine.stepCount
  let bare = measure(rounds: rounds) {
    for routine in routines { _ = machine.run(routine, inputs: arguments, reading: .vouched) }
  }
  let bareSteps = Double(machine.stepCount - bareBefore) / Double(rounds)
  print("request in, decision out, linked anew: \(Int(whole)) ns")
  print("the same, by a decider that was asked before: \(Int(again)) ns")
  print("decision on a linked machine:          \(Int(linked)) ns, \(Int(1e9 / linked)) a second")
  print("ratio linked anew / linked:            \(Int(whole / linked)) x")
  print("instructions a decision:               \(Int(steps))")
  print("time an instruction, all told:         \(Int(linked / steps)) ns")
  print("clauses alone, without their messages: \(Int(bare)) ns, \(Int(bareSteps)) instructions")
  print("time an instruction of those:          \(tenths(bare / bareSteps)) ns")
}

private func overlay(
  of request: Request, _ snapshot: Snapshot, _ schema: Schema
) throws -> Overlay {
  var builder = OverlayBuilder(try OverlayPlan(snapshot, schema))
  for fact in request.facts { builder.read(Array(fact.compact.utf8), named: "facts") }
  return try builder.build()
}

private func tenths(_ value: Double) -> String {
  let scaled = Int((value * 10).rounded())
  return "\(scaled / 10).\(scaled % 10)"
}

/// CPU nanoseconds of one call.
private func measure(rounds: Int, _ body: () throws -> Void) rethrows -> Double {
  func cpu() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
  }
  let start = cpu()
  for _ in 0..<rounds { try body() }
  return (cpu() - start) / Double(rounds)
}
