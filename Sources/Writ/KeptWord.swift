// A person's signed word, kept so that it can be erased.

import WritCrypto
import WritEvidence
import WritModel

/// What a record says of whoever signed something, and of the envelope with all of it.
struct KeptWord {
  /// Whose word it is, as a record names them.
  let person: String
  private let envelope: DisclosureDigest
  private let bundle: Digest

  /// - Parameter name: What the envelope is, to whoever lists what can be erased.
  init(
    _ envelope: JSONValue, _ name: String, of person: String, _ bundle: LoadedBundle,
    in store: LogStore
  ) throws(RecorderError) {
    self.bundle = bundle.digest
    do throws(LogError) {
      let session = try store.disclosures.session()
      defer { session.close() }
      let places = PersonalPlaces([bundle.program.program.schema], approvers: [person])
      self.person = try Committer(places: places, session: session).reference(person)
      self.envelope = try session.seal(envelope, name: name, of: [person])
      try session.commit()
    } catch {
      throw .log(error)
    }
  }

  /// Of somebody whom nobody knows by name: it can be erased with the node that it is about.
  init(
    _ envelope: JSONValue, _ name: String, unnamed node: String, _ bundle: LoadedBundle,
    in store: LogStore
  ) throws(RecorderError) {
    self.bundle = bundle.digest
    person = ""
    do throws(LogError) {
      let session = try store.disclosures.session()
      defer { session.close() }
      self.envelope = try session.seal(envelope, name: name, of: [node])
      try session.commit()
    } catch {
      throw .log(error)
    }
  }

  /// What the record is about: that, and the person.
  func subjects(with others: [Subject]) -> [Subject] {
    var subjects = others
    if let digest = DisclosureDigest(in: person),
      !subjects.contains(where: { hasSameBytes($0.name ?? "", person) })
    {
      subjects.append(Subject(name: person, sha256: digest.sha256))
    }
    return subjects.sorted { precedesByBytes($0.name ?? "", $1.name ?? "") }
  }

  /// Where the envelope is, by which bundle it counts, and what of it can be erased.
  var members: [JSONMember] {
    let digests = Set([envelope, DisclosureDigest(in: person)].compactMap { $0 })
    return [
      JSONMember("envelope", .string(envelope.description)),
      JSONMember("bundle", .string(bundle.description)),
    ] + erasable(digests)
  }
}
