// Enums, sources and nodes become the schema.

import WritModel
import WritSyntax
import WritText

extension Checker {
  /// Fills `index` in the order of the declarations.
  mutating func buildSchema() {
    for pending in pending.enumerations {
      addEnumeration(pending.declaration, module: pending.module)
    }
    for pending in pending.sources { addSource(pending.declaration) }
    // All kinds have their index before a member of one is looked at.
    for pending in pending.nodes {
      let kind = NodeKind(name: pending.declaration.name.text, origin: .unsourced, fields: [])
      index.schema.kinds.append(kind)
      index.members.append(NameMap())
      index.memberNames.append([])
    }
    let kinds = index.schema.kinds
    index.callerKinds =
      kinds.firstIndex { hasSameBytes($0.name, "Identity") }.map { [$0] } ?? Array(kinds.indices)
    var edges: [EdgeDeclaration] = []
    for (kind, pending) in pending.nodes.enumerated() {
      module = pending.module
      edges += addNode(pending.declaration, kind: kind)
    }
    for (edge, declaration) in edges.enumerated() { addInverse(declaration, edge: edge) }
    if edges.count > Limits.schemaEntries, let place = edges.last?.range {
      report(.tooMany("edges", limit: Limits.schemaEntries, at: place))
    }
  }

  /// Members that repeat are left out.
  private mutating func addEnumeration(_ declaration: EnumDeclaration, module: Int) {
    var first: [String: SourceRange] = [:]
    var members: [String] = []
    for member in declaration.members where !member.isMissing {
      if let earlier = first[member.text] {
        reportRepeated(member, "member", first: earlier)
        continue
      }
      first[member.text] = member.range
      members.append(member.text)
    }
    if members.count > Limits.members {
      report(.tooMany("members", limit: Limits.members, at: declaration.name.range))
    }
    let enumeration = EnumType(
      name: declaration.name.text, members: members, isOrdered: declaration.isOrdered)
    index.add(enumeration, module: module)
  }

  /// A source whose facts never grow stale is worth a warning.
  private mutating func addSource(_ declaration: SourceDeclaration) {
    if declaration.fresh == nil, !declaration.name.isMissing {
      report(.sourceWithoutBound(declaration.name))
    }
    let source = SourceType(
      name: declaration.name.text, freshMicroseconds: declaration.fresh?.microseconds)
    index.schema.sources.append(source)
  }

  /// Adds the fields and edges of a kind; returns the declarations of the edges that it added.
  private mutating func addNode(_ declaration: NodeDeclaration, kind: Int) -> [EdgeDeclaration] {
    let origin = declaration.origin.flatMap { self.origin($0) } ?? .unsourced
    var fields: [FieldType] = []
    var edges: [EdgeDeclaration] = []
    var key: SourceRange?
    for member in declaration.members {
      switch member {
      case .field(let field):
        if field.isKey, holdKey(field, first: key) { key = field.name.range }
        let type = fieldType(field, allowsSets: true)
        addMember(field.name, .field(fields.count), to: kind, isBroken: type == nil)
        let own = self.origin(field.origin, within: origin)
        fields.append(
          FieldType(
            name: field.name.text, type: type ?? .string, origin: own, isKey: field.isKey,
            isPersonal: holdPersonal(field, type)))
      case .edge(let edge):
        addEdge(edge, from: kind, origin: origin)
        edges.append(edge)
      }
    }
    index.schema.kinds[kind] = NodeKind(
      name: declaration.name.text, origin: origin, fields: fields)
    return edges
  }

  /// A key is a string that is always there, and a kind has one; its origin is the node's.
  private mutating func holdKey(_ field: FieldDeclaration, first: SourceRange?) -> Bool {
    if let first {
      report(.invalidKey(field.name, "a kind has one key").noting("the first key", at: first))
    }
    if case .named(let names) = field.type.kind, names.first?.text != "String" {
      report(.invalidKey(field.name, "a key is the id of its node, a `String`"))
    } else if field.type.isOptional {
      report(.invalidKey(field.name, "a key is never absent"))
    }
    if field.origin != nil {
      report(.invalidKey(field.name, "a key has the origin of its node"))
    }
    return first == nil
  }

  /// Whether a field tells of a person. Only texts can: they alone are held so that they can be erased.
  private mutating func holdPersonal(_ field: FieldDeclaration, _ type: ValueType?) -> Bool {
    guard field.isPersonal else { return false }
    guard let type else { return true }
    guard type.unwrapped == .string || type == .set(.string) else {
      report(.personalField(field.name, index.describe(type), at: field.type.range))
      return false
    }
    return true
  }

  /// The type of a field, `nil` once it is reported that no field can have it.
  private mutating func fieldType(_ field: FieldDeclaration, allowsSets: Bool) -> ValueType? {
    guard let type = type(field.type) else { return nil }
    switch type.unwrapped {
    case .bool, .int, .decimal, .string, .date, .instant, .duration, .enumeration: return type
    case .set(.string) where allowsSets: return type
    case .node:
      report(.nodeField(field.name, index.describe(type), at: field.type.range))
    case .edge, .optional, .set, .list:
      report(.fieldType(index.describe(type), allowsSets: allowsSets, at: field.type.range))
    }
    return nil
  }

  /// One edge with its fields.
  private mutating func addEdge(
    _ edge: EdgeDeclaration, from kind: Int, origin: Origin
  ) {
    if edge.isMany, edge.isOptional { report(.manyOptional(edge.name)) }
    let own = self.origin(edge.origin, within: origin)
    var fields: [FieldType] = []
    var byName = NameMap<Int>()
    for field in edge.fields {
      if field.isKey { report(.invalidKey(field.name, "an edge has no key")) }
      if let origin = field.origin { report(.edgeFieldOrigin(edge.name, at: origin.range)) }
      holdEdgeFieldName(field.name, byName, edge)
      byName.add(field.name.text, fields.count)
      let type = fieldType(field, allowsSets: false)
      if type == nil {
        index.brokenEdgeFields.insert(
          EdgeField(edge: index.schema.edges.count, field: fields.count))
      }
      fields.append(
        FieldType(
          name: field.name.text, type: type ?? .string, origin: own, isKey: false,
          isPersonal: holdPersonal(field, type)))
    }
    let targets = kinds(edge.targets)
    addMember(
      edge.name, .edge(index.schema.edges.count), to: kind, isBroken: targets == nil)
    let cardinality: Cardinality = edge.isMany ? .many : edge.isOptional ? .optional : .one
    // An edge to nowhere keeps its index, with a target that stands for none.
    index.schema.edges.append(
      EdgeType(
        name: edge.name.text, source: kind, targets: targets ?? [kind], cardinality: cardinality,
        fields: fields, origin: own, inverse: edge.inverse?.text))
    index.edgeFields.append(byName)
  }

  /// `from` and `to` are the ends of every edge.
  private mutating func holdEdgeFieldName(
    _ name: Name, _ byName: NameMap<Int>, _ edge: EdgeDeclaration
  ) {
    if name.text == "from" || name.text == "to" {
      report(.endNamedField(name))
    } else if let first = byName.alike(name.text), !name.isMissing {
      report(.duplicateMember(name, "field", first: edge.fields[first].name.range))
    }
  }

  /// The inverse name is a member of every kind that the edge leads to.
  private mutating func addInverse(_ declaration: EdgeDeclaration, edge: Int) {
    guard let inverse = declaration.inverse else { return }
    let source = index.schema.edges[edge].source
    // The targets are not known: the name must not be missed where it would have been.
    if index.members[source][declaration.name.text]?.isBroken == true {
      index.lostMembers.insert(ByteText(inverse.text))
      return
    }
    for target in index.schema.edges[edge].targets {
      addMember(inverse, .inverse(edge), to: target)
    }
  }

  /// Fields, edges and inverse edges of a kind share one name space.
  private mutating func addMember(
    _ name: Name, _ sort: Member.Sort, to kind: Int, isBroken: Bool = false
  ) {
    guard !name.isMissing else { return }
    let member = Member(sort: sort, range: name.range, isBroken: isBroken)
    if let first = index.members[kind].alike(name.text) {
      let owner = index.schema.kinds[kind].name
      report(.duplicateMember(name, first.noun, of: owner, first: first.range))
      return
    }
    index.members[kind].add(name.text, member)
    index.memberNames[kind].append(name.text)
    if index.memberNames[kind].count == Limits.members + 1 {
      report(.tooMany("members of a node", limit: Limits.members, at: name.range))
    }
  }

  /// The origin of a member: its own, else that of what it belongs to.
  private mutating func origin(_ syntax: OriginSyntax?, within outer: Origin) -> Origin {
    guard let syntax, let own = origin(syntax) else { return outer }
    if outer == .request, case .sources = own {
      report(.sourceInRequest(at: syntax.range))
    }
    return own
  }

  /// Sources by name, or the request.
  private mutating func origin(_ syntax: OriginSyntax) -> Origin? {
    guard case .sources(let names) = syntax.kind else { return .request }
    var sources: [Int] = []
    var seen: Set<Int> = []
    for name in names {
      guard !(name.text == "request" && !name.isQuoted) else {
        report(.mixedOrigin(at: name.range))
        continue
      }
      guard case .source(let source) = lookUp(name, in: \.sources, .source) else { continue }
      if seen.insert(source).inserted {
        sources.append(source)
      } else {
        reportRepeated(name, "source", first: nil)
      }
    }
    return sources.isEmpty ? nil : .sources(sources)
  }
}
