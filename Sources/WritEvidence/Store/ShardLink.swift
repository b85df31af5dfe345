// Logs that go on from one another: sealing, and checking that two of them are linked.
import WritCrypto

extension LogReader {
  /// What the log goes on in, if its last entry is a seal.
  public func seal() throws(LogError) -> ShardSeal? {
    guard size > 0 else { return nil }
    return ShardSeal(entry: try entry(at: size - 1))
  }

  /// What the log goes on from, if its first entry says so.
  public func opening() throws(LogError) -> ShardOpening? {
    guard size > 0, let record = try? EvidenceRecord(entry: try entry(at: 0)) else { return nil }
    return ShardOpening(record.statement)
  }
}

/// Why a log does not go on from another.
public enum ShardLinkError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The later log's first entry names no log before it.
  case noOpening
  /// It names another log, or another state of it.
  case otherLog(named: String, size: UInt64)
  /// The earlier log's last entry names no log behind it.
  case noSeal
  /// It names another log, or another key of it.
  case otherNext(named: String)

  /// Lower case, no full stop.
  public var description: String {
    switch self {
    case .noOpening: "the first entry of the log names no log before it"
    case .otherLog(let origin, let size):
      "the first entry of the log goes on from `\(origin)` at \(size) entries, which the log before is not"
    case .noSeal: "the log before does not end with a seal"
    case .otherNext(let key): "the log before goes on in `\(key)`, which has not signed this one"
    }
  }
}

/// Throws unless the one log goes on from the other: both verified before, each by keys from outside.
///
/// - Parameter keys: Those that the later log is trusted by.
public func checkLink(
  from earlier: LogReader, to later: LogReader, keys: [VerifierKey]
) throws {
  guard let opening = try later.opening() else { throw ShardLinkError.noOpening }
  guard opening.checkpoint == earlier.signed.checkpoint else {
    throw ShardLinkError.otherLog(named: opening.checkpoint.origin, size: opening.checkpoint.size)
  }
  guard let seal = try earlier.seal() else { throw ShardLinkError.noSeal }
  let isNamed = keys.contains { $0.name == seal.next.name && $0.publicKey == seal.next.publicKey }
  guard isNamed, seal.next.name.description == later.signed.checkpoint.origin else {
    throw ShardLinkError.otherNext(named: seal.next.description)
  }
}
