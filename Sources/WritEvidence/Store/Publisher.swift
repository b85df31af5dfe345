// From durable entries to tiles, and from tiles to a checkpoint; for one thread at a time.
import WritCrypto

/// How far a publication has come. What stands later is not done before what stands earlier is
/// durable.
public enum PublishStep: Int, Hashable, Sendable, CaseIterable {
  /// Bundles and tiles of the new size are in place.
  case tiles
  /// The size and root that will be signed are remembered: no other root for this size from now on.
  case signed
  /// The checkpoint lies ready under another name.
  case draft
  /// The checkpoint has its name: readers see it.
  case released
  /// The name is durable.
  case synced
  /// A copy of the checkpoint is kept for auditors.
  case archived
  /// What the new checkpoint makes superfluous is gone.
  case trimmed
}

/// The right edge of the tree, and what was signed last.
final class Publisher {
  private let store: LogStore
  private let signer: NoteSigner
  private var files: TileDrafts
  private var edge: TileEdge
  /// The bytes of the open bundle, whose hashes `edge` has.
  private var open: [UInt8]
  /// The newest released checkpoint.
  private var released: SignedNote?
  private(set) var releasedSize: UInt64
  /// Whether this process has synced its name.
  private var isReleaseDurable = false
  /// What was signed last, released or not.
  private var signed: Checkpoint?
  /// The size that the log is marked to have reached, on the disk.
  private var mark: UInt64?
  /// Tiles that became full since the last publication.
  private var filled: [TilePath] = []
  private var hasher = MerkleHasher()

  /// Brings the tree to where the newest checkpoint says that it is.
  init(_ store: LogStore, _ signer: NoteSigner) throws(LogError) {
    self.store = store
    self.signer = signer
    let origin = signer.name.description
    var checkpoint = Checkpoint(origin: origin, size: 0, root: Merkle.emptyRoot)
    if let bytes = try store.disk.read(store.checkpoint, limit: Limits.noteByteCount) {
      do throws(CheckpointError) {
        let opened = try SignedCheckpoint(bytes, keys: signer.verifierKeys, origin: origin)
        (released, checkpoint) = (opened.note, opened.checkpoint)
      } catch {
        throw .damaged(
          path: store.checkpoint, reason: "\(error); the log's key may have been replaced")
      }
    }
    releasedSize = checkpoint.size
    edge = try TileFiles(store: store).edge(of: checkpoint)
    open = try Publisher.openBundle(store, edge)
    signed = try Publisher.lastSigned(store, released: released == nil ? nil : checkpoint)
    mark = try store.reachedSize()
    if let mark, mark > signed?.size ?? 0 {
      throw .rolledBack(signed: mark, found: signed?.size ?? 0)
    }
    files = try TileDrafts(store)
    try restoreArchive()
  }

  /// The entries that the newest checkpoint has in its open bundle.
  private static func openBundle(_ store: LogStore, _ edge: TileEdge) throws(LogError) -> [UInt8] {
    guard !(edge.levels.first ?? []).isEmpty else { return [] }
    let path = TilePath(row: .entries, index: edge.size / 256, width: Int(edge.size % 256))
    let bundle = try TileFiles(store: store).bundle(path)
    guard bundle.entries.map({ Merkle.leafHash(of: $0) }) == edge.levels[0] else {
      throw .damaged(path: path.description, reason: "holds other entries than were signed")
    }
    return bundle.bytes
  }

  /// The larger of what was remembered and what was released.
  private static func lastSigned(
    _ store: LogStore, released: Checkpoint?
  ) throws(LogError) -> Checkpoint? {
    guard let signed = try store.lastSigned() else { return released }
    guard let released, released.size >= signed.size else { return signed }
    guard released.size > signed.size || released.root == signed.root else {
      throw .wouldFork(size: signed.size)
    }
    return released
  }

  /// The copy for auditors may be missing where a crash came between release and archive.
  private func restoreArchive() throws(LogError) {
    guard let released else { return }
    let path = store.archived(releasedSize)
    guard try store.disk.identity(of: path) == nil else { return }
    try store.replace(path, released.bytes)
  }

  /// Entries in the tree.
  var size: UInt64 { edge.size }

  /// Lets go of open files.
  func close() { files.close() }

  /// The log has signed a size beyond its durable entries: they are gone.
  func checkReaches(_ end: UInt64) throws(LogError) {
    if let signed, signed.size > end { throw .rolledBack(signed: signed.size, found: end) }
  }

  /// What the write-ahead log still has of published entries is what was signed. It may be sealed by the log's own key and
  /// yet be of another history of it, from before a state that was brought back.
  func checkHolds(_ leaves: [UInt64: Digest]) throws(LogError) {
    guard let any = leaves.keys.first else { return }
    let checkpoint = Checkpoint(origin: signer.name.description, size: edge.size, root: edge.root)
    let tree = try TileTree(of: checkpoint, in: store)
    let signed = try tree.tile(level: 0, index: any / 256)
    for (index, leaf) in leaves where signed[Int(index % 256)] != leaf {
      throw .damaged(
        path: store.wal,
        reason: "holds another entry \(index) than was signed: it is of another history of this log"
      )
    }
  }

  /// The root of the released tree; `nil` once more is in the tree.
  var releasedRoot: Digest? { edge.size == releasedSize ? edge.root : nil }

  /// The root of the tree of so many entries.
  ///
  /// - Parameter leaves: Of the entries behind those that are in the tree, as many as are needed at least.
  func root(of size: UInt64, behind leaves: [Digest]) throws(LogError) -> Digest {
    if size < edge.size {
      guard size > 0 else { return Merkle.emptyRoot }
      let checkpoint = Checkpoint(
        origin: signer.name.description, size: edge.size, root: edge.root)
      return try TileTree(of: checkpoint, in: store).root(of: size)
    }
    var edge = edge
    for leaf in leaves.prefix(Int(size - edge.size)) { _ = edge.append(leaf, with: &hasher) }
    return edge.root
  }

  /// Takes entries into the tree and writes the bundles and tiles that they fill.
  func derive(_ entries: EntryBuffer) throws(LogError) {
    precondition(entries.isEmpty || entries.start == edge.size, "entries follow one another")
    let payload = entries.payload
    // Where the entry stands, and where the bytes begin that are not yet in `open`.
    var at = 0
    var begun = 0
    for leaf in entries.leaves {
      at += 2 + Int(UInt16(bigEndian: payload.loadUnaligned(fromByteOffset: at, as: UInt16.self)))
      let full = edge.append(leaf, with: &hasher)
      if let tile = full.first {
        open.append(contentsOf: payload[begun..<at])
        begun = at
        try files.draft(TilePath(row: .entries, index: tile.path.index, width: 256), open)
        open.removeAll(keepingCapacity: true)
      }
      for tile in full {
        try write(tile)
        filled.append(tile.path)
      }
      // What was signed before a crash is what these entries must lead to.
      if let signed, signed.size == edge.size, edge.root != signed.root {
        throw .wouldFork(size: signed.size)
      }
    }
    open.append(contentsOf: payload[begun..<at])
  }

  private func write(_ tile: TileEdge.FullTile) throws(LogError) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(tile.hashes.count * Digest.byteCount)
    for hash in tile.hashes { hash.append(to: &bytes) }
    try files.draft(tile.path, bytes)
  }
}

// Publication, step by step.
extension Publisher {
  /// Signs a checkpoint over all derived entries and releases it; stops behind `last`.
  func publish(until last: PublishStep) throws(LogError) -> SignedNote {
    let checkpoint = Checkpoint(origin: signer.name.description, size: edge.size, root: edge.root)
    if let released, releasedSize == checkpoint.size {
      try claimReleased()
      return released
    }
    let note = signer.sign(checkpoint.text)
    for step in PublishStep.allCases where step.rawValue <= last.rawValue {
      try take(step, checkpoint, note)
    }
    return note
  }

  /// The process before may have died between releasing this checkpoint and syncing its name.
  private func claimReleased() throws(LogError) {
    guard !isReleaseDurable else { return }
    try store.disk.syncDirectory(store.directory)
    isReleaseDurable = true
  }

  private func take(
    _ step: PublishStep, _ checkpoint: Checkpoint, _ note: SignedNote
  ) throws(LogError) {
    let draft = "\(store.temporary)/checkpoint"
    switch step {
    case .tiles: try writePartialTiles()
    case .signed: try remember(checkpoint)
    case .draft: try store.disk.put(draft, note.bytes)
    case .released: try store.disk.rename(draft, to: store.checkpoint)
    case .synced:
      try store.disk.syncDirectory(store.directory)
      (released, releasedSize, isReleaseDurable) = (note, checkpoint.size, true)
    case .archived:
      try store.replace(store.archived(checkpoint.size), note.bytes)
      try store.mark(reached: checkpoint.size, insteadOf: mark)
      mark = checkpoint.size
    case .trimmed: try trim()
    }
  }

  private func writePartialTiles() throws(LogError) {
    let width = Int(edge.size % 256)
    if width > 0 {
      try files.draft(TilePath(row: .entries, index: edge.size / 256, width: width), open)
    }
    for tile in edge.partialTiles { try write(tile) }
    try files.place()
    try files.syncNames()
  }

  /// The last word on this size: what is remembered here is what is signed.
  private func remember(_ checkpoint: Checkpoint) throws(LogError) {
    if let signed {
      guard signed.size <= checkpoint.size else {
        throw .rolledBack(signed: signed.size, found: checkpoint.size)
      }
      guard signed.size < checkpoint.size || signed.root == checkpoint.root else {
        throw .wouldFork(size: signed.size)
      }
    }
    try store.replace(store.signed, Array(checkpoint.text.utf8))
    signed = checkpoint
  }

  /// Removes partial tiles beside full ones.
  private func trim() throws(LogError) {
    for path in filled {
      try store.disk.removeFilesAndDirectory("\(store.path(path)).p")
      if path.row == .level(0) {
        let bundle = TilePath(row: .entries, index: path.index, width: 256)
        try store.disk.removeFilesAndDirectory("\(store.path(bundle)).p")
      }
    }
    filled = []
  }
}
