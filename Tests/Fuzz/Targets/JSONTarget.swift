// JSON: read, printed in its three forms, read again.

import WritModel

/// A JSON document. What is read, prints and reads back the same; the canonical form is its own canonical form.
@Sendable func fuzzJSON(_ bytes: [UInt8]) throws {
  let value: JSONValue
  do throws(JSONError) {
    value = try JSONValue(parsing: bytes)
  } catch {
    try hold((0...bytes.count).contains(error.offset), "an error lies outside of the text")
    try hold(error.line >= 1 && error.column >= 1, "an error has no place")
    return
  }
  for text in [value.compact, value.pretty] {
    try hold(
      try JSONValue(parsing: Array(text.utf8)) == value, "JSON reads back otherwise: \(text)")
  }
  if let canonical = try? value.canonicalBytes() {
    let again = try JSONValue(parsing: canonical)
    try hold(try again.canonicalBytes() == canonical, "the canonical form is not stable")
  }
  if let own = try? value.ownCanonicalBytes() {
    let again = try JSONValue(parsing: own)
    try hold(try again.ownCanonicalBytes() == own, "the writer's canonical form is not stable")
    try hold(try again.canonicalBytes() == own, "the two canonical forms differ")
  }
  _ = value.hashValue
  _ = accepted { () throws(RequestError) in try Request(value) }
}
