// What must hold of a plan beside its form: names once, bounds, dependencies that end.
import WritModel

extension Plan {
  /// Holds every rule of a plan.
  func check() throws(PlanError) {
    var checker = PlanChecker()
    try checker.name(pipeline, "pipeline")
    if let concurrency {
      try checker.name(concurrency.group, "concurrency")
      try checker.range(concurrency.limit, 1...1_000_000, "concurrency, limit")
    }
    if let freeze { try checker.name(freeze, "freeze") }
    try checker.range(stages.count, 1...PipelineLimits.stages, "stages, their number")
    for stage in stages { try checker.node(stage, depth: 1, runs: 1) }
    try checker.range(hooks.count, 0...PipelineLimits.names, "hooks, their number")
    // As those of a stage: what they do is none itself.
    try checker.hooks(hooks, depth: 2, runs: 1)
    try checkOrder()
  }

  /// Dependencies name stages in front: so there is no circle, and the order written is one that works.
  private func checkOrder() throws(PlanError) {
    var seen: Set<String> = []
    for stage in stages {
      for dependency in stage.options.after where !seen.contains(dependency.stage) {
        throw .malformed(
          place: "`\(stage.id)`, after",
          expectation: "a stage in front of it, found `\(dependency.stage)`")
      }
      seen.insert(stage.id)
    }
  }
}

/// Walks a plan and counts.
private struct PlanChecker {
  private var ids: Set<String> = []
  private var stepCount = 0
  private var stepRuns = 0

  mutating func node(_ node: PlanNode, depth: Int, runs: Int) throws(PlanError) {
    try id(node.id)
    try range(depth, 1...PipelineLimits.depth, "`\(node.id)`, its depth")
    try options(node, isStage: depth == 1)
    switch node.work {
    case .sequence(let nodes): try group(node, nodes, depth, runs)
    case .parallel(let nodes, let max):
      try range(max, 1...PipelineLimits.nodes, "`\(node.id)`, max")
      try group(node, nodes, depth, runs)
    case .repeated(let nodes, let repetition):
      try check(repetition, of: node.id)
      try group(node, nodes, depth, runs * repetition.atMost)
    default: try step(node, runs)
    }
    try hooks(node.options.hooks, depth: depth + 1, runs: runs)
  }

  mutating func hooks(_ hooks: [Hook], depth: Int, runs: Int) throws(PlanError) {
    for hook in hooks {
      try node(hook.node, depth: depth, runs: runs)
      try require(hook.node.options.after.isEmpty, hook.node.id, "no `after` in a hook")
    }
  }

  private mutating func group(
    _ node: PlanNode, _ children: [PlanNode], _ depth: Int, _ runs: Int
  ) throws(PlanError) {
    try range(children.count, 1...PipelineLimits.nodes, "`\(node.id)`, its number of parts")
    // Before going down, so that a product cannot overflow.
    try range(runs, 1...PipelineLimits.stepRuns, "`\(node.id)`, the rounds of all repeats")
    for child in children {
      try self.node(child, depth: depth + 1, runs: runs)
      try require(child.options.after.isEmpty, child.id, "`after` on stages only")
    }
  }

  private mutating func step(_ node: PlanNode, _ runs: Int) throws(PlanError) {
    stepCount += 1
    try range(stepCount, 1...PipelineLimits.steps, "`\(node.id)`, steps")
    stepRuns += runs
    try range(stepRuns, 1...PipelineLimits.stepRuns, "`\(node.id)`, steps with all rounds")
    switch node.work {
    case .run(let words):
      try names(words, 1...PipelineLimits.names, "`\(node.id)`, words")
    case .act(let call, let rollback):
      try check(call, "`\(node.id)`")
      if let rollback { try check(rollback, "`\(node.id)`, rollback") }
    case .approve(let rules, let within):
      try check(rules, "`\(node.id)`, rules")
      try time(within, from: 1, "`\(node.id)`, within")
    case .wait(let time): try self.time(time, from: 0, "`\(node.id)`, time")
    case .gate(let gate, let arguments):
      try name(gate, "`\(node.id)`, gate")
      try names(arguments, 0...PipelineLimits.names, "`\(node.id)`, arguments")
    case .sequence, .parallel, .repeated: break
    }
  }

  private func check(_ call: ActionCall, _ place: String) throws(PlanError) {
    try name(call.action, "\(place), action")
    try names(call.arguments, 0...PipelineLimits.names, "\(place), arguments")
    try name(call.gate, "\(place), gate")
    try require(
      ActionEffect(rawValue: call.effect) != nil, place, "an effect: none, staging, production")
  }

  func check(_ rules: [ApprovalRule], _ place: String) throws(PlanError) {
    try range(rules.count, 1...PipelineLimits.approvalRules, place)
    for rule in rules {
      try name(rule.role, "\(place), role")
      try range(rule.count, 1...PipelineLimits.approvalRules, "\(place), count")
      try range(rule.group, 0...0, "\(place), group")
      try names(rule.excluded, 0...PipelineLimits.names, "\(place), excluded")
    }
  }

  private func check(_ repetition: Repetition, of id: String) throws(PlanError) {
    try time(repetition.every, from: 0, "`\(id)`, every")
    try range(repetition.atMost, 1...PipelineLimits.rounds, "`\(id)`, atMost")
    try name(repetition.until, "`\(id)`, until")
    if let rounds = repetition.noProgress {
      try range(rounds, 2...PipelineLimits.rounds, "`\(id)`, noProgress")
    }
  }

  private func options(_ node: PlanNode, isStage: Bool) throws(PlanError) {
    let options = node.options
    let place = "`\(node.id)`"
    for dependency in options.after {
      try results(dependency.results, from: RunResult.allCases, "\(place), after")
    }
    try range(options.after.count, 0...PipelineLimits.stages, "\(place), after")
    if let condition = options.condition { try name(condition, "\(place), condition") }
    if let retry = options.retry { try check(retry, place) }
    if let time = options.attemptTimeout {
      try self.time(time, from: 1, "\(place), attemptTimeout")
    }
    if let time = options.deadline { try self.time(time, from: 1, "\(place), deadline") }
    if !node.work.isTried {
      try require(options.retry == nil, node.id, "retry on `run` and `act` only")
      try require(options.attemptTimeout == nil, node.id, "attemptTimeout on `run` and `act` only")
    }
    if case .run = node.work {
    } else {
      try require(!options.isIdempotent, node.id, "idempotent on `run`, or in an action's call")
    }
    for strategy in options.strategies {
      try results(strategy.results, from: RunResult.bad, "\(place), strategies")
      try require(!strategy.results.isEmpty, node.id, "a strategy that names results")
      try require(strategy.action != .stage || !isStage, node.id, "no `stage` on a stage itself")
    }
    try range(options.strategies.count, 0...RunResult.allCases.count, "\(place), strategies")
    try range(options.hooks.count, 0...PipelineLimits.names, "\(place), hooks")
  }

  private func check(_ retry: RetryPolicy, _ place: String) throws(PlanError) {
    try range(retry.attempts, 1...PipelineLimits.attempts, "\(place), retry, attempts")
    try time(retry.base, from: 0, "\(place), retry, base")
    try time(retry.cap, from: 0, "\(place), retry, cap")
    try time(retry.jitter, from: 0, "\(place), retry, jitter")
    try require(
      (1_000_000...1_000_000_000_000).contains(retry.factor), place,
      "a factor of retry from 1000000 to 1000000000000 millionths")
  }

  private func results(
    _ results: [RunResult], from allowed: [RunResult], _ place: String
  ) throws(PlanError) {
    for (index, result) in results.enumerated() {
      guard allowed.contains(result), !results[..<index].contains(result) else {
        throw .malformed(place: place, expectation: "other results than `\(result.rawValue)`")
      }
    }
  }
}

// Single values.
extension PlanChecker {
  private mutating func id(_ id: String) throws(PlanError) {
    try name(id, "an id")
    // A colon is for what the run names itself.
    guard id.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ":") }) else {
      throw .malformed(place: "id `\(id)`", expectation: "printable ASCII without space and `:`")
    }
    guard ids.insert(id).inserted else {
      throw .malformed(place: "id `\(id)`", expectation: "each id once")
    }
    try range(ids.count, 1...PipelineLimits.nodes, "its parts")
  }

  func name(_ text: String, _ place: String) throws(PlanError) {
    guard (1...PipelineLimits.nameByteCount).contains(text.utf8.count) else {
      throw .malformed(place: place, expectation: "1 to \(PipelineLimits.nameByteCount) bytes")
    }
  }

  func names(_ texts: [String], _ count: ClosedRange<Int>, _ place: String) throws(PlanError) {
    try range(texts.count, count, place)
    for text in texts { try name(text, place) }
  }

  func range(_ value: Int, _ range: ClosedRange<Int>, _ place: String) throws(PlanError) {
    guard range.contains(value) else {
      throw .malformed(
        place: place, expectation: "\(range.lowerBound) to \(range.upperBound), found \(value)")
    }
  }

  private func time(_ value: Int64, from lowest: Int64, _ place: String) throws(PlanError) {
    guard (lowest...PipelineLimits.microseconds).contains(value) else {
      throw .malformed(
        place: place,
        expectation: "\(lowest) to \(PipelineLimits.microseconds) microseconds, found \(value)")
    }
  }

  private func require(
    _ holds: Bool, _ place: String, _ expectation: String
  ) throws(PlanError) {
    if !holds { throw .malformed(place: "`\(place)`", expectation: expectation) }
  }
}

extension PlanWork {
  /// Whether it holds other nodes.
  var isGroup: Bool {
    switch self {
    case .sequence, .parallel, .repeated: true
    case .run, .act, .approve, .wait, .gate: false
    }
  }

  /// Whether a worker does it, attempt after attempt.
  var isTried: Bool {
    switch self {
    case .run, .act: true
    case .approve, .wait, .gate, .sequence, .parallel, .repeated: false
    }
  }
}
