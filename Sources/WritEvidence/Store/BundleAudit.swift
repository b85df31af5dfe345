// Bundles compared with their tiles on all cores, ahead of whoever adds them to the tree.
import Glibc
import Synchronization
import WritCrypto

/// The roots of full bundles whose entries have the hashes of their tile; asked for in order.
struct BundleAudit: ~Copyable {
  private let files: TileFiles
  private let fullCount: UInt64
  /// What is known: the roots of the bundles of this window, `nil` where bundle and tile differ or
  /// cannot be read.
  private var window: Range<UInt64> = 0..<0
  private var roots: [Digest?] = []

  /// Bundles in a window: enough work for every core, and little to remember.
  private static let windowCount: UInt64 = 1024

  init(_ files: TileFiles, fullCount: UInt64) {
    self.files = files
    self.fullCount = fullCount
  }

  /// The root over a full bundle; `nil` for a partial one too.
  mutating func root(of number: UInt64) -> Digest? {
    guard number < fullCount else { return nil }
    if !window.contains(number) {
      window = number..<min(number + BundleAudit.windowCount, fullCount)
      let round = AuditRound(files, window)
      round.run()
      roots = round.takeRoots()
    }
    return roots[Int(number - window.lowerBound)]
  }
}

/// One window, worked on by some threads: each takes the next bundle that nobody has.
private final class AuditRound: @unchecked Sendable {
  private let files: TileFiles
  private let window: Range<UInt64>
  private let next = Atomic<UInt64>(0)
  /// One place for each bundle, written by the thread that took it.
  private let roots: UnsafeMutablePointer<Digest?>

  init(_ files: TileFiles, _ window: Range<UInt64>) {
    self.files = files
    self.window = window
    roots = .allocate(capacity: window.count)
    roots.initialize(repeating: nil, count: window.count)
  }

  deinit { roots.deallocate() }

  /// The calling thread works too, so a system without more threads only takes longer.
  func run() {
    let cores = min(max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1), 64, window.count)
    let workers = (1..<max(cores, 1)).map { _ in Worker { self.work() } }
    work()
    for worker in workers { worker?.join() }
  }

  func takeRoots() -> [Digest?] {
    Array(UnsafeBufferPointer(start: roots, count: window.count))
  }

  private func work() {
    var hasher = MerkleHasher()
    while true {
      let place = next.add(1, ordering: .relaxed).oldValue
      guard place < UInt64(window.count) else { return }
      roots[Int(place)] = root(of: window.lowerBound + place, with: &hasher)
    }
  }

  /// What cannot be read is `nil` here, and is told when the pair is looked at again.
  private func root(of number: UInt64, with hasher: inout MerkleHasher) -> Digest? {
    let disk = files.store.disk
    let bundle = TilePath(row: .entries, index: number, width: TilePath.fullWidth)
    let tile = TilePath(row: .level(0), index: number, width: TilePath.fullWidth)
    let tileByteCount = TilePath.fullWidth * Digest.byteCount
    guard
      let entries = try? disk.read(files.store.path(bundle), limit: Limits.bundleByteCount),
      let bytes = try? disk.read(files.store.path(tile), limit: tileByteCount),
      bytes.count == tileByteCount
    else { return nil }
    let hashes = bytes.withUnsafeBytes { Tile.hashes(in: $0) }
    let isSame = entries.withUnsafeBytes { leavesAre(hashes, of: $0, with: &hasher) }
    return isSame ? hasher.complete(hashes[...]) : nil
  }
}

/// Whether the entries of a bundle are exactly those with these leaf hashes.
private func leavesAre(
  _ hashes: [Digest], of bundle: UnsafeRawBufferPointer, with hasher: inout MerkleHasher
) -> Bool {
  var at = 0
  for hash in hashes {
    guard bundle.count - at >= 2 else { return false }
    let count = Int(UInt16(bigEndian: bundle.loadUnaligned(fromByteOffset: at, as: UInt16.self)))
    at += 2
    guard bundle.count - at >= count else { return false }
    guard hasher.leaf(UnsafeRawBufferPointer(rebasing: bundle[at..<at + count])) == hash else {
      return false
    }
    at += count
  }
  return at == bundle.count
}
