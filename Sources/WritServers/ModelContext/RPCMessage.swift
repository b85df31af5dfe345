// JSON-RPC 2.0 as the Model Context Protocol uses it: one message a line, no batches, ids that are strings or whole numbers.

import WritModel

/// What a client sends.
enum RPCMessage {
  /// Wants an answer with the same id.
  case request(id: JSONValue, method: String, parameters: JSONValue?)
  /// Wants none.
  case notification(method: String)
  /// An answer to something that was asked of the client; this server asks nothing.
  case response
}

/// Why a message gets an error for an answer. Codes are those of JSON-RPC 2.0, section 5.1, and of the Model Context Protocol.
struct RPCError: Error, Equatable {
  let code: Int64
  let message: String
  var data: JSONValue?

  static func parse(_ message: String) -> RPCError { RPCError(code: -32700, message: message) }
  static func invalidRequest(_ message: String) -> RPCError {
    RPCError(code: -32600, message: message)
  }
  static func unknownMethod(_ method: String) -> RPCError {
    RPCError(code: -32601, message: "no method `\(method)`")
  }
  static func invalidParameters(_ message: String) -> RPCError {
    RPCError(code: -32602, message: message)
  }
  static func unsupportedVersion(_ requested: String, supported: [String]) -> RPCError {
    RPCError(
      code: -32022, message: "protocol version `\(requested)` is not spoken here",
      data: [
        "supported": .array(supported.map { .string($0) }), "requested": .string(requested),
      ])
  }

  /// The answer that says so; `null` for an id that could not be read.
  func answer(to id: JSONValue) -> JSONValue {
    var members = [JSONMember("code", .integer(code)), JSONMember("message", .string(message))]
    if let data { members.append(JSONMember("data", data)) }
    return ["jsonrpc": "2.0", "id": id, "error": .object(members)]
  }
}

extension RPCMessage {
  /// Reads the bytes of a line.
  init(_ line: [UInt8]) throws(RPCError) {
    let json: JSONValue
    do throws(JSONError) {
      json = try JSONValue(parsing: line)
    } catch {
      throw .parse("column \(error.column): \(error.expectation)")
    }
    try self.init(json)
  }

  /// What a line says.
  init(_ json: JSONValue) throws(RPCError) {
    guard json.object != nil else { throw .invalidRequest("a message is one JSON object") }
    guard json["jsonrpc"]?.string == "2.0" else {
      throw .invalidRequest("`jsonrpc` must be \"2.0\"")
    }
    guard let method = json["method"] else {
      guard json["result"] != nil || json["error"] != nil else {
        throw .invalidRequest("`method` is missing")
      }
      self = .response
      return
    }
    guard let method = method.string else { throw .invalidRequest("`method` must be a string") }
    guard let id = json["id"] else {
      self = .notification(method: method)
      return
    }
    guard id.string != nil || id.integer != nil else {
      throw .invalidRequest("`id` must be a string or a whole number")
    }
    if let parameters = json["params"], parameters.object == nil {
      throw .invalidRequest("`params` must be an object")
    }
    self = .request(id: id, method: method, parameters: json["params"])
  }

  /// The id of a line that is no message, so that its sender can tell which; `null` where there is none.
  static func id(in line: [UInt8]) -> JSONValue {
    guard let id = (try? JSONValue(parsing: line))?["id"], id.string != nil || id.integer != nil
    else { return .null }
    return id
  }
}
