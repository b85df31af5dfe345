// The assembler's lines about pipelines. A step says how deep it stands, as its lines follow one another.
import WritModel

extension Assembler {
  /// `pipeline NAME at PLACE unverified? (deadline N)? (freeze N)?`, then parameters, concurrency, outputs, values, places, stages,
  /// and `once MOMENT` for each hook of the whole, each with its steps.
  mutating func readPipeline(_ line: AssemblyLine) throws(AssemblyError) {
    var line = line
    mark(.pipelines, program.pipelines.count, line)
    let name = try line.text()
    try line.expect("at")
    let position = try line.text()
    let isUnverified = line.take("unverified")
    let deadline = try line.optional("deadline") { (line) throws(AssemblyError) in
      try line.number64()
    }
    let freeze = try line.optionalIndex("freeze")
    try line.finish()
    let parameters = try variables("parameter")
    let concurrency = try concurrency()
    let outputs = try variables("output")
    var values: [PipelineValue] = []
    while let line = try lines.take("value") { values.append(try pipelineValue(line)) }
    var places: [String] = []
    while var line = try lines.take("place") {
      places.append(try line.text())
      try line.finish()
    }
    var stages: [PipelineStage] = []
    while let line = try lines.take("stage") { stages.append(try stage(line)) }
    var hooks: [PipelineHook] = []
    while var line = try lines.take("once") {
      let moment: PipelineMoment = try line.named()
      try line.finish()
      hooks.append(PipelineHook(moment: moment, steps: try steps(depth: 1)))
    }
    program.pipelines.append(
      PipelineProgram(
        name: name, parameters: parameters, concurrency: concurrency, deadline: deadline,
        isUnverified: isUnverified, freeze: freeze, stages: stages, hooks: hooks, values: values,
        places: places, position: position, outputs: outputs))
  }

  /// `value routine N (read N perhaps?)* TYPE (text TEXT)?`, then `ask MARK RESULT+`, any number of times.
  private mutating func pipelineValue(_ line: AssemblyLine) throws(AssemblyError) -> PipelineValue {
    var line = line
    let routine = try line.index("routine")
    var reads: [OutputRead] = []
    while line.take("read") {
      let output = try line.index()
      reads.append(OutputRead(output: output, mayBeAbsent: line.take("perhaps")))
    }
    let type = try type(&line)
    let text = try line.take("text") ? line.text() : ""
    try line.finish()
    let asks = try results("ask").map { ResultRead(mark: $0.number, results: $0.results) }
    return PipelineValue(routine: routine, type: type, reads: reads, asks: asks, text: text)
  }

  /// `KEYWORD N RESULT*`, any number of times.
  private mutating func results(
    _ keyword: String
  ) throws(AssemblyError) -> [(number: Int, results: [PartResult])] {
    var found: [(number: Int, results: [PartResult])] = []
    while var line = try lines.take(keyword) {
      let number = try line.index()
      var results: [PartResult] = []
      while line.hasMore { results.append(try line.named()) }
      found.append((number, results))
    }
    return found
  }

  /// `concurrency GROUP N supersedes?`
  private mutating func concurrency() throws(AssemblyError) -> PipelineConcurrency? {
    guard var line = try lines.take("concurrency") else { return nil }
    let group = try line.text()
    let limit = try line.index()
    let supersedes = line.take("supersedes")
    try line.finish()
    return PipelineConcurrency(group: group, limit: limit, supersedes: supersedes)
  }

  /// `stage NAME place N (mark N)? (after N+)? (when N)? (limit N)?`, then `wants STAGE RESULT+`, responses, steps and hooks.
  private mutating func stage(_ line: AssemblyLine) throws(AssemblyError) -> PipelineStage {
    var line = line
    let name = try line.text()
    let place = try line.index("place")
    let mark = try line.optionalIndex("mark")
    let after = try line.optional("after") { (line) throws(AssemblyError) in try line.indexes() }
    let condition = try line.optionalIndex("when")
    let limit = try line.optionalIndex("limit")
    try line.finish()
    let wants = try results("wants").map { StageResults(stage: $0.number, results: $0.results) }
    let responses = try responses()
    return PipelineStage(
      name: name, place: place, after: after ?? [], results: wants, condition: condition,
      limit: limit, responses: responses, steps: try steps(depth: 1), hooks: try hooks(depth: 0),
      mark: mark)
  }

  /// `hook DEPTH MOMENT` of what stands so deep, each with its steps.
  private mutating func hooks(depth: Int) throws(AssemblyError) -> [PipelineHook] {
    var hooks: [PipelineHook] = []
    while var line = lines.next, line.keyword == "hook" {
      let found = try line.index()
      guard found == depth else {
        guard found < depth else { throw line.errorBefore("expected at most \(depth)") }
        break
      }
      _ = try lines.takeAny()
      let moment: PipelineMoment = try line.named()
      try line.finish()
      hooks.append(PipelineHook(moment: moment, steps: try steps(depth: depth + 1)))
    }
    return hooks
  }

  /// `on TROUBLE STRATEGY`, any number of times.
  private mutating func responses() throws(AssemblyError) -> [TroubleResponse] {
    var responses: [TroubleResponse] = []
    while var line = try lines.take("on") {
      responses.append(TroubleResponse(trouble: try line.named(), strategy: try line.named()))
      try line.finish()
    }
    return responses
  }

  /// Steps that stand so deep, each with those below it.
  private mutating func steps(depth: Int) throws(AssemblyError) -> [PipelineStep] {
    var steps: [PipelineStep] = []
    while var line = lines.next, line.keyword == "step" {
      let found = try line.index()
      guard found == depth else {
        guard found < depth else { throw line.errorBefore("expected at most \(depth)") }
        break
      }
      guard depth <= PipelineBounds.depth else {
        throw line.errorBefore("expected at most \(PipelineBounds.depth)")
      }
      _ = try lines.takeAny()
      steps.append(try step(&line, depth: depth))
    }
    return steps
  }

  /// `step DEPTH NAME place N (mark N)? (needs N+)? (when N)? (timeout N)? (deadline N)? idempotent? (output N)? (sees N+)? WORK`, then
  /// retry, responses, words, the steps within and hooks.
  private mutating func step(
    _ line: inout AssemblyLine, depth: Int
  ) throws(AssemblyError) -> PipelineStep {
    let name = try line.text()
    let place = try line.index("place")
    let mark = try line.optionalIndex("mark")
    let needs = try line.optional("needs") { (line) throws(AssemblyError) in try line.indexes() }
    let condition = try line.optionalIndex("when")
    let timeout = try line.optionalNumber("timeout")
    let deadline = try line.optionalNumber("deadline")
    let isIdempotent = line.take("idempotent")
    let output = try line.optionalIndex("output")
    let inSight = try line.optional("sees") { (line) throws(AssemblyError) in
      try line.indexes()
    }
    let head = try line.work()
    try line.finish()
    let retry = try retry()
    let responses = try responses()
    let work = try work(head, depth: depth)
    return PipelineStep(
      name: name, place: place, work: work, needs: needs ?? [],
      condition: condition, retry: retry, timeout: timeout, deadline: deadline,
      isIdempotent: isIdempotent, responses: responses, output: output, inSight: inSight ?? [],
      hooks: try hooks(depth: depth), mark: mark)
  }

  /// `retry N base N cap N factor N jitter N`
  private mutating func retry() throws(AssemblyError) -> RetryPolicy? {
    guard var line = try lines.take("retry") else { return nil }
    let attempts = try line.index()
    let retry = RetryPolicy(
      attempts: attempts, base: try line.number64("base"), cap: try line.number64("cap"),
      factor: try line.number64("factor"), jitter: try line.number64("jitter"))
    try line.finish()
    return retry
  }

  /// The work whose line is read, with what stands on the lines below it.
  private mutating func work(
    _ head: PipelineWork, depth: Int
  ) throws(AssemblyError) -> PipelineWork {
    switch head {
    case .run:
      var words: [PipelineWord] = []
      while let line = try lines.take("word") {
        try line.finish()
        words.append(try word())
      }
      return .run(words)
    case .group(let limit, _): return .group(limit: limit, try steps(depth: depth + 1))
    case .loop(let loop):
      return .loop(
        PipelineLoop(
          interval: loop.interval, most: loop.most, unchanged: loop.unchanged, until: loop.until,
          steps: try steps(depth: depth + 1)))
    case .agent(let agent):
      var pieces = PipelineWord(pieces: [])
      if let line = try lines.take("word") {
        try line.finish()
        pieces = try word()
      }
      return .agent(
        PipelineAgent(
          name: agent.name, task: pieces, time: agent.time, calls: agent.calls,
          tokens: agent.tokens))
    case .action, .gate, .approval, .wait: return head
    }
  }

  /// `text TEXT` or `value N`, any number of times.
  private mutating func word() throws(AssemblyError) -> PipelineWord {
    var pieces: [PipelineWord.Piece] = []
    while var line = try lines.take("text", "value") {
      pieces.append(line.keyword == "text" ? .text(try line.text()) : .value(try line.index()))
      try line.finish()
    }
    return PipelineWord(pieces: pieces)
  }
}

extension AssemblyLine {
  fileprivate mutating func optionalIndex(_ word: String) throws(AssemblyError) -> Int? {
    try optional(word) { (line) throws(AssemblyError) in try line.index() }
  }

  fileprivate mutating func optionalNumber(_ word: String) throws(AssemblyError) -> Int64? {
    try optional(word) { (line) throws(AssemblyError) in try line.number64() }
  }

  fileprivate mutating func number64(_ word: String) throws(AssemblyError) -> Int64 {
    try expect(word)
    return try number64()
  }

  /// `ROLE N (except N)?`
  private mutating func approvers() throws(AssemblyError) -> PipelineApprovers {
    let role = try text()
    let count = try index()
    return PipelineApprovers(role: role, count: count, except: try optionalIndex("except"))
  }

  /// What a step does, without what stands on lines below.
  fileprivate mutating func work() throws(AssemblyError) -> PipelineWork {
    let sorts = "run, action, gate, approval, wait, agent, group or loop"
    switch try word(sorts) {
    case "run": return .run([])
    case "action":
      let action = try index()
      return .action(action, arguments: try indexes())
    case "gate":
      let gate = try index()
      return .gate(gate, arguments: try indexes())
    case "approval":
      var rules = [try approvers()]
      while take("and") { rules.append(try approvers()) }
      return .approval(PipelineApproval(rules, within: try number64("within")))
    case "wait": return .wait(try number64())
    case "agent":
      let name = try text()
      return .agent(
        PipelineAgent(
          name: name, task: PipelineWord(pieces: []), time: try number64("time"),
          calls: try index("calls"), tokens: try number64("tokens")))
    case "group": return .group(limit: try optionalIndex("limit"), [])
    case "loop":
      let interval = try number64("every")
      return .loop(
        PipelineLoop(
          interval: interval, most: try index("most"), unchanged: try optionalIndex("unchanged"),
          until: try index("until"), steps: []))
    default: throw errorBefore("expected \(sorts)")
    }
  }
}
