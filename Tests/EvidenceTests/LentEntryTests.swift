// Entries that are lent are those that are copied.
import Testing
import WritCrypto
import WritEvidence

@Suite struct LentEntryTests {
  @Test func entriesAreLentAsTheyAreCopied() throws {
    let directory = try TemporaryDirectory()
    let (store, writer) = try newLog(directory.path + "/log")
    let entries = (0..<300).map { bytes("entry \($0)") + [UInt8](repeating: 7, count: $0) }
    _ = try writer.append(group: entries)
    try writer.publish()
    writer.close()
    func lent(_ number: UInt64) throws -> [[UInt8]] {
      let reader = try LogReader(store: store, keys: [workedSigner().verifierKey])
      var found: [[UInt8]] = []
      try reader.forEachEntry(ofBundle: number) { index, entry in
        #expect(index == number * 256 + UInt64(found.count))
        found.append(Array(entry))
      }
      return found
    }
    #expect(try lent(0) + lent(1) == entries)
    #expect(throws: LogError.outOfRange(index: 2, size: 2)) { try lent(2) }
    // One byte of the last entry of the first bundle, and a byte too many.
    let path = directory.path + "/log/tile/entries/000"
    let bundle = try contents(of: path)
    for changed in [Array(bundle.dropLast()) + [9], bundle + [0], Array(bundle.dropLast())] {
      try write(changed, to: path)
      let copied = #expect(throws: LogError.self) {
        try LogReader(store: store, keys: [workedSigner().verifierKey]).bundle(0)
      }
      #expect(throws: copied ?? LogError.stopped) { try lent(0) }
    }
  }
}
