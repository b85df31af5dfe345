// A case of the corpus: one text file of named sections.

/// Sections under lines such as `-- policy --`, in order, behind a few words on what the case
/// shows.
///
///     A misspelt keyword is taken for the one that was meant.
///
///     -- policy --
///     gaet g() {}
///     -- diagnostics --
///     …
public struct CaseFile: Sendable {
  /// One section; its text ends with a line break unless it is empty.
  public struct Section: Sendable {
    public let name: String
    public var text: String
  }

  /// The file's name without its ending.
  public let name: String
  /// What stands before the first section.
  public let introduction: String
  public private(set) var sections: [Section]

  /// Reads a case; any text is one.
  public init(name: String, text: String) {
    self.name = name
    var introduction = ""
    var sections: [Section] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast(
      text.hasSuffix("\n") || text.isEmpty ? 1 : 0)
    {
      if let name = Self.sectionName(line) {
        sections.append(Section(name: name, text: ""))
      } else if sections.isEmpty {
        introduction += line + "\n"
      } else {
        sections[sections.count - 1].text += line + "\n"
      }
    }
    self.introduction = introduction
    self.sections = sections
  }

  /// The text of a section, `nil` where there is none.
  public subscript(_ name: String) -> String? {
    sections.first { $0.name == name }?.text
  }

  /// Sets the text of a section, at the end if it is new; `nil` removes it.
  public mutating func set(_ name: String, to text: String?) {
    guard let text else { return sections.removeAll { $0.name == name } }
    let whole = text.isEmpty || text.hasSuffix("\n") ? text : text + "\n"
    if let index = sections.firstIndex(where: { $0.name == name }) {
      sections[index].text = whole
    } else {
      sections.append(Section(name: name, text: whole))
    }
  }

  /// The case as a file.
  public var text: String {
    introduction + sections.map { "-- \($0.name) --\n\($0.text)" }.joined()
  }

  /// `-- name --`, alone on a line.
  private static func sectionName(_ line: Substring) -> String? {
    guard line.hasPrefix("-- "), line.hasSuffix(" --"), line.count > 6 else { return nil }
    return String(line.dropFirst(3).dropLast(3))
  }
}
