// Which names the element of a filter brings into sight.

import WritModel

extension SchemaIndex {
  /// The element has a member of that name.
  func isMember(_ name: String, of element: Element) -> Bool {
    switch element {
    case .unknown: false
    case .value(let value): isMember(name, of: value.type)
    case .step(let step):
      isEdgeMember(name, ofAnyOf: step.edges.map(\.edge)) || isMember(name, of: step.target.type)
    }
  }

  /// Only nodes and edges bring names in sight.
  private func isMember(_ name: String, of type: ValueType) -> Bool {
    switch type {
    case .node(let kinds): isMember(name, ofAnyOf: kinds)
    case .edge(let edge): isEdgeMember(name, ofAnyOf: [edge])
    default: false
    }
  }

  /// A field or an end of one of the edges.
  func isEdgeMember(_ name: String, ofAnyOf edges: [Int]) -> Bool {
    name == "from" || name == "to" || edges.contains { edgeFields[$0][name] != nil }
  }

  /// The members of an element, for suggestions.
  func memberNames(of element: Element) -> [String] {
    switch element {
    case .unknown: []
    case .value(let value): memberNames(of: value.type)
    case .step(let step):
      step.edges.flatMap { memberNames(of: .edge($0.edge)) } + memberNames(of: step.target.type)
    }
  }

  /// The members of a type, in the order of declaration.
  func memberNames(of type: ValueType) -> [String] {
    switch type {
    case .node(let kinds): kinds.flatMap { memberNames[$0] } + ["id"]
    case .edge(let edge): schema.edges[edge].fields.map(\.name) + ["from", "to"]
    case .instant: InstantPart.allCases.map { "\($0)" }
    case .duration: DurationPart.allCases.map { "\($0)" }
    case .optional(let inner), .set(let inner), .list(let inner): memberNames(of: inner)
    case .bool, .int, .decimal, .string, .date, .enumeration: []
    }
  }
}
