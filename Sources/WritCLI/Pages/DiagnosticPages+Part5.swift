// Pages of docs/diagnostics, written by `WRIT_UPDATE=1 swift test`.

extension DiagnosticPages {
  /// As they are there.
  static let part5 = [
    #"""
    # W0546: a break-glass action that cannot be

    Break-glass is its own action with its own gate, and somebody looks at it afterwards: in a role that there is, after more than nothing and at
    most 30 days. A gate that decides on it decides on no action that goes the usual way.

    ```writ
    gate mayTidy(s: Service) {
      deny critical: for b in s.bugs where b.severity == critical
    }

    action tidy(s: Service) kind infrastructure guarded by mayTidy(s) effect staging {
      run "tidy" s
    }

    action tidyNow(s: Service)
      kind infrastructure
      guarded by mayTidy(s)
      effect staging
      breakGlass reviewed by role lead within 24h
    {
      run "tidy" s
    }
    ```

    Give it a gate that says what holds in an emergency too.

    ```writ
    gate mayTidy(s: Service) {
      deny critical: for b in s.bugs where b.severity == critical
    }

    gate mayTidyNow(s: Service) {
      deny nobody: caller is absent
    }

    action tidy(s: Service) kind infrastructure guarded by mayTidy(s) effect staging {
      run "tidy" s
    }

    action tidyNow(s: Service)
      kind infrastructure
      guarded by mayTidyNow(s)
      effect staging
      breakGlass reviewed by role lead within 24h
    {
      run "tidy" s
    }
    ```
    """#,
    #"""
    # W0547: break-glass where nobody can say why

    Whoever breaks the glass stands there at that moment and says why. A pipeline was written before, and what is taken back is taken back by the
    runner: neither has anybody to ask.

    ```writ
    gate burning(s: Service) {
      deny nobody: caller is absent
    }

    action tidyNow(s: Service)
      kind infrastructure
      guarded by burning(s)
      effect staging
      breakGlass reviewed by role lead within 24h
    {
      run "tidy" s
    }

    pipeline nightly(s: Service) {
      stage tidy { tidyNow(s) }
    }
    ```

    Leave the usual action in the pipeline; a person does the other with `writ act`.

    ```writ
    gate calm(s: Service) {
      deny critical: for b in s.bugs where b.severity == critical
    }

    action tidy(s: Service) kind infrastructure guarded by calm(s) effect staging {
      run "tidy" s
    }

    pipeline nightly(s: Service) {
      stage tidy { tidy(s) }
    }
    ```
    """#,
    #"""
    # W0548: a result that a stage or a step never has there

    What goes wrong stops the run: whatever comes behind a step begins only where that has succeeded, was skipped, or went wrong in a way that it
    says to ignore. So a condition, or an `after`, that asks for another result can never hold.

    ```writ
    pipeline build(s: Service) {
      stage make {
        step compile: run "./compile.sh" s
        run "./mend.sh" s when compile is failed
      }
    }
    ```

    Say that the run goes on, and ask what became of it. Or do it in a hook, which runs however the work ended.

    ```writ
    pipeline build(s: Service) {
      stage make {
        step compile: run "./compile.sh" s on failure ignore
        run "./mend.sh" s when compile is failed
      }
      stage verify {
        step unit: run "./unit.sh" s
      } ensure {
        run "./clean.sh" s
        run "./tell.sh" s when unit is failed | errored
      }
    }
    ```
    """#,
    #"""
    # W0549: a label that no delegate can have

    The registry of a bundle says what a delegate is labelled: words of letters, digits and `_`, no digit first, at most 64 bytes, and at most 16 of
    them. An action that asks for another word, or for more, would be done by nobody.

    ```writ
    action tidy(s: Service) kind infrastructure effect staging delegate labelled `europe west` {
      run "tidy" s
    }
    ```

    Ask for what a line of the registry can say.

    ```writ
    action tidy(s: Service) kind infrastructure effect staging delegate labelled europe_west {
      run "tidy" s
    }
    ```
    """#,
    #"""
    # W0560: an output of a type that it cannot have

    What a step gives out is one value: a scalar, a member of an enum, or a node. It is not optional in itself: where its step may not have
    made it, it is absent for those who read it. Of a kind that requests bring it is one kind, as the step describes the node.

    ```writ
    pipeline p() {
      stage scan { run "./scan.sh" -> tags: Set<String> }
    }
    ```

    Say a single type; for several values, a kind `from request` with a field for each.

    ```writ
    node Scan from request {
      tags: Set<String>
    }

    pipeline p() {
      stage scan { run "./scan.sh" -> found: Scan }
    }
    ```
    """#,
    #"""
    # W0561: the word of an agent on its way to production

    What an agent gives out may have been put into its mouth by a text that it read. So it reaches an argument of an action with the effect `production`
    only where the gate that decides is handed that argument. What a `run` gives out that was handed the agent's words counts as the agent's too, so does what a server answers to an action that asks over HTTP, and
    so does what an action hands on to the one that takes it back.

    ```writ
    gate ship(service: Service) {
      deny first: service.tier == 1
    }
    action deploy(service: Service, note: String)
      kind deploy
      guarded by ship(service)
      effect production
      irreversible
    {
      run "./deploy.sh" service note
    }

    pipeline release(service: Service) {
      stage go {
        agent reviewer "what is new?" budget 5m, 10 calls, 50_000 tokens -> note: String
        deploy(service, note)
        run "./look.sh"
      }
    }
    ```

    Let the gate take it, and say what it must be.

    ```writ
    gate ship(service: Service, note: String) {
      deny first: service.tier == 1
      deny strange: not note like "release *"
    }
    action deploy(service: Service, note: String)
      kind deploy
      guarded by ship(service, note)
      effect production
      irreversible
    {
      run "./deploy.sh" service note
    }

    pipeline release(service: Service) {
      stage go {
        agent reviewer "what is new?" budget 5m, 10 calls, 50_000 tokens -> note: String
        deploy(service, note)
        run "./look.sh"
      }
    }
    ```
    """#,
    #"""
    # W0562: a pipeline within another, with a head that holds runs back

    A `concurrency` group makes a run wait before it begins. A pipeline within another is no run: it is steps of one that has begun, and nothing waits
    in the middle. If the group did not count there, more runs than it allows could be at its steps. Nor is it held by a `freeze` of its own: stages of a
    run wait for the freeze of the pipeline that is run. And where its stages become steps, none of them can wait for another to fail: `after … is failed` is for stages of the pipeline that is run. Hooks behind its
    brace are for when a run is over, which it is not there.

    ```writ
    pipeline ship(s: Service) concurrency ships max 1 {
      stage go { run "./ship.sh" s }
    }
    pipeline release(s: Service) {
      stage go { pipeline ship(s) }
    }
    ```

    Let the pipeline around it wait in the same group, with no larger `max`: whoever is at these steps then holds a place of it. A `freeze` is said of the pipeline that is run, and
    steps that several run stand in one without. Hooks stand behind the step, or behind the last stage of the pipeline within.

    ```writ
    pipeline ship(s: Service) concurrency ships max 1 {
      stage go { run "./ship.sh" s }
    }
    pipeline release(s: Service) concurrency ships max 1 {
      stage go { pipeline ship(s) }
    }
    ```
    """#,
    #"""
    # W0563: a request that cannot be made so

    An action that asks over HTTP says a method, and a URL whose scheme and host are a text of the policy: nothing that a request brings chooses who is asked. Values may stand behind the host, in headers and in the body. Secrets stand in headers alone. A part is said
    once, a body is said by `body` or by fields, and an action either runs a program or makes a request.

    ```writ
    action tell(service: Service)
      kind incident
      effect staging
    {
      http POST "https://{service}.example/out" body "out"
    }
    ```

    Ask one host, and let it know which service is meant.

    ```writ
    action tell(service: Service)
      kind incident
      effect staging
    {
      http POST "https://pager.example/out/{service}" body "out"
    }
    ```
    """#,
    #"""
    # W0601: a clause that can never fire

    The condition is the same whatever the graph, in such a way that the clause never says anything.
    A clause with a loop still fires where it is not known whether its set is complete: no element of it can make it fire.

    ```writ
    gate ship(s: Service) {
      deny odd: 1 == 2
    }
    ```

    Say what is meant, or take the clause out.

    ```writ
    gate ship(s: Service) {
      deny odd: s.tier == 2
    }
    ```
    """#,
    #"""
    # W0602: a condition that is always the same

    The condition is the same whatever the graph: the clause always fires, the check always passes or
    never does, the `when` guards nothing.

    ```writ
    gate ship(s: Service) {
      deny all_: s.tier == 1 or true
    }
    ```

    Say what is meant.

    ```writ
    gate ship(s: Service) {
      deny all_: s.tier == 1
    }
    ```
    """#,
    #"""
    # W0603: a name that hides another

    A parameter, a `let` or a loop variable has the name of something further out, or stands where a
    member of an enum of that name was expected. The inner one is taken.

    ```writ
    rule red(s: Service) -> Bool = any s in s.dependents has s.tier == 1
    ```

    Give it another name.

    ```writ
    rule red(s: Service) -> Bool = any d in s.dependents has d.tier == 1
    ```
    """#,
    #"""
    # W0604: a `let` that nothing uses

    Nothing refers to the `let`, so it has no effect.

    ```writ
    gate ship(s: Service) {
      let owner_ = s.owner
      deny big: s.tier == 1
    }
    ```

    Use it, or take it out.

    ```writ
    gate ship(s: Service) {
      let owner_ = s.owner
      deny big: s.tier == 1 "{owner_} owns it"
    }
    ```
    """#,
    #"""
    # W0605: a level that nobody can reach

    A score is at most 100, and with `sum` at most all weights together. This level asks for more.

    ```writ
    scorecard ready(s: Service) -> Severity {
      check tier weight 1: s.tier == 1
      level high at 101
    }
    ```

    Ask for a score that can be.

    ```writ
    scorecard ready(s: Service) -> Severity {
      check tier weight 1: s.tier == 1
      level high at 100
    }
    ```
    """#,
    #"""
    # W0606: `all` over what may be empty

    `all` holds where there is nothing at all, and then this `require` passes. Often that is not what
    was meant.

    ```writ
    gate ship(s: Service) {
      require fixed: all b in s.bugs has b.severity < critical
    }
    ```

    Ask that there is something, with `is not empty and all …`, or write what must not be as a `deny`.

    ```writ
    gate ship(s: Service) {
      deny open_: any b in s.bugs has b.severity == critical
    }
    ```
    """#,
    #"""
    # W0607: a pattern without wildcards

    `like` takes `*` for any run of characters and `?` for one. A pattern without them matches only
    itself.

    ```writ
    rule main(t: Team) -> Bool = t.name like "main"
    ```

    Use `==`, or add a wildcard.

    ```writ
    rule main(t: Team) -> Bool = t.name like "main*"
    ```
    """#,
    #"""
    # W0608: a source without `fresh`

    Without `fresh` what a source once said counts for ever, however long ago that was.

    ```writ
    source audits
    ```

    Say for how long it may be relied on.

    ```writ
    source audits fresh 30d
    ```
    """#,
    #"""
    # W0609: a test of what is always so

    The value has no `?`, or it has already been said that it is there or of that kind: the test, or the
    default after `??`, has no effect.

    ```writ
    rule none(s: Service) -> Int = s.tier ?? 0
    ```

    Take the test out.

    ```writ
    rule none(s: Service) -> Int = s.tier
    ```
    """#,
    #"""
    # W0610: too many warnings to show

    After a hundred warnings the rest is not shown. The policy compiles all the same, and no error is hidden: errors are
    counted by themselves. What warns so often is most likely generated:

    ```writ
    gate ship(s: Service) {
      deny c1: 1 == 2
      deny c2: 1 == 2
      // … and 99 more
    }
    ```

    Mend the warnings that are shown, or what generates them, and check again.

    ```writ
    gate ship(s: Service) {
      deny c1: s.tier == 2
    }
    ```
    """#,
    #"""
    # W0611: a waiver that is over

    `writ check --at TIME` tells which waivers are over by then: they spare nothing any more. Without the option no clock is asked, so that the
    same texts always get the same answer. At 2026-12-01T00:00:00Z this one is over.

    ```writ
    gate ship(s: Service) waivable by role lead {
      deny small: s.tier == 3
    }
    waiver W17 of ship.small for Service "a" reason "it is shut down in November" expires 2026-12-01
    ```

    Take it out. Where the reason still holds, ask anew: whoever grants it signs the new text.

    ```writ
    gate ship(s: Service) waivable by role lead {
      deny small: s.tier == 3
    }
    ```
    """#,
    #"""
    # W0612: a rule that agents are spared

    People and agents pass the same gates. Here something holds a person up and not an agent who asks for the same: a clause or a check that applies to people only, or
    asks less of agents; an `approve` or a `gate` step, or a `freeze`, that is there only where a person runs the pipeline; or a gate that lets agents alone through, beside
    one for people that asks for more. What holds agents more than people is fine, and is never told. An agent needs no rule of its own to be free: it needs one that was forgotten.

    ```writ
    enum IdentityKind { person, agent }
    node Identity { kind: IdentityKind }

    gate ship(s: Service) {
      require approved: caller is absent or caller.kind == agent or approval by role lead
    }
    ```

    Let it hold for whoever asks. Where agents shall do something else instead, say it in the same gate, by a clause for agents that looks at what the one for people looks at:
    approvals for approvals, a field for a field.

    ```writ
    enum IdentityKind { person, agent }
    node Identity { kind: IdentityKind }

    gate ship(s: Service) {
      require approved: caller is absent or caller.kind == agent or approval by role lead
      require watched: caller is absent or caller.kind == person or approval by role lead count 2
    }
    ```

    The language has no word for agents, so names tell: members of an enum of the caller's (`agent`, `bot`, `serviceAccount` beside `person`, `human`, …), fields that hold or
    do not (`isAgent`, `human`), kinds of nodes (`caller is Agent`), and texts and ids that are compared with such words (`"bots" in caller.teams`, `caller.id starts "bot-"`). A
    parameter called `actor`, `requester`, `principal`, `initiator` or `invoker` that is a node counts as who asks. It is followed through `and`, `or`, `not`, `let`, `when`, rules and loops.

    Not seen: people and agents told apart by other words, by a list of names, by whether somebody answers for them, or by what the registry of a bundle says; a comparison of counts; a
    condition that was too long to follow. An agent in the registry that the graph takes for a person is a person here.
    """#,
    #"""
    # W0701: more declarations than fit

    A program may have 1,000 modules, 10,000 enums, sources, roles, kinds of nodes, edges and fixtures,
    100,000 of every other declaration, 10,000 members of an enum or a node, and a fixture may build on
    1,000 others. Without bounds a text could keep the checker busy for ever.

    ```writ
    // the 100,001st rule
    rule r100000() -> Int = 1
    ```

    Split the program, or generate facts instead of declarations.

    ```writ
    rule r(s: Service) -> Int = s.tier
    ```
    """#,
    #"""
    # W0702: more facts than fit

    A test may have 100,000 facts with those of its fixtures, all fixtures and tests together 500,000.

    ```writ
    // one fact too many
    fixture f { Service s100000 { } }
    ```

    Keep the facts that matter: a test shows one thing.

    ```writ
    fixture f { Service s1 { } }
    ```
    """#,
  ]
}
