// Who wanted a run to stop, and how.

/// Who wants a run to stop, as far as it can be told.
public enum Canceller: Hashable, Sendable {
  /// The journal does not say.
  case unsaid
  /// A signal to the runner: which, and from whom, in words.
  case signal(String)
  /// A word in the run's folder that nobody has signed for certain; of whom, in words.
  case unsigned(String)
  /// Somebody, as a node, who has signed it with a key that the bundle knows.
  case signed(String)

  /// Somebody; of words that are too long the beginning.
  var bounded: Canceller {
    switch self {
    case .unsaid: self
    case .signal(let words): .signal(cut(words))
    case .unsigned(let words): .unsigned(cut(words))
    case .signed(let node): .signed(node)
    }
  }

  var fits: Bool {
    switch self {
    case .unsaid: true
    case .signal(let words), .unsigned(let words):
      !words.isEmpty && WritPipeline.fits(detail: words)
    case .signed(let node): (1...PipelineLimits.nameByteCount).contains(node.utf8.count)
    }
  }
}

extension Canceller: CustomStringConvertible {
  /// `by …`; empty where nothing can be said.
  public var description: String {
    switch self {
    case .unsaid: ""
    case .signal(let words): "by \(words)"
    case .unsigned(let words): "by an unsigned word, \(words)"
    case .signed(let node): "by \(node), who signed it"
    }
  }
}

/// A word that a run is to stop, as it was heeded.
public struct CancelWord: Hashable, Sendable {
  public let mode: CancelMode
  public let by: Canceller
  /// When it was heeded, in microseconds since 1970.
  public let at: Int64

  /// `cleanup, by SIGTERM`
  public var words: String {
    by == .unsaid ? mode.rawValue : "\(mode.rawValue), \(by)"
  }
}
