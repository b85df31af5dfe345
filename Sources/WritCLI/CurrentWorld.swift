// A bundle and a snapshot as they are at the moment: for commands that live longer than a file.

/// Reads both files again when one of them is another than before.
final class CurrentWorld {
  private let invocation: Invocation
  private var last: LoadedEngine?

  /// For a command with `--bundle` and `--graph`.
  init(_ invocation: Invocation) { self.invocation = invocation }

  /// Both as they are now.
  func now() throws(Failure) -> LoadedEngine {
    if let last, last.isCurrent(invocation) { return last }
    let loaded = try LoadedEngine(invocation)
    last = loaded
    return loaded
  }
}
