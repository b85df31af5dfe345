// A request that names an action: which gate is asked, what a delegate is told, and for how long an allow holds.

import Testing
import Writ
import WritCrypto
import WritEvidence
import WritGraph
import WritModel
import WritTesting
import WritText

@Suite struct ActionTests {
  private static let now: Int64 = 1_795_082_400_000_000  // 2026-11-19T10:00:00Z
  private static let minute: Int64 = 60_000_000
  private static let salt = [UInt8](repeating: 7, count: 16)

  private static let policy = """
    policy acts version 1
    source pager fresh 5m
    source census fresh 10m
    node Freeze from pager { from: Instant  until: Instant }
    node Service { tier: Int  units: Int from census }
    node Release from request { image: String  service -> Service }
    gate ship(service: Service, until: Instant) {
      deny tier: service.tier > 3
      deny freeze: for f in Freeze where now in f.from ..< f.until "frozen until {f.until}"
      deny late: now >= until
    }
    action deploy(release: Release, target: Service, deadline: Instant)
      kind deploy
      guarded by ship(target, deadline)
      effect production
      impact regulatory, outage
      irreversible
    {
      run "./deploy.sh" release.image "--for={target}" "--units={target.units}"
      secrets token
      timeout 5m
    }
    action look(target: Service) kind scan effect none { run "scan" target }
    """

  /// An engine over a service, and a freeze from then on; the pager spoke that many microseconds ago.
  private func engine(
    freezeIn microseconds: Int64 = 86_400_000_000, spoke: Int64 = 0, counted: Int64 = 0
  ) throws -> Engine {
    let compilation = compile([SourceFile(name: "acts.writ", text: Self.policy)], root: 0)
    #expect(compilation.diagnostics.map(\.message) == [])
    let program = try #require(compilation.program)
    let bundle = try LoadedBundle(
      file: try bundleFile(program, BundleOptions(settings: [], approvers: [], revision: 0)))
    let from = Instant(microseconds: Self.now + microseconds)
    let facts = """
      {"node":"Service","id":"web","props":{"tier":1,"units":2}}
      {"node":"Service","id":"bank","props":{"tier":9,"units":2}}
      {"node":"Freeze","id":"f","props":{"from":"\(from)","until":"2027-01-01T00:00:00Z"}}
      {"source":"pager","at":"\(Instant(microseconds: Self.now - spoke))","covers":"*"}
      {"source":"census","at":"\(Instant(microseconds: Self.now - counted))","covers":"*"}

      """
    var builder = SnapshotBuilder(program.program.schema)
    builder.read(Array(facts.utf8), named: "facts")
    return Engine(bundle: bundle, snapshot: try builder.build())
  }

  private func request(
    target: String = "web", image: String = "web@sha256:\(String(repeating: "a", count: 64))",
    deadline: Int64 = 86_400_000_000
  ) throws -> Request {
    try Request([
      "action": "deploy",
      "arguments": [
        "release": "Release/r1", "target": .string("Service/\(target)"),
        "deadline": .string(Instant(microseconds: Self.now + deadline).description),
      ],
      "facts": [
        ["node": "Release", "id": "r1", "props": ["image": .string(image)]],
        ["edge": "service", "from": "Release/r1", "to": "Service/web", "props": [:]],
      ],
    ])
  }

  private func asking(after microseconds: Int64 = 0, caller: String? = "Service/web") -> Asking {
    Asking(
      caller: caller, now: Self.now + microseconds, asOf: Self.now + microseconds,
      isQuestion: false)
  }

  private func allowance(_ engine: Engine, _ request: Request) throws -> Int64 {
    let decider = Decider(try PreparedEngine(engine))
    let prepared = try decider.prepare(request)
    let found = try decider.allowance(prepared, asking(), limit: Self.minute)
    // What the permit will say is what gate and command say: to the microsecond.
    func holds(_ microseconds: Int64) throws -> Bool {
      let then = asking(after: microseconds)
      return try decider.decide(prepared, then).decision.outcome == .allow
        && (try? decider.assignment(prepared, then, salt: Self.salt)) != nil
    }
    if found > 0 { #expect(try holds(found)) }
    if found < Self.minute { #expect(try !holds(found + 1)) }
    return found
  }

  @Test func anAllowHoldsUntilSomethingChanges() throws {
    #expect(try allowance(engine(), request()) == Self.minute)
    #expect(try allowance(engine(freezeIn: 20_000_000), request()) == 19_999_999)
    #expect(try allowance(engine(freezeIn: 20_300_001), request()) == 20_300_000)
    #expect(try allowance(engine(), request(deadline: 1)) == 0)
    // The pager's word is good for five minutes, and to the last microsecond.
    #expect(try allowance(engine(spoke: 5 * Self.minute - 30_000_000), request()) == 30_000_000)
    // So is the word that only the command rests on.
    #expect(
      try allowance(engine(counted: 10 * Self.minute - 7_000_000), request()) == 7_000_000)
    #expect(try allowance(engine(freezeIn: -1), request()) == 0)
    #expect(try allowance(engine(), request(target: "bank")) == 0)
  }

  @Test func theGuardIsAskedWithTheActionsArguments() throws {
    let engine = try engine()
    let resolved = try engine.resolved(try request())
    #expect(resolved.gate == "acts.ship" && resolved.call?.name == "acts.deploy")
    #expect(resolved.arguments.map(\.name) == ["service", "until"])
    #expect(resolved.arguments.first?.value.string == "Service/web")
    #expect(try engine.resolved(resolved) == resolved)
    // As a log keeps it, and as a replay reads it.
    let kept = try Request(
      JSONValue(parsing: try resolved.canonical(gate: resolved.gate).ownCanonicalBytes()))
    let again = try engine.resolved(kept)
    #expect(
      try again.canonical(gate: again.gate).ownCanonicalBytes()
        == resolved.canonical(gate: resolved.gate).ownCanonicalBytes())
  }

  @Test func aGateThatIsAskedOtherwiseIsRefused() throws {
    let engine = try engine()
    let resolved = try engine.resolved(try request())
    let forged = Request(
      gate: resolved.gate, now: nil,
      arguments: resolved.arguments.map {
        $0.name == "service" ? JSONMember($0.name, "Service/bank") : $0
      }, facts: resolved.facts, approvals: [], call: resolved.call)
    #expect(throws: RequestError.self) { try engine.resolved(forged) }
    for odd: JSONValue in [["Service/web"], ["x": "Service/web"], "web", 7, .null, "Freeze/f"] {
      let request = try Request([
        "action": "deploy",
        "arguments": [
          "release": odd, "target": "Service/web", "deadline": "2026-12-01T00:00:00Z",
        ],
      ])
      #expect(throws: RequestError.self, "\(odd.compact)") { try engine.resolved(request) }
    }
    let unguarded = try Request(["action": "look", "arguments": ["target": "Service/web"]])
    #expect(throws: RequestError.self) { try engine.resolved(unguarded) }
  }

  @Test func anApprovalIsForTheWholeAction() throws {
    let engine = try engine()
    let one = try engine.approvalDigest(of: try request()).digest
    let gate = try engine.resolved(try request())
    let bare = Request(
      gate: gate.gate, now: nil, arguments: gate.arguments, facts: gate.facts, approvals: [])
    #expect(try engine.approvalDigest(of: bare).digest != one)
    #expect(try engine.approvalDigest(of: try request(image: "web@other")).digest != one)
    #expect(try engine.approvalDigest(of: try request()).digest == one)
  }

  @Test func aDelegateIsToldAllOfIt() throws {
    let decider = Decider(try PreparedEngine(try engine()))
    func assignment(_ request: Request, salt: [UInt8] = Self.salt) throws -> Assignment {
      try decider.assignment(try decider.prepare(request), asking(), salt: salt)
    }
    let one = try assignment(try request())
    let digits = String(repeating: "a", count: 64)
    #expect(one.command == ["./deploy.sh", "web@sha256:\(digits)", "--for=web", "--units=2"])
    #expect(one.artifacts.map(\.description) == ["sha256:\(digits)"])
    // However the content is spelled.
    let upper = "sha256:\(digits.uppercased()) "
    for image in ["sha256:\(digits)", upper, digits, "x=\(digits),y", "SHA256:\(digits)"] {
      #expect(try assignment(request(image: image)).artifacts == one.artifacts, "\(image)")
    }
    for image in [digits + "0", String(digits.dropLast()), "latest"] {
      #expect(try assignment(request(image: image)).artifacts.isEmpty, "\(image)")
    }
    #expect(one.effect == .production && one.secrets == ["token"] && one.timeout == 5 * Self.minute)
    #expect(one.actor == "Service/web" && one.action == "acts.deploy")
    #expect(try assignment(try request()).digest == one.digest)
    let others = try [
      assignment(request(image: "web@other")), assignment(request(target: "bank")),
      assignment(request(deadline: 1)), assignment(request(), salt: Array(0..<16)),
    ]
    #expect(Set(others.map(\.digest) + [one.digest]).count == 5)
    #expect(throws: RequestError.self) {
      try decider.assignment(
        try decider.prepare(try request()), asking(caller: nil), salt: Self.salt)
    }
    // What sort of action it is, and what it may harm.
    #expect(one.kind == "deploy" && one.impacts == ["outage", "regulatory"])
    #expect(try Assignment(one.bytes) == one)
    let text = String(decoding: one.bytes, as: UTF8.self)
    for other in ["", #""impacts":[],"#, #""impacts":["regulatory","outage"],"#] {
      let changed = text.replacing(#""impacts":["outage","regulatory"],"#, with: other)
      #expect(other.isEmpty == ((try? Assignment(Array(changed.utf8))) != nil), "\(other)")
    }
  }

  /// Who gave the leave under which something is asked: in the decision, however it is written, and in what a delegate is told.
  @Test func whoStandsBehindItIsNamed() throws {
    let decider = Decider(try PreparedEngine(try engine()))
    let prepared = try decider.prepare(try request())
    let plain = asking()
    let behind = Asking(
      caller: plain.caller, onBehalfOf: ["Service/bank", "Service/web"], now: plain.now,
      asOf: plain.asOf, isQuestion: false)
    for (asking, names) in [(plain, []), (behind, ["Service/bank", "Service/web"]), (plain, [])] {
      let decision = try decider.decide(prepared, asking, tracing: .on).decision
      #expect(decision.onBehalfOf == names)
      #expect((decision.json["onBehalfOf"]?.array ?? []).compactMap(\.string) == names)
      var written: [UInt8] = []
      _ = try decider.write(prepared, asking, to: &written)
      #expect(try JSONValue(parsing: written) == decision.json)
      let assignment = try decider.assignment(prepared, asking, salt: Self.salt)
      #expect(assignment.onBehalfOf == names.last)
      #expect(try Assignment(assignment.bytes) == assignment)
    }
  }
}
