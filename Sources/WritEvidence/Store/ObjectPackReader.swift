// Finding objects in packs.
import Synchronization
import WritCrypto

/// Reads packs as they are needed and keeps a part of one at hand. Any number of threads; each does better with one of its own.
final class ObjectPackReader: Sendable {
  let files: ObjectPackFiles
  private let shelf = Mutex(PackShelf())

  init(_ files: ObjectPackFiles) { self.files = files }

  /// The content of that digest where it lies right behind what was found last, or soon after; `nil` where it does not.
  ///
  /// Objects that are asked for in the order in which they were put cost no search, and a file is read once for some
  /// dozens of them.
  func next(_ digest: Digest) -> [UInt8]? {
    shelf.withLock { $0.ahead(digest, files) }
  }

  /// The content of that digest, compared with it; `nil` where no pack has it, `damaged` where all that should be it is other
  /// content.
  func get(_ digest: Digest) throws(LogError) -> [UInt8]? {
    try shelf.withLock { (shelf) throws(LogError) in try shelf.get(digest, files) }
  }

  /// Whether some pack says that it has that content.
  func contains(_ digest: Digest) throws(LogError) -> Bool {
    try shelf.withLock { (shelf) throws(LogError) in try shelf.contains(digest, files) }
  }

  /// The digests of all objects, as the packs say.
  func digests() throws(LogError) -> [Digest] {
    var digests: [Digest] = []
    for number in try files.numbers() {
      guard let pack = try files.pack(number) else { continue }
      digests += try files.places(in: pack, number).map(\.digest)
    }
    return digests
  }
}

/// Indexes at hand, and the part of a pack in which the last object was found.
private struct PackShelf: Sendable {
  /// Rising; `nil` before they were looked up.
  private var numbers: [UInt64]?
  private var indexes: [UInt64: ObjectPackIndex] = [:]
  /// The pack in which an object was found last, the part of it that was read, and where the next object begins.
  private var last: (number: UInt64, part: ObjectPack)?
  private var next = 0

  /// Objects that are looked at before an index is asked: a decision has a request and a trace.
  private static let lookAhead = 4
  /// Bytes that are read for one object, and for those that follow it too; any object fits into the second.
  private static let (alone, ahead) = (4096, 96 << 10)

  /// The object behind the one that was found last, or soon after that.
  mutating func ahead(_ digest: Digest, _ files: ObjectPackFiles) -> [UInt8]? {
    guard let number = last?.number else { return nil }
    var offset = next
    for _ in 0..<PackShelf.lookAhead {
      guard let place = place(at: offset, in: number, files) else { return nil }
      if place.digest == digest {
        next = place.end
        return last?.part.content(of: place)
      }
      offset = place.end
    }
    return nil
  }

  /// The object at an offset, read with those that follow it.
  private mutating func place(
    at offset: Int, in number: UInt64, _ files: ObjectPackFiles
  ) -> ObjectPack.Place? {
    if let place = last?.part.place(at: offset) { return place }
    guard
      let part = try? files.part(number, at: offset, count: PackShelf.ahead),
      let place = part.place(at: offset)
    else { return nil }
    last = (number, part)
    return place
  }

  mutating func get(_ digest: Digest, _ files: ObjectPackFiles) throws(LogError) -> [UInt8]? {
    var damage: LogError?
    let content = try search(digest, files) { (pack, place, number) -> [UInt8]? in
      if let content = pack.content(of: place) { return content }
      damage = .damaged(
        path: files.path(number), reason: "holds other content of \(digest) than it says")
      return nil
    }
    if let content { return content }
    if let damage { throw damage }
    return nil
  }

  mutating func contains(_ digest: Digest, _ files: ObjectPackFiles) throws(LogError) -> Bool {
    try search(digest, files) { _, _, _ in true } ?? false
  }

  /// What `body` makes of the first object of that digest for which it makes anything.
  private mutating func search<Value>(
    _ digest: Digest, _ files: ObjectPackFiles,
    _ body: (ObjectPack, ObjectPack.Place, UInt64) -> Value?
  ) throws(LogError) -> Value? {
    if numbers == nil { numbers = try files.numbers() }
    let known = numbers ?? []
    // Records follow one another as objects do: this pack, the next, then the newest.
    let current = last?.number ?? 0
    let likely = known.filter { $0 == current || $0 == current + 1 }
    for number in likely + known.reversed().filter({ !likely.contains($0) }) {
      if let value = try search(digest, in: number, files, body) { return value }
    }
    // Since then there may be more, and more in the one that was the newest.
    if let newest = known.last { indexes[newest] = nil }
    let all = try files.numbers()
    numbers = all
    for number in all where number >= known.last ?? 0 {
      if let value = try search(digest, in: number, files, body) { return value }
    }
    return nil
  }

  private mutating func search<Value>(
    _ digest: Digest, in number: UInt64, _ files: ObjectPackFiles,
    _ body: (ObjectPack, ObjectPack.Place, UInt64) -> Value?
  ) throws(LogError) -> Value? {
    // An index that is older than its pack is made again, once.
    for attempt in 0..<2 {
      guard let index = try index(of: number, files, anew: attempt > 0) else { return nil }
      var isStale = false
      for offset in index.offsets(of: digest) {
        let count = last?.number == number ? PackShelf.ahead : PackShelf.alone
        guard let part = try part(number, at: offset, count, files),
          let place = part.place(at: offset), place.digest == digest
        else {
          isStale = true
          continue
        }
        (last, next) = ((number, part), place.end)
        if let value = body(part, place, number) { return value }
      }
      if !isStale { return nil }
      indexes[number] = nil
    }
    return nil
  }

  /// What stands at an offset of a pack, and perhaps behind it: more where one object after the other is looked for in it.
  private func part(
    _ number: UInt64, at offset: Int, _ count: Int, _ files: ObjectPackFiles
  ) throws(LogError) -> ObjectPack? {
    let part = try files.part(number, at: offset, count: count)
    if count == PackShelf.ahead || part?.place(at: offset) != nil { return part }
    return try files.part(number, at: offset, count: PackShelf.ahead)
  }

  private mutating func index(
    of number: UInt64, _ files: ObjectPackFiles, anew: Bool
  ) throws(LogError) -> ObjectPackIndex? {
    if let known = indexes[number] { return known }
    if !anew, let kept = try files.index(number) {
      indexes[number] = kept
      return kept
    }
    guard let pack = try files.pack(number) else { return nil }
    let made = ObjectPackIndex(of: pack, number: number)
    indexes[number] = made
    return made
  }
}
