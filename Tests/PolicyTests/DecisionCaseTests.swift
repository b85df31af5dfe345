// Cases of corpus/decisions: policy, graph and request in, the whole decision out; approvals are truly signed.

import Testing
import Writ
import WritModel
import WritTesting

@Suite struct DecisionCaseTests {
  @Test func allSixteenCombinationsAreThere() {
    #expect(DecisionCase.paths.count { $0.contains("/checkout/") } == 16)
  }

  @Test(arguments: DecisionCase.paths)
  func decidesAsWritten(_ path: String) throws {
    let one = try DecisionCase(path)
    let decided = try one.decide(try one.engine(try one.bundle())).decision
    #expect(try text(part(of: decided.json)) == text(one.expected))
  }

  private func text(_ json: JSONValue) throws -> String {
    String(decoding: try json.canonicalBytes(), as: UTF8.self)
  }

  /// Outcome, flag, reasons without their positions, obligations.
  private func part(of decision: JSONValue) -> JSONValue {
    let reasons = (decision["reasons"]?.array ?? []).map { reason in
      JSONValue.object((reason.object ?? []).filter { $0.name != "at" })
    }
    return .object([
      JSONMember("outcome", decision["outcome"] ?? .null),
      JSONMember("indeterminate", decision["indeterminate"] ?? .null),
      JSONMember("reasons", .array(reasons)),
      JSONMember("obligations", decision["obligations"] ?? .null),
    ])
  }
}
