// What the one writer of a log knows and does; one thread at a time.
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

/// The write-ahead log, the right edge, and what was signed last.
final class LogState {
  private let store: LogStore
  private let signer: NoteSigner
  private var wal: WriteAheadLog
  private var edge: TileEdge
  /// The entries of the open bundle, which `edge` has the hashes of.
  private var open: [[UInt8]]
  /// Durable entries whose hashes are not yet in `edge`.
  private var pending: [[UInt8]] = []
  private var pendingByteCount = 0
  /// The newest released checkpoint.
  private var released: SignedNote?
  private var releasedSize: UInt64
  /// What was signed last, released or not.
  private var signed: Checkpoint?
  /// Tiles that became full since the last publication.
  private var filled: [TilePath] = []
  /// Directories with names that are not yet durable.
  private var unsynced: Set<String> = []
  private var hasher = MerkleHasher()

  /// Brings the log to the state that its files say it had: recovery is the same act as opening.
  init(_ store: LogStore, _ signer: NoteSigner) throws(LogError) {
    self.store = store
    self.signer = signer
    let origin = signer.name.description
    let files = TileFiles(store: store)
    var checkpoint = Checkpoint(origin: origin, size: 0, root: Merkle.emptyRoot)
    if let bytes = try Files.read(store.checkpoint, limit: Limits.noteByteCount) {
      do throws(CheckpointError) {
        let opened = try SignedCheckpoint(bytes, keys: [signer.verifierKey], origin: origin)
        (released, checkpoint) = (opened.note, opened.checkpoint)
      } catch {
        throw .damaged(
          path: store.checkpoint, reason: "\(error); the log's key may have been replaced")
      }
    }
    releasedSize = checkpoint.size
    edge = try files.edge(of: checkpoint)
    open = []
    if !(edge.levels.first ?? []).isEmpty {
      let path = TilePath(row: .entries, index: edge.size / 256, width: Int(edge.size % 256))
      open = try files.bundle(path).entries
      guard open.map({ Merkle.leafHash(of: $0) }) == edge.levels[0] else {
        throw .damaged(path: path.description, reason: "holds other entries than were signed")
      }
    }
    signed = try LogState.lastSigned(store, released: released == nil ? nil : checkpoint)
    wal = try WriteAheadLog(store.wal, from: checkpoint.size)
    if let signed, signed.size > wal.end {
      throw .rolledBack(signed: signed.size, found: wal.end)
    }
    pending = wal.takeRecovered()
    try derive()
  }

  /// The larger of what was remembered and what was released.
  private static func lastSigned(
    _ store: LogStore, released: Checkpoint?
  ) throws(LogError) -> Checkpoint? {
    guard let bytes = try Files.read(store.signed, limit: 4096) else { return released }
    guard let text = String(validating: bytes, as: UTF8.self), let signed = Checkpoint(text) else {
      throw .damaged(path: store.signed, reason: "expected the last signed size and root")
    }
    guard let released, released.size >= signed.size else { return signed }
    guard released.size > signed.size || released.root == signed.root else {
      throw .wouldFork(size: signed.size)
    }
    return released
  }

  /// Entries that are durable.
  var size: UInt64 { wal.end }

  /// Makes a group of entries durable.
  func commit(_ entries: [[UInt8]]) throws(LogError) {
    try wal.append(entries)
    pending += entries
    pendingByteCount += entries.reduce(0) { $0 + $1.count }
    if pending.count >= Limits.pendingCount || pendingByteCount >= Limits.groupByteCount {
      try derive()
    }
  }

  /// Hashes what is pending and writes the bundles and tiles that it fills.
  private func derive() throws(LogError) {
    for entry in pending {
      open.append(entry)
      let full = edge.append(hasher.leaf(entry), with: &hasher)
      if let tile = full.first {
        try write(open, to: TilePath(row: .entries, index: tile.path.index, width: 256))
        open = []
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
    pending = []
    pendingByteCount = 0
  }

  private func write(_ entries: [[UInt8]], to path: TilePath) throws(LogError) {
    var bytes: [UInt8] = []
    for entry in entries { EntryBundle.append(entry, to: &bytes) }
    try place(path, bytes)
  }

  private func write(_ tile: TileEdge.FullTile) throws(LogError) {
    var bytes: [UInt8] = []
    for hash in tile.hashes { hash.append(to: &bytes) }
    try place(tile.path, bytes)
  }

  private func place(_ path: TilePath, _ bytes: [UInt8]) throws(LogError) {
    let directory = Files.parent(of: store.path(path))
    try Files.makeDirectory(directory)
    try store.place(store.path(path), bytes)
    unsynced.insert(directory)
  }
}

// Publication, step by step.
extension LogState {
  /// Signs a checkpoint over all durable entries and releases it; stops behind `last`.
  func publish(until last: PublishStep) throws(LogError) -> SignedNote {
    try derive()
    let checkpoint = Checkpoint(origin: signer.name.description, size: edge.size, root: edge.root)
    if let released, releasedSize == checkpoint.size { return released }
    let note = signer.sign(checkpoint.text)
    for step in PublishStep.allCases where step.rawValue <= last.rawValue {
      try take(step, checkpoint, note)
    }
    return note
  }

  private func take(
    _ step: PublishStep, _ checkpoint: Checkpoint, _ note: SignedNote
  ) throws(LogError) {
    let draft = "\(store.temporary)/checkpoint"
    switch step {
    case .tiles: try writePartialTiles()
    case .signed: try remember(checkpoint)
    case .draft: try Files.create(draft, note.bytes)
    case .released: try Files.rename(draft, to: store.checkpoint)
    case .synced:
      try Files.syncDirectory(store.directory)
      (released, releasedSize) = (note, checkpoint.size)
    case .archived: try store.replace("\(store.checkpoints)/\(checkpoint.size)", note.bytes)
    case .trimmed: try trim()
    }
  }

  private func writePartialTiles() throws(LogError) {
    if !open.isEmpty {
      try write(open, to: TilePath(row: .entries, index: edge.size / 256, width: open.count))
    }
    for tile in edge.partialTiles { try write(tile) }
    for directory in unsynced.sorted() { try Files.syncDirectory(directory) }
    unsynced = []
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

  /// Removes partial tiles beside full ones, and segments that are published.
  private func trim() throws(LogError) {
    for path in filled {
      try Files.removeDirectory("\(store.path(path)).p")
      if path.row == .level(0) {
        let bundle = TilePath(row: .entries, index: path.index, width: 256)
        try Files.removeDirectory("\(store.path(bundle)).p")
      }
    }
    filled = []
    try wal.trim()
  }
}
