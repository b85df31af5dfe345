// The bundle file: what is written is read the same, and nothing else is read.
import Testing
import WritBytecode
import WritCrypto
import WritModel

@Suite struct BundleTests {
  private func small() throws -> Bundle {
    var program = Program(schema: Schema())
    program.constants = [.scalar(1 << 53), .string("é\"")]
    program.routines = [
      Routine(
        inputCount: 0, registerCount: 5, setCount: 0, cursorCount: 0, scoreBufferCount: 0,
        emissions: [], code: [Instruction(.move, a: 4, b: 2), Instruction(.halt)])
    ]
    return try Bundle(
      program: try VerifiedProgram(verifying: program), keyRegistry: [], revision: 1,
      languageVersion: "1", engineVersion: "1")
  }

  @Test func everythingRoundTrips() throws {
    let bundle = try everything()
    let bytes = try bundle.encoded()
    let again = try decodeBundle(bytes)
    #expect(again == bundle)
    #expect(try again.encoded() == bytes)
    #expect(try bundle.digest() == Digest(of: bytes))
  }

  /// The file, byte for byte as docs/bytecode.md says.
  @Test func fileIsAsDescribed() throws {
    let manifest =
      #"{"engine":"1","keys":[],"language":"1","program":{"approvals":[],"closures":[],"#
      + #""constants":[{"number":"9007199254740992"},{"string":"é\""}],"fields":[],"gates":[],"#
      + #""kindSets":[],"modules":[],"parameters":[],"queries":[],"roles":[],"routines":["#
      + #"{"buffers":0,"cursors":0,"emissions":[],"inputs":0,"registers":5,"sets":0,"words":2}],"#
      + #""schema":{"edges":[],"enums":[],"kinds":[],"sources":[]},"scorecards":[],"steps":[]},"#
      + #""revision":1}"#
    var expected = Array("writ-bundle-v1\n".utf8)
    let count = manifest.utf8.count
    expected += [UInt8(count & 0xff), UInt8(count >> 8), 0, 0] + Array(manifest.utf8)
    expected += [4, 0, 2, 0, 0, 0, 0, 0] + [0, 0, 0, 0, 0, 0, 0, Opcode.halt.rawValue]
    #expect(try small().encoded() == expected)
  }

  /// Every bit of a small file, and every byte of it made to some others.
  @Test func everyChangeOfAByteIsRefusedOrMeansAnotherBundle() throws {
    let bundle = try small()
    let bytes = try bundle.encoded()
    for at in bytes.indices {
      let digits: [UInt8] = [0x30, 0x31, 0x39, 0x22, 0x2c, 0x20, 0x00, 0xff]
      for value in (0..<8).map({ bytes[at] ^ 1 << $0 }) + digits where value != bytes[at] {
        var changed = bytes
        changed[at] = value
        guard let other = try? decodeBundle(changed) else { continue }
        #expect(other != bundle, "byte \(at) became \(value)")
        #expect(try other.encoded() == changed)
      }
    }
  }

  @Test(arguments: [5, 6])
  func damagedFilesNeverTrap(seed: UInt64) throws {
    let bytes = try everything().encoded()
    var random = Random(seed: seed)
    for _ in 0..<150 {
      var changed = bytes
      let at = random.below(bytes.count)
      switch random.below(3) {
      case 0: changed[at] = UInt8(random.below(256))
      case 1: changed.remove(at: at)
      default: changed[at] = UInt8(ascii: "0") + UInt8(random.below(10))
      }
      guard changed != bytes, let other = try? decodeBundle(changed) else { continue }
      #expect(try other.encoded() == changed)
    }
  }

  @Test func everyShorterOrLongerFileIsRefused() throws {
    let bytes = try small().encoded()
    for count in bytes.indices {
      #expect(throws: BundleError.self) { try decodeBundle(Array(bytes[..<count])) }
    }
    #expect(throws: BundleError.wrongLength(expected: bytes.count, found: bytes.count + 1)) {
      try decodeBundle(bytes + [0])
    }
    #expect(throws: BundleError.noMagic) { try decodeBundle(Array("writ-bundle-v2\n".utf8)) }
  }

  /// The small bundle with some part of its manifest spelled in another way.
  private func respelled(_ old: String, _ new: String) throws -> [UInt8] {
    let bytes = try small().encoded()
    let manifest = String(decoding: bytes[19..<(bytes.count - 16)], as: UTF8.self)
    let changed = Array(manifest.replacing(old, with: new, maxReplacements: 1).utf8)
    #expect(changed != Array(manifest.utf8))
    return Array(bytes[..<15]) + [UInt8(changed.count & 0xff), UInt8(changed.count >> 8), 0, 0]
      + changed + bytes.suffix(16)
  }

  @Test(arguments: [
    (#""keys":[]"#, #""keys": []"#),
    (#""words":2"#, #""words":2.0"#),
    (#""words":2"#, #""words":"2""#),
    (#""revision":1}"#, #""revision":1,"x":1}"#),
    (#"é"#, #"\u00e9"#),
    (#""engine":"1","keys":[]"#, #""keys":[],"engine":"1""#),
    (#""9007199254740992""#, #"9007199254740992"#),
  ])
  func otherSpellingsAreRefused(old: String, new: String) throws {
    do {
      _ = try decodeBundle(try respelled(old, new))
      Issue.record("accepted \(new)")
    } catch let error as BundleError {
      guard case .notCanonical = error else {
        Issue.record("\(new): \(error)")
        return
      }
    }
  }

  @Test(arguments: [
    (#""words":2"#, #""words":-1"#, "program.routines"),
    (#""words":2"#, #""words":"x""#, "program.routines[0].words"),
    (#""keys":[]"#, #""keys":{}"#, "keys"),
    (#""keys":[]"#, #""keys":[1]"#, "keys[0]"),
    (#""engine":"1""#, #""engine":1"#, "engine"),
    (#"{"number":"9007199254740992"}"#, #"{"number":1.5}"#, "program.constants[0].number"),
    (#"{"number":"9007199254740992"}"#, #"{}"#, "program.constants[0]"),
    (#""roles":[]"#, #""roles":[null]"#, "program.roles[0]"),
    (#""revision":1"#, #""revision":-1"#, "revision"),
  ])
  func brokenPartsAreNamed(old: String, new: String, path: String) throws {
    do {
      _ = try decodeBundle(try respelled(old, new))
      Issue.record("accepted \(new)")
    } catch let error as BundleError {
      guard case .badPart(path, _) = error else {
        Issue.record("\(new): \(error)")
        return
      }
    }
  }

  @Test func unverifiedProgramsAreRefused() throws {
    let bytes = try respelled(#""registers":5"#, #""registers":4"#)
    let problem = VerifyError(.word(routine: 0, word: 0), .noSuch("register", 4))
    #expect(throws: BundleError.notVerified(problem)) { try decodeBundle(bytes) }
  }

  @Test func registriesAreChecked() throws {
    let program = try small().program
    func bundle(_ keys: [RegistryEntry]) throws -> Bundle {
      try Bundle(
        program: program, keyRegistry: keys, revision: 0, languageVersion: "1",
        engineVersion: "1")
    }
    let good = RegistryEntry(name: "a", publicKey: "a+0+A", actor: "Identity/a", roles: ["r"])
    _ = try bundle([good])
    for bad in [
      [good, good],
      [RegistryEntry(name: "", publicKey: "a+0+A", actor: "Identity/a", roles: [])],
      [RegistryEntry(name: "a", publicKey: "", actor: "Identity/a", roles: [])],
      [RegistryEntry(name: "a", publicKey: "a", actor: "Identity", roles: [])],
      [RegistryEntry(name: "a", publicKey: "a", actor: "/a", roles: [])],
      [RegistryEntry(name: "a", publicKey: "a", actor: "Identity/", roles: [])],
      [RegistryEntry(name: "a", publicKey: "a", actor: "Identity/a", roles: ["r", "r"])],
    ] {
      #expect(throws: BundleError.self) { try bundle(bad) }
    }
  }

  /// Of delegates each stands once, with labels that can be; a file that says nothing of any is as it always was.
  @Test func delegatesAreChecked() throws {
    let program = try small().program
    func bundle(_ delegates: [DelegateEntry]) throws -> Bundle {
      try Bundle(
        program: program, keyRegistry: [], delegates: delegates, revision: 0,
        languageVersion: "1", engineVersion: "1")
    }
    func entry(_ labels: [String], key: String = "d+0+A") -> DelegateEntry {
      DelegateEntry(publicKey: key, labels: labels)
    }
    let good = try bundle([entry(["eu", "b"]), entry([], key: "e+0+A")])
    #expect(try decodeBundle(good.encoded()) == good)
    let text = String(decoding: try good.encoded(), as: UTF8.self)
    #expect(
      text.contains(
        #""delegates":[{"key":"d+0+A","labels":["eu","b"]},{"key":"e+0+A","labels":[]}],"#))
    let none = String(decoding: try bundle([]).encoded(), as: UTF8.self)
    #expect(!none.contains("delegates"))
    for bad in [
      [entry([]), entry(["eu"])], [entry([], key: "")], [entry(["a b"])], [entry([""])],
      [entry(["eu", "eu"])], [entry((0...16).map { "l\($0)" })], [entry(["1"])],
    ] {
      #expect(throws: BundleError.self) { try bundle(bad) }
    }
  }

  /// Of an agent's key the file says so, and of others it says what it always did.
  @Test func anAgentsKeyIsMarked() throws {
    func bytes(_ isAgent: Bool) throws -> [UInt8] {
      let key = RegistryEntry(
        name: "a", publicKey: "a+0+A", actor: "Identity/a", roles: [], isAgent: isAgent)
      return try Bundle(
        program: try small().program, keyRegistry: [key], revision: 0, languageVersion: "1",
        engineVersion: "1"
      ).encoded()
    }
    func holds(_ bytes: [UInt8], _ text: String) -> Bool {
      String(decoding: bytes, as: UTF8.self).contains(text)
    }
    #expect(
      try holds(
        bytes(true),
        #""keys":[{"actor":"Identity/a","agent":true,"key":"a+0+A","name":"a","roles":[]}]"#))
    #expect(
      try holds(
        bytes(false), #""keys":[{"actor":"Identity/a","key":"a+0+A","name":"a","roles":[]}]"#))
    #expect(try decodeBundle(try bytes(true)).keyRegistry.map(\.isAgent) == [true])
    #expect(try decodeBundle(try bytes(false)).keyRegistry.map(\.isAgent) == [false])
    // A person is told of by leaving the member out, in no other way.
    for word in ["fals", "null", "1234"] {
      var changed = try bytes(true)
      let place = try #require(changed.firstRange(of: Array("true".utf8))?.lowerBound)
      changed.replaceSubrange(place..<place + 4, with: word.utf8)
      #expect(throws: BundleError.self, "\(word)") { try decodeBundle(changed) }
    }
  }

  @Test func hugeFilesAreRefused() {
    let bytes = [UInt8](repeating: 0, count: Limits.bundleBytes + 1)
    #expect(throws: BundleError.tooLarge(byteCount: bytes.count)) { try decodeBundle(bytes) }
  }
}
