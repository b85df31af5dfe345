// What is refused, with file, line and column.
import Testing
import WritGraph
import WritModel

@Suite struct ProblemTests {
  private static let service = #"{"node":"Service","id":"x"}"#
  private static let team = #"{"node":"Team","id":"t"}"#

  @Test(arguments: [
    (#"{"node":"Servise","id":"x"}"#, "1:10: no kind `Servise`; did you mean `Service`?"),
    (#"{"node":"Qqqqqq","id":"x"}"#, "1:10: no kind `Qqqqqq`"),
    (
      #"{"node":"Service","id":"x","props":{"teir":1}}"#,
      "1:38: `Service` has no property `teir`; did you mean `tier`?"
    ),
    (
      #"{"edge":"ownner","from":"Service/x","to":"Team/t"}"#,
      "1:10: no edge `ownner` leaves `Service`; did you mean `owner`?"
    ),
    (
      #"{"source":"scaner","at":"2026-01-01T00:00:00Z","covers":"*"}"#,
      "1:12: no source `scaner`; did you mean `scanner`?"
    ),
    (
      #"{"node":"Vulnerability","id":"x","props":{"severity":"hihg"}}"#,
      "1:55: `hihg` is no member of the enum of `severity`; did you mean `high`?"
    ),
    (
      #"{"source":"osv","at":"2026-01-01T00:00:00Z","covers":"Servce"}"#,
      "1:55: no kind `Servce`; did you mean `Service`?"
    ),
  ])
  func misspeltNamesGetTheNearest(_ line: String, _ message: String) {
    #expect(problems([line]) == ["facts:" + message])
  }

  @Test(arguments: [
    ("tier", "1.0"), ("tier", "\"1\""), ("tier", "true"), ("tier", "1e2"), ("tier", "null"),
    ("coverage", "0.0000001"), ("coverage", "\"1e2\""), ("coverage", "\"01\""),
    ("coverage", "9223372036855"), ("critical", "1"), ("critical", "\"true\""),
    ("tags", "\"a\""), ("tags", "[1]"), ("tags", "[[\"a\"]]"), ("since", "20240229"),
    ("since", "\"2023-02-29\""), ("changed", "\"2026-11-18 22:00:00Z\""), ("timeout", "\"90\""),
    ("timeout", "90"), ("summary", "1"), ("summary", "{\"a\":1}"),
  ])
  func wrongTypes(_ property: String, _ value: String) {
    let line = #"{"node":"Service","id":"x","props":{"\#(property)":\#(value)}}"#
    let found = problems([line])
    #expect(found.count == 1)
    let column = 40 + property.utf8.count
    #expect(found.first?.hasPrefix("facts:1:\(column): `\(property)` of `Service` must be") == true)
  }

  @Test(arguments: [
    "{", "{}}", "{} {}", "[]", "1", "{\"node\"}", "{\"node\":\"Service\",}", "{'node':1}",
    "{\"node\":\"Service\",\"id\":\"x\",\"props\":{\"tier\":01}}",
    "{\"node\":\"Service\",\"id\":\"x\",\"props\":{\"tier\":1,}}",
    "{\"node\":\"Service\",\"id\":\"x\",\"props\":{\"tier\":}}",
    "{\"node\":\"Service\",\"id\":\"x\",\"props\":{\"tier\":-}}",
    "{\"node\":\"Service\",\"id\":\"x\",\"props\":{\"tier\":99999999999999999999}}",
    "{\"node\":\"Service\",\"id\":\"x\",\"props\":{\"coverage\":1.}}",
    "{\"node\":\"Service\",\"id\":\"x\\ud800\"}", "{\"node\":\"Service\",\"id\":\"x\\udc00\"}",
    "{\"node\":\"Service\",\"id\":\"x\\u00g0\"}", "{\"node\":\"Service\",\"id\":\"x\\q\"}",
    "{\"node\":\"Service\",\"id\":\"x\\u0000\"}", "{\"node\":\"Service\",\"id\":\"x\u{0}\"}",
    "{\"node\":\"Service\",\"id\":\"x\t\"}", "{\"node\":\"Service\",\"id\":\"x",
    "\u{feff}{\"node\":\"Service\",\"id\":\"x\"}", "{\"node\":\"Service\",\"id\":\"x\"}x",
    "{\"node\":\"Service\",\n\"id\":\"x\"}", "tru", "\"",
    "{\"\\u006eode\":\"Service\",\"id\":\"x\"}",
  ])
  func whatIsNotJSONIsRefused(_ line: String) {
    #expect(!problems([line]).isEmpty)
  }

  @Test func bytesThatAreNotUTF8AreRefused() {
    for bad: [UInt8] in [
      [0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82],
    ] {
      let line = Array(#"{"node":"Person","id":""#.utf8) + bad + Array(#""}"#.utf8)
      #expect(throws: GraphProblems.self) { try snapshot(bytes: line) }
    }
  }

  @Test(arguments: [
    (#"{"node":"Service"}"#, "1:1: `id` is missing"),
    (#"{"edge":"owner","from":"Service/x"}"#, "1:1: `to` is missing"),
    (#"{"edge":"owner","to":"Service/x"}"#, "1:1: `from` is missing"),
    (#"{"source":"osv","covers":"*"}"#, "1:1: `at` is missing"),
    (#"{"source":"osv","at":"2026-01-01T00:00:00Z"}"#, "1:1: `covers` is missing"),
    (#"{"id":"x"}"#, "1:1: expected a `node`, `edge`, `source`, `remove` or `removeEdge`"),
    ("{}", "1:1: expected a `node`, `edge`, `source`, `remove` or `removeEdge`"),
    (#"{"node":"Service","id":"x","colour":1}"#, "1:28: `colour` means nothing here"),
    (#"{"node":"Service","id":"x","to":"y"}"#, "1:34: `to` means nothing here"),
    (#"{"node":"Service","id":"x","id":"y"}"#, "1:28: `id` stands twice"),
    (#"{"node":"Service","id":7}"#, "1:24: `id` must be a string"),
    (#"{"node":"Service","id":"x","props":[]}"#, "1:36: `props` must be an object"),
    (#"{"node":"Service","id":"x","props":{"tier":1,"tier":1}}"#, "1:46: `tier` stands twice"),
    (
      #"{"edge":"owner","from":"Service","to":"Team/t"}"#,
      "1:25: `Service` is not of the form `Kind/id`"
    ),
    (#"{"edge":"owner","from":"/x","to":"Team/t"}"#, "1:25: `/x` is not of the form `Kind/id`"),
    (
      #"{"source":"osv","at":"now","covers":"*"}"#,
      "1:23: `at` must be an instant such as `2026-11-19T10:00:00Z`"
    ),
  ])
  func factsHaveTheirMembers(_ line: String, _ message: String) {
    #expect(problems([line]) == ["facts:" + message])
  }

  @Test(arguments: [
    (
      #"{"edge":"owner","from":"Service/x","to":"Team/gone"}"#, "3:42: there is no node `Team/gone`"
    ),
    (
      #"{"edge":"owner","from":"Service/gone","to":"Team/t"}"#,
      "3:1: there is no node `Service/gone`"
    ),
    (
      #"{"source":"osv","at":"2026-01-01T00:00:00Z","covers":"Team/gone"}"#,
      "3:55: there is no node `Team/gone`"
    ),
    (
      #"{"edge":"owner","from":"Service/x","to":"Service/x"}"#,
      "3:42: `owner` leads to `Team` or `Person`, not to `Service`"
    ),
    (
      #"{"node":"Service","id":"x","props":{"tier":9}}"#,
      "3:25: `Service/x` was said before with other values"
    ),
    (
      #"{"node":"Service","id":"y","props":{"name":"z"}}"#,
      "3:25: `name` is the key of `Service/y` and must equal its id"
    ),
    (#"{"node":"Release","id":"r"}"#, "3:10: only a request may bring `Release`"),
    (
      #"{"node":"Service","id":"y","props":{"note":"n"}}"#,
      "3:38: only a request may bring `Service.note`"
    ),
    (
      #"{"edge":"reviewedBy","from":"Service/x","to":"Person/p"}"#,
      "3:10: only a request may bring `reviewedBy`"
    ),
    (
      #"{"node":"Vulnerability","id":"v","source":"catalog"}"#,
      "3:44: `Vulnerability` does not come from `catalog`"
    ),
    (#"{"remove":"Service/gone"}"#, "3:12: there is no node `Service/gone`"),
    (
      #"{"removeEdge":"owner","from":"Service/x","to":"Team/t"}"#,
      "3:16: there is no edge `Service/x owner Team/t` to remove"
    ),
  ])
  func factsFitTogether(_ line: String, _ message: String) {
    #expect(problems([Self.service, Self.team, line]) == ["facts:" + message])
  }

  @Test func anEdgeToOneNodeLeadsToOneNode() {
    let lines = [
      Self.service, Self.team, #"{"node":"Team","id":"u"}"#,
      #"{"edge":"owner","from":"Service/x","to":"Team/u"}"#,
      #"{"edge":"owner","from":"Service/x","to":"Team/t"}"#,
    ]
    #expect(problems(lines) == ["facts:5:42: `owner` of `Service/x` leads to more than one node"])
  }

  @Test func everyIndependentProblemIsSaidAtOnce() {
    let lines = [
      #"{"node":"Service","id":"x","props":{"tier":"a","critical":2,"odd":1}}"#,
      #"{"node":"Nope","id":"x"}"#, #"{"edge":"owner","from":"Service/x","to":"Team/gone"}"#,
    ]
    #expect(problems(lines).count == 4)
    // With a line that could not be read nobody knows what is missing.
    #expect(problems(lines.dropFirst().dropLast() + ["{", lines[2]]).count == 2)
  }

  @Test func problemsAreCountedToAHundred() {
    let lines = Array(repeating: #"{"node":"Nope","id":"x"}"#, count: 250)
    #expect(problems(lines).count == 100)
  }

  @Test func compressedInputIsNamed() {
    do throws(GraphProblems) {
      _ = try snapshot(bytes: [0x1f, 0x8b, 8, 0])
      Issue.record("was read")
    } catch {
      #expect(error.problems.map(\.cause) == [.compressed])
    }
  }

  @Test func longLinesAndDeepValuesAreRefused() {
    let long = String(repeating: "a", count: 1 << 20)
    #expect(problems([#"{"node":"Person","id":"\#(long)"}"#]).count == 1)
    let deep = String(repeating: "[", count: 100_000)
    #expect(problems([#"{"node":"Person","id":"x","props":{"odd":\#(deep)"#]).count == 2)
    let many = Array(repeating: "\"a\"", count: 65_537).joined(separator: ",")
    #expect(
      problems([#"{"node":"Service","id":"x","props":{"tags":[\#(many)]}}"#]).count == 1)
  }

  @Test func anUnsoundSchemaIsAProblem() {
    var schema = fixtureSchema()
    schema.kinds.append(NodeKind(name: "Service", origin: .unsourced, fields: []))
    #expect(throws: GraphProblems.self) { try snapshot([], schema) }
    schema = fixtureSchema()
    schema.kinds.append(NodeKind(name: "A/B", origin: .unsourced, fields: []))
    #expect(throws: GraphProblems.self) { try snapshot([], schema) }
    schema = fixtureSchema()
    schema.kinds.append(NodeKind(name: "X", origin: .sources([9]), fields: []))
    #expect(throws: GraphProblems.self) { try snapshot([], schema) }
  }

  @Test func noLineTrapsTheReader() {
    var generator = SeededGenerator(seed: 7)
    let alphabet = Array(#"{}[]",:\u0123456789eE+-.truefalsn /"#.utf8) + [0, 10, 0xc3, 0xff]
    for line in fixtureLines {
      for _ in 0..<60 {
        var bytes = Array(line.utf8)
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
          let place = Int.random(in: 0..<bytes.count, using: &generator)
          switch Int.random(in: 0..<3, using: &generator) {
          case 0: bytes[place] = alphabet.randomElement(using: &generator) ?? 0
          case 1: bytes.remove(at: place)
          default: bytes.insert(alphabet.randomElement(using: &generator) ?? 0, at: place)
          }
        }
        _ = try? snapshot(bytes: bytes)
      }
      for count in 1..<line.utf8.count {
        let part = Array(line.utf8.prefix(count))
        #expect(throws: GraphProblems.self) { try snapshot(bytes: part) }
      }
    }
  }
}
