// A log on disk: what is appended is read, proved and verified; what is changed is found.
import Glibc
import Synchronization
import Testing
import WritCrypto
import WritEvidence
import WritModel

@Suite struct LogTests {
  private let directory: TemporaryDirectory
  private var path: String { directory.path + "/log" }

  init() throws { directory = try TemporaryDirectory() }

  @Test func aNewLogIsEmptyAndSigned() throws {
    let (store, writer) = try newLog(path)
    let note = try writer.publish()
    #expect(writer.size == 0)
    #expect(Checkpoint(note.text)?.root == Merkle.emptyRoot)
    try expectWhole(path, [])
    #expect(try store.configuration().origin == "log.example/writ")
    #expect(try store.configuration().keys.map(\.path) == ["key.pem"])
  }

  @Test func everySizeTo20IsPublishedAndProved() throws {
    let (_, writer) = try newLog(path)
    try writer.publish()
    for size in 1...20 {
      #expect(try writer.append(entries(size - 1..<size)[0]) == UInt64(size - 1))
      try writer.publish()
      try expectWhole(path, entries(0..<size))
    }
    let key = try workedSigner().verifierKey
    let reader = try LogReader(store: LogStore(directory: path), keys: [key])
    for index in UInt64(0)..<20 {
      let bundle = try ProofBundle(reader.proofBundle(index: index).bytes)
      let verified = try bundle.verify(keys: [key], origin: "log.example/writ")
      #expect(verified.entry == entries(0..<20)[Int(index)])
      #expect(verified.index == index)
    }
    for old in 0...20 {
      let since = try contents(of: "\(path)/.writ/checkpoints/\(old)")
      #expect(try verify(path, since: since).isWhole)
      guard old > 0 else { continue }
      let checkpoint = try SignedCheckpoint(since, keys: [key]).checkpoint
      try reader.consistencyProof(since: UInt64(old)).verify(
        oldRoot: checkpoint.root, root: reader.signed.checkpoint.root)
    }
    #expect(throws: LogError.outOfRange(index: 20, size: 20)) { try reader.entry(at: 20) }
    #expect(throws: LogError.self) { try reader.inclusionProof(index: 20) }
    #expect(throws: LogError.self) { try reader.consistencyProof(since: 21) }
    #expect(throws: LogError.self) { try reader.consistencyProof(since: 0) }
  }

  @Test func tilesFillAndPartialsGo() throws {
    let (_, writer) = try newLog(path)
    var size = 0
    for next in [1, 255, 256, 257, 511, 512, 700] {
      #expect(try writer.append(group: entries(size..<next)) == UInt64(size)..<UInt64(next))
      try writer.publish()
      size = next
      try expectWhole(path, entries(0..<size))
    }
    #expect(names(in: path + "/tile/0") == ["000", "001", "002.p"])
    #expect(names(in: path + "/tile/entries") == ["000", "001", "002.p"])
    #expect(names(in: path + "/tile/1/000.p") == ["1", "2"])
    // Whoever asks for a partial tile that is gone is served from the full one.
    let old = try contents(of: "\(path)/.writ/checkpoints/255")
    try write(old, to: path + "/checkpoint")
    try expectWhole(path, entries(0..<255))
  }

  @Test func largeTreesHaveThePublishedRoots() throws {
    let roots = try #require(
      try vectors("merkle/roots.json").array?.first { $0["name"]?.string == "decimal" }?["roots"])
    let (_, writer) = try newLog(path)
    var size = 0
    for next in [65_535, 65_536, 65_537, 70_000] {
      while size < next {
        let end = min(next, size + 20_000)
        _ = try writer.append(group: (size..<end).map { bytes(String($0)) })
        size = end
      }
      let checkpoint = try #require(Checkpoint(try writer.publish().text))
      #expect(checkpoint.root.hex == roots[String(next)]?.string)
      let key = try workedSigner().verifierKey
      let reader = try LogReader(store: LogStore(directory: path), keys: [key])
      for index in [0, 255, 256, 65_534, UInt64(next) - 1] where index < next {
        let bundle = try reader.proofBundle(index: index)
        #expect(
          try bundle.verify(keys: [key], origin: "log.example/writ").entry == bytes(String(index)))
      }
    }
    #expect(names(in: path + "/tile/2") == ["000.p"])
    #expect(try verify(path, since: contents(of: path + "/.writ/checkpoints/65536")).isWhole)
  }

  @Test func entriesHaveALimit() throws {
    let (_, writer) = try newLog(path)
    let longest = [UInt8](repeating: 1, count: 65_535)
    #expect(throws: LogError.entryTooLong(65_536)) { try writer.append(longest + [1]) }
    #expect(try writer.append(longest) == 0)
    #expect(try writer.append([]) == 1)
    #expect(try writer.append(group: []) == 2..<2)
    #expect(throws: LogError.tooMuch) {
      try writer.append(group: Array(repeating: [], count: 65_537))
    }
    #expect(throws: LogError.tooMuch) {
      try writer.append(group: Array(repeating: longest, count: 600))
    }
    try writer.publish()
    try expectWhole(path, [longest, []])
  }

  @Test func aSecondWriterIsRefused() throws {
    let (store, writer) = try newLog(path)
    #expect(throws: LogError.locked(path: path + "/.writ/lock")) { try reopen(path) }
    _ = try writer.append([1])
    writer.close()
    #expect(throws: LogError.stopped) { try writer.append([2]) }
    #expect(throws: LogError.stopped) { try writer.publish() }
    let second = try LogWriter(store: store, signer: try workedSigner())
    #expect(second.size == 1)
  }

  @Test func logsAreNotMadeOrOpenedByMistake() throws {
    let (store, writer) = try newLog(path)
    try writer.publish()
    writer.close()
    let signer = try workedSigner()
    #expect(throws: LogError.alreadyALog(path: path)) {
      try LogStore.create(directory: path, origin: signer.name, keyPath: "k")
    }
    #expect(throws: LogError.notALog(path: directory.path)) { try reopen(directory.path) }
    let name = try #require(KeyName("other.example"))
    let other = NoteSigner(name: name, keys: signer.keys)
    #expect(throws: LogError.wrongKey(origin: "log.example/writ", key: "other.example")) {
      try LogWriter(store: store, signer: other)
    }
    let stranger = NoteSigner(name: signer.name, key: try workedKey(from: 0x20))
    #expect(throws: LogError.self) { try LogWriter(store: store, signer: stranger) }
    #expect(throws: LogError.self) { try LogReader(store: store, keys: [stranger.verifierKey]) }
  }

  @Test func manyThreadsAppendTogether() throws {
    let (_, writer) = try newLog(path)
    let seen = Mutex<[UInt64: [UInt8]]>([:])
    try runThreads(8) { thread in
      for number in 0..<40 {
        let entry = bytes("thread \(thread) entry \(number)")
        guard let index = try? writer.append(entry) else { continue }
        seen.withLock { $0[index] = entry }
        if number % 16 == 0 { _ = try? writer.publish() }
      }
    }
    try writer.publish()
    let expected = seen.withLock { seen in (0..<UInt64(320)).map { seen[$0] ?? [] } }
    try expectWhole(path, expected)
  }

  @Test func aFailedWriteStopsTheWriter() throws {
    let (_, writer) = try newLog(path)
    _ = try writer.append(group: entries(0..<3))
    try writer.publish()
    // Publishing needs this directory; a file in its place makes it fail.
    rename(path + "/.writ/tmp", path + "/.writ/elsewhere")
    try write([], to: path + "/.writ/tmp")
    _ = try writer.append([1])
    let error = #expect(throws: LogError.self) { try writer.publish() }
    // Every later call fails at once with the first error.
    let first = try #require(error)
    #expect(throws: first) { try writer.append([2]) }
    #expect(throws: first) { try writer.enqueue([2]) }
    unlink(path + "/.writ/tmp")
    rename(path + "/.writ/elsewhere", path + "/.writ/tmp")
    #expect(throws: first) { try writer.publish() }
    writer.close()
    #expect(throws: first) { try writer.append([2]) }
    let again = try reopen(path)
    #expect(again.size == 4)
    try again.publish()
    try expectWhole(path, entries(0..<3) + [[1]])
  }

  @Test func segmentsAreChangedAndRemoved() throws {
    let (_, writer) = try newLog(path)
    let large = [UInt8](repeating: 5, count: 60_000)
    for _ in 0..<3 { _ = try writer.append(group: Array(repeating: large, count: 300)) }
    #expect(names(in: path + "/.writ/wal").count == 3)
    writer.close()
    let second = try reopen(path)
    #expect(second.size == 900)
    try second.publish()
    #expect(names(in: path + "/.writ/wal") == ["00000000000000000600"])
    second.close()
    let third = try reopen(path)
    #expect(try third.append([1]) == 900)
    try third.publish()
    #expect(try verify(path).isWhole)
    // A segment that cannot be begun fails the append and stops the writer.
    rename(path + "/.writ/wal", path + "/.writ/gone")
    let error = #expect(throws: LogError.self) {
      for _ in 0..<3 { _ = try third.append(group: Array(repeating: large, count: 300)) }
    }
    let first = try #require(error)
    #expect(throws: first) { try third.append([1]) }
  }
}

/// Runs a body on that many threads and waits for all.
func runThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) throws {
  var threads: [pthread_t] = []
  for number in 0..<count {
    var thread = pthread_t()
    let box = Unmanaged.passRetained(ThreadBody { body(number) })
    #expect(pthread_create(&thread, nil, runThreadBody, box.toOpaque()) == 0)
    threads.append(thread)
  }
  for thread in threads { pthread_join(thread, nil) }
}

private final class ThreadBody: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

private func runThreadBody(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let box { Unmanaged<ThreadBody>.fromOpaque(box).takeRetainedValue().run() }
  return nil
}
