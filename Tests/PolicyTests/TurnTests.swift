// Decisions one after another: each on what the log says of those before it, however many ask at once.

import Foundation
import Synchronization
import Testing
import Writ
import WritCrypto
import WritEvidence
import WritGraph
import WritModel
import WritTesting
import WritText

@Suite("Decisions in turn") struct TurnTests {
  /// At most ten changes in ten minutes, and three services in a day.
  static let policy = """
    policy rate version 1
    node Team { name: String key }
    node Identity { name: String key }
    node Service { owner -> Team }
    node Deed from request {
      at: Instant
      action: String
      result: String?
      region: String?
      by -> Identity inverse deeds
      service -> Service inverse deeds
      owner -> Team
    }
    gate change(service: Service) {
      require somebody: caller is not absent else "nobody asks"
      deny runaway: for c in caller where count(c.deeds where at within 10m) >= 10
        "{c} has changed ten things in ten minutes"
      deny tooWide: for c in caller
        where count(distinct (c.deeds where at within 24h).service + service) > 3
        "{c} would touch more than three services in a day"
      deny failing: for c in caller where count(c.deeds where (result ?? "") == "failed") >= 2
        "two changes of {c} have failed"
    }
    action deploy(service: Service, region: String)
      kind deploy
      guarded by change(service)
      effect staging
    {
      run "./deploy.sh" service
    }
    """

  /// A log, an engine, and what a control plane does with them.
  final class Shop: Sendable {
    let engine: Engine
    let bundle: [UInt8]
    let store: LogStore
    let signer: NoteSigner
    private let folder: String
    let now: Int64 = 1_795_082_400_000_000

    init() throws {
      let compilation = compile([SourceFile(name: "rate.writ", text: TurnTests.policy)], root: 0)
      #expect(compilation.diagnostics.map(\.message) == [])
      let program = try #require(compilation.program)
      bundle = try bundleFile(program, BundleOptions(settings: [], approvers: [], revision: 0))
      var builder = SnapshotBuilder(program.program.schema)
      var facts = #"{"node":"Team","id":"shop","props":{}}"# + "\n"
      for name in ["bot", "ann"] {
        facts += #"{"node":"Identity","id":"\#(name)","props":{}}"# + "\n"
      }
      for number in 0..<50 {
        facts += #"{"node":"Service","id":"s\#(number)","props":{}}"# + "\n"
        facts +=
          #"{"edge":"owner","from":"Service/s\#(number)","to":"Team/shop","props":{}}"# + "\n"
      }
      builder.read(Array(facts.utf8), named: "facts")
      engine = Engine(bundle: try LoadedBundle(file: bundle), snapshot: try builder.build())
      folder = FileManager.default.temporaryDirectory.path + "/writ-turns-" + UUID().uuidString
      let key = try #require(Ed25519PrivateKey(seed: (0..<32).map { UInt8($0) }))
      signer = NoteSigner(name: try #require(KeyName("log.example/turns")), key: key)
      store = try LogStore.create(
        directory: folder + "/log", origin: signer.name, keyPath: "log.key")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var origin: String { signer.name.description }

    /// What the log says of deeds, as facts.
    func facts(
      _ history: SubjectReader, at now: Int64, asking place: RunPlace? = nil
    ) throws -> [JSONValue] {
      let deeds = try #require(
        try history.deeds(
          about: Deed.subjectName(of: origin), since: now - engine.bundle.deedHorizon, now: now,
          asking: place))
      return engine.facts(of: deeds, now: now, opening: try store.disclosures.opened())
    }

    /// Decides in turn, and reserves what is allowed.
    func change(
      _ service: String, by caller: String = "bot", after minutes: Int64 = 0,
      in place: RunPlace? = nil
    ) throws -> (outcome: Outcome, entry: UInt64) {
      let now = now + minutes * 60_000_000
      var outcome = Outcome.deny
      while true {
        do throws(RecorderError) {
          let recorded = try append(
            inTurnTo: store, signer: signer, clock: { now }, uptime: { nil }
          ) { (turn) throws(RecorderError) in
            do {
              let (draft, decided) = try self.draft(service, caller, now, try turn.history(), place)
              outcome = decided
              return draft
            } catch {
              throw .request(RequestError("\(error)"))
            }
          }
          return (outcome, recorded.index)
        } catch {
          guard case .log(.locked) = error else { throw error }
          sched_yield()
        }
      }
    }

    private func draft(
      _ service: String, _ caller: String, _ now: Int64, _ history: SubjectReader,
      _ place: RunPlace?
    ) throws -> (RecordDraft, Outcome) {
      let json: JSONValue = [
        "action": "deploy",
        "arguments": ["service": .string("Service/\(service)"), "region": "eu"],
        "facts": .array(try facts(history, at: now, asking: place)),
      ]
      let request = try engine.resolved(try Request(json))
      let asking = Asking(caller: "Identity/\(caller)", now: now, asOf: now, isQuestion: false)
      let run = try engine.decide(request, asking, tracing: .on)
      var notes = DecisionNotes(
        action: Digest(of: Array(service.utf8)),
        run: place.map { RunContext($0, head: Digest(of: [])) })
      if run.decision.outcome == .allow { notes.deedsOf = origin }
      let inputs = DecisionInputs(
        bundle: bundle, snapshot: engine.snapshot.fileBytes, request: json)
      let draft = try engine.draft(
        run, of: request, inputs, in: store, id: Hex.encode(try randomBytes(16)),
        notes: notes)
      return (draft, run.decision.outcome)
    }

    func reader() throws -> LogReader { try LogReader(store: store, keys: [signer.verifierKey]) }

    func history() throws -> SubjectReader { try SubjectReader(try reader(), of: store) }

    /// Records that a permit was issued for a decision, and perhaps what became of it.
    func follow(_ entry: UInt64, with outcome: String?) throws {
      let reader = try reader()
      let subjects = LoggedRecord(try reader.entry(at: entry)).statement?.subjects ?? []
      let action = JSONMember("action", .string(Digest(of: []).description))
      let same = [
        action, JSONMember("decision", .integer(Int64(entry))), JSONMember("permit", "p"),
        JSONMember("delegate", "eu-1"),
      ]
      let permit = RecordDraft(
        type: PredicateType.permitIssued, kind: .permit, id: "permit-\(entry)",
        subjects: subjects,
        members: same + [JSONMember("fence", 1), JSONMember("expires", "2026-11-19T10:01:00Z")])
      let result = outcome.map {
        RecordDraft(
          type: PredicateType.actionResult, kind: .result, id: "result-\(entry)",
          subjects: subjects, members: same + [JSONMember("outcome", .string($0))])
      }
      let writer = try RecordWriter(store: store, signer: signer)
      defer { writer.close() }
      for draft in [permit, result].compactMap({ $0 }) { _ = try writer.append(draft, clock: now) }
      try writer.publish()
    }
  }

  @Test("the eleventh change in ten minutes is denied, and one of somebody else is not")
  func eleventh() throws {
    let shop = try Shop()
    for index in 0..<10 {
      let (outcome, entry) = try shop.change("s0")
      #expect(outcome == .allow, "\(index)")
      try shop.follow(entry, with: "succeeded")
    }
    #expect(try shop.change("s0").outcome == .deny)
    #expect(try shop.change("s0", by: "ann").outcome == .allow)
    #expect(try shop.change("s0", after: 11).outcome == .allow)
  }

  @Test("fifty who ask at once touch no more services than those who ask one after another")
  func atOnce() throws {
    let shop = try Shop()
    let allowed = Mutex<[Int]>([])
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 50) { number in
      do {
        if try shop.change("s\(number)").outcome == .allow {
          allowed.withLock { $0.append(number) }
        }
      } catch {
        failures.withLock { $0.append("\(error)") }
      }
    }
    #expect(failures.withLock { $0 } == [])
    #expect(allowed.withLock { $0 }.count == 3)
    // What was decided on is in each record: all of them can be made again.
    let replayer = Replayer(
      objects: shop.store.objects, disclosures: shop.store.disclosures,
      snapshots: SnapshotCache())
    var summary = ReplaySummary()
    let reader = try shop.reader()
    for index in 0..<reader.size {
      replayer.replay(try reader.entry(at: index), at: index, into: &summary)
    }
    #expect(summary.same == 50 && summary.different == 0, "\(summary.findings)")
  }

  @Test("what was reserved lapses: after a minute without a permit, and when the delegate refuses")
  func lapses() throws {
    let shop = try Shop()
    for _ in 0..<10 { #expect(try shop.change("s0").outcome == .allow) }
    #expect(try shop.change("s0").outcome == .deny)
    #expect(try shop.change("s0", after: 2).outcome == .allow)
    let other = try Shop()
    var last: UInt64 = 0
    for _ in 0..<10 {
      last = try other.change("s0").entry
      try other.follow(last, with: last == 0 ? nil : "succeeded")
    }
    // A permit without a result may have been used: it does not lapse.
    #expect(try other.change("s0", after: 2).outcome == .deny)
    let third = try Shop()
    for index in 0..<10 {
      let entry = try third.change("s0").entry
      try third.follow(entry, with: index == 5 ? "refused" : "errored")
    }
    #expect(try third.change("s0").outcome == .allow)
    #expect(try third.change("s0").outcome == .deny)
  }

  @Test("an attempt that is asked again takes the place that was reserved for it, and no other's")
  func renews() throws {
    let shop = try Shop()
    let place = RunPlace(id: "r", step: "go/deploy", round: 1, attempt: 1)
    for number in 0..<9 {
      let other = RunPlace(id: "r", step: "go/deploy", round: 1, attempt: number + 2)
      #expect(try shop.change("s0", in: other).outcome == .allow)
    }
    for _ in 0..<5 { #expect(try shop.change("s0", in: place).outcome == .allow) }
    #expect(try shop.change("s0").outcome == .deny)
    #expect(
      try shop.change("s0", in: RunPlace(id: "r", step: "go/deploy", round: 2, attempt: 1))
        .outcome == .deny)
  }

  @Test("a policy sees of a deed who acts, with what, where that leads, and how it ended")
  func fields() throws {
    let shop = try Shop()
    let entry = try shop.change("s7").entry
    func props() throws -> JSONValue? {
      try shop.facts(try shop.history(), at: shop.now).first { $0["node"]?.string == "Deed" }?[
        "props"]
    }
    #expect(try props()?["action"]?.string == "rate.deploy" && props()?["region"]?.string == "eu")
    #expect(try props()?["result"] == nil)
    try shop.follow(entry, with: "failed")
    #expect(try props()?["result"]?.string == "failed")
    let edges = try shop.facts(try shop.history(), at: shop.now).compactMap { fact in
      fact["edge"]?.string.map { "\($0) \(fact["to"]?.string ?? "")" }
    }
    #expect(edges.sorted() == ["by Identity/bot", "owner Team/shop", "service Service/s7"])
    // In the log who acts is a token.
    let record = LoggedRecord(try shop.reader().entry(at: entry))
    #expect(record.caller?.hasPrefix("Identity/~") == true)
    try shop.follow(try shop.change("s7").entry, with: "failed")
    #expect(try shop.change("s7").outcome == .deny)
  }

  @Test("what was done is not part of what was approved, and no caller can say it")
  func approvals() throws {
    let shop = try Shop()
    _ = try shop.change("s1")
    let bare: JSONValue = [
      "action": "deploy", "arguments": ["service": "Service/s1", "region": "eu"],
    ]
    let facts = try shop.facts(try shop.history(), at: shop.now)
    #expect(!facts.isEmpty && facts.allSatisfy(\.isAboutDeed))
    #expect(shop.engine.bundle.bringsDeeds(facts))
    let full = bare.setting("facts", to: .array(facts))
    #expect(
      try shop.engine.approvalDigest(of: try Request(bare)).digest
        == shop.engine.approvalDigest(of: try Request(full)).digest)
    #expect(shop.engine.bundle.deedHorizon == 86_400_000_000)
  }
}
