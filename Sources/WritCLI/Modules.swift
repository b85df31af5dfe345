// Policy texts: those that are named, and those that they import.

import WritModel
import WritSyntax
import WritText

/// The texts of a command line, and the imported ones that were found beside them.
struct Modules {
  /// Those that were named first, in order; then those that were looked up.
  private(set) var files: [SourceFile] = []
  private(set) var parsed: [ParsedFile] = []
  /// How many were named.
  private(set) var namedCount = 0
  /// Indexes of the texts of each name behind `policy`. More than one is an error wherever the name is imported.
  private var byName: [ByteText: [Int]] = [:]
  /// Names of the texts that were named: these are meant, whatever else lies beside who imports them.
  private var namedNames: Set<ByteText> = []
  /// What was read, whatever path it was named by.
  private var seen: Set<FileIdentity> = []
  /// The texts in a directory by the names behind `policy`, for each directory in which imports were looked for.
  private var beside: [ByteText: [ByteText: [FoundText]]] = [:]

  /// A text that lies in a directory, by its path as diagnostics show it.
  private struct FoundText {
    let path: String
    let bytes: [UInt8]
  }

  /// Reads files and directories, and looks up what they import.
  init(_ arguments: [String]) throws(Failure) {
    for path in try policyPaths(arguments) {
      guard isNew(path) else { continue }
      add(path, try readFile(path, limit: Limits.textBytes))
    }
    namedCount = files.count
    namedNames = Set(byName.keys)
    var next = 0
    while next < files.count {
      lookUpImports(of: next)
      next += 1
    }
  }

  /// Whether a file has not been read yet, under this path or another; notes that it has.
  private mutating func isNew(_ path: String) -> Bool {
    guard path != "-", let identity = FileIdentity(path) else { return true }
    return seen.insert(identity).inserted
  }

  /// Parses a text and enters it under its name.
  private mutating func add(_ path: String, _ bytes: [UInt8]) {
    let file = SourceFile(name: path == "-" ? standardInputName : path, bytes: bytes)
    let tree = parse(file, index: files.count)
    files.append(file)
    parsed.append(tree)
    if let name = tree.tree.header?.name.text {
      byName[name, default: []].append(files.count - 1)
    }
  }

  /// A module that is imported and was not named may lie in the same directory, under any name. Where several texts there have
  /// its name all are taken: which one is meant cannot be said.
  private mutating func lookUpImports(of index: Int) {
    let wanted = parsed[index].tree.imports.map(\.name.text).filter { !namedNames.contains($0) }
    guard !wanted.isEmpty else { return }
    let name = files[index].name
    let folder = name == standardInputName ? "." : directory(of: name)
    let prefix = folder == "." && !name.utf8.starts(with: "./".utf8) ? "" : "\(folder)/"
    let texts = beside[folder] ?? texts(in: folder, prefix: prefix)
    beside[folder] = texts
    for text in wanted.flatMap({ texts[$0] ?? [] }) where isNew(text.path) {
      add(text.path, text.bytes)
    }
  }

  /// The texts in a directory that begin with a `policy` line; those that cannot be read are none.
  private func texts(in folder: String, prefix: String) -> [ByteText: [FoundText]] {
    var texts: [ByteText: [FoundText]] = [:]
    for entry in (try? entries(of: folder)) ?? []
    where entry.endsWithBytes(of: ".writ") && entry.utf8.first != UInt8(ascii: ".") {
      let path = prefix + entry
      guard !isDirectory(path), let bytes = try? readFile(path, limit: Limits.textBytes),
        let header = parse(SourceFile(name: path, bytes: bytes), index: 0).tree.header
      else { continue }
      texts[header.name.text, default: []].append(FoundText(path: path, bytes: bytes))
    }
    return texts
  }

  /// Indexes of the named texts that no other named text imports; all of them where they import
  /// one another in a circle.
  var roots: [Int] {
    let named = Array(0..<namedCount)
    var imported: Set<ByteText> = []
    for index in named {
      let own = parsed[index].tree.header.map { ByteText($0.name.text) }
      imported.formUnion(
        parsed[index].tree.imports.map { ByteText($0.name.text) }.filter { $0 != own })
    }
    let roots = named.filter { index in
      parsed[index].tree.header.map { !imported.contains($0.name.text) } ?? true
    }
    return roots.isEmpty ? named : roots
  }

  /// The text at that place, then all that it imports, directly or through others; every text of an imported name.
  func closure(of root: Int) -> [SourceFile] {
    var found = [root]
    var seen: Set<Int> = [root]
    var next = 0
    while next < found.count {
      for name in parsed[found[next]].tree.imports.map(\.name.text) {
        found += (byName[name] ?? []).filter { seen.insert($0).inserted }
      }
      next += 1
    }
    return found.map { files[$0] }
  }
}
