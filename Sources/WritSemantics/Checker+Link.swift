// Which files make up the program: imports followed by policy name, cycles found, pins held.

import WritModel
import WritSyntax
import WritText

extension Checker {
  /// Fills `modules` with the roots and what they import, imported modules first.
  mutating func link(roots: [Int], digests: [String?]) {
    var linker = Linker(files: files, byName: filesByName(), digests: digests)
    for root in roots where files.indices.contains(root) {
      linker.visit(root)
    }
    for diagnostic in linker.diagnostics { report(diagnostic) }
    guard linker.order.count <= Limits.modules else {
      report(.tooMany("modules", limit: Limits.modules, at: files[linker.order[0]].start))
      return
    }
    var moduleOfFile: [Int: Int] = [:]
    for (position, file) in linker.order.enumerated() {
      var visible: Set<Int> = [position]
      for imported in linker.imports[file] ?? [] {
        // An import that closes a cycle, if only of one file, has no module yet; the cycle has been reported.
        guard let other = moduleOfFile[imported] else { continue }
        visible.formUnion(modules[other].visible)
      }
      moduleOfFile[file] = position
      modules.append(Module(header: header(of: file), visible: visible))
      noteSyntaxErrors(of: files[file])
    }
  }

  /// The first file of each policy name; a second one is an error.
  private mutating func filesByName() -> NameMap<Int> {
    var byName = NameMap<Int>()
    for (file, parsed) in files.enumerated() {
      guard let header = parsed.tree.header else { continue }
      if let first = byName.alike(header.name.text), let other = files[first].tree.header {
        report(.duplicateModule(header.name, first: other.name.range))
      } else {
        byName.add(header.name.text, file)
      }
    }
    return byName
  }

  /// A text without a header has no name and version 0.
  private func header(of file: Int) -> ModuleHeader {
    let header = files[file].tree.header
    return ModuleHeader(
      name: header?.name.text ?? "", version: header?.version.value ?? 0, file: file,
      allowsUnsignedCallers: header?.callers == .unsigned)
  }
}

extension ParsedFile {
  /// The empty range at the start of the text.
  var start: SourceRange { SourceRange(file: index, start: 0, end: 0) }
}

/// Follows imports depth first, with a stack of its own: a chain of imports may be long.
private struct Linker {
  let files: [ParsedFile]
  let byName: NameMap<Int>
  let digests: [String?]
  /// Files in dependency order.
  var order: [Int] = []
  /// What each file in `order` imports, as far as it was found.
  var imports: [Int: [Int]] = [:]
  var diagnostics: [Diagnostic] = []
  private var path: [(file: Int, next: Int)] = []
  private var state: [Int: State] = [:]

  /// A file that is on the path to where we are, or behind us.
  private enum State {
    case open
    case done
  }

  /// Nothing has been visited.
  init(files: [ParsedFile], byName: NameMap<Int>, digests: [String?]) {
    self.files = files
    self.byName = byName
    self.digests = digests
  }

  /// Follows the imports of a root; a root that another imports is not visited twice.
  mutating func visit(_ root: Int) {
    guard state[root] == nil else { return }
    enter(root)
    while let (file, next) = path.last {
      let declared = files[file].tree.imports
      guard next < declared.count else {
        path.removeLast()
        state[file] = .done
        order.append(file)
        continue
      }
      path[path.count - 1].next += 1
      follow(declared[next], from: file)
    }
  }

  /// Puts a file on the path.
  private mutating func enter(_ file: Int) {
    state[file] = .open
    imports[file] = []
    path.append((file, 0))
  }

  /// One import: found, held against its pin, and entered unless it was before.
  private mutating func follow(_ imported: Import, from file: Int) {
    guard !imported.name.parts.contains(where: \.isMissing) else { return }
    guard let target = byName[imported.name.text] else {
      report(.unknownImport(imported.name, nearest: nearest(imported.name.text)))
      return
    }
    hold(imported, against: target)
    imports[file, default: []].append(target)
    switch state[target] {
    case nil: enter(target)
    case .done: break
    case .open:
      let start = isFull ? nil : path.firstIndex { $0.file == target }
      let cycle = path[(start ?? path.count)...].map { files[$0.file].tree.header?.name.text ?? "" }
      report(.importCycle(cycle + [imported.name.text], at: imported.range))
    }
  }

  /// More would be dropped: so many diagnostics are shown.
  private var isFull: Bool { diagnostics.count > Limits.diagnostics }

  private mutating func report(_ diagnostic: Diagnostic) {
    if !isFull { diagnostics.append(diagnostic) }
  }

  /// Of the policy names of all texts, the one that was most likely meant.
  private func nearest(_ name: String) -> String? {
    guard !isFull else { return nil }
    let names = files.compactMap { $0.tree.header?.name.text }.sorted { precedesByBytes($0, $1) }
    return nearestName(to: name, among: names.prefix(Limits.suggestions))
  }

  /// A pin must be well formed and name the text that was found.
  private mutating func hold(_ imported: Import, against target: Int) {
    guard let pin = imported.pin else { return }
    guard isDigest(pin.value) else {
      report(.malformedPin(at: pin.range))
      return
    }
    let digest = digests.indices.contains(target) ? digests[target] : nil
    guard digest.map({ hasSameBytes($0, pin.value) }) != true else { return }
    report(.pinMismatch(imported.name, found: digest, at: pin.range))
  }

  /// `sha256:` and 64 digits in lower case, the one spelling of a digest.
  private func isDigest(_ text: String) -> Bool {
    guard text.hasPrefix("sha256:") else { return false }
    let digits = text.utf8.dropFirst(7)
    return digits.count == 64
      && digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}
