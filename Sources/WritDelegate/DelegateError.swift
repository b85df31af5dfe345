// What goes wrong around a delegate: its files, its keys, its children.
import Glibc

/// Why a delegate cannot do what it should.
public enum DelegateError: Error, Hashable, Sendable {
  /// The system refused an act; the code is an `errno`.
  case system(act: String, code: Int32)
  /// There is no such file.
  case missing(path: String)
  /// A file is not what it should be; says how.
  case damaged(path: String, reason: String)
  /// Others than the owner may read or write a file.
  case open(path: String)
  /// Another process serves this delegate.
  case locked(path: String)
  /// What an earlier process had started has not ended yet.
  case stillEnding(path: String)
  /// It is there already, and is not replaced.
  case exists(path: String)
  /// A secret cannot be taken; says why.
  case secret(name: String, reason: String)
  /// One key is given for two things.
  case keyInTwoRoles(String)
  /// The machine gave no random bytes.
  case noRandomBytes
  /// After a failed write nobody knows what is durable.
  case stopped
}

extension DelegateError: CustomStringConvertible {
  /// Lower case, no full stop.
  public var description: String {
    switch self {
    case .system(let act, let code):
      "cannot \(act): " + (strerror(code).map { String(cString: $0) } ?? "error \(code)")
    case .missing(let path): "\(path): there is no such file"
    case .damaged(let path, let reason): "\(path): \(reason)"
    case .open(let path):
      "\(path): others may read or write it; take that from them (chmod go= \(path))"
    case .locked(let path): "\(path): another process serves this delegate"
    case .stillEnding(let path):
      "\(path): what an earlier process had started has not ended yet; it was killed, try again soon"
    case .exists(let path): "\(path) is already there"
    case .secret(let name, let reason): "secret `\(name)`: \(reason)"
    case .keyInTwoRoles(let roles): "one key is given as \(roles); each needs its own"
    case .noRandomBytes: "the system gives no random bytes"
    case .stopped: "an earlier write failed; start again"
    }
  }
}
