// Waivers in a bundle: one broken rule a test, and a manifest that is as it was where there are none.
import Testing
import WritBytecode
import WritModel

private let place = VerifyPlace.entry(.waivers, 0)

extension WaiverProgram {
  /// The waiver, changed in some part.
  fileprivate func with(
    findings: WaivedFindings? = nil, reason: String? = nil, routine: Int? = nil
  ) -> WaiverProgram {
    WaiverProgram(
      name: name, findings: findings ?? self.findings, reason: reason ?? self.reason,
      expires: expires, routine: routine ?? self.routine, position: position)
  }
}

extension Program {
  fileprivate mutating func setFindings(gate: Int = 0, clause: Int = 1, _ nodes: [WaivedNode]) {
    waivers[0] = waivers[0].with(
      findings: WaivedFindings(gate: gate, clause: clause, nodes: nodes))
  }

  fileprivate mutating func setRole(_ role: String?) {
    let gate = gates[0]
    gates[0] = GateProgram(
      name: gate.name, parameters: gate.parameters, waivingRole: role, clauses: gate.clauses)
  }
}

private func node(_ id: String, _ kind: Int = 0) -> WaivedNode { WaivedNode(kind: kind, id: id) }

private let rules = [
  BrokenTable("waiver twice", .program, .duplicate("waiver", "checkout.W17")) {
    $0.waivers.append($0.waivers[0])
  },
  BrokenTable("no such role", .entry(.gates, 0), .unknownRole("nobody")) { $0.setRole("nobody") },
  BrokenTable("nobody grants", place, .notWaivable) { $0.setRole(nil) },
  BrokenTable("asks for an approval", place, .notWaivable) {
    $0.setFindings(clause: 0, [node("a")])
  },
  BrokenTable("no such gate", place, .noSuch("gate", 2)) { $0.setFindings(gate: 2, [node("a")]) },
  BrokenTable("no such clause", place, .noSuch("clause", 2)) {
    $0.setFindings(clause: 2, [node("a")])
  },
  BrokenTable("another gate's clause", place, .noSuch("clause", 0)) {
    $0.setFindings(gate: 1, clause: 0, [node("a")])
  },
  BrokenTable("no node", place, .empty("nodes")) { $0.setFindings([]) },
  BrokenTable("too many nodes", place, .tooMany("nodes", count: 9, limit: 8)) {
    $0.setFindings((0..<9).map { node("\($0)") })
  },
  BrokenTable("node twice", place, .duplicate("node", "a")) {
    $0.setFindings([node("a"), node("b"), node("a")])
  },
  BrokenTable("no such kind", place, .noSuch("kind", 9)) { $0.setFindings([node("a", 9)]) },
  BrokenTable("kind of a request", place, .badType("node")) {
    $0.setFindings([node("erik", 2)])
  },
  BrokenTable("U+0000 in an id", place, .badText("id")) { $0.setFindings([node("a\0b")]) },
  BrokenTable("no reason", place, .badText("reason")) {
    $0.waivers[0] = $0.waivers[0].with(reason: "")
  },
  BrokenTable("no such routine", place, .noSuch("routine", 12)) {
    $0.waivers[0] = $0.waivers[0].with(routine: 12)
  },
  BrokenTable("other inputs", place, .inputs(4, expected: 2)) {
    $0.waivers[0] = $0.waivers[0].with(routine: 1)
  },
  BrokenTable("asks itself for an approval", place, .strayApproval(routine: 0)) {
    $0.waivers[0] = $0.waivers[0].with(routine: 0)
  },
  BrokenTable("captures a scalar", place, .wrongCapture(0)) {
    $0.waivers[0] = $0.waivers[0].with(routine: 9)
  },
]

@Suite struct WaiverTests {
  @Test(arguments: rules) func brokenRuleIsFound(_ broken: BrokenTable) throws {
    var program = try everything().program.program
    broken.change(&program)
    #expect(throws: VerifyError(broken.place, broken.problem)) {
      try VerifiedProgram(verifying: program)
    }
  }

  /// What a grant is bound to: every part of the text is in it.
  @Test func everyPartIsInTheText() throws {
    let program = try everything().program.program
    let waiver = try #require(program.waivers.first)
    let text = program.text(of: waiver)
    #expect(
      try String(decoding: text.ownCanonicalBytes(), as: UTF8.self)
        == #"{"clause":"never","expires":"2026-11-19T10:00:00Z","for":["Service/cart","Team/b d"],"#
        + #""gate":"checkout.ship","reason":"a patch is due","waiver":"checkout.W17"}"#)
    let others = [
      waiver.with(reason: "another"),
      waiver.with(findings: WaivedFindings(gate: 0, clause: 0, nodes: waiver.findings.nodes)),
      waiver.with(findings: WaivedFindings(gate: 0, clause: 1, nodes: [node("cart")])),
    ]
    for other in others { #expect(program.text(of: other) != text) }
  }

  /// A bundle without waivers has no member for them, so older bundles are read as they were.
  @Test func manifestWithoutWaiversIsAsItWas() throws {
    let bundle = try everything()
    var program = bundle.program.program
    program.waivers = []
    program.setRole(nil)
    let without = try Bundle(
      program: try VerifiedProgram(verifying: program), keyRegistry: [], revision: 1,
      languageVersion: "1", engineVersion: "1")
    let bytes = try without.encoded()
    #expect(bytes.firstRange(of: Array("waiv".utf8)) == nil)
    #expect(try decodeBundle(bytes) == without)
    #expect(try bundle.encoded().firstRange(of: Array(#""waivers":[{"#.utf8)) != nil)
  }
}
