// A case of corpus/decisions taken apart: what is asked, of which policy, over which facts.

import Testing
import Writ
import WritCrypto
import WritEvidence
import WritGraph
import WritModel
import WritSemantics
import WritTesting
import WritText

/// Everything that a case brings; approvals are truly signed when it is asked.
struct DecisionCase {
  static let paths = Corpus.cases(in: "decisions").map(\.path)

  /// Imported texts first, what is asked of last.
  let sources: [SourceFile]
  /// Facts by the name that their problems bear.
  let facts: [(name: String, bytes: [UInt8])]
  let asking: Asking
  /// Without approvals.
  let request: JSONValue
  let approvals: [JSONValue]
  /// Grants of waivers.
  let grants: [JSONValue]
  let expected: JSONValue
  private let keys: [(secret: Ed25519PrivateKey, registered: RegisteredKey)]

  init(_ path: String) throws {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let folder = path.split(separator: "/").dropLast().joined(separator: "/")
    let file = CaseFile(name: name, text: Corpus.text(path))
    func lines(_ section: String) -> [String] {
      (file[section] ?? "").split(separator: "\n").map(String.init)
    }
    func json(_ section: String) throws -> JSONValue {
      try JSONValue(parsing: Array((file[section] ?? "").utf8))
    }
    let taken = lines("policy").filter { $0.hasPrefix("@") }.map { String($0.dropFirst()) }
    let own = lines("policy").filter { !$0.hasPrefix("@") }
    sources =
      sourceFiles(taken)
      + (own.isEmpty ? [] : [SourceFile(name: name, text: own.joined(separator: "\n") + "\n")])
    facts =
      lines("graph").filter { $0.hasPrefix("@") }.map { line in
        let path = folder + "/" + line.dropFirst()
        return (name: path, bytes: Corpus.bytes(path))
      } + [
        (
          name: name,
          bytes: Array(lines("graph").filter { !$0.hasPrefix("@") }.joined(separator: "\n").utf8)
        )
      ]
    let asked = try json("asking")
    asking = Asking(
      caller: asked["caller"]?.string, now: try microseconds(asked["now"]),
      asOf: try microseconds(asked["asOf"]), isQuestion: true)
    request = try json("request")
    let approvals = try lines("approvals").map { try JSONValue(parsing: Array($0.utf8)) }
    self.approvals = approvals
    let grants = try lines("waivers").map { try JSONValue(parsing: Array($0.utf8)) }
    self.grants = grants
    keys = try (approvals + grants).enumerated().map { try DecisionCase.key($1, number: $0) }
    expected = try json("decision")
  }

  /// A key for an approver, from a seed that is the approval's number.
  private static func key(
    _ approval: JSONValue, number: Int
  ) throws -> (secret: Ed25519PrivateKey, registered: RegisteredKey) {
    let seed = [UInt8](repeating: UInt8(number + 1), count: 32)
    guard let secret = Ed25519PrivateKey(seed: seed) else {
      throw Unusable(description: "no key from a seed")
    }
    let registered = RegisteredKey(
      function: .approver, name: "approver-\(number)", publicKey: secret.publicKey,
      node: (approval["approver"] ?? approval["granter"])?.string,
      roles: [approval["role"]?.string ?? ""])
    return (secret, registered)
  }

  var registeredKeys: [RegisteredKey] { keys.map(\.registered) }
}

extension DecisionCase {
  /// The policy as a bundle; other texts may stand in place of the case's own.
  func bundle(_ texts: [SourceFile]? = nil) throws -> LoadedBundle {
    try bundle(compiled(texts ?? sources))
  }

  func bundle(_ compilation: Compilation) throws -> LoadedBundle {
    guard let program = compilation.program else {
      throw Unusable(description: rendered(compilation))
    }
    return LoadedBundle(
      program: program, registry: try KeyRegistry(keys: registeredKeys),
      digest: Digest(of: Array(compilation.files.map(\.name).joined(separator: ",").utf8)))
  }

  func compiled(_ texts: [SourceFile]) -> Compilation { compile(texts, root: texts.count - 1) }

  /// The case's own facts.
  func engine(_ bundle: LoadedBundle) throws -> Engine {
    Engine(bundle: bundle, snapshot: try snapshot(facts, for: bundle))
  }

  /// Asks the case's request, with other facts of its own where they are given, and signs its approvals of that.
  func decide(_ engine: Engine, bringing facts: [JSONValue]? = nil) throws -> DecisionRun {
    let run = try engine.decide(Request(try signed(engine, bringing: facts)), asking)
    // Whoever asks may be unknown to a case; its approvals may not, though they may be too old for a clause.
    let strange = run.notes.filter {
      $0.hasPrefix("approval ") && !$0.contains(", and the gate takes one for ")
    }
    #expect(strange == [])
    return run
  }

  /// The request with its approvals in envelopes.
  func signed(_ engine: Engine, bringing facts: [JSONValue]? = nil) throws -> JSONValue {
    var members = request.object ?? []
    if let facts {
      members.removeAll { $0.name == "facts" }
      members.append(JSONMember("facts", .array(facts)))
    }
    let subject = try engine.approvalDigest(of: Request(.object(members)))
    let envelopes = try zip(approvals, keys).map { approval, key in
      try sign(approval, subject, key.secret)
    }
    members.append(JSONMember("approvals", .array(envelopes)))
    if grants.isEmpty { return .object(members) }
    let own = keys.dropFirst(approvals.count)
    let signed = try zip(grants, own).map { try sign(grant: $0, engine, $1.secret) }
    return .object(members + [JSONMember("waivers", .array(signed))])
  }

  private func sign(
    grant: JSONValue, _ engine: Engine, _ secret: Ed25519PrivateKey
  ) throws -> JSONValue {
    let text = try engine.bundle.waiver(grant["waiver"]?.string ?? "")
    let from = Instant(microseconds: try microseconds(grant["signedAt"]))
    let until = Instant(microseconds: try microseconds(grant["expires"]))
    let signed = WaiverGrant(
      waiver: text.name, digest: text.digest, role: grant["role"]?.string ?? "",
      granter: grant["granter"]?.string ?? "", validity: from..<until)
    return signed.signed(by: secret).json
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
}
