// A person's no: signed, on record, and the end of what a run waits for; nothing to anybody who looks for a yes.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Saying no", .serialized)
final class RejectionTests {
  private let site: RunSite

  init() throws { site = try RunSite() }

  private func no(by name: String, _ more: String = "", to request: String = "\"$file\"") -> String
  {
    "writ approve --bundle b --request \(request) --role manager --as Identity/\(name) --key \(name).key --no 'not today' \(more)"
  }

  /// The no where the run looks for it.
  private func put(by name: String, _ more: String = "") -> String {
    "\(no(by: name, more)) > \"$(dirname \"$(dirname \"$file\")\")/approvals/no-\(name).json\""
  }

  @Test(
    "one no ends what a run asks for, is told with its reason, and is on record where that is wanted"
  )
  func ends() throws {
    try site.expect(
      site.run("release --arg service=Service/web", atAsks: put(by: "ines", "--log log")), 1)
    let events = String(decoding: try site.scratch.bytes("events"), as: UTF8.self)
    #expect(events.contains("`Identity/ines` said no: not today"))
    #expect(events.contains(#""reason":"not today""#))
    #expect(try !site.ran().contains("widen"))
    let found = try site.expect("writ log search log --kind rejection", says: "rejection-given")
    let index = try #require(found.split(separator: " ").first.flatMap { Int($0) })
    let shown = try site.expect("writ log show log --index \(index)", says: "REJECTION  urn:writ:")
    #expect(shown.contains("  no by Identity/ines as manager\n"))
    #expect(shown.contains("  because: not today\n"))
    let quiet = try site.expect(
      "writ log prove log --index \(index) -o quiet; writ-verify quiet --vkey log.key.pub",
      says: "told       no by Identity/~")
    #expect(!quiet.contains("today") && !quiet.contains("ines"))
    let told = try site.expect(
      "writ log prove log --index \(index) --disclose Identity --disclose rejection -o told; writ-verify told --vkey log.key.pub",
      says: "told       no by Identity/ines as manager\n")
    #expect(told.contains("told       because: not today\n"))
    #expect(told.contains("\nsubject    Identity/ines sha256:"))
    try site.expect(
      "writ log verify log --vkey log.key.pub; writ replay log --all", says: "0 different")
  }

  @Test("a no counts before a yes that is found with it, whichever was said first")
  func together() throws {
    // The runner stands still until both are there.
    let both =
      "kill -STOP $(cat pid); \(site.approval(by: "ines")); \(put(by: "ines")); kill -CONT $(cat pid)"
    try site.expect(site.run("release --arg service=Service/web", atAsks: both), 1)
    #expect(try !site.ran().contains("widen"))
  }

  @Test("a no counts beside a yes, and not of whom the step excepts")
  func eligible() throws {
    let both = "\(put(by: "otto")); sleep 1; \(site.approval(by: "ines"))"
    try site.expect(site.run("release --arg service=Service/web", atAsks: both), 0)
    let events = String(decoding: try site.scratch.bytes("events"), as: UTF8.self)
    #expect(events.contains(#""counts":false,"why":"is of somebody who is excepted""#))
    try site.expect(
      "writ run show \(try site.runName()) --runs runs",
      says: "the no by Identity/otto as manager does not count: it is of somebody who is excepted")
  }

  @Test("a no is no part of a request, and nobody says it without the role or a reason")
  func refuses() throws {
    try site.scratch.write(
      #"{"action":"widen","arguments":{"service":"Service/web"}}"#, to: "asked.json")
    let asked = "asked.json"
    for (command, code, words) in [
      (no(by: "ines", "-o x.json", to: asked), 64, "a no has no `-o`"),
      (no(by: "ines", "--for 1h", to: asked), 64, "a no has no `--for`"),
      (
        no(by: "ines", to: asked).replacing("manager", with: "owner"), 1,
        "a no in role `owner` ends nothing"
      ),
      (no(by: "ines", to: asked).replacing("'not today'", with: "''"), 64, "needs a value"),
    ] as [(String, Int32, String)] {
      try site.expect(command, code, says: words)
    }
    // A yes that nobody asks for is signed, and said to be of no use.
    try site.scratch.write(
      #"{"action":"undoDeploy","arguments":{"service":"Service/web"}}"#, to: "undo.json")
    try site.expect(
      "writ approve --bundle b --request undo.json --role manager --as Identity/ines --key ines.key",
      says: "counts for nothing here")
    // As an approval it is nothing.
    try site.expect(
      #"""
      \#(no(by: "ines", to: asked)) > no.json
      printf '{"action":"widen","arguments":{"service":"Service/web"},"approvals":[%s]}' "$(cat no.json)" > with.json
      """#)
    let told = try site.run(
      "writ ask --request with.json --bundle b --graph g --caller Identity/bot --log log")
    #expect(told.code != 0 && told.messages.contains("approval 1:"), "\(told.messages)")
  }

  /// `writ act` with a delegate beside it.
  private func act(_ request: String) -> String {
    """
    writ-delegate serve eu-1 --connect unix:\(site.scratch.path)/sock 2>> delegate.err &
    delegate=$!; code=0
    writ act --request \(request) \(site.options) || code=$?
    kill $delegate 2> /dev/null || true; exit $code
    """
  }

  @Test("a no in the log holds for `act` against yeses that are there, until who said it says yes")
  func holdsForAct() throws {
    try site.scratch.write(
      #"{"action":"widen","arguments":{"service":"Service/web"}}"#, to: "asked.json")
    let yes =
      "writ approve --bundle b --request asked.json --role manager --as Identity/ines --key ines.key -o"
    // Of nothing that the log does not have, and of nothing else than what was asked for.
    try site.expect(
      "\(yes) approved.json; \(no(by: "ines", to: "asked.json"))",
      says: "only a no that is in its log"
    )
    try site.scratch.write(
      #"{"action":"widen","arguments":{"service":"Service/other"}}"#, to: "other.json")
    try site.expect(no(by: "otto", "--log log", to: "other.json"))
    // Where nobody is asked a no would end nothing.
    try site.scratch.write(
      #"{"action":"deploy","arguments":{"service":"Service/web"}}"#, to: "unasked.json")
    try site.expect(
      no(by: "otto", "--log log", to: "unasked.json"), 1, says: "asks for nobody's approval")
    try site.expect(act("approved.json"), says: "SUCCEEDED")
    #expect(try site.ran() == ["widen"])
    // An approval is used up by what it let be done.
    try site.expect("\(yes) again.json; \(no(by: "otto", "--log log", to: "asked.json"))")
    let told = try site.run(act("again.json"))
    #expect(told.code != 0 && told.messages.contains("Identity/otto said no to it"), "\(told)")
    // Nobody else's yes lifts it.
    try site.expect("\(yes) third.json")
    #expect(try site.run(act("third.json")).code != 0)
    // Nor does the gate say otherwise to whoever asks it with the log at hand.
    try site.expect(
      "writ decide --bundle b --graph g --request third.json --caller Identity/bot --log log 2>&1",
      2,
      says: "Identity/otto said no to it")
    try site.expect(
      "writ decide --bundle b --graph g --request approved.json --caller Identity/bot --log log 2>&1",
      2, says: "does not count")
    #expect(try site.ran() == ["widen"])
    let both =
      "writ approve --bundle b --request third.json --role manager --as Identity/otto --key otto.key"
    try site.expect("\(both) -o fourth.json")
    try site.expect(act("fourth.json"), says: "SUCCEEDED")
    #expect(try site.ran() == ["widen", "widen"])
    try site.expect("writ replay log --all; writ log fsck log", says: "0 different")
  }

  @Test("a hold after a no says who said it, and names nobody who could approve but them")
  func heldAfterANo() throws {
    try site.scratch.write(
      #"{"action":"widen","arguments":{"service":"Service/web"}}"#, to: "asked.json")
    let ask = "writ ask --request asked.json --bundle b --graph g --caller Identity/bot --log log"
    let before = try site.expect(ask, 2)
    #expect(before.contains("Identity/ines can give it") && !before.contains("refused"))
    try site.expect(no(by: "otto", "--log log", to: "asked.json"))
    let decide =
      "writ decide --request asked.json --bundle b --graph g --caller Identity/bot --log log"
    for command in [ask, decide, act("asked.json")] {
      let told = try site.expect(command, 2)
      #expect(
        told.contains("refused: Identity/otto said no to it, in entry 0; no approval counts"),
        "\(told)")
      #expect(told.contains("Identity/otto can take it back by a later yes"), "\(told)")
      #expect(!told.contains("can give it"), "\(told)")
    }
    let json = try JSONValue(parsing: Array(try site.expect("\(ask) --json", 2).utf8))
    #expect(json["refused"]?["by"]?.string == "Identity/otto")
    #expect(json["refused"]?["entry"]?.integer == 0)
    // A run that asks for the same is told so, too.
    let stop = "writ run cancel \"$(dirname \"$(dirname \"$file\")\")\" --mode now"
    try site.scratch.write(
      RunSite.policy
        + "\npipeline widens(service: Service) unverified { stage go { widen(service) } }\n",
      to: "shop.writ")
    try site.expect("writ build shop.writ -o b --registry registry.jsonl")
    try site.scratch.write(
      #"{"action":"widen","arguments":{"service":"Service/web"}}"#, to: "asked.json")
    try site.expect(no(by: "ines", "--log log", to: "asked.json"))
    try site.expect(site.run("widens --arg service=Service/web", atAsks: stop), 3)
    let events = String(decoding: try site.scratch.bytes("events"), as: UTF8.self)
    #expect(events.contains("Identity/ines said no to it, in entry"), "\(events)")
    #expect(events.contains(#""people":["Identity/ines"]"#), "\(events)")
    try site.expect("writ replay log --all; writ log fsck log", says: "0 different")
  }

  @Test("an approval from before a log went on from another counts no more, used or not")
  func continued() throws {
    try site.scratch.write(
      #"{"action":"widen","arguments":{"service":"Service/web"}}"#, to: "asked.json")
    let yes =
      "writ approve --bundle b --request asked.json --role manager --as Identity/ines --key ines.key -o"
    try site.expect("\(yes) used.json; \(yes) kept.json")
    try site.expect(act("used.json"), says: "SUCCEEDED")
    try site.expect(
      """
      writ key new log2.example -o log2.key
      writ log continue log log2 --origin log2.example --key log2.key
      writ-delegate init eu-2 --name eu-2 --permit-key permit.key.pub --log-vkey log2.key.pub
      cp eu-1/work/widen.sh eu-2/work
      \(yes) new.json
      """)
    func actAnew(_ request: String) -> String {
      act(request).replacing("eu-1", with: "eu-2").replacing("--log log", with: "--log log2")
    }
    for old in ["used.json", "kept.json"] {
      let told = try site.run(actAnew(old))
      #expect(told.code != 0 && told.messages.contains("before this log went on"), "\(told)")
    }
    #expect(try site.ran() == ["widen"])
    try site.expect(actAnew("new.json"), says: "SUCCEEDED")
    #expect(try site.ran() == ["widen", "widen"])
  }
}
