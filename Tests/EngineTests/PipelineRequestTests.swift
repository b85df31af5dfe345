// What a pipeline that was asked for comes to: who may not approve, conditions and calls, and what is refused at the door.

import Testing
import Writ
import WritBytecode
import WritCrypto
import WritEvidence
import WritGraph
import WritModel
import WritTesting
import WritText
import WritVM

@Suite struct PipelineRequestTests {
  private static let policy = """
    policy ways version 1
    role manager
    source catalog fresh 7d
    source roster fresh 1h
    node Identity from catalog { name: String key }
    node Service from catalog {
      name: String key
      owner -> Identity?
      members -> many Identity from roster
    }
    pipeline way(service: Service) {
      stage a {
        step one: approve by role manager except service.owner within 1h
        step every: approve by role manager except service.members within 1h
        step late: wait 1m when count(service.members) > 1
      }
    }
    """

  private static let facts = """
    {"node":"Identity","id":"anna","props":{}}
    {"node":"Identity","id":"ben","props":{}}
    {"node":"Service","id":"web","props":{}}
    {"edge":"owner","from":"Service/web","to":"Identity/anna","props":{}}
    {"edge":"members","from":"Service/web","to":"Identity/anna","props":{}}
    {"edge":"members","from":"Service/web","to":"Identity/ben","props":{}}
    {"node":"Service","id":"orphan","props":{}}
    {"source":"catalog","at":"2026-11-19T10:00:00Z","covers":"*"}
    {"source":"roster","at":"2026-11-19T10:00:00Z","covers":"*"}

    """

  private let decider: Decider
  private static let now: Int64 = 1_795_082_400_000_000  // 2026-11-19T10:00:00Z

  init() throws {
    let compilation = compile([SourceFile(name: "ways.writ", text: Self.policy)], root: 0)
    #expect(compilation.diagnostics.map(\.message) == [])
    let program = try #require(compilation.program)
    var builder = SnapshotBuilder(program.program.schema)
    builder.read(Array(Self.facts.utf8), named: "facts")
    let bundle = LoadedBundle(program: program, registry: KeyRegistry(), digest: Digest(of: []))
    decider = Decider(try PreparedEngine(Engine(bundle: bundle, snapshot: try builder.build())))
  }

  private func prepared(_ service: String) throws -> PreparedPipeline {
    try decider.prepare(
      PipelineRequest(
        name: "way", arguments: [JSONMember("service", .string(service))], facts: []))
  }

  private func asking(hoursLater: Int64 = 0) -> Asking {
    let moment = Self.now + hoursLater * 3_600_000_000
    return Asking(caller: "Identity/ben", now: moment, asOf: moment, isQuestion: false)
  }

  /// Who may not approve at a step; `nil` where that is not known.
  private func excepted(
    _ step: Int, _ pipeline: PreparedPipeline, hoursLater: Int64 = 0
  ) throws -> [String]? {
    guard case .approval(let approval) = pipeline.program.stages[0].steps[step].work else {
      return nil
    }
    let value = try #require(approval.rules.first?.except)
    return try? decider.nodes(value, of: pipeline, asking(hoursLater: hoursLater)).get()
  }

  @Test func exceptedPeopleAreTheNodesThatTheValueHolds() throws {
    let web = try prepared("Service/web")
    #expect(try excepted(0, web) == ["Identity/anna"])
    #expect(try excepted(1, web)?.sorted() == ["Identity/anna", "Identity/ben"])
    let orphan = try prepared("Service/orphan")
    #expect(try excepted(0, orphan) == [])
    #expect(try excepted(1, orphan) == [])
  }

  @Test func whoIsExceptedIsNotKnownOnceTheSourceIsTooOld() throws {
    let web = try prepared("Service/web")
    #expect(try excepted(0, web, hoursLater: 2) == ["Identity/anna"])
    #expect(try excepted(1, web, hoursLater: 2) == nil)
    #expect(try excepted(0, web, hoursLater: 200) == nil)
  }

  @Test func conditionsAreLookedAtWhenTheyAreAsked() throws {
    let web = try prepared("Service/web")
    let condition = try #require(web.program.stages[0].steps[2].condition)
    #expect(try decider.condition(condition, of: web, asking()) == .yes)
    #expect(
      try decider.condition(condition, of: try prepared("Service/orphan"), asking()) == .no)
    guard case .unknown = try decider.condition(condition, of: web, asking(hoursLater: 2)) else {
      Issue.record("expected it not to be known")
      return
    }
  }

  @Test func requestsAreReadInOneForm() throws {
    let json: JSONValue = [
      "pipeline": "way", "arguments": ["service": "Service/web"], "facts": [],
    ]
    let request = try PipelineRequest(json)
    #expect(request.json == json && request.name == "way")
    for wrong: JSONValue in [
      [], ["arguments": [:]], ["pipeline": 1], ["pipeline": "way", "arguments": []],
      ["pipeline": "way", "facts": [:]], ["pipeline": "way", "approvals": []],
    ] {
      #expect(throws: RequestError.self, "\(wrong)") { try PipelineRequest(wrong) }
    }
    for arguments: [JSONMember] in [
      [], [JSONMember("service", "Identity/anna")], [JSONMember("service", "Service/none")],
      [JSONMember("service", "Service/web"), JSONMember("more", 1)],
    ] {
      #expect(throws: RequestError.self) {
        try decider.prepare(PipelineRequest(name: "way", arguments: arguments, facts: []))
      }
    }
  }

  @Test func anApprovalOfAStepIsForAllOfIt() throws {
    let digest = Digest(of: [1])
    let request = PipelineRequest(
      name: "way", arguments: [JSONMember("service", "Service/web")], facts: [])
    let asked = StepApproval(
      run: "r1", step: "a/one", request: request, pipeline: "ways.way", bundle: digest)
    #expect(asked.gate == "ways.way a/one")
    #expect(try StepApproval(asked.json).digest == asked.digest)
    let others = [
      StepApproval(
        run: "r2", step: "a/one", request: request, pipeline: "ways.way", bundle: digest),
      StepApproval(
        run: "r1", step: "a/every", request: request, pipeline: "ways.way", bundle: digest),
      StepApproval(
        run: "r1", step: "a/one", request: request, pipeline: "ways.way", bundle: Digest(of: [2])),
      StepApproval(
        run: "r1", step: "a/one",
        request: PipelineRequest(name: "way", arguments: [], facts: []), pipeline: "ways.way",
        bundle: digest),
    ]
    for other in others { #expect(try other.digest != asked.digest) }
    #expect(throws: RequestError.self) { try StepApproval(["approve": "a/one"]) }
  }

  @Test func whatPeopleApproveHasTheCommandsBehindIt() throws {
    let digest = Digest(of: [1])
    func asked(_ commands: [(step: String, words: [String])]) throws -> StepApproval {
      let does = try commands.map { step, words in
        let parts = Assignment.Parts(
          action: "ways.deploy", kind: "deploy", effect: .production, actor: "Identity/bot",
          bundle: digest, snapshot: digest, command: words,
          salt: [UInt8](repeating: 0, count: Assignment.Parts.saltByteCount))
        return JSONMember(step, Undertaking(try Assignment(parts), labels: []).json)
      }
      return StepApproval(
        run: "r1", step: "a/one",
        request: PipelineRequest(name: "ways.way", arguments: [], facts: []), pipeline: "ways.way",
        bundle: digest, does: does)
    }
    let one = try asked([("b/ship", ["ship", "1"])])
    let read = try StepApproval(one.json)
    #expect(read == one && read.undertaking(of: "b/ship")?.command == ["ship", "1"])
    #expect(read.undertaking(of: "b/other") == nil)
    let others = [
      try asked([]), try asked([("b/ship", ["ship", "2"])]),
      try asked([("b/other", ["ship", "1"])]),
      try asked([("b/ship", ["ship", "1"]), ("c/ship", ["ship", "1"])]),
    ]
    for other in others { #expect(try other.digest != one.digest) }
    // No byte of it can be changed unseen.
    let file = Array(one.json.compact.utf8)
    for index in file.indices {
      for bit in 0..<8 {
        var changed = file
        changed[index] ^= 1 << UInt8(bit)
        guard let json = try? JSONValue(parsing: changed), let other = try? StepApproval(json)
        else { continue }
        #expect(try other.digest != one.digest, "\(index) \(bit)")
      }
    }
    let members = (one.json.object ?? []).filter { $0.name != "does" }
    for does: JSONValue in [[:], "x", ["b/ship": "x"], ["b/ship": ["command": ["ship"]]]] {
      let other = JSONValue.object(members + [JSONMember("does", does)])
      #expect(throws: RequestError.self) { try StepApproval(other) }
    }
  }
}
