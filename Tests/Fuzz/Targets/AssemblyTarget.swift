// The text form of bundles.

import WritBytecode

/// A bundle as text. What is accepted is written, and reads back the same from text and from bytes; the program runs without
/// a trap.
@Sendable func fuzzAssembly(_ bytes: [UInt8]) throws {
  let bundle: Bundle
  do throws(AssemblyError) {
    bundle = try assemble(bytes)
  } catch {
    try hold(error.line >= 1 && error.column >= 1, "an error has no place")
    return
  }
  let text = disassemble(bundle)
  try hold(try assemble(Array(text.utf8)) == bundle, "an assembly reads back otherwise")
  if let encoded = accepted({ () throws(BundleError) in try bundle.encoded() }) {
    try hold(try decodeBundle(encoded) == bundle, "a bundle reads back otherwise")
  }
  try exercise(bundle.program, World.shared.snapshot, nil)
}
