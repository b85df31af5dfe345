// The policies that come with Writ are right.

import Testing
import WritSemantics
import WritSyntax
import WritTesting
import WritText

@Suite struct PoliciesTests {
  @Test(arguments: Corpus.files(in: "policies", ending: ".writ"))
  func policy(path: String) {
    let paths = Corpus.files(in: "policies", ending: ".writ")
    let texts = [path] + paths.filter { $0 != path }
    let program = Program(texts.map { ($0, Corpus.text($0)) })
    #expect(program.flaws == [])
    #expect(program.diagnostics == nil, "\(program.diagnostics ?? "")")
  }
}
