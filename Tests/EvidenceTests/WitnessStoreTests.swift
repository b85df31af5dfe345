// A witness's memory: what is on disk is what was cosigned, whenever it stops.
import Glibc
import Synchronization
import Testing
import WritCrypto
import WritEvidence
import WritSimulation
import WritTesting

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

  /// The power goes at every act, with every luck; what was cosigned is never forgotten.
  @Test func aCrashAtAnyPoint() throws {
    let log = try NumberedLog(9)
    let fork = try NumberedLog(9, fork: 1)
    let whole = SimulatedDisk()
    _ = try work(on: whole, log)
    #expect(whole.count > 20)
    var random = SplitMix64(seed: 3)
    for act in 0..<whole.count {
      for trouble in [SimulatedDisk.Trouble.powerLoss, .error(5)] {
        let disk = SimulatedDisk(seed: UInt64(act))
        disk.plan(trouble, at: act)
        let answered = try work(on: disk, log)
        for survival in Survival.allCases + [.some, .some] {
          let left = SimulatedDisk(disk.image.afterPowerLoss(survival, using: &random))
          try checkRecovered(left, log, fork, answered: answered)
        }
        // Only the process has died.
        try checkRecovered(SimulatedDisk(disk.image), log, fork, answered: answered)
      }
    }
  }

  /// Cosigns one size after the other until something fails; the largest that was answered.
  private func work(on disk: SimulatedDisk, _ log: NumberedLog) throws -> UInt64 {
    var answered: UInt64 = 0
    guard
      let store = try? WitnessStore(
        directory: "/w", signer: try witness("w", 0x20), logs: [log.signer.verifierKey],
        disk: disk)
    else { return 0 }
    for size in [2, 4, 7] as [UInt64] {
      guard (try? store.cosign(log.request(answered, size), at: size)) != nil else { break }
      answered = size
    }
    return answered
  }

  /// The memory opens, has not forgotten what was answered, refuses a fork of it, and goes on.
  private func checkRecovered(
    _ disk: SimulatedDisk, _ log: NumberedLog, _ fork: NumberedLog, answered: UInt64
  ) throws {
    let store = try WitnessStore(
      directory: "/w", signer: try witness("w", 0x20), logs: [log.signer.verifierKey], disk: disk)
    let size = try store.latest(origin: "log.example/writ")?.checkpoint.size ?? 0
    #expect(size >= answered)
    if size > 0 {
      #expect(throws: WitnessError.self) { try store.cosign(fork.request(0, 9), at: 9) }
      #expect(throws: WitnessError.self) { try store.cosign(fork.request(size, 9), at: 9) }
    }
    #expect(try store.cosign(log.request(size, 9), at: 9).checkpoint.size == 9)
  }

  @Test func aCopyIsRefusedUnlessItsKeeperVouchesForIt() throws {
    let directory = try TemporaryDirectory()
    let log = try NumberedLog(9)
    let path = directory.path + "/w"
    let store = try open(path, log)
    _ = try store.cosign(log.request(0, 4), at: 1)
    store.close()
    let other = directory.path + "/copy"
    try copy(path, to: other)
    #expect(throws: LogError.restored(path: other)) { try open(other, log) }
    try WitnessStore.readmit(directory: other)
    let again = try open(other, log)
    #expect(try again.cosign(log.request(4, 9), at: 2).checkpoint.size == 9)
    again.close()
    #expect(throws: Never.self) { try open(other, log) }
    #expect(throws: Never.self) { try open(path, log) }
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
    mkdir(directory.path + "/tmp/draft", 0o755)
    #expect {
      _ = try store.cosign(log.request(4, 9), at: 101)
    } throws: { error in
      guard case WitnessError.store(.file) = error else { return false }
      return true
    }
    rmdir(directory.path + "/tmp/draft")
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
