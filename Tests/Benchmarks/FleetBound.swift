// What the machine can do: the twelve rules as plain loops over arrays, a service at a time, without and with unknowns.

/// Results of all services.
struct FleetResults: @unchecked Sendable {
  /// Bit r: rule r is surely passed; and: may be passed.
  let lower, upper: UnsafeMutablePointer<UInt16>
  let score, grade: UnsafeMutablePointer<UInt8>

  init(count: Int) {
    lower = .allocate(capacity: count)
    upper = .allocate(capacity: count)
    score = .allocate(capacity: count)
    grade = .allocate(capacity: count)
  }
}

/// Score and grade of each of the 4,096 masks.
struct FleetGrades: @unchecked Sendable {
  let score, grade: UnsafeMutablePointer<UInt8>
  static let weights = [10, 10, 8, 8, 6, 15, 8, 8, 5, 10, 7, 5]

  init() {
    score = .allocate(capacity: 4096)
    grade = .allocate(capacity: 4096)
    for mask in 0..<4096 {
      let sum = FleetGrades.weights.indices.reduce(0) {
        $0 + (mask >> $1 & 1) * FleetGrades.weights[$1]
      }
      score[mask] = UInt8(sum)
      grade[mask] = sum >= 90 ? 4 : sum >= 75 ? 3 : sum >= 60 ? 2 : sum >= 40 ? 1 : 0
    }
  }
}

private let day: UInt32 = 86_400
private let month = FleetData.now - 30 * day
private let quarter = FleetData.now - 90 * day

/// Everything is known.
func boundOfServices(
  _ data: FleetData, _ grades: FleetGrades, _ results: FleetResults, _ range: Range<Int>
) {
  for service in range {
    var mask: UInt32 = data.team[unchecked: service] >= 0 ? 1 : 0
    mask |= (data.coverage[unchecked: service] >= 80 ? 1 : 0) << 1
    mask |= UInt32(data.runbook[unchecked: service]) << 2
    mask |= UInt32(data.slo[unchecked: service]) << 3
    let isStaffed =
      data.onCallOff[unchecked: service + 1] > data.onCallOff[unchecked: service]
    mask |= (isStaffed ? 1 : 0) << 4
    var (critical, high, old): (UInt32, UInt32, UInt32) = (0, 0, 0)
    var row = Int(data.findingsOff[unchecked: service])
    var end = Int(data.findingsOff[unchecked: service + 1])
    while row < end {
      let open: UInt32 = data.status[unchecked: row] == 0 ? 1 : 0
      critical |= data.severity[unchecked: row] == 3 ? open : 0
      high &+= data.severity[unchecked: row] == 2 ? open : 0
      old |= data.published[unchecked: row] < month ? open : 0
      row &+= 1
    }
    mask |= (critical == 0 ? 1 : 0) << 5 | (high <= 1 ? 1 : 0) << 6 | (old == 0 ? 1 : 0) << 7
    var (recent, all, failed): (UInt32, UInt32, UInt32) = (0, 0, 0)
    row = Int(data.deploysOff[unchecked: service])
    end = Int(data.deploysOff[unchecked: service + 1])
    while row < end {
      recent |= data.deployed[unchecked: row] >= month ? 1 : 0
      let counts: UInt32 = data.deployed[unchecked: row] >= quarter ? 1 : 0
      all &+= counts
      failed &+= data.succeeded[unchecked: row] == 0 ? counts : 0
      row &+= 1
    }
    mask |= recent << 8 | (failed &* 100 <= 25 &* all ? 1 : 0) << 9
    var grave: UInt32 = 0
    row = Int(data.incidentsOff[unchecked: service])
    end = Int(data.incidentsOff[unchecked: service + 1])
    while row < end {
      let counts = data.happened[unchecked: row] >= quarter && data.gravity[unchecked: row] <= 2
      grave &+= counts ? 1 : 0
      row &+= 1
    }
    var deprecated: UInt32 = 0
    row = Int(data.depsOff[unchecked: service])
    end = Int(data.depsOff[unchecked: service + 1])
    while row < end {
      deprecated |= data.life[unchecked: Int(data.deps[unchecked: row])] == 2 ? 1 : 0
      row &+= 1
    }
    mask |= (grave <= 1 ? 1 : 0) << 10 | (deprecated == 0 ? 1 : 0) << 11
    results.lower[service] = UInt16(truncatingIfNeeded: mask)
    results.score[service] = grades.score[Int(mask)]
    results.grade[service] = grades.grade[Int(mask)]
  }
}

/// Any fact may be unknown: a byte beside each says whether it is known, and a byte a service and table whether something may
/// be missing.
struct FleetKnowledge: @unchecked Sendable {
  /// Of services: bit f of fact f; bits 8 to 12 of the five tables.
  let service: UnsafeMutablePointer<UInt16>
  let finding, deployment, incident: UnsafeMutablePointer<UInt8>

  /// Everything is known.
  init(_ data: FleetData) {
    func filled<Value>(_ count: Int, _ value: Value) -> UnsafeMutablePointer<Value> {
      let memory = UnsafeMutablePointer<Value>.allocate(capacity: count + 1)
      memory.initialize(repeating: value, count: count + 1)
      return memory
    }
    service = filled(data.count, 0xffff)
    finding = filled(data.severity.count, 0xff)
    deployment = filled(data.deployed.count, 0xff)
    incident = filled(data.happened.count, 0xff)
  }
}

/// Bits of a truth: 1 surely, 2 perhaps.
@inline(__always)
private func truth(_ value: Bool, known: Bool) -> UInt32 { known ? (value ? 3 : 0) : 2 }

/// The same rules where any fact may be unknown.
func threeValuedBoundOfServices(
  _ data: FleetData, _ known: FleetKnowledge, _ grades: FleetGrades, _ results: FleetResults,
  _ range: Range<Int>
) {
  for service in range {
    var (lower, upper): (UInt32, UInt32) = (0, 0)
    @inline(__always) func put(_ truth: UInt32, _ rule: UInt32) {
      lower |= (truth & 1) << rule
      upper |= (truth >> 1) << rule
    }
    let facts = known.service[service]
    put(truth(data.team[unchecked: service] >= 0, known: facts & 1 != 0), 0)
    put(truth(data.coverage[unchecked: service] >= 80, known: facts & 2 != 0), 1)
    put(truth(data.runbook[unchecked: service] != 0, known: facts & 4 != 0), 2)
    put(truth(data.slo[unchecked: service] != 0, known: facts & 8 != 0), 3)
    let staff = data.onCallOff[unchecked: service + 1] &- data.onCallOff[unchecked: service]
    put((staff > 0 ? 1 : 0) | (staff > 0 || facts & 256 == 0 ? 2 : 0), 4)
    findings(data, known, service, isOpen: facts & 512 == 0, put)
    deployments(data, known, service, isOpen: facts & 1024 == 0, put)
    incidents(data, known, service, isOpen: facts & 2048 == 0, put)
    var (sure, perhaps): (UInt32, UInt32) = (0, 0)
    for row in Int(data.depsOff[unchecked: service])..<Int(data.depsOff[unchecked: service + 1]) {
      let other = Int(data.deps[unchecked: row])
      let kind = truth(data.life[unchecked: other] == 2, known: known.service[other] & 16 != 0)
      sure |= kind & 1
      perhaps |= kind >> 1
    }
    put((perhaps == 0 && facts & 4096 != 0 ? 1 : 0) | (sure == 0 ? 2 : 0), 11)
    results.lower[service] = UInt16(truncatingIfNeeded: lower)
    results.upper[service] = UInt16(truncatingIfNeeded: upper)
    results.score[service] = grades.score[Int(lower)]
    results.grade[service] = grades.grade[Int(upper)]
  }
}

@inline(__always)
private func findings(
  _ data: FleetData, _ known: FleetKnowledge, _ service: Int, isOpen: Bool,
  _ put: (UInt32, UInt32) -> Void
) {
  var (critical, old): (UInt32, UInt32) = (0, 0)
  var (least, most): (UInt32, UInt32) = (0, 0)
  let end = Int(data.findingsOff[unchecked: service + 1])
  for row in Int(data.findingsOff[unchecked: service])..<end {
    let facts = known.finding[row]
    let open = truth(data.status[unchecked: row] == 0, known: facts & 1 != 0)
    critical |= open & truth(data.severity[unchecked: row] == 3, known: facts & 2 != 0)
    let high = open & truth(data.severity[unchecked: row] == 2, known: facts & 2 != 0)
    least &+= high & 1
    most &+= high >> 1
    old |= open & truth(data.published[unchecked: row] < month, known: facts & 4 != 0)
  }
  put((critical >> 1 == 0 && !isOpen ? 1 : 0) | (critical & 1 == 0 ? 2 : 0), 5)
  put((most <= 1 && !isOpen ? 1 : 0) | (least <= 1 ? 2 : 0), 6)
  put((old >> 1 == 0 && !isOpen ? 1 : 0) | (old & 1 == 0 ? 2 : 0), 7)
}

@inline(__always)
private func deployments(
  _ data: FleetData, _ known: FleetKnowledge, _ service: Int, isOpen: Bool,
  _ put: (UInt32, UInt32) -> Void
) {
  var recent: UInt32 = 0
  var (least, most, leastFailed, mostFailed): (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
  let end = Int(data.deploysOff[unchecked: service + 1])
  for row in Int(data.deploysOff[unchecked: service])..<end {
    let facts = known.deployment[row]
    recent |= truth(data.deployed[unchecked: row] >= month, known: facts & 1 != 0)
    let counts = truth(data.deployed[unchecked: row] >= quarter, known: facts & 1 != 0)
    let failed = counts & truth(data.succeeded[unchecked: row] == 0, known: facts & 2 != 0)
    least &+= counts & 1
    most &+= counts >> 1
    leastFailed &+= failed & 1
    mostFailed &+= failed >> 1
  }
  put(recent & 1 | (recent >> 1 | (isOpen ? 1 : 0)) << 1, 8)
  let surely = mostFailed &* 100 <= 25 &* least && !isOpen
  let perhaps = leastFailed &* 100 <= 25 &* most || isOpen
  put((surely ? 1 : 0) | (perhaps ? 2 : 0), 9)
}

@inline(__always)
private func incidents(
  _ data: FleetData, _ known: FleetKnowledge, _ service: Int, isOpen: Bool,
  _ put: (UInt32, UInt32) -> Void
) {
  var (least, most): (UInt32, UInt32) = (0, 0)
  let end = Int(data.incidentsOff[unchecked: service + 1])
  for row in Int(data.incidentsOff[unchecked: service])..<end {
    let facts = known.incident[row]
    let grave =
      truth(data.happened[unchecked: row] >= quarter, known: facts & 1 != 0)
      & truth(data.gravity[unchecked: row] <= 2, known: facts & 2 != 0)
    least &+= grave & 1
    most &+= grave >> 1
  }
  put((most <= 1 && !isOpen ? 1 : 0) | (least <= 1 ? 2 : 0), 10)
}

extension UnsafeMutableBufferPointer {
  /// Without a look at the bounds, as a loop in C.
  @inline(__always)
  subscript(unchecked place: Int) -> Element {
    baseAddress.unsafelyUnwrapped[place]
  }
}
