// The members of a fact's line, by name.

/// A name that a member of a fact may have.
enum FactMember: Int, CaseIterable {
  case node, id, edge, from, to, source, at, covers, of, remove, removeEdge, props, base

  /// The member that a key names; a key with escapes names none.
  @inline(__always)
  init?(_ key: RawText) {
    guard 1...7 ~= key.count, !key.isEscaped else {
      guard key.bytes.elementsEqual("removeEdge".utf8) else { return nil }
      self = .removeEdge
      return
    }
    // The key's bytes as one little-endian word.
    let mask: UInt64 = (1 &<< UInt64(truncatingIfNeeded: key.count &* 8)) &- 1
    switch UnsafeRawPointer(key.start).loadUnaligned(as: UInt64.self) & mask {
    case 0x6564_6f6e: self = .node
    case 0x6469: self = .id
    case 0x6567_6465: self = .edge
    case 0x6d6f_7266: self = .from
    case 0x6f74: self = .to
    case 0x6563_7275_6f73: self = .source
    case 0x7461: self = .at
    case 0x7372_6576_6f63: self = .covers
    case 0x666f: self = .of
    case 0x6576_6f6d_6572: self = .remove
    case 0x73_706f_7270: self = .props
    case 0x6573_6162: self = .base
    default: return nil
    }
  }
}

/// The members of one line as they were met.
///
/// The texts lie in memory that all lines share, one line after the other, so that the rest is
/// small enough to be passed on.
struct FactMembers {
  private let texts: UnsafeMutablePointer<RawText>
  /// A bit for each member that was met.
  private var met: UInt16 = 0
  /// Where the value of `props` stands, if it is still to be read.
  var props: UnsafePointer<UInt8>?
  /// What `props` were read by, once they were.
  var owner: FactOwner?

  /// No members yet; `texts` has room for as many as there are names.
  init(_ texts: UnsafeMutablePointer<RawText>) {
    self.texts = texts
  }

  /// Whether the member was met.
  func has(_ member: FactMember) -> Bool { met & 1 << UInt16(member.rawValue) != 0 }

  /// Notes that a member was met; `false` if it was met before.
  mutating func meet(_ member: FactMember) -> Bool {
    let bit: UInt16 = 1 << UInt16(member.rawValue)
    defer { met |= bit }
    return met & bit == 0
  }

  /// The text of a member; none for `props`.
  subscript(_ member: FactMember) -> RawText? {
    has(member) && member != .props ? texts[member.rawValue] : nil
  }

  /// Keeps the text of a member that was met.
  func keep(_ member: FactMember, _ text: RawText) {
    texts[member.rawValue] = text
  }

  /// A member that was met and is none of these.
  func stranger(to allowed: UInt16) -> FactMember? {
    guard met & ~allowed != 0 else { return nil }
    return FactMember(rawValue: (met & ~allowed).trailingZeroBitCount)
  }
}

/// Which members each fact may have, as bits.
enum FactForm {
  static let node = bits(.node, .id, .props, .source)
  static let edge = bits(.edge, .from, .to, .props)
  static let source = bits(.source, .at, .covers, .of)
  static let remove = bits(.remove)
  static let removeEdge = bits(.removeEdge, .from, .to)
  static let base = bits(.base)

  private static func bits(_ members: FactMember...) -> UInt16 {
    members.reduce(0) { $0 | 1 << UInt16($1.rawValue) }
  }
}

/// What the properties of a line belong to.
enum FactOwner {
  case node(Int)
  case edge(Int, from: UInt32)
  /// To something that a lenient import leaves out.
  case dropped
}
