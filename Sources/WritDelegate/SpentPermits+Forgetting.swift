// What a delegate may forget: its memory is written anew before it is full.
//
//     spent        begin, lines of old permits, lines of new ones
//     spent.next   begin, forgot, lines of new ones            made durable, locked, and put in place of the first
//
// That no permit is used twice does not rest on a clock. Fences only rise, so one that is forgotten could not be used again even if it
// counted: `forgot` remembers the highest, and the newest entry that was acted upon. What is lost is the answer to whoever asks
// what came of it: they are told that nobody knows. So what is young, runs, or has no result is kept, and half of what fits too.
import Glibc
import WritEvidence
import WritModel

extension SpentPermits {
  /// From which size on something is forgotten: a quarter is left.
  static func forgetsAt(_ limit: Int) -> Int { limit / 4 * 3 }

  /// Writes the file anew without the oldest permits, where it has grown and they may be forgotten.
  func forget(_ state: inout State, at now: Instant) throws(DelegateError) {
    let isFull = state.byteCount + 2 * DelegateLimits.spentResultByteCount > limit
    guard !state.isStopped, isFull || state.byteCount >= state.forgetsAt else { return }
    // Where that brings nothing it is not tried again at once.
    state.forgetsAt = state.byteCount + limit / 64
    guard let kept = kept(of: state, at: now) else { return }
    let next = path + ".next"
    let descriptor: Int32
    do throws(DelegateError) {
      unlink(next)
      try PrivateFile.create(next, kept.bytes)
      descriptor = try PrivateFile.open(next, O_RDWR)
    } catch {
      // The one that there is still does.
      unlink(next)
      return
    }
    guard retrying({ flock(descriptor, LOCK_EX | LOCK_NB) }) == 0 else {
      Glibc.close(descriptor)
      return
    }
    // Which of the two stands there after a crash is the same: neither lets a permit be used twice.
    state.isStopped = true
    guard rename(next, path) == 0 else {
      let code = errno
      Glibc.close(descriptor)
      throw .system(act: "rename \(next)", code: code)
    }
    Glibc.close(state.descriptor)
    state.descriptor = descriptor
    (state.byteCount, state.permits, state.results) = (kept.bytes.count, kept.permits, kept.results)
    state.decisions = Set(kept.permits.values.map(\.decision))
    state.forgotten = kept.forgotten
    state.forgetsAt = max(SpentPermits.forgetsAt(limit), kept.bytes.count + limit / 64)
    try PrivateFile.sync(PrivateFile.parent(of: path))
    state.isStopped = false
  }

  private struct Kept {
    var bytes: [UInt8]
    var permits: [String: SpentPermit] = [:]
    var results: [String: Range<Int>] = [:]
    let forgotten: ForgottenPermits
  }

  /// What a new file would hold; `nil` where nothing may be forgotten.
  private func kept(of state: State, at now: Instant) -> Kept? {
    let order = state.permits.values.sorted {
      $0.fence != $1.fence ? $0.fence < $1.fence : precedesByBytes($0.id, $1.id)
    }
    var forgotten = state.forgotten
    forgotten.checkpoint = state.checkpoint
    var (place, left) = (0, state.byteCount)
    while place < order.count, left > limit / 2 {
      let fence = order[place].fence
      // All of one fence go together, and never the highest, which may still be used.
      guard let end = order[place...].firstIndex(where: { $0.fence != fence }),
        order[place..<end].allSatisfy({ isOver($0, state, at: now) })
      else { break }
      for permit in order[place..<end] {
        forgotten.add(permit)
        left -= SpentLine.spent(permit).bytes.count + (state.results[permit.id]?.count ?? -1) + 1
      }
      place = end
    }
    guard place > 0 else { return nil }
    var kept = Kept(
      bytes: SpentLine.begin(identity).bytes + SpentLine.forgot(forgotten).bytes,
      forgotten: forgotten)
    for permit in order[place...] {
      kept.permits[permit.id] = permit
      kept.bytes += SpentLine.spent(permit).bytes
      guard let result = state.results[permit.id] else { continue }
      let line = state.bytes(at: result)
      // What cannot be read is not written anew.
      guard SpentLine(line[...]) != nil else { return nil }
      kept.results[permit.id] = kept.bytes.count..<kept.bytes.count + line.count
      kept.bytes += line + [0x0a]
    }
    return kept
  }

  /// Whether nothing more can come of a permit, by the clock too.
  private func isOver(_ permit: SpentPermit, _ state: State, at now: Instant) -> Bool {
    let age = now.microseconds.subtractingReportingOverflow(permit.at.microseconds)
    return !state.running.contains(permit.id)
      && (permit.isIdempotent || state.results[permit.id] != nil)
      && !age.overflow && age.partialValue >= DelegateLimits.rememberedMicroseconds
  }
}

extension SpentPermits.State {
  /// Bytes of the file; fewer where it has become shorter.
  func bytes(at place: Range<Int>) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: place.count)
    let count = retrying { pread(descriptor, &bytes, bytes.count, off_t(place.lowerBound)) }
    return Array(bytes.prefix(max(0, count)))
  }
}
