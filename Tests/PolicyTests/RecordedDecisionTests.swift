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
    let digest = try #require(record.trace.flatMap { Digest($0) })
    let document = try #require(DecisionTrace(try world.store.objects.get(digest)))
    #expect(document.gate == "shop.deploy")
    #expect(document.outcome(of: "securityTested") == "failed")
    #expect(document.outcome(of: "other") == nil)
    #expect(document.digest == digest)
  }

  @Test func aReplayComparesWhatWasRead() throws {
    let world = try RecordedWorld()
    let record = try world.record(try world.json("release1"))
    let digest = try #require(record.trace.flatMap { Digest($0) })
    let document = try #require(DecisionTrace(try world.store.objects.get(digest)))
    guard case .same = try replay(0, of: world.reader(), objects: world.store.objects) else {
      Issue.record("the decision is not the same")
      return
    }
    // A fact that was not read like that, an outcome that was not so, and a document that nobody has.
    let text = String(decoding: document.bytes, as: UTF8.self)
    for (old, new, path) in [
      ("\"value\":\"passed\"", "\"value\":\"failed\"", "trace.securityTested.facts[3]"),
      ("\"outcome\":\"passed\"", "\"outcome\":\"owed\"", "trace.securityTested"),
      ("\"clause\":\"securityTested\"", "\"clause\":\"tested\"", "trace.securityTested"),
    ] {
      let changed = Array(text.replacing(old, with: new).utf8)
      #expect(changed != document.bytes)
      let index = try world.append(record, tracing: try world.store.objects.put(changed))
      #expect(try parting(world, index) == path)
    }
    #expect(try parting(world, world.append(record, tracing: Digest(of: [1]))) == "trace")
    // A record of a release that kept none.
    #expect(try parting(world, world.append(record, tracing: nil)) == nil)
  }

  private func parting(_ world: RecordedWorld, _ index: UInt64) throws -> String? {
    switch try replay(index, of: world.reader(), objects: world.store.objects) {
    case .same: nil
    case .different(let parting): parting.path
    case .sameWithout, .needsErased: "erased"
    }
  }
}
