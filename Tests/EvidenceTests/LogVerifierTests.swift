// Verification of whole logs: a published one, our own, and every changed byte.
import Glibc
import Testing
import WritCrypto
import WritEvidence
import WritModel

@Suite struct LogVerifierTests {
  private let directory: TemporaryDirectory
  private var path: String { directory.path + "/log" }

  init() throws { directory = try TemporaryDirectory() }

  @Test func publishedLogs() throws {
    for item in try #require(try vectors("logs/logs.json").array) {
      let store = LogStore(directory: vectorDirectory + "/logs/" + (try text(item, "dir")))
      let keys = try keys(item)
      let origin = try #require(keys.first).name.description
      for old in try #require(item["old"]?.array).compactMap(\.string) {
        let since = try contents(of: vectorDirectory + "/logs/" + old)
        let result = try verifyLog(store, keys: keys, origin: origin, since: since)
        #expect(result.isWhole == item["valid"]?.bool, "\(result.findings)")
        #expect(result.signed?.checkpoint.size == item["size"]?.integer.map { UInt64($0) })
      }
      let reader = try LogReader(store: store, keys: keys)
      for index in 0..<reader.size {
        let bundle = try reader.proofBundle(index: index)
        #expect(throws: Never.self) { try bundle.verify(keys: keys, origin: origin) }
      }
    }
  }

  @Test func everyChangedByteOfAPublishedLogIsFound() throws {
    let item = try #require(try vectors("logs/logs.json").array?.first)
    let keys = try keys(item)
    let origin = try #require(keys.first).name.description
    try copy(vectorDirectory + "/logs/tessera-15", to: path)
    let store = LogStore(directory: path)
    for file in files(below: path) where file.hasPrefix("tile/") || file == "checkpoint" {
      let good = try contents(of: "\(path)/\(file)")
      for index in stride(from: 0, to: good.count, by: 5) {
        var changed = good
        changed[index] ^= 1
        try write(changed, to: "\(path)/\(file)")
        let result = try verifyLog(store, keys: keys, origin: origin, since: nil)
        #expect(result.findings.map(\.path) == [file], "\(file) \(index) \(result.findings)")
      }
      try write(good, to: "\(path)/\(file)")
    }
    #expect(try verifyLog(store, keys: keys, origin: origin, since: nil).isWhole)
  }

  @Test func everyChangedByteOfASmallLogIsFound() throws {
    let (_, writer) = try newLog(path)
    for size in [1, 3, 5] {
      _ = try writer.append(group: entries(Int(writer.size)..<size))
      try writer.publish()
    }
    writer.close()
    try expectEveryChangeFound(step: 1)
  }

  @Test func changesInALogOfSeveralTilesAreFound() throws {
    let (_, writer) = try newLog(path)
    for size in [100, 300, 520] {
      _ = try writer.append(group: entries(Int(writer.size)..<size))
      try writer.publish()
    }
    writer.close()
    try expectEveryChangeFound(step: 1009)
  }

  /// Changes single bytes of every file outside `.writ` and expects the file to be named.
  private func expectEveryChangeFound(step: Int) throws {
    for file in files(below: path) where !file.hasPrefix(".writ/") {
      let good = try contents(of: "\(path)/\(file)")
      for index in stride(from: 0, to: good.count, by: step) {
        var changed = good
        changed[index] ^= 1 << UInt8(index % 8)
        try write(changed, to: "\(path)/\(file)")
        let result = try verify(path)
        #expect(!result.isWhole, "\(file) \(index)")
        #expect(Set(result.findings.map(\.path)) == [file], "\(file) \(index) \(result.findings)")
      }
      for wrong in [Array(good.dropLast()), good + [0], []] {
        try write(wrong, to: "\(path)/\(file)")
        #expect(Set(try verify(path).findings.map(\.path)) == [file], "\(file)")
      }
      try write(good, to: "\(path)/\(file)")
    }
    #expect(try verify(path).isWhole)
  }

  @Test func theChangedEntryIsNamed() throws {
    let (_, writer) = try newLog(path)
    _ = try writer.append(group: entries(0..<300))
    try writer.publish()
    let bundle = path + "/tile/entries/000"
    var changed = try contents(of: bundle)
    let start = entries(0..<77).reduce(0) { $0 + $1.count + 2 }
    changed[start + 4] ^= 1
    try write(changed, to: bundle)
    let result = try verify(path)
    #expect(result.findings.map(\.index) == [77])
    #expect(
      result.findings.map(\.description) == [
        "tile/entries/000: entry 77 is not the one that was logged"
      ])
    let reader = try LogReader(
      store: LogStore(directory: path), keys: [workedSigner().verifierKey])
    #expect(throws: LogError.self) { try reader.entry(at: 77) }
    #expect(throws: LogError.self) { try reader.proofBundle(index: 77) }
    #expect(throws: LogError.self) { try reader.bundle(0) }
    #expect(try reader.entry(at: 76) == entries(76..<77)[0])
    #expect(try reader.entry(at: 299) == entries(299..<300)[0])
  }

  @Test func missingFilesAreFound() throws {
    let (_, writer) = try newLog(path)
    _ = try writer.append(group: entries(0..<300))
    try writer.publish()
    for file in [
      "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000",
      "tile/entries/001.p/44",
    ] {
      rename("\(path)/\(file)", path + "/kept")
      let result = try verify(path)
      #expect(result.findings.map(\.description) == ["\(file): is missing"])
      rename(path + "/kept", "\(path)/\(file)")
    }
    unlink(path + "/checkpoint")
    #expect(throws: LogError.missing(path: path + "/checkpoint")) { try verify(path) }
  }

  @Test func aLogThatWasRewrittenIsFoundByAnOldCheckpoint() throws {
    let (_, writer) = try newLog(path)
    _ = try writer.append(group: entries(0..<10))
    try writer.publish()
    writer.close()
    let since = try contents(of: path + "/checkpoint")
    let other = directory.path + "/other"
    let (_, forger) = try newLog(other)
    _ = try forger.append(group: entries(1..<13))
    try forger.publish()
    forger.close()
    #expect(try verify(other).isWhole)
    #expect(
      try verify(other, since: since).findings.map(\.message) == [
        "does not extend the older checkpoint of size 10"
      ])
    let short = directory.path + "/short"
    let (_, truncater) = try newLog(short)
    _ = try truncater.append(group: entries(0..<9))
    try truncater.publish()
    #expect(
      try verify(short, since: since).findings.map(\.message) == [
        "has size 9, and 10 was signed before"
      ])
    #expect(try !verify(path, since: bytes("nonsense")).isWhole)
  }

  @Test func anotherKeyOrOriginIsNotTaken() throws {
    let (store, writer) = try newLog(path)
    try writer.publish()
    let signer = try workedSigner()
    let other = VerifierKey(
      name: signer.name, algorithm: .ed25519, publicKey: try workedKey(from: 0x20).publicKey)
    let byOther = try verifyLog(store, keys: [other], origin: "log.example/writ", since: nil)
    #expect(!byOther.isWhole)
    let elsewhere = try verifyLog(store, keys: [signer.verifierKey], origin: "log", since: nil)
    #expect(!elsewhere.isWhole)
  }

  @Test func leftoversOfALargerSizeAreHarmless() throws {
    let (_, writer) = try newLog(path)
    _ = try writer.append(group: entries(0..<200))
    try writer.publish()
    _ = try writer.append(group: entries(200..<600))
    try writer.crash(after: .signed)
    try expectWhole(path, entries(0..<200))
    var full = try contents(of: path + "/tile/0/000")
    full[0] ^= 1
    try write(full, to: path + "/tile/0/000")
    #expect(try verify(path).findings.map(\.path) == ["tile/0/000"])
  }
}

@Suite struct ContentStoreTests {
  @Test func contentIsFoundByDigest() throws {
    let directory = try TemporaryDirectory()
    let (store, writer) = try newLog(directory.path + "/log")
    writer.close()
    let digest = try store.objects.put(bytes("bundle"))
    #expect(digest == Digest(of: bytes("bundle")))
    #expect(try store.objects.put(bytes("bundle")) == digest)
    #expect(try store.objects.get(digest) == bytes("bundle"))
    #expect(store.objects.contains(digest))
    let hex = digest.hex
    let path = "\(directory.path)/log/.writ/objects/sha256/\(hex.prefix(2))/\(hex.dropFirst(2))"
    #expect(store.objects.path(of: digest) == path)
    let other = Digest(of: [UInt8]())
    #expect(!store.objects.contains(other))
    #expect(throws: LogError.missing(path: store.objects.path(of: other))) {
      try store.objects.get(other)
    }
    try write(bytes("Bundle"), to: path)
    #expect(throws: LogError.self) { try store.objects.get(digest) }
    // Putting it again mends it.
    try store.objects.put(bytes("bundle"))
    #expect(try store.objects.get(digest) == bytes("bundle"))
  }
}
