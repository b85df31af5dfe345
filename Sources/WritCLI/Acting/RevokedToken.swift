// A token that was taken back, by what the log says: nothing more is done under it, nor under what was narrowed from it.

import Writ
import WritCrypto
import WritEvidence
import WritModel

/// A block of a token that was taken back.
struct RevokedBlock {
  /// By its id.
  let block: String
  /// The entry that says so.
  let entry: UInt64

  /// Why, in a text that names nothing of the caller's.
  static let why = "the token was taken back"

  /// What the caller is told besides.
  var detail: String { "entry \(entry) takes back the block \(block)" }
}

extension LogWord {
  /// The first block of a token that was taken back; `nil` where none was.
  ///
  /// A word counts where somebody has signed it who may take the token back: by the bundle that acts, or by the one that it was given
  /// by, where that one is on record, so that it stands when a key or a role goes. It counts on where it was erased since, as what was
  /// taken back must not come to count again by that.
  func revoked(
    _ token: Capability, _ bundle: LoadedBundle, _ origin: String
  ) throws(Failure) -> RevokedBlock? {
    for (block, digest) in zip(token.blocks, token.digests) {
      let found = try withLog { () throws(LogError) in try history.revocations(of: digest) }
      for one in found where try counts(one, token, digest, bundle, origin) {
        return RevokedBlock(block: block.id, entry: one.index)
      }
    }
    return nil
  }

  private func counts(
    _ found: FoundRecord, _ token: Capability, _ block: Digest, _ bundle: LoadedBundle,
    _ origin: String
  ) throws(Failure) -> Bool {
    let digest = found.record.predicate["envelope"]?.string.flatMap { DisclosureDigest($0) }
    guard let digest else { return false }
    let envelope = try sealed(digest)
    func counts(by registry: KeyRegistry) -> Bool {
      guard let envelope else { return true }
      let word = try? TokenRevocation(envelope, of: token, registry: registry)
      return word.map { $0.digest == block && hasSameBytes($0.origin, origin) } ?? false
    }
    guard let named = found.record.predicate["bundle"]?.string else { return false }
    if envelope != nil, counts(by: bundle.registry) { return true }
    if hasSameBytes(named, bundle.digest.description) { return counts(by: bundle.registry) }
    guard try isHeeded(named, bundle, origin, before: found.index) else { return false }
    guard let given = try keptBundle(named, origin) else { return true }
    return counts(by: given.registry)
  }

  /// Whether a bundle was put on record, or something was let be done by it; or nothing was let be done yet, by none.
  func isHeeded(
    _ named: String, _ bundle: LoadedBundle, _ origin: String, before end: UInt64
  ) throws(Failure) -> Bool {
    if try hasOnRecord(named, bundle, origin) { return true }
    return try withLog { () throws(LogError) in
      var isFirst = true
      try history.forEach(about: Deed.subjectName(of: origin)) { (deed) throws(LogError) in
        if deed.index < end { isFirst = false }
        return isFirst
      }
      return isFirst
    }
  }

  /// A bundle as it is kept with a decision that let something be done by it; `nil` where there is none, or it is kept no longer.
  private func keptBundle(_ named: String, _ origin: String) throws(Failure) -> LoadedBundle? {
    let deed = try withLog { () throws(LogError) in
      var newest: FoundRecord?
      var rest = LogWord.heededRecords
      try history.forEach(about: Deed.subjectName(of: origin)) { (found) throws(LogError) in
        rest -= 1
        if found.record.result?["bundle"]?.string == named { newest = found }
        return newest == nil && rest > 0
      }
      return newest
    }
    guard let deed, let bytes = try? recordedBundle(deed.index, of: history.reader, in: store)
    else { return nil }
    return try? LoadedBundle(file: bytes)
  }
}

extension ActingKeys {
  /// Refuses, on record, what is asked for under a token that was taken back.
  func requireStanding(
    _ token: CountingToken?, _ bundle: LoadedBundle, run: Subject? = nil
  ) throws(Failure) {
    guard let token else { return }
    let revoked = try word().revoked(token.capability, bundle, signer.name.description)
    guard let revoked else { return }
    throw try refused(token.caller, token.use, bundle, run, RevokedBlock.why, revoked.detail)
  }
}
