// A run as a picture: its plan, and what became of each part.

import WritModel
import WritPipeline
import WritReport

/// Draws a run as it stands.
struct RunPicture {
  private let head: RunHead
  private let run: Run
  private let plan: Plan
  private let places: [String: Int]
  /// When it is drawn, in microseconds since 1970.
  private let now = currentTime()

  init(_ head: RunHead, _ run: Run, _ plan: Plan) {
    self.head = head
    self.run = run
    self.plan = plan
    places = Dictionary(
      run.states.indices.map { (run.id(of: $0), $0) }, uniquingKeysWith: { first, _ in first })
  }

  var diagram: Diagram {
    let numbers = Dictionary(
      plan.stages.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    let stages = plan.stages.map { stage in
      Diagram.Stage(
        box: box(stage), after: stage.options.after.compactMap { numbers[$0.stage] })
    }.closed(by: plan.hooks.ordered.map(box))
    let started = Instant(microseconds: head.started)
    return Diagram(
      title: "\(run.headline(Terminal.plain)): run \(head.id) of \(head.request.name)",
      lines: [
        "asked for by \(head.caller) at \(started)", "bundle \(head.bundle), log \(head.log)",
      ] + run.cancelWords.map { "cancelled: \($0.words)" }
        + (run.isFrozen && run.verdict == nil ? [freezeLine(run.freezeReason)] : []),
      stages: stages, tables: [table])
  }

  /// The boxes of a node: itself, or, where nobody wrote it, those of its parts.
  private func boxes(_ node: PlanNode) -> [Diagram.Box] {
    guard let place = places[node.id], !run.isWritten(place) else { return [box(node)] }
    return parts(of: node.work).nodes.flatMap(boxes)
  }

  private func box(_ node: PlanNode) -> Diagram.Box {
    let (nodes, isParallel) = parts(of: node.work)
    var lines = what(node.work)
    var tone = Diagram.Tone.plain
    if let place = places[node.id] {
      lines += became(place)
      tone = self.tone(place)
      if let undo = places[PlanNode.rollbackID(of: node.id)], let result = run.result(of: undo),
        result != .skipped
      {
        lines.append("taken back: \(result.rawValue)")
      }
    }
    let name = node.id.halves(atLast: UInt8(ascii: "/"))?.behind ?? node.id
    return Diagram.Box(
      title: name, lines: lines, tone: tone, isGuarded: isGuarded(node.work),
      isParallel: isParallel, parts: nodes.flatMap(boxes), hooks: node.options.hooks.map(box))
  }

  /// What runs once a node has ended.
  private func box(_ hook: Hook) -> Diagram.Box {
    Diagram.Box(
      title: hook.moment.rawValue, lines: [], tone: .plain, parts: boxes(hook.node))
  }

  private func became(_ place: Int) -> [String] {
    let state = run.states[place]
    var lines: [String] = []
    if let result = run.result(of: place) {
      let tries = state.attempt > 1 ? ", \(state.attempt) attempts" : ""
      let entry = state.evidence.map { ", entry \($0)" } ?? ""
      lines.append(result.rawValue + tries + entry)
      let why = result == .succeeded ? "" : run.explanation(of: place)
      if !why.isEmpty { lines.append(why) }
    } else if state.phase != .waiting {
      lines.append(state.phase.word)
    }
    return lines + agreed(place)
  }

  /// Who has agreed, and who is missing.
  private func agreed(_ place: Int) -> [String] {
    run.agreement(at: place, now: now)?.lines ?? []
  }

  private func tone(_ place: Int) -> Diagram.Tone {
    switch run.result(of: place) {
    case .succeeded?, .rolledBack?: .good
    case .skipped?: .quiet
    case .failed?, .errored?, .denied?, .expired?, .cancelled?, .rollbackFailed?: .bad
    case nil: run.states[place].phase == .waiting ? .plain : .waiting
    }
  }

  private func parts(of work: PlanWork) -> (nodes: [PlanNode], isParallel: Bool) {
    switch work {
    case .sequence(let nodes), .repeated(let nodes, _): (nodes, false)
    case .parallel(let nodes, _): (nodes, true)
    case .run, .act, .approve, .wait, .gate: ([], false)
    }
  }

  private func isGuarded(_ work: PlanWork) -> Bool {
    if case .act(let call, _) = work { call.effect == "production" } else { false }
  }

  private func what(_ work: PlanWork) -> [String] {
    switch work {
    case .run: ["a program"]
    case .act(let call, _): [call.action, "decided by \(call.gate)"]
    case .gate(let name, _): ["asks \(name)"]
    case .approve(let rules, _): rules.map { "\($0.count) of \($0.role)" }
    case .wait(let time): ["wait \(Duration(microseconds: time))"]
    case .repeated(_, let repetition): ["at most \(repetition.atMost) times"]
    case .parallel(let nodes, let max): [max < nodes.count ? "\(max) at once" : "all at once"]
    case .sequence: []
    }
  }

  /// All that happened, in the order of the plan.
  private var table: Diagram.Table {
    let rows = run.states.indices.filter { place in
      run.isWritten(place)
        && (run.states[place].result != nil || run.states[place].phase != .waiting)
    }
    return Diagram.Table(
      title: "What became of each step", head: ["step", "result", "attempts", "entry", "why"],
      rows: rows.map { place in
        let state = run.states[place]
        return [
          run.name(of: RunPosition(node: place, round: state.round)),
          run.result(of: place)?.rawValue ?? state.phase.word,
          state.attempt > 0 ? String(state.attempt) : "", state.evidence.map(String.init) ?? "",
          ([run.explanation(of: place)].filter { !$0.isEmpty } + agreed(place))
            .joined(separator: "; "),
        ]
      })
  }
}
