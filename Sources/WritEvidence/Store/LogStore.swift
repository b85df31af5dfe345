// Where the files of a log lie.
//
//     checkpoint                         the newest signed one
//     tile/<L>/<N>[.p/<W>]               hashes            } C2SP tlog-tiles: what others read
//     tile/entries/<N>[.p/<W>]           entries           }
//     .writ/config.json                  {"key":"<path of the signing key>","origin":"<origin>"}
//     .writ/lock                         flock of the one writer
//     .writ/wal/<first index>            entries that are durable but not yet published
//     .writ/signed                       last signed size and root, written before its release
//     .writ/checkpoints/<size>           every checkpoint that was released
//     .writ/objects/sha256/ab/cdef…      content by digest
//     .writ/index/<start>-<count>        which entries have which subject, gate, caller and outcome
//     .writ/index/heads                  the newest entry of each subject, as the newest index leaf says
//     .writ/tmp                          files that are not yet in their place
//
// Nothing under `.writ` is needed to verify the log.
import WritModel

/// The directory of a log.
public struct LogStore: Hashable, Sendable {
  /// The path of the directory.
  public let directory: String

  /// The log in that directory, whether there is one or not.
  public init(directory: String) {
    self.directory = directory
  }

  /// What the log remembers of how it was made.
  public struct Configuration: Hashable, Sendable {
    /// The identity of the log, which is also the name of its key.
    public let origin: String
    /// Where the signing key is.
    public let keyPath: String
  }

  var checkpoint: String { "\(directory)/checkpoint" }
  var ownDirectory: String { "\(directory)/.writ" }
  var configurationFile: String { "\(ownDirectory)/config.json" }
  var lock: String { "\(ownDirectory)/lock" }
  var wal: String { "\(ownDirectory)/wal" }
  var signed: String { "\(ownDirectory)/signed" }
  var checkpoints: String { "\(ownDirectory)/checkpoints" }
  var temporary: String { "\(ownDirectory)/tmp" }
  var index: String { "\(ownDirectory)/index" }

  func path(_ tile: TilePath) -> String { "\(directory)/\(tile)" }

  /// The content store of the log.
  public var objects: ContentStore {
    ContentStore(directory: "\(ownDirectory)/objects", temporary: temporary)
  }

  /// Makes an empty log; `LogWriter` then signs its first checkpoint.
  public static func create(
    directory: String, origin: KeyName, keyPath: String
  ) throws(LogError) -> LogStore {
    let store = LogStore(directory: directory)
    for path in [store.configurationFile, store.checkpoint] {
      guard try Files.read(path, limit: Limits.noteByteCount) == nil else {
        throw .alreadyALog(path: directory)
      }
    }
    for path in [store.wal, store.checkpoints, store.temporary] { try Files.makeDirectory(path) }
    let configuration: JSONValue = [
      "key": .string(keyPath), "origin": .string(origin.description),
    ]
    try store.replace(store.configurationFile, Array((configuration.pretty + "\n").utf8))
    return store
  }

  /// The head that the writer remembers to have signed last, released or not. Nobody has signed this note: it can
  /// only make suspicious.
  public func rememberedHead() -> Checkpoint? {
    guard let bytes = try? Files.read(signed, limit: Limits.noteByteCount) else { return nil }
    return Checkpoint(String(decoding: bytes, as: UTF8.self))
  }

  /// Reads how the log was made.
  public func configuration() throws(LogError) -> Configuration {
    guard let bytes = try Files.read(configurationFile, limit: 65_536) else {
      throw .notALog(path: directory)
    }
    guard let value = try? JSONValue(parsing: bytes), let origin = value["origin"]?.string,
      let keyPath = value["key"]?.string
    else {
      throw .damaged(path: configurationFile, reason: "expected `origin` and `key`")
    }
    return Configuration(origin: origin, keyPath: keyPath)
  }

  /// Puts a file in its place at once and durably.
  func replace(_ path: String, _ bytes: [UInt8]) throws(LogError) {
    try place(path, bytes)
    try Files.syncDirectory(Files.parent(of: path))
  }

  /// Puts a durable file in its place at once; the place is durable once its directory is synced.
  func place(_ path: String, _ bytes: [UInt8]) throws(LogError) {
    let temporary = try temporaryPath(for: path)
    try Files.create(temporary, bytes)
    try Files.rename(temporary, to: path)
  }

  /// Only the holder of the lock writes, so one name a file is enough.
  private func temporaryPath(for path: String) throws(LogError) -> String {
    let name = path.utf8.dropFirst(directory.utf8.count + 1).map { $0 == 0x2f ? 0x2b : $0 }
    return "\(temporary)/" + String(decoding: name, as: UTF8.self)
  }
}
