// Reading a plan: only the one spelling that is written, with the place of the first mistake.
public import WritModel

extension Plan {
  /// Reads the canonical form and nothing else.
  public init(parsing bytes: [UInt8]) throws(PlanError) {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(
        parsing: bytes, limits: JSONLimits(depth: 64, byteCount: PipelineLimits.planByteCount))
    } catch {
      throw .json(error)
    }
    try self.init(value)
    guard canonicalBytes == bytes else { throw .notCanonical }
  }

  /// Reads a document, however it is laid out.
  public init(_ value: JSONValue) throws(PlanError) {
    let object = try Members(value, "the document")
    try object.allow(["concurrency", "format", "freeze", "hooks", "pipeline", "stages"])
    guard try object.integer("format") == 1 else { throw object.error("format", "1") }
    var concurrency: Concurrency?
    if let queue = try object.optional(
      "concurrency",
      { value, place throws(PlanError) in
        try Members(value, place)
      })
    {
      try queue.allow(["group", "limit", "supersedes"])
      concurrency = Concurrency(
        group: try queue.text("group"), limit: try queue.count("limit"),
        supersedes: try queue.flag("supersedes") ?? false)
    }
    try self.init(
      pipeline: try object.text("pipeline"), concurrency: concurrency,
      freeze: try object.optionalText("freeze"), stages: try object.nodes("stages", depth: 1),
      hooks: try object.hooks(depth: 2))
  }
}

/// An object that is being read, and where it stands.
private struct Members {
  let members: [JSONMember]
  let place: String

  init(_ value: JSONValue, _ place: String) throws(PlanError) {
    guard let members = value.object else {
      throw .malformed(place: place, expectation: "an object")
    }
    self.members = members
    self.place = place
  }

  func error(_ name: String, _ expectation: String) -> PlanError {
    .malformed(place: "\(place), \(name)", expectation: expectation)
  }

  func allow(_ names: Set<String>) throws(PlanError) {
    for member in members where !names.contains(member.name) {
      throw error("`\(member.name)`", "no such member")
    }
  }

  private func value(_ name: String) throws(PlanError) -> JSONValue {
    guard let value = find(name) else { throw error(name, "it to be there") }
    return value
  }

  private func find(_ name: String) -> JSONValue? {
    members.first { hasSameBytes($0.name, name) }?.value
  }

  func optional<Value>(
    _ name: String, _ read: (JSONValue, String) throws(PlanError) -> Value
  ) throws(PlanError) -> Value? {
    guard let value = find(name) else { return nil }
    return try read(value, "\(place), \(name)")
  }

  func text(_ name: String) throws(PlanError) -> String {
    guard let text = try value(name).string else { throw error(name, "a string") }
    return text
  }

  func integer(_ name: String) throws(PlanError) -> Int64 {
    guard let number = try value(name).integer else { throw error(name, "a whole number") }
    return number
  }

  func count(_ name: String) throws(PlanError) -> Int { Int(try integer(name)) }

  func optionalInteger(_ name: String) throws(PlanError) -> Int64? {
    find(name) == nil ? nil : try integer(name)
  }

  func optionalText(_ name: String) throws(PlanError) -> String? {
    find(name) == nil ? nil : try text(name)
  }

  func flag(_ name: String) throws(PlanError) -> Bool? {
    guard let value = find(name) else { return nil }
    guard let flag = value.bool else { throw error(name, "true or false") }
    return flag
  }

  func list<Element>(
    _ name: String, _ read: (JSONValue, String) throws(PlanError) -> Element
  ) throws(PlanError) -> [Element] {
    guard let values = try value(name).array else { throw error(name, "an array") }
    var elements: [Element] = []
    for (index, value) in values.enumerated() {
      elements.append(try read(value, "\(place), \(name) \(index)"))
    }
    return elements
  }

  func optionalList<Element>(
    _ name: String, _ read: (JSONValue, String) throws(PlanError) -> Element
  ) throws(PlanError) -> [Element] {
    find(name) == nil ? [] : try list(name, read)
  }

  func texts(_ name: String) throws(PlanError) -> [String] {
    try list(name) { value, place throws(PlanError) in
      guard let text = value.string else {
        throw PlanError.malformed(place: place, expectation: "a string")
      }
      return text
    }
  }

  func word<Word: RawRepresentable>(_ name: String) throws(PlanError) -> Word
  where Word.RawValue == String {
    let text = try text(name)
    guard let word = Word(rawValue: text) else { throw error(name, "another word than `\(text)`") }
    return word
  }

  func results(_ name: String) throws(PlanError) -> [RunResult] {
    var results: [RunResult] = []
    for text in try texts(name) {
      guard let result = RunResult(rawValue: text) else {
        throw error(name, "another result than `\(text)`")
      }
      results.append(result)
    }
    return results
  }

  func nodes(_ name: String, depth: Int) throws(PlanError) -> [PlanNode] {
    try list(name) { value, place throws(PlanError) in
      try Members(value, place).node(depth: depth)
    }
  }
}

// Nodes.
extension Members {
  /// The document's own depth is bounded by the reader of JSON, so this recursion ends.
  fileprivate func node(depth: Int) throws(PlanError) -> PlanNode {
    guard depth <= PipelineLimits.depth else {
      throw error("depth", "at most \(PipelineLimits.depth) levels")
    }
    let named = try Members(.object(members), "`\(try text("id"))`")
    return PlanNode(
      try text("id"), try named.work(depth: depth), try named.options(depth: depth))
  }

  private static let shared: Set<String> = [
    "id", "kind", "after", "condition", "retry", "attemptTimeout", "deadline", "idempotent",
    "strategies", "hooks",
  ]

  private func work(depth: Int) throws(PlanError) -> PlanWork {
    let kind = try text("kind")
    func allowing(_ names: Set<String>) throws(PlanError) {
      try allow(names.union(Members.shared))
    }
    switch kind {
    case "run":
      try allowing(["words"])
      return .run(words: try texts("words"))
    case "act":
      try allowing(["call", "rollback"])
      return .act(
        try Members(try value("call"), "\(place), call").call(),
        rollback: try optional("rollback") { value, place throws(PlanError) in
          try Members(value, place).call()
        })
    case "approve":
      try allowing(["rules", "within"])
      return .approve(rules: try rules(), within: try integer("within"))
    case "wait":
      try allowing(["time"])
      return .wait(try integer("time"))
    case "gate":
      try allowing(["gate", "arguments"])
      return .gate(name: try text("gate"), arguments: try texts("arguments"))
    default: return try group(kind, depth: depth, allowing)
    }
  }

  private func group(
    _ kind: String, depth: Int, _ allowing: (Set<String>) throws(PlanError) -> Void
  ) throws(PlanError) -> PlanWork {
    switch kind {
    case "sequence":
      try allowing(["nodes"])
      return .sequence(try nodes("nodes", depth: depth + 1))
    case "parallel":
      try allowing(["nodes", "max"])
      return .parallel(try nodes("nodes", depth: depth + 1), max: try count("max"))
    case "repeat":
      try allowing(["nodes", "every", "atMost", "until", "noProgress"])
      let repetition = Repetition(
        every: try integer("every"), atMost: try count("atMost"), until: try text("until"),
        noProgress: try optionalInteger("noProgress").map { Int($0) })
      return .repeated(try nodes("nodes", depth: depth + 1), repetition)
    default: throw error("kind", "another word than `\(kind)`")
    }
  }

  private func call() throws(PlanError) -> ActionCall {
    try allow(["action", "arguments", "effect", "gate", "idempotent"])
    return ActionCall(
      action: try text("action"), arguments: try texts("arguments"), effect: try text("effect"),
      gate: try text("gate"), isIdempotent: try flag("idempotent") ?? false)
  }

  private func rules() throws(PlanError) -> [ApprovalRule] {
    try list("rules") { value, place throws(PlanError) in
      let rule = try Members(value, place)
      try rule.allow(["role", "count", "except"])
      return ApprovalRule(
        role: try rule.text("role"), count: try rule.count("count"),
        excluded: try rule.texts("except"))
    }
  }

  private func options(depth: Int) throws(PlanError) -> NodeOptions {
    var options = NodeOptions()
    options.after = try optionalList("after") { value, place throws(PlanError) in
      let dependency = try Members(value, place)
      try dependency.allow(["stage", "results"])
      return StageDependency(
        try dependency.text("stage"), results: try dependency.results("results"))
    }
    options.condition = try optionalText("condition")
    options.retry = try optional("retry") { value, place throws(PlanError) in
      try Members(value, place).retry()
    }
    options.attemptTimeout = try optionalInteger("attemptTimeout")
    options.deadline = try optionalInteger("deadline")
    options.isIdempotent = try flag("idempotent") ?? false
    options.strategies = try optionalList("strategies") { value, place throws(PlanError) in
      let strategy = try Members(value, place)
      try strategy.allow(["results", "action"])
      return FailureStrategy(try strategy.results("results"), try strategy.word("action"))
    }
    options.hooks = try hooks(depth: depth + 1)
    return options
  }

  /// - Parameter depth: Of what they do.
  func hooks(depth: Int) throws(PlanError) -> [Hook] {
    try optionalList("hooks") { value, place throws(PlanError) in
      let hook = try Members(value, place)
      try hook.allow(["moment", "node"])
      let node = try Members(try hook.value("node"), "\(place), node").node(depth: depth)
      return Hook(try hook.word("moment"), node)
    }
  }

  private func retry() throws(PlanError) -> RetryPolicy {
    try allow(["attempts", "base", "factor", "cap", "jitter"])
    return RetryPolicy(
      attempts: try count("attempts"), base: try integer("base"), factor: try integer("factor"),
      cap: try integer("cap"), jitter: try integer("jitter"))
  }
}
