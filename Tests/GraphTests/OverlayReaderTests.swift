// Overlays that are laid out straight from what was read are those that the whole assembly makes.
import Testing
import WritGraph
import WritGraphTesting
import WritModel

@Suite struct OverlayReaderTests {
  private let plan: OverlayPlan

  init() throws {
    plan = try OverlayPlan(snapshot(fixtureLines), Self.schema())
  }

  /// The fixture's, with a kind and an edge that have a field of each form.
  private static func schema() -> Schema {
    var schema = fixtureSchema()
    let types: [(String, ValueType)] = [
      ("flag", .bool), ("count", .int), ("share", .decimal), ("text", .string), ("day", .date),
      ("moment", .instant), ("span", .duration), ("level", .enumeration(0)),
      ("names", .set(.string)),
      ("maybe", .optional(.string)),
    ]
    let fields = types.map {
      FieldType(name: $0.0, type: $0.1, origin: .request, isKey: false)
    }
    schema.kinds.append(NodeKind(name: "Answer", origin: .request, fields: fields))
    schema.edges.append(
      EdgeType(
        name: "says", source: schema.kinds.count - 1,
        targets: [Kind.service, Kind.person, schema.kinds.count - 1], cardinality: .many,
        fields: fields, origin: .request, inverse: "saidBy"))
    return schema
  }

  private func whole(_ lines: [String]) throws(GraphProblems) -> Overlay {
    var builder = OverlayBuilder(plan)
    builder.read(Array(lines.joined(separator: "\n").utf8), named: "request")
    return try builder.build()
  }

  private func outcome(_ make: () throws(GraphProblems) -> Overlay) -> String {
    do throws(GraphProblems) {
      return contents(of: try make())
    } catch {
      return error.problems.map(\.description).joined(separator: "\n")
    }
  }

  @Test func oneReaderSaysWhatABuilderSaysOfEveryRequest() throws {
    let reader = OverlayReader(plan)
    var random = SeededGenerator(seed: 5)
    var (overlays, refusals) = (0, 0)
    for _ in 0..<4_000 {
      let lines = RandomRequest.lines(&random)
      let bytes = Array(lines.joined(separator: "\n").utf8)
      let quick = outcome { () throws(GraphProblems) in
        try reader.overlay(bytes, named: "request")
      }
      let slow = outcome { () throws(GraphProblems) in try whole(lines) }
      guard quick == slow else {
        Issue.record("\(lines.joined(separator: "\n"))\n\(quick)\n-- but\n\(slow)")
        return
      }
      if quick.hasPrefix("strings") { overlays += 1 } else { refusals += 1 }
    }
    #expect(overlays > 1_000 && refusals > 300, "\(overlays) overlays, \(refusals) refusals")
  }

  @Test func anOverlayOutlivesItsReaderAndTheNextRequest() throws {
    let lines = [
      #"{"node":"Release","id":"r1","props":{"image":"shop:2","labels":["pays","new"]}}"#,
      #"{"edge":"releaseOf","from":"Release/r1","to":"Service/fraud","props":{"weight":2}}"#,
    ]
    var kept: [Overlay] = []
    do {
      let reader = OverlayReader(plan)
      kept.append(try reader.overlay(Array(lines.joined(separator: "\n").utf8), named: "request"))
      kept.append(try reader.overlay([], named: "request"))
      kept.append(try reader.overlay(Array(lines[0].utf8), named: "request"))
    }
    #expect(contents(of: kept[0]) == contents(of: try whole(lines)))
    #expect(contents(of: kept[1]) == contents(of: try whole([])))
    #expect(contents(of: kept[2]) == contents(of: try whole([lines[0]])))
  }

  @Test func aLargeRequestIsReadWhole() throws {
    let lines = (0..<2_000).map {
      #"{"node":"Release","id":"r\#($0)","props":{"image":"i\#($0)"}}"#
    }
    let reader = OverlayReader(plan)
    let large = try reader.overlay(Array(lines.joined(separator: "\n").utf8), named: "request")
    #expect(contents(of: large) == contents(of: try whole(lines)))
  }
}

/// Requests drawn at random: most of them are fine.
private enum RandomRequest {
  static func lines(_ random: inout SeededGenerator) -> [String] {
    (0..<Int.random(in: 0..<9, using: &random)).map { _ in
      switch Int.random(in: 0..<12, using: &random) {
      case 0...2: release(&random)
      case 3, 4: answer(&random)
      case 5:
        #"{"node":"Service","id":"\#(service(&random))","props":{"note":"\#(text(&random))"}}"#
      case 6, 7:
        #"{"edge":"releaseOf","from":"Release/\#(id(&random))","to":"\#(target(&random))","props":{"weight":\#(Int.random(in: 0..<3, using: &random))}}"#
      case 8:
        #"{"edge":"reviewedBy","from":"Service/\#(service(&random))","to":"\#(["Person/anna", "Release/a"].randomElement(using: &random) ?? "")"}"#
      case 9, 10:
        #"{"edge":"says","from":"Answer/\#(id(&random))","to":"Service/\#(service(&random))","props":{\#(properties(&random))}}"#
      default: odd(&random)
      }
    }
  }

  private static func pick(_ texts: [String], _ random: inout SeededGenerator) -> String {
    texts.randomElement(using: &random) ?? ""
  }

  private static func id(_ random: inout SeededGenerator) -> String {
    pick(["a", "a", "b", "c", "fraud", "longer-than-eight-bytes"], &random)
  }

  private static func service(_ random: inout SeededGenerator) -> String {
    pick(["fraud", "checkout", "a/b:c#d"], &random)
  }

  private static func text(_ random: inout SeededGenerator) -> String {
    pick(["pays", "new", "", "shop:2", "z\\u00e4h", "ünï", "core"], &random)
  }

  private static func target(_ random: inout SeededGenerator) -> String {
    Bool.random(using: &random) ? "Service/\(service(&random))" : "Release/\(id(&random))"
  }

  private static func release(_ random: inout SeededGenerator) -> String {
    let labels = (0..<Int.random(in: 0..<4, using: &random)).map { _ in "\"\(text(&random))\"" }
    return
      #"{"node":"Release","id":"\#(id(&random))","props":{"image":"\#(text(&random))","labels":[\#(labels.joined(separator: ","))]}}"#
  }

  private static func answer(_ random: inout SeededGenerator) -> String {
    #"{"node":"Answer","id":"\#(id(&random))","props":{\#(properties(&random))}}"#
  }

  private static func properties(_ random: inout SeededGenerator) -> String {
    let all = [
      #""flag":\#(pick(["true", "false"], &random))"#,
      #""count":\#(pick(["-3", "0", "7"], &random))"#,
      #""share":\#(pick(["0.25", "1e2"], &random))"#, #""text":"\#(text(&random))""#,
      #""day":"2026-11-1\#(Int.random(in: 0..<10, using: &random))""#,
      #""moment":"2026-11-19T10:00:00Z""#, #""span":"\#(pick(["PT24H", "24h", "x"], &random))""#,
      #""level":"\#(pick(["low", "high"], &random))""#,
      #""names":["\#(text(&random))","\#(text(&random))"]"#, #""maybe":"\#(text(&random))""#,
    ]
    return all.shuffled(using: &random).prefix(Int.random(in: 0..<6, using: &random))
      .joined(separator: ",")
  }

  /// What a request may not bring, and what is no fact.
  private static func odd(_ random: inout SeededGenerator) -> String {
    pick(
      [
        #"{"node":"Team","id":"core"}"#, #"{"node":"Service","id":"new"}"#,
        #"{"node":"Person","id":"anna"}"#,
        #"{"edge":"owner","from":"Service/fraud","to":"Team/core"}"#,
        #"{"remove":"Service/fraud"}"#,
        #"{"node":"Release","id":"a","props":{"tag":"b"}}"#,
        #"{"node":"Release","id":"b","props":{"tag":"b"}}"#, "{", "",
        #"{"edge":"reviewedBy","from":"Service/gone","to":"Person/anna"}"#,
        #"{"edge":"releaseOf","from":"Release/a","to":"Release/nowhere"}"#,
      ], &random)
  }
}
