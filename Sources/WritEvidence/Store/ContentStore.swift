// Content by digest, beside the log: bundles, snapshots, requests. Immutable, plain files.
public import WritCrypto
import WritModel

/// Files named by the SHA-256 of what they hold: `sha256/ab/cdef…`.
///
/// Any number of processes may put at the same time: what is put twice is the same.
public struct ContentStore: Sendable {
  private let directory: String
  private let temporary: String
  private let disk: any Disk

  init(directory: String, temporary: String, disk: any Disk) {
    self.directory = directory
    self.temporary = temporary
    self.disk = disk
  }

  /// Keeps the bytes, durably before this returns, and says by which digest.
  @discardableResult
  public func put(_ bytes: [UInt8]) throws(LogError) -> Digest {
    let digest = Digest(of: bytes)
    let path = path(of: digest)
    guard bytes.count <= Limits.objectByteCount else { throw .tooMuch }
    let parent = parentDirectory(of: path)
    if let kept = try? get(digest), kept == bytes {
      // Whoever put it may have died before its name was durable.
      try syncNames(in: parent)
      return digest
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
    return digest
  }

  private func syncNames(in directory: String) throws(LogError) {
    try disk.syncDirectory(directory)
    try disk.syncDirectory(parentDirectory(of: directory))
  }

  /// The bytes of that digest; `missing` if they were never put, `damaged` if they are others now.
  public func get(_ digest: Digest) throws(LogError) -> [UInt8] {
    let path = path(of: digest)
    guard let bytes = try disk.read(path, limit: Limits.objectByteCount) else {
      throw .missing(path: path)
    }
    guard Digest(of: bytes) == digest else {
      throw .damaged(path: path, reason: "holds other content than its name says")
    }
    return bytes
  }

  /// Whether a file of that name is there; `get` says whether it holds the content.
  public func contains(_ digest: Digest) -> Bool {
    (try? disk.identity(of: path(of: digest))) != nil
  }

  /// The digests of all that is kept, by the names of the files, rising. What is not named by a digest is left out.
  public func digests() throws(LogError) -> [Digest] {
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

  /// Forgets the content of that digest, durably; nothing happens where it is not kept.
  func remove(_ digest: Digest) throws(LogError) {
    let path = path(of: digest)
    try disk.remove(path)
    try disk.syncDirectory(parentDirectory(of: path))
  }

  /// Where the content of that digest lies, or would.
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
