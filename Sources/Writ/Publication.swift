// The record of a bundle that was made: by which texts a log's decisions were decided from then on.

import WritBytecode
import WritCrypto
public import WritEvidence
import WritModel

/// The record that a bundle was made.
///
/// Its subjects are the modules, by the digests of their texts, as `Policy/<module>`: the history of such a subject is that
/// of the text. Of more modules than a record has subjects those nearest to the root are named.
public func publication(of bundle: LoadedBundle, id: String) -> RecordDraft {
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
    ])
}
