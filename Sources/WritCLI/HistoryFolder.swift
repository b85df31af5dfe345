// The folder beside a snapshot in which its versions are kept.

@preconcurrency import Glibc
import WritEvidence
import WritGraph
import WritModel

/// The history of the snapshot in a file:
///
///     SNAPSHOT.history/base     the snapshot with which it begins
///     SNAPSHOT.history/deltas   what came after, a record a version
///     SNAPSHOT.history/pending  while a version is made, the number of the one that it comes from
struct HistoryFolder {
  /// The snapshot's own file.
  let snapshotPath: String
  private var folder: String { snapshotPath + ".history" }
  private var basePath: String { folder + "/base" }
  private var deltasPath: String { folder + "/deltas" }
  private var pendingPath: String { folder + "/pending" }

  /// The history beside a snapshot, whether or not there is one.
  init(of snapshotPath: String) {
    self.snapshotPath = snapshotPath
  }

  /// Whether one is kept: its last file is written when all others are there.
  var isThere: Bool { FileStamp(deltasPath) != nil }

  /// Begins a history with the snapshot as it is.
  func begin(with snapshot: Snapshot, at: Int64) throws(Failure) {
    guard mkdir(folder, 0o777) == 0 || errno == EEXIST else { throw cannotWrite(folder, errno) }
    do throws(SnapshotError) {
      try snapshot.write(to: basePath)
    } catch {
      throw failure(of: error, basePath)
    }
    try writeFile(deltasPath, GraphHistory.beginning(with: snapshot.rootDigest, at: at))
  }

  /// All versions.
  func read() throws(Failure) -> GraphHistory {
    guard isThere else {
      throw Failure(
        .noInput, "no history is kept of \(snapshotPath)",
        remedy: "`writ graph apply --history` begins one")
    }
    guard FileStamp(basePath) != nil else { throw incomplete }
    let bytes = try readFile(deltasPath, limit: Limits.graphBytes)
    do throws(HistoryError) {
      return try GraphHistory(parsing: bytes)
    } catch {
      throw .badInput("\(deltasPath): \(error)")
    }
  }

  /// Refuses to go on where a part of a history is gone. What is begun with the snapshot as it is was left half-way.
  func checkNotBroken(_ snapshot: Snapshot) throws(Failure) {
    guard !isThere, FileStamp(basePath) != nil else { return }
    guard try loadSnapshot(basePath).rootDigest == snapshot.rootDigest else { throw incomplete }
  }

  private var incomplete: Failure {
    .badInput(
      "the history of \(snapshotPath) is not whole: \(folder) lacks `base` or `deltas`",
      remedy: "put the file back, or move the folder away to go on without")
  }

  /// Refuses to go on from a version that others came after, unless they never became the snapshot.
  func checkNewest(_ version: GraphHistory.Version, in history: GraphHistory) throws(Failure) {
    guard let newest = history.versions.last, newest.number > version.number else { return }
    if let pending = try? readFile(pendingPath, limit: 32),
      String(decoding: pending, as: UTF8.self) == "\(version.number)\n"
    {
      return
    }
    throw .badInput(
      "\(snapshotPath) is version \(version.number), and its history goes on to \(newest.number)",
      remedy:
        "put the newest in its place (`writ graph at \(snapshotPath) \(newest.number) -o …`), or move \(folder) away to begin another"
    )
  }

  /// Says that the snapshot is replaced.
  func finish() throws(Failure) {
    guard unlink(pendingPath) == 0 || errno == ENOENT else { throw cannotWrite(pendingPath, errno) }
  }

  /// The version that the snapshot's own file is at.
  func version(of snapshot: Snapshot, in history: GraphHistory) throws(Failure)
    -> GraphHistory.Version
  {
    guard let version = history.version(withRoot: snapshot.rootDigest) else {
      throw .badInput(
        "\(snapshotPath) is none of the versions in its history",
        remedy:
          "put one that `writ graph at` makes in its place, or move \(folder) away to begin another"
      )
    }
    return version
  }

  /// A version, made anew.
  func snapshot(
    of version: GraphHistory.Version, in history: GraphHistory
  ) throws(Failure) -> Snapshot {
    let base = try loadSnapshot(basePath)
    return try self.snapshot(of: version, in: history, from: base, at: history.versions[0])
  }

  /// The same from an earlier version.
  func snapshot(
    of version: GraphHistory.Version, in history: GraphHistory, from snapshot: Snapshot,
    at start: GraphHistory.Version
  ) throws(Failure) -> Snapshot {
    do throws(HistoryError) {
      return start.number == 0
        ? try history.snapshot(of: version, from: snapshot)
        : try history.snapshot(of: version, from: snapshot, at: start)
    } catch {
      throw .badInput("\(deltasPath): \(error)")
    }
  }

  /// Puts records behind that of a version, durably. What was there behind it never became the
  /// snapshot, and goes. `finish` is to follow once the snapshot is replaced.
  func append(_ records: [UInt8], behind version: GraphHistory.Version) throws(Failure) {
    try writeFile(pendingPath, Array("\(version.number)\n".utf8))
    let disk = SystemDisk()
    do throws(LogError) {
      let file = try disk.lock(deltasPath)
      defer { disk.close(file) }
      try disk.cut(file, to: version.end)
      let written = records.withUnsafeBytes { bytes -> Result<Void, LogError> in
        do throws(LogError) {
          return .success(try disk.write(bytes, to: file, at: version.end))
        } catch {
          return .failure(error)
        }
      }
      try written.get()
      try disk.sync(file)
    } catch {
      throw failure(of: error)
    }
  }
}

extension GraphHistory.Version {
  /// Since when, with all digits, so that tables are in line and `writ graph at` finds it again.
  var since: String {
    let (seconds, rest) = at.quotientAndRemainder(dividingBy: 1_000_000)
    let whole = Instant(microseconds: seconds * 1_000_000).description.dropLast()
    let digits = String(rest)
    return whole + "." + String(repeating: "0", count: 6 - digits.utf8.count) + digits + "Z"
  }
}

/// Holds a snapshot's file while `body` replaces it, so that of two who do so at once neither loses
/// what the other wrote.
func holding<Value>(
  _ path: String, _ body: () throws(Failure) -> Value
) throws(Failure) -> Value {
  while true {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw cannotRead(path, errno) }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw Failure(.broken, "another process is changing \(path)", remedy: "let that one finish")
    }
    var (held, named) = (stat(), stat())
    guard fstat(descriptor, &held) == 0, stat(path, &named) == 0 else {
      throw cannotRead(path, errno)
    }
    // It may have been replaced before it was held.
    if held.st_ino == named.st_ino, held.st_dev == named.st_dev { return try body() }
  }
}
