// As many steps as a pipeline may have: they compile, and a run takes the plan that comes of them.

import Testing
import Writ
import WritBytecode
import WritCrypto
import WritEvidence
import WritModel
import WritPipeline
import WritText

@Suite struct LargePipelineTests {
  private static let head = "policy p version 1\n\nnode Service { tier: Int }\n\n"

  private func lowered(_ stages: String) throws -> LoweredPipeline {
    let text = Self.head + "pipeline p(service: Service) {\n\(stages)}\n"
    let compilation = compile([SourceFile(name: "p.writ", text: text)], root: 0)
    let program = try #require(compilation.program, "\(compilation.diagnostics.map(\.message))")
    let bundle = LoadedBundle(program: program, registry: KeyRegistry(), digest: Digest(of: []))
    return try bundle.lowered(try #require(bundle.program.program.pipelines.first))
  }

  private func stages(_ extra: String = "") -> String {
    let values = (0..<100).map(String.init).joined(separator: ", ")
    return (0..<100).map { stage in
      "stage s\(stage) { step m: matrix n in [\(values)] max 8 { run \"true\" n } \(stage == 0 ? extra : "") }\n"
    }.joined()
  }

  /// What is compiled is verified, and its plan can be carried out.
  @Test func tenThousandStepsAreAPlan() throws {
    let lowered = try lowered(stages())
    #expect(lowered.steps.count == 10_000)
    let again = try Plan(parsing: lowered.plan.canonicalBytes)
    #expect(again.digest == lowered.plan.digest)
  }

  @Test func oneMoreIsNone() {
    let text = Self.head + "pipeline p(service: Service) {\n\(stages("wait 1m"))}\n"
    let compilation = compile([SourceFile(name: "p.writ", text: text)], root: 0)
    #expect(compilation.diagnostics.map(\.message) == ["more than 10000 steps"])
    #expect(compilation.program == nil)
  }

  /// Each in a row of its own, as it needs the one before it; and ten thousand groups around them.
  @Test func rowsOfOneStepAreAPlan() throws {
    let chain = (0..<10_000).map { step in
      "step a\(step): run \"true\"" + (step == 0 ? "" : " needs a\(step - 1)") + "\n"
    }
    _ = try lowered("stage s parallel {\n\(chain.joined())}\n")
    let groups = (0..<10_000).map { step in
      "step a\(step): parallel { run \"true\" }" + (step == 0 ? "" : " needs a\(step - 1)") + "\n"
    }
    _ = try lowered("stage s parallel {\n\(groups.joined())}\n")
  }
}
