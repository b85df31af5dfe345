// Callers whom the graph does not have: they are told so, the attempt is on record, and nothing else happens.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Unknown callers", .serialized)
final class UnknownCallerTests {
  private let site: RunSite

  init() throws {
    site = try RunSite()
    try site.expect(
      #"grep -v '"id":"bot"' facts.jsonl > left.jsonl; writ graph import --schema shop.writ left.jsonl -o left"#
    )
  }

  /// `writ act` with a delegate beside it.
  private func act(_ words: String, as caller: String = "nobody") -> String {
    """
    writ-delegate serve eu-1 --connect unix:\(site.scratch.path)/sock 2>> delegate.err &
    delegate=$!; code=0
    writ act \(words) \(site.options.replacing("Identity/bot", with: "Identity/\(caller)")) || code=$?
    kill $delegate 2> /dev/null || true; exit $code
    """
  }

  private static let deploy = "deploy --arg service=Service/web"
  private static let refusal =
    "`Identity/nobody` may not act: the graph does not have the caller, and the attempt is on record"

  /// The log has these refused wishes, and nothing else.
  private func expectRefused(_ count: Int, location: SourceLocation = #_sourceLocation) throws {
    let found = try site.expect("writ log search log --json").split(separator: "\n").map {
      try JSONValue(parsing: Array($0.utf8))
    }
    #expect(found.count == count, sourceLocation: location)
    for one in found {
      #expect(one["record"]?["taken"]?.bool == false, sourceLocation: location)
      #expect(
        one["record"]?["reason"] == "the graph does not have the caller", sourceLocation: location)
    }
    #expect(try site.ran().isEmpty, sourceLocation: location)
  }

  @Test("an action is not done for a caller whom the graph does not have")
  func actsForNobody() throws {
    try site.expect(act(UnknownCallerTests.deploy), 1, says: UnknownCallerTests.refusal)
    try expectRefused(1)
    // Of another spelling, and of somebody who was there.
    try site.expect(act(UnknownCallerTests.deploy, as: "Bot"), 1, says: "does not have the caller")
    try site.expect(
      act(UnknownCallerTests.deploy, as: "bot").replacing("--graph g ", with: "--graph left "), 1,
      says: "does not have the caller")
    try expectRefused(3)
    try site.expect(act(UnknownCallerTests.deploy, as: "bot"), says: "SUCCEEDED")
    try site.expect("writ log verify log --vkey log.key.pub; writ log fsck log")
  }

  @Test("whoever asks for somebody whom the graph does not have is told that nothing would be done")
  func asksForNobody() throws {
    let ask = "writ ask \(UnknownCallerTests.deploy) --bundle b --graph g --caller Identity/nobody"
    try site.expect(ask, 1, says: "the caller `Identity/nobody` is not in the graph")
    let told = try JSONValue(parsing: Array(try site.expect("\(ask) --json 2> /dev/null", 1).utf8))
    #expect(told["refusal"]?.string?.contains("nobody else acts") == true)
  }

  @Test("of somebody whom the graph does not have no approval and no waiver counts")
  func approvesAsNobody() throws {
    try site.expect(
      #"""
      grep -v '"id":"ines"' facts.jsonl > without.jsonl; writ graph import --schema shop.writ without.jsonl -o without
      printf '{"action":"widen","arguments":{"service":"Service/web"}}' > asked.json
      writ approve --bundle b --graph g --request asked.json --role manager --as Identity/ines --key ines.key -o approved.json
      writ waive W1 --bundle b --role manager --as Identity/ines --key ines.key > w1.json
      """#)
    let ask = "writ ask --caller Identity/bot --bundle b"
    try site.expect("\(ask) --request approved.json --graph g", says: "ALLOW")
    try site.expect(
      "\(ask) --request approved.json --graph without", 2,
      says: "does not count: the graph does not have its giver")
    try site.expect("sed 's/\"frozen\":false/\"frozen\":true/' without.jsonl > ice.jsonl")
    try site.expect("writ graph import --schema shop.writ ice.jsonl -o ice")
    try site.expect(
      "\(ask) \(UnknownCallerTests.deploy) --graph frozen --waiver w1.json", says: "ALLOW")
    try site.expect(
      "\(ask) \(UnknownCallerTests.deploy) --graph ice --waiver w1.json", 1,
      says: "does not count: the graph does not have its giver")
  }

  @Test("neither a token nor a signature makes a caller known")
  func tokenAndKey() throws {
    try site.expect(
      #"""
      for name in issuer nobody; do writ key new $name -o $name.key; done
      entry() { printf '{"name":"%s","key":"%s","actor":"Identity/%s","roles":[%s]}\n' $1 "$(cat $1.key.pub)" $2 "$3" >> registry.jsonl; }
      entry issuer ines '"@issuer"'
      writ build shop.writ -o b --registry registry.jsonl
      writ token mint --bundle b --key issuer.key --audience log.example --holder Identity/nobody --action deploy --action one -o token
      """#)
    let deploy = "\(UnknownCallerTests.deploy) --token token"
    try site.expect(act(deploy), 1, says: UnknownCallerTests.refusal)
    try expectRefused(1)
    try site.expect(
      "entry nobody nobody; writ build shop.writ -o b --registry registry.jsonl"
        .replacing(
          "entry nobody nobody",
          with:
            #"printf '{"name":"nobody","key":"%s","actor":"Identity/nobody","roles":[]}\n' "$(cat nobody.key.pub)" >> registry.jsonl"#
        ))
    let key = "--actor-key nobody.key"
    try site.expect(
      act("\(UnknownCallerTests.deploy) \(key)"), 1, says: UnknownCallerTests.refusal)
    try site.expect(act("\(deploy) \(key)"), 1, says: UnknownCallerTests.refusal)
    let run = site.run("one --arg service=Service/web --token token \(key)")
      .replacing("Identity/bot", with: "Identity/nobody")
    try site.expect(run, 1, says: UnknownCallerTests.refusal)
    try expectRefused(4)
  }

  @Test("no run is begun, and none is taken up, for a caller whom the graph does not have")
  func runs() throws {
    let run: String = site.run("one --arg service=Service/web")
    try site.expect(
      run.replacing("Identity/bot", with: "Identity/nobody"), 1, says: UnknownCallerTests.refusal)
    #expect(!FileManager.default.fileExists(atPath: site.scratch.path + "/runs"))
    try expectRefused(1)
    let agreed = "local --arg service=Service/web"
    try site.program("once.sh", "kill -KILL $(cat \"\(site.scratch.path)/pid\"); sleep 1")
    _ = try site.run(site.run(agreed))
    try site.expect(
      "cp g before; cp left g; " + site.run("--resume \(try site.runName())"), 1,
      says: "`Identity/bot` may not act: the graph does not have the caller")
    #expect(try site.ran() == ["once"])
    try site.expect("writ log search log --kind intent", says: "2")
  }

  @Test("a caller who leaves the graph while a delegate is awaited gets nothing done")
  func leavesMeanwhile() throws {
    let script = act(UnknownCallerTests.deploy, as: "bot").replacing(
      "writ-delegate serve", with: "{ sleep 2; cp left next; mv next g; writ-delegate serve"
    ).replacing("delegate.err &", with: "delegate.err; } &")
    try site.expect(
      script, 1, says: "`Identity/bot` may not act: the graph does not have the caller")
    try expectRefused(1)
  }

  @Test("a caller who leaves the graph under a run has no further action done")
  func leavesUnderARun() throws {
    let path = site.scratch.path
    try site.program(
      "eu-1/work/deploy.sh", "cp \(path)/left \(path)/next; mv \(path)/next \(path)/g")
    try site.expect(site.run("twice --arg service=Service/web"), 1)
    #expect(try site.ran().first == "deploy")
    #expect(try !site.ran().dropFirst().contains("deploy"))
    #expect(try site.result("go/second") == "denied")
    try site.expect(
      "writ log search log --kind intent --json", says: "the graph does not have the caller")
  }

  @Test("who only asks is told, and has an answer")
  func asks() throws {
    let asking = "--bundle b --graph g --caller Identity/nobody"
    let note = "the caller `Identity/nobody` is not in the graph"
    try site.scratch.write(
      #"{"gate":"ship","arguments":{"service":"Service/web"}}"#, to: "ship.json")
    try site.expect("writ decide \(asking) --request ship.json", says: note)
    try site.expect("writ ask \(asking) \(UnknownCallerTests.deploy)", 1, says: note)
    try site.expect("writ decide \(asking) --request ship.json --log log", says: "ALLOW")
    #expect(try site.kinds() == ["gate"])
  }
}
