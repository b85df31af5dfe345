// The command of an action: words of known values, and why there is none.

import Testing
import Writ
import WritBytecode
import WritGraph
import WritModel
import WritTesting
import WritText
import WritVM

@Suite struct CommandTests {
  private static let now: Int64 = 1_795_082_400_000_000  // 2026-11-19T10:00:00Z

  private static let policy = """
    policy acts version 1
    enum Env { staging, production }
    source catalog fresh 7d
    node Team from catalog { name: String key }
    node Service from catalog {
      name: String key
      tier: Int
      budget: Decimal?
      since: Date
      owner -> Team
    }
    node Release from request { image: String  service -> Service }
    node Part { size: Int }

    rule owner(s: Service) -> String = s.owner.name
    rule meets(parts: Set<Part>) = count(parts where any q in parts has q.size + size >= 0)
    gate ship(release: Release, env: Env) { deny low: release.service.tier > 9 and env == production }

    action deploy(release: Release, env: Env)
      kind deploy
      guarded by ship(release, env)
      effect production
      irreversible
    {
      run "./deploy.sh" release.image env release.service "--tier={release.service.tier}" "" "-v" -3
        (release.service.budget ?? 0.5) "{owner(release.service)}'s" release.service.since
        (env == production)
    }
    action tag(release: Release) kind scan effect none { run "scan" "--image={release.image}" }
    action numbered(n: Int) kind scan effect none { run "scan" n "{n}{n}" }
    action named(text: String) kind scan effect none { run "scan" "{text}" }
    action heavy() kind scan effect none { run "scan" meets(Part) }
    action heavier() kind scan effect none {
      run "scan" meets(Part) (meets(Part) + 1)
    }
    action wide(release: Release) kind scan effect none {
      run "scan" \(String(repeating: " release.image", count: 20))
    }
    """

  private static let facts = """
    {"node":"Team","id":"core"}
    {"node":"Service","id":"web","props":{"tier":1,"since":"2020-02-29"}}
    {"edge":"owner","from":"Service/web","to":"Team/core"}
    {"source":"catalog","at":"2026-11-18T22:00:00Z","covers":"*"}

    """

  /// A release of that image, over the facts, as of some hours after they were read.
  private func machine(
    image: String, facts: String = Self.facts, hoursLater: Int64 = 0
  ) throws -> Machine {
    let compilation = compile([SourceFile(name: "acts.writ", text: Self.policy)], root: 0)
    #expect(compilation.diagnostics.map(\.message) == [])
    let program = try #require(compilation.program)
    var builder = SnapshotBuilder(program.program.schema)
    builder.read(Array(facts.utf8), named: "facts")
    let snapshot = try builder.build()
    var overlay = OverlayBuilder(try OverlayPlan(snapshot, program.program.schema))
    let request = """
      {"node":"Release","id":"r1","props":{"image":"\(image)"}}
      {"edge":"service","from":"Release/r1","to":"Service/web"}

      """
    overlay.read(Array(request.utf8), named: "request")
    let moment = Self.now + hoursLater * 3_600_000_000
    return try link(
      program, snapshot, try overlay.build(),
      Circumstances(now: moment, asOf: moment, caller: nil))
  }

  private func command(
    _ name: String, _ machine: Machine, _ arguments: [Slot], hoursLater: Int64 = 0
  ) throws -> CommandResult {
    let index = machine.program.actions.firstIndex { $0.name == "acts.\(name)" }
    return machine.command(
      of: try #require(index), arguments: arguments,
      asOf: Self.now + hoursLater * 3_600_000_000)
  }

  private func release(_ machine: Machine) throws -> Slot {
    let kind = try #require(
      machine.program.schema.kinds.firstIndex { $0.name == "Release" })
    return Slot(exact: try #require(machine.node(kind: kind, id: "r1")))
  }

  @Test func wordsAreMadeOfValues() throws {
    let machine = try machine(image: "web:1 \\\"x\\\" $y")
    let words = try command("deploy", machine, [try release(machine), Slot(exact: 1)])
    #expect(
      words
        == .words([
          "./deploy.sh", "web:1 \"x\" $y", "production", "web", "--tier=1", "", "-v", "-3", "0.5",
          "core's", "2020-02-29", "true",
        ]))
    #expect(
      try command("tag", machine, [try release(machine)])
        == .words(["scan", "--image=web:1 \"x\" $y"]))
  }

  /// Eight days later nobody vouches for the service: no word tells of it any more.
  @Test func whatIsNotKnownIsInNoCommand() throws {
    let machine = try machine(image: "web:1", hoursLater: 8 * 24)
    let found = try command(
      "deploy", machine, [try release(machine), Slot(exact: 1)], hoursLater: 8 * 24)
    guard case .unknown(let why) = found else {
      Issue.record("\(found)")
      return
    }
    #expect(why.hasPrefix("word 4: ") && why.contains("catalog"), "\(why)")
    // What the request brought is known all the same.
    #expect(
      try command("tag", machine, [try release(machine)], hoursLater: 8 * 24)
        == .words(["scan", "--image=web:1"]))
  }

  @Test func argumentsMustBeKnownAndComplete() throws {
    let machine = try machine(image: "web:1")
    let kind = try #require(
      machine.program.schema.kinds.firstIndex { $0.name == "Release" })
    let nobody = machine.noNode(kind: kind)
    guard case .unknown = try command("tag", machine, [nobody]) else {
      Issue.record("a release that is not there has an image")
      return
    }
    guard case .refused = try command("tag", machine, []) else {
      Issue.record("an argument is missing")
      return
    }
    // No text stands for a member that the enum does not have.
    #expect(
      try command("deploy", machine, [try release(machine), Slot(exact: 2)])
        == .refused("word 3 has no value"))
  }

  @Test(arguments: ["-", "--force", "-rf /"])
  func noValueBecomesAnOption(image: String) throws {
    let machine = try machine(image: image)
    let why = "word 2 is a value that begins with `-`, as only options of the policy may"
    #expect(
      try command("deploy", machine, [try release(machine), Slot(exact: 1)]) == .refused(why))
    #expect(
      try command("tag", machine, [try release(machine)]) == .words(["scan", "--image=\(image)"]))
    let number = Slot(exact: machine.number(ofString: image))
    #expect(try command("named", machine, [number]) == .refused(why))
    #expect(try command("numbered", machine, [Slot(exact: -1)]) == .refused(why))
    #expect(try command("numbered", machine, [Slot(exact: 7)]) == .words(["scan", "7", "77"]))
  }

  @Test func longWordsAreRefusedNotCut() throws {
    let limit = WritBytecode.Limits.wordBytes
    let longest = try machine(image: String(repeating: "x", count: limit))
    #expect(
      try command("named", longest, [Slot(exact: longest.number(ofString: "é"))])
        == .words(["scan", "é"]))
    #expect(
      try command("wide", longest, [try release(longest)])
        == .refused(
          "word 17 makes the command longer than \(WritVM.Limits.commandBytes) bytes"))
    guard case .refused(let why) = try command("tag", longest, [try release(longest)]) else {
      Issue.record("a word over the limit")
      return
    }
    #expect(why == "word 2 is longer than \(limit) bytes")
  }

  /// Each of two words is cheap enough; both together are not.
  @Test func allWordsShareOneSupplyOfFuel() throws {
    let parts = (0..<30).map { #"{"node":"Part","id":"p\#($0)","props":{"size":\#($0)}}"# }
    let machine = try machine(
      image: "web:1", facts: Self.facts + parts.joined(separator: "\n") + "\n")
    #expect(try command("heavy", machine, []) == .words(["scan", "30"]))
    #expect(try command("heavier", machine, []) == .words(["scan", "30", "31"]))
    let one = try fuel("heavy", machine)
    #expect(try fuel("heavier", machine) == 2 * one)
    let index = try #require(machine.program.actions.firstIndex { $0.name == "acts.heavier" })
    #expect(machine.command(of: index, arguments: [], asOf: Self.now, fuel: one) == .outOfFuel)
  }

  /// The least fuel that suffices.
  private func fuel(_ name: String, _ machine: Machine) throws -> Int64 {
    let index = try #require(machine.program.actions.firstIndex { $0.name == "acts.\(name)" })
    var (low, high): (Int64, Int64) = (-1, 1 << 20)
    while high - low > 1 {
      let middle = (low + high) / 2
      let found = machine.command(of: index, arguments: [], asOf: Self.now, fuel: middle)
      if found == .outOfFuel { low = middle } else { high = middle }
    }
    #expect(high > 30 * 30 && high < 1 << 20)
    return high
  }

  /// The verifier does not promise that a routine emits; a bundle from elsewhere may have one that does not.
  @Test func routineThatEmitsNothingHasNoValue() throws {
    let text = """
      writ-bundle 1
      language "1"
      engine "0.1"
      revision 0
      module "acts" 1 "sha256:\(String(repeating: "0", count: 64))"
      constant 1
      action "acts.a" scan none at "a.writ:1:1"
        parameter "n" int
        word
          text "scan"
        word
          value routine 0 int
      routine inputs 1 registers 0 sets 0 cursors 0 buffers 0
        emission i0
        halt
      """
    let bundle = try assemble(Array(text.utf8))
    let snapshot = try SnapshotBuilder(Schema()).build()
    let machine = try link(
      bundle.program, snapshot, nil, Circumstances(now: Self.now, asOf: Self.now, caller: nil))
    #expect(
      machine.command(of: 0, arguments: [Slot(exact: 1)], asOf: Self.now)
        == .refused("word 2 has no value"))
  }
}
