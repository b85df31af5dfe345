// A bundle and a snapshot together, and when and by whom they are asked.

import Writ
import WritBytecode
import WritGraph
import WritModel

extension Option {
  // Options that several commands share.
  static let bundle = Option.required("--bundle", "BUNDLE", "a file of `writ build`")
  static let graph = Option.required("--graph", "SNAPSHOT", "a file of `writ graph import`")
  static let now = Option.optional("--now", "TIME", "ask of that time instead of now")
  static let asOf = Option.optional(
    "--as-of", "TIME", "how fresh facts were at that time instead of now")
}

/// Reads a bundle file for the engine.
func loadBundle(_ path: String) throws(Failure) -> (bundle: LoadedBundle, bytes: [UInt8]) {
  let bytes = try readBundle(path).bytes
  do throws(BundleFileError) {
    return (try LoadedBundle(file: bytes), bytes)
  } catch {
    throw .badInput("\(shownName(path)): \(error)")
  }
}

/// The engine over the bundle and the snapshot of a command line.
func loadEngine(_ invocation: Invocation) throws(Failure) -> Engine {
  let bundle = try loadBundle(invocation).bundle
  return Engine(bundle: bundle, snapshot: try loadSnapshot(try invocation.required("--graph")))
}

/// Runs what a bundle or a graph can refuse.
func withEngine<Value>(
  _ body: () throws(RequestError) -> Value
) throws(Failure) -> Value {
  do throws(RequestError) {
    return try body()
  } catch {
    throw .badInput("\(error)")
  }
}

extension Invocation {
  /// For what decides nothing: `--now` and `--as-of`, or the clock.
  func questionTimes() throws(Failure) -> Asking {
    let clock = currentTime()
    return Asking(
      caller: nil, now: try instant("--now") ?? clock, asOf: try instant("--as-of") ?? clock,
      isQuestion: true)
  }
}

extension Invocation {
  /// For what somebody signs: from now on for as long as `--for` says, or for so many hours.
  func validity(hours: Int64) throws(Failure) -> Range<Instant> {
    let start = currentTime()
    let (end, isTooLong) = start.addingReportingOverflow(
      try duration("--for") ?? hours * 3_600_000_000)
    guard !isTooLong, end <= Instant.latest.microseconds else {
      throw .usage("what is signed would expire after the year 9999")
    }
    return Instant(microseconds: start)..<Instant(microseconds: end)
  }
}

/// What the unknown is about, for people: the source and how old its last word is, or what is
/// missing.
func described(_ unknown: UnknownFact, asOf: Int64) -> String {
  let subject = unknown.subject.map { " of \($0)" } ?? ""
  let limit = unknown.limit.map { ", limit \(Duration(microseconds: $0))" } ?? ""
  switch unknown.why {
  case "stale":
    let age = unknown.observed.map { asOf.subtractingReportingOverflow($0).partialValue } ?? 0
    return "\(unknown.source ?? "the source") last spoke\(subject) \(shownAge(age)) ago\(limit)"
  case "silent": return "\(unknown.source ?? "the source") has never spoken\(subject)"
  case "missing": return "\(unknown.subject ?? "a node") has no `\(unknown.field ?? "value")`"
  case "noNode": return "no such node\(subject)"
  case "noCheck": return "no check\(subject) applies"
  default: return unknown.why + subject
  }
}
