// The quick way of a replay says "the same" where the long way does, and nowhere else: over requests of all kinds, each of which is
// asked of releases that differ in little, and over records in which a byte was changed.

import Foundation
import Testing
import Writ
import WritCrypto
import WritEvidence
import WritGraph
import WritModel
import WritTesting
import WritText

@Suite struct QuickReplayTests {
  @Test(arguments: [true, false]) func everyRecordIsPlainlyTheSame(_ isKnown: Bool) throws {
    let world = try CheckoutWorld(isKnown: isKnown)
    let entries = try world.fill()
    #expect(entries.count == 120)
    let (quick, long) = try (world.replayer, world.replayer)
    var (found, wanted) = (ReplaySummary(), ReplaySummary())
    for (index, entry) in entries.enumerated() {
      quick.replay(entry, at: UInt64(index), into: &found)
      long.replayWhole(entry, at: UInt64(index), into: &wanted)
    }
    #expect(found.plain == entries.count)
    #expect(wanted.same == entries.count)
    // Decisions of all sorts, or little was shown.
    #expect(world.outcomes == ["allow", "deny", "hold"])
  }

  /// What is written again of a request for another time is what is decided at that time: around the ends of a freeze, and with known and
  /// unknown freezes, whoever asks.
  @Test(arguments: [true, false]) func whatWasWrittenHoldsAsLongAsItIsTrue(_ isKnown: Bool) throws {
    let world = try CheckoutWorld(
      isKnown: isKnown,
      pagerSpeaks: ["2026-11-19T18:57:00Z", "2026-11-19T18:59:59Z", "2026-11-20T06:59:00Z"],
      othersSpeak: ["2026-11-19T18:20:00Z", "2026-11-20T06:20:00Z"])
    let edges = try ["2026-11-19T19:00:00Z", "2026-11-20T07:00:00Z"].map {
      try #require(Instant($0)).microseconds
    }
    var questions: [CheckoutWorld.Question] = []
    for step in 0..<45 {
      let offsets: [Int64] = [
        0, -1, 1, -1_000_000, 60_000_000, -90_000_000, 90_500_000, -2_000_000_000, 2_000_000_000,
      ]
      questions.append(
        CheckoutWorld.Question(
          number: step % 4, release: [2, 4][step % 2],
          environment: step % 3 == 0 ? "production-eu" : "production-us",
          caller: step % 13 == 12 ? "Identity/ben" : "Identity/deploy-bot",
          now: edges[step / 9 % 2] + offsets[step * 5 % 9], isQuestion: step % 11 == 10))
    }
    let entries = try world.record(questions)
    let (quick, long) = try (world.replayer, world.replayer)
    var (found, wanted) = (ReplaySummary(), ReplaySummary())
    for (index, entry) in entries.enumerated() {
      quick.replay(entry, at: UInt64(index), into: &found)
      long.replayWhole(entry, at: UInt64(index), into: &wanted)
    }
    #expect(found.plain == questions.count)
    #expect(wanted.same == questions.count)
    #expect(world.outcomes == ["allow", "deny", "hold"])
  }

  @Test(arguments: [true, false]) func aChangedByteIsSeen(_ isKnown: Bool) throws {
    let world = try CheckoutWorld(isKnown: isKnown)
    let entries = try world.fill()
    let (quick, long) = try (world.replayer, world.replayer)
    // So that what could be remembered is.
    var warm = ReplaySummary()
    for (index, entry) in entries.enumerated() {
      quick.replay(entry, at: UInt64(index), into: &warm)
    }
    var tally = (changed: 0, same: 0)
    for (number, entry) in entries.prefix(6).enumerated() {
      for place in stride(from: number, to: entry.count, by: 37) {
        var changed = entry
        changed[place] ^= 1
        // Others are refused by whoever reads a log.
        guard (try? EvidenceRecord(entry: changed)) != nil else { continue }
        var (found, wanted) = (ReplaySummary(), ReplaySummary())
        quick.replay(changed, at: 0, into: &found)
        long.replayWhole(changed, at: 0, into: &wanted)
        #expect(
          found.same == wanted.same, "byte \(place) of \(String(decoding: entry, as: UTF8.self))")
        #expect(found.findings == wanted.findings)
        tally.changed += 1
        tally.same += found.same
      }
    }
    #expect(tally.changed > 120)
    // What a replay does not rest on may be anything: ids, subjects, arguments.
    #expect(tally.same * 2 < tally.changed)
  }

  /// A request that is read off its bytes is the one that is read whole, and what is none is none.
  @Test(arguments: [true, false]) func aRequestIsReadOffItsBytes(_ isKnown: Bool) throws {
    let world = try CheckoutWorld(isKnown: isKnown)
    let decider = Decider(try PreparedEngine(world.engine))
    let now = try #require(Instant("2026-11-19T18:00:00Z")).microseconds
    let asking = Asking(caller: nil, now: now, asOf: now, isQuestion: false)
    let bytes = Array(world.request(7, "production-us").compact.utf8)
    var tally = (same: 0, refused: 0)
    for place in bytes.indices {
      for byte in [bytes[place] ^ 1, bytes[place] ^ 0x20, 0x22, 0x80] as [UInt8] {
        var changed = bytes
        changed[place] = byte
        let found = try? decider.decide(try decider.prepare(changed), asking, tracing: .on)
        let whole = try? decider.decide(
          try decider.prepare(Request(JSONValue(parsing: changed))), asking, tracing: .on)
        #expect(found?.decision == whole?.decision && found?.trace == whole?.trace)
        #expect(found?.arguments == whole?.arguments)
        if found == nil { tally.refused += 1 } else { tally.same += 1 }
      }
    }
    #expect(tally.same > 5)
    #expect(tally.refused > 200)
  }

  /// What lies in the store is looked at for every request that is new.
  @Test func aRequestThatWasChangedIsSeen() throws {
    let world = try CheckoutWorld(isKnown: true)
    let entries = try world.fill()
    let replay = LoggedRecord(entries[0]).predicate["replay"]
    // Of an older release every object has a file of its own.
    try world.store.unpack()
    for name in ["request", "snapshot", "bundle"] {
      let digest = try #require(replay?[name]?.string.flatMap { Digest($0) })
      let path = URL(fileURLWithPath: world.store.objects.path(of: digest))
      let bytes = try Data(contentsOf: path)
      for place in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 16)) {
        var changed = bytes
        changed[place] ^= 1
        try changed.write(to: path)
        var summary = ReplaySummary()
        try world.replayer.replay(entries[0], at: 0, into: &summary)
        #expect(summary.unreplayable == [.damaged: 1])
      }
      try bytes.write(to: path)
    }
  }

  /// In a pack as well: every byte of a request and of what stands in front of it.
  @Test func aRequestThatWasChangedInItsPackIsSeen() throws {
    let world = try CheckoutWorld(isKnown: true)
    let entries = try world.fill()
    let replay = LoggedRecord(entries[0]).predicate["replay"]
    let digest = try #require(replay?["request"]?.string.flatMap { Digest($0) })
    let path = try #require(world.store.packPaths.first)
    let bytes = try Data(contentsOf: path)
    let place = try #require(
      ObjectPack(Array(bytes))?.places.first { $0.digest == digest })
    for at in place.offset..<place.offset + 44 + place.count {
      // Which group it was of says nothing about it.
      if (4..<8).contains(at - place.offset) { continue }
      var changed = bytes
      changed[at] ^= 1
      try changed.write(to: path)
      var summary = ReplaySummary()
      try world.replayer.replay(entries[0], at: 0, into: &summary)
      // What stands in front of it says something else, or that there is nothing.
      #expect(
        summary.entries == 1 && summary.same + summary.different == 0
          && (at < place.offset + 44 || summary.unreplayable == [.damaged: 1]), "byte \(at)")
    }
    try bytes.write(to: path)
    var summary = ReplaySummary()
    try world.replayer.replay(entries[0], at: 0, into: &summary)
    #expect(summary.plain == 1)
  }

  /// A log of this release and one in which every object has a file of its own replay alike.
  @Test func packsAndFilesReplayAlike() throws {
    let world = try CheckoutWorld(isKnown: false)
    let entries = try world.fill()
    func summary() throws -> ReplaySummary {
      let replayer = try world.replayer
      var summary = ReplaySummary()
      for (index, entry) in zip(0..., entries) {
        replayer.replay(entry, at: UInt64(index), into: &summary)
      }
      return summary
    }
    let packed = try summary()
    #expect(!world.store.packPaths.isEmpty)
    try world.store.unpack()
    #expect(world.store.packPaths.isEmpty)
    #expect(try summary() == packed)
    #expect(packed.plain > 100)
  }
}

extension LogStore {
  private var packFolder: URL { URL(fileURLWithPath: "\(directory)/.writ/objects/packs") }

  /// The packs of the log.
  var packPaths: [URL] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: packFolder.path)) ?? []
    return names.filter { $0.utf8.count == 20 }.sorted().map {
      packFolder.appendingPathComponent($0)
    }
  }

  /// Gives each object in a pack a file of its own.
  func unpack() throws {
    let objects = objects
    for digest in try objects.digests() { try objects.put(try objects.get(digest)) }
    try FileManager.default.removeItem(at: packFolder)
  }
}

/// A log of decisions on releases of policies/checkout.
private final class CheckoutWorld {
  let store: LogStore
  private(set) var outcomes: Set<String> = []
  let engine: Engine
  private let bundle: [UInt8]
  private let signer: NoteSigner
  private let folder: String
  private let isKnown: Bool

  /// - Parameter isKnown: Releases are in the graph; requests bring them otherwise.
  init(isKnown: Bool, pagerSpeaks: [String] = [], othersSpeak: [String] = []) throws {
    self.isKnown = isKnown
    var text = Corpus.text("policies/checkout/checkout.writ")
    if isKnown {
      text.replace("node Release from request", with: "node Release from catalog")
      // One that tells which release it is.
      text.replace(
        "when env.region == eu {",
        with: "deny odd: release.image == \"r7\" \"{release} is odd\"\n  when env.region == eu {")
    }
    let compilation = compile([SourceFile(name: "checkout.writ", bytes: Array(text.utf8))], root: 0)
    let program = try #require(compilation.program, "\(compilation)")
    bundle = try bundleFile(program, BundleOptions(settings: [], approvers: [], revision: 0))
    let loaded = try LoadedBundle(file: bundle)
    var facts = Corpus.bytes("policies/checkout/graph.jsonl")
    if isKnown {
      for release in 0..<30 {
        for fact in CheckoutWorld.facts(release) {
          fact.appendCompact(to: &facts)
          facts.append(0x0a)
        }
      }
      // Of one the catalog spoke by name, later than of all.
      facts +=
        "{\"source\":\"catalog\",\"at\":\"2026-11-19T07:00:00Z\",\"covers\":\"Release/r5\"}\n".utf8
    }
    let heard =
      pagerSpeaks.map { ("pager", $0) }
      + othersSpeak.flatMap { time in ["ci", "slo", "scanner", "catalog"].map { ($0, time) } }
    for (source, time) in heard {
      facts += "{\"source\":\"\(source)\",\"at\":\"\(time)\",\"covers\":\"*\"}\n".utf8
    }
    engine = Engine(
      bundle: loaded, snapshot: try snapshot([(name: "facts", bytes: facts)], for: loaded))
    folder = FileManager.default.temporaryDirectory.path + "/writ-quick-" + UUID().uuidString
    let key = try #require(Ed25519PrivateKey(seed: (0..<32).map { UInt8($0) }))
    signer = NoteSigner(name: try #require(KeyName("log.example/quick")), key: key)
    store = try LogStore.create(directory: folder, origin: signer.name, keyPath: "log.key")
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  var replayer: Replayer {
    get throws { Replayer(objects: store.objects, snapshots: SnapshotCache()) }
  }

  /// A gate asked about a release.
  struct Question {
    /// Every fourth names the gate in short.
    let number: Int
    let release: Int
    let environment: String
    let caller: String?
    let now: Int64
    let isQuestion: Bool
  }

  /// Each release asked twice for each environment, over twenty minutes in which the pager falls silent.
  func fill() throws -> [[UInt8]] {
    let first = try #require(Instant("2026-11-19T17:55:00.25Z")).microseconds
    return try record(
      (0..<120).map { number in
        Question(
          number: number, release: number * 7 % 30,
          environment: number / 30 % 2 == 0 ? "production-eu" : "production-us",
          caller: ["Identity/deploy-bot", "Identity/anna", nil][number % 3],
          now: first + Int64(number) * 10_000_001, isQuestion: number % 5 == 0)
      })
  }

  /// The entries of decisions on questions.
  func record(_ questions: [Question]) throws -> [[UInt8]] {
    let writer = try RecordWriter(store: store, signer: signer)
    defer { writer.close() }
    var drafts: [RecordDraft] = []
    for (place, question) in questions.enumerated() {
      var json = request(question.release, question.environment)
      if question.number % 4 == 0 { json = json.setting("gate", to: "ship") }
      let asking = Asking(
        caller: question.caller, now: question.now, asOf: question.now,
        isQuestion: question.isQuestion)
      let request = try Request(json)
      let run = try engine.decide(request, asking, tracing: .on)
      outcomes.insert(run.decision.outcome.rawValue)
      let inputs = DecisionInputs(
        bundle: bundle, snapshot: engine.snapshot.fileBytes, request: json)
      drafts.append(try engine.draft(run, of: request, inputs, in: writer.store, id: "\(place)"))
    }
    _ = try writer.append(group: drafts, clock: questions[0].now)
    try writer.publish()
    let reader = try LogReader(store: store, keys: [signer.verifierKey])
    return try (0..<reader.size).map { try reader.entry(at: $0) }
  }

  func request(_ release: Int, _ environment: String) -> JSONValue {
    let json: JSONValue = [
      "gate": "checkout.ship",
      "arguments": [
        "release": .string("Release/r\(release)"), "env": .string("Environment/\(environment)"),
      ],
    ]
    return isKnown ? json : json.setting("facts", to: .array(CheckoutWorld.facts(release)))
  }

  private static func facts(_ release: Int) -> [JSONValue] {
    let name: JSONValue = .string("Release/r\(release)")
    let author = ["anna", "ben", "ines"][release % 3]
    let service = ["checkout", "payments", "inventory", "fraud", "identity"][release % 5]
    var facts: [JSONValue] = [
      [
        "node": "Release", "id": .string("r\(release)"), "props": ["image": .string("r\(release)")],
      ],
      ["edge": "service", "from": name, "to": .string("Service/\(service)"), "props": [:]],
    ]
    // Of some the author is not known.
    if release % 7 != 3 {
      facts.append(
        ["edge": "author", "from": name, "to": .string("Identity/\(author)"), "props": [:]])
    }
    return facts
  }
}
