// A delegate's memory of permits forgets the oldest before it is full, and lets none be used twice for it, through every crash.

import Foundation
import Testing
import WritCrypto
import WritDelegate
import WritEvidence
import WritModel

/// A memory with room for some ninety orders, and orders that come by.
private final class SmallMemory {
  var memory: Memory
  private(set) var now = noon
  private(set) var fence: Int64 = 100
  private(set) var orders: [AcceptedOrder] = []
  static let limit = 128 << 10

  init() throws { memory = try Memory() }

  var path: String { memory.path }

  func open(_ path: String? = nil) throws -> SpentPermits {
    try SpentPermits(
      path ?? memory.path, for: memory.world.identity, limit: SmallMemory.limit)
  }

  func pass(seconds: Int64) {
    now = Instant(microseconds: now.microseconds + seconds * 1_000_000)
  }

  /// Uses a new permit up.
  @discardableResult
  func spend(_ spent: SpentPermits, ends: Bool = true, isIdempotent: Bool = false) throws
    -> AcceptedOrder
  {
    fence += 1
    let order = try memory.accepted(isIdempotent: isIdempotent, fence: fence)
    try spent.spend(order, at: now)
    orders.append(order)
    if ends { try spent.record(try memory.result(order), of: order.permit.id) }
    return order
  }

  var byteCount: Int { (try? Data(contentsOf: URL(fileURLWithPath: path)).count) ?? -1 }

  /// What is there of each order: its result, or that nobody knows; a second use by none.
  func check(_ spent: SpentPermits, _ orders: [AcceptedOrder]) throws -> (
    known: Int, forgotten: Int
  ) {
    var counts = (known: 0, forgotten: 0)
    for order in orders {
      let permit = order.permit
      if try spent.result(of: permit.id) != nil {
        counts.known += 1
        #expect(spent.test.isSpent(permit.id))
        #expect(permit.fence > spent.forgotten)
      } else {
        counts.forgotten += 1
        #expect(permit.fence <= spent.forgotten)
      }
      #expect(spent.test.isDecisionSpent(permit.decision))
      #expect(throws: SpendError.self) { try spent.spend(order, at: now) }
    }
    return counts
  }
}

@Suite struct SpentForgettingTests {
  @Test func itNeverFillsAndNothingIsUsedTwice() throws {
    let small = try SmallMemory()
    let spent = try small.open()
    for _ in 0..<300 {
      small.pass(seconds: 600)
      try small.spend(spent)
      #expect(small.byteCount <= SmallMemory.limit)
    }
    let counts = try small.check(spent, small.orders)
    #expect(counts.known > 10 && counts.forgotten > 200, "\(counts)")
    let (fence, forgotten) = (spent.fence, spent.forgotten)
    #expect(fence == small.fence)
    let checkpoint = spent.checkpoint(origin: small.memory.world.origin)
    spent.close()
    let again = try small.open()
    #expect(again.fence == fence && again.forgotten == forgotten)
    #expect(again.checkpoint(origin: small.memory.world.origin) == checkpoint)
    #expect(try small.check(again, small.orders) == counts)
  }

  @Test func whatIsYoungOrUnderWayIsKeptUntilThereIsNoRoom() throws {
    let small = try SmallMemory()
    let spent = try small.open()
    // All within an hour: nothing may be forgotten, so at last nothing is taken.
    var taken = 0
    #expect(throws: SpendError.self) {
      for _ in 0..<300 {
        small.pass(seconds: 1)
        try small.spend(spent)
        taken += 1
      }
    }
    #expect(taken > 30)
    #expect(spent.forgotten == -1)
    #expect(try small.check(spent, small.orders).known == taken)
    // What cannot be remembered was not used, and the memory goes on once there is something to forget.
    small.pass(seconds: 4_000)
    try small.spend(spent)
    #expect(spent.forgotten > 0)
    // One that has not ended holds what is newer than it.
    let open = try SmallMemory()
    let other = try open.open()
    let running = try open.spend(other, ends: false)
    #expect(throws: SpendError.self) {
      for _ in 0..<300 {
        open.pass(seconds: 600)
        try open.spend(other)
      }
    }
    #expect(other.forgotten == -1 && other.test.isSpent(running.permit.id))
    try other.record(try open.memory.result(running), of: running.permit.id)
    try open.spend(other)
    #expect(other.forgotten >= running.permit.fence)
  }

  @Test func aForgottenPermitIsToldAsSuchAndNotAsOneThatWasNotBegun() throws {
    let small = try SmallMemory()
    let spent = try small.open()
    for _ in 0..<100 {
      small.pass(seconds: 600)
      try small.spend(spent)
    }
    let (order, permit) = try small.memory.world.order(assignment(), fence: 101)
    var trust = try small.memory.world.trust()
    (trust.fence, trust.forgotten) = (spent.fence, spent.forgotten)
    #expect(trust.forgotten > 101)
    // Long expired, with an old fence: either would say that it had not been begun.
    #expect(throws: PermitRefusal.forgotten(id: permit.id)) {
      try PermitCheck.check(order, trust: trust, spent: spent.test, now: small.now)
    }
    // Under a new permit the old decision does not count again.
    #expect(spent.test.isDecisionSpent(small.orders[0].permit.decision))
    #expect(!spent.test.isDecisionSpent(permit.decision))
  }

  /// A crash leaves the old file with any part of the new one beside it, or the new one.
  @Test func everyCrashLeavesAMemory() throws {
    let small = try SmallMemory()
    var spent = try small.open()
    var before: [UInt8] = []
    while spent.forgotten < 0 {
      before = Array(try Data(contentsOf: URL(fileURLWithPath: small.path)))
      small.pass(seconds: 600)
      try small.spend(spent)
    }
    let newest = try #require(small.orders.last)
    let old = Array(small.orders.dropLast())
    let after = Array(try Data(contentsOf: URL(fileURLWithPath: small.path)))
    spent.close()
    for cut in stride(from: 0, through: after.count, by: 997) {
      try write(before, to: small.path)
      try write(Array(after[..<cut]), to: small.path + ".next")
      spent = try small.open()
      #expect(try small.check(spent, old) == (old.count, 0), "cut at \(cut)")
      #expect(!spent.test.isSpent(newest.permit.id))
      spent.close()
    }
    // What was torn is in nobody's way.
    spent = try small.open()
    small.pass(seconds: 600)
    try small.spend(spent)
    #expect(spent.forgotten > 0)
    spent.close()
    // The new one, torn at the end as any.
    for cut in stride(from: after.count, to: after.count - 3_000, by: -113) {
      try write(Array(after[..<cut]), to: small.path)
      spent = try small.open()
      for order in old {
        #expect(
          spent.test.isSpent(order.permit.id) || order.permit.fence <= spent.forgotten
            || order.permit.fence >= spent.fence)
      }
      #expect(spent.forgotten > 0)
      spent.close()
    }
  }

  @Test func whoOpenedTheFileOfBeforeIsLockedOut() throws {
    let small = try SmallMemory()
    let spent = try small.open()
    while spent.forgotten < 0 {
      small.pass(seconds: 600)
      try small.spend(spent)
    }
    #expect(throws: DelegateError.locked(path: small.path)) { try small.open() }
    spent.close()
    try small.open().close()
  }

  @Test func aDamagedForgettingIsFound() throws {
    let small = try SmallMemory()
    let spent = try small.open()
    while spent.forgotten < 0 {
      small.pass(seconds: 600)
      try small.spend(spent)
    }
    spent.close()
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: small.path)))
    let first = try #require(bytes.firstIndex(of: 0x0a))
    let second = try #require(bytes[(first + 1)...].firstIndex(of: 0x0a))
    for place in stride(from: first + 1, to: second, by: 7) {
      var changed = bytes
      changed[place] ^= 1
      try write(changed, to: small.path)
      #expect(throws: DelegateError.self, "byte \(place)") { try small.open() }
    }
    // With it elsewhere.
    try write(Array(bytes + bytes[(first + 1)...second]), to: small.path)
    #expect(throws: DelegateError.self) { try small.open() }
  }

  private func write(_ bytes: [UInt8], to path: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
  }
}
