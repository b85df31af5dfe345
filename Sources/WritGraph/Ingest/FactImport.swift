// Texts of facts to a snapshot: parts of them on several threads, put together in order.

import Glibc
import Synchronization
public import WritModel

/// Imports facts from texts.
///
/// An input is read in parts of a megabyte that begin and end with lines; each becomes a draft of its own, on any thread, and the
/// drafts are put together in the order of the text, so that the snapshot does not depend on how many threads there are.
/// Where anything is wrong, or facts are removed again, all is read once more, line after line by one thread, so that every
/// problem is told as it stands in the text.
public struct FactImport: ~Copyable {
  private let schema: Schema
  private let lenience: Lenience
  private let inputs: [FactInput]
  private let partByteCount: Int
  /// What lenience has left out.
  public private(set) var dropped = DroppedFacts()

  /// An import of all facts of these texts, in parts of so many bytes.
  public init(
    _ schema: Schema, _ inputs: [FactInput], lenience: Lenience = [], partByteCount: Int = 1 << 20
  ) {
    self.schema = schema
    self.partByteCount = max(1, partByteCount)
    self.inputs = inputs
    self.lenience = lenience
  }

  /// Why there is no snapshot.
  public enum Failure: Error {
    case problems(GraphProblems)
    /// An input could not be read.
    case unreadable(SnapshotError)
  }

  /// The snapshot of all facts.
  ///
  /// - Parameter threads: How many threads read; the snapshot is the same for any number.
  /// - Parameter whenRead: Called from any thread with the bytes that were read so far.
  public mutating func snapshot(
    threads: Int = processorCount, whenRead: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws(Failure) -> Snapshot {
    if let table = try plainTable(threads, whenRead) {
      let undigested = Snapshot(schema, table, rootDigest: .zero)
      return Snapshot(schema, table, rootDigest: RootDigest.of(undigested, threads: threads))
    }
    return try readInOrder(whenRead)
  }

  /// The sections of the snapshot, `nil` where anything is not as it is in most inputs.
  private mutating func plainTable(
    _ threads: Int, _ whenRead: @escaping @Sendable (Int) -> Void
  ) throws(Failure) -> SectionTable? {
    guard schema.problem == nil, inputs.count < Limits.files else { return nil }
    let work = PartWork(SchemaNames(schema), lenience, inputs, partByteCount, whenRead)
    onThreads(max(1, min(threads, work.partCount))) { _ in work.run() }
    if let error = work.error { throw .unreadable(error) }
    guard let draft = work.takeDraft() else { return nil }
    let assembly = GraphAssembly(draft)
    guard assembly.problems.isEmpty, assembly.sourceLineProblems().isEmpty,
      assembly.limitProblem() == nil
    else { return nil }
    dropped = work.dropped
    return assembly.snapshotTable()
  }

  private mutating func readInOrder(
    _ whenRead: (Int) -> Void
  ) throws(Failure) -> Snapshot {
    var builder = SnapshotBuilder(schema, lenience: lenience)
    var byteCount = 0
    for input in inputs where !builder.isFull {
      do throws(SnapshotError) {
        try builder.reader.read(input, partByteCount) { whenRead(byteCount + $0) }
        byteCount += input.byteCount
      } catch {
        throw .unreadable(error)
      }
    }
    dropped = builder.dropped
    do throws(GraphProblems) {
      return try builder.build()
    } catch {
      throw .problems(error)
    }
  }
}

extension FactReader {
  /// Reads an input a block after the other.
  mutating func read(
    _ input: FactInput, _ partByteCount: Int, _ whenRead: (Int) -> Void
  ) throws(SnapshotError) {
    var block = LineBlock(byteCount: partByteCount)
    try block.read(input, from: 0, count: partByteCount)
    let isCompressed = block.lines.starts(with: FactReader.gzipMagic)
    guard begin(input.name, isCompressed: isCompressed) else { return }
    while !isFull {
      read(lines: block.lines)
      whenRead(min(block.end, input.byteCount))
      guard block.end < input.byteCount else { return }
      try block.read(input, from: block.end, count: partByteCount)
    }
  }
}

/// The parts of all inputs, which threads take one after the other.
///
/// Unchecked: what is not atomic is only used by the thread whose turn it is, under `lock`.
private final class PartWork: @unchecked Sendable {
  private let names: SchemaNames
  private let lenience: Lenience
  private let parts: [(input: FactInput, offset: Int)]
  private let partByteCount: Int
  private let whenRead: @Sendable (Int) -> Void
  private let next = Atomic<Int>(0)
  private let hasEnded = Atomic<Bool>(false)
  private let turns = TurnLock()
  private var draft: GraphDraft?
  private var byteCount = 0
  private(set) var dropped = DroppedFacts()
  private(set) var error: SnapshotError?

  init(
    _ names: SchemaNames, _ lenience: Lenience, _ inputs: [FactInput], _ partByteCount: Int,
    _ whenRead: @escaping @Sendable (Int) -> Void
  ) {
    self.names = names
    self.lenience = lenience
    self.whenRead = whenRead
    self.partByteCount = partByteCount
    parts = inputs.flatMap { input in
      stride(from: 0, to: input.byteCount, by: partByteCount).map { (input, $0) }
    }
    draft = GraphDraft(names, over: nil, isPlain: true)
  }

  var partCount: Int { parts.count }

  /// The draft of everything; `nil` where something was not plain.
  func takeDraft() -> GraphDraft? {
    draft?.strings.forgetNumbers()
    return draft.take()
  }

  /// Reads parts until there are none left.
  func run() {
    var block = LineBlock(byteCount: partByteCount + 4096)
    var reader = FactReader(names, over: nil, lenience, isPlain: true)
    // Whoever has taken a part must take its turn: others wait for theirs behind it.
    while !hasEnded.load(ordering: .relaxed) {
      let part = next.add(1, ordering: .relaxed).oldValue
      guard part < parts.count else { return }
      let error = read(part, &block, &reader)
      turns.wait(for: part)
      if let error { self.error = self.error ?? error }
      if error != nil || !add(reader) {
        draft = nil
        hasEnded.store(true, ordering: .relaxed)
      }
      byteCount += min(partByteCount, parts[part].input.byteCount - parts[part].offset)
      whenRead(byteCount)
      turns.end()
      // After a problem nobody reads on.
      reader.removeAll()
    }
  }

  private func read(
    _ part: Int, _ block: inout LineBlock, _ reader: inout FactReader
  ) -> SnapshotError? {
    let (input, offset) = parts[part]
    do throws(SnapshotError) {
      try block.read(input, from: offset, count: partByteCount)
    } catch {
      return error
    }
    let isCompressed = offset == 0 && block.lines.starts(with: FactReader.gzipMagic)
    if reader.begin(input.name, isCompressed: isCompressed) { reader.read(lines: block.lines) }
    return nil
  }

  /// Puts what was read behind what was read before, if that can be done.
  private func add(_ reader: borrowing FactReader) -> Bool {
    guard reader.isPlain, draft != nil else { return false }
    dropped.properties += reader.dropped.properties
    dropped.nodes += reader.dropped.nodes
    dropped.edges += reader.dropped.edges
    dropped.sourceLines += reader.dropped.sourceLines
    return draft?.add(reader.draft) ?? false
  }
}

/// Lets threads in one after the other, in the order of numbers from 0.
private final class TurnLock: @unchecked Sendable {
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var turn = 0

  init() {
    pthread_mutex_init(lock, nil)
    pthread_cond_init(changed, nil)
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(lock)
    changed.deallocate()
    lock.deallocate()
  }

  /// Waits until it is the turn of a number, and keeps others out until `end`.
  func wait(for number: Int) {
    pthread_mutex_lock(lock)
    while turn != number { pthread_cond_wait(changed, lock) }
  }

  func end() {
    turn += 1
    pthread_cond_broadcast(changed)
    pthread_mutex_unlock(lock)
  }
}
