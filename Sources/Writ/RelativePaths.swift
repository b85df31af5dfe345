// How a bundle names the texts that it was made of: the same wherever they lie.

/// Paths without the folders that all of them lie in, so that a bundle does not depend on where it is built.
///
/// `a/b/x.writ` and `a/c/y.writ` become `b/x.writ` and `c/y.writ`; one alone becomes its last part.
func relativePaths(_ paths: [String]) -> [String] {
  let parts = paths.map { path in
    path.split(separator: "/").filter { $0 != "." }
  }
  var shared = parts.first.map { $0.count - 1 } ?? 0
  for path in parts {
    let common = zip(path.dropLast(), parts[0].dropLast()).prefix { $0 == $1 }.count
    shared = min(shared, common)
  }
  return parts.map { $0.dropFirst(max(0, shared)).joined(separator: "/") }
}
