// Crashes on a simulated disk: a small part of what `make test-crash` tries.
import Testing
import WritCrypto
import WritEvidence
import WritSimulation
import WritTesting

@Suite struct CrashTests {
  @Test("every promise is kept over crashes at every act", arguments: [UInt64(11), 12])
  func scripts(_ seed: UInt64) throws {
    var explorer = try Explorer()
    try explorer.explore(seed: seed, steps: 8, crashesPerAct: 1)
    #expect(explorer.count.crashes > 50)
    #expect(explorer.count.nested > 20)
  }

  @Test("threads that append while the power goes", arguments: UInt64(100)..<UInt64(104))
  func threads(_ seed: UInt64) throws {
    var explorer = try Explorer()
    try explorer.exploreThreads(seed: seed, threads: 4)
    #expect(explorer.count.crashes >= 4)
  }

  @Test func theSimulatedDiskForgetsWhatWasNotSynced() throws {
    let disk = SimulatedDisk()
    _ = try disk.makeDirectory("/d")
    try disk.syncDirectory("/")
    let file = try disk.create("/d/f")
    try write([1, 2, 3], file, disk)
    // Neither name nor bytes are durable; then the name; then both.
    #expect(try read("/d/f", on: disk, after: .none) == nil)
    #expect(try read("/d/f", on: disk, after: .all) == [1, 2, 3])
    try disk.syncDirectory("/d")
    #expect(try read("/d/f", on: disk, after: .none) == [])
    try disk.sync(file)
    #expect(try read("/d/f", on: disk, after: .none) == [1, 2, 3])
    // A name that replaces another is lost until its directory is synced.
    let other = try disk.create("/d/g")
    try write([4], other, disk)
    try disk.sync(other)
    try disk.rename("/d/g", to: "/d/f")
    #expect(try read("/d/f", on: disk, after: .none) == [1, 2, 3])
    #expect(try read("/d/f", on: disk, after: .all) == [4])
    try disk.syncAll(other)
    #expect(try read("/d/f", on: disk, after: .none) == [4])
  }

  @Test func theSimulatedDiskTearsWritesAtSectors() throws {
    let disk = SimulatedDisk()
    let file = try disk.create("/f")
    try write([UInt8](repeating: 1, count: 2048), file, disk)
    try disk.syncAll(file)
    try write([UInt8](repeating: 2, count: 2048), file, disk)
    var seen: Set<[UInt8]> = []
    var random = SplitMix64(seed: 5)
    for _ in 0..<400 {
      let left = disk.image.afterPowerLoss(.some, using: &random)
      let bytes = try #require(left.contents(of: "/f"))
      let sectors = stride(from: 0, to: 2048, by: 512).map { Array(bytes[$0..<$0 + 512]) }
      #expect(sectors.allSatisfy { Set($0).count == 1 })
      seen.insert(sectors.map { $0[0] })
    }
    // Each of four sectors is old or new: sixteen outcomes.
    #expect(seen.count == 16)
  }

  @Test func aFailedSyncMayHaveLostItsBytesForGood() throws {
    var losses = 0
    for seed in UInt64(0)..<20 {
      let disk = SimulatedDisk(seed: seed)
      let file = try disk.create("/f")
      try disk.syncDirectory("/")
      try write([7], file, disk)
      disk.plan(.error(5), at: disk.count)
      #expect(throws: LogError.self) { try disk.sync(file) }
      // The next sync says that all is well, and what is read is not what is durable.
      try disk.sync(file)
      #expect(try disk.read("/f", limit: 10) == [7])
      if try read("/f", on: disk, after: .none) != [7] { losses += 1 }
    }
    #expect(0 < losses && losses < 20)
  }

  private func write(_ bytes: [UInt8], _ file: OpenFile, _ disk: SimulatedDisk) throws {
    try bytes.withUnsafeBytes { try disk.write($0, to: file, at: 0) }
  }

  private func read(
    _ path: String, on disk: SimulatedDisk, after survival: Survival
  ) throws -> [UInt8]? {
    var random = SplitMix64(seed: 1)
    let left = disk.image.afterPowerLoss(survival, using: &random)
    return left.contents(of: path)
  }
}
