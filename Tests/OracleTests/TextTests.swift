// Programs written down, parsed and checked mean what they meant.

import Testing
import WritGeneration
import WritModel
import WritOracle
import WritSemantics
import WritSyntax
import WritText

@Suite struct TextTests {
  @Test(arguments: 0..<50) func textsMeanTheSame(seed: Int) {
    let generated = GeneratedCase(seed: UInt64(seed), isTextual: true)
    let text = policyText(generated.program)
    let parsed = parse(SourceFile(name: "generated.writ", text: text), index: 0)
    let checked = check([parsed], roots: [0], digests: [nil])
    // What a condition tells about kinds may make a later one impossible.
    let errors = (parsed.diagnostics + checked.diagnostics).filter {
      $0.severity == .error && $0.code != .kindsNeverMeet
    }
    let lines = errors.map { error in
      let position = parsed.file.position(of: error.range.start)
      return "\(position.line):\(position.column) \(error.message)"
    }
    #expect(lines == [], "seed \(seed)\n\(text)")
    guard let program = checked.program else { return }
    let read = Oracle(program, generated.world, generated.request)
    for (gate, arguments) in generated.gateArguments.enumerated() {
      let wanted = generated.oracle.decide(gate: gate, arguments)
      let decision = read.decide(gate: gate, arguments)
      // Some texts say in two operations what the program says in one, so that fuel differs.
      #expect(decision.findings == wanted.findings, "seed \(seed)")
      #expect(decision.obligations == wanted.obligations, "seed \(seed)")
    }
    for (card, arguments) in generated.scorecardArguments.enumerated() {
      let wanted = generated.oracle.score(scorecard: card, arguments)
      #expect(read.score(scorecard: card, arguments) == wanted, "seed \(seed)")
    }
    for (query, arguments) in generated.queryArguments.enumerated() {
      let wanted = generated.oracle.answer(query: query, arguments)
      #expect(read.answer(query: query, arguments) == wanted, "seed \(seed)")
    }
  }
}
