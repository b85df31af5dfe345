// Erasing on a disk that loses power at every act: what was begun is finished, once, and nothing is left.
import Glibc
import Testing
import WritCrypto
import WritEvidence
import WritModel
import WritSimulation
import WritTesting

/// A log on a simulated disk that holds two people.
private struct ErasableLog {
  let image: DiskImage
  let anna: DisclosureDigest
  let bob: DisclosureDigest

  init() throws {
    let disk = SimulatedDisk()
    let store = LogStore(directory: "/log", disk: disk)
    try store.create(origin: try workedSigner().name, keyPath: "key")
    let session = try store.disclosures.session()
    anna = try session.digest(of: "anna-of-troy", name: "Identity")
    bob = try session.digest(of: "bob-of-troy", name: "Identity")
    _ = try session.digest(of: "+49 555", name: "Identity.phone", of: ["Identity/anna-of-troy"])
    let envelope: JSONValue = ["payload": .string(Base64.encode(bytes("by anna-of-troy")))]
    _ = try session.seal(envelope, name: "approval", of: [])
    _ = try session.seal("bob's", name: "approval", of: ["Identity/bob-of-troy"])
    let request = try store.objects.put(bytes("by Identity/\(anna.token)"))
    _ = try session.seal("sha256:0", name: "decision", of: [request.description])
    try session.commit()
    try session.remember(.same, of: Digest(of: [1]))
    session.close()
    let writer = try RecordWriter(store: store, signer: try workedSigner())
    _ = try writer.append(
      decision("1", about: ["Service/web"], caller: "Identity/\(anna.token)"), clock: tuesday)
    try writer.publish()
    writer.close()
    image = disk.image
  }

  static let ground = "GDPR Art. 17(1)(b)"

  @discardableResult
  static func erase(on disk: SimulatedDisk, id: String = "e") throws -> Erasure {
    let store = LogStore(directory: "/log", disk: disk)
    return try store.erase(
      .node("Identity/anna-of-troy"), ground: ground, id: id, signer: try workedSigner(),
      clock: tuesday + minute)
  }

  /// The erasures in the log, by what they name.
  static func erasures(on disk: SimulatedDisk) throws -> [[DisclosureDigest]] {
    let store = LogStore(directory: "/log", disk: disk)
    let reader = try LogReader(store: store, keys: [try workedSigner().verifierKey])
    return try (0..<reader.size).compactMap { index in
      EraseRecord(try Statement(parsing: try reader.entry(at: index)))?.digests
    }
  }

  /// Every file of the disk.
  static func files(on disk: SimulatedDisk, in folder: String = "/log") throws -> [[UInt8]] {
    try disk.names(in: folder).flatMap { name -> [[UInt8]] in
      let path = "\(folder)/\(name)"
      if let content = try? disk.read(path, limit: 1 << 30) { return [content] }
      return try files(on: disk, in: path)
    }
  }
}

/// The forms in which a value could lie in a file.
func formsOf(_ value: String) -> [[UInt8]] {
  let plain = Array(value.utf8)
  var forms = [plain, Array(Hex.encode(plain).utf8), Array(Hex.encode(plain).uppercased().utf8)]
  // In base64 the value begins at any of three places; what its neighbours share with it is left out.
  for shift in 0..<3 {
    let padded = [UInt8](repeating: 0, count: shift) + plain
    let whole = padded.count / 3 * 3
    for text in [Base64.encode(padded[..<whole]), Base64.encodeURL(padded[..<whole])] {
      forms.append(Array(Array(text.utf8).dropFirst(shift == 0 ? 0 : 4)))
    }
  }
  return forms
}

/// Whether a value lies in a file in any of its forms.
func holds(_ file: [UInt8], _ value: String) -> Bool {
  formsOf(value).contains { form in
    guard let first = form.first else { return false }
    return file.withUnsafeBytes { whole in
      guard let base = whole.baseAddress else { return false }
      var start = 0
      while whole.count - start >= form.count,
        let found = memchr(base + start, Int32(first), whole.count - start)
      {
        start = UnsafeRawPointer(found) - base
        if whole[start...].starts(with: form) { return true }
        start += 1
      }
      return false
    }
  }
}

@Suite struct ErasureTests {
  @Test func whatIsErasedIsInNoFileAndTheRestIs() throws {
    let log = try ErasableLog()
    let disk = SimulatedDisk(log.image)
    // The search finds it before.
    #expect(try ErasableLog.files(on: disk).contains { holds($0, "anna-of-troy") })
    let erasure = try ErasableLog.erase(on: disk)
    // Her id, her phone, an envelope that mentions her, and a decision that rests on her.
    #expect(erasure.digests.count == 4)
    #expect(try ErasableLog.erasures(on: disk) == [erasure.digests])
    let files = try ErasableLog.files(on: disk)
    for value in ["anna-of-troy", "+49 555"] {
      #expect(!files.contains { holds($0, value) }, "\(value) is still there")
    }
    let opened = try LogStore(directory: "/log", disk: disk).disclosures.opened()
    #expect(opened.text(log.bob) == "bob-of-troy")
    #expect(opened.text(log.anna) == nil)
    // Nothing is left to erase; nothing is said a second time.
    #expect(try ErasableLog.erase(on: disk, id: "f").digests.isEmpty)
    #expect(try ErasableLog.erasures(on: disk).count == 1)
  }

  @Test func powerLossAtAnyActLeavesNothingHalfDone() throws {
    let log = try ErasableLog()
    let whole = SimulatedDisk(log.image)
    let expected = try ErasableLog.erase(on: whole).digests
    let acts = whole.count
    #expect(acts > 20)
    var random = SplitMix64(seed: 17)
    var finished = 0
    for act in 0..<acts {
      for survival in [Survival.none, .all, .some] {
        let disk = SimulatedDisk(log.image, seed: UInt64(act))
        disk.plan(.powerLoss, at: act)
        #expect(throws: LogError.self) { try ErasableLog.erase(on: disk) }
        let left = SimulatedDisk(disk.image.afterPowerLoss(survival, using: &random))
        try checkBefore(left, log)
        let again = try ErasableLog.erase(on: left, id: "again")
        if again.hasFinishedEarlier { finished += 1 }
        // Once, under whichever of the two ids; and nothing of it in any file.
        let said = try ErasableLog.erasures(on: left)
        #expect(said == [expected], "act \(act), \(survival)")
        let files = try ErasableLog.files(on: left)
        #expect(!files.contains { holds($0, "anna-of-troy") }, "act \(act), \(survival)")
        #expect(try !LogStore(directory: "/log", disk: left).disclosures.isErasing())
      }
    }
    #expect(finished > 20)
  }

  /// After a crash a value is gone only if the log says so, and others' never.
  private func checkBefore(_ disk: SimulatedDisk, _ log: ErasableLog) throws {
    let opened = try LogStore(directory: "/log", disk: disk).disclosures.opened()
    #expect(opened.text(log.bob) == "bob-of-troy")
    if opened.text(log.anna) == nil {
      #expect(try ErasableLog.erasures(on: disk).count == 1)
    }
  }

  @Test func whatCameBackIsFound() throws {
    let log = try ErasableLog()
    let disk = SimulatedDisk(log.image)
    let store = LogStore(directory: "/log", disk: disk)
    let before = try #require(try disk.read("/log/.writ/disclosures/values", limit: 1 << 20))
    try ErasableLog.erase(on: disk)
    #expect(try findings(store) == [])
    try write(String(decoding: before, as: UTF8.self), to: "values", on: disk)
    #expect(try findings(store) == [1, 1])
    try write("{}", to: "erasing", on: disk)
    #expect(try findings(store) == [1, 1, nil])
  }

  private func findings(_ store: LogStore) throws -> [UInt64?] {
    let reader = try LogReader(store: store, keys: [try workedSigner().verifierKey])
    var verification = try verifyRecords(reader) { _ in }
    try verification.checkErasures(in: store)
    return verification.findings.map(\.index)
  }

  @Test func powerLossWhileSomebodyIsAddedHidesNothingFromAnErasure() throws {
    let log = try ErasableLog()
    func add(_ disk: SimulatedDisk) throws {
      let session = try LogStore(directory: "/log", disk: disk).disclosures.session()
      defer { session.close() }
      _ = try session.digest(
        of: "+49 777", name: "Identity.phone", of: ["Identity/anna-of-troy"])
      _ = try session.seal("by hand of +49 777", name: "approval", of: ["Identity/anna-of-troy"])
      try session.commit()
    }
    let whole = SimulatedDisk(log.image)
    try add(whole)
    var random = SplitMix64(seed: 3)
    for act in 0..<whole.count {
      for survival in [Survival.none, .all, .some] {
        let disk = SimulatedDisk(log.image, seed: UInt64(act))
        disk.plan(.powerLoss, at: act)
        #expect(throws: LogError.self) { try add(disk) }
        let left = SimulatedDisk(disk.image.afterPowerLoss(survival, using: &random))
        try ErasableLog.erase(on: left)
        let files = try ErasableLog.files(on: left)
        #expect(!files.contains { holds($0, "+49 777") }, "act \(act), \(survival)")
      }
    }
  }

  @Test func oneValueIsErasedByItsDigest() throws {
    let log = try ErasableLog()
    let disk = SimulatedDisk(log.image)
    let store = LogStore(directory: "/log", disk: disk)
    let session = try store.disclosures.session()
    let phone = try session.digest(
      of: "+49 555", name: "Identity.phone", of: ["Identity/anna-of-troy"])
    session.close()
    let erasure = try store.erase(
      .digests([phone]), ground: "wish", id: "e", signer: try workedSigner(), clock: tuesday)
    #expect(erasure.digests == [phone])
    let opened = try store.disclosures.opened()
    #expect(opened.text(phone) == nil)
    #expect(opened.text(log.anna) == "anna-of-troy")
  }

  @Test func aGroundIsALine() throws {
    let log = try ErasableLog()
    let store = LogStore(directory: "/log", disk: SimulatedDisk(log.image))
    for ground in ["", "a\nb", String(repeating: "x", count: 257)] {
      #expect(throws: LogError.self) {
        try store.erase(
          .digests([log.anna]), ground: ground, id: "e", signer: try workedSigner(), clock: 0)
      }
    }
  }

  @Test func whoeverAddsWaitsForWhoeverErases() throws {
    let log = try ErasableLog()
    let store = LogStore(directory: "/log", disk: SimulatedDisk(log.image))
    let session = try store.disclosures.session()
    #expect(throws: LogError.locked(path: "/log/.writ/disclosures/lock")) {
      try store.disclosures.session()
    }
    #expect(throws: LogError.locked(path: "/log/.writ/disclosures/lock")) {
      try store.erase(
        .digests([log.anna]), ground: "x", id: "e", signer: try workedSigner(), clock: 0)
    }
    session.close()
    #expect(try store.disclosures.session().text(log.anna) == "anna-of-troy")
  }

  @Test func aDamagedStoreIsSaidToBeDamaged() throws {
    let log = try ErasableLog()
    let disk = SimulatedDisk(log.image)
    let store = LogStore(directory: "/log", disk: disk)
    try write("{}", to: "erasing", on: disk)
    #expect(throws: LogError.self) { try ErasableLog.erase(on: disk) }
    try write("{}\n", to: "values", on: disk)
    #expect(throws: LogError.self) { try store.disclosures.opened() }
    #expect(throws: LogError.self) { try store.disclosures.session() }
  }

  private func write(_ text: String, to name: String, on disk: SimulatedDisk) throws {
    let file = try disk.create("/log/.writ/disclosures/\(name)")
    defer { disk.close(file) }
    try bytes(text).withUnsafeBytes { try disk.write($0, to: file, at: 0) }
  }
}
