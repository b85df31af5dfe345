// The tree of a run on a terminal, drawn again where it stands.

@preconcurrency import Glibc
import WritModel
import WritPipeline

/// Draws the nodes of a run, as many as there is room for.
final class RunTree {
  private let terminal: Terminal
  private var lines: [String] = []
  /// Lines on the screen that are the tree's.
  private var drawn = 0
  private var last: Int64 = 0

  private let output: PatientStream

  init(_ terminal: Terminal, _ output: PatientStream) {
    self.terminal = terminal
    self.output = output
  }

  /// Draws the run as it stands now.
  ///
  /// - Parameter isLast: It has its place also behind what nobody has seen yet.
  func draw(_ run: Run, isLast: Bool = false) {
    let held = run.isFrozen && run.verdict == nil
    let frozen = String(freezeLine(run.freezeReason).unicodeScalars.prefix(terminal.width - 1))
    lines = (held ? [terminal.paint(frozen, .waiting)] : []) + shown(run)
    clear()
    redraw(isLast: isLast)
  }

  /// Takes the tree off the screen, so that a line can be written where it stood.
  func clear() {
    guard drawn > 0 else { return }
    output.write("\u{1B}[\(drawn)A\u{1B}[J")
    drawn = 0
  }

  /// Puts it back; not where nobody has seen yet what was written before.
  func redraw(isLast: Bool = false) {
    guard drawn == 0, !lines.isEmpty, isLast || output.wanting == nil else { return }
    output.write(lines.map { $0 + "\n" }.joined())
    drawn = lines.count
  }

  /// Rows of the terminal; what is drawn must not scroll away.
  private var height: Int {
    var size = winsize()
    let found = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_row > 4
    return found ? Int(size.ws_row) - 2 : 22
  }

  /// All nodes that count; where there are too many, those that something happens to, and what went wrong.
  private func shown(_ run: Run) -> [String] {
    let nodes = run.states.indices.filter { node in
      let id = run.id(of: node)
      // What undoes is shown once it is done.
      return run.isWritten(node) && !PlanNode.isRollback(id) || run.states[node].phase != .waiting
    }
    if nodes.count <= height { return nodes.map { line($0, run) } }
    let told = nodes.filter { node in
      switch run.states[node].phase {
      case .waiting: false
      case .ended: run.states[node].result.map { !$0.isQuiet } ?? false
      default: true
      }
    }
    return told.suffix(height).map { line($0, run) }
  }

  private func line(_ node: Int, _ run: Run) -> String {
    let state = run.states[node]
    let id = run.id(of: node)
    let depth = id.utf8.count { $0 == UInt8(ascii: "/") }
    let name = shortName(id)
    let (mark, tone, word) = sign(node, state, run)
    let why = state.result.map { $0 == .succeeded } ?? true ? "" : run.explanation(of: node)
    let text =
      String(repeating: "  ", count: depth) + "\(mark) \(printable(name))"
      + (word.isEmpty ? "" : "  \(word)")
    let whole = why.isEmpty ? text : "\(text): \(printable(why))"
    return terminal.paint(String(whole.unicodeScalars.prefix(terminal.width - 1)), tone)
  }

  /// The last part of its name; of what stands in a hook that too.
  private func shortName(_ id: String) -> String {
    guard let (around, name) = id.halves(atLast: UInt8(ascii: "/")) else { return id }
    let part = around.halves(atLast: UInt8(ascii: "/"))?.behind ?? around
    guard part.utf8.first == UInt8(ascii: "+"),
      let moment = HookMoment(rawValue: String(part.dropFirst()))
    else { return name }
    return "\(moment.rawValue) \(name)"
  }

  private func sign(
    _ node: Int, _ state: NodeState, _ run: Run
  ) -> (mark: String, tone: Tone, word: String) {
    if let result = run.result(of: node) {
      let mark =
        result == .succeeded || result == .rolledBack ? "✓" : result == .skipped ? "–" : "✗"
      return (mark, result.tone, result == .succeeded ? "" : result.rawValue)
    }
    switch state.phase {
    case .waiting: return ("·", .quiet, "")
    case .asking, .checking, .deciding: return ("?", .waiting, "is decided")
    case .holding:
      let tallies = run.ballots[node]?.tallies(at: run.now) ?? []
      let words = tallies.map { printable($0.words(showsEnds: false)) }.joined(separator: "; ")
      return ("…", .waiting, "waits for people" + (words.isEmpty ? "" : ": \(words)"))
    case .pausing: return ("…", .waiting, "waits")
    case .ready, .working:
      return ("▶", .strong, state.attempt > 1 ? "attempt \(state.attempt)" : "")
    case .stopping: return ("■", .waiting, "is stopped")
    case .inside, .hooks: return ("▶", .strong, "")
    case .ended: return ("·", .quiet, "")
    }
  }
}

extension RunResult {
  /// It need not be looked at.
  fileprivate var isQuiet: Bool { self == .succeeded || self == .skipped }
}
