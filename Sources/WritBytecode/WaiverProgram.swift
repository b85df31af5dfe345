// Waivers of a program: requests that findings be spared, each waiting for somebody to grant it.
public import WritModel

/// A node by kind and id.
public struct WaivedNode: Sendable {
  /// Index into `schema.kinds`.
  public let kind: Int
  public let id: String

  public init(kind: Int, id: String) {
    self.kind = kind
    self.id = id
  }
}

extension WaivedNode: Hashable {
  /// Ids are equal byte for byte.
  public static func == (left: WaivedNode, right: WaivedNode) -> Bool {
    left.kind == right.kind && hasSameBytes(left.id, right.id)
  }

  /// Over what equality looks at.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(kind)
    hasher.combine(ByteText(id))
  }
}

/// Which findings a waiver is about.
public struct WaivedFindings: Hashable, Sendable {
  /// Index into `Program.gates`.
  public let gate: Int
  /// Index into the gate's clauses.
  public let clause: Int
  /// All of them are among a finding's subjects; never empty, each once.
  public let nodes: [WaivedNode]

  public init(gate: Int, clause: Int, nodes: [WaivedNode]) {
    self.gate = gate
    self.clause = clause
    self.nodes = nodes
  }
}

/// A compiled waiver: emission 0 of its routine captures the sets of those who may not grant it, besides the caller.
public struct WaiverProgram: Hashable, Sendable {
  /// `module.waiver`
  public let name: String
  public let findings: WaivedFindings
  public let reason: String
  /// Microseconds since the epoch: the first moment at which it is over.
  public let expires: Int64
  /// Index into `Program.routines`; its inputs are the gate's parameters.
  public let routine: Int
  /// `path:line:column` of the waiver.
  public let position: String

  public init(
    name: String, findings: WaivedFindings, reason: String, expires: Int64, routine: Int,
    position: String
  ) {
    self.name = name
    self.findings = findings
    self.reason = reason
    self.expires = expires
    self.routine = routine
    self.position = position
  }
}

extension Program {
  /// Whether there are waivers of a gate. O(waivers).
  public func hasWaivers(ofGate gate: Int) -> Bool {
    waivers.contains { $0.findings.gate == gate }
  }

  /// The text that somebody grants: what is waived, for which nodes, why and until when, in strings alone.
  public func text(of waiver: WaiverProgram) -> JSONValue {
    let gate = gates[waiver.findings.gate]
    return [
      "clause": .string(gate.clauses[waiver.findings.clause].name),
      "expires": .string(Instant(microseconds: waiver.expires).description),
      "for": .array(waiver.findings.nodes.map { .string(reference(to: $0)) }),
      "gate": .string(gate.name), "reason": .string(waiver.reason),
      "waiver": .string(waiver.name),
    ]
  }

  /// `Kind/id`
  public func reference(to node: WaivedNode) -> String {
    "\(schema.kinds[node.kind].name)/\(node.id)"
  }
}

extension Program {
  /// `nil` where there are none.
  var waiversJSON: JSONValue? { waivers.isEmpty ? nil : .array(waivers.map(\.json)) }
}

extension WaiverProgram {
  fileprivate var json: JSONValue {
    .object(of: [
      ("at", .string(position)), ("clause", .number(of: findings.clause)),
      ("expires", .number(of: expires)),
      ("for", .array(findings.nodes.map { [.number(of: $0.kind), .string($0.id)] })),
      ("gate", .number(of: findings.gate)), ("name", .string(name)),
      ("reason", .string(reason)), ("routine", .number(of: routine)),
    ])
  }
}

extension ManifestReader {
  /// None where the member is left out.
  func waivers() throws(BundleError) -> [WaiverProgram] {
    guard optional("waivers") != nil else { return [] }
    return try list("waivers") { (item) throws(BundleError) in try item.waiver() }
  }

  private func waiver() throws(BundleError) -> WaiverProgram {
    let nodes = try list("for") { (item) throws(BundleError) in
      let parts = try item.elements()
      guard parts.count == 2 else { throw item.error("expected a kind and an id") }
      return WaivedNode(kind: try parts[0].index(), id: try parts[1].text())
    }
    return WaiverProgram(
      name: try text("name"),
      findings: WaivedFindings(
        gate: try index("gate"), clause: try index("clause"), nodes: nodes),
      reason: try text("reason"), expires: try number("expires"), routine: try index("routine"),
      position: try text("at"))
  }
}

extension EntryVerifier {
  /// Each is of a clause that can be waived, for nodes that there can be.
  func verifyWaivers() throws(VerifyError) {
    try VerifierRules(.program).distinct(program.waivers.map(\.name), of: "waiver")
    for gate in program.gates.indices {
      if let role = program.gates[gate].waivingRole {
        try VerifierRules(.entry(.gates, gate)).require(
          program.roles.contains(where: { hasSameBytes($0, role) }), .unknownRole(role))
      }
    }
    for (index, waiver) in program.waivers.enumerated() {
      try verify(waiver, VerifierRules(.entry(.waivers, index)))
    }
  }

  private func verify(_ waiver: WaiverProgram, _ rules: VerifierRules) throws(VerifyError) {
    try rules.text(waiver.position, of: "position")
    try rules.name(waiver.reason, of: "reason")
    try rules.index(waiver.findings.gate, of: "gate", below: program.gates.count)
    let gate = program.gates[waiver.findings.gate]
    try rules.index(waiver.findings.clause, of: "clause", below: gate.clauses.count)
    let isWaivable =
      gate.waivingRole != nil && !gate.clauses[waiver.findings.clause].hasApproval
    try rules.require(isWaivable, .notWaivable)
    let nodes = waiver.findings.nodes
    try rules.require(!nodes.isEmpty, .empty("nodes"))
    try rules.count(nodes.count, of: "nodes", atMost: Limits.waivedNodes)
    for (place, node) in nodes.enumerated() {
      try rules.index(node.kind, of: "kind", below: program.schema.kinds.count)
      // A request calls what it brings whatever it likes.
      let isBrought = program.schema.kinds[node.kind].origin == .request
      try rules.require(!isBrought, .badType("node"))
      try rules.text(node.id, of: "id")
      try rules.require(!nodes[..<place].contains(node), .duplicate("node", node.id))
    }
    let excluded = try emission(
      of: waiver.routine, inputCount: gate.parameters.count, rules)
    for (place, capture) in excluded.captures.enumerated() {
      guard case .set = capture else { throw VerifyError(rules.place, .wrongCapture(place)) }
    }
  }
}
