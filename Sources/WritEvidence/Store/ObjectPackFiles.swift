// Where packs lie, and what is done with their files.
//
//     .writ/objects/packs/<number>         20 digits, rising; the newest may be appended to
//     .writ/objects/packs/<number>.index   of one that nothing is appended to any more
import WritCrypto
import WritModel

/// The packs of one content store.
struct ObjectPackFiles: Sendable {
  let directory: String
  let temporary: String
  let disk: any Disk

  func path(_ number: UInt64) -> String { WriteAheadLog.path(directory, number) }

  func indexPath(_ number: UInt64) -> String { path(number) + ".index" }

  /// Rising.
  func numbers() throws(LogError) -> [UInt64] {
    try disk.names(in: directory).compactMap { $0.utf8.count == 20 ? UInt64($0) : nil }
  }

  /// The file of a pack; `nil` where it is gone.
  func bytes(_ number: UInt64) throws(LogError) -> [UInt8]? {
    try disk.read(path(number), limit: Limits.packFileByteCount)
  }

  /// The pack of a file; `nil` where there is none, or one that was never begun.
  func pack(_ number: UInt64) throws(LogError) -> ObjectPack? {
    try bytes(number).flatMap { ObjectPack($0) }
  }

  /// So many bytes of a pack from an offset on; `nil` where it is gone.
  func part(_ number: UInt64, at offset: Int, count: Int) throws(LogError) -> ObjectPack? {
    try disk.read(path(number), offset..<offset + count).map { ObjectPack(part: $0, at: offset) }
  }

  /// The index of a pack; `nil` where there is none that can be used.
  func index(_ number: UInt64) throws(LogError) -> ObjectPackIndex? {
    let limit = Limits.packFileByteCount
    guard let bytes = try? disk.read(indexPath(number), limit: limit) else { return nil }
    return ObjectPackIndex(bytes).flatMap { $0.number == number ? $0 : nil }
  }

  /// Puts the index of a pack beside it: nothing is appended to that pack any more. It need not be durable.
  func write(_ index: ObjectPackIndex) throws(LogError) {
    let draft = try draftPath(index.number)
    try disk.draft(draft, index.bytes)
    try disk.rename(draft, to: indexPath(index.number))
  }

  /// A name of its own: what a crash leaves must not be taken for another's.
  private func draftPath(_ number: UInt64) throws(LogError) -> String {
    try disk.makeDurableDirectory(temporary)
    do throws(CryptoError) {
      return "\(temporary)/pack-\(number)-\(Hex.encode(try randomBytes(8)))"
    } catch {
      throw .file(path: path(number), act: "name a draft of", code: 11)
    }
  }

  /// All that can be found in a pack: where its index knows more than can be stepped to, something in it was damaged.
  func places(in pack: ObjectPack, _ number: UInt64) throws(LogError) -> [ObjectPack.Place] {
    let places = pack.places
    guard let index = try index(number), index.packByteCount > places.last?.end ?? 0 else {
      return places
    }
    return index.allOffsets.compactMap { pack.place(at: $0) }
  }

  /// Removes objects from a pack, durably: it is written anew without them. For the holder of the log's lock, of a pack that
  /// nobody has open.
  ///
  /// - Returns: Whether it had any of them.
  func remove(_ digests: Set<Digest>, from number: UInt64) throws(LogError) -> Bool {
    guard let pack = try pack(number) else { return false }
    let places = try places(in: pack, number)
    let kept = places.filter { !digests.contains($0.digest) }
    guard kept.count < places.count else { return false }
    // An index of what was there before says too much, which does no harm; of a pack of this number to come, too little.
    try disk.remove(indexPath(number))
    if kept.isEmpty {
      try disk.remove(path(number))
    } else {
      var bytes = ObjectPack.magic
      for place in kept { bytes += pack.bytes[place.offset..<place.end] }
      let draft = try draftPath(number)
      try disk.put(draft, bytes)
      try disk.rename(draft, to: path(number))
      if let pack = ObjectPack(bytes) { try write(ObjectPackIndex(of: pack, number: number)) }
    }
    try disk.syncDirectory(directory)
    return true
  }
}
