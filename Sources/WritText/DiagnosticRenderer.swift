// The only place that turns a diagnostic into lines with underlines, or into plain values for JSON.

/// Shows diagnostics of a set of files to people and to programs.
///
///     release.writ:12:8: error W0101: expected `:` behind the clause's id, found `for`
///       12 |   deny freeze for f in Freeze
///          |               ^^^
///       fix: insert `:`
public struct DiagnosticRenderer: Sendable {
  /// The files that ranges index.
  public let files: [SourceFile]
  /// ANSI colours, for a terminal.
  public let isColoured: Bool

  /// Makes a renderer for diagnostics whose ranges index `files`.
  public init(files: [SourceFile], isColoured: Bool) {
    self.files = files
    self.isColoured = isColoured
  }

  /// All diagnostics in the order given, with an empty line between two.
  public func render(_ diagnostics: [Diagnostic]) -> String {
    diagnostics.map { render($0) }.joined(separator: "\n")
  }

  /// One diagnostic, each line ended by a line break.
  public func render(_ diagnostic: Diagnostic) -> String {
    let isError = diagnostic.severity == .error
    let label = painted(
      "\(diagnostic.severity.rawValue) \(diagnostic.code.id):", isError ? .error : .warning)
    var lines = ["\(place(of: diagnostic.range)): \(label) \(printable(diagnostic.message))"]
    lines += snippet(diagnostic.range, isError ? .error : .warning)
    for note in diagnostic.notes {
      lines.append(
        "  \(place(of: note.range)): \(painted("note:", .note)) \(printable(note.message))")
      lines += snippet(note.range, .note)
    }
    for fixIt in diagnostic.fixIts {
      lines.append("  \(painted("fix:", .fix)) \(description(of: fixIt))")
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// What a fix-it does, in words.
  private func description(of fixIt: FixIt) -> String {
    let old = file(of: fixIt.range).map { printable(onOneLine($0.text(of: fixIt.range))) } ?? ""
    let new = printable(onOneLine(fixIt.replacement))
    if fixIt.range.isEmpty {
      return new.allSatisfy { $0 == " " } ? "insert a space" : "insert \(quoted(new))"
    }
    return new.isEmpty ? "remove \(quoted(old))" : "replace \(quoted(old)) with \(quoted(new))"
  }

  /// Line breaks, with the space around them, as one space.
  private func onOneLine(_ text: String) -> String {
    guard text.contains(where: \.isNewline) else { return text }
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    return lines.map { line in
      String(line.drop { $0 == " " || $0 == "\t" })
    }.joined(separator: " ")
  }

  /// In backticks, or in double quotes where it holds a backtick.
  private func quoted(_ text: String) -> String {
    text.contains("`") ? "\"\(text)\"" : "`\(text)`"
  }

  private func file(of range: SourceRange) -> SourceFile? {
    files.indices.contains(range.file) ? files[range.file] : nil
  }

  /// `name:line:column`, or as much of it as is known.
  private func place(of range: SourceRange) -> String {
    guard let file = file(of: range) else { return "?" }
    let position = file.position(of: range.start)
    return painted("\(printable(file.name)):\(position.line):\(position.column)", .place)
  }
}

// The underlined line.
extension DiagnosticRenderer {
  /// The line on which a range starts and the signs under it; a range of several lines is
  /// underlined to the end of its first. A long line is cut around the range: no more of it is
  /// looked at.
  private func snippet(_ range: SourceRange, _ style: Style) -> [String] {
    guard let file = file(of: range) else { return [] }
    let position = file.position(of: range.start)
    let line = file.line(position.line)
    let start = min(max(range.start, line.startIndex), line.endIndex)
    let end = min(max(range.end, start), line.endIndex)
    let shown = Limits.shownColumns

    let count = max(1, scalarCount(line[start..<min(end, start + 4 * shown)]))
    let column = position.column - 1
    let fits = column + min(count, shown / 2) <= shown
    let lead = fits ? column : shown / 4
    let first = fits ? line.startIndex : backward(line, from: start, by: lead)
    let stop = forward(line, from: first, by: shown)
    let dots = fits ? "" : "…"

    let text = printable(String(decoding: line[first..<stop], as: UTF8.self))
    let marks = String(repeating: "^", count: max(1, min(count, shown - lead)))
    let blanks = String(repeating: " ", count: dots.count + lead)
    let number = String(position.line)
    let margin = String(repeating: " ", count: max(0, 4 - number.count))
    let gutter = String(repeating: " ", count: margin.count + number.count)
    return [
      "\(margin)\(number) | \(dots)\(text)\(stop < line.endIndex ? "…" : "")",
      "\(gutter) | \(blanks)\(painted(marks, style))",
    ]
  }

  private func isStart(_ byte: UInt8) -> Bool { byte & 0xC0 != 0x80 }

  private func scalarCount(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.reduce(0) { isStart($1) ? $0 + 1 : $0 }
  }

  /// The offset that lies some characters before another, or the start of the line.
  private func backward(_ line: ArraySlice<UInt8>, from offset: Int, by count: Int) -> Int {
    var place = offset
    var left = count
    while left > 0, place > line.startIndex {
      place -= 1
      if isStart(line[place]) { left -= 1 }
    }
    return place
  }

  /// The offset that lies some characters behind another, or the end of the line.
  private func forward(_ line: ArraySlice<UInt8>, from offset: Int, by count: Int) -> Int {
    var place = offset
    var left = count
    while place < line.endIndex {
      if isStart(line[place]) {
        if left == 0 { break }
        left -= 1
      }
      place += 1
    }
    return place
  }

  /// Text with control characters made visible, so that no text can steer a terminal; a tab is one
  /// space, so that columns stay in line.
  private func printable(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control where scalar == "\t": result.append(" ")
      case .control, .format, .lineSeparator, .paragraphSeparator: result.append("\u{FFFD}")
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  private enum Style: String {
    case error = "1;31"
    case warning = "1;33"
    case note = "1;36"
    case fix = "1;32"
    case place = "1"
  }

  private func painted(_ text: String, _ style: Style) -> String {
    isColoured ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }
}

// For programs.
extension DiagnosticRenderer {
  /// The same diagnostic as plain values, ready to be written as JSON.
  public func describe(_ diagnostic: Diagnostic) -> DiagnosticDescription {
    DiagnosticDescription(
      code: diagnostic.code.id, severity: diagnostic.severity.rawValue,
      message: diagnostic.message, place: describe(diagnostic.range),
      notes: diagnostic.notes.map { .init(message: $0.message, place: describe($0.range)) },
      fixIts: diagnostic.fixIts.map {
        .init(replacement: $0.replacement, place: describe($0.range))
      })
  }

  private func describe(_ range: SourceRange) -> PlaceDescription {
    let file = file(of: range)
    return PlaceDescription(
      file: file?.name ?? "", start: file?.position(of: range.start),
      end: file?.position(of: range.end), startOffset: range.start, endOffset: range.end)
  }
}

/// A diagnostic as plain values.
public struct DiagnosticDescription: Hashable, Sendable {
  /// A note with its place.
  public struct Note: Hashable, Sendable {
    /// What is said.
    public let message: String
    /// Where it stands.
    public let place: PlaceDescription
  }

  /// A change that mends the text.
  public struct Change: Hashable, Sendable {
    /// What to put there.
    public let replacement: String
    /// Where it stands.
    public let place: PlaceDescription
  }

  /// `W0123`
  public let code: String
  /// `error` or `warning`.
  public let severity: String
  /// What is said.
  public let message: String
  /// Where it stands.
  public let place: PlaceDescription
  /// In the order in which they are shown.
  public let notes: [Note]
  /// Each mends the text on its own.
  public let fixIts: [Change]
}

/// A range as plain values.
public struct PlaceDescription: Hashable, Sendable {
  /// The file's name; empty where the range is of no file.
  public let file: String
  /// `nil` where the range is of no file.
  public let start: SourcePosition?
  /// Behind the last character.
  public let end: SourcePosition?
  /// In bytes.
  public let startOffset: Int
  /// Behind the last byte.
  public let endOffset: Int
}
