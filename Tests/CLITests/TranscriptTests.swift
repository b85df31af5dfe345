// The cases of corpus/cli: command lines with what they print and return.
//
//     -- file a.writ --            a file of the folder in which the commands run
//     -- copy policies/x.writ --   a file of the project, under its last name
//     -- run --                    a command a line; `< FILE` its input, `> FILE` its output
//     -- transcript --             what a person would see; standard error behind `! `

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Transcripts")
struct TranscriptTests {
  static let paths = Corpus.cases(in: "cli").map(\.path)

  @Test("the program prints what the case says", arguments: paths)
  func transcript(_ path: String) throws {
    let found = try #require(Corpus.cases(in: "cli").first { $0.path == path })
    let scratch = try Scratch()
    for section in found.file.sections {
      if let name = suffix(section.name, after: "file ") {
        try scratch.write(section.text, to: name)
      } else if let source = suffix(section.name, after: "copy ") {
        let name = source.split(separator: "/").last.map(String.init) ?? source
        try scratch.write(Corpus.text(source), to: name)
        // As a signing key has to lie.
        if name.hasSuffix(".key") { try scratch.keepSecret(name) }
      }
    }
    let commands = found.file["run"]?.split(separator: "\n").map(String.init) ?? []
    #expect(!commands.isEmpty)
    let transcript = try commands.map { try play($0, in: scratch) }.joined(separator: "\n")
    let difference = Corpus.difference(
      of: found.file, at: path, [("transcript", normalised(transcript))])
    #expect(difference == nil, "\(difference ?? "")")
  }

  private func suffix(_ text: String, after start: String) -> String? {
    text.hasPrefix(start) ? String(text.dropFirst(start.count)) : nil
  }

  private func play(_ command: String, in scratch: Scratch) throws -> String {
    var words = split(command)
    var input: [UInt8] = []
    var target: String?
    while words.count > 2, ["<", ">"].contains(words[words.count - 2]) {
      let file = words.removeLast()
      if words.removeLast() == "<" { input = try scratch.bytes(file) } else { target = file }
    }
    let program = words.removeFirst()
    let outcome = try Program.run(words, in: scratch.path, program: program, input: input)
    var text = "$ \(command)\n"
    if let target {
      try scratch.write(outcome.output, to: target)
    } else {
      text += outcome.output
      if !outcome.output.isEmpty, !outcome.output.hasSuffix("\n") { text += "\n" }
    }
    for line in outcome.messages.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    {
      text += line.isEmpty ? "!\n" : "! \(line)\n"
    }
    return text + "= \(outcome.code)\n"
  }

  /// Words between spaces; single quotes keep spaces.
  private func split(_ command: String) -> [String] {
    var words: [String] = []
    var word = ""
    var isQuoted = false
    for character in command {
      if character == "'" {
        isQuoted.toggle()
      } else if character == " ", !isQuoted {
        if !word.isEmpty { words.append(word) }
        word = ""
      } else {
        word.append(character)
      }
    }
    return word.isEmpty ? words : words + [word]
  }

  /// What differs from run to run: the moments at which records were logged, their numbers, and
  /// what is signed or digested over them.
  private func normalised(_ text: String) -> String {
    let now = Int64(Date().timeIntervalSince1970) * 1_000_000
    var result = text.replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/) { match in
      let isNear = Instant(String(match.output)).map { abs($0.microseconds - now) < 600_000_000 }
      return isNear == true ? "<now>" : String(match.output)
    }
    result = numbered(result)
    // What a better compiler changes.
    // Ages by the real clock: the facts of the cases are years old.
    result = result.replacing(/[0-9]{3,}d( [0-9]+h)? ago/, with: "<age> ago")
    result = result.replacing(/[0-9,]+ bytes/, with: "<count> bytes")
    result = result.replacing(/"(bytes|steps)": [0-9]+/) { "\"\($0.output.1)\": <count>" }
    result = result.replacing(/fuel, [0-9]+ steps/, with: "fuel, <count> steps")
    result = result.replacing(/root [0-9a-f]{64}/, with: "root <root>")
    result = result.replacing(/"(root|id)": "[^"]*"/) { "\"\($0.output.1)\": \"<\($0.output.1)>\"" }
    result = result.replacing(/"id":"[^"]*"/, with: "\"id\":\"<id>\"")
    // Salts are random, and so are the digests of what can be erased.
    result = result.replacing(/~[A-Za-z0-9_-]{43}/, with: "~<token>")
      .replacing(/"[A-Za-z0-9_-]{43}"/, with: "\"<digest>\"")
      .replacing(/objects\/sha256\/[0-9a-f]{2}\/[0-9a-f]{62}/, with: "objects/sha256/<digest>")
    return result.replacing(/root( +)[A-Za-z0-9+\/=]{44}/) { "root\($0.output.1)<root>" }
  }

  /// Digests by the order in which they appear: which are equal is what a case says.
  private func numbered(_ text: String) -> String {
    var seen: [String] = []
    return text.replacing(/sha256:[0-9a-f]{64}/) { match in
      let digest = String(match.output)
      if !seen.contains(digest) { seen.append(digest) }
      return "sha256:<\((seen.firstIndex(of: digest) ?? 0) + 1)>"
    }
  }
}
