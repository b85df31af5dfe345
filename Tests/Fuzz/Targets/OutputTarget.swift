// What programs of steps give out: bytes that nobody vouches for, on their way into a run.

import Writ
import WritBytecode
import WritModel

/// An output of the acting policy's pipeline; the first byte chooses which. What is taken has one canonical form, and says
/// something of one node only, which the run names.
@Sendable func fuzzOutput(_ bytes: [UInt8]) throws {
  let program = World.shared.actingBundle.program.program
  guard let choice = bytes.first, let text = String(validating: bytes.dropFirst(), as: UTF8.self),
    let pipeline = program.pipelines.first(where: { !$0.outputs.isEmpty })
  else { return }
  let output = Int(choice) % pipeline.outputs.count
  func read(_ text: String) -> GivenOutput? {
    accepted { () throws(RequestError) in
      try GivenOutput(text, of: output, in: pipeline, program.schema, origin: "run/step")
    }
  }
  guard let made = read(text) else { return }
  try hold(read(made.text) == made, "a canonical output is read otherwise")
  for fact in made.facts {
    let subject = fact["id"]?.string.map { "Note/\($0)" } ?? fact["from"]?.string
    try hold(subject == "Note/run/step", "a step speaks of another node")
  }
  _ = made.digest
}
