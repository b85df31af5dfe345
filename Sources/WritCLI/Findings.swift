// Diagnostics of one or more compilations, each once, for people and for programs.

import WritModel
import WritText

/// What was found in texts. The same text may be compiled for several roots; what is said twice is
/// shown once.
struct Findings {
  private var seen: Set<DiagnosticDescription> = []
  private var shown: [(place: Place, isError: Bool, text: String)] = []
  private var described: [(place: Place, json: JSONValue)] = []
  private(set) var errorCount = 0
  private(set) var warningCount = 0
  private let isColoured: Bool

  /// Files in the order in which they were met, then offsets.
  private struct Place: Comparable {
    let file: Int
    let offset: Int

    static func < (left: Place, right: Place) -> Bool {
      (left.file, left.offset) < (right.file, right.offset)
    }
  }

  /// Places of files by name.
  private var fileOrder: [ByteText: Int] = [:]

  /// Colours as that terminal shows them.
  init(_ terminal: Terminal) {
    isColoured = terminal.isColoured
  }

  /// Takes diagnostics whose ranges index `files`.
  mutating func add(_ diagnostics: [Diagnostic], of files: [SourceFile]) {
    for file in files where fileOrder[file.name] == nil { fileOrder[file.name] = fileOrder.count }
    let renderer = DiagnosticRenderer(files: files, isColoured: isColoured)
    for diagnostic in diagnostics {
      let description = renderer.describe(diagnostic)
      guard seen.insert(description).inserted else { continue }
      if diagnostic.severity == .error { errorCount += 1 } else { warningCount += 1 }
      let file = fileOrder[description.place.file] ?? -1
      let place = Place(file: file, offset: description.place.startOffset)
      shown.append((place, diagnostic.severity == .error, renderer.render(diagnostic)))
      described.append((place, description.json))
    }
  }

  /// Nothing may be made of the texts.
  var hasErrors: Bool { errorCount > 0 }

  /// With underlined lines, an empty line between two. Of very many the first, errors before warnings; how many are left out stands
  /// behind them.
  var text: String {
    let kept = Set(
      shown.indices.sorted { left, right in
        let (one, other) = (shown[left], shown[right])
        if one.isError != other.isError { return one.isError }
        return (one.place, left) < (other.place, right)
      }.prefix(Findings.mostShown))
    let texts = kept.sorted { (shown[$0].place, $0) < (shown[$1].place, $1) }.map { shown[$0].text }
    let rest = shown.count - kept.count
    let more = rest > 0 ? ["and \(rest) more: `--json` tells all\n"] : []
    return (texts + more).joined(separator: "\n")
  }

  /// What people are shown at once.
  private static let mostShown = 20

  /// For programs, in the same order.
  var json: JSONValue {
    .array(
      described.enumerated().sorted {
        ($0.element.place, $0.offset) < ($1.element.place, $1.offset)
      }
      .map(\.element.json))
  }

  /// `2 errors and 1 warning`.
  var counts: String {
    let errors = counted(errorCount, "error")
    let warnings = counted(warningCount, "warning")
    if errorCount == 0 { return warningCount == 0 ? "no errors" : warnings }
    return warningCount == 0 ? errors : "\(errors) and \(warnings)"
  }
}

extension DiagnosticDescription {
  fileprivate var json: JSONValue {
    [
      "code": .string(code), "severity": .string(severity), "message": .string(message),
      "place": place.json,
      "notes": .array(notes.map { ["message": .string($0.message), "place": $0.place.json] }),
      "fixes": .array(
        fixIts.map { ["replacement": .string($0.replacement), "place": $0.place.json] }),
    ]
  }
}

extension PlaceDescription {
  fileprivate var json: JSONValue {
    var members = [JSONMember("file", .string(file))]
    if let start {
      members.append(JSONMember("line", .integer(Int64(start.line))))
      members.append(JSONMember("column", .integer(Int64(start.column))))
    }
    if let end {
      members.append(JSONMember("endLine", .integer(Int64(end.line))))
      members.append(JSONMember("endColumn", .integer(Int64(end.column))))
    }
    return .object(members)
  }
}
