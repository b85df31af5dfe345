// The eight questions over real data: corpus/real says what must be answered.

import Foundation
import Testing
import Writ
import WritBytecode
import WritGraph
import WritModel
import WritTesting
import WritText

@Suite struct RealInputTests {
  @Test(arguments: ["E01", "E02", "E03", "E04", "E05", "E06", "E07", "E08"])
  func answersAsStored(_ name: String) throws {
    let question = try JSONValue(parsing: Corpus.bytes("corpus/real/\(name).json"))
    let engine = try RealInput.engine(for: question)
    let now = try #require(question["now"]?.string.flatMap { Instant($0)?.microseconds })
    let asking = Asking(caller: nil, now: now, asOf: now, isQuestion: true)
    for query in question["queries"]?.array ?? [] {
      let name = try #require(query["query"]?.string)
      let answer = try engine.query(name, arguments: [], isStrict: false, asking)
      let rows = answer.result.rows.map { row in
        JSONValue.object(
          zip(answer.result.columns, row.values).map { column, value in
            JSONMember(column.name, answer.machine.json(value, column.type))
          })
      }
      #expect(JSONValue.array(rows).pretty == query["rows"]?.pretty, "\(name)")
    }
    for gate in question["gates"]?.array ?? [] {
      let request = Request(
        gate: try #require(gate["gate"]?.string), now: nil,
        arguments: gate["arguments"]?.object ?? [], facts: [], approvals: [])
      let decision = try engine.decide(request, asking).decision
      #expect(decision.outcome == .deny)
      for clause in gate["fires"]?.array ?? [] {
        #expect(decision.reasons.contains { $0.clause == clause.string })
      }
    }
  }
}

/// Bundles and snapshots of the real data.
enum RealInput {
  static func engine(for question: JSONValue) throws -> Engine {
    let files = try (question["policies"]?.array ?? []).map { path in
      let path = try #require(path.string)
      return SourceFile(name: path, bytes: Corpus.bytes(path))
    }
    let compilation = compile(files, root: files.count - 1)
    for diagnostic in compilation.diagnostics where diagnostic.severity == .error {
      Issue.record("\(diagnostic.message)")
    }
    let typed = try #require(compilation.typed)
    let program = try #require(compilation.program)
    let bundle = try bundleFile(
      program, BundleOptions(settings: [], approvers: [], revision: 0))
    var builder = SnapshotBuilder(typed.schema, lenience: [.unknownProperties])
    for path in question["graph"]?.array ?? [] {
      let path = try #require(path.string)
      builder.read(try bytes("\(Corpus.root)/\(path)"), named: path)
    }
    return Engine(bundle: try LoadedBundle(file: bundle), snapshot: try builder.build())
  }

  /// The bytes of a file, decompressed where its name ends in `.gz`.
  static func bytes(_ path: String) throws -> [UInt8] {
    guard path.hasSuffix(".gz") else {
      return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", path]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = Array(output.fileHandleForReading.readDataToEndOfFile())
    process.waitUntilExit()
    return bytes
  }
}
