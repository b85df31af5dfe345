// Bytes that are not what a command takes: the right code, the file named, the place told, and nothing written.

import Foundation
import Testing
import WritTesting

/// A command that reads a file in one place, and what the bytes should have been.
struct Reader: Sendable, CustomTestStringConvertible {
  /// `BAD` stands for the file.
  let words: String
  let genuine: String
  /// Codes with which it may end.
  let codes: Set<Int32>
  /// Whether the message must name line and column.
  let hasPlace: Bool
  let program: String

  init(
    _ words: String, genuine: String, codes: Set<Int32> = [65], hasPlace: Bool = false,
    program: String = "writ"
  ) {
    self.words = words
    self.genuine = genuine
    self.codes = codes
    self.hasPlace = hasPlace
    self.program = program
  }

  var testDescription: String { "\(program) \(words)" }
}

@Suite("Bad input")
struct BadInputTests {
  static let readers = [
    Reader("check BAD", genuine: "shop.writ", hasPlace: true),
    Reader("fmt BAD", genuine: "shop.writ", hasPlace: true),
    Reader("test BAD", genuine: "shop.writ", hasPlace: true),
    Reader("build BAD -o out", genuine: "shop.writ", hasPlace: true),
    Reader("build shop.writ --registry BAD -o out", genuine: "registry.jsonl", hasPlace: true),
    Reader("build shop.writ --key BAD -o out", genuine: "bo.key"),
    Reader("disasm BAD", genuine: "shop.bundle"),
    Reader("asm BAD -o out", genuine: "shop.asm", hasPlace: true),
    Reader("graph import BAD --schema shop.writ -o out", genuine: "facts.jsonl", hasPlace: true),
    Reader("graph import facts.jsonl --schema BAD -o out", genuine: "shop.writ", hasPlace: true),
    Reader("graph apply shop.snapshot BAD -o out", genuine: "facts.jsonl", hasPlace: true),
    Reader("graph apply BAD facts.jsonl -o out", genuine: "shop.snapshot"),
    Reader("graph info BAD --verify", genuine: "shop.snapshot"),
    Reader(
      "decide --bundle BAD --graph shop.snapshot --request request.json", genuine: "shop.bundle"),
    Reader(
      "decide --bundle shop.bundle --graph BAD --request request.json", genuine: "shop.snapshot"),
    Reader(
      "decide --bundle shop.bundle --graph shop.snapshot --request BAD", genuine: "request.json",
      hasPlace: true),
    Reader(
      "approve --bundle shop.bundle --request BAD --role release_manager --as Person/bo --key bo.key -o out",
      genuine: "request.json", hasPlace: true),
    Reader(
      "approve --bundle shop.bundle --request request.json --role release_manager --as Person/bo --key BAD -o out",
      genuine: "bo.key"),
    Reader(
      "decide --bundle shop.bundle --graph shop.snapshot --request request.json --publisher BAD",
      genuine: "log.key.pub"),
    Reader("key show BAD", genuine: "log.key.pub"), Reader("key encrypt BAD", genuine: "bo.key"),
    Reader("key decrypt BAD", genuine: "bo.key"),
    Reader("log attest log --index 0 --vkey log.key.pub --key BAD", genuine: "bo.key"),
    Reader("log rotate log --key BAD", genuine: "bo.key"),
    Reader("log keys log --vkey BAD", genuine: "log.key.pub"),
    Reader("query services --bundle BAD --graph shop.snapshot", genuine: "shop.bundle"),
    Reader("score readiness --bundle shop.bundle --graph BAD", genuine: "shop.snapshot"),
    Reader("log prove log --index 0 -o out --vkey BAD", genuine: "log.key.pub"),
    Reader("log verify log --vkey log.key.pub --since BAD", genuine: "log/checkpoint", codes: [1]),
    Reader("proof --vkey BAD", genuine: "log.key.pub", program: "writ-verify"),
    Reader("BAD --vkey log.key.pub", genuine: "proof", codes: [1], program: "writ-verify"),
    Reader("BAD --key log.key.pub", genuine: "proof", codes: [1], program: "writ-verify"),
    Reader("proof --key BAD", genuine: "log.key.pub", program: "writ-verify"),
  ]

  @Test("is refused, told and leaves nothing behind", arguments: readers)
  func refused(_ reader: Reader) throws {
    let folder = try Shop.folder()
    for bad in try Self.badFiles(Array(folder.bytes(reader.genuine))) {
      try Data(bad.bytes).write(to: URL(fileURLWithPath: folder.path + "/BAD"))
      let before = try folder.files()
      let outcome = try Program.run(
        reader.words.split(separator: " ").map(String.init), in: folder.path,
        program: reader.program)
      #expect(reader.codes.contains(outcome.code), "\(bad.name): \(outcome.code)")
      #expect(try folder.files() == before, "\(bad.name): files were written")
      let told = outcome.messages + outcome.output
      #expect(!told.isEmpty, "\(bad.name): nothing is told")
      #expect(!told.contains("Error."), "\(bad.name): a type's name is told: \(told.prefix(300))")
      if reader.hasPlace {
        #expect(told.contains(#/BAD:[0-9]+:[0-9]+/#), "\(bad.name): no place: \(told.prefix(300))")
      }
      #expect(!told.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" && $0 != "\t" })
    }
  }

  /// Bytes that are none of what any command takes: noise, and the genuine file with its middle overwritten or cut off there.
  private static func badFiles(_ genuine: [UInt8]) throws -> [(name: String, bytes: [UInt8])] {
    var random = SplitMix64(seed: 11)
    let noise = (0..<300).map { _ in UInt8(random.below(256)) }
    let middle = genuine.count / 2
    let overwritten =
      genuine[..<middle] + noise[..<40] + genuine[min(middle + 40, genuine.count)...]
    return [
      ("noise", noise), ("zeros", [UInt8](repeating: 0, count: 5_000)),
      ("brackets", [UInt8](repeating: UInt8(ascii: "["), count: 100_000)),
      ("escapes", Array("\u{1b}[31m{\"\u{1b}\": \"\u{9b}31m\u{202e}\"".utf8)),
      ("overwritten", Array(overwritten)), ("cut", Array(genuine[..<middle])),
    ]
  }
}

extension Scratch {
  /// Every file below the folder, with what is in it.
  fileprivate func files() throws -> [String: [UInt8]] {
    let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
    var files: [String: [UInt8]] = [:]
    for name in names {
      var isDirectory: ObjCBool = false
      let exists = FileManager.default.fileExists(
        atPath: "\(path)/\(name)", isDirectory: &isDirectory)
      if exists, !isDirectory.boolValue { files[name] = try bytes(name) }
    }
    return files
  }
}

/// The shop of `corpus/cli/shop` with everything that is made of it.
private enum Shop {
  /// Made once: every start of a program costs, and none is looked at here.
  private static let made = Result { try make().files() }

  /// A copy of its own for each test.
  static func folder() throws -> Scratch {
    let folder = try Scratch()
    for (name, bytes) in try made.get() {
      try folder.write("", to: name)
      try Data(bytes).write(to: URL(fileURLWithPath: "\(folder.path)/\(name)"))
    }
    return folder
  }

  private static func make() throws -> Scratch {
    let folder = try Scratch()
    for path in Corpus.files(in: "corpus/cli/shop", ending: "") {
      try folder.write(Corpus.text(path), to: String(path.split(separator: "/")[3]))
    }
    for words in [
      "build shop.writ --registry registry.jsonl -o shop.bundle",
      "graph import facts.jsonl --schema shop.writ -o shop.snapshot",
      "log init log --key log.key --origin shop.example/log",
      "decide --bundle shop.bundle --graph shop.snapshot --request request.json --log log",
      "log prove log --index 0 -o proof --vkey log.key.pub",
    ] {
      let outcome = try Program.run(
        words.split(separator: " ").map(String.init), in: folder.path)
      #expect([0, 1, 2].contains(outcome.code), "\(words): \(outcome.messages)")
    }
    let text = try Program.run(["disasm", "shop.bundle"], in: folder.path).output
    try folder.write(text, to: "shop.asm")
    return folder
  }
}
