// Records that were forged, each in one thing: a replay says in what, where the two part, and on which fact.

import Foundation
import Testing
import Writ
import WritCrypto
import WritEvidence
import WritGraph
import WritModel
import WritTesting

@Suite struct PartingTests {
  /// A log with one true record, of a release that was scanned.
  private let world: RecordedWorld
  private let record: LoggedRecord

  init() throws {
    world = try RecordedWorld()
    record = try world.record(try world.json("release1"))
  }

  private var replayed: JSONValue { record.predicate["replay"] ?? [:] }
  private var result: JSONValue { record.predicate["result"] ?? [:] }

  /// Appends the record with another member in `replay` and in `result`, and replays it.
  private func parting(
    replay: (name: String, value: String)? = nil, result: (name: String, value: JSONValue)? = nil,
    isDigested: Bool = false
  ) throws -> Parting? {
    var predicate = record.predicate
    var (replayed, changed) = (self.replayed, self.result)
    if let result { changed = changed.setting(result.name, to: result.value) }
    if let replay { replayed = replayed.setting(replay.name, to: .string(replay.value)) }
    if isDigested { replayed = replayed.setting("result", to: .string(try digest(changed))) }
    predicate = predicate.setting("replay", to: replayed).setting("result", to: changed)
    let index = try world.append(record, predicate)
    let single = try Writ.replay(index, of: world.reader(), objects: world.store.objects)
    let summary = try world.summary
    switch single {
    case .same:
      #expect(summary.findings.isEmpty)
      return nil
    case .different(let parting):
      // However it is asked, the answer is the same.
      #expect(
        summary.findings == [ReplayFinding(index: index, verdict: .different(parting))])
      return parting
    case .sameWithout, .needsErased:
      Issue.record("nothing was erased")
      return nil
    }
  }

  private func digest(_ result: JSONValue) throws -> String {
    Digest(of: try result.canonicalBytes()).description
  }

  @Test func aTrueRecordIsTheSame() throws {
    #expect(try parting() == nil)
    let summary = try world.summary
    #expect(summary.same == 2)
    #expect(summary.plain == 2)
  }

  @Test func anotherBundle() throws {
    let other = try world.otherBundle()
    let parting = try #require(try parting(replay: ("bundle", other.description)))
    #expect(parting.cause == .bundle)
    #expect(parting.path == "result.bundle")
    #expect(parting.replayed == "\"\(other)\"")
  }

  @Test func otherFacts() throws {
    let other = try world.otherSnapshot()
    let parting = try #require(try parting(replay: ("snapshot", other.description)))
    #expect(parting.cause == .snapshot)
    let step = try #require(parting.step)
    #expect(step.clause == "securityTested")
    #expect(step.position?.contains("tested.writ:") == true)
    #expect(step.binding == ["Release/r1"])
    let fact = try #require(parting.fact)
    #expect(fact.subject == "Scan/s1")
    #expect(fact.member == "verdict")
    #expect(fact.recorded?.contains("\"value\":\"passed\"") == true)
    #expect(fact.replayed?.contains("\"value\":\"failed\"") == true)
  }

  @Test func anotherRequest() throws {
    let json = try world.json("release2")
    let other = try world.store.objects.put(Array(json.compact.utf8))
    let parting = try #require(try parting(replay: ("request", other.description)))
    #expect(parting.cause == .request)
    #expect(parting.step?.clause == "securityTested")
    #expect(parting.fact?.subject == "Release/r1")
    #expect(parting.fact?.replayed == nil)
  }

  @Test(arguments: ["now", "asOf"]) func anotherClock(_ name: String) throws {
    let parting = try #require(try parting(result: (name, "2026-11-17T03:00:00Z")))
    #expect(parting.cause == .clock)
    #expect(parting.path == "result digest")
  }

  @Test func aRecordThatWasChanged() throws {
    let parting = try #require(try parting(result: ("outcome", "deny")))
    #expect(parting.cause == .record)
    #expect(parting.path == "result.outcome")
    #expect(parting.recorded == "\"deny\"")
    #expect(parting.replayed == "\"allow\"")
    let fuel = try #require(try world.fuelParting(record))
    #expect(fuel.path == "fuel")
    #expect(fuel.cause == .defect)
  }

  /// Readings tell facts of `$release`: what that stands for is part of what is replayed.
  @Test func otherArguments() throws {
    let arguments = (record.predicate["arguments"] ?? [:]).setting("release", to: "Release/r2")
    let index = try world.append(
      record, record.predicate.setting("arguments", to: arguments))
    guard
      case .different(let parting) = try Writ.replay(
        index, of: world.reader(), objects: world.store.objects)
    else {
      Issue.record("other arguments are taken for the same")
      return
    }
    #expect(parting.cause == .record)
    #expect(parting.path == "arguments.release")
    #expect(
      try world.summary.findings == [ReplayFinding(index: index, verdict: .different(parting))])
  }

  @Test func anotherEngine() throws {
    let forged = try #require(
      try parting(
        replay: ("engine", "0.0.9"), result: ("outcome", "deny"), isDigested: true))
    #expect(forged.cause == .engine)
    #expect(forged.engineThen == "0.0.9")
  }

  /// Another version that says the same is no difference.
  @Test func anotherEngineThatAgrees() throws {
    #expect(try parting(replay: ("engine", "0.0.9")) == nil)
  }

  @Test func aDefect() throws {
    let parting = try #require(try parting(result: ("outcome", "deny"), isDigested: true))
    #expect(parting.cause == .defect)
    #expect(parting.path == "result.outcome")
    #expect(parting.step == nil)
  }

  @Test func whatIsGoneOrDamagedIsNoDifference() throws {
    try world.store.unpack()
    for (name, cause) in [
      ("request", UnreplayableCause.missing), ("snapshot", .damaged), ("bundle", .missing),
    ] {
      let digest = try #require(replayed[name]?.string.flatMap { Digest($0) })
      let path = world.store.objects.path(of: digest)
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      if cause == .missing {
        try FileManager.default.removeItem(atPath: path)
      } else {
        try (bytes + [0]).write(to: URL(fileURLWithPath: path))
      }
      let summary = try world.summary
      #expect(summary.unreplayable == [cause: 1])
      #expect(summary.same == 0)
      try bytes.write(to: URL(fileURLWithPath: path))
      #expect(try world.summary.same == 1)
    }
    // A request that is one no longer.
    let other = try world.store.objects.put(Array("{}".utf8))
    let predicate = record.predicate.setting(
      "replay", to: replayed.setting("request", to: .string(other.description)))
    _ = try world.append(record, predicate)
    #expect(try world.summary.unreplayable == [.unfit: 1])
  }

  /// Whatever stands in a text, the quick way and the long one agree.
  @Test func textsThatNeedEscapes() throws {
    let json = try world.json("release1")
    for caller in ["Service/a\"b", "Service/\\", "Service/\n", "Service/ü€\u{1F600}"] {
      _ = try world.record(json, caller: caller)
    }
    let summary = try world.summary
    #expect(summary.same == 5)
    #expect(summary.different == 0)
  }

  @Test func summariesAreCutAndPutTogetherInOrder() throws {
    var whole = ReplaySummary()
    let reader = try world.reader()
    let entry = try reader.entry(at: 0)
    let replayer = Replayer(objects: world.nothing, snapshots: SnapshotCache())
    for part in 0..<3 {
      var summary = ReplaySummary()
      for index in 0..<60 { replayer.replay(entry, at: UInt64(part * 60 + index), into: &summary) }
      whole.append(summary)
    }
    #expect(whole.unreplayable == [.missing: 180])
    #expect(whole.findings.map(\.index) == Array(0..<UInt64(ReplaySummary.toldFindings)))
    #expect(whole.entries == 180)
  }
}

extension RecordedWorld {
  /// What a replay of the whole log says.
  var summary: ReplaySummary {
    get throws {
      let reader = try reader()
      let replayer = Replayer(objects: store.objects, snapshots: SnapshotCache())
      var summary = ReplaySummary()
      for index in 0..<reader.size {
        replayer.replay(try reader.entry(at: index), at: index, into: &summary)
      }
      return summary
    }
  }

  /// A store without anything.
  fileprivate var nothing: ContentStore { LogStore(directory: store.directory + "-none").objects }

  /// The same policy, built again as another revision.
  fileprivate func otherBundle() throws -> Digest {
    let compilation = compile(sourceFiles(["corpus/cli/tested/tested.writ"]), root: 0)
    let program = try #require(compilation.program)
    return try store.objects.put(
      try bundleFile(program, BundleOptions(settings: [], approvers: [], revision: 7)))
  }

  /// The facts with a scan that failed.
  fileprivate func otherSnapshot() throws -> Digest {
    let text = Corpus.text("corpus/cli/tested/facts.jsonl").replacing("passed", with: "failed")
    let other = try snapshot([(name: "facts", bytes: Array(text.utf8))], for: engine.bundle)
    return try store.objects.put(other.fileBytes)
  }

  /// Where a record with other fuel parts.
  fileprivate func fuelParting(_ record: LoggedRecord) throws -> Parting? {
    let replayed = (record.predicate["replay"] ?? [:]).setting("fuel", to: 1)
    let index = try append(record, record.predicate.setting("replay", to: replayed))
    let result = try Writ.replay(index, of: reader(), objects: store.objects)
    if case .different(let parting) = result { return parting }
    return nil
  }
}
