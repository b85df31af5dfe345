// Hooks as a run carries them out: what runs after what, through which gate, and where a killed runner goes on.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Runs with hooks", .serialized)
final class RunHookTests {
  private let site: RunSite

  init() throws {
    site = try RunSite()
    try site.scratch.write(
      RunSite.policy + """

        pipeline hooked(service: Service) {
          stage go on failure rollback {
            deploy(service) ensure { run "./again.sh" "deployed" }
            run "./look.sh" service
          } onSuccess {
            run "./tell.sh" "well"
          } onFailure {
            run "./tell.sh" "ill" on failure ignore
            step other: roll(service)
            run "./unit.sh" service
          } onError {
            run "./tell.sh" "broken"
          } onAbort {
            run "./tell.sh" "stopped"
          } ensure {
            step last: run "./once.sh" service idempotent
            run "./build.sh" service
          }
          stage behind { run "./tell.sh" "behind" }
        }

        pipeline closed(service: Service) {
          stage go on failure rollback { deploy(service) run "./look.sh" service }
          stage behind { run "./unit.sh" service }
        } onSuccess {
          run "./tell.sh" "well" when behind is succeeded
        } onFailure {
          run "./tell.sh" "ill" when go is failed
          step other: roll(service)
          run "./build.sh" service
        } onAbort {
          run "./tell.sh" "stopped"
        } ensure { step last: run "./once.sh" service }

        pipeline asked(service: Service) {
          stage go {
            approve by role manager within 1h onSuccess { run "./tell.sh" "yes" } onFailure {
              run "./tell.sh" "no"
            } onAbort { run "./tell.sh" "stopped" } ensure { run "./once.sh" "asked" }
          }
        }

        pipeline told(service: Service) {
          stage go {
            parallel { approve by role manager within 1h onSuccess { run "./tell.sh" "yes" } } ensure {
              run "./look.sh" service
            }
          } ensure { approve by role manager within 1h run "./once.sh" "last" } onFailure {
            deploy(service)
            run "./look.sh" service
          }
        }

        """, to: "shop.writ")
    try site.expect(
      "writ build shop.writ -o b --registry registry.jsonl")
  }

  @Test(
    "plans show hooks, in words, as a document and as a picture, and the ways to production through them"
  )
  func planned() throws {
    let plan = try site.expect("writ plan --bundle b hooked")
    #expect(
      plan.contains(
        """
          deploy  shop.deploy (deploy, production), decided by shop.ship; with service; taken back by shop.undoDeploy
            ensure
              run#2  run ./again.sh deployed
        """), "\(plan)")
    #expect(plan.contains("\n  onFailure\n    run#4  run ./tell.sh ill; failure: ignore\n"))
    #expect(plan.contains("go → onFailure → other  by shop.roll, decided by shop.ship"))
    #expect(
      plan.contains(
        "go → onFailure → other → shop.undoDeploy  taken back by shop.undoDeploy, decided by shop.back"
      ))
    #expect(try site.expect("writ run hooked --plan \(site.options)") == plan)
    try site.expect("writ plan --bundle b hooked --html plan.html --svg plan.svg")
    let json = try JSONValue(
      parsing: Array(try site.expect("writ plan --bundle b hooked --json").utf8))
    let hooks = json["stages"]?.array?.first?["hooks"]?.array ?? []
    #expect(
      hooks.compactMap { $0["moment"]?.string }
        == ["onSuccess", "onFailure", "onError", "onAbort", "ensure"])
    #expect(hooks[1]["steps"]?.array?.count == 3)
    #expect(json["production"]?.array?.count == 4)
    let picture = String(decoding: try site.scratch.bytes("plan.svg"), as: UTF8.self)
    for moment in ["onSuccess", "onFailure", "onError", "onAbort", "ensure"] {
      #expect(picture.contains(">\(moment)<"), "\(moment)")
    }
  }

  @Test("what succeeds runs onSuccess and ensure, that of a step before what stands behind it")
  func succeeds() throws {
    let output = try site.expect(site.run("hooked --arg service=Service/web"), says: "SUCCEEDED")
    #expect(
      try site.ranWithWords() == [
        "deploy.sh web", "again.sh deployed", "look.sh web", "tell.sh well", "once.sh web",
        "build.sh web", "tell.sh behind",
      ])
    #expect(output.contains("succeeded  go/+ensure/last"))
    #expect(try site.result("go/deploy/+ensure/run#2") == "succeeded")
    try site.expect("writ replay log --all", says: "0 different")
    try site.expect(
      "writ run show \(try site.runName()) --runs runs --html run.html --svg run.svg",
      says: "go/+ensure/last")
    let picture = String(decoding: try site.scratch.bytes("run.svg"), as: UTF8.self)
    #expect(picture.contains(">onSuccess<") && picture.contains(">last<"))
  }

  @Test("what a pipeline has behind it is planned, shown and run when all is over, and undone")
  func closes() throws {
    let plan = try site.expect("writ plan --bundle b closed")
    #expect(plan.contains("\nwhen all is over\n  onSuccess\n    run"))
    #expect(plan.contains("  onFailure → other  by shop.roll, decided by shop.ship\n"))
    #expect(!plan.contains("onFailure → other → "), "nothing takes that back")
    let json = try JSONValue(
      parsing: Array(try site.expect("writ plan --bundle b closed --json").utf8))
    #expect(json["hooks"]?.array?.count == 4)
    try site.expect("writ plan --bundle b closed --svg plan.svg")
    let picture = String(decoding: try site.scratch.bytes("plan.svg"), as: UTF8.self)
    #expect(picture.contains(">ensure<") && picture.contains(">onAbort<"))
    try site.expect(site.run("closed --arg service=Service/web"), says: "SUCCEEDED")
    #expect(
      try site.ranWithWords()
        == ["deploy.sh web", "look.sh web", "unit.sh web", "tell.sh well", "once.sh web"])
    #expect(try site.result("+ensure/last") == "succeeded")
    try site.program("look.sh", "exit 1")
    try site.scratch.write("", to: "ran")
    try site.expect(
      site.run("closed --arg service=Service/web"), 1, says: "FAILED, what was done is undone")
    #expect(
      try site.ran() == ["deploy", "look", "undo-deploy", "tell", "roll", "build", "once"])
    #expect(try site.result("+onFailure/other") == "succeeded")
    try site.expect("writ replay log --all", says: "0 different")
    try site.expect(
      "writ run show \(try site.runName()) --runs runs --svg run.svg", 1, says: "+ensure/last")
  }

  @Test("a runner that is killed when all is over goes on there, and runs nothing twice")
  func closesOnce() throws {
    try site.program("look.sh", "exit 1")
    try site.program(
      "build.sh", "[ -e killed ] || { touch killed; kill -9 $(cat \"\(site.scratch.path)/pid\"); }")
    try site.expect(site.run("closed --arg service=Service/web"), 137)
    try site.expect(
      site.run("--resume \(try site.runName())"), 1, says: "an effect is unknown")
    // Of a program that was under way nobody knows; what it spoils is a success only.
    #expect(
      try site.ran() == ["deploy", "look", "undo-deploy", "tell", "roll", "build", "once"])
    #expect(try site.result("+onFailure/run#3") == "errored")
  }

  @Test("what fails runs onFailure and ensure before it is taken back, actions of the hook too")
  func fails() throws {
    try site.program("look.sh", "exit 1")
    try site.program("tell.sh", "exit 1")
    try site.expect(
      site.run("hooked --arg service=Service/web"), 1, says: "FAILED, what was done is undone")
    #expect(
      try site.ranWithWords() == [
        "deploy.sh web", "again.sh deployed", "look.sh web", "tell.sh ill",
        "roll.sh web@sha256:7c5a0e9d1b44f2c86a3f0d5e7b92c1a8460d3f9e5b7a2c1d8e6f40937a5b2c1d",
        "unit.sh web", "once.sh web", "build.sh web", "undo-deploy.sh web", "undo-deploy.sh web",
      ])
    #expect(try site.result("go") == "failed")
    try site.expect("writ replay log --all", says: "0 different")
  }

  @Test("an action in a hook is done only if its gate allows it, on the graph as it is then")
  func guarded() throws {
    let path = site.scratch.path
    try site.program("look.sh", "cp \(path)/frozen \(path)/next; mv \(path)/next \(path)/g; exit 1")
    try site.expect(site.run("hooked --arg service=Service/web"), 1)
    #expect(try !site.ran().contains("roll") && site.ran().contains("once"))
    #expect(try site.result("go/+onFailure/other") == "denied")
    #expect(try !site.ranWithWords().contains("unit.sh web"))
    // What the hook could not do changes nothing of what became of the stage.
    #expect(try site.result("go") == "failed")
    try site.expect("writ run show \(try site.runName()) --runs runs", 1, says: "web is frozen")
  }

  @Test("a hook that fails spoils a success, and nothing behind it begins")
  func spoils() throws {
    try site.program("once.sh", "exit 1")
    try site.expect(
      site.run("hooked --arg service=Service/web"), 1,
      says: "its hook `go/+ensure` did not succeed")
    #expect(
      try !site.ranWithWords().contains("tell.sh behind")
        && !site.ranWithWords().contains("build.sh web"))
  }

  @Test(
    "a runner that is killed in a hook goes on in it: what may be done twice is, and nothing before it again"
  )
  func resumesIdempotent() throws {
    try site.program("once.sh", "test -e seen || { touch seen; kill -9 $(cat pid); sleep 9; }")
    try site.expect(site.run("hooked --arg service=Service/web"), 137)
    try site.expect(site.run("--resume \(try site.runName())"), says: "SUCCEEDED")
    #expect(
      try site.ranWithWords() == [
        "deploy.sh web", "again.sh deployed", "look.sh web", "tell.sh well", "once.sh web",
        "once.sh web", "build.sh web", "tell.sh behind",
      ])
    try site.expect("writ replay log --all", says: "1 the same, 0 different")
    try site.expect(
      "writ run show \(try site.runName()) --runs runs --log log --vkey log.key.pub",
      says: "SUCCEEDED")
  }

  @Test(
    "a step of a hook that may not be done twice is not, after a kill, and ensure runs all the same"
  )
  func resumesOther() throws {
    try site.program("tell.sh", "test -e seen || { touch seen; kill -9 $(cat pid); sleep 9; }")
    try site.expect(site.run("hooked --arg service=Service/web"), 137)
    try site.expect(site.run("--resume \(try site.runName())"), 74)
    #expect(
      try site.ranWithWords() == [
        "deploy.sh web", "again.sh deployed", "look.sh web", "tell.sh well", "tell.sh broken",
        "once.sh web", "build.sh web",
      ])
    #expect(try site.result("go/+onSuccess/run#3") == "errored")
    // The hook has spoilt the success of its stage, which the hooks behind it see.
    #expect(try site.result("go") == "errored")
  }

  @Test("a runner that is killed while an action of a hook is done has it once")
  func resumesAction() throws {
    try site.program("look.sh", "exit 1")
    try site.program("eu-1/work/roll.sh", "kill -9 $(cat ../../pid)")
    try site.expect(site.run("hooked --arg service=Service/web"), 137)
    // Whether the delegate sees that its control plane is gone before its program has ended is open; then nobody knows the effect.
    let script: String = site.run("--resume \(try site.runName())")
    let code = try site.run("set -e\n" + script).code
    #expect(code == 1 || code == 74)
    #expect(try site.ran().count { $0 == "roll" } == 1)
    #expect(try site.ran().contains("once") && site.ran().contains("undo-deploy"))
  }

  @Test(
    "who approves is shown what hooks may do behind it; at a step of a hook what is left of the hooks"
  )
  func shownToApprovers() throws {
    let look = """
      writ approve --bundle b --request "$file" --show --json \
      > "shown$(ls shown* 2> /dev/null | wc -l).json"
      """
    try site.expect(
      site.run("told --arg service=Service/web", atAsks: "\(look); \(site.approval(by: "ines"))"))
    let behind = try (0...1).map { number in
      try JSONValue(parsing: try site.scratch.bytes("shown\(number).json"))["behind"]?.array?
        .compactMap { $0["step"]?.string }
    }
    #expect(
      behind == [
        [
          "go/parallel/approve/+onSuccess/run", "go/parallel/+ensure/run#2",
          "go/+onFailure/deploy", "go/+onFailure/run#4", "go/+ensure/approve#2",
          "go/+ensure/run#3",
        ], ["go/+ensure/run#3"],
      ])
    #expect(try site.ranWithWords() == ["tell.sh yes", "look.sh web", "once.sh last"])
  }

  @Test(
    "people's no and yes, and a stop by `cleanup`, each run their hook and ensure; `now` runs none")
  func stopped() throws {
    let no = """
      writ approve --bundle b --request "$file" --role manager --as Identity/ines --key ines.key \
      --no "not today" > "$(dirname "$(dirname "$file")")/approvals/no.json"
      """
    let stop = { (mode: String) in
      "writ run cancel \"$(dirname \"$(dirname \"$file\")\")\" --mode \(mode)"
    }
    for (act, code, words) in [
      (site.approval(by: "ines"), Int32(0), ["tell.sh yes", "once.sh asked"]),
      (no, 1, ["tell.sh no", "once.sh asked"]),
      (stop("cleanup"), 3, ["tell.sh stopped", "once.sh asked"]), (stop("now"), 3, []),
    ] {
      try site.scratch.write("", to: "ran")
      try site.expect(site.run("asked --arg service=Service/web", atAsks: act), code)
      #expect(try site.ranWithWords() == words, "\(act)")
    }
  }
}
