// What people are told who mistyped, or look for more than fits on a screen.

import Testing
import WritModel
import WritTesting

@Suite("Messages to whoever mistyped", .serialized)
final class MessageTests {
  private let site: RunSite

  init() throws { site = try RunSite() }

  @Test("of very many errors the first twenty are shown, and all to programs")
  func capped() throws {
    let clauses = (0..<54).map { "  deny c\($0): nothing\($0) \"x\"" }.joined(separator: "\n")
    try site.scratch.write(
      "policy many version 1\n\nnode Service { name: String key }\n\ngate g(service: Service) {\n\(clauses)\n}\n",
      to: "many.writ")
    let outcome = try site.run("writ check many.writ")
    #expect(outcome.messages.contains("and 34 more: `--json` tells all"), "\(outcome)")
    #expect(outcome.messages.contains("54 errors in 1 policy"))
    #expect(outcome.messages.contains("nothing19") && !outcome.messages.contains("nothing20"))
    let json = try JSONValue(
      parsing: Array(try site.run("writ check many.writ --json").output.utf8))
    #expect(json["diagnostics"]?.array?.count == 54)
  }

  @Test("a role that the policy does not have is told with the one that was meant")
  func roles() throws {
    try site.scratch.write(
      #"{"action":"widen","arguments":{"service":"Service/web"}}"#, to: "asked.json")
    let approve =
      "writ approve --bundle b --request asked.json --as Identity/ines --key ines.key --role"
    try site.expect("\(approve) manger", 1, says: "did you mean `manager`?")
    try site.expect("\(approve) manger --no why", 1, says: "did you mean `manager`?")
    try site.expect(
      "\(approve) manager -o approved.json", says: "approved the action shop.widen as Identity/ines"
    )
  }

  @Test("the auditor's program and the delegate's answer with a document where one is wanted")
  func documents() throws {
    for (command, code, error) in [
      ("writ-verify --json --what", 64, "no option `--what`"),
      ("writ-verify proof --json", 64, "`--vkey` is needed, or `--policy`"),
      ("writ-verify proof --json --vkey nowhere.pub", 66, "nowhere.pub: cannot be read"),
      ("writ-verify proof --json --vkey asked.json", 65, "asked.json"),
      ("writ-delegate fly --json", 64, "expected init"),
      ("writ-delegate init other --json", 64, "needs `--name`"),
      ("writ-delegate secrets list nowhere --json", 66, "nowhere"),
    ] as [(String, Int32, String)] {
      try site.scratch.write("{}", to: "asked.json")
      let outcome = try site.run(command)
      #expect(outcome.code == code, "\(command): \(outcome)")
      let json = try JSONValue(parsing: Array(outcome.output.utf8))
      #expect(json["error"]?.string?.contains(error) == true, "\(command): \(outcome)")
      #expect(json["exit"]?.integer == Int64(code))
    }
  }

  @Test("people are asked with a command that names bundle and person, and who else could")
  func asks() throws {
    let outcome = try site.run(site.run("hasty --arg service=Service/web"))
    #expect(
      outcome.output.contains("Identity/ines, Identity/otto can say yes; for example"),
      "\(outcome)")
    #expect(outcome.output.contains("writ approve --request "), "\(outcome)")
    #expect(
      outcome.output.contains("--role manager --bundle b --as Identity/ines --key KEY"),
      "\(outcome)")
  }
}
