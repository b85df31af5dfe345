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
  /// A word counts where somebody has signed it who may take the token back; it counts on where it was erased since, as what was taken
  /// back must not come to count again by that.
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
    guard let envelope = try sealed(digest) else { return true }
    let word = try? TokenRevocation(envelope, of: token, registry: bundle.registry)
    return word.map { $0.digest == block && hasSameBytes($0.origin, origin) } ?? false
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
