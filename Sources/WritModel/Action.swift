// What kinds of actions there are, what they touch, and what may come of them.

/// What an action does; the name is how a policy writes it.
public enum ActionKind: String, CaseIterable, Hashable, Sendable {
  case deploy
  case migrate
  case flag
  case scan
  case chaos
  case incident
  case infrastructure
  case rollback
}

/// What an action changes, the least first; the name is how a policy writes it.
public enum ActionEffect: String, CaseIterable, Hashable, Sendable, Comparable {
  case none
  case staging
  case production

  /// Production touches more than staging, staging more than nothing.
  public static func < (left: ActionEffect, right: ActionEffect) -> Bool {
    left.rank < right.rank
  }

  private var rank: Int {
    switch self {
    case .none: 0
    case .staging: 1
    case .production: 2
    }
  }
}

/// What may come of an action that goes wrong; the name is how a policy writes it.
public enum ActionImpact: String, CaseIterable, Hashable, Sendable {
  case outage
  case dataExposure
  case regulatory
}

/// How long an action may be given.
public enum ActionTimeout {
  /// More than nothing, at most 24 hours.
  public static let microseconds: ClosedRange<Int64> = 1...86_400_000_000
}

/// What a secret of an action is called.
public enum ActionSecret {
  /// A letter or `_`, then letters, digits and `_`; ASCII, at most 128 bytes: it can name a variable of an environment.
  public static func isName(_ text: String) -> Bool {
    guard text.utf8.count <= 128, let first = text.utf8.first, isLetter(first) else { return false }
    return text.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
  }
}
