// Rules that agents are spared: a clause, a check, a step or a freeze that holds people alone, and gates for agents alone.

import WritModel
import WritText

extension Checker {
  /// Warns of what binds people and spares agents; nothing is said of a text with errors.
  mutating func warnOfSparing() {
    guard let program = complete() else { return }
    var search = SparingSearch(program, CallerSorts(index.schema, callerKinds: index.callerKinds))
    let gates = program.gates.map { search.weighed($0) }
    for (position, gate) in gates.enumerated() {
      for group in search.spared(in: gate) {
        let names = group.parts.map(\.name)
        guard let place = self.gates[position].clauses[names[0]]?.name.range else { continue }
        report(.spared(names, isWhole: group.isWhole, told: group.told, at: place))
      }
    }
    for card in program.scorecards {
      let weighed = search.weighed(card)
      for group in search.spared(in: weighed) {
        report(
          .spared(
            group.parts.map(\.name), isWhole: group.isWhole, told: group.told,
            at: group.parts[0].range))
      }
    }
    for pipeline in program.pipelines { warnOfSparing(in: pipeline, &search) }
    warnOfWaysForAgents(program, gates, &search)
  }

  /// Steps that people alone are held up by, each place once: a matrix and a pipeline within show theirs again.
  private mutating func warnOfSparing(in pipeline: TypedPipeline, _ search: inout SparingSearch) {
    var said: Set<SourceRange> = []
    for part in search.sparedSteps(of: pipeline) where said.insert(part.place).inserted {
      report(.sparedStep(part.what.rawValue, told: part.told, at: part.place))
    }
  }

  /// A gate that lets agents alone through, beside one for people that asks for more.
  private mutating func warnOfWaysForAgents(
    _ program: TypedProgram, _ gates: [WeighedRules], _ search: inout SparingSearch
  ) {
    let guarding = program.actions.filter { $0.effect == .production }
    var said: Set<[Int]> = []
    for action in guarding {
      guard let way = action.guardedBy?.target, search.isForAgentsAlone(gates[way]) else {
        continue
      }
      for other in guarding where other.kind == action.kind {
        guard let usual = other.guardedBy?.target, said.insert([way, usual]).inserted else {
          continue
        }
        guard said.count <= Limits.suggestions else { return }
        let missing = search.missing(in: gates[way], of: gates[usual])
        guard !missing.isEmpty else { continue }
        report(
          .wayForAgents(
            program.gates[way].name, beside: program.gates[usual].name, missing,
            usual: self.gates[usual].declaration.name.range,
            at: self.gates[way].declaration.name.range))
      }
    }
  }
}
