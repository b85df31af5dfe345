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
    let old = file(of: fixIt.range).map { printable($0.text(of: fixIt.range)) } ?? ""
    let new = printable(fixIt.replacement)
    if fixIt.range.isEmpty {
      return new.allSatisfy { $0 == " " } ? "insert a space" : "insert `\(new)`"
    }
    return new.isEmpty ? "remove `\(old)`" : "replace `\(old)` with `\(new)`"
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
  /// The line on which a range starts and the signs under it; a range of several lines is underlined
  /// to the end of its first. A long line is cut around the range.
  private func snippet(_ range: SourceRange, _ style: Style) -> [String] {
    guard let file = file(of: range) else { return [] }
    let position = file.position(of: range.start)
    let scalars = Array(String(decoding: file.line(position.line), as: UTF8.self).unicodeScalars)
    let start = min(position.column - 1, scalars.count)
    let last = file.position(of: range.end)
    let end = last.line == position.line ? last.column - 1 : scalars.count
    let count = max(1, min(end, scalars.count) - start)

    let shown = Limits.shownColumns
    let first = start + min(count, shown / 2) > shown ? start - shown / 4 : 0
    let stop = min(scalars.count, first + shown)
    let lead = first > 0 ? "…" : ""
    let text = printable(String(String.UnicodeScalarView(scalars[first..<max(first, stop)])))
    let marks = String(repeating: "^", count: max(1, min(count, first + shown - start)))
    let blanks = String(repeating: " ", count: lead.count + start - first)

    let number = String(position.line)
    let margin = String(repeating: " ", count: max(0, 4 - number.count))
    let gutter = String(repeating: " ", count: margin.count + number.count)
    return [
      "\(margin)\(number) | \(lead)\(text)\(stop < scalars.count ? "…" : "")",
      "\(gutter) | \(blanks)\(painted(marks, style))",
    ]
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
    public let message: String
    public let place: PlaceDescription
  }

  /// A change that mends the text.
  public struct Change: Hashable, Sendable {
    public let replacement: String
    public let place: PlaceDescription
  }

  /// `W0123`
  public let code: String
  /// `error` or `warning`.
  public let severity: String
  public let message: String
  public let place: PlaceDescription
  public let notes: [Note]
  public let fixIts: [Change]
}

/// A range as plain values.
public struct PlaceDescription: Hashable, Sendable {
  /// The file's name; empty where the range is of no file.
  public let file: String
  /// `nil` where the range is of no file.
  public let start: SourcePosition?
  public let end: SourcePosition?
  /// In bytes.
  public let startOffset: Int
  public let endOffset: Int
}
