// Proofs: bundles as files, and the hashes in them.

import WritCrypto
import WritEvidence

/// A proof, after a byte that chooses: a proof bundle as it is; one around a checkpoint signed by the world's log; or hashes
/// for an inclusion or a consistency.
///
/// A proof that verifies is for exactly the entry and tree that it names.
@Sendable func fuzzProof(_ bytes: [UInt8]) throws {
  var feed = ByteFeed(bytes)
  switch feed.byte() % 4 {
  case 0: try checkBundle(Array(feed.rest))
  case 1: try checkSigned(&feed)
  case 2: try checkInclusion(&feed)
  default: try checkConsistency(&feed)
  }
}

private func checkBundle(_ bytes: [UInt8]) throws {
  let read = accepted { () throws(ProofBundleError) in try ProofBundle(bytes) }
  guard let bundle = read else { return }
  try hold(bundle.bytes == bytes, "a proof bundle is not written as it was read")
  let key = World.shared.logSigner.verifierKey
  _ = accepted { () throws(ProofBundleError) in
    try bundle.verify(keys: [key], origin: key.name.description)
  }
}

/// The proof of one of some entries, with one byte of it changed: it verifies only if nothing was.
private func checkSigned(_ feed: inout ByteFeed) throws {
  let (tree, entries) = tree(&feed)
  let index = UInt64(feed.below(entries.count))
  let signer = World.shared.logSigner
  let root = tree.root(of: tree.size)
  let note = signer.sign(
    Checkpoint(origin: signer.name.description, size: tree.size, root: root).text)
  let proof = InclusionProof(index: index, size: tree.size, from: tree)
  let genuine = ProofBundle(entry: entries[Int(index)], proof: proof, checkpoint: note).bytes
  var changed = genuine
  let place = feed.below(changed.count)
  changed[place] ^= feed.byte()
  let verified = accepted { () throws(ProofBundleError) in
    try ProofBundle(changed).verify(keys: [signer.verifierKey], origin: signer.name.description)
  }
  try hold(
    (verified != nil) == (changed == genuine),
    "a proof with a changed byte verifies, or a whole one does not")
}

private func checkInclusion(_ feed: inout ByteFeed) throws {
  let index = feed.word() >> (feed.byte() & 63)
  let size = feed.word() >> (feed.byte() & 63)
  let proof = InclusionProof(index: index, size: size, hashes: hashes(&feed))
  let verified: Void? = accepted { () throws(ProofError) in
    try proof.verify(leaf: Merkle.emptyRoot, root: Merkle.emptyRoot)
  }
  try hold(
    verified == nil || size == 1 && index == 0, "made-up hashes prove that an entry is in a tree")
}

private func checkConsistency(_ feed: inout ByteFeed) throws {
  let oldSize = feed.word() >> (feed.byte() & 63)
  let size = feed.word() >> (feed.byte() & 63)
  let proof = ConsistencyProof(oldSize: oldSize, size: size, hashes: hashes(&feed))
  _ = accepted { () throws(ProofError) in
    try proof.verify(oldRoot: Merkle.emptyRoot, root: Merkle.emptyRoot)
  }
  // And one that must verify.
  let (tree, entries) = tree(&feed)
  let old = UInt64(feed.below(entries.count)) + 1
  let genuine = ConsistencyProof(oldSize: old, size: tree.size, from: tree)
  do throws(ProofError) {
    try genuine.verify(oldRoot: tree.root(of: old), root: tree.root(of: tree.size))
  } catch {
    throw BrokenInvariant(description: "a genuine consistency proof does not verify: \(error)")
  }
}

/// A tree of 1 to 40 short entries.
private func tree(_ feed: inout ByteFeed) -> (MerkleTree, [[UInt8]]) {
  var tree = MerkleTree()
  var hasher = MerkleHasher()
  let entries = (0...feed.below(40)).map { index in [feed.byte(), UInt8(index)] }
  for entry in entries { tree.append(hasher.leaf(entry), with: &hasher) }
  return (tree, entries)
}

private func hashes(_ feed: inout ByteFeed) -> [Digest] {
  (0..<feed.below(66)).compactMap { _ in Digest([UInt8](repeating: feed.byte(), count: 32)) }
}
