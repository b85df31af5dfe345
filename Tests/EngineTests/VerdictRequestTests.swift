// Requests for verdicts, read from their bytes: whatever is written, the answer is that of the reader of whole requests.

import Testing
import Writ
import WritGraph
import WritModel
import WritTesting
import WritText

private let policy = """
  policy yard version 1

  enum Size { small < large }
  enum Day { work, off }

  source catalog fresh 7d

  node Person from catalog { roles: Set<String> }

  node Robot from catalog { limit: Int }

  node Service from catalog {
    score: Int
    size: Size?
    dependsOn -> many Service inverse dependents
  }

  node Wish from request { service -> Service }

  gate admit(
    service: Service, actor: Person | Robot, time: Instant, isUrgent: Bool, least: Int, size: Size
  ) {
    deny score: service.score < least
    deny late: time > now and not isUrgent
    deny size: (service.size ?? small) > size
    deny robot: actor is Robot and count(service.dependents+) > actor.limit
    require staff: actor is Robot or "sre" in actor.roles
  }

  gate free() { deny never: now < 2020-01-01T00:00:00Z }

  gate day(day: Day, budget: Decimal, date: Date, gap: Duration) {
    deny off: day == off
    deny budget: budget < 1.5
    deny date: date < now.date
    deny duration: gap > 1h
  }

  gate named(name: String) { deny other: name != "a" }

  gate wished(wish: Wish) { deny poor: wish.service.score < 3 }
  """

private let facts = """
  {"node":"Person","id":"ada","props":{"roles":["sre"]}}
  {"node":"Person","id":"ben","props":{"roles":[]}}
  {"node":"Robot","id":"r1","props":{"limit":0}}
  {"node":"Service","id":"web","props":{"score":5,"size":"large"}}
  {"node":"Service","id":"cart","props":{"score":1}}
  {"edge":"dependsOn","from":"Service/web","to":"Service/cart","props":{}}
  {"source":"catalog","at":"2026-11-19T09:00:00Z","covers":"*"}

  """

private let requests = [
  #"{"gate":"yard.admit","arguments":{"service":"Service/web","actor":"Person/ada","time":"2026-11-19T09:00:00Z","isUrgent":false,"least":3,"size":"large"}}"#,
  #"{"gate":"yard.admit","arguments":{"service":"Service/cart","actor":"Robot/r1","time":"2026-11-19T11:00:00Z","isUrgent":true,"least":3,"size":"small"}}"#,
  #"{"gate":"yard.admit","arguments":{"service":"Service/web","actor":"Person/ben","time":"2026-11-19T11:00:00.5+01:00","isUrgent":false,"least":"-3","size":"small"}}"#,
  #"{ "gate": "yard.admit", "arguments": { "size": "large", "least": 12, "isUrgent": true, "time": "2026-11-19T11:00:00Z", "actor": "Robot/r1", "service": "Service/cart" } }"#,
  #"{"gate":"admit","arguments":{"service":"Service/web","actor":"Person/ada","time":"2026-11-19T09:00:00Z","isUrgent":false,"least":3,"size":"large"}}"#,
  #"{"arguments":{},"gate":"yard.free"}"#, #"{"gate":"yard.free","arguments":{}}"#,
  #"{"gate":"yard.free"}"#, #"{"gate":"yard.free","arguments":{},"facts":[],"approvals":[]}"#,
  #"{"gate":"yard.free","arguments":{},"now":"2026-11-19T08:00:00Z"}"#,
  #"{"gate":"yard.day","arguments":{"day":"work","budget":1.5,"date":"2026-11-19","gap":"59m"}}"#,
  #"{"gate":"yard.day","arguments":{"day":"off","budget":"1.25","date":"2026-11-18","gap":"PT2H"}}"#,
  #"{"gate":"yard.named","arguments":{"name":"a"}}"#,
  #"{"gate":"yard.named","arguments":{"name":"\u00e9"}}"#,
  #"{"gate":"yard.wished","arguments":{"wish":"Wish/w"},"facts":[{"node":"Wish","id":"w","props":{}},{"edge":"service","from":"Wish/w","to":"Service/web","props":{}}]}"#,
]

@Suite struct VerdictRequestTests {
  private let decider: Decider
  private let asking: Asking

  init() throws {
    let file = SourceFile(name: "yard.writ", bytes: Array(policy.utf8))
    let program = try #require(compile([file], root: 0).program)
    let bundle = try LoadedBundle(
      file: try bundleFile(program, BundleOptions(settings: [], approvers: [], revision: 0)))
    var builder = SnapshotBuilder(bundle.program.program.schema)
    builder.read(Array(facts.utf8), named: "facts.jsonl")
    decider = Decider(
      try PreparedEngine(Engine(bundle: bundle, snapshot: try builder.build())))
    let now = try #require(Instant("2026-11-19T10:00:00Z")?.microseconds)
    asking = Asking(caller: nil, now: now, asOf: now, isQuestion: true)
  }

  @Test func everyFormOfARequestIsAnswered() throws {
    let expected = [
      "allow", "deny score robot", "deny late size staff", "deny score robot", "allow", "allow",
      "allow", "allow", "allow", "allow", "allow", "deny off budget date duration", "allow",
      "deny other", "allow",
    ]
    for (request, expected) in zip(requests, expected) {
      #expect(whole(Array(request.utf8)) == expected, "\(request)")
      #expect(short(Array(request.utf8)) == expected, "\(request)")
    }
  }

  @Test func theLineOfJSONSaysTheSame() throws {
    var line: [UInt8] = []
    try Array(requests[1].utf8).withUnsafeBufferPointer {
      decider.append(try decider.verdict(on: $0, asking), to: &line)
    }
    let text = #""gate":"yard.admit","outcome":"deny","clauses":["score","robot"]"#
    #expect(String(decoding: line, as: UTF8.self) == text)
  }

  /// Bytes changed, left out, doubled: what one reader refuses the other does, and with the same words.
  @Test func brokenRequestsAreReadAlike() {
    var random = SplitMix64(seed: 7)
    var (answered, refused) = (0, 0)
    for round in 0..<6_000 {
      var bytes = Array(requests[round % requests.count].utf8)
      for _ in 0..<1 + random.below(2) { mutate(&bytes, &random) }
      let (one, other) = (whole(bytes), short(bytes))
      #expect(one == other, "\(String(decoding: bytes, as: UTF8.self))")
      if one.hasPrefix("error") { refused += 1 } else { answered += 1 }
    }
    #expect(answered > 100 && refused > 1_000)
  }

  /// Many at once, of all gates and in all forms, twice: each as it is answered alone.
  @Test(arguments: [nil, "Person/ada", "Person/nobody", "nonsense"])
  func manyAreAnsweredAsEachIsAlone(_ caller: String?) {
    let asking = Asking(caller: caller, now: asking.now, asOf: asking.asOf, isQuestion: true)
    var random = SplitMix64(seed: 11)
    for count in [1, 127, 2_500] {
      let asked = (0..<count).map { _ in
        // Mostly of one gate, so that it fills blocks.
        var bytes = Array(requests[random.below(4) > 0 ? random.below(3) : random.below(15)].utf8)
        if random.below(9) == 0 { mutate(&bytes, &random) }
        return bytes
      }
      let pointers = asked.map { bytes -> UnsafeBufferPointer<UInt8> in
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = copy.initialize(from: bytes)
        return UnsafeBufferPointer(copy)
      }
      defer { for pointer in pointers { pointer.deallocate() } }
      let together = decider.verdicts(on: pointers, asking).map { result in
        text { try result.get() }
      }
      for (place, bytes) in asked.enumerated() {
        #expect(
          together[place] == short(bytes, asking), "\(String(decoding: bytes, as: UTF8.self))")
      }
    }
  }

  /// Written straight, a decision has the bytes, the fuel and the notes that it has as values; asked again, and by another too.
  @Test(arguments: [nil, "Person/ada", "Person/nobody"])
  func aWrittenDecisionIsTheDecision(_ caller: String?) throws {
    let asking = Asking(caller: caller, now: asking.now, asOf: asking.asOf, isQuestion: true)
    var random = SplitMix64(seed: 5)
    var compared = 0
    for round in 0..<600 {
      var bytes = Array(requests[round % requests.count].utf8)
      if round % 4 == 3 { mutate(&bytes, &random) }
      guard let request = try? decider.prepare(bytes) else { continue }
      do {
        let run = try decider.decide(request, asking)
        var written: [UInt8] = []
        let short = try decider.write(request, asking, to: &written)
        #expect(String(decoding: written, as: UTF8.self) == run.decision.json.compact)
        #expect(short.fuel == run.fuel && short.notes == run.notes)
        #expect(short.outcome == run.decision.outcome)
        compared += 1
      } catch {
        #expect(throws: RequestError.self) { try decider.write(request, asking, to: &bytes) }
      }
    }
    #expect(compared > 100)
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
    let tokens = [" ", "\"", ",", "}", "0", "-", "é", "\\", "\n", "1", "a", ":", "{", ".", "e"]
    let place = random.below(bytes.count)
    switch random.below(4) {
    case 0: bytes.remove(at: place)
    case 1: bytes.insert(contentsOf: tokens[random.below(tokens.count)].utf8, at: place)
    case 2: bytes[place] = bytes[random.below(bytes.count)]
    default:
      let end = min(bytes.count, place + random.below(24))
      bytes.insert(contentsOf: bytes[place..<end], at: end)
    }
  }

  /// Outcome and clauses of the whole decision, or what is wrong.
  private func whole(_ bytes: [UInt8]) -> String {
    do {
      let decision = try decider.decide(try decider.prepare(bytes), asking).decision
      var clauses: [String] = []
      for reason in decision.reasons where !clauses.contains(reason.clause) {
        clauses.append(reason.clause)
      }
      return (["\(decision.outcome)"] + clauses).joined(separator: " ")
    } catch {
      return "error \(error)"
    }
  }

  private func short(_ bytes: [UInt8]) -> String { short(bytes, asking) }

  private func short(_ bytes: [UInt8], _ asking: Asking) -> String {
    text { try bytes.withUnsafeBufferPointer { try decider.verdict(on: $0, asking) } }
  }

  private func text(_ body: () throws -> NamedVerdict) -> String {
    do {
      let named = try body()
      let names = decider.names(of: named)
      return (["\(named.verdict.outcome)"] + names.clauses).joined(separator: " ")
    } catch {
      return "error \(error)"
    }
  }
}
