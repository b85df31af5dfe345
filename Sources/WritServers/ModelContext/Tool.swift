// What a server offers to a model: tools with typed arguments, and the answers to their calls.

public import WritModel

/// A tool as a client lists it.
public struct Tool: Sendable {
  /// 1 to 128 letters, digits, `_`, `.` and `-`.
  public let name: String
  /// A few words for people.
  public let title: String
  /// What it does, for the model.
  public let description: String
  /// JSON Schema (2020-12) of an object.
  public let input: JSONValue
  /// JSON Schema of what a call's structured content is.
  public let output: JSONValue
  public let hints: ToolHints

  public init(
    name: String, title: String, description: String, input: JSONValue, output: JSONValue,
    hints: ToolHints
  ) {
    self.name = name
    self.title = title
    self.description = description
    self.input = input
    self.output = output
    self.hints = hints
  }

  /// Whether a client can call a tool of that name.
  public static func isName(_ name: String) -> Bool {
    (1...128).contains(name.utf8.count)
      && name.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: "_.-".utf8.contains(byte)
        }
      }
  }

  /// As a client lists it.
  public var json: JSONValue {
    [
      "name": .string(name), "title": .string(title), "description": .string(description),
      "inputSchema": input, "outputSchema": output, "annotations": hints.json,
    ]
  }
}

/// What a client may assume of a tool. Hints only: what a call may do, gates decide.
public enum ToolHints: Sendable {
  /// Changes nothing.
  case question
  /// Changes something in the world; perhaps something that nothing takes back.
  case act(isIdempotent: Bool)
  /// Changes nothing but what the caller itself is credited with.
  case word

  var json: JSONValue {
    switch self {
    case .question: ["readOnlyHint": true, "openWorldHint": false]
    case .act(let isIdempotent):
      [
        "readOnlyHint": false, "destructiveHint": true, "idempotentHint": .bool(isIdempotent),
        "openWorldHint": true,
      ]
    case .word:
      [
        "readOnlyHint": false, "destructiveHint": false, "idempotentHint": false,
        "openWorldHint": false,
      ]
    }
  }
}

/// What a call came to. A denial is an answer like any other; only what could not be answered is an error.
public enum ToolAnswer: Sendable {
  /// Words for people, and the same for programs: an object that fits the tool's output schema.
  case answered(text: String, JSONValue)
  /// What was wrong, and what to do about it.
  case failed(String)

  /// A result of `tools/call`.
  public var json: JSONValue { .object(members) }

  /// The members of a result of `tools/call`.
  var members: [JSONMember] {
    switch self {
    case .answered(let text, let content):
      // Clients that know no structured content read the same as text.
      let texts = [text, content.compact].filter { !$0.isEmpty }
      return [
        JSONMember("content", .array(texts.map { ["type": "text", "text": .string($0)] })),
        JSONMember("structuredContent", content), JSONMember("isError", false),
      ]
    case .failed(let message):
      return [
        JSONMember("content", [["type": "text", "text": .string(message)]]),
        JSONMember("isError", true),
      ]
    }
  }
}

/// Who offers tools. Asked anew for each message, since policies and facts change while a client is connected.
public protocol ToolProvider {
  /// All tools, in an order that does not change without need.
  func tools() throws(ToolProviderError) -> [Tool]
  /// Calls the tool of that name; `nil` if there is none.
  mutating func call(_ name: String, _ arguments: JSONValue) -> ToolAnswer?
  /// Texts that are there to be read; none where it says nothing else.
  var texts: [ServedText] { get }
}

extension ToolProvider {
  public var texts: [ServedText] { [] }
}

/// Why there are no tools to be had.
public struct ToolProviderError: Error, Sendable {
  public let message: String

  public init(_ message: String) {
    self.message = message
  }
}
