// Where the files of a log lie.
//
//     checkpoint                         the newest signed one
//     tile/<L>/<N>[.p/<W>]               hashes            } C2SP tlog-tiles: what others read
//     tile/entries/<N>[.p/<W>]           entries           }
//     .writ/config.json                  {"key":"<path of the signing key>","origin":"<origin>"};
//                                        LogKeys.swift says what it becomes when keys change
//     .writ/lock                         flock of the one writer
//     .writ/clock                        what the clock and the uptime said at the last record
//     .writ/home                         the number of the lock's inode: a copy of the log has another
//     .writ/wal/<first index>            entries that are durable but not yet published
//     .writ/signed                       last signed size and root, written before its release
//     .writ/reached/<size>               empty: the newest size that was released, by its name
//     .writ/checkpoints/<size>           every checkpoint that was released
//     .writ/objects/sha256/ab/cdef…      content by digest
//     .writ/objects/packs/<number>       the same, much of it in one file, with <number>.index
//     .writ/disclosures                  what can be erased; DisclosureStore.swift says how it lies there
//     .writ/index/<start>-<count>        which entries have which subject, gate, caller and outcome
//     .writ/index/heads                  the newest entry of each subject, as the newest index leaf says
//     .writ/tmp                          files that are not yet in their place
//
// Nothing under `.writ` is needed to verify the log.
import WritModel

/// The directory of a log.
public struct LogStore: Sendable {
  /// The path of the directory.
  public let directory: String
  /// What its files lie on.
  let disk: any Disk
  /// Of the log's writer: what puts small objects into packs.
  private(set) var packer: ObjectPacker?

  /// The log in that directory, whether there is one or not.
  public init(directory: String) {
    self.init(directory: directory, disk: SystemDisk())
  }

  /// The log in that directory of a disk.
  public init(directory: String, disk: any Disk) {
    self.directory = directory
    self.disk = disk
  }

  /// What the log remembers of how it was made.
  public struct Configuration: Hashable, Sendable {
    /// The identity of the log, which is also the name of its key.
    public let origin: String
    /// Where the signing keys are, the oldest first; at least one.
    public let keys: [SigningKeyPlace]
    /// Keys that signed once and do no longer.
    public let retired: [VerifierKey]
  }

  var checkpoint: String { "\(directory)/checkpoint" }
  var ownDirectory: String { "\(directory)/.writ" }
  var configurationFile: String { "\(ownDirectory)/config.json" }
  var lock: String { "\(ownDirectory)/lock" }
  var home: String { "\(ownDirectory)/home" }
  var wal: String { "\(ownDirectory)/wal" }
  var signed: String { "\(ownDirectory)/signed" }
  var reached: String { "\(ownDirectory)/reached" }
  var checkpoints: String { "\(ownDirectory)/checkpoints" }
  var temporary: String { "\(ownDirectory)/tmp" }
  var index: String { "\(ownDirectory)/index" }

  func archived(_ size: UInt64) -> String { "\(checkpoints)/\(size)" }

  func path(_ tile: TilePath) -> String { "\(directory)/\(tile)" }

  /// The content store of the log.
  public var objects: ContentStore {
    ContentStore(directory: objectDirectory, temporary: temporary, disk: disk, packer: packer)
  }

  /// The same log, as its writer has it open: small objects are put into packs.
  public func packing(_ packer: ObjectPacker) -> LogStore {
    var store = self
    store.packer = packer
    return store
  }

  /// What puts small objects into packs, for the holder of the lock: a pack of that many bytes is followed by another.
  public func makePacker(packByteCount: Int) -> ObjectPacker {
    ObjectPacker(
      ContentStore.packFiles(directory: objectDirectory, temporary: temporary, disk: disk),
      packByteCount: packByteCount)
  }

  private var objectDirectory: String { "\(ownDirectory)/objects" }

  /// What can be erased of what the log's records hold by digest.
  public var disclosures: DisclosureStore {
    DisclosureStore(directory: "\(ownDirectory)/disclosures", disk: disk)
  }

  /// Makes an empty log; `LogWriter` then signs its first checkpoint.
  ///
  /// The configuration comes last: without it there is no log, and what a crash has left is taken
  /// over by the next call.
  public static func create(
    directory: String, origin: KeyName, keyPath: String
  ) throws(LogError) -> LogStore {
    let store = LogStore(directory: directory)
    try store.create(origin: origin, keyPath: keyPath)
    return store
  }

  /// Makes an empty log here.
  public func create(origin: KeyName, keyPath: String) throws(LogError) {
    for path in [configurationFile, checkpoint] {
      guard try disk.read(path, limit: Limits.noteByteCount) == nil else {
        throw .alreadyALog(path: directory)
      }
    }
    for path in [
      directory, ownDirectory, wal, checkpoints, temporary, objectDirectory,
      "\(objectDirectory)/sha256",
    ] { try disk.makeDurableDirectory(path) }
    let lockFile = try disk.lock(lock)
    defer { disk.close(lockFile) }
    try settle()
    let configuration: JSONValue = [
      "key": .string(keyPath), "origin": .string(origin.description),
    ]
    try replace(configurationFile, Array((configuration.pretty + "\n").utf8))
  }

  /// The head that the writer remembers to have signed last, released or not. Nobody has signed this note: it can
  /// only make suspicious.
  public func rememberedHead() -> Checkpoint? {
    try? lastSigned()
  }

  /// Reads how the log was made.
  public func configuration() throws(LogError) -> Configuration {
    guard let bytes = try disk.read(configurationFile, limit: 65_536) else {
      throw .notALog(path: directory)
    }
    guard let value = try? JSONValue(parsing: bytes), let configuration = Configuration(value)
    else {
      throw .damaged(path: configurationFile, reason: "expected `origin` and `key` or `keys`")
    }
    return configuration
  }

  /// The size and root that were signed last, `nil` if none were.
  func lastSigned() throws(LogError) -> Checkpoint? {
    guard let bytes = try disk.read(signed, limit: 4096) else { return nil }
    guard let text = String(validating: bytes, as: UTF8.self), let checkpoint = Checkpoint(text)
    else {
      throw .damaged(path: signed, reason: "expected the last signed size and root")
    }
    return checkpoint
  }

  /// Puts a file in its place at once and durably.
  func replace(_ path: String, _ bytes: [UInt8]) throws(LogError) {
    let draft = temporaryPath(for: path)
    try disk.put(draft, bytes)
    try disk.rename(draft, to: path)
    try disk.syncDirectory(parentDirectory(of: path))
  }

  /// Only the holder of the lock writes, so one name a file is enough.
  func temporaryPath(for path: String) -> String {
    let name = path.utf8.dropFirst(directory.utf8.count + 1).map { $0 == 0x2f ? 0x2b : $0 }
    return "\(temporary)/" + String(decoding: name, as: UTF8.self)
  }
}
