// Messages of the Model Context Protocol.

import WritModel
import WritServers

/// One tool, which gives back what it was handed.
private struct Echo: ToolProvider {
  func tools() throws(ToolProviderError) -> [Tool] {
    [
      Tool(
        name: "echo", title: "Echo", description: "", input: ["type": "object"],
        output: ["type": "object"], hints: .act(isIdempotent: true))
    ]
  }

  func call(_ name: String, _ arguments: JSONValue) -> ToolAnswer? {
    guard name == "echo" else { return nil }
    return arguments["fail"] == nil
      ? .answered(text: arguments.compact, arguments) : .failed(arguments.compact)
  }
}

/// Lines, each of which is answered by one line of JSON or by nothing.
@Sendable func fuzzModelContext(_ bytes: [UInt8]) throws {
  var server = ModelContextServer(
    ModelContextIdentity(name: "fuzz", version: "1", instructions: ""), Echo())
  for line in bytes.split(separator: 0x0a, omittingEmptySubsequences: false) {
    guard let answer = server.answer(Array(line)) else { continue }
    try hold(!answer.contains(0x0a), "an answer is not one line")
    let read = accepted { () throws(JSONError) in try JSONValue(parsing: answer) }
    try hold(read != nil, "an answer is not JSON")
    try hold(read?["jsonrpc"] == "2.0", "an answer does not say its version")
    try hold(
      (read?["result"] == nil) != (read?["error"] == nil),
      "an answer has not one of result and error")
  }
}
