// What these tests share: texts of the project compiled, fact files read, an engine over both.

import Writ
import WritCrypto
import WritEvidence
import WritGraph
import WritModel
import WritTesting
import WritText

/// Why a test's own input is of no use, in words.
struct Unusable: Error, CustomStringConvertible {
  let description: String
}

/// Texts of the project, by path.
func sourceFiles(_ paths: [String]) -> [SourceFile] {
  paths.map { SourceFile(name: $0, bytes: Corpus.bytes($0)) }
}

/// The diagnostics as a person sees them.
func rendered(_ compilation: Compilation) -> String {
  DiagnosticRenderer(files: compilation.files, isColoured: false).render(compilation.diagnostics)
}

/// Compiles the last of the texts with what it imports; anything that is not a program is thrown.
func bundle(_ paths: [String], keys: [RegisteredKey] = []) throws -> LoadedBundle {
  let compilation = compile(sourceFiles(paths), root: paths.count - 1)
  guard let program = compilation.program else {
    throw Unusable(description: rendered(compilation))
  }
  return LoadedBundle(
    program: program, registry: try KeyRegistry(keys: keys),
    digest: Digest(of: Array(paths.joined(separator: ",").utf8)))
}

/// A snapshot of facts, each text with the name that its problems bear.
func snapshot(
  _ facts: [(name: String, bytes: [UInt8])], for bundle: LoadedBundle, lenience: Lenience = []
) throws -> Snapshot {
  var builder = SnapshotBuilder(bundle.program.program.schema, lenience: lenience)
  for fact in facts { builder.read(fact.bytes, named: fact.name) }
  return try builder.build()
}

/// A moment as the cases write it.
func microseconds(_ json: JSONValue?) throws -> Int64 {
  guard let text = json?.string, let instant = Instant(text) else {
    throw Unusable(description: "no RFC 3339 time: \(String(describing: json))")
  }
  return instant.microseconds
}
