// What steps of a pipeline come to: conditions, words and arguments of values that are known, and why there are none.

import Testing
import Writ
import WritBytecode
import WritGraph
import WritModel
import WritTesting
import WritText
import WritVM

@Suite struct PipelineValueTests {
  private static let now: Int64 = 1_795_082_400_000_000  // 2026-11-19T10:00:00Z

  private static let policy = """
    policy ways version 1
    enum Env { staging, production }
    source catalog fresh 7d
    node Service from catalog { name: String key  tier: Int?  hot: Bool }
    node Release from request { image: String  service -> Service }
    node Part { size: Int }
    rule meets(parts: Set<Part>) = count(parts where any q in parts has q.size + size >= 0)

    gate ship(release: Release, env: Env) { deny low: release.image == "" and env == production }
    gate takes(service: Service, tier: Int, share: Decimal, text: String, on: Bool) {
      deny never: tier > 3 and share > 1 and text == "" and on and service.hot
    }
    action deploy(release: Release, env: Env) kind deploy effect staging { run "./deploy.sh" env }

    pipeline way(release: Release) {
      stage verify parallel {
        step hot: wait 1m when release.service.hot
        step cold: wait 1m when not release.service.hot
        matrix env in [staging, production] {
          run "make" env "--image={release.image}" release.service
          deploy(release, env)
        }
        run "many" (meets(Part)) (meets(Part) + 1)
        gate takes(release.service, release.service.tier ?? 9, 0.25, "a b", 1 < 2)
        gate takes(Service "nowhere", 7, 3, "", false)
      }
      stage check { run "./check.sh" (release.service.tier ?? 0) }
    }
    node Scan from request { bad: Int }
    pipeline gives(release: Release) {
      stage a {
        run "scan" -> found: Scan
        run "grade" on error ignore -> grade: Int
        run "look" "{found}:{found.bad}" (grade ?? 7) when found.bad < 3
      }
    }
    """

  private static let facts = """
    {"node":"Service","id":"web","props":{"hot":true}}
    {"source":"catalog","at":"2026-11-18T22:00:00Z","covers":"*"}

    """

  private let pipeline: PipelineProgram
  private let program: VerifiedProgram

  init() throws {
    let compilation = compile([SourceFile(name: "ways.writ", text: Self.policy)], root: 0)
    #expect(compilation.diagnostics.map(\.message) == [])
    program = try #require(compilation.program)
    pipeline = try #require(program.program.pipelines.first)
  }

  private func machine(
    parts: Int = 0, hoursLater: Int64 = 0, more: String = ""
  ) throws -> Machine {
    var builder = SnapshotBuilder(program.program.schema)
    let parts = (0..<parts).map {
      #"{"node":"Part","id":"p\#($0)","props":{"size":\#($0)}}"# + "\n"
    }
    builder.read(Array((Self.facts + parts.joined()).utf8), named: "facts")
    let snapshot = try builder.build()
    var overlay = OverlayBuilder(try OverlayPlan(snapshot, program.program.schema))
    let request = """
      {"node":"Release","id":"r1","props":{"image":"web:1"}}
      {"edge":"service","from":"Release/r1","to":"Service/web"}

      """
    overlay.read(Array((request + more).utf8), named: "request")
    let moment = Self.now + hoursLater * 3_600_000_000
    return try link(
      program, snapshot, try overlay.build(),
      Circumstances(now: moment, asOf: moment, caller: nil))
  }

  private func release(_ machine: Machine) throws -> PipelineArguments {
    let kind = try #require(machine.program.schema.kinds.firstIndex { $0.name == "Release" })
    let release = Slot(exact: try #require(machine.node(kind: kind, id: "r1")))
    return PipelineArguments(arguments: [release], outputs: [])
  }

  /// A step of the first stage by its name, within matrices too.
  private func step(_ name: String) throws -> PipelineStep {
    func all(_ steps: [PipelineStep]) -> [PipelineStep] {
      steps.flatMap { step -> [PipelineStep] in
        if case .group(_, let within) = step.work { [step] + all(within) } else { [step] }
      }
    }
    return try #require(all(pipeline.stages[0].steps).first { $0.name == name })
  }

  private func condition(_ name: String, _ machine: Machine, hoursLater: Int64 = 0) throws
    -> ConditionResult
  {
    machine.condition(
      try #require(try step(name).condition), of: pipeline, try release(machine),
      asOf: Self.now + hoursLater * 3_600_000_000)
  }

  private func words(_ name: String, _ machine: Machine, fuel: Int64 = WritVM.Limits.fuel) throws
    -> CommandResult
  {
    guard case .run(let words) = try step(name).work else { return .refused("no run") }
    return machine.words(
      words, of: pipeline, try release(machine), asOf: Self.now, fuel: fuel)
  }

  private func call(_ name: String, _ machine: Machine, hoursLater: Int64 = 0) throws -> CallResult
  {
    let indexes: [Int] =
      switch try step(name).work {
      case .action(_, let arguments), .gate(_, let arguments): arguments
      default: []
      }
    return machine.callArguments(
      indexes, of: pipeline, try release(machine),
      asOf: Self.now + hoursLater * 3_600_000_000)
  }

  @Test func conditionsHoldOrDoNot() throws {
    let machine = try machine()
    #expect(try condition("hot", machine) == .yes)
    #expect(try condition("cold", machine) == .no)
  }

  /// Eight days later nobody vouches for the service: neither a condition nor its opposite holds.
  @Test func whatIsNotKnownIsNeitherTrueNorFalse() throws {
    let hours: Int64 = 8 * 24
    let machine = try machine(hoursLater: hours)
    for name in ["hot", "cold"] {
      guard case .unknown(let why) = try condition(name, machine, hoursLater: hours) else {
        Issue.record("\(name) is decided")
        return
      }
      #expect(why.contains("catalog"), "\(why)")
    }
    guard case .unknown(let why) = try call("takes", machine, hoursLater: hours) else {
      Issue.record("a gate is asked about what nobody vouches for")
      return
    }
    #expect(why.hasPrefix("argument 1: ") || why.hasPrefix("argument 2: "), "\(why)")
  }

  @Test func matricesHandTheirValuesOn() throws {
    let machine = try machine()
    #expect(
      try words("run#2[staging]", machine)
        == .words(["make", "staging", "--image=web:1", "web"]))
    #expect(
      try words("run#2[production]", machine)
        == .words(["make", "production", "--image=web:1", "web"]))
    for (member, name) in ["staging", "production"].enumerated() {
      guard case .arguments(let arguments) = try call("deploy[\(name)]", machine) else {
        Issue.record("no arguments for \(name)")
        return
      }
      #expect(arguments.map(\.value) == ["Release/r1", .string(name)])
      #expect(
        arguments.map(\.slot) == (try release(machine)).arguments + [Slot(exact: Int64(member))])
    }
  }

  @Test func argumentsAreWhatARequestWouldBring() throws {
    guard case .arguments(let arguments) = try call("takes", try machine()) else {
      Issue.record("no arguments")
      return
    }
    #expect(arguments.map(\.value) == ["Service/web", 9, "0.25", "a b", true])
  }

  @Test func nodeThatIsNotThereIsNoArgument() throws {
    guard case .unknown(let why) = try call("takes#2", try machine()) else {
      Issue.record("a service that is not there")
      return
    }
    #expect(why.hasPrefix("argument 1: "), "\(why)")
  }

  /// An output that was not made is absent where a value deals with that, and otherwise unknown, never anything else.
  @Test func outputsAreReadOrNotMade() throws {
    let pipeline = try #require(
      program.program.pipelines.first { $0.name == "ways.gives" })
    let machine = try machine(more: #"{"node":"Scan","id":"run/a","props":{"bad":2}}"# + "\n")
    let look = try #require(pipeline.stages[0].steps.last)
    guard case .run(let words) = look.work, let condition = look.condition else {
      Issue.record("no run on a condition")
      return
    }
    #expect(look.inSight == [0, 1])
    let kind = try #require(machine.program.schema.kinds.firstIndex { $0.name == "Scan" })
    let scan = Slot(exact: try #require(machine.node(kind: kind, id: "run/a")))
    let arguments = try release(machine).arguments
    func made(_ outputs: [Slot?]) -> CommandResult {
      machine.words(
        words, of: pipeline, PipelineArguments(arguments: arguments, outputs: outputs),
        asOf: Self.now)
    }
    #expect(made([scan, Slot(exact: 5)]) == .words(["look", "run/a:2", "5"]))
    #expect(made([scan, nil]) == .words(["look", "run/a:2", "7"]))
    #expect(made([nil, nil]) == .unknown("word 2: `found` was not given out"))
    let holds = machine.condition(
      condition, of: pipeline, PipelineArguments(arguments: arguments, outputs: [scan, nil]),
      asOf: Self.now)
    #expect(holds == .yes)
    let unmade = machine.condition(
      condition, of: pipeline, PipelineArguments(arguments: arguments, outputs: [nil, nil]),
      asOf: Self.now)
    #expect(unmade == .unknown("`found` was not given out"))
  }

  /// Each of two words is cheap enough; both together are not.
  @Test func allWordsShareOneSupplyOfFuel() throws {
    let machine = try machine(parts: 30)
    #expect(try words("run", machine) == .words(["many", "30", "31"]))
    #expect(try words("run", machine, fuel: 1_500) == .outOfFuel)
    #expect(
      machine.condition(
        try #require(try step("hot").condition), of: pipeline, try release(machine),
        asOf: Self.now, fuel: 0) == .yes, "a condition that looks at nothing costs nothing")
  }
}
