// What an expression looks at, by name: which two clauses are about the same.

/// Finds what expressions read, through lets and rules, but for what the caller is.
struct ReadNames {
  let program: TypedProgram
  private var ofRules: [Int: Set<String>] = [:]

  init(_ program: TypedProgram) {
    self.program = program
  }

  /// Of several expressions, with lets in sight. O(size), each rule and each let once.
  mutating func names(
    in expressions: [TypedExpression], lets: [VariableID: TypedExpression],
    parameters: [TypedVariable]
  ) -> Set<String> {
    let parameters = Dictionary(parameters.map { ($0.id, $0.name) }) { first, _ in first }
    var (found, seen): (Set<String>, Set<VariableID>) = ([], [])
    var open = expressions
    while let next = open.popLast() {
      switch next.form {
      case .variable(let id):
        if let name = parameters[id] { found.insert("parameter \(name)") }
        if let value = lets[id], seen.insert(id).inserted { open.append(value) }
      case .nodes(let kind): found.insert("nodes \(kind)")
      case .nodeLiteral(let kind, let id): found.insert("node \(kind) \(id)")
      case .identifier: found.insert("id")
      case .field(let base, let name):
        if case .caller = base.form, isKind(name) { continue }
        found.insert("member \(name)")
      case .follow(_, let edge): found.insert("member \(edge)")
      case .reach(_, let step, _), .edges(_, let step):
        for edge in step.edges {
          found.insert("member \(program.schema.edges[edge.edge].name)")
        }
      case .score(let card, _), .level(let card, _): found.insert("scorecard \(card)")
      case .approval: found.insert("approval")
      case .call(let rule, _): found.formUnion(names(ofRule: rule))
      default: break
      }
      open += next.children
    }
    return found
  }

  /// Rules never recurse, but may stand deep in each other: those within are looked through first.
  private mutating func names(ofRule rule: Int) -> Set<String> {
    var open = [rule]
    while let next = open.last {
      guard ofRules[next] == nil else {
        open.removeLast()
        continue
      }
      let missing = calls(in: program.rules[next].body).filter { ofRules[$0] == nil }
      if missing.isEmpty {
        ofRules[next] = names(in: [program.rules[next].body], lets: [:], parameters: [])
      } else {
        open += missing
      }
    }
    return ofRules[rule] ?? []
  }

  private func calls(in body: TypedExpression) -> [Int] {
    var (found, open): ([Int], [TypedExpression]) = ([], [body])
    while let next = open.popLast() {
      if case .call(let rule, _) = next.form { found.append(rule) }
      open += next.children
    }
    return found
  }

  private func isKind(_ name: String) -> Bool { isKindField(name) || sort(ofField: name) != nil }
}
