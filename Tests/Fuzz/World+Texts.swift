// The policy and the facts of the fuzzers' world: one of every construct, and small.

extension World {
  static let policyText = """
    policy world version 1

    enum Severity { low < medium < high < critical }
    enum Region { us, eu }
    enum Level { none < bronze < silver < gold }

    source catalog fresh 7d
    source scanner fresh 24h
    source osv

    role lead, compliance

    param minimum: Level = silver
    param wanted: Decimal = 79.5
    param label: String = "core"

    node Person { since: Date?  active: Bool }
    node Team from catalog { title: String }
    node Service from catalog {
      name: String key
      tier: Int
      region: Region
      coverage: Decimal?
      critical: Bool
      tags: Set<String>
      since: Date?
      changed: Instant?
      timeout: Duration?
      note: String? from request
      owner -> Team | Person
      dependsOn -> many Service inverse dependents { kind: Severity?  weight: Int? }
      reviewedBy -> Person? from request inverse reviews
    }
    node Vulnerability from osv | scanner {
      severity: Severity
      fixedAt: Instant?
      affects -> many Service inverse vulnerabilities
    }
    node Release from request {
      tag: String key
      image: String
      labels: Set<String>
      service -> Service inverse releases
      author -> Person
      parts -> many Service { weight: Int }
    }

    rule open(s: Service) -> Set<Vulnerability> =
      s.vulnerabilities where severity >= high and fixedAt is absent

    rule isOld(s: Service) = (s.changed ?? now) + 30d < now and s.since is not absent

    scorecard readiness(service: Service) -> Level {
      check covered weight 40 "tests cover enough": (service.coverage ?? 0) >= wanted
      check calm weight 40: open(service) is empty
      check tagged weight 20 when service.tier == 1: label in service.tags
      level bronze at 40
      level silver at 70 with calm
      level gold at 100
    }

    gate ship(release: Release, caution: Int) waivable by role compliance except release.author {
      let service = release.service
      require ready: readiness(service).level >= minimum
        else "{service} is {readiness(service).level} with {readiness(service).score}, not {minimum}"
      deny critical: for d in service + service.dependsOn+, v in open(d)
        "{v.id} is open in {d} of {d.owner}"
      deny heavy: sum(release.(parts where weight > 1).tier) * caution > 100 "too heavy"
      deny old: any s in service.dependsOn* has isOld(s)
      require manager: approval by role lead count 2 except release.author within 8h
        else "two leads must approve"
      when caller is not absent and service.region == eu {
        require compliance: approval by role compliance within 72h
        deny image: not (release.image starts "registry/")
      }
    }

    waiver W17 of ship.critical for Service "api"
      reason "the vendor's patch is due"
      expires 2999-12-01

    gate touch(service: Service) {
      deny reach: count(service.dependents+) > 3 "{count(service.dependents+)} depend on it"
      require owned: service.owner is Team and service.owner.title != ""
      deny slow: (service.timeout ?? 0s) > 90s / 2
      deny weekend: now.weekday == saturday or now.hour < 6
    }

    query services = for s in Service where s.tier <= 2
      group by region: s.region
      select { region, services: count(s), best: max(s.coverage ?? 0) }
      order by services desc limit 10
    query pairs = for s in Service, d in s.dependsOn
      where d.critical
      select { s, d, level: readiness(d).level, tags: count(d.tags) }
      order by s, d
    query reach(service: Service) {
      up: count(service.dependents+ up to 2)
      heavy: count(service.(dependsOn where kind is not absent and (weight ?? 0) > 1)*)
      owners: count(distinct service.dependsOn*.owner)
      both: count(service.dependsOn & service.dependents)
    }
    query chain(a: Service, b: Service) = shortest a.dependsOn+ to b
    """

  /// As little as a bundle can be of: small inputs are tried more often.
  static let smallText = """
    policy small version 1
    enum Size { small < large }
    node Box { size: Size  next -> Box? }
    param least: Int = 2
    gate g(box: Box) { deny d: for b in box.next+ where b.size >= large "{b} of {least}" }
    query q = for b in Box select { b, n: count(b.next+) }
    """

  /// Actions, with all that they can have.
  static let actingText = """
    policy acting version 1
    enum Size { small < large }
    node Box { size: Size  next -> Box? }
    node Note from request { n: Int  about: Decimal?  box -> Box }
    gate g(box: Box, n: Int) { deny d: box.size >= large and n > 2 }
    action put(box: Box, n: Int)
      kind deploy
      guarded by g(box, n)
      effect production
      impact outage, dataExposure
      delegate labelled eu, fast
      rollback take(box)
    {
      run "./put" box "--size={box.size}" (n + 1) count(box.next+) "" -3
      secrets token, other
      timeout 15m
      idempotent
    }
    gate back(box: Box) { deny nobody: caller is absent }
    action take(box: Box) kind rollback guarded by back(box) effect production irreversible { run "./take" (box.next ?? box) }
    role lead
    gate hot(box: Box) { deny nobody: caller is absent }
    action smash(box: Box)
      kind incident
      guarded by hot(box)
      effect production
      irreversible
      breakGlass reviewed by role lead within 1h
    {
      run "./smash" box
    }
    pipeline move(box: Box) concurrency boxes max 2 supersede deadline 6h freeze when box.next is absent {
      stage ready parallel max 4 on error abort {
        step unit: matrix n in [1, -2] max 2 {
          matrix size in [small, large] { run "make" size "{n}" retry 3 backoff 1s .. 5s jitter 1s }
          wait 1m when box.size == small
        }
        gate g(box, count(box.next+)) needs unit on denial ignore
        run "./scan" (box.next ?? box) box idempotent timeout 5m -> found: Note
        step sized: run "./size" on failure ignore -> size: Size onError { run "./mend" box when sized is errored }
        agent looker "is {box} fit, {box.size}?" budget 5m, 10 calls, 1000 tokens -> word: Note
      } onSuccess { run "./tell" (found.n) } ensure { put(box, 1) run "./look" box when unit is not succeeded gate hot(box) }
      stage ask after ready on expiry ignore { approve by role lead count 2 except box within 4h onAbort { wait 1m } }
      stage late after ask is expired | skipped { run "./late" box when ask is expired }
      stage go after ready, ask when box.size >= large on failure rollback {
        put(n: found.n, box: box) deadline 1h when (size ?? small) == large
        pipeline hurry(box.next ?? box)
        repeat every 1m at most 30 unchanged 3 until box.next is absent or parallel is failed {
          parallel { run "./look" box on error stage } on failure ignore
        }
      }
    } onFailure { put(box, 1) run "./look" box gate hot(box) } ensure { run "./close" box when go is failed }
    pipeline hurry(box: Box) unverified { stage go { put(Box "b", 1) } }
    """

  static let factsText = """
    {"node":"Person","id":"ada","props":{"active":true,"since":"2020-02-29"}}
    {"node":"Person","id":"bo","props":{"active":false}}
    {"node":"Team","id":"core","props":{"title":"Core \\"team\\" é"}}
    {"node":"Service","id":"web","props":{"tier":1,"region":"eu","coverage":91.5,"critical":true,"tags":["core","web"],"timeout":"90s"}}
    {"node":"Service","id":"cart","props":{"tier":2,"region":"us","coverage":"79.999999","critical":true,"tags":[],"changed":"2026-10-01T00:00:00Z","since":"2019-01-01"}}
    {"node":"Service","id":"store","props":{"tier":3,"region":"us","critical":false}}
    {"edge":"owner","from":"Service/web","to":"Team/core"}
    {"edge":"owner","from":"Service/cart","to":"Person/ada"}
    {"edge":"dependsOn","from":"Service/web","to":"Service/cart","props":{"kind":"high","weight":2}}
    {"edge":"dependsOn","from":"Service/web","to":"Service/cart","props":{"kind":"low"}}
    {"edge":"dependsOn","from":"Service/cart","to":"Service/store","props":{}}
    {"edge":"dependsOn","from":"Service/store","to":"Service/cart"}
    {"node":"Vulnerability","id":"CVE-1","source":"osv","props":{"severity":"critical"}}
    {"node":"Vulnerability","id":"CVE-2","source":"scanner","props":{"severity":"low","fixedAt":"2026-11-18T22:00:00.5Z"}}
    {"edge":"affects","from":"Vulnerability/CVE-1","to":"Service/cart"}
    {"source":"catalog","at":"2026-11-18T22:00:00Z","covers":"*"}
    {"source":"scanner","at":"2026-11-19T09:00:00Z","covers":"Service/web"}
    {"source":"osv","at":"2026-11-19T09:00:00Z","covers":"Vulnerability","of":"osv"}

    """

  static let requestFacts = """
    {"node":"Release","id":"r1","props":{"image":"registry/web:1","labels":["a","b"]}}
    {"edge":"service","from":"Release/r1","to":"Service/web"}
    {"edge":"author","from":"Release/r1","to":"Person/ada"}
    {"edge":"parts","from":"Release/r1","to":"Service/cart","props":{"weight":7}}
    {"node":"Service","id":"web","props":{"note":"hurry"}}
    {"edge":"reviewedBy","from":"Service/web","to":"Person/bo"}

    """

  /// A policy with tests of its own, so that the graphs of tests are reached.
  static let testedText = """
    policy tested version 1
    enum Size { small < medium < large }
    source ci fresh 1h
    role lead
    node Box from ci {
      size: Size
      weight: Decimal?
      tags: Set<String>
      inside -> Box? inverse holds
    }
    node Order from request { box -> Box  at: Instant }
    scorecard fit(box: Box) -> Size {
      check light weight 3: (box.weight ?? 1.5) < 10
      check loose weight 1 when box.size == large: box.holds is empty
      level medium at 50
      level large at 75 with light
    }
    gate send(order: Order) {
      require fits: fit(order.box).level >= large else "{order.box} scores {fit(order.box).score}"
      deny nested: for b in order.box.inside+, c in b.holds where b != c "{b} holds {c}"
      require lead: approval by role lead within 2h
      deny late: not (order.at within 30m)
    }
    query boxes = for b in Box group by size: b.size
      select { size, n: count(b), w: sum(b.weight ?? 0) } order by n desc
    fixture some {
      Box a { size: large, weight: 2.5, tags: ["x", "y"] }
      Box b { size: small, weight: absent, inside -> a }
      Order o { box -> a, at: 2026-11-19T09:45:00Z }
    }
    test "sent" {
      at 2026-11-19T10:00:00Z
      given some with {
        Box b { size: unknown, inside -> [] }
        source ci at 2026-11-19T09:30:00Z covers Box
      }
      expect send(order: o) is held by lead
      expect fit(Box "a").score == 100
      expect Box "b".size is unknown
      expect count(Box where "x" in tags) == 1
    }
    """
}
