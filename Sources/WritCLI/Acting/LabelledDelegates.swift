// Who may carry out what asks for delegates that are labelled: those of whom the bundle says it, and nobody else whoever starts it.

import Writ
import WritBytecode
import WritEvidence
import WritModel

extension LoadedBundle {
  /// Why none of some delegates may do an action, in words; `nil` where one may.
  func refusal(of action: String, by delegates: [VerifierKey]) -> String? {
    let labels = labels(ofAction: action)
    guard !labels.isEmpty else { return nil }
    let objections = delegates.map { objection(to: DelegateIdentity(of: $0), doing: action) }
    guard objections.allSatisfy({ $0 != nil }) else { return nil }
    let why = objections.compactMap { $0 }.joined(separator: "; ")
    return "`\(action)` is for a delegate labelled \(labels.joined(separator: ", "))"
      + (why.isEmpty ? ", and none is named for it" : ": \(why)")
  }

  /// What to do about that.
  func remedy(for action: String) -> String {
    let able = delegates(doing: action).map { "`\($0)`" }
    return able.isEmpty
      ? "the registry that `writ build` was given says by a line with `labels` what a delegate may do"
      : "name one that may: \(able.joined(separator: ", "))"
  }

  /// For people: who may do an action, by the policy and the registry; `nil` of what any delegate may do.
  func delegateText(ofAction action: String) -> String? {
    let labels = labels(ofAction: action)
    guard !labels.isEmpty else { return nil }
    let able = delegates(doing: action)
    return "by a delegate labelled \(labels.joined(separator: ", ")): "
      + (able.isEmpty ? "the bundle knows none" : able.joined(separator: ", "))
  }

  /// The same for programs.
  func delegateMembers(ofAction action: String) -> [JSONMember] {
    let labels = labels(ofAction: action)
    guard !labels.isEmpty else { return [] }
    return [
      JSONMember("labels", DelegateLabel.json(of: labels)),
      JSONMember("delegates", .array(delegates(doing: action).map { .string($0) })),
    ]
  }
}

extension ActionDesk {
  /// The action by its full name.
  private var action: String { inputs.request.call?.name ?? "" }

  func mayDo(_ delegate: VerifierKey) -> Bool {
    inputs.engine.bundle.objection(to: DelegateIdentity(of: delegate), doing: action) == nil
  }

  /// Refuses, on record, what none of some delegates may do.
  func requireDelegate(among delegates: [VerifierKey]) throws(Failure) {
    let bundle = inputs.engine.bundle
    guard let why = bundle.refusal(of: action, by: delegates) else { return }
    try keys.record(
      .refused(why), of: acting ?? ActingCaller(asking: caller), for: action, bundle,
      place?.subject)
    throw Failure(.refused, why, remedy: bundle.remedy(for: action))
  }
}

extension ActingKeys {
  /// Refuses, on record, a run in which an action, or what takes one back, is one that nobody who is named may do.
  func requireDelegates(
    for lowered: LoweredPipeline, _ caller: ActingCaller, _ bundle: LoadedBundle,
    _ routes: DelegateRoutes
  ) throws(Failure) {
    let actions = bundle.program.program.actions
    for (_, step) in lowered.steps.sorted(by: { precedesByBytes($0.key, $1.key) }) {
      guard case .action(let index, _) = step, let why = routes.refusal(of: actions[index].name)
      else { continue }
      try record(.refused(why), of: caller, for: lowered.program.name, bundle, nil)
      throw Failure(.refused, why, remedy: bundle.remedy(for: actions[index].name))
    }
  }
}
