// What one attempt of an agent has said and used up, in whichever protocol it speaks. Both count here, so that neither is a way
// round a budget.

public import WritCrypto
public import WritModel

/// Bounds of what an agent says.
public enum AgentLimits {
  /// Bytes of one line.
  public static let lineByteCount = 1 << 18
  /// Bytes of all that is said, both ways.
  public static let transcriptByteCount = 8 << 20
  /// How often the same tool is called with the same arguments before that is taken for going round.
  public static let sameCalls = 3
  /// How long a client has to end by itself once its answer is taken.
  public static let partingMilliseconds: Int64 = 3_000
}

/// The account of one attempt of an agent at its task. Whatever goes beyond its bounds stops it, and nothing that it says then counts.
public struct AgentLedger: Sendable {
  /// What it gave out, as it wrote it; `nil` before.
  public private(set) var output: JSONValue?
  /// All that was said, a line each: `{"agent":…}` or `{"runner":…}`.
  public private(set) var transcript: [UInt8] = []
  /// Calls so far, and tokens as far as it says.
  public private(set) var calls = 0
  public private(set) var tokens: Int64 = 0
  /// Why it was stopped; the first reason stays.
  public private(set) var stopReason: String?

  private let most: (calls: Int, tokens: Int64)
  private var seen: [Digest: Int] = [:]

  /// Of one that may use up so much.
  public init(calls: Int, tokens: Int64) {
    most = (calls, tokens)
  }

  /// The SHA-256 of the transcript.
  public var digest: Digest { Digest(of: transcript) }

  /// The agent is to be stopped.
  public mutating func stop(_ reason: String) {
    if stopReason == nil { stopReason = reason }
  }

  /// Notes what the runner says.
  public mutating func say(_ message: JSONValue) { note("runner", message) }

  /// Notes what the agent says; `false` where it has said too much.
  public mutating func hear(_ message: JSONValue) -> Bool {
    note("agent", message)
    guard transcript.count > AgentLimits.transcriptByteCount else { return true }
    stop("more was said than \(AgentLimits.transcriptByteCount) bytes")
    return false
  }

  /// Counts a call; `false` where it is one too many, or goes round.
  public mutating func call(_ tool: String, _ arguments: JSONValue) -> Bool {
    guard isOpen() else { return false }
    calls += 1
    guard calls <= most.calls else {
      stop("it called tools more often than its budget of \(most.calls) allows")
      return false
    }
    let same = Digest(of: Array((tool + "\n" + canonical(arguments)).utf8))
    seen[same, default: 0] += 1
    guard seen[same, default: 0] < AgentLimits.sameCalls else {
      stop(
        "it goes round: `\(tool)` was called \(AgentLimits.sameCalls) times with the same arguments"
      )
      return false
    }
    return true
  }

  /// Adds up tokens, at least 0; `false` where they are too many.
  public mutating func use(tokens more: Int64) -> Bool {
    let (sum, isTooMuch) = tokens.addingReportingOverflow(more)
    guard more >= 0, !isTooMuch, sum <= most.tokens else {
      stop("it used up more tokens than its budget of \(most.tokens) allows")
      return false
    }
    tokens = sum
    return true
  }

  /// Takes what it gives out, once.
  public mutating func give(_ output: JSONValue) -> Bool {
    guard isOpen() else { return false }
    self.output = output
    return true
  }

  /// Whether it may still say something that counts: its output is the last.
  public mutating func isOpen() -> Bool {
    if output != nil { stop("it went on after its output") }
    return stopReason == nil
  }

  private mutating func note(_ side: String, _ message: JSONValue) {
    transcript += Array((JSONValue.object([JSONMember(side, message)]).compact + "\n").utf8)
  }

  private func canonical(_ json: JSONValue) -> String {
    guard let bytes = try? json.withoutFractions.ownCanonicalBytes() else { return json.compact }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// The lines in what an agent writes, which may come in pieces.
public struct AgentLines: Sendable {
  private var line: [UInt8] = []

  public init() {}

  /// The lines that are whole now, without their ends.
  ///
  /// - Returns: `isTooLong` if what follows them is longer than a line may be; nothing is to be taken then any more.
  public mutating func take(_ bytes: [UInt8]) -> (lines: [[UInt8]], isTooLong: Bool) {
    var lines: [[UInt8]] = []
    for byte in bytes {
      if byte == 0x0a {
        lines.append(line)
        line = []
        continue
      }
      line.append(byte)
      if line.count > AgentLimits.lineByteCount { return (lines, true) }
    }
    return (lines, false)
  }
}
