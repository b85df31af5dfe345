// Tile paths, tiles and entry bundles: one spelling each, and every bound.
import Testing
import WritCrypto
import WritEvidence

@Suite struct TileTests {
  @Test(
    arguments: [
      ("tile/0/000", 0, 0, 256), ("tile/0/005.p/1", 0, 5, 1), ("tile/3/x001/000", 3, 1000, 256),
      ("tile/63/x001/x234/067.p/255", 63, 1_234_067, 255), ("tile/1/x999/999", 1, 999_999, 256),
    ] as [(String, Int, UInt64, Int)])
  func paths(_ path: String, _ level: Int, _ index: UInt64, _ width: Int) {
    let tile = TilePath(row: .level(level), index: index, width: width)
    #expect(tile.description == path)
    #expect(TilePath(path) == tile)
  }

  @Test func entryPaths() {
    #expect(TilePath("tile/entries/x001/234.p/7") == TilePath(row: .entries, index: 1234, width: 7))
  }

  @Test(arguments: [
    "", "tile", "tile/", "tile/0", "tile/0/", "tile/0/00", "tile/0/0000", "tile/00/000",
    "tile/64/000",
    "tile/-1/000", "tile/+1/000", "tile/0/x000/001", "tile/0/001/002", "tile/0/x001",
    "tile/0/000.p/0",
    "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/", "tile/0/000.p", "tile/0/000.p/1/2",
    "/tile/0/000", "tile/0/000/", "tile/data/000", "tile/0/xx01/002", "tile/0/../000", "tile/0/00a",
    "tile/0/x999/x999/x999/x999/x999/x999/999", "tile/0/x000/x001/002", "tile/0/000.p/1.p/1",
  ])
  func otherSpellings(_ path: String) { #expect(TilePath(path) == nil) }

  @Test func pathsRoundTrip() {
    for index in [0, 1, 9, 10, 99, 100, 999, 1000, 1001, 999_999, 1_000_000, 1 << 55] as [UInt64] {
      for width in [1, 2, 9, 10, 255, 256] {
        let path = TilePath(row: .level(2), index: index, width: width)
        #expect(TilePath(path.description) == path)
      }
    }
  }

  @Test func tilesHaveExactlyTheirWidth() throws {
    let hashes = (0..<256).map { Digest(of: [UInt8($0)]) }
    for width in [1, 2, 255, 256] {
      let tile = try #require(Tile(hashes: Array(hashes[..<width])))
      #expect(tile.bytes.count == width * 32)
      #expect(Tile(tile.bytes, width: width) == tile)
      #expect(Tile(tile.bytes + [0], width: width) == nil)
      #expect(Tile(Array(tile.bytes.dropLast()), width: width) == nil)
    }
    #expect(Tile(hashes: []) == nil)
    #expect(Tile(hashes: hashes + [hashes[0]]) == nil)
    #expect(Tile([], width: 0) == nil)
    #expect(Tile([], width: 257) == nil)
  }

  @Test func workedBundle() throws {
    let bundle = try #require(EntryBundle(entries: ["", "alpha", "beta"].map { bytes($0) }))
    #expect(bundle.bytes == [0, 0, 0, 5] + bytes("alpha") + [0, 4] + bytes("beta"))
    #expect(EntryBundle(bundle.bytes, width: 3) == bundle)
    #expect(EntryBundle(bundle.bytes, width: 2) == nil)
    #expect(EntryBundle(bundle.bytes, width: 4) == nil)
    #expect(EntryBundle(bundle.bytes + [0], width: 3) == nil)
    for cut in bundle.bytes.indices {
      #expect(EntryBundle(Array(bundle.bytes[..<cut]), width: 3) == nil)
    }
  }

  @Test func entriesAreAtMost65535Bytes() throws {
    let longest = [UInt8](repeating: 7, count: 65_535)
    let bundle = try #require(EntryBundle(entries: [longest]))
    #expect(EntryBundle(bundle.bytes, width: 1)?.entries == [longest])
    #expect(EntryBundle(entries: [longest + [7]]) == nil)
    #expect(EntryBundle(entries: []) == nil)
    #expect(EntryBundle(entries: Array(repeating: [], count: 257)) == nil)
  }
}
