// What only people sign: an agent is told so before anything is signed.

import WritCrypto
import WritEvidence

/// Refuses who is an agent by the bundle's registry, and the key of one.
///
/// - Parameter what: What an agent cannot do, as in `approve`.
func requirePerson(
  _ node: String, _ key: Ed25519PrivateKey, to what: String, _ registry: KeyRegistry
) throws(Failure) {
  try requirePerson(node, stated: key.publicKey, to: what, registry)
}

/// The same before the key itself is read, by what its file says that it is.
func requirePerson(
  _ node: String, stated key: Ed25519PublicKey?, to what: String, _ registry: KeyRegistry
) throws(Failure) {
  let agent =
    registry.isAgent(node) ? node : key.flatMap { registry.agent(id: $0.fingerprint) }
  guard let agent else { return }
  throw Failure(
    .refused,
    "`\(agent)` is an agent by the bundle's registry and cannot \(what): nothing was signed",
    remedy: "a person does this, by a key of their own")
}
