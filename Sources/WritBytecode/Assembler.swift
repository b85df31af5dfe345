// Text to a bundle: the inverse of `disassemble`.
import WritModel

/// Reads the text form of a bundle and verifies the program; pure, for any bytes.
///
/// Entries stand in the order in which `disassemble` writes them; comments, blank lines and
/// indentation mean nothing.
public func assemble(_ text: [UInt8]) throws(AssemblyError) -> Bundle {
  guard text.count <= Limits.assemblyBytes else {
    throw AssemblyError(
      line: 1, column: 1, expectation: "at most \(Limits.assemblyBytes) bytes")
  }
  var assembler = try Assembler(text)
  return try assembler.bundle()
}

/// Reads entry after entry, and remembers where each stands for what the verifier says of it.
struct Assembler {
  var lines: AssemblyLines
  var program = Program(schema: Schema())
  /// The line of every place that the verifier may name, but the words.
  var places: [VerifyPlace: Int] = [:]
  /// For each routine, the line of each word.
  var wordLines: [[Int]] = []

  /// Reads the first line.
  init(_ text: [UInt8]) throws(AssemblyError) {
    lines = try AssemblyLines(text)
  }

  /// All lines, in the order in which the disassembler writes them; then the verifier.
  mutating func bundle() throws(AssemblyError) -> Bundle {
    var line = try lines.expect("writ-bundle")
    guard line.take("1") else { throw line.error("expected `1`") }
    try line.finish()
    let language = try header("language") { (line) throws(AssemblyError) in try line.text() }
    let engine = try header("engine") { (line) throws(AssemblyError) in try line.text() }
    let start = lines.number
    let revision = try header("revision") { (line) throws(AssemblyError) in
      try line.number64()
    }
    let keys = try keys()
    let delegates = try delegates()
    try readModules()
    try readSchema()
    try readTables()
    try readEntries()
    while let line = try lines.take("routine") { try readRoutine(line) }
    if let line = lines.next {
      throw lines.unexpected("`\(line.keyword)` cannot stand here")
    }
    let verified = try verified()
    do {
      return try Bundle(
        program: verified, keyRegistry: keys, delegates: delegates, revision: revision,
        languageVersion: language, engineVersion: engine)
    } catch {
      throw AssemblyError(line: start, column: 1, expectation: error.description)
    }
  }

  /// A line that must stand here: the keyword, and what is read behind it.
  private mutating func header<Value>(
    _ keyword: String, _ read: (inout AssemblyLine) throws(AssemblyError) -> Value
  ) throws(AssemblyError) -> Value {
    var line = try lines.expect(keyword)
    let value = try read(&line)
    try line.finish()
    return value
  }

  /// `key NAME VERIFIER-KEY actor ACTOR agent? roles ROLE*`
  private mutating func keys() throws(AssemblyError) -> [RegistryEntry] {
    var keys: [RegistryEntry] = []
    while var line = try lines.take("key") {
      let name = try line.text()
      let publicKey = try line.text()
      try line.expect("actor")
      let actor = try line.text()
      let isAgent = line.take("agent")
      try line.expect("roles")
      let roles = try line.texts()
      try line.finish()
      keys.append(
        RegistryEntry(
          name: name, publicKey: publicKey, actor: actor, roles: roles, isAgent: isAgent))
    }
    return keys
  }

  /// `delegate VERIFIER-KEY labels LABEL*`
  private mutating func delegates() throws(AssemblyError) -> [DelegateEntry] {
    var delegates: [DelegateEntry] = []
    while var line = try lines.take("delegate") {
      let publicKey = try line.text()
      try line.expect("labels")
      delegates.append(DelegateEntry(publicKey: publicKey, labels: try line.texts()))
      try line.finish()
    }
    return delegates
  }

  /// The verifier names a place in the program; whoever reads text wants the line of it.
  private func verified() throws(AssemblyError) -> VerifiedProgram {
    do {
      return try VerifiedProgram(verifying: program)
    } catch {
      throw AssemblyError(
        line: line(of: error.place), column: 1, expectation: error.description)
    }
  }

  private func line(of place: VerifyPlace) -> Int {
    if case .word(let routine, let word) = place { return wordLines[routine][word] }
    return places[place] ?? 1
  }

  /// Remembers where the next entry of a table stands.
  mutating func mark(_ table: ProgramTable, _ index: Int, _ line: AssemblyLine) {
    places[.entry(table, index)] = line.number
  }
}

// Modules and schema.
extension Assembler {
  /// `module NAME VERSION DIGEST`, `callers unsigned` and `role NAME`
  private mutating func readModules() throws(AssemblyError) {
    while var line = try lines.take("module") {
      mark(.modules, program.modules.count, line)
      let name = try line.text()
      let version = try line.number64()
      let digest = try line.text()
      try line.finish()
      program.modules.append(ModuleReference(name: name, version: version, digest: digest))
    }
    if var line = try lines.take("callers") {
      try line.expect("unsigned")
      try line.finish()
      program.allowsUnsignedCallers = true
    }
    while var line = try lines.take("role") {
      program.roles.append(try line.text())
      try line.finish()
    }
  }

  /// `enum NAME ordered? MEMBER*`, `source NAME (fresh N)?`, `kind NAME ORIGIN?` with its fields,
  /// and edges.
  private mutating func readSchema() throws(AssemblyError) {
    while var line = try lines.take("enum") {
      mark(.enums, program.schema.enums.count, line)
      let name = try line.text()
      let isOrdered = line.take("ordered")
      let members = try line.texts()
      try line.finish()
      program.schema.enums.append(
        EnumType(name: name, members: members, isOrdered: isOrdered))
    }
    while var line = try lines.take("source") {
      mark(.sources, program.schema.sources.count, line)
      let name = try line.text()
      let fresh = try line.optional("fresh") { (line) throws(AssemblyError) in
        try line.number64()
      }
      try line.finish()
      program.schema.sources.append(SourceType(name: name, freshMicroseconds: fresh))
    }
    while var line = try lines.take("kind") {
      mark(.kinds, program.schema.kinds.count, line)
      let name = try line.text()
      let origin = try origin(&line)
      try line.finish()
      program.schema.kinds.append(
        NodeKind(name: name, origin: origin, fields: try fields()))
    }
    while let line = try lines.take("edge") { try readEdge(line) }
  }

  /// `edge NAME of KIND CARDINALITY to KIND+ ORIGIN? (inverse NAME)?`, and its fields.
  private mutating func readEdge(_ line: AssemblyLine) throws(AssemblyError) {
    var line = line
    mark(.edges, program.schema.edges.count, line)
    let name = try line.text()
    let source = try line.index("of")
    let word = try line.word("one, optional or many")
    guard let cardinality = Cardinality.names.first(where: { $0.0 == word })?.1 else {
      throw line.errorBefore("expected one, optional or many")
    }
    try line.expect("to")
    let targets = try line.indexes()
    let origin = try origin(&line)
    let inverse = try line.optional("inverse") { (line) throws(AssemblyError) in
      try line.text()
    }
    try line.finish()
    program.schema.edges.append(
      EdgeType(
        name: name, source: source, targets: targets, cardinality: cardinality,
        fields: try fields(), origin: origin, inverse: inverse))
  }

  /// `field NAME TYPE key? personal? ORIGIN?`, any number of times.
  private mutating func fields() throws(AssemblyError) -> [FieldType] {
    var fields: [FieldType] = []
    while var line = try lines.take("field") {
      let name = try line.text()
      let type = try type(&line)
      let isKey = line.take("key")
      let isPersonal = line.take("personal")
      let origin = try origin(&line)
      try line.finish()
      fields.append(
        FieldType(
          name: name, type: type, origin: origin, isKey: isKey, isPersonal: isPersonal))
    }
    return fields
  }

  /// `from request` or `from SOURCE+`; nothing where no source was declared.
  private func origin(_ line: inout AssemblyLine) throws(AssemblyError) -> Origin {
    guard line.take("from") else { return .unsourced }
    return line.take("request") ? .request : .sources(try line.indexes())
  }

  /// `int`, `enum 0`, `node 0 2`, `optional string`, `set node 1` and so on.
  func type(_ line: inout AssemblyLine) throws(AssemblyError) -> ValueType {
    try type(&line, depth: 1)
  }

  private func type(
    _ line: inout AssemblyLine, depth: Int
  ) throws(AssemblyError) -> ValueType {
    let word = try line.word("a type")
    guard depth <= Limits.typeDepth else {
      throw line.errorBefore("at most \(Limits.typeDepth) types inside one another")
    }
    if let simple = ValueType.simple.first(where: { $0.0 == word }) { return simple.1 }
    switch word {
    case "enum": return .enumeration(try line.index())
    case "node": return .node(try line.indexes())
    case "edge": return .edge(try line.index())
    case "optional": return .optional(try type(&line, depth: depth + 1))
    case "set": return .set(try type(&line, depth: depth + 1))
    case "list": return .list(try type(&line, depth: depth + 1))
    default: throw line.errorBefore("expected a type")
    }
  }
}
