// Reading a log at one checkpoint: every hash and entry is compared with what was signed before it
// is used.
public import WritCrypto

/// A log as it stood at its newest checkpoint. Not for several threads at once.
///
/// Readers and the writer need no lock between them: tiles do not change, and the checkpoint is
/// replaced at once.
public final class LogReader: HashReader {
  /// What all answers are relative to.
  public let signed: SignedCheckpoint
  private let files: TileFiles
  private let tree: TileTree<LogStore>
  /// The bundle that was read last, as it lies on disk.
  private var latest: (number: UInt64, entries: [[UInt8]])?

  /// Opens the newest checkpoint, which one of the keys must have signed.
  public init(store: LogStore, keys: [VerifierKey]) throws(LogError) {
    guard let bytes = try store.disk.read(store.checkpoint, limit: Limits.noteByteCount) else {
      throw .missing(path: store.checkpoint)
    }
    do throws(CheckpointError) {
      signed = try SignedCheckpoint(bytes, keys: keys)
    } catch {
      throw .damaged(path: store.checkpoint, reason: "\(error)")
    }
    files = TileFiles(store: store)
    tree = try TileTree(of: signed.checkpoint, in: store)
  }

  /// Entries at that checkpoint.
  public var size: UInt64 { signed.checkpoint.size }

  /// The entry of that index.
  public func entry(at index: UInt64) throws(LogError) -> [UInt8] {
    guard index < size else { throw .outOfRange(index: index, size: size) }
    let (path, entries, hashes) = try pair(index / 256)
    let position = Int(index % 256)
    guard Merkle.leafHash(of: entries[position]) == hashes[position] else {
      throw LogReader.changedEntry(index, path)
    }
    return entries[position]
  }

  /// The entries `256 × number` and following, at most 256.
  public func bundle(_ number: UInt64) throws(LogError) -> EntryBundle {
    let (path, entries, hashes) = try pair(number)
    var hasher = MerkleHasher()
    for (position, entry) in entries.enumerated() where hasher.leaf(entry) != hashes[position] {
      throw LogReader.changedEntry(number * 256 + UInt64(position), path)
    }
    guard let bundle = EntryBundle(entries: entries) else {
      throw .outOfRange(index: number, size: size)
    }
    return bundle
  }

  /// Lends the entries `256 × number` and following, at most 256, one after the other with its index: what `bundle` gives,
  /// without an array for each of them. All are compared before the first is lent.
  public func forEachEntry(
    ofBundle number: UInt64, _ body: (UInt64, UnsafeBufferPointer<UInt8>) -> Void
  ) throws(LogError) {
    guard let path = TilePath.inTree(.entries, index: number, size: size) else {
      throw .outOfRange(index: number, size: (size + 255) / 256)
    }
    let (bytes, places) = try files.places(path)
    let hashes = try tree.tile(level: 0, index: number)
    let changed: Int? = bytes.withUnsafeBytes { bytes in
      var hasher = MerkleHasher()
      for (position, place) in places.enumerated() {
        let leaf = hasher.leaf(UnsafeRawBufferPointer(rebasing: bytes[place]))
        if leaf != hashes[position] { return position }
      }
      return nil
    }
    if let changed { throw LogReader.changedEntry(number * 256 + UInt64(changed), path) }
    bytes.withUnsafeBufferPointer { bytes in
      for (position, place) in places.enumerated() {
        body(number * 256 + UInt64(position), UnsafeBufferPointer(rebasing: bytes[place]))
      }
    }
  }

  /// The entries of a bundle as they lie on disk, and the hashes that they must have.
  private func pair(
    _ number: UInt64
  ) throws(LogError) -> (path: TilePath, entries: [[UInt8]], hashes: [Digest]) {
    guard let path = TilePath.inTree(.entries, index: number, size: size) else {
      throw .outOfRange(index: number, size: (size + 255) / 256)
    }
    let entries: [[UInt8]]
    if let latest, latest.number == number {
      entries = latest.entries
    } else {
      entries = try files.bundle(path).entries
      latest = (number, entries)
    }
    return (path, entries, try tree.tile(level: 0, index: number))
  }

  private static func changedEntry(_ index: UInt64, _ path: TilePath) -> LogError {
    .damaged(path: path.description, reason: "entry \(index) is not the one that was logged")
  }

  /// The proof that the entry of that index is in the log.
  public func inclusionProof(index: UInt64) throws(LogError) -> InclusionProof {
    guard index < size else { throw .outOfRange(index: index, size: size) }
    return try InclusionProof(index: index, size: size, from: self)
  }

  /// The proof that the log extends what it was at that size, which is at least 1.
  public func consistencyProof(since oldSize: UInt64) throws(LogError) -> ConsistencyProof {
    guard 0 < oldSize, oldSize <= size else { throw .outOfRange(index: oldSize, size: size) }
    return try ConsistencyProof(oldSize: oldSize, size: size, from: self)
  }

  /// One file that proves the entry of that index offline, the entry in its extra data.
  public func proofBundle(index: UInt64) throws(LogError) -> ProofBundle {
    ProofBundle(
      entry: try entry(at: index), proof: try inclusionProof(index: index),
      checkpoint: signed.note)
  }

  /// The hashes of complete subtrees inside the tree.
  public func hashes(at places: [StoredPlace]) throws(LogError) -> [Digest] {
    try tree.hashes(at: places)
  }
}
