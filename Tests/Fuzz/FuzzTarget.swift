// The table of fuzz targets: one for each reader of bytes from outside.

/// What must hold for any bytes, and did not.
public struct BrokenInvariant: Error, CustomStringConvertible {
  public let description: String
}

/// Something that takes any bytes, and what must hold of it.
///
/// A trap, an endless loop and a thrown `BrokenInvariant` are findings; that bytes are refused is none.
public struct FuzzTarget: Sendable {
  /// The name of its folder in `corpus/fuzz`.
  public let name: String
  /// The longest input worth trying, in bytes.
  public let longest: Int
  public let run: @Sendable ([UInt8]) throws -> Void
}

/// All targets, by name.
public let fuzzTargets: [FuzzTarget] = [
  FuzzTarget(name: "agent", longest: 2_048, run: fuzzAgent),
  FuzzTarget(name: "assembly", longest: 32_768, run: fuzzAssembly),
  FuzzTarget(name: "bundle", longest: 8_192, run: fuzzBundle),
  FuzzTarget(name: "client", longest: 4_096, run: fuzzClient),
  FuzzTarget(name: "delegate", longest: 8_192, run: fuzzDelegate),
  FuzzTarget(name: "disclosure", longest: 2_048, run: fuzzDisclosure),
  FuzzTarget(name: "facts", longest: 4_096, run: fuzzFacts),
  FuzzTarget(name: "history", longest: 4_096, run: fuzzHistory),
  FuzzTarget(name: "http", longest: 2_048, run: fuzzHTTP),
  FuzzTarget(name: "journal", longest: 4_096, run: fuzzJournal),
  FuzzTarget(name: "json", longest: 4_096, run: fuzzJSON),
  FuzzTarget(name: "key", longest: 2_048, run: fuzzKey),
  FuzzTarget(name: "log", longest: 4_096, run: fuzzLog),
  FuzzTarget(name: "mcp", longest: 4_096, run: fuzzModelContext),
  FuzzTarget(name: "note", longest: 4_096, run: fuzzNote),
  FuzzTarget(name: "output", longest: 2_048, run: fuzzOutput),
  FuzzTarget(name: "pack", longest: 8_192, run: fuzzPack),
  FuzzTarget(name: "permit", longest: 8_192, run: fuzzPermit),
  FuzzTarget(name: "plan", longest: 8_192, run: fuzzPlan),
  FuzzTarget(name: "policy", longest: 4_096, run: fuzzPolicy),
  FuzzTarget(name: "proof", longest: 4_096, run: fuzzProof),
  FuzzTarget(name: "question", longest: 16_384, run: fuzzQuestion),
  FuzzTarget(name: "request", longest: 4_096, run: fuzzRequest),
  FuzzTarget(name: "scalar", longest: 128, run: fuzzScalar),
  FuzzTarget(name: "snapshot", longest: 16_384, run: fuzzSnapshot),
  FuzzTarget(name: "statement", longest: 4_096, run: fuzzStatement),
  FuzzTarget(name: "store", longest: 8_192, run: fuzzStore),
  FuzzTarget(name: "tls", longest: 2_048, run: fuzzTLS),
  FuzzTarget(name: "token", longest: 8_192, run: fuzzToken),
  FuzzTarget(name: "witness", longest: 4_096, run: fuzzWitness),
]

/// Throws what is broken unless the condition holds.
func hold(_ condition: Bool, _ invariant: @autoclosure () -> String) throws {
  if !condition { throw BrokenInvariant(description: invariant()) }
}

/// The value, or nothing where the reader refused with one of its own errors, which say in words what is wrong.
func accepted<Value, Refusal: Error & CustomStringConvertible>(
  _ read: () throws(Refusal) -> Value
) -> Value? {
  do throws(Refusal) {
    return try read()
  } catch {
    precondition(!error.description.isEmpty, "a refusal says nothing")
    return nil
  }
}
