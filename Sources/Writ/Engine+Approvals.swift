// Approvals of a request: verified before they become facts.

import WritCrypto
import WritEvidence
import WritModel
import WritVM

extension Engine {
  /// The approvals that are signed by a registered approver in a role that is theirs, for this gate and this subject; and
  /// for the others, why they do not count. Whether one is too old, or its giver excluded, each clause decides.
  func granted(
    _ envelopes: [JSONValue], gate: String, subject: Digest, _ machine: Machine
  ) -> (granted: [GrantedApproval], refused: [String]) {
    var granted: [GrantedApproval] = []
    var refused: [String] = []
    for (index, envelope) in envelopes.enumerated() {
      do throws(ApprovalError) {
        let approval = try Approval(envelope, registry: bundle.registry)
        guard approval.gate == gate, approval.digest == subject else {
          refused.append("approval \(index + 1), by `\(approval.approver)`, is for another request")
          continue
        }
        granted.append(
          GrantedApproval(
            role: approval.role, approver: approver(approval.approver, index, machine),
            signedAt: approval.signedAt.microseconds, expires: approval.expires.microseconds))
      } catch {
        refused.append("approval \(index + 1): \(text(error))")
      }
    }
    return (granted, refused)
  }

  /// The number of the approver's node. One that the graph does not have gets a number of its own, the same for the same name, so
  /// that nobody counts twice.
  private func approver(_ name: String, _ index: Int, _ machine: Machine) -> Int64 {
    if let node = try? node(name, what: "the approver"),
      let number = machine.node(kind: node.kind, id: node.id)
    {
      return number
    }
    return -2 - machine.number(ofString: name)
  }

  private func text(_ error: ApprovalError) -> String {
    switch error {
    case .envelope(let error): "it is no envelope: \(error)"
    case .malformed(let expectation): expectation
    case .unknownKey(let id): "no approver in the bundle has the key \(id.prefix(16))…"
    case .badSignature(let id): "the key \(id.prefix(16))… did not sign it"
    case .wrongApprover(let expected, let found): "it names `\(found)`, its key is `\(expected)`'s"
    case .roleNotHeld(let role): "its signer does not hold the role `\(role)`"
    }
  }
}
