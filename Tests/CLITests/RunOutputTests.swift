// What steps of a run give out: read by those behind them, by gates and by people, and kept when the runner is killed.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Runs whose steps give something out", .serialized)
final class RunOutputTests {
  private let site: RunSite

  private static let more = """
    enum Grade { low < mid < high }
    node Scan from request {
      critical: Int
      worst: Grade?
      share: Decimal?
      service -> Service
    }
    gate scanned(service: Service, image: String) {
      deny frozen: service.frozen "{service} is frozen"
      deny image: image == "web:0" "{image} is old"
      deny critical: for s in Scan where s.service == service: s.critical > 3
        "{s.critical} critical findings"
    }
    action put(service: Service, image: String)
      kind deploy guarded by scanned(service, image) effect production irreversible
    { run "./put.sh" service image }

    pipeline gives(service: Service) {
      stage verify parallel {
        step image: run "./image.sh" service -> image: String
        step scan: run "./scan.sh" service image needs image -> findings: Scan
        step grade: run "./grade.sh" on failure ignore -> grade: Grade
      }
      stage production when findings.critical < 100 {
        step put: put(service, image)
        step soak: repeat every 1s at most 3 until left == 0 { run "./left.sh" -> left: Int }
        run "./look.sh" image "{findings.worst ?? low}" (grade ?? low) left
      }
    }
    pipeline asks(service: Service) {
      stage verify { run "./image.sh" -> image: String }
      stage people { approve by role manager within 1h  run "./look.sh" image }
    }
    """

  init() throws {
    site = try RunSite()
    try site.scratch.write(RunSite.policy + RunOutputTests.more, to: "shop.writ")
    try site.expect(
      """
      writ build shop.writ -o b --registry registry.jsonl
      writ graph import --schema shop.writ facts.jsonl -o g
      """)
    try site.program("eu-1/work/put.sh")
    try gives("image", #""web:1""#)
    try gives("scan", #"{"critical":2,"worst":"mid","share":0.5,"service":"Service/web"}"#)
    try site.program("grade.sh", "exit 1")
    try site.program(
      "left.sh",
      #"if [ -e "$0.seen" ]; then echo 0 > "$WRIT_OUTPUT"; else echo 1 > "$WRIT_OUTPUT"; fi; touch "$0.seen""#
    )
  }

  /// A program that gives this out.
  private func gives(_ name: String, _ value: String) throws {
    try site.program("\(name).sh", "cat > \"$WRIT_OUTPUT\" <<'END'\n\(value)\nEND")
  }

  private var lines: [String] {
    get throws {
      String(decoding: try site.scratch.bytes("ran"), as: UTF8.self).split(separator: "\n")
        .map(String.init)
    }
  }

  private func expect(_ code: Int32, says: String) throws {
    try site.expect(site.run("gives --arg service=Service/web"), code)
    try site.expect(
      "writ run show \(try site.runName()) --runs runs", code, says: says)
  }

  @Test("words, conditions, arguments and gates read it, and the record names its digest")
  func read() throws {
    try site.expect(site.run("gives --arg service=Service/web"), says: "SUCCEEDED")
    #expect(try lines.contains("scan.sh web web:1"))
    #expect(try lines.suffix(4).first == "put.sh web web:1")
    #expect(try lines.last == "look.sh web:1 mid low 0")
    let shown = try site.shown()["nodes"]?.array ?? []
    func output(_ node: String) -> String? {
      shown.first { $0["node"]?.string == node }?["output"]?.string
    }
    let scan = #"{"critical":2,"service":"Service/web","share":"0.5","worst":"mid"}"#
    #expect(output("verify/scan") == scan)
    #expect(output("verify/image") == #""web:1""# && output("production/soak/run#2:2") == "0")
    // Behind the entry that the run has begun.
    let record = try JSONValue(
      parsing: Array(try site.expect("writ log show log --index 1 --json").utf8))
    let noted = record["predicate"]?["outputs"]?.array ?? []
    try #require(noted.map { $0["output"]?.string } == ["image", "findings"])
    #expect(noted[1]["from"]?.string == "\(try site.runName())/verify/scan")
    let digest = try site.expect("printf %s '\(scan)' | sha256sum | cut -d' ' -f1")
    #expect(noted[1]["digest"]?.string == "sha256:" + digest.filter { $0 != "\n" })
    try site.expect("writ replay log --all", says: "1 the same, 0 different")
    try site.expect("writ log verify log --vkey log.key.pub; writ log fsck log", says: "SOUND")
  }

  @Test("a gate decides by what a step has given out, as facts and as arguments")
  func decided() throws {
    try gives("scan", #"{"critical":7,"service":"Service/web"}"#)
    try expect(1, says: "7 critical findings")
    try gives("scan", #"{"critical":1,"service":"Service/web"}"#)
    try gives("image", #""web:0""#)
    try expect(1, says: "web:0 is old")
    #expect(try !lines.contains { $0.hasPrefix("put") })
  }

  @Test(
    "a condition that what was given out makes false skips, and one that it leaves unknown is an error"
  )
  func conditions() throws {
    try gives("scan", #"{"critical":100,"service":"Service/web"}"#)
    try site.expect(site.run("gives --arg service=Service/web"), says: "SUCCEEDED")
    #expect(try site.result("production") == "skipped")
    try gives("scan", #"{"service":"Service/web"}"#)
    try expect(74, says: "production")
    #expect(try site.result("production") == "errored")
    #expect(try site.kinds().allSatisfy { $0 == "run" })
  }

  @Test(
    "what is not what the pipeline says is an error, told with what is wrong",
    arguments: [
      ("image", "", "it is no JSON"), ("image", "web:1", "it is no JSON"),
      ("image", "7", "is not a string"),
      ("scan", #"{"critical":1}"#, "`service` is missing: a `Scan` leads to one node by it"),
      ("scan", #"{"critical":1,"service":[]}"#, "`service` is missing"),
      ("scan", #"["a"]"#, "it is no JSON object"),
      ("scan", #"{"critical":1,"servise":"Service/web"}"#, "did you mean `service`"),
      ("scan", #"{"critical":"many","service":"Service/web"}"#, "critical"),
      ("scan", #"{"critical":1,"service":"Service/nowhere"}"#, "nowhere"),
      ("scan", #"{"critical":1,"service":"Identity/bot"}"#, "Identity"),
      ("scan", #"{"critical":1,"critical":2}"#, "it is no JSON"),
    ])
  func malformed(name: String, value: String, why: String) throws {
    try gives(name, value)
    try expect(74, says: why)
    #expect(try site.result("verify/\(name)") == "errored")
    #expect(try site.kinds().allSatisfy { $0 == "run" })
  }

  @Test("nothing, too much, and what is no file are errors")
  func unreadable() throws {
    try site.program("image.sh")
    try expect(74, says: "did not give out what the pipeline says")
    try site.program("image.sh", #"head -c 20000 /dev/zero | tr '\0' ' ' > "$WRIT_OUTPUT""#)
    try expect(74, says: "longer than 16384 bytes")
    try site.program("image.sh", #"mkfifo "$WRIT_OUTPUT""#)
    try expect(74, says: "no regular file")
    // What a program may not read the runner does not read for it.
    try site.program("image.sh", #"echo 1 > aside; ln -s "$PWD/aside" "$WRIT_OUTPUT""#)
    try expect(74, says: "did not give out what the pipeline says")
    try site.program("image.sh", #"echo 1 > "$WRIT_OUTPUT"; ln "$WRIT_OUTPUT" "$WRIT_OUTPUT.too""#)
    try expect(74, says: "no regular file of its own")
  }

  @Test("people are shown what was given out, and approve that")
  func approved() throws {
    try site.expect(
      site.run(
        "asks --arg service=Service/web",
        atAsks: "cp \"$file\" asked; \(site.approval(by: "ines"))"))
    #expect(try lines.last == "look.sh web:1")
    let asked = try JSONValue(parsing: try site.scratch.bytes("asked"))
    #expect(asked["outputs"]?["image"]?.string == #""web:1""#)
  }

  @Test("a runner that is killed finds again what was given out, and gives it out once")
  func resumed() throws {
    let kill = "kill -9 $(cat \"\(site.scratch.path)/pid\")"
    try site.expect(site.run("asks --arg service=Service/web", atAsks: kill), 137)
    try gives("image", #""web:0""#)
    try site.expect(
      site.run("--resume \(try site.runName())", atAsks: site.approval(by: "ines")))
    #expect(try lines.filter { $0.hasPrefix("image") }.count == 1)
    #expect(try lines.last == "look.sh web:1")
  }
}
