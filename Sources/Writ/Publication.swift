// The record of a bundle that was made: by which texts a log's decisions were decided from then on.

import WritBytecode
import WritCrypto
public import WritEvidence
import WritModel

/// Keeps a bundle in a log's store and says what is to be recorded of it. Its approvers are kept apart, so that they can
/// be erased.
///
/// The subjects are its modules, by the digests of their texts; of more than a record may be about, the last ones.
public func publication(
  of file: [UInt8], in store: LogStore, id: String
) throws(RecorderError) -> RecordDraft {
  do {
    let bundle = try LoadedBundle(file: file)
    let kept = try keptBundle(file, store)
    return publication(of: bundle, kept, id: id)
  } catch let error as LogError {
    throw .log(error)
  } catch {
    throw .request(RequestError("\(error)"))
  }
}

/// Members that say under which digests the bundle is kept, where that is not its own.
private func keptBundle(_ file: [UInt8], _ store: LogStore) throws -> [JSONMember] {
  let registry = try decodeBundle(file).keyRegistry
  let objects = store.objects
  guard !registry.isEmpty else {
    try objects.put(file)
    return []
  }
  let session = try store.disclosures.session()
  defer { session.close() }
  let committer = Committer(
    places: PersonalPlaces([], approvers: registry.map(\.actor)), session: session)
  let tokens = try registry.map { JSONValue.string(try committer.token(of: $0)) }
  try session.commit()
  let approvers = try objects.put(JSONValue.array(tokens).ownCanonicalBytes())
  let kept = try objects.put(withApprovers([], bundle: file))
  return [
    JSONMember("kept", .string(kept.description)),
    JSONMember("approvers", .string(approvers.description)),
  ]
}

private func publication(
  of bundle: LoadedBundle, _ kept: [JSONMember], id: String
) -> RecordDraft {
  let program = bundle.program.program
  let modules = program.modules.suffix(Limits.recordSubjects)
  return RecordDraft(
    type: PredicateType.policyPublish, kind: .policyPublish, id: id,
    subjects: modules.map { module in
      Subject(
        name: "Policy/\(module.name)", uri: nil,
        digests: [
          NamedDigest(algorithm: "sha256", value: Digest(module.digest)?.hex ?? "")
        ])
    },
    members: [
      JSONMember("bundle", .string(bundle.digest.description)),
      JSONMember("language", .string(Versions.language)),
      JSONMember("engine", .string(Versions.engine)),
    ] + kept)
}
