// Actions over HTTP: whoever acts signs elsewhere, a delegate does it, and whatever is refused is on record.

import Foundation
import Synchronization
import Testing
import WritModel
import WritTesting
import WritTransport

@Suite("Acting at the door", .serialized)
final class DoorActTests {
  private let world: DoorSite
  private var site: ActionSite { world.site }

  init() throws { world = try DoorSite() }

  /// Runs a body with a delegate that takes orders.
  private func withDelegate(_ body: () throws -> Void) throws {
    let delegate = try world.delegate()
    defer { delegate.interrupt() }
    try body()
  }

  @Test("what a caller has signed for is done once, as the command does it, and recorded")
  func acts() throws {
    let door = try world.door()
    try withDelegate {
      let signed = try world.signed("us.json", over: door)
      let done = try door.post("act", signed)
      #expect(done.status == 200, "\(done.json.compact)")
      #expect(done.json["decision"] == "allow" && done.json["outcome"] == "succeeded")
      #expect(try world.kinds() == ["intent", "gate", "permit", "result"])
      #expect(try site.records().allSatisfy { $0["unsigned"] == nil })
      // The command says the same of the same.
      let line = try site.expect(
        "\(ActionSite.command) --actor-key bot.key --request us.json --json")
      let shapes = try [done.json, JSONValue(parsing: Array(line.utf8))].map { document in
        (document.object ?? []).map(\.name)
      }
      #expect(shapes[0] == shapes[1])
      let again = try door.post("act", try world.signed("us.json", over: door))
      #expect(again.status == 200, "each request has an intent of its own")
    }
    try site.expect("writ replay log --all", says: "3 the same, 0 different")
    try site.expect("writ log verify log --vkey log.key.pub")
  }

  @Test("an intent counts once, also after the door was opened anew")
  func replayed() throws {
    let first = try world.door()
    let signed = try world.signed("us.json", over: first)
    try withDelegate {
      let done = try first.post("act", signed)
      #expect(done.status == 200)
    }
    let refused = try first.post("act", signed)
    #expect(refused.status == 403 && refused.json["outcome"] == "refused")
    #expect(refused.json["evidence"]?["index"]?.integer == 4)
    #expect(first.end() == 0)
    let again = try world.door().post("act", signed)
    #expect(again.status == 403 && again.json["error"]?.string?.contains("was used") == true)
    let used = "the intent was used: entry 0 has taken it"
    #expect(try world.kinds() == ["intent", "gate", "permit", "result", used, used])
  }

  @Test("of one intent at several doors at once one is taken")
  func atOnce() throws {
    try site.expect("mv before g")
    let doors = try (0..<3).map { _ in try world.door() }
    let signed = try world.signed("us.json", over: doors[0])
    let statuses = Mutex<[Int]>([])
    DispatchQueue.concurrentPerform(iterations: 3) { index in
      let status = (try? doors[index].post("act", signed))?.status ?? 0
      statuses.withLock { $0.append(status) }
    }
    #expect(statuses.withLock { $0 } == [403, 403, 403], "one is denied by its gate")
    let kinds = try world.kinds()
    #expect(kinds.count { $0 == "intent" } == 1 && kinds.count { $0 == "gate" } == 1)
    #expect(kinds.count { $0.hasPrefix("the intent was used") } == 2)
  }

  @Test(
    "what is forged, another's, for something else, too old or not signed does nothing, on record")
  func refused() throws {
    let door = try world.door()
    let request = try world.request("us.json")
    let intent = try world.intent(request, over: door)
    func bent(_ name: String, _ value: JSONValue) -> JSONValue {
      intent.with([JSONMember(name, value)])
    }
    let other = try world.request("eu.json")
    let attempts: [(JSONValue, JSONValue?, String)] = [
      (request, nil, "nobody signed for the caller"),
      (
        request, try world.intent(request, by: "ines", over: door),
        "the caller's key did not sign it"
      ),
      (
        request.with([JSONMember("caller", "Identity/ines")]), intent,
        "no key to act with is known of the caller"
      ),
      (
        request, try world.intent(request, of: "Identity/ines", over: door),
        "the intent is another caller's"
      ),
      (other, intent, "the intent is for another request, bundle or log"),
      (
        request, try world.intent(request, at: 90, over: door),
        "the intent was signed more than a minute ago, or will be"
      ),
      (
        request, try world.intent(request, at: -90, over: door),
        "the intent was signed more than a minute ago, or will be"
      ),
      (request, "nonsense", "what was signed is no intent"),
      (request, bent("payload", "e30="), "the caller's key did not sign it"),
      (request, bent("more", 1), "what was signed is no intent"),
      (
        request.with([JSONMember("caller", "Identity/nobody")]), intent,
        "the graph does not have the caller"
      ),
    ]
    for (body, intent, why) in attempts {
      let sent = intent.map { body.with([JSONMember("intent", $0)]) } ?? body
      let answer = try door.post("act", sent)
      #expect(answer.status == 403, "\(why): \(answer.json.compact)")
      #expect(answer.json["error"]?.string?.contains(why) == true, "\(answer.json.compact)")
      #expect(answer.json["evidence"]?["index"] != nil)
    }
    #expect(try world.kinds() == attempts.map(\.2))
    // A bundle that came since it was signed.
    let signed = try world.signed("us.json", over: door)
    try site.expect("writ build checkout.writ -o b --registry registry.jsonl --revision 2")
    #expect(try door.post("act", signed).status == 403)
    #expect(try world.kinds().last == "the intent is for another request, bundle or log")
  }

  @Test("an intent counts in the log that it was signed for, and in none that goes on from it")
  func otherLogs() throws {
    let old = try world.door()
    let signed = try world.signed("us.json", over: old)
    #expect(old.end() == 0)
    try site.expect(
      """
      writ key new log2.example -o log2.key
      writ log continue log log2 --origin log2.example --key log2.key
      """)
    let door = try DoorProcess(
      world.options.replacing("--log log", with: "--log log2"), in: site.scratch.path)
    let refused = try door.post("act", signed)
    #expect(refused.status == 403)
    #expect(
      refused.json["error"]?.string?.contains("for another request, bundle or log") == true,
      "\(refused.json.compact)")
  }

  @Test("under a token what it covers is done, for its holder alone")
  func tokens() throws {
    try site.expect(
      """
      for scope in deploy undo; do writ token mint --bundle b --key issuer.key --audience log.example \
        --holder Identity/deploy-bot --action $scope -o $scope.token; done
      """)
    let door = try world.door()
    func act(_ token: String) throws -> HTTPResponse {
      let request = try world.request("us.json").with([
        JSONMember("token", try JSONValue(parsing: site.scratch.bytes(token)))
      ])
      return try door.post(
        "act",
        request.with([JSONMember("intent", try world.intent(request, over: door))]))
    }
    let beyond = try act("undo.token")
    #expect(beyond.status == 403, "\(beyond.json.compact)")
    #expect(
      try world.kinds() == ["intent", "the token does not cover the action `checkout.deploy`"])
    try withDelegate {
      let done = try act("deploy.token")
      #expect(done.status == 200 && done.json["result"]?["onBehalfOf"] == ["Identity/ines"])
    }
  }

  @Test("what is denied, held, or done and not well is no success")
  func statuses() throws {
    let door = try world.door()
    let held = try door.post("act", try world.signed("eu.json", over: door))
    #expect(held.status == 409 && held.json["decision"] == "hold")
    #expect(held.json["evidence"]?["index"] != nil)
    try site.expect("sed -i 's/^exit.*/exit 7/' eu-1/work/deploy.sh")
    try withDelegate {
      let failed = try door.post("act", try world.signed("us.json", over: door))
      #expect(failed.status == 422 && failed.json["outcome"] == "failed")
    }
    try site.expect("cp g good; mv before g")
    let denied = try door.post("act", try world.signed("us.json", over: door))
    #expect(denied.status == 403 && denied.json["decision"] == "deny")
    #expect(denied.json["result"]?["reasons"]?.array?.isEmpty == false)
    // Without a log nothing is done.
    try site.expect("mv good g")
    let signed = try world.signed("us.json", over: door)
    try site.expect("mv log gone")
    let broken = try door.post("act", signed)
    #expect(broken.status == 500 && broken.json["decision"] == nil, "\(broken.json.compact)")
  }

  @Test(
    "while an action is under way questions are answered, a second one is told so, and the end waits"
  )
  func underWay() throws {
    try site.expect("printf '#!/bin/sh\\ntouch ../../begun; sleep 3\\n' > eu-1/work/deploy.sh")
    let door = try world.door()
    try withDelegate {
      let (signed, second) = (
        try world.signed("us.json", over: door), try world.signed("us.json", over: door)
      )
      let answer = Mutex<HTTPResponse?>(nil)
      let ended = DispatchSemaphore(value: 0)
      Thread.detachNewThread {
        let done = try? door.post("act", signed)
        answer.withLock { $0 = done }
        ended.signal()
      }
      try waitUntil { FileManager.default.fileExists(atPath: site.scratch.path + "/begun") }
      #expect(try door.post("ask", try world.request("us.json")).status == 200)
      let busy = try door.post("act", second)
      #expect(busy.status == 503 && busy.fields.value(of: "retry-after") == "1")
      #expect(busy.json["error"]?.string?.contains("one action is done at a time") == true)
      #expect(answer.withLock { $0 == nil }, "the first is under way still")
      #expect(door.end() == 0)
      ended.wait()
      #expect(answer.withLock { $0?.status } == 200)
    }
    #expect(try world.kinds() == ["intent", "gate", "permit", "result"])
  }

  @Test("where the policy lets callers be unsigned, those without a key need not sign")
  func unsigned() throws {
    try site.expect(
      """
      sed -i 's/policy checkout version 1/& callers unsigned/' checkout.writ
      writ build checkout.writ -o b --registry registry.jsonl
      """)
    let door = try world.door()
    let request = try world.request("us.json")
    #expect(try door.post("act", request).status == 403, "the bot has a key")
    try site.expect(
      "grep -v '\"bot\"' registry.jsonl > few.jsonl; writ build checkout.writ -o b --registry few.jsonl"
    )
    try withDelegate {
      let done = try door.post("act", request)
      #expect(done.status == 200)
    }
    #expect(try site.records().last?["unsigned"] == true)
  }

  @Test("the glass is not broken here")
  func breakGlass() throws {
    let glass = try BreakGlassSite()
    let door = try DoorProcess(
      """
      --bundle b --graph g --log log --permit-key permits.key --delegate eu-1/delegate.pub \
      --listen unix:\(glass.scratch.path)/sock
      """, in: glass.scratch.path)
    for kind in ["ask", "act"] {
      let refused = try door.post(
        kind, ["action": "emergencyDeploy", "caller": "Identity/dana", "arguments": [:]])
      #expect(refused.status == 403, "\(refused.json.compact)")
      #expect(
        refused.json["error"]?.string?.contains("a person does that, with `writ act`") == true)
    }
  }

  @Test("the way with curl and openssl is as the page says")
  func documented() throws {
    let tools = ["curl", "jq", "openssl"].allSatisfy { name in
      ["/usr/bin/", "/bin/"].contains { FileManager.default.isExecutableFile(atPath: $0 + name) }
    }
    guard tools else { return }
    let page = Corpus.text("docs/operations.md")
    let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
    let start = try #require(lines.firstIndex { $0.contains("# act.sh DOOR KEY REQUEST") })
    let indent = lines[start].prefix { $0 == " " }
    let script = lines[start...].prefix { $0.hasPrefix(indent) }
    try site.scratch.write(
      script.map { $0.dropFirst(indent.count) + "\n" }.joined(), to: "act.sh")
    let door = try world.door()
    try site.scratch.write(try world.request("us.json").compact, to: "wish.json")
    try withDelegate {
      let output = try site.expect("sh act.sh http://\(door.endpoint) bot.key wish.json")
      let done = try JSONValue(parsing: Array(output.utf8))
      #expect(done["outcome"] == "succeeded", "\(output)")
    }
    // What is signed is the digest of what is shown.
    let asked = try door.post("ask", try world.request("us.json")).json
    try site.scratch.write(
      String(decoding: try #require(asked["intent"]?["request"]).canonicalBytes(), as: UTF8.self),
      to: "shown")
    let digest = asked["intent"]?["subject"]?.array?.first?["digest"]?["sha256"]?.string ?? "-"
    try site.expect("openssl dgst -sha256 -r shown", says: digest)
  }
}
