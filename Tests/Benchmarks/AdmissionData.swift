// Requests to let a release in, as plain arrays, and the graph that the gate of policies/fleet/admission.writ reads: the data of
// the W1 and W1t workloads.

import Foundation
import WritGraph
import WritModel

/// What the requests are about, beside the services.
struct AdmissionData: @unchecked Sendable {
  let fleet: FleetData
  let blast: UnsafeMutableBufferPointer<Int32>
  /// Services that depend on each.
  let dependents, dependentsOff: UnsafeMutableBufferPointer<UInt32>
  /// By agent.
  let limits: UnsafeMutableBufferPointer<Int32>
  /// By person: bit 5, may approve for the EU.
  let roles: UnsafeMutableBufferPointer<UInt8>
  /// Sixteen pairs of from and until for each environment, which is three times its stage and its region.
  let freezes: UnsafeMutableBufferPointer<UInt32>
  let requests: UnsafeMutableBufferPointer<AdmissionRequest>
  /// Bit r: rule r is violated.
  let expected: [UInt8]
  /// The same where the blast is walked.
  let expectedByWalk: [UInt8]

  static let thresholds = [0, 50, 70]
  static let stages = ["dev", "staging", "prod"]
  static let regions = ["eu", "us", "apac"]
  static let roleNames = [
    "developer", "sre", "manager", "security", "auditor", "eu_compliance",
  ]

  init(folder: String) throws {
    fleet = try FleetData(folder: folder)
    func load<Value>(_ name: String, _ type: Value.Type) throws -> UnsafeMutableBufferPointer<Value>
    {
      try FleetData.load(folder + "/bin/\(name).bin", type)
    }
    blast = try load("blast", Int32.self)
    dependents = try load("rev", UInt32.self)
    dependentsOff = try load("rev_off", UInt32.self)
    limits = try load("agents", Int32.self)
    roles = try load("user_roles", UInt8.self)
    freezes = try load("freezes", UInt32.self)
    requests = try load("reqs", AdmissionRequest.self)
    let lines = try Data(contentsOf: URL(fileURLWithPath: folder + "/expect.ndjson"))
    let answers = try lines.split(separator: 0x0a).map { line -> (mask: Int64, blast: Int64) in
      let json = try JSONValue(parsing: Array(line))
      return (json["mask"]?.integer ?? -1, json["blast2"]?.integer ?? -1)
    }
    expected = answers.map { UInt8($0.mask) }
    let (asked, most) = (requests, limits)
    expectedByWalk = zip(answers, asked).map { answer, request in
      let isTooMany = request.kind == 2 && answer.blast > Int64(most[Int(request.actor)])
      return UInt8(answer.mask) & 15 | (isTooMany ? 16 : 0)
    }
  }
}

/// A request, resolved, as the generator writes it.
struct AdmissionRequest {
  let service, environment, time: UInt32
  /// A person, a pipeline, or an agent: 2.
  let kind: UInt32
  let actor, author, approverCount: UInt32
  let approvers: (UInt32, UInt32, UInt32)

  /// In the place of one who is not there, the author, whose approval does not count.
  var threeApprovers: [UInt32] {
    let known = [approvers.0, approvers.1, approvers.2].prefix(Int(approverCount))
    return known + Array(repeating: author, count: 3 - known.count)
  }
}

extension AdmissionData {
  /// The same as a graph of the policy's schema, in which one source vouches for everything.
  func snapshot(_ schema: Schema) throws -> Snapshot {
    var maker = AdmissionMaker(schema)
    for service in 0..<fleet.count { maker.add(service: service, self) }
    for (stage, threshold) in AdmissionData.thresholds.enumerated() {
      maker.node("Stage", AdmissionData.stages[stage], [.number(Int64(threshold))])
    }
    for environment in 0..<9 { maker.add(environment: environment, self) }
    for (person, bits) in roles.enumerated() {
      let names = AdmissionData.roleNames.indices.filter { bits >> UInt8($0) & 1 == 1 }
      maker.node(
        "Person", AdmissionData.person(person), [.texts(names.map { AdmissionData.roleNames[$0] })])
    }
    for (agent, limit) in limits.enumerated() {
      maker.node("Agent", AdmissionData.agent(agent), [.number(Int64(limit))])
    }
    return try maker.finish()
  }

  static func service(_ number: Int) -> String { "svc-" + padded(number, 6) }
  static func person(_ number: Int) -> String { "u-" + padded(number, 6) }
  static func agent(_ number: Int) -> String { "agent-" + padded(number, 3) }
  static func environment(_ number: Int) -> String {
    stages[number / 3] + "-" + regions[number % 3]
  }

  /// A request as a program writes it.
  func json(of request: AdmissionRequest, gate: String) -> [UInt8] {
    func person(_ number: UInt32) -> String { "Person/" + AdmissionData.person(Int(number)) }
    var text = "{\"gate\":\"\(gate)\",\"arguments\":{"
    text += "\"service\":\"Service/\(AdmissionData.service(Int(request.service)))\","
    text += "\"env\":\"Environment/\(AdmissionData.environment(Int(request.environment)))\","
    text += "\"time\":\"\(Instant(microseconds: Int64(request.time) * 1_000_000))\","
    let actor =
      request.kind == 2 ? "Agent/" + AdmissionData.agent(Int(request.actor)) : person(request.actor)
    text += "\"actor\":\"\(actor)\",\"author\":\"\(person(request.author))\""
    for (name, approver) in zip(["first", "second", "third"], request.threeApprovers) {
      text += ",\"\(name)\":\"\(person(approver))\""
    }
    return Array((text + "}}").utf8)
  }
}

private func padded(_ number: Int, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// Adds nodes and edges by name.
private struct AdmissionMaker: ~Copyable {
  private var builder: SnapshotBuilder
  private let kinds: [String: Int]
  private let edges: [String: Int]

  init(_ schema: Schema) {
    builder = SnapshotBuilder(schema)
    kinds = Dictionary(uniqueKeysWithValues: schema.kinds.enumerated().map { ($1.name, $0) })
    edges = Dictionary(uniqueKeysWithValues: schema.edges.enumerated().map { ($1.name, $0) })
  }

  private func key(_ kind: String, _ id: String) -> NodeKey { NodeKey(kinds[kind] ?? 0, id) }

  /// Values in the order of the kind's fields.
  mutating func node(_ kind: String, _ id: String, _ values: [PropertyValue]) {
    builder.addNode(
      key(kind, id), values.enumerated().map { Property($0, $1) }, source: nil)
  }

  private mutating func edge(_ name: String, from source: NodeKey, to target: NodeKey) {
    builder.addEdge(edges[name] ?? 0, from: source, to: target, [])
  }

  mutating func add(service number: Int, _ data: AdmissionData) {
    let fleet = data.fleet
    let id = AdmissionData.service(number)
    node(
      "Service", id, [.number(Int64(fleet.score[number])), .number(Int64(data.blast[number]))])
    for place in Int(fleet.depsOff[number])..<Int(fleet.depsOff[number + 1]) {
      edge(
        "dependsOn", from: key("Service", id),
        to: key("Service", AdmissionData.service(Int(fleet.deps[place]))))
    }
    let findings = Int(fleet.findingsOff[number])..<Int(fleet.findingsOff[number + 1])
    for (place, row) in findings.enumerated() {
      let finding = "\(id)-\(place)"
      node(
        "Finding", finding,
        [.number(Int64(fleet.severity[row])), .number(Int64(fleet.status[row]))])
      edge("findings", from: key("Service", id), to: key("Finding", finding))
    }
  }

  mutating func add(environment number: Int, _ data: AdmissionData) {
    let id = AdmissionData.environment(number)
    node("Environment", id, [.number(Int64(number % 3))])
    edge(
      "stage", from: key("Environment", id), to: key("Stage", AdmissionData.stages[number / 3]))
    for place in 0..<16 {
      let bounds = (
        data.freezes[number * 32 + place * 2], data.freezes[number * 32 + place * 2 + 1]
      )
      let freeze = "\(id)-\(place)"
      node(
        "Freeze", freeze,
        [.number(Int64(bounds.0) * 1_000_000), .number(Int64(bounds.1) * 1_000_000)])
      edge("freezes", from: key("Environment", id), to: key("Freeze", freeze))
    }
  }

  consuming func finish() throws -> Snapshot {
    builder.addSource(0, .everything, at: Int64(FleetData.now) * 1_000_000)
    return try builder.build()
  }
}
