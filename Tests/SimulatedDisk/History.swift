// What the world has been told of a log, and what a log must therefore hold.

import Synchronization
public import WritCrypto
public import WritEvidence

/// A promise that was broken, and how to see it again.
public struct BrokenPromise: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}

/// Everything that was said before a crash.
public struct History: Sendable {
  /// Entries that were handed to a writer; all differ.
  public var submitted: Set<[UInt8]> = []
  /// Entries whose index was given out.
  public var acknowledged: [UInt64: [UInt8]] = [:]
  /// Content whose digest was given out.
  public var kept: [Digest: [UInt8]] = [:]
  /// Checkpoints that anybody could have read.
  public var seen: [Checkpoint] = []
  /// The newest checkpoint that `publish` has returned.
  public var published: Checkpoint?

  /// Nothing yet.
  public init() {}

  /// Notes a checkpoint that can be read now.
  mutating func see(_ bytes: [UInt8]?) throws(BrokenPromise) {
    guard let bytes, let note = try? SignedNote(bytes), let checkpoint = Checkpoint(note.text),
      seen.last != checkpoint
    else { return }
    if let other = seen.first(where: { $0.size == checkpoint.size && $0 != checkpoint }) {
      throw BrokenPromise("two roots were signed for size \(other.size)")
    }
    seen.append(checkpoint)
  }

  /// Entries that the log must have at least.
  var leastSize: UInt64 {
    max(acknowledged.keys.max().map { $0 + 1 } ?? 0, seen.map(\.size).max() ?? 0)
  }
}

/// What a log is opened with in these tests.
public struct LogUnderTest: Sendable {
  public let signer: NoteSigner
  public static let directory = "/log"

  /// A log with a key of its own.
  public init() throws {
    guard let name = KeyName("log.example/crash"),
      let key = Ed25519PrivateKey(seed: Array(repeating: 7, count: 32))
    else { throw BrokenPromise("a key can be made from 32 bytes") }
    signer = NoteSigner(name: name, key: key)
  }

  func store(on disk: SimulatedDisk) -> LogStore {
    LogStore(directory: LogUnderTest.directory, disk: disk)
  }
}

extension History {
  /// What a reader must find, at any moment, without a writer.
  func check(reading store: LogStore, _ log: LogUnderTest) throws {
    let result: LogVerification
    do throws(LogError) {
      result = try verifyLog(
        store, keys: [log.signer.verifierKey], origin: log.signer.name.description, since: nil)
    } catch {
      guard case .missing = error else { throw error }
      guard published == nil else { throw BrokenPromise("the published checkpoint is gone") }
      return
    }
    guard result.isWhole, let size = result.signed?.checkpoint.size else {
      throw BrokenPromise("what is published is not whole: \(result.findings)")
    }
    guard size >= published?.size ?? 0 else {
      throw BrokenPromise("size \(published?.size ?? 0) was published, a reader finds \(size)")
    }
  }

  /// What a log must hold once everything durable in it is published.
  func check(whole store: LogStore, _ log: LogUnderTest) throws {
    try check(reading: store, log)
    let reader = try LogReader(store: store, keys: [log.signer.verifierKey])
    var found: Set<[UInt8]> = []
    for number in 0..<(reader.size + 255) / 256 {
      for (position, entry) in try reader.bundle(number).entries.enumerated() {
        let index = number * 256 + UInt64(position)
        guard submitted.contains(entry) else {
          throw BrokenPromise("entry \(index) was never submitted")
        }
        guard found.insert(entry).inserted else { throw BrokenPromise("entry \(index) is twice") }
        guard acknowledged[index] ?? entry == entry else {
          throw BrokenPromise("entry \(index) is not the one that was acknowledged")
        }
      }
    }
    guard reader.size >= leastSize else {
      throw BrokenPromise("\(leastSize) entries were promised, \(reader.size) are there")
    }
    for checkpoint in seen where checkpoint.size > 0 {
      guard try reader.root(of: checkpoint.size) == checkpoint.root else {
        throw BrokenPromise("the checkpoint of size \(checkpoint.size) is no prefix any more")
      }
    }
    for (digest, bytes) in kept where try store.objects.get(digest) != bytes {
      throw BrokenPromise("content \(digest) has changed")
    }
  }
}

/// A history that several threads and a disk add to.
public final class Chronicle: Sendable {
  private let state: Mutex<(history: History, problem: BrokenPromise?)>

  /// Goes on from what was said before.
  public init(_ history: History) { state = Mutex((history, nil)) }

  public var history: History { state.withLock { $0.history } }

  public func note(_ change: (inout History) -> Void) { state.withLock { change(&$0.history) } }

  /// Notes what can be read on a disk.
  func see(_ image: DiskImage) {
    let bytes = image.contents(of: LogUnderTest.directory + "/checkpoint")
    state.withLock { state in
      do throws(BrokenPromise) {
        try state.history.see(bytes)
      } catch {
        state.problem = state.problem ?? error
      }
    }
  }

  func checkSeen() throws {
    if let problem = state.withLock({ $0.problem }) { throw problem }
  }
}
