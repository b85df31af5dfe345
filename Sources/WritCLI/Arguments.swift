// The words of a command line, held against the table of commands.

import WritModel
import WritText

/// A command with its options and operands, ready to run.
struct Invocation: Sendable {
  let command: Command
  private let values: [String: [String]]
  /// What stood without a dash, in order.
  let operands: [String]
  /// The screens that the command speaks to.
  let terminal: Terminal
  let errorTerminal: Terminal
  /// Where passphrases come from.
  let passphrases: Passphrases

  // Made by `parseArguments` alone: what is asked for here was held against the table.
  fileprivate init(
    command: Command, values: [String: [String]], operands: [String],
    terminals: (output: Terminal, error: Terminal)
  ) throws(Failure) {
    self.command = command
    self.values = values
    self.operands = operands
    terminal = terminals.output
    errorTerminal = terminals.error
    passphrases = try Passphrases(values[Option.passphrase.name]?.last)
  }

  /// Whether the switch or option was given.
  func has(_ option: String) -> Bool { values[option] != nil }

  /// One JSON document, or JSON Lines, on standard output.
  var wantsJSON: Bool { has("--json") }

  /// The value of an option, if it was given.
  func value(_ option: String) -> String? { values[option]?.last }

  /// All values of an option that may be repeated, in order.
  func values(_ option: String) -> [String] { values[option] ?? [] }

  /// The value of an option that the table says is required.
  func required(_ option: String) throws(Failure) -> String {
    guard let value = value(option) else {
      throw .usage("`writ \(command.name)` needs `\(option)`")
    }
    return value
  }

  /// The operand at that place, which the table says is there.
  func operand(_ index: Int) throws(Failure) -> String {
    guard operands.indices.contains(index) else {
      throw .usage("`writ \(command.name)` needs more arguments")
    }
    return operands[index]
  }
}

extension Invocation {
  /// Throws where the file to write is one that is read: an input would be gone. Only a request takes up its approvals in place.
  func spareInputs() throws(Failure) {
    guard let output = value("-o"), output != "-", let place = resolvedPath(output),
      !isDirectory(place), !isDevice(place)
    else { return }
    let read = values.filter { $0.key != "-o" && $0.key != "--request" }.flatMap(\.value) + operands
    if let input = read.first(where: { resolvedPath($0) == place }) {
      throw .usage("`-o \(output)` would write over `\(input)`", remedy: "name another file")
    }
  }
}

// Values with a type.
extension Invocation {
  /// A moment, in microseconds since the epoch.
  func instant(_ option: String) throws(Failure) -> Int64? {
    guard let text = value(option) else { return nil }
    guard let instant = Instant(text) else {
      throw .usage(
        "`\(option) \(text)` is no RFC 3339 time",
        remedy: "write it as 2026-11-19T10:00:00Z")
    }
    return instant.microseconds
  }

  /// A moment in a span: a time, or a day for its start in UTC.
  func moment(_ option: String) throws(Failure) -> Int64? {
    guard let text = value(option) else { return nil }
    guard let moment = Instant(startOrTime: text) else {
      throw .usage(
        "`\(option) \(text)` is neither an RFC 3339 time nor a day",
        remedy: "write it as 2026-11-19T10:00:00Z, or 2026-11-19 for the start of that day in UTC")
    }
    return moment.microseconds
  }

  /// A whole number that is not negative.
  func number(_ option: String) throws(Failure) -> UInt64? {
    guard let text = value(option) else { return nil }
    let isPlain = !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    guard isPlain, let number = UInt64(text), number <= UInt64(Int64.max) else {
      throw .usage("`\(option) \(text)` is no whole number from 0")
    }
    return number
  }

  /// A duration such as `72h`, in microseconds.
  func duration(_ option: String) throws(Failure) -> Int64? {
    guard let text = value(option) else { return nil }
    guard let duration = Duration(text), duration.microseconds > 0 else {
      throw .usage("`\(option) \(text)` is no duration", remedy: "write it as 72h, 15m or 7d")
    }
    return duration.microseconds
  }

  /// `name=value` pairs of a repeated option, each name once.
  func pairs(_ option: String) throws(Failure) -> [(name: String, value: String)] {
    var pairs: [(name: String, value: String)] = []
    for text in values(option) {
      guard let (name, value) = text.halves(at: UInt8(ascii: "=")), !name.isEmpty else {
        throw .usage("`\(option) \(text)` is no pair", remedy: "write `\(option) name=value`")
      }
      guard !pairs.contains(where: { hasSameBytes($0.name, name) }) else {
        throw .usage("`\(option) \(name)=` is given twice")
      }
      pairs.append((name, value))
    }
    return pairs
  }
}

/// What a command line asks for.
enum Asked {
  /// The help page of a command, of a group such as `graph` or of a code such as `W0102`; `nil` for
  /// the overview.
  case help(String?, asJSON: Bool)
  case version(asJSON: Bool)
  case run(Invocation)
}

/// Reads the words behind the program's name.
func parseArguments(
  _ words: [String], output: Terminal, error: Terminal
) throws(Failure) -> Asked {
  guard let first = words.first else {
    throw .usage("no command is named", remedy: "`writ help` lists them")
  }
  let asJSON = words.contains("--json")
  switch first {
  case "--help", "-h": return .help(nil, asJSON: asJSON)
  case "--version", "-V": return .version(asJSON: asJSON)
  case "help":
    let topic = words.dropFirst().filter { !$0.hasPrefix("-") }.joined(separator: " ")
    guard topic.isEmpty || isTopic(topic) else { throw unknownCommand(topic) }
    return .help(topic.isEmpty ? nil : topic, asJSON: asJSON)
  default: break
  }
  guard !first.hasPrefix("-") else {
    throw .usage("no option `\(first)` without a command", remedy: "`writ help` lists the commands")
  }
  return try parseCommand(words, terminals: (output, error), asJSON: asJSON)
}

/// Finds the command, which may have two words, and reads what stands behind it.
private func parseCommand(
  _ words: [String], terminals: (output: Terminal, error: Terminal), asJSON: Bool
) throws(Failure) -> Asked {
  let pair = words.prefix(2).joined(separator: " ")
  let found = Command.all.first { $0.name == pair } ?? Command.all.first { $0.name == words[0] }
  guard let command = found else {
    guard isTopic(words[0]) else {
      let name = words.count > 1 && !words[1].hasPrefix("-") ? pair : words[0]
      throw unknownCommand(name)
    }
    if words.dropFirst().contains(where: { $0 == "--help" || $0 == "-h" }) {
      return .help(words[0], asJSON: asJSON)
    }
    throw incomplete(words)
  }
  let count = command.name == words[0] ? 1 : 2
  var reader = WordReader(command: command, words: Array(words.dropFirst(count)))
  try reader.readAll()
  if reader.values["--help"] != nil { return .help(command.name, asJSON: asJSON) }
  do throws(Failure) {
    try reader.checkComplete()
  } catch {
    throw misspeltPart(words, of: command) ?? error
  }
  return .run(
    try Invocation(
      command: command, values: reader.values, operands: reader.operands, terminals: terminals))
}

/// Whether a help page has that name: a command, the first word of some, or a diagnostic's code.
private func isTopic(_ name: String) -> Bool {
  DiagnosticCode(id: name) != nil
    || Command.all.contains { $0.name == name || $0.name.hasPrefix(name + " ") }
}

/// No such command; the nearest one, or where they are listed.
private func unknownCommand(_ name: String) -> Failure {
  let words = name.split(separator: " ").map(String.init)
  if name.utf8.count == 5, name.hasPrefix("W"), name.dropFirst().allSatisfy(\.isNumber) {
    return .usage(
      "no message has the code `\(name)`",
      remedy: "a code is W and four digits, as a message shows it")
  }
  let firsts = Command.all.compactMap { $0.name.split(separator: " ").first.map(String.init) }
  let nearest =
    nearestName(to: name, among: Command.all.map(\.name) + ["help"])
    ?? words.first.flatMap { nearestName(to: $0, among: firsts + ["help"]) }
  let remedy = nearest.map { "did you mean `writ \($0)`?" } ?? "`writ help` lists the commands"
  return .usage("no command `\(words.first ?? name)`", remedy: remedy)
}

/// `writ graph`, or `writ graph imprt`.
private func incomplete(_ words: [String]) -> Failure {
  let group = words[0]
  let names = Command.all.map(\.name).filter { $0.hasPrefix(group + " ") }
  let list = names.map { "`writ \($0)`" }.joined(separator: ", ")
  guard words.count > 1, !words[1].hasPrefix("-") else {
    return .usage("`writ \(group)` is not a whole command", remedy: "there are \(list)")
  }
  let name = "\(group) \(words[1])"
  let nearest = nearestName(
    to: words[1], among: names.map { String($0.dropFirst(group.count + 1)) })
  let remedy = nearest.map { "did you mean `writ \(group) \($0)`?" } ?? "there are \(list)"
  return .usage("no command `\(name)`", remedy: remedy)
}

/// `writ run shw`, where `writ run` is a command too and something of it is missing: the nearest of its parts; `nil` where none is near.
private func misspeltPart(_ words: [String], of command: Command) -> Failure? {
  guard command.name == words[0], words.count > 1 else { return nil }
  let parts = Command.all.map(\.name).filter { $0.hasPrefix("\(command.name) ") }
  let names = parts.map { String($0.dropFirst(command.name.count + 1)) }
  guard let nearest = nearestName(to: words[1], among: names) else { return nil }
  return .usage(
    "no command `\(command.name) \(words[1])`",
    remedy: "did you mean `writ \(command.name) \(nearest)`?")
}

/// Walks the words behind a command's name.
private struct WordReader {
  let command: Command
  let words: [String]
  private(set) var values: [String: [String]] = [:]
  private(set) var operands: [String] = []
  private var next = 0

  init(command: Command, words: [String]) {
    self.command = command
    self.words = words
  }

  /// Takes every word as an option, an option's value or an operand; behind `--` all are operands.
  mutating func readAll() throws(Failure) {
    while next < words.count {
      let word = words[next]
      next += 1
      if word == "--" {
        operands += words[next...]
        next = words.count
      } else if word.hasPrefix("-"), word != "-" {
        try readOption(word)
      } else {
        operands.append(word)
      }
    }
  }

  /// Takes `--name value`, `--name=value` or a switch.
  private mutating func readOption(_ word: String) throws(Failure) {
    var name = word == "-h" ? "--help" : word
    var attached: String?
    if word.hasPrefix("--"), let sign = word.firstIndex(of: "=") {
      name = String(word[..<sign])
      attached = String(word[word.index(after: sign)...])
    }
    guard let option = command.option(name) else { throw unknownOption(name) }
    if !option.isRepeated, option.value != nil, values[name] != nil {
      throw .usage("`\(name)` is given twice")
    }
    guard let placeholder = option.value else {
      guard attached == nil else { throw .usage("`\(name)` takes no value") }
      values[name] = []
      return
    }
    if attached == nil, next < words.count, !looksLikeOption(words[next]) {
      attached = words[next]
      next += 1
    }
    guard let value = attached, !value.isEmpty else {
      throw .usage("`\(name)` needs a value", remedy: "write `\(name) \(placeholder)`")
    }
    values[name, default: []].append(value)
  }

  /// A value may be `-`, but not another option of the command: then the value was forgotten.
  private func looksLikeOption(_ word: String) -> Bool {
    word != "-" && word.hasPrefix("-") && command.option(word) != nil
  }

  /// No such option of this command; the nearest one, or where they are listed.
  private func unknownOption(_ name: String) -> Failure {
    let nearest = nearestName(to: name, among: command.allOptions.map(\.name))
    let remedy =
      nearest.map { "did you mean `\($0)`?" } ?? "`writ \(command.name) --help` lists them"
    return .usage("no option `\(name)` for `writ \(command.name)`", remedy: remedy)
  }

  /// Holds the counts of options and operands against the table.
  func checkComplete() throws(Failure) {
    for option in command.options where option.isRequired && values[option.name] == nil {
      throw .usage("`writ \(command.name)` needs `\(option.usage)`: \(option.help)")
    }
    let least = command.operands.reduce(0) { $0 + $1.count.lowerBound }
    let isOpen = command.operands.contains { $0.count.upperBound == .max }
    let most = isOpen ? Int.max : command.operands.reduce(0) { $0 + $1.count.upperBound }
    if operands.count < least {
      let missing = command.operands.prefix(operands.count + 1).last
      let name = missing.map { "\($0.name): \($0.help)" } ?? "an argument"
      throw .usage("`writ \(command.name)` needs \(name)", remedy: "usage: \(command.synopsis)")
    }
    if operands.count > most {
      throw .usage(
        "`writ \(command.name)` does not take `\(operands[most])`",
        remedy: "usage: \(command.synopsis)")
    }
    let inputs = operands.count { $0 == "-" } + values.values.joined().count { $0 == "-" }
    guard inputs <= 1 else { throw .usage("standard input can be read once, `-` stands twice") }
    guard inputs == 0 || values[Option.passphrase.name] != ["0"] else {
      throw .usage(
        "standard input is read for `-`", remedy: "give passphrases by another descriptor")
    }
  }
}

extension Instant {
  /// Reads a time, or `YYYY-MM-DD`: the start of that day in UTC.
  init?(startOrTime text: String) {
    let day = CalendarDate(text).map { Instant(microseconds: $0.days * 86_400_000_000) }
    guard let moment = day ?? Instant(text) else { return nil }
    self = moment
  }
}
