// Which delegates may carry out which actions of a run.

import Writ
import WritBytecode
import WritEvidence
import WritModel

extension Option {
  static let route = Option.repeated(
    "--route", "ACTION=NAME,…", "only these delegates do that action; any does where none is named")
}

/// What `--route` says: for some actions the delegates, by their places among those that are named; and what the policy says, which no route
/// gets round.
struct DelegateRoutes {
  private let delegates: [VerifierKey]
  private let bundle: LoadedBundle
  private var places: [(action: String, delegates: Set<Int>)] = []

  /// A route of an action that the bundle does not have is a mistake.
  init(
    _ invocation: Invocation, _ delegates: [VerifierKey], _ bundle: LoadedBundle
  ) throws(Failure) {
    (self.delegates, self.bundle) = (delegates, bundle)
    let actions = bundle.program.program.actions.map(\.name)
    for (action, value) in try invocation.pairs("--route") {
      guard actions.contains(where: { hasSameBytes($0, action) }) else {
        throw .usage(
          "`--route \(action)=…` names no action of the bundle",
          remedy: "write its full name, as `writ plan` does")
      }
      var chosen: Set<Int> = []
      for name in value.split(separator: ",", omittingEmptySubsequences: false) {
        guard
          let place = delegates.firstIndex(where: {
            hasSameBytes($0.name.description, String(name))
          })
        else {
          throw .usage(
            "`--route \(action)=\(value)`: no delegate `\(name)` is named",
            remedy: "give its key with --delegate")
        }
        chosen.insert(place)
      }
      places.append((action, chosen))
    }
  }

  /// Whether a delegate, by its place, may carry out an action.
  func lead(_ action: String, to place: Int) -> Bool {
    isRouted(action, to: place)
      && bundle.objection(to: DelegateIdentity(of: delegates[place]), doing: action) == nil
  }

  private func isRouted(_ action: String, to place: Int) -> Bool {
    places.first { hasSameBytes($0.action, action) }?.delegates.contains(place) ?? true
  }

  /// Why none of those that are named, and to whom the route leads, may do an action; `nil` where one may.
  func refusal(of action: String) -> String? {
    bundle.refusal(
      of: action,
      by: delegates.indices.filter { isRouted(action, to: $0) }.map { delegates[$0] })
  }
}
