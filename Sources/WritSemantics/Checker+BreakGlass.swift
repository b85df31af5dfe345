// Break-glass: an action past the usual way, which somebody else looks at afterwards.

import WritModel
import WritSyntax
import WritText

/// `breakGlass reviewed by role incident_commander within 24h`
struct BreakGlassHead {
  let role: Name
  let within: DurationLiteral
  let range: SourceRange
}

extension Checker {
  /// Who reviews an action, and how soon; `nil` once what is wrong is reported.
  mutating func breakGlass(
    _ head: BreakGlassHead, _ declaration: ActionDeclaration, _ guardCall: ActionCall?
  ) -> BreakGlass? {
    let role = lookUp(head.role, in: \.roles, .role)
    if guardCall == nil { reportUnknown(.unguardedBreakGlass(declaration.name)) }
    guard let within = head.within.microseconds else { return nil }
    guard BreakGlass.microseconds.contains(within) else {
      report(.reviewTime(at: head.within.range))
      return nil
    }
    guard role != nil, guardCall != nil else { return nil }
    return BreakGlass(role: head.role.text, within: within)
  }

  /// It is a way of its own: nothing comes to it as its rollback, and no gate decides on it and on something else.
  mutating func holdBreakGlassApart() {
    var usual: [Int: Int] = [:]
    for (position, action) in actions.enumerated() where !action.isBreakGlass {
      if let gate = action.guardGate, usual[gate] == nil { usual[gate] = position }
      if let back = action.rollback, actions[back].isBreakGlass {
        module = action.module
        report(
          .misplacedBreakGlass(
            actions[back].declaration.name.text, "what takes an action back",
            at: rollbackRange(of: position)))
      }
    }
    for action in actions where action.isBreakGlass {
      guard let gate = action.guardGate, let other = usual[gate] else { continue }
      module = action.module
      report(
        .sharedBreakGlassGate(
          action.declaration.name, gate: gates[gate].declaration.name.text,
          other: actions[other].declaration.name))
    }
  }

  /// A step does what was planned; nobody has said why, and nobody stands there to answer for it.
  mutating func holdOrdinary(_ action: Int, at name: Name) {
    guard actions[action].isBreakGlass else { return }
    report(.misplacedBreakGlass(name.text, "a step of a pipeline", at: name.range))
  }
}
