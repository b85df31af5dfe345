// Deep, wide and adversarial inputs meet limits that have names; work is bounded by fuel and by counts, never by a clock.

import Testing
import Writ
import WritBytecode
import WritGraph
import WritModel
import WritText

@Suite struct PolicyLimitTests {
  private func codes(_ text: String) -> [String] {
    compile([SourceFile(name: "limits.writ", text: "policy limits version 1\n" + text)], root: 0)
      .diagnostics
      .map { "\($0.code.id): \($0.message)" }
  }

  @Test func parenthesesNestBoundedly() {
    let deep =
      "rule deep() = " + String(repeating: "(", count: 10_000) + "true"
      + String(repeating: ")", count: 10_000) + "\n"
    #expect(codes(deep) == ["W0114: expected at most 256 levels of nesting"])
  }

  /// Each rule calls the one before it: written in place they lie inside one another.
  @Test func rulesCallRulesBoundedly() {
    func chain(_ count: Int) -> [String] {
      let rules = (1..<count).map { "rule r\($0)(n: N) = r\($0 - 1)(n) + 1\n" }.joined()
      return codes(
        "node N { size: Int }\nrule r0(n: N) = n.size\n\(rules)"
          + "gate g(n: N) { deny d: r\(count - 1)(n) > 1 }\n")
    }
    #expect(chain(300) == [])
    let message =
      "W0703: written out, the rules that lead here lie more than 1200 expressions deep"
    #expect(chain(20_000) == [message])
  }

  /// Each rule calls the one before it twice: 2^60 expressions.
  @Test func rulesDoubleBoundedly() {
    let rules = (1..<60).map { "rule r\($0)(n: N) = r\($0 - 1)(n) + r\($0 - 1)(n)\n" }.joined()
    let found = codes(
      "node N { size: Int }\nrule r0(n: N) = n.size\n\(rules)"
        + "gate g(n: N) { deny d: r59(n) > 1 }\n")
    #expect(found.count == 1)
    #expect(found[0].hasPrefix("W0703: written out, the rules called here make more than 1000000"))
  }

  @Test func loopsOfAClauseAreBounded() {
    func loops(_ count: Int) -> [String] {
      let loops = (0..<count).map { "n\($0) in N" }.joined(separator: ", ")
      return codes("node N { }\ngate g(n: N) { deny d: for \(loops) where n0 == n }\n")
    }
    #expect(loops(WritBytecode.Limits.generators) == [])
    #expect(
      loops(WritBytecode.Limits.generators + 1)
        == ["W0703: `d` needs more registers, sets or loops than a routine has"])
  }

  @Test func commandsAreBounded() {
    func words(_ count: Int, _ word: String = "\"x\"") -> [String] {
      let words = Array(repeating: word, count: count).joined(separator: " ")
      return codes("action a() kind scan effect none { run \(words) }\n")
    }
    let (count, bytes) = (WritBytecode.Limits.commandWords, WritBytecode.Limits.wordBytes)
    #expect(words(count) == [])
    let tooMany = words(count + 1)
    #expect(tooMany.count == 1 && tooMany[0].hasPrefix("W0703: "), "\(tooMany)")
    #expect(words(1, "\"\(String(repeating: "x", count: bytes))\"") == [])
    let tooLong = words(1, "\"\(String(repeating: "x", count: bytes + 1))\"")
    #expect(tooLong.count == 1 && tooLong[0].hasPrefix("W0703: "), "\(tooLong)")
  }

  /// Walks of the checker and the verifier are loops: no chain is too long for a stack, and many words that
  /// call one rule cost no more than one.
  @Test func chainsOfActionsAndRulesAreWalkedInLoops() {
    let actions = (0..<10_000).map { index in
      "action a\(index)() kind rollback effect none rollback a\(index + 1)() { run \"x\" }\n"
    }
    let last = "action a10000() kind rollback effect none { run \"x\" }\n"
    #expect(codes(actions.joined() + last) == [])
    let round = "action a10000() kind rollback effect none rollback a0() { run \"x\" }\n"
    #expect(
      codes(actions.joined() + round) == [
        "W0528: taking back never ends: `a0` → `a1` → `a2` → `a3` → … → `a9999` → `a10000` → `a0`"
      ])
    let rules = (1..<10_000).map { "rule r\($0)() = r\($0 - 1)()\n" }.joined()
    let words = String(repeating: " (r9999())", count: 1_000)
    let found = codes(
      "rule r0() = now\n\(rules)action a() kind scan effect none { run \"x\"\(words) }\n")
    #expect(found.count == 101, "\(found.count)")
    #expect(found.first?.hasPrefix("W0531: `now` ") == true)
  }
}

@Suite struct GraphLimitTests {
  private static let policy = """
    policy walk version 1
    node N { next -> many N inverse before }
    gate last(a: N, z: N) {
      deny reached: for n in a.next+ where n == z "{n}"
    }
    gate every(a: N) {
      deny reached: for n in a.next*
    }
    gate filtered(a: N) {
      deny reached: for n in a.(before where .from != .to)+
    }
    query way(a: N, z: N) = shortest a.next+ to z
    """

  private struct Walk {
    let engine: Engine

    init(_ names: [String], _ edges: [(Int, Int)]) throws {
      let compilation = compile([SourceFile(name: "walk.writ", text: policy)], root: 0)
      let program = try #require(compilation.program)
      let file = try bundleFile(
        program, BundleOptions(settings: [], approvers: [], revision: 0))
      var builder = SnapshotBuilder(program.program.schema)
      for name in names { builder.addNode(NodeKey(0, name), []) }
      for (from, to) in edges {
        builder.addEdge(0, from: NodeKey(0, names[from]), to: NodeKey(0, names[to]), [])
      }
      engine = Engine(bundle: try LoadedBundle(file: file), snapshot: try builder.build())
    }

    private let asking = Asking(caller: nil, now: 0, asOf: 0, isQuestion: true)

    func decide(_ gate: String, _ arguments: [String: String]) throws -> DecisionRun {
      try engine.decide(
        Request(gate: gate, now: nil, arguments: members(arguments), facts: [], approvals: []),
        asking)
    }

    /// Rows of the query.
    func way(_ arguments: [String: String]) throws -> Int {
      try engine.query("way", arguments: members(arguments), isStrict: false, asking)
        .result.rows.count
    }

    private func members(_ arguments: [String: String]) -> [JSONMember] {
      arguments.sorted { $0.key < $1.key }.map { JSONMember($0.key, .string("N/" + $0.value)) }
    }
  }

  /// Layers of two nodes, each with edges to both of the next: 2^1000 ways.
  @Test func aLadderOfAThousandLayers() throws {
    let layers = 1_000
    let names = (0...layers).flatMap { ["a\($0)", "b\($0)"] }
    let edges = (0..<layers).flatMap { layer in
      [(0, 2), (0, 3), (1, 2), (1, 3)].map { (2 * layer + $0.0, 2 * layer + $0.1) }
    }
    let walk = try Walk(names, edges)
    let run = try walk.decide("last", ["a": "a0", "z": "b1000"])
    #expect(run.decision.outcome == .deny)
    #expect(run.decision.reasons.map(\.witness.count) == [layers + 1])
    #expect(run.decision.reasons[0].witness.first == "N/a0")
    // Each edge that can be reached is looked at once, each layer is entered once, and each node is looped over.
    let charge = (edges.count - 2) + (layers + 1) + 1 + 2 * layers
    #expect(run.fuel == Int64(charge))
    #expect(run.steps < 20 * charge)
    #expect(try walk.way(["a": "a0", "z": "b1000"]) == layers + 1)
    // 2,001 findings: 100 are told.
    let every = try walk.decide("every", ["a": "a0"])
    #expect(every.decision.reasons.count == 101)
    #expect(every.decision.reasons.last?.message == "and 1901 more of the same")
  }

  /// Numbered against the order of the walk, so that what is told first lies farthest.
  @Test func aCycleThroughAHundredThousandNodes() throws {
    let count = 100_000
    let names = (0..<count).map { String(1_000_000 - $0) }
    let walk = try Walk(names, (0..<count).map { ($0, ($0 + 1) % count) })
    let last = try walk.decide("last", ["a": names[0], "z": names[count - 1]])
    #expect(last.fuel == Int64(3 * count + 1))
    #expect(last.decision.reasons.map(\.witness.count) == [2_000])
    #expect(last.decision.reasons[0].witness.last == "N/\(names[count - 1])")
    let every = try walk.decide("every", ["a": names[0]])
    #expect(every.fuel == Int64(3 * count + 1))
    #expect(every.decision.reasons.count == 101)
    #expect(every.decision.reasons.allSatisfy { $0.witness.count <= 2_000 })
    #expect(every.decision.reasons.last?.message == "and \(count - 100) more of the same")
    let filtered = try walk.decide("filtered", ["a": names[0]])
    #expect(filtered.fuel == Int64(3 * count + 1))
    #expect(try walk.way(["a": names[0], "z": names[count - 1]]) == count)
  }
}

@Suite struct DocumentLimitTests {
  private let nested =
    String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)

  @Test func requestsNestBoundedly() {
    let text = #"{"gate":"g","arguments":{"a":\#(nested)}}"#
    #expect {
      _ = try JSONValue(parsing: Array(text.utf8))
    } throws: { error in
      "\(error)".hasSuffix("at most 64 arrays and objects inside one another")
    }
  }

  @Test func factsNestBoundedly() throws {
    let compilation = compile(
      [SourceFile(name: "n.writ", text: "policy n version 1\nnode N { size: Int }\n")], root: 0)
    let schema = try #require(compilation.program).program.schema
    let objects = String(repeating: #"{"a":"#, count: 10_000) + "1"
    let lines = [
      #"{"node":"N","id":"n","props":{"size":\#(nested)}}"#,
      #"{"node":"N","id":"m","props":{"size":\#(objects)}}"#,
    ]
    for line in lines {
      var builder = SnapshotBuilder(schema)
      builder.read(Array(line.utf8), named: "facts")
      do throws(GraphProblems) {
        _ = try builder.build()
        Issue.record("nested facts were taken")
      } catch {
        #expect("\(error)".contains("nested more than 64 deep"))
      }
    }
  }

  @Test func aRequestBringsManyFacts() throws {
    let text =
      "policy r version 1\nnode R from request { n: Int }\ngate g(r: R) { deny d: r.n > 1 }\n"
    let program = try #require(
      compile([SourceFile(name: "r.writ", text: text)], root: 0).program)
    let file = try bundleFile(program, BundleOptions(settings: [], approvers: [], revision: 0))
    let engine = Engine(
      bundle: try LoadedBundle(file: file),
      snapshot: try SnapshotBuilder(program.program.schema).build())
    var facts: [JSONValue] = (0..<6_000).map { number in
      ["node": "R", "id": .string("r\(number)"), "props": ["n": .integer(Int64(number))]]
    }
    let asking = Asking(caller: nil, now: 0, asOf: 0, isQuestion: true)
    func decide() throws -> Outcome {
      let arguments = [JSONMember("r", .string("R/r5999"))]
      return try engine.decide(
        Request(gate: "r.g", now: nil, arguments: arguments, facts: facts, approvals: []), asking
      ).decision.outcome
    }
    #expect(try decide() == .deny)
    facts[5_000] = ["node": "R", "id": "r5000", "props": ["m": 1]]
    #expect { try decide() } throws: { "\($0)".hasPrefix("facts[5000]: ") }
  }

  /// A hundred findings are told, and all count.
  @Test func aCertainFindingBehindAHundredUnknownOnes() throws {
    let text =
      "policy n version 1\nnode N { size: Int }\ngate g() { deny big: for n in N where n.size > 1 }\n"
    let program = try #require(
      compile([SourceFile(name: "n.writ", text: text)], root: 0).program)
    let file = try bundleFile(program, BundleOptions(settings: [], approvers: [], revision: 0))
    for size in [1, 2] {
      var builder = SnapshotBuilder(program.program.schema)
      let lines = (100..<202).map { #"{"node":"N","id":"\#($0)"}"# }
      let last = #"{"node":"N","id":"999","props":{"size":\#(size)}}"#
      builder.read(Array((lines + [last]).joined(separator: "\n").utf8), named: "facts")
      let engine = Engine(bundle: try LoadedBundle(file: file), snapshot: try builder.build())
      let decision = try engine.decide(
        Request(gate: "n.g", now: nil, arguments: [], facts: [], approvals: []),
        Asking(caller: nil, now: 0, asOf: 0, isQuestion: true)
      ).decision
      #expect(decision.outcome == .deny && decision.reasons.count == 101)
      #expect(decision.isIndeterminate == (size == 1))
    }
  }
}
