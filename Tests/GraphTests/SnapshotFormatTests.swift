// Snapshot files: whole or refused, whatever happened to their bytes.
import Glibc
import Testing
import WritCrypto
import WritGraph
import WritModel

@Suite struct SnapshotFormatTests {
  @Test func aFileSaysWhatTheSnapshotSaid() throws {
    let graph = try snapshot(fixtureLines)
    let bytes = graph.fileBytes
    let read = try Snapshot.decode(bytes)
    #expect(read.fileBytes == bytes)
    #expect(read.rootDigest == graph.rootDigest)
    #expect(read.schema == graph.schema)
    #expect(read.sourceLines == graph.sourceLines)
    #expect(read.verifyRootDigest())
  }

  @Test func everyChangeOfOneByteIsRefused() throws {
    var bytes = try snapshot(fixtureLines).fileBytes
    for place in bytes.indices {
      let change: UInt8 = [1, 2, 0x40, 0xff][place % 4]
      bytes[place] ^= change
      #expect(throws: SnapshotError.self) { try Snapshot.decode(bytes) }
      bytes[place] ^= change
    }
  }

  @Test func everyCutIsRefused() throws {
    let bytes = try snapshot(fixtureLines).fileBytes
    for count in bytes.indices {
      #expect(throws: SnapshotError.self) { try Snapshot.decode(Array(bytes[..<count])) }
    }
    #expect(throws: SnapshotError.self) { try Snapshot.decode(bytes + [0]) }
  }

  /// Whoever changes a byte can also make the digests fit: then the contents themselves must be
  /// refused, or be sound.
  @Test func changesUnderFittingDigestsAreRefusedOrHarmless() throws {
    let bytes = try snapshot(fixtureLines).fileBytes
    let digests = sealed(bytes)
    var (refused, accepted) = (0, 0)
    for place in bytes.indices where !digests.contains(where: { $0.contains(place) }) {
      var changed = bytes
      changed[place] ^= [1, 2, 0x40, 0xff][place % 4]
      seal(&changed)
      guard let graph = try? Snapshot.decode(changed) else {
        refused += 1
        continue
      }
      accepted += 1
      // Reads every fact there is, by numbers that are not checked again.
      #expect(!graph.verifyRootDigest(), "byte \(place) changed nothing")
      _ = GraphSummary(graph)
      let again = try SnapshotBuilder(graph).build()
      #expect(again.nodeCount == graph.nodeCount)
    }
    #expect(refused > accepted && accepted > 100)
  }

  @Test func filesAreWrittenWholeAndReadBack() throws {
    let folder = try temporaryFolder()
    defer { removeFolder(folder) }
    let path = folder + "/graph.snapshot"
    let graph = try snapshot(fixtureLines)
    try graph.write(to: path)
    try snapshot([]).write(to: path)
    try graph.write(to: path)
    let file = try SnapshotFile(opening: path)
    #expect(file.rootDigest == graph.rootDigest)
    #expect(file.nodeCount == graph.nodeCount)
    #expect(file.byteCount == graph.fileBytes.count)
    #expect(try file.load().fileBytes == graph.fileBytes)
    #expect(try Snapshot.load(path).fileBytes == graph.fileBytes)
    #expect(names(in: folder) == ["graph.snapshot"])
  }

  @Test func missingAndForeignFilesAreNamed() throws {
    let folder = try temporaryFolder()
    defer { removeFolder(folder) }
    let path = folder + "/graph.snapshot"
    #expect(throws: SnapshotError.unreadable(path: path, code: ENOENT)) { try Snapshot.load(path) }
    try write([], to: path)
    #expect(throws: SnapshotError.notASnapshot) { try Snapshot.load(path) }
    try write(Array(repeating: 7, count: 500), to: path)
    #expect(throws: SnapshotError.notASnapshot) { try Snapshot.load(path) }
    #expect(throws: SnapshotError.self) { try Snapshot.load(folder) }
    #expect(throws: SnapshotError.self) {
      try snapshot(fixtureLines).write(to: folder + "/none/graph.snapshot")
    }
  }

  @Test func aFileThatIsCutWhileItIsOpenIsRefused() throws {
    let folder = try temporaryFolder()
    defer { removeFolder(folder) }
    let path = folder + "/graph.snapshot"
    let graph = try snapshot(fixtureLines)
    try graph.write(to: path)
    let file = try SnapshotFile(opening: path)
    let whole = try file.load()
    truncate(path, off_t(graph.fileBytes.count - 64))
    #expect(throws: SnapshotError.self) { try file.load() }
    // What was loaded before stays as it was.
    #expect(whole.verifyRootDigest())
  }

  @Test func aFileThatIsChangedWhileItIsOpenIsRefused() throws {
    let folder = try temporaryFolder()
    defer { removeFolder(folder) }
    let path = folder + "/graph.snapshot"
    let graph = try snapshot(fixtureLines)
    try graph.write(to: path)
    let file = try SnapshotFile(opening: path)
    var bytes = graph.fileBytes
    bytes[bytes.count - 70] ^= 1
    try write(bytes, to: path)
    #expect(throws: SnapshotError.damagedBlock(0)) { try file.load() }
  }

  @Test func graphsOfSeveralBlocksAreRead() throws {
    let lines = (0..<3000).flatMap { number in
      [
        #"{"node":"Service","id":"s\#(number)","props":{"tier":\#(number),"summary":"of \#(number)"}}"#,
        #"{"edge":"dependsOn","from":"Service/s\#(number)","to":"Service/s\#(number * 7 % 3000)"}"#,
      ]
    }
    let graph = try snapshot(lines)
    var bytes = graph.fileBytes
    #expect(bytes.count > 200_000)
    #expect(try Snapshot.decode(bytes).rootDigest == graph.rootDigest)
    bytes[bytes.count - 1] ^= 1
    #expect(throws: SnapshotError.self) { try Snapshot.decode(bytes) }
  }
}

/// The places of a file's digests, which `seal` writes.
func sealed(_ bytes: [UInt8]) -> [Range<Int>] {
  let head = Int(bytes[16]) | Int(bytes[17]) << 8
  let data = Int(bytes[24]) | Int(bytes[25]) << 8
  return [96..<160, head..<head + (bytes.count - data + 65_535) / 65_536 * 32]
}

/// Makes the digests of a file fit its bytes, as docs/snapshot-format.md says; leaves what is too
/// broken for that.
func seal(_ bytes: inout [UInt8]) {
  func number(_ place: Int) -> Int {
    (0..<8).reduce(0) { $0 | Int(bytes[place + $1]) << ($1 * 8) }
  }
  let (head, data) = (number(16), number(24))
  let blockCount = (bytes.count - data + 65_535) / 65_536
  guard head >= 160, head <= bytes.count, data <= bytes.count, data >= head + blockCount * 32 else {
    return
  }
  for block in 0..<blockCount {
    let start = data + block * 65_536
    let digest = Digest(of: Array(bytes[start..<min(start + 65_536, bytes.count)])).bytes
    bytes.replaceSubrange(head + block * 32..<head + block * 32 + 32, with: digest)
  }
  let table = Digest(of: Array(bytes[head..<head + blockCount * 32])).bytes
  bytes.replaceSubrange(96..<128, with: table)
  let whole = Digest(of: Array(bytes[..<128] + bytes[160..<head])).bytes
  bytes.replaceSubrange(128..<160, with: whole)
}

struct FileTrouble: Error {}

func temporaryFolder() throws -> String {
  var template = Array("/tmp/writ-graph-XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else { throw FileTrouble() }
  return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

func names(in folder: String) -> [String] {
  guard let directory = opendir(folder) else { return [] }
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

func removeFolder(_ folder: String) {
  for name in names(in: folder) { unlink(folder + "/" + name) }
  rmdir(folder)
}

func read(_ path: String) throws -> [UInt8] {
  let descriptor = open(path, O_RDONLY)
  guard descriptor >= 0 else { throw FileTrouble() }
  defer { close(descriptor) }
  var bytes = [UInt8](repeating: 0, count: Int(lseek(descriptor, 0, SEEK_END)))
  guard pread(descriptor, &bytes, bytes.count, 0) == bytes.count else { throw FileTrouble() }
  return bytes
}

func write(_ bytes: [UInt8], to path: String) throws {
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
  guard descriptor >= 0 else { throw FileTrouble() }
  defer { close(descriptor) }
  guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw FileTrouble() }
}
