// A version that keeps failing is not tried again before a person says so, by what the log tells: whoever asks, and from wherever.
//
// A version is what an action's command names by its SHA-256, per action: `checkout.deploy` of `sha256:…`. A command that names
// no content has no version, and is never locked. How often a content was taken back is counted over all actions that bring
// something out, so that it is not tried by another once it failed by one.

import Writ
import WritCrypto
import WritEvidence
import WritModel
import WritPipeline

/// A version that may not be tried now, and why.
struct LockedVersion {
  let version: DeployedVersion
  let lock: VersionStanding.Lock
  /// Other actions after which the same content was taken back, by full names.
  var others: [String] = []

  /// How often a version may be taken back before it is locked. Whoever acts may ask for less, and never for more.
  static let usualLimit = 3

  /// Why, in a text that names nothing of the caller's.
  var why: String {
    switch lock {
    case .takenBack(let times):
      "\(version.artifact) was taken back too often after \(([version.action] + others).joined(separator: ", ")): "
        + (times == 1 ? "once" : "\(times) times")
    case .unknown(let entry):
      "\(version.artifact) of \(version.action) was taken back, and entry \(entry) does not say that this succeeded"
    }
  }

  static let remedy =
    "a person lets it be tried again: `writ run unlock ACTION ARTIFACT --log DIR`"

  /// What whoever asks is told.
  var note: String { "it would be refused: \(why); \(LockedVersion.remedy)" }

  /// For programs.
  var json: JSONValue {
    [
      "action": .string(version.action), "artifact": .string(version.artifact.description),
      "why": .string(why),
    ]
  }

  /// What is locked of that which would be put somewhere, as `--log` tells; `nil` where none is named.
  static func asked(
    _ assignment: Result<Assignment, RequestError>, _ bundle: LoadedBundle,
    _ invocation: Invocation
  ) throws(Failure) -> LockedVersion? {
    guard case .success(let assignment) = assignment else { return nil }
    let versions = DeployedVersion.all(in: assignment)
    guard !versions.isEmpty, let (word, origin) = try askedWord(invocation) else { return nil }
    return try word.locked(versions, limit: usualLimit, bundle, origin)
  }
}

extension LogWord {
  /// The first of some versions that is locked.
  ///
  /// - Parameter limit: How often each may be taken back.
  func locked(
    _ versions: [DeployedVersion], limit: Int, _ bundle: LoadedBundle, _ origin: String
  ) throws(Failure) -> LockedVersion? {
    for version in versions {
      if let locked = try locked(version, limit: limit, bundle, origin) { return locked }
    }
    return nil
  }

  /// A version, or what the same content is by another action, where all together were taken back too often.
  private func locked(
    _ version: DeployedVersion, limit: Int, _ bundle: LoadedBundle, _ origin: String
  ) throws(Failure) -> LockedVersion? {
    // A run, or deed, that is taken back by several of them counts once.
    var counted: Set<String> = []
    var failed: [DeployedVersion] = []
    for action in bundle.program.program.countedTogether(with: version.action) {
      let other = DeployedVersion(action: action, artifact: version.artifact)
      let standing = try standing(of: other, limit: limit, bundle, origin)
      if let lock = standing.lock, case .unknown = lock {
        return LockedVersion(version: other, lock: lock)
      }
      guard !standing.counted.isEmpty else { continue }
      counted.formUnion(standing.counted)
      failed.append(other)
      guard counted.count >= limit, let first = failed.first else { continue }
      return LockedVersion(
        version: first, lock: .takenBack(times: counted.count),
        others: failed.dropFirst().map(\.action))
    }
    return nil
  }

  /// How a version stands by the log, and by whom the bundle lets unlock it.
  func standing(
    of version: DeployedVersion, limit: Int, _ bundle: LoadedBundle, _ origin: String
  ) throws(Failure) -> VersionStanding {
    try withLog { () throws(LogError) in
      try history.standing(of: version, limit: limit, now: currentTime()) { found in
        // What cannot be read unlocks nothing.
        (try? unlock(found, of: version, bundle, origin))?.through.index
      }
    }
  }

  /// The word that a record tells of, where it counts: by the bundle's registry, for this version, in this log, on what that says.
  /// One whose giver was erased counts no longer.
  private func unlock(
    _ found: FoundRecord, of version: DeployedVersion, _ bundle: LoadedBundle, _ origin: String
  ) throws(Failure) -> Unlock? {
    let digest = found.record.predicate["envelope"]?.string.flatMap { DisclosureDigest($0) }
    guard let digest, let envelope = try sealed(digest),
      let unlock = try? Unlock(envelope, registry: bundle.registry),
      unlock.version == version, unlock.through.index < found.index,
      try problem(of: unlock, bundle, origin) == nil
    else { return nil }
    return unlock
  }

  /// Why a word, whoever signed it, lets nothing be tried in this log; `nil` where it does.
  func problem(
    of unlock: Unlock, _ bundle: LoadedBundle, _ origin: String
  ) throws(Failure) -> String? {
    guard hasSameBytes(unlock.through.origin, origin) else {
      return "it is for the log `\(unlock.through.origin)`, and this is `\(origin)`"
    }
    let fitting = bundle.program.program.roles(unlocking: unlock.version.action)
    guard fitting.isEmpty || fitting.containsBytes(of: unlock.role) else {
      return
        "`\(unlock.version.action)` is unlocked in the role \(fitting.joined(separator: " or ")), not `\(unlock.role)`"
    }
    let index = unlock.through.index
    let leaf = try withLog { () throws(LogError) in
      index < history.reader.size ? Merkle.leafHash(of: try history.reader.entry(at: index)) : nil
    }
    return leaf == unlock.leaf
      ? nil : "entry \(index) of this log is another one than it was signed upon"
  }
}

extension ActionDesk {
  /// The step of a run that this takes back; `nil` of what goes forward, and of what is in no run.
  private var undoneStep: String? { place.flatMap { PlanNode.undone(by: $0.place.step) } }

  /// A version that this would put somewhere and that is locked. What takes back is never locked.
  func locked(
    _ moment: Moment, _ word: () throws(Failure) -> LogWord
  ) throws(Failure) -> LockedVersion? {
    // Nobody is asked to approve what is locked.
    guard undoneStep == nil, moment.run.decision.outcome != .deny,
      let assignment = try? moment.assignment.get()
    else { return nil }
    let versions = DeployedVersion.all(in: assignment)
    guard !versions.isEmpty else { return nil }
    return try word().locked(
      versions, limit: rollbackLimit, moment.inputs.engine.bundle,
      keys.signer.name.description)
  }

  /// The refusal of what would try a locked version, once it is on record.
  func refused(_ locked: LockedVersion) throws(Failure) -> Failure {
    let entry = try keys.record(
      .refused(locked.why), of: acting ?? ActingCaller(asking: caller), for: locked.version.action,
      inputs.engine.bundle, place?.subject)
    return Failure(.refused, locked.why, remedy: LockedVersion.remedy).onRecord(entry)
  }

  /// What a decision that is about to be recorded takes back: in a run's rollback whatever it says, since the run should have; and
  /// else where it lets it be done.
  func takenBack(
    _ moment: Moment, _ word: () throws(Failure) -> LogWord
  ) throws(Failure) -> [TakenBack] {
    if let undoneStep, let place {
      let history = try word().history
      return try withLog { () throws(LogError) in
        try history.deployed(by: undoneStep, in: place.place.round, of: place.place.id)
      }
    }
    guard moment.run.decision.outcome == .allow, (try? moment.assignment.get()) != nil,
      let reversal = moment.inputs.engine.reversal(by: moment.inputs.request)
    else { return [] }
    let history = try word().history
    let disclosures = keys.store.disclosures
    return try withLog { () throws(LogError) in
      try history.deployed(reversedBy: reversal) { () throws(LogError) in
        try disclosures.opened()
      }
    }
  }
}

extension Invocation {
  /// `--rollbacks`: whoever starts a run may have less patience with it than usual, and no more.
  func rollbackLimit() throws(Failure) -> Int {
    let most = UInt64(LockedVersion.usualLimit)
    let limit = try number("--rollbacks") ?? most
    guard 1...most ~= limit else {
      throw .usage(
        "`--rollbacks \(limit)` is not from 1 to \(most)", remedy: LockedVersion.remedy)
    }
    return Int(limit)
  }
}
