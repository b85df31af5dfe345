// Reading a policy file: the first thing that is wrong, with its line.
import WritCrypto
import WritModel

/// What is wrong with a policy file, and where.
public struct WitnessPolicyError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Counted from 1; `nil` where the file as a whole is wrong.
  public let line: Int?
  /// Lower case, no full stop, the file's words in backticks.
  public let message: String

  /// That there, of the line.
  public init(line: Int?, message: String) {
    self.line = line
    self.message = message
  }

  /// Line and message.
  public var description: String { (line.map { "line \($0): " } ?? "") + message }
}

extension WitnessPolicy {
  /// Reads a policy file of at most `Limits.policyByteCount` bytes.
  public init(_ bytes: [UInt8]) throws(WitnessPolicyError) {
    guard bytes.count <= Limits.policyByteCount else {
      throw WitnessPolicyError(line: nil, message: "at most \(Limits.policyByteCount) bytes")
    }
    guard bytes.isEmpty || bytes.last == 0x0a else {
      throw WitnessPolicyError(line: nil, message: "expected a newline behind the last line")
    }
    var parser = PolicyParser()
    for line in bytes.dropLast().split(separator: 0x0a, omittingEmptySubsequences: false) {
      try parser.take(line)
    }
    self = try parser.finish()
  }
}

/// What has been read so far. Names are bytes: whatever they may mean in some encoding, others are
/// others.
private struct PolicyParser {
  private typealias Word = ArraySlice<UInt8>

  private var line = 0
  private var logs: [WitnessPolicy.Log] = []
  private var witnesses: [WitnessPolicy.Witness] = []
  private var groups: [WitnessPolicy.Group] = []
  private var quorum: WitnessPolicy.Member?
  private var quorumLine: Int?
  private var members: [[UInt8]: WitnessPolicy.Member] = [:]
  /// The line on which a name became a member of a group.
  private var memberLines: [[UInt8]: Int] = [:]

  mutating func take(_ text: ArraySlice<UInt8>) throws(WitnessPolicyError) {
    line += 1
    guard text.allSatisfy({ $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7f) }) else {
      throw failure("expected no control characters but tabs")
    }
    let words = text.split { $0 == 0x20 || $0 == 0x09 }
    guard let first = words.first, first.first != UInt8(ascii: "#") else { return }
    let rest = Array(words.dropFirst())
    switch shown(first) {
    case "log": try takeLog(rest)
    case "witness": try takeWitness(rest)
    case "group": try takeGroup(rest)
    case "quorum": try takeQuorum(rest)
    case let word: throw failure("expected log, witness, group or quorum, found `\(word)`")
    }
  }

  func finish() throws(WitnessPolicyError) -> WitnessPolicy {
    guard quorumLine != nil else {
      throw WitnessPolicyError(line: nil, message: "expected a line `quorum`")
    }
    return WitnessPolicy(logs: logs, witnesses: witnesses, groups: groups, quorum: quorum)
  }

  private mutating func takeLog(_ words: [Word]) throws(WitnessPolicyError) {
    guard 1...2 ~= words.count else { throw failure("expected `log VKEY [URL]`") }
    let key = try key(words[0], .ed25519, "a log")
    guard !logs.contains(where: { $0.key.publicKey == key.publicKey }) else {
      throw failure("the key of the log `\(key.name)` stands twice")
    }
    try checkCount(logs.count, "logs")
    logs.append(WitnessPolicy.Log(key: key, url: words.count > 1 ? shown(words[1]) : nil))
  }

  private mutating func takeWitness(_ words: [Word]) throws(WitnessPolicyError) {
    guard 2...3 ~= words.count else { throw failure("expected `witness NAME VKEY [URL]`") }
    let key = try key(words[1], .cosignature, "a witness")
    guard !witnesses.contains(where: { $0.key.publicKey == key.publicKey }) else {
      throw failure("the key of the witness `\(shown(words[0]))` stands twice")
    }
    try checkCount(witnesses.count, "witnesses")
    try define(words[0], .witness(witnesses.count))
    witnesses.append(
      WitnessPolicy.Witness(
        name: shown(words[0]), key: key, url: words.count > 2 ? shown(words[2]) : nil))
  }

  private mutating func takeGroup(_ words: [Word]) throws(WitnessPolicyError) {
    guard words.count >= 3 else { throw failure("expected `group NAME all|any|COUNT MEMBER...`") }
    var found: [WitnessPolicy.Member] = []
    for word in words[2...] {
      found.append(try member(word))
      if let other = memberLines.updateValue(line, forKey: Array(word)) {
        throw failure("`\(shown(word))` is already a member of the group on line \(other)")
      }
    }
    let threshold = try threshold(words[1], of: found.count)
    try checkCount(groups.count, "groups")
    try define(words[0], .group(groups.count))
    groups.append(
      WitnessPolicy.Group(name: shown(words[0]), threshold: threshold, members: found))
  }

  private mutating func takeQuorum(_ words: [Word]) throws(WitnessPolicyError) {
    guard words.count == 1 else { throw failure("expected `quorum NAME`, or `quorum none`") }
    if let quorumLine { throw failure("the quorum is already said on line \(quorumLine)") }
    quorumLine = line
    quorum = words[0].elementsEqual("none".utf8) ? nil : try member(words[0])
  }

  private func threshold(_ word: Word, of count: Int) throws(WitnessPolicyError) -> Int {
    switch shown(word) {
    case "all": return count
    case "any": return 1
    case let text:
      guard let number = Int(text), String(number) == text, 1...count ~= number else {
        throw failure("expected all, any or a number from 1 to \(count), found `\(text)`")
      }
      return number
    }
  }

  private mutating func define(
    _ word: Word, _ member: WitnessPolicy.Member
  ) throws(WitnessPolicyError) {
    guard !word.elementsEqual("none".utf8) else { throw failure("`none` is no name to define") }
    guard members.updateValue(member, forKey: Array(word)) == nil else {
      throw failure("`\(shown(word))` is already defined")
    }
  }

  private func member(_ word: Word) throws(WitnessPolicyError) -> WitnessPolicy.Member {
    guard let member = members[Array(word)] else {
      throw failure("no witness or group `\(shown(word))` is defined before")
    }
    return member
  }

  private func key(
    _ word: Word, _ algorithm: VerifierKey.Algorithm, _ owner: String
  ) throws(WitnessPolicyError) -> VerifierKey {
    guard let text = String(validating: word, as: UTF8.self), let key = VerifierKey(text) else {
      throw failure("`\(shown(word))` is no verifier key whose type is known and whose ID fits")
    }
    guard key.algorithm == algorithm else {
      throw failure("`\(key.name)` is not the key of \(owner)")
    }
    return key
  }

  private func checkCount(_ count: Int, _ what: String) throws(WitnessPolicyError) {
    guard count < Limits.policyEntries else {
      throw failure("at most \(Limits.policyEntries) \(what)")
    }
  }

  private func shown(_ word: Word) -> String { String(decoding: word, as: UTF8.self) }

  private func failure(_ message: String) -> WitnessPolicyError {
    WitnessPolicyError(line: line, message: message)
  }
}
