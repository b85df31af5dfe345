// What is said with an agent, as a value: budgets, going round, lines in pieces, and a transcript of all of it.

import Testing
import WritModel
import WritPipeline

@Suite struct AgentTests {
  private func take(
    _ lines: [String], calls: Int = 9, tokens: Int64 = 9
  ) -> (AgentConversation, [AgentWish]) {
    var conversation = AgentConversation(calls: calls, tokens: tokens)
    let wishes = lines.flatMap { conversation.take(Array(($0 + "\n").utf8)) }
    return (conversation, wishes)
  }

  private func call(_ number: Int, _ tool: String = "t") -> String {
    #"{"call":{"id":\#(number),"tool":"\#(tool)","arguments":{"n":\#(number)}}}"#
  }

  @Test func linesMayComeInPieces() {
    let text = call(1) + "\n" + #"{"output":[1]}"# + "\n"
    for cut in text.utf8.indices {
      var conversation = AgentConversation(calls: 1, tokens: 0)
      var wishes = conversation.take(Array(text.utf8[..<cut]))
      wishes += conversation.take(Array(text.utf8[cut...]))
      #expect(wishes == [.call(id: 1, tool: "t", arguments: ["n": 1])])
      #expect(conversation.ledger.output == [1] && conversation.ledger.stopReason == nil)
    }
  }

  @Test func budgetsEndIt() {
    let (calls, wishes) = take([call(1), call(2), call(3)], calls: 2)
    #expect(wishes.count == 3 && calls.ledger.stopReason?.contains("budget of 2") == true)
    let usage = #"{"usage":{"tokens":5}}"#
    #expect(take([usage], tokens: 5).0.ledger.stopReason == nil)
    #expect(take([usage, usage]).0.ledger.stopReason?.contains("budget of 9") == true)
    let most = #"{"usage":{"tokens":9007199254740991}}"#
    #expect(take([most], tokens: 1_000_000_000).0.ledger.stopReason != nil)
  }

  @Test func goingRoundEndsIt() {
    let (round, _) = take([call(1), call(2), call(1), call(1)])
    #expect(round.ledger.stopReason?.contains("goes round") == true)
    // The order of members makes no other call; another tool does.
    let (mixed, _) = take([
      #"{"call":{"id":1,"tool":"t","arguments":{"a":1,"b":2}}}"#,
      #"{"call":{"id":2,"tool":"u","arguments":{"a":1,"b":2}}}"#,
      #"{"call":{"id":3,"tool":"t","arguments":{"b":2,"a":1}}}"#,
    ])
    #expect(mixed.ledger.stopReason == nil)
    let (same, _) = take([
      #"{"call":{"id":1,"tool":"t","arguments":{"a":1,"b":2}}}"#,
      #"{"call":{"id":3,"tool":"t","arguments":{"b":2,"a":1}}}"#,
      #"{"call":{"id":4,"tool":"t","arguments":{"b":2,"a":1}}}"#,
    ])
    #expect(same.ledger.stopReason != nil)
  }

  @Test(arguments: [
    "", "1", "{}", #"{"output":1,"usage":{}}"#, #"{"calls":{}}"#, #"{"call":{"id":1,"tool":"t"}}"#,
    #"{"call":{"id":1,"tool":7,"arguments":{}}}"#, #"{"usage":{"tokens":-1}}"#,
    #"{"usage":{"tokens":1.5}}"#, #"{"usage":{"token":1}}"#,
  ])
  func whatIsNotTheProtocolEndsIt(line: String) {
    let (conversation, wishes) = take([line, call(1)])
    #expect(conversation.ledger.stopReason != nil && conversation.ledger.calls == 0)
    #expect(wishes.count == 1)
  }

  @Test func nothingIsSaidBehindTheOutput() {
    #expect(take([#"{"output":1}"#, #"{"output":2}"#]).0.ledger.stopReason != nil)
    #expect(take([#"{"output":null}"#]).0.ledger.output == .null)
  }

  @Test func longLinesEndIt() {
    var conversation = AgentConversation(calls: 1, tokens: 1)
    let wishes = conversation.take(
      [UInt8](repeating: 0x20, count: AgentLimits.lineByteCount + 1))
    #expect(wishes.count == 1 && conversation.ledger.stopReason?.contains("longer than") == true)
  }

  @Test func allIsInTheTranscript() throws {
    var conversation = AgentConversation(calls: 1, tokens: 1)
    _ = conversation.say(["task": "x"])
    _ = conversation.take(Array((call(1) + "\n").utf8))
    _ = conversation.say(["result": ["id": 1]])
    let lines = String(decoding: conversation.ledger.transcript, as: UTF8.self).split(
      separator: "\n")
    #expect(lines.count == 3)
    #expect(try JSONValue(parsing: Array(lines[2].utf8)) == ["runner": ["result": ["id": 1]]])
  }
}
