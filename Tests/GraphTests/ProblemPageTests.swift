// Everything that the import can find wrong has a case here and an entry on its page.

import Testing
import WritGraph
import WritTesting

@Suite struct ProblemPageTests {
  private static let page = "docs/diagnostics/facts.md"

  private static let service = #"{"node":"Service","id":"x"}"#
  private static let team = #"{"node":"Team","id":"t"}"#
  private static let other = #"{"node":"Team","id":"u"}"#

  /// Lines whose last one, or the file that they make, is refused.
  private static let refused: [[String]] = [
    ["{"], ["{\"node\":\"Person\",\"id\":\"\u{1}\"}"],
    [#"{"node":"Person","id":"\u0000"}"#], [#"{"node":"Person","id":"\x"}"#],
    [#"{"node":"Service","id":"x","props":{"tier":99999999999999999999}}"#],
    [#"{"node":"Person","id":"x","props":{"odd":"# + String(repeating: "[", count: 99)],
    [#"{"node":"Person","id":""# + String(repeating: "a", count: 1 << 20) + #""}"#],
    ["{} {}"], ["{}"], [#"{"node":"Service"}"#], [#"{"node":"Service","id":"x","colour":1}"#],
    [#"{"node":"Service","id":"x","id":"y"}"#], [#"{"node":"Service","id":7}"#],
    [#"{"node":"Servise","id":"x"}"#], [#"{"edge":"ownner","from":"Service/x","to":"Team/t"}"#],
    [#"{"node":"Service","id":"x","props":{"teir":1}}"#],
    [#"{"source":"scaner","at":"2026-01-01T00:00:00Z","covers":"*"}"#],
    [#"{"node":"Service","id":"x","props":{"tier":1.5}}"#],
    [#"{"node":"Vulnerability","id":"x","props":{"severity":"hihg"}}"#],
    [
      #"{"node":"Service","id":"x","props":{"tags":["#
        + Array(repeating: "\"a\"", count: 65_537).joined(separator: ",") + "]}}"
    ],
    [#"{"edge":"owner","from":"Service","to":"Team/t"}"#],
    [service, #"{"edge":"owner","from":"Service/x","to":"Team/gone"}"#],
    [service, #"{"node":"Service","id":"x","props":{"tier":9}}"#],
    [service, #"{"edge":"owner","from":"Service/x","to":"Service/x"}"#],
    [
      service, team, other, #"{"edge":"owner","from":"Service/x","to":"Team/u"}"#,
      #"{"edge":"owner","from":"Service/x","to":"Team/t"}"#,
    ],
    [#"{"node":"Service","id":"y","props":{"name":"z"}}"#], [#"{"node":"Release","id":"r"}"#],
    [#"{"node":"Vulnerability","id":"v","source":"catalog"}"#],
    [service, team, #"{"removeEdge":"owner","from":"Service/x","to":"Team/t"}"#],
  ]

  /// A string that is not UTF-8.
  private static let broken =
    Array(#"{"node":"Person","id":""#.utf8) + [0xff] + Array(#""}"#.utf8)

  /// Lines that no request may bring.
  private static let refusedOfRequests = [
    #"{"node":"Team","id":"t"}"#, #"{"source":"osv","at":"2026-01-01T00:00:00Z","covers":"*"}"#,
  ]

  @Test func everyProblemHasACaseAndAnEntry() throws {
    var found = try Self.refused.flatMap { try causes($0) }
    found += try Self.refusedOfRequests.flatMap { try causesInRequest($0) }
    found += try causes(of: [0x1f, 0x8b, 0]) + causes(of: Self.broken)
    found += causesOfTooManyInputs() + causesOfASchema() + (try causesOfADelta())
    let cases = Set(found.flatMap(labels))
    #expect(try Self.declared().subtracting(cases) == [], "without a case")
    let entries = Set(
      Corpus.text(Self.page).split(separator: "\n").filter { $0.hasPrefix("## ") }
        .map { String($0.dropFirst(3)) })
    let messages = Set(found.map { general($0.message) })
    #expect(messages.subtracting(entries) == [], "without an entry in \(Self.page)")
    #expect(entries.subtracting(messages) == [], "entries of nothing")
  }

  /// The names of all problems and faults, as the source declares them. A fault that is `reported` is told nowhere.
  private static func declared() throws -> Set<String> {
    let problems = Corpus.text("Sources/WritGraph/GraphProblem.swift")
    let faults = Corpus.text("Sources/WritGraph/Ingest/JSONCursor.swift")
    let texts = [
      try #require(problems.split(separator: "extension GraphProblem.Cause").first),
      try #require(faults.split(separator: "/// A string as it stands").first),
    ]
    let names = texts.flatMap { text in
      text.split(separator: "\n").map { $0.drop { $0 == " " } }.filter { $0.hasPrefix("case ") }
        .map { line in String(line.dropFirst(5).prefix { $0.isLetter || $0.isNumber }) }
    }
    #expect(names.count > 30)
    return Set(names).subtracting(["reported"])
  }

  /// What the cause is called, and the fault inside it.
  private func labels(_ cause: GraphProblem.Cause) -> [String] {
    let label = Mirror(reflecting: cause).children.first?.label ?? "\(cause)"
    guard case .malformed(let fault) = cause else { return [label] }
    return [label, "\(fault)"]
  }

  /// The message with `…` for what differs from one to the next.
  private func general(_ message: String) -> String {
    var text = message.replacing(/`[^`]*`/, with: "`…`")
    text = text.replacing("; did you mean `…`?", with: "")
    text = text.replacing(/(`…`)( or `…`)+/, with: "`…`")
    text = text.replacing(/must be .*/, with: "must be …")
    return text.replacing(/(cannot be used|too much): .*/) { "\($0.output.1): …" }
  }
}

extension ProblemPageTests {
  /// A delta for another snapshot, and what it is for in its second line.
  private func causesOfADelta() throws -> [GraphProblem.Cause] {
    let (one, other) = (try snapshot([Self.team]), try snapshot([]))
    return [#"{"base":"\#(other.rootDigest)"}"#, "\(Self.other)\n{\"base\":\"\"}"].flatMap { text in
      var builder = SnapshotBuilder(one)
      builder.read(Array(text.utf8), named: "delta")
      return causes(of: builder)
    }
  }

  private func causes(_ lines: [String]) throws -> [GraphProblem.Cause] {
    try causes(of: Array(lines.joined(separator: "\n").utf8))
  }

  private func causes(of text: [UInt8]) throws -> [GraphProblem.Cause] {
    var builder = SnapshotBuilder(fixtureSchema())
    builder.read(text, named: "facts")
    return causes(of: builder)
  }

  private func causesInRequest(_ line: String) throws -> [GraphProblem.Cause] {
    let schema = fixtureSchema()
    let empty = try SnapshotBuilder(schema).build()
    var builder = OverlayBuilder(try OverlayPlan(empty, schema))
    builder.read(Array(line.utf8), named: "facts")
    do throws(GraphProblems) {
      _ = try builder.build()
      return []
    } catch {
      return error.problems.map(\.cause)
    }
  }

  private func causesOfTooManyInputs() -> [GraphProblem.Cause] {
    var builder = SnapshotBuilder(fixtureSchema())
    for _ in 0..<4_096 { builder.read([], named: "facts") }
    return causes(of: builder)
  }

  private func causesOfASchema() -> [GraphProblem.Cause] {
    var schema = fixtureSchema()
    schema.kinds.append(schema.kinds[0])
    return causes(of: SnapshotBuilder(schema))
  }

  /// What was thrown; of facts that are taken, nothing.
  private func causes(of builder: consuming SnapshotBuilder) -> [GraphProblem.Cause] {
    do throws(GraphProblems) {
      _ = try builder.build()
      return []
    } catch {
      return error.problems.map(\.cause)
    }
  }
}
