// A bundle and a snapshot as they are at the moment: for commands that live longer than a file.

/// Reads both files again when one of them is another than before.
final class CurrentWorld {
  private let invocation: Invocation
  private var last: (stamps: [FileStamp], loaded: LoadedEngine)?

  /// For a command with `--bundle` and `--graph`.
  init(_ invocation: Invocation) { self.invocation = invocation }

  /// Both as they are now. Files are replaced by renaming, so one that looks the same is the same.
  func now() throws(Failure) -> LoadedEngine {
    // Looked at before they are read: what changes meanwhile is seen the next time.
    let stamps = [
      FileStamp(try invocation.required("--bundle")), FileStamp(try invocation.required("--graph")),
    ].compactMap(\.self)
    if let last, stamps.count == 2, last.stamps == stamps { return last.loaded }
    let loaded = try LoadedEngine(invocation)
    last = (stamps, loaded)
    return loaded
  }
}
