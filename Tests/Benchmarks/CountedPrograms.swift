// Fixed programs of which the instructions are counted, not the time: what a change costs shows on any machine, however busy.

import Foundation
import Writ
import WritGraph
import WritModel
import WritText
import WritVM

/// Runs a program so many times; what it does once beforehand is the same for any number of times, so that two runs tell what one
/// time costs. `.ci/counts` runs it under callgrind.
func runCounted(_ name: String, times: Int) throws {
  let world = try CountedWorld()
  guard let program = world.program(name) else {
    print("no program `\(name)`: decide, verdict, request, import or check")
    exit(64)
  }
  for _ in 0..<times { try program() }
}

/// The release of policies/checkout, and the gate that it is judged by.
private final class CountedWorld {
  private let decider: Decider
  private let machine: Machine
  private let gate: Int
  private let arguments: [Slot]
  private let request: [UInt8]
  private let asking: Asking
  private let schema: Schema
  private let facts: [UInt8]
  private let policy: SourceFile

  init() throws {
    policy = SourceFile(name: "checkout.writ", bytes: try checkoutBytes("checkout.writ"))
    guard let compiled = compile([policy], root: 0).program else {
      throw BenchmarkError(description: "checkout.writ does not compile")
    }
    let bundle = try LoadedBundle(
      file: try bundleFile(compiled, BundleOptions(settings: [], approvers: [], revision: 0)))
    let program = bundle.program.program
    schema = program.schema
    facts = try checkoutBytes("graph.jsonl")
    var builder = SnapshotBuilder(schema)
    builder.read(facts, named: "graph.jsonl")
    decider = Decider(
      try PreparedEngine(Engine(bundle: bundle, snapshot: try builder.build())))
    request = Array(try JSONValue(parsing: try checkoutBytes("request.json")).compact.utf8)
    let now = Instant("2026-11-19T18:00:00Z")?.microseconds ?? 0
    asking = Asking(caller: nil, now: now, asOf: now, isQuestion: true)
    // A gate on what the graph has, which exact code can judge whole.
    gate = program.gates.firstIndex { $0.name.hasSuffix(".attended") } ?? 0
    let snapshot = decider.prepared.engine.snapshot
    machine = try PreparedProgram(bundle.program, snapshot).machine()
    machine.bind(
      RequestLink(try OverlayBuilder(try OverlayPlan(snapshot, schema)).build()),
      Circumstances(now: now, asOf: now, caller: nil))
    let service = schema.kinds.firstIndex { $0.name == "Service" } ?? 0
    arguments = machine.node(kind: service, id: "checkout").map { [Slot(exact: $0)] } ?? []
  }

  func program(_ name: String) -> (() throws -> Void)? {
    switch name {
    case "decide":
      return { [self] in
        _ = machine.decide(gate: gate, arguments: arguments, approvals: [], asOf: asking.asOf)
      }
    case "verdict":
      return { [self] in
        _ = machine.verdict(gate: gate, arguments: arguments, asOf: asking.asOf)
      }
    case "request":
      return { [self] in _ = try decider.decide(try decider.prepare(request), asking) }
    case "import":
      return { [self] in
        var builder = SnapshotBuilder(schema)
        builder.read(facts, named: "graph.jsonl")
        _ = try builder.build()
      }
    case "check": return { [self] in _ = compile([policy], root: 0).program }
    default: return nil
    }
  }
}
