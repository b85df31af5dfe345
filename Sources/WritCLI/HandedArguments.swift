// What an action or a gate of a pipeline is handed, in words: for who looks at a plan and for who is to approve.

import Writ
import WritBytecode
import WritModel

/// One argument of a call.
struct HandedArgument {
  /// The parameter of what is called.
  let name: String
  /// Where the value comes from, as the policy has it, or the value where that is known.
  let words: String
  /// The value; `nil` where it is not known.
  let value: JSONValue?

  /// `service: Service/web`; a parameter that is handed on under its own name is named once.
  var text: String {
    value == nil && hasSameBytes(name, words) ? name : "\(name): \(words)"
  }
}

/// What is known of a run that is looked at before its steps are done.
struct KnownInputs {
  /// What it was asked for with.
  let arguments: [JSONMember]
  /// What steps have given out, by name.
  let outputs: [JSONMember]
  /// A value of the pipeline as the graph has it now; `nil` where that is not known.
  let value: (Int, NamedType) -> JSONValue?

  static var none: KnownInputs {
    KnownInputs(arguments: [], outputs: [], value: { _, _ in nil })
  }
}

extension Program {
  /// What a step hands on; empty where it calls nothing.
  func handed(
    by work: PipelineWork, in pipeline: PipelineProgram, _ known: KnownInputs = .none
  ) -> [HandedArgument] {
    let (parameters, values): ([NamedType], [Int])
    switch work {
    case .action(let action, let arguments):
      (parameters, values) = (actions[action].parameters, arguments)
    case .gate(let gate, let arguments): (parameters, values) = (gates[gate].parameters, arguments)
    case .run, .approval, .wait, .group, .loop, .agent: return []
    }
    return zip(parameters, values).map { handed(as: $0, $1, in: pipeline, known) }
  }

  /// `with service: release.service`, a part at most.
  func handedText(
    by work: PipelineWork, in pipeline: PipelineProgram, _ known: KnownInputs = .none
  ) -> [String] {
    let handed = handed(by: work, in: pipeline, known)
    return handed.isEmpty ? [] : ["with " + handed.map(\.text).joined(separator: ", ")]
  }

  private func handed(
    as parameter: NamedType, _ value: Int, in pipeline: PipelineProgram, _ known: KnownInputs
  ) -> HandedArgument {
    var (words, found) = (pipeline.text(of: value, or: "what is known only then"), JSONValue?.none)
    switch origin(of: pipeline.values[value], in: pipeline) {
    case .parameter(let name):
      words = name
      found = known.arguments.first { hasSameBytes($0.name, name) }?.value
    case .output(let name):
      words = name
      // What a step says of a node is no reference to it.
      if case .node = parameter.type.unwrapped { break }
      found = known.outputs.first { hasSameBytes($0.name, name) }?.value
    case .constant(let value): (words, found) = (value.string ?? value.compact, value)
    case nil: found = known.value(value, parameter)
    }
    return HandedArgument(
      name: parameter.name, words: found.map { $0.string ?? $0.compact } ?? words, value: found)
  }

  private enum Origin {
    case parameter(String)
    case output(String)
    case constant(JSONValue)
  }

  /// Where a value comes from that is handed on as it is; `nil` where it is worked out.
  private func origin(of value: PipelineValue, in pipeline: PipelineProgram) -> Origin? {
    let routine = routines[value.routine]
    guard routine.registerCount == globalCount + routine.inputCount, routine.setCount == 0,
      case .register(let register)? = routine.emissions.first?.captures.first
    else { return nil }
    let input = register - globalCount
    if input >= pipeline.parameters.count {
      let read = input - pipeline.parameters.count
      guard value.reads.indices.contains(read) else { return nil }
      return .output(pipeline.outputs[value.reads[read].output].name)
    }
    if input >= 0 { return .parameter(pipeline.parameters[input].name) }
    let place = register - (globalCount - constants.count)
    guard constants.indices.contains(place) else { return nil }
    switch (constants[place], value.type.unwrapped) {
    case (.string(let text), _): return .constant(.string(text))
    case (.node(let kind, let id), _): return .constant(.string("\(schema.kinds[kind].name)/\(id)"))
    case (.scalar(let number), .int): return .constant(.integer(number))
    case (.scalar(let number), .bool): return .constant(.bool(number != 0))
    case (.scalar(let number), .enumeration(let index)):
      let members = schema.enums[index].members
      guard let place = Int(exactly: number), members.indices.contains(place) else { return nil }
      return .constant(.string(members[place]))
    case (.absent, _): return .constant(.null)
    case (.scalar, _): return nil
    }
  }
}

extension HandedArgument {
  /// For programs: the values that are known, and in words those that are not.
  static func members(of handed: [HandedArgument]) -> [JSONMember] {
    guard !handed.isEmpty else { return [] }
    let known = handed.filter { $0.value != nil }
    let unknown = handed.filter { $0.value == nil }
    var members = [
      JSONMember(
        "arguments", .object(known.map { JSONMember($0.name, $0.value ?? .null) }))
    ]
    if !unknown.isEmpty {
      members.append(
        JSONMember("from", .object(unknown.map { JSONMember($0.name, .string($0.words)) })))
    }
    return members
  }
}
