// Types as people write them.

public import WritModel

/// The type as the language writes it: `Int`, `Severity`, `Service | Library`, `Set<String>`.
///
/// An edge, whose type no text can name, is its kind and its name: `Service.dependsOn`.
public func describe(_ type: ValueType, in schema: Schema) -> String {
  switch type {
  case .bool: "Bool"
  case .int: "Int"
  case .decimal: "Decimal"
  case .string: "String"
  case .date: "Date"
  case .instant: "Instant"
  case .duration: "Duration"
  case .enumeration(let index): schema.enums[index].name
  case .node(let kinds): kinds.map { schema.kinds[$0].name }.joined(separator: " | ")
  case .edge(let index):
    "\(schema.kinds[schema.edges[index].source].name).\(schema.edges[index].name)"
  case .optional(let wrapped): "\(describe(wrapped, in: schema))?"
  case .set(let element): "Set<\(describe(element, in: schema))>"
  case .list(let element): "List<\(describe(element, in: schema))>"
  }
}
