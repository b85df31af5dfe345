// A fleet of services as plain arrays, and the graph made of the same: the data of the W2 workload.

import Foundation
import WritGraph
import WritModel

/// Arrays in memory of their own, as they lie in the files of the generator.
struct FleetData: @unchecked Sendable {
  let count: Int
  let team: UnsafeMutableBufferPointer<Int32>
  let tier, life, coverage, score, runbook, slo: UnsafeMutableBufferPointer<UInt8>
  let deps, depsOff, onCallOff: UnsafeMutableBufferPointer<UInt32>
  let findingsOff, published: UnsafeMutableBufferPointer<UInt32>
  let severity, status: UnsafeMutableBufferPointer<UInt8>
  let deploysOff, deployed: UnsafeMutableBufferPointer<UInt32>
  let succeeded: UnsafeMutableBufferPointer<UInt8>
  let incidentsOff, happened: UnsafeMutableBufferPointer<UInt32>
  let gravity: UnsafeMutableBufferPointer<UInt8>
  /// Bit r: rule r is passed.
  let expected: UnsafeMutableBufferPointer<UInt16>

  /// Seconds since the epoch: when the scorecard is asked.
  static let now: UInt32 = 1_790_000_000

  init(folder: String) throws {
    func load<Value>(_ path: String, _ type: Value.Type) throws -> UnsafeMutableBufferPointer<Value>
    {
      try FleetData.load(folder + "/" + path, type)
    }
    team = try load("bin/team.bin", Int32.self)
    tier = try load("bin/tier.bin", UInt8.self)
    life = try load("bin/life.bin", UInt8.self)
    coverage = try load("bin/coverage.bin", UInt8.self)
    score = try load("bin/score.bin", UInt8.self)
    runbook = try load("bin/runbook.bin", UInt8.self)
    slo = try load("bin/slo.bin", UInt8.self)
    deps = try load("bin/deps.bin", UInt32.self)
    depsOff = try load("bin/deps_off.bin", UInt32.self)
    onCallOff = try load("bin/oncall_off.bin", UInt32.self)
    findingsOff = try load("bin/cves_off.bin", UInt32.self)
    published = try load("bin/cve_pub.bin", UInt32.self)
    severity = try load("bin/cve_sev.bin", UInt8.self)
    status = try load("bin/cve_st.bin", UInt8.self)
    deploysOff = try load("bin/deploys_off.bin", UInt32.self)
    deployed = try load("bin/dep_t.bin", UInt32.self)
    succeeded = try load("bin/dep_ok.bin", UInt8.self)
    incidentsOff = try load("bin/incidents_off.bin", UInt32.self)
    happened = try load("bin/inc_t.bin", UInt32.self)
    gravity = try load("bin/inc_sev.bin", UInt8.self)
    expected = try load("expect_w2.bin", UInt16.self)
    count = team.count
  }

  /// A file as an array, in memory that stays.
  static func load<Value>(
    _ path: String, _ type: Value.Type
  ) throws -> UnsafeMutableBufferPointer<Value> {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    let count = data.count / MemoryLayout<Value>.stride
    // A word more, so that a loop may look at what stands behind.
    let memory = UnsafeMutableRawPointer.allocate(byteCount: data.count + 64, alignment: 64)
    data.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress { memory.copyMemory(from: base, byteCount: data.count) }
    }
    return UnsafeMutableBufferPointer(
      start: memory.bindMemory(to: Value.self, capacity: count), count: count)
  }
}

extension FleetData {
  /// The same as a graph of the policy's schema, in which one source vouches for everything.
  func snapshot(_ schema: Schema) throws -> Snapshot {
    var maker = FleetMaker(schema)
    for service in 0..<count { maker.add(service, self) }
    return try maker.finish()
  }
}

/// Adds nodes and edges by name.
private struct FleetMaker: ~Copyable {
  let schema: Schema
  var builder: SnapshotBuilder
  private let kinds: [String: Int]
  private let edges: [String: Int]

  init(_ schema: Schema) {
    self.schema = schema
    builder = SnapshotBuilder(schema)
    kinds = Dictionary(
      uniqueKeysWithValues: schema.kinds.enumerated().map { ($1.name, $0) })
    edges = Dictionary(
      uniqueKeysWithValues: schema.edges.enumerated().map { ($1.name, $0) })
  }

  private func number(_ id: Int) -> String {
    let digits = String(id)
    return String(repeating: "0", count: 6 - digits.count) + digits
  }

  private func key(_ kind: String, _ id: String) -> NodeKey { NodeKey(kinds[kind] ?? 0, id) }

  /// Values in the order of the kind's fields; `nil` for none.
  private mutating func node(_ kind: String, _ id: String, _ values: [PropertyValue?]) {
    builder.addNode(
      key(kind, id),
      values.enumerated().compactMap { place, value in value.map { Property(place, $0) } },
      source: nil)
  }

  private func instant(_ seconds: UInt32) -> PropertyValue { .number(Int64(seconds) * 1_000_000) }

  mutating func add(_ service: Int, _ data: FleetData) {
    let id = "svc-" + number(service)
    let owner: PropertyValue? =
      data.team[service] < 0 ? nil : .text("team-\(data.team[service])")
    node(
      "Service", id,
      [
        owner, .number(Int64(data.tier[service])), .number(Int64(data.life[service])),
        .number(Int64(data.coverage[service])), .number(Int64(data.runbook[service])),
        .number(Int64(data.slo[service])), .number(Int64(data.score[service])),
      ])
    for place in Int(data.depsOff[service])..<Int(data.depsOff[service + 1]) {
      let other = "svc-" + number(Int(data.deps[place]))
      builder.addEdge(
        edges["dependsOn"] ?? 0, from: key("Service", id), to: key("Service", other), [])
    }
    for place in 0..<Int(data.onCallOff[service + 1] - data.onCallOff[service]) {
      let person = "person-\(place)"
      if service == 0 || place > known { node("Person", person, []) }
      known = max(known, place)
      builder.addEdge(edges["onCall"] ?? 0, from: key("Service", id), to: key("Person", person), [])
    }
    children(service, id, data)
  }

  /// The highest number of a person that was added.
  private var known = -1

  private mutating func child(_ kind: String, _ edge: String, _ parent: String, _ place: Int)
    -> String
  {
    let id = "\(parent)-\(place)"
    builder.addEdge(edges[edge] ?? 0, from: key("Service", parent), to: key(kind, id), [])
    return id
  }

  private mutating func children(_ service: Int, _ id: String, _ data: FleetData) {
    for (place, row) in (data.findingsOff[service]..<data.findingsOff[service + 1]).enumerated() {
      let row = Int(row)
      node(
        "Finding", child("Finding", "findings", id, place),
        [
          .number(Int64(data.severity[row])), .number(Int64(data.status[row])),
          instant(data.published[row]),
        ])
    }
    for (place, row) in (data.deploysOff[service]..<data.deploysOff[service + 1]).enumerated() {
      let row = Int(row)
      node(
        "Deployment", child("Deployment", "deployments", id, place),
        [instant(data.deployed[row]), .number(Int64(data.succeeded[row]))])
    }
    for (place, row) in (data.incidentsOff[service]..<data.incidentsOff[service + 1]).enumerated() {
      let row = Int(row)
      node(
        "Incident", child("Incident", "incidents", id, place),
        [instant(data.happened[row]), .number(Int64(data.gravity[row]))])
    }
  }

  consuming func finish() throws -> Snapshot {
    builder.addSource(0, .everything, at: Int64(FleetData.now) * 1_000_000)
    return try builder.build()
  }
}
