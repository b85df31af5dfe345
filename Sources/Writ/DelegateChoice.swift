// Which delegates may do an action: those of which the bundle's registry says all that the action asks for.
//
// Whoever builds the bundle vouches for labels, neither the delegate nor whoever starts a run. An action that asks for none is for any
// delegate that is named.

import WritBytecode
public import WritEvidence
import WritModel

extension LoadedBundle {
  /// What a delegate must be labelled to do an action, by the action's full name; none where any may, and where there is no such action.
  public func labels(ofAction name: String) -> [String] {
    program.program.actions.first { hasSameBytes($0.name, name) }?.labels ?? []
  }

  /// Why a delegate may not do an action, in words; `nil` where it may. O(keys of the registry).
  public func objection(to delegate: DelegateIdentity, doing action: String) -> String? {
    objection(to: delegate, labels: labels(ofAction: action))
  }

  fileprivate func objection(to delegate: DelegateIdentity, labels wanted: [String]) -> String? {
    guard !wanted.isEmpty else { return nil }
    guard let labels = registry.labels(of: delegate) else {
      return "the bundle's registry has no line of `\(delegate.name)` with its key"
    }
    let missing = wanted.filter { !labels.containsBytes(of: $0) }
    return missing.isEmpty
      ? nil : "`\(delegate.name)` is not labelled \(missing.joined(separator: ", "))"
  }

  /// Names of the delegates that may do an action which asks for labels, in the registry's order.
  public func delegates(doing action: String) -> [String] {
    registry.keys(function: .delegate).filter { key in
      objection(
        to: DelegateIdentity(name: key.name, key: key.publicKey), doing: action) == nil
    }.map(\.name)
  }
}

extension Engine {
  /// What a delegate must be labelled to do what is asked for.
  func labels(of request: Request) -> [String] {
    request.call.map { bundle.labels(ofAction: $0.name) } ?? []
  }
}

// Made again.
extension RecordedRun {
  /// Where a record asks for another delegate than its action does; `nil` where both ask for the same.
  func parting(_ record: EvidenceRecord, from labels: [String]) -> Parting? {
    parting(labels: record.statement.predicate["labels"], from: labels)
  }

  fileprivate func parting(labels recorded: JSONValue?, from labels: [String]) -> Parting? {
    let own: JSONValue? = labels.isEmpty ? .none : .some(DelegateLabel.json(of: labels))
    guard recorded != own else { return nil }
    return parting(
      "labels", recorded?.compact ?? "any delegate", own?.compact ?? "any delegate")
  }

  private func parting(_ path: String, _ recorded: String, _ replayed: String) -> Parting {
    Parting(
      cause: .labels, path: path, recorded: recorded, replayed: replayed,
      engineThen: engineVersion, step: nil, fact: nil)
  }

  /// The same of the record of a permit upon this decision: its labels are the action's, and its delegate has them by the bundle.
  fileprivate func parting(
    ofPermit record: LoggedRecord, _ bundle: LoadedBundle, _ labels: [String]
  )
    -> Parting?
  {
    if let found = parting(labels: record.predicate["labels"], from: labels) { return found }
    guard !labels.isEmpty else { return nil }
    let delegate = DelegateIdentity(
      name: record.predicate["delegate"]?.string ?? "",
      fingerprint: record.predicate["key"]?.string ?? "")
    return bundle.objection(to: delegate, labels: labels).map {
      parting("delegate", delegate.name, $0)
    }
  }
}

extension EngineCache {
  /// Where a permit was given to another delegate than the decision's action asks for; `nil` where it was not.
  ///
  /// - Parameter decision: What the permit was given upon.
  func parting(ofPermit record: LoggedRecord, upon decision: EvidenceRecord) throws -> Parting? {
    let recorded = try RecordedRun(decision.statement.predicate, objects)
    let kept = try engine(recorded.engine)
    let engine = kept.decider.prepared.engine
    let request = try kept.request(recorded.request, objects).request
    return recorded.parting(ofPermit: record, engine.bundle, engine.labels(of: request))
  }
}
