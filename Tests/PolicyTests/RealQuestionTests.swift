// Eight questions over real graphs: Writ's answers are those that other programs gave (corpus/real/README.md).

import Foundation
import Testing
import Writ
import WritGraph
import WritModel
import WritTesting

@Suite struct RealQuestionTests {
  @Test func debian() throws {
    try ask(["E01", "E02", "E03", "E04", "E05"])
  }

  @Test func delivery() throws {
    try ask(["E06", "E07", "E08"])
  }

  /// Questions over one graph, which is read once.
  private func ask(_ names: [String]) throws {
    let questions = try names.map { name in
      try JSONValue(parsing: Corpus.bytes("corpus/real/\(name).json"))
    }
    let first = try #require(questions.first)
    let engine = try engine(of: first)
    let graph = first["graph"]
    for question in questions {
      #expect(question["graph"] == graph)
      try check(question, engine)
    }
  }

  private func engine(of question: JSONValue) throws -> Engine {
    let bundle = try bundle(strings(question["policies"]))
    let facts = try strings(question["graph"]).map { (name: $0, bytes: try unpacked($0)) }
    let isLenient = strings(question["importOptions"]).contains("unknown-props")
    let graph = try snapshot(facts, for: bundle, lenience: isLenient ? .unknownProperties : [])
    return Engine(bundle: bundle, snapshot: graph)
  }

  private func check(_ question: JSONValue, _ engine: Engine) throws {
    let now = try microseconds(question["now"])
    let asking = Asking(caller: nil, now: now, asOf: now, isQuestion: true)
    let queries = question["queries"]?.array ?? []
    #expect(!queries.isEmpty)
    for query in queries {
      let name = query["query"]?.string ?? ""
      let answer = try engine.query(name, arguments: [], isStrict: false, asking)
      let rows = answer.result.rows.map { row in
        JSONValue.object(
          zip(answer.result.columns, row.values).map { column, value in
            JSONMember(column.name, answer.machine.json(value, column.type))
          })
      }
      #expect(try texts(rows) == texts(query["rows"]?.array ?? []), "\(name)")
    }
    for gate in question["gates"]?.array ?? [] { try check(gate: gate, engine, asking) }
  }

  private func check(gate: JSONValue, _ engine: Engine, _ asking: Asking) throws {
    let members = (gate.object ?? []).filter { $0.name != "fires" }
    let decision = try engine.decide(Request(.object(members)), asking).decision
    #expect(decision.outcome == .deny)
    let fired = Set(decision.reasons.map(\.clause))
    #expect(fired.isSuperset(of: strings(gate["fires"])), "\(decision.gate) \(fired)")
  }

  private func texts(_ rows: [JSONValue]) throws -> [String] {
    try rows.map { String(decoding: try $0.canonicalBytes(), as: UTF8.self) }
  }

  private func strings(_ json: JSONValue?) -> [String] {
    (json?.array ?? []).compactMap(\.string)
  }

  /// The bytes of a file of the project, decompressed by `gzip` where its name says that they are compressed.
  private func unpacked(_ path: String) throws -> [UInt8] {
    guard path.hasSuffix(".gz") else { return Corpus.bytes(path) }
    let output = Pipe()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", Corpus.root + "/" + path]
    process.standardOutput = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Unusable(description: "gzip cannot read \(path)")
    }
    return Array(data)
  }
}
