// Pipelines in a manifest. The member `pipelines` is there only where there are pipelines, so that bundles without them
// have the bytes that they always had. Numbers and truths that say nothing are left out.
import WritModel

extension Program {
  /// `nil` where there are none.
  var pipelinesJSON: JSONValue? { pipelines.isEmpty ? nil : .array(pipelines.map(\.json)) }
}

extension PipelineProgram {
  fileprivate var json: JSONValue {
    .object(of: [
      ("at", .string(position)), ("concurrency", concurrency?.json),
      ("deadline", deadline.map { .number(of: $0) }),
      ("freeze", freeze.map { .number(of: $0) }), ("hooks", hooks.json), ("name", .string(name)),
      ("outputs", outputs.isEmpty ? nil : .array(outputs.map(\.json))),
      ("parameters", .array(parameters.map(\.json))), ("places", .strings(places)),
      ("stages", .array(stages.map(\.json))), ("unverified", isUnverified ? true : nil),
      ("values", .array(values.map(\.json))),
    ])
  }
}

extension PipelineConcurrency {
  fileprivate var json: JSONValue {
    .object(of: [
      ("group", .string(group)), ("limit", .number(of: limit)), ("supersedes", .bool(supersedes)),
    ])
  }
}

extension PipelineValue {
  fileprivate var json: JSONValue {
    .object(of: [
      ("asks", asks.isEmpty ? nil : .array(asks.map(\.json))),
      ("reads", reads.isEmpty ? nil : .array(reads.map(\.json))),
      ("routine", .number(of: routine)), ("text", text.isEmpty ? nil : .string(text)),
      ("type", type.json),
    ])
  }
}

extension ResultRead {
  fileprivate var json: JSONValue {
    .object(of: [("mark", .number(of: mark)), ("results", .strings(results.map(\.rawValue)))])
  }
}

extension StageResults {
  fileprivate var json: JSONValue {
    .object(of: [("results", .strings(results.map(\.rawValue))), ("stage", .number(of: stage))])
  }
}

extension OutputRead {
  /// The number of the output, in a list of its own where it may be absent.
  fileprivate var json: JSONValue { mayBeAbsent ? .numbers([output]) : .number(of: output) }
}

extension PipelineStage {
  fileprivate var json: JSONValue {
    .object(of: [
      ("after", .numbers(after)), ("hooks", hooks.json), ("limit", limit.map { .number(of: $0) }),
      ("mark", mark.map { .number(of: $0) }),
      ("results", results.isEmpty ? nil : .array(results.map(\.json))),
      ("name", .string(name)), ("on", responses.json), ("place", .number(of: place)),
      ("steps", .array(steps.map(\.json))), ("when", condition.map { .number(of: $0) }),
    ])
  }
}

extension [TroubleResponse] {
  /// `["failure", "ignore"]` each; `nil` for none.
  fileprivate var json: JSONValue? {
    isEmpty ? nil : .array(map { .strings([$0.trouble.rawValue, $0.strategy.rawValue]) })
  }
}

extension [PipelineHook] {
  /// `nil` for none.
  fileprivate var json: JSONValue? {
    isEmpty
      ? nil
      : .array(
        map { hook in
          .object(of: [
            ("moment", .string(hook.moment.rawValue)), ("steps", .array(hook.steps.map(\.json))),
          ])
        })
  }
}

extension PipelineStep {
  fileprivate var json: JSONValue {
    .object(
      of: [
        ("deadline", deadline.map { .number(of: $0) }), ("hooks", hooks.json),
        ("idempotent", isIdempotent ? true : nil),
        ("inSight", inSight.isEmpty ? nil : .numbers(inSight)),
        ("mark", mark.map { .number(of: $0) }), ("name", .string(name)),
        ("needs", needs.isEmpty ? nil : .numbers(needs)), ("on", responses.json),
        ("output", output.map { .number(of: $0) }), ("place", .number(of: place)),
        ("retry", retry?.json),
        ("timeout", timeout.map { .number(of: $0) }),
        ("when", condition.map { .number(of: $0) }),
      ] + work.members)
  }
}

extension RetryPolicy {
  fileprivate var json: JSONValue {
    .object(of: [
      ("attempts", .number(of: attempts)), ("base", .number(of: base)), ("cap", .number(of: cap)),
      ("factor", .number(of: factor)), ("jitter", .number(of: jitter)),
    ])
  }
}

extension PipelineWork {
  /// `does` says which work it is; the others are its own.
  fileprivate var members: [(String, JSONValue?)] {
    switch self {
    case .run(let words):
      [("does", "run"), ("words", .array(words.map { .array($0.pieces.map(\.json)) }))]
    case .action(let action, let arguments):
      [("does", "action"), ("arguments", .numbers(arguments)), ("action", .number(of: action))]
    case .gate(let gate, let arguments):
      [("does", "gate"), ("arguments", .numbers(arguments)), ("gate", .number(of: gate))]
    case .approval(let approval):
      [("does", "approval"), ("within", .number(of: approval.within))]
        + (approval.rules.first?.members ?? [])
        + [
          (
            "and",
            approval.rules.count < 2
              ? nil : .array(approval.rules.dropFirst().map { .object(of: $0.members) })
          )
        ]
    case .wait(let time): [("does", "wait"), ("time", .number(of: time))]
    case .agent(let agent):
      [
        ("does", "agent"), ("agent", .string(agent.name)),
        ("task", .array(agent.task.pieces.map(\.json))), ("time", .number(of: agent.time)),
        ("calls", .number(of: agent.calls)), ("tokens", .number(of: agent.tokens)),
      ]
    case .group(let limit, let steps):
      [
        ("does", "group"), ("limit", limit.map { .number(of: $0) }),
        ("steps", .array(steps.map(\.json))),
      ]
    case .loop(let loop):
      [
        ("does", "loop"), ("every", .number(of: loop.interval)), ("most", .number(of: loop.most)),
        ("unchanged", loop.unchanged.map { .number(of: $0) }),
        ("until", .number(of: loop.until)), ("steps", .array(loop.steps.map(\.json))),
      ]
    }
  }
}

extension PipelineWord.Piece {
  /// A text, or the number of a value.
  fileprivate var json: JSONValue {
    switch self {
    case .text(let text): .string(text)
    case .value(let value): .number(of: value)
    }
  }
}

// Reading.
extension ManifestReader {
  /// None where the member is left out.
  func pipelines() throws(BundleError) -> [PipelineProgram] {
    guard optional("pipelines") != nil else { return [] }
    return try list("pipelines") { (item) throws(BundleError) in try item.pipeline() }
  }

  private func pipeline() throws(BundleError) -> PipelineProgram {
    PipelineProgram(
      name: try text("name"), parameters: try variables("parameters"),
      concurrency: try concurrency(), deadline: try optional("deadline")?.number(),
      isUnverified: try flag("unverified"), freeze: try optional("freeze")?.index(),
      stages: try list("stages") { (item) throws(BundleError) in try item.stage() },
      hooks: try hooks(),
      values: try list("values") { (item) throws(BundleError) in
        PipelineValue(
          routine: try item.index("routine"), type: try item.member("type").type(),
          reads: try item.reads(), asks: try item.asks(),
          text: try item.optional("text")?.text() ?? "")
      }, places: try texts("places"), position: try text("at"),
      outputs: optional("outputs") == nil ? [] : try variables("outputs"))
  }

  private func reads() throws(BundleError) -> [OutputRead] {
    guard let reads = optional("reads") else { return [] }
    var found: [OutputRead] = []
    for read in try reads.elements() {
      if read.value.array == nil {
        found.append(OutputRead(output: try read.index(), mayBeAbsent: false))
      } else {
        let numbers = try read.indexes()
        guard numbers.count == 1 else { throw read.error("expected one output") }
        found.append(OutputRead(output: numbers[0], mayBeAbsent: true))
      }
    }
    return found
  }

  private func asks() throws(BundleError) -> [ResultRead] {
    guard let asks = optional("asks") else { return [] }
    var found: [ResultRead] = []
    for ask in try asks.elements() {
      found.append(ResultRead(mark: try ask.index("mark"), results: try ask.partResults()))
    }
    return found
  }

  private func partResults() throws(BundleError) -> [PartResult] {
    try list("results") { (item) throws(BundleError) in try item.named() }
  }

  /// What is left out where it is false, and true where it is there.
  private func flag(_ name: String) throws(BundleError) -> Bool {
    guard let flag = optional(name) else { return false }
    guard try flag.truth() else { throw flag.error("expected true, or nothing at all") }
    return true
  }

  private func concurrency() throws(BundleError) -> PipelineConcurrency? {
    guard let concurrency = optional("concurrency") else { return nil }
    return PipelineConcurrency(
      group: try concurrency.text("group"), limit: try concurrency.index("limit"),
      supersedes: try concurrency.truth("supersedes"))
  }

  private func stage() throws(BundleError) -> PipelineStage {
    PipelineStage(
      name: try text("name"), place: try index("place"), after: try member("after").indexes(),
      results: try stageResults(), condition: try optional("when")?.index(),
      limit: try optional("limit")?.index(),
      responses: try responses(), steps: try stepsWithin(), hooks: try hooks(),
      mark: try optional("mark")?.index())
  }

  private func stageResults() throws(BundleError) -> [StageResults] {
    guard let results = optional("results") else { return [] }
    var found: [StageResults] = []
    for result in try results.elements() {
      found.append(
        StageResults(stage: try result.index("stage"), results: try result.partResults()))
    }
    return found
  }

  private func stepsWithin() throws(BundleError) -> [PipelineStep] {
    try list("steps") { (item) throws(BundleError) in try item.step() }
  }

  private func hooks() throws(BundleError) -> [PipelineHook] {
    guard let hooks = optional("hooks") else { return [] }
    var found: [PipelineHook] = []
    for hook in try hooks.elements() {
      found.append(
        PipelineHook(moment: try hook.member("moment").named(), steps: try hook.stepsWithin()))
    }
    return found
  }

  private func responses() throws(BundleError) -> [TroubleResponse] {
    guard let responses = optional("on") else { return [] }
    var found: [TroubleResponse] = []
    for response in try responses.elements() {
      let words = try response.elements()
      guard words.count == 2 else { throw response.error("expected a trouble and a strategy") }
      found.append(TroubleResponse(trouble: try words[0].named(), strategy: try words[1].named()))
    }
    return found
  }

  private func step() throws(BundleError) -> PipelineStep {
    PipelineStep(
      name: try text("name"), place: try index("place"), work: try work(),
      needs: try optional("needs")?.indexes() ?? [], condition: try optional("when")?.index(),
      retry: try retry(), timeout: try optional("timeout")?.number(),
      deadline: try optional("deadline")?.number(), isIdempotent: try flag("idempotent"),
      responses: try responses(), output: try optional("output")?.index(),
      inSight: try optional("inSight")?.indexes() ?? [], hooks: try hooks(),
      mark: try optional("mark")?.index())
  }

  private func retry() throws(BundleError) -> RetryPolicy? {
    guard let retry = optional("retry") else { return nil }
    return RetryPolicy(
      attempts: try retry.index("attempts"), base: try retry.number("base"),
      cap: try retry.number("cap"), factor: try retry.number("factor"),
      jitter: try retry.number("jitter"))
  }

  private func approvers() throws(BundleError) -> PipelineApprovers {
    PipelineApprovers(
      role: try text("role"), count: try index("count"), except: try optional("except")?.index())
  }

  private func work() throws(BundleError) -> PipelineWork {
    switch try text("does") {
    case "run":
      .run(
        try list("words") { (word) throws(BundleError) in try word.word() })
    case "action": .action(try index("action"), arguments: try member("arguments").indexes())
    case "gate": .gate(try index("gate"), arguments: try member("arguments").indexes())
    case "approval":
      .approval(
        PipelineApproval(
          [try approvers()]
            + (optional("and") == nil
              ? [] : try list("and") { (item) throws(BundleError) in try item.approvers() }),
          within: try number("within")))
    case "wait": .wait(try number("time"))
    case "agent":
      .agent(
        PipelineAgent(
          name: try text("agent"), task: try member("task").word(), time: try number("time"),
          calls: try index("calls"), tokens: try number("tokens")))
    case "group": .group(limit: try optional("limit")?.index(), try stepsWithin())
    case "loop":
      .loop(
        PipelineLoop(
          interval: try number("every"), most: try index("most"),
          unchanged: try optional("unchanged")?.index(), until: try index("until"),
          steps: try stepsWithin()))
    default:
      throw error("expected `does` to be run, action, gate, approval, wait, agent, group or loop")
    }
  }

  private func word() throws(BundleError) -> PipelineWord {
    var pieces: [PipelineWord.Piece] = []
    for piece in try elements() {
      if let text = piece.value.string {
        pieces.append(.text(text))
      } else {
        pieces.append(.value(try piece.index()))
      }
    }
    return PipelineWord(pieces: pieces)
  }
}

extension PipelineApprovers {
  fileprivate var members: [(String, JSONValue?)] {
    [
      ("role", .string(role)), ("count", .number(of: count)),
      ("except", except.map { .number(of: $0) }),
    ]
  }
}
