// Finding objects in packs.
import Synchronization
import WritCrypto

/// Reads packs as they are needed and keeps some at hand. Any number of threads; each does better with one of its own.
final class ObjectPackReader: Sendable {
  let files: ObjectPackFiles
  private let shelf = Mutex(PackShelf())

  init(_ files: ObjectPackFiles) { self.files = files }

  /// The content of that digest where it lies right behind what was found last, or soon after; `nil` where it does not.
  ///
  /// Objects that are asked for in the order in which they were put cost no search: a file is read for some thousands
  /// of them.
  func next(_ digest: Digest) -> [UInt8]? {
    shelf.withLock { $0.ahead(digest) }
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

/// Packs at hand, and where the last object was found.
private struct PackShelf: Sendable {
  /// Rising; `nil` before they were looked up.
  private var numbers: [UInt64]?
  private var indexes: [UInt64: ObjectPackIndex] = [:]
  /// The one that was used last stands last.
  private var packs: [(number: UInt64, pack: ObjectPack)] = []
  /// Behind the object that was found last, in the pack that was used last.
  private var next = 0
  /// The pack in which an object was found last, whether it is at hand or not.
  private var lastFound: UInt64?

  /// Objects that are looked at before an index is asked: a decision has a request and a trace.
  private static let lookAhead = 4

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

  /// The object behind the one that was found last, or soon after that.
  mutating func ahead(_ digest: Digest) -> [UInt8]? {
    guard let last = packs.indices.last else { return nil }
    var offset = next
    for _ in 0..<PackShelf.lookAhead {
      guard let place = packs[last].pack.place(at: offset) else { return nil }
      if place.digest == digest {
        next = place.end
        return packs[last].pack.content(of: place)
      }
      offset = place.end
    }
    return nil
  }

  /// What `body` makes of the first object of that digest for which it makes anything.
  private mutating func search<Value>(
    _ digest: Digest, _ files: ObjectPackFiles,
    _ body: (ObjectPack, ObjectPack.Place, UInt64) -> Value?
  ) throws(LogError) -> Value? {
    if numbers == nil { numbers = try files.numbers() }
    let known = numbers ?? []
    // Records follow one another as objects do: the next pack, then those at hand, then the newest.
    let current = packs.last?.number ?? 0
    let likely = packs.reversed().map(\.number) + known.filter { $0 == current + 1 }
    for number in likely + known.reversed().filter({ !likely.contains($0) }) {
      if let value = try search(digest, in: number, files, body) { return value }
    }
    // Since then there may be more, and more in the one that was the newest.
    if let newest = known.last { forget(newest) }
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
    var isStale = false
    // An index that is older than its pack is made again, once.
    for attempt in 0..<2 {
      guard let index = try index(of: number, files, anew: attempt > 0) else { return nil }
      for offset in index.offsets(of: digest) {
        guard let (pack, place) = try found(digest, at: offset, in: number, files) else {
          isStale = true
          continue
        }
        if let value = body(pack, place, number) { return value }
      }
      if !isStale { return nil }
      forget(number)
    }
    return nil
  }

  /// The object of that digest at an offset, in its pack or alone in a part of it: a pack is read whole where one object after
  /// the other is found in it.
  private mutating func found(
    _ digest: Digest, at offset: Int, in number: UInt64, _ files: ObjectPackFiles
  ) throws(LogError) -> (ObjectPack, ObjectPack.Place)? {
    let isAtHand = packs.contains { $0.number == number }
    if !isAtHand, lastFound != number, indexes[number] != nil {
      lastFound = number
      guard let part = try files.object(at: offset, in: number),
        let place = part.place(at: ObjectPack.start), place.digest == digest
      else { return nil }
      return (part, place)
    }
    guard let pack = try pack(number, files), let place = pack.place(at: offset),
      place.digest == digest
    else { return nil }
    (lastFound, next) = (number, place.end)
    return (pack, place)
  }

  private mutating func index(
    of number: UInt64, _ files: ObjectPackFiles, anew: Bool
  ) throws(LogError) -> ObjectPackIndex? {
    if let known = indexes[number] { return known }
    if !anew, let kept = try files.index(number) {
      indexes[number] = kept
      return kept
    }
    guard let pack = try pack(number, files) else { return nil }
    let made = ObjectPackIndex(of: pack, number: number)
    indexes[number] = made
    return made
  }

  /// The pack of that number, which is then the one that was used last.
  private mutating func pack(
    _ number: UInt64, _ files: ObjectPackFiles
  ) throws(LogError) -> ObjectPack? {
    if let place = packs.lastIndex(where: { $0.number == number }) {
      if place < packs.count - 1 { packs.append(packs.remove(at: place)) }
      return packs[packs.count - 1].pack
    }
    guard let pack = try files.pack(number) else { return nil }
    if packs.count >= Limits.openPacks { packs.removeFirst() }
    packs.append((number, pack))
    return pack
  }

  private mutating func forget(_ number: UInt64) {
    indexes[number] = nil
    packs.removeAll { $0.number == number }
    next = 0
  }
}
