// Whether a file lies inside a log. Whoever can write to a log can write such a file too, so a key
// from there says nothing.
import Glibc

/// The directory of the log that the file lies in, `nil` if it lies in none; links are followed.
///
/// A log is told by its `checkpoint` beside `tile` or `.writ`. Whatever `directory` says, below it
/// is inside.
public func directoryOfLog(holding path: String, or directory: String?) -> String? {
  guard let resolved = resolve(path) ?? resolve(parent(path)).map({ $0 + "/x" }) else { return nil }
  if let directory, let log = resolve(directory), resolved.utf8.starts(with: (log + "/").utf8) {
    return directory
  }
  var folder = parent(resolved)
  while folder.utf8.count > 1 {
    if isLog(folder) { return folder }
    folder = parent(folder)
  }
  return nil
}

private func isLog(_ folder: String) -> Bool {
  exists("\(folder)/.writ/config.json")
    || exists("\(folder)/checkpoint") && exists("\(folder)/tile")
}

private func exists(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0
}

private func parent(_ path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// The path without links, `nil` if nothing is there.
private func resolve(_ path: String) -> String? {
  guard let pointer = realpath(path, nil) else { return nil }
  defer { free(pointer) }
  return String(cString: pointer)
}
