// Actions in bundles: each broken rule is found where it is broken, and bundles without actions are as they were.
import Testing
import WritBytecode
import WritModel

extension ActionProgram {
  /// The action with some of its parts changed.
  fileprivate func with(
    name: String? = nil, effect: ActionEffect? = nil, impacts: [ActionImpact]? = nil,
    parameters: [NamedType]? = nil, guardGate: Int?? = nil, guardArguments: [Int]? = nil,
    rollback: RollbackReference?? = nil, isIrreversible: Bool? = nil,
    breakGlass: BreakGlass?? = nil, labels: [String]? = nil, command: [CommandWord]? = nil,
    secrets: [String]? = nil,
    timeout: Int64?? = nil,
    position: String? = nil
  ) -> ActionProgram {
    ActionProgram(
      name: name ?? self.name, kind: kind, effect: effect ?? self.effect,
      impacts: impacts ?? self.impacts, parameters: parameters ?? self.parameters,
      guardGate: guardGate ?? self.guardGate, guardArguments: guardArguments ?? self.guardArguments,
      rollback: rollback ?? self.rollback, isIrreversible: isIrreversible ?? self.isIrreversible,
      breakGlass: breakGlass ?? self.breakGlass, labels: labels ?? self.labels,
      command: command ?? self.command,
      secrets: secrets ?? self.secrets,
      timeout: timeout ?? self.timeout, isIdempotent: isIdempotent,
      position: position ?? self.position)
  }

  /// The action with one more word.
  fileprivate func saying(_ pieces: MessagePiece...) -> ActionProgram {
    with(command: command + [CommandWord(pieces: pieces)])
  }
}

private let deploy = VerifyPlace.entry(.actions, 0)
private let undo = VerifyPlace.entry(.actions, 1)

private let guardRules = [
  BrokenTable("action twice", .program, .duplicate("action", "checkout.undo")) {
    $0.actions[0] = $0.actions[0].with(name: "checkout.undo")
  },
  BrokenTable("no guard", deploy, .unguarded) {
    $0.actions[0] = $0.actions[0].with(guardGate: .some(nil), guardArguments: [])
  },
  BrokenTable("arguments for no guard", deploy, .strayArguments) {
    $0.actions[0] = $0.actions[0].with(effect: .staging, guardGate: .some(nil))
  },
  BrokenTable("guard that is not there", deploy, .noSuch("gate", 2)) {
    $0.actions[0] = $0.actions[0].with(guardGate: 2)
  },
  BrokenTable("guard below 0", deploy, .noSuch("gate", -1)) {
    $0.actions[0] = $0.actions[0].with(guardGate: -1)
  },
  BrokenTable("too few arguments", deploy, .handedOn(1, expected: 2)) {
    $0.actions[0] = $0.actions[0].with(guardArguments: [1])
  },
  BrokenTable("argument that is not there", deploy, .noSuch("parameter", 2)) {
    $0.actions[0] = $0.actions[0].with(guardArguments: [1, 2])
  },
  BrokenTable("arguments in another order", deploy, .badType("argument")) {
    $0.actions[0] = $0.actions[0].with(guardArguments: [0, 1])
  },
  BrokenTable("more kinds than the gate takes", undo, .badType("argument")) {
    $0.actions[1] = $0.actions[1].with(
      parameters: [NamedType(name: "service", type: .node([0, 1]))])
  },
]

private let rollbackRules = [
  BrokenTable("no way back and no word of it", undo, .rollbackForm) {
    $0.actions[1] = $0.actions[1].with(isIrreversible: false)
  },
  BrokenTable("a way back and the word that there is none", deploy, .rollbackForm) {
    $0.actions[0] = $0.actions[0].with(isIrreversible: true)
  },
  BrokenTable("way back that is not there", deploy, .noSuch("action", 2)) {
    $0.actions[0] = $0.actions[0].with(
      rollback: RollbackReference(action: 2, arguments: [1]))
  },
  BrokenTable("way back with too much", deploy, .handedOn(2, expected: 1)) {
    $0.actions[0] = $0.actions[0].with(
      rollback: RollbackReference(action: 1, arguments: [1, 1]))
  },
  BrokenTable("takes itself back", undo, .rollbackCycle) {
    $0.actions[1] = $0.actions[1].with(
      rollback: RollbackReference(action: 1, arguments: [0]), isIrreversible: false)
  },
  BrokenTable("taken back by what it takes back", deploy, .rollbackCycle) {
    $0.actions[1] = $0.actions[0].with(
      name: "b", rollback: RollbackReference(action: 0, arguments: [0, 1]))
    $0.actions[0] = $0.actions[0].with(
      rollback: RollbackReference(action: 1, arguments: [0, 1]))
  },
]

private func glass(_ role: String = "lead", within: Int64 = 3_600_000_000) -> BreakGlass {
  BreakGlass(role: role, within: within)
}

private let breakGlassRules = [
  BrokenTable("nobody can review it", deploy, .unknownRole("nobody")) {
    $0.actions[0] = $0.actions[0].with(breakGlass: glass("nobody"))
  },
  BrokenTable("reviewed at once", deploy, .outOfBounds("time of a review", 0)) {
    $0.actions[0] = $0.actions[0].with(breakGlass: glass(within: 0))
  },
  BrokenTable(
    "reviewed too late", deploy, .outOfBounds("time of a review", 2_592_000_000_001)
  ) {
    $0.actions[0] = $0.actions[0].with(breakGlass: glass(within: 2_592_000_000_001))
  },
  BrokenTable("break-glass without a gate", deploy, .unguarded) {
    $0.actions[0] = $0.actions[0].with(
      effect: ActionEffect.none, guardGate: .some(nil), guardArguments: [], breakGlass: glass())
  },
  BrokenTable("break-glass by a gate of another", deploy, .sharedGate(0)) {
    let usual = $0.actions[0].with(name: "a.usual")
    $0.actions[0] = $0.actions[0].with(breakGlass: glass())
    $0.actions.append(usual)
  },
  BrokenTable("break-glass that takes back", deploy, .misplacedBreakGlass) {
    $0.actions[1] = $0.actions[1].with(breakGlass: glass())
  },
  BrokenTable(
    "break-glass as a step", .step(pipeline: 0, path: "production/deploy"), .misplacedBreakGlass
  ) {
    $0.actions[0] = $0.actions[0].with(breakGlass: glass())
  },
]

/// An action of the table that makes a request.
private func asks(_ action: ActionProgram, _ words: [MessagePiece]...) -> ActionProgram {
  let start: [[MessagePiece]] = [
    [.text("writ:http")], [.text("POST")], [.text("url")], [.text("text:https://a.example/")],
  ]
  return action.with(command: (start + words).map { CommandWord(pieces: $0) })
}

private let requestRules = [
  BrokenTable("request with a value in a tag", undo, .request("an open word")) {
    let value = $0.actions[1].command[1].pieces
    $0.actions[1] = asks($0.actions[1], [.text("secret:")] + value)
  },
  BrokenTable("request with two values in a word", undo, .request("an open word")) {
    let value = $0.actions[1].command[1].pieces
    $0.actions[1] = asks($0.actions[1], [.text("value:")] + value + value)
  },
  BrokenTable("request with a value alone", undo, .request("an open word")) {
    $0.actions[1] = asks($0.actions[1], $0.actions[1].command[1].pieces)
  },
  BrokenTable(
    "request whose host is a value", undo,
    .request(
      "the URL begins with `https://host/` or `http://host/`, small letters, which the policy fixes"
    )
  ) {
    let words: [[MessagePiece]] = [
      [.text("writ:http")], [.text("GET")], [.text("url")], [.text("text:https://")],
      [.text("value:")] + $0.actions[1].command[1].pieces, [.text("text:/")],
    ]
    $0.actions[1] = $0.actions[1].with(command: words.map { CommandWord(pieces: $0) })
  },
  BrokenTable(
    "request with a secret that is not the action's", undo,
    .request("a secret that it is not handed")
  ) {
    $0.actions[1] = asks($0.actions[1], [.text("header:A")], [.text("secret:never_named")])
  },
  BrokenTable(
    "request with a secret in its body", undo,
    .request("a secret goes into a header, and nowhere else")
  ) {
    $0.actions[1] = asks($0.actions[1], [.text("body")], [.text("secret:never_named")])
  },
]

private let commandRules = [
  BrokenTable("no words", deploy, .openProgram) {
    $0.actions[0] = $0.actions[0].with(command: [])
  },
  BrokenTable("program is a value", undo, .openProgram) {
    $0.actions[1] = $0.actions[1].with(command: [$0.actions[1].command[1]])
  },
  BrokenTable("program has a value", undo, .openProgram) {
    let value = $0.actions[1].command[1].pieces
    $0.actions[1] = $0.actions[1].with(command: [CommandWord(pieces: [.text("a")] + value)])
  },
  BrokenTable("program is empty", deploy, .openProgram) {
    $0.actions[0] = $0.actions[0].with(command: [CommandWord(pieces: [.text("")])])
  },
  BrokenTable("piece is empty", deploy, .badText("word")) {
    $0.actions[0] = $0.actions[0].saying(.text(""))
  },
  BrokenTable("U+0000 in a word", deploy, .badText("word")) {
    $0.actions[0] = $0.actions[0].saying(.text("a\0b"))
  },
  BrokenTable(
    "word too long", deploy, .tooMany("bytes of a word", count: 65_537, limit: 65_536)
  ) {
    $0.actions[0] = $0.actions[0].saying(.text(String(repeating: "x", count: 65_537)))
  },
  BrokenTable("too many words", deploy, .tooMany("words", count: 1_025, limit: 1_024)) {
    $0.actions[0] = $0.actions[0].with(
      command: Array(repeating: $0.actions[0].command[0], count: 1_025))
  },
  BrokenTable("routine that is not there", deploy, .noSuch("routine", 12)) {
    $0.actions[0] = $0.actions[0].saying(.value(routine: 12, type: .int))
  },
  BrokenTable("routine of another shape", deploy, .inputs(1, expected: 2)) {
    $0.actions[0] = $0.actions[0].saying(.value(routine: 8, type: .node([0])))
  },
  BrokenTable("routine that yields nothing", deploy, .captures(0, expected: 1)) {
    $0.actions[0] = $0.actions[0].saying(.value(routine: 5, type: .int))
  },
  BrokenTable("word may be absent", deploy, .badType("word")) {
    $0.actions[0] = $0.actions[0].saying(.value(routine: 9, type: .optional(.int)))
  },
  BrokenTable("word is a set", deploy, .badType("word")) {
    $0.actions[0] = $0.actions[0].saying(.value(routine: 9, type: .set(.int)))
  },
  BrokenTable("word is an edge", deploy, .badType("word")) {
    $0.actions[0] = $0.actions[0].saying(.value(routine: 9, type: .edge(0)))
  },
  BrokenTable("word asks for an approval", deploy, .strayApproval(routine: 0)) {
    $0.actions[0] = $0.actions[0].saying(.value(routine: 0, type: .int))
  },
  BrokenTable("word hands out now", deploy, .readsMoment(routine: 9)) {
    $0.setEmission(ofRoutine: 9, register: 0)
  },
  BrokenTable("word hands out who calls", deploy, .readsMoment(routine: 9)) {
    $0.setEmission(ofRoutine: 9, register: 1)
  },
  BrokenTable("word is made of now", deploy, .readsMoment(routine: 9)) {
    let routine = $0.routines[9]
    let own = routine.registerCount
    $0.routines[9] = Routine(
      inputCount: 2, registerCount: own + 1, setCount: 0, cursorCount: 0, scoreBufferCount: 0,
      emissions: routine.emissions,
      code: [Instruction(.move, a: UInt16(own), b: 0)] + routine.code)
  },
]

extension Program {
  /// Makes the one capture of a routine another register.
  mutating func setEmission(ofRoutine index: Int, register: Int) {
    let routine = routines[index]
    routines[index] = Routine(
      inputCount: routine.inputCount, registerCount: routine.registerCount,
      setCount: routine.setCount, cursorCount: routine.cursorCount,
      scoreBufferCount: routine.scoreBufferCount,
      emissions: [Emission(captures: [.register(register)], witnesses: [])], code: routine.code)
  }
}

private let otherRules = [
  BrokenTable("parameter twice", deploy, .duplicate("parameter", "age")) {
    $0.actions[0] = $0.actions[0].with(
      parameters: [$0.actions[0].parameters[0], $0.actions[0].parameters[0]])
  },
  BrokenTable("parameter may be absent", deploy, .badType("parameter")) {
    $0.actions[0] = $0.actions[0].with(
      parameters: [
        NamedType(name: "age", type: .optional(.duration)), $0.actions[0].parameters[1],
      ])
  },
  BrokenTable("impact twice", deploy, .duplicate("impact", "outage")) {
    $0.actions[0] = $0.actions[0].with(impacts: [.outage, .outage])
  },
  BrokenTable("label twice", deploy, .duplicate("label", "a")) {
    $0.actions[0] = $0.actions[0].with(labels: ["a", "a"])
  },
  BrokenTable("label that is no name", deploy, .badText("label")) {
    $0.actions[0] = $0.actions[0].with(labels: ["europe west"])
  },
  BrokenTable("too many labels", deploy, .tooMany("labels", count: 17, limit: 16)) {
    $0.actions[0] = $0.actions[0].with(labels: (0...16).map { "l\($0)" })
  },
  BrokenTable("secret twice", deploy, .duplicate("secret", "a")) {
    $0.actions[0] = $0.actions[0].with(secrets: ["a", "a"])
  },
  BrokenTable("secret that is no name", deploy, .badText("secret")) {
    $0.actions[0] = $0.actions[0].with(secrets: ["LD_PRELOAD=x"])
  },
  BrokenTable("too many secrets", deploy, .tooMany("secrets", count: 257, limit: 256)) {
    $0.actions[0] = $0.actions[0].with(secrets: (0...256).map { "s\($0)" })
  },
  BrokenTable("no time", deploy, .outOfBounds("timeout", 0)) {
    $0.actions[0] = $0.actions[0].with(timeout: 0)
  },
  BrokenTable("too much time", deploy, .outOfBounds("timeout", 86_400_000_001)) {
    $0.actions[0] = $0.actions[0].with(timeout: 86_400_000_001)
  },
  BrokenTable("U+0000 in the place", deploy, .badText("position")) {
    $0.actions[0] = $0.actions[0].with(position: "\0")
  },
]

@Suite struct ActionTests {
  @Test(
    arguments: guardRules + rollbackRules + breakGlassRules + commandRules + requestRules
      + otherRules)
  func brokenRuleIsFoundWhereItIsBroken(_ broken: BrokenTable) throws {
    var program = try everything().program.program
    broken.change(&program)
    #expect(throws: VerifyError(broken.place, broken.problem)) {
      try VerifiedProgram(verifying: program)
    }
  }

  @Test func whatFitsIsTaken() throws {
    var program = try everything().program.program
    // What touches nothing needs no guard, and a chain of ways back may be long.
    let quiet = program.actions[1].with(
      effect: ActionEffect.none, guardGate: .some(nil), guardArguments: [], isIrreversible: false)
    program.actions.append(
      quiet.with(name: "c", rollback: RollbackReference(action: 1, arguments: [0])))
    for index in 0..<1_000 {
      let back = RollbackReference(action: program.actions.count - 1, arguments: [0])
      program.actions.append(quiet.with(name: "c\(index)", rollback: back))
    }
    _ = try VerifiedProgram(verifying: program)
  }

  /// Break-glass that nothing plans, by a gate of its own, is taken, and comes through both forms of a bundle as it was.
  @Test func breakGlassIsTaken() throws {
    let bundle = try everything()
    var program = bundle.program.program
    program.pipelines = []
    program.actions[0] = program.actions[0].with(breakGlass: glass())
    let made = try Bundle(
      program: try VerifiedProgram(verifying: program), keyRegistry: bundle.keyRegistry,
      revision: bundle.revision, languageVersion: bundle.languageVersion,
      engineVersion: bundle.engineVersion)
    #expect(try decodeBundle(made.encoded()).program.program == program)
    #expect(try assemble(Array(disassemble(made).utf8)).program.program.actions == program.actions)
  }

  /// Labels come through both forms of a bundle as they were, and so does what is said of delegates.
  @Test func labelsAreTaken() throws {
    let bundle = try everything()
    var program = bundle.program.program
    program.actions[0] = program.actions[0].with(labels: ["production", "eu"])
    let made = try Bundle(
      program: try VerifiedProgram(verifying: program), keyRegistry: bundle.keyRegistry,
      delegates: [
        DelegateEntry(publicKey: "eu-1+0+A", labels: ["eu", "production"]),
        DelegateEntry(publicKey: "us-1+0+A", labels: []),
      ], revision: bundle.revision, languageVersion: bundle.languageVersion,
      engineVersion: bundle.engineVersion)
    #expect(try decodeBundle(made.encoded()) == made)
    #expect(try assemble(Array(disassemble(made).utf8)) == made)
  }

  /// A bundle without actions has no member for them, and one with the member but no actions is no bundle.
  @Test func manifestWithoutActionsIsAsItWas() throws {
    let bundle = try everything()
    var program = bundle.program.program
    program.actions = []
    program.pipelines = []
    let without = try Bundle(
      program: try VerifiedProgram(verifying: program), keyRegistry: [], revision: 1,
      languageVersion: "1", engineVersion: "1")
    let bytes = try without.encoded()
    #expect(bytes.firstRange(of: Array(#""actions""#.utf8)) == nil)
    #expect(try decodeBundle(bytes) == without)
    let withEmpty = try #require(
      insert(#""actions":[],"#, before: #""approvals""#, in: bytes))
    #expect(throws: BundleError.self) { try decodeBundle(withEmpty) }
    #expect(try bundle.encoded().firstRange(of: Array(#""actions":[{"#.utf8)) != nil)
  }

  /// Of a bundle's bytes, with a text put into the manifest and its length put right.
  private func insert(_ text: String, before mark: String, in bytes: [UInt8]) -> [UInt8]? {
    guard let place = bytes.firstRange(of: Array(mark.utf8))?.lowerBound else { return nil }
    var changed = bytes
    changed.insert(contentsOf: Array(text.utf8), at: place)
    var count = 0
    for index in 0..<4 { count |= Int(bytes[15 + index]) << (8 * index) }
    count += text.utf8.count
    for index in 0..<4 { changed[15 + index] = UInt8(count >> (8 * index) & 0xff) }
    return changed
  }

  /// A word that no list has, in the assembly language and in a manifest.
  @Test func unknownWordsAreRefused() throws {
    let text = disassemble(try everything())
    for (old, new) in [
      (" deploy production ", " deplay production "), (" deploy production ", " deploy all "),
      ("impact outage", "impact outages"), ("guard 0 1 0", "guard x"),
    ] {
      let changed = text.replacing(old, with: new)
      #expect(changed != text)
      #expect(throws: AssemblyError.self) { try assemble(Array(changed.utf8)) }
    }
    let bytes = try everything().encoded()
    let place = try #require(bytes.firstRange(of: Array(#""effect":"production""#.utf8)))
    var changed = bytes
    changed[place.upperBound - 2] = UInt8(ascii: "m")
    #expect(throws: BundleError.self) { try decodeBundle(changed) }
  }
}
