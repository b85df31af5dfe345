// Cases of corpus/decisions: policy, graph and request in, the whole decision out; approvals are truly signed.

import Testing
import Writ
import WritCrypto
import WritEvidence
import WritGraph
import WritModel
import WritTesting

private let cases = Corpus.cases(in: "decisions").map(\.path)

@Suite struct DecisionCaseTests {
  @Test func allSixteenCombinationsAreThere() {
    #expect(cases.count { $0.contains("/checkout/") } == 16)
  }

  @Test(arguments: cases)
  func decidesAsWritten(_ path: String) throws {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let file = CaseFile(name: name, text: Corpus.text(path))
    let decided = try DecisionCase(file, at: path).decide()
    let expected = try JSONValue(parsing: Array((file["decision"] ?? "").utf8))
    #expect(try text(decided) == text(expected))
  }

  private func text(_ json: JSONValue) throws -> String {
    String(decoding: try json.canonicalBytes(), as: UTF8.self)
  }
}

/// A case, taken apart.
private struct DecisionCase {
  let file: CaseFile
  /// The folder that it lies in.
  let folder: String

  init(_ file: CaseFile, at path: String) {
    self.file = file
    folder = path.split(separator: "/").dropLast().joined(separator: "/")
  }

  /// The members of the decision that a case writes down.
  func decide() throws -> JSONValue {
    let approvals = try lines("approvals").map { try JSONValue(parsing: Array($0.utf8)) }
    let keys = try approvals.enumerated().map { try key($1, number: $0) }
    let bundle = try bundle(policyPaths, keys: keys.map(\.registered))
    let graph = try snapshot(facts, for: bundle)
    let engine = Engine(bundle: bundle, snapshot: graph)
    let asking = try asking()
    var request = try JSONValue(parsing: Array((file["request"] ?? "").utf8))
    let subject = try engine.approvalDigest(of: Request(request))
    let envelopes = try zip(approvals, keys).map { approval, key in
      try sign(approval, subject, key.secret)
    }
    request = .object((request.object ?? []) + [JSONMember("approvals", .array(envelopes))])
    let run = try engine.decide(Request(request), asking)
    #expect(run.notes.isEmpty)
    return part(of: run.decision.json)
  }

  private func lines(_ section: String) -> [Substring] {
    (file[section] ?? "").split(separator: "\n")
  }

  private var policyPaths: [String] {
    lines("policy").filter { $0.hasPrefix("@") }.map { String($0.dropFirst()) }
  }

  /// The case's own lines, and the files that it takes in.
  private var facts: [(name: String, bytes: [UInt8])] {
    let taken = lines("graph").filter { $0.hasPrefix("@") }.map { line in
      let path = folder + "/" + line.dropFirst()
      return (name: path, bytes: Corpus.bytes(path))
    }
    let own = lines("graph").filter { !$0.hasPrefix("@") }.joined(separator: "\n")
    return taken + [(name: file.name, bytes: Array(own.utf8))]
  }

  private func asking() throws -> Asking {
    let json = try JSONValue(parsing: Array((file["asking"] ?? "").utf8))
    return Asking(
      caller: json["caller"]?.string, now: try microseconds(json["now"]),
      asOf: try microseconds(json["asOf"]), isQuestion: true)
  }

  /// A key for an approver, from a seed that is the approval's number.
  private func key(
    _ approval: JSONValue, number: Int
  ) throws -> (secret: Ed25519PrivateKey, registered: RegisteredKey) {
    let seed = [UInt8](repeating: UInt8(number + 1), count: 32)
    guard let secret = Ed25519PrivateKey(seed: seed) else {
      throw Unusable(description: "no key from a seed")
    }
    let registered = RegisteredKey(
      function: .approver, name: "approver-\(number)", publicKey: secret.publicKey,
      node: approval["approver"]?.string, roles: [approval["role"]?.string ?? ""])
    return (secret, registered)
  }

  private func sign(
    _ approval: JSONValue, _ subject: (gate: String, digest: Digest), _ secret: Ed25519PrivateKey
  ) throws -> JSONValue {
    let from = Instant(microseconds: try microseconds(approval["signedAt"]))
    let until = Instant(microseconds: try microseconds(approval["expires"]))
    let signed = Approval(
      gate: subject.gate, digest: subject.digest, role: approval["role"]?.string ?? "",
      approver: approval["approver"]?.string ?? "", validity: from..<until)
    return signed.signed(by: secret).json
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
