// What a writer promises to many callers: order, bounds, and one answer after a failure.
import Glibc
import Synchronization
import Testing
import WritCrypto
import WritEvidence
import WritSimulation

@Suite struct WriterTests {
  private let directory: TemporaryDirectory
  private var path: String { directory.path + "/log" }

  init() throws { directory = try TemporaryDirectory() }

  @Test func ticketsAreIndexesInOrder() throws {
    let (_, writer) = try newLog(path)
    var tickets: [AppendTicket] = []
    for entry in entries(0..<3000) { tickets.append(try writer.enqueue(entry)) }
    #expect(tickets.map(\.indexes.lowerBound) == Array(0..<3000))
    #expect(tickets.allSatisfy { $0.indexes.count == 1 })
    try writer.wait(for: tickets[1500])
    #expect(writer.size > 1500)
    try writer.wait(for: tickets[2999])
    #expect(writer.size == 3000)
    try writer.publish()
    try expectWhole(path, entries(0..<3000))
  }

  @Test func aFullQueueWaitsAndDropsNothing() throws {
    let (store, first) = try newLog(path)
    first.close()
    for work in [WriterBounds.Work.byCallers, .onOwnThreads] {
      var bounds = WriterBounds()
      bounds.work = work
      bounds.queueCount = 3
      bounds.queueByteCount = 40
      bounds.pendingByteCount = 100
      bounds.segmentByteCount = 500
      bounds.unpublishedCount = 50
      let writer = try LogWriter(store: store, signer: try workedSigner(), bounds: bounds)
      let start = writer.size
      try runThreads(4) { thread in
        for number in 0..<50 { _ = try? writer.enqueue(bytes("\(work) \(thread) \(number)")) }
      }
      // One group that is larger than the queue passes alone.
      #expect(try writer.append(group: entries(0..<20)).count == 20)
      #expect(writer.size == start + 220)
      writer.close()
    }
    let again = try reopen(path)
    #expect(again.size == 440)
    try again.publish()
    #expect(try verify(path).isWhole)
  }

  @Test func muchIsPublishedUnasked() throws {
    let (store, first) = try newLog(path)
    first.close()
    var bounds = WriterBounds()
    bounds.work = .byCallers
    bounds.unpublishedCount = 300
    bounds.pendingByteCount = 1000
    let writer = try LogWriter(store: store, signer: try workedSigner(), bounds: bounds)
    for start in 0..<40 { _ = try writer.append(group: entries(start * 20..<(start + 1) * 20)) }
    let reader = try LogReader(store: store, keys: [workedSigner().verifierKey])
    #expect(reader.size >= 300)
    writer.close()
    #expect(try verify(path).isWhole)
  }

  @Test(
    "a failed sync acknowledges nothing, and is the answer to all that follows",
    arguments: [WriterBounds.Work.byCallers, .onOwnThreads])
  func failedSync(_ work: WriterBounds.Work) throws {
    let disk = SimulatedDisk()
    let signer = try workedSigner()
    let store = LogStore(directory: "/log", disk: disk)
    try store.create(origin: signer.name, keyPath: "k")
    var bounds = WriterBounds()
    bounds.work = work
    let writer = try LogWriter(store: store, signer: signer, bounds: bounds)
    #expect(try writer.append([1]) == 0)
    // The next act but one is the sync: the write comes first.
    disk.plan(.error(28), at: disk.count + 1)
    let ticket = try writer.enqueue([2])
    let error = #expect(throws: LogError.self) { try writer.wait(for: ticket) }
    let first = try #require(error)
    #expect(
      first == .file(path: "/log/.writ/wal/00000000000000000000", act: "simulated act", code: 28))
    #expect(writer.size == 1)
    #expect(throws: first) { try writer.append([3]) }
    #expect(throws: first) { try writer.enqueue([3]) }
    #expect(throws: first) { try writer.append(group: [[3]]) }
    #expect(throws: first) { try writer.publish() }
    #expect(throws: first) { try writer.wait(for: ticket) }
    writer.close()
    #expect(throws: first) { try writer.append([3]) }
    let again = try LogWriter(store: store, signer: signer, bounds: bounds)
    #expect(try again.append([4]) >= 1)
  }
}

@Suite struct HomeTests {
  private let directory: TemporaryDirectory
  private var path: String { directory.path + "/log" }

  init() throws { directory = try TemporaryDirectory() }

  @Test func aCopyIsOnlyReadUntilItIsShownTheNewestCheckpoint() throws {
    let (_, writer) = try newLog(path)
    _ = try writer.append(group: entries(0..<5))
    try writer.publish()
    let backup = directory.path + "/backup"
    try copy(path, to: backup)
    _ = try writer.append(group: entries(5..<9))
    let newest = try writer.publish()
    writer.close()
    // Readers need nothing; writers are refused.
    try expectWhole(backup, entries(0..<5))
    #expect(throws: LogError.restored(path: backup)) { try reopen(backup) }
    let store = LogStore(directory: backup)
    let signer = try workedSigner()
    // The copy has forgotten four entries that others have seen: it stays as it is.
    #expect(throws: LogError.rolledBack(signed: 9, found: 5)) {
      try store.readmit(newest: newest.bytes, signer: signer)
    }
    #expect(throws: LogError.restored(path: backup)) { try reopen(backup) }
    #expect(throws: LogError.rolledBack(signed: 9, found: 5)) {
      let older = try contents(of: "\(path)/.writ/checkpoints/5")
      try store.readmit(newest: older, signer: signer)
    }
  }

  @Test func aCopyThatReachesTheNewestCheckpointGoesOn() throws {
    let (_, writer) = try newLog(path)
    _ = try writer.append(group: entries(0..<5))
    let newest = try writer.publish()
    // These are durable and not published: the copy has them too.
    _ = try writer.append(group: entries(5..<9))
    writer.close()
    let backup = directory.path + "/backup"
    try copy(path, to: backup)
    let store = LogStore(directory: backup)
    let signer = try workedSigner()
    let stranger = NoteSigner(name: signer.name, key: try workedKey(from: 0x20))
    #expect(throws: LogError.self) {
      try store.readmit(newest: stranger.sign(newest.text).bytes, signer: signer)
    }
    let forged = Checkpoint(
      origin: "log.example/writ", size: 5, root: Merkle.leafHash(of: [2]))
    #expect(throws: LogError.wouldFork(size: 5)) {
      try store.readmit(newest: signer.sign(forged.text).bytes, signer: signer)
    }
    #expect(throws: LogError.restored(path: backup)) { try reopen(backup) }
    try store.readmit(newest: newest.bytes, signer: signer)
    let again = try reopen(backup)
    #expect(again.size == 9)
    try again.publish()
    again.close()
    try expectWhole(backup, entries(0..<9))
    // A log that was moved keeps its place; the one that was copied is as it was.
    rename(backup, directory.path + "/moved")
    #expect(try reopen(directory.path + "/moved").size == 9)
    #expect(try reopen(path).size == 9)
  }

  @Test func aCheckpointBeyondThePublishedPartIsComparedWithWhatIsDurable() throws {
    let (_, writer) = try newLog(path)
    try writer.publish()
    _ = try writer.append(group: entries(0..<4))
    writer.close()
    let tree = { (entries: [[UInt8]]) -> Digest in
      var hasher = MerkleHasher()
      var tree = MerkleTree()
      for entry in entries { tree.append(hasher.leaf(entry), with: &hasher) }
      return tree.root(of: tree.size)
    }
    let signer = try workedSigner()
    func shown(_ entries: [[UInt8]]) -> [UInt8] {
      let checkpoint = Checkpoint(
        origin: "log.example/writ", size: UInt64(entries.count), root: tree(entries))
      return signer.sign(checkpoint.text).bytes
    }
    for (name, newest, fits) in [
      ("same", shown(entries(0..<3)), true), ("other", shown(entries(1..<4)), false),
    ] {
      let backup = directory.path + "/\(name)"
      try copy(path, to: backup)
      let store = LogStore(directory: backup)
      if fits {
        try store.readmit(newest: newest, signer: signer)
        #expect(try reopen(backup).size == 4)
      } else {
        #expect(throws: LogError.wouldFork(size: 3)) {
          try store.readmit(newest: newest, signer: signer)
        }
      }
    }
  }
}

@Suite struct ClockTests {
  private let directory: TemporaryDirectory
  private var path: String { directory.path + "/log" }
  private let noon: Int64 = 1_795_000_000_000_000

  init() throws { directory = try TemporaryDirectory() }

  @Test func theClockOfALogNeverGoesBackAndDoesNotJump() throws {
    let (_, writer) = try newLog(path)
    #expect(writer.newestLogged == nil)
    #expect(try writer.append([1], logged: noon) == 0)
    #expect(try writer.append([2], logged: noon) == 1)
    #expect(throws: LogError.clockWentBack(newest: noon, offered: noon - 1)) {
      try writer.append([3], logged: noon - 1)
    }
    let late = noon + Limits.clockJump
    #expect(throws: LogError.clockJumped(newest: noon, offered: late + 1)) {
      try writer.append([3], logged: late + 1)
    }
    #expect(try writer.append([3], logged: late) == 2)
    // Entries without a clock change nothing, and what was refused is nowhere.
    #expect(try writer.append([4]) == 3)
    #expect(writer.newestLogged == late)
    #expect(try writer.append(clockChange: [5], logged: late + 86_400_000_000) == 4)
    #expect(throws: LogError.self) { try writer.append(clockChange: [6], logged: late) }
    #expect(throws: LogError.self) { try writer.append([6], logged: .max) }
    #expect(throws: LogError.self) { try writer.append([6], logged: .min) }
    writer.close()
    let again = try reopen(path)
    #expect(again.size == 5)
    #expect(again.newestLogged == late + 86_400_000_000)
    try again.publish()
    again.close()
    try expectWhole(path, [[1], [2], [3], [4], [5]])
  }

  @Test func theClockOutlivesItsSegment() throws {
    let (store, writer) = try newLog(path)
    _ = try writer.append([1], logged: noon)
    writer.close()
    var bounds = WriterBounds()
    bounds.segmentByteCount = 100
    for number in 0..<5 {
      let next = try LogWriter(store: store, signer: try workedSigner(), bounds: bounds)
      #expect(next.newestLogged == noon)
      _ = try next.append(entries(number..<number + 1)[0])
      try next.publish()
      next.close()
    }
    #expect(throws: LogError.self) { try reopen(path).append([2], logged: noon - 1) }
  }
}
