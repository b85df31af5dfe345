// A log in a tar file, read by the system's tar: verified, searched and replayed where it was extracted.

import Foundation
import Testing
import WritTesting

@Suite("Archives")
struct ArchiveTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    for name in [
      "shop.writ", "facts.jsonl", "request.json", "registry.jsonl", "log.key", "log.key.pub",
    ] {
      try scratch.write(Corpus.text("corpus/cli/shop/\(name)"), to: name)
    }
    for words in [
      "build shop.writ -o b --registry registry.jsonl",
      "graph import --schema shop.writ facts.jsonl -o g",
      "log init log --origin shop.example/log --key log.key",
      "decide --bundle b --graph g --request request.json --log log",
      "decide --bundle b --graph g --request request.json --log log",
    ] { #expect(try [0, 1, 2].contains(run(words).code), "\(words)") }
  }

  private func run(_ words: String) throws -> Outcome {
    try Program.run(words.split(separator: " ").map(String.init), in: scratch.path)
  }

  private func tar(_ words: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["tar"] + words
    process.currentDirectoryURL = URL(fileURLWithPath: scratch.path)
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  @Test func anArchiveIsTheLog() throws {
    #expect(try run("log archive log --vkey log.key.pub -o a.tar").code == 0)
    #expect(try run("log archive log --vkey log.key.pub -o b.tar").code == 0)
    #expect(try scratch.bytes("a.tar") == scratch.bytes("b.tar"), "the same log, the same bytes")
    #expect(
      !(try FileManager.default.contentsOfDirectory(atPath: scratch.path)).contains("a.tar.part"))
    try FileManager.default.createDirectory(
      atPath: scratch.path + "/out", withIntermediateDirectories: false)
    #expect(try tar(["-xf", "a.tar", "-C", "out"]) == 0)
    let verify = try run("log verify out --vkey log.key.pub")
    #expect(verify.output.hasPrefix("VERIFIED  shop.example/log: 2 entries"), "\(verify.output)")
    #expect(
      try run("log search out --vkey log.key.pub").output
        == run("log search log --vkey log.key.pub").output)
    #expect(try run("replay out --index 1 --vkey log.key.pub").code == 0)
  }

  @Test func withoutObjectsNothingIsReplayed() throws {
    #expect(try run("log archive log --vkey log.key.pub -o a.tar --without-objects").code == 0)
    try FileManager.default.createDirectory(
      atPath: scratch.path + "/out", withIntermediateDirectories: false)
    #expect(try tar(["-xf", "a.tar", "-C", "out"]) == 0)
    #expect(try run("log verify out --vkey log.key.pub").code == 0)
    #expect(try run("replay out --index 0 --vkey log.key.pub").code == 66)
  }

  @Test func aDamagedLogIsNotArchived() throws {
    var entries = try scratch.bytes("log/tile/entries/000.p/2")
    entries[40] ^= 1
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o644], ofItemAtPath: scratch.path + "/log/tile/entries/000.p/2")
    try Data(entries).write(to: URL(fileURLWithPath: scratch.path + "/log/tile/entries/000.p/2"))
    let archive = try run("log archive log --vkey log.key.pub -o a.tar")
    #expect(archive.code == 65 && archive.messages.contains("no archive was written"))
    #expect(!FileManager.default.fileExists(atPath: scratch.path + "/a.tar"))
  }
}
