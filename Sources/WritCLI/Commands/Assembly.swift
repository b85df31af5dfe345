// `writ disasm` and `writ asm`: a bundle as text, and back.

import WritBytecode
import WritCrypto
import WritModel

extension Command {
  static let disassemble = Command(
    name: "disasm", summary: "show a bundle as text",
    operands: [.one("BUNDLE", "a file of `writ build`, or -")],
    options: [],
    details: ["`writ asm` makes the same bundle of the text again."],
    run: runDisassemble)

  static let assemble = Command(
    name: "asm", summary: "make a bundle of the text that disasm shows",
    operands: [.one("TEXT", "of `writ disasm`, or -")],
    options: [.required("-o", "BUNDLE", "the file to write")],
    details: ["What cannot be verified is not written."],
    run: runAssemble)
}

/// Prints the text form of a bundle.
private func runDisassemble(_ invocation: Invocation) throws(Failure) -> Report {
  let (bundle, bytes) = try readBundle(try invocation.operand(0))
  let text = disassemble(bundle)
  if invocation.wantsJSON {
    return Report([
      "bundle": .string(Digest(of: bytes).description), "revision": .integer(bundle.revision),
      "text": .string(text),
    ])
  }
  var report = Report()
  report.output = text
  return report
}

/// Reads the text form, verifies the program in it, and writes the bundle.
private func runAssemble(_ invocation: Invocation) throws(Failure) -> Report {
  let path = try invocation.operand(0)
  let output = try invocation.required("-o")
  let text = try readFile(path, limit: Limits.graphBytes)
  let bytes: [UInt8]
  do {
    bytes = try assemble(text).encoded()
  } catch let error as AssemblyError {
    throw .badInput("\(shownName(path)):\(error.line):\(error.column): \(error.expectation)")
  } catch {
    throw .badInput("\(shownName(path)): \(error)")
  }
  try writeFile(output, bytes)
  return written(output, bytes, invocation)
}

/// Says which bundle was written where.
func written(_ path: String, _ bytes: [UInt8], _ invocation: Invocation) -> Report {
  let digest = Digest(of: bytes).description
  if invocation.wantsJSON {
    return Report([
      "bundle": .string(digest), "file": .string(path), "bytes": .integer(Int64(bytes.count)),
    ])
  }
  var report = Report()
  report.print("\(path): \(counted(bytes.count, "byte"))")
  report.print(digest)
  return report
}
