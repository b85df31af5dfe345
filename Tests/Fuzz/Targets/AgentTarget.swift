// What an agent says to a runner: lines of which nobody vouches for one.

import WritModel
import WritPipeline
import WritServers

/// A conversation; the first byte says where it is cut in two. However it is cut, it means the same; its transcript is JSON
/// Lines; and its budget holds.
@Sendable func fuzzAgent(_ bytes: [UInt8]) throws {
  guard let first = bytes.first else { return }
  let said = Array(bytes.dropFirst())
  let cut = min(Int(first), said.count)
  var whole = AgentConversation(calls: 3, tokens: 100)
  var parts = AgentConversation(calls: 3, tokens: 100)
  let wishes = whole.take(said)
  try hold(
    parts.take(Array(said[..<cut])) + parts.take(Array(said[cut...])) == wishes,
    "a conversation that comes in pieces is another one")
  try hold(
    whole.ledger.transcript == parts.ledger.transcript
      && whole.ledger.output == parts.ledger.output,
    "a conversation that comes in pieces is kept otherwise")
  try hold(whole.ledger.tokens <= 100, "an agent uses up more than its budget")
  let calls = wishes.filter { if case .call = $0 { true } else { false } }
  try hold(calls.count <= 3, "an agent calls more tools than its budget allows")
  for line in whole.ledger.transcript.split(separator: 0x0a) {
    _ = try JSONValue(parsing: Array(line))
  }
}

/// A tool that tells how often it was called.
private struct Counted: ToolProvider {
  var count = 0

  func tools() throws(ToolProviderError) -> [Tool] {
    [
      Tool(
        name: "t", title: "T", description: "", input: ["type": "object"],
        output: ["type": "object"], hints: .question)
    ]
  }

  mutating func call(_ name: String, _ arguments: JSONValue) -> ToolAnswer? {
    guard name == "t" else { return nil }
    count += 1
    return .answered(text: "", ["count": .integer(Int64(count))])
  }
}

/// The same for an agent that is a client of the Model Context Protocol.
@Sendable func fuzzClient(_ bytes: [UInt8]) throws {
  guard let first = bytes.first else { return }
  let said = Array(bytes.dropFirst())
  let cut = min(Int(first), said.count)
  func session() -> AgentSession<Counted> {
    AgentSession(
      name: "fuzz", version: "1",
      AgentTask(words: "t?", context: [], calls: 3, tokens: 100, output: "n"), Counted(),
      AgentAnswer(schema: ["type": "integer"]) { $0.integer == nil ? "no number" : nil })
  }
  var (whole, parts) = (session(), session())
  let answers = whole.take(said)
  try hold(
    parts.take(Array(said[..<cut])) + parts.take(Array(said[cut...])) == answers,
    "a session that comes in pieces is answered otherwise")
  try hold(
    whole.ledger.transcript == parts.ledger.transcript,
    "a session that comes in pieces is kept otherwise")
  try hold(whole.ledger.tokens <= 100, "a client uses up more than its budget")
  try hold(
    whole.ledger.output.map { $0.integer != nil } ?? true, "an answer that is refused counts")
  for line in answers.split(separator: 0x0a) {
    let answer = try JSONValue(parsing: Array(line))
    try hold(answer["jsonrpc"] == "2.0", "an answer does not say its version")
    let count = answer["result"]?["structuredContent"]?["count"]?.integer ?? 0
    try hold(count <= 3, "a client calls more tools than its budget allows")
  }
}
