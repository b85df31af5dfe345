// A compiled pipeline to a plan: what is written once becomes what a runner carries out.
//
// Nearly one to one. Stages and steps keep their names, as paths: `verify/unit[linux]`. What the plan only names (conditions,
// words, arguments) is `value N`, an entry of the pipeline's values, looked at when its step is about to run. Where the two
// have no common form:
//
//   - Steps side by side of which some need others become rows, one after another: all that need nothing, then all that need
//     only these, and so on. So a step may wait for more than it needs, never for less.
//   - A repeat without steps gets one that waits no time.
//   - A hook is the one step of it, or a row of its steps; these lie below a part of the name that nobody can write, `+ensure`.
//   - Of an approval the plan has the role and the number. Who is excepted is a value: whoever collects the votes looks.
//   - A failure is `failed`, a denial `denied`, an expiry `expired`; an error is `errored`, and `expired` too where nothing is
//     said of an expiry.

public import WritBytecode
import WritCrypto
public import WritModel
public import WritPipeline

/// What a step of a plan is in its bundle. Numbers are indexes into the pipeline's values, as the plan's references are.
public enum LoweredStep: Hashable, Sendable {
  case run([PipelineWord])
  /// An action by its index.
  case action(Int, arguments: [Int])
  /// A gate by its index.
  case gate(Int, arguments: [Int])
  case approval(PipelineApproval)
  case agent(PipelineAgent)
}

/// A pipeline as a plan.
public struct LoweredPipeline: Sendable {
  public let program: PipelineProgram
  public let plan: Plan
  /// By the names that a run has for its nodes, rollbacks among them.
  public let steps: [String: LoweredStep]
  /// For each of the pipeline's outputs the name of the node that gives it out.
  public let givers: [String]
  /// For each mark of a stage or a step the name of its node.
  public let marked: [String]
  /// By the names of nodes the outputs that they are looked at with, where there are any; rising.
  public let inSight: [String: [Int]]

  /// The output of a node.
  public func output(of node: String) -> Int? {
    givers.firstIndex { hasSameBytes($0, node) }
  }

  /// The pipeline's value that a reference of the plan stands for.
  public static func value(of reference: String) -> Int? {
    guard reference.hasPrefix("value ") else { return nil }
    return Int(reference.dropFirst("value ".count))
  }

  static func reference(to value: Int) -> String { "value \(value)" }
}

extension LoadedBundle {
  /// The plan of a pipeline. Throws where the pipeline asks for what runs do not do yet, or for more than they take.
  public func lowered(_ pipeline: PipelineProgram) throws(RequestError) -> LoweredPipeline {
    var lowering = PipelineLowering(
      program: program.program, pipeline: pipeline,
      givers: [String](repeating: "", count: pipeline.outputs.count),
      marked: [String](repeating: "", count: pipeline.marks.count))
    let stages = try lowering.stages()
    let hooks = try lowering.closingHooks()
    let concurrency = pipeline.concurrency.map {
      Concurrency(group: $0.group, limit: $0.limit, supersedes: $0.supersedes)
    }
    do throws(PlanError) {
      let plan = try Plan(
        pipeline: pipeline.name, concurrency: concurrency,
        freeze: pipeline.freeze.map(LoweredPipeline.reference), stages: stages, hooks: hooks)
      return LoweredPipeline(
        program: pipeline, plan: plan, steps: lowering.steps, givers: lowering.givers,
        marked: lowering.marked, inSight: lowering.inSight)
    } catch {
      throw RequestError("pipeline `\(pipeline.name)` cannot be run: \(error)")
    }
  }
}

private struct PipelineLowering {
  let program: Program
  let pipeline: PipelineProgram
  var givers: [String]
  var marked: [String]
  var steps: [String: LoweredStep] = [:]
  /// What is looked at now runs when all is over, and is not taken back.
  var isAtEnd = false
  var inSight: [String: [Int]] = [:]

  mutating func stages() throws(RequestError) -> [PlanNode] {
    var nodes: [PlanNode] = []
    for index in order { nodes.append(try node(pipeline.stages[index])) }
    return nodes
  }

  /// Stages behind those that they wait for, otherwise as they are written; there is no circle.
  private var order: [Int] {
    var order: [Int] = []
    var isPlaced = [Bool](repeating: false, count: pipeline.stages.count)
    while order.count < isPlaced.count {
      let next = isPlaced.indices.first { index in
        !isPlaced[index] && pipeline.stages[index].after.allSatisfy { isPlaced[$0] }
      }
      guard let next else { break }
      isPlaced[next] = true
      order.append(next)
    }
    return order
  }

  private mutating func node(_ stage: PipelineStage) throws(RequestError) -> PlanNode {
    let id = escaped(stage.name)
    var options = NodeOptions()
    options.after = stage.after.map { index in
      let wanted = stage.results.first { $0.stage == index }?.results ?? []
      return StageDependency(
        escaped(pipeline.stages[index].name), results: wanted.map(\.result))
    }
    if let mark = stage.mark { marked[mark] = id }
    options.condition = stage.condition.map(LoweredPipeline.reference)
    options.strategies = strategies(stage.responses)
    options.hooks = try hooks(stage.hooks, of: id)
    return PlanNode(id, try group(id, stage.steps, limit: stage.limit), options)
  }

  private mutating func node(_ step: PipelineStep, in path: String) throws(RequestError) -> PlanNode
  {
    let id = joined(path, escaped(step.name))
    var options = NodeOptions()
    options.condition = step.condition.map(LoweredPipeline.reference)
    options.retry = step.retry.map { retry in
      WritPipeline.RetryPolicy(
        attempts: retry.attempts, base: retry.base, factor: retry.factor, cap: retry.cap,
        jitter: retry.jitter)
    }
    options.attemptTimeout = step.timeout
    options.deadline = step.deadline
    options.strategies = strategies(step.responses)
    options.hooks = try hooks(step.hooks, of: id)
    if case .run = step.work { options.isIdempotent = step.isIdempotent }
    if case .agent(let agent) = step.work {
      // An agent only asks: asking again changes nothing.
      options.isIdempotent = true
      options.attemptTimeout = agent.time
    }
    if let output = step.output { givers[output] = id }
    if let mark = step.mark { marked[mark] = id }
    if !step.inSight.isEmpty {
      inSight[id] = step.inSight
      inSight[PlanNode.rollbackID(of: id)] = step.inSight
    }
    return PlanNode(id, try work(step, id), options)
  }

  private mutating func work(_ step: PipelineStep, _ id: String) throws(RequestError) -> PlanWork {
    switch step.work {
    case .run(let words):
      steps[id] = .run(words)
      // The words are the bundle's: there may be more of them, and longer ones, than a plan has room for.
      return .run(words: ["command of \(id)"].map { cut($0) })
    case .action(let action, let arguments):
      steps[id] = .action(action, arguments: arguments)
      return .act(
        try call(action, arguments), rollback: try rollback(of: action, arguments, id))
    case .gate(let gate, let arguments):
      steps[id] = .gate(gate, arguments: arguments)
      return .gate(
        name: program.gates[gate].name, arguments: arguments.map(LoweredPipeline.reference))
    case .approval(let approval):
      steps[id] = .approval(approval)
      let rules = approval.rules.map {
        ApprovalRule(role: $0.role, count: $0.count, excluded: [])
      }
      return .approve(rules: rules, within: approval.within)
    case .wait(let time): return .wait(time)
    case .agent(let agent):
      steps[id] = .agent(agent)
      return .run(words: ["agent \(agent.name) of \(id)"].map { cut($0) })
    case .group(let limit, let steps): return try group(id, steps, limit: limit)
    case .loop(let loop): return try self.loop(loop, id)
    }
  }

  private mutating func loop(_ loop: PipelineLoop, _ id: String) throws(RequestError) -> PlanWork {
    var nodes: [PlanNode] = []
    for step in loop.steps { nodes.append(try node(step, in: id)) }
    if nodes.isEmpty { nodes.append(PlanNode(joined(id, "+nothing"), .wait(0))) }
    return .repeated(
      nodes,
      Repetition(
        every: loop.interval, atMost: loop.most, until: LoweredPipeline.reference(to: loop.until),
        noProgress: loop.unchanged))
  }
}

// Hooks.
extension PipelineLowering {
  /// Those of the whole pipeline; no stage can be called as they are.
  mutating func closingHooks() throws(RequestError) -> [Hook] {
    isAtEnd = true
    defer { isAtEnd = false }
    return try hooks(pipeline.hooks) { $0 }
  }

  private mutating func hooks(
    _ hooks: [PipelineHook], of id: String
  ) throws(RequestError) -> [Hook] {
    try self.hooks(hooks) { joined(id, $0) }
  }

  private mutating func hooks(
    _ hooks: [PipelineHook], path: (String) -> String
  ) throws(RequestError) -> [Hook] {
    var found: [Hook] = []
    for hook in hooks {
      let path = path("+\(hook.moment.rawValue)")
      var nodes: [PlanNode] = []
      for step in hook.steps { nodes.append(try node(step, in: path)) }
      let node = nodes.count == 1 ? nodes[0] : PlanNode(path, .sequence(nodes))
      found.append(Hook(moment(hook.moment), node))
    }
    return found
  }

  private func moment(_ moment: PipelineMoment) -> HookMoment {
    switch moment {
    case .onSuccess: .onSuccess
    case .onFailure: .onFailure
    case .onError: .onError
    case .onAbort: .onAbort
    case .ensure: .ensure
    }
  }
}

// Groups.
extension PipelineLowering {
  private mutating func group(
    _ id: String, _ steps: [PipelineStep], limit: Int?
  ) throws(RequestError) -> PlanWork {
    var nodes: [PlanNode] = []
    for step in steps { nodes.append(try node(step, in: id)) }
    // One after another, whatever a step needs stands before it.
    if limit == 1 { return .sequence(nodes) }
    let rows = rows(of: steps)
    guard rows.count > 1 else { return .parallel(nodes, max: limit ?? nodes.count) }
    return .sequence(
      rows.enumerated().map { number, row in
        PlanNode(
          joined(id, "+row\(number + 1)"),
          .parallel(row.map { nodes[$0] }, max: limit ?? row.count))
      })
  }

  /// Indexes of the steps that need nothing, of those that need only these, and so on. There is no circle.
  private func rows(of steps: [PipelineStep]) -> [[Int]] {
    var rows: [[Int]] = []
    var isPlaced = [Bool](repeating: false, count: steps.count)
    while true {
      let row = steps.indices.filter { index in
        !isPlaced[index] && steps[index].needs.allSatisfy { isPlaced[$0] }
      }
      guard !row.isEmpty else { return rows }
      for index in row { isPlaced[index] = true }
      rows.append(row)
    }
  }
}

// Actions.
extension PipelineLowering {
  private func call(_ index: Int, _ arguments: [Int]) throws(RequestError) -> ActionCall {
    let action = program.actions[index]
    guard let gate = action.guardGate else {
      throw RequestError(
        "pipeline `\(pipeline.name)` cannot be run: nothing decides on the action `\(action.name)`: "
          + "it has no guard")
    }
    return ActionCall(
      action: action.name, arguments: arguments.map(LoweredPipeline.reference),
      effect: action.effect.rawValue, gate: program.gates[gate].name,
      isIdempotent: action.isIdempotent)
  }

  private mutating func rollback(
    of index: Int, _ arguments: [Int], _ id: String
  ) throws(RequestError) -> ActionCall? {
    guard let back = program.actions[index].rollback, !isAtEnd else { return nil }
    let handed = back.arguments.map { arguments[$0] }
    steps[PlanNode.rollbackID(of: id)] = .action(back.action, arguments: handed)
    return try call(back.action, handed)
  }
}

// What follows.
extension PipelineLowering {
  private func strategies(_ responses: [TroubleResponse]) -> [FailureStrategy] {
    let isExpirySaid = responses.contains { $0.trouble == .expiry }
    return responses.map { response in
      let results: [RunResult] =
        switch response.trouble {
        case .failure: [.failed]
        case .error: isExpirySaid ? [.errored] : [.errored, .expired]
        case .denial: [.denied]
        case .expiry: [.expired]
        }
      let action: FailureAction =
        switch response.strategy {
        case .ignore: .ignore
        case .rollback: .rollback
        case .abort: .abort
        case .stage: .stage
        }
      return FailureStrategy(results, action)
    }
  }
}

extension PartResult {
  fileprivate var result: RunResult {
    switch self {
    case .succeeded: .succeeded
    case .failed: .failed
    case .errored: .errored
    case .denied: .denied
    case .expired: .expired
    case .cancelled: .cancelled
    case .skipped: .skipped
    }
  }
}

extension RunResult {
  /// As a condition can ask for it; of what takes back nobody asks.
  public var asked: PartResult? { PartResult.allCases.first { $0.result == self } }
}

// Names.

/// A name as a plan can have it: whatever is no printable ASCII, and what stands for something else in an id, in hex behind a `%`.
private func escaped(_ name: String) -> String {
  var bytes: [UInt8] = []
  for byte in name.utf8 {
    if byte > 0x20, byte < 0x7f, !"%:+/".utf8.contains(byte) {
      bytes.append(byte)
    } else {
      bytes.append(UInt8(ascii: "%"))
      bytes += Array(Hex.encode([byte]).utf8)
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}

/// A path that is too long for a plan ends in the digest of all of it.
private func joined(_ path: String, _ name: String) -> String { cut("\(path)/\(name)") }

/// Room is left for what a run puts behind a name.
private func cut(_ text: String) -> String {
  let limit = PipelineLimits.nameByteCount - 32
  guard text.utf8.count > limit else { return text }
  let digest = Digest(of: Array(text.utf8)).hex.prefix(16)
  return String(decoding: text.utf8.prefix(limit - 20), as: UTF8.self) + "~" + digest
}
