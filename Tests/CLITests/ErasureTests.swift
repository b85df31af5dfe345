// `writ log erase`, from outside: what was recorded of a person is in no file, and the log is whole.

import Foundation
import Testing
import WritEvidence
import WritModel
import WritTesting

/// A log of decisions about people, made by the built program alone.
private struct PeopleLog {
  let scratch: Scratch

  static let policy = """
    policy people version 1
    enum Kind { person, agent }
    role reviewer
    node Identity {
      kind: Kind
      mail: String?
      phones: Set<String>
    }
    node Service {
      owner -> Identity
      note: String? personal
    }
    node Ticket from request {
      number: String key personal
    }
    node Change from request {
      comment: String personal
      author -> Identity
      service -> Service
    }
    gate merge(change: Change) {
      require human: change.author.kind == person
        else "{change.author} is no person, says {change.author.mail}"
      require review: approval by role reviewer except change.author within 7d
    }
    // Looks into what can be erased, and so must be asked again with it.
    gate mailed(change: Change) {
      require ours: (change.author.mail ?? "") starts "xan" else "not the mail of {change.author}"
    }
    """
  static let facts = """
    {"node":"Identity","id":"xanthe","props":{"kind":"person","mail":"xanthe@example.org","phones":["+30-6512345"]}}
    {"node":"Identity","id":"zenobia","props":{"kind":"person","mail":"zenobia@example.org"}}
    {"node":"Identity","id":"hal9000","props":{"kind":"agent"}}
    {"node":"Service","id":"web","props":{"note":"ask Quintilla first"}}
    {"edge":"owner","from":"Service/web","to":"Identity/xanthe","props":{}}
    """

  init() throws {
    scratch = try Scratch()
    try scratch.write(PeopleLog.policy, to: "people.writ")
    try scratch.write(PeopleLog.facts, to: "facts.jsonl")
    for (gate, author) in [
      ("merge", "xanthe"), ("merge", "hal9000"), ("mailed", "xanthe"), ("mailed", "zenobia"),
    ] {
      try scratch.write(PeopleLog.request(gate, author), to: "\(gate)-\(author).json")
    }
    try ok(["key", "new", "log.example/people", "-o", "log.key"])
    try ok(["key", "new", "zenobia-2026", "-o", "z.key"])
    let key = String(decoding: try scratch.bytes("z.key.pub"), as: UTF8.self)
      .split(separator: "\n")[0]
    try scratch.write(
      #"{"name":"zenobia-2026","key":"\#(key)","actor":"Identity/zenobia","roles":["reviewer"]}"#,
      to: "keys.jsonl")
    try ok(["graph", "import", "--schema", "people.writ", "facts.jsonl", "-o", "g"])
    try ok(["log", "init", "log", "--origin", "log.example/people", "--key", "log.key"])
    try ok(["build", "people.writ", "--registry", "keys.jsonl", "-o", "b", "--log", "log"])
    try ok([
      "approve", "--bundle", "b", "--request", "merge-xanthe.json", "--role", "reviewer", "--as",
      "Identity/zenobia", "--key", "z.key", "-o", "approved.json",
    ])
  }

  private static func request(_ gate: String, _ author: String) -> String {
    """
    {"gate":"people.\(gate)","arguments":{"change":"Change/c1"},"facts":[
      {"node":"Change","id":"c1","props":{"comment":"Quintilla was ill, so I did it"}},
      {"node":"Ticket","id":"of Ottoline","props":{"number":"of Ottoline"}},
      {"edge":"author","from":"Change/c1","to":"Identity/\(author)","props":{}},
      {"edge":"service","from":"Change/c1","to":"Service/web","props":{}}]}
    """
  }

  /// What people wrote or are called.
  static let secrets = [
    "xanthe", "zenobia", "+30-6512345", "Quintilla", "hal9000", "zenobia-2026", "Ottoline",
  ]

  func run(_ words: [String], program: String = "writ") throws -> Outcome {
    try Program.run(words, in: scratch.path, program: program)
  }

  /// Runs what must work.
  @discardableResult
  func ok(_ words: [String], program: String = "writ") throws -> String {
    let outcome = try run(words, program: program)
    #expect(outcome.code == 0, "\(words): \(outcome.output)\(outcome.messages)")
    return outcome.output
  }

  /// Records a decision and says its index.
  func decide(_ request: String, code: Int32) throws -> Int64 {
    let outcome = try run([
      "decide", "--bundle", "b", "--graph", "g", "--request", request, "--caller",
      "Identity/hal9000", "--log", "log", "--json",
    ])
    #expect(outcome.code == code, "\(outcome.output)\(outcome.messages)")
    let json = try JSONValue(parsing: Array(outcome.output.utf8))
    return try #require(json["evidence"]?["index"]?.integer)
  }

  func erase(_ person: String) throws -> Outcome {
    try run(["log", "erase", "log", "--person", person, "--ground", "GDPR Art. 17(1)(b)"])
  }

  /// Files below a folder that hold a text, plain, as base64 of either alphabet or as hex.
  func files(in folder: String, holding text: String) throws -> [String] {
    let forms = formsOf(text)
    let root = scratch.path + "/" + folder
    let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
    return names.filter { name in
      guard let content = FileManager.default.contents(atPath: root + "/" + name) else {
        return false
      }
      return forms.contains { content.range(of: Data($0)) != nil }
    }
  }

  /// The names of the disclosures that are in files of their own.
  func sealed() throws -> [String] {
    let root = scratch.path + "/log/.writ/disclosures/sealed"
    let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
    return names.compactMap { name in
      FileManager.default.contents(atPath: root + "/" + name)
        .flatMap { HeldDisclosure(Array($0)) }?.disclosure.name
    }
  }

  private func formsOf(_ value: String) -> [[UInt8]] {
    let plain = Array(value.utf8)
    var forms = [plain, Array(Hex.encode(plain).utf8)]
    for shift in 0..<3 {
      let padded = [UInt8](repeating: 0, count: shift) + plain
      let whole = Array(padded[..<(padded.count / 3 * 3)])
      for text in [Base64.encode(whole), Base64.encodeURL(whole)] {
        forms.append(Array(text.utf8.dropFirst(shift == 0 ? 0 : 4)))
      }
    }
    return forms
  }
}

@Suite("Erasure")
struct ErasureTests {
  @Test("what tells of people stands in the erasable part of a log alone")
  func apart() throws {
    let log = try PeopleLog()
    _ = try log.decide("approved.json", code: 0)
    _ = try log.decide("merge-hal9000.json", code: 1)
    _ = try log.decide("mailed-xanthe.json", code: 0)
    _ = try log.decide("mailed-zenobia.json", code: 1)
    for secret in PeopleLog.secrets {
      let files = try log.files(in: "log", holding: secret)
      #expect(!files.isEmpty, "\(secret): the search finds nothing")
      #expect(
        files.allSatisfy { $0.hasPrefix(".writ/disclosures/") }, "\(secret) lies in \(files)")
    }
    // What the people see is unchanged.
    let shown = try log.ok(["log", "show", "log", "--index", "2"])
    #expect(shown.contains("Identity/hal9000"))
    #expect(shown.contains("hal9000 is no person, says none"))
    #expect(try log.ok(["log", "search", "log", "--subject", "Identity/xanthe"]).contains("merge"))
    #expect(try log.ok(["log", "search", "log", "--actor", "Identity/hal9000"]).contains("mailed"))
    for index in 1...4 { try log.ok(["replay", "log", "--index", "\(index)"]) }
    try log.ok(["log", "verify", "log", "--vkey", "log.key.pub"])
  }

  @Test("what is erased is in no file, the log verifies, and replays as far as it can")
  func erased() throws {
    let log = try PeopleLog()
    let allowed = try log.decide("approved.json", code: 0)
    let refused = try log.decide("merge-hal9000.json", code: 1)
    let mailed = try log.decide("mailed-xanthe.json", code: 0)
    try log.ok(["log", "prove", "log", "--index", "\(mailed)", "-o", "before.proof"])
    for person in ["Identity/xanthe", "Identity/zenobia"] {
      let outcome = try log.erase(person)
      #expect(outcome.code == 0, "\(outcome.messages)")
    }
    for secret in ["xanthe", "zenobia", "+30-6512345", "zenobia-2026"] {
      #expect(try log.files(in: "log", holding: secret) == [], "\(secret) is still there")
    }
    try log.ok(["log", "verify", "log", "--vkey", "log.key.pub"])
    try log.ok(["before.proof", "--vkey", "log.key.pub"], program: "writ-verify")
    try log.ok(["log", "prove", "log", "--index", "\(mailed)", "-o", "after.proof"])
    try log.ok(["after.proof", "--vkey", "log.key.pub"], program: "writ-verify")
    // The first two gates read who is a person, not who it is.
    for index in [allowed, refused] {
      let said = try log.ok(["replay", "log", "--index", "\(index)"])
      #expect(said.contains("SAME") && said.contains("without what was erased"), "\(said)")
    }
    let replayed = try log.run(["replay", "log", "--index", "\(mailed)"])
    #expect(replayed.code == 66)
    #expect(replayed.messages.contains("the policy read what was erased"), "\(replayed.messages)")
    #expect(replayed.messages.contains("GDPR Art. 17(1)(b)"), "\(replayed.messages)")
    // Whoever else is there can still be shown.
    let shown = try log.ok(["log", "show", "log", "--index", "\(allowed)"])
    #expect(shown.contains("Identity/hal9000"))
    #expect(shown.contains("erased") && shown.contains("GDPR Art. 17(1)(b)"))
    // And decisions go on; with the person in the graph they are kept anew.
    _ = try log.decide("merge-hal9000.json", code: 1)
    #expect(try log.files(in: "log", holding: "xanthe") == [".writ/disclosures/values"])
  }

  @Test("all are replayed, checked, archived and pruned without the names")
  func together() throws {
    let log = try PeopleLog()
    _ = try log.decide("approved.json", code: 0)
    _ = try log.decide("merge-hal9000.json", code: 1)
    _ = try log.decide("mailed-xanthe.json", code: 0)
    #expect(try log.ok(["replay", "log", "--all"]).contains("3 the same, 0 different\n"))
    // Every object is one that a record names, also the lists of approvers and the bundle without them.
    let sound = try log.ok(["log", "fsck", "log"])
    #expect(sound.hasPrefix("SOUND") && !sound.contains("no record names"), "\(sound)")
    #expect(!sound.contains("gone"), "\(sound)")
    try log.ok(["log", "archive", "log", "--vkey", "log.key.pub", "-o", "whole.tar"])
    for secret in PeopleLog.secrets {
      #expect(
        try log.files(in: ".", holding: secret).allSatisfy { $0 != "whole.tar" }, "\(secret)")
    }

    #expect(try log.erase("Identity/xanthe").code == 0)
    let erased = try log.run(["replay", "log", "--all"])
    #expect(erased.code == 66)
    #expect(erased.output.contains("2 the same, 0 different, 1 erased\n"), "\(erased.output)")
    #expect(erased.output.contains("no decisions: 1 erase, 1 policy-publish"), "\(erased.output)")
    try log.ok(["log", "fsck", "log"])
  }

  @Test("what rests on pruned inputs goes with the next erasure")
  func pruned() throws {
    let log = try PeopleLog()
    let index = try log.decide("mailed-xanthe.json", code: 0)
    let policy = #"{"keep":{"snapshot":"1us","request":"1us","bundle":"1us"}}"#
    try log.scratch.write(policy, to: "keep")
    try log.ok(["log", "prune", "log", "--retention", "keep"])
    #expect(try log.run(["replay", "log", "--index", "\(index)"]).code == 66)
    let fsck = try log.ok(["log", "fsck", "log"])
    #expect(fsck.contains("gone: 2 bundles, 1 snapshot, 1 request"), "\(fsck)")
    // The digest of the whole decision could still tell whether a guess is right.
    #expect(try log.sealed() == ["decision"])
    #expect(try log.erase("Identity/xanthe").code == 0)
    #expect(try log.sealed() == [])
    try log.ok(["log", "verify", "log", "--vkey", "log.key.pub"])
  }

  @Test("a free text is erased by the node that has it, or by its digest")
  func freeText() throws {
    let log = try PeopleLog()
    let index = try log.decide("merge-hal9000.json", code: 1)
    #expect(try !log.files(in: "log", holding: "Quintilla").isEmpty)
    #expect(try log.erase("Service/web").code == 0)
    #expect(try log.erase("Change/c1").code == 0)
    #expect(try log.files(in: "log", holding: "Quintilla") == [])
    let list = try log.ok(["log", "show", "log", "--index", "\(index)", "--disclosures"])
    let row = try #require(list.split(separator: "\n").first { $0.hasSuffix("hal9000") })
    let digest = String(row.prefix { $0 != " " })
    try log.ok(["log", "erase", "log", "--disclosure", digest, "--ground", "wish"])
    #expect(try log.files(in: "log", holding: "hal9000") == [])
    let replayed = try log.ok(["replay", "log", "--index", "\(index)"])
    #expect(replayed.contains("SAME"))
  }

  @Test("an approval is recorded, and a person's history can be asked for, without the name")
  func approvals() throws {
    let log = try PeopleLog()
    try log.ok([
      "approve", "--bundle", "b", "--request", "merge-hal9000.json", "--role", "reviewer", "--as",
      "Identity/zenobia", "--key", "z.key", "-o", "a.json", "--log", "log",
    ])
    let shown = try log.ok(["log", "show", "log", "--index", "1"])
    #expect(shown.contains("urn:writ:approval-given:v1") && shown.contains("Identity/zenobia"))
    let files = try log.files(in: "log", holding: "zenobia")
    #expect(files.allSatisfy { $0.hasPrefix(".writ/disclosures/") }, "\(files)")
    try log.ok([
      "log", "prove", "log", "--subject", "Identity/zenobia", "--from", "2020-01-01T00:00:00Z",
      "--to", "2100-01-01T00:00:00Z", "-o", "zenobia.proof",
    ])
    let answer = try log.ok(["zenobia.proof", "--vkey", "log.key.pub"], program: "writ-verify")
    #expect(answer.contains("1 record") && !answer.contains("zenobia"), "\(answer)")
    // The log's own key approves nothing.
    let refused = try log.run([
      "approve", "--bundle", "b", "--request", "merge-hal9000.json", "--role", "reviewer", "--as",
      "Identity/zenobia", "--key", "log.key", "--log", "log",
    ])
    #expect(refused.code != 0)
    #expect(try log.erase("Identity/zenobia").code == 0)
    #expect(try log.files(in: "log", holding: "zenobia") == [])
    try log.ok(["log", "verify", "log", "--vkey", "log.key.pub"])
    try log.ok(["zenobia.proof", "--vkey", "log.key.pub"], program: "writ-verify")
  }

  @Test("an erasure that finds nothing, or has no ground, says so")
  func nothing() throws {
    let log = try PeopleLog()
    let nobody = try log.erase("Identity/nobody")
    #expect(nobody.code == 1 && nobody.output.contains("nothing to erase"))
    for words in [
      ["--person", "xanthe", "--ground", "x"], ["--ground", "x"],
      ["--disclosure", "x", "--ground", "x"],
      ["--person", "Identity/xanthe", "--ground", ""],
      ["--person", "Identity/xanthe", "--disclosure", "x", "--ground", "x"],
    ] {
      #expect(try log.run(["log", "erase", "log"] + words).code == 64, "\(words)")
    }
  }

  @Test("a proof shows what it is told to show, and nothing that the record does not name")
  func disclosed() throws {
    let log = try PeopleLog()
    let index = try log.decide("merge-hal9000.json", code: 1)
    let prove = ["log", "prove", "log", "--index", "\(index)", "-o"]
    try log.ok(prove + ["plain.proof"])
    let plain = try log.ok(["plain.proof", "--vkey", "log.key.pub"], program: "writ-verify")
    #expect(!plain.contains("hal9000"))
    try log.ok(prove + ["open.proof", "--disclose", "Identity"])
    let open = try log.ok(["open.proof", "--vkey", "log.key.pub"], program: "writ-verify")
    #expect(open.contains("is Identity hal9000"))
    #expect(try log.run(prove + ["x", "--disclose", "Nobody"]).code == 65)
    // A disclosure of the same form, of nobody that the record names.
    let proof = String(decoding: try log.scratch.bytes("open.proof"), as: UTF8.self)
    let extra = try #require(proof.split(separator: "\n").first { $0.hasPrefix("extra ") })
    var bytes = try #require(Base64.decode(String(extra.dropFirst(6))))
    let stranger = try Disclosure(name: "Identity", value: "somebody")
    bytes += Array("\(stranger.text)~".utf8)
    try log.scratch.write(
      proof.replacing(extra, with: "extra " + Base64.encode(bytes)), to: "false.proof")
    let refused = try log.run(["false.proof", "--vkey", "log.key.pub"], program: "writ-verify")
    #expect(refused.code == 1)
    #expect(refused.messages.contains("the record does not name it"), "\(refused.messages)")
    // What was erased cannot be shown any more; what was given away still can.
    #expect(try log.erase("Identity/hal9000").code == 0)
    #expect(try log.run(prove + ["late.proof", "--disclose", "Identity"]).code == 65)
    try log.ok(["open.proof", "--vkey", "log.key.pub"], program: "writ-verify")
  }

  @Test(
    "the answer to a question shows what it is told to show, and nothing that its records do not name"
  )
  func disclosedAnswer() throws {
    let log = try PeopleLog()
    _ = try log.decide("merge-hal9000.json", code: 1)
    _ = try log.decide("merge-xanthe.json", code: 2)
    let prove = [
      "log", "prove", "log", "--subject", "Service/web", "--from", "2000-01-01T00:00:00Z", "--to",
      "2100-01-01T00:00:00Z", "-o",
    ]
    let verify = ["open.proof", "--vkey", "log.key.pub"]
    try log.ok(prove + ["plain.proof"])
    let plain = try log.ok(["plain.proof", "--vkey", "log.key.pub"], program: "writ-verify")
    #expect(!plain.contains("hal9000") && !plain.contains("disclosed"))
    try log.ok(prove + ["open.proof", "--disclose", "Identity"])
    let open = try log.ok(verify, program: "writ-verify")
    #expect(open.contains("is Identity hal9000") && open.contains("is Identity xanthe"))
    let json = try JSONValue(
      parsing: Array(try log.ok(verify + ["--json"], program: "writ-verify").utf8))
    #expect(json["disclosed"]?.array?.contains { $0["value"]?.string == "hal9000" } == true)
    #expect(try log.run(prove + ["x", "--disclose", "Nobody"]).code == 65)
    // Somebody whom no record of the answer names; and what is named, in another order or twice.
    let good = try JSONValue(parsing: try log.scratch.bytes("open.proof"))
    let shown = try #require(good["disclosures"]?.array)
    let stranger = JSONValue.string(try Disclosure(name: "Identity", value: "somebody").text)
    for wrong in [shown + [stranger], shown.reversed(), shown + shown.suffix(1)] {
      let members = (good.object ?? []).map {
        $0.name == "disclosures" ? JSONMember("disclosures", .array(wrong)) : $0
      }
      try log.scratch.write(
        String(decoding: try JSONValue.object(members).canonicalBytes(), as: UTF8.self),
        to: "false.proof")
      let refused = try log.run(["false.proof", "--vkey", "log.key.pub"], program: "writ-verify")
      #expect(refused.code == 1)
      #expect(refused.messages.contains("no record of the answer names it"), "\(refused.messages)")
    }
    // What was erased cannot be shown any more; what was given away still can.
    #expect(try log.erase("Identity/hal9000").code == 0)
    try log.ok(prove + ["late.proof", "--disclose", "Identity"])
    #expect(
      !String(decoding: try log.scratch.bytes("late.proof"), as: UTF8.self).contains("hal9000"))
    try log.ok(verify, program: "writ-verify")
  }

  @Test("a sealed log forgets too: the log that goes on from it says so")
  func sealed() throws {
    let log = try PeopleLog()
    let index = try log.decide("merge-hal9000.json", code: 1)
    for (name, year) in [("next", 2027), ("after", 2028)] {
      try log.ok(["key", "new", "log.example/people-\(year)", "-o", "\(name).key"])
    }
    func go(on name: String, from: String, _ year: Int) throws {
      try log.ok([
        "log", "continue", from, name, "--origin", "log.example/people-\(year)", "--key",
        "\(name).key",
      ])
    }
    try go(on: "next", from: "log", 2027)
    let erase = ["log", "erase", "log", "--person", "Identity/hal9000", "--ground", "Art. 17"]
    let alone = try log.run(erase)
    #expect(alone.code == 74 && alone.messages.contains("log.example/people-2027"))
    #expect(try log.run(erase + ["--successor", "log"]).code == 65)
    try go(on: "after", from: "next", 2028)
    // Sealed again; and a log that does not follow at once.
    #expect(try log.run(erase + ["--successor", "next"]).code == 74)
    #expect(try log.run(erase + ["--successor", "after"]).code == 65)
    #expect(try !log.files(in: "log", holding: "hal9000").isEmpty)
    try log.ok(erase + ["--successor", "next", "--successor", "after"])
    #expect(try log.files(in: "log", holding: "hal9000") == [])
    let shown = try log.ok(["log", "show", "log", "--index", "\(index)"])
    #expect(shown.contains("by entry 1 of log.example/people-2028"), "\(shown)")
    #expect(try log.ok(["log", "show", "after", "--index", "1"]).contains("Art. 17"))
    for (name, key) in [
      ("log", "log.key.pub"), ("next", "next.key.pub"), ("after", "after.key.pub"),
    ] {
      try log.ok(["log", "verify", name, "--vkey", key])
      try log.ok(["log", "fsck", name, "--vkey", key])
    }
    #expect(try log.run(erase + ["--successor", "next", "--successor", "after"]).code == 1)
    // What is no longer kept goes the same way.
    try log.scratch.write(#"{"keep": {"request": "1us"}}"#, to: "retention.json")
    let prune = ["log", "prune", "log", "--retention", "retention.json"]
    #expect(try log.run(prune).code == 74)
    #expect(
      try log.ok(prune + ["--successor", "next", "--successor", "after"]).contains("1 request"))
    #expect(try log.ok(["log", "show", "after", "--index", "2"]).contains("log.example/people"))
  }
}
