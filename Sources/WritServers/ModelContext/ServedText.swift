// Texts that a client can read: as prompts, by name, and as resources, by address.

public import WritModel

/// A text that a server offers beside its tools.
public struct ServedText: Sendable {
  /// What it is called as a prompt.
  public let name: String
  /// A few words for people.
  public let title: String
  /// What it is, for the model.
  public let description: String
  /// Its address as a resource.
  public let uri: String
  /// As it is put to a model.
  public let prompt: String
  /// As a program reads it.
  public let json: JSONValue

  public init(
    name: String, title: String, description: String, uri: String, prompt: String, json: JSONValue
  ) {
    self.name = name
    self.title = title
    self.description = description
    self.uri = uri
    self.prompt = prompt
    self.json = json
  }

  fileprivate var listedPrompt: JSONValue {
    [
      "name": .string(name), "title": .string(title), "description": .string(description),
      "arguments": [],
    ]
  }

  fileprivate var listedResource: JSONValue {
    [
      "uri": .string(uri), "name": .string(name), "title": .string(title),
      "description": .string(description), "mimeType": "application/json",
    ]
  }
}

/// What can be asked of texts.
enum TextMethod: String, CaseIterable {
  case prompts = "prompts/list"
  case prompt = "prompts/get"
  case resources = "resources/list"
  case templates = "resources/templates/list"
  case resource = "resources/read"

  /// Members of the result.
  func result(_ texts: [ServedText], _ parameters: JSONValue) throws(RPCError) -> [JSONMember] {
    switch self {
    case .prompts: return [JSONMember("prompts", .array(texts.map(\.listedPrompt)))]
    case .resources: return [JSONMember("resources", .array(texts.map(\.listedResource)))]
    case .templates: return [JSONMember("resourceTemplates", [])]
    case .prompt:
      let text = try text(texts, parameters["name"], "prompt", \.name)
      return [
        JSONMember("description", .string(text.description)),
        JSONMember(
          "messages",
          [["role": "user", "content": ["type": "text", "text": .string(text.prompt)]]]),
      ]
    case .resource:
      let text = try text(texts, parameters["uri"], "resource", \.uri)
      return [
        JSONMember(
          "contents",
          [
            [
              "uri": .string(text.uri), "mimeType": "application/json",
              "text": .string(text.json.compact),
            ]
          ])
      ]
    }
  }

  private func text(
    _ texts: [ServedText], _ wanted: JSONValue?, _ kind: String,
    _ name: KeyPath<ServedText, String>
  ) throws(RPCError) -> ServedText {
    guard let wanted = wanted?.string else {
      throw .invalidParameters("it is not said which \(kind)")
    }
    let found = texts.first { hasSameBytes($0[keyPath: name], wanted) }
    guard let found else { throw .invalidParameters("Unknown \(kind): \(wanted)") }
    return found
  }
}
