// Scorecards whose checks blocks can do: the same answers as one subject at a time, over graphs with holes in them.

import Dispatch
import Testing
import Writ
import WritBytecode
import WritGraph
import WritModel
import WritTesting
import WritText
import WritVM

private let schemaText = """
  policy fleet version 1

  enum Severity { low < medium < high < critical }
  enum Level { none < bronze < silver < gold }

  source catalog fresh 7d
  source scanner fresh 24h
  source pager fresh 1h

  node Team from catalog {
    size: Int
  }

  node Person from catalog {}

  node Service from catalog {
    name: String key
    tier: Int
    load: Int
    coverage: Decimal?
    isPublic: Bool
    isFrozen: Bool?
    region: String from pager
    seen: Instant
    grade: Severity?
    owner -> Team?
    home -> Team
    contact -> Team | Person inverse contacts
    dependsOn -> many Service inverse dependents {
      critical: Bool
    }
    findings -> many Finding from scanner inverse services
  }

  node Finding from scanner {
    severity: Severity
    foundAt: Instant
    fixedAt: Instant?
  }

  rule isOpen(f: Finding) = f.fixedAt is absent

  """

/// Checks that blocks do: each is a scorecard of its own too, so that one that falls back is seen.
private let checks = [
  "service.coverage is not absent", "(service.coverage ?? 0) >= 80", "service.tier in 1 .. 2",
  "service.isPublic", "service.isFrozen ?? true", "not (service.isFrozen ?? service.isPublic)",
  "service.isPublic == (service.tier < 3)", "service.region == \"eu\"", "service.region != \"us\"",
  "service.region starts \"e\"", "service.seen within 10d", "service.seen.weekday == monday",
  "service.tier * 10 + 3 > 20", "service.tier * 9_223_372_036_854_775_807 > 3",
  "10 / service.tier > 4", "service.grade is absent or (service.grade ?? low) < critical",
  "service.owner is absent", "service.home.size >= 3", "service.contact is not Person",
  "service.findings is empty", "no f in service.findings has f.severity == critical and isOpen(f)",
  "any f in service.findings has f.severity >= high",
  "all f in service.findings has f.fixedAt is not absent",
  "count(service.findings where severity >= medium and isOpen(it)) <= 1",
  "count(service.findings) * 2 <= 3", "count(service.dependents) >= 1",
  "no d in service.dependsOn has d.tier == 1", "all d in service.dependents has d.isPublic",
  "count(service.dependsOn where any f in findings has f.severity == high) == 0",
  "count(service.findings where let at = fixedAt where at within 5d) >= 1",
  "count(service.dependsOn.edges where critical) <= 1", "service.id != \"s7\"",
  "service.findings.services is not empty or service.tier > 0",
  "any d in service.dependsOn.dependsOn has d.isPublic and d.tier > 1",
  "service.dependsOn.dependents.findings is empty",
  "no f in service.dependsOn.findings has f.severity == critical and isOpen(f)",
  "count(service.findings.services) >= 1 or service.tier > 0",
  // Numbers whose halves of 32 bits compare otherwise than they do.
  "service.load >= 4_294_967_296", "service.load < -1", "service.load <= 2_147_483_648",
  "service.load > -4_294_967_296", "service.load == 4_294_967_296",
  "service.load <= 9_223_372_036_854_775_807", "service.load < service.tier * 2_147_483_647",
]

/// What blocks leave to the scalar executor, so far.
private let others = ["count(service.findings.services) >= 1 or service.tier > 0"]

/// As facts have them.
private let loads = [
  "0", "1", "-1", "-2", "2147483647", "2147483648", "-2147483648", "-2147483649", "4294967295",
  "4294967296", "4294967297", "-4294967295", "-4294967296", "-4294967297",
  #""9223372036854775807""#, #""-9223372036854775808""#,
]

@Suite struct BatchScoreTests {
  /// For each check a scorecard of it alone, one of all with guards and requirements, and one that adds up.
  private static func policy() -> String {
    var text = schemaText
    for (index, check) in checks.enumerated() {
      text += """
        scorecard single\(index)(service: Service) -> Level {
          check only weight 3: \(check)
          level gold at 50
        }

        """
    }
    for (name, form) in [("whole", ""), ("total", "sum")] {
      text += "scorecard \(name)(service: Service) -> Level \(form) {\n"
      for (index, check) in checks.enumerated() {
        let guardText =
          form.isEmpty && index % 5 == 1 ? " when \(checks[(index + 3) % checks.count])" : ""
        text += "  check c\(index) weight \(1 + index * 7 % 11)\(guardText): \(check)\n"
      }
      text +=
        "  level bronze at 20 with c3\n  level silver at 45 with c1, c19\n  level gold at 70\n}\n"
    }
    return text
  }

  /// A graph with `count` services, in which facts are missing, stale and silent.
  private static func facts(_ count: Int, seed: UInt64) -> String {
    var random = SplitMix64(seed: seed)
    func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
    func day(_ ago: Int) -> String { "2026-11-\(ago < 10 ? "0" : "")\(ago)T10:00:00Z" }
    var lines: [String] = []
    for team in 0..<3 {
      lines.append(#"{"node":"Team","id":"t\#(team)","props":{"size":\#(team + 2)}}"#)
      lines.append(#"{"node":"Person","id":"p\#(team)","props":{}}"#)
    }
    for finding in 0..<count * 2 {
      var props: [String] = []
      if below(10) > 0 {
        props.append(#""severity":"\#(["low", "medium", "high", "critical"][below(4)])""#)
      }
      if below(10) > 0 { props.append(#""foundAt":"\#(day(1 + below(18)))""#) }
      if below(2) > 0 { props.append(#""fixedAt":"\#(day(1 + below(18)))""#) }
      lines.append(
        #"{"node":"Finding","id":"f\#(finding)","props":{\#(props.joined(separator: ","))}}"#)
    }
    for service in 0..<count {
      var props: [String] = []
      if below(12) > 0 { props.append(#""tier":\#(below(5))"#) }
      if below(12) > 0 { props.append(#""load":\#(loads[below(loads.count)])"#) }
      if below(3) > 0 { props.append(#""coverage":"\#(below(101))""#) }
      if below(12) > 0 { props.append(#""isPublic":\#(below(2) == 0)"#) }
      if below(2) > 0 { props.append(#""isFrozen":\#(below(2) == 0)"#) }
      if below(12) > 0 { props.append(#""region":"\#(["eu", "us", "e", ""][below(4)])""#) }
      if below(12) > 0 { props.append(#""seen":"\#(day(1 + below(20)))""#) }
      if below(3) > 0 { props.append(#""grade":"\#(["low", "critical"][below(2)])""#) }
      let name = "Service/s\(service)"
      lines.append(
        #"{"node":"Service","id":"s\#(service)","props":{\#(props.joined(separator: ","))}}"#)
      func edge(_ label: String, _ target: String, _ props: String = "") {
        lines.append(
          #"{"edge":"\#(label)","from":"\#(name)","to":"\#(target)","props":{\#(props)}}"#)
      }
      if below(2) > 0 { edge("owner", "Team/t\(below(3))") }
      if below(12) > 0 { edge("home", "Team/t\(below(3))") }
      if below(12) > 0 {
        edge("contact", below(2) > 0 ? "Team/t\(below(3))" : "Person/p\(below(3))")
      }
      // A hub has more edges than a word has bits.
      for _ in 0..<(service == count / 2 ? 70 : below(4)) {
        edge(
          "dependsOn", "Service/s\(below(count))",
          below(9) > 0 ? #""critical":\#(below(2) == 0)"# : "")
      }
      for _ in 0..<(service == count / 3 ? 150 : below(5)) {
        edge("findings", "Finding/f\(below(count * 2))")
      }
      if seed % 3 == 0 && below(3) > 0 {
        lines.append(
          #"{"source":"scanner","at":"2026-11-19T\#(below(2) > 0 ? "09" : "11"):00:00Z","covers":"\#(name)"}"#
        )
      }
    }
    lines.append(#"{"source":"catalog","at":"2026-11-19T09:00:00Z","covers":"*"}"#)
    if seed % 3 == 1 {
      lines.append(#"{"source":"scanner","at":"2026-11-19T09:00:00Z","covers":"*"}"#)
    }
    if seed % 3 == 2 {
      lines.append(#"{"source":"scanner","at":"2026-11-19T09:00:00Z","covers":"Service"}"#)
    }
    if seed % 2 == 0 {
      lines.append(#"{"source":"pager","at":"2026-11-19T09:30:00Z","covers":"Service"}"#)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func compiled() throws -> VerifiedProgram {
    let file = SourceFile(name: "fleet.writ", bytes: Array(policy().utf8))
    let compilation = compile([file], root: 0)
    return try #require(compilation.program, "\(compilation.diagnostics.map(\.message))")
  }

  private static func snapshot(_ schema: Schema, _ count: Int, seed: Int) throws -> Snapshot {
    var builder = SnapshotBuilder(schema)
    builder.read(Array(facts(count, seed: UInt64(seed)).utf8), named: "facts")
    return try builder.build()
  }

  private static func machines(_ program: VerifiedProgram, _ snapshot: Snapshot) throws -> [Machine]
  {
    let now = try #require(Instant("2026-11-19T10:00:00Z")).microseconds
    return try (0..<2).map { _ in
      try link(program, snapshot, nil, Circumstances(now: now, asOf: now, caller: nil))
    }
  }

  @Test(arguments: [0, 1, 2, 3, 4, 5], [1, 150])
  func blocksSayWhatSubjectsSay(_ seed: Int, _ count: Int) throws {
    let program = try BatchScoreTests.compiled()
    let snapshot = try BatchScoreTests.snapshot(program.program.schema, count, seed: seed)
    let machines = try BatchScoreTests.machines(program, snapshot)
    var unknown = 0
    for (index, card) in program.program.scorecards.enumerated() {
      let comparison = BatchComparison(machines, scorecard: index, sizes: [1, 63, 64, 65, 1024])
      let isLeft = index < checks.count && others.contains(checks[index])
      #expect(comparison.usesBlocks != isLeft, "\(card.name)")
      #expect(comparison.isBatch == (index < checks.count && !isLeft), "\(card.name)")
      #expect(comparison.differences == [], "\(card.name)")
      unknown += comparison.unknownCount
    }
    #expect(unknown > count)
  }

  /// Tables that are large enough for more than one thread: the same answers as on one.
  @Test func threadsShareTheBlocks() throws {
    let policy = """
      policy many version 1

      enum Level { none < full }

      source catalog fresh 7d

      node Part from catalog {
        size: Int
        uses -> many Part
      }

      scorecard parts(part: Part) -> Level {
        check small weight 1: part.size < 500
        check simple weight 2: no p in part.uses has p.size > 900
        check few weight 3: count(part.uses where size < 300) <= 1
        check near weight 4: any p in part.uses has p.size == part.size
        level full at 50
      }

      """
    let compilation = compile([SourceFile(name: "many.writ", bytes: Array(policy.utf8))], root: 0)
    let program = try #require(
      compilation.program, "\(compilation.diagnostics.map(\.message))")
    var random = SplitMix64(seed: 1)
    var builder = SnapshotBuilder(program.program.schema)
    let count = 20_000
    for part in 0..<count {
      let size = PropertyValue.number(Int64(random.next() % 1000))
      builder.addNode(
        NodeKey(0, "p\(part)"), part % 50 == 7 ? [] : [Property(0, size)], source: nil)
      for _ in 0..<random.next() % 3 {
        let other = NodeKey(0, "p\(random.next() % UInt64(count))")
        builder.addEdge(0, from: NodeKey(0, "p\(part)"), to: other, [])
      }
    }
    builder.addSource(0, .everything, at: 0)
    let snapshot = try builder.build()
    let machines = try (0..<4).map { _ in
      try link(program, snapshot, nil, Circumstances(now: 0, asOf: 0, caller: nil))
    }
    let one = BatchScorer([machines[0]], scorecard: 0, kinds: [0]).run().table
    let scorer = BatchScorer(machines, scorecard: 0, kinds: [0])
    #expect(scorer.usesBlocks && !scorer.isBatch)
    for _ in 0..<2 {
      let table = scorer.run { count, body in
        DispatchQueue.concurrentPerform(iterations: count, execute: body)
      }.table
      let differing = (0..<count).first { place in
        table.level(place) != one.level(place)
          || table.score(place)?.lower != one.score(place)?.lower
          || table.score(place)?.upper != one.score(place)?.upper
          || (0..<4).contains {
            table.outcome(place, check: $0) != one.outcome(place, check: $0)
          }
      }
      #expect(differing == nil)
    }
  }

  /// What no compiler writes, but a bundle from elsewhere may hold: one word of a scorecard is another.
  @Test(arguments: 0..<8)
  func damagedWordsSayTheSame(_ seed: Int) throws {
    let program = try BatchScoreTests.compiled().program
    let snapshot = try BatchScoreTests.snapshot(program.schema, 66, seed: seed)
    var random = SplitMix64(seed: UInt64(seed))
    var accepted = 0
    for index in checks.indices {
      for _ in 0..<6 {
        var damaged = program
        let routine = damaged.scorecards[index].routine
        damaged.routines[routine] = random.damaged(damaged.routines[routine])
        guard let verified = try? VerifiedProgram(verifying: damaged) else { continue }
        let machines = try BatchScoreTests.machines(verified, snapshot)
        let comparison = BatchComparison(machines, scorecard: index, sizes: [64])
        if comparison.usesBlocks { accepted += 1 }
        #expect(comparison.differences == [], "\(checks[index]): \(damaged.routines[routine].code)")
      }
    }
    #expect(accepted > 5)
  }
}

/// One scorecard of all services, by blocks of several sizes and one at a time.
private struct BatchComparison {
  var isBatch = false
  var usesBlocks = false
  /// The first few.
  var differences: [String] = []
  /// Subjects of which something is unknown.
  var unknownCount = 0

  init(_ machines: [Machine], scorecard: Int, sizes: [Int]) {
    let program = machines[0].program
    let kind = program.schema.kinds.firstIndex { $0.name == "Service" } ?? 0
    let nodes = Array(machines[0].nodes(ofKind: kind))
    let wanted = nodes.map { node in
      machines[0].score(scorecard: scorecard, arguments: [Slot(exact: node)], asOf: 0).map(text)
    }
    unknownCount = wanted.filter { $0?.contains("unknown") == true }.count
    for size in sizes {
      let workers = size % 64 == 0 ? machines : [machines[0]]
      let scorer = BatchScorer(workers, scorecard: scorecard, kinds: [kind], blockRows: size)
      isBatch = scorer.isBatch
      usesBlocks = scorer.usesBlocks
      let (table, exhausted) = scorer.run()
      if exhausted != zip(nodes, wanted).first(where: { $0.1 == nil })?.0 {
        differences.append("another subject ran out of fuel")
      }
      for (place, result) in wanted.enumerated() where exhausted == nil && differences.count < 3 {
        let scored = text(machines[0].result(table, place))
        if scored != result {
          differences.append("blocks of \(size), \(place): \(scored), not \(result ?? "")")
        }
      }
    }
  }
}

/// All of a result but the reasons.
private func text(_ result: ScoreResult) -> String {
  let score = result.score.map { "\($0.lower) \($0.upper)" } ?? "none"
  let outcomes = result.checks.map { "\($0.name) \($0.outcome)" }.joined(separator: ", ")
  return "\(score) \(result.level.lower) \(result.level.upper) \(outcomes)"
}

extension SplitMix64 {
  private mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }

  /// The routine with another opcode or operand somewhere.
  fileprivate mutating func damaged(_ routine: Routine) -> Routine {
    var code = routine.code
    let place = below(code.count)
    var word = code[place].word
    switch below(4) {
    case 0: word = word & ~(0xff << 56) | UInt64(below(Opcode.allCases.count)) << 56
    case 1: word ^= 1 << UInt64(below(56))
    case 2: word = word & ~0xffff_0000 | UInt64(below(routine.registerCount)) << 16
    default: word = word & ~(0xffff << 32) | UInt64(below(routine.registerCount)) << 32
    }
    code[place] = Instruction(word: word)
    return Routine(
      inputCount: routine.inputCount, registerCount: routine.registerCount,
      setCount: routine.setCount, cursorCount: routine.cursorCount,
      scoreBufferCount: routine.scoreBufferCount, emissions: routine.emissions, code: code)
  }
}
