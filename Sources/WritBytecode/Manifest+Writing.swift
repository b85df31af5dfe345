// A bundle's manifest: everything but the words, as JSON. docs/bytecode.md lists its members.
//
// Members that are `nil` are left out. A number beyond ±(2^53 - 1) is a string. Where a number
// names one of two things, the second is written as -1 - n: an inverse edge, a captured set, a
// descending column.
import WritModel

extension Bundle {
  var manifest: JSONValue {
    .object(of: [
      ("delegates", delegates.isEmpty ? nil : .array(delegates.map(\.json))),
      ("engine", .string(engineVersion)),
      ("keys", .array(keyRegistry.map(\.json))),
      ("language", .string(languageVersion)),
      ("program", program.program.json),
      ("revision", .number(of: revision)),
    ])
  }
}

extension JSONValue {
  /// An object of the members that are there.
  static func object(of members: [(String, JSONValue?)]) -> JSONValue {
    .object(members.compactMap { (name, value) in value.map { JSONMember(name, $0) } })
  }

  /// A number, or a string where JSON's readers might round it.
  static func number(of value: Int64) -> JSONValue {
    value.magnitude < 1 << 53 ? .integer(value) : .string(String(value))
  }

  static func number(of value: Int) -> JSONValue { .number(of: Int64(value)) }

  static func numbers(_ values: [Int]) -> JSONValue {
    .array(values.map { .number(of: $0) })
  }

  static func strings(_ values: [String]) -> JSONValue {
    .array(values.map { .string($0) })
  }
}

extension RegistryEntry {
  fileprivate var json: JSONValue {
    .object(of: [
      ("actor", .string(actor)), ("agent", isAgent ? .bool(true) : nil),
      ("key", .string(publicKey)), ("name", .string(name)), ("roles", .strings(roles)),
    ])
  }
}

extension DelegateEntry {
  fileprivate var json: JSONValue {
    .object(of: [("key", .string(publicKey)), ("labels", .strings(labels))])
  }
}

extension Program {
  fileprivate var json: JSONValue {
    .object(of: [
      ("actions", actionsJSON), ("approvals", .array(approvals.map(\.json))),
      ("callers", allowsUnsignedCallers ? "unsigned" : nil),
      ("closures", .array(closures.map(\.json))),
      ("constants", .array(constants.map(\.json))),
      ("fields", .array(fields.map(\.json))),
      ("gates", .array(gates.map(\.json))),
      ("kindSets", .array(kindSets.map { .numbers($0) })),
      ("modules", .array(modules.map(\.json))),
      ("parameters", .array(parameters.map(\.json))), ("pipelines", pipelinesJSON),
      ("queries", .array(queries.map(\.json))),
      ("roles", .strings(roles)),
      ("routines", .array(routines.map(\.json))),
      ("schema", schema.json),
      ("scorecards", .array(scorecards.map(\.json))),
      ("steps", .array(steps.map(\.json))), ("waivers", waiversJSON),
    ])
  }
}

// The schema.
extension Schema {
  fileprivate var json: JSONValue {
    .object(of: [
      ("edges", .array(edges.map(\.json))), ("enums", .array(enums.map(\.json))),
      ("kinds", .array(kinds.map(\.json))), ("sources", .array(sources.map(\.json))),
    ])
  }
}

extension EnumType {
  fileprivate var json: JSONValue {
    .object(of: [
      ("members", .strings(members)), ("name", .string(name)), ("ordered", .bool(isOrdered)),
    ])
  }
}

extension SourceType {
  fileprivate var json: JSONValue {
    .object(of: [
      ("fresh", freshMicroseconds.map { .number(of: $0) }), ("name", .string(name)),
    ])
  }
}

extension Origin {
  fileprivate var json: JSONValue? {
    switch self {
    case .unsourced: nil
    case .sources(let sources): .numbers(sources)
    case .request: "request"
    }
  }
}

extension NodeKind {
  fileprivate var json: JSONValue {
    .object(of: [
      ("fields", .array(fields.map(\.json))), ("from", origin.json), ("name", .string(name)),
    ])
  }
}

extension FieldType {
  fileprivate var json: JSONValue {
    var members: [(String, JSONValue?)] = [
      ("from", origin.json), ("key", .bool(isKey)), ("name", .string(name)),
    ]
    if isPersonal { members.append(("personal", true)) }
    return .object(of: members + [("type", type.json)])
  }
}

extension EdgeType {
  fileprivate var json: JSONValue {
    .object(of: [
      ("cardinality", .string(cardinality.name)), ("fields", .array(fields.map(\.json))),
      ("from", origin.json), ("inverse", inverse.map { .string($0) }), ("name", .string(name)),
      ("source", .number(of: source)), ("targets", .numbers(targets)),
    ])
  }
}

extension ValueType {
  var json: JSONValue {
    switch self {
    case .bool, .int, .decimal, .string, .date, .instant, .duration: .string(simpleName ?? "")
    case .enumeration(let index): ["enum": .number(of: index)]
    case .node(let kinds): ["node": .numbers(kinds)]
    case .edge(let index): ["edge": .number(of: index)]
    case .optional(let wrapped): ["optional": wrapped.json]
    case .set(let element): ["set": element.json]
    case .list(let element): ["list": element.json]
    }
  }
}

// Tables.
extension ModuleReference {
  fileprivate var json: JSONValue {
    .object(of: [
      ("digest", .string(digest)), ("name", .string(name)), ("version", .number(of: version)),
    ])
  }
}

extension ConstantValue {
  fileprivate var json: JSONValue {
    switch self {
    case .scalar(let number): ["number": .number(of: number)]
    case .string(let text): ["string": .string(text)]
    case .node(let kind, let id): ["node": [.number(of: kind), .string(id)]]
    case .absent: nil
    }
  }
}

extension ParameterValue {
  fileprivate var json: JSONValue {
    .object(of: [("name", .string(name)), ("type", type.json), ("value", value.json)])
  }
}

extension FieldReference {
  fileprivate var json: JSONValue {
    switch self {
    case .node(let fields): ["nodes": .array(fields.map { .numbers([$0.kind, $0.field]) })]
    case .edge(let edge, let field): ["edge": .numbers([edge, field])]
    }
  }
}

extension StepReference {
  fileprivate var json: JSONValue {
    .numbers(edges.map { $0.isInverse ? -1 - $0.edge : $0.edge })
  }
}

extension ClosureReference {
  fileprivate var json: JSONValue {
    .object(of: [
      ("limit", layerLimit.map { .number(of: $0) }), ("start", .bool(includesStart)),
      ("step", .number(of: step)),
    ])
  }
}

extension ApprovalReference {
  fileprivate var json: JSONValue {
    .object(of: [
      ("count", .number(of: count)), ("role", .string(role)),
      ("within", withinMicroseconds.map { .number(of: $0) }),
    ])
  }
}

// What is called.
extension NamedType {
  var json: JSONValue {
    .object(of: [("name", .string(name)), ("type", type.json)])
  }
}

extension Routine {
  fileprivate var json: JSONValue {
    .object(of: [
      ("buffers", .number(of: scoreBufferCount)), ("cursors", .number(of: cursorCount)),
      ("emissions", .array(emissions.map(\.json))), ("inputs", .number(of: inputCount)),
      ("registers", .number(of: registerCount)), ("sets", .number(of: setCount)),
      ("words", .number(of: code.count)),
    ])
  }
}

extension Emission {
  fileprivate var json: JSONValue {
    let numbers = captures.map { (capture) -> Int in
      switch capture {
      case .register(let register): register
      case .set(let set): -1 - set
      }
    }
    return .object(of: [
      ("captures", .numbers(numbers)), ("witnesses", .numbers(witnesses)),
    ])
  }
}

extension GateProgram {
  fileprivate var json: JSONValue {
    .object(of: [
      ("clauses", .array(clauses.map(\.json))), ("name", .string(name)),
      ("parameters", .array(parameters.map(\.json))),
      ("waivable", waivingRole.map { .string($0) }),
    ])
  }
}

extension ClauseProgram {
  fileprivate var json: JSONValue {
    .object(of: [
      ("approval", .bool(hasApproval)), ("at", .string(position)),
      ("bindings", .array(bindings.map(\.json))), ("deny", .bool(isDeny)),
      ("message", .array(message.map(\.json))), ("name", .string(name)),
      ("routine", .number(of: routine)), ("subjects", .array(subjects.map(\.json))),
    ])
  }
}

extension MessagePiece {
  var json: JSONValue {
    switch self {
    case .text(let text): .string(text)
    case .value(let routine, let type): ["routine": .number(of: routine), "type": type.json]
    }
  }
}

extension ScorecardProgram {
  fileprivate var json: JSONValue {
    .object(of: [
      ("checks", .array(checks.map(\.json))), ("enum", .number(of: levelEnum)),
      ("levels", .array(levels.map(\.json))), ("name", .string(name)),
      ("parameters", .array(parameters.map(\.json))), ("routine", .number(of: routine)),
      ("sum", .bool(isSum)),
    ])
  }
}

extension CheckProgram {
  fileprivate var json: JSONValue {
    .object(of: [
      ("at", .string(position)), ("name", .string(name)), ("title", title.map { .string($0) }),
      ("weight", .number(of: weight)),
    ])
  }
}

extension LevelProgram {
  fileprivate var json: JSONValue {
    .object(of: [
      ("checks", .numbers(requiredChecks)), ("ordinal", .number(of: ordinal)),
      ("threshold", .number(of: threshold)),
    ])
  }
}

extension QueryProgram {
  fileprivate var json: JSONValue {
    .object(of: [
      ("columns", .array(columns.map(\.json))), ("groupKeys", .array(groupKeys.map(\.json))),
      ("grouped", .bool(isGrouped)), ("limit", limit.map { .number(of: $0) }),
      ("name", .string(name)),
      ("order", .numbers(order.map { $0.isDescending ? -1 - $0.column : $0.column })),
      ("parameters", .array(parameters.map(\.json))), ("path", .bool(isPath)),
      ("routine", .number(of: routine)),
    ])
  }
}

extension ColumnProgram {
  fileprivate var json: JSONValue {
    let (member, capture): (String, Int) =
      switch source {
      case .value(let capture): ("value", capture)
      case .groupKey(let capture): ("key", capture)
      case .aggregate(let kind, let capture): (kind.name, capture)
      }
    return .object(of: [
      ("from", .object([JSONMember(member, .number(of: capture))])), ("name", .string(name)),
      ("type", type.json),
    ])
  }
}
