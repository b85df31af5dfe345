// The tutorials, done as a reader does them: the first text saved, its commands typed, its outputs compared.

import Foundation
import Testing
import WritTesting

@Suite("Tutorial")
struct TutorialTests {
  /// Indented lines of the tutorial: a command with its further lines up to `END`, then what it prints.
  private struct Step {
    var command: String
    var output: [String] = []
    /// Line of the output's first line; where one would stand if there is none.
    var place: Int
  }

  @Test(
    "every command prints what the tutorial shows",
    arguments: [
      ("docs/tutorial.md", "ship.writ", 20), ("docs/tutorial-pipelines.md", "deliver.writ", 25),
    ])
  func everyOutputIsReal(path: String, policy: String, least: Int) throws {
    var lines = Corpus.text(path).split(separator: "\n", omittingEmptySubsequences: false)
      .map(String.init)
    let scratch = try Scratch()
    try scratch.write(firstPolicy(lines), to: policy)
    let steps = steps(lines)
    #expect(steps.count > least)
    let all = try steps.map { (step: $0, output: try run($0.command, in: scratch)) }
    let changed = all.filter { normalised($0.output) != normalised($0.step.output) }
    guard !changed.isEmpty else { return }
    guard ProcessInfo.processInfo.environment["WRIT_UPDATE"] == nil else {
      // All of one run, so that times and digests belong together.
      for (step, output) in all.reversed() {
        let new = output.filter { !$0.contains("Landlock") }.map { $0.isEmpty ? "" : "    " + $0 }
        lines.replaceSubrange(step.place..<step.place + step.output.count, with: new)
      }
      #expect(Corpus.write(lines.joined(separator: "\n"), to: path))
      return
    }
    for (step, output) in changed {
      Issue.record("$ \(step.command)\nprints\n\(output.joined(separator: "\n"))")
    }
  }

  private func firstPolicy(_ lines: [String]) -> String {
    let start = lines.firstIndex(of: "```writ").map { $0 + 1 } ?? 0
    return lines[start...].prefix { $0 != "```" }.map { $0 + "\n" }.joined()
  }

  private func steps(_ lines: [String]) -> [Step] {
    var steps: [Step] = []
    var isOpen = false
    var isHereDocument = false
    for (number, line) in lines.enumerated() {
      let text = line.hasPrefix("    ") ? String(line.dropFirst(4)) : nil
      if isHereDocument, let text {
        steps[steps.count - 1].command += "\n" + text
        steps[steps.count - 1].place = number + 1
        isHereDocument = text != "END"
      } else if let text, text.hasPrefix("$ ") {
        steps.append(Step(command: String(text.dropFirst(2)), place: number + 1))
        isOpen = true
        isHereDocument = text.hasSuffix("<<END")
      } else if isOpen, let text {
        steps[steps.count - 1].output.append(text)
      } else if isOpen, line.isEmpty, number + 1 < lines.count, lines[number + 1].hasPrefix("    "),
        !lines[number + 1].hasPrefix("    $ ")
      {
        steps[steps.count - 1].output.append("")
      } else {
        isOpen = false
      }
    }
    return steps
  }

  /// What is printed, messages among it as on a terminal.
  private func run(_ command: String, in scratch: Scratch) throws -> [String] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    // What is left in the background must not hold what tells of the shell's end.
    let alone =
      "for end in /proc/$$/fd/*; do end=${end##*/}; [ $end -gt 2 ] && eval \"exec $end>&-\"; done"
    process.arguments = ["-c", "exec 2>&1\n\(alone)\n" + command]
    process.currentDirectoryURL = URL(fileURLWithPath: scratch.path)
    process.environment = ["PATH": Program.folder + ":/usr/bin:/bin"]
    let output = scratch.path + "/.output"
    try Data().write(to: URL(fileURLWithPath: output))
    process.standardOutput = FileHandle(forWritingAtPath: output)
    try process.run()
    process.waitUntilExit()
    let text = String(decoding: try scratch.bytes(".output"), as: UTF8.self)
    return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }

  /// Without what differs from run to run: times, keys, and digests over them.
  private func normalised(_ output: [String]) -> [String] {
    // When it comes is the delegate's to say, and what can be confined the kernel's.
    output.filter { !$0.contains("the delegate `eu-1` is here") && !$0.contains("Landlock") }.map {
      line in
      line.replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/, with: "<time>")
        .replacing(/\+[0-9a-f]{8}\+[A-Za-z0-9+\/=]{44}/, with: "<key>")
        .replacing(/key [0-9a-f]{8}/, with: "<key>")
        .replacing(/[0-9a-f]{64}/, with: "<digest>")
        // Runs are named by their time.
        .replacing(/[0-9]{8}-[0-9]{9}-[0-9a-f]{6}/, with: "<run>")
        // What a better compiler changes.
        .replacing(/[0-9,]+ bytes/, with: "<count> bytes")
        .replacing(/[A-Za-z0-9+\/]{43}=/, with: "<hash>")
        // Salts are random, and so are the digests of what can be erased.
        .replacing(/~[A-Za-z0-9_-]{43}/, with: "~<token>")
    }
  }
}
