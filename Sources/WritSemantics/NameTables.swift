// The declarations of a program by name.

import WritModel
import WritSyntax
import WritText

/// What a name at the top of a module stands for, by index into the list of its sort.
enum Entity: Hashable {
  case scalar(ValueType)
  case enumeration(Int)
  case kind(Int)
  case source(Int)
  case role(Int)
  case parameter(Int)
  case rule(Int)
  case scorecard(Int)
  case gate(Int)
  case waiver(Int)
  case query(Int)
  case action(Int)
  case pipeline(Int)
  case fixture(Int)

  /// What people call it, with its article.
  var noun: String {
    switch self {
    case .scalar: "a built-in type"
    case .enumeration: "an enum"
    case .kind: "a kind of node"
    case .source: "a source"
    case .role: "a role"
    case .parameter: "a param"
    case .rule: "a rule"
    case .scorecard: "a scorecard"
    case .gate: "a gate"
    case .waiver: "a waiver"
    case .query: "a query"
    case .action: "an action"
    case .pipeline: "a pipeline"
    case .fixture: "a fixture"
    }
  }

  /// It is what is looked for; only such names are worth a suggestion.
  func isOf(_ sort: NameSort) -> Bool {
    switch (sort, self) {
    case (.type, .scalar), (.type, .enumeration), (.type, .kind), (.kind, .kind),
      (.source, .source), (.role, .role), (.callee, .rule), (.callee, .scorecard), (.gate, .gate),
      (.waiver, .waiver),
      (.action, .action), (.pipeline, .pipeline), (.fixture, .fixture):
      true
    default: false
    }
  }
}

/// What a name is looked up as, in the words of messages.
enum NameSort: String {
  case type
  case kind = "kind of node"
  case source
  case role
  case callee = "rule or scorecard"
  case gate
  case waiver
  case action
  case pipeline
  case fixture
}

/// A declaration that a name may mean.
struct Declared {
  let entity: Entity
  /// Index of the module it stands in; `nil` for what is built in.
  let module: Int?
  /// Its name in the text; `nil` for what is built in.
  let range: SourceRange?
}

/// One name space.
struct NameTable {
  private var entries = NameMap<Declared>()
  /// In the order of declaration, for suggestions.
  private(set) var names: [String] = []

  subscript(name: String) -> Declared? { entries[name] }

  /// What takes the name: under it, or under one that looks the same.
  func alike(_ name: String) -> Declared? { entries.alike(name) }

  /// Adds a name that is not in the table yet.
  mutating func add(_ name: String, _ declared: Declared) {
    entries.add(name, declared)
    names.append(name)
  }
}

/// The name spaces: a type and a rule may share a name, a rule and a gate may not.
struct NameTables {
  /// Scalars, enums and kinds.
  var types = NameTable()
  /// Params, rules, scorecards, gates, queries, actions and pipelines.
  var values = NameTable()
  var sources = NameTable()
  var roles = NameTable()
  var waivers = NameTable()
  var fixtures = NameTable()

  /// The built-in names are in sight of every module.
  init() {
    let scalars: [(String, ValueType)] = [
      ("Bool", .bool), ("Int", .int), ("Decimal", .decimal), ("String", .string),
      ("Date", .date), ("Instant", .instant), ("Duration", .duration),
    ]
    for (name, type) in scalars {
      types.add(name, Declared(entity: .scalar(type), module: nil, range: nil))
    }
    types.add(
      SchemaIndex.weekday.name,
      Declared(entity: .enumeration(0), module: nil, range: nil))
  }
}

/// A parameter of a rule, scorecard, gate, query, action or pipeline; its type is `nil` where it could not be read.
struct Signature {
  let name: Name
  let type: ValueType?
}

/// Parameters by name; of names that repeat the first counts. Made once for a call, which may have many arguments.
struct ParameterPlaces {
  private var places = NameMap<Int>()

  /// O(parameters).
  init(_ signature: [Signature]) {
    for (place, parameter) in signature.enumerated() { places.add(parameter.name.text, place) }
  }

  subscript(name: String) -> Int? { places[name] }
}

/// A param on its way to its typed form.
struct ParameterEntry {
  let module: Int
  let declaration: ParamDeclaration
  var type: ValueType?
  var typed: TypedParameter?
}

/// A rule on its way to its typed form.
struct RuleEntry {
  let module: Int
  let declaration: RuleDeclaration
  var signature: [Signature] = []
  /// Declared, or once the body is checked what it yields.
  var result: ValueType?
  var typed: TypedRule?
}

/// A scorecard on its way to its typed form.
struct ScorecardEntry {
  let module: Int
  let declaration: ScorecardDeclaration
  var signature: [Signature] = []
  var levelEnum: Int?
  var typed: TypedScorecard?
}

/// The clauses of a gate, as far as tests ask for them.
struct ClauseTable {
  /// Ids in order.
  private(set) var names: [String] = []
  private var byName = NameMap<(name: Name, asksApproval: Bool)>()

  subscript(id: String) -> (name: Name, asksApproval: Bool)? { byName[id] }

  /// The clause that has the id, or one that looks the same.
  func alike(_ id: String) -> Name? { byName.alike(id)?.name }

  /// Adds a clause; of ids that repeat the first counts.
  mutating func add(_ name: Name, asksApproval: Bool) {
    names.append(name.text)
    byName.add(name.text, (name, asksApproval))
  }
}

/// A gate on its way to its typed form.
struct GateEntry {
  let module: Int
  let declaration: GateDeclaration
  var signature: [Signature] = []
  var clauses = ClauseTable()
  var typed: TypedGate?
}

/// A waiver on its way to its typed form.
struct WaiverEntry {
  let module: Int
  let declaration: WaiverDeclaration
  var typed: TypedWaiver?
}

/// An action on its way to its typed form.
struct ActionEntry {
  let module: Int
  let declaration: ActionDeclaration
  var signature: [Signature] = []
  /// The action that takes it back.
  var rollback: Int?
  /// The gate that decides on it.
  var guardGate: Int?
  var typed: TypedAction?

  /// Whether it says so, rightly or not.
  var isBreakGlass: Bool {
    declaration.heads.contains { if case .breakGlass = $0.kind { true } else { false } }
  }
}

/// A pipeline on its way to its typed form.
struct PipelineEntry {
  let module: Int
  let declaration: PipelineDeclaration
  var signature: [Signature] = []
  var typed: TypedPipeline?
  /// Of the typed form within another pipeline.
  var extent = (size: PipelineSize(), levels: 0)
}

/// `now`, `caller` or `within`, and where it stands.
struct Moment {
  let what: String
  let range: SourceRange
}

/// A fixture on its way to its typed form.
struct FixtureEntry {
  let module: Int
  let declaration: FixtureDeclaration
  /// Its own facts.
  var facts = FactList()
  /// Fixtures that it stands on, bases first, itself last.
  var order: [Int] = []
  var typed: TypedFixture?
}

/// Facts in order, and the nodes that they speak of without saying that they are there.
struct FactList {
  var facts: [TypedFact] = []
  var references: [NodeMention] = []
}

/// A node where a text names it.
struct NodeMention {
  let node: NodeName
  let range: SourceRange
}

/// A declaration with the module it stands in.
struct Pending<Declaration> {
  let module: Int
  let declaration: Declaration
}

/// Declarations that need nothing but their module to be remembered.
struct PendingDeclarations {
  var enumerations: [Pending<EnumDeclaration>] = []
  var sources: [Pending<SourceDeclaration>] = []
  var nodes: [Pending<NodeDeclaration>] = []
  var queries: [Pending<QueryDeclaration>] = []
  var tests: [Pending<TestDeclaration>] = []
}
