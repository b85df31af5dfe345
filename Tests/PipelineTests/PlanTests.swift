// Plans as documents: one spelling, read back, and refused with the place of what is wrong.

import Testing
import WritModel
import WritPipeline
import WritTesting

@Suite struct PlanTests {
  /// A plan in which everything occurs.
  static func everything() throws -> Plan {
    let verify = PlanNode(
      "verify",
      .parallel(
        [
          step("verify/test[linux]") {
            $0.retry = RetryPolicy(attempts: 2, base: 10, factor: 2_000_000, cap: 120, jitter: 3)
            $0.attemptTimeout = 5 * second
            $0.isIdempotent = true
          },
          PlanNode("verify/gate", .gate(name: "tested", arguments: ["release"])),
        ], max: 4))
    let canary = PlanNode(
      "canary",
      .sequence([
        deploy("canary/deploy", idempotent: true) {
          $0.deadline = 60 * second
          $0.strategies = [FailureStrategy([.failed, .errored], .stage)]
          $0.hooks = [Hook(.onFailure, step("canary/page")), Hook(.ensure, step("canary/tidy"))]
        },
        PlanNode("canary/wait", .wait(second)),
        PlanNode(
          "canary/soak",
          .repeated(
            [step("canary/look")],
            Repetition(every: 60 * second, atMost: 30, until: "untilMet", noProgress: 3))),
      ]),
      options {
        $0.after = [StageDependency("verify", results: [.succeeded, .failed])]
        $0.condition = "isRelease"
        $0.strategies = [
          FailureStrategy([.denied], .ignore), FailureStrategy([.failed], .rollback),
        ]
      })
    let rules = [ApprovalTests.rule("release_manager", 2, except: ["bob"])]
    let prod = PlanNode(
      "prod", .sequence([PlanNode("prod/ask", .approve(rules: rules, within: 4 * 3_600 * second))]),
      options { $0.after = [StageDependency("canary")] })
    return try Plan(
      pipeline: "checkout.release",
      concurrency: Concurrency(group: "checkout", limit: 1, supersedes: true),
      stages: [verify, canary, prod])
  }

  @Test func aPlanIsReadAsItWasWritten() throws {
    let plan = try PlanTests.everything()
    let read = try Plan(parsing: plan.canonicalBytes)
    #expect(read == plan && read.digest == plan.digest)
    for seed in 0..<200 {
      var source = PlanSource(seed: UInt64(seed), isParallel: true)
      let plan = try source.plan()
      #expect(try Plan(parsing: plan.canonicalBytes) == plan)
    }
  }

  /// The digest is what journals are bound to: it changes only where the format says so.
  @Test func theDigestIsThatOfTheCanonicalForm() throws {
    let plan = try plan([sequence("a", [step("b")])])
    let text = """
      {"format":1,"pipeline":"demo.release","stages":[{"id":"a","kind":"sequence","nodes":[\
      {"id":"b","kind":"run","words":["make","b"]}]}]}
      """
    #expect(String(decoding: plan.canonicalBytes, as: UTF8.self) == text)
    #expect(plan.digest == digest(text))
  }

  /// Every member, one at a time: left out, of another type, twice over, and one that is none.
  @Test func onlyTheOneSpellingIsRead() throws {
    let plan = try PlanTests.everything()
    let text = String(decoding: plan.canonicalBytes, as: UTF8.self)
    #expect(throws: PlanError.notCanonical) { try Plan(parsing: Array((text + " ").utf8)) }
    let places = text.indices.filter { text[$0] == "{" }
    for place in places {
      var more = text
      more.insert(contentsOf: "\"extra\":1,", at: text.index(after: place))
      #expect(throws: PlanError.self) { try Plan(parsing: Array(more.utf8)) }
    }
    for name in Set(text.split(separator: "\"").map(String.init)) where name.count > 1 {
      let other = text.replacing("\"\(name)\":", with: "\"\(name)x\":")
      if other == text { continue }
      #expect(throws: PlanError.self, "\(name)") { try Plan(parsing: Array(other.utf8)) }
    }
  }

  private static let refusals: [(String, String)] = [
    (#"{"kind":"run","words":[]}"#, "1 to 256, found 0"),
    (#"{"kind":"run","words":[1]}"#, "a string"),
    (#"{"kind":"jump","words":["a"]}"#, "another word than `jump`"),
    (#"{"kind":"wait","time":-1}"#, "0 to 31622400000000 microseconds, found -1"),
    (#"{"kind":"wait","time":31622400000001}"#, "found 31622400000001"),
    (
      #"{"kind":"wait","time":1,"retry":{"attempts":1,"base":0,"cap":0,"factor":1000000,"jitter":0}}"#,
      "retry on"
    ),
    (#"{"kind":"wait","time":1,"attemptTimeout":1}"#, "attemptTimeout on"),
    (#"{"kind":"wait","time":1,"idempotent":true}"#, "idempotent on"),
    (
      #"{"kind":"run","words":["a"],"retry":{"attempts":101,"base":0,"cap":0,"factor":1000000,"jitter":0}}"#,
      "1 to 100, found 101"
    ),
    (
      #"{"kind":"run","words":["a"],"retry":{"attempts":0,"base":0,"cap":0,"factor":1000000,"jitter":0}}"#,
      "found 0"
    ),
    (
      #"{"kind":"run","words":["a"],"retry":{"attempts":1,"base":0,"cap":0,"factor":0,"jitter":0}}"#,
      "a factor"
    ),
    (#"{"kind":"sequence","nodes":[]}"#, "1 to 65536, found 0"),
    (#"{"kind":"sequence","nodes":[{"id":"a","kind":"wait","time":0}]}"#, "each id once"),
    (#"{"kind":"sequence","nodes":[{"id":"b:c","kind":"wait","time":0}]}"#, "printable ASCII"),
    (
      #"{"kind":"sequence","nodes":[{"after":[{"results":[],"stage":"a"}],"id":"b","kind":"wait","time":0}]}"#,
      "stages only"
    ),
    (#"{"kind":"parallel","max":0,"nodes":[{"id":"b","kind":"wait","time":0}]}"#, "found 0"),
    (
      #"{"kind":"wait","time":0,"strategies":[{"action":"ignore","results":["succeeded"]}]}"#,
      "other results"
    ),
    (#"{"kind":"wait","time":0,"strategies":[{"action":"ignore","results":[]}]}"#, "names results"),
    (
      #"{"kind":"wait","time":0,"strategies":[{"action":"stage","results":["failed"]}]}"#,
      "on a stage itself"
    ),
    (
      #"{"kind":"wait","time":0,"after":[{"results":[],"stage":"a"}]}"#,
      "a stage in front of it, found `a`"
    ),
    (#"{"kind":"approve","rules":[],"within":1}"#, "found 0"),
    (#"{"kind":"approve","rules":[{"count":0,"except":[],"role":"r"}],"within":1}"#, "found 0"),
    (
      #"{"kind":"act","call":{"action":"d","arguments":[],"effect":"all","gate":"g"}}"#, "an effect"
    ),
    (#"{"kind":"act","call":{"action":"d","arguments":[],"effect":"none"}}"#, "it to be there"),
    (
      #"{"kind":"repeat","atMost":10001,"every":0,"nodes":[{"id":"b","kind":"wait","time":0}],"until":"u"}"#,
      "1 to 10000"
    ),
    (
      #"{"kind":"repeat","atMost":1,"every":0,"nodes":[{"id":"b","kind":"wait","time":0}],"noProgress":1,"until":"u"}"#,
      "2 to 1000"
    ),
  ]

  @Test(arguments: refusals.indices) func whatIsWrongIsSaidWithItsPlace(index: Int) throws {
    let (node, expectation) = PlanTests.refusals[index]
    let text = #"{"format":1,"pipeline":"p","stages":[{"id":"a","# + node.dropFirst() + "]}"
    do throws(PlanError) {
      _ = try Plan(parsing: Array(text.utf8))
      Issue.record("\(node) is read")
    } catch {
      #expect(error.description.contains(expectation), "\(node): \(error)")
      #expect(error.description.contains("`a`") || error.description.contains("`b"), "\(error)")
    }
  }

  @Test func plansAreBounded() throws {
    func nested(_ depth: Int) -> PlanNode {
      depth == 0 ? step("s") : sequence("g\(depth)", [nested(depth - 1)])
    }
    _ = try plan([nested(PipelineLimits.depth - 1)])
    #expect(throws: PlanError.self) { try plan([nested(PipelineLimits.depth)]) }
    func rounds(_ depth: Int) -> PlanNode {
      let bounds = Repetition(every: 0, atMost: 1_000, until: "u", noProgress: nil)
      return depth == 0
        ? step("s") : PlanNode("g\(depth)", .repeated([rounds(depth - 1)], bounds))
    }
    _ = try plan([rounds(1)])
    #expect(throws: PlanError.self) { try plan([rounds(2)]) }
    #expect(throws: PlanError.self) { try plan([rounds(7)]) }
    let many = (0..<10_000).map { step("s\($0)") }
    let whole = try plan([sequence("a", many)])
    #expect(try Plan(parsing: whole.canonicalBytes).digest == whole.digest)
    #expect(throws: PlanError.self) { try plan([sequence("a", many + [step("t")])]) }
    // Also where each stands in a group, and that in another.
    let apart = many.map { sequence("g/\($0.id)", [$0]) }
    _ = try plan([sequence("a", apart)])
    #expect(throws: PlanError.self) { try plan([sequence("a", apart), step("t")]) }
    let hooked = step("t") { $0.hooks = [Hook(.ensure, step("u"))] }
    #expect(throws: PlanError.self) { try plan([sequence("a", many.dropLast() + [hooked])]) }
    // Ten thousand groups, each a row of its own, around as many steps.
    let most = many.map { sequence("r/\($0.id)", [sequence("g/\($0.id)", [$0])]) }
    _ = try plan([sequence("a", most)])
    #expect(throws: PlanError.self) { try plan((0...PipelineLimits.stages).map { step("s\($0)") }) }
    #expect(throws: PlanError.self) { try plan([]) }
  }
}
