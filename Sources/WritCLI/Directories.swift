// Directories: which policy texts lie in them.

@preconcurrency import Glibc
import WritModel

/// The files that are named, and for each directory the `.writ` files in and below it, sorted.
func policyPaths(_ paths: [String]) throws(Failure) -> [String] {
  var found: [String] = []
  for path in paths {
    guard path != "-", isDirectory(path) else {
      found.append(path)
      continue
    }
    let base =
      path.utf8.count > 1 && path.endsWithBytes(of: "/")
      ? String(decoding: path.utf8.dropLast(), as: UTF8.self) : path
    var below: [String] = []
    try walk(base, depth: 0, &below)
    guard !below.isEmpty else {
      throw Failure(.noInput, "no .writ file in \(path)", remedy: "name files or another directory")
    }
    found += below
  }
  var seen: Set<ByteText> = []
  return found.filter { seen.insert(ByteText($0)).inserted }
}

/// Collects the `.writ` files in a directory and below it, in order; hidden names are left out.
private func walk(_ path: String, depth: Int, _ found: inout [String]) throws(Failure) {
  guard depth <= Limits.directoryDepth, found.count <= Limits.fileCount else {
    throw .badInput("\(path) is nested too deep or has too many files")
  }
  for name in try entries(of: path) where !name.hasPrefix(".") {
    let inner = path == "." ? name : path == "/" ? "/\(name)" : "\(path)/\(name)"
    var status = stat()
    // Links are not followed into directories, so there is no cycle.
    guard lstat(inner, &status) == 0 else { continue }
    let kind = status.st_mode & S_IFMT
    if kind == S_IFDIR {
      try walk(inner, depth: depth + 1, &found)
    } else if name.hasSuffix(".writ"), !isDirectory(inner) {
      found.append(inner)
    }
  }
}

/// The names in a directory, sorted by their bytes.
func entries(of path: String) throws(Failure) -> [String] {
  guard let stream = opendir(path) else { throw cannotRead(path, errno) }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
      pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names.sorted { precedesByBytes($0, $1) }
}

/// What a file is, whatever path leads to it.
struct FileIdentity: Hashable {
  private let device: UInt64
  private let number: UInt64

  /// `nil` where there is no file.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    device = UInt64(status.st_dev)
    number = UInt64(status.st_ino)
  }
}
