// The rules of docs/architecture.md and of the house's style, held by a test.

import Foundation
import Testing
import WritTesting

/// Which rooms a room may import; system modules apart.
private let doors: [String: Set<String>] = [
  "WritText": [],
  "WritModel": [],
  "WritCrypto": ["WritModel", "COpenSSL"],
  "WritSyntax": ["WritText"],
  "WritSemantics": ["WritText", "WritModel", "WritSyntax"],
  "WritBytecode": ["WritModel", "WritCrypto"],
  "WritGraph": ["WritModel", "WritCrypto"],
  "WritEvidence": ["WritModel", "WritCrypto", "CLinux"],
  "WritTransport": ["WritCrypto", "COpenSSL", "CLinux"],
  "WritDelegate": ["WritModel", "WritCrypto", "WritEvidence", "WritTransport", "CLinux"],
  "WritIR": ["WritText", "WritModel", "WritSemantics"],
  "WritVM": ["WritModel", "WritBytecode", "WritGraph"],
  "WritBackends": ["WritText", "WritModel", "WritSemantics", "WritIR", "WritBytecode"],
  "Writ": [
    "WritText", "WritModel", "WritCrypto", "WritSyntax", "WritSemantics", "WritBytecode",
    "WritGraph", "WritEvidence", "WritPipeline", "WritIR", "WritVM", "WritBackends",
  ],
  "WritPipeline": ["WritModel", "WritCrypto", "WritEvidence"],
  "WritReport": ["WritModel", "WritCrypto"],
  "WritServers": ["WritModel", "WritCrypto", "WritEvidence", "WritTransport", "WritPipeline"],
  "WritCLI": [
    "WritText", "WritModel", "WritCrypto", "WritSyntax", "WritSemantics", "WritBytecode",
    "WritGraph", "WritEvidence", "WritTransport", "WritDelegate", "WritPipeline", "WritVM", "Writ",
    "WritReport", "WritServers",
  ],
  "WritVerifyCLI": ["WritEvidence", "WritModel"],
  "WritDelegateCLI": [
    "WritModel", "WritCrypto", "WritEvidence", "WritTransport", "WritDelegate",
  ],
]

/// Where the world is touched: the only places that may call the C library.
private let worldly = [
  "Sources/WritCLI/", "Sources/WritVerifyCLI/", "Sources/WritEvidence/Store/",
  "Sources/WritCrypto/", "Sources/WritGraph/", "Sources/WritTransport/",
  "Sources/WritDelegate/", "Sources/WritDelegateCLI/",
]

/// A number that cannot be met today stands here as it is, and may only go down.
private enum Ratchet {
  static let fileLines = 600
  static let functionLines = 130
  static let functionsOverSeventyLines = 2
}

@Suite struct HouseTests {
  private static let sources = Corpus.files(in: "Sources", ending: ".swift")

  @Test func importsGoThroughDoors() throws {
    #expect(HouseTests.sources.count > 100)
    for path in HouseTests.sources {
      let room = String(path.split(separator: "/")[1])
      let allowed = try #require(doors[room], "\(path) lies in no room")
      for line in lines(of: path) where line.hasPrefix("import ") || line.contains(" import ") {
        let words = line.split(separator: " ")
        guard let place = words.firstIndex(of: "import"), place < 3, place + 1 < words.count else {
          continue
        }
        let module = String(words[place + 1])
        if module.hasPrefix("Writ") || module.hasPrefix("COpenSSL") || module == "CLinux" {
          #expect(
            allowed.contains(module == "COpenSSLTLS" ? "COpenSSL" : module),
            "\(path) may not import \(module)")
        }
      }
    }
  }

  @Test func onlyWorldlyRoomsCallTheSystem() {
    for path in HouseTests.sources {
      let imports = lines(of: path).filter { $0.contains("import ") }
      #expect(!imports.contains { $0.hasSuffix("import Foundation") }, "\(path) imports Foundation")
      let callsSystem = imports.contains { $0.hasSuffix("import Glibc") }
      #expect(!callsSystem || worldly.contains { path.hasPrefix($0) }, "\(path) imports Glibc")
    }
  }

  @Test func filesBeginWithWhatTheyAreFor() {
    for path in HouseTests.sources {
      #expect(lines(of: path).first?.hasPrefix("//") == true, "\(path) does not say what it is for")
    }
  }

  @Test func filesAndFunctionsStaySmall() {
    var long = 0
    for path in HouseTests.sources {
      let lines = lines(of: path)
      #expect(lines.count <= Ratchet.fileLines, "\(path) has \(lines.count) lines")
      for length in functionLengths(lines) {
        #expect(length <= Ratchet.functionLines, "\(path) has a function of \(length) lines")
        if length > 70 { long += 1 }
      }
    }
    #expect(long <= Ratchet.functionsOverSeventyLines)
  }

  @Test func nothingIsForcedOrLeftForLater() {
    let forbidden = ["try!", " as! ", "fatalError(", "TODO", "FIXME"]
    for path in HouseTests.sources {
      for (number, line) in lines(of: path).enumerated() {
        for word in forbidden where line.contains(word) {
          Issue.record("\(path):\(number + 1) has \(word)")
        }
      }
    }
  }

  private func lines(of path: String) -> [Substring] {
    Corpus.text(path).split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// Lines from each `func` or `init` to the brace that ends it at the same indentation.
  private func functionLengths(_ lines: [Substring]) -> [Int] {
    var lengths: [Int] = []
    for (start, line) in lines.enumerated() {
      let text = line.drop { $0 == " " }
      guard text.contains("func ") || text.hasPrefix("init(") || text.contains(" init(") else {
        continue
      }
      guard !text.hasPrefix("//") else { continue }
      let end = String(repeating: " ", count: line.count - text.count) + "}"
      guard let length = lines[start...].firstIndex(where: { $0 == end }) else { continue }
      // A declaration on one line ends before the next begins.
      let next = lines[(start + 1)...].firstIndex { $0.contains("func ") } ?? lines.count
      if length <= next || !text.hasSuffix("}") { lengths.append(length - start + 1) }
    }
    return lengths
  }

  /// The table of attacks in the security model names tests that there are.
  @Test func attacksAreTriedWhereThePageSays() throws {
    let page = Corpus.text("docs/security-model.md")
    let section = try #require(
      page.components(separatedBy: "## Ways round a gate that are tried").dropFirst().first)
    let table = section.components(separatedBy: "\n## ")[0]
    let named = table.split(separator: "`").enumerated().filter { !$0.offset.isMultiple(of: 2) }
      .map { String($0.element) }
    #expect(named.count > 30)
    // A suite's text ends where the next begins.
    let suites = Corpus.files(in: "Tests", ending: ".swift").flatMap {
      Corpus.text($0).components(separatedBy: "\n@Suite")
    }
    for name in named {
      if name.contains("/") {
        let isThere =
          FileManager.default.fileExists(atPath: Corpus.root + "/" + name)
        #expect(isThere, "\(name) is not there")
        continue
      }
      let parts = name.split(separator: ".").map(String.init)
      try #require(parts.count == 2, "\(name) is no suite and test")
      let isThere = suites.contains { text in
        ["struct", "class", "extension"].contains {
          text.contains("\($0) \(parts[0]) ") || text.contains("\($0) \(parts[0]):")
        }
          && text.contains("func \(parts[1])(")
      }
      #expect(isThere, "\(name) is not there")
    }
  }
}
