// Engines by the digests of their bundle and their snapshot, linked once.

import Synchronization
import WritBytecode
public import WritCrypto
public import WritEvidence
import WritGraph
import WritModel

/// Snapshots by the digest of their file, for several threads: they are large, and never written.
public final class SnapshotCache: Sendable {
  private let kept = Mutex<[(digest: Digest, snapshot: Snapshot)]>([])
  /// At least 1.
  private let capacity: Int

  /// Keeps that many.
  public init(capacity: Int = 4) {
    self.capacity = max(1, capacity)
  }

  /// The snapshot of a file in the store; read and checked once while it is kept.
  func snapshot(_ digest: Digest, in objects: ContentStore) throws -> Snapshot {
    if let known = kept.withLock({ $0.first { $0.digest == digest } }) { return known.snapshot }
    let snapshot = try Snapshot.decode(try objects.get(digest))
    return kept.withLock { kept in
      // Another thread may have been as quick.
      if let known = kept.first(where: { $0.digest == digest }) { return known.snapshot }
      if kept.count == capacity { kept.removeFirst() }
      kept.append((digest, snapshot))
      return snapshot
    }
  }
}

/// What an engine is of: its bundle and snapshot in a content store, and in which form they are kept.
struct EngineName: Hashable {
  let bundle: Digest
  let snapshot: Digest
  /// Of inputs in committed form the digest that the bundle has with its approvers, by which decisions name it; it is kept
  /// without them. `nil` of inputs that are kept as they were.
  let publishedBundle: Digest?

  /// How the approvals of requests are given.
  var approvals: ApprovalForm { publishedBundle == nil ? .signed : .recorded }
}

/// Engines over what a content store holds, by the digests of bundle and snapshot. For one thread at a time: threads that
/// share a bundle would spend their time counting its references together.
public final class EngineCache {
  let objects: ContentStore
  private let snapshots: SnapshotCache
  private let capacity: Int
  /// The one that was used last stands last.
  private var kept: [CachedEngine] = []

  /// - Parameters:
  ///   - objects: Where bundles, snapshots and requests lie.
  ///   - snapshots: Shared by the caches of all threads.
  ///   - capacity: Engines that are kept, at least 1.
  public init(objects: ContentStore, snapshots: SnapshotCache, capacity: Int = 8) {
    self.objects = objects
    self.snapshots = snapshots
    self.capacity = max(1, capacity)
  }

  /// What decides by a bundle over a snapshot; linked if it is not at hand.
  public func decider(bundle: Digest, snapshot: Digest) throws -> Decider {
    try engine(EngineName(bundle: bundle, snapshot: snapshot, publishedBundle: nil)).decider
  }

  func engine(_ name: EngineName) throws -> CachedEngine {
    if let last = kept.last, last.name == name { return last }
    if let place = kept.firstIndex(where: { $0.name == name }) {
      let found = kept.remove(at: place)
      kept.append(found)
      return found
    }
    var bundle = try LoadedBundle(file: try objects.get(name.bundle))
    if let published = name.publishedBundle {
      // It is kept without its approvers; delegates are nobody's secret.
      bundle = LoadedBundle(
        program: bundle.program, registry: bundle.registry, digest: published)
    }
    let engine = Engine(
      bundle: bundle, snapshot: try snapshots.snapshot(name.snapshot, in: objects))
    let made = CachedEngine(name, Decider(try PreparedEngine(engine)))
    if kept.count == capacity { kept.removeFirst() }
    kept.append(made)
    return made
  }
}

/// A decider with the requests that it was asked last.
final class CachedEngine {
  let name: EngineName
  let decider: Decider
  /// In two generations: what is not asked again while one fills up is forgotten.
  private var young: [Digest: PreparedRequest] = [:]
  private var old: [Digest: PreparedRequest] = [:]
  /// The first words of digests that were asked for, each at its place: most requests are asked once, and keeping them would cost more
  /// than reading the others twice.
  private var seen = [UInt64](repeating: 0, count: CachedEngine.seenCount)
  private static let seenCount = 4096

  /// Requests of a generation; each with its overlay has some kilobytes.
  private static let generation = 512

  init(_ name: EngineName, _ decider: Decider) {
    self.name = name
    self.decider = decider
  }

  /// The request of that digest in the store.
  func request(_ digest: Digest, _ objects: ContentStore) throws -> PreparedRequest {
    if let known = young[digest] { return known }
    let request: PreparedRequest
    if let known = old[digest] {
      request = known
    } else {
      request = try decider.prepare(
        try objects.get(digest), approvals: name.approvals, digest: digest)
      guard wasSeen(digest) else { return request }
    }
    if young.count == CachedEngine.generation {
      swap(&old, &young)
      young.removeAll(keepingCapacity: true)
    }
    young[digest] = request
    return request
  }

  /// Notes a digest; whether it was noted before, and no other in its place since.
  private func wasSeen(_ digest: Digest) -> Bool {
    let word = digest.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
    let place = Int(truncatingIfNeeded: word % UInt64(CachedEngine.seenCount))
    if seen[place] == word { return true }
    seen[place] = word
    return false
  }
}
