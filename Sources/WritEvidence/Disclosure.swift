// A value that can be erased: a salted commitment to it stands where it is recorded, the value elsewhere.
//
//     disclosure   base64url of the UTF-8 JSON array [salt, name, value]
//     digest       base64url of the SHA-256 of the ASCII text of the disclosure
//
// That is the form of SD-JWT (RFC 9901, section 4.2). The text is hashed, so it is kept and passed on byte
// for byte and never printed anew. Without the salt, of 128 random bits, a digest tells nothing of the value.
//
// Inside of a text the digest stands behind a tilde: `Identity/~X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0`.
public import WritCrypto
public import WritModel

/// A salt, a name and a value, and what they are hashed as.
public struct Disclosure: Hashable, Sendable {
  /// The text that is hashed: base64url, not padded.
  public let text: String
  /// What the value is: a kind of nodes, `Kind.field`, `approval`, `approver` or `decision`.
  public let name: String
  /// What can be erased.
  public let value: JSONValue

  /// A disclosure with a salt of its own, of 128 random bits.
  public init(name: String, value: JSONValue) throws(CryptoError) {
    self.init(salt: Base64.encodeURL(try randomBytes(16)), name: name, value: value)
  }

  private init(salt: String, name: String, value: JSONValue) {
    let array = JSONValue.array([.string(salt), .string(name), value])
    text = Base64.encodeURL(Array(array.compact.utf8))
    self.name = name
    self.value = value
  }

  /// Reads the text of a disclosure, whoever wrote it; `nil` where it is none: not base64url of an array of a salt
  /// of 22 characters or more, a name and a value, or longer than `Limits.disclosureByteCount`.
  public init?(_ text: String) {
    guard text.utf8.count <= Limits.disclosureByteCount, let bytes = Base64.decodeURL(text),
      let array = try? JSONValue(parsing: bytes).array, array.count == 3,
      let salt = array[0].string, salt.utf8.count >= 22, let name = array[1].string
    else { return nil }
    self.text = text
    self.name = name
    value = array[2]
  }

  /// What a record holds in its place.
  public var digest: DisclosureDigest { DisclosureDigest(of: self) }
}

/// The digest of a disclosure: 43 characters of base64url.
public struct DisclosureDigest: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Of the disclosure's text.
  public let sha256: Digest

  /// Of the text of a disclosure.
  public init(of disclosure: Disclosure) {
    sha256 = Digest(of: Array(disclosure.text.utf8))
  }

  init(sha256: Digest) { self.sha256 = sha256 }

  /// Reads what `description` writes.
  public init?(_ text: String) {
    guard text.utf8.count == DisclosureDigest.length,
      let digest = Base64.decodeURL(text).flatMap({ Digest($0) })
    else { return nil }
    sha256 = digest
  }

  private static let length = 43
  private static let mark = UInt8(ascii: "~")

  /// As it stands in `_sd`.
  public var description: String { Base64.encodeURL(sha256.bytes) }

  /// As it stands in a text, in the place of the value.
  public var token: String { "~" + description }

  /// By the bytes of the SHA-256.
  public static func < (left: DisclosureDigest, right: DisclosureDigest) -> Bool {
    left.sha256.bytes.lexicographicallyPrecedes(right.sha256.bytes)
  }

  /// Reads a text that is a token and nothing else.
  public init?(token text: String) {
    guard text.utf8.first == DisclosureDigest.mark else { return nil }
    self.init(String(text.dropFirst()))
  }

  /// The token in the id of a node's name, `Kind/~…`, or the text itself where that is one.
  public init?(in name: String) {
    self.init(token: name.halves(at: UInt8(ascii: "/"))?.behind ?? name)
  }

  /// All tokens in a text, in its order.
  public static func all(in text: String) -> [DisclosureDigest] {
    var found: [DisclosureDigest] = []
    replace(in: text) { digest in
      found.append(digest)
      return nil
    }
    return found
  }

  /// The text with other texts in place of its tokens; `nil` leaves a token as it is. Linear.
  @discardableResult
  public static func replace(
    in text: String, by value: (DisclosureDigest) -> String?
  ) -> String {
    let bytes = Array(text.utf8)
    guard bytes.count > length, bytes.contains(mark) else { return text }
    var result: [UInt8] = []
    var place = 0
    while place < bytes.count {
      let end = place + 1 + length
      if bytes[place] == mark, end <= bytes.count,
        let digest = DisclosureDigest(String(decoding: bytes[(place + 1)..<end], as: UTF8.self))
      {
        if let value = value(digest) {
          result.append(contentsOf: value.utf8)
        } else {
          result.append(contentsOf: bytes[place..<end])
        }
        place = end
      } else {
        result.append(bytes[place])
        place += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}

extension Statement {
  /// What stands in `_sd` of the predicate: what the record holds by digest.
  public var disclosureDigests: [DisclosureDigest] {
    (predicate["_sd"]?.array ?? []).compactMap { $0.string.flatMap { DisclosureDigest($0) } }
  }
}

extension JSONValue {
  /// The value with other texts in place of the tokens in its texts and in the names of its members.
  public func replacingTokens(by value: (DisclosureDigest) -> String?) -> JSONValue {
    switch self {
    case .null, .bool, .number: self
    case .string(let text): .string(DisclosureDigest.replace(in: text, by: value))
    case .array(let elements): .array(elements.map { $0.replacingTokens(by: value) })
    case .object(let members):
      .object(
        members.map { member in
          JSONMember(
            DisclosureDigest.replace(in: member.name, by: value),
            member.value.replacingTokens(by: value))
        })
    }
  }

  /// The digests of all tokens in the value.
  public var tokens: Set<DisclosureDigest> {
    var found: Set<DisclosureDigest> = []
    _ = replacingTokens { digest in
      found.insert(digest)
      return nil
    }
    return found
  }
}
