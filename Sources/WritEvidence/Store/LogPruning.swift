// Removing objects that a written policy no longer keeps, with a record of it (D15).
//
// The record comes first: after a crash the log says more to be gone than is, and the next run removes it. A decision whose
// objects are gone proves as before, and can no longer be replayed.
public import WritCrypto
import WritModel

/// Objects that a policy no longer keeps.
public struct PruningPlan: Sendable {
  /// What to remove, of each class that it was named as last, with its bytes.
  public private(set) var objects: [ObjectClass: [Digest]] = [:]

  /// How many objects there are to remove.
  public var count: Int { objects.values.reduce(0) { $0 + $1.count } }

  /// Looks through all records. An object that several name, or under several classes, is kept as long as the longest of
  /// them asks.
  ///
  /// - Parameters:
  ///   - now: Microseconds since the epoch.
  ///   - progress: Is told where the reading is.
  public init(
    _ reader: LogReader, _ objects: ContentStore, _ retention: Retention, now: Int64,
    progress: (UInt64) -> Void
  ) throws(LogError) {
    var ends: [Digest: (end: Int64, kind: ObjectClass)] = [:]
    for number in 0..<(reader.size + 255) / 256 {
      progress(number * 256)
      for entry in try reader.bundle(number).entries {
        let record = LoggedRecord(entry)
        let logged = record.logged ?? .max
        for (kind, digest) in record.objects + record.published.map({ (.bundle, $0) }) {
          let end =
            retention.keep[kind].map { logged.addingReportingOverflow($0) }
            .map { $0.overflow ? .max : $0.partialValue } ?? .max
          if end > ends[digest]?.end ?? .min { ends[digest] = (end, kind) }
        }
      }
    }
    let kept = ends.values.contains { $0.end <= now } ? Set(try objects.digests()) : []
    for (digest, last) in ends where last.end < .max && last.end <= now && kept.contains(digest) {
      self.objects[last.kind, default: []].append(digest)
    }
  }

  /// Says what goes and by which policy, then removes it.
  ///
  /// - Parameters:
  ///   - place: The log that takes the record and keeps the policy: that of the objects, or one that goes on from it.
  ///   - writer: Of that log. It holds the log, so that no decision comes between that names what is removed.
  ///   - policy: The bytes of the policy file.
  ///   - log: What the log of the objects is called.
  public func carryOut(
    in store: LogStore, recordedIn place: LogStore, by writer: RecordWriter, policy: [UInt8],
    log: String, id: String, clock: Int64, uptime: Uptime? = nil
  ) throws(LogError) {
    let digest = try place.objects.put(policy)
    let counts = ObjectClass.allCases.compactMap { kind -> JSONMember? in
      guard let count = objects[kind]?.count else { return nil }
      return JSONMember(kind.rawValue, .integer(Int64(count)))
    }
    let subject = Subject(
      name: log, uri: nil, digests: [NamedDigest(algorithm: "sha256", value: digest.hex)])
    _ = try writer.append(
      RecordDraft(
        type: PredicateType.prune, kind: .prune, id: id, subjects: [subject],
        members: [
          JSONMember("policy", .string(digest.description)), JSONMember("removed", .object(counts)),
        ]), clock: clock, uptime: uptime)
    try writer.publish()
    // In the log that is written to, the writer may have a pack open; a log that ended has no writer.
    let isWritten = writer.store.directory == store.directory
    try (isWritten ? writer.store : store).objects.remove(Set(objects.values.joined()))
  }
}

extension LoggedRecord {
  /// What a record of a publication names by digest: the bundle that was made, and as it is kept.
  var published: [Digest] {
    guard hasSameBytes(type, PredicateType.policyPublish) else { return [] }
    return digests(of: ["bundle", "kept", "approvers"])
  }

  /// What is of no class and kept for ever: the retention policy that a pruning followed, and the envelope in which a delegate
  /// says what became of an action.
  var keptForEver: [Digest] {
    if hasSameBytes(type, PredicateType.prune) { return digests(of: ["policy"]) }
    if hasSameBytes(type, PredicateType.runEnded) { return digests(of: ["results"]) }
    return hasSameBytes(type, PredicateType.actionResult) ? digests(of: ["envelope"]) : []
  }

  private func digests(of members: [String]) -> [Digest] {
    members.compactMap { predicate[$0]?.string.flatMap { Digest($0) } }
  }

  /// What a decision's record names by digest. The result is named whether it is kept apart or not; the list of a bundle's
  /// approvers goes with the bundle.
  var objects: [(ObjectClass, Digest)] {
    guard isDecision, let replay = predicate["replay"] else { return [] }
    let names = ObjectClass.allCases.map { ($0, $0.rawValue) } + [(.bundle, "approvers")]
    return names.flatMap { kind, name in
      let digests =
        kind == .trace
        ? trace?.digests ?? [] : replay[name]?.string.flatMap { Digest($0) }.map { [$0] } ?? []
      return digests.map { (kind, $0) }
    }
  }
}
