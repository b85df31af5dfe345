// Which delegates may carry out which actions of a run.

import Writ
import WritBytecode
import WritEvidence
import WritModel

extension Option {
  static let route = Option.repeated(
    "--route", "ACTION=NAME,…", "only these delegates do that action; any does where none is named")
}

/// What `--route` says: for some actions the delegates, by their places among those that are named.
struct DelegateRoutes {
  private var places: [(action: String, delegates: Set<Int>)] = []

  /// - Parameter actions: The full names of the bundle's actions; a route of another one is a mistake.
  init(
    _ invocation: Invocation, _ delegates: [VerifierKey], actions: [String]
  ) throws(Failure) {
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
    places.first { hasSameBytes($0.action, action) }?.delegates.contains(place) ?? true
  }
}
