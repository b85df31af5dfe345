// The Model Context Protocol over lines: what is answered to which message. A value; whoever owns it has the streams.
//
// Two eras are spoken at once. In the newest revision there is no handshake: every request says its version and what its client
// can. In the revisions before it a client says `initialize` first.

import WritModel

/// Answers the messages of one client.
public struct ModelContextServer<Provider: ToolProvider> {
  private let identity: ModelContextIdentity
  /// Who offers what is served.
  var provider: Provider
  /// The revision that an older client and this server agreed on.
  private var agreed: String?

  public init(_ identity: ModelContextIdentity, _ provider: Provider) {
    self.identity = identity
    self.provider = provider
  }

  /// The answer to a line, without a line break; `nil` where none is due.
  public mutating func answer(_ line: [UInt8]) -> [UInt8]? {
    let message: RPCMessage
    do throws(RPCError) {
      message = try RPCMessage(line)
    } catch {
      return Array(error.answer(to: RPCMessage.id(in: line)).compact.utf8)
    }
    return answer(message).map { Array($0.compact.utf8) }
  }

  /// The answer to a message; `nil` where none is due.
  mutating func answer(_ message: RPCMessage) -> JSONValue? {
    guard case .request(let id, let method, let parameters) = message else { return nil }
    do throws(RPCError) {
      return [
        "jsonrpc": "2.0", "id": id, "result": try result(method, parameters ?? .object([])),
      ]
    } catch {
      return error.answer(to: id)
    }
  }

  /// The answer to a line that was too long to be read.
  public func refusal(ofLineOver limit: Int) -> [UInt8] {
    let error = RPCError.invalidRequest("a message has at most \(limit) bytes")
    return Array(error.answer(to: .null).compact.utf8)
  }
}

extension ModelContextServer {
  private mutating func result(
    _ method: String, _ parameters: JSONValue
  ) throws(RPCError) -> JSONValue {
    guard let meta = parameters["_meta"], let version = meta[ModernKey.version] else {
      return .object(try legacyResult(method, parameters))
    }
    guard let version = version.string else {
      throw .invalidParameters("`\(ModernKey.version)` must be a string")
    }
    guard version == Revision.modern else {
      throw .unsupportedVersion(version, supported: Revision.supported)
    }
    guard meta[ModernKey.capabilities]?.object != nil else {
      throw .invalidParameters("`\(ModernKey.capabilities)` is missing in `_meta`")
    }
    return .object(try modernResult(method, parameters) + closing)
  }

  /// What every result of the newest revision says.
  private var closing: [JSONMember] {
    [
      JSONMember("resultType", "complete"),
      JSONMember("_meta", .object([JSONMember(ModernKey.server, identity.json)])),
    ]
  }

  private mutating func modernResult(
    _ method: String, _ parameters: JSONValue
  ) throws(RPCError) -> [JSONMember] {
    switch method {
    case "server/discover":
      return [
        JSONMember("supportedVersions", .array(Revision.supported.map { .string($0) })),
        JSONMember("capabilities", capabilities([:])),
        JSONMember("instructions", .string(identity.instructions)),
      ] + unkept
    case "tools/list": return try listed(parameters) + unkept
    case "tools/call": return try called(parameters)
    default:
      guard let asked = textMethod(method) else { throw .unknownMethod(method) }
      return try asked.result(provider.texts, parameters) + (asked == .prompt ? [] : unkept)
    }
  }

  /// `nil` for another method, and where there are no texts.
  private func textMethod(_ method: String) -> TextMethod? {
    provider.texts.isEmpty
      ? nil : TextMethod.allCases.first { hasSameBytes($0.rawValue, method) }
  }

  /// - Parameter each: What is said of each.
  private func capabilities(_ each: JSONValue) -> JSONValue {
    let names = ["tools"] + (provider.texts.isEmpty ? [] : ["prompts", "resources"])
    return .object(names.map { JSONMember($0, each) })
  }

  /// Lists are not to be kept: the policies may be others the next moment.
  private var unkept: [JSONMember] {
    [JSONMember("ttlMs", 0), JSONMember("cacheScope", "private")]
  }

  private mutating func legacyResult(
    _ method: String, _ parameters: JSONValue
  ) throws(RPCError) -> [JSONMember] {
    switch method {
    case "initialize": return try initialized(parameters)
    case "ping": return []
    case "server/discover":
      throw .invalidParameters("`\(ModernKey.version)` is missing in `_meta`")
    case "tools/list":
      try requireHandshake()
      return try listed(parameters)
    case "tools/call":
      try requireHandshake()
      return try called(parameters)
    default:
      guard let asked = textMethod(method) else { throw .unknownMethod(method) }
      try requireHandshake()
      return try asked.result(provider.texts, parameters)
    }
  }

  private func requireHandshake() throws(RPCError) {
    guard agreed == nil else { return }
    throw .invalidRequest(
      "say `initialize` first, or the version in `_meta`; spoken are "
        + Revision.supported.joined(separator: ", "))
  }

  /// Agrees on the client's revision, or offers the newest of its era.
  private mutating func initialized(_ parameters: JSONValue) throws(RPCError) -> [JSONMember] {
    guard let wanted = parameters["protocolVersion"]?.string else {
      throw .invalidParameters("`protocolVersion` is missing")
    }
    let version = Revision.legacy.contains(wanted) ? wanted : Revision.legacy[0]
    agreed = version
    return [
      JSONMember("protocolVersion", .string(version)),
      JSONMember("capabilities", capabilities(["listChanged": false])),
      JSONMember("serverInfo", identity.json),
      JSONMember("instructions", .string(identity.instructions)),
    ]
  }

  private func listed(_ parameters: JSONValue) throws(RPCError) -> [JSONMember] {
    if let cursor = parameters["cursor"], !cursor.isNull {
      throw .invalidParameters("there is one page of tools: no cursor leads on")
    }
    do throws(ToolProviderError) {
      return [JSONMember("tools", .array(try provider.tools().map(\.json)))]
    } catch {
      throw RPCError(code: -32603, message: error.message)
    }
  }

  private mutating func called(_ parameters: JSONValue) throws(RPCError) -> [JSONMember] {
    guard let name = parameters["name"]?.string else {
      throw .invalidParameters("`name` of a tool is missing")
    }
    let arguments = parameters["arguments"] ?? .object([])
    guard arguments.object != nil else { throw .invalidParameters("`arguments` is no object") }
    guard let answer = provider.call(name, arguments) else {
      throw .invalidParameters("Unknown tool: \(name)")
    }
    return answer.members
  }
}

/// Who the server is.
public struct ModelContextIdentity: Sendable {
  public let name: String
  public let version: String
  /// What a model should know before it calls a tool.
  public let instructions: String

  public init(name: String, version: String, instructions: String) {
    self.name = name
    self.version = version
    self.instructions = instructions
  }

  var json: JSONValue { ["name": .string(name), "version": .string(version)] }
}

/// Revisions of the protocol that are spoken.
private enum Revision {
  /// Without a handshake.
  static let modern = "2026-07-28"
  /// With `initialize`, the newest first.
  static let legacy = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]
  static let supported = [modern] + legacy
}

/// Names in `_meta` of the newest revision.
private enum ModernKey {
  static let version = "io.modelcontextprotocol/protocolVersion"
  static let capabilities = "io.modelcontextprotocol/clientCapabilities"
  static let server = "io.modelcontextprotocol/serverInfo"
}
