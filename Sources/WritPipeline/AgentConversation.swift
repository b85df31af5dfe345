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
public import WritCrypto
public import WritModel

/// What an agent wants, or what becomes of it.
public enum AgentWish: Hashable, Sendable {
  /// A tool is to be called; the answer goes back with the same id.
  case call(id: JSONValue, tool: String, arguments: JSONValue)
  /// It must be stopped, and why.
  case stop(String)
}

/// One attempt of an agent at its task.
public struct AgentConversation: Sendable {
  /// What it gave out, as it wrote it; `nil` before.
  public private(set) var output: JSONValue?
  /// All that was said, a line each: `{"agent":…}` or `{"runner":…}`.
  public private(set) var transcript: [UInt8] = []
  /// Calls so far, and tokens as far as it says.
  public private(set) var calls = 0
  public private(set) var tokens: Int64 = 0
  /// Why it was stopped; nothing that it says then counts.
  public private(set) var stopReason: String?

  private let most: (calls: Int, tokens: Int64)
  private var line: [UInt8] = []
  private var seen: [Digest: Int] = [:]

  /// One that may use up so much.
  public init(calls: Int, tokens: Int64) {
    most = (calls, tokens)
  }

  /// Bytes of a message of the runner, which is then part of the transcript.
  public mutating func say(_ message: JSONValue) -> [UInt8] {
    note("runner", message)
    return Array((message.compact + "\n").utf8)
  }

  /// Takes what the agent wrote; lines may come in pieces.
  public mutating func take(_ bytes: [UInt8]) -> [AgentWish] {
    var wishes: [AgentWish] = []
    for byte in bytes where stopReason == nil {
      guard byte == 0x0a else {
        line.append(byte)
        if line.count > AgentLimits.lineByteCount {
          wishes.append(stop("a line of it is longer than \(AgentLimits.lineByteCount) bytes"))
        }
        continue
      }
      if let wish = read(line) { wishes.append(wish) }
      line = []
    }
    return wishes
  }

  /// The SHA-256 of the transcript.
  public var digest: Digest { Digest(of: transcript) }

  private mutating func note(_ side: String, _ message: JSONValue) {
    // Beyond its bound a transcript would be another's: it ends the conversation, see `read`.
    transcript += Array((JSONValue.object([JSONMember(side, message)]).compact + "\n").utf8)
  }

  private mutating func stop(_ reason: String) -> AgentWish {
    stopReason = reason
    return .stop(reason)
  }
}

/// Bounds of what an agent says.
public enum AgentLimits {
  /// Bytes of one line.
  public static let lineByteCount = 1 << 18
  /// Bytes of all that is said, both ways.
  public static let transcriptByteCount = 8 << 20
  /// How often the same tool is called with the same arguments before that is taken for going round.
  public static let sameCalls = 3
}

// Messages of the agent.
extension AgentConversation {
  private mutating func read(_ line: [UInt8]) -> AgentWish? {
    guard let message = try? JSONValue(parsing: line), let members = message.object,
      members.count == 1, let member = members.first
    else { return stop("a line of it is no JSON object of one member") }
    note("agent", message)
    guard transcript.count <= AgentLimits.transcriptByteCount else {
      return stop("more was said than \(AgentLimits.transcriptByteCount) bytes")
    }
    guard output == nil else { return stop("it went on after its output") }
    switch member.name {
    case "call": return call(member.value)
    case "usage": return usage(member.value)
    case "output":
      output = member.value
      return nil
    default: return stop("it said `\(member.name)`; there are call, usage, output")
    }
  }

  private mutating func call(_ call: JSONValue) -> AgentWish? {
    guard let members = call.object, members.count == 3, let id = call["id"],
      let tool = call["tool"]?.string, let arguments = call["arguments"]
    else { return stop("a call of it is not `id`, `tool` and `arguments`") }
    calls += 1
    guard calls <= most.calls else {
      return stop("it called tools more often than its budget of \(most.calls) allows")
    }
    let same = Digest(of: Array((tool + "\n" + canonical(arguments)).utf8))
    seen[same, default: 0] += 1
    guard seen[same, default: 0] < AgentLimits.sameCalls else {
      return stop(
        "it goes round: `\(tool)` was called \(AgentLimits.sameCalls) times with the same arguments"
      )
    }
    return .call(id: id, tool: tool, arguments: arguments)
  }

  private func canonical(_ json: JSONValue) -> String {
    guard let bytes = try? json.withoutFractions.ownCanonicalBytes() else { return json.compact }
    return String(decoding: bytes, as: UTF8.self)
  }

  private mutating func usage(_ usage: JSONValue) -> AgentWish? {
    guard usage.object?.count == 1, let more = usage["tokens"]?.integer, more >= 0 else {
      return stop("a usage of it is not `tokens`, a whole number")
    }
    let (sum, isTooMuch) = tokens.addingReportingOverflow(more)
    guard !isTooMuch, sum <= most.tokens else {
      return stop("it used up more tokens than its budget of \(most.tokens) allows")
    }
    tokens = sum
    return nil
  }
}
