// A pipeline within another is the pipeline in which its steps are written out: the same plan, the same values, the same proofs.

import Testing
import Writ
import WritBytecode
import WritCrypto
import WritEvidence
import WritGraph
import WritModel
import WritPipeline
import WritTesting
import WritText
import WritVM

@Suite struct NestedPipelineTests {
  private static let now: Int64 = 1_795_082_400_000_000  // 2026-11-19T10:00:00Z

  private static let head = """
    policy ways version 1
    role manager
    source catalog fresh 7d
    node Identity from catalog { name: String key }
    node Service from catalog { name: String key  hot: Bool  tier: Int  boss -> Identity  next -> Service }
    gate ship(service: Service, wave: Int) { deny hot: service.hot and wave > 3 }
    gate back(service: Service) { deny nobody: caller is absent }
    action deploy(service: Service, wave: Int)
      kind deploy guarded by ship(service, wave) effect production rollback undo(service)
    { run "./deploy.sh" service wave }
    action undo(service: Service)
      kind rollback guarded by back(service) effect production irreversible
    { run "./undo.sh" service }

    """

  private static let facts = """
    {"node":"Identity","id":"ann","props":{}}
    {"node":"Service","id":"web","props":{"hot":true,"tier":1}}
    {"node":"Service","id":"db","props":{"hot":false,"tier":2}}
    {"edge":"next","from":"Service/web","to":"Service/db","props":{}}
    {"edge":"next","from":"Service/db","to":"Service/web","props":{}}
    {"edge":"boss","from":"Service/web","to":"Identity/ann","props":{}}
    {"edge":"boss","from":"Service/db","to":"Identity/ann","props":{}}
    {"source":"catalog","at":"2026-11-18T22:00:00Z","covers":"*"}

    """

  private func program(_ pipelines: String) throws -> VerifiedProgram {
    let text = Self.head + pipelines
    let compilation = compile([SourceFile(name: "ways.writ", text: text)], root: 0)
    #expect(compilation.diagnostics.map(\.message) == [], "\(text)")
    return try #require(compilation.program)
  }

  private func lowered(_ program: VerifiedProgram) throws -> LoweredPipeline {
    let bundle = LoadedBundle(
      program: program, registry: KeyRegistry(), digest: Digest(of: []))
    return try bundle.lowered(
      try #require(program.program.pipelines.first { $0.name == "ways.whole" }))
  }

  /// What each value of the pipeline comes to, as a word.
  private func values(_ program: VerifiedProgram, _ pipeline: PipelineProgram) throws -> [String] {
    var builder = SnapshotBuilder(program.program.schema)
    builder.read(Array(Self.facts.utf8), named: "facts")
    let snapshot = try builder.build()
    let overlay = OverlayBuilder(try OverlayPlan(snapshot, program.program.schema))
    let machine = try link(
      program, snapshot, try overlay.build(),
      Circumstances(now: Self.now, asOf: Self.now, caller: nil))
    let kind = try #require(program.program.schema.kinds.firstIndex { $0.name == "Service" })
    let web = Slot(exact: try #require(machine.node(kind: kind, id: "web")))
    let handed = PipelineArguments(arguments: [web, Slot(exact: 2)], outputs: [])
    return pipeline.values.indices.map { value in
      let word = PipelineWord(pieces: [.value(value)])
      return "\(machine.words([word], of: pipeline, handed, asOf: Self.now, fuel: 1_000_000))"
    }
  }

  @Test(arguments: 0..<24 as Range<UInt64>)
  func aNestedPipelineIsItsHandExpandedTwin(seed: UInt64) throws {
    var author = NestingAuthor(seed: seed)
    let (nested, twin) = author.pipelines()
    let (first, second) = (try program(nested), try program(twin))
    let (whole, expanded) = (try lowered(first), try lowered(second))
    let trouble: Comment = "seed \(seed)\n\(nested)\n\(twin)"
    #expect(
      NestingAuthor.plain("\(whole.plan.json.compact)")
        == NestingAuthor.plain("\(expanded.plan.json.compact)"), trouble)
    #expect(steps(whole) == steps(expanded), trouble)
    #expect(
      try values(first, whole.program) == values(second, expanded.program), trouble)
    let ways = first.program.guardedPaths(of: whole.program)
    let twins = second.program.guardedPaths(of: expanded.program)
    #expect(
      ways.map { NestingAuthor.plain($0.path.joined(separator: "/")) }
        == twins.map { NestingAuthor.plain($0.path.joined(separator: "/")) }, trouble)
    #expect(ways.map(\.gate) == twins.map(\.gate), trouble)
  }

  /// What each node is in the bundle, in the order of the plan.
  private func steps(_ lowered: LoweredPipeline) -> [LoweredStep?] {
    let run = Run(id: "r", plan: lowered.plan)
    return run.states.indices.map { lowered.steps[run.id(of: $0)] }
  }

  @Test func outputsOfTheCallerAreReadAndThoseWithinStayWithin() throws {
    let program = try program(
      """
      pipeline part(service: Service, wave: Int) {
        stage look {
          run "count" -> found: Int
          run "tell" (found + wave)
        }
        stage then { run "again" (found - wave) }
      }
      pipeline whole(service: Service, wave: Int) {
        stage a { run "first" -> seen: Int }
        stage b {
          step one: pipeline part(service, seen)
          step two: pipeline part(service.next, seen * 2)
          step last: run "sum" seen
        }
      }
      """)
    let whole = try lowered(program)
    #expect(whole.program.outputs.map(\.name) == ["seen", "one/found", "two/found"])
    #expect(whole.givers == ["a/run", "b/one/look/run", "b/two/look/run"])
    // What is given out within is in sight within, and nowhere else.
    #expect(whole.inSight["b/one/then/run"] == [0, 1])
    #expect(whole.inSight["b/two/look/run#2"] == [0, 2])
    #expect(whole.inSight["b/last"] == [0])
    let reads = whole.program.values.map { $0.reads.map(\.output) }
    guard case .run(let words)? = whole.steps["b/two/look/run#2"],
      case .value(let value) = words[1].pieces[0]
    else {
      Issue.record("expected a program with a word")
      return
    }
    #expect(reads[value].sorted() == [0, 2])
  }

  @Test func theSmallerDeadlineCounts() throws {
    let whole = try lowered(
      try program(
        """
        pipeline part(service: Service, wave: Int) deadline 5m { stage go { run "x" } }
        pipeline whole(service: Service, wave: Int) {
          stage a {
            step plain: pipeline part(service, wave)
            step less: pipeline part(service, wave) deadline 1m
            step more: pipeline part(service, wave) deadline 1h
          }
        }
        """))
    guard case .sequence(let parts) = whole.plan.stages[0].work else {
      Issue.record("expected a sequence")
      return
    }
    #expect(parts.map(\.options.deadline) == [300_000_000, 60_000_000, 300_000_000])
  }

  /// Ten thousand steps through pipelines within pipelines cost about what they cost written out; one more is refused.
  @Test func boundsHoldForTheWhole() throws {
    func text(_ last: Int) -> String {
      let calls = { (name: String, count: Int) in
        String(repeating: "pipeline \(name)(service) ", count: count)
      }
      let steps = String(repeating: "run \"x\" service.tier ", count: 17)
      return """
        pipeline leaf(service: Service) { stage go { \(steps) } }
        pipeline middle(service: Service) { stage go { \(calls("leaf", 22)) } }
        pipeline whole(service: Service, wave: Int) { stage go {
          \(calls("middle", 23)) \(String(repeating: "wait 1s ", count: last))
        } }
        """
    }
    // leaf: 17, its stage and its call; middle: 22 of those, its stage and its call; whole: 23 of these.
    let program = try program(text(10_000 - 23 * 374))
    let whole = try #require(program.program.pipelines.first { $0.name == "ways.whole" })
    #expect(
      whole.stages[0].steps.map(\.size).reduce(PipelineSize(), +)
        == PipelineSize(steps: 10_000, groups: 23 * 46))
    let over = compile(
      [SourceFile(name: "ways.writ", text: Self.head + text(10_000 - 23 * 374 + 1))], root: 0)
    #expect(over.diagnostics.first?.message == "more than 10000 steps")
  }
}

/// Writes pipelines that run others, and one in which all is written out.
private struct NestingAuthor {
  private var random: SplitMix64
  private var numbers = 0
  private var instances = 0

  init(seed: UInt64) { random = SplitMix64(seed: seed &+ 77) }

  /// Without what is another in the twin: its labels bear a number, as one text has each once, and all steps in a matrix bear
  /// its value, where in a nested pipeline only the step does that is it.
  static func plain(_ text: String) -> String {
    text.replacing(/_i[0-9]+|\[[0-9]+\](?!,)/, with: "")
  }

  /// Steps with what they are handed left open.
  private indirect enum Step {
    case text((_ service: String, _ wave: String) -> String)
    case group(head: String, [Labelled])
    case matrix([Labelled])
    case call(pipeline: Int, service: Argument, wave: Argument)
  }

  private struct Argument {
    let text: (_ service: String, _ wave: String) -> String
  }

  private struct Labelled {
    let label: String
    let step: Step
    let options: String
    /// With the service.
    let condition: Bool
  }

  private struct Stage {
    let name: String
    let after: [Int]?
    let head: String
    let condition: Bool
    let steps: [Labelled]
  }

  private var all: [[Stage]] = []

  mutating func pipelines() -> (nested: String, twin: String) {
    for level in 0..<3 { all.append(stages(callsBelow: level)) }
    var nested = ""
    for (number, stages) in all.enumerated() {
      let name = number == all.count - 1 ? "whole" : "p\(number)"
      nested += "pipeline \(name)(s: Service, w: Int) {\n"
      nested += stages.map { text($0, stages, "s", "w", expands: false) }.joined() + "}\n"
    }
    let whole = all[all.count - 1]
    let twin =
      "pipeline whole(s: Service, w: Int) {\n"
      + whole.map { text($0, whole, "s", "w", expands: true) }.joined() + "}\n"
    return (nested, twin)
  }

  private mutating func label() -> String {
    numbers += 1
    return "l\(numbers)"
  }

  private mutating func stages(callsBelow level: Int) -> [Stage] {
    let count = 1 + random.below(3)
    let isRow = random.below(2) == 0
    let some = (0..<count).map { place in
      let after = isRow || place == 0 ? nil : [random.below(place)]
      let heads = ["", " parallel", " parallel max 2", " on failure rollback", " on error abort"]
      let steps = (0..<(1 + random.below(3))).map { _ in step(callsBelow: level, depth: 0) }
      // Whatever else there is, the last level calls the one below it, and production is there.
      let more = place == 0 && level > 0 ? [call(level - 1)] : place == 0 ? [deploy()] : []
      return Stage(
        name: label(), after: after, head: heads[random.below(heads.count)],
        condition: random.below(3) == 0, steps: steps + more)
    }
    // Whatever comes before is looked at.
    let look = Labelled(
      label: label(), step: .text { _, _ in "run \"look\"" }, options: "", condition: false)
    let last = Stage(
      name: label(), after: isRow ? nil : Array(0..<count), head: "", condition: false,
      steps: [look])
    return some + [last]
  }

  private mutating func deploy() -> Labelled {
    Labelled(
      label: label(), step: .text { service, wave in "deploy(\(service), \(wave))" }, options: "",
      condition: false)
  }

  private mutating func call(_ pipeline: Int) -> Labelled {
    let services: [(String, String) -> String] = [
      { service, _ in service }, { service, _ in "(\(service)).next" },
      // Nothing constant: a word of a command that is fixed is no value, so there would be fewer in the twin.
      { service, _ in "(\(service)).next.next" },
    ]
    let waves: [(String, String) -> String] = [
      { _, wave in wave }, { _, wave in "((\(wave)) * 2 + 1)" },
      { service, _ in "(\(service)).tier" },
      { service, wave in "((\(service)).tier + (\(wave)))" },
    ]
    return Labelled(
      label: label(),
      step: .call(
        pipeline: pipeline, service: Argument(text: services[random.below(services.count)]),
        wave: Argument(text: waves[random.below(waves.count)])),
      options: ["", " deadline 5m", " on failure ignore"][random.below(3)],
      condition: random.below(3) == 0)
  }

  private mutating func step(callsBelow level: Int, depth: Int) -> Labelled {
    if level > 0, random.below(3) == 0 { return call(random.below(level)) }
    let step: Step
    switch random.below(depth < 2 ? 8 : 5) {
    case 0: step = .text { service, wave in "run \"x\" (\(service)) (\(wave))" }
    case 1: step = .text { service, wave in "gate ship(\(service), \(wave))" }
    case 2:
      step = .text { service, _ in "approve by role manager except (\(service)).boss within 1h" }
    case 3: step = .text { service, wave in "deploy(\(service), \(wave))" }
    case 4: step = .text { _, _ in "wait 5s" }
    case 5:
      step = .group(
        head: "parallel max 2",
        (0..<(1 + random.below(2))).map { _ in self.step(callsBelow: level, depth: depth + 1) })
    case 6:
      step = .matrix(
        (0..<(1 + random.below(2))).map { _ in self.step(callsBelow: level, depth: depth + 1) })
    default:
      step = .group(
        head: "repeat every 1s at most 3 until w",
        (0..<(1 + random.below(2))).map { _ in self.step(callsBelow: level, depth: depth + 1) })
    }
    return Labelled(label: label(), step: step, options: "", condition: random.below(4) == 0)
  }

  private func condition(_ holds: Bool, _ service: String, _ wave: String) -> String {
    holds ? " when (\(service)).hot or (\(wave)) > 1" : ""
  }

  /// What a stage says before its brace, but for its place in the order.
  private func head(_ stage: Stage, _ service: String, _ wave: String) -> String {
    let response = stage.head.hasPrefix(" on") ? stage.head : ""
    let parallel = response.isEmpty ? stage.head : ""
    return parallel + condition(stage.condition, service, wave) + response
  }

  private mutating func text(
    _ stage: Stage, _ stages: [Stage], _ service: String, _ wave: String, expands: Bool
  ) -> String {
    let after = stage.after.map {
      " after " + $0.map { stages[$0].name }.joined(separator: ", ")
    }
    let steps = stage.steps.map {
      text($0, service, wave, expands, suffix: "")
    }.joined(separator: "\n")
    return "stage \(stage.name)\(after ?? "")\(head(stage, service, wave)) {\n\(steps)\n}\n"
  }

  private mutating func text(
    _ labelled: Labelled, _ service: String, _ wave: String, _ expands: Bool, suffix: String
  ) -> String {
    let condition = condition(labelled.condition, service, wave)
    let work: String
    switch labelled.step {
    case .text(let text): work = text(service, wave)
    case .group(let head, let steps):
      let within = steps.map { text($0, service, wave, expands, suffix: suffix) }
      // The condition of a repeat reads the service.
      let until =
        head.hasSuffix("until w") ? String(head.dropLast()) + "not (\(service)).hot" : head
      work = "\(until) {\n\(within.joined(separator: "\n"))\n}"
    case .matrix(let steps):
      numbers += 1
      let name = "v\(numbers)"
      let within = steps.map { text($0, service, name, expands, suffix: suffix) }
      work = "matrix \(name) in [1, 2] {\n\(within.joined(separator: "\n"))\n}"
    case .call(let pipeline, let argument, let number):
      let (handed, count) = (argument.text(service, wave), number.text(service, wave))
      guard expands else {
        work = "pipeline p\(pipeline)(\(handed), \(count))"
        break
      }
      instances += 1
      let own = "_i\(instances)"
      let stages = all[pipeline]
      let isRow = stages.indices.allSatisfy {
        stages[$0].after == nil || stages[$0].after == ($0 == 0 ? [] : [$0 - 1])
      }
      let within = stages.enumerated().map { place, stage in
        let parallel = stage.head.hasPrefix(" parallel") ? stage.head : " parallel max 1"
        let steps = stage.steps.map {
          text($0, handed, count, expands, suffix: own)
        }.joined(separator: "\n")
        let response = stage.head.hasPrefix(" on") ? stage.head : ""
        let before = stage.after ?? (place == 0 ? [] : [place - 1])
        let needs =
          isRow || before.isEmpty
          ? "" : " needs " + before.map { stages[$0].name + own }.joined(separator: ", ")
        return "step \(stage.name)\(own):\(parallel) {\n\(steps)\n}"
          + self.condition(stage.condition, handed, count) + needs + response
      }
      work = "parallel\(isRow ? " max 1" : "") {\n\(within.joined(separator: "\n"))\n}"
    }
    return "step \(labelled.label)\(suffix): \(work)\(condition)\(labelled.options)"
  }
}
