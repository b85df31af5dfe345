// A bundle and a snapshot as they are at the moment: for commands that live longer than a file.

@preconcurrency import Glibc
import Writ
import WritGraph
import WritModel

/// What decisions are made by, and the bytes that a record of them names.
struct World {
  let engine: Engine
  let decider: Decider
  let bundleBytes: [UInt8]
  let snapshotBytes: [UInt8]
}

/// Reads both files again when one of them is another than before.
final class CurrentWorld {
  private let invocation: Invocation
  private var last: (stamps: [FileStamp], world: World)?

  /// For a command with `--bundle` and `--graph`.
  init(_ invocation: Invocation) { self.invocation = invocation }

  /// Both as they are now. Files are replaced by renaming, so one that looks the same is the same.
  func now() throws(Failure) -> World {
    // Looked at before they are read: what changes meanwhile is seen the next time.
    let stamps = [
      FileStamp(try invocation.required("--bundle")), FileStamp(try invocation.required("--graph")),
    ]
    if let last, last.stamps == stamps, !stamps.contains(nil) { return last.world }
    let world = try read()
    last = (stamps.compactMap(\.self), world)
    return world
  }

  private func read() throws(Failure) -> World {
    let (bundle, bundleBytes) = try loadBundle(invocation)
    let path = try invocation.required("--graph")
    let bytes = try readFile(path, limit: Limits.graphBytes)
    let snapshot: Snapshot
    do throws(SnapshotError) {
      snapshot = try Snapshot.decode(bytes)
    } catch {
      throw failure(of: error, path)
    }
    let engine = Engine(bundle: bundle, snapshot: snapshot)
    let decider = try withEngine { () throws(RequestError) in
      Decider(try PreparedEngine(engine))
    }
    return World(
      engine: engine, decider: decider, bundleBytes: bundleBytes, snapshotBytes: bytes)
  }
}

/// What tells one file from another that took its name.
private struct FileStamp: Equatable {
  private let numbers: [Int]

  /// `nil` where there is no file, which is then for the reader to say.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    numbers = [
      Int(status.st_dev), Int(truncatingIfNeeded: status.st_ino), Int(status.st_size),
      status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
    ]
  }
}
