// What several commands read: snapshots, bundles, JSON documents, schemas.

import WritBytecode
import WritCrypto
import WritGraph
import WritModel
import WritSemantics

/// Reads a snapshot file and checks everything in it.
func loadSnapshot(_ path: String) throws(Failure) -> Snapshot {
  guard path != "-" else {
    throw .usage("a snapshot cannot be read from standard input", remedy: "name its file")
  }
  do throws(SnapshotError) {
    return try Snapshot.load(path)
  } catch {
    throw failure(of: error, path)
  }
}

/// What a snapshot error means for the person who named the file.
func failure(of error: SnapshotError, _ path: String) -> Failure {
  switch error {
  case .unreadable(_, let code): return cannotRead(path, code)
  case .failed(_, let code):
    return Failure(.broken, "reading or writing \(path) failed: \(reason(code))")
  case .notASnapshot:
    return .badInput(
      "\(path) is not a snapshot", remedy: "`writ graph import` makes one of facts")
  default: return .badInput("\(path): \(error)")
  }
}

/// Reads a JSON document.
func readJSON(_ path: String) throws(Failure) -> JSONValue {
  let bytes = try readFile(path, limit: Limits.documentBytes)
  do throws(JSONError) {
    return try JSONValue(parsing: bytes)
  } catch {
    throw .badInput("\(shownName(path)):\(error.line):\(error.column): \(error.expectation)")
  }
}

/// The same of a document that need not be there.
func readJSONIfThere(_ path: String) throws(Failure) -> JSONValue? {
  // Not in one expression: there `nil` would be JSON's null.
  guard FileStamp(path) != nil else { return Optional.none }
  return try readJSON(path)
}

/// Reads a bundle file and verifies the program in it.
func readBundle(_ path: String) throws(Failure) -> (bundle: Bundle, bytes: [UInt8]) {
  let bytes = try readFile(path, limit: Limits.bundleBytes)
  do throws(BundleError) {
    return (try decodeBundle(bytes), bytes)
  } catch .noMagic {
    throw .badInput(
      "\(shownName(path)) is not a bundle", remedy: "`writ build` makes one of policies")
  } catch {
    throw .badInput("\(shownName(path)): \(error)")
  }
}

/// A program without errors; diagnostics go into the report, errors end the command.
func checkedProgram(
  _ modules: Modules, _ terminal: Terminal, _ report: inout Report
) throws(Failure) -> TypedProgram? {
  var findings = Findings(terminal)
  findings.add(modules.parsed.flatMap(\.diagnostics), of: modules.files)
  let digests = modules.files.map { Digest(of: $0.bytes).description }
  let checked = check(modules.parsed, roots: modules.roots, digests: digests)
  findings.add(checked.diagnostics, of: modules.files)
  report.messages += findings.text
  guard !findings.hasErrors, let program = checked.program else {
    report.code = .badInput
    return nil
  }
  return program
}

// How snapshots are named.
extension Snapshot {
  /// `sha256:` and hex.
  var digestText: String { rootDigest.description }
}
