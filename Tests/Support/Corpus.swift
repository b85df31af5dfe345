// The project's files as tests read them, and goldens as tests write them.

import Foundation

/// Files of the project, found from where this source file stands.
public enum Corpus {
  /// The folder that holds `Package.swift`.
  public static let root: String = {
    // Tests/Support/Corpus.swift
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(3).joined(separator: "/")
  }()

  /// Goldens are written, not compared: `WRIT_UPDATE=1`.
  public static var isUpdating: Bool {
    ProcessInfo.processInfo.environment["WRIT_UPDATE"] == "1"
  }

  /// The bytes of a file of the project; empty, which no test expects, where there is none.
  public static func bytes(_ path: String) -> [UInt8] {
    FileManager.default.contents(atPath: root + "/" + path).map { Array($0) } ?? []
  }

  /// The text of a file of the project.
  public static func text(_ path: String) -> String {
    String(decoding: bytes(path), as: UTF8.self)
  }

  /// Writes a file of the project; false where that cannot be done.
  public static func write(_ text: String, to path: String) -> Bool {
    FileManager.default.createFile(atPath: root + "/" + path, contents: Data(text.utf8))
  }

  /// Compares bytes with a file of the project, or writes that file with `WRIT_UPDATE=1`.
  public static func difference(ofBytes path: String, from bytes: [UInt8]) -> String? {
    if self.bytes(path) == bytes { return nil }
    guard isUpdating else { return "\(path) differs (WRIT_UPDATE=1 accepts)" }
    let isWritten = FileManager.default.createFile(atPath: root + "/" + path, contents: Data(bytes))
    return isWritten ? nil : "cannot write \(path)"
  }

  /// The files in a folder of the project and below it whose names end so, sorted, as paths from
  /// the root.
  public static func files(in folder: String, ending: String) -> [String] {
    let found = FileManager.default.enumerator(atPath: root + "/" + folder)
    let names = found.map { $0.compactMap { $0 as? String } } ?? []
    return names.filter { $0.hasSuffix(ending) }.sorted().map { folder + "/" + $0 }
  }

  /// The cases in a folder of the corpus and below it, sorted by path, each with that path.
  public static func cases(in folder: String) -> [(path: String, file: CaseFile)] {
    files(in: "corpus/" + folder, ending: ".case").map { path in
      let name = path.split(separator: "/").last.map { String($0.dropLast(5)) } ?? path
      return (path, CaseFile(name: name, text: text(path)))
    }
  }

  /// Compares what a test made of a case with the sections that it expects: `nil` if they are
  /// equal, else the differences. With `WRIT_UPDATE=1` the file is written and all is well.
  ///
  /// - Parameter sections: each expected section; `nil` where the case must have none.
  public static func difference(
    of file: CaseFile, at path: String, _ sections: [(name: String, text: String?)]
  ) -> String? {
    var updated = file
    for section in sections { updated.set(section.name, to: section.text) }
    if updated.text == file.text { return nil }
    if isUpdating { return write(updated.text, to: path) ? nil : "cannot write \(path)" }
    return "\(path) (WRIT_UPDATE=1 accepts):\n" + lineDifference(file.text, updated.text)
  }

  /// Compares a text with a file of the project, or writes that file with `WRIT_UPDATE=1`.
  public static func difference(ofFile path: String, from text: String) -> String? {
    let old = self.text(path)
    if old == text { return nil }
    if isUpdating { return write(text, to: path) ? nil : "cannot write \(path)" }
    return "\(path) (WRIT_UPDATE=1 accepts):\n" + lineDifference(old, text)
  }
}
