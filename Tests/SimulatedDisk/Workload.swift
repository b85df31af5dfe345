// What is done to a log while crashes are looked for: a script drawn from a seed.

import WritCrypto
import WritEvidence
import WritTesting

/// Appends of several callers, publications, changes of segment, and reopening.
struct Workload {
  private let log: LogUnderTest
  private let store: LogStore
  private let chronicle: Chronicle
  private let bounds: WriterBounds
  private var random: SplitMix64
  private var entries: EntrySource
  private var writer: LogWriter
  /// Tickets of callers that do not yet know whether their entries are durable.
  private var waiting: [(ticket: AppendTicket, entries: [[UInt8]])] = []

  /// Makes a log on a disk.
  init(_ log: LogUnderTest, _ disk: SimulatedDisk, _ chronicle: Chronicle, seed: UInt64) throws {
    self.log = log
    self.chronicle = chronicle
    random = SplitMix64(seed: seed)
    entries = EntrySource(seed: seed, name: "workload")
    bounds = WriterBounds.drawn(using: &random)
    store = log.store(on: disk)
    try store.create(origin: log.signer.name, keyPath: "key")
    writer = try LogWriter(store: store, signer: log.signer, bounds: bounds)
  }

  /// Runs the script to its end.
  mutating func run(steps: Int) throws {
    // Close to a full bundle, so that the script goes over its edge.
    if random.below(2) == 0 { try append(count: 250) }
    for _ in 0..<steps { try step() }
    try publish()
    writer.close()
  }

  private mutating func step() throws {
    switch random.below(16) {
    case 0..<7: try enqueue(count: 1 + random.below(6))
    case 7..<10: try settle()
    case 10: try append(count: 1 + random.below(40))
    case 11..<14: try publish()
    case 14: try keep()
    default:
      writer.close()
      note(until: writer.size)
      writer = try LogWriter(store: store, signer: log.signer, bounds: bounds)
    }
  }

  private mutating func enqueue(count: Int) throws {
    for _ in 0..<count {
      let entry = entries.next()
      chronicle.note { $0.submitted.insert(entry) }
      waiting.append((try writer.enqueue(entry), [entry]))
    }
  }

  private mutating func append(count: Int) throws {
    let group = (0..<count).map { _ in entries.next() }
    chronicle.note { $0.submitted.formUnion(group) }
    let indexes = try writer.append(group: group)
    chronicle.note { history in
      for (index, entry) in zip(indexes, group) { history.acknowledged[index] = entry }
    }
    note(until: writer.size)
  }

  /// One of the callers waits; others learn that theirs are durable too.
  private mutating func settle() throws {
    guard let one = random.pick(waiting) else { return }
    try writer.wait(for: one.ticket)
    note(until: writer.size)
  }

  private mutating func note(until size: UInt64) {
    for one in waiting where one.ticket.indexes.upperBound <= size {
      chronicle.note { history in
        for (index, entry) in zip(one.ticket.indexes, one.entries) {
          history.acknowledged[index] = entry
        }
      }
    }
    waiting.removeAll { $0.ticket.indexes.upperBound <= size }
  }

  private mutating func publish() throws {
    let checkpoint = Checkpoint(try writer.publish().text)
    chronicle.note { $0.published = checkpoint }
  }

  private mutating func keep() throws {
    let content = entries.next()
    let digest = try store.objects.put(content)
    chronicle.note { $0.kept[digest] = content }
  }
}

/// Entries that all differ, of very different lengths.
struct EntrySource {
  private var random: SplitMix64
  private let name: String
  private var count = 0

  init(seed: UInt64, name: String) {
    random = SplitMix64(seed: seed ^ 0x5eed)
    self.name = name
  }

  mutating func next() -> [UInt8] {
    count += 1
    let length = random.below(8) == 0 ? random.below(2000) : random.below(60)
    return Array("\(name) \(count) ".utf8) + [UInt8](repeating: 0x77, count: length)
  }
}

extension WriterBounds {
  /// Small bounds, so that a short script meets all of them.
  static func drawn(using random: inout SplitMix64) -> WriterBounds {
    var bounds = WriterBounds()
    bounds.work = .byCallers
    bounds.queueCount = 1 + random.below(40)
    bounds.queueByteCount = 200 + random.below(6000)
    bounds.pendingByteCount = 500 + random.below(20_000)
    bounds.unpublishedCount = 20 + random.below(400)
    bounds.segmentByteCount = 300 + random.below(8000)
    return bounds
  }
}
