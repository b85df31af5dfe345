// A shop with a pipeline, a log, keys, and a delegate whose programs write down that they ran.

import Foundation
import Testing
import WritModel
import WritTesting

/// What the tests of `writ run` work in. Each program adds a line to `ran`.
class RunSite: Workshop {
  static let policy = """
    policy shop version 1 callers unsigned

    source catalog fresh 7d
    role manager

    node Identity from catalog { name: String key }
    node Service from catalog {
      name: String key
      frozen: Bool
      calm: Bool
      owner -> Identity
    }

    gate ship(service: Service) waivable by role manager {
      deny frozen: service.frozen "{service} is frozen"
    }
    waiver W1 of ship.frozen for Service "web" reason "the fix is for what froze it" expires 2999-01-01
    gate careful(service: Service) {
      deny frozen: service.frozen "{service} is frozen"
      require manager: approval by role manager except service.owner within 1h
        else "a manager must approve"
    }
    gate back(service: Service) {
      deny nobody: caller is absent "nobody asks"
    }

    action deploy(service: Service)
      kind deploy
      guarded by ship(service)
      effect production
      rollback undoDeploy(service)
    {
      run "./deploy.sh" service
    }
    action undoDeploy(service: Service)
      kind rollback
      guarded by back(service)
      effect production
      irreversible
    {
      run "./undo-deploy.sh" service
      idempotent
    }
    action widen(service: Service)
      kind deploy
      guarded by careful(service)
      effect production
      rollback undoWiden(service)
    {
      run "./widen.sh" service
    }
    action roll(service: Service)
      kind deploy
      guarded by ship(service)
      effect production
      rollback undoDeploy(service)
    {
      run "./roll.sh" "web@sha256:7c5a0e9d1b44f2c86a3f0d5e7b92c1a8460d3f9e5b7a2c1d8e6f40937a5b2c1d"
    }
    action undoWiden(service: Service)
      kind rollback
      guarded by back(service)
      effect production
      irreversible
    {
      run "./undo-widen.sh" service
      idempotent
    }

    pipeline one(service: Service) {
      stage go {
        deploy(service)
        run "./look.sh" service
      }
    }

    pipeline release(service: Service)
      deadline 1h
    {
      stage verify parallel {
        step build: run "./build.sh" service
        step unit: matrix os in ["linux", "mac"] max 2 {
          run "./unit.sh" "--os={os}"
        }
        step asked: gate ship(service) needs build
      }
      stage production on failure rollback on error rollback on denial rollback {
        approve by role manager except service.owner within 1h
        step ship: deploy(service)
        step wide: widen(service)
        step soak: repeat every 1s at most 3 until service.calm
        run "./look.sh" service
      }
      stage tell when service.calm {
        run "./tell.sh" service on failure ignore
      }
    }

    pipeline twice(service: Service) unverified {
      stage go on failure rollback {
        step first: deploy(service)
        step second: deploy(service)
      }
    }

    pipeline rolling(service: Service) unverified {
      stage go on failure rollback { roll(service) }
    }

    pipeline both(service: Service) unverified {
      stage go parallel {
        step one: deploy(service)
        step two: roll(service)
      }
    }

    pipeline part(service: Service, how: String) deadline 10m {
      stage ship { deploy(service) }
      stage look { run "./look.sh" how }
    }

    pipeline nested(service: Service) {
      stage first { step one: pipeline part(service, "calmly") }
      stage second when service.calm on failure rollback {
        matrix how in ["eagerly"] { pipeline part(service, how) }
        run "./tell.sh" service
      }
    }

    pipeline patient(service: Service)
      deadline 1h
      freeze when service.frozen
    {
      stage first { run "./look.sh" service }
      stage second { run "./tell.sh" service }
    }

    pipeline brief(service: Service) deadline 1s freeze when service.frozen {
      stage first { run "./look.sh" service }
    }

    pipeline hasty(service: Service) {
      stage go { approve by role manager within 1s }
    }

    pipeline lined(service: Service) concurrency line max 1 {
      stage go { run "./once.sh" service }
    }
    pipeline newest(service: Service) concurrency line max 1 supersede {
      stage go { run "./again.sh" service }
    }

    pipeline local(service: Service) {
      stage go {
        step once: run "./once.sh" service
        step again: run "./again.sh" service idempotent
      }
    }
    """

  override init() throws {
    try super.init()
    try scratch.write(RunSite.policy, to: "shop.writ")
    let now = ISO8601DateFormatter().string(from: Date())
    for (name, isFrozen) in [("facts.jsonl", false), ("frozen.jsonl", true)] {
      try scratch.write(
        """
        {"node":"Identity","id":"bot","props":{}}
        {"node":"Identity","id":"ines","props":{}}
        {"node":"Identity","id":"otto","props":{}}
        {"node":"Service","id":"web","props":{"frozen":\(isFrozen),"calm":true}}
        {"edge":"owner","from":"Service/web","to":"Identity/otto","props":{}}
        {"source":"catalog","at":"\(now)","covers":"*"}

        """, to: name)
    }
    try expect(
      #"""
      writ key new log.example -o log.key
      writ key new permits -o permit.key
      for name in ines otto; do
        writ key new $name -o $name.key
        printf '{"name":"%s","key":"%s","actor":"Identity/%s","roles":["manager"]}\n' \
          $name "$(cat $name.key.pub)" $name >> registry.jsonl
      done
      writ build shop.writ -o b --registry registry.jsonl
      writ graph import --schema shop.writ facts.jsonl -o g
      writ graph import --schema shop.writ frozen.jsonl -o frozen
      writ log init log --origin log.example --key log.key
      writ-delegate init eu-1 --name eu-1 --permit-key permit.key.pub --log-vkey log.key.pub
      touch ran
      """#)
    for name in ["deploy", "widen", "roll", "undo-deploy", "undo-widen"] {
      try program("eu-1/work/\(name).sh")
    }
    for name in ["build", "unit", "look", "tell", "once", "again"] { try program("\(name).sh") }
  }

  /// A program that writes down that it ran, and then does what is given.
  func program(_ path: String, _ more: String = "") throws {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    try scratch.write(
      "#!/bin/sh\necho \"\(name) $*\" >> \"\(scratch.path)/ran\"\n\(more)\n", to: path)
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: scratch.path + "/" + path)
  }

  /// What `writ run` takes beside the pipeline.
  var options: String { options(wait: "20s") }

  private func options(wait: String) -> String {
    """
    --bundle b --graph g --caller Identity/bot --log log --permit-key permit.key \
    --delegate eu-1/delegate.pub --listen unix:\(scratch.path)/sock --wait \(wait)
    """
  }

  /// The command with a delegate beside it; the runner's number is in `pid`.
  ///
  /// - Parameter atAsks: What happens each time that people are asked, with the file to sign in `$file`. The events are then in
  ///   `events`.
  /// - Parameter event: What it happens at instead.
  /// - Parameter delegate: The directory of the delegate that is started; nobody's where it is to be away.
  func run(
    _ words: String, atAsks: String? = nil, event: String = "asks", wait: String = "20s",
    delegate: String = "eu-1"
  ) -> String {
    let act = atAsks.map { act in
      """
      | while read -r line; do
        printf '%s\\n' "$line" >> events
        case "$line" in *'"type":"writ.run.\(event)"'*)
          file=$(printf '%s' "$line" | sed 's/.*"request":"\\([^"]*\\)".*/\\1/')
          \(act) ;;
        esac
      done
      """
    }
    return """
      writ-delegate serve \(delegate) --connect unix:\(scratch.path)/sock 2>> delegate.err &
      delegate=$!; echo $delegate > delegate.pid
      {
        code=0
        sh -c 'echo $$ > pid; exec writ run \(words) \(options(wait: wait))\(atAsks == nil ? "" : " --json")' || code=$?
        echo $code > code
      } \(act ?? "")
      # Not waited for: this shell may have been started with the end of children blocked. It is by whoever started the shell.
      kill $delegate 2> /dev/null || true; exit $(cat code)
      """
  }

  /// For scripts: the number of the delegate beside the command.
  var delegateNumber: String { "$(cat \"\(scratch.path)/delegate.pid\")" }

  /// Signs what is asked for, as somebody.
  func approval(by name: String) -> String {
    """
    writ approve --bundle b --request "$file" --role manager --as Identity/\(name) --key \(name).key \
    > "$(dirname "$(dirname "$file")")/approvals/\(name)-$(basename "$file")"
    """
  }

  /// What programs ran, in order, with their words.
  func ranWithWords() throws -> [String] {
    String(decoding: try scratch.bytes("ran"), as: UTF8.self).split(separator: "\n")
      .map(String.init)
  }

  /// The names of programs that ran, in order.
  func ran() throws -> [String] {
    try ranWithWords().map { String($0.prefix { $0 != "." }) }
  }

  /// The only run, or the newest.
  func runName() throws -> String {
    let names = try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/runs")
    return try #require(names.max())
  }

  /// What `writ run show` says of it.
  func shown() throws -> JSONValue {
    let outcome = try run("writ run show \(try runName()) --runs runs --json")
    return try JSONValue(parsing: Array(outcome.output.utf8))
  }

  /// The result of a node.
  func result(_ node: String) throws -> String? {
    try shown()["nodes"]?.array?.first { $0["node"]?.string == node }?["result"]?.string
  }

  /// The kinds of all entries of the log, in order.
  func kinds() throws -> [String] {
    var kinds: [String] = []
    while true {
      let shown = try run("writ log show log --index \(kinds.count) --json")
      guard let json = try? JSONValue(parsing: Array(shown.output.utf8)),
        let record = json["record"] ?? Optional(json)
      else { return kinds }
      let kind = (record["predicate"] ?? record)["kind"]?.string
      guard let kind else { return kinds }
      kinds.append(kind)
    }
  }
}
