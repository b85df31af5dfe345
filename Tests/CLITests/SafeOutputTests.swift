// Where commands write, and what they never write: no key into a page, nothing over a log, a device or another's draft.

import Foundation
import Testing
import WritTesting

@Suite("Safe outputs")
struct SafeOutputTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    for name in [
      "shop.writ", "facts.jsonl", "request.json", "registry.jsonl", "log.key", "log.key.pub",
    ] { try scratch.write(Corpus.text("corpus/cli/shop/\(name)"), to: name) }
    for words in [
      "build shop.writ -o b --registry registry.jsonl",
      "graph import --schema shop.writ facts.jsonl -o g",
      "log init log --origin shop.example/log --key log.key",
      "decide --bundle b --graph g --request request.json --log log",
    ] { #expect(try [0, 1, 2].contains(run(words).code), "\(words)") }
  }

  private func run(_ words: String) throws -> Outcome {
    try Program.run(words.split(separator: " ").map(String.init), in: scratch.path)
  }

  private func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: scratch.path + "/" + name)
  }

  @Test func aPageIsMadeOfProofsAlone() throws {
    for name in ["log.key", "log.key.pub", "request.json"] {
      #expect(try run("log report \(name) -o page.html").code == 65)
    }
    #expect(!exists("page.html"))
    #expect(try run("log prove log --index 0 -o p").code == 0)
    #expect(try run("log report p -o page.html").code == 0)
  }

  @Test func nothingIsWrittenOverALog() throws {
    let checkpoint = try scratch.bytes("log/checkpoint")
    for words in [
      "log prove log --index 0 -o log/checkpoint",
      "log archive log --vkey log.key.pub -o log/x.tar",
      "log archive log --vkey log.key.pub -o /dev/null",
    ] { #expect(try run(words).code == 64, "\(words)") }
    #expect(try scratch.bytes("log/checkpoint") == checkpoint)
  }

  @Test func nothingIsSealedInVain() throws {
    #expect(try run("key new shop.example/log-2 -o two.key").code == 0)
    #expect(try run("log init new --origin shop.example/log-2 --key two.key").code == 0)
    #expect(try run("decide --bundle b --graph g --request request.json --log new").code < 64)
    let words = "log continue log new --origin shop.example/log-2 --key two.key"
    #expect(try run(words).code == 64)
    #expect(try run("decide --bundle b --graph g --request request.json --log log").code < 64)
  }

  @Test func aSealedLogProvesQuestions() throws {
    #expect(try run("key new shop.example/log-2 -o two.key").code == 0)
    #expect(try run("log continue log new --origin shop.example/log-2 --key two.key").code == 0)
    let words =
      "log prove log --subject Release/r1 --from 2020-01-01T00:00:00Z --to 2100-01-01T00:00:00Z -o p"
    #expect(try run(words).code == 0)
    let verified = try Program.run(
      ["p", "--vkey", "log.key.pub"], in: scratch.path, program: "writ-verify")
    #expect(verified.code == 0 && verified.output.contains("The span ends later"))
  }

  @Test func aKeyThatHasLeftIsNoFinding() throws {
    #expect(try run("key new shop.example/log -o new.key").code == 0)
    #expect(try run("log rotate log --key new.key").code == 0)
    #expect(try run("log rotate log --retire log.key").code == 0)
    let fsck = try run("log fsck log")
    #expect(fsck.code == 0, "\(fsck.output)")
    #expect(try run("log fsck log --vkey new.key.pub").code == 0)
  }
}
