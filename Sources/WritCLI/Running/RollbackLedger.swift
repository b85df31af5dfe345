// How often versions had to be taken back, over all runs of one folder: one that keeps failing is locked until a person unlocks it.
//
// A version is what an action's command names by its SHA-256, per action: `checkout.deploy` of `sha256:…`. A command that names
// no content has no version, and is never locked.

@preconcurrency import Glibc
import WritCrypto
import WritEvidence
import WritModel
import WritPipeline

/// The counts of one folder of runs. Any number of processes.
struct RollbackLedger {
  private let file: String
  /// Rollbacks after which a version is locked.
  private let limit: Int

  /// How often a version may be taken back if nobody says anything else.
  static let usualLimit = 3
  /// Versions that are counted.
  private static let mostVersions = 100_000

  init(in runs: String, limit: Int) {
    file = "\(runs)/.rollbacks"
    self.limit = limit
  }

  /// The versions that an assignment puts somewhere.
  static func targets(of assignment: Assignment) -> [DeployedTarget] {
    assignment.artifacts.map {
      DeployedTarget(service: assignment.action, artifact: $0.description)
    }
  }

  /// The first of some versions that is locked.
  func locked(_ targets: [DeployedTarget]) throws(Failure) -> DeployedTarget? {
    guard !targets.isEmpty else { return nil }
    let locked = try read().locked
    return targets.first { locked.contains($0) }
  }

  /// Counts what a run took back, or should have.
  func record(_ verdict: RunVerdict) throws(Failure) {
    guard !verdict.undone.isEmpty else { return }
    try change { $0.record(verdict) }
  }

  /// Lets a version be tried again; `false` where it was not locked.
  func unlock(_ target: DeployedTarget) throws(Failure) -> Bool {
    var wasLocked = false
    try change { budget in
      // By its full name, or by what stands behind the last dot of one.
      for locked in budget.locked
      where hasSameBytes(locked.artifact, target.artifact)
        && (hasSameBytes(locked.service, target.service)
          || locked.service.endsWithBytes(of: ".\(target.service)"))
      {
        wasLocked = true
        budget.unlock(locked)
      }
    }
    return wasLocked
  }

  private func change(_ body: (inout RollbackBudget) -> Void) throws(Failure) {
    let disk = SystemDisk()
    let lock = try patiently { () throws(LogError) in try disk.lock(file + ".lock") }
    defer { disk.close(lock) }
    var budget = try read()
    body(&budget)
    let counts = budget.counts.sorted { $0.key < $1.key }
    let json: JSONValue = [
      "counts": .array(
        counts.map { target, count in
          [
            "action": .string(target.service), "artifact": .string(target.artifact),
            "count": .integer(Int64(count)),
          ]
        })
    ]
    try writeFile(file, Array((json.pretty + "\n").utf8))
  }

  private func read() throws(Failure) -> RollbackBudget {
    var counts: [DeployedTarget: Int] = [:]
    for entry in try readJSONIfThere(file)?["counts"]?.array ?? [] {
      guard let action = entry["action"]?.string, let artifact = entry["artifact"]?.string,
        let count = entry["count"]?.integer, count > 0, counts.count < RollbackLedger.mostVersions
      else { throw .badInput("\(file) does not count rollbacks") }
      counts[DeployedTarget(service: action, artifact: artifact)] = Int(clamping: count)
    }
    return RollbackBudget(limit: limit, counts: counts)
  }
}

extension RunFolder {
  /// Whether the rollbacks of a run that has ended are counted; a crash in between counts them twice, never not at all.
  var isCounted: Bool { FileStamp(path + "/counted") != nil }

  func count() throws(Failure) { try writeFile(path + "/counted", []) }

  /// What a run that has ended took back, or should have: the versions of its actions, as their orders name them.
  func undone(by run: Run) throws(Failure) -> [DeployedTarget] {
    var targets: [DeployedTarget] = []
    for node in run.states.indices where run.states[node].reversal != nil {
      let state = run.states[node]
      let name = AttemptName(
        run: run.id, step: run.name(of: RunPosition(node: node, round: state.round)),
        attempt: state.attempt)
      guard let order = try memory(of: name)?.order?.order else { continue }
      for target in RollbackLedger.targets(of: order.assignment) where !targets.contains(target) {
        targets.append(target)
      }
    }
    return targets
  }
}
