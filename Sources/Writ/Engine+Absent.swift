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

extension LoadedBundle {
  /// A request for an action, resolved, and an engine over a graph that has the nodes which it names and knows nothing of them: a
  /// command without words of the graph is there what it is anywhere, and any other is not known.
  public func knowingNothing(
    but request: Request
  ) throws(RequestError) -> (engine: Engine, request: Request) {
    let schema = program.program.schema
    let empty = try engine(over: SnapshotBuilder(schema))
    let request = try empty.resolved(request)
    guard let call = request.call else { return (empty, request) }
    var names = call.arguments.compactMap(\.value.string)
    for fact in request.facts {
      names += [fact["from"], fact["to"]].compactMap { $0?.string }
      if let kind = fact["node"]?.string, let id = fact["id"]?.string {
        names.append("\(kind)/\(id)")
      }
    }
    var builder = SnapshotBuilder(schema)
    for name in Set(names.map { ByteText($0) }).sorted().map(\.string) {
      guard let (kind, id) = try? empty.node(name, what: "it"),
        schema.kinds[kind].origin != .request
      else { continue }
      builder.addNode(NodeKey(kind, id))
    }
    // A kind that several sources bring has nodes of none.
    return ((try? engine(over: builder)) ?? empty, request)
  }

  private func engine(over builder: consuming SnapshotBuilder) throws(RequestError) -> Engine {
    do throws(GraphProblems) {
      return Engine(bundle: self, snapshot: try builder.build())
    } catch {
      throw RequestError(error.brief)
    }
  }
}
