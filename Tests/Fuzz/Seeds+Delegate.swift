// Good inputs of what delegates and control planes say to each other.

import WritCrypto
import WritEvidence
import WritModel

func permitSeeds() -> [FuzzSeed] {
  guard let world = try? DelegateWorld(), let order = try? world.order() else { return [] }
  let permit = world.permit(order.assignment)
  let result = StepResult(
    action: permit.action, digest: permit.digest, permit: permit.id, fence: permit.fence,
    ending: StepResult.Ending(
      .failed, exitCode: 3, from: world.now, to: world.now, reason: "words"))
  return [
    FuzzSeed("order", choice: 0, order.json.compact),
    FuzzSeed("permit", [1] + permit.signed(by: world.permitKey).payload),
    FuzzSeed("assignment", [2] + order.assignment.bytes),
    FuzzSeed("result", [3] + result.signed(by: world.key).payload),
  ]
}

func delegateSeeds() -> [FuzzSeed] {
  guard let world = try? DelegateWorld(), let order = try? world.order() else { return [] }
  let id = world.permit(order.assignment).id
  let name = world.trust.identity.name
  let (delegate, control) = ([UInt8](repeating: 2, count: 32), [UInt8](repeating: 1, count: 32))
  let proof = SessionProof(name: name, delegateNonce: delegate, controlNonce: control)
  let challenge = ControlMessage.challenge(
    nonce: control, signature: world.key.sign(proof.controlBytes))
  let hello = DelegateMessage.hello(
    identity: world.trust.identity, nonce: delegate, checkpoint: 0, fence: 0)
  let known = DelegateMessage.proof(signature: world.key.sign(proof.delegateBytes))
  return [
    FuzzSeed("stranger", [0] + challenge.line),
    FuzzSeed(
      "order", [1] + ControlMessage.proceed.line + ControlMessage.assignment(order).line),
    FuzzSeed("recorded", [1] + ControlMessage.recorded(permit: id).line),
    FuzzSeed("control", [2] + hello.line + known.line + DelegateMessage.heartbeat.line),
    FuzzSeed(
      "redacted", [3] + Array("s3cr\"t\0 a s3cr\"t b s3cr\\\"t czNjciJ0 733363722274".utf8)),
  ]
}
