// Grants of waivers in committed form: what a log says of them, and where the envelope itself can be erased.
//
//     {"disclosure":"~…","expires":"…","granter":"Identity/~…","role":"…","signedAt":"…","waiver":"…"}
//
// One that did not count for the gate has `disclosure` alone.

import WritCrypto
import WritEvidence
import WritModel

extension Engine {
  /// A grant of a committed request: one that was verified when it was recorded, or why it is none.
  func recordedGrant(_ item: JSONValue) -> CheckedGrant {
    guard let name = item["waiver"]?.string, let role = item["role"]?.string,
      let granter = item["granter"]?.string,
      let signedAt = item["signedAt"]?.string.flatMap({ Instant($0) }),
      let expires = item["expires"]?.string.flatMap({ Instant($0) }), signedAt <= expires,
      let index = program.waivers.firstIndex(where: { hasSameBytes($0.name, name) }),
      let text = try? bundle.text(ofWaiver: index)
    else { return .refused("it did not count when it was recorded") }
    return .signed(
      WaiverGrant(
        waiver: name, digest: text.digest, role: role, granter: granter,
        validity: signedAt..<expires), waiver: index)
  }

  /// The grants of a request in committed form, in its order, their envelopes sealed.
  func committedGrants(
    _ request: Request, gate: String, _ committer: Committer
  ) throws(LogError) -> [JSONValue] {
    let index = program.gates.firstIndex { hasSameBytes($0.name, gate) } ?? -1
    let checked = checkGrants(request.waivers, .signed, gate: index)
    var items: [JSONValue] = []
    for (envelope, grant) in zip(request.waivers, checked) {
      var members: [JSONMember] = []
      var person = claimedGranter(envelope)
      if case .signed(let grant, _) = grant {
        person = grant.granter
        members = [
          JSONMember("granter", .string(try committer.reference(grant.granter))),
          JSONMember("role", .string(grant.role)),
          JSONMember("signedAt", .string(grant.signedAt.description)),
          JSONMember("expires", .string(grant.expires.description)),
          JSONMember("waiver", .string(grant.waiver)),
        ]
      }
      let digest = try committer.session.seal(
        envelope, name: "waiver", of: person.map { [$0] } ?? [])
      items.append(.object([JSONMember("disclosure", .string(digest.token))] + members))
    }
    return items
  }

  /// Whom an envelope that does not count names all the same.
  private func claimedGranter(_ json: JSONValue) -> String? {
    guard let envelope = try? Envelope(json) else { return nil }
    return (try? WaiverGrant(payload: envelope.payload))?.granter
  }
}
