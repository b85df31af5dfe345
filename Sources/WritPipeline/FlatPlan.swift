// A plan laid out flat: every node by a number, so that a run is arrays.

/// The nodes of a plan in a fixed order: a parent in front of its parts, then its hooks, then its rollback; the plan's own hooks last.
struct FlatPlan: Sendable {
  /// All nodes; events name them by their place here.
  private(set) var nodes: [FlatNode] = []
  /// The condition under which no stage begins, if there is one.
  let freeze: String?
  /// Places of the stages.
  private(set) var stages: [Int] = []
  /// Places of what runs at the end of all, `ensure` last.
  private(set) var hooks: [Int] = []
  /// Places of the stages each stage waits for, by the stage's number.
  private(set) var dependencies: [[(stage: Int, results: [RunResult])]] = []

  init(_ plan: Plan) {
    freeze = plan.freeze
    var places: [String: Int] = [:]
    for stage in plan.stages {
      let place = add(stage, parent: nil, role: .part)
      dependencies.append(
        stage.options.after.compactMap { dependency in
          places[dependency.stage].map { ($0, dependency.results) }
        })
      places[stage.id] = place
      stages.append(place)
    }
    for hook in plan.hooks.ordered {
      hooks.append(add(hook.node, parent: nil, role: .hook(hook.moment)))
    }
  }

  private mutating func add(_ node: PlanNode, parent: Int?, role: FlatNode.Role) -> Int {
    let place = nodes.count
    let isApart = role != .part || (parent.map { nodes[$0].isInHook } ?? false)
    nodes.append(FlatNode(node, parent: parent, role: role, isInHook: isApart))
    for child in node.work.parts {
      let added = add(child, parent: place, role: .part)
      nodes[place].children.append(added)
    }
    for hook in node.options.hooks.ordered {
      let added = add(hook.node, parent: place, role: .hook(hook.moment))
      nodes[place].hooks.append(added)
    }
    // What runs when all is over is not taken back.
    if case .act(_, let rollback?) = node.work, !isAtEnd(place) {
      var options = NodeOptions()
      options.retry = node.options.retry
      options.attemptTimeout = node.options.attemptTimeout
      let way = PlanNode(PlanNode.rollbackID(of: node.id), .act(rollback, rollback: nil), options)
      nodes[place].rollback = add(way, parent: place, role: .rollback)
    }
    nodes[place].end = nodes.count
    return place
  }
}

extension FlatPlan {
  /// Whether a node is, or lies in, a hook of the whole plan.
  private func isAtEnd(_ place: Int) -> Bool {
    var top = place
    while let parent = nodes[top].parent { top = parent }
    return nodes[top].role != .part
  }
}

extension [Hook] {
  /// In the order in which they run.
  public var ordered: [Hook] {
    filter { $0.moment != .ensure } + filter { $0.moment == .ensure }
  }
}

extension PlanNode {
  /// The name of the node that takes another one back. A plan whose ids hold a colon is refused, so it is no other node.
  public static func rollbackID(of id: String) -> String { id + rollbackMark }

  /// Whether a name is that of a node that takes another one back.
  public static func isRollback(_ id: String) -> Bool { id.endsWithBytes(of: rollbackMark) }

  /// The name of the node that a node of that name takes back; `nil` where it takes none back.
  public static func undone(by id: String) -> String? {
    isRollback(id)
      ? String(decoding: id.utf8.dropLast(rollbackMark.utf8.count), as: UTF8.self) : nil
  }

  private static let rollbackMark = ":rollback"
}

/// One node of a plan.
struct FlatNode: Sendable {
  enum Role: Hashable, Sendable {
    case part
    case hook(HookMoment)
    case rollback
  }

  let id: String
  let work: PlanWork
  let options: NodeOptions
  let parent: Int?
  let role: Role
  /// Whether it is, or lies in, a hook or a rollback.
  let isInHook: Bool
  var children: [Int] = []
  var hooks: [Int] = []
  var rollback: Int?
  /// The place behind all that it holds.
  var end = 0

  init(_ node: PlanNode, parent: Int?, role: Role, isInHook: Bool) {
    id = node.id
    // Parts are nodes of their own here.
    work = node.work.withoutParts
    var options = node.options
    options.hooks = []
    self.options = options
    self.parent = parent
    self.role = role
    self.isInHook = isInHook
  }

  /// Parts that may run at once.
  var width: Int {
    if case .parallel(_, let max) = work { max } else { 1 }
  }

  /// Whether doing it twice is as good as once.
  var isIdempotent: Bool {
    switch work {
    case .act(let call, _): call.isIdempotent
    case .run: options.isIdempotent
    case .approve, .wait, .gate, .sequence, .parallel, .repeated: true
    }
  }
}

extension PlanWork {
  fileprivate var parts: [PlanNode] {
    switch self {
    case .sequence(let nodes), .parallel(let nodes, _), .repeated(let nodes, _): nodes
    case .run, .act, .approve, .wait, .gate: []
    }
  }

  fileprivate var withoutParts: PlanWork {
    switch self {
    case .sequence: .sequence([])
    case .parallel(_, let max): .parallel([], max: max)
    case .repeated(_, let repetition): .repeated([], repetition)
    case .run, .act, .approve, .wait, .gate: self
    }
  }
}
