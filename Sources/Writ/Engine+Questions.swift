// Queries: answers that decide nothing.

import WritBytecode
public import WritModel
public import WritVM

extension Engine {
  /// The answer to a query, and the machine that can print its values.
  public func query(
    _ name: String, arguments given: [JSONMember], isStrict: Bool, _ asking: Asking
  ) throws(RequestError) -> (result: QueryResult, machine: Machine) {
    let index = try index(of: name, in: program.queries.map(\.name), what: "query")
    let query = program.queries[index]
    let machine = try machine(asking)
    let arguments = try arguments(query.parameters, given, "query `\(query.name)`", machine)
    let result = machine.query(index, arguments: arguments, asOf: asking.asOf, isStrict: isStrict)
    guard let result else {
      throw RequestError("query `\(query.name)` looks at more than its limit allows")
    }
    return (result, machine)
  }
}
