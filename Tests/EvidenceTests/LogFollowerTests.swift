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
            guard case .fork(let offered, let root) = sighting else {
              Issue.record("expected a fork at \(fork) between \(sizes[old]) and \(sizes[new])")
              continue
            }
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
      #expect(throws: LogError.self, "\(path)") { try look(shown, remembered) }
      shown.instead[path] = []
      #expect(throws: LogError.self, "\(path)") { try look(shown, remembered) }
    }
    var shown = ShownLog(store: stores[1])
    shown.instead["checkpoint"] = bytes("nonsense\n")
    #expect(throws: LogError.self) { try look(shown, remembered) }
    #expect(throws: LogError.missing(path: "checkpoint")) {
      try look(LogStore(directory: directory.path + "/none"), remembered)
    }
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
