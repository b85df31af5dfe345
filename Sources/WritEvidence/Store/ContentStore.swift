// Content by digest, beside the log: bundles and snapshots in plain files, requests and traces in packs. Immutable.
public import WritCrypto
import WritModel

/// Bytes and their SHA-256, taken once.
public struct HashedBytes: Sendable {
  public let bytes: [UInt8]
  public let digest: Digest

  /// O(n).
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    digest = Digest(of: bytes)
  }
}

/// Content by its SHA-256: in a file of that name, `sha256/ab/cdef…`, or in a pack with others (ObjectPack.swift).
///
/// Any number of processes may put at the same time: what is put twice is the same. Packs are the log's writer's.
public struct ContentStore: Sendable {
  private let directory: String
  private let temporary: String
  private let disk: any Disk
  private let packs: ObjectPackReader
  /// Of the log's writer.
  private let packer: ObjectPacker?

  /// - Parameter packer: Of whoever holds the log's lock.
  init(directory: String, temporary: String, disk: any Disk, packer: ObjectPacker?) {
    self.directory = directory
    self.temporary = temporary
    self.disk = disk
    self.packer = packer
    packs = ObjectPackReader(
      ContentStore.packFiles(directory: directory, temporary: temporary, disk: disk))
  }

  static func packFiles(
    directory: String, temporary: String, disk: any Disk
  ) -> ObjectPackFiles {
    ObjectPackFiles(directory: "\(directory)/packs", temporary: temporary, disk: disk)
  }

  /// Keeps what one record names and hardly another, durably before this returns, and says by which digests: in a pack where
  /// the log is open for writing, else, and where it is long, in files of its own.
  public func put(ofOneRecord contents: [[UInt8]]) throws(LogError) -> [Digest] {
    if let packer, contents.allSatisfy({ $0.count <= Limits.packedByteCount }) {
      return try packer.put(contents)
    }
    var digests: [Digest] = []
    for content in contents {
      if let packer, content.count <= Limits.packedByteCount {
        digests += try packer.put([content])
      } else {
        digests.append(try put(content))
      }
    }
    return digests
  }

  /// Keeps the bytes in a file of their own, durably before this returns, and says by which digest.
  @discardableResult
  public func put(_ bytes: [UInt8]) throws(LogError) -> Digest { try put(HashedBytes(bytes)) }

  /// The same. A writer of the log looks once whether it is there already.
  @discardableResult
  public func put(_ content: HashedBytes) throws(LogError) -> Digest {
    if packer?.knows(content.digest) == true { return content.digest }
    try putAlone(content.bytes, content.digest)
    packer?.remember(content.digest)
    return content.digest
  }

  private func putAlone(_ bytes: [UInt8], _ digest: Digest) throws(LogError) {
    let path = path(of: digest)
    guard bytes.count <= Limits.objectByteCount else { throw .tooMuch }
    let parent = parentDirectory(of: path)
    if let kept = try? lone(digest), kept == bytes {
      // Whoever put it may have died before its name was durable.
      try syncNames(in: parent)
      return
    }
    try disk.makeDurableDirectory(parent)
    try disk.makeDurableDirectory(temporary)
    let random: [UInt8]
    do throws(CryptoError) {
      random = try randomBytes(8)
    } catch {
      throw .file(path: path, act: "name", code: 11)
    }
    let draft = "\(temporary)/\(digest.hex)-\(Hex.encode(random))"
    try disk.put(draft, bytes)
    try disk.rename(draft, to: path)
    try syncNames(in: parent)
  }

  private func syncNames(in directory: String) throws(LogError) {
    try disk.syncDirectory(directory)
    try disk.syncDirectory(parentDirectory(of: directory))
  }

  /// The bytes of that digest; `missing` if they were never put, `damaged` if they are others now.
  public func get(_ digest: Digest) throws(LogError) -> [UInt8] {
    if let content = packs.next(digest) { return content }
    let damage: LogError
    do throws(LogError) {
      return try lone(digest)
    } catch {
      damage = error
    }
    // The same content may lie in both.
    switch damage {
    case .missing, .damaged: if let content = try packs.get(digest) { return content }
    default: break
    }
    throw damage
  }

  /// The bytes of a file of their own.
  private func lone(_ digest: Digest) throws(LogError) -> [UInt8] {
    let path = path(of: digest)
    guard let bytes = try disk.read(path, limit: Limits.objectByteCount) else {
      throw .missing(path: path)
    }
    guard Digest(of: bytes) == digest else {
      throw .damaged(path: path, reason: "holds other content than its name says")
    }
    return bytes
  }

  /// Whether a file or a pack says that it has the content; `get` says whether it has.
  public func contains(_ digest: Digest) -> Bool {
    (try? disk.identity(of: path(of: digest))) != nil || (try? packs.contains(digest)) == true
  }

  /// The digests of all that is kept, by the names of the files and what packs say, rising. What is not named by a digest is
  /// left out.
  public func digests() throws(LogError) -> [Digest] {
    let alone = try loneDigests()
    var digests = alone + (try packs.digests())
    guard digests.count > alone.count else { return alone }
    digests.sort()
    return zip(digests, [nil] + digests).compactMap { $0 == $1 ? nil : $0 }
  }

  private func loneDigests() throws(LogError) -> [Digest] {
    var digests: [Digest] = []
    for group in try disk.names(in: "\(directory)/sha256") where group.utf8.count == 2 {
      for name in try disk.names(in: "\(directory)/sha256/\(group)") {
        if let digest = Digest(hex: group + name), digest.hex == group + name {
          digests.append(digest)
        }
      }
    }
    return digests
  }

  /// Forgets the content of those digests, durably; nothing happens to what is not kept. For the holder of the log's
  /// lock. Every pack is read, and written anew where it has any of them.
  func remove(_ digests: Set<Digest>) throws(LogError) {
    try packer?.seal()
    for number in try packs.files.numbers() {
      _ = try packs.files.remove(digests, from: number)
    }
    var parents: Set<String> = []
    for digest in digests.sorted() {
      let path = path(of: digest)
      guard try disk.identity(of: path) != nil else { continue }
      try disk.remove(path)
      parents.insert(parentDirectory(of: path))
    }
    for parent in parents.sorted() { try disk.syncDirectory(parent) }
  }

  /// Where the content of that digest lies, or would, in a file of its own.
  public func path(of digest: Digest) -> String {
    let prefix = "\(directory)/sha256/"
    return String(unsafeUninitializedCapacity: prefix.utf8.count + Digest.byteCount * 2 + 1) {
      path in
      var at = path.initialize(fromContentsOf: prefix.utf8)
      digest.withUnsafeBytes { bytes in
        at = Hex.write(UnsafeRawBufferPointer(rebasing: bytes[..<1]), to: path, at: at)
        path[at] = UInt8(ascii: "/")
        at = Hex.write(UnsafeRawBufferPointer(rebasing: bytes[1...]), to: path, at: at + 1)
      }
      return at
    }
  }
}
