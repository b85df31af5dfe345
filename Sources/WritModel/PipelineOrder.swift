// What comes before what in a pipeline: circles, and whether production is verified.

/// Indexes that go round, in order and without the first again at the end; `nil` where there are none. O(nodes + edges).
///
/// - Parameter before: For each node those that come before it, in bounds.
public func circle(in before: [[Int]]) -> [Int]? {
  var isDone = [Bool?](repeating: nil, count: before.count)
  for root in before.indices where isDone[root] == nil {
    var path = [(node: root, next: 0)]
    isDone[root] = false
    while let (node, next) = path.last {
      guard next < before[node].count else {
        path.removeLast()
        isDone[node] = true
        continue
      }
      path[path.count - 1].next += 1
      let other = before[node][next]
      switch isDone[other] {
      case nil:
        isDone[other] = false
        path.append((other, 0))
      case false?:
        return path.map(\.node).firstIndex(of: other).map { path[$0...].map(\.node) }
      case true?: break
      }
    }
  }
  return nil
}

extension [PipelineStep] {
  /// For each step the steps beside it that come before it, where so many run at once.
  public func before(limit: Int?) -> [[Int]] {
    indices.map { self[$0].needs + (limit == 1 && $0 > 0 ? [$0 - 1] : []) }
  }
}

extension [PipelineStage] {
  /// Calls of actions on production behind which no step surely verifies anything: names of the stage and of the steps
  /// down to the call, in order. O(steps), times how deep they stand within each other; indexes are in bounds.
  ///
  /// A run, a request that touches nothing, a question to a gate and a loop's condition verify what came before. One that a condition
  /// of its own can skip, or the result of another stage,
  /// or whose failure or expiry is ignored, does not. A hook verifies what is done in it and nothing else, and nothing but it verifies that: what
  /// comes behind its stage or step need not begin.
  ///
  /// - Parameters:
  ///   - hooks: Of the whole pipeline.
  ///   - onProduction: Indexes of the actions that touch it.
  ///   - looking: Indexes of the actions that only look: requests that touch nothing.
  public func unverified(
    hooks: [PipelineHook], onProduction: Set<Int>, looking: Set<Int>
  ) -> [(path: [String], place: Int)] {
    // A stage that waits for certain results need not begin, and then none behind it does.
    let covered = preceding(
      map { $0.surelyVerifies(looking) }, map { $0.results.isEmpty ? $0.after : [] })
    var search = UnverifiedSearch(onProduction: onProduction, looking: looking)
    for (stage, isCovered) in zip(self, covered) {
      search.look(
        through: stage.steps, limit: stage.limit, isCovered,
        ignored: stage.responses.ignored, [stage.name])
      search.look(through: stage.hooks, [stage.name])
    }
    search.look(through: hooks, [])
    return search.found
  }
}

/// Which nodes come before one that is marked, directly or through others.
private func preceding(_ marked: [Bool], _ before: [[Int]]) -> [Bool] {
  var found = [Bool](repeating: false, count: marked.count)
  var open = marked.indices.filter { marked[$0] }.flatMap { before[$0] }
  while let node = open.popLast() {
    guard !found[node] else { continue }
    found[node] = true
    open += before[node]
  }
  return found
}

private struct UnverifiedSearch {
  let onProduction: Set<Int>
  let looking: Set<Int>
  var found: [(path: [String], place: Int)] = []

  /// Calls that nothing within these steps, nor behind them, verifies.
  ///
  /// - Parameter ignored: Troubles that something around these steps ignores.
  mutating func look(
    through steps: [PipelineStep], limit: Int?, _ isCovered: Bool, ignored: Set<StepTrouble>,
    _ path: [String]
  ) {
    let covered = preceding(
      steps.map { $0.surelyVerifies(looking, ignored) }, steps.before(limit: limit))
    for (step, isStepCovered) in zip(steps, covered) {
      let (path, isCovered) = (path + [step.name], isCovered || isStepCovered)
      let ignored = ignored.union(step.responses.ignored)
      look(through: step.hooks, path)
      switch step.work {
      case .action(let action, _):
        if onProduction.contains(action), !isCovered { found.append((path, step.place)) }
      case .group(let limit, let steps):
        look(through: steps, limit: limit, isCovered, ignored: ignored, path)
      case .loop(let loop):
        let looks = ignored.isDisjoint(with: StepTrouble.ofWork)
        look(through: loop.steps, limit: 1, isCovered || looks, ignored: ignored, path)
      case .run, .gate, .approval, .wait, .agent: break
      }
    }
  }

  /// Calls in hooks that nothing behind them in their hook verifies.
  mutating func look(through hooks: [PipelineHook], _ path: [String]) {
    for hook in hooks {
      look(
        through: hook.steps, limit: 1, false, ignored: [], path + [hook.moment.rawValue])
    }
  }
}

extension PipelineStage {
  fileprivate func surelyVerifies(_ looking: Set<Int>) -> Bool {
    condition == nil && results.isEmpty
      && steps.contains { $0.surelyVerifies(looking, responses.ignored) }
  }
}

extension PipelineStep {
  /// Whether it looks at what came before, and something follows from what it finds: neither it nor what it stands in ignores that.
  fileprivate func surelyVerifies(_ looking: Set<Int>, _ around: Set<StepTrouble>) -> Bool {
    guard condition == nil else { return false }
    let ignored = around.union(responses.ignored)
    return switch work {
    case .run, .loop: ignored.isDisjoint(with: StepTrouble.ofWork)
    case .gate: ignored.isDisjoint(with: [.denial, .error, .expiry])
    case .group(_, let steps): steps.contains { $0.surelyVerifies(looking, ignored) }
    case .action(let action, _): looking.contains(action) && ignored.isEmpty
    case .approval, .wait, .agent: false
    }
  }
}

extension StepTrouble {
  /// Of work that is done, which no policy denies.
  fileprivate static let ofWork: Set<StepTrouble> = [.failure, .error, .expiry]
}

extension PipelineStep {
  /// The step and all that are within it, in its hooks too.
  public var size: PipelineSize {
    within.flatMap(\.steps).reduce(work.ownSize) { $0 + $1.size }
  }
}

extension PipelineWork {
  /// What it is itself, without what it holds: a loop without steps waits, and is a step.
  public var ownSize: PipelineSize {
    switch self {
    case .run, .action, .gate, .approval, .wait, .agent: PipelineSize(steps: 1)
    case .loop(let loop): loop.steps.isEmpty ? PipelineSize(steps: 1) : PipelineSize(groups: 1)
    case .group: PipelineSize(groups: 1)
    }
  }
}

extension [TroubleResponse] {
  /// Troubles after which it goes on as if nothing had been.
  fileprivate var ignored: Set<StepTrouble> {
    Set(filter { $0.strategy == .ignore }.map(\.trouble))
  }
}
