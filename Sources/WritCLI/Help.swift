// The help pages, written from the table of commands.

import WritModel
import WritText

/// The overview, the page of a command or a code, or the list of a group such as `graph`.
func helpText(_ topic: String?, _ terminal: Terminal) -> String {
  guard let topic else { return overview(terminal) }
  if let command = Command.all.first(where: { $0.name == topic }) {
    return page(command, terminal)
  }
  if let code = DiagnosticCode(id: topic) { return page(code, terminal) }
  let group = Command.all.filter { $0.name.hasPrefix(topic + " ") }
  let rows = group.map { ("writ \($0.name)", $0.summary) }
  return table(rows, terminal) + "\n`writ help \(topic) WORD` tells more of one.\n"
}

/// Every command in its group, what all of them take, and the exit codes.
private func overview(_ terminal: Terminal) -> String {
  var text = "writ: whether a change may ship, and the proof afterwards\n\n"
  text += terminal.paint("Usage", .strong) + "\n  writ COMMAND [ARGUMENT]... [OPTION]...\n"
  for group in Command.groups {
    text += "\n" + terminal.paint(group.title, .strong) + "\n"
    text += table(group.commands.map { ($0.name, $0.summary) }, terminal)
  }
  text += "\n" + terminal.paint("Everywhere", .strong) + "\n"
  text += table(
    Option.common.map { ($0.name, $0.help) } + [("-", "standard input, where a file is read")],
    terminal)
  text += "\n" + terminal.paint("Exit codes", .strong) + "\n"
  text += table(ExitCode.allCases.map { (String($0.rawValue), $0.meaning) }, terminal)
  return text
    + "\n`writ help COMMAND` tells more of one, `writ help W0102` what the code of a message means;\n"
    + "`writ demo` shows it all at work.\n"
}

/// One command: synopsis, arguments, options, and what else is worth knowing.
private func page(_ command: Command, _ terminal: Terminal) -> String {
  var text = terminal.paint("writ \(command.name)", .strong) + ": \(command.summary)\n\n"
  text += wrapped(command.synopsis, indent: 6, first: 2, width: min(terminal.width, 100))
  if !command.operands.isEmpty {
    text += "\n" + table(command.operands.map { ($0.usage, $0.help) }, terminal)
  }
  let options = command.allOptions.map { option in
    (option.value.map { "\(option.name) \($0)" } ?? option.name, option.help)
  }
  text += "\n" + table(options, terminal)
  return text + "\n" + lines(command.details)
}

/// Sentences as lines, and behind an empty one the examples, which are indented: they can be copied as they stand.
private func lines(_ details: [String]) -> String {
  var text = ""
  var wasExample = false
  for (place, line) in details.enumerated() {
    let isExample = line.hasPrefix("  ")
    if place > 0, isExample != wasExample { text += "\n" }
    text += line + "\n"
    wasExample = isExample
  }
  return text
}

/// One diagnostic: what its code means, and where there is more.
private func page(_ code: DiagnosticCode, _ terminal: Terminal) -> String {
  terminal.paint(code.id, .strong) + ": \(code.title)\n\n"
    + "  \(code.explanation)\n\n" + (DiagnosticPages.shown(code) ?? "")
}

extension DiagnosticCode {
  /// What it does to the text that it is found in.
  fileprivate var explanation: String {
    switch severity {
    case .error: "An error: nothing is made of a text in which it is found."
    case .warning: "A warning: the text does what it says, which may not be what was meant."
    }
  }

  /// The page in the sources.
  fileprivate var page: String { "docs/diagnostics/\(id).md" }
}

/// Two columns, the second in line.
private func table(_ rows: [(String, String)], _ terminal: Terminal) -> String {
  let width = rows.map(\.0.count).max() ?? 0
  return rows.map { name, help in
    let padding = String(repeating: " ", count: width - name.count + 2)
    return "  " + terminal.paint(name, .place) + padding + help + "\n"
  }.joined()
}

/// Words in lines of at most `width` columns, the first line indented by `first`.
private func wrapped(_ text: String, indent: Int, first: Int, width: Int) -> String {
  var lines: [String] = []
  var line = String(repeating: " ", count: first)
  var isEmpty = true
  for word in unbroken(text) {
    if !isEmpty, line.count + 1 + word.count > width {
      lines.append(line)
      line = String(repeating: " ", count: indent)
      isEmpty = true
    }
    line += (isEmpty ? "" : " ") + word
    isEmpty = false
  }
  return (lines + [line]).joined(separator: "\n") + "\n"
}

/// Words, with what stands in one pair of brackets kept together.
private func unbroken(_ text: String) -> [String] {
  var words: [String] = []
  var isOpen = false
  for word in text.split(separator: " ").map(String.init) {
    if isOpen, let last = words.popLast() {
      words.append(last + " " + word)
    } else {
      words.append(word)
    }
    isOpen = (isOpen || word.hasPrefix("[")) && !word.contains("]")
  }
  return words
}

/// The table of commands as JSON: of all, or of those that a topic names; or what a code means.
func helpJSON(_ topic: String?) -> JSONValue {
  if let code = topic.flatMap({ DiagnosticCode(id: $0) }) {
    return [
      "code": .string(code.id), "severity": .string(code.severity.rawValue),
      "title": .string(code.title), "page": .string(code.page),
      "text": .string(DiagnosticPages.text(of: code) ?? ""),
    ]
  }
  let commands = Command.all.filter {
    topic == nil || $0.name == topic || $0.name.hasPrefix((topic ?? "") + " ")
  }
  return ["commands": .array(commands.map(\.json))]
}

extension Command {
  fileprivate var json: JSONValue {
    [
      "name": .string(name), "summary": .string(summary), "synopsis": .string(synopsis),
      "operands": .array(
        operands.map { ["name": .string($0.name), "help": .string($0.help)] }),
      "options": .array(
        allOptions.map {
          [
            "name": .string($0.name), "value": $0.value.map { .string($0) } ?? .null,
            "required": .bool($0.isRequired), "repeated": .bool($0.isRepeated),
            "help": .string($0.help),
          ]
        }),
    ]
  }
}
