// What a delegate remembers and keeps: permits through every crash, secrets for one key alone.

import Foundation
import Synchronization
import Testing
import WritCrypto
import WritDelegate
import WritEvidence
import WritModel

/// A memory in a folder of its own, and orders to use up.
struct Memory {
  let scratch: Scratch
  var world: World

  init() throws {
    scratch = try Scratch()
    world = try World()
    try SpentPermits.create(path, for: world.identity)
  }

  var path: String { scratch.path + "/spent" }

  func open() throws -> SpentPermits { try SpentPermits(path, for: world.identity) }

  mutating func accepted(
    isIdempotent: Bool = false, fence: Int64 = 7
  ) throws -> AcceptedOrder {
    let (order, _) = try world.order(assignment(isIdempotent: isIdempotent), fence: fence)
    return try PermitCheck.check(order, trust: world.trust(), spent: nothingSpent, now: noon)
  }

  func result(_ order: AcceptedOrder) throws -> Envelope {
    let permit = order.permit
    return StepResult(
      action: permit.action, digest: permit.digest, permit: permit.id, fence: permit.fence,
      ending: StepResult.Ending(.succeeded, exitCode: 0, from: noon, to: noon)
    ).signed(by: world.delegateKey)
  }
}

@Suite struct SpentPermitsTests {
  @Test func aPermitIsUsedOnce() throws {
    var memory = try Memory()
    let order = try memory.accepted()
    let spent = try memory.open()
    #expect(!spent.test.isSpent(order.permit.id))
    try spent.spend(order, at: noon)
    #expect(spent.test.isSpent(order.permit.id))
    #expect(throws: SpendError.refused(.alreadySpent(id: order.permit.id))) {
      try spent.spend(order, at: noon)
    }
    #expect(try spent.result(of: order.permit.id) == nil)
    let envelope = try memory.result(order)
    try spent.record(envelope, of: order.permit.id)
    #expect(try spent.result(of: order.permit.id) == envelope.json)
    spent.close()
    let again = try memory.open()
    #expect(again.test.isSpent(order.permit.id))
    #expect(try again.result(of: order.permit.id) == envelope.json)
    #expect(again.fence == 7)
    #expect(again.checkpoint(origin: memory.world.origin) == memory.world.checkpoint())
  }

  @Test func ofManyThreadsOneUsesAPermit() throws {
    var memory = try Memory()
    let spent = try memory.open()
    for _ in 0..<20 {
      let order = try memory.accepted()
      let winners = Atomic(0)
      let refused = Atomic(0)
      DispatchQueue.concurrentPerform(iterations: 4) { _ in
        do throws(SpendError) {
          try spent.spend(order, at: noon)
          winners.add(1, ordering: .relaxed)
        } catch {
          if error == .refused(.alreadySpent(id: order.permit.id)) {
            refused.add(1, ordering: .relaxed)
          }
        }
      }
      #expect(winners.load(ordering: .relaxed) == 1)
      #expect(refused.load(ordering: .relaxed) == 3)
    }
  }

  @Test func anotherProcessIsLockedOut() throws {
    let memory = try Memory()
    let first = try memory.open()
    #expect(throws: DelegateError.locked(path: memory.path)) { try memory.open() }
    first.close()
    try memory.open().close()
  }

  @Test func fencesOnlyRise() throws {
    var memory = try Memory()
    let (low, high) = (try memory.accepted(fence: 3), try memory.accepted(fence: 4))
    let spent = try memory.open()
    try spent.spend(high, at: noon)
    #expect(throws: SpendError.refused(.fenceTooOld(seen: 4, found: 3))) {
      try spent.spend(low, at: noon)
    }
  }

  @Test func whatWasInterruptedIsKnown() throws {
    var memory = try Memory()
    let (once, twice) = (try memory.accepted(), try memory.accepted(isIdempotent: true))
    let first = try memory.open()
    try first.spend(once, at: noon)
    try first.spend(twice, at: noon)
    #expect(first.interrupted().isEmpty)
    #expect(first.test.isSpent(twice.permit.id))
    first.close()
    let second = try memory.open()
    #expect(second.interrupted().map(\.permit) == [once.permit.id])
    #expect(second.test.isSpent(once.permit.id))
    #expect(throws: SpendError.refused(.alreadySpent(id: once.permit.id))) {
      try second.spend(once, at: noon)
    }
    // What may be done twice may be, with the same permit, while that counts.
    #expect(!second.test.isSpent(twice.permit.id))
    try second.spend(twice, at: noon)
    #expect(second.test.isSpent(twice.permit.id))
  }

  /// Wherever a crash cuts the file: what was durable before the last line is remembered, and the
  /// last line is whole or not there.
  @Test func aTornEndIsCutOff() throws {
    var memory = try Memory()
    let (first, second) = (try memory.accepted(), try memory.accepted())
    let spent = try memory.open()
    let begin = try memory.scratch.bytes("spent").count
    try spent.spend(first, at: noon)
    let middle = try memory.scratch.bytes("spent").count
    try spent.spend(second, at: noon)
    spent.close()
    let whole = try memory.scratch.bytes("spent")
    for length in begin...whole.count {
      // Blocks of the last write may also have come in another order.
      for tail in [[], [0, 0, 0], Array("garbage\n".utf8)] as [[UInt8]] {
        guard tail.isEmpty || length == middle || length == begin else { continue }
        try memory.scratch.write(Array(whole[..<length]) + tail, to: "spent")
        let reopened = try memory.open()
        #expect(reopened.test.isSpent(first.permit.id) == (length >= middle))
        #expect(reopened.test.isSpent(second.permit.id) == (length == whole.count))
        if length < middle { try reopened.spend(first, at: noon) }
        reopened.close()
        let once = try memory.open()
        #expect(once.test.isSpent(first.permit.id))
        once.close()
      }
    }
  }

  @Test func damageInTheMiddleIsNoTornEnd() throws {
    var memory = try Memory()
    let (first, second) = (try memory.accepted(), try memory.accepted())
    let spent = try memory.open()
    let begin = try memory.scratch.bytes("spent").count
    try spent.spend(first, at: noon)
    let middle = try memory.scratch.bytes("spent").count
    try spent.spend(second, at: noon)
    spent.close()
    let whole = try memory.scratch.bytes("spent")
    for place in begin..<middle {
      var bytes = whole
      bytes[place] ^= 1
      try memory.scratch.write(bytes, to: "spent")
      #expect(throws: DelegateError.self, "byte \(place)") { try memory.open() }
    }
    for bytes in [[], Array(whole[begin...]), whole + whole] {
      try memory.scratch.write(bytes, to: "spent")
      #expect(throws: DelegateError.self) { try memory.open() }
    }
    try memory.scratch.write(whole, to: "spent")
    let other = DelegateIdentity(name: "eu-1", key: try key(9).publicKey)
    #expect(throws: DelegateError.self) { try SpentPermits(memory.path, for: other) }
  }

  @Test func othersMayNotWriteTheMemory() throws {
    let memory = try Memory()
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o666], ofItemAtPath: memory.path)
    #expect(throws: DelegateError.open(path: memory.path)) { try memory.open() }
  }
}

@Suite struct SecretStoreTests {
  private func plain(_ secret: SecretBytes) -> String {
    secret.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
  }

  @Test func secretsAreForOneKeyAndOneName() throws {
    let scratch = try Scratch()
    let store = SecretStore(directory: scratch.path + "/secrets")
    let key = try X25519PrivateKey.generate()
    try store.set("token", secret("canary-value"), for: key.publicKey)
    try store.set("other", secret("other-value"), for: key.publicKey)
    #expect(plain(try store.open("token", with: key)) == "canary-value")
    #expect(try store.names() == ["other", "token"])
    #expect(!contains(try scratch.bytes("secrets/token"), Array("canary".utf8)))
    #expect(throws: DelegateError.self) {
      try store.open("token", with: try X25519PrivateKey.generate())
    }
    #expect(throws: DelegateError.self) { try store.open("none", with: key) }
    // Put under another's name.
    try scratch.write(try scratch.bytes("secrets/other"), to: "secrets/token")
    #expect(throws: DelegateError.self) { try store.open("token", with: key) }
    let mode = try FileManager.default.attributesOfItem(
      atPath: scratch.path + "/secrets/other")[.posixPermissions]
    #expect(mode as? Int == 0o600)
  }

  @Test func aReplacedSecretIsTheNewOne() throws {
    let store = SecretStore(directory: try Scratch().path)
    let scratch = try Scratch()
    let kept = SecretStore(directory: scratch.path + "/secrets")
    let key = try X25519PrivateKey.generate()
    try kept.set("token", secret("value-1"), for: key.publicKey)
    let old = try scratch.bytes("secrets/token")
    try kept.set("token", secret("value-2"), for: key.publicKey)
    #expect(plain(try kept.open("token", with: key)) == "value-2")
    for place in old.indices {
      var bytes = old
      bytes[place] ^= 1
      try scratch.write(bytes, to: "secrets/token")
      #expect(throws: DelegateError.self, "byte \(place)") { try kept.open("token", with: key) }
    }
    _ = store
  }

  @Test func whatIsNoSecretIsRefused() throws {
    let scratch = try Scratch()
    let store = SecretStore(directory: scratch.path + "/secrets")
    let key = try X25519PrivateKey.generate().publicKey
    let long = String(repeating: "x", count: 16_385)
    for value in ["", "abc", "\n\n\n\n", "abcd\0", long] {
      #expect(throws: DelegateError.self) { try store.set("token", secret(value), for: key) }
    }
    do {
      try store.set("token", secret("abc"), for: key)
    } catch {
      #expect("\(error)".contains("fewer than 4 bytes"))
    }
    for name in ["", "a b", "../a", "1a", "PATH", "LD_PRELOAD", ".draft", "a-b", "ü"] {
      #expect(throws: DelegateError.self, "\(name)") {
        try store.set(name, secret("long enough"), for: key)
      }
    }
    #expect(try store.names().isEmpty)
  }
}
