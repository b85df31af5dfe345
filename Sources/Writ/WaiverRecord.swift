// The record that a waiver was granted: by whom, in which role, of which clause, until when.

import WritCrypto
public import WritEvidence
public import WritModel

/// Keeps a grant's envelope so that it can be erased, and says what is to be recorded of it. The granter stands in the
/// draft as a digest, like whoever asks; the waiver's own text is the policy's.
public func record(
  of grant: WaiverGrant, _ envelope: JSONValue, _ bundle: LoadedBundle, in store: LogStore,
  id: String
) throws(RecorderError) -> RecordDraft {
  let text: WaiverText
  do throws(RequestError) {
    text = try bundle.waiver(grant.waiver)
  } catch {
    throw .request(error)
  }
  do throws(LogError) {
    let session = try store.disclosures.session()
    defer { session.close() }
    let places = PersonalPlaces([bundle.program.program.schema], approvers: [grant.granter])
    let committer = Committer(places: places, session: session)
    let granter = try committer.reference(grant.granter)
    var nodes: [String] = []
    for node in text.json["for"]?.array ?? [] {
      if let name = node.string { nodes.append(try committer.reference(name)) }
    }
    let sealed = try session.seal(envelope, name: "waiver", of: [grant.granter])
    try session.commit()
    let members = members(grant, text, by: granter, sealed, bundle.digest)
    return draft(grant, about: [members.gate] + nodes + [granter], members.all, bundle.digest, id)
  } catch {
    throw .log(error)
  }
}

/// About the gate, the nodes that are spared and whoever granted it.
private func draft(
  _ grant: WaiverGrant, about names: [String], _ members: [JSONMember], _ bundle: Digest,
  _ id: String
) -> RecordDraft {
  var digests = Set(names.flatMap { DisclosureDigest.all(in: $0) })
  digests.formUnion(
    members.compactMap { $0.name == "envelope" ? $0.value.string : nil }
      .compactMap { DisclosureDigest($0) })
  var subjects: [Subject] = []
  for (place, name) in names.enumerated()
  where !subjects.contains(where: { hasSameBytes($0.name ?? "", name) }) {
    let own = DisclosureDigest.all(in: name).first?.sha256 ?? grant.digest
    subjects.append(Subject(name: name, sha256: place == 0 ? bundle : own))
  }
  return RecordDraft(
    type: PredicateType.waiverGiven, kind: .waiver, id: id,
    subjects: subjects.sorted { precedesByBytes($0.name ?? "", $1.name ?? "") },
    members: members + erasable(digests))
}

private func members(
  _ grant: WaiverGrant, _ text: WaiverText, by granter: String, _ envelope: DisclosureDigest,
  _ bundle: Digest
) -> (gate: String, all: [JSONMember]) {
  let gate = text.json["gate"]?.string ?? ""
  let all = [
    JSONMember("gate", .string(gate)), JSONMember("clause", text.json["clause"] ?? ""),
    JSONMember("waiver", .string(grant.waiver)),
    JSONMember("text", .string(grant.digest.description)),
    JSONMember("role", .string(grant.role)), JSONMember("granter", .string(granter)),
    JSONMember("signedAt", .string(grant.signedAt.description)),
    JSONMember("expires", .string(grant.expires.description)),
    JSONMember("envelope", .string(envelope.description)),
    JSONMember("bundle", .string(bundle.description)),
  ]
  return (gate, all)
}
