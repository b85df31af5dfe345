// Ten permit rules over roles and attributes: whole decisions, verdicts, verdicts by blocks, and the bound of a plain loop.

import Foundation
import Writ
import WritBytecode
import WritGraph
import WritModel
import WritText
import WritVM

/// Times the gate of policies/fleet/access.writ; `folder` is one that the generator of the W3 workload wrote.
func accessBenchmark(folder: String) throws {
  let data = try AccessData(folder: folder)
  guard let program = compile([try fleetPolicy("access.writ")], root: 0).program else {
    print("access.writ does not compile")
    exit(65)
  }
  let access = try Access(data, program, try data.snapshot(program.program.schema))
  print("\(data.requests.count) requests, \(access.blockClauseCount) of 1 clause by blocks")
  access.checkAnswers()
  try access.run()
}

/// A request with what is known of its user and its resource.
private struct AccessRequest {
  let roles, action, user, owner, userTeam, team, stage, tier, classification: UInt32
  let onCall, risk, isAllowed: UInt32
}

private struct AccessData {
  let requests: [AccessRequest]

  private static let roles = [
    "admin", "viewer", "developer", "sre", "auditor", "security", "agent",
  ]
  private static let actions = [
    "read", "update", "delete", "deploy", "restart", "rollback", "export", "quarantine",
  ]
  private static let stages = ["dev", "staging", "prod"]

  init(folder: String) throws {
    let lines = try Data(contentsOf: URL(fileURLWithPath: folder + "/rbac.ndjson"))
    requests = try lines.split(separator: 0x0a).map { line in
      let json = try JSONValue(parsing: Array(line))
      guard let input = json["input"], let user = input["user"], let resource = input["resource"],
        let isAllowed = json["allow"]?.bool
      else { throw BenchmarkError(description: "rbac.ndjson has another form") }
      func place(_ value: JSONValue?, _ names: [String]) -> UInt32 {
        UInt32(names.firstIndex { $0 == value?.string } ?? 0)
      }
      /// The number behind a letter.
      func number(_ value: JSONValue?) -> UInt32 {
        (value?.string?.dropFirst()).flatMap { UInt32($0) } ?? 0
      }
      func count(_ value: JSONValue?) -> UInt32 { UInt32(value?.integer ?? 0) }
      return AccessRequest(
        roles: (user["roles"]?.array ?? []).reduce(0) {
          $0 | 1 << place($1, AccessData.roles)
        },
        action: place(input["action"], AccessData.actions), user: number(user["id"]),
        owner: number(resource["owner"]), userTeam: number(user["team"]),
        team: number(resource["team"]), stage: place(resource["env"], AccessData.stages),
        tier: count(resource["tier"]), classification: count(resource["classification"]),
        onCall: user["oncall"]?.bool == true ? 1 : 0, risk: count(user["risk"]),
        isAllowed: isAllowed ? 1 : 0)
    }
  }

  /// A user and a resource for each request, for which one source vouches.
  func snapshot(_ schema: Schema) throws -> Snapshot {
    var builder = SnapshotBuilder(schema)
    let kinds = Dictionary(uniqueKeysWithValues: schema.kinds.enumerated().map { ($1.name, $0) })
    func add(
      _ kind: String, _ number: Int, _ values: [PropertyValue], to builder: inout SnapshotBuilder
    ) {
      builder.addNode(
        NodeKey(kinds[kind] ?? 0, String(number)),
        values.enumerated().map { Property($0, $1) }, source: nil)
    }
    for (number, request) in requests.enumerated() {
      let roles = AccessData.roles.indices.filter { request.roles >> UInt32($0) & 1 == 1 }
      add(
        "User", number,
        [
          .text("u\(request.user)"), .texts(roles.map { AccessData.roles[$0] }),
          .text("t\(request.userTeam)"), .number(Int64(request.onCall)),
          .number(Int64(request.risk)),
        ], to: &builder)
      add(
        "Resource", number,
        [
          .text("u\(request.owner)"), .text("t\(request.team)"), .number(Int64(request.stage)),
          .number(Int64(request.tier)), .number(Int64(request.classification)),
        ], to: &builder)
    }
    builder.addSource(0, .everything, at: Int64(FleetData.now) * 1_000_000)
    return try builder.build()
  }
}

private final class Access {
  private let data: AccessData
  private let machine: Machine
  private let arguments: [[Slot]]
  private let block: GateBlock
  private let now = Int64(FleetData.now) * 1_000_000

  init(_ data: AccessData, _ program: VerifiedProgram, _ snapshot: Snapshot) throws {
    self.data = data
    machine = try PreparedProgram(program, snapshot).machine()
    let overlay = try OverlayBuilder(try OverlayPlan(snapshot, program.program.schema)).build()
    machine.bind(RequestLink(overlay), Circumstances(now: now, asOf: now, caller: nil))
    let kinds = program.program.gates[0].parameters.map(\.type)
    guard case .node(let users) = kinds[0], case .node(let resources) = kinds[2],
      let block = GateBlock(machine, gate: 0)
    else { throw BenchmarkError(description: "the gate has other parameters, or no blocks") }
    self.block = block
    let machine = machine
    func node(_ kind: Int, _ number: Int) -> Slot {
      machine.node(kind: kind, id: String(number)).map { Slot(exact: $0) } ?? .nothing
    }
    arguments = data.requests.enumerated().map { number, request in
      [
        node(users[0], number), Slot(exact: Int64(request.action)), node(resources[0], number),
      ]
    }
  }

  var blockClauseCount: Int { block.blockClauseCount }

  /// Every answer of every way, before any is timed.
  func checkAnswers() {
    for (place, request) in data.requests.enumerated() {
      precondition(bound(request) == request.isAllowed, "bound: request \(place)")
      let verdict = machine.verdict(gate: 0, arguments: arguments[place], asOf: now)
      precondition(
        (verdict?.outcome == .allow) == (request.isAllowed == 1), "verdict: request \(place)")
      let whole = machine.decide(gate: 0, arguments: arguments[place], approvals: [], asOf: now)
      precondition(
        (whole.outcome == .allow) == (request.isAllowed == 1), "decision: request \(place)")
    }
    inBlocks { place, verdict in
      precondition(
        (verdict.outcome == .allow) == (data.requests[place].isAllowed == 1),
        "block: request \(place)")
    }
  }

  private func inBlocks(_ body: (Int, GateVerdict) -> Void) {
    for request in arguments { request.withUnsafeBufferPointer { block.append($0) } }
    block.takeVerdicts(asOf: now, body)
  }

  func run() throws {
    let turns = 200
    let times = try medians(
      rounds: rounds, turns: turns,
      [
        {
          var sum: UInt32 = 0
          for request in self.data.requests { sum &+= bound(request) }
          keep(sum)
        },
        {
          var sum: UInt64 = 0
          self.inBlocks { sum &+= $1.denying }
          keep(UInt32(truncatingIfNeeded: sum))
        },
        {
          var sum: UInt64 = 0
          for request in self.arguments {
            let verdict = self.machine.verdict(gate: 0, arguments: request, asOf: self.now)
            sum &+= verdict?.denying ?? 0
          }
          keep(UInt32(truncatingIfNeeded: sum))
        },
      ])
    let decisions = try medians(
      rounds: rounds,
      [
        {
          for request in self.arguments {
            _ = self.machine.decide(gate: 0, arguments: request, approvals: [], asOf: self.now)
          }
        }
      ])
    print("W3, nanoseconds a request (CPU; median of \(rounds) rounds):")
    for (name, time) in zip(
      ["bound", "verdicts by blocks", "verdict", "decision with reasons"], times + decisions)
    {
      let padded = name.padding(toLength: 28, withPad: " ", startingAt: 0)
      let each = String(format: "%7.1f", time / Double(data.requests.count))
      print("  \(padded) \(each)  \(String(format: "%.1f", time / times[0])) x")
    }
  }

  private let rounds = 9
}

/// All ten rules, everything known.
@inline(__always)
private func bound(_ request: AccessRequest) -> UInt32 {
  @inline(__always) func bit(_ value: Bool) -> UInt32 { value ? 1 : 0 }
  @inline(__always) func has(_ role: UInt32) -> UInt32 { request.roles >> role & 1 }
  let action: UInt32 = 1 << request.action
  let isDeploy = action >> 3 & 1
  let isDev = bit(request.stage == 0)
  var allows = has(0) | has(1) & action & bit(request.classification <= 1)
  allows |= has(2) & bit(action & 3 != 0) & bit(request.team == request.userTeam)
  allows |= has(2) & isDeploy & isDev
  allows |= has(3) & bit(action & 0x38 != 0) & bit(request.stage >= 1) & bit(request.tier >= 1)
  allows |= has(3) & isDeploy & bit(request.tier == 0) & request.onCall
  allows |= has(4) & bit(action & 0x41 != 0)
  allows |= bit(request.owner == request.user) & bit(action & 7 != 0)
  allows |= has(5) & bit(action & 0x81 != 0)
  return allows | has(6) & isDeploy & isDev & bit(request.tier >= 2) & bit(request.risk < 40)
}
