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

/// What is done past the usual way, and who looks at it afterwards.
public struct BreakGlass: Hashable, Sendable {
  /// In which somebody else says afterwards whether it was right.
  public let role: String
  /// How soon, in microseconds from the decision: within `BreakGlass.microseconds`.
  public let within: Int64

  public init(role: String, within: Int64) {
    self.role = role
    self.within = within
  }

  /// More than nothing, at most 30 days.
  public static let microseconds: ClosedRange<Int64> = 1...2_592_000_000_000

  /// Bytes in a reason, which is one line.
  public static let reasonByteCount = 1024

  /// Whether a text says why: 1 to `reasonByteCount` bytes, something to be seen in it, no line breaks, no other control characters and none
  /// that change the direction of writing.
  public static func isReason(_ text: String) -> Bool {
    let bytes = text.utf8
    return bytes.count <= reasonByteCount && hasVisibleText(text)
      && !text.unicodeScalars.contains { scalar in
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: scalar.properties.isBidiControl
        }
      }
  }

  /// Microseconds since the epoch at which a review is due of what was decided at that moment.
  public func due(after decided: Int64) -> Int64 {
    let (due, isBeyond) = decided.addingReportingOverflow(within)
    return isBeyond ? .max : due
  }
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

/// What a bundle says of a delegate, and an action wants of the one that does it.
public enum DelegateLabel {
  /// As of a secret, but at most 64 bytes.
  public static func isName(_ text: String) -> Bool {
    text.utf8.count <= 64 && ActionSecret.isName(text)
  }

  /// How many an action wants, or a delegate has.
  public static let most = 16
}
