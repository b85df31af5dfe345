// Which protocol an agent speaks: whoever runs the pipeline says it, and nobody guesses.

import WritModel
import WritPipeline
import WritServers

/// The protocols that agents speak with a runner.
enum AgentProtocol: String, CaseIterable {
  /// Lines of JSON.
  case lines
  /// The Model Context Protocol, the agent being the client.
  case mcp
}

/// What is said with one agent, in its protocol.
enum AgentSpeech {
  case lines(AgentConversation, AgentTask, PolicyTools)
  case mcp(AgentSession<PolicyTools>)

  init(_ spoken: AgentProtocol, _ task: AgentTask, _ tools: PolicyTools, _ answer: AgentAnswer?) {
    self =
      switch spoken {
      case .lines:
        .lines(AgentConversation(calls: task.calls, tokens: task.tokens), task, tools)
      case .mcp:
        .mcp(AgentSession(name: "writ", version: Version.engine, task, tools, answer))
      }
  }

  /// What it has said and used up.
  var ledger: AgentLedger {
    switch self {
    case .lines(let conversation, _, _): conversation.ledger
    case .mcp(let session): session.ledger
    }
  }

  /// It has given its answer, and was told that this is taken.
  var hasTakenAnswer: Bool {
    if case .mcp(let session) = self { session.ledger.output != nil } else { false }
  }

  /// What it is told before it says anything.
  mutating func open() throws(Failure) -> [UInt8] {
    guard case .lines(var conversation, let task, let tools) = self else { return [] }
    let listed: [Tool]
    do throws(ToolProviderError) {
      listed = try tools.tools()
    } catch {
      throw .badInput(error.message)
    }
    let bytes = conversation.say(["task": task.json(tools: .array(listed.map(\.json)))])
    self = .lines(conversation, task, tools)
    return bytes
  }

  /// Takes what it wrote, and returns what it is answered.
  mutating func take(_ bytes: [UInt8]) -> [UInt8] {
    switch self {
    case .lines(var conversation, let task, let tools):
      var said: [UInt8] = []
      for case .call(let id, let tool, let arguments) in conversation.take(bytes) {
        let answer = tools.call(tool, arguments) ?? .failed("there is no tool `\(tool)`")
        said += conversation.say(
          ["result": .object([JSONMember("id", id)] + (answer.json.object ?? []))])
      }
      self = .lines(conversation, task, tools)
      return said
    case .mcp(var session):
      let said = session.take(bytes)
      self = .mcp(session)
      return said
    }
  }

  /// It is to be stopped, whatever it says.
  mutating func stop(_ reason: String) {
    switch self {
    case .lines(var conversation, let task, let tools):
      conversation.stop(reason)
      self = .lines(conversation, task, tools)
    case .mcp(var session):
      session.stop(reason)
      self = .mcp(session)
    }
  }
}

extension Invocation {
  /// The protocols of `--agent-speaks`, by the name of the agent.
  func agentProtocols() throws(Failure) -> [String: AgentProtocol] {
    var spoken: [String: AgentProtocol] = [:]
    for (name, word) in try pairs("--agent-speaks") {
      guard let one = AgentProtocol.allCases.first(where: { hasSameBytes($0.rawValue, word) })
      else {
        throw .usage(
          "`--agent-speaks \(name)=\(word)` is no protocol",
          remedy: "write \(AgentProtocol.allCases.map(\.rawValue).joined(separator: " or "))")
      }
      spoken[name] = one
    }
    return spoken
  }
}
