// A compiled pipeline as a plan: what stands where, what waits for what, and what has no counterpart.

import Testing
import Writ
import WritBytecode
import WritCrypto
import WritEvidence
import WritModel
import WritPipeline
import WritTesting
import WritText

@Suite struct PipelineLoweringTests {
  private static let head = """
    policy ways version 1
    role manager, owner
    source catalog fresh 7d
    node Identity from catalog { name: String key }
    node Service from catalog { name: String key  hot: Bool  boss -> Identity }
    gate ship(service: Service) { deny hot: service.hot }
    gate back(service: Service) { deny nobody: caller is absent }
    action deploy(to: Service, tier: Int)
      kind deploy guarded by ship(to) effect production rollback undo(to)
    { run "./deploy.sh" to tier timeout 5m }
    action undo(service: Service)
      kind rollback guarded by back(service) effect production irreversible
    { run "./undo.sh" service idempotent }
    action loose(service: Service) kind flag effect none { run "./loose.sh" service }

    """

  private func lowered(_ pipeline: String) throws -> LoweredPipeline {
    let compilation = compile(
      [SourceFile(name: "ways.writ", text: PipelineLoweringTests.head + pipeline)], root: 0)
    #expect(compilation.diagnostics.map(\.message) == [])
    let program = try #require(compilation.program)
    let bundle = LoadedBundle(
      program: program, registry: KeyRegistry(), digest: Digest(of: []))
    return try bundle.lowered(try #require(program.program.pipelines.first))
  }

  /// Ids in the order of the plan, parts behind what holds them, each with what it is.
  private func outline(_ nodes: [PlanNode]) -> [String] {
    nodes.flatMap { node -> [String] in
      switch node.work {
      case .run: return ["\(node.id) run"]
      case .act(let call, let back):
        return ["\(node.id) \(call.action)" + (back.map { " back \($0.action)" } ?? "")]
      case .approve(let rules, _): return ["\(node.id) \(rules[0].count) \(rules[0].role)"]
      case .wait(let time): return ["\(node.id) wait \(time)"]
      case .gate(let name, _): return ["\(node.id) gate \(name)"]
      case .sequence(let parts): return ["\(node.id) sequence"] + outline(parts)
      case .parallel(let parts, let max): return ["\(node.id) parallel \(max)"] + outline(parts)
      case .repeated(let parts, let repetition):
        return ["\(node.id) repeat \(repetition.atMost)"] + outline(parts)
      }
    }
  }

  @Test func stepsStageByStage() throws {
    let lowered = try lowered(
      """
      pipeline way(service: Service) concurrency ways max 2 supersede {
        stage verify parallel max 3 {
          run "make" retry 3 backoff 10s .. 2m factor 1.5 jitter 1s timeout 20m
          step unit: matrix os in ["a b", "ü"] { run "make" os idempotent }
          gate ship(service) when service.hot
        }
        stage out when not service.hot on failure rollback on error abort on denial ignore {
          approve by role manager count 2 except service.boss within 4h
          deploy(service, 1) deadline 1h
          wait 5m
          step soak: repeat every 1m at most 30 until not service.hot
          run "look"
        }
      }
      """)
    let plan = lowered.plan
    #expect(plan.pipeline == "ways.way")
    #expect(plan.concurrency == Concurrency(group: "ways", limit: 2, supersedes: true))
    #expect(
      outline(plan.stages) == [
        "verify parallel 3", "verify/run run", "verify/unit parallel 2",
        "verify/unit/unit[a%20b] run", "verify/unit/unit[%c3%bc] run",
        "verify/ship gate ways.ship",
        "out sequence", "out/approve 2 manager", "out/deploy ways.deploy back ways.undo",
        "out/wait wait 300000000", "out/soak repeat 30", "out/soak/+nothing wait 0",
        "out/run run",
      ])
    let out = plan.stages[1]
    #expect(out.options.after == [StageDependency("verify")])
    #expect(out.options.condition.flatMap(LoweredPipeline.value) != nil)
    #expect(
      out.options.strategies == [
        FailureStrategy([.failed], .rollback), FailureStrategy([.errored, .expired], .abort),
        FailureStrategy([.denied], .ignore),
      ])
    guard case .parallel(let parts, _) = plan.stages[0].work else {
      Issue.record("expected steps side by side")
      return
    }
    #expect(
      parts[0].options.retry
        == WritPipeline.RetryPolicy(
          attempts: 3, base: 10_000_000, factor: 1_500_000, cap: 120_000_000, jitter: 1_000_000))
    #expect(parts[0].options.attemptTimeout == 1_200_000_000)
    // Every step that something is done for is known by its name, and so is each way back.
    #expect(
      lowered.steps.keys.sorted() == [
        "out/approve", "out/deploy", "out/deploy:rollback", "out/run", "verify/run",
        "verify/ship", "verify/unit/unit[%c3%bc]", "verify/unit/unit[a%20b]",
      ])
    guard case .action(_, let handed)? = lowered.steps["out/deploy"],
      case .action(_, let back)? = lowered.steps["out/deploy:rollback"]
    else {
      Issue.record("expected an action and its way back")
      return
    }
    // The way back takes the first of the two arguments.
    #expect(back == [handed[0]] && handed.count == 2)
    // The run's own names are those.
    let run = Run(id: "r", plan: plan)
    for name in lowered.steps.keys { #expect(run.node(name) != nil, "\(name)") }
  }

  @Test func stepsThatNeedOthersWaitInRows() throws {
    let plan = try lowered(
      """
      pipeline way(service: Service) {
        stage a parallel max 2 {
          step d: run "d" needs b, c
          step b: run "b" needs e
          step c: run "c"
          step e: run "e"
        }
        stage b { step x: run "x"  step y: run "y" needs x }
      }
      """
    ).plan
    #expect(
      outline(plan.stages) == [
        "a sequence", "a/+row1 parallel 2", "a/c run", "a/e run", "a/+row2 parallel 2", "a/b run",
        "a/+row3 parallel 2", "a/d run", "b sequence", "b/x run", "b/y run",
      ])
  }

  @Test func stagesStandBehindThoseThatTheyWaitFor() throws {
    let plan = try lowered(
      """
      pipeline way(service: Service) {
        stage first { run "f" }
        stage last after middle, first { run "l" }
        stage middle after first { run "m" }
      }
      """
    ).plan
    #expect(plan.stages.map(\.id) == ["first", "middle", "last"])
    #expect(plan.stages[2].options.after.map(\.stage) == ["first", "middle"])
  }

  @Test func deadlinesOfGroupsAreTheirs() throws {
    let plan = try lowered(
      """
      pipeline way(service: Service) {
        stage a {
          step both: parallel { run "b" deadline 1m  run "c" } deadline 2m
          step again: repeat every 1s at most 5 until service.hot { run "d" } deadline 3m
        }
      }
      """
    ).plan
    guard case .sequence(let parts) = plan.stages[0].work,
      case .parallel(let both, _) = parts[0].work
    else {
      Issue.record("expected a sequence of a group and a repeat")
      return
    }
    #expect(parts.map(\.options.deadline) == [120_000_000, 180_000_000])
    #expect(both.map(\.options.deadline) == [60_000_000, nil])
  }

  @Test func whatCannotBeRunIsSaid() throws {
    for (pipeline, expectation) in [
      ("pipeline way(service: Service) { stage a { loose(service) } }", "it has no guard"),
      (
        "pipeline way(service: Service) { stage a { "
          + String(repeating: "parallel { ", count: 17) + "run \"x\""
          + String(repeating: " }", count: 17) + " } }", "its depth"
      ),
    ] {
      let error = #expect(throws: RequestError.self) { try lowered(pipeline) }
      #expect(error?.description.contains(expectation) == true, "\(String(describing: error))")
    }
  }

  @Test func aLongNameKeepsItsBeginning() throws {
    let name = String(repeating: "n", count: 150)
    let lowered = try lowered(
      """
      pipeline way(service: Service) {
        stage \(name) { step \(name): run "x"  step \(name)2: run "y" }
      }
      """)
    let names = lowered.steps.keys.sorted()
    #expect(names.count == 2 && names.allSatisfy { $0.utf8.count <= 256 && $0.hasPrefix(name) })
  }

  @Test func hooksAreNodesOfTheirOwn() throws {
    let lowered = try lowered(
      """
      pipeline way(service: Service) {
        stage out {
          deploy(service, 1) ensure { run "tidy" -> n: Int run "tell" n }
          run "look" onError { step again: run "again" }
        } onFailure {
          deploy(service, 2) run "look" ensure { wait 1m }
        } ensure { parallel { run "a" step b: run "b" } }
      }
      """)
    let stage = lowered.plan.stages[0]
    #expect(stage.options.hooks.map(\.moment) == [.onFailure, .ensure])
    #expect(
      outline(stage.options.hooks.map(\.node)) == [
        "out/+onFailure sequence", "out/+onFailure/deploy#2 ways.deploy back ways.undo",
        "out/+onFailure/run#4 run", "out/+ensure/parallel parallel 2",
        "out/+ensure/parallel/run#5 run", "out/+ensure/parallel/b run",
      ])
    guard case .sequence(let steps) = stage.work else {
      Issue.record("the stage is no row")
      return
    }
    #expect(
      outline(steps.flatMap { $0.options.hooks.map(\.node) }) == [
        "out/deploy/+ensure sequence", "out/deploy/+ensure/run#2 run",
        "out/deploy/+ensure/run#3 run", "out/run/+onError/again run",
      ])
    // What is in a hook is found by its name as any step is, what takes it back too.
    #expect(lowered.steps["out/+onFailure/deploy#2"] != nil)
    #expect(lowered.steps[PlanNode.rollbackID(of: "out/+onFailure/deploy#2")] != nil)
    #expect(lowered.givers == ["out/deploy/+ensure/run#2"])
  }

  @Test func resultsAreAskedOfNodes() throws {
    let lowered = try lowered(
      """
      pipeline way(service: Service) {
        stage a on failure ignore {
          matrix o in ["x", "y"] {
            step one: run "t" o on failure ignore on expiry stage on error abort
            run "mend" when one is failed
          }
          repeat every 1m at most 9 unchanged 3 until two is succeeded { step two: run "two" on error ignore }
        }
        stage b after a is failed | denied { wait 1m }
        stage c after b { wait 1m }
      }
      """)
    #expect(
      lowered.marked == ["a/matrix/matrix[x]/one[x]", "a/matrix/matrix[y]/one[y]", "a/repeat/two"])
    #expect(
      lowered.plan.stages.map { $0.options.after.map(\.results) } == [
        [], [[.failed, .denied]], [[]],
      ])
    guard case .sequence(let steps) = lowered.plan.stages[0].work,
      case .parallel(let values, _) = steps[0].work, case .sequence(let row) = values[0].work,
      case .repeated(_, let repetition) = steps[1].work
    else {
      Issue.record("\(outline(lowered.plan.stages))")
      return
    }
    #expect(repetition.noProgress == 3)
    #expect(
      row[0].options.strategies == [
        FailureStrategy([.failed], .ignore), FailureStrategy([.expired], .stage),
        FailureStrategy([.errored], .abort),
      ])
    let value = try #require(row[1].options.condition.flatMap(LoweredPipeline.value))
    #expect(lowered.program.values[value].asks == [ResultRead(mark: 0, results: [.failed])])
  }
}
