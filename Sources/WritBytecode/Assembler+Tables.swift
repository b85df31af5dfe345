// The assembler's lines about tables.
import WritModel

extension Assembler {
  /// `parameter NAME TYPE = VALUE`, `constant VALUE`, `fieldref …`, `step EDGE+`, `kindset KIND+`,
  /// closures and approvals.
  mutating func readTables() throws(AssemblyError) {
    while var line = try lines.take("parameter") {
      mark(.parameters, program.parameters.count, line)
      let name = try line.text()
      let type = try type(&line)
      try line.expect("=")
      let value = try constant(&line)
      program.parameters.append(ParameterValue(name: name, type: type, value: value))
    }
    while var line = try lines.take("constant") {
      mark(.constants, program.constants.count, line)
      program.constants.append(try constant(&line))
    }
    while var line = try lines.take("fieldref") {
      mark(.fields, program.fields.count, line)
      program.fields.append(try fieldReference(&line))
    }
    while var line = try lines.take("step") {
      mark(.steps, program.steps.count, line)
      var edges: [EdgeDirection] = []
      while line.hasMore {
        let (edge, isInverse) = try signed(&line)
        edges.append(EdgeDirection(edge: edge, isInverse: isInverse))
      }
      program.steps.append(StepReference(edges: edges))
    }
    while var line = try lines.take("kindset") {
      mark(.kindSets, program.kindSets.count, line)
      program.kindSets.append(try line.indexes())
      try line.finish()
    }
    while let line = try lines.take("closure") { try readClosure(line) }
    while let line = try lines.take("approval") { try readApproval(line) }
  }

  /// `absent`, `node KIND ID`, a text or a number, up to the end of the line.
  private func constant(_ line: inout AssemblyLine) throws(AssemblyError) -> ConstantValue {
    let value: ConstantValue
    if line.take("absent") {
      value = .absent
    } else if line.take("node") {
      value = .node(kind: try line.index(), id: try line.text())
    } else if let text = try line.texts().first {
      value = .string(text)
    } else {
      value = .scalar(try line.number64())
    }
    try line.finish()
    return value
  }

  /// `edge EDGE.FIELD` or `node KIND.FIELD+`
  private func fieldReference(
    _ line: inout AssemblyLine
  ) throws(AssemblyError) -> FieldReference {
    if line.take("edge") {
      let (edge, field) = try dotted(&line)
      try line.finish()
      return .edge(edge: edge, field: field)
    }
    try line.expect("node")
    var fields: [KindField] = []
    while line.hasMore {
      let (kind, field) = try dotted(&line)
      fields.append(KindField(kind: kind, field: field))
    }
    return .node(fields)
  }

  /// `3.2`
  private func dotted(_ line: inout AssemblyLine) throws(AssemblyError) -> (Int, Int) {
    let parts = try line.word("two numbers with a dot between them")
      .split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let first = numbered(parts[0]), let second = numbered(parts[1])
    else { throw line.errorBefore("expected two numbers with a dot between them") }
    return (first, second)
  }

  /// `3` or `~3`
  func signed(_ line: inout AssemblyLine) throws(AssemblyError) -> (Int, Bool) {
    let word = try line.word("a number")
    let isSecond = word.hasPrefix("~")
    guard let number = numbered(word.dropFirst(isSecond ? 1 : 0)) else {
      throw line.errorBefore("expected a number")
    }
    return (number, isSecond)
  }

  /// `closure STEP plus (limit N)?`; `star` where the start is included.
  private mutating func readClosure(_ line: AssemblyLine) throws(AssemblyError) {
    var line = line
    mark(.closures, program.closures.count, line)
    let step = try line.index()
    let includesStart = line.take("star")
    if !includesStart { try line.expect("plus") }
    let limit = try line.optional("limit") { (line) throws(AssemblyError) in try line.index() }
    try line.finish()
    program.closures.append(
      ClosureReference(step: step, includesStart: includesStart, layerLimit: limit))
  }

  /// `approval ROLE count N (within N)?`
  private mutating func readApproval(_ line: AssemblyLine) throws(AssemblyError) {
    var line = line
    mark(.approvals, program.approvals.count, line)
    let role = try line.text()
    let count = try line.index("count")
    let within = try line.optional("within") { (line) throws(AssemblyError) in
      try line.number64()
    }
    try line.finish()
    program.approvals.append(
      ApprovalReference(role: role, count: count, withinMicroseconds: within))
  }
}
