// Policy texts: those that are named, and those that they import.

import WritSyntax
import WritText

/// The texts of a command line, and the imported ones that were found beside them.
struct Modules {
  /// Those that were named first, in order; then those that were looked up.
  private(set) var files: [SourceFile] = []
  private(set) var parsed: [ParsedFile] = []
  /// How many were named.
  private(set) var namedCount = 0
  /// Index of each module by the name behind `policy`; the first of a name.
  private var byName: [String: Int] = [:]
  /// Paths that were read.
  private var paths: Set<String> = []
  /// Directories in which modules were looked for.
  private var visitedDirectories: Set<String> = []

  /// Reads files and directories, and looks up what they import.
  init(_ arguments: [String]) throws(Failure) {
    for path in try policyPaths(arguments) {
      add(path, try readFile(path, limit: Limits.textBytes))
    }
    namedCount = files.count
    var next = 0
    while next < files.count {
      try lookUpImports(of: next)
      next += 1
    }
  }

  /// Parses a text and enters it under its name.
  private mutating func add(_ path: String, _ bytes: [UInt8]) {
    let file = SourceFile(name: path == "-" ? standardInputName : path, bytes: bytes)
    let tree = parse(file, index: files.count)
    paths.insert(path)
    files.append(file)
    parsed.append(tree)
    if let name = tree.tree.header?.name.text, byName[name] == nil {
      byName[name] = files.count - 1
    }
  }

  /// A module that is imported and not at hand may lie in the same directory, under any name.
  private mutating func lookUpImports(of index: Int) throws(Failure) {
    let missing = parsed[index].tree.imports.map(\.name.text).filter { byName[$0] == nil }
    guard !missing.isEmpty else { return }
    let name = files[index].name
    let folder = name == standardInputName ? "." : directory(of: name)
    guard visitedDirectories.insert(folder).inserted, let names = try? entries(of: folder) else {
      return
    }
    for entry in names where entry.hasSuffix(".writ") && !entry.hasPrefix(".") {
      let path = folder == "." && !name.hasPrefix("./") ? entry : "\(folder)/\(entry)"
      guard !paths.contains(path), !isDirectory(path),
        let bytes = try? readFile(path, limit: Limits.textBytes),
        let header = parse(SourceFile(name: path, bytes: bytes), index: 0).tree.header,
        byName[header.name.text] == nil
      else { continue }
      add(path, bytes)
    }
  }

  /// Indexes of the named texts that no other named text imports; all of them where they import
  /// one another in a circle.
  var roots: [Int] {
    let named = Array(0..<namedCount)
    var imported: Set<String> = []
    for index in named {
      let own = parsed[index].tree.header?.name.text
      imported.formUnion(parsed[index].tree.imports.map(\.name.text).filter { $0 != own })
    }
    let roots = named.filter { index in
      parsed[index].tree.header.map { !imported.contains($0.name.text) } ?? true
    }
    return roots.isEmpty ? named : roots
  }

  /// The text at that place, then all that it imports, directly or through others.
  func closure(of root: Int) -> [SourceFile] {
    var found = [root]
    var next = 0
    while next < found.count {
      for name in parsed[found[next]].tree.imports.map(\.name.text) {
        if let index = byName[name], !found.contains(index) { found.append(index) }
      }
      next += 1
    }
    return found.map { files[$0] }
  }
}
