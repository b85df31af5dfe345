// What a tool takes, as JSON Schema: the types of the language in the words of a client that knows none of them.

import Writ
import WritBytecode
import WritModel

/// Schemas for what one schema's values look like from outside.
struct ToolSchema {
  let schema: Schema

  /// The arguments of a gate, an action or a query, by name.
  func arguments(_ parameters: [NamedType]) -> JSONValue {
    let required = parameters.filter { parameter in
      if case .optional = parameter.type { false } else { true }
    }
    return [
      "type": "object",
      "properties": .object(parameters.map { JSONMember($0.name, value($0.type)) }),
      "required": .array(required.map { .string($0.name) }), "additionalProperties": false,
    ]
  }

  /// One value. What a schema cannot say, the description does.
  func value(_ type: ValueType) -> JSONValue {
    switch type {
    case .bool: return ["type": "boolean"]
    case .int:
      return ["type": ["integer", "string"], "description": "64 bits; beyond 2^53 as a string"]
    case .decimal:
      return ["type": ["number", "string"], "description": "at most six digits after the point"]
    case .string: return ["type": "string"]
    case .date: return ["type": "string", "format": "date"]
    case .instant: return ["type": "string", "format": "date-time"]
    case .duration: return ["type": "string", "description": "such as 36h, 15m or 7d"]
    case .enumeration(let index):
      return ["type": "string", "enum": .array(schema.enums[index].members.map { .string($0) })]
    case .node(let kinds):
      let names = kinds.map { schema.kinds[$0].name }
      return [
        "type": "string", "pattern": .string("^(\(names.joined(separator: "|")))/."),
        "description": .string("a node of the graph: \(names[0])/id"),
      ]
    case .optional(let wrapped): return ["anyOf": [value(wrapped), ["type": "null"]]]
    // No parameter has such a type.
    case .edge, .set, .list: return [:]
    }
  }

  /// What a step gives out; of a node that requests bring, its fields and edges.
  func output(_ type: ValueType) -> JSONValue {
    guard case .node(let kinds) = type.unwrapped, let kind = kinds.first,
      schema.kinds[kind].origin == .request
    else { return value(type) }
    let fields = schema.kinds[kind].fields.filter { !$0.isKey }
    let edges = schema.edges.filter { $0.source == kind }
    let members =
      fields.map { JSONMember($0.name, field($0.type)) }
      + edges.map { JSONMember($0.name, self.edge($0)) }
    let required = edges.filter { $0.cardinality == .one }.map { JSONValue.string($0.name) }
    return [
      "type": "object", "properties": .object(members), "required": .array(required),
      "additionalProperties": false,
      "description": .string("a \(schema.kinds[kind].name); its id is not yours to give"),
    ]
  }

  private func field(_ type: ValueType) -> JSONValue {
    guard case .set = type.unwrapped else { return value(type) }
    return ["type": "array", "items": ["type": "string"]]
  }

  private func edge(_ edge: EdgeType) -> JSONValue {
    let one = value(.node(edge.targets))
    return edge.cardinality == .many ? ["anyOf": [one, ["type": "array", "items": one]]] : one
  }

  /// What a gate or an action is asked with: arguments, and what a request may bring beside them.
  func request(_ parameters: [NamedType]) -> JSONValue {
    [
      "type": "object",
      "properties": [
        "arguments": arguments(parameters),
        "facts": [
          "type": "array", "items": ["type": "object"],
          "description":
            "facts that the schema lets a request bring, as {\"node\",\"id\",\"props\"} and {\"edge\",\"from\",\"to\",\"props\"}; any other is refused",
        ],
        "approvals": [
          "type": "array", "items": ["type": "object"],
          "description": "signed approvals as `writ approve` prints them",
        ],
        "waivers": [
          "type": "array", "items": ["type": "object"],
          "description": "granted waivers as `writ waive` prints them",
        ],
      ],
      "required": parameters.isEmpty ? [] : ["arguments"], "additionalProperties": false,
    ]
  }

  /// What a decision is told as.
  static let decision: JSONValue = [
    "type": "object",
    "properties": [
      "decision": ["type": "string", "enum": ["allow", "hold", "deny"]],
      "result": ["type": "object"],
    ],
    "required": ["decision", "result"],
  ]

  /// What became of an action is told as.
  static let outcome: JSONValue = [
    "type": "object",
    "properties": [
      "decision": ["type": "string", "enum": ["allow", "hold", "deny"]],
      "outcome": ["type": "string"], "result": ["type": "object"],
    ],
    "required": ["decision", "result"],
  ]

  /// What a scorecard or a query is told as.
  static let rows: JSONValue = [
    "type": "object", "properties": ["rows": ["type": "array", "items": ["type": "object"]]],
    "required": ["rows"],
  ]
}
