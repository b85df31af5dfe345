// What is recorded of a decision: what it is about, what it read, and that a replay compares all of it.

import Testing
import Writ
import WritCrypto
import WritEvidence
import WritModel

@Suite struct RecordedDecisionTests {
  @Test func aDecisionIsAboutItsArgumentsAndWhereTheyLead() throws {
    let world = try RecordedWorld()
    let record = try world.record(try world.json("release1"))
    #expect(record.subjects == ["Release/r1", "Service/checkout"])
    let digests = (record.statement?.subjects ?? []).compactMap { $0.digest("sha256") }
    // The facts of the request about the release; the line of the service in the snapshot.
    let facts =
      #"[{"id":"r1","node":"Release","props":{"image":"sha256:"#
      + String(repeating: "1", count: 64) + #""}}]"#
    let line = #"{"id":"checkout","node":"Service","props":{}}"#
    #expect(
      digests == [
        Digest(of: Array(facts.utf8)).hex, Digest(of: [0] + Array(line.utf8)).hex,
      ])
    #expect(record.logged == 1_794_873_600_000_000)
  }

  @Test func aNodeThatOnlyTheRequestBringsHasTheDigestOfItsFacts() throws {
    let world = try RecordedWorld()
    let one = try world.record(try world.json("release1"))
    let two = try world.record(try world.json("release2"))
    #expect(one.statement?.subjects.map(\.digests) != two.statement?.subjects.map(\.digests))
    #expect(two.previous(of: "Service/checkout") == .entry(0))
    #expect(two.previous(of: "Release/r2") == .none)
  }

  @Test func whatWasReadIsKept() throws {
    let world = try RecordedWorld()
    let record = try world.record(try world.json("release2"))
    let trace = try #require(DecisionTrace(record) { try? world.store.objects.get($0) })
    #expect(trace.gate == "shop.deploy")
    #expect(trace.outcome(of: "securityTested") == "failed")
    #expect(trace.outcome(of: "other") == nil)
    #expect(record.trace?.digests.count == trace.clauses.count)
    // Nodes that arguments name are told of by their parameter, and named to whoever reads it with the record.
    let kept = try record.trace?.digests.map {
      String(decoding: try world.store.objects.get($0), as: UTF8.self)
    }
    #expect(kept?.joined().contains(#""fact":"$release""#) == true)
    #expect(kept?.joined().contains(#""fact":"Release/r2""#) == false)
    #expect(JSONValue.array(trace.clauses).compact.contains(#""fact":"Release/r2""#))
    #expect(!JSONValue.array(trace.clauses).compact.contains("$release"))
  }

  @Test func decisionsThatReadTheSameShareWhatIsKept() throws {
    let world = try RecordedWorld()
    let records = try (0..<3).map { _ in try world.record(try world.json("release2")) }
    #expect(Set(records.map(\.trace)).count == 1)
    #expect(try world.store.objects.digests().count == 3 + records[0].trace!.digests.count)
  }

  @Test func aReplayComparesWhatWasRead() throws {
    let world = try RecordedWorld()
    let record = try world.record(try world.json("release1"))
    let digests = try #require(record.trace?.digests)
    let reading = try world.store.objects.get(digests[0])
    guard case .same = try replay(0, of: world.reader(), objects: world.store.objects) else {
      Issue.record("the decision is not the same")
      return
    }
    // A fact that was not read like that, an outcome that was not so, and a document that nobody has.
    let text = String(decoding: reading, as: UTF8.self)
    for (old, new, path) in [
      ("\"value\":\"passed\"", "\"value\":\"failed\"", "trace.securityTested.facts[3]"),
      ("\"outcome\":\"passed\"", "\"outcome\":\"owed\"", "trace.securityTested"),
      ("\"clause\":\"securityTested\"", "\"clause\":\"tested\"", "trace.securityTested"),
    ] {
      let changed = Array(text.replacing(old, with: new).utf8)
      #expect(changed != reading)
      let list = [try world.store.objects.put(changed)] + digests.dropFirst()
      #expect(try parting(world, world.append(record, tracing: .clauses(list))) == path)
    }
    let lists = [[Digest(of: [1])] + digests.dropFirst(), digests + digests, []]
    for list in lists {
      #expect(try parting(world, world.append(record, tracing: .clauses(list))) == "trace")
    }
    // The node by its name says the same, and is another reading.
    let named = try world.store.objects.put(
      Array(text.replacing("$release", with: "Release/r1").utf8))
    let other = [named] + digests.dropFirst()
    #expect(other != digests)
    #expect(try parting(world, world.append(record, tracing: .clauses(other))) == "trace")
    #expect(throws: ReplayError.self) {
      try self.parting(world, world.append(record, naming: ["sha256:1"]))
    }
  }

  /// Records of older releases name one document or none, and digest the result as it is told.
  @Test func olderRecordsAreReplayed() throws {
    let world = try RecordedWorld()
    let json = try world.json("release1")
    let record = try world.record(json)
    let run = try world.run(json)
    let document = try DecisionTrace.document(
      gate: run.decision.gate, clauses: run.trace.map(\.json))
    let digest = Digest(of: Array(run.decision.json.compact.utf8))
    func append(_ trace: JSONValue?, _ digest: Digest = digest) throws -> UInt64 {
      let replay = (record.predicate["replay"] ?? [:]).setting("trace", to: trace)
        .setting("result", to: .string(digest.description))
      return try world.append(record, record.predicate.setting("replay", to: replay))
    }
    let kept = JSONValue.string(try world.store.objects.put(document).description)
    #expect(try parting(world, append(kept)) == nil)
    #expect(try parting(world, append(nil)) == nil)
    #expect(try world.summary.same == 3)
    #expect(try parting(world, append(kept, Digest(of: [1]))) == "result digest")
    #expect(try parting(world, append(.string(Digest(of: [1]).description))) == "trace")
    let changed = String(decoding: document, as: UTF8.self).replacing(
      "\"passed\"", with: "\"owed\"")
    let other = try world.store.objects.put(Array(changed.utf8))
    #expect(try parting(world, append(.string(other.description)))?.hasPrefix("trace.") == true)
  }

  private func parting(_ world: RecordedWorld, _ index: UInt64) throws -> String? {
    switch try replay(index, of: world.reader(), objects: world.store.objects) {
    case .same: nil
    case .different(let parting): parting.path
    case .sameWithout, .needsErased: "erased"
    }
  }
}
