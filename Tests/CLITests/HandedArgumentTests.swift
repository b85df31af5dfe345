// What whoever looks at a plan, and whoever is to approve, is told of the arguments that actions are handed.

import Testing
import WritModel
import WritTesting

@Suite("What actions of a pipeline are handed", .serialized)
final class HandedArgumentTests {
  private let site: RunSite

  private static let more = """

    node Place from catalog { name: String key }
    gate scaled(service: Service, owner: Identity, share: Int, note: String) {
      deny frozen: service.frozen "{service} is frozen"
    }
    action scale(service: Service, owner: Identity, share: Int, note: String)
      kind deploy guarded by scaled(service, owner, share, note) effect production irreversible
    { run "./look.sh" service }
    pipeline scales(service: Service, note: String) unverified {
      stage first { run "./look.sh" -> found: String }
      stage go {
        approve by role manager within 1h
        step wide: scale(service, service.owner, 3, note)
        matrix kind in ["slow"] { scale(service, owner: service.owner, share: 7, note: kind) }
        step last: scale(service, service.owner, 1, found)
      }
    }

    """

  init() throws {
    site = try RunSite()
    try site.scratch.write(RunSite.policy + HandedArgumentTests.more, to: "shop.writ")
    try site.expect(
      """
      writ build shop.writ -o b --registry registry.jsonl
      writ graph import --schema shop.writ facts.jsonl -o g
      """)
    try site.program("eu-1/work/look.sh")
    try site.program("look.sh", "[ -z \"$WRIT_OUTPUT\" ] || echo '\"blue\"' > \"$WRIT_OUTPUT\"")
  }

  @Test(
    "a plan tells where each argument comes from, and what each approval lets be done with what")
  func plan() throws {
    let text = try site.expect("writ plan scales --bundle b")
    #expect(text.contains("with service, owner: service.owner, share: 3, note;"), "\(text)")
    #expect(
      text.contains(
        """
        what approvals let be done
          go/approve
            go/wide  shop.scale; with service, owner: service.owner, share: 3, note
        """), "\(text)")
    #expect(text.contains("share: 7, note: slow"), "\(text)")
    #expect(text.contains("share: 1, note: found"), "\(text)")
    let json = try JSONValue(
      parsing: Array(try site.expect("writ plan scales --bundle b --json").utf8))
    let lets = try #require(json["approvals"]?.array?.first?["lets"]?.array)
    #expect(lets.count == 3 && lets.first?["action"]?.string == "shop.scale")
    #expect(lets.first?["arguments"]?["share"]?.integer == 3)
    #expect(lets.first?["from"]?["owner"]?.string == "service.owner")
  }

  @Test("who is to approve is told with what it will be done, and, by the graph, with whom")
  func approve() throws {
    let show = "writ approve --bundle b --request \"$file\" --show"
    let act =
      "\(show) > shown; \(show) --graph g > known; \(show) --graph g --json > known.json; \(site.approval(by: "ines"))"
    try site.expect(
      site.run("scales --arg service=Service/web --arg note=quick", atAsks: act))
    func text(_ name: String) throws -> String {
      String(decoding: try site.scratch.bytes(name), as: UTF8.self)
    }
    let shown = try text("shown")
    #expect(
      shown.contains("with service: Service/web, owner: service.owner, share: 3, note: quick"),
      "\(shown)")
    #expect(shown.contains(#"share: 1, note: "blue""#), "\(shown)")
    let known = try text("known")
    #expect(known.contains("owner: Identity/otto, share: 3, note: quick"), "\(known)")
    let json = try JSONValue(parsing: try site.scratch.bytes("known.json"))
    let wide = json["behind"]?.array?.first { $0["step"]?.string == "go/wide" }
    #expect(wide?["arguments"]?["owner"]?.string == "Identity/otto")
  }
}
