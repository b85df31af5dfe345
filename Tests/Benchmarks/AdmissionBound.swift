// What the machine can do: the five rules on a release as plain loops over arrays, without and with unknowns.

extension AdmissionData {
  /// Everything is known. Bit r: rule r is violated.
  @inline(__always)
  func bound(_ request: AdmissionRequest) -> UInt32 {
    let service = Int(request.service)
    var violated = others(request) | critical(service) << 1
    if request.kind == 2, blast[unchecked: service] > limits[unchecked: Int(request.actor)] {
      violated |= 16
    }
    return violated
  }

  /// The same, where the services that may be taken along are walked to.
  @inline(__always)
  func boundByWalk(_ request: AdmissionRequest, _ marks: WalkMarks) -> UInt32 {
    let violated = others(request) | critical(Int(request.service)) << 1
    let count = marks.countWithinTwo(of: Int(request.service), self)
    let limit = request.kind == 2 ? Int(limits[unchecked: Int(request.actor)]) : .max
    return violated | (count > limit ? 16 : 0)
  }

  @inline(__always)
  private func critical(_ service: Int) -> UInt32 {
    var found = finding(of: service)
    var row = Int(fleet.depsOff[unchecked: service])
    let end = Int(fleet.depsOff[unchecked: service + 1])
    while row < end {
      found |= finding(of: Int(fleet.deps[unchecked: row]))
      row &+= 1
    }
    return found
  }

  @inline(__always)
  private func finding(of service: Int) -> UInt32 {
    var found: UInt32 = 0
    var row = Int(fleet.findingsOff[unchecked: service])
    let end = Int(fleet.findingsOff[unchecked: service + 1])
    while row < end {
      let isOpen = fleet.status[unchecked: row] == 0
      found |= fleet.severity[unchecked: row] == 3 && isOpen ? 1 : 0
      row &+= 1
    }
    return found
  }

  /// Rules 0, 2 and 3.
  @inline(__always)
  private func others(_ request: AdmissionRequest) -> UInt32 {
    let (environment, time) = (Int(request.environment), request.time)
    let least: UInt8 = environment < 3 ? 0 : environment < 6 ? 50 : 70
    var violated: UInt32 = fleet.score[unchecked: Int(request.service)] < least ? 1 : 0
    var isFrozen: UInt32 = 0
    var place = environment &* 32
    let end = place &+ 32
    while place < end {
      isFrozen |=
        freezes[unchecked: place] <= time && time < freezes[unchecked: place &+ 1] ? 1 : 0
      place &+= 2
    }
    violated |= isFrozen << 2
    if environment % 3 == 0, !isApproved(request) { violated |= 8 }
    return violated
  }

  @inline(__always)
  private func isApproved(_ request: AdmissionRequest) -> Bool {
    let (count, author) = (request.approverCount, request.author)
    let (one, two, three) = request.approvers
    return (count > 0 && one != author && isOfficer(one))
      || (count > 1 && two != author && isOfficer(two))
      || (count > 2 && three != author && isOfficer(three))
  }

  @inline(__always)
  private func isOfficer(_ person: UInt32) -> Bool { roles[unchecked: Int(person)] >> 5 != 0 }
}

/// Which services a walk has met: never cleared, as each walk has a number of its own.
final class WalkMarks {
  private let marks: UnsafeMutablePointer<UInt32>
  private var walk: UInt32 = 0

  init(_ count: Int) {
    marks = .allocate(capacity: count)
    marks.initialize(repeating: 0, count: count)
  }

  deinit { marks.deallocate() }

  @inline(__always)
  func countWithinTwo(of service: Int, _ data: AdmissionData) -> Int {
    walk &+= 1
    let (marks, walk) = (marks, walk)
    let (sources, offsets) = (data.dependents, data.dependentsOff)
    marks[service] = walk
    var count = 0
    for row in Int(offsets[unchecked: service])..<Int(offsets[unchecked: service + 1]) {
      let near = Int(sources[unchecked: row])
      if marks[near] != walk {
        marks[near] = walk
        count &+= 1
      }
      for row in Int(offsets[unchecked: near])..<Int(offsets[unchecked: near + 1]) {
        let far = Int(sources[unchecked: row])
        if marks[far] != walk {
          marks[far] = walk
          count &+= 1
        }
      }
    }
    return count
  }
}

/// Which facts are known, a bit each, all of them here: the bound has to look all the same.
struct AdmissionKnowledge: @unchecked Sendable {
  /// Of services: score, blast, that dependencies are all told, that findings are.
  let service: UnsafeMutablePointer<UInt8>
  /// Severity and status.
  let finding: UnsafeMutablePointer<UInt8>
  /// Of environments: threshold, region, that freezes are all told; of freezes, both ends.
  let environment, freeze: UnsafeMutablePointer<UInt8>
  let person, agent: UnsafeMutablePointer<UInt8>

  init(_ data: AdmissionData) {
    func filled(_ count: Int) -> UnsafeMutablePointer<UInt8> {
      let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: count + 1)
      memory.initialize(repeating: 0xff, count: count + 1)
      return memory
    }
    service = filled(data.fleet.count)
    finding = filled(data.fleet.severity.count)
    environment = filled(9)
    freeze = filled(9 * 16)
    person = filled(data.roles.count)
    agent = filled(data.limits.count)
  }
}

/// Bits of a truth: 1 surely, 2 perhaps.
@inline(__always)
private func truth(_ value: Bool, known: Bool) -> UInt32 { known ? (value ? 3 : 0) : 2 }

extension AdmissionData {
  /// Where any fact may be unknown: the rules that are surely violated, and above them by 8 bits those that perhaps are.
  @inline(__always)
  func threeValuedBound(_ request: AdmissionRequest, _ known: AdmissionKnowledge) -> UInt32 {
    let service = Int(request.service)
    let environment = Int(request.environment)
    let facts = known.service[service]
    let surroundings = known.environment[environment]
    var result: UInt32 = 0
    @inline(__always) func put(_ truth: UInt32, _ rule: UInt32) {
      result |= (truth & 1) << rule | (truth >> 1) << (rule &+ 8)
    }
    let least: UInt8 = environment < 3 ? 0 : environment < 6 ? 50 : 70
    put(
      truth(fleet.score[unchecked: service] < least, known: facts & surroundings & 1 != 0), 0)
    put(critical(service, known), 1)
    put(frozen(environment, request.time, known), 2)
    if environment % 3 == 0 || surroundings & 2 == 0 {
      let missing = 3 ^ approved(request, known)
      // Denied surely if surely nobody has.
      let sure = (missing >> 1 & missing) & 1
      put(surroundings & 2 != 0 ? sure | missing & 2 : missing & 2, 3)
    }
    if request.kind == 2 {
      let agent = Int(request.actor)
      put(
        truth(
          blast[unchecked: service] > limits[unchecked: agent],
          known: facts & 2 != 0 && known.agent[agent] & 1 != 0), 4)
    }
    return result
  }

  @inline(__always)
  private func critical(_ service: Int, _ known: AdmissionKnowledge) -> UInt32 {
    var found = finding(of: service, known)
    if known.service[service] & 4 == 0 { found |= 2 }
    for row in Int(fleet.depsOff[unchecked: service])..<Int(fleet.depsOff[unchecked: service + 1]) {
      found |= finding(of: Int(fleet.deps[unchecked: row]), known)
    }
    return found
  }

  @inline(__always)
  private func finding(of service: Int, _ known: AdmissionKnowledge) -> UInt32 {
    var found: UInt32 = known.service[service] & 8 == 0 ? 2 : 0
    let end = Int(fleet.findingsOff[unchecked: service + 1])
    for row in Int(fleet.findingsOff[unchecked: service])..<end {
      let facts = known.finding[row]
      found |=
        truth(fleet.severity[unchecked: row] == 3, known: facts & 1 != 0)
        & truth(fleet.status[unchecked: row] == 0, known: facts & 2 != 0)
    }
    return found
  }

  @inline(__always)
  private func frozen(_ environment: Int, _ time: UInt32, _ known: AdmissionKnowledge) -> UInt32 {
    var found: UInt32 = known.environment[environment] & 4 == 0 ? 2 : 0
    for place in environment * 16..<environment * 16 + 16 {
      let facts = known.freeze[place]
      found |=
        truth(freezes[unchecked: place * 2] <= time, known: facts & 1 != 0)
        & truth(time < freezes[unchecked: place * 2 + 1], known: facts & 2 != 0)
    }
    return found
  }

  @inline(__always)
  private func approved(_ request: AdmissionRequest, _ known: AdmissionKnowledge) -> UInt32 {
    let (one, two, three) = request.approvers
    var found: UInt32 = 0
    if request.approverCount > 0 { found |= approved(one, request.author, known) }
    if request.approverCount > 1 { found |= approved(two, request.author, known) }
    if request.approverCount > 2 { found |= approved(three, request.author, known) }
    return found
  }

  @inline(__always)
  private func approved(
    _ person: UInt32, _ author: UInt32, _ known: AdmissionKnowledge
  ) -> UInt32 {
    if person == author { return 0 }
    return truth(isOfficer(person), known: known.person[Int(person)] & 1 != 0)
  }
}
