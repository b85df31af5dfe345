// The texts of policies/checkout for the demo; DemoTests writes them, nobody else.

/// What the demo needs, so that the program needs no file.
enum DemoTexts {
  /// policies/checkout/checkout.writ
  static let policy = ###"""
    // Is checkout safe to ship on Thursday? The facts that a release is judged by, and the gate that
    // judges it.
    //
    // Four things are asked of a release: its service's scorecard passes, nothing it depends on has a
    // critical vulnerability open, no freeze stands over the environment, and for the EU somebody of
    // compliance who is not the author has approved. checkout_test.writ tries all sixteen ways in which
    // they can hold or not.
    policy checkout version 1

    enum Level { none < bronze < silver < gold }
    enum Severity { low < medium < high < critical }
    enum Region { us, eu, apac }
    enum IdentityKind { person, agent }

    // Who vouches for a fact, and for how long. Later than that the fact is unknown, and unknown never
    // opens a gate.
    source catalog fresh 7d   // services, teams, identities, environments
    source ci fresh 24h       // test coverage
    source slo fresh 1h       // how well services keep their promises
    source scanner fresh 24h  // which libraries services use, and what is wrong with them
    source pager fresh 5m     // freezes
    source roster fresh 12h   // who is on call

    role eu_compliance, release_manager

    // The level that a service must have. A bundle may set another: `writ build --set minimum=gold`.
    param minimum: Level = silver

    node Team from catalog {
      name: String key
    }

    // Who acts. An agent is an identity of its own kind and has a person who answers for it.
    node Identity from catalog {
      kind: IdentityKind
      region: Region?
      team -> Team? inverse members
      answerable -> Identity? inverse agents
    }

    node Service from catalog {
      name: String key
      tier: Int
      coverage: Decimal from ci  // of its tests, in percent
      sloMet: Decimal from slo   // over 28 days, in percent
      owner -> Team inverse services
      dependsOn -> many Service inverse dependents
      uses -> many Library from scanner inverse usedBy
    }

    node Library from scanner {
      outdated: Bool  // by more than one minor version
      vulnerabilities -> many Vulnerability inverse affects
    }

    node Vulnerability from scanner {
      severity: Severity
      published: Instant
      fixedAt: Instant?  // absent while it is open
    }

    node Environment from catalog {
      region: Region
    }

    node Freeze from pager {
      from: Instant
      until: Instant  // exclusive
      environments -> many Environment inverse freezes
    }

    node Shift from roster {
      from: Instant
      until: Instant  // exclusive
      team -> Team inverse shifts
      person -> Identity inverse shifts
    }

    // A release comes with the request that asks for it. The request can bring nothing else.
    node Release from request {
      image: String
      author -> Identity
      service -> Service
    }

    rule isOpenCritical(v: Vulnerability) = v.severity == critical and v.fixedAt is absent

    rule openCriticals(s: Service) -> Set<Vulnerability> =
      s.uses.vulnerabilities where isOpenCritical(it)

    // Coverage and SLO weigh enough that a service which misses one of them is not silver.
    scorecard readiness(service: Service) -> Level {
      check coverage weight 30 "tests cover at least 80 %": service.coverage >= 80
      check slo weight 30 "the SLO was met in 99.9 % of 28 days": service.sloMet >= 99.9
      check current weight 20 "no library is outdated": no l in service.uses has l.outdated
      check noCriticals weight 20 "no critical vulnerability is open": openCriticals(service) is empty
      level bronze at 50
      level silver at 80
      level gold at 100
    }

    gate ship(release: Release, env: Environment) {
      let service = release.service

      require readiness: readiness(service).level >= minimum
        else "{service} is {readiness(service).level} with {readiness(service).score} points, below {minimum}"

      // The service itself and whatever it depends on, directly or through others.
      deny criticalCVE: for s in service.dependsOn*, l in s.uses, v in l.vulnerabilities
        where isOpenCritical(v)
        "{v} is open in {l}, which {s} uses"

      deny freeze: for f in Freeze where env in f.environments and now in f.from ..< f.until
        "{env} is frozen until {f.until}"

      when env.region == eu {
        require euApproval: approval by role eu_compliance except release.author within 72h
          else "{env} is in the EU: eu_compliance must approve"
      }
    }

    // At night somebody of the owning team must be awake for it.
    gate attended(service: Service) {
      require onCall: any s in service.owner.shifts has now in s.from ..< s.until
        else "nobody of {service.owner} is on call at {now}"
    }

    // Back is nearly always the safer way: no freeze, no finding and no scan that is too old stops it.
    // But an agent that nobody answers for does not take a release back, nor does anybody unnamed.
    gate rollBack(release: Release, env: Environment) {
      deny unanswered: caller is absent or (caller.kind == agent and caller.answerable is absent)
        "nobody answers for taking {release} back from {env}"
    }

    // --- actions: all that touches the world, and the gates that decide on it ---

    action deploy(release: Release, env: Environment)
      kind deploy
      guarded by ship(release, env)
      effect production
      impact outage
      rollback undo(release, env)
    {
      run "./deploy.sh" release.image env
      secrets deploy_token
      timeout 15m
    }

    action undo(release: Release, env: Environment)
      kind rollback
      guarded by rollBack(release, env)
      effect production
      impact outage
      irreversible
    {
      run "./undo.sh" release.service env
      secrets deploy_token
      timeout 15m
      idempotent
    }

    // --- the way of a release: what is asked before, and what is looked at after ---

    pipeline releaseCheckout(release: Release)
      concurrency checkout max 1 supersede
      deadline 12h
    {
      // Nothing of this touches anything.
      stage verify parallel max 4 {
        step unit: matrix os in ["linux", "macos"] max 2 {
          run "make" "test" "os={os}" retry 2 backoff 10s .. 2m timeout 20m
        }
        run "./scan.sh" release.image idempotent
        gate attended(release.service)
      }

      // One region after the other. What goes wrong takes back all that was done.
      stage production on failure rollback {
        approve by role release_manager except release.author within 4h
        step region: matrix env in [Environment "production-us", Environment "production-eu"] max 1 {
          step ship: deploy(release, env)
          step soak: repeat every 1m at most 30 until release.service.sloMet >= 99.9
        }
      }

      stage tell when release.service.tier == 1 {
        run "./announce.sh" release.service on failure ignore
      }
    }

    // --- questions: they decide nothing ---

    // What the service depends on, with the scorecard of each.
    query dependencies(service: Service) =
      for d in service.dependsOn+
      select {
        service: d,
        level: readiness(d).level,
        score: readiness(d).score,
        criticals: count(openCriticals(d))
      }
      order by service

    // How a dependency is reached.
    query path(service: Service, dependency: Service) = shortest service.dependsOn+ to dependency

    query freezes(at: Instant) =
      for f in Freeze, env in f.environments where at in f.from ..< f.until
      select { env, freeze: f, until: f.until }
      order by env, until

    query onCall(at: Instant) =
      for s in Shift where at in s.from ..< s.until
      select { team: s.team, person: s.person, until: s.until }
      order by team, person

    // Who would notice if the service broke.
    query blastRadius(service: Service) {
      dependents: count(service.dependents+)
      teams: count(distinct service.dependents+.owner)
    }

    """###

  /// policies/checkout/graph.jsonl
  static let facts = ###"""
    {"node":"Team","id":"commerce","props":{}}
    {"node":"Team","id":"compliance","props":{}}
    {"node":"Team","id":"platform","props":{}}
    {"node":"Team","id":"risk","props":{}}
    {"node":"Identity","id":"anna","props":{"kind":"person","region":"eu"}}
    {"edge":"team","from":"Identity/anna","to":"Team/commerce","props":{}}
    {"node":"Identity","id":"ben","props":{"kind":"person","region":"us"}}
    {"edge":"team","from":"Identity/ben","to":"Team/risk","props":{}}
    {"node":"Identity","id":"ines","props":{"kind":"person","region":"eu"}}
    {"edge":"team","from":"Identity/ines","to":"Team/compliance","props":{}}
    {"node":"Identity","id":"deploy-bot","props":{"kind":"agent"}}
    {"edge":"team","from":"Identity/deploy-bot","to":"Team/commerce","props":{}}
    {"edge":"answerable","from":"Identity/deploy-bot","to":"Identity/anna","props":{}}
    {"node":"Service","id":"checkout","props":{"tier":1,"coverage":78.5,"sloMet":99.95}}
    {"node":"Service","id":"payments","props":{"tier":1,"coverage":91,"sloMet":99.97}}
    {"node":"Service","id":"inventory","props":{"tier":2,"coverage":74.5,"sloMet":99.9}}
    {"node":"Service","id":"fraud","props":{"tier":1,"coverage":88,"sloMet":99.92}}
    {"node":"Service","id":"identity","props":{"tier":1,"coverage":95.2,"sloMet":99.99}}
    {"node":"Library","id":"cartkit@4.2.0","props":{"outdated":false}}
    {"node":"Library","id":"jsonkit@2.9.1","props":{"outdated":false}}
    {"node":"Library","id":"zipkit@3.1.0","props":{"outdated":false}}
    {"node":"Vulnerability","id":"CVE-2026-10001","props":{"severity":"high","published":"2026-10-02T09:00:00Z"}}
    {"node":"Vulnerability","id":"CVE-2026-10002","props":{"severity":"critical","published":"2026-09-14T12:00:00Z","fixedAt":"2026-09-20T08:30:00Z"}}
    {"node":"Vulnerability","id":"CVE-2026-12345","props":{"severity":"critical","published":"2026-11-18T16:40:00Z"}}
    {"node":"Environment","id":"production-eu","props":{"region":"eu"}}
    {"node":"Environment","id":"production-us","props":{"region":"us"}}
    {"node":"Freeze","id":"thursday","props":{"from":"2026-11-19T19:00:00Z","until":"2026-11-20T07:00:00Z"}}
    {"node":"Shift","id":"commerce-thursday-night","props":{"from":"2026-11-19T18:00:00Z","until":"2026-11-20T06:00:00Z"}}
    {"edge":"owner","from":"Service/checkout","to":"Team/commerce","props":{}}
    {"edge":"dependsOn","from":"Service/checkout","to":"Service/payments","props":{}}
    {"edge":"dependsOn","from":"Service/checkout","to":"Service/inventory","props":{}}
    {"edge":"dependsOn","from":"Service/checkout","to":"Service/fraud","props":{}}
    {"edge":"dependsOn","from":"Service/checkout","to":"Service/identity","props":{}}
    {"edge":"uses","from":"Service/checkout","to":"Library/cartkit@4.2.0","props":{}}
    {"edge":"uses","from":"Service/checkout","to":"Library/jsonkit@2.9.1","props":{}}
    {"edge":"owner","from":"Service/payments","to":"Team/commerce","props":{}}
    {"edge":"dependsOn","from":"Service/payments","to":"Service/fraud","props":{}}
    {"edge":"dependsOn","from":"Service/payments","to":"Service/identity","props":{}}
    {"edge":"uses","from":"Service/payments","to":"Library/jsonkit@2.9.1","props":{}}
    {"edge":"owner","from":"Service/inventory","to":"Team/commerce","props":{}}
    {"edge":"uses","from":"Service/inventory","to":"Library/jsonkit@2.9.1","props":{}}
    {"edge":"owner","from":"Service/fraud","to":"Team/risk","props":{}}
    {"edge":"dependsOn","from":"Service/fraud","to":"Service/identity","props":{}}
    {"edge":"uses","from":"Service/fraud","to":"Library/jsonkit@2.9.1","props":{}}
    {"edge":"uses","from":"Service/fraud","to":"Library/zipkit@3.1.0","props":{}}
    {"edge":"owner","from":"Service/identity","to":"Team/platform","props":{}}
    {"edge":"uses","from":"Service/identity","to":"Library/jsonkit@2.9.1","props":{}}
    {"edge":"vulnerabilities","from":"Library/jsonkit@2.9.1","to":"Vulnerability/CVE-2026-10001","props":{}}
    {"edge":"vulnerabilities","from":"Library/zipkit@3.1.0","to":"Vulnerability/CVE-2026-10002","props":{}}
    {"edge":"vulnerabilities","from":"Library/zipkit@3.1.0","to":"Vulnerability/CVE-2026-12345","props":{}}
    {"edge":"environments","from":"Freeze/thursday","to":"Environment/production-eu","props":{}}
    {"edge":"environments","from":"Freeze/thursday","to":"Environment/production-us","props":{}}
    {"edge":"team","from":"Shift/commerce-thursday-night","to":"Team/commerce","props":{}}
    {"edge":"person","from":"Shift/commerce-thursday-night","to":"Identity/ben","props":{}}
    {"source":"catalog","at":"2026-11-19T06:00:00Z","covers":"*"}
    {"source":"ci","at":"2026-11-19T15:12:00Z","covers":"Service"}
    {"source":"slo","at":"2026-11-19T17:30:00Z","covers":"Service"}
    {"source":"scanner","at":"2026-11-19T02:00:00Z","covers":"Library"}
    {"source":"scanner","at":"2026-11-19T02:00:00Z","covers":"Vulnerability"}
    {"source":"scanner","at":"2026-11-19T02:10:00Z","covers":"Service/checkout"}
    {"source":"scanner","at":"2026-11-19T02:11:00Z","covers":"Service/payments"}
    {"source":"scanner","at":"2026-11-19T02:12:00Z","covers":"Service/inventory"}
    {"source":"scanner","at":"2026-11-19T02:13:00Z","covers":"Service/fraud"}
    {"source":"scanner","at":"2026-11-19T02:14:00Z","covers":"Service/identity"}
    {"source":"pager","at":"2026-11-19T17:58:00Z","covers":"Freeze"}
    {"source":"roster","at":"2026-11-19T12:00:00Z","covers":"Shift"}

    """###

  /// policies/checkout/request.json
  static let request = ###"""
    {
      "gate": "checkout.ship",
      "arguments": {"release": "Release/r42", "env": "Environment/production-eu"},
      "facts": [
        {"node": "Release", "id": "r42", "props": {"image": "sha256:7c5a0e9d1b44f2c86a3f0d5e7b92c1a8460d3f9e5b7a2c1d8e6f40937a5b2c1d"}},
        {"edge": "author", "from": "Release/r42", "to": "Identity/anna", "props": {}},
        {"edge": "service", "from": "Release/r42", "to": "Service/checkout", "props": {}}
      ]
    }

    """###
}
