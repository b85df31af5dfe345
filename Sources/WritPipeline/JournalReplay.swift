// From the bytes of a journal to the run that it is.
public import WritCrypto

/// What a journal holds.
public struct JournalReplay: Sendable {
  /// The run, with all its events applied.
  public let run: Run
  /// Events that were applied.
  public let count: UInt64
  /// The offset behind the last good frame.
  public let end: Int
  /// Whether something stands behind it that never became durable.
  public let isTorn: Bool
  /// Where the last frame stands; empty if there is none.
  let last: Range<Int>
  /// What the next frame hangs on.
  let previous: [UInt8]

  /// Reads a journal.
  ///
  /// A last frame that is not whole was being written when the power went: nobody has acted on it, and it is left
  /// out. Anything else that is wrong is damage, and refused.
  ///
  /// - Parameters:
  ///   - beginning: The digest of what the run was begun with, beside its plan.
  ///   - path: For messages.
  public init(
    _ file: [UInt8], run id: String, plan: Plan, beginning: Digest = Digest(of: []), path: String
  ) throws(JournalError) {
    var replay = Replaying(
      file: file, path: path, beginning: beginning, run: Run(id: id, plan: plan))
    try replay.checkHead()
    try replay.readFrames()
    run = replay.run
    count = replay.count
    end = replay.end
    isTorn = replay.end < file.count
    last = replay.last
    previous = replay.previous
  }
}

private struct Replaying {
  let file: [UInt8]
  let path: String
  let beginning: Digest
  var run: Run
  var count: UInt64 = 0
  var end = 0
  var last = 0..<0
  var previous: [UInt8] = []

  mutating func checkHead() throws(JournalError) {
    guard let head = JournalHead.read(file) else {
      throw .damaged(path: path, offset: 0, reason: "expected the head of a journal")
    }
    guard head.run.utf8.elementsEqual(run.id.utf8) else {
      throw .otherRun(path: path, found: head.run)
    }
    guard head.plan == run.planDigest else {
      throw .otherPlan(path: path, expected: head.plan, found: run.planDigest)
    }
    guard head.beginning == beginning else { throw .otherBeginning(path: path) }
    let whole = JournalHead(run: run.id, plan: run.planDigest, beginning: beginning)
    end = whole.bytes.count
    previous = whole.checkBytes
  }

  mutating func readFrames() throws(JournalError) {
    while end < file.count {
      guard let frame = JournalFrame(in: file, at: end) else { return try checkTail() }
      guard frame.start == count, frame.previous.elementsEqual(previous) else {
        throw damage("expected the frame of event \(count)")
      }
      try apply(frame)
      last = end..<frame.end
      end = frame.end
      previous = Array(frame.checkBytes)
    }
  }

  private func checkTail() throws(JournalError) {
    guard file.count - end <= JournalFrame.longest, !JournalFrame.isAnywhere(in: file, behind: end)
    else { throw damage("expected a whole frame: others stand behind it") }
  }

  private mutating func apply(_ frame: JournalFrame) throws(JournalError) {
    var reader = EventReader(file[frame.events])
    for _ in 0..<frame.count {
      guard let event = reader.event(after: run.now) else {
        throw damage("event \(count) is not spelt as events are")
      }
      do throws(EventRefusal) {
        _ = try run.apply(event)
      } catch {
        throw damage("event \(count) is none for the run as it stood: \(error)")
      }
      count += 1
    }
    guard reader.isAtEnd, frame.count > 0 else {
      throw damage("expected as many events as the frame says")
    }
  }

  private func damage(_ reason: String) -> JournalError {
    .damaged(path: path, offset: end, reason: reason)
  }
}
