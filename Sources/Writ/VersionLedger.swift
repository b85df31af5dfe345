// What a log says of versions that had to be taken back: how often, how that ended, and whether a person has let them be tried again.
//
//     decision on what takes it back (`undoes`) ──► permit ──► result
//        │                                           │          ├── succeeded: it was taken back once
//        │                                           │          ├── refused: nothing was done
//        │                                           │          └── anything else: it is locked at once
//        │                                           └── no result yet: it is locked until there is one
//        └── denied, held: it is locked; no permit, and too late for one: nothing was done
//
// The log is the memory, so whoever asks, by `act`, `run` or `mcp`, from whichever folder, is told the same.

public import WritBytecode
import WritCrypto
public import WritEvidence
public import WritModel

/// What a log says of a version.
public struct VersionStanding: Hashable, Sendable {
  /// Why it is locked.
  public enum Lock: Hashable, Sendable {
    /// It was taken back as often as it may be.
    case takenBack(times: Int)
    /// What took it back, in that entry, is not known to have succeeded.
    case unknown(entry: UInt64)
  }

  /// `nil` where it may be tried.
  public let lock: Lock?
  /// Runs, and deeds of no run, that were taken back since a person last unlocked it: each counts once. No more than lock it.
  public let counted: Set<String>
  /// The newest entry about it.
  public let newest: UInt64?
}

extension SubjectReader {
  /// How a version stands. O(what was recorded of its being taken back since a person last unlocked it); at most what `limit` such
  /// rollbacks wrote.
  ///
  /// - Parameters:
  ///   - limit: How often it may be taken back before it is locked; at least 1.
  ///   - now: Microseconds since the epoch.
  ///   - forgiven: Through which entry the record of an unlock forgives; `nil` of one that does not count.
  public func standing(
    of version: DeployedVersion, limit: Int, now: Int64,
    forgiven: (FoundRecord) throws(LogError) -> UInt64?
  ) throws(LogError) -> VersionStanding {
    var tally = Tally(version: version, limit: limit, now: now)
    var newest: UInt64?
    var floor: UInt64?
    try forEach(about: version.subjectName) { (found) throws(LogError) in
      newest = newest ?? found.index
      if let floor, found.index <= floor { return false }
      if hasSameBytes(found.record.type, PredicateType.unlockGiven) {
        if let through = try forgiven(found) { floor = max(floor ?? 0, through) }
        return true
      }
      tally.take(found)
      return tally.lock == nil
    }
    return VersionStanding(lock: tally.lock, counted: tally.counted, newest: newest)
  }

  /// What the newest decision that let a step of a run be done has put somewhere. O(the run's entries).
  ///
  /// - Parameter round: In which round of the repeats around it; `nil` for the newest.
  public func deployed(
    by step: String, in round: Int? = nil, of run: String
  ) throws(LogError) -> [TakenBack] {
    var versions: [TakenBack] = []
    try forEach(about: RunPlace.subjectName(of: run)) { (found) throws(LogError) in
      guard let place = found.record.runPlace, hasSameBytes(place.id, run),
        hasSameBytes(place.step, step), round.map({ $0 == place.round }) ?? true,
        found.record.isAllowedDeed
      else { return true }
      versions = found.deployed
      return false
    }
    return versions
  }

  /// What the newest of the actions that a call takes back has put somewhere; none where it cannot be told.
  ///
  /// - Parameter opened: What stands behind the tokens in records; only asked for where there are any.
  public func deployed(
    reversedBy reversal: Reversal, opening opened: () throws(LogError) -> OpenDisclosures
  ) throws(LogError) -> [TakenBack] {
    var versions: [TakenBack] = []
    var seen = 0
    var opener: Opener?
    try forEach(about: Deed.subjectName(reversedBy: reversal.action)) { (found) throws(LogError) in
      seen += 1
      let deed = found.record.predicate["deed"]
      if found.record.isAllowedDeed, let action = deed?["action"]?.string {
        let with = deed?["with"] ?? .object([])
        if opener == nil, !with.tokens.isEmpty { opener = Opener(disclosures: try opened()) }
        if reversal.takesBack(action, (try? opener?.json(with)) ?? with) {
          versions = found.deployed
          return false
        }
      }
      return seen < DeedLimits.reversible
    }
    return versions
  }
}

/// What is counted of one version, the newest record first.
private struct Tally {
  let version: DeployedVersion
  let limit: Int
  let now: Int64
  private var permits: Set<UInt64> = []
  private var outcomes: [UInt64: String] = [:]
  /// Deeds whose newest rollback is known.
  private var settled: Set<UInt64> = []
  /// Runs, and deeds of no run, that were taken back: each counts once.
  private(set) var counted: Set<String> = []
  private(set) var lock: VersionStanding.Lock?

  init(version: DeployedVersion, limit: Int, now: Int64) {
    (self.version, self.limit, self.now) = (version, limit, now)
  }

  mutating func take(_ found: FoundRecord) {
    let predicate = found.record.predicate
    let decision = predicate["decision"]?.integer.flatMap { UInt64(exactly: $0) }
    switch (found.record.type, decision) {
    case (PredicateType.permitIssued, let decision?): permits.insert(decision)
    case (PredicateType.actionResult, let decision?):
      // The newest word stands.
      if outcomes[decision] == nil { outcomes[decision] = predicate["outcome"]?.string ?? "" }
    case (PredicateType.decision, _): takeDecision(found)
    case (PredicateType.runEnded, _):
      // A rollback that failed locks at once: nobody knows what a second try would meet.
      if predicate["rollback"]?.string == "rollbackFailed",
        found.record.takenBack.contains(where: { $0.version == version })
      {
        lock = .unknown(entry: found.index)
      }
    default: break
    }
  }

  private mutating func takeDecision(_ found: FoundRecord) {
    let record = found.record
    let outcome = outcomes[found.index]
    if record.outcome == "allow" {
      if let outcome, hasSameBytes(outcome, "refused") { return }
      let at = record.result?["now"]?.string.flatMap { Instant($0) }?.microseconds ?? .max
      let (end, isForever) = at.addingReportingOverflow(WritEvidence.Limits.permitDuration)
      if !permits.contains(found.index), outcome == nil, !isForever, now > end { return }
    }
    for undone in record.takenBack where undone.version == version {
      counted.insert(undone.run.map { "run \($0)" } ?? "entry \(undone.deed)")
      let isNewest = settled.insert(undone.deed).inserted
      if isNewest, outcome != StepOutcome.succeeded.rawValue {
        lock = .unknown(entry: found.index)
      }
    }
    if lock == nil, counted.count >= limit { lock = .takenBack(times: counted.count) }
  }
}

extension LoggedRecord {
  /// Whether it is a decision that lets a version be put somewhere.
  fileprivate var isAllowedDeed: Bool {
    isDecision && outcome == "allow" && !isQuestion && predicate["artifacts"] != nil
  }
}

extension FoundRecord {
  /// The versions that a decision let be put somewhere.
  fileprivate var deployed: [TakenBack] {
    guard let action = record.predicate["deed"]?["action"]?.string else { return [] }
    return (record.predicate["artifacts"]?.array ?? []).compactMap { value in
      value.string.flatMap { Digest($0) }.map {
        TakenBack(
          DeployedVersion(action: action, artifact: $0), deed: index, run: record.runPlace?.id)
      }
    }
  }
}

/// A call of an action that takes others back.
public struct Reversal: Sendable {
  /// The action by its full name.
  public let action: String
  /// By the full name of an action that it takes back: which of that one's arguments must have had which values; `nil` of one that
  /// was not given.
  fileprivate let others: [String: [(name: String, value: JSONValue?)]]

  fileprivate func takesBack(_ other: String, _ with: JSONValue) -> Bool {
    guard let wanted = others[other] else { return false }
    return wanted.allSatisfy { with[$0.name] == $0.value }
  }
}

extension Engine {
  /// What a request takes back, as the bundle has it; `nil` of what takes nothing back.
  public func reversal(by request: Request) -> Reversal? {
    guard let call = request.call, let own = try? action(call.name) else { return nil }
    let given = call.arguments.filter { !$0.value.isNull }
    var others: [String: [(name: String, value: JSONValue?)]] = [:]
    for other in program.actions {
      guard let rollback = other.rollback, rollback.action == own else { continue }
      others[other.name] = zip(program.actions[own].parameters, rollback.arguments).map {
        parameter, place in
        let value = given.first { hasSameBytes($0.name, parameter.name) }?.value
        return (other.parameters[place].name, value?.asOfDeed)
      }
    }
    return others.isEmpty ? nil : Reversal(action: program.actions[own].name, others: others)
  }

  /// What takes back the action that a request asks for, by its full name; `nil` where nothing does.
  func reverse(of request: Request) -> String? {
    guard let call = request.call, let own = try? action(call.name) else { return nil }
    return program.actions[own].rollback.map { program.actions[$0.action].name }
  }
}

extension Deed {
  /// What can be taken back by an action, by that one's full name.
  public static func subjectName(reversedBy action: String) -> String { "ReversedBy/\(action)" }
}

extension Program {
  /// The actions whose versions are counted together with those of an action, by full names, itself first: what keeps failing
  /// by one of them is not to be tried by another.
  ///
  /// Those are all that change something and go the usual way. What takes another back is never in the way of going back, what breaks
  /// the glass is there to get past, and what changes nothing puts nothing anywhere: each of these is counted by itself.
  public func countedTogether(with name: String) -> [String] {
    let reversals = Set(actions.compactMap { $0.rollback?.action })
    let together = actions.indices.filter {
      actions[$0].effect != .none && actions[$0].breakGlass == nil && !reversals.contains($0)
    }.map { actions[$0].name }
    guard together.containsBytes(of: name) else { return [name] }
    return [name] + together.filter { !hasSameBytes($0, name) }
  }

  /// The roles in which a person lets a version of an action be tried again: those whose approval its gate asks for, and the one that
  /// waives it. None where the gate names none; then any role will do.
  public func roles(unlocking action: String) -> [String] {
    guard let gate = actions.first(where: { hasSameBytes($0.name, action) })?.guardGate else {
      return []
    }
    let asked = roles(askedByGate: gates[gate].name)
    return asked
      + [gates[gate].waivingRole].compactMap { $0 }.filter { !asked.containsBytes(of: $0) }
  }
}

extension [TakenBack] {
  /// The versions as what a record is about, each once.
  var subjects: [Subject] {
    Set(map(\.version)).map { Subject(name: $0.subjectName, sha256: $0.artifact) }
  }
}
