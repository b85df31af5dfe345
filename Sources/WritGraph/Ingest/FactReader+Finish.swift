// The end of reading: all problems, or the sections of a snapshot.

import WritModel

extension FactReader {
  /// The schema and the sections of the snapshot that the facts make.
  consuming func finish() throws(GraphProblems) -> (schema: Schema, table: SectionTable) {
    let assembly = try assembled()
    return (assembly.draft.schema, assembly.snapshotTable())
  }

  /// The overlay that the facts make.
  consuming func finishOverlay() throws(GraphProblems) -> Overlay {
    let assembly = try assembled()
    guard let base = assembly.draft.base else {
      preconditionFailure("an overlay lies over a snapshot")
    }
    return Overlay(
      base, assembly.draft.schema, assembly.nodeRanges, SectionTable(assembly.overlayPayloads()))
  }

  /// Everything worked out, unless something is wrong.
  consuming func assembled() throws(GraphProblems) -> GraphAssembly {
    let hasLostLines = self.hasLostLines
    let files = self.files
    var problems = self.problems
    guard !isRefused else { throw GraphProblems(problems) }
    let assembly = GraphAssembly(draft)
    let later = (assembly.problems + assembly.sourceLineProblems())
      .sorted { $0.place.bits < $1.place.bits }
    for problem in later where problems.count < Limits.problems {
      // A line that could not be used may have said the node that is missing.
      if hasLostLines, case .missingNode = problem.cause { continue }
      // A delta that others follow was looked at when it ended.
      let placed = problem.placed(files)
      if !problems.contains(placed) { problems.append(placed) }
    }
    if let limit = assembly.limitProblem() { problems.append(GraphProblem(limit)) }
    guard problems.isEmpty else { throw GraphProblems(problems) }
    return assembly
  }
}

extension AssemblyProblem {
  /// The problem with the name of its input.
  func placed(_ files: [String]) -> GraphProblem {
    let name = files.indices.contains(place.file) ? files[place.file] : nil
    return GraphProblem(cause, file: name, line: place.line, column: place.column)
  }
}
