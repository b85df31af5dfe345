// `writ demo`: the checkout story, from nothing to a verified proof.

@preconcurrency import Glibc
import WritModel

extension Command {
  static let demo = Command(
    name: "demo", summary: "see it all at work: a release denied, held, allowed and proven",
    operands: [],
    options: [.optional("--keep", "DIR", "keep the files, in a new directory")],
    details: [
      "Everything happens in an empty directory, with the commands that are shown.",
      "Exits 0 only if every scene came out as it should.",
    ],
    run: runDemo)
}

/// Plays in a directory of its own, as the current one, so that the commands look as people type
/// them.
private func runDemo(_ invocation: Invocation) throws(Failure) -> Report {
  let kept = invocation.value("--keep")
  let folder: String
  if let kept {
    try makeEmptyDirectory(kept)
    folder = absolutePath(kept)
  } else {
    folder = try makeTemporaryDirectory()
  }
  defer { if kept == nil { removeTree(folder) } }
  let home = absolutePath(".")
  guard chdir(folder) == 0 else { throw cannotRead(folder, errno) }
  defer { _ = chdir(home) }

  let stage = Stage(invocation, now: currentTime() / 1_000_000 * 1_000_000)
  try stage.play()
  var report = Report(stage.hasFailed ? .refused : .done)
  if invocation.wantsJSON {
    report.output = stage.json.pretty + "\n"
  } else {
    report.output = stage.farewell(kept: kept)
  }
  return report
}
