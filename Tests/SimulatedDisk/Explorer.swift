// Crashes at every act of a script, what may be left of the disk then, and whether the log still
// keeps what it has promised.

import Synchronization
import WritEvidence
import WritTesting

/// What was tried.
public struct ExplorationCount: Sendable, CustomStringConvertible {
  /// Scripts.
  public var workloads = 0
  /// Places at which the power went or the process died, each with one outcome of what was left.
  public var crashes = 0
  /// Of those, while recovering from another.
  public var nested = 0
  /// Acts that failed with an error.
  public var errors = 0

  public var description: String {
    "\(crashes) crash points in \(workloads) workloads, \(nested) of them in a recovery, "
      + "\(errors) failing acts"
  }
}

/// Explores one script after the other.
public struct Explorer {
  private let log: LogUnderTest
  public private(set) var count = ExplorationCount()

  /// Nothing explored yet.
  public init() throws { log = try LogUnderTest() }

  /// Runs the script of a seed, and for each of its acts lets that many crashes follow.
  public mutating func explore(seed: UInt64, steps: Int, crashesPerAct: Int) throws {
    let chronicle = Chronicle(History())
    let survivals = Mutex((survivor: Survivor(log, seed: seed), failure: BrokenPromise?.none))
    let disk = SimulatedDisk(seed: seed) { image in
      chronicle.see(image)
      let history = chronicle.history
      survivals.withLock { state in
        guard state.failure == nil else { return }
        do {
          for _ in 0..<crashesPerAct { try state.survivor.survive(image, history, depth: 0) }
        } catch {
          state.failure = BrokenPromise("seed \(seed): \(error)")
        }
      }
    }
    var workload = try Workload(log, disk, chronicle, seed: seed)
    try workload.run(steps: steps)
    try chronicle.checkSeen()
    let (survivor, failure) = survivals.withLock { ($0.survivor, $0.failure) }
    if let failure { throw failure }
    count.add(survivor.count)
  }

  /// Lets threads append and publish on a disk whose power goes at some act; then recovers.
  public mutating func exploreThreads(seed: UInt64, threads: Int) throws {
    var random = SplitMix64(seed: seed)
    let chronicle = Chronicle(History())
    let disk = SimulatedDisk(seed: seed) { chronicle.see($0) }
    let store = log.store(on: disk)
    try store.create(origin: log.signer.name, keyPath: "key")
    var bounds = WriterBounds.drawn(using: &random)
    bounds.work = .onOwnThreads
    let writer = try LogWriter(store: store, signer: log.signer, bounds: bounds)
    let trouble: SimulatedDisk.Trouble = random.below(3) == 0 ? .error(5) : .powerLoss
    disk.plan(trouble, at: disk.count + random.below(300))
    try Callers(writer, chronicle).run(threads: threads, seed: seed)
    // The image of the moment: what was told until now was told before it.
    let history = chronicle.history
    let image = disk.image
    writer.close()
    try chronicle.checkSeen()
    var survivor = Survivor(log, seed: seed)
    for _ in 0..<4 {
      do {
        try survivor.survive(image, history, depth: 0)
      } catch {
        throw BrokenPromise("threads, seed \(seed): \(error)")
      }
    }
    count.add(survivor.count)
  }
}

extension ExplorationCount {
  fileprivate mutating func add(_ other: ExplorationCount) {
    workloads += 1
    crashes += other.crashes
    nested += other.nested
    errors += other.errors
  }
}

/// Recovers from crashes, and crashes again meanwhile.
private struct Survivor {
  private let log: LogUnderTest
  private var random: SplitMix64
  private var number = 0
  var count = ExplorationCount()

  init(_ log: LogUnderTest, seed: UInt64) {
    self.log = log
    random = SplitMix64(seed: seed ^ 0xc4a5)
  }

  /// The process dies, mostly with the power; then the log is opened, checked, appended to and
  /// published, which may crash or fail as well.
  mutating func survive(_ image: DiskImage, _ history: History, depth: Int) throws {
    count.crashes += 1
    if depth > 0 { count.nested += 1 }
    let disk: SimulatedDisk
    let chronicle = Chronicle(history)
    let seed = random.next()
    if random.below(3) == 0 {
      disk = SimulatedDisk(image, seed: seed) { chronicle.see($0) }
    } else {
      let survival = random.below(3) > 0 ? .some : random.pick(Survival.allCases) ?? .some
      let left = image.afterPowerLoss(survival, using: &random)
      disk = SimulatedDisk(left, seed: seed) { chronicle.see($0) }
    }
    let mayFail = depth < 3 && random.below(2) == 0
    if mayFail {
      let codes: [Int32] = [5, 28]
      let fails = random.below(2) == 0
      if fails { count.errors += 1 }
      disk.plan(
        fails ? .error(random.pick(codes) ?? 5) : .powerLoss, at: random.below(45))
    }
    do {
      try goOn(disk, chronicle)
    } catch let error as BrokenPromise {
      throw error
    } catch {
      guard disk.hasHadTrouble else { throw BrokenPromise("the log does not open: \(error)") }
      try chronicle.checkSeen()
      return try survive(disk.image, chronicle.history, depth: depth + 1)
    }
    try chronicle.checkSeen()
    if depth < 3 && random.below(3) == 0 {
      try survive(disk.image, chronicle.history, depth: depth + 1)
    }
  }

  /// What the next process does.
  private mutating func goOn(_ disk: SimulatedDisk, _ chronicle: Chronicle) throws {
    let store = log.store(on: disk)
    if !disk.isDead { try chronicle.history.check(reading: store, log) }
    let writer: LogWriter
    do {
      writer = try open(store)
    } catch {
      guard case .notALog? = error as? LogError, chronicle.history.leastSize == 0 else {
        throw error
      }
      // The crash came before the log was made.
      try store.create(origin: log.signer.name, keyPath: "key")
      writer = try open(store)
    }
    defer { writer.close() }
    guard writer.size >= chronicle.history.leastSize else {
      let least = chronicle.history.leastSize
      throw BrokenPromise("\(least) entries were promised, \(writer.size) are recovered")
    }
    do throws(LogError) {
      try append(writer, chronicle)
      let checkpoint = Checkpoint(try writer.publish().text)
      chronicle.note { $0.published = checkpoint }
    } catch {
      try expect(writer, toAnswer: error)
      throw error
    }
    try chronicle.history.check(whole: store, log)
  }

  /// The first error is the answer to everything that follows.
  private func expect(_ writer: LogWriter, toAnswer first: LogError) throws {
    do throws(LogError) {
      _ = try writer.append([])
    } catch {
      guard error == first else { throw BrokenPromise("\(first) was followed by \(error)") }
      return
    }
    throw BrokenPromise("an append went through after \(first)")
  }

  private func open(_ store: LogStore) throws -> LogWriter {
    var bounds = WriterBounds()
    bounds.work = .byCallers
    bounds.segmentByteCount = 1000
    return try LogWriter(store: store, signer: log.signer, bounds: bounds)
  }

  private mutating func append(
    _ writer: LogWriter, _ chronicle: Chronicle
  ) throws(LogError) {
    number += 1
    var entries = EntrySource(seed: random.next(), name: "survivor \(number)")
    for _ in 0..<1 + random.below(3) {
      let entry = entries.next()
      chronicle.note { $0.submitted.insert(entry) }
      let index = try writer.append(entry)
      chronicle.note { $0.acknowledged[index] = entry }
    }
  }
}
