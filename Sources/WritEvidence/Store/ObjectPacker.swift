// Putting small objects into packs: those of many threads are written and synced together.
//
// As with entries (WriterCore.swift) there are no threads of its own: whoever waits for an object and finds nobody
// writing writes for all that are queued.
public import WritCrypto

/// Appends to the newest pack of a content store; any number of threads, while the log's lock is held.
public final class ObjectPacker: @unchecked Sendable {
  private let files: ObjectPackFiles
  private let packByteCount: Int
  private let monitor = Monitor()

  // Guarded by `monitor`.
  private var queue: [UInt8] = []
  private var queuedPlaces: [ObjectPack.Place] = []
  /// In which group an object was put, by this packer; the ones that were put last.
  private var known: [Digest: Int] = [:]
  private var older: [Digest: Int] = [:]
  /// Content in files of its own that was found or put there, durably.
  private var alone: Set<Digest> = []
  /// What the pack held when it was opened, all of it durable.
  private var earlier: (pack: ObjectPack, places: [Digest: ObjectPack.Place])?
  /// Of the objects in the queue.
  private var nextGroup = 1
  private var durableGroup = 0
  private var isCommitting = false
  private var failure: LogError?

  // For whoever is committing.
  private var open: OpenPack?

  /// The pack that is appended to.
  private struct OpenPack {
    let number: UInt64
    let file: OpenFile
    /// Behind the last object.
    var offset: Int
    /// Bytes that were written with zeros, so that syncing objects changes no metadata.
    var prepared: Int
    var places: [ObjectPack.Place]
  }

  init(_ files: ObjectPackFiles, packByteCount: Int) {
    self.files = files
    self.packByteCount = packByteCount
  }

  deinit { close() }

  /// Keeps objects, durably before this returns, and says by which digests. What is kept already may be kept twice.
  ///
  /// Each has at most `Limits.packedByteCount` bytes. After the first error nothing is taken any more: what the disk
  /// holds is not known.
  public func put(_ contents: [[UInt8]]) throws(LogError) -> [Digest] {
    let digests = contents.map { Digest(of: $0) }
    monitor.lock()
    defer { monitor.unlock() }
    try makeRoom()
    try begin()
    var last = 0
    for (content, digest) in zip(contents, digests) {
      if let group = known[digest] ?? older[digest] {
        last = max(last, group)
      } else if !isEarlier(content, digest) {
        append(content, digest)
        last = nextGroup
      }
    }
    try wait(until: last)
    return digests
  }

  /// Whether content lies in a file of its own, as far as it is remembered.
  func knows(_ digest: Digest) -> Bool {
    monitor.lock()
    defer { monitor.unlock() }
    return alone.contains(digest)
  }

  /// Remembers content that lies in a file of its own, durably.
  func remember(_ digest: Digest) {
    monitor.lock()
    defer { monitor.unlock() }
    if alone.count >= Limits.rememberedFiles { alone = [] }
    alone.insert(digest)
  }

  private func isEarlier(_ content: [UInt8], _ digest: Digest) -> Bool {
    guard let earlier, let place = earlier.places[digest] else { return false }
    return earlier.pack.holds(content, in: place)
  }

  private func append(_ content: [UInt8], _ digest: Digest) {
    let (offset, group) = (queue.count, UInt32(truncatingIfNeeded: nextGroup))
    content.withUnsafeBytes { ObjectPack.append($0, digest, group: group, to: &queue) }
    queuedPlaces.append(
      ObjectPack.Place(offset: offset, count: content.count, group: group, digest: digest))
    if known.count >= Limits.rememberedObjects {
      (older, known) = (known, [:])
    }
    known[digest] = nextGroup
  }

  /// Waits until the queue takes more.
  private func makeRoom() throws(LogError) {
    while failure == nil && queue.count >= Limits.queueByteCount {
      if isCommitting { monitor.wait(for: .room) } else { commit() }
    }
    if let failure { throw failure }
  }

  private func wait(until group: Int) throws(LogError) {
    while durableGroup < group && failure == nil {
      if isCommitting {
        monitor.wait(for: ObjectPacker.event(group))
      } else {
        commit()
      }
    }
    if durableGroup < group, let failure { throw failure }
  }

  /// What those wait for whose objects are in the group of that number.
  private static func event(_ group: Int) -> Event { group % 2 == 0 ? .evenGroup : .oddGroup }

  /// Makes all that is queued durable. Called with the lock, which is let go meanwhile.
  private func commit() {
    isCommitting = true
    let (bytes, places) = (queue, queuedPlaces)
    (queue, queuedPlaces) = ([], [])
    let group = nextGroup
    nextGroup += 1
    monitor.tell(.room)
    monitor.unlock()
    let error = failing { () throws(LogError) in try write(bytes, places) }
    monitor.lock()
    isCommitting = false
    if let error { failure = failure ?? error } else { durableGroup = group }
    if failure != nil {
      for event in Event.allCases { monitor.tell(event) }
    } else {
      monitor.tell(ObjectPacker.event(group))
      if !queue.isEmpty { monitor.tellOne(ObjectPacker.event(group + 1)) }
      monitor.tell(.role)
    }
  }

  /// Writes a group behind the others and syncs it.
  private func write(_ bytes: [UInt8], _ places: [ObjectPack.Place]) throws(LogError) {
    if let full = open, full.offset >= packByteCount {
      try end(full)
      try begin(number: full.number + 1)
    }
    guard var pack = open else { throw .stopped }
    var bytes = bytes
    let end = pack.offset + bytes.count
    if end > pack.prepared, bytes.count < Limits.preparedByteCount {
      let zeros = min(max(pack.prepared, 1 << 16), Limits.preparedByteCount)
      bytes.append(contentsOf: repeatElement(0, count: zeros))
      pack.prepared = end + zeros
    }
    try files.disk.write(bytes, to: pack.file, at: pack.offset)
    try files.disk.sync(pack.file)
    pack.places += places.map { $0.moved(by: pack.offset) }
    pack.offset = end
    open = pack
  }

  /// Lets go of the pack: nothing can be put any more.
  public func close() {
    monitor.lock()
    defer { monitor.unlock() }
    while isCommitting { monitor.wait(for: .role) }
    failure = failure ?? .stopped
    for event in Event.allCases { monitor.tell(event) }
    if let open { files.disk.close(open.file) }
    open = nil
  }

  /// Ends the pack that is appended to, so that it may be changed; the next object begins another.
  public func seal() throws(LogError) {
    monitor.lock()
    defer { monitor.unlock() }
    while isCommitting || (!queue.isEmpty && failure == nil) {
      if isCommitting { monitor.wait(for: .role) } else { commit() }
    }
    if let failure { throw failure }
    // What is known may be removed now.
    (known, older, earlier, alone) = ([:], [:], nil, [])
    if let open { try end(open) }
  }
}

// The pack that is appended to.
extension ObjectPacker {
  /// Opens the newest pack, or begins one. Called with the lock.
  ///
  /// The process before may have died, or have been told of an error, between writing the last group and its sync: it is
  /// read, and is not durable. So it is written once more before anything counts on it.
  private func begin() throws(LogError) {
    guard open == nil, !isCommitting else { return }
    do throws(LogError) {
      let newest = try files.numbers().last
      guard let newest, let pack = try files.pack(newest), try isOpen(pack, newest) else {
        return try begin(number: newest.map { $0 + 1 } ?? 0)
      }
      try reopen(pack, newest)
    } catch {
      failure = failure ?? error
      throw error
    }
  }

  /// Whether a pack can be appended to. Where it cannot, because it was ended or its last group is torn, it is ended now.
  private func isOpen(_ pack: ObjectPack, _ number: UInt64) throws(LogError) -> Bool {
    guard try files.disk.identity(of: files.indexPath(number)) == nil else { return false }
    let places = pack.places
    let end = places.last?.end ?? ObjectPack.start
    let group = ObjectPacker.lastGroup(of: places)
    if end < packByteCount, pack.isZero(from: end),
      group.allSatisfy({ pack.content(of: $0) != nil })
    {
      return true
    }
    try files.write(ObjectPackIndex(of: places, number: number))
    return false
  }

  private static func lastGroup(of places: [ObjectPack.Place]) -> ArraySlice<ObjectPack.Place> {
    guard let last = places.last else { return [] }
    let start = places.lastIndex { $0.group != last.group }.map { $0 + 1 } ?? 0
    return places[start...]
  }

  private func reopen(_ pack: ObjectPack, _ number: UInt64) throws(LogError) {
    let places = pack.places
    let end = places.last?.end ?? ObjectPack.start
    let start = ObjectPacker.lastGroup(of: places).first?.offset ?? 0
    let file = try files.disk.open(files.path(number))
    do throws(LogError) {
      try files.disk.write(Array(pack.bytes[start..<end]), to: file, at: start)
      try files.disk.sync(file)
      // A group is written only after the name of its pack was synced.
      if places.isEmpty { try files.disk.syncDirectory(files.directory) }
    } catch {
      files.disk.close(file)
      throw error
    }
    earlier = (pack, Dictionary(places.map { ($0.digest, $0) }) { first, _ in first })
    nextGroup = max(nextGroup, Int(places.last?.group ?? 0) + 1)
    durableGroup = max(durableGroup, nextGroup - 1)
    open = OpenPack(
      number: number, file: file, offset: end, prepared: pack.bytes.count, places: places)
  }

  /// Begins a pack; its head is durable before an object is written.
  private func begin(number: UInt64) throws(LogError) {
    let disk = files.disk
    try disk.makeDurableDirectory(files.directory)
    // Of a pack that had that number, and is gone.
    if try disk.identity(of: files.indexPath(number)) != nil {
      try disk.remove(files.indexPath(number))
    }
    let file = try disk.create(files.path(number))
    do throws(LogError) {
      try disk.write(ObjectPack.magic, to: file, at: 0)
      try disk.sync(file)
      try disk.syncDirectory(files.directory)
    } catch {
      disk.close(file)
      throw error
    }
    open = OpenPack(
      number: number, file: file, offset: ObjectPack.start, prepared: ObjectPack.start, places: [])
  }

  /// Ends a pack.
  private func end(_ pack: OpenPack) throws(LogError) {
    open = nil
    defer { files.disk.close(pack.file) }
    try files.disk.cut(pack.file, to: pack.offset)
    try files.write(ObjectPackIndex(of: pack.places, number: pack.number))
  }
}

extension ObjectPack.Place {
  /// The same object behind so many more bytes.
  fileprivate func moved(by count: Int) -> ObjectPack.Place {
    ObjectPack.Place(offset: offset + count, count: self.count, group: group, digest: digest)
  }
}
