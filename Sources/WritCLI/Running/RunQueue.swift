// The line in which runs of one concurrency group wait, in a file beside the runs' folders.
//
// A run that begins keeps its place until it has ended, also while nobody is at it: what it has begun is not undone by its runner
// being gone. A run that waits loses its place with its process, which holds the lock in the run's folder.

@preconcurrency import Glibc
import Writ
import WritEvidence
import WritModel
import WritPipeline

/// The place of one run in its group's line. One thread.
final class RunQueue {
  private let runs: String
  private let folder: RunFolder
  private let id: String
  private let concurrency: Concurrency
  private let file: String
  /// Held as long as this process is at the run.
  private let presence: OpenFile

  /// What a run that came to the line is told.
  enum Standing: Equatable {
    case begins
    case waits(behind: Int)
    case superseded(by: String)
  }

  /// Takes the lock of a run that is in a group.
  init(_ concurrency: Concurrency, _ folder: RunFolder, _ id: String, in runs: String)
    throws(Failure)
  {
    self.runs = runs
    self.folder = folder
    self.id = id
    self.concurrency = concurrency
    file = "\(runs)/.group-\(RunFolder.fileName(of: concurrency.group))"
    do throws(LogError) {
      presence = try SystemDisk().lock(folder.path + "/lock")
    } catch {
      throw Failure(.broken, "another runner has this run", remedy: "let that one finish")
    }
  }

  /// Comes to the line, or looks how far it has got.
  func standing() throws(Failure) -> Standing {
    if let newer = folder.supersededBy { return .superseded(by: newer) }
    return try change { queue in
      for order in queue.enter(id, supersedes: concurrency.supersedes) {
        if case .superseded(let old, let new) = order { supersede(old, by: new) }
      }
    }
  }

  /// The run has ended, or waits no more.
  func leave() throws(Failure) {
    _ = try change { queue in _ = queue.leave(id) }
  }

  private func supersede(_ old: String, by new: String) {
    try? writeFile("\(runs)/\(old)/superseded", Array((new + "\n").utf8))
  }

  /// Reads the line, drops who is gone, changes it and writes it: one process at a time.
  private func change(_ body: (inout ConcurrencyQueue) -> Void) throws(Failure) -> Standing {
    let disk = SystemDisk()
    let lock = try patiently { () throws(LogError) in try disk.lock(file + ".lock") }
    defer { disk.close(lock) }
    let kept = try document()
    let running = names("running", kept).filter(isUnderWay)
    var queue = ConcurrencyQueue(
      limit: limit(beside: running), running: running,
      waiting: names("waiting", kept).filter { hasSameBytes($0, id) || isAttended($0) })
    body(&queue)
    let json: JSONValue = [
      "group": .string(concurrency.group),
      "running": .array(queue.running.map { .string($0) }),
      "waiting": .array(queue.waiting.map { .string($0) }),
    ]
    if json != kept { try writeFile(file, Array((json.pretty + "\n").utf8)) }
    if queue.running.containsBytes(of: id) { return .begins }
    if let place = queue.waiting.firstIndex(ofBytes: id) {
      return .waits(behind: queue.running.count + place)
    }
    return .superseded(by: folder.supersededBy ?? "another")
  }

  /// How many may run beside each other: what those that do allow, too, where their pipelines say another number of the group.
  private func limit(beside running: [String]) -> Int {
    running.reduce(concurrency.limit) { least, name in
      let plan = (try? RunFolder(name, in: runs)).flatMap { try? $0.plan() }
      return min(least, plan?.concurrency?.limit ?? least)
    }
  }

  private func document() throws(Failure) -> JSONValue {
    try readJSONIfThere(file) ?? .null
  }

  private func names(_ member: String, _ document: JSONValue) -> [String] {
    (document[member]?.array ?? []).compactMap(\.string)
  }

  /// Whether a run that began has not ended.
  private func isUnderWay(_ name: String) -> Bool {
    guard let other = try? RunFolder(name, in: runs), let head = try? other.head(),
      let plan = try? other.plan(), let run = try? other.run(head, plan)
    else { return hasSameBytes(name, id) || isAttended(name) }
    // One that was never begun has its place only while somebody is at it.
    return run.start == nil ? hasSameBytes(name, id) || isAttended(name) : run.verdict == nil
  }

  /// Whether a process is at a run.
  private func isAttended(_ name: String) -> Bool {
    let disk = SystemDisk()
    let path = "\(runs)/\(name)/lock"
    var status = stat()
    guard stat(path, &status) == 0, let lock = try? disk.lock(path) else {
      return stat(path, &status) == 0
    }
    disk.close(lock)
    return false
  }
}
