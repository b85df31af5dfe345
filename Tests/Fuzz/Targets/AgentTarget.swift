// What an agent says to a runner: lines of which nobody vouches for one.

import WritModel
import WritPipeline

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
    whole.transcript == parts.transcript && whole.output == parts.output,
    "a conversation that comes in pieces is kept otherwise")
  try hold(whole.tokens <= 100, "an agent uses up more than its budget")
  let calls = wishes.filter { if case .call = $0 { true } else { false } }
  try hold(calls.count <= 3, "an agent calls more tools than its budget allows")
  for line in whole.transcript.split(separator: 0x0a) {
    _ = try JSONValue(parsing: Array(line))
  }
}
