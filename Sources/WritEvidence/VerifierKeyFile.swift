// Files of verifier keys: the keys of one log, each with the sizes for which it counts.
//
//     # comments and empty lines say nothing
//     log.example/writ+a5fb758f+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4 0..140
//     log.example/writ+90ab1dd7+AWdaNqcFUZCLpYWwJ/9Fq8jfLFJaa3sJWV/DJ/75pnFw 120
//
// `120` is from that size on, `0..140` up to 140 and with it; without either a key counts for every
// size. One key stands alone in the file that `writ key new` writes.
import WritModel

/// Why a file of verifier keys is not taken.
public struct VerifierKeyFileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The line, from 1; `nil` where the whole is meant.
  public let line: Int?
  /// What was expected; lower case, no full stop.
  public let expectation: String

  /// Line and expectation.
  public var description: String { (line.map { "line \($0): " } ?? "") + expectation }

  init(_ expectation: String, line: Int? = nil) {
    self.line = line
    self.expectation = expectation
  }
}

/// The keys that a log's checkpoints are verified with.
public struct LogVerifierKeys: Hashable, Sendable {
  /// At least one, each once, all with the name of the log.
  public let keys: [VerifierKey]

  /// The identity of the log.
  public var origin: String { keys[0].name.description }

  /// Reads files of keys, which must be of one log; at most `Limits.verifierKeys` in all.
  public init(files: [[UInt8]]) throws(VerifierKeyFileError) {
    var keys: [VerifierKey] = []
    for file in files { keys += try LogVerifierKeys.read(file) }
    try self.init(keys: keys)
  }

  /// Takes keys that are of one log.
  public init(keys: [VerifierKey]) throws(VerifierKeyFileError) {
    guard let first = keys.first else { throw VerifierKeyFileError("expected a verifier key") }
    guard keys.count <= Limits.verifierKeys else {
      throw VerifierKeyFileError("at most \(Limits.verifierKeys) keys")
    }
    for (index, key) in keys.enumerated() {
      guard key.algorithm == .ed25519 else {
        throw VerifierKeyFileError("expected the key of a log, found that of a witness")
      }
      guard key.name == first.name else {
        throw VerifierKeyFileError(
          "expected the keys of one log, found those of `\(first.name)` and `\(key.name)`")
      }
      guard !keys[..<index].contains(where: { $0.publicKey == key.publicKey }) else {
        throw VerifierKeyFileError("the key `\(key)` stands twice")
      }
    }
    self.keys = keys
  }

  private static func read(_ file: [UInt8]) throws(VerifierKeyFileError) -> [VerifierKey] {
    guard file.count <= Limits.verifierKeyFileByteCount,
      let text = String(validating: file, as: UTF8.self)
    else { throw VerifierKeyFileError("expected a verifier key and nothing else") }
    var keys: [VerifierKey] = []
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() where !line.isEmpty && !line.hasPrefix("#") {
      guard let key = key(String(line)) else {
        throw VerifierKeyFileError(
          "expected a verifier key, and perhaps sizes, and nothing else", line: number + 1)
      }
      keys.append(key)
    }
    return keys
  }

  /// `vkey`, `vkey from` or `vkey from..to`.
  private static func key(_ line: String) -> VerifierKey? {
    let parts = line.split(separator: " ", omittingEmptySubsequences: false)
    guard 1...2 ~= parts.count, let key = VerifierKey(String(parts[0])) else { return nil }
    guard parts.count == 2 else { return key }
    let text = String(parts[1])
    let bounds = text.split(separator: ".", omittingEmptySubsequences: false)
    switch bounds.count {
    case 1: return size(text).map { key.restricted(to: $0...Limits.treeSize) }
    case 3:
      guard bounds[1].isEmpty, let lower = size(String(bounds[0])),
        let upper = size(String(bounds[2])), lower <= upper
      else { return nil }
      return key.restricted(to: lower...upper)
    default: return nil
    }
  }

  /// Decimal, without a sign or zeros in front.
  private static func size(_ text: String) -> UInt64? {
    guard let size = UInt64(text), size <= Limits.treeSize, hasSameBytes(String(size), text) else {
      return nil
    }
    return size
  }
}

extension VerifierKey {
  /// The key as a line of such a file, with its sizes where it does not count for all.
  public var fileLine: String {
    if sizes.upperBound < Limits.treeSize {
      return "\(self) \(sizes.lowerBound)..\(sizes.upperBound)"
    }
    return sizes.lowerBound > 0 ? "\(self) \(sizes.lowerBound)" : description
  }
}
