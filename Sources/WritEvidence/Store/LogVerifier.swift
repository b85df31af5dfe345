// A whole log, verified: every entry, every tile, the signed root, and an older checkpoint.
//
// Two trees are built: one from the entries, one from the hashes in the tiles of level 0. The one
// that has the signed root is right, and what differs from it is wrong: that is how a changed byte
// gets a place. As long as they agree only one is built, from what all cores have hashed
// (BundleAudit); where a bundle and its tile differ, that pair is looked at entry by entry.
import WritCrypto

/// Something in a log that is not as it was signed.
public struct LogFinding: Hashable, Sendable, CustomStringConvertible {
  /// The file, from the directory of the log.
  public let path: String
  /// The entry, where one is concerned.
  public let index: UInt64?
  /// What is wrong; lower case, no full stop.
  public let message: String

  /// That, of the file.
  public init(path: String, index: UInt64?, message: String) {
    self.path = path
    self.index = index
    self.message = message
  }

  /// The file and what is wrong with it.
  public var description: String { "\(path): \(message)" }
}

/// What a verification found.
public struct LogVerification: Hashable, Sendable {
  /// `nil` where the checkpoint itself is not to be trusted.
  public internal(set) var signed: SignedCheckpoint?
  /// Files that were read and compared.
  public internal(set) var fileCount = 0
  /// At most `Limits.findings`; none if the log is whole.
  public internal(set) var findings: [LogFinding] = []

  /// Whether every byte is as it was signed.
  public var isWhole: Bool { findings.isEmpty && signed != nil }

  mutating func add(_ path: String, _ message: String, index: UInt64? = nil) {
    guard findings.count < Limits.findings else { return }
    findings.append(LogFinding(path: path, index: index, message: message))
  }

  mutating func add(_ finding: LogFinding) {
    add(finding.path, finding.message, index: finding.index)
  }
}

/// Verifies all of a log of that origin, signed by one of the keys; `since` is an older checkpoint
/// that the log must extend.
public func verifyLog(
  _ store: LogStore, keys: [VerifierKey], origin: String, since: [UInt8]?
) throws(LogError) -> LogVerification {
  var result = LogVerification()
  guard let bytes = try store.disk.read(store.checkpoint, limit: Limits.noteByteCount) else {
    throw .missing(path: store.checkpoint)
  }
  do throws(CheckpointError) {
    result.signed = try SignedCheckpoint(bytes, keys: keys, origin: origin)
  } catch {
    result.add("checkpoint", "\(error)")
    return result
  }
  result.fileCount = 1
  var old: Checkpoint?
  if let since {
    do throws(CheckpointError) {
      old = try SignedCheckpoint(since, keys: keys, origin: origin).checkpoint
    } catch {
      result.add("the older checkpoint", "\(error)")
    }
  }
  guard let checkpoint = result.signed?.checkpoint else { return result }
  if let old, old.size > checkpoint.size {
    result.add("checkpoint", "has size \(checkpoint.size), and \(old.size) was signed before")
    return result
  }
  var audit = LogAudit(store: store, checkpoint: checkpoint, old: old, result: result)
  try audit.run()
  return audit.result
}

/// What could not be read, as a finding; an error of the system is thrown on.
private func message(of error: LogError) throws(LogError) -> String {
  switch error {
  case .missing: return "is missing"
  case .damaged(_, let reason): return reason
  default: throw error
  }
}

/// One of the two trees, and what differs from it.
private struct Witness {
  private(set) var edge = TileEdge()
  /// Whether every leaf of it could be read.
  private(set) var isWhole = true
  /// The root at the size of the older checkpoint.
  private(set) var oldRoot: Digest?
  private(set) var findings: [LogFinding] = []
  private let files: TileFiles
  private let oldSize: UInt64?

  init(_ files: TileFiles, oldSize: UInt64?) {
    self.files = files
    self.oldSize = oldSize
  }

  mutating func add(_ path: TilePath, _ message: String, index: UInt64? = nil) {
    guard findings.count < Limits.findings else { return }
    findings.append(LogFinding(path: path.description, index: index, message: message))
  }

  /// Adds leaves, and compares the tiles above level 0 that they fill; `nil` where they cannot be
  /// read.
  mutating func take(_ leaves: [Digest]?, with hasher: inout MerkleHasher) throws(LogError) {
    guard let leaves, isWhole else {
      isWhole = false
      return
    }
    for leaf in leaves {
      for tile in edge.append(leaf, with: &hasher).dropFirst() { try compare(tile) }
      if edge.size == oldSize { oldRoot = edge.root }
    }
  }

  /// Adds the leaves of a full tile by its root; none of their sizes but the last is of interest.
  mutating func take(
    rootOfFullTile root: Digest, with hasher: inout MerkleHasher
  ) throws(LogError) {
    guard isWhole else { return }
    for tile in edge.append(rootOfFullTile: root, with: &hasher) { try compare(tile) }
    if edge.size == oldSize { oldRoot = edge.root }
  }

  /// Compares the open tiles above level 0.
  mutating func finish() throws(LogError) {
    guard isWhole else { return }
    for tile in edge.partialTiles where tile.path.row != .level(0) { try compare(tile) }
  }

  private mutating func compare(_ tile: TileEdge.FullTile) throws(LogError) {
    do throws(LogError) {
      guard try files.tile(tile.path).hashes != tile.hashes else { return }
      add(tile.path, "does not have the hashes of what lies below it")
    } catch {
      add(tile.path, try message(of: error))
    }
  }
}

/// One verification under way.
private struct LogAudit: ~Copyable {
  private(set) var result: LogVerification
  private let files: TileFiles
  private let checkpoint: Checkpoint
  private let old: Checkpoint?
  /// What the entries lead to.
  private var entries: Witness
  /// What the tiles of level 0 lead to, from where they first differ from the entries.
  private var tiles: Witness?
  private var hasher = MerkleHasher()

  init(store: LogStore, checkpoint: Checkpoint, old: Checkpoint?, result: LogVerification) {
    files = TileFiles(store: store)
    self.checkpoint = checkpoint
    self.old = old
    self.result = result
    entries = Witness(files, oldSize: old?.size)
  }

  mutating func run() throws(LogError) {
    var audit = BundleAudit(files, fullCount: checkpoint.size / 256)
    for number in 0..<(checkpoint.size + 255) / 256 {
      if let root = audit.root(of: number), !splits(number) {
        try entries.take(rootOfFullTile: root, with: &hasher)
        try tiles?.take(rootOfFullTile: root, with: &hasher)
      } else {
        try takePair(number)
        if isHopeless { break }
      }
    }
    try entries.finish()
    try tiles?.finish()
    guard let right = conclude() else { return }
    try comparePartials(.entries, with: right)
    for level in 0..<TileEdge.levelCount(checkpoint.size) {
      try comparePartials(.level(level), with: right)
    }
  }

  /// Neither tree can be built any more, and as much is found as is told: a size that was signed may be far beyond all files.
  private var isHopeless: Bool {
    !entries.isWhole && tiles.map { !$0.isWhole } ?? false
      && entries.findings.count >= Limits.findings
  }

  /// Whether the older checkpoint ends inside of that bundle.
  private func splits(_ number: UInt64) -> Bool {
    guard let old else { return false }
    return old.size / 256 == number && old.size % 256 > 0
  }

  /// Reads a bundle and its tile of level 0, compares them, and adds each to its tree.
  private mutating func takePair(_ number: UInt64) throws(LogError) {
    guard let bundle = TilePath.inTree(.entries, index: number, size: checkpoint.size),
      let tile = TilePath.inTree(.level(0), index: number, size: checkpoint.size)
    else { return }
    var leaves: [Digest]?
    var hashes: [Digest]?
    var problems: (bundle: String?, tile: String?)
    do throws(LogError) {
      leaves = try files.bundle(bundle).entries.map { hasher.leaf($0) }
    } catch {
      problems.bundle = try message(of: error)
    }
    do throws(LogError) {
      hashes = try files.tile(tile).hashes
    } catch {
      problems.tile = try message(of: error)
    }
    guard tiles != nil || leaves == nil || leaves != hashes else {
      return try entries.take(leaves, with: &hasher)
    }
    var other = tiles ?? entries
    if let problem = problems.bundle { other.add(bundle, problem) }
    if let problem = problems.tile { entries.add(tile, problem) }
    for (position, (leaf, hash)) in zip(leaves ?? [], hashes ?? []).enumerated() where leaf != hash
    {
      let index = number * 256 + UInt64(position)
      other.add(bundle, "entry \(index) is not the one that was logged", index: index)
      entries.add(tile, "the hash of entry \(index) was changed", index: index)
    }
    try entries.take(leaves, with: &hasher)
    try other.take(hashes, with: &hasher)
    tiles = other
  }

  /// Believes the tree that has the signed root; the other one's differences are the findings.
  private mutating func conclude() -> Witness? {
    let tiles = tiles ?? entries
    let right = [entries, tiles].first { $0.isWhole && $0.edge.root == checkpoint.root }
    if let right {
      for finding in right.findings { result.add(finding) }
    } else {
      for finding in Set(entries.findings + tiles.findings).sorted(by: { $0.path < $1.path }) {
        result.add(finding)
      }
      result.add("checkpoint", "neither entries nor tiles lead to the root that was signed")
    }
    if let old, old.size > 0, let right, right.oldRoot != old.root {
      result.add("checkpoint", "does not extend the older checkpoint of size \(old.size)")
    }
    return right
  }
}

// Files that the checkpoint needs no more, or not yet.
extension LogAudit {
  /// Compares other partial tiles, left from smaller sizes, with those that were verified.
  private mutating func comparePartials(
    _ row: TilePath.Row, with right: Witness
  ) throws(LogError) {
    let damaged = Set(result.findings.map(\.path))
    var listed = (directory: "", names: Set<String>())
    var index: UInt64 = 0
    while let path = TilePath.inTree(row, index: index, size: checkpoint.size) {
      index += 1
      result.fileCount += 1
      let full = files.store.path(path.full)
      let directory = parentDirectory(of: full)
      if listed.directory != directory {
        listed = (directory, Set(try files.store.disk.names(in: directory)))
      }
      let name = String(full.dropFirst(directory.count + 1))
      var others: [TilePath] = []
      if listed.names.contains(name + ".p") {
        for width in try files.store.disk.names(in: full + ".p").compactMap(partialWidth)
        where width != path.width {
          others.append(TilePath(row: row, index: path.index, width: width))
        }
      }
      // A full tile beside the partial one of this size: a larger checkpoint was not released.
      if path.isPartial && listed.names.contains(name) { others.append(path.full) }
      guard !others.isEmpty, let hashes = try reference(path, right, damaged) else { continue }
      for other in others { try compare(other, with: hashes) }
    }
  }

  /// The hashes that a tile, or the entries of a bundle, must have; `nil` where a full tile is
  /// damaged itself and was reported.
  private func reference(
    _ path: TilePath, _ right: Witness, _ damaged: Set<String>
  ) throws(LogError) -> [Digest]? {
    let level = if case .level(let level) = path.row { level } else { 0 }
    if path.isPartial { return right.edge.levels[level] }
    let tile = TilePath(row: .level(level), index: path.index, width: path.width)
    return damaged.contains(tile.description) ? nil : try files.tile(tile).hashes
  }

  /// Compares the hashes that a tile or bundle has, as far as they are known.
  private mutating func compare(_ other: TilePath, with hashes: [Digest]) throws(LogError) {
    result.fileCount += 1
    do throws(LogError) {
      var found: [Digest] = []
      if case .entries = other.row {
        for entry in try files.bundle(other).entries { found.append(hasher.leaf(entry)) }
      } else {
        found = try files.tile(other).hashes
      }
      let count = min(found.count, hashes.count)
      if found[..<count] != hashes[..<count] {
        result.add("\(other)", "differs from what was signed")
      }
    } catch {
      result.add("\(other)", try message(of: error))
    }
  }
}

/// The width that a partial tile's name says.
private func partialWidth(_ name: String) -> Int? {
  guard let width = Int(name), 1..<256 ~= width, String(width) == name else { return nil }
  return width
}
