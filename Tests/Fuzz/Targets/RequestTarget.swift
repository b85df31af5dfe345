// Requests: JSON that asks a gate, with facts and approvals of its own.

import Writ
import WritModel

/// A request, asked of the world's engine: a decision or a typed error; the same decision the second time.
@Sendable func fuzzRequest(_ bytes: [UInt8]) throws {
  guard let json = accepted({ () throws(JSONError) in try JSONValue(parsing: bytes) }),
    let request = accepted({ () throws(RequestError) in try Request(json) })
  else { return }
  let world = World.shared
  func decided() -> DecisionRun? {
    accepted { () throws(RequestError) in try world.engine.decide(request, world.asking) }
  }
  guard let run = decided() else { return }
  let decision = run.decision
  // What is told of a decision is no part of how it is made.
  let traced = try world.engine.decide(request, world.asking, tracing: .on)
  try hold(
    traced.decision == decision && traced.fuel == run.fuel, "a traced request is decided otherwise")
  for clause in traced.trace { _ = clause.json.compact }
  try hold(decided()?.decision.json == decision.json, "the same request is decided otherwise")
  try hold(
    (decision.outcome == .deny) == !decision.reasons.isEmpty, "a denial and its reasons disagree")
  try hold(
    decision.outcome != .hold || !decision.obligations.isEmpty, "a hold owes nothing")
  let text = decision.json.compact
  try hold(
    try JSONValue(parsing: Array(text.utf8)) == decision.json, "a decision reads back otherwise")
  let subject = try world.engine.approvalDigest(of: request)
  try hold(subject.gate == decision.gate, "an approval is for another gate than was decided")
}
