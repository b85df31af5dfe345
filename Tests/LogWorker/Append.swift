// A process that appends until it is killed: what it prints is what it has promised.
@preconcurrency import Glibc
import WritCrypto
import WritEvidence
import WritSimulation

/// A log to be killed over: small bounds, so that few entries meet every act of the writer.
struct KilledLog {
  let log: LogUnderTest
  let store: LogStore
  private let work: WriterBounds.Work

  init(_ directory: String, _ work: WriterBounds.Work) throws {
    log = try LogUnderTest()
    store = LogStore(directory: directory)
    self.work = work
  }

  /// Opens the log, made first if it is missing.
  func open() throws -> LogWriter {
    do throws(LogError) {
      try store.create(origin: log.signer.name, keyPath: "none")
    } catch {
      guard case .alreadyALog = error else { throw error }
    }
    var bounds = WriterBounds()
    bounds.work = work
    bounds.segmentByteCount = work == .byCallers ? 2000 : 200_000
    bounds.unpublishedCount = 2000
    return try LogWriter(store: store, signer: log.signer, bounds: bounds)
  }
}

/// `append DIR RUN COUNT EVERY`: one caller appends that many entries and publishes behind every so many,
/// each act in the same order on every run. `RUN` makes the entries differ from those of other runs.
func appendInOrder(_ directory: String, _ run: String, _ count: Int, every: Int) throws {
  let writer = try KilledLog(directory, .byCallers).open()
  do throws(LogError) {
    for number in 0..<count {
      let entry = workerEntry(run, 0, number)
      tell("ack \(try writer.append(entry)) \(Digest(of: entry).hex)")
      if number % every == every - 1 { tell(published: try writer.publish()) }
    }
  } catch {
    try expect(writer, toAnswer: error)
  }
  writer.close()
}

/// `fight DIR RUN`: three callers append without end, and publish now and then.
func fightUntilKilled(_ directory: String, _ run: String) throws {
  let writer = try KilledLog(directory, .onOwnThreads).open()
  for caller in 0..<3 {
    let box = Unmanaged.passRetained(Fighter(writer: writer, run: run, caller: caller))
    var thread = pthread_t()
    guard pthread_create(&thread, nil, fight, box.toOpaque()) == 0 else {
      throw WorkerError(description: "no more threads")
    }
  }
  sleep(60)
  throw WorkerError(description: "nobody has killed me")
}

private final class Fighter: Sendable {
  let writer: LogWriter
  let run: String
  let caller: Int

  init(writer: LogWriter, run: String, caller: Int) {
    (self.writer, self.run, self.caller) = (writer, run, caller)
  }
}

private func fight(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let box else { return nil }
  let fighter = Unmanaged<Fighter>.fromOpaque(box).takeRetainedValue()
  do throws(LogError) {
    for number in 0..<Int.max {
      let entry = workerEntry(fighter.run, fighter.caller, number)
      let index = try fighter.writer.append(entry)
      tell("ack \(index) \(Digest(of: entry).hex)")
      if number % 16 == 15 { tell(published: try fighter.writer.publish()) }
    }
  } catch {
    complain("caller \(fighter.caller): \(error)")
    exit(5)
  }
  return nil
}

/// The first error is the answer to every later call; the process then ends with 3.
private func expect(_ writer: LogWriter, toAnswer first: LogError) throws {
  complain("\(first)")
  do throws(LogError) {
    _ = try writer.append([])
  } catch {
    guard error == first else { throw WorkerError(description: "then \(error)") }
    exit(3)
  }
  throw WorkerError(description: "an append went through after \(first)")
}

/// Entries that all differ and can be told from what nobody has written.
func workerEntry(_ run: String, _ caller: Int, _ number: Int) -> [UInt8] {
  Array("run \(run) caller \(caller) number \(number) ".utf8)
    + [UInt8](repeating: 0x2e, count: (number * 137 + caller) % 700)
}

private func tell(published note: SignedNote) {
  guard let checkpoint = Checkpoint(note.text) else { return }
  tell("published \(checkpoint.size) \(checkpoint.root.hex)")
}

/// Writes a line by one call, so that it is there whole or not at all.
private func tell(_ line: String) {
  let bytes = Array((line + "\n").utf8)
  _ = bytes.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
}

/// What went wrong in the worker itself.
struct WorkerError: Error, CustomStringConvertible {
  let description: String
}
