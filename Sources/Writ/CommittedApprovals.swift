// Approvals in committed form: what a log says of them, and where the envelope itself can be erased.
//
//     {"approver":"Identity/~…","disclosure":"~…","expires":"…","role":"…","signedAt":"…"}
//
// One that did not count for the request has `disclosure` alone.

import WritCrypto
import WritEvidence
import WritModel

/// How the approvals of a request are given.
enum ApprovalForm: Sendable {
  /// Envelopes: each is verified.
  case signed
  /// As a log keeps them, verified when they were recorded.
  case recorded
}

extension Engine {
  /// The approvals of a committed request that were verified when it was recorded.
  func recordedApprovals(_ items: [JSONValue], for target: ApprovalTarget) -> [Approval] {
    items.compactMap { item in
      guard let role = item["role"]?.string, let approver = item["approver"]?.string,
        let signedAt = item["signedAt"]?.string.flatMap({ Instant($0) }),
        let expires = item["expires"]?.string.flatMap({ Instant($0) }), signedAt <= expires
      else { return nil }
      return Approval(
        gate: target.gate, digest: target.digest, does: target.does, role: role,
        approver: approver, validity: signedAt..<expires)
    }
  }

  /// The approvals of a request in committed form, in its order, their envelopes sealed.
  func committedApprovals(
    _ request: Request, gate: String, _ committer: Committer
  ) throws(LogError) -> [JSONValue] {
    let target = try? approvalTarget(of: request)
    var items: [JSONValue] = []
    for envelope in request.approvals {
      let approval = try? Approval(envelope, registry: bundle.registry)
      let said = approval?.approver ?? claimedApprover(envelope)
      let digest = try committer.session.seal(
        envelope, name: "approval", of: said.map { [$0] } ?? [])
      var members = [JSONMember("disclosure", .string(digest.token))]
      if let approval, let target, approval.target.isSame(as: target) {
        members += [
          JSONMember("approver", .string(try committer.reference(approval.approver))),
          JSONMember("role", .string(approval.role)),
          JSONMember("signedAt", .string(approval.signedAt.description)),
          JSONMember("expires", .string(approval.expires.description)),
        ]
      }
      items.append(.object(members))
    }
    return items
  }

  /// Whom an envelope that does not count names all the same.
  private func claimedApprover(_ json: JSONValue) -> String? {
    guard let envelope = try? Envelope(json) else { return nil }
    return (try? Approval(payload: envelope.payload))?.approver
  }
}
