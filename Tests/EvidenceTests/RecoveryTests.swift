// Crashes: the write-ahead log cut at every byte, publication stopped after every step, and damage
// that is not a crash.
import Glibc
import Testing
import WritCrypto
import WritEvidence

@Suite struct RecoveryTests {
  private let directory: TemporaryDirectory
  private var path: String { directory.path + "/log" }
  private let segment = "/.writ/wal/00000000000000000000"

  init() throws { directory = try TemporaryDirectory() }

  /// A log with two published entries and groups of 1, 2 and 1 behind them; where each frame ends.
  private func logWithGroups() throws -> [(end: Int, size: UInt64)] {
    let (_, writer) = try newLog(path)
    var ends = [(end: 72, size: UInt64(0))]
    func append(_ range: Range<Int>) throws {
      let group = entries(range)
      _ = try writer.append(group: group)
      let length = group.reduce(68) { $0 + $1.count + 2 }
      ends.append((ends[ends.count - 1].end + length, UInt64(range.upperBound)))
    }
    try append(0..<2)
    try writer.publish()
    try append(2..<3)
    try append(3..<5)
    try append(5..<6)
    writer.close()
    return ends
  }

  @Test func cutAtEveryByte() throws {
    let ends = try logWithGroups()
    let file = try contents(of: path + segment)
    let dataEnd = ends[ends.count - 1].end
    #expect(file[dataEnd...].allSatisfy { $0 == 0 })
    for cut in 0...dataEnd + 1 {
      let copied = directory.path + "/copy"
      try copy(path, to: copied)
      try write(Array(file[..<cut]), to: copied + segment)
      // What was published must be in the log: below that a cut is damage.
      if (72..<ends[1].end).contains(cut) {
        #expect(throws: LogError.self) { try reopen(copy: copied) }
      } else {
        let writer = try reopen(copy: copied)
        let size = cut < 72 ? 2 : try #require(ends.last { $0.end <= cut }).size
        #expect(writer.size == size, "cut at \(cut)")
        #expect(try writer.append([9]) == size)
        try writer.publish()
        writer.close()
        try expectWhole(copied, entries(0..<Int(size)) + [[9]])
        #expect(try reopen(copied).size == size + 1)
      }
      try remove(copied)
    }
  }

  @Test func everyChangedByteBeforeTheLastFrameIsDamage() throws {
    let ends = try logWithGroups()
    let file = try contents(of: path + segment)
    let last = ends[ends.count - 2]
    for index in 0..<ends[ends.count - 1].end {
      var changed = file
      changed[index] ^= 0x20
      try write(changed, to: path + segment)
      if index < last.end {
        #expect(throws: LogError.self, "byte \(index)") { try reopen(path) }
      } else {
        // The last frame may have been torn: it is cut, and what was before stays.
        #expect(try reopen(path).size == last.size, "byte \(index)")
      }
    }
  }

  @Test func tornGarbageBehindTheLastFrameIsCut() throws {
    let ends = try logWithGroups()
    var file = try contents(of: path + segment)
    let end = ends[ends.count - 1].end
    for offset in 0..<3000 { file[end + offset] = UInt8(truncatingIfNeeded: offset &* 7 &+ 1) }
    // Bytes that begin like frames cost no more than a look.
    for offset in stride(from: 0, to: 2000, by: 4) {
      file.replaceSubrange(end + offset..<end + offset + 4, with: bytes("wfr1"))
    }
    try write(file, to: path + segment)
    let writer = try reopen(path)
    #expect(writer.size == 6)
    #expect(try writer.append([1]) == 6)
    writer.close()
    #expect(try reopen(path).size == 7)
  }

  @Test func aCrashAfterEveryStepOfPublishing() throws {
    for step in PublishStep.allCases {
      let log = directory.path + "/\(step)"
      let (_, writer) = try newLog(log)
      _ = try writer.append(group: entries(0..<250))
      try writer.publish()
      _ = try writer.append(group: entries(250..<260))
      try writer.crash(after: step)
      #expect(throws: LogError.stopped) { try writer.append([1]) }
      // Readers see the old checkpoint or the new one, and either is whole.
      let isReleased = step.rawValue >= PublishStep.released.rawValue
      try expectWhole(log, entries(0..<(isReleased ? 260 : 250)))
      let again = try reopen(log)
      #expect(again.size == 260)
      try again.publish()
      try expectWhole(log, entries(0..<260))
      _ = try again.append(group: entries(260..<270))
      try again.publish()
      again.close()
      try expectWhole(log, entries(0..<270))
      let since = try contents(of: "\(log)/.writ/checkpoints/250")
      #expect(try verify(log, since: since).isWhole)
    }
  }

  @Test func aSizeIsSignedOnce() throws {
    let (_, writer) = try newLog(path)
    try writer.publish()
    _ = try writer.append(group: entries(0..<4))
    try writer.crash(after: .signed)
    // The same entries give the same checkpoint.
    let same = directory.path + "/same"
    try copy(path, to: same)
    try reopen(copy: same).publish()
    try expectWhole(same, entries(0..<4))
    // Other entries of the same count would be a second root for a size.
    let (_, other) = try newLog(directory.path + "/other")
    _ = try other.append(group: entries(4..<8))
    other.close()
    try write(try contents(of: directory.path + "/other" + segment), to: path + segment)
    #expect(throws: LogError.wouldFork(size: 4)) { try reopen(path) }
  }

  @Test func aLogThatForgotIsNotContinued() throws {
    let (_, writer) = try newLog(path)
    _ = try writer.append(group: entries(0..<2))
    writer.close()
    let early = try contents(of: path + segment)
    let second = try reopen(path)
    _ = try second.append(group: entries(2..<4))
    try second.crash(after: .signed)
    try write(early, to: path + segment)
    #expect(throws: LogError.rolledBack(signed: 4, found: 2)) { try reopen(path) }
    // Restored whole from an old backup, but for the memory of what was signed.
    try write(
      bytes("log.example/writ\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"),
      to: path + "/.writ/signed")
    #expect(try reopen(path).size == 2)
  }

  @Test func damagedMemoryOfWhatWasSignedIsAnError() throws {
    let (_, writer) = try newLog(path)
    _ = try writer.append([1])
    try writer.publish()
    writer.close()
    try write([], to: path + "/.writ/signed")
    #expect(throws: LogError.self) { try reopen(path) }
    let forged = Checkpoint(
      origin: "log.example/writ", size: 1, root: Merkle.leafHash(of: [2]))
    try write(bytes(forged.text), to: path + "/.writ/signed")
    #expect(throws: LogError.wouldFork(size: 1)) { try reopen(path) }
  }

  @Test func tilesThatDoNotFitTheCheckpointAreAnError() throws {
    let (_, writer) = try newLog(path)
    _ = try writer.append(group: entries(0..<3))
    try writer.publish()
    writer.close()
    for file in ["/tile/0/000.p/3", "/tile/entries/000.p/3", "/checkpoint"] {
      let good = try contents(of: path + file)
      var changed = good
      changed[5] ^= 1
      try write(changed, to: path + file)
      #expect(throws: LogError.self, "\(file)") { try reopen(path) }
      try write(good, to: path + file)
    }
    #expect(try reopen(path).size == 3)
  }

  private func remove(_ path: String) throws {
    for file in files(below: path) { unlink("\(path)/\(file)") }
    func removeDirectories(_ path: String) {
      for name in names(in: path) { removeDirectories("\(path)/\(name)") }
      rmdir(path)
    }
    removeDirectories(path)
  }
}
