// Directories as a whole: made, copied, removed.

@preconcurrency import Glibc

/// Makes an empty directory that nobody else has, for as long as a command runs.
func makeTemporaryDirectory() throws(Failure) -> String {
  let parent = environment("TMPDIR") ?? "/tmp"
  var template = Array("\(parent)/writ.XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else { throw cannotWrite(parent, errno) }
  return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Makes a directory, unless it is there and empty.
func makeEmptyDirectory(_ path: String) throws(Failure) {
  if mkdir(path, 0o777) == 0 { return }
  guard errno == EEXIST, isDirectory(path) else { throw cannotWrite(path, errno) }
  guard try entries(of: path).isEmpty else {
    throw .usage("\(path) is not empty", remedy: "name a directory that is new")
  }
}

/// Copies a directory with its files; links are not copied.
func copyTree(_ source: String, to target: String) throws(Failure) {
  guard mkdir(target, 0o777) == 0 else { throw cannotWrite(target, errno) }
  for name in try entries(of: source) {
    let path = "\(source)/\(name)"
    if isDirectory(path) {
      try copyTree(path, to: "\(target)/\(name)")
    } else {
      try writeFile("\(target)/\(name)", try readFile(path, limit: Limits.graphBytes))
    }
  }
}

/// Removes a directory that this program has made, as far as it can.
func removeTree(_ path: String) {
  for name in (try? entries(of: path)) ?? [] {
    let inner = "\(path)/\(name)"
    var status = stat()
    if lstat(inner, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      removeTree(inner)
    } else {
      unlink(inner)
    }
  }
  rmdir(path)
}
