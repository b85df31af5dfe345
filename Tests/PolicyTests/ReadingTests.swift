// A reading is a function of the decision: whatever a machine was asked before, by the same gate or another.

import Testing
import Writ
import WritGraph
import WritModel
import WritText

@Suite("Readings") struct ReadingTests {
  /// Two gates that read the same, with parameters at the same places but by other names.
  private static let policy = """
    policy two version 1
    source catalog fresh 7d
    node Release from catalog { size: Int }
    gate old(winner: Release, loser: Release) { require wins: winner.size > loser.size else "no" }
    gate new(loser: Release, winner: Release) { require wins: loser.size > winner.size else "no" }
    """

  private static let facts = """
    {"source":"catalog","at":"2026-11-19T06:00:00Z","covers":"*"}
    {"node":"Release","id":"big","props":{"size":9}}
    {"node":"Release","id":"little","props":{"size":3}}
    """

  private static func engine() throws -> Engine {
    let file = SourceFile(name: "two.writ", bytes: Array(policy.utf8))
    let program = try #require(compile([file], root: 0).program)
    let bundle = try LoadedBundle(
      file: try bundleFile(program, BundleOptions(settings: [], approvers: [], revision: 0)))
    var builder = SnapshotBuilder(bundle.program.program.schema)
    builder.read(Array(facts.utf8), named: "facts.jsonl")
    return Engine(bundle: bundle, snapshot: try builder.build())
  }

  @Test func twoGatesTellOfTheirOwnParameters() throws {
    let engine = try ReadingTests.engine()
    let decider = Decider(try PreparedEngine(engine))
    let now = try #require(Instant("2026-11-19T18:00:00Z")).microseconds
    let asking = Asking(caller: nil, now: now, asOf: now, isQuestion: false)
    func readings(_ gate: String, _ first: String, _ second: String) throws -> [[UInt8]] {
      let names = gate == "old" ? ("winner", "loser") : ("loser", "winner")
      let request = try Request([
        "gate": .string(gate),
        "arguments": .object([
          JSONMember(names.0, .string("Release/\(first)")),
          JSONMember(names.1, .string("Release/\(second)")),
        ]),
      ])
      let prepared = try decider.prepare(request)
      let told = try decider.decide(prepared, asking, tracing: .text)
      let anew = try engine.decide(request, asking, tracing: .on)
      #expect(told.readings == anew.trace.map(\.recordedBytes))
      return told.readings
    }
    let (old, new) = (try readings("old", "big", "little"), try readings("new", "big", "little"))
    #expect(old != new)
    #expect(try readings("old", "big", "little") == old)
    // One node for both, and back.
    #expect(try readings("old", "big", "big") != old)
    #expect(try readings("new", "big", "little") == new)
  }
}
