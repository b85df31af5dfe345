// A run's events on disk: each is durable before anybody acts on it, and the run is what they make of it.
public import WritCrypto
public import WritEvidence

/// Why a journal could not be read or written.
public enum JournalError: Error, Hashable, Sendable {
  /// The system refused an act on the file, or another runner has it.
  case disk(LogError)
  /// The file does not hold what it must; nothing was changed.
  case damaged(path: String, offset: Int, reason: String)
  /// The journal is of another run.
  case otherRun(path: String, found: String)
  /// The journal is of a run of another plan.
  case otherPlan(path: String, expected: Digest, found: Digest)
  /// The journal is of a run that was begun with something else.
  case otherBeginning(path: String)
  /// An earlier write failed: open the journal again.
  case broken(path: String)
  /// The journal has reached `PipelineLimits.journalByteCount`.
  case full(path: String)
}

extension JournalError: CustomStringConvertible {
  /// What is wrong, where, and what to do; lower case, no full stop.
  public var description: String {
    switch self {
    case .disk(.locked(let path)): "`\(path)`: another runner has this run"
    case .disk(.file(let path, let act, let code)):
      "`\(path)`: the system does not \(act) it (errno \(code))"
    case .disk(let error): "the journal: \(error)"
    case .damaged(let path, let offset, let reason):
      "`\(path)`, offset \(offset): \(reason); keep the file, and look at what the run has done"
    case .otherRun(let path, let found): "`\(path)` is the journal of the run `\(found)`"
    case .otherPlan(let path, let expected, let found):
      "`\(path)` is of the plan \(expected), not of \(found): resume it with its own plan"
    case .otherBeginning(let path):
      "`\(path)` is of a run that was begun with another request, caller, bundle or log than its folder says: bring back what it said"
    case .broken(let path): "`\(path)`: a write has failed; start the runner again"
    case .full(let path):
      "`\(path)`: a journal of more than \(PipelineLimits.journalByteCount) bytes"
    }
  }
}

/// A journal that is open for appending; no other process has it. One thread at a time.
public final class Journal {
  private let disk: any Disk
  private let path: String
  private let file: OpenFile
  private var end: Int
  private var count: UInt64
  private var previous: [UInt8]
  private var time: Int64
  private var isBroken = false

  /// Opens the journal of a run, or begins it, and replays it.
  ///
  /// Begun is what has no file, or a file in which not even the head is whole. A torn end is cut off; what was
  /// read last is written and synced once more, as the process before may have died before its sync.
  ///
  /// - Parameters:
  ///   - beginning: The digest of what the run is begun with, beside its plan: it is taken up with the same, or not at all.
  ///   - isKnown: Whether something else shows that things were done: a journal without a whole head is then damage.
  public static func open(
    _ path: String, run id: String, plan: Plan, beginning: Digest = Digest(of: []),
    isBegun isKnown: Bool = false, on disk: any Disk
  ) throws(JournalError) -> (journal: Journal, run: Run) {
    let file = try onDisk { () throws(LogError) in try disk.lock(path) }
    do throws(JournalError) {
      let bytes =
        try onDisk { () throws(LogError) in
          try disk.read(path, limit: PipelineLimits.journalByteCount)
        } ?? []
      let head = JournalHead(run: id, plan: plan.digest, beginning: beginning).bytes
      let isBegun = isKnown || bytes.count > head.count || JournalHead.read(bytes) != nil
      let replay = try JournalReplay(
        isBegun ? bytes : head, run: id, plan: plan, beginning: beginning, path: path)
      try onDisk { () throws(LogError) in
        if !isBegun { try write(head, at: 0, to: file, of: disk) }
        if isBegun && replay.isTorn { try disk.cut(file, to: replay.end) }
        try write(
          Array((isBegun ? bytes : head)[replay.last]), at: replay.last.lowerBound, to: file,
          of: disk)
        try disk.sync(file)
        try disk.syncDirectory(directory(of: path))
      }
      return (Journal(disk, path, file, replay), replay.run)
    } catch {
      disk.close(file)
      throw error
    }
  }

  private init(_ disk: any Disk, _ path: String, _ file: OpenFile, _ replay: JournalReplay) {
    self.disk = disk
    self.path = path
    self.file = file
    end = replay.end
    count = replay.count
    previous = replay.previous
    time = replay.run.now
  }

  /// Makes events durable, in their order; they must be events for the run as it then stands.
  ///
  /// After an error nobody knows what the disk holds: the journal takes nothing more.
  public func append(_ events: [Event]) throws(JournalError) {
    guard !isBroken else { throw .broken(path: path) }
    var rest = events[...]
    while !rest.isEmpty { rest = rest.dropFirst(try appendFrame(rest)) }
  }

  /// Makes as many events durable as go into a frame; returns how many.
  private func appendFrame(_ events: ArraySlice<Event>) throws(JournalError) -> Int {
    var writer = EventWriter()
    var last = time
    var taken = 0
    // A single event is shorter than half a frame, by the bounds of its parts.
    for event in events where writer.bytes.count < PipelineLimits.frameByteCount / 2 {
      precondition(event.at >= last, "events follow one another in time")
      writer.append(event, after: last)
      last = event.at
      taken += 1
    }
    precondition(writer.bytes.count <= PipelineLimits.frameByteCount, "events fit into a frame")
    let frame = JournalFrame.seal(writer.bytes, start: count, count: taken, previous: previous)
    guard end + frame.count <= PipelineLimits.journalByteCount else { throw .full(path: path) }
    isBroken = true
    try onDisk { () throws(LogError) in
      try write(frame, at: end, to: file, of: disk)
      try disk.sync(file)
    }
    isBroken = false
    end += frame.count
    count += UInt64(taken)
    previous = Array(frame.suffix(JournalFrame.checkByteCount))
    time = last
    return taken
  }

  /// Lets go of the file; another runner may take the run up.
  public func close() {
    isBroken = true
    disk.close(file)
  }
}

private func write(
  _ bytes: [UInt8], at offset: Int, to file: OpenFile, of disk: any Disk
) throws(LogError) {
  guard !bytes.isEmpty else { return }
  let result: Result<Void, LogError> = bytes.withUnsafeBytes { buffer in
    do throws(LogError) {
      return .success(try disk.write(buffer, to: file, at: offset))
    } catch {
      return .failure(error)
    }
  }
  try result.get()
}

private func onDisk<Value>(_ act: () throws(LogError) -> Value) throws(JournalError) -> Value {
  do throws(LogError) {
    return try act()
  } catch {
    throw .disk(error)
  }
}

private func directory(of path: String) -> String {
  guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}
