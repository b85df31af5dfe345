// What a step of a run gave out, as steps behind it take it: data with an origin, typed as the pipeline says.
//
// A scalar is one as in facts. A node that no request brings is one of the graph, which the step names: `"Service/web"`. Of a
// kind that requests bring the step describes one node, by its fields and edges and nothing else:
//
//     {"critical": 3, "worst": "high", "release": "Release/r42"}
//
// Who runs the step names that node, by the run and the step, so that no step can say anything about a node of somebody else.

public import WritBytecode
public import WritCrypto
public import WritModel
import WritVM

/// What a step gave out.
public struct GivenOutput: Hashable, Sendable {
  /// Index into the pipeline's outputs.
  public let output: Int
  /// As an argument of that type is given.
  public let argument: JSONValue
  /// What it says of a node that requests bring.
  public let facts: [JSONValue]
  /// The canonical form of what the step said.
  public let text: String
  /// The run and the step.
  public let origin: String

  /// Reads what a step said. Its types and nodes are looked at when a pipeline is prepared with it.
  ///
  /// - Parameters:
  ///   - text: JSON.
  ///   - picks: Members that the kind does not have are left out, as in an answer of a server; otherwise they are errors.
  ///   - origin: The run and the step: the id of a node that the step describes.
  public init(
    _ text: String, of output: Int, in pipeline: PipelineProgram, _ schema: Schema,
    picks: Bool = false, origin: String
  ) throws(RequestError) {
    var value: JSONValue
    do {
      value = try JSONValue(parsing: Array(text.utf8)).withoutFractions
      if picks { value = GivenOutput.picked(value, pipeline.outputs[output].type, schema) }
      self.text = String(decoding: try value.ownCanonicalBytes(), as: UTF8.self)
    } catch {
      throw RequestError("it is no JSON that has a canonical form: \(error)")
    }
    self.output = output
    self.origin = origin
    guard case .node(let kinds) = pipeline.outputs[output].type.unwrapped,
      let kind = kinds.first, schema.kinds[kind].origin == .request
    else {
      (argument, facts) = (value, [])
      return
    }
    argument = .string("\(schema.kinds[kind].name)/\(origin)")
    facts = try GivenOutput.facts(value, of: kind, id: origin, schema)
  }

  /// The SHA-256 of `text`.
  public var digest: Digest { Digest(of: Array(text.utf8)) }

  /// Of a node that requests bring the members that its kind has.
  private static func picked(
    _ value: JSONValue, _ type: ValueType, _ schema: Schema
  ) -> JSONValue {
    guard case .node(let kinds) = type.unwrapped, let kind = kinds.first,
      schema.kinds[kind].origin == .request, let members = value.object
    else { return value }
    let names =
      schema.kinds[kind].fields.filter { !$0.isKey }.map(\.name)
      + schema.edges.filter { $0.source == kind }.map(\.name)
    return .object(
      members.filter { member in names.contains { hasSameBytes($0, member.name) } })
  }

  private static func facts(
    _ value: JSONValue, of kind: Int, id: String, _ schema: Schema
  ) throws(RequestError) -> [JSONValue] {
    let name = schema.kinds[kind].name
    guard let members = value.object else {
      throw RequestError("it is no JSON object with the fields and edges of a `\(name)`")
    }
    var fields: [JSONMember] = []
    var edges: [JSONValue] = []
    for member in members {
      let isField = schema.kinds[kind].fields.contains { field in
        !field.isKey && hasSameBytes(field.name, member.name)
      }
      if isField {
        fields.append(member)
        continue
      }
      let isEdge = schema.edges.contains { edge in
        edge.source == kind && hasSameBytes(edge.name, member.name)
      }
      guard isEdge else {
        let known =
          schema.kinds[kind].fields.map(\.name)
          + schema.edges.filter { $0.source == kind }.map(\.name)
        let hint = suggestion(for: member.name, among: known)
        throw RequestError("a `\(name)` has no member `\(member.name)`\(hint)")
      }
      for target in member.value.array ?? [member.value] {
        guard let target = target.string else {
          throw RequestError("`\(member.name)` is no node such as \"Service/checkout\"")
        }
        edges.append([
          "edge": .string(member.name), "from": .string("\(name)/\(id)"),
          "to": .string(target), "props": .object([]),
        ])
      }
    }
    return [["node": .string(name), "id": .string(id), "props": .object(fields)]] + edges
  }

  /// Throws where an edge is missing that every node of its kind has: to whoever reads it it would be unknown, much later.
  func requireEdges(_ type: ValueType, _ schema: Schema) throws(RequestError) {
    guard case .node(let kinds) = type.unwrapped, let kind = kinds.first,
      schema.kinds[kind].origin == .request
    else { return }
    for edge in schema.edges where edge.source == kind && edge.cardinality == .one {
      let isThere = facts.contains { hasSameBytes($0["edge"]?.string ?? "", edge.name) }
      guard isThere else {
        throw RequestError(
          "`\(edge.name)` is missing: a `\(schema.kinds[kind].name)` leads to one node by it")
      }
    }
  }
}
