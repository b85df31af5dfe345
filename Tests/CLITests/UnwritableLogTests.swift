// A log that cannot be written, in each way in which a disk can say so: nothing is done that is not on record, and the exit code is 74.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("A log that cannot be written", .serialized)
final class UnwritableLogTests {
  private let site: RunSite

  init() throws { site = try RunSite() }

  /// One action, with what stands before the command, and in a shell of its own where that is to be.
  private func act(_ before: String) -> String {
    """
    writ-delegate serve eu-1 --connect unix:\(site.scratch.path)/sock 2>> delegate.err &
    delegate=$!
    code=0; \(before) writ act deploy --arg service=Service/web \(site.options) || code=$?
    kill $delegate 2> /dev/null || true; exit $code
    """
  }

  private static func can(_ command: String) -> Bool {
    guard let shop = try? Workshop() else { return false }
    return (try? shop.run(command))?.code == 0
  }

  private static let canTrace = can("strace -f -qq -o /dev/null true")
  private static let canMount = can(
    "mkdir m && unshare -rm sh -c 'mount -t tmpfs -o size=64k none m && mount --bind m m && mount -o remount,bind,ro m'"
  )

  @Test(
    "where the system refuses a write or to make one durable, from the first on or later",
    .enabled(if: canTrace))
  func refused() throws {
    for (call, error, from) in [
      ("fdatasync", "EIO", 1), ("fsync", "EIO", 1), ("fsync", "EIO", 4), ("pwrite64", "ENOSPC", 1),
      ("pwrite64", "EIO", 5), ("rename", "ENOSPC", 1), ("fdatasync", "EIO", 4),
    ] {
      let before = try site.ran().count
      let inject = "-e trace=\(call) -e inject=\(call):error=\(error):when=\(from)+"
      let outcome = try site.run(act("strace -f -qq -o /dev/null \(inject)"))
      let what = "\(call) \(error) from \(from)"
      #expect(outcome.code == 74, "\(what): \(outcome.messages)")
      // No more was done than is on record to have been let be done.
      let done = try site.ran().count
      if from == 1 { #expect(done == before, "\(what)") }
      let found = try site.expect("writ log search log --kind permit 2>&1")
      let permits = try #require(found.firstMatch(of: /([0-9]+) records? of/)?.1)
      #expect(Int(permits).map { done <= $0 } == true, "\(what): \(found)")
      try site.expect("writ log verify log --vkey log.key.pub; writ log fsck log", says: "SOUND")
    }
    // Once the disk is well it is done.
    let done = try site.ran().count
    try site.expect(act(""), says: "SUCCEEDED")
    #expect(try site.ran().count == done + 1)
  }

  /// A file system of its own, in a name space of its own, with a log in it.
  private func mounted(_ prepare: String) throws -> Outcome {
    try site.run(
      """
      set -e
      mkdir small; cat > in.sh << 'END'
      set -e
      \(prepare)
      \(act("").replacing("--log log ", with: "--log small/log "))
      END
      code=0; unshare -rm sh in.sh || code=$?
      exit $code
      """)
  }

  @Test("a disk that is full", .enabled(if: canMount))
  func full() throws {
    let outcome = try mounted(
      """
      mount -t tmpfs -o size=1m none small
      writ log init small/log --origin log.example --key log.key
      cat /dev/zero > small/rest 2> /dev/null || true
      """)
    #expect(outcome.code == 74, "\(outcome.messages)")
    #expect(outcome.messages.contains("no space left on device"), "\(outcome.messages)")
    #expect(try site.ran().isEmpty)
  }

  @Test("a folder that can only be read", .enabled(if: canMount))
  func readOnly() throws {
    let outcome = try mounted(
      """
      writ log init small/log --origin log.example --key log.key
      mount --bind small small; mount -o remount,bind,ro small
      """)
    #expect(outcome.code == 74, "\(outcome.messages)")
    #expect(outcome.messages.contains("read-only file system"), "\(outcome.messages)")
    #expect(try site.ran().isEmpty)
  }
}
