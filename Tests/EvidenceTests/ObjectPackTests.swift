// Objects in packs: found as those in files of their own are, whatever became of the index.
import Glibc
import Testing
import WritCrypto
import WritEvidence
import WritModel

@Suite struct ObjectPackTests {
  @Test func whatIsPutIsFoundByEveryReader() throws {
    let log = try PackedLog()
    let (first, second) = (bytes("a request"), bytes("a trace"))
    let digests = try log.put([first, second])
    #expect(digests == [Digest(of: first), Digest(of: second)])
    #expect(log.packs == ["00000000000000000000"])
    for objects in [log.objects, log.store.objects] {
      for (digest, content) in zip(digests, [first, second]) {
        #expect(objects.contains(digest))
        #expect(try objects.get(digest) == content)
      }
      #expect(try objects.digests() == digests.sorted())
    }
    let other = Digest(of: [UInt8]())
    #expect(!log.objects.contains(other))
    #expect(throws: LogError.missing(path: log.objects.path(of: other))) {
      try log.objects.get(other)
    }
    // Nothing and the longest object are objects too; a longer one has a file of its own.
    let longest = [UInt8](repeating: 7, count: Limits.packedByteCount)
    let more = try log.put([[], longest, longest + [1]])
    #expect(try log.objects.get(more[0]) == [] && log.objects.get(more[1]) == longest)
    #expect(try log.objects.get(more[2]) == longest + [1])
    #expect(access(log.objects.path(of: more[2]), R_OK) == 0)
    #expect(access(log.objects.path(of: more[1]), R_OK) != 0)
  }

  @Test func theNextWriterGoesOnInThePackAndPutsNothingTwice() throws {
    let log = try PackedLog()
    let given = (0..<20).map { bytes("object \($0)") }
    for content in given { _ = try log.put([content]) }
    let packed = given.count * 44 + given.reduce(0) { $0 + $1.count } + 8
    let pack = try contents(of: log.packPath(0))
    #expect(pack[packed...].allSatisfy { $0 == 0 } && pack[packed - 1] != 0)
    _ = try log.put(given)
    #expect(try contents(of: log.packPath(0)) == pack)
    #expect(log.packs.count == 1)
  }

  @Test func aReaderSeesWhatComesLater() throws {
    let log = try PackedLog()
    let objects = log.objects
    let early = try log.put([bytes("early")])[0]
    #expect(try objects.get(early) == bytes("early"))
    let late = try log.put([bytes("late")])[0]
    #expect(try objects.get(late) == bytes("late"))
    let packer = log.store.makePacker(packByteCount: 64)
    for number in 0..<5 { _ = try packer.put([bytes("later \(number)")]) }
    packer.close()
    #expect(log.packs.count > 3)
    for number in 0..<5 {
      let content = bytes("later \(number)")
      #expect(try objects.get(Digest(of: content)) == content)
    }
  }

  /// Files of their own are the long way.
  @Test("packs find what files find, in any order", arguments: UInt64(1)...4)
  func differential(_ seed: UInt64) throws {
    var dice = Dice(seed: seed)
    let (log, plain) = (try PackedLog(), try PackedLog())
    var all: [Digest] = []
    for _ in 0..<8 {
      let packer = log.store.makePacker(packByteCount: 1500)
      for _ in 0..<Int.random(in: 1...9, using: &dice) {
        let group = (0..<Int.random(in: 1...4, using: &dice)).map { _ in
          (0..<Int.random(in: 0...400, using: &dice)).map { _ in
            UInt8.random(in: 0...255, using: &dice)
          }
        }
        all += try packer.put(group)
        for content in group { try plain.store.objects.put(content) }
      }
      packer.close()
    }
    #expect(log.packs.count > 5)
    func compare(_ order: [Digest]) throws {
      let (packed, alone) = (log.objects, plain.objects)
      for digest in order { #expect(try packed.get(digest) == alone.get(digest)) }
      #expect(try packed.digests() == alone.digests())
    }
    try compare(all)
    try compare(all.reversed())
    try compare(all.shuffled(using: &dice))
    // An index that is gone, or holds anything else, is made again.
    for (place, path) in log.indexPaths.enumerated() {
      switch place % 3 {
      case 0: unlink(path)
      case 1: try write(bytes("no index"), to: path)
      default: try write(try contents(of: log.indexPaths[0]), to: path)
      }
    }
    try compare(all.shuffled(using: &dice))
  }

  @Test func anIndexOfAnotherPackIsNotBelieved() throws {
    let log = try PackedLog()
    let packer = log.store.makePacker(packByteCount: 64)
    let given = (0..<6).map { bytes("an object of its own number \($0)") }
    for content in given { _ = try packer.put([content]) }
    packer.close()
    let paths = log.indexPaths
    try #require(paths.count > 2)
    let swapped = try contents(of: paths[0])
    try write(try contents(of: paths[1]), to: paths[0])
    try write(swapped, to: paths[1])
    for content in given.reversed() {
      #expect(try log.objects.get(Digest(of: content)) == content)
    }
  }

  @Test func damageIsToldAndAnotherCopyIsFound() throws {
    let log = try PackedLog()
    let digests = try log.put([bytes("a request"), bytes("a trace")])
    var pack = try contents(of: log.packPath(0))
    pack[8 + 44] ^= 1
    try write(pack, to: log.packPath(0))
    #expect(
      throws: LogError.damaged(
        path: log.packPath(0), reason: "holds other content of \(digests[0]) than it says")
    ) { try log.objects.get(digests[0]) }
    #expect(try log.objects.get(digests[1]) == bytes("a trace"))
    // Whoever puts it again is not told that it is there.
    #expect(try log.put([bytes("a request")]) == [digests[0]])
    #expect(try log.objects.get(digests[0]) == bytes("a request"))
  }

  @Test func nothingIsWrittenOverWhatATornPackHolds() throws {
    let log = try PackedLog()
    let digests = try log.put([bytes("first")]) + log.put([bytes("second")])
    // Half a group, as a crash leaves it.
    var pack = try contents(of: log.packPath(0))
    let end = 8 + 2 * 44 + 11
    pack.replaceSubrange(end + 44..<end + 50, with: bytes("thirds"))
    try write(pack, to: log.packPath(0))
    let third = try log.put([bytes("third")])
    #expect(log.packs.count == 2)
    #expect(try contents(of: log.packPath(0)) == pack)
    for (digest, text) in zip(digests + third, ["first", "second", "third"]) {
      #expect(try log.objects.get(digest) == bytes(text))
    }
  }

  @Test func whatIsPrunedIsInNoFile() throws {
    let log = try PackedLog()
    let given = (0..<40).map { bytes("object number \($0) of forty") }
    let digests = try log.put(given)
    let objects = log.objects
    #expect(try objects.get(digests[0]) == given[0])
    for (digest, place) in zip(digests, 0...) {
      try log.log.append([decision("\(place)", about: ["Release/r\(place)"], trace: digest)])
      if place == 19 { log.log.skip(to: tuesday + 40 * 86_400_000_000) }
    }
    let writer = try log.log.writer()
    let policy = bytes(#"{"keep": {"trace": "5d"}}"#)
    let now = tuesday + 41 * 86_400_000_000
    let plan = try PruningPlan(
      log.log.reader(), log.objects, Retention(policy), now: now
    ) { _ in }
    #expect(plan.count == 20)
    // The writer has the pack open while it removes.
    _ = try writer.store.objects.put(ofOneRecord: [bytes("put before")])
    try plan.carryOut(
      in: log.store, recordedIn: log.store, by: writer, policy: policy, log: "log.example/writ",
      id: "p", clock: now)
    let after = try writer.store.objects.put(ofOneRecord: [given[0], bytes("put after")])
    writer.close()
    #expect(after[0] == digests[0])
    for (place, digest) in digests.enumerated() where place > 0 {
      #expect(log.objects.contains(digest) == (place >= 20), "object \(place)")
      #expect(try place < 20 || objects.get(digest) == given[place])
    }
    #expect(try log.objects.get(digests[0]) == given[0])
    #expect(try log.objects.get(Digest(of: bytes("put before"))) == bytes("put before"))
    let everything = try log.packs.flatMap { try contents(of: log.folder + $0) }
    for place in 1..<20 { #expect(!contains(everything, given[place])) }
    #expect(contains(everything, given[20]))
    let checkup = try checkUp(
      log.store, log.log.reader(), keys: [workedSigner().verifierKey]
    ) { _ in }
    #expect(checkup.findings == [] && checkup.gone == [.trace: 19])
  }

  @Test func aPackThatIsPrunedEmptyGoes() throws {
    let log = try PackedLog()
    let digest = try log.put([bytes("alone")])[0]
    try log.log.append([decision("a", about: ["Release/r1"], trace: digest)])
    let writer = try log.log.writer()
    let policy = bytes(#"{"keep": {"trace": "1d"}}"#)
    let now = tuesday + 3 * 86_400_000_000
    let plan = try PruningPlan(
      log.log.reader(), log.objects, Retention(policy), now: now
    ) { _ in }
    try plan.carryOut(
      in: log.store, recordedIn: log.store, by: writer, policy: policy, log: "log.example/writ",
      id: "p", clock: now)
    writer.close()
    #expect(log.packs == [])
    #expect(throws: LogError.self) { try log.objects.get(digest) }
    #expect(try log.put([bytes("anew")]) == [Digest(of: bytes("anew"))])
    #expect(try log.objects.get(Digest(of: bytes("anew"))) == bytes("anew"))
  }

  @Test func threadsPutTogether() async throws {
    let log = try PackedLog()
    let writer = try log.log.writer()
    let objects = writer.store.objects
    let digests = try await withThrowingTaskGroup(of: [Digest].self) { group in
      for thread in 0..<6 {
        group.addTask {
          try (0..<60).flatMap { number in
            try objects.put(ofOneRecord: [
              bytes("object \(number) of \(thread)"), bytes("object \(number) of all"),
            ])
          }
        }
      }
      var digests: [Digest] = []
      for try await part in group { digests += part }
      return digests
    }
    writer.close()
    #expect(Set(digests).count == 6 * 60 + 60)
    let reader = log.objects
    for digest in digests { #expect(try Digest(of: reader.get(digest)) == digest) }
    #expect(throws: LogError.stopped) { try objects.put(ofOneRecord: [bytes("too late")]) }
  }

  private func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
    bytes.indices.contains { bytes[$0...].starts(with: part) }
  }
}

/// A log, and what its writer puts into packs.
private final class PackedLog {
  let log: RecordLog

  init() throws { log = try RecordLog() }

  var store: LogStore { log.store }
  /// Of a reader that knows nothing yet.
  var objects: ContentStore { store.objects }
  var folder: String { "\(store.directory)/.writ/objects/packs/" }
  var packs: [String] { names(in: folder).filter { $0.utf8.count == 20 } }
  var indexPaths: [String] {
    names(in: folder).filter { $0.utf8.count > 20 }.map { folder + $0 }
  }

  func packPath(_ number: Int) -> String { folder + packs[number] }

  /// As a process does that opens the log for this.
  func put(_ contents: [[UInt8]]) throws -> [Digest] {
    let writer = try log.writer()
    defer { writer.close() }
    return try writer.store.objects.put(ofOneRecord: contents)
  }
}
