// What an agent is told of its task, in whichever protocol it speaks.

public import WritModel

/// The task of one attempt.
public struct AgentTask: Hashable, Sendable {
  /// What is to be done, in words.
  public let words: String
  /// What steps before it gave out, by name; each the text of canonical JSON.
  public let context: [JSONMember]
  /// What it may use up.
  public let calls: Int
  public let tokens: Int64
  /// The name of what it is to give out; `nil` where that is nothing.
  public let output: String?

  public init(
    words: String, context: [JSONMember], calls: Int, tokens: Int64, output: String?
  ) {
    self.words = words
    self.context = context
    self.calls = calls
    self.tokens = tokens
    self.output = output
  }

  /// As it is told.
  ///
  /// - Parameter tools: As `tools/list` of the Model Context Protocol has them, where they are not asked for.
  public func json(tools: JSONValue?) -> JSONValue {
    var members = [JSONMember("words", .string(words)), JSONMember("context", .object(context))]
    if let tools { members.append(JSONMember("tools", tools)) }
    members += [
      JSONMember("calls", .integer(Int64(calls))), JSONMember("tokens", .integer(tokens)),
    ]
    if let output { members.append(JSONMember("output", .string(output))) }
    return .object(members)
  }
}
