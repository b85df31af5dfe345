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
    let told = try text(part(of: decided.json))
    #expect(try told == text(one.expected), "\(told)")
  }

  /// Waived findings by clause, message, subjects and waiver; waivers by name and state.
  private func short(_ list: JSONValue) -> JSONValue {
    let kept = ["clause", "message", "subjects", "waiver", "name", "state"]
    return .array(
      (list.array ?? []).map { item in
        .object(
          (item.object ?? []).filter { kept.contains($0.name) }.map { member in
            member.name == "waiver"
              ? JSONMember("waiver", member.value["name"] ?? .null) : member
          })
      })
  }

  private func text(_ json: JSONValue) throws -> String {
    String(decoding: try json.canonicalBytes(), as: UTF8.self)
  }

  /// Outcome, flag, reasons without their positions, obligations.
  private func part(of decision: JSONValue) -> JSONValue {
    let reasons = (decision["reasons"]?.array ?? []).map { reason in
      JSONValue.object((reason.object ?? []).filter { $0.name != "at" })
    }
    let more = ["waived", "waivers"].compactMap { name in
      decision[name].flatMap { $0.array?.isEmpty == false ? JSONMember(name, $0) : nil }
    }
    return .object(
      [
        JSONMember("outcome", decision["outcome"] ?? .null),
        JSONMember("indeterminate", decision["indeterminate"] ?? .null),
        JSONMember("reasons", .array(reasons)),
        JSONMember("obligations", decision["obligations"] ?? .null),
      ] + more.map { JSONMember($0.name, short($0.value)) })
  }
}
