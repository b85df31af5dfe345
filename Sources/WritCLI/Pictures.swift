// Pictures of plans and runs as files.

import WritReport

extension Option {
  /// A picture alone.
  static let svg = Option.optional("--svg", "FILE", "also write it as a picture")
  /// A page.
  static let html = Option.optional("--html", "FILE", "also write it as a page: picture and tables")
}

/// Writes what was asked for; the picture is only made where it is.
func writePictures(
  _ invocation: Invocation, _ diagram: () throws(Failure) -> Diagram
) throws(Failure) {
  guard invocation.has("--svg") || invocation.has("--html") else { return }
  let diagram = try diagram()
  if let path = invocation.value("--svg") { try writeFile(path, Array(diagram.svg.utf8)) }
  if let path = invocation.value("--html") { try writeFile(path, Array(diagram.html.utf8)) }
}
