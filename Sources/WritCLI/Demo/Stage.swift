// Where the demo plays: shows commands as they are typed, runs them, and holds them to the story.

@preconcurrency import Glibc
import WritModel

/// Runs the commands of the story one after the other, each as if it had been typed.
final class Stage {
  /// One command and how it ended.
  private struct Act {
    let scene: String
    let command: String
    let code: ExitCode
    let isAsExpected: Bool
  }

  let terminal: Terminal
  /// The moment at which the story plays, microseconds since the epoch.
  let now: Int64
  private let isSilent: Bool
  private var scene = ""
  private var sceneCount = 0
  private var acts: [Act] = []

  /// An audience that wants JSON sees nothing of the play, only how it went.
  init(_ invocation: Invocation, now: Int64) {
    terminal = invocation.terminal
    isSilent = invocation.wantsJSON
    self.now = now
  }

  /// Something came out otherwise than in the story.
  var hasFailed: Bool { acts.contains { !$0.isAsExpected } }

  /// Begins a scene.
  func begin(_ title: String, _ words: String...) {
    sceneCount += 1
    scene = title
    say("")
    say(terminal.paint("\(sceneCount)  \(title)", .strong))
    for line in words { say("   " + terminal.paint(line, .quiet)) }
  }

  /// Says what happens between two commands.
  func tell(_ words: String) {
    say("")
    say("   " + terminal.paint(words, .quiet))
  }

  /// Runs `writ` with these words, shows both, and says what it printed.
  @discardableResult
  func writ(_ words: [String], expecting code: ExitCode = .done) -> Report {
    let report = EarlyWords.$areKept.withValue(true) {
      run(words, output: terminal, errors: terminal)
    }
    return show("writ", words, report, isAsExpected: report.code == code)
  }

  /// Shows a command, its output, and whether the story goes on as it should.
  @discardableResult
  func show(
    _ program: String, _ words: [String], _ report: Report, isAsExpected: Bool
  ) -> Report {
    let command = ([program] + words.map(quoted)).joined(separator: " ")
    say("")
    for (index, line) in broken([program] + words.map(quoted)).enumerated() {
      let prompt = index == 0 ? terminal.paint("$ ", .quiet) : "    "
      say("   " + prompt + terminal.paint(line, .place))
    }
    for line in (report.output + report.messages).split(
      separator: "\n", omittingEmptySubsequences: false
    ).dropLast() {
      say(line.isEmpty ? "" : "   " + line)
    }
    check(isAsExpected, command, report.code)
    return report
  }

  /// A command in lines that a shell would take, broken in front of options.
  private func broken(_ words: [String]) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in words {
      if word.hasPrefix("-"), line.count + word.count > 72 {
        lines.append(line + " \\")
        line = word
      } else {
        line += (line.isEmpty ? "" : " ") + word
      }
    }
    return lines + [line]
  }

  /// Notes whether something is as the story has it.
  func check(_ isAsExpected: Bool, _ what: String, _ code: ExitCode = .done) {
    acts.append(Act(scene: scene, command: what, code: code, isAsExpected: isAsExpected))
    if !isAsExpected { say("   " + terminal.paint("this is not as it should be", .bad)) }
  }

  /// Shows a line at once; the play is watched while it goes on.
  private func say(_ line: String) {
    guard !isSilent else { return }
    _ = write(line + "\n", to: STDOUT_FILENO)
  }

  /// The last words.
  func farewell(kept: String?) -> String {
    var text = "\n"
    if hasFailed {
      text += terminal.paint("Something did not come out as it should.", .bad) + "\n"
    } else {
      text += terminal.paint("All \(sceneCount) scenes came out as they should.", .good) + "\n"
    }
    if let kept {
      let proof =
        "writ-verify \(quoted(kept + "/ship.proof")) --vkey \(quoted(kept + "/log.key.pub"))"
      text += "The files are in \(kept). Try: \(proof)\n"
    } else {
      text += "Run it with --keep DIR to have the files; `writ help` lists the commands.\n"
    }
    return text
  }

  /// Every step with its exit code, and whether it was as it should be.
  var json: JSONValue {
    [
      "passed": .bool(!hasFailed),
      "steps": .array(
        acts.map { act in
          [
            "scene": .string(act.scene), "command": .string(act.command),
            "exit": .integer(Int64(act.code.rawValue)), "asExpected": .bool(act.isAsExpected),
          ]
        }),
    ]
  }
}
