// What somebody who may write the directory of a log, and has none of its keys, does not get signed.
import Glibc
import Testing
import WritCrypto
import WritEvidence
import WritModel

@Suite struct ForgedSegmentTests {
  private let directory: TemporaryDirectory
  private var path: String { directory.path + "/log" }
  private let segment = "/.writ/wal/00000000000000000000"

  init() throws { directory = try TemporaryDirectory() }

  /// A log with these entries, not published, and its one segment.
  private func segment(
    of entries: [[UInt8]], _ signer: NoteSigner, _ name: String
  ) throws -> [UInt8] {
    let log = "\(directory.path)/\(name)"
    let store = try LogStore.create(directory: log, origin: signer.name, keyPath: "key.pem")
    let writer = try LogWriter(store: store, signer: signer)
    try writer.publish()
    for entry in entries { _ = try writer.append(entry) }
    writer.close()
    return try contents(of: log + segment)
  }

  private func stranger() throws -> NoteSigner {
    NoteSigner(name: try workedSigner().name, key: try workedKey(from: 0x40))
  }

  /// Where the frames of a segment end.
  private func end(of file: [UInt8]) -> Int { (file.lastIndex { $0 != 0 } ?? 0) + 1 }

  @Test func aFrameOfAnotherKeyIsATornWrite() throws {
    let genuine = try segment(of: entries(0..<3), workedSigner(), "log")
    let forged = try segment(of: entries(0..<3) + [bytes("forged")], stranger(), "forged")
    let before = end(of: try segment(of: entries(0..<3), stranger(), "shorter"))
    let frame = forged[before..<end(of: forged)]
    #expect(frame.starts(with: bytes("wfr1")))
    let end = end(of: genuine)
    try write(
      Array(genuine[..<end]) + Array(frame) + [UInt8](repeating: 0, count: 99), to: path + segment)
    let writer = try reopen(path)
    #expect(writer.size == 3)
    try writer.publish()
    writer.close()
    try expectWhole(path, entries(0..<3))
  }

  @Test func aFrameThatWasThereBeforeIsNotTakenTwice() throws {
    let genuine = try segment(of: entries(0..<3), workedSigner(), "log")
    let two = end(of: try segment(of: entries(0..<2), workedSigner(), "two"))
    let end = end(of: genuine)
    try write(Array(genuine[..<end]) + Array(genuine[two..<end]), to: path + segment)
    #expect(
      throws: LogError.damaged(
        path: path + segment, reason: "the frame at byte \(end) does not follow")
    ) { try reopen(path) }
  }

  @Test func aSegmentOfAnotherKeyOrLogIsRefused() throws {
    _ = try segment(of: entries(0..<3), workedSigner(), "log")
    let namesake = try #require(KeyName("log.example/other"))
    for (name, signer) in [
      ("stranger", try stranger()),
      ("other", NoteSigner(name: namesake, key: try workedKey(from: 0))),
    ] {
      try write(try segment(of: entries(7..<12), signer, name), to: path + segment)
      #expect(throws: LogError.unvouched(path: path + segment, from: 0)) { try reopen(path) }
    }
  }

  @Test func theClockOfAHeadIsVouchedForToo() throws {
    var file = try segment(of: entries(0..<3), workedSigner(), "log")
    file.replaceSubrange(16..<24, with: [0x7f] + [UInt8](repeating: 0xff, count: 7))
    try write(file, to: path + segment)
    #expect(throws: LogError.unvouched(path: path + segment, from: 0)) { try reopen(path) }
  }

  @Test func aSegmentThatNobodyVouchesForIsPassedOverWhereTheCheckpointHasAllOfIt() throws {
    let (_, writer) = try newLog(path)
    _ = try writer.append(group: entries(0..<3))
    try writer.publish()
    writer.close()
    // As the releases before this one wrote it: checks that anybody can make.
    func old(_ entries: [[UInt8]]) -> [UInt8] {
      let zeros = [UInt8](repeating: 0, count: 16)
      let salt = [UInt8](repeating: 9, count: 16)
      let clock: [UInt8] = [0x80] + zeros.prefix(7)
      var head = bytes("WRITWAL1") + zeros.prefix(8)
      head += clock + salt + zeros
      head += Digest(of: head).bytes.prefix(16)
      var payload: [UInt8] = []
      var leaves: [UInt8] = []
      for entry in entries {
        payload += [0, UInt8(entry.count)] + entry
        leaves += Merkle.leafHash(of: entry).bytes
      }
      var fields = bytes("wfr1") + [0, 0, 0, UInt8(payload.count)]
      fields += zeros.prefix(8) + [0, 0, 0, UInt8(entries.count)]
      fields += clock + zeros
      head += fields
      head += Digest(of: salt + fields).bytes.prefix(8)
      head += Digest(of: salt + fields + leaves).bytes.prefix(16)
      return head + payload
    }
    try write(old(entries(0..<4)), to: path + segment)
    #expect(throws: LogError.unvouched(path: path + segment, from: 3)) { try reopen(path) }
    try write(old(entries(0..<3)) + [1], to: path + segment)
    #expect(throws: LogError.unvouched(path: path + segment, from: 3)) { try reopen(path) }
    // Other entries than were signed: none of them is looked at.
    try write(old(entries(4..<7)), to: path + segment)
    let again = try reopen(path)
    #expect(again.size == 3)
    #expect(try again.append(entries(3..<4)[0]) == 3)
    try again.publish()
    again.close()
    try expectWhole(path, entries(0..<4))
    #expect(names(in: path + "/.writ/wal") == ["00000000000000000003"])
  }

  @Test func aKeyThatLeavesTakesNothingWithIt() throws {
    let signer = try workedSigner()
    let new = try workedKey(from: 0x40)
    let both = NoteSigner(name: signer.name, keys: [signer.keys[0], new])
    let later = NoteSigner(name: signer.name, key: new)
    let (store, first) = try newLog(path)
    _ = try first.append(bytes("by the old one"))
    first.close()
    // A segment goes on under the key that began it, while that key is there.
    let second = try LogWriter(store: store, signer: both)
    #expect(second.size == 1)
    _ = try second.append(bytes("by both"))
    second.close()
    // Durable and not published: the new key cannot vouch for that.
    #expect(throws: LogError.self) { try LogWriter(store: store, signer: later) }
    let third = try LogWriter(store: store, signer: both)
    try third.publish()
    third.close()
    let fourth = try LogWriter(store: store, signer: later)
    #expect(try fourth.append(bytes("by the new one")) == 2)
    fourth.close()
    let fifth = try LogWriter(store: store, signer: later)
    #expect(fifth.size == 3)
    try fifth.publish()
    fifth.close()
    // What the old key could still make is nothing any more.
    let forged = try segment(of: entries(0..<9), signer, "forged")
    for name in names(in: path + "/.writ/wal") { unlink("\(path)/.writ/wal/\(name)") }
    try write(forged, to: path + segment)
    #expect(throws: LogError.unvouched(path: path + segment, from: 3)) {
      try LogWriter(store: store, signer: later)
    }
  }
}

@Suite struct ForgedFileTests {
  /// A log of records with an index leaf and more than a bundle behind it.
  private func log() throws -> RecordLog {
    let log = try RecordLog()
    try log.append([decision("a", about: ["Service/web"]), decision("b", about: ["Service/db"])])
    try log.fixHeads()
    try log.append((0..<260).map { decision("\($0)", about: ["Release/r\($0)"]) })
    return log
  }

  /// Appends records about these subjects; what each says of the entry before it, and when.
  private func next(
    _ log: RecordLog, _ names: [String]
  ) throws -> (previous: [LoggedRecord.Previous], logged: Int64) {
    let writer = try log.writer()
    let index = try writer.append(decision("next", about: names), clock: log.clock + minute)
    try writer.publish()
    writer.close()
    let record = LoggedRecord(try log.reader().entry(at: index))
    return (names.map { record.previous(of: $0) }, try #require(record.logged))
  }

  @Test func aForgedSearchIndexChangesNothingThatIsSigned() throws {
    let log = try log()
    // The index of a log with as many entries, which knows other subjects and a far later time.
    let other = try RecordLog()
    let writer = try other.writer()
    let drafts = (0..<263).map { decision("\($0)", about: ["Service/other"]) }
    _ = try writer.append(group: drafts, clock: tuesday + 1_000_000 * minute)
    try writer.publish()
    writer.close()
    let run = "/.writ/index/0-256"
    try write(try contents(of: other.path + run), to: log.path + run)
    var filter = RecordFilter()
    filter.subject = "Service/web"
    #expect(try log.index().records(filter).isEmpty, "the forged index is in use")
    let said = try next(log, ["Service/web", "Release/r7", "Release/r255", "Service/new"])
    #expect(said.previous == [.entry(0), .entry(10), .entry(258), .none])
    #expect(said.logged == log.clock + minute)
    #expect(try verifyRecords(log.reader()) { _ in }.findings == [])
  }

  @Test(arguments: ["other", "later", "shorter", "cut", "gone"])
  func forgedHeadsChangeNothingThatIsSigned(_ how: String) throws {
    let log = try log()
    let file = log.path + "/.writ/index/heads"
    var heads = try contents(of: file)
    let name = try #require(heads.indices.first { heads[$0...].starts(with: bytes("Service/web")) })
    switch how {
    case "other": heads[name + 8] ^= 1
    case "later": heads[name + 18] = 1
    case "shorter": heads.removeSubrange((name - 2)..<name + 19)
    case "cut": heads.removeLast(4)
    default: heads = []
    }
    try write(heads, to: file)
    let said = try next(log, ["Service/web", "Service/db", "Service/new"])
    #expect(said.previous == [.entry(0), .entry(1), .none])
    try write(heads, to: file)
    try log.fixHeads()
    #expect(try next(log, ["Service/web", "Service/db"]).previous == [.entry(263), .entry(263)])
    #expect(try verifyRecords(log.reader()) { _ in }.findings == [])
  }

  @Test func manySubjectsAreLookedUpBlockByBlock() throws {
    let log = try RecordLog()
    let names = (0..<700).map { "Service/s\($0)" }
    let writer = try log.writer()
    _ = try writer.append(group: names.map { decision($0, about: [$0]) }, clock: log.clock)
    writer.close()
    try log.fixHeads()
    for start in stride(from: 0, to: 700, by: 50) {
      let asked = Array(names[start..<start + 20]) + ["A", "Service/s\(start)x", "Z"]
      let said = try next(log, asked)
      let expected = (start..<start + 20).map { LoggedRecord.Previous.entry(UInt64($0)) }
      #expect(Array(said.previous[..<20]) == expected)
      let isFirst = start == 0
      #expect(said.previous[20] == .none || !isFirst)
      #expect(said.previous[21] == .none)
      #expect(said.previous[22] == .none || !isFirst)
    }
    #expect(try verifyRecords(log.reader()) { _ in }.findings == [])
  }

  @Test func aLongLogWithoutAnIndexLeafIsReadWhole() throws {
    let log = try RecordLog()
    try log.append([decision("a", about: ["Service/web"])])
    try log.append(raw: (0..<8200).map { bytes("\($0)") })
    let said = try next(log, ["Service/web", "Service/db"])
    #expect(said.previous == [.entry(0), .none])
    let writer = try log.writer()
    #expect(writer.newestTime == log.clock + minute)
    #expect(throws: LogError.self) {
      try writer.append(decision("early", about: ["Service/web"]), clock: log.clock - 10 * minute)
    }
    writer.close()
  }

  @Test func tilesBeyondTheSignedRootAreWrittenAnew() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/log"
    let (_, writer) = try newLog(path)
    _ = try writer.append(group: entries(0..<250))
    try writer.publish()
    writer.close()
    mkdir(path + "/tile/1", 0o755)
    mkdir(path + "/tile/1/000.p", 0o755)
    mkdir(path + "/tile/0/001.p", 0o755)
    mkdir(path + "/tile/entries/001.p", 0o755)
    let garbage = [UInt8](repeating: 7, count: 256 * 32)
    for file in ["0/000", "entries/000", "1/000.p/1", "0/001.p/44", "entries/001.p/44"] {
      try write(garbage, to: "\(path)/tile/\(file)")
    }
    let again = try reopen(path)
    _ = try again.append(group: entries(250..<300))
    try again.publish()
    again.close()
    try expectWhole(path, entries(0..<300))
  }

  @Test func aForgedMemoryOfWhatWasSignedSignsNothingElse() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/log"
    let (_, writer) = try newLog(path)
    _ = try writer.append(group: entries(0..<3))
    try writer.publish()
    writer.close()
    func forged(_ size: UInt64, _ root: Digest) -> [UInt8] {
      bytes(Checkpoint(origin: "log.example/writ", size: size, root: root).text)
    }
    // Larger, or other: the log stops. Smaller, or gone: the checkpoint still says what was signed.
    try write(forged(9, Merkle.leafHash(of: [1])), to: path + "/.writ/signed")
    #expect(throws: LogError.rolledBack(signed: 9, found: 3)) { try reopen(path) }
    try write(forged(3, Merkle.leafHash(of: [1])), to: path + "/.writ/signed")
    #expect(throws: LogError.wouldFork(size: 3)) { try reopen(path) }
    try write(forged(1, Merkle.leafHash(of: [1])), to: path + "/.writ/signed")
    let smaller = try reopen(path)
    #expect(smaller.size == 3)
    smaller.close()
    unlink(path + "/.writ/signed")
    let gone = try reopen(path)
    _ = try gone.append(entries(3..<4)[0])
    try gone.publish()
    gone.close()
    try expectWhole(path, entries(0..<4))
  }
}
