// What a clause answered of one node holds for another of which the same is read, and for no other: each node of a graph is asked
// about on a machine that remembers and on one that does not.

import Testing
import WritBytecode
import WritGeneration
import WritGraph
import WritModel
import WritOracle
import WritVM

@Suite struct AnswerMemoryTests {
  @Test func answersAreThoseThatWouldBeFound() throws {
    var tally = (asked: 0, remembered: 0, outcomes: Set<String>())
    var written = WrittenGate()
    for seed in UInt64(0)..<20 {
      let made = GeneratedCase(seed: seed, isTextual: seed % 3 == 0)
      let generated = seed % 4 == 3 ? made.withWaivers : made
      let program = try MachineFactory.program(generated)
      guard let world = try MachineFactory.world(generated) else { continue }
      let prepared = try PreparedProgram(program, world.snapshot)
      let (remembering, fresh) = (prepared.machine(), prepared.machine())
      let links = [world.overlay, world.empty].map { RequestLink($0) }
      let freshLinks = [world.overlay, world.empty].map { RequestLink($0) }
      for (step, asOf) in world.instants.prefix(4).enumerated() {
        for (link, freshLink) in zip(links, freshLinks) {
          let circumstances = Circumstances(
            now: generated.request.now, asOf: asOf,
            caller: step % 2 == 0 ? nil : generated.request.caller.map { ($0.kind, $0.id) })
          remembering.bind(link, circumstances)
          fresh.bind(freshLink, circumstances)
          for gate in program.program.gates.indices {
            let given = generated.gateArguments[gate].map { MachineFactory.slot($0, fresh) }
            for arguments in variants(given, program.program.gates[gate], fresh) {
              for tracing in [Tracing.text, .off] {
                let wanted = fresh.decide(
                  gate: gate, arguments: arguments, approvals: [],
                  waivers: MachineFactory.grants(generated, fresh), asOf: asOf, tracing: tracing)
                let before = remembering.rememberedCount
                let found = remembering.decide(
                  gate: gate, arguments: arguments, approvals: [],
                  waivers: MachineFactory.grants(generated, remembering), asOf: asOf,
                  tracing: tracing, memory: DecisionMemory())
                #expect(told(found) == told(wanted), "seed \(seed), gate \(gate), \(arguments)")
                // What may be waived is never written straight.
                if tracing == .text, !program.program.hasWaivers(ofGate: gate) {
                  remembering.write(
                    gate: gate, arguments: arguments, approvals: [], asOf: asOf, isTraced: true,
                    into: &written)
                  #expect(told(written) == told(lists: wanted), "seed \(seed), gate \(gate)")
                }
                tally.asked += 1
                if remembering.rememberedCount > before { tally.remembered += 1 }
                tally.outcomes.insert("\(wanted.outcome)")
              }
            }
          }
        }
      }
    }
    #expect(tally.asked > 1_000)
    // Or nothing was remembered at all.
    #expect(tally.remembered * 20 > tally.asked)
    #expect(tally.outcomes.count > 1)
  }

  /// The arguments with each node exchanged for others of its kinds.
  private func variants(
    _ given: [Slot], _ gate: GateProgram, _ machine: Machine
  ) -> [[Slot]] {
    var all = [given]
    for (place, parameter) in gate.parameters.enumerated() {
      guard case .node(let kinds) = parameter.type.unwrapped else { continue }
      for node in kinds.flatMap({ machine.nodes(ofKind: $0).prefix(6) }) {
        var arguments = given
        arguments[place] = Slot(exact: node)
        all.append(arguments)
      }
    }
    return all
  }

  /// All that a result tells.
  private func told(_ result: GateResult) -> String {
    "\(result.outcome) \(result.isIndeterminate) \(result.fuel) \(result.reasons)"
      + "\(result.obligations) \(result.countedApprovals) \(result.waived) \(result.waivers)"
      + result.readings.map { String(decoding: $0, as: UTF8.self) }.joined()
  }

  /// The same, the lists as they are written.
  private func told(lists result: GateResult) -> String {
    let decision = Decision(
      gate: "", outcome: result.outcome, isIndeterminate: result.isIndeterminate,
      isQuestion: false, now: 0, asOf: 0, caller: nil, bundle: "", snapshot: "", request: "",
      reasons: result.reasons, obligations: result.obligations, approvals: []
    ).json
    var canonical = WrittenLists()
    func list(_ name: String, _ bytes: (JSONValue) -> [UInt8]) -> [UInt8] {
      Array(bytes(decision[name] ?? []).dropFirst().dropLast())
    }
    canonical.reasons = list("reasons") { (try? $0.canonicalBytes()) ?? [] }
    canonical.obligations = list("obligations") { (try? $0.canonicalBytes()) ?? [] }
    return "\(result.outcome) \(result.isIndeterminate) \(result.fuel) \(result.countedApprovals)"
      + "\(canonical)" + result.readings.map { String(decoding: $0, as: UTF8.self) }.joined()
  }

  private func told(_ result: WrittenGate) -> String {
    "\(result.outcome) \(result.isIndeterminate) \(result.fuel) \(result.countedApprovals)"
      + "\(result.canonical)"
      + result.readings.map { String(decoding: $0.bytes, as: UTF8.self) }.joined()
  }
}
