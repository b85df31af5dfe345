// Whether a word that unlocks a version counts for those who act: anybody can make a bundle of their own in which they may do everything.

import Writ
import WritCrypto
import WritEvidence
import WritModel

extension LogWord {
  /// How many of the newest publications and deeds are looked at.
  static let heededRecords = 1_000

  /// Refuses a word that counts by a bundle of which the log knows nothing, and not by the one that the version was decided on with
  /// last: whoever acts goes by that, or by another that is on record.
  func requireHeeded(
    _ envelope: JSONValue, of unlock: Unlock, _ bundle: LoadedBundle, _ origin: String
  ) throws(Failure) {
    guard let newest = try newestDecision(on: unlock.version) else { return }
    let digest = bundle.digest.description
    if newest.record.result?["bundle"]?.string == digest { return }
    if try hasOnRecord(digest, bundle, origin) { return }
    guard let why = whyUnheeded(envelope, unlock, by: newest) else { return }
    throw Failure(
      .refused,
      "the word would count for nobody: \(unlock.version.action) goes by the bundle of entry \(newest.index), by which \(why), and the log has nothing of \(digest)",
      remedy:
        "unlock with the bundle that is in use; one that is to be used from now on `writ build --log` puts on record"
    )
  }

  private func newestDecision(on version: DeployedVersion) throws(Failure) -> FoundRecord? {
    try withLog { () throws(LogError) in
      var newest: FoundRecord?
      try history.forEach(about: version.subjectName) { (found) throws(LogError) in
        if found.record.isDecision { newest = found }
        return newest == nil
      }
      return newest
    }
  }

  /// Whether a bundle was put on record, or something was let be done by it.
  func hasOnRecord(
    _ digest: String, _ bundle: LoadedBundle, _ origin: String
  ) throws(Failure) -> Bool {
    let policies = bundle.program.program.modules.map { "Policy/\($0.name)" }
    return try withLog { () throws(LogError) in
      for name in policies + [Deed.subjectName(of: origin)] {
        var rest = LogWord.heededRecords
        var isKnown = false
        try history.forEach(about: name) { (found) throws(LogError) in
          rest -= 1
          let named = found.record.result?["bundle"] ?? found.record.predicate["bundle"]
          isKnown = named?.string == digest
          return !isKnown && rest > 0
        }
        if isKnown { return true }
      }
      return false
    }
  }

  /// Why a word does not count by the bundle of a decision, in words; `nil` where it does.
  private func whyUnheeded(
    _ envelope: JSONValue, _ unlock: Unlock, by found: FoundRecord
  ) -> String? {
    guard let bytes = try? recordedBundle(found.index, of: history.reader, in: store),
      let bundle = try? LoadedBundle(file: bytes)
    else { return "it cannot be told who may unlock" }
    do throws(SignedWordError) {
      _ = try Unlock(envelope, registry: bundle.registry)
    } catch {
      return "it does not (\(error))"
    }
    let roles = bundle.program.program.roles(unlocking: unlock.version.action)
    guard roles.isEmpty || roles.containsBytes(of: unlock.role) else {
      return "it takes the role \(roles.joined(separator: " or "))"
    }
    return nil
  }
}

/// The word of `--word`, which somebody has signed; `nil` where none is named, and it is signed here.
///
/// - Parameter options: For signing: none of them goes with it.
func signedWord(
  _ invocation: Invocation, without options: [String]
) throws(Failure) -> JSONValue? {
  guard let path = invocation.value("--word") else { return nil }
  if let option = options.first(where: invocation.has) {
    throw .usage("the word is signed already", remedy: "leave out \(option), or --word")
  }
  return try readJSON(path)
}
