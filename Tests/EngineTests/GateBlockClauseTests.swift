// Clauses of gates that blocks of requests do, over graphs with holes in them: the verdicts of one request after the other.

import Testing
import Writ
import WritBytecode
import WritGraph
import WritModel
import WritTesting
import WritText
import WritVM

private let schemaText = """
  policy yard version 1

  enum Severity { low < medium < high < critical }
  enum Act { read, update, deploy }

  source catalog fresh 7d
  source scanner fresh 24h
  source pager fresh 1h

  node Person from catalog {
    roles: Set<String>
    limit: Int?
  }

  node Robot from catalog { limit: Int }

  node Stage from catalog { threshold: Int }

  node Environment from catalog {
    stage -> Stage
    freezes -> many Freeze
    isEuropean: Bool
  }

  node Freeze from pager {
    from: Instant
    until: Instant
    reach: Int
    weight: Int?
  }

  node Service from catalog {
    tier: Int
    score: Int from pager
    isPublic: Bool
    grade: Severity?
    label: String
    tags: Set<String> from pager
    owner -> Person?
    dependsOn -> many Service inverse dependents
    findings -> many Finding from scanner inverse services
  }

  node Finding from scanner {
    severity: Severity
    foundAt: Instant
    fixedAt: Instant?
  }

  rule isOpen(f: Finding) = f.fixedAt is absent

  """

private let parameters =
  "service: Service, other: Service, env: Environment, actor: Person | Robot, author: Person,"
  + " time: Instant, act: Act, most: Int, isUrgent: Bool"

/// What clauses deny, and blocks can do: each is a gate of its own.
private let conditions = [
  "service.tier > 2", "service.tier > most", "most < service.score", "service.score >= other.score",
  "act == deploy", "act == deploy and not isUrgent", "isUrgent or service.isPublic",
  "service.grade is absent", "(service.grade ?? low) > medium", "service.label == other.label",
  "service.label == \"a\"", "service.label starts \"a\"", "service == other", "service != other",
  "\"sre\" in author.roles", "not (\"sre\" in author.roles or \"lead\" in author.roles)",
  "\"pci\" in service.tags and \"pci\" in other.tags", "\"none such\" in service.tags",
  "env.isEuropean and service.tier < env.stage.threshold", "time > now", "now + 1d < time",
  "actor is Robot and service.tier > actor.limit", "actor is Person and \"sre\" in author.roles",
  "actor == author", "author.limit is absent", "(author.limit ?? 3) < most",
  "service.owner is absent", "service.owner is not absent and service.owner == author",
  "count(service.findings) > most",
  "count(service.findings where severity == critical and isOpen(it)) > 0",
  "count(service.dependsOn) + count(other.dependents) > most * 2",
  "any f in service.findings has f.severity == critical and isOpen(f)",
  "any f in service.dependsOn.findings has f.severity == critical and isOpen(f)",
  "(any f in service.findings has f.severity == high)"
    + " or (any f in other.dependsOn.findings has isOpen(f))",
  "any f in env.freezes has time in f.from ..< f.until",
  "any f in env.freezes has f.from <= time and f.until > time and (f.weight ?? 9) > 3",
  "any f in env.freezes has f.reach > most", "no f in env.freezes has f.reach == most",
  "any f in env.freezes has not (f.reach == most) and f.from < time",
  "all f in service.findings has f.foundAt > time", "service.dependsOn is empty",
  "service.dependents.dependsOn is empty", "service.id == other.id", "most * most > service.tier",
]

/// What blocks leave to each request by itself.
private let others = [
  "other in service.dependsOn+", "count(service.dependsOn.findings) > most",
  "any d in service.dependsOn has any f in d.findings has f.foundAt > time",
  "any f in service.dependsOn.findings has f.foundAt > time", "other in service.dependsOn",
]

/// Whole clauses, of other forms.
private let clauses = [
  "require staff: \"sre\" in author.roles or isUrgent",
  "deny each: for f in service.findings where isOpen(f): f.severity >= high",
  "deny listed: for f in env.freezes where time in f.from ..< f.until",
  "require each: for d in service.dependsOn: d.isPublic",
  "when service.isPublic { deny tier: service.tier > most }",
  "let least = env.stage.threshold\n  deny score: service.score < least",
]

@Suite struct GateBlockClauseTests {
  private static let times = ["2026-11-17T10:00:00Z", "2026-11-19T10:00:00Z"]

  private static var policy: String {
    var text = schemaText
    for (index, condition) in (conditions + others).enumerated() {
      text += "gate g\(index)(\(parameters)) { deny found: \(condition) }\n"
    }
    for (index, clause) in clauses.enumerated() {
      text += "gate c\(index)(\(parameters)) {\n  \(clause)\n}\n"
    }
    text += "gate whole(\(parameters)) {\n"
    for (index, condition) in (conditions + others).enumerated() {
      text += "  deny w\(index): \(condition)\n"
    }
    return text + "}\n"
  }

  private static func facts(_ count: Int, seed: UInt64) -> String {
    var random = SplitMix64(seed: seed)
    func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
    func time(_ day: Int) -> String { "\"2026-11-\(10 + day)T09:00:00Z\"" }
    var lines: [String] = []
    func node(_ kind: String, _ id: String, _ props: [String?]) {
      let known = props.compactMap { $0 }.joined(separator: ",")
      lines.append(#"{"node":"\#(kind)","id":"\#(id)","props":{\#(known)}}"#)
    }
    func edge(_ name: String, _ from: String, _ to: String) {
      lines.append(#"{"edge":"\#(name)","from":"\#(from)","to":"\#(to)","props":{}}"#)
    }
    func mostly(_ property: String) -> String? { below(9) == 0 ? nil : property }
    for person in 0..<4 {
      let roles = ["\"sre\"", "\"lead\"", "\"dev\""].filter { _ in below(2) == 0 }
      node(
        "Person", "p\(person)",
        [
          mostly("\"roles\":[\(roles.joined(separator: ","))]"),
          below(2) == 0 ? "\"limit\":\(below(6))" : nil,
        ])
    }
    node("Robot", "r0", ["\"limit\":2"])
    for stage in 0..<2 { node("Stage", "s\(stage)", [mostly("\"threshold\":\(stage * 3)")]) }
    for freeze in 0..<9 {
      let day = below(8)
      node(
        "Freeze", "f\(freeze)",
        [
          mostly("\"from\":\(time(day))"), mostly("\"until\":\(time(day + below(4)))"),
          mostly("\"reach\":\(below(6))"), below(3) == 0 ? nil : "\"weight\":\(below(6))",
        ])
    }
    for environment in 0..<3 {
      let name = "Environment/e\(environment)"
      node("Environment", "e\(environment)", [mostly("\"isEuropean\":\(environment == 0)")])
      if environment < 2 { edge("stage", name, "Stage/s\(environment)") }
      for freeze in 0..<environment * 4 { edge("freezes", name, "Freeze/f\(freeze)") }
    }
    for service in 0..<count {
      let name = "Service/v\(service)"
      let tags = ["\"pci\"", "\"core\""].filter { _ in below(2) == 0 }
      node(
        "Service", "v\(service)",
        [
          mostly("\"tier\":\(below(5))"), mostly("\"score\":\(below(5))"),
          mostly("\"isPublic\":\(below(2) == 0)"),
          below(2) == 0 ? "\"grade\":\"\(["low", "high"][below(2)])\"" : nil,
          mostly("\"label\":\"\(["a", "b", "ab"][below(3)])\""),
          mostly("\"tags\":[\(tags.joined(separator: ","))]"),
        ])
      if below(2) == 0 { edge("owner", name, "Person/p\(below(4))") }
      for other in 0..<below(4) where other < count && other != service {
        edge("dependsOn", name, "Service/v\(other)")
      }
      for finding in 0..<below(4) {
        node(
          "Finding", "v\(service)-\(finding)",
          [
            mostly("\"severity\":\"\(["low", "high", "critical"][below(3)])\""),
            mostly("\"foundAt\":\(time(below(9)))"),
            below(2) == 0 ? "\"fixedAt\":\(time(below(9)))" : nil,
          ])
        edge("findings", name, "Finding/v\(service)-\(finding)")
      }
    }
    lines.append(#"{"source":"catalog","at":"2026-11-19T08:00:00Z","covers":"*"}"#)
    for (source, at) in [("scanner", "2026-11-19T08:00:00Z"), ("pager", "2026-11-19T09:30:00Z")] {
      switch below(3) {
      case 0: lines.append(#"{"source":"\#(source)","at":"\#(at)","covers":"*"}"#)
      case 1:
        // Only of some is it known.
        for service in 0..<count where below(2) == 0 {
          lines.append(
            #"{"source":"\#(source)","at":"\#(at)","covers":"Service/v\#(service)"}"#)
        }
      default: break
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func compiled() throws -> VerifiedProgram {
    let file = SourceFile(name: "yard.writ", bytes: Array(policy.utf8))
    let compilation = compile([file], root: 0)
    return try #require(compilation.program, "\(compilation.diagnostics.map(\.message))")
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func blocksSayWhatRequestsSay(_ seed: UInt64) throws {
    let program = try GateBlockClauseTests.compiled()
    let count = seed == 7 ? 1 : 3 + Int(seed) * 9
    var builder = SnapshotBuilder(program.program.schema)
    builder.read(Array(GateBlockClauseTests.facts(count, seed: seed).utf8), named: "facts")
    let snapshot = try builder.build()
    let machine = try PreparedProgram(program, snapshot).machine()
    let overlay = try OverlayBuilder(try OverlayPlan(snapshot, program.program.schema)).build()
    for text in GateBlockClauseTests.times {
      let now = try #require(Instant(text)).microseconds
      machine.bind(RequestLink(overlay), Circumstances(now: now, asOf: now, caller: nil))
      var asked = AskedAtRandom(machine, program.program.schema, now: now, seed: seed)
      for (index, gate) in program.program.gates.enumerated() {
        try compare(machine, index, gate, &asked, now)
      }
    }
  }

  private func compare(
    _ machine: Machine, _ index: Int, _ gate: GateProgram, _ asked: inout AskedAtRandom,
    _ now: Int64
  ) throws {
    let isLeft = index >= conditions.count && index < conditions.count + others.count
    let made = GateBlock(machine, gate: index)
    #expect((made == nil) == isLeft, "\(gate.name) \(index)")
    guard let block = made else { return }
    if gate.name.hasSuffix(".whole") { #expect(block.blockClauseCount == conditions.count) }
    for _ in 0..<2 {
      let requests = (0..<131).map { _ in asked.next() }
      for request in requests { request.withUnsafeBufferPointer { block.append($0) } }
      block.takeVerdicts(asOf: now) { row, verdict in
        let alone = machine.verdict(gate: index, arguments: requests[row], asOf: now)
        #expect(verdict == alone, "\(gate.name): \(requests[row])")
        let whole = machine.decide(
          gate: index, arguments: requests[row], approvals: [], asOf: now)
        #expect(verdict.outcome == whole.outcome, "\(gate.name): \(requests[row])")
      }
    }
  }
}

/// Arguments for the parameters of all gates here; now and then a node that is not there.
private struct AskedAtRandom {
  let machine: Machine
  let kinds: [String: Int]
  let now: Int64
  var random: SplitMix64

  init(_ machine: Machine, _ schema: Schema, now: Int64, seed: UInt64) {
    self.machine = machine
    self.now = now
    kinds = Dictionary(uniqueKeysWithValues: schema.kinds.enumerated().map { ($1.name, $0) })
    random = SplitMix64(seed: seed &+ 99)
  }

  mutating func next() -> [Slot] {
    let actor = below(3) == 0 ? "Robot" : "Person"
    return [
      node("Service"), node("Service"), node("Environment"), node(actor), node("Person"),
      Slot(exact: now + Int64(below(9) - 5) * 86_400_000_000), Slot(exact: Int64(below(3))),
      Slot(exact: Int64(below(7)) - 1), Slot(exact: Int64(below(2))),
    ]
  }

  private mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

  private mutating func node(_ kind: String) -> Slot {
    let kind = kinds[kind] ?? 0
    let nodes = machine.nodes(ofKind: kind)
    if nodes.isEmpty || below(25) == 0 { return machine.noNode(kind: kind) }
    return Slot(exact: nodes.lowerBound + Int64(below(nodes.count)))
  }
}
