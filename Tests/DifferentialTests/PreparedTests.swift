// A machine that is bound again and again answers as one that was linked for the one request: in every epoch, whatever it was
// asked before; and what it tells as text is what it tells as values.

import Testing
import WritBytecode
import WritGeneration
import WritGraph
import WritModel
import WritOracle
import WritSemantics
import WritVM

@Suite struct PreparedTests {
  @Test func aMachineForgetsWhatItWasAsked() throws {
    var tally = (cases: 0, instants: 0, lowered: 0)
    for seed in UInt64(0)..<14 {
      let made = GeneratedCase(seed: seed, isTextual: false)
      let generated = seed % 2 == 1 ? made.withWaivers : made
      let program = try MachineFactory.program(generated)
      guard let world = try MachineFactory.world(generated) else { continue }
      tally.cases += 1
      let kept = try PreparedProgram(program, world.snapshot).machine()
      let overlays = [world.overlay, nil, world.empty]
      let requests = overlays.map { RequestLink($0) }
      var outcomes: Set<String> = []
      for asOf in world.instants {
        for (overlay, request) in zip(overlays, requests) {
          let circumstances = Circumstances(
            now: generated.request.now, asOf: asOf,
            caller: generated.request.caller.map { ($0.kind, $0.id) })
          let fresh = try link(program, world.snapshot, overlay, circumstances)
          kept.bind(request, circumstances)
          for gate in program.program.gates.indices {
            let wanted = answer(fresh, gate, generated, asOf)
            #expect(answer(kept, gate, generated, asOf) == wanted, "seed \(seed), \(asOf)")
            outcomes.insert(wanted)
          }
          tally.instants += 1
        }
      }
      if outcomes.count > 1 { tally.lowered += 1 }
    }
    // Time makes a difference in most of them.
    #expect(tally.cases > 3)
    #expect(tally.lowered * 2 > tally.cases)
  }

  /// What a memory keeps is what would be found again: at other times, for other callers, with and without approvals.
  @Test func aMemoryChangesNothing() throws {
    var tally = (answers: 0, again: 0)
    for seed in UInt64(0)..<14 {
      let made = GeneratedCase(seed: seed, isTextual: false)
      let generated = seed % 5 == 1 ? made.withWaivers : made
      let program = try MachineFactory.program(generated)
      guard let world = try MachineFactory.world(generated) else { continue }
      let machine = try PreparedProgram(program, world.snapshot).machine()
      let request = RequestLink(world.overlay)
      let memories = program.program.gates.map { _ in DecisionMemory() }
      for (step, asOf) in world.instants.enumerated() {
        // Every now and then two questions in a row that differ in one thing only.
        let now = [generated.request.now, asOf, generated.request.now &+ Int64(step)][step % 3]
        let caller = step % 5 == 4 ? nil : generated.request.caller.map { ($0.kind, $0.id) }
        let tracing: Tracing = step % 4 == 3 ? .on : .text
        // Times in generated graphs are hours apart: what is compared with them changes there.
        let hour = now &+ Int64(step - 10) &* 3_600_000_000
        for asked in [now, now &+ 60_000_000, now, hour &- 1, hour] {
          machine.bind(request, Circumstances(now: asked, asOf: asOf, caller: caller))
          let approvals = step % 7 == 6 ? approvals(of: program.program, at: asked) : []
          for (gate, memory) in memories.enumerated() {
            let arguments = generated.gateArguments[gate].map { MachineFactory.slot($0, machine) }
            func result(_ memory: DecisionMemory?) -> GateResult {
              machine.decide(
                gate: gate, arguments: arguments, approvals: approvals,
                waivers: MachineFactory.grants(generated, machine), asOf: asOf,
                tracing: tracing, memory: memory)
            }
            let (fresh, kept) = (result(nil), result(memory))
            #expect(told(kept) == told(fresh), "seed \(seed), gate \(gate), \(asked), \(asOf)")
            let again = result(memory)
            #expect(told(again) == told(fresh))
            tally.answers += 1
            if again.version == kept.version { tally.again += 1 }
          }
        }
      }
    }
    #expect(tally.answers > 500)
    // Or nothing would be kept at all.
    #expect(tally.again * 2 > tally.answers)
  }

  /// One for each role, by the first node of all, for an hour.
  private func approvals(of program: Program, at now: Int64) -> [GrantedApproval] {
    program.roles.map {
      GrantedApproval(role: $0, approver: 0, signedAt: now &- 1, expires: now &+ 3_600_000_000)
    }
  }

  /// All that a result tells.
  private func told(_ result: GateResult) -> String {
    "\(result.outcome) \(result.isIndeterminate) \(result.fuel) \(result.reasons)"
      + "\(result.obligations) \(result.countedApprovals) \(result.trace)"
      + "\(result.waived) \(result.waivers)"
      + result.readings.map { String(decoding: $0, as: UTF8.self) }.joined()
  }

  /// That a record says of each fact what the trace says, with `$name` for the node of the first parameter that has it.
  private func checkNames(
    _ trace: [ClauseTrace], _ arguments: [ExpectedArgument], _ machine: Machine, _ gate: Int
  ) {
    var names: [String: String] = [:]
    for (parameter, argument) in zip(machine.program.gates[gate].parameters, arguments).reversed() {
      guard case .node(let name) = argument, machine.node(kind: name.kind, id: name.id) != nil
      else {
        continue
      }
      names["\(machine.program.schema.kinds[name.kind].name)/\(name.id)"] = "$" + parameter.name
    }
    for clause in trace {
      let recorded = try? JSONValue(parsing: clause.recordedBytes)
      let facts = recorded?["facts"]?.array ?? []
      #expect(facts.count == clause.facts.count)
      let wanted = clause.facts.map { fact -> String in
        let isOfNode = fact.member != nil && !fact.subject.contains(" -> ")
        let subject = isOfNode ? names[fact.subject] ?? fact.subject : fact.subject
        return "\(subject) \(fact.member ?? "") \(fact.value)"
      }
      let found = facts.map {
        "\($0["fact"]?.string ?? "") \($0["member"]?.string ?? "") \($0["value"]?.string ?? "")"
      }
      #expect(found.sorted() == wanted.sorted())
    }
  }

  /// All that a decision tells, and that its trace is the same as values and as text.
  private func answer(
    _ machine: Machine, _ gate: Int, _ generated: GeneratedCase, _ asOf: Int64
  ) -> String {
    let arguments = generated.gateArguments[gate].map { MachineFactory.slot($0, machine) }
    let grants = MachineFactory.grants(generated, machine)
    let result = machine.decide(
      gate: gate, arguments: arguments, approvals: [], waivers: grants, asOf: asOf, tracing: .on)
    let told = machine.decide(
      gate: gate, arguments: arguments, approvals: [], waivers: grants, asOf: asOf,
      tracing: .text)
    // Once more, from what is kept.
    let again = machine.decide(
      gate: gate, arguments: arguments, approvals: [], waivers: grants, asOf: asOf,
      tracing: .text)
    let text = result.trace.map { String(decoding: $0.recordedBytes, as: UTF8.self) }.joined()
    #expect(told.readings == result.trace.map(\.recordedBytes))
    #expect(again.readings == told.readings)
    checkNames(result.trace, generated.gateArguments[gate], machine, gate)
    #expect(told.reasons == result.reasons && again.fuel == result.fuel)
    return "\(result.outcome) \(result.isIndeterminate) \(result.fuel) \(result.reasons)"
      + "\(result.obligations) \(result.waived) \(result.waivers) \(text)"
  }
}

/// A generated graph, with the instants at which something of it changes.
struct GeneratedWorld {
  let snapshot: Snapshot
  let overlay: Overlay
  /// Of a request that brings nothing.
  let empty: Overlay
  let instants: [Int64]
}

extension MachineFactory {
  /// `nil` for a graph that an import refuses.
  static func world(_ generated: GeneratedCase) throws -> GeneratedWorld? {
    let schema = generated.program.schema
    do {
      let snapshot = try snapshot(of: generated.world.draft, schema)
      var instants: Set<Int64> = [generated.request.asOf, .min, .max]
      for line in snapshot.sourceLines {
        let name = snapshot.schema.sources[line.source].name
        let limit = schema.sources.first { hasSameBytes($0.name, name) }?.freshMicroseconds ?? 0
        for instant in [line.at, line.at.addingReportingOverflow(limit).partialValue] {
          instants.formUnion([instant &- 1, instant, instant &+ 1])
        }
      }
      return GeneratedWorld(
        snapshot: snapshot, overlay: try overlay(of: generated.world.draft, schema, snapshot),
        empty: try OverlayBuilder(try OverlayPlan(snapshot, schema)).build(),
        instants: mixed(instants))
    } catch is GraphProblems {
      return nil
    }
  }

  /// At most twenty of them, spread over all and out of order, always the same.
  private static func mixed(_ instants: Set<Int64>) -> [Int64] {
    let sorted = instants.sorted()
    let step = max(1, sorted.count / 20)
    let chosen = stride(from: 0, to: sorted.count, by: step).prefix(20)
    return chosen.sorted { $0 % 7 < $1 % 7 }.map { sorted[$0] }
  }
}
