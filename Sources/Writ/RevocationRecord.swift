// The record that a token was taken back, and what a log says of that.

public import WritCrypto
public import WritEvidence
public import WritModel

extension Deed {
  /// What a block of a token is called among subjects once it is taken back, by the digest of its envelope.
  public static func subjectName(ofRevoked block: Digest) -> String { "RevokedToken/\(block.hex)" }
}

/// Keeps the envelope of a token's taking back, which has the reason, so that it can be erased, and says what is to be recorded of it. The
/// record is about the block, and about whoever says so, where that is somebody whom the registry knows.
///
/// - Parameters:
///   - giver: Whose key has signed it, as a node; `nil` of a hand that handed the token on.
///   - holder: Of the block: with whose name the word goes that has none of its own.
public func record(
  of revocation: TokenRevocation, _ envelope: JSONValue, by giver: String?, holder: String,
  _ bundle: LoadedBundle, in store: LogStore, id: String
) throws(RecorderError) -> RecordDraft {
  let word =
    if let giver {
      try KeptWord(envelope, "revocation", of: giver, bundle, in: store)
    } else {
      try KeptWord(envelope, "revocation", unnamed: holder, bundle, in: store)
    }
  var members = [
    JSONMember("block", .string(revocation.block)),
    JSONMember("digest", .string(revocation.digest.description)),
    JSONMember("signedAt", .string(revocation.signedAt.description)),
  ]
  if giver != nil { members.append(JSONMember("revoker", .string(word.person))) }
  if let role = revocation.person?.role { members.append(JSONMember("role", .string(role))) }
  return RecordDraft(
    type: PredicateType.tokenRevoked, kind: .revocation, id: id,
    subjects: word.subjects(with: [
      Subject(name: Deed.subjectName(ofRevoked: revocation.digest), sha256: revocation.digest)
    ]),
    members: members + word.members)
}

extension SubjectReader {
  /// The records that say of a block that it was taken back, the newest first.
  public func revocations(of block: Digest) throws(LogError) -> [FoundRecord] {
    try records(about: Deed.subjectName(ofRevoked: block)).reversed().filter {
      hasSameBytes($0.record.type, PredicateType.tokenRevoked)
        && $0.record.predicate["digest"]?.string.flatMap { Digest($0) } == block
    }
  }
}
