// Callers who do not sign: they get nothing, unless the policy says that they may, and then the records say it.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Unsigned callers", .serialized)
final class UnsignedCallerTests {
  private let site: RunSite

  init() throws { site = try RunSite() }

  private static let refusal =
    "`Identity/bot` may not act: nobody signed for the caller, and the attempt is on record"

  /// Builds the shop's policy with another first line.
  private func build(_ callers: String, as bundle: String = "b") throws {
    try site.expect(
      """
      sed 's/^policy shop version 1.*/policy shop version 1 \(callers)/' shop.writ > said.writ
      writ build said.writ -o \(bundle) --registry registry.jsonl
      """)
  }

  /// Gives somebody a key to act with.
  private func addKey(of name: String) throws {
    try site.expect(
      #"""
      writ key new \#(name)-acts -o \#(name)-acts.key
      printf '{"name":"%s-acts","key":"%s","actor":"Identity/%s","roles":[]}\n' \#(name) "$(cat \#(name)-acts.key.pub)" \#(name) >> registry.jsonl
      """#)
  }

  /// `writ act` with a delegate beside it.
  private func act(_ more: String = "", as caller: String = "bot") -> String {
    """
    writ-delegate serve eu-1 --connect unix:\(site.scratch.path)/sock 2>> delegate.err &
    delegate=$!; code=0
    writ act deploy --arg service=Service/web \
      \(site.options.replacing("Identity/bot", with: "Identity/\(caller)")) \(more) || code=$?
    kill $delegate 2> /dev/null || true; exit $code
    """
  }

  /// The predicates of all entries of the log, in order.
  private func records() throws -> [JSONValue] {
    try site.kinds().indices.map { index in
      let shown = try site.run("writ log show log --index \(index) --json")
      let json = try JSONValue(parsing: Array(shown.output.utf8))
      let record = json["record"] ?? json
      return record["predicate"] ?? record
    }
  }

  @Test(
    "without a word in the policy nothing is done for whoever does not sign, whatever the registry holds"
  )
  func signedByDefault() throws {
    for callers in ["", "callers signed"] {
      try build(callers)
      try site.expect(act(), 1, says: UnsignedCallerTests.refusal)
      try site.expect(
        site.run("one --arg service=Service/web"), 1, says: UnsignedCallerTests.refusal)
    }
    let found = try records()
    #expect(found.map { $0["kind"]?.string } == Array(repeating: "intent", count: 4))
    #expect(found.allSatisfy { $0["taken"] == false && $0["unsigned"] == nil })
    // Whoever looks for refusals finds them, with the reason, and in words.
    for more in ["", "--full"] {
      let listed = try site.expect(
        "writ log search log --outcome refused \(more)", says: "4 records of 4")
      #expect(listed.components(separatedBy: "  REFUSED  urn:writ:intent-given:v1").count == 5)
      #expect(listed.components(separatedBy: "  nobody signed for the caller").count == 5)
    }
    try site.expect("writ log search log --outcome deny", says: "0 records of 4")
    let shown = try site.expect(
      "writ log show log --index 0", says: "refused: nobody signed for the caller")
    #expect(shown.contains("REFUSED  urn:writ:intent-given:v1\n"))
    #expect(shown.contains("  Identity/bot wants shop.deploy\n"))
    #expect(try site.ran().isEmpty)
    #expect(!FileManager.default.fileExists(atPath: site.scratch.path + "/runs"))
    // Lines that are taken out of a registry turn nothing off.
    try site.expect("cp registry.jsonl before.jsonl")
    try addKey(of: "bot")
    try build("")
    try site.expect(act("--actor-key bot-acts.key"), says: "SUCCEEDED")
    try site.expect("cp before.jsonl registry.jsonl")
    try build("")
    try site.expect(act(), 1, says: UnsignedCallerTests.refusal)
    try site.expect(act("--actor-key bot-acts.key"), 1, says: "no key to act with is known")
    #expect(try site.ran() == ["deploy"])
    try site.expect("writ log verify log --vkey log.key.pub; writ log fsck log", says: "SOUND")
  }

  @Test("a delegate that is started for signed callers only does nothing for others")
  func ownersWord() throws {
    let told = try site.expect(
      act().replacing("writ-delegate serve eu-1", with: "writ-delegate serve eu-1 --signed-only"), 1
    )
    #expect(try site.ran().isEmpty, "\(told)")
    let refused = try #require(try records().last)
    #expect(refused["outcome"] == "refused" && refused["reason"] == "unsigned")
    try addKey(of: "bot")
    try build("callers unsigned")
    try site.expect(
      act("--actor-key bot-acts.key").replacing(
        "writ-delegate serve eu-1", with: "writ-delegate serve eu-1 --signed-only"),
      says: "SUCCEEDED")
  }

  @Test("where the policy lets callers be unsigned each record of what is done says that one was")
  func unsigned() throws {
    try site.expect(
      "writ build shop.writ -o b --registry registry.jsonl",
      says: "the policy says `callers unsigned`")
    try site.expect("writ disasm b", says: "callers unsigned")
    try site.expect(act(), says: "SUCCEEDED")
    #expect(
      try records().map {
        [$0["kind"]?.string ?? "", $0["unsigned"]?.bool == true ? "unsigned" : ""]
      }
        == [["gate", "unsigned"], ["permit", "unsigned"], ["result", "unsigned"]])
    for index in 0...2 {
      try site.expect(
        "writ log show log --index \(index)", says: "  unsigned  who acts did not sign\n")
    }
    try site.expect(
      "writ log show log --index 0", says: "  action    shop.deploy (deploy, production), sha256:")
    let answer = try site.expect(
      #"""
      writ log prove log --subject Service/web --from 2020-01-01T00:00:00Z --to 2099-01-01T00:00:00Z -o all
      writ-verify all --vkey log.key.pub
      """#)
    #expect(answer.components(separatedBy: "\n    unsigned who acts did not sign\n").count == 4)
    try site.expect("writ log report all -o page.html")
    #expect(
      String(decoding: try site.scratch.bytes("page.html"), as: UTF8.self)
        .contains(
          #"if (predicate.unsigned === true) list.append(rowOf("unsigned", "who acts did not sign"))"#
        ))
    try site.expect(site.run("twice --arg service=Service/web"), says: "SUCCEEDED")
    let ofRun = try records().dropFirst(3)
    #expect(
      ofRun.filter { $0["unsigned"] == true }.compactMap { $0["kind"]?.string }
        == ["run", "gate", "permit", "result", "gate", "permit", "result"])
    try site.expect(
      "writ log verify log --vkey log.key.pub; writ log fsck log; writ replay log --all",
      says: "0 different")
  }

  @Test("who has a key signs, also where others need not, and then no record says that nobody did")
  func keyHolders() throws {
    try addKey(of: "bot")
    try build("callers unsigned")
    try site.expect(act(), 1, says: UnsignedCallerTests.refusal)
    try site.expect(act("--actor-key bot-acts.key", as: "ines"), 1, says: "no key to act with")
    try site.expect(act("--actor-key bot-acts.key"), says: "SUCCEEDED")
    #expect(try records().allSatisfy { $0["unsigned"] == nil })
    try site.expect(act(as: "ines"), says: "SUCCEEDED")
    #expect(try records().last?["unsigned"] == true)
  }

  @Test("what an imported text says of callers is for that text alone")
  func imported() throws {
    try site.expect(
      """
      printf 'policy whole version 1\\nimport shop\\n' > whole.writ
      writ build whole.writ shop.writ -o b --registry registry.jsonl
      """)
    try site.expect(act(), 1, says: UnsignedCallerTests.refusal)
    #expect(try site.ran().isEmpty)
  }

  @Test("a bundle that comes while a delegate is awaited is held to as well")
  func changesMeanwhile() throws {
    try build("callers signed", as: "strict")
    let script = act().replacing(
      "writ-delegate serve", with: "{ sleep 2; mv strict b; writ-delegate serve"
    ).replacing("delegate.err &", with: "delegate.err; } &")
    try site.expect(script, 1, says: UnsignedCallerTests.refusal)
    #expect(try site.ran().isEmpty)
  }

  @Test("questions are answered whoever asks")
  func questions() throws {
    try build("callers signed")
    try site.expect(
      "writ ask deploy --arg service=Service/web --bundle b --graph g --caller Identity/bot",
      says: "ALLOW")
    #expect(try site.kinds().isEmpty)
  }
}
