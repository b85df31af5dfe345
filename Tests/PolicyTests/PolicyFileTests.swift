// Every text under policies/ compiles without a word, is laid out as `writ fmt` lays it out, and passes its tests.

import Testing
import Writ
import WritSyntax
import WritTesting
import WritText

private let paths = Corpus.files(in: "policies", ending: ".writ")

@Suite struct PolicyFileTests {
  @Test func thereAreSome() {
    #expect(paths.count > 12)
  }

  @Test(arguments: paths)
  func compilesWithoutAWord(_ path: String) throws {
    let files = sourceFiles(paths)
    let root = try #require(paths.firstIndex(of: path))
    let compilation = compile(files, root: root)
    #expect(compilation.program != nil)
    #expect(compilation.diagnostics.isEmpty, "\(rendered(compilation))")
  }

  @Test(arguments: paths)
  func isLaidOut(_ path: String) {
    let file = SourceFile(name: path, bytes: Corpus.bytes(path))
    let laidOut = String(decoding: format(parse(file, index: 0)), as: UTF8.self)
    let difference = lineDifference(file.text, laidOut)
    #expect(difference.isEmpty, "\(path), run `writ fmt`:\n\(difference)")
  }

  @Test(arguments: paths)
  func passesItsTests(_ path: String) throws {
    let files = sourceFiles(paths)
    let root = try #require(paths.firstIndex(of: path))
    let compilation = compile(files, root: root)
    let typed = try #require(compilation.typed)
    let program = try #require(compilation.program)
    for result in runTests(typed, program) {
      let failures = result.expectations.flatMap { expectation in
        expectation.failure.map { [$0] + expectation.details } ?? []
      }
      #expect(result.hasPassed, "\(result.title): \(result.problem ?? "") \(failures)")
    }
  }

  /// A policy that is given without tests says nothing for itself.
  @Test func examplesAndCheckoutAreTested() throws {
    for path in paths where path.contains("/examples/") || path.hasSuffix("_test.writ") {
      let root = try #require(paths.firstIndex(of: path))
      let typed = try #require(compile(sourceFiles(paths), root: root).typed)
      #expect(typed.tests.count >= 5, "\(path)")
    }
  }
}
