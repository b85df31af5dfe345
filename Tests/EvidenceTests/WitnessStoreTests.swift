// A witness's memory: what is on disk is what was cosigned, whenever it stops.
import Glibc
import Synchronization
import Testing
import WritCrypto
import WritEvidence

private func open(_ directory: String, _ log: NumberedLog) throws -> WitnessStore {
  try WitnessStore(
    directory: directory, signer: try witness("w", 0x20), logs: [log.signer.verifierKey])
}

/// The directory of what is remembered of the log.
private func place(_ directory: String, _ log: NumberedLog) -> String {
  "\(directory)/\(Digest(of: bytes(log.signer.name.description)).hex)"
}

@Suite struct WitnessStoreTests {
  @Test func whatWasCosignedIsKeptWithBothLines() throws {
    let directory = try TemporaryDirectory()
    let log = try NumberedLog(9)
    let store = try open(directory.path, log)
    #expect(try store.latest(origin: "log.example/writ") == nil)
    let (line, checkpoint) = try store.cosign(log.request(0, 4), at: 100)
    #expect(checkpoint.size == 4)
    let kept = try contents(of: place(directory.path, log) + "/checkpoint")
    #expect(kept == log.note(4).bytes + bytes("\(line)\n"))
    let keys = [log.signer.verifierKey, try witness("w", 0x20).verifierKey]
    #expect(try SignedCheckpoint(kept, keys: keys).signatures.map(\.time) == [nil, 100])
    #expect(try store.cosign(log.request(4, 9), at: 101).checkpoint.size == 9)
    store.close()
    let again = try open(directory.path, log)
    #expect(try again.latest(origin: "log.example/writ")?.checkpoint.size == 9)
    #expect(throws: WitnessError.refused(.otherSize(9))) {
      try again.cosign(log.request(4, 9), at: 102)
    }
    #expect(try again.latest(originDigest: Digest(of: bytes("log.example/writ"))) != nil)
    #expect(try again.latest(originDigest: Digest(of: bytes("other"))) == nil)
  }

  @Test func aSecondServerIsRefused() throws {
    let directory = try TemporaryDirectory()
    let log = try NumberedLog(2)
    let store = try open(directory.path, log)
    #expect(throws: LogError.locked(path: directory.path + "/lock")) {
      try open(directory.path, log)
    }
    store.close()
    #expect(throws: WitnessError.store(.stopped)) { try store.cosign(log.request(0, 1), at: 1) }
    #expect(throws: Never.self) { try open(directory.path, log) }
  }

  /// Whatever a stop between two acts leaves behind, the next server goes on from the old
  /// checkpoint or the new one.
  @Test func aCrashAtAnyPoint() throws {
    let log = try NumberedLog(9)
    let fork = try NumberedLog(9, fork: 2)
    let directory = try TemporaryDirectory()
    let store = try open(directory.path, log)
    _ = try store.cosign(log.request(0, 4), at: 100)
    let old = try contents(of: place(directory.path, log) + "/checkpoint")
    _ = try store.cosign(log.request(4, 9), at: 101)
    let new = try contents(of: place(directory.path, log) + "/checkpoint")
    store.close()
    let draft = directory.path + "/tmp/checkpoint"
    // The draft not begun, cut anywhere, and whole: the old checkpoint holds.
    for cut in stride(from: 0, through: new.count, by: 7) {
      try write(old, to: place(directory.path, log) + "/checkpoint")
      try write(Array(new[..<cut]), to: draft)
      let again = try open(directory.path, log)
      #expect(try again.latest(origin: "log.example/writ")?.checkpoint.size == 4)
      #expect(throws: WitnessError.self) { try again.cosign(fork.request(4, 9), at: 102) }
      #expect(try again.cosign(log.request(4, 9), at: 102).checkpoint.size == 9)
      again.close()
    }
    // Renamed, but the client never heard of it: it asks again and is answered.
    try write(new, to: place(directory.path, log) + "/checkpoint")
    let again = try open(directory.path, log)
    #expect(throws: WitnessError.refused(.otherSize(9))) {
      try again.cosign(log.request(4, 9), at: 103)
    }
    #expect(try again.cosign(log.request(9, 9), at: 103).checkpoint.size == 9)
    again.close()
    // The directory of the log made, and nothing in it.
    let empty = try TemporaryDirectory()
    mkdir(place(empty.path, log), 0o755)
    #expect(try open(empty.path, log).latest(origin: "log.example/writ") == nil)
  }

  @Test func aMemoryThatWasChangedIsNotBelieved() throws {
    let log = try NumberedLog(5)
    let directory = try TemporaryDirectory()
    let store = try open(directory.path, log)
    _ = try store.cosign(log.request(0, 4), at: 100)
    store.close()
    let path = place(directory.path, log) + "/checkpoint"
    let kept = try contents(of: path)
    for index in kept.indices {
      var changed = kept
      changed[index] ^= 1
      try write(changed, to: path)
      // A line of another name is a stranger's, and the other line still says what was cosigned.
      if let again = try? open(directory.path, log) {
        #expect(
          try again.latest(origin: "log.example/writ")?.checkpoint == Checkpoint(log.note(4).text))
        #expect(index > log.note(4).text.utf8.count)
        again.close()
      }
    }
    for cut in 0..<kept.count where cut != log.note(4).bytes.count {
      try write(Array(kept[..<cut]), to: path)
      mustFail("\(cut)") { _ = try open(directory.path, log) }
    }
  }

  @Test func whatCannotBeRememberedIsNotCosigned() throws {
    let log = try NumberedLog(9)
    let directory = try TemporaryDirectory()
    let store = try open(directory.path, log)
    _ = try store.cosign(log.request(0, 4), at: 100)
    // A directory where the draft shall be: it cannot be written.
    mkdir(directory.path + "/tmp/checkpoint", 0o755)
    mkdir(directory.path + "/tmp/checkpoint/x", 0o755)
    #expect {
      _ = try store.cosign(log.request(4, 9), at: 101)
    } throws: { error in
      guard case WitnessError.store(.file) = error else { return false }
      return true
    }
    rmdir(directory.path + "/tmp/checkpoint/x")
    rmdir(directory.path + "/tmp/checkpoint")
    // Nobody knows what is durable now: reopening finds out.
    #expect(throws: WitnessError.store(.stopped)) { try store.cosign(log.request(4, 9), at: 102) }
    store.close()
    #expect(try open(directory.path, log).cosign(log.request(4, 9), at: 102).checkpoint.size == 9)
  }

  @Test func theProofOfAForkIsKept() throws {
    let log = try NumberedLog(9)
    let fork = try NumberedLog(9, fork: 2)
    let directory = try TemporaryDirectory()
    let store = try open(directory.path, log)
    _ = try store.cosign(log.request(0, 9), at: 100)
    #expect(throws: WitnessError.refused(.forked(size: 9))) {
      try store.cosign(fork.request(9, 9), at: 101)
    }
    let kept = try contents(of: place(directory.path, log) + "/fork")
    #expect(kept == fork.note(9).bytes)
    #expect(try store.latest(origin: "log.example/writ")?.checkpoint.root == log.tree.root(of: 9))
  }

  @Test func ofRequestsAtOnceOnlyOneBeginsWhereTheLastEnded() throws {
    let log = try NumberedLog(9)
    let directory = try TemporaryDirectory()
    let store = try open(directory.path, log)
    let winners = Mutex<[UInt64]>([])
    try runThreads(8) { thread in
      let size = UInt64(thread + 1)
      if (try? store.cosign(log.request(0, size), at: 1)) != nil {
        winners.withLock { $0.append(size) }
      }
    }
    let sizes = winners.withLock { $0 }
    #expect(sizes.count == 1)
    #expect(try store.latest(origin: "log.example/writ")?.checkpoint.size == sizes.first)
  }

  @Test func logsDoNotMix() throws {
    let (one, two) = (try NumberedLog(5), try NumberedLog(8, name: "two.example"))
    let directory = try TemporaryDirectory()
    let store = try WitnessStore(
      directory: directory.path, signer: try witness("w", 0x20),
      logs: [one.signer.verifierKey, two.signer.verifierKey])
    _ = try store.cosign(one.request(0, 5), at: 1)
    _ = try store.cosign(two.request(0, 8), at: 1)
    #expect(try store.latest(origin: "log.example/writ")?.checkpoint.size == 5)
    #expect(try store.latest(origin: "two.example")?.checkpoint.size == 8)
  }
}
