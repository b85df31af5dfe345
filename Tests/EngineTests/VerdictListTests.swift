// Lists in clauses, in which an element may stand twice: verdicts count as decisions do.

import Testing
import Writ
import WritBytecode
import WritGraph
import WritModel
import WritTesting
import WritText
import WritVM

private let policy = """
  policy lists version 1

  source c fresh 7d

  node Item from c {
    tier: Int
    note: String?
    other -> many Item inverse rev { n: Int }
  }

  rule tiers(i: Item) -> List<Int> = i.other.tier

  rule chosen(i: Item) -> List<Int> = i.other where tier > 0 select tier

  rule kinds(l: List<Int>) = count(distinct l)

  gate g(i: Item) {
    let l = i.other.tier
    deny filtered: count(distinct (i.other.tier where it > 0)) > 1
    deny ruled: count(distinct (tiers(i) where it > 0)) > 1
    deny chosen: count(distinct (chosen(i) where it > 1)) > 1
    deny written: count(distinct ([1, 1, 2, i.tier, i.tier] where it > 0)) > 2
    deny summed: sum(distinct (tiers(i) where it > 0)) > 3
    deny named: count(distinct l) > 1 and count(l) > 2
    deny handed: kinds(i.other.tier) + kinds(i.rev.tier) > 3
    deny inner: any x in i.other has count(distinct x.other.tier) > 1
    deny every: all x in i.other has count(distinct (x.other where let y = note select y)) == 1
    deny edges: sum(i.other.edges select n) > 7 and (max(i.other.edges select n) ?? 1) != 9
    deny far: count(distinct (i.other.other where tier > 1 select tier)) > 1
    deny both: count(i.other.other) > 2 and count((i.other + i.rev) where it != i) > 1
  }
  """

@Suite struct VerdictListTests {
  @Test func elementsThatStandTwice() throws {
    let file = SourceFile(name: "lists.writ", bytes: Array(policy.utf8))
    let program = try #require(compile([file], root: 0).program)
    var random = SplitMix64(seed: 3)
    var denials: Set<String> = []
    for _ in 0..<40 {
      let machine = try machine(program, &random)
      for node in machine.nodes(ofKind: 0) {
        let whole = machine.decide(
          gate: 0, arguments: [Slot(exact: node)], approvals: [], asOf: 0)
        let verdict = try #require(
          machine.verdict(gate: 0, arguments: [Slot(exact: node)], asOf: 0))
        let names = program.program.gates[0].clauses.map(\.name)
        let told = names.enumerated().filter { verdict.denying >> UInt64($0.offset) & 1 == 1 }
        #expect(Set(told.map(\.element)) == Set(whole.reasons.map(\.clause)))
        denials.formUnion(whole.reasons.map(\.clause))
      }
      #expect(machine.exactAnswerCount > 0)
    }
    #expect(denials.count >= 8, "\(denials)")
  }

  private func machine(
    _ program: VerifiedProgram, _ random: inout SplitMix64
  ) throws -> Machine {
    var builder = SnapshotBuilder(program.program.schema)
    for item in 0..<6 {
      var values = [Property(0, .number(Int64(random.below(3))))]
      if random.below(2) == 0 { values.append(Property(1, .text("n\(random.below(2))"))) }
      builder.addNode(NodeKey(0, "i\(item)"), values, source: nil)
    }
    for _ in 0..<12 {
      builder.addEdge(
        0, from: NodeKey(0, "i\(random.below(6))"), to: NodeKey(0, "i\(random.below(6))"),
        [Property(0, .number(Int64(1 + random.below(9))))])
    }
    builder.addSource(0, .everything, at: 0)
    let snapshot = try builder.build()
    return try link(program, snapshot, nil, Circumstances(now: 0, asOf: 0, caller: nil))
  }

  /// A bundle from elsewhere may add to a set that stands in the graph.
  @Test func whatStandsInTheGraphIsAddedToACopy() throws {
    let file = SourceFile(name: "lists.writ", bytes: Array(policy.utf8))
    let made = try #require(compile([file], root: 0).program)
    var program = made.program
    let one = UInt16(program.globalCount)
    var code = [
      Instruction(.nodes, a: 0, c: 0),
      Instruction(.equal, a: one + 1, b: one, c: one),
    ]
    for _ in 0..<200 { code.append(Instruction(.append, a: 0, b: one, c: one + 1, d: 1)) }
    code += [
      Instruction(.count, a: one + 2, b: 0), Instruction(.less, a: one + 3, b: one, c: one + 2),
    ]
    code += [
      Instruction(.jumpIfDropped, a: one + 3, distance: 1), Instruction(.emit, a: one + 3, c: 0),
    ]
    code.append(Instruction(.halt))
    let clause = program.gates[0].clauses[0]
    let old = program.routines[clause.routine]
    program.routines[clause.routine] = Routine(
      inputCount: old.inputCount, registerCount: max(old.registerCount, Int(one) + 4),
      setCount: max(1, old.setCount), cursorCount: old.cursorCount,
      scoreBufferCount: old.scoreBufferCount, emissions: old.emissions, code: code)
    let verified = try VerifiedProgram(verifying: program)
    var random = SplitMix64(seed: 1)
    let machine = try machine(verified, &random)
    for node in machine.nodes(ofKind: 0) {
      let whole = machine.decide(
        gate: 0, arguments: [Slot(exact: node)], approvals: [], asOf: 0)
      let verdict = try #require(
        machine.verdict(gate: 0, arguments: [Slot(exact: node)], asOf: 0))
      #expect(verdict.outcome == whole.outcome)
    }
  }
}
