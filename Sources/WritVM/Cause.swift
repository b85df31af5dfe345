// Why a value is not known, in one word, so that a register can carry it.

/// The reason why something is unknown, or only possible; 0 if nothing is.
///
///      63  62  61     56 55         44 43         32 31             0
///     ┌───┬───┬─────────┬─────────────┬─────────────┬────────────────┐
///     │ m │ a │  code   │   first     │   second    │  node + 1      │
///     └───┴───┴─────────┴─────────────┴─────────────┴────────────────┘
///       m: the value is an optional that may be absent; a: it is absent
public struct Cause: Hashable, Sendable {
  public let word: UInt64

  init(word: UInt64) {
    self.word = word
  }

  /// Nothing is unknown.
  public static let none = Cause(word: 0)
  /// Not a cause: the optional is absent, and known to be.
  static let absent = Cause(word: absentBit)

  init(_ code: Code, first: Int = 0, second: Int = 0, node: Int = -1) {
    word =
      UInt64(code.rawValue) << 56 | UInt64(truncatingIfNeeded: first & 0xfff) << 44
      | UInt64(truncatingIfNeeded: second & 0xfff) << 32
      | UInt64(UInt32(truncatingIfNeeded: node + 1))
  }

  /// What kind of thing was not known.
  public enum Code: UInt8, Sendable {
    case none
    /// `first` is the source, `second` the kind, the node is named.
    case unvouchedNode
    /// `first` is the source, `second` the kind: something of the kind may be missing.
    case unvouchedKind
    /// `first` is the kind, `second` the field.
    case missingField
    /// `first` is the edge type, `second` the field.
    case missingEdgeField
    /// `first` is the edge type.
    case missingEdge
    /// A node that is named in the policy or the request is not in the graph. `first` is the kind.
    case noNode
    case overflow, divisionByZero, fuel
    /// `first` is the scorecard.
    case noCheck
    /// An operation met a value that is absent.
    case absentOperand
  }

  public var code: Code { Code(rawValue: UInt8(truncatingIfNeeded: word >> 56) & 0x3f) ?? .none }
  public var first: Int { Int(word >> 44 & 0xfff) }
  public var second: Int { Int(word >> 32 & 0xfff) }
  /// Number of the node, or -1.
  public var node: Int { Int(word & 0xffff_ffff) - 1 }

  static let maybeAbsentBit: UInt64 = 1 << 63
  static let absentBit: UInt64 = 1 << 62
  var isAbsent: Bool { word & Cause.absentBit != 0 }
  /// The cause without what it says of absence.
  var plain: Cause { Cause(word: word & ~(Cause.absentBit | Cause.maybeAbsentBit)) }
  var mayBeAbsent: Bool { word & Cause.maybeAbsentBit != 0 }
  var andAbsent: Cause { Cause(word: word | Cause.absentBit) }
  var orAbsent: Cause { Cause(word: word | Cause.maybeAbsentBit) }
  var isNone: Bool { word == 0 }
  /// This cause, or the other where there is none.
  func or(_ other: Cause) -> Cause { plain.isNone ? other.plain : plain }
}
