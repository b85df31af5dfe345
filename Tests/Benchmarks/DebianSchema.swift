// The shape of the debian-small graph (shared data, README there), as a schema.
import WritModel

/// Builds a schema from short lines of names.
private struct SchemaSketch {
  var schema = Schema()

  mutating func kind(_ name: String, _ fields: [(String, ValueType)], key: String? = nil) {
    schema.kinds.append(
      NodeKind(name: name, origin: .unsourced, fields: fields.map { field($0, key) }))
  }

  mutating func edge(
    _ name: String, _ source: String, _ targets: [String], _ cardinality: Cardinality = .many,
    _ fields: [(String, ValueType)] = []
  ) {
    let kinds = targets.map(index).sorted()
    schema.edges.append(
      EdgeType(
        name: name, source: index(source), targets: kinds, cardinality: cardinality,
        fields: fields.map { field($0, nil) }, origin: .unsourced, inverse: nil))
  }

  private func field(_ field: (String, ValueType), _ key: String?) -> FieldType {
    FieldType(name: field.0, type: field.1, origin: .unsourced, isKey: field.0 == key)
  }

  private func index(_ kind: String) -> Int {
    schema.kinds.firstIndex { $0.name == kind } ?? 0
  }
}

/// Kinds and edges of debian-small.
func debianSchema() -> Schema {
  var sketch = SchemaSketch()
  let text = ValueType.string
  let maybe = ValueType.optional(.string)
  sketch.kind(
    "Package",
    [
      ("name", text), ("version", text), ("epoch", .int), ("upstream", text),
      ("revision", maybe), ("architecture", text), ("section", text), ("priority", text),
      ("essential", .bool), ("installedKiB", .optional(.int)), ("bytes", .int),
      ("sha256", text), ("suite", text), ("homepage", maybe), ("summary", maybe),
      ("tags", .set(.string)), ("multiArch", maybe),
    ], key: "name")
  sketch.kind("Person", [("name", text)])
  sketch.kind("Source", [("name", text), ("version", maybe), ("suite", maybe)])
  sketch.kind("Suite", [("name", text)])
  sketch.kind("Team", [("name", text)])
  sketch.kind(
    "Update",
    [
      ("package", text), ("version", text), ("suite", text), ("bytes", .int), ("sha256", text),
      ("newer", .bool),
    ])
  sketch.kind("VirtualPackage", [("name", text), ("provided", .bool)])
  sketch.kind(
    "Upload",
    [
      ("source", text), ("version", text), ("at", .instant), ("urgency", text),
      ("distribution", text),
    ])
  sketch.kind("Vulnerability", [("year", .int)])
  sketch.kind(
    "Advisory",
    [
      ("ecosystem", text), ("module", text), ("published", .date), ("severity", text),
      ("summary", maybe), ("kind", text), ("reviewed", .optional(.bool)),
      ("withdrawn", .optional(.date)), ("cvss", .optional(.decimal)), ("vector", maybe),
    ])
  sketch.kind(
    "KnownExploited",
    [
      ("added", .date), ("due", .date), ("vendor", text), ("product", text), ("ransomware", text),
    ])
  sketch.kind("Module", [("ecosystem", text), ("name", text)])
  addEdges(to: &sketch)
  return sketch.schema
}

private func addEdges(to sketch: inout SchemaSketch) {
  let text = ValueType.string
  let maybe = ValueType.optional(.string)
  sketch.edge("builtFrom", "Package", ["Source"], .one, [("version", maybe)])
  sketch.edge(
    "builtUsing", "Package", ["Source"], .many,
    [("field", text), ("version", maybe), ("current", .bool)])
  sketch.edge(
    "dependsOn", "Package", ["Package", "VirtualPackage"], .many,
    [
      ("kind", text), ("group", .int), ("alt", .int), ("op", maybe), ("version", maybe),
      ("qualifier", maybe),
    ])
  sketch.edge("inSuite", "Package", ["Suite"], .many)
  sketch.edge("inSuite", "Update", ["Suite"], .many)
  sketch.edge("ownedBy", "Source", ["Team", "Person"], .many)
  sketch.edge("provides", "Package", ["VirtualPackage", "Package"], .many, [("version", maybe)])
  sketch.edge("updates", "Update", ["Package"], .one)
  sketch.edge("addresses", "Upload", ["Vulnerability"])
  sketch.edge("uploadOf", "Upload", ["Source"], .one)
  sketch.edge("uploadedBy", "Upload", ["Person"], .optional)
  sketch.edge(
    "affects", "Advisory", ["Package"], .many,
    [("version", text), ("matchedBy", text), ("stableRevision", .bool)])
  sketch.edge("aliasOf", "Advisory", ["Vulnerability"])
  sketch.edge("concerns", "Advisory", ["Module"], .many, [("ranges", .set(.string))])
  sketch.edge("exploits", "KnownExploited", ["Vulnerability"])
  sketch.edge("packages", "Package", ["Module"])
}
