// `writ replay`: a recorded decision, made again from what the log kept.

import Writ
import WritCrypto
import WritEvidence
import WritModel

extension Command {
  static let replayDecision = Command(
    name: "replay", summary: "make a recorded decision again, byte for byte",
    operands: [.one("DIR", "the directory of the log")],
    options: [
      .required("--index", "N", "of the decision's entry, from 0"), .logKey,
      .optional("--publisher", "PUB", "the verifier key that must have signed the bundle"),
      .optional("--signature", "BUNDLE.sig", "where it has; kept from when the bundle was used"),
    ],
    details: ["Exits 0 if the result is the same to the byte, else 1, with where the two part."],
    run: runReplay)
}

/// Needs nothing but the log: bundle, snapshot and request lie in it by their digests.
private func runReplay(_ invocation: Invocation) throws(Failure) -> Report {
  let index = try invocation.number("--index") ?? 0
  let store = LogStore(directory: try invocation.operand(0))
  let reader = try openLog(invocation)
  if let publisher = invocation.value("--publisher") {
    guard let signature = invocation.value("--signature") else {
      throw .usage("`--publisher` needs `--signature BUNDLE.sig`")
    }
    let bundle = try recordedBundle(index, reader, store)
    try checkPublisher(bundle, publisher, signature: signature)
  }
  let result: ReplayResult
  do {
    result = try replay(index, of: reader, objects: store.objects)
  } catch let error as LogError {
    throw unreplayable(index, error)
  } catch {
    throw .badInput("entry \(index) cannot be replayed: \(error)")
  }
  return report(result, index: index, invocation)
}

/// The bundle that the decision at an index was made with.
private func recordedBundle(
  _ index: UInt64, _ reader: LogReader, _ store: LogStore
) throws(Failure) -> [UInt8] {
  let entry = try withLog { () throws(LogError) in try reader.entry(at: index) }
  let replay = (try? EvidenceRecord(entry: entry))?.statement.predicate["replay"]
  guard let digest = replay?["bundle"]?.string.flatMap({ Digest($0) }) else {
    throw .badInput("entry \(index) names no bundle")
  }
  do throws(LogError) {
    return try store.objects.get(digest)
  } catch {
    throw unreplayable(index, error)
  }
}

/// An input that the record names by its digest is gone or not itself: the record still proves, but cannot be replayed.
private func unreplayable(_ index: UInt64, _ error: LogError) -> Failure {
  switch error {
  case .missing(let path) where path.contains("/.writ/objects/"):
    Failure(
      .noInput, "entry \(index) cannot be replayed: what it was decided with is gone, \(path)",
      remedy: "bring the file back from a copy of the log")
  case .damaged(let path, _) where path.contains("/.writ/objects/"):
    .badInput(
      "entry \(index) cannot be replayed: \(path) does not hold what its name says",
      remedy: "bring the file back from a copy of the log")
  default: failure(of: error)
  }
}

/// Same to the byte, or the first place where the two part.
private func report(
  _ result: ReplayResult, index: UInt64, _ invocation: Invocation
) -> Report {
  let terminal = invocation.terminal
  switch result {
  case .same(let run):
    if invocation.wantsJSON {
      return Report([
        "same": true, "index": .integer(Int64(clamping: index)), "result": run.decision.json,
      ])
    }
    var report = Report()
    let outcome = run.decision.outcome
    let mark = run.decision.isQuestion ? "?" : ""
    let word = terminal.paint(outcome.rawValue.uppercased() + mark, outcome.tone)
    report.print("\(terminal.paint("SAME", .good))  entry \(index): \(word) \(run.decision.gate)")
    return report
  case .different(let path, let recorded, let replayed, let engine):
    if invocation.wantsJSON {
      return Report(
        [
          "same": false, "index": .integer(Int64(clamping: index)), "path": .string(path),
          "recorded": .string(recorded), "replayed": .string(replayed), "engine": .string(engine),
        ], .refused)
    }
    var report = Report(.refused)
    report.print("\(terminal.paint("DIFFERENT", .bad))  entry \(index), at \(printable(path))")
    report.print("  recorded \(printable(recorded)), by engine \(printable(engine))")
    report.print("  replayed \(printable(replayed)), by engine \(Versions.engine)")
    return report
  }
}
