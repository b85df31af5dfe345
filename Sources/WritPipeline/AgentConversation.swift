// What is said between a runner and an agent, JSON Lines both ways, as a value: lines come in, wishes go out. It has no process,
// no clock and no tools of its own.
//
//     runner ──► {"task":{"words":"…","context":{…},"tools":[…],"calls":20,"tokens":100000,"output":{…}}}      once, first
//     agent  ──► {"call":{"id":1,"tool":"decide.shop.ship","arguments":{…}}}
//     runner ──► {"result":{"id":1,…}}                                                                        for each call
//     agent  ──► {"usage":{"tokens":1234}}                                                                    as it likes
//     agent  ──► {"output":…}                                                                                 once, last
//
// A member that is not known is refused, so that a misspelt one is not taken for silence. What goes beyond the budget, and a call
// that comes again and again with the same arguments, ends it.
public import WritModel

/// What an agent wants, or what becomes of it.
public enum AgentWish: Hashable, Sendable {
  /// A tool is to be called; the answer goes back with the same id.
  case call(id: JSONValue, tool: String, arguments: JSONValue)
  /// It must be stopped, and why.
  case stop(String)
}

/// One attempt of an agent that speaks lines of JSON.
public struct AgentConversation: Sendable {
  /// What it has said and used up.
  public private(set) var ledger: AgentLedger
  private var lines = AgentLines()

  /// One that may use up so much.
  public init(calls: Int, tokens: Int64) {
    ledger = AgentLedger(calls: calls, tokens: tokens)
  }

  /// Bytes of a message of the runner, which is then part of the transcript.
  public mutating func say(_ message: JSONValue) -> [UInt8] {
    ledger.say(message)
    return Array((message.compact + "\n").utf8)
  }

  /// Takes what the agent wrote; lines may come in pieces.
  public mutating func take(_ bytes: [UInt8]) -> [AgentWish] {
    guard ledger.stopReason == nil else { return [] }
    var wishes: [AgentWish] = []
    let (whole, isTooLong) = lines.take(bytes)
    for line in whole where ledger.stopReason == nil {
      if let wish = read(line) { wishes.append(wish) }
    }
    if isTooLong, ledger.stopReason == nil {
      ledger.stop("a line of it is longer than \(AgentLimits.lineByteCount) bytes")
    }
    if let reason = ledger.stopReason { wishes.append(.stop(reason)) }
    return wishes
  }

  /// The agent is to be stopped, whatever it says.
  public mutating func stop(_ reason: String) { ledger.stop(reason) }
}

// Messages of the agent.
extension AgentConversation {
  private mutating func read(_ line: [UInt8]) -> AgentWish? {
    guard let message = try? JSONValue(parsing: line), let members = message.object,
      members.count == 1, let member = members.first
    else {
      ledger.stop("a line of it is no JSON object of one member")
      return nil
    }
    guard ledger.hear(message), ledger.isOpen() else { return nil }
    switch member.name {
    case "call": return call(member.value)
    case "usage": usage(member.value)
    case "output": _ = ledger.give(member.value)
    default: ledger.stop("it said `\(member.name)`; there are call, usage, output")
    }
    return nil
  }

  private mutating func call(_ call: JSONValue) -> AgentWish? {
    guard let members = call.object, members.count == 3, let id = call["id"],
      let tool = call["tool"]?.string, let arguments = call["arguments"]
    else {
      ledger.stop("a call of it is not `id`, `tool` and `arguments`")
      return nil
    }
    guard ledger.call(tool, arguments) else { return nil }
    return .call(id: id, tool: tool, arguments: arguments)
  }

  private mutating func usage(_ usage: JSONValue) {
    guard usage.object?.count == 1, let more = usage["tokens"]?.integer, more >= 0 else {
      return ledger.stop("a usage of it is not `tokens`, a whole number")
    }
    _ = ledger.use(tokens: more)
  }
}
