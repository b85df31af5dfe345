// Packs on a disk that fails and loses power: whatever was acknowledged is found.
import Testing
import WritCrypto
import WritEvidence
import WritSimulation
import WritTesting

@Suite struct PackCrashTests {
  @Test("what was acknowledged outlasts a loss of power at every act")
  func powerLoss() throws {
    try explore(1, .powerLoss)
  }

  @Test("and every act that fails")
  func errors() throws {
    try explore(11, .error(5))
  }

  private func explore(_ seed: UInt64, _ trouble: SimulatedDisk.Trouble) throws {
    var tried = 0
    for acts in 0..<48 {
      let disk = SimulatedDisk(seed: seed)
      let log = LogStore(directory: "/log", disk: disk)
      try log.create(origin: try #require(KeyName("log.example/packs")), keyPath: "key")
      var workload = PackWorkload(seed: seed &+ UInt64(acts) &* 131)
      disk.plan(trouble, at: disk.count + acts)
      workload.run(on: disk, rounds: 4)
      guard disk.hasHadTrouble else { continue }
      var random = SplitMix64(seed: seed ^ UInt64(acts))
      for survival in [Survival.some, acts % 2 == 0 ? .none : .all] {
        var after = workload
        let left = SimulatedDisk(disk.image.afterPowerLoss(survival, using: &random))
        try after.check(left)
        // The next process goes on, and then nothing of what was not synced is left.
        after.run(on: left, rounds: 2)
        try after.check(SimulatedDisk(left.image.afterPowerLoss(.none, using: &random)))
      }
      if trouble == .error(5) {
        // The process ended, and the power did not.
        let same = SimulatedDisk(disk.image)
        try workload.check(same)
        workload.run(on: same, rounds: 2)
        try workload.check(SimulatedDisk(same.image.afterPowerLoss(.none, using: &random)))
      }
      tried += 1
    }
    #expect(tried > 30)
  }
}

private struct LostObject: Error {
  let what: String

  init(_ what: String) { self.what = what }
}

/// Objects that are put into small packs by one process after the other.
private struct PackWorkload {
  private var random: SplitMix64
  private var acknowledged: [Digest: [UInt8]] = [:]
  private var put: [[UInt8]] = []

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// Each round is a process, which ends at its first error.
  mutating func run(on disk: SimulatedDisk, rounds: Int) {
    let store = LogStore(directory: "/log", disk: disk)
    for _ in 0..<rounds {
      let packer = store.makePacker(packByteCount: 1500)
      defer { packer.close() }
      do {
        for _ in 0...random.below(4) {
          let group = (0...random.below(4)).map { _ in object() }
          let digests = try packer.put(group)
          for (digest, content) in zip(digests, group) { acknowledged[digest] = content }
        }
        if random.below(3) == 0 { try packer.seal() }
      } catch {
        continue
      }
    }
  }

  /// One of any length, or one that was put before.
  private mutating func object() -> [UInt8] {
    if random.below(4) == 0, let known = random.pick(put) { return known }
    let made = (0..<random.below(300)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    put.append(made)
    return made
  }

  func check(_ disk: SimulatedDisk) throws {
    let objects = LogStore(directory: "/log", disk: disk).objects
    for (digest, content) in acknowledged {
      let found = try objects.get(digest)
      guard found == content else { throw LostObject("\(digest) has another content") }
    }
    for digest in try objects.digests() {
      // What was not acknowledged may be there, and may be torn; it is never taken for what it is not.
      if let content = try? objects.get(digest) {
        guard Digest(of: content) == digest else { throw LostObject("\(digest) is another") }
      }
    }
  }
}
