// What the tests of this room share: the corpus, the program that uses every opcode, and a random
// source.
import Testing
import WritBytecode
import WritModel

#if canImport(Glibc)
  import Glibc
#endif

/// Files of the repository, found from this one.
enum Repository {
  static func path(_ name: String) -> String {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    return parts.joined(separator: "/") + "/" + name
  }

  static func read(_ name: String) -> [UInt8]? {
    guard let file = fopen(path(name), "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      if count == 0 { return bytes }
      bytes.append(contentsOf: chunk[..<count])
    }
  }

  static var mayWrite: Bool { getenv("WRIT_UPDATE").map { String(cString: $0) } == "1" }

  /// The file holds this text; with `WRIT_UPDATE=1` it is made to.
  static func expect(_ name: String, holds text: String) {
    let expected = Array(text.utf8)
    if mayWrite, read(name) != expected, let file = fopen(path(name), "w") {
      defer { fclose(file) }
      #expect(fwrite(expected, 1, expected.count, file) == expected.count)
    }
    let found = read(name) ?? []
    let line = zip(found, expected).prefix { $0 == $1 }.count { $0.0 == 0x0a } + 1
    let isSame = found == expected
    #expect(isSame, "\(name) differs at line \(line); WRIT_UPDATE=1 writes it")
  }
}

/// The bundle of corpus/ir/every-opcode.asm.
func everything() throws -> Bundle {
  let text = try #require(Repository.read("corpus/ir/every-opcode.asm"))
  return try assemble(text)
}

/// xorshift64*, so that a seed says everything.
struct Random {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed | 1
  }

  mutating func next() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 0x2545_f491_4f6c_dd1d
  }

  mutating func below(_ bound: Int) -> Int { Int(next() >> 33) % bound }
}
