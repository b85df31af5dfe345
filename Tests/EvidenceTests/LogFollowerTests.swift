// Following a log from outside, and cosignatures below its newest checkpoint.
import Testing
import WritCrypto
import WritEvidence
import WritModel

/// A log as a watcher sees it: a directory, with some files as they shall be instead.
private struct ShownLog: LogSource {
  var store: LogStore
  var instead: [String: [UInt8]] = [:]

  func file(_ path: String, limit: Int) throws(LogError) -> [UInt8]? {
    if let bytes = instead[path] { return bytes }
    return try store.file(path, limit: limit)
  }
}

/// A log whose checkpoint is shown and whose tiles are not, or are others.
private struct WithheldLog: LogSource {
  var store: LogStore
  let tile: [UInt8]?

  func file(_ path: String, limit: Int) throws(LogError) -> [UInt8]? {
    path == "checkpoint" ? try store.file(path, limit: limit) : tile
  }
}

/// A server that gives the checkpoint and breaks off at tiles.
private struct SilentLog: LogSource {
  let store: LogStore

  func file(_ path: String, limit: Int) throws(LogError) -> [UInt8]? {
    if path == "checkpoint" { return try store.file(path, limit: limit) }
    throw .unreachable(path: path, reason: "no answer")
  }
}

private func look(
  _ source: some LogSource, _ remembered: FollowedLog?, now: Int64 = 0
) throws -> (sighting: LogSighting, log: FollowedLog) {
  try WritEvidence.look(
    at: source, keys: [workedSigner().verifierKey], origin: "log.example/writ",
    remembered: remembered, now: now)
}

/// Logs of the same name with so many entries; those from `fork` on are others.
private func log(_ directory: String, _ sizes: [Int], fork: Int = .max) throws -> [LogStore] {
  var stores: [LogStore] = []
  for size in sizes {
    let path = "\(directory)/\(size)-\(fork)"
    let (store, writer) = try newLog(path)
    let all = entries(0..<min(size, fork)) + entries(10_000..<10_000 + max(0, size - fork))
    if !all.isEmpty { _ = try writer.append(group: all) }
    try writer.publish()
    writer.close()
    stores.append(store)
  }
  return stores
}

@Suite struct LogFollowerTests {
  static let sizes = [0, 1, 2, 255, 256, 257, 600]

  @Test func everyGrowthIsSeenAndEveryRollback() throws {
    let directory = try TemporaryDirectory()
    let stores = try log(directory.path, LogFollowerTests.sizes)
    for (old, first) in stores.enumerated() {
      let (sighting, remembered) = try look(first, nil, now: 5)
      #expect(sighting == .first)
      for (new, store) in stores.enumerated() {
        let (sighting, log) = try look(store, remembered, now: 9)
        let size = UInt64(LogFollowerTests.sizes[new])
        if new == old {
          #expect(sighting == .unchanged)
          #expect(log.since == 5)
        } else if new > old {
          #expect(sighting == .grown(from: UInt64(LogFollowerTests.sizes[old])))
          #expect(log.signed.checkpoint.size == size)
          #expect(log.since == 9)
        } else {
          guard case .rollback(let offered) = sighting else {
            Issue.record("expected a rollback from \(old) to \(new)")
            continue
          }
          #expect(offered.checkpoint.size == size)
          #expect(log == remembered)
        }
      }
    }
  }

  @Test func everyForkIsSeen() throws {
    let directory = try TemporaryDirectory()
    let sizes = [1, 2, 256, 257, 600]
    let stores = try log(directory.path, sizes)
    for fork in [0, 1, 255, 256] {
      let forks = try log(directory.path, sizes, fork: fork)
      for (old, first) in stores.enumerated() {
        let remembered = try look(first, nil).log
        for (new, store) in forks.enumerated() where new >= old {
          let (sighting, log) = try look(store, remembered)
          if sizes[old] <= fork {
            #expect(sighting == (new == old ? .unchanged : .grown(from: UInt64(sizes[old]))))
          } else {
            guard case .fork(let seen, let offered, let root) = sighting else {
              Issue.record("expected a fork at \(fork) between \(sizes[old]) and \(sizes[new])")
              continue
            }
            #expect(seen == remembered.signed)
            #expect(offered.checkpoint.size == UInt64(sizes[new]))
            #expect(
              root
                == (try LogReader(
                  store: store, keys: [workedSigner().verifierKey]
                ).root(of: UInt64(sizes[old]))))
            #expect(log == remembered)
          }
        }
      }
    }
  }

  @Test func wrongTilesAreAnErrorAndNoAlarm() throws {
    let directory = try TemporaryDirectory()
    let stores = try log(directory.path, [300, 600])
    let remembered = try look(stores[0], nil).log
    for path in ["tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2"] {
      var shown = ShownLog(store: stores[1])
      var bytes = try contents(of: "\(stores[1].directory)/\(path)")
      bytes[0] ^= 1
      shown.instead[path] = bytes
      try expectPending(1, try look(shown, remembered), of: 600, remembered)
      shown.instead[path] = []
      try expectPending(1, try look(shown, remembered), of: 600, remembered)
    }
    var shown = ShownLog(store: stores[1])
    shown.instead["checkpoint"] = bytes("nonsense\n")
    #expect(throws: LogError.self) { try look(shown, remembered) }
    #expect(throws: LogError.missing(path: "checkpoint")) {
      try look(LogStore(directory: directory.path + "/none"), remembered)
    }
  }

  /// What was seen stays, and what was signed beyond it is kept with the number of looks; an alarm from the third on.
  private func expectPending(
    _ looks: Int, _ found: (sighting: LogSighting, log: FollowedLog), of size: UInt64,
    _ remembered: FollowedLog, location: SourceLocation = #_sourceLocation
  ) throws {
    let pending = try #require(found.log.pending, sourceLocation: location)
    #expect(pending.looks == looks, sourceLocation: location)
    #expect(pending.signed.checkpoint.size == size, sourceLocation: location)
    #expect(found.log.signed == remembered.signed, sourceLocation: location)
    #expect(found.log.since == remembered.since, sourceLocation: location)
    guard case .unproven(pending, _) = found.sighting else {
      Issue.record("expected it to be unproven: \(found.sighting)", sourceLocation: location)
      return
    }
    #expect(found.sighting.isAlarm == (looks >= 3), sourceLocation: location)
    let keys = [try workedSigner().verifierKey]
    let again = try FollowedLog(found.log.bytes, keys: keys, origin: "log.example/writ")
    #expect(again == found.log, sourceLocation: location)
  }

  @Test func aForkWhoseTilesAreWithheldIsAnAlarmAtTheThirdLook() throws {
    let directory = try TemporaryDirectory()
    let seen = try log(directory.path, [300])[0]
    let fork = try log(directory.path, [500, 600], fork: 100)
    let remembered = try look(seen, nil).log
    for withheld in [[UInt8]?.none, [1, 2, 3]] {
      var shown = WithheldLog(store: fork[0], tile: withheld)
      var found = try look(shown, remembered)
      try expectPending(1, found, of: 500, remembered)
      // It signs more and shows none of it: the first one stays.
      shown.store = fork[1]
      for looks in 2...4 {
        found = try look(shown, found.log)
        try expectPending(looks, found, of: 500, remembered)
      }
      // Shown in the end, it is the fork that it was.
      guard case .fork(remembered.signed, _, _) = try look(fork[1], found.log).sighting else {
        Issue.record("expected a fork")
        continue
      }
    }
  }

  @Test func whatWasSignedAndWithheldBindsTheLog() throws {
    let directory = try TemporaryDirectory()
    let stores = try log(directory.path, [300, 500, 600])
    let fork = try log(directory.path, [400, 500], fork: 350)
    let remembered = try look(stores[0], nil).log
    let withheld = try look(WithheldLog(store: fork[0], tile: nil), remembered).log
    // The history that goes on is another one than was signed in between.
    guard case .fork(let seen, let offered, _) = try look(stores[2], withheld).sighting else {
      Issue.record("expected a fork")
      return
    }
    #expect(seen.checkpoint.size == 400 && offered.checkpoint.size == 600)
    // Two roots of one size, at once, although neither is shown.
    let larger = try look(WithheldLog(store: fork[1], tile: nil), remembered).log
    guard
      case .fork(_, let other, _) = try look(WithheldLog(store: stores[1], tile: nil), larger)
        .sighting
    else {
      Issue.record("expected a fork")
      return
    }
    #expect(other.checkpoint.size == 500)
    // A log that was only being written goes on, and nothing is pending.
    let late = try look(WithheldLog(store: stores[1], tile: nil), remembered).log
    let grown = try look(stores[2], late)
    #expect(grown.sighting == .grown(from: 300) && grown.log.pending == nil)
    #expect(try look(stores[1], late).log.pending == nil)
    // One that takes back what it signed is waited for, and then an alarm.
    var found = (sighting: LogSighting.unchanged, log: larger)
    for looks in 2...3 {
      found = try look(stores[0], found.log)
      try expectPending(looks, found, of: 500, remembered)
    }
  }

  @Test func aServerThatDoesNotAnswerIsNoAlarm() throws {
    let directory = try TemporaryDirectory()
    let stores = try log(directory.path, [300, 600])
    let remembered = try look(stores[0], nil).log
    var found = (sighting: LogSighting.first, log: remembered)
    for _ in 0..<5 {
      found = try look(SilentLog(store: stores[1]), found.log)
      try expectPending(0, found, of: 600, remembered)
    }
    #expect(try look(stores[1], found.log).sighting == .grown(from: 300))
  }

  @Test func whatIsRememberedIsReadBackToTheByte() throws {
    let directory = try TemporaryDirectory()
    let keys = [try workedSigner().verifierKey]
    let store = try log(directory.path, [7])[0]
    let followed = try look(store, nil, now: 1_767_225_600_000_001).log
    let line = followed.bytes
    #expect(try FollowedLog(line, keys: keys, origin: "log.example/writ") == followed)
    #expect(throws: CheckpointError.self) {
      try FollowedLog(line, keys: keys, origin: "other")
    }
    for index in line.indices {
      var changed = line
      changed[index] ^= 1
      // A digit of the time may be another digit: nothing vouches for it.
      if (try? FollowedLog(changed, keys: keys, origin: "log.example/writ"))
        .map({ $0.signed == followed.signed && $0.since != followed.since }) == false
      {
        Issue.record("accepted: \(index)")
      }
    }
  }
}

@Suite struct CheckpointReplacementTests {
  @Test func linesGoBelowTheNewestCheckpointAlone() throws {
    let directory = try TemporaryDirectory()
    let (store, writer) = try newLog(directory.path)
    _ = try writer.append([1])
    try writer.publish()
    let key = try workedSigner().verifierKey
    let signed = try LogReader(store: store, keys: [key]).signed
    let line = try witness("w", 0x20).cosign(signed.note.text, at: 7)
    #expect(throws: LogError.locked(path: directory.path + "/.writ/lock")) {
      try store.addCosignatures([line], below: signed)
    }
    writer.close()
    let note = try #require(try store.addCosignatures([line], below: signed))
    #expect(try contents(of: directory.path + "/checkpoint") == note.bytes)
    #expect(try contents(of: directory.path + "/.writ/checkpoints/1") == note.bytes)
    #expect(note.signatures == signed.note.signatures + [line])
    // Again, with another time: in its place.
    let later = try witness("w", 0x20).cosign(signed.note.text, at: 8)
    let other = try witness("v", 0x40).cosign(signed.note.text, at: 8)
    let again = try #require(try store.addCosignatures([later, other], below: signed))
    #expect(again.signatures == signed.note.signatures + [later, other])
    // The log goes on from a cosigned checkpoint, and publishes the next without lines.
    let next = try reopen(directory.path)
    #expect(try next.publish() == again)
    _ = try next.append([2])
    try next.publish()
    next.close()
    #expect(try store.addCosignatures([line], below: signed) == nil)
    let newest = try SignedNote(try contents(of: directory.path + "/checkpoint"))
    #expect(newest.signatures.count == 1)
    try expectWhole(directory.path, [[1], [2]])
  }

  @Test func noMoreLinesThanAReaderTakes() throws {
    let note = try SignedNote(bytes(workedCheckpoint))
    let lines = try (0..<99).map { number in
      try witness("w\(number)", 0x20).cosign(note.text, at: 1)
    }
    let full = try #require(note.adding(lines))
    #expect(try SignedNote(full.bytes) == full)
    #expect(full.adding([try witness("w", 0x20).cosign(note.text, at: 1)]) == nil)
    #expect(full.adding([lines[5]]) == full)
  }
}
