// A pipeline that was asked for: its arguments and facts, and what its conditions, words and calls come to at a moment.

public import WritBytecode
public import WritModel
public import WritVM

/// A pipeline as somebody asks for it: which, with what, and the facts that they bring.
public struct PipelineRequest: Hashable, Sendable {
  /// `module.pipeline`, or its own name where that is enough.
  public let name: String
  public let arguments: [JSONMember]
  /// Graph facts to be laid over the snapshot, as a request brings them.
  public let facts: [JSONValue]

  public init(name: String, arguments: [JSONMember], facts: [JSONValue]) {
    self.name = name
    self.arguments = arguments
    self.facts = facts
  }

  private static let members = ["pipeline", "arguments", "facts"]

  /// Reads `{"pipeline": …, "arguments": {…}, "facts": […]}`; a member that is not known is refused.
  public init(_ json: JSONValue) throws(RequestError) {
    guard let object = json.object else { throw RequestError("the request is not a JSON object") }
    for member in object where !PipelineRequest.members.containsBytes(of: member.name) {
      throw RequestError(
        "no member `\(member.name)` in a request for a pipeline; there are "
          + PipelineRequest.members.joined(separator: ", "))
    }
    guard let name = json["pipeline"]?.string else {
      throw RequestError("the request names no pipeline: `\"pipeline\": \"module.pipeline\"`")
    }
    guard let arguments = (json["arguments"] ?? .object([])).object else {
      throw RequestError("`arguments` is not an object")
    }
    guard let facts = (json["facts"] ?? .array([])).array else {
      throw RequestError("`facts` is not an array")
    }
    self.init(name: name, arguments: arguments, facts: facts)
  }

  /// As it is read.
  public var json: JSONValue {
    ["pipeline": .string(name), "arguments": .object(arguments), "facts": .array(facts)]
  }
}

/// A pipeline over one bundle and snapshot, with what was asked for and what its steps have given out. For one thread at a time.
public final class PreparedPipeline {
  public let program: PipelineProgram
  public let request: PipelineRequest
  /// Each output at most once.
  public let outputs: [GivenOutput]
  /// How stages and steps ended, by their marks; empty where nobody asks.
  public let results: [PartResult]
  let link: RequestLink

  init(
    _ program: PipelineProgram, _ request: PipelineRequest, _ outputs: [GivenOutput],
    _ results: [PartResult], _ link: RequestLink
  ) {
    self.program = program
    self.request = request
    self.outputs = outputs
    self.results = results
    self.link = link
  }

  /// What its gates are asked with: facts of whoever asked for the pipeline, and of its steps.
  public var facts: [JSONValue] { request.facts + outputs.flatMap(\.facts) }
}

extension Decider {
  /// Reads what was asked for, and what steps have given out. Throws where it does not fit the bundle or the graph.
  ///
  /// - Parameter results: How stages and steps ended, by their marks; for conditions that ask.
  public func prepare(
    _ request: PipelineRequest, outputs: [GivenOutput] = [], results: [PartResult] = []
  ) throws(RequestError) -> PreparedPipeline {
    let program = try prepared.engine.bundle.pipeline(request.name)
    let facts = request.facts + outputs.flatMap(\.facts)
    let pipeline = PreparedPipeline(
      program, request, outputs, results, RequestLink(try prepared.overlay(facts)))
    // Arguments that do not fit are refused before anything begins.
    _ = try inputs(
      of: pipeline, bound(pipeline.link, Asking(caller: nil, now: 0, asOf: 0, isQuestion: true)))
    for made in outputs {
      try made.requireEdges(program.outputs[made.output].type, prepared.engine.program.schema)
    }
    return pipeline
  }

  /// Whether a condition holds at that moment.
  public func condition(
    _ value: Int, of pipeline: PreparedPipeline, _ asking: Asking
  ) throws(RequestError) -> ConditionResult {
    let machine = try bound(pipeline.link, asking)
    return machine.condition(
      value, of: pipeline.program, try inputs(of: pipeline, machine), asOf: asking.asOf)
  }

  /// The words of a program at that moment.
  public func words(
    _ words: [PipelineWord], of pipeline: PreparedPipeline, _ asking: Asking
  ) throws(RequestError) -> CommandResult {
    let machine = try bound(pipeline.link, asking)
    return machine.words(
      words, of: pipeline.program, try inputs(of: pipeline, machine), asOf: asking.asOf)
  }

  /// What a call is handed at that moment, named as what is called names its parameters; or why it must not be made.
  public func arguments(
    _ values: [Int], for parameters: [NamedType], of pipeline: PreparedPipeline, _ asking: Asking
  ) throws(RequestError) -> Result<[JSONMember], RequestError> {
    let machine = try bound(pipeline.link, asking)
    let result = machine.callArguments(
      values, of: pipeline.program, try inputs(of: pipeline, machine), asOf: asking.asOf)
    switch result {
    case .arguments(let found):
      return .success(
        zip(parameters, found).map { JSONMember($0.name, $1.value) })
    case .unknown(let why):
      return .failure(RequestError("it is not known what is handed on: \(why)"))
    case .refused(let why): return .failure(RequestError("what is handed on is refused: \(why)"))
    case .outOfFuel:
      return .failure(RequestError("what is handed on looks at more than its limit allows"))
    }
  }

  /// The nodes that a value holds, as `Kind/id`; or why they are not all known.
  public func nodes(
    _ value: Int, of pipeline: PreparedPipeline, _ asking: Asking
  ) throws(RequestError) -> Result<[String], RequestError> {
    let machine = try bound(pipeline.link, asking)
    let result = machine.nodes(
      value, of: pipeline.program, try inputs(of: pipeline, machine), asOf: asking.asOf)
    switch result {
    case .nodes(let nodes): return .success(nodes)
    case .unknown(let why): return .failure(RequestError(why))
    case .outOfFuel: return .failure(RequestError("it looks at more than its limit allows"))
    }
  }

  private func inputs(
    of pipeline: PreparedPipeline, _ machine: Machine
  ) throws(RequestError) -> PipelineArguments {
    let (program, engine) = (pipeline.program, prepared.engine)
    let arguments = try engine.arguments(
      program.parameters, pipeline.request.arguments, "pipeline `\(program.name)`", machine)
    var outputs = [Slot?](repeating: nil, count: program.outputs.count)
    for made in pipeline.outputs {
      let output = program.outputs[made.output]
      outputs[made.output] = try engine.slot(
        made.argument, output.type, "output `\(output.name)`", machine)
    }
    return PipelineArguments(
      arguments: arguments, outputs: outputs, results: pipeline.results)
  }
}
