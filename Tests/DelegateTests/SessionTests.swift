// The conversation of a delegate and a control plane, byte by byte and without a socket.

import Testing
import WritCrypto
import WritDelegate
import WritEvidence
import WritModel

/// Both sides of one connection.
private struct Talk {
  let world: World
  var control: ControlSession
  var delegate: DelegateSession
  var events: [ControlEvent] = []
  var effects: [SessionEffect] = []
  var now: Int64 = 0

  init(
    _ world: World, permitKey: Ed25519PrivateKey? = nil, delegateKey: Ed25519PrivateKey? = nil
  ) throws {
    self.world = world
    control = ControlSession(
      permitKey: permitKey ?? world.permitKey,
      delegates: [(world.delegateName, world.delegateKey.publicKey)],
      nonce: [UInt8](repeating: 1, count: 32))
    delegate = DelegateSession(
      trust: try world.trust(), key: delegateKey ?? world.delegateKey,
      nonce: [UInt8](repeating: 2, count: 32), atMilliseconds: 0)
  }

  /// Carries bytes both ways, in pieces, until nobody has anything to say.
  mutating func settle(piece: Int = 1 << 20) throws {
    while !control.unsent.isEmpty || !delegate.unsent.isEmpty {
      let (toControl, toDelegate) = (delegate.unsent, control.unsent)
      (delegate.unsent, control.unsent) = ([], [])
      for start in stride(from: 0, to: toControl.count, by: piece) {
        let end = min(start + piece, toControl.count)
        events += try control.receive(Array(toControl[start..<end]))
      }
      for start in stride(from: 0, to: toDelegate.count, by: piece) {
        let end = min(start + piece, toDelegate.count)
        effects += delegate.receive(Array(toDelegate[start..<end]), atMilliseconds: now)
      }
    }
  }
}

@Suite struct SessionTests {
  @Test(arguments: [1, 7, 1 << 20])
  func anOrderGoesThrough(piece: Int) throws {
    var world = try World()
    let (order, permit) = try world.order(assignment())
    var talk = try Talk(world)
    try talk.settle(piece: piece)
    #expect(talk.events == [.known(world.identity, checkpoint: 0, fence: 0)])
    #expect(talk.delegate.isKnown && talk.control.isIdle)
    talk.control.offer(order, permit: permit)
    try talk.settle(piece: piece)
    #expect(talk.effects == [.judge(order)])
    talk.delegate.accepted(permit: permit.id)
    let long = [UInt8](repeating: 5, count: Limits.outputChunkByteCount + 1)
    talk.delegate.wrote(OutputChunk(stream: .errors, bytes: long))
    try talk.settle(piece: piece)
    let result = StepResult(
      action: permit.action, digest: permit.digest, permit: permit.id, fence: permit.fence,
      ending: StepResult.Ending(.succeeded, exitCode: 0, from: noon, to: noon))
    let envelope = result.signed(by: world.delegateKey).json
    talk.delegate.finished(envelope, permit: permit.id)
    try talk.settle(piece: piece)
    #expect(
      Array(talk.events.dropFirst()) == [
        .accepted(permit: permit.id),
        .output(permit: permit.id, stream: .errors, bytes: Array(long.dropLast())),
        .output(permit: permit.id, stream: .errors, bytes: [5]),
        .result(result, envelope: envelope),
      ])
    #expect(!talk.control.isIdle, "not before it is recorded")
    talk.control.recorded()
    try talk.settle(piece: piece)
    #expect(talk.effects.last == .recorded(permit: permit.id))
    #expect(talk.control.isIdle)
    talk.control.offer(order, permit: permit)
    try talk.settle()
    talk.delegate.refused(code: "expired", reason: "the permit expired")
    try talk.settle()
    #expect(talk.events.last == .refused(code: "expired", reason: "the permit expired"))
    #expect(talk.control.isIdle)
  }

  @Test func onlyThePermitKeyIsBelieved() throws {
    let world = try World()
    for thief in [try key(2), try key(9), world.delegateKey] {
      var talk = try Talk(world, permitKey: thief)
      try talk.settle()
      #expect(talk.effects == [.close("the control plane does not have the permit key")])
      #expect(!talk.delegate.isKnown)
      #expect(talk.events.isEmpty, "nothing is proved to a stranger")
    }
  }

  @Test func onlyTheDelegatesKeyIsBelieved() throws {
    var talk = try Talk(try World(), delegateKey: try key(9))
    #expect(throws: SessionError("the delegate `eu-1` did not sign who it is")) {
      try talk.settle()
    }
    #expect(!talk.control.isIdle)
    var stranger = try World()
    stranger.delegateName = "eu-9"
    var control = ControlSession(
      permitKey: stranger.permitKey, delegates: [("eu-1", stranger.delegateKey.publicKey)],
      nonce: [UInt8](repeating: 1, count: 32))
    let other = DelegateSession(
      trust: try stranger.trust(), key: stranger.delegateKey,
      nonce: [UInt8](repeating: 2, count: 32), atMilliseconds: 0)
    #expect(throws: SessionError.self) { try control.receive(other.unsent) }
  }

  /// What was signed in one meeting proves nothing in another, nor from the other side.
  @Test func proofsAreForOneMeeting() throws {
    let proof = SessionProof(name: "a", delegateNonce: [1], controlNonce: [2])
    let others = [
      SessionProof(name: "b", delegateNonce: [1], controlNonce: [2]),
      SessionProof(name: "a", delegateNonce: [2], controlNonce: [1]),
      SessionProof(name: "a", delegateNonce: [1], controlNonce: [3]),
    ]
    #expect(proof.controlBytes != proof.delegateBytes)
    for other in others {
      #expect(other.controlBytes != proof.controlBytes)
      #expect(other.delegateBytes != proof.delegateBytes)
    }
    #expect(!proof.controlBytes.starts(with: Array("DSSEv1".utf8)))
  }

  @Test func nothingIsTakenOutOfTurn() throws {
    var world = try World()
    let (order, permit) = try world.order(assignment())
    // Before the control plane has shown who it is.
    for message in [
      ControlMessage.assignment(order), .proceed, .stop, .recorded(permit: permit.id),
    ] {
      var talk = try Talk(world)
      let effects = talk.delegate.receive(message.line, atMilliseconds: 0)
      guard case .close? = effects.first, effects.count == 1 else {
        Issue.record("\(message) was taken")
        continue
      }
    }
    // Two orders at once.
    var talk = try Talk(world)
    try talk.settle()
    let twice = ControlMessage.assignment(order).line
    let effects = talk.delegate.receive(twice + twice, atMilliseconds: 0)
    #expect(effects == [.judge(order), .close("a message that is out of turn")])
    // A result that nobody asked for, and one of another order.
    var other = try Talk(world)
    try other.settle()
    let wrong = StepResult(
      action: permit.action, digest: digest("other"), permit: permit.id, fence: permit.fence,
      ending: StepResult.Ending(.succeeded, exitCode: 0, from: noon, to: noon))
    let envelope = wrong.signed(by: world.delegateKey).json
    var unasked = other.control
    #expect(throws: SessionError("a message that is out of turn")) {
      try unasked.receive(DelegateMessage.result(envelope: envelope).line)
    }
    other.control.offer(order, permit: permit)
    #expect(throws: SessionError("the result is of another order")) {
      try other.control.receive(DelegateMessage.result(envelope: envelope).line)
    }
  }

  /// What a delegate has begun it cannot refuse any more, and a result is told once.
  @Test func nothingIsTakenBack() throws {
    var world = try World()
    let (order, permit) = try world.order(assignment())
    var talk = try Talk(world)
    try talk.settle()
    talk.control.offer(order, permit: permit)
    var early = talk.control
    #expect(throws: SessionError.self) {
      try early.receive(DelegateMessage.output(permit: permit.id, stream: .output, bytes: []).line)
    }
    _ = try talk.control.receive(DelegateMessage.accepted(permit: permit.id).line)
    var late = talk.control
    #expect(throws: SessionError.self) {
      try late.receive(DelegateMessage.refused(code: "expired", reason: "").line)
    }
    let result = StepResult(
      action: permit.action, digest: permit.digest, permit: permit.id, fence: permit.fence,
      ending: StepResult.Ending(.failed, exitCode: 1, from: noon, to: noon))
    let line = DelegateMessage.result(envelope: result.signed(by: world.delegateKey).json).line
    #expect(try talk.control.receive(line).count == 1)
    #expect(throws: SessionError.self) { try talk.control.receive(line) }
  }

  @Test func longLinesAreRefused() throws {
    let world = try World()
    var talk = try Talk(world)
    let long = [UInt8](repeating: 0x20, count: 5000)
    #expect(
      talk.delegate.receive(long, atMilliseconds: 0) == [.close("a line of more than 4096 bytes")])
    #expect(talk.delegate.receive([0x0a], atMilliseconds: 0).isEmpty, "closed for good")
    #expect(throws: SessionError.self) { try talk.control.receive(long) }
  }

  @Test func silenceEndsTheLease() throws {
    var world = try World()
    let (order, permit) = try world.order(assignment())
    var talk = try Talk(world)
    try talk.settle()
    talk.control.offer(order, permit: permit)
    try talk.settle()
    talk.delegate.accepted(permit: permit.id)
    try talk.settle()
    // A heartbeat every few seconds, answered.
    for second in 1...60 as ClosedRange<Int64> {
      talk.now = second * 1000
      #expect(talk.delegate.tick(atMilliseconds: talk.now).isEmpty)
      let before = talk.events.count
      try talk.settle()
      if talk.events.count > before {
        #expect(talk.events.last == .heartbeat)
        talk.control.proceed()
        try talk.settle()
      }
    }
    #expect(talk.events.filter { $0 == .heartbeat }.count == 12)
    let end = talk.now + DelegateLimits.silenceMilliseconds
    #expect(talk.delegate.tick(atMilliseconds: end - 1).isEmpty)
    #expect(
      talk.delegate.tick(atMilliseconds: end) == [
        .stop, .close("the control plane says nothing"),
      ])
  }

  @Test func theControlPlaneMayStopAnOrder() throws {
    var world = try World()
    let (order, permit) = try world.order(assignment())
    var talk = try Talk(world)
    try talk.settle()
    talk.control.offer(order, permit: permit)
    try talk.settle()
    talk.delegate.accepted(permit: permit.id)
    talk.control.stop()
    try talk.settle()
    #expect(talk.effects.last == .stop)
  }
}
