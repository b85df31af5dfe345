// Plans drawn from a seed, and what must come of those in which nothing runs beside anything else, worked out
// by plain recursion.

import WritCrypto
import WritModel
import WritPipeline
import WritTesting

struct PlanSource {
  var random: SplitMix64
  let isParallel: Bool
  private var count = 0

  init(seed: UInt64, isParallel: Bool) {
    random = SplitMix64(seed: seed)
    self.isParallel = isParallel
  }

  private mutating func chance(_ percent: Int) -> Bool { random.below(100) < percent }

  mutating func plan() throws -> Plan {
    var stages: [PlanNode] = []
    for number in 0..<1 + random.below(4) {
      var stage = group(depth: 1)
      if number > 0 {
        var options = stage.options
        let needed = random.below(number)
        let results: [RunResult] = chance(80) ? [] : [.failed, .skipped, .denied]
        options.after = [
          StageDependency(stages[isParallel ? needed : number - 1].id, results: results)
        ]
        stage = PlanNode(stage.id, stage.work, options)
      }
      stages.append(stage)
    }
    let freeze = chance(40) ? "freeze" : nil
    var hooks: [Hook] = []
    for moment in HookMoment.allCases where chance(25) {
      hooks.append(Hook(moment, chance(30) ? group(depth: 2) : leaf(depth: 2)))
    }
    return try Plan(
      pipeline: "random", concurrency: nil, freeze: freeze, stages: stages, hooks: hooks)
  }

  private mutating func id(_ kind: String) -> String {
    count += 1
    return "\(kind)\(count)"
  }

  private mutating func node(depth: Int) -> PlanNode {
    depth < 3 && chance(35) ? group(depth: depth) : leaf(depth: depth)
  }

  private mutating func group(depth: Int) -> PlanNode {
    let id = id("g")
    let parts = (0..<1 + random.below(3)).map { _ in node(depth: depth + 1) }
    var options = shared(depth: depth)
    let kind = random.below(100)
    if kind < 20 {
      let bounds = Repetition(
        every: Int64(random.below(3)) * second, atMost: 1 + random.below(3), until: "until",
        noProgress: chance(30) ? 2 : nil)
      return PlanNode(id, .repeated(parts, bounds), options)
    }
    if isParallel && kind < 60 {
      return PlanNode(id, .parallel(parts, max: 1 + random.below(3)), options)
    }
    if depth == 1 && chance(30) {
      options.strategies.append(FailureStrategy(RunResult.bad, .rollback))
    }
    return PlanNode(id, .sequence(parts), options)
  }

  private mutating func leaf(depth: Int) -> PlanNode {
    var options = shared(depth: depth)
    let kind = random.below(100)
    if kind < 10 { return PlanNode(id("w"), .wait(Int64(random.below(9)) * second), options) }
    if kind < 18 { return PlanNode(id("q"), .gate(name: "ready", arguments: []), options) }
    if kind < 25 {
      let rule = ApprovalRule(role: "owner", count: 1 + random.below(2), excluded: [])
      return PlanNode(id("p"), .approve(rules: [rule], within: 60 * second), options)
    }
    if chance(40) {
      options.retry = RetryPolicy(
        attempts: 1 + random.below(3), base: second, factor: 2_000_000, cap: 5 * second,
        jitter: second)
    }
    if kind < 60 {
      options.isIdempotent = chance(50)
      return PlanNode(id("s"), .run(words: ["true"]), options)
    }
    let isIdempotent = chance(50)
    return PlanNode(
      id("d"),
      .act(
        call("deploy", idempotent: isIdempotent),
        rollback: chance(60) ? call("restore", idempotent: isIdempotent) : nil), options)
  }

  private mutating func shared(depth: Int) -> NodeOptions {
    var options = NodeOptions()
    if chance(20) { options.condition = "c\(random.below(4))" }
    if chance(25) {
      let actions: [FailureAction] =
        depth == 1 ? [.abort, .ignore, .rollback] : [.abort, .ignore, .rollback, .stage]
      let action = random.pick(actions) ?? .abort
      options.strategies = [FailureStrategy(chance(50) ? [.failed] : RunResult.bad, action)]
    }
    if depth < 3 && chance(15) {
      let moment = random.pick(HookMoment.allCases) ?? .ensure
      options.hooks = [Hook(moment, leaf(depth: 3))]
    }
    return options
  }
}

extension RunResult {
  static let bad: [RunResult] = [.failed, .errored, .denied, .expired]
}

/// What must come of a plan in which nothing runs beside anything else.
struct Expectation {
  let fate: Fate
  private(set) var results: [String: RunResult] = [:]
  private var rounds: [String: Int] = [:]
  private var isStopped = false
  private(set) var wantsRollback = false
  /// How all of it ends.
  private(set) var result = RunResult.succeeded

  struct End {
    var result: RunResult
    var isGood: Bool
    var isSettled = false
    var isForStage = false
  }

  init(_ fate: Fate, _ plan: Plan) {
    self.fate = fate
    var ends: [String: (End, isLeftOut: Bool)] = [:]
    for stage in plan.stages {
      if isStopped { continue }
      let isMet = stage.options.after.allSatisfy { dependency in
        guard let (end, isLeftOut) = ends[dependency.stage] else { return false }
        return dependency.results.isEmpty
          ? end.isGood && !isLeftOut : dependency.results.contains(end.result)
      }
      if isMet {
        ends[stage.id] = (play(stage, isStage: true, inHook: false), false)
      } else {
        results[stage.id] = .skipped
        ends[stage.id] = (End(result: .skipped, isGood: true), true)
      }
    }
    let order: [RunResult] = [.errored, .denied, .failed, .expired, .cancelled]
    let bad = ends.values.map(\.0).filter { !$0.isGood }.map(\.result)
    var end = End(result: order.first { bad.contains($0) } ?? .succeeded, isGood: bad.isEmpty)
    hooks(plan.hooks, &end)
    result = end.result
  }

  private func name(_ id: String) -> String {
    let round = rounds[id] ?? 1
    return round == 1 ? id : "\(id):\(round)"
  }

  private mutating func play(_ node: PlanNode, isStage: Bool, inHook: Bool) -> End {
    results[node.id] = nil
    var end = End(result: .succeeded, isGood: true)
    switch node.options.condition.map({ fate.answer($0, name(node.id)) }) ?? .yes {
    case .yes: end = work(node, inHook: inHook)
    case .no: end.result = .skipped
    case .unknown: end.result = .errored
    }
    if end.result != .skipped { hooks(node.options.hooks, &end) }
    results[node.id] = end.result
    end.isGood = end.result == .succeeded || end.result == .skipped
    if !end.isGood && end.result != .cancelled && !end.isSettled && (isStage || !end.isForStage) {
      follow(node, &end, isStage: isStage, inHook: inHook)
    }
    return end
  }

  private mutating func hooks(_ hooks: [Hook], _ end: inout End) {
    for hook in hooks {
      let fits: Bool =
        switch hook.moment {
        case .onSuccess: end.result == .succeeded
        case .onFailure: [.failed, .denied, .expired].contains(end.result)
        case .onError: end.result == .errored
        case .onAbort: end.result == .cancelled
        case .ensure: true
        }
      guard fits else { continue }
      let hooked = play(hook.node, isStage: false, inHook: true)
      if !hooked.isGood && end.result == .succeeded { end.result = hooked.result }
    }
  }

  private mutating func follow(
    _ node: PlanNode, _ end: inout End, isStage: Bool, inHook: Bool
  ) {
    let action = node.options.strategies.first { $0.results.contains(end.result) }?.action
    switch action ?? (isStage ? .abort : nil) {
    case nil: break
    case .ignore: end.isGood = true
    case .stage: end.isForStage = true
    case .abort, .rollback:
      if inHook { return }
      isStopped = true
      wantsRollback = wantsRollback || action == .rollback
      end.isSettled = true
    }
  }

  private mutating func work(_ node: PlanNode, inHook: Bool) -> End {
    switch node.work {
    case .sequence(let parts), .parallel(let parts, _): return sequence(parts, inHook: inHook)
    case .repeated(let parts, let bounds): return rounds(node, parts, bounds, inHook: inHook)
    case .wait, .approve: return End(result: .succeeded, isGood: true)
    case .gate:
      let isDenied = fate.gate(name(node.id), attempt: 1) == .deny
      return End(result: isDenied ? .denied : .succeeded, isGood: !isDenied)
    case .run, .act:
      let attempts = node.options.retry?.attempts ?? 1
      var result = RunResult.succeeded
      for attempt in 1...attempts {
        if case .act = node.work, fate.gate(name(node.id), attempt: attempt) == .deny {
          // What was let in before may have done something.
          return End(result: attempt > 1 ? .failed : .denied, isGood: false)
        }
        result = fate.ending(name(node.id), attempt: attempt).result
        if result == .succeeded || result == .denied { break }
      }
      return End(result: result, isGood: result == .succeeded)
    }
  }

  private mutating func sequence(_ parts: [PlanNode], inHook: Bool) -> End {
    for part in parts {
      if isStopped && !inHook { return End(result: .cancelled, isGood: false) }
      let end = play(part, isStage: false, inHook: inHook)
      if !end.isGood { return end }
    }
    return End(result: .succeeded, isGood: true)
  }

  private mutating func rounds(
    _ node: PlanNode, _ parts: [PlanNode], _ bounds: Repetition, inHook: Bool
  ) -> End {
    var same = 0
    var before: [String]?
    for round in 1...bounds.atMost {
      if round > 1 { for part in parts { renew(part) } }
      let end = sequence(parts, inHook: inHook)
      if !end.isGood { return end }
      switch fate.isOver(name(node.id), rounds: self.rounds[parts[0].id] ?? 1) {
      case .yes: return End(result: .succeeded, isGood: true)
      case .unknown: return End(result: .errored, isGood: false)
      case .no: break
      }
      let outputs = parts.map { output($0) }
      same = outputs == before ? same + 1 : 1
      before = outputs
      if let limit = bounds.noProgress, same >= limit { break }
    }
    return End(result: .failed, isGood: false)
  }

  /// What a part gave out, as far as it tells two rounds apart.
  private func output(_ part: PlanNode) -> String {
    guard let result = results[part.id], result != .skipped || part.options.condition == nil else {
      return "skipped"
    }
    switch part.work {
    case .run, .act:
      let attempts = part.options.retry?.attempts ?? 1
      var last: Digest?
      for attempt in 1...attempts {
        if case .act = part.work, fate.gate(name(part.id), attempt: attempt) == .deny { break }
        let ending = fate.ending(name(part.id), attempt: attempt)
        last = ending.outputs
        if ending.result == .succeeded || ending.result == .denied { break }
      }
      return "\(result.rawValue) \(last?.hex ?? "")"
    case .sequence(let parts), .parallel(let parts, _):
      guard result == .succeeded else { return result.rawValue }
      return "\(result.rawValue) (\(parts.map { output($0) }.joined(separator: ",")))"
    case .repeated(let parts, _):
      return "\(result.rawValue) (\(parts.map { output($0) }.joined(separator: ",")))"
    case .wait, .approve, .gate: return result.rawValue
    }
  }

  private mutating func renew(_ node: PlanNode) {
    rounds[node.id] = (rounds[node.id] ?? 1) + 1
    results[node.id] = nil
    let parts: [PlanNode] =
      switch node.work {
      case .sequence(let nodes), .parallel(let nodes, _), .repeated(let nodes, _): nodes
      default: []
      }
    for part in parts + node.options.hooks.map(\.node) { renew(part) }
  }
}
