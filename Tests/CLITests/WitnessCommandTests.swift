// Witnesses, cosigning and watching with the built program: two witnesses and a log on this machine.

import Foundation
import Testing
import WritModel
import WritTesting
import WritTransport

/// A witness under way.
private final class WitnessProcess {
  let url: String
  let process: Process
  private let output: FileHandle

  /// Starts a witness at a free port and waits until it says which.
  init(_ name: String, in directory: String, log: String = "log.key.pub") throws {
    process = Process()
    process.executableURL = URL(fileURLWithPath: Program.folder + "/writ")
    process.arguments = [
      "witness", "serve", "state-\(name)", "--listen", "127.0.0.1:0", "--key", "\(name).key",
      "--log", log, "--json",
    ]
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    output = pipe.fileHandleForReading
    try process.run()
    var line: [UInt8] = []
    while line.last != 0x0a, let byte = try output.read(upToCount: 1), !byte.isEmpty {
      line += byte
    }
    url = try JSONValue(parsing: Array(line.dropLast()))["listening"]?.string ?? ""
  }

  /// Ends it, as a service manager would; its exit code.
  func end() -> Int32 {
    process.terminate()
    process.waitUntilExit()
    return process.terminationReason == .exit ? process.terminationStatus : -1
  }

  func kill() {
    Glibc.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  deinit { if process.isRunning { kill() } }
}

/// A log with its key and two witnesses' keys.
private struct World {
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try writ("key new log.example -o log.key")
    try writ("key new w.example/1 --witness -o w1.key")
    try writ("key new w.example/2 --witness -o w2.key")
    try writ("log init log --origin log.example --key log.key")
    for name in ["shop.writ", "facts.jsonl", "request.json", "registry.jsonl"] {
      try scratch.write(Corpus.text("corpus/cli/shop/\(name)"), to: name)
    }
    try writ("build shop.writ -o b --registry registry.jsonl")
    try writ("graph import --schema shop.writ facts.jsonl -o g")
  }

  /// Runs a command that must end with that code.
  @discardableResult
  func writ(_ command: String, program: String = "writ", _ code: Int32 = 0) throws -> Outcome {
    let words = command.split(separator: " ").map(String.init)
    let outcome = try Program.run(words, in: scratch.path, program: program)
    #expect(outcome.code == code, "\(command): \(outcome.messages)\(outcome.output)")
    return outcome
  }

  /// Appends a record to a log.
  func decide(_ log: String) throws {
    try writ(
      "decide --bundle b --graph g --request request.json --now 2020-11-19T10:00:00Z "
        + "--as-of 2020-11-19T10:00:00Z --log \(log)", 2)
  }

  func policy(_ w1: String, _ w2: String, to name: String = "policy") throws {
    func key(_ name: String) throws -> String {
      String(decoding: try scratch.bytes("\(name).key.pub").dropLast(), as: UTF8.self)
    }
    try scratch.write(
      """
      log \(key("log"))
      witness w1 \(key("w1")) \(w1)
      witness w2 \(key("w2")) \(w2)
      group both all w1 w2
      quorum both

      """, to: name)
  }

  func copy(_ source: String, to target: String) throws {
    try FileManager.default.copyItem(
      atPath: "\(scratch.path)/\(source)", toPath: "\(scratch.path)/\(target)")
  }

  func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: "\(scratch.path)/\(name)")
  }

  func text(_ name: String) throws -> String {
    String(decoding: try scratch.bytes(name), as: UTF8.self)
  }
}

@Suite("Witnesses")
struct WitnessCommandTests {
  @Test("two of two cosign; without one the quorum fails and the log goes on")
  func quorum() throws {
    let world = try World()
    let w1 = try WitnessProcess("w1", in: world.scratch.path)
    let w2 = try WitnessProcess("w2", in: world.scratch.path)
    try world.policy(w1.url, w2.url)
    try world.decide("log")
    try world.decide("log")

    let first = try world.writ("log cosign log --policy policy")
    #expect(first.output.contains("COSIGNED  log.example: 2 entries, quorum both"))
    #expect(try world.text("log/checkpoint").components(separatedBy: "\n— ").count == 4)
    try world.writ("log verify log --policy policy")
    try world.writ("log verify log --vkey log.key.pub")
    try world.writ("log prove log --index 1 -o proof")
    let proof = try world.writ("proof --policy policy", program: "writ-verify")
    #expect(proof.output.components(separatedBy: "signed by").count == 4)
    #expect(
      proof.output.contains(/signed by  w\.example\/2, key [0-9a-f]{8}, at 20[0-9-]+T[0-9:]+Z/))

    // A question's proof appends an index leaf, whose checkpoint is cosigned only later.
    let question =
      "log prove log --subject Release/r1 --from 2020-01-01T00:00:00Z --to 2100-01-01T00:00:00Z"
    try world.writ("\(question) -o answer")
    try world.writ("answer --vkey log.key.pub", program: "writ-verify")
    let early = try world.writ("answer --policy policy", program: "writ-verify", 1)
    #expect(early.messages.contains("the quorum `both` has not cosigned it: no witness"))
    try world.writ("log cosign log --policy policy")
    try world.writ("\(question) -o answer")
    try world.writ("answer --policy policy", program: "writ-verify")
    let cosigned = try world.text("log/checkpoint")

    // Again: nobody is asked, and nothing changes.
    let again = try world.writ("log cosign log --policy policy")
    #expect(again.output.contains("w1  had cosigned"))
    #expect(try world.text("log/checkpoint") == cosigned)

    w2.kill()
    try world.decide("log")
    let failed = try world.writ("log cosign log --policy policy", 1)
    #expect(failed.output.contains("w1  cosigned"))
    #expect(failed.output.contains("w2  FAILED    cannot connect to 127.0.0.1:"))
    #expect(failed.output.contains("NO QUORUM  log.example: 4 entries, quorum both"))
    #expect(
      failed.messages
        == "the checkpoint stays as it is: the quorum `both` has not cosigned it: only `w1`\n")
    #expect(try world.text("log/checkpoint").components(separatedBy: "\n— ").count == 2)
    // Whoever asks for the quorum refuses; whoever trusts the log's key alone goes on.
    let unwitnessed = try world.writ("log verify log --policy policy", 1)
    #expect(unwitnessed.output.hasPrefix("UNWITNESSED  the quorum `both` has not cosigned it"))
    try world.writ("log verify log --vkey log.key.pub")
    try world.writ("log prove log --index 3 -o late")
    let refused = try world.writ("late --policy policy", program: "writ-verify", 1)
    #expect(refused.messages.contains("the quorum `both` has not cosigned it: no witness"))
    try world.decide("log")

    // Back again, at another port, from what it remembered when it was killed.
    let w2again = try WitnessProcess("w2", in: world.scratch.path)
    try world.policy(w1.url, w2again.url)
    let json = try world.writ("log cosign log --policy policy --json")
    let value = try JSONValue(parsing: Array(json.output.utf8))
    #expect(value["reached"] == true)
    #expect(value["size"] == 5)
    try world.writ("log verify log --policy policy")
    #expect(w1.end() == 0)
    #expect(w2again.end() == 0)
  }

  @Test(
    "a question is proved from the cosigned checkpoint as it is, whatever came since the index leaf"
  )
  func cosignedQuestion() throws {
    let world = try World()
    let w1 = try WitnessProcess("w1", in: world.scratch.path)
    let w2 = try WitnessProcess("w2", in: world.scratch.path)
    try world.policy(w1.url, w2.url)
    let question = "log prove log --subject Release/r1 --from 2020-01-01 --to 2100-01-01 -o answer"
    try world.decide("log")
    try world.writ(question)
    // Others write on: the index leaf of each further proof would stand under a checkpoint of its own.
    try world.decide("log")
    try world.writ("log cosign log --policy policy")
    let cosigned = try world.text("log/checkpoint")
    try world.writ("\(question) --vkey log.key.pub")
    #expect(try world.text("log/checkpoint") == cosigned)
    let answer = try world.writ("answer --policy policy", program: "writ-verify")
    #expect(answer.output.contains("answer    2 records"))
    try world.writ(question)
    try world.writ("answer --policy policy", program: "writ-verify", 1)
  }

  @Test("a fork whose tiles are withheld is trouble, then an alarm, and its checkpoint is kept")
  func withheldTiles() throws {
    let world = try World()
    try world.decide("log")
    try world.copy("log", to: "copy")
    try world.writ("log readmit copy --seen log/checkpoint")
    try world.decide("log")
    let watch = "--vkey log.key.pub --state seen --once"
    try world.writ("log watch log \(watch)")
    for _ in 0..<2 { try world.decide("copy") }
    try world.copy("copy", to: "shown")
    try world.remove("shown/tile")
    for _ in 0..<2 {
      let trouble = try world.writ("log watch shown \(watch)", 66)
      #expect(
        trouble.messages.contains(
          "has signed 3 entries and does not show that they extend the 2 seen before"))
    }
    let alarm = try world.writ("log watch shown \(watch) --json", 1)
    let event = try JSONValue(parsing: Array(alarm.output.utf8.dropLast()))
    #expect(event["event"] == "unproven" && event["alarm"] == true)
    let kept = try JSONValue(
      parsing: world.scratch.bytes(try #require(event["evidence"]?.string)))
    #expect(kept["seen"]?.string == (try world.text("log/checkpoint")))
    #expect(kept["offered"]?.string == (try world.text("copy/checkpoint")))
    // The history that was seen goes on, and is not the one that was signed in between.
    for _ in 0..<2 { try world.decide("log") }
    let fork = try world.writ("log watch log \(watch)", 1)
    #expect(
      fork.output.contains(
        "ALARM fork  log.example has signed two histories: of the 3 entries signed before"))
  }

  @Test("a forked log is refused by the witness and found by whoever watches")
  func fork() throws {
    let world = try World()
    let w1 = try WitnessProcess("w1", in: world.scratch.path)
    let w2 = try WitnessProcess("w2", in: world.scratch.path)
    try world.policy(w1.url, w2.url)
    try world.decide("log")
    try world.copy("log", to: "copy")
    try world.writ("log readmit copy --seen log/checkpoint")
    try world.decide("log")
    try world.writ("log cosign log --policy policy")
    let watch = "--vkey log.key.pub --state seen --once"
    #expect(try world.writ("log watch log \(watch)").output.contains("first"))
    // The same size, another record; its id is random.
    try world.decide("copy")
    let fork = try world.writ("log cosign copy --policy policy", 1)
    #expect(fork.output.contains("the log is forked"))
    let alarm = try world.writ("log watch copy \(watch)", 1)
    #expect(alarm.output.contains("ALARM fork  log.example has signed two histories"))
    // Larger.
    try world.decide("copy")
    #expect(
      try world.writ("log cosign copy --policy policy", 1).output.contains("the log is forked"))
    let later = try world.writ("log watch copy \(watch) --json", 1)
    let event = try JSONValue(parsing: Array(later.output.utf8.dropLast()))
    #expect(event["event"] == "fork")
    #expect(event["alarm"] == true)
    let evidence = try #require(event["evidence"]?.string)
    let kept = try JSONValue(parsing: world.scratch.bytes(evidence))
    #expect(kept["seen"]?.string == (try world.text("log/checkpoint")))
    #expect(kept["offered"]?.string == (try world.text("copy/checkpoint")))
    // What was seen stays: the true log is well.
    #expect(try world.writ("log watch log \(watch)").output.contains("unchanged"))
    // The witness keeps what proves the fork.
    let state = try FileManager.default.subpathsOfDirectory(
      atPath: world.scratch.path + "/state-w1")
    #expect(state.contains { $0.hasSuffix("/fork") })
  }

  @Test("a log that was put back is refused by the witness and found by whoever watches")
  func rollback() throws {
    let world = try World()
    let w1 = try WitnessProcess("w1", in: world.scratch.path)
    try world.policy(w1.url, w1.url)
    try world.decide("log")
    try world.copy("log", to: "old")
    try world.decide("log")
    try world.writ("log cosign log --policy policy", 1)
    let watch = "--vkey log.key.pub --state seen --once"
    try world.writ("log watch log \(watch)")
    let alarm = try world.writ("log watch old \(watch)", 1)
    #expect(alarm.output.contains("ALARM rollback  log.example had 2 entries, and shows 1 now"))
    let refused = try world.writ("log cosign old --policy policy", 1)
    #expect(refused.output.contains("it has seen this log with 2 entries, here there are 1"))
  }

  @Test("a watcher follows a log, tells what it sees once, and ends with the worst of it")
  func follow() throws {
    let world = try World()
    let running = try Program.start(
      ["log", "watch", "log", "--vkey", "log.key.pub", "--state", "seen", "--every", "1s"]
        + ["--stall", "1s", "--json"], in: world.scratch.path)
    // Until it has seen the log and called it stalled.
    try waitUntil { try running.output().contains("\"stall\"") }
    try world.decide("log")
    try waitUntil { try running.output().contains("\"grown\"") }
    try world.copy("log", to: "kept")
    try world.remove("log")
    try waitUntil { try running.output().contains("\"trouble\"") }
    try world.copy("kept", to: "log")
    try waitUntil { try running.output().contains("\"recovered\"") }
    running.interrupt()
    let outcome = try running.outcome()
    #expect(outcome.code == 1)
    let events = try outcome.output.split(separator: "\n").map {
      try JSONValue(parsing: Array($0.utf8))["event"]?.string
    }
    #expect(events.prefix(3) == ["first", "stall", "grown"])
    #expect(events.count { $0 == "trouble" } == 1)
  }

  @Test("a log is watched over HTTP, tile by tile")
  func overHTTP() throws {
    let world = try World()
    let files = try StaticServer(world.scratch.path + "/log")
    let watch = "log watch \(files.url) --vkey log.key.pub --state seen --once"
    #expect(try world.writ(watch).output.contains("first"))
    for _ in 0..<3 { try world.decide("log") }
    #expect(try world.writ(watch).output.contains("grown  log.example: 3 entries, 0 before"))
    try world.decide("log")
    #expect(try world.writ(watch).output.contains("grown  log.example: 4 entries, 3 before"))
    let other = try world.writ(
      "log watch \(files.url)/nothing --vkey log.key.pub --state other --once", 66)
    #expect(other.messages.contains("checkpoint is missing"))
    files.stop()
    try world.writ(watch, 66)
    #expect(
      try world.writ("log watch https://log.example --vkey log.key.pub --state s --once", 64)
        .messages.contains("only http:// is spoken"))
  }

  @Test("a log whose key changes is cosigned and watched on")
  func rotation() throws {
    let world = try World()
    try world.writ("key new log.example -o new.key")
    try world.decide("log")
    try world.writ("log watch log --vkey log.key.pub --state seen --once")
    try world.writ("log rotate log --key new.key")
    try world.decide("log")
    let keys = try world.writ("log keys log")
    try world.scratch.write(keys.output, to: "log.keys")
    let w1 = try WitnessProcess("w1", in: world.scratch.path, log: "log.keys")
    try world.policy(w1.url, "")
    var policy = try world.text("policy").replacing("all w1 w2", with: "any w1 w2")
    policy += "log \(try world.text("new.key.pub"))"
    try world.scratch.write(policy, to: "policy")
    try world.writ("log cosign log --policy policy")
    try world.writ("log verify log --policy policy")
    #expect(
      try world.writ("log watch log --vkey log.keys --state seen --once").output.contains("grown"))
  }

  @Test("a witness answers at a Unix socket as well, and leaves none behind")
  func unixSocket() throws {
    let world = try World()
    let socket = "/tmp/writ-\(UUID().uuidString.prefix(8)).sock"
    let running = try Program.start(
      ["witness", "serve", "state", "--listen", "unix:\(socket)", "--key", "w1.key"]
        + ["--log", "log.key.pub"], in: world.scratch.path)
    try waitUntil { try running.output().contains("cosigning as") }
    #expect(try running.output().hasPrefix("listening at unix:\(socket)\n"))
    let body = Array("old 0\n\n".utf8) + (try world.scratch.bytes("log/checkpoint"))
    let request = HTTPRequest(method: "POST", target: "/add-checkpoint", body: body)
    let answer = try HTTPClient().send(request, to: .unix(path: socket), host: "witness")
    #expect(answer.status == 200)
    running.interrupt()
    #expect(try running.outcome().code == 0)
    #expect(!FileManager.default.fileExists(atPath: socket))
  }

  @Test("what must not be is said")
  func refusals() throws {
    let world = try World()
    let w1 = try WitnessProcess("w1", in: world.scratch.path)
    try world.policy(w1.url, "http://127.0.0.1:1")
    let serve = "witness serve state-w1 --listen 127.0.0.1:0"
    #expect(
      try world.writ("\(serve) --key w1.key --log log.key.pub", 74).messages
        .contains("state-w1/lock open"))
    let other = "witness serve other --listen 127.0.0.1:0"
    try world.writ("\(other) --key log.key --log log.key.pub", 64)
    try world.writ("\(other) --key w1.key --log w2.key.pub", 65)
    try world.writ("\(other) --key w1.key --log log.key.pub --name a+b", 64)
    try world.writ("\(other) --key log.key --log log.key.pub --name w", 64)
    try world.writ("witness serve other --listen here --key w1.key --log log.key.pub", 64)
    let address = w1.url.dropFirst("http://".count)
    #expect(
      try world.writ("witness serve o --listen \(address) --key w2.key --log log.key.pub", 64)
        .messages.contains("something answers at \(address) already"))
    try world.copy("state-w1", to: "state-copy")
    #expect(
      try world.writ(
        "witness serve state-copy --listen 127.0.0.1:0 --key w1.key --log log.key.pub", 74
      ).messages.contains("may have forgotten what was cosigned"))
    try world.copy("policy", to: "log/policy")
    try world.writ("log verify log --policy log/policy", 64)
    try world.writ("log verify log --policy policy --vkey log.key.pub", 64)
    try world.writ("log verify log", 64)
    try world.scratch.write("log x\n", to: "bad")
    #expect(
      try world.writ("log cosign log --policy bad", 65).messages
        .contains("bad:1: `x` is no verifier key"))
    try world.scratch.write("quorum none\n", to: "empty")
    try world.writ("log cosign log --policy empty", 65)
    try world.writ("log verify log --policy empty", 65)
    try world.writ("proof --policy policy --vkey log.key.pub", program: "writ-verify", 64)
    try world.writ("proof", program: "writ-verify", 64)
    try world.writ("proof --policy bad", program: "writ-verify", 65)
    try world.writ("log watch log --vkey log.key.pub --state log/seen --once", 64)
    try world.writ("log watch log --vkey w1.key.pub --state seen --once", 65)
    try world.scratch.write("{}", to: "seen")
    try world.writ("log watch log --vkey log.key.pub --state seen --once", 65)
  }

  @Test("while witnesses are asked, decisions are recorded")
  func nobodyWaits() throws {
    let world = try World()
    // Accepts connections and never answers.
    let silent = try SilentServer()
    try world.policy(silent.url, silent.url)
    let cosign = try Program.start(
      ["log", "cosign", "log", "--policy", "policy"], in: world.scratch.path)
    try waitUntil { silent.hasBeenAsked }
    try world.decide("log")
    #expect(cosign.isRunning)
    cosign.interrupt()
    _ = try cosign.outcome()
  }
}
