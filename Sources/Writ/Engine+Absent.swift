// Arguments whose nodes are nowhere: what whoever is to approve should know before they sign.

public import WritBytecode
import WritGraph
public import WritModel

extension Engine {
  /// Arguments that name a node which neither the graph nor those facts have, in the order of the parameters. Throws where the
  /// facts do not fit the graph, or an argument is no node of its type.
  public func absentNodes(
    of arguments: [JSONMember], for parameters: [NamedType], beside facts: [JSONValue]
  ) throws(RequestError) -> [JSONMember] {
    let overlay = try overlay(facts)
    var absent: [JSONMember] = []
    for parameter in parameters {
      guard case .node(let kinds) = parameter.type.unwrapped,
        let argument = arguments.first(where: { hasSameBytes($0.name, parameter.name) })
      else { continue }
      let node = try node(argument.value, kinds, "argument `\(parameter.name)`")
      if overlay.node(kind: node.kind, id: node.id) == nil { absent.append(argument) }
    }
    return absent
  }
}
