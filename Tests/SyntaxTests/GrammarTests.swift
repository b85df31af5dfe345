// The parser is held to grammar/writ.ebnf: words, comments, and sentences drawn from it.

import Testing
import WritSyntax
import WritTesting

@Suite struct GrammarTests {
  private let grammar = Grammar(Corpus.text("grammar/writ.ebnf"))

  /// Productions of tokens, in which a terminal is a character and no word.
  private let tokenProductions: Set<String> = [
    "Number", "Integer", "Decimal", "Duration", "Date", "Instant", "String", "Template", "Name",
    "ReservedWord",
  ]

  @Test func everyProductionIsRead() {
    #expect(grammar.productions.count > 60)
    #expect(grammar.productions.last?.name == "ReservedWord")
    let names = Set(grammar.productions.map(\.name))
    #expect(names.count == grammar.productions.count)
    #expect(SentenceGenerator(grammar, seed: 0).unbounded.allSatisfy(tokenProductions.contains))
  }

  @Test func theKeywordsAreTheWordsThatTheGrammarQuotes() {
    var words: Set<String> = []
    for production in grammar.productions where !tokenProductions.contains(production.name) {
      words.formUnion(production.term.terminals.filter { $0.allSatisfy(\.isLetter) })
    }
    #expect(words.sorted() == Keyword.allCases.map(\.rawValue).sorted())
  }

  @Test func theReservedWordsAreTheGrammars() {
    let reserved = grammar["ReservedWord"]?.terminals ?? []
    #expect(reserved == Keyword.allCases.filter(\.isReserved).map(\.rawValue))
  }

  /// A comment such as `/// Or = And ( "or" And )* ;` in the parser is the grammar's production.
  @Test func theParsersCommentsAreTheProductions() {
    var documented: [String: String] = [:]
    for path in Corpus.files(in: "Sources/WritSyntax", ending: ".swift")
    where path.contains("/Parser") {
      for comment in commentBlocks(Corpus.text(path)) {
        let words = Grammar.words(comment)
        guard words.count > 2, words[1] == "=", let end = words.firstIndex(of: ";") else {
          continue
        }
        documented[words[0]] = words[..<end].joined(separator: " ")
      }
    }
    for production in grammar.productions where !tokenProductions.contains(production.name) {
      #expect(documented[production.name] == production.text)
    }
  }

  @Test(arguments: 0..<16 as Range<UInt64>)
  func sentencesOfTheGrammarParse(seed: UInt64) {
    var generator = SentenceGenerator(grammar, seed: seed)
    for depth in [6, 10, 14, 18, 22] {
      for production in [
        "File", "Gate", "Query", "Action", "Test", "Fixture", "Scorecard", "Rule", "Pipeline",
      ] {
        let text = generator.sentence(of: production, depth: depth)
        let file = parsed(text)
        #expect(
          file.diagnostics.isEmpty,
          "seed \(seed): \(text)\n\(file.diagnostics.first?.message ?? "")")
        #expect(flaws(of: file) == [], "seed \(seed): \(text)")
      }
    }
  }

  /// Runs of comment lines, each as one text.
  private func commentBlocks(_ text: String) -> [String] {
    var blocks: [String] = []
    var isOpen = false
    for line in text.split(separator: "\n") {
      let trimmed = line.drop { $0 == " " }
      guard trimmed.hasPrefix("//") else {
        isOpen = false
        continue
      }
      let content = trimmed.drop { $0 == "/" }
      // A comment may hold several productions, each on lines of its own.
      let starts = Grammar.words(String(content)).dropFirst().first == "="
      if isOpen, !starts, !blocks.isEmpty {
        blocks[blocks.count - 1] += content
      } else {
        blocks.append(String(content))
      }
      isOpen = true
    }
    return blocks
  }
}
