// What steps give out: its type, which steps surely come behind and can read it, and whether it is surely made by then.

import WritModel
import WritSyntax
import WritText

/// An output, for whoever comes behind its step.
struct OutputGift {
  /// Index into the pipeline's outputs.
  let output: Int
  /// No condition skips its step, and no failure of it is ignored: where anything behind it begins, it was made.
  var isSure: Bool
}

extension Checker {
  /// `-> findings: Scan`: its type, a single one. Of nodes that a request brings it is one of one kind, which the step
  /// describes; any other node is one of the graph, which it names.
  mutating func outputType(_ syntax: OutputSyntax) -> ValueType? {
    guard let type = type(syntax.type) else { return nil }
    guard type.isSingle else {
      report(.outputType("a scalar or a node", index.describe(type), at: syntax.type.range))
      return nil
    }
    if case .node(let kinds) = type, kinds.count > 1,
      kinds.contains(where: { index.schema.kinds[$0].origin == .request })
    {
      report(
        .outputType(
          "a node of one kind where a request brings it", index.describe(type),
          at: syntax.type.range))
      return nil
    }
    return type
  }

  /// Adds what a step gives out, for those behind it; `nil` once what is wrong is reported.
  mutating func declareOutput(
    _ syntax: OutputSyntax, isSure: Bool, _ draft: inout PipelineDraft
  ) -> Int? {
    guard let type = outputType(syntax), !syntax.name.isMissing else { return nil }
    guard let readers = newReaders(of: syntax, type, draft) else { return nil }
    guard let output = draft.addOutput(syntax.name, type, readers) else {
      report(
        .pipelineSize("steps with outputs", limit: PipelineBounds.outputs, at: syntax.name.range))
      return nil
    }
    draft.gifts.append(OutputGift(output: output, isSure: isSure))
    return output
  }

  /// `gives count: Int`, once all stages are checked: an output that is surely made by the end. `nil` once what is wrong is
  /// reported.
  mutating func given(_ syntax: OutputSyntax, _ draft: PipelineDraft) -> Int? {
    guard let type = outputType(syntax), !syntax.name.isMissing else { return nil }
    let gift = draft.gifts.first { gift in
      draft.readers(of: gift.output).map { ByteText($0.name.text) == ByteText(syntax.name.text) }
        ?? false
    }
    guard let gift, gift.isSure else {
      report(.givesNothing(syntax.name))
      return nil
    }
    return gives(draft.outputs[gift.output].type, type, syntax) ? gift.output : nil
  }

  /// Whether what is given has the type that is said; false once it is told that it has not.
  private mutating func gives(_ made: ValueType, _ said: ValueType, _ syntax: OutputSyntax) -> Bool
  {
    if made == said { return true }
    report(
      .typeMismatch(
        expected: index.describe(made), found: index.describe(said), hint: "",
        at: syntax.type.range))
    return false
  }

  /// `pipeline look(service) -> found: Int`: another name, in sight of those behind it, for what the pipeline gives out; false
  /// once what is wrong is reported.
  mutating func alias(
    _ syntax: OutputSyntax, of given: Int?, _ pipeline: Name, isSure: Bool,
    _ draft: inout PipelineDraft
  ) -> Bool {
    guard let given else {
      report(.giveless(pipeline.text, at: syntax.name.range))
      return false
    }
    guard let type = outputType(syntax), !syntax.name.isMissing else { return false }
    guard gives(draft.outputs[given].type, type, syntax) else { return false }
    guard let readers = newReaders(of: syntax, type, draft) else { return false }
    draft.alias(syntax.name, given, readers)
    draft.gifts.append(OutputGift(output: given, isSure: isSure))
    return true
  }

  /// The two ways to read an output under a name that the pipeline does not have yet; `nil` once it is told that it has.
  private mutating func newReaders(
    of syntax: OutputSyntax, _ type: ValueType, _ draft: PipelineDraft
  ) -> OutputReaders? {
    if let first = draft.outputRanges[ByteText(syntax.name.text)] {
      reportRepeated(syntax.name, "output", first: first)
      return nil
    }
    if let hidden = outerClash(syntax.name, scope.local(syntax.name.text, below: scope.depth)) {
      report(.shadowedName(syntax.name, hidden.what, first: hidden.range))
    }
    return OutputReaders(
      sure: TypedVariable(id: makeVariable(), name: syntax.name.text, type: type),
      perhaps: TypedVariable(id: makeVariable(), name: syntax.name.text, type: .optional(type)))
  }

  /// Checks something with outputs in sight, and nothing of what was learnt in it outlives it.
  mutating func seeing<Value>(
    _ gifts: [OutputGift], _ draft: inout PipelineDraft,
    _ body: (inout Checker, inout PipelineDraft) -> Value
  ) -> Value {
    guard !gifts.isEmpty else { return body(&self, &draft) }
    let (frame, known, outer) = (scope.depth, scope.facts.mark, draft.inSight)
    for gift in gifts {
      guard let (name, readers) = draft.readers(of: gift.output) else { continue }
      let variable = gift.isSure ? readers.sure : readers.perhaps
      scope.push(
        Local(
          name: name.text, sort: .output, range: name.range,
          value: TypedExpression(.variable(variable.id), variable.type, name.range)))
      draft.inSight.append(gift.output)
    }
    let value = body(&self, &draft)
    scope.pop(to: frame)
    scope.facts.forget(since: known)
    draft.inSight = outer
    return value
  }

  /// What those before give to something: gifts by the place of their giver, and for each place those that come before it.
  ///
  /// - Parameter well: Of these those that have gone well where it begins; `nil`: all.
  func gifts(
    _ given: [[OutputGift]], to place: Int, _ before: [[Int]], _ well: [[Int]]? = nil
  ) -> [OutputGift] {
    let firm = well.map { Set(placesBefore(place, $0)) }
    return placesBefore(place, before).flatMap { giver in
      given[giver].through(isSure: firm?.contains(giver) ?? true)
    }
  }

  /// Those that come before something, also through others, and stand above it in the text: names are read from above. Rising.
  func placesBefore(_ place: Int, _ before: [[Int]]) -> [Int] {
    var found = Set<Int>()
    var open = before[place]
    while let next = open.popLast() {
      guard next < place, found.insert(next).inserted else { continue }
      open += before[next]
    }
    return found.sorted()
  }
}

/// The two ways in which an output is read.
struct OutputReaders {
  let sure: TypedVariable
  /// As an optional: it may not have been made.
  let perhaps: TypedVariable
}

extension [OutputGift] {
  /// As they are behind something that may be skipped, or be ignored.
  func through(isSure: Bool) -> [OutputGift] {
    map { OutputGift(output: $0.output, isSure: $0.isSure && isSure) }
  }
}

extension [ResponseSyntax] {
  /// One of them lets a run go on though something went wrong.
  var ignoreAny: Bool { contains { $0.strategy.text == TroubleStrategy.ignore.rawValue } }
}
