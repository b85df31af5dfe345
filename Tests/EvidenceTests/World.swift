// Directories for tests of the store, and small acts on files.
import Glibc
import Testing
import WritCrypto
import WritEvidence

/// A directory that goes away with the test.
final class TemporaryDirectory {
  let path: String

  init() throws {
    // In memory where there is such a place: these tests sync files by the thousand.
    let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    var template = Array("\(parent)/writ-evidence-XXXXXX".utf8CString)
    path = try #require(mkdtemp(&template).map { String(cString: $0) })
  }

  deinit { remove(path) }

  private func remove(_ path: String) {
    for name in names(in: path) { remove("\(path)/\(name)") }
    if rmdir(path) != 0 { unlink(path) }
  }
}

/// The names in a directory, sorted; none if it is no directory.
func names(in path: String) -> [String] {
  guard let directory = opendir(path) else { return [] }
  defer { closedir(directory) }
  var names: [String] = []
  while let entry = readdir(directory) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names.sorted()
}

/// All files below a directory, from it.
func files(below path: String) -> [String] {
  names(in: path).flatMap { name in
    var status = stat()
    guard stat("\(path)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      return [name]
    }
    return files(below: "\(path)/\(name)").map { "\(name)/\($0)" }
  }
}

/// Writes a file as it shall be.
func write(_ bytes: [UInt8], to path: String) throws {
  let file = try #require(fopen(path, "wb"), "\(path)")
  defer { fclose(file) }
  #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
}

/// Copies all files of a directory into a new one.
func copy(_ source: String, to target: String) throws {
  mkdir(target, 0o755)
  for name in names(in: source) {
    var status = stat()
    guard stat("\(source)/\(name)", &status) == 0 else { continue }
    if status.st_mode & S_IFMT == S_IFDIR {
      try copy("\(source)/\(name)", to: "\(target)/\(name)")
    } else {
      try write(try contents(of: "\(source)/\(name)"), to: "\(target)/\(name)")
    }
  }
}

/// A new log of evidence-formats' key.
func newLog(_ directory: String) throws -> (store: LogStore, writer: LogWriter) {
  let signer = try workedSigner()
  let store = try LogStore.create(directory: directory, origin: signer.name, keyPath: "key.pem")
  return (store, try LogWriter(store: store, signer: signer))
}

/// Opens a log again.
func reopen(_ directory: String) throws -> LogWriter {
  try LogWriter(store: LogStore(directory: directory), signer: try workedSigner())
}

/// Opens a copy of a log, which is shown its own checkpoint as the newest one.
func reopen(copy directory: String) throws -> LogWriter {
  let store = LogStore(directory: directory)
  try store.readmit(
    newest: try contents(of: directory + "/checkpoint"), signer: try workedSigner())
  return try LogWriter(store: store, signer: try workedSigner())
}

/// Entries `from..<to`, of differing lengths.
func entries(_ range: Range<Int>) -> [[UInt8]] {
  range.map { bytes("entry \($0)" + String(repeating: "·", count: $0 % 7)) }
}

/// Verifies a log by the worked key.
func verify(_ directory: String, since: [UInt8]? = nil) throws -> LogVerification {
  try verifyLog(
    LogStore(directory: directory), keys: [workedSigner().verifierKey], origin: "log.example/writ",
    since: since)
}

/// Expects a log that is whole and holds just these entries.
func expectWhole(
  _ directory: String, _ expected: [[UInt8]], location: SourceLocation = #_sourceLocation
) throws {
  let result = try verify(directory)
  #expect(result.findings == [], sourceLocation: location)
  let reader = try LogReader(
    store: LogStore(directory: directory), keys: [workedSigner().verifierKey])
  #expect(reader.size == UInt64(expected.count), sourceLocation: location)
  var found: [[UInt8]] = []
  for number in 0..<(reader.size + 255) / 256 { found += try reader.bundle(number).entries }
  #expect(found == expected, sourceLocation: location)
}
