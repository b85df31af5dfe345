// An erasure, as an entry of the log says it: which digests can no longer be opened, and on what ground.
//
//     subject    each erased id as records name it, `Identity/~…`, with the SHA-256 that the digest is; or the
//                same without a name, where none of the digests stands for an id
//     predicate  {"digests":["…",…],"ground":"GDPR Art. 17(1)(b)","id":"…","kind":"erase",…}
//
// It does not say who was erased.
import WritModel

/// What was erased, and why.
public struct EraseRecord: Hashable, Sendable {
  /// Rising; 1 to `Limits.erasedDigests`.
  public let digests: [DisclosureDigest]
  /// The law, or the rule, that it was done by.
  public let ground: String

  /// An erasure; `nil` unless there are digests, at most `Limits.erasedDigests`, and the ground is a line of at most
  /// `Limits.groundByteCount` bytes.
  public init?(digests: [DisclosureDigest], ground: String) {
    guard 1...Limits.erasedDigests ~= Set(digests).count, EraseRecord.isGround(ground) else {
      return nil
    }
    self.digests = Set(digests).sorted()
    self.ground = ground
  }

  /// Whether a text can be the ground of an erasure: not empty, a line, at most `Limits.groundByteCount` bytes.
  public static func isGround(_ text: String) -> Bool {
    1...Limits.groundByteCount ~= text.utf8.count
      && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
  }

  /// Reads the statement of an entry; `nil` unless it is an erasure and says nothing else.
  public init?(_ statement: Statement) {
    guard hasSameBytes(statement.predicateType, PredicateType.erase),
      RecordShape.problem(of: statement) == nil,
      let list = statement.predicate["digests"]?.array,
      let ground = statement.predicate["ground"]?.string
    else { return nil }
    let digests = list.compactMap { $0.string.flatMap { DisclosureDigest($0) } }
    self.init(digests: digests, ground: ground)
  }

  /// The record of it; `names` are those of the erased ids.
  func draft(id: String, names: [DisclosureDigest: String]) -> RecordDraft {
    var subjects: [Subject] = []
    for digest in digests where subjects.count < Limits.recordSubjects {
      guard let name = names[digest] else { continue }
      subjects.append(
        Subject(
          name: name, uri: nil,
          digests: [NamedDigest(algorithm: "sha256", value: digest.sha256.hex)]))
    }
    if subjects.isEmpty {
      subjects = [
        Subject(
          name: nil, uri: nil,
          digests: [NamedDigest(algorithm: "sha256", value: digests[0].sha256.hex)])
      ]
    }
    return RecordDraft(
      type: PredicateType.erase, kind: .erase, id: id, subjects: subjects,
      members: [
        JSONMember("digests", .array(digests.map { .string($0.description) })),
        JSONMember("ground", .string(ground)),
      ])
  }
}
