// Logs as the commands open them: with whose key, and what goes wrong in words.

@preconcurrency import Glibc
import Writ
import WritCrypto
import WritEvidence
import WritModel

/// What an error of a log means for the person who named it.
func failure(of error: LogError) -> Failure {
  switch error {
  case .file(let path, let act, let code):
    if act == "open", code == ENOENT || code == EACCES { return cannotRead(path, code) }
    return Failure(.broken, "cannot \(act) \(path): \(reason(code))")
  case .unreachable(let path, let reason): return Failure(.noInput, "\(path): \(reason)")
  case .missing(let path):
    return Failure(.noInput, "\(path) is missing", remedy: "name the directory of a log")
  case .damaged(let path, let reason):
    return Failure(
      .badInput, "\(path): \(reason)",
      remedy: "`writ log verify` finds what was changed of what is signed, `writ log fsck` the rest"
    )
  case .locked(let path):
    return Failure(.broken, "another writer has \(path) open", remedy: "try again when it is done")
  case .notALog(let path):
    let isCopy = access("\(path)/checkpoint", R_OK) == 0
    return Failure(
      .noInput, "\(path) holds no log of Writ\(isCopy ? "'s keeping" : "")",
      remedy: isCopy
        ? "of a log that came without its keeper's files, name the key with --vkey"
        : "`writ log init` makes one")
  case .alreadyALog(let path):
    return .usage("\(path) already holds a log", remedy: "name another directory")
  case .wrongKey(let origin, let key):
    return .badInput("the log is `\(origin)`, the key is another one's: `\(key)`")
  case .entryTooLong(let count):
    return .badInput("the record has \(count) bytes, which is too long")
  case .record(let error): return .badInput("the record is none that a log takes: \(error)")
  case .tooManySubjects(let count):
    return .badInput(
      "the record is about \(count) nodes, at most \(WritEvidence.Limits.recordSubjects) are taken")
  case .tooMuch: return .badInput("more than the log takes at once")
  case .wouldFork(let size):
    return Failure(.broken, "the log has signed another root for size \(size) before")
  case .rolledBack(let signed, let found):
    return Failure(
      .broken, "the log has signed size \(signed), its files reach \(found)",
      remedy: "bring back the newest files before anything is written")
  case .sealed(let next):
    return Failure(
      .broken, "the log is sealed: it goes on in `\(next)`", remedy: "write to that one")
  case .outOfRange(let index, let size):
    return .badInput("there is no entry \(index)", remedy: "the log has \(size) entries, from 0")
  case .stopped: return Failure(.broken, "the log was closed")
  case .unvouched(let path, let index):
    return Failure(
      .badInput, "\(path): no key of this log vouches for what stands there from entry \(index) on",
      remedy: "it is forged, of an older release, or of a key that left too early: write once with"
        + " what made it, or take it away")
  case .restored(let path):
    return Failure(
      .broken, "\(path) was copied or brought back from a backup, and may have forgotten entries",
      remedy: "`writ log readmit` takes it, shown the newest checkpoint that others have seen")
  case .clockWentBack(let newest, let offered):
    return wrongClock(offered, "\(shownAge(newest - offered)) before the newest entry", newest)
  case .clockJumped(let expected, let offered):
    return wrongClock(offered, "\(shownAge(offered - expected)) more than it should", expected)
  }
}

/// The clock says what it cannot say unless it, or the log, is wrong.
private func wrongClock(_ clock: Int64, _ difference: String, _ other: Int64) -> Failure {
  let (clock, other) = (Instant(microseconds: clock), Instant(microseconds: other))
  return Failure(
    .broken, "the clock says \(clock), \(difference), \(other)",
    remedy: "set the clock right; if it is right, `writ log clock DIR --accept` records that")
}

/// Runs what a log can refuse.
func withLog<Value>(
  _ body: () throws(LogError) -> Value
) throws(Failure) -> Value {
  do throws(LogError) {
    return try body()
  } catch {
    throw failure(of: error)
  }
}

/// The keys that a log signs with, from where it remembers them to be.
func signer(of store: LogStore, _ invocation: Invocation) throws(Failure) -> NoteSigner {
  let configuration = try withLog { () throws(LogError) in try store.configuration() }
  guard let name = KeyName(configuration.origin) else {
    throw .badInput("\(store.directory): `\(configuration.origin)` is no name for a log")
  }
  return try signer(name, configuration.keys, invocation)
}

/// The keys at those places, each the one that was written down.
func signer(
  _ name: KeyName, _ places: [SigningKeyPlace], _ invocation: Invocation
) throws(Failure) -> NoteSigner {
  var keys: [Ed25519PrivateKey] = []
  for place in places {
    let key = try readPrivateKey(place.path, invocation)
    if let known = place.verifierKey, known.publicKey != key.publicKey {
      throw .badInput(
        "\(place.path) is another key than the log has", remedy: "bring back the one of \(known)")
    }
    keys.append(key)
  }
  return NoteSigner(name: name, keys: keys)
}

/// The verifier keys of a log's own keys: as written down, or as lies beside the secret half or in
/// its file, or from that half itself.
func verifierKeys(of store: LogStore, _ invocation: Invocation) throws(Failure) -> [VerifierKey] {
  let configuration = try withLog { () throws(LogError) in try store.configuration() }
  guard let name = KeyName(configuration.origin) else {
    throw .badInput("\(store.directory): `\(configuration.origin)` is no name for a log")
  }
  var keys: [VerifierKey] = []
  for place in configuration.keys {
    if let known = place.verifierKey ?? statedVerifierKey(of: place.path) {
      keys.append(known)
      continue
    }
    do throws(Failure) {
      keys.append(try signer(name, [place], invocation).verifierKey)
    } catch {
      throw Failure(error.code, error.message, remedy: "name the log's key with --vkey")
    }
  }
  return keys
}

/// Opens a log at its newest checkpoint. Whoever wrote it trusts its own keys; others name verifier
/// keys.
func openLog(_ invocation: Invocation) throws(Failure) -> LogReader {
  let store = LogStore(directory: try invocation.operand(0))
  let keys = try keysOfLog(invocation)
  return try withLog { () throws(LogError) in try LogReader(store: store, keys: keys) }
}

/// The keys that must have signed a log: those that were named, or its own.
func keysOfLog(_ invocation: Invocation) throws(Failure) -> [VerifierKey] {
  let store = LogStore(directory: try invocation.operand(0))
  let paths = invocation.values("--vkey")
  return paths.isEmpty
    ? try verifierKeys(of: store, invocation)
    : try readVerifierKeys(paths, log: store.directory).keys
}

/// The keys that were given, or those that the log remembers, also from before.
func knownKeys(_ invocation: Invocation) throws(Failure) -> LogVerifierKeys {
  let directory = try invocation.operand(0)
  let paths = invocation.values("--vkey")
  guard paths.isEmpty else { return try readVerifierKeys(paths, log: directory) }
  let store = LogStore(directory: directory)
  let retired = try withLog { () throws(LogError) in try store.configuration() }.retired
  let current = try verifierKeys(of: store, invocation)
  do throws(VerifierKeyFileError) {
    return try LogVerifierKeys(keys: retired + current)
  } catch {
    throw .badInput("\(directory): \(error)")
  }
}

/// A path that means the same file wherever the program is started.
func absolutePath(_ path: String) -> String {
  if path.hasPrefix("/") { return path }
  guard let pointer = getcwd(nil, 0) else { return path }
  defer { free(pointer) }
  return String(cString: pointer) + "/" + path
}

/// The path without links, `nil` if nothing is there.
func resolvedPath(_ path: String) -> String? {
  guard let pointer = realpath(path, nil) else { return nil }
  defer { free(pointer) }
  return String(cString: pointer)
}

extension Option {
  /// Which key must have signed the log.
  static let logKey = Option.repeated(
    "--vkey", "KEY.pub", "verifier keys of the log, if not those that it remembers")
}

/// How often a log that others write to is tried, a hundred times a second.
enum Patience {
  /// Five seconds.
  static let usual = 500
  /// A minute: many who act wait for one another.
  static let acting = 6_000
}

/// Tries again while another process is writing to the log.
func patiently<Value>(
  attempts: Int = Patience.usual, _ body: () throws(LogError) -> Value
) throws(Failure) -> Value {
  var attempt = 0
  while true {
    do throws(LogError) {
      return try body()
    } catch {
      guard case .locked = error, attempt < attempts else { throw failure(of: error) }
      attempt += 1
      usleep(10_000)
    }
  }
}

/// Keeps what a record names and records it, again and again while another process adds to the log or erases.
func recording(
  attempts: Int = Patience.usual, _ body: () throws(RecorderError) -> RecordedDecision
) throws(Failure) -> RecordedDecision {
  let result = try patiently(attempts: attempts) {
    () throws(LogError) -> Result<RecordedDecision, RequestError> in
    do throws(RecorderError) {
      return .success(try body())
    } catch {
      switch error {
      case .log(let error): throw error
      case .request(let error): return .failure(error)
      }
    }
  }
  switch result {
  case .success(let recorded): return recorded
  case .failure(let error): throw .badInput(error.description)
  }
}

/// Sorts by time, and nobody has it twice.
func recordID() throws(Failure) -> String {
  let milliseconds = UInt64(clamping: currentTime() / 1000)
  let time = (0..<6).reversed().map { UInt8(truncatingIfNeeded: milliseconds >> UInt64($0 * 8)) }
  do throws(CryptoError) {
    return Hex.encode(time + (try randomBytes(10)))
  } catch {
    throw Failure(.broken, "the system gives no random bytes")
  }
}
