// Pages of docs/diagnostics, written by `WRIT_UPDATE=1 swift test`.

extension DiagnosticPages {
  /// As they are there.
  static let part4 = [
    #"""
    # W0526: a production effect without a guard

    There is no way round a gate: what touches production is decided on, and the action names the gate that does. On which ways pipelines reach it
    nonetheless is noted behind the message, with the names of the stage and of the steps on the way: through groups, matrices, hooks and pipelines within, whatever conditions and
    strategies say, and by what takes back a step that was done. Of one action eight are told, and how many more there are.

    ```writ
    action tidy(s: Service)
      kind infrastructure
      effect production
      irreversible
    {
      run "tidy" s
    }
    ```

    Name the gate that decides, and hand the action's parameters on to it.

    ```writ
    gate mayTidy(s: Service) {
      deny critical: for b in s.bugs where b.severity == critical
    }

    action tidy(s: Service)
      kind infrastructure
      guarded by mayTidy(s)
      effect production
      irreversible
    {
      run "tidy" s
    }
    ```
    """#,
    #"""
    # W0527: an action that does not say how it is taken back

    Whoever runs what touches production knows beforehand how to get back: an action names the one that takes it back, or says that nothing does.
    It cannot do both.

    ```writ
    gate mayTidy(s: Service) {
      deny critical: for b in s.bugs where b.severity == critical
    }

    action tidy(s: Service)
      kind infrastructure
      guarded by mayTidy(s)
      effect production
    {
      run "tidy" s
    }
    ```

    Say `rollback` and the action, or `irreversible`.

    ```writ
    gate mayTidy(s: Service) {
      deny critical: for b in s.bugs where b.severity == critical
    }

    action tidy(s: Service)
      kind infrastructure
      guarded by mayTidy(s)
      effect production
      irreversible
    {
      run "tidy" s
    }
    ```
    """#,
    #"""
    # W0528: rollbacks that go round

    An action that takes another back may be taken back itself, but not by the one that it takes back: that would never end.

    ```writ
    action up(s: Service)
      kind deploy
      effect staging
      rollback down(s)
    {
      run "up" s
    }

    action down(s: Service)
      kind rollback
      effect staging
      rollback up(s)
    {
      run "down" s
    }
    ```

    End it: the last action is not taken back.

    ```writ
    action up(s: Service)
      kind deploy
      effect staging
      rollback down(s)
    {
      run "up" s
    }

    action down(s: Service)
      kind rollback
      effect staging
      irreversible
    {
      run "down" s
    }
    ```
    """#,
    #"""
    # W0529: a command whose program is not fixed

    The first word of a command is the program. The policy fixes it, as a text without values: nothing that a request or a graph says may choose
    what is run.

    ```writ
    action look(tool: String)
      kind scan
      effect none
    {
      run tool "--all"
    }
    ```

    Write the program as a text.

    ```writ
    action look(tool: String)
      kind scan
      effect none
    {
      run "scan" "--with={tool}"
    }
    ```
    """#,
    #"""
    # W0530: a word of a type that it cannot have

    A word of a command is one value: a scalar, a member of an enum, or a node, which stands for its id. Sets and edges have no one text.

    ```writ
    action look(s: Service)
      kind scan
      effect none
    {
      run "scan" s.bugs
    }
    ```

    Write a single value.

    ```writ
    action look(s: Service)
      kind scan
      effect none
    {
      run "scan" s "--bugs={count(s.bugs)}"
    }
    ```
    """#,
    #"""
    # W0531: a command that depends on when or by whom it is asked for

    A command is made of the action's arguments and of facts, so that what runs is what was decided on. `now`, `caller` and `within` would make it
    another one a moment later, also where a rule that it calls asks for them. The same holds for what a
    pipeline hands to an action or a gate.

    ```writ
    action look(s: Service)
      kind scan
      effect none
    {
      run "scan" s "--at={now}"
    }
    ```

    Make it a parameter, which the decision sees too.

    ```writ
    action look(s: Service, time: Instant)
      kind scan
      effect none
    {
      run "scan" s "--at={time}"
    }
    ```
    """#,
    #"""
    # W0532: a timeout that cannot be

    An action may take longer than nothing, and at most 24 hours.

    ```writ
    action look(s: Service)
      kind scan
      effect none
    {
      run "scan" s
      timeout 2d
    }
    ```

    Write a time within that.

    ```writ
    action look(s: Service)
      kind scan
      effect none
    {
      run "scan" s
      timeout 24h
    }
    ```
    """#,
    #"""
    # W0533: a secret whose name is not plain

    A secret is handed to the program by its name, which must be fit for a variable of an environment: a letter or `_`, then letters, digits and
    `_`, at most 128 in all.

    ```writ
    action look(s: Service)
      kind scan
      effect none
    {
      run "scan" s
      secrets `scan token`
    }
    ```

    Choose such a name.

    ```writ
    action look(s: Service)
      kind scan
      effect none
    {
      run "scan" s
      secrets scan_token
    }
    ```
    """#,
    #"""
    # W0534: production that nothing verifies

    An action on production is done when something has looked at what came of it. Behind the call, in its stage or in one that comes after, stands
    a `run`, a question to a `gate`, a request over HTTP with `effect none`, or a `repeat … until`; one that a `when` of its own can skip, or of which a trouble is ignored, by itself or by what it stands in, verifies nothing, nor does
    a stage that begins only after certain results of another. What a hook does, of a step, a stage or the whole pipeline, is verified in the same hook, as nothing behind it need begin.

    ```writ
    gate ship(s: Service) { deny red: s.tier > 9 "{s} is not shipped" }

    action deploy(s: Service) kind deploy guarded by ship(s) effect production irreversible {
      run "./deploy.sh" s
    }

    pipeline release(s: Service) {
      stage ship { deploy(s) }
      stage tell { wait 10m }
    }
    ```

    Look at it, or say of the pipeline that nobody does.

    ```writ
    gate ship(s: Service) { deny red: s.tier > 9 "{s} is not shipped" }

    action deploy(s: Service) kind deploy guarded by ship(s) effect production irreversible {
      run "./deploy.sh" s
    }

    pipeline release(s: Service) {
      stage ship { deploy(s) }
      stage soak { repeat every 1m at most 30 until s.tier <= 3 }
    }

    pipeline hotfix(s: Service) unverified {
      stage ship { deploy(s) }
    }
    ```
    """#,
    #"""
    # W0535: stages or steps that wait for each other

    A stage begins when those that it comes `after` have ended, a step when those that it `needs` have, and where steps run one after another
    each waits for the one before it. What waits for itself, through whatever is between, never begins.

    ```writ
    pipeline p() {
      stage build after scan { run "make" }
      stage scan after build { run "scan" }
    }
    ```

    Let one of them go first.

    ```writ
    pipeline p() {
      stage build { run "make" }
      stage scan after build { run "scan" }
    }
    ```
    """#,
    #"""
    # W0536: a stage or a step that does not exist

    `after` names stages of the same pipeline, `needs` names steps that stand beside the step: in the same stage, or between the same braces.
    How a stage or a step ended is asked in pipelines, by the `when` and `until` of what comes behind it: a gate and a freeze have none that they could ask about.

    ```writ
    pipeline p() {
      stage build { run "make" }
      stage scan after biuld { run "scan" }
    }
    ```

    Name one that is there.

    ```writ
    pipeline p() {
      stage build { run "make" }
      stage scan after build { run "scan" }
    }
    ```
    """#,
    #"""
    # W0537: a matrix of no values, or of too many

    A matrix makes its steps once for each value, when the policy is compiled: what a pipeline does is there to be read. All matrices around a
    step together make it at most 256 times.

    ```writ
    pipeline p() {
      stage build {
        matrix os in [] { run "make" }
      }
    }
    ```

    Write the values.

    ```writ
    pipeline p() {
      stage build {
        matrix os in ["linux", "macos"] { run "make" "--os={os}" }
      }
    }
    ```
    """#,
    #"""
    # W0538: a value of a matrix that is not fixed, or stands there twice

    The values of a matrix are of one type and fixed by the policy: literals, members of an enum, or nodes written out. They tell its steps
    apart, so each stands there once.

    ```writ
    pipeline p(s: Service) {
      stage build {
        matrix t in [s.tier, s.tier + 1] { run "make" "--tier={t}" }
      }
    }
    ```

    Write what they are.

    ```writ
    pipeline p(s: Service) {
      stage build {
        matrix t in [1, 2] { run "make" "--tier={t}" }
      }
    }
    ```
    """#,
    #"""
    # W0539: a number of a pipeline that cannot be

    Attempts are 1 to 20, rounds 1 to 10,000, and at once there are 1 to 1,000. Times are longer than nothing: a timeout is at most `24h`, the
    time between attempts too, all others at most `30d`. A factor is 1 to 100. A pipeline has at most 10,000 steps, and
    10,000 groups around them, 24 within each other: groups are `parallel`, matrices and each row of one, repeats of something, pipelines within and their stages.

    ```writ
    pipeline p() {
      stage build { run "make" retry 30 }
    }
    ```

    Write one that can be.

    ```writ
    pipeline p() {
      stage build { run "make" retry 20 }
    }
    ```
    """#,
    #"""
    # W0540: a stage or a step that never runs

    A stage and whatever consists of steps have some, and no condition is false whatever the graph says. What never runs would look as if it had
    gone well.

    ```writ
    pipeline p() {
      stage build when false { run "make" }
    }
    ```

    Say when it runs, or take it out.

    ```writ
    pipeline p(s: Service) {
      stage build when s.tier == 1 { run "make" }
    }
    ```
    """#,
    #"""
    # W0541: an option where it says nothing

    `retry` and `timeout` are of one attempt: they stand behind a `run` or an action. `idempotent` stands behind a `run`, as an action says it
    itself; `deadline` also behind what consists of steps. `unverified` is said of pipelines that need it. In a hook there is
    no `on … rollback`, `abort` or `stage`, as what it belongs to has ended; `on … stage` is for steps within steps, as the stage decides on its own steps anyway; and `unchanged` is for loops whose
    rounds can differ, in fewer rounds than they have.

    ```writ
    pipeline p() {
      stage build { wait 5m retry 3 }
    }
    ```

    Take it out, or say it of what it is about.

    ```writ
    pipeline p() {
      stage build { wait 5m  run "make" retry 3 }
    }
    ```
    """#,
    #"""
    # W0542: a step with secrets

    Secrets are for actions, which say what they touch and which gate decides on them. A `run` touches nothing and holds none.

    ```writ
    pipeline p() {
      stage build { run "push" secrets token }
    }
    ```

    Make it an action.

    ```writ
    action push() kind deploy effect staging {
      run "push"
      secrets token
    }

    pipeline p() {
      stage build { push() }
    }
    ```
    """#,
    #"""
    # W0543: a waiver of a clause that cannot be waived

    A gate says in which role waivers of its clauses are granted; one that does not has none. And a clause that asks for an approval has no
    waiver: what it would spare is the approval itself.

    ```writ
    gate ship(s: Service) {
      deny open: for b in s.bugs where b.fixedAt is absent "{b} is open"
    }
    waiver W17 of ship.open for Bug "b1" reason "the vendor's patch is due" expires 2026-12-01
    ```

    Say who grants waivers of the gate; split a clause that asks for an approval, so that each half says one thing.

    ```writ
    gate ship(s: Service) waivable by role lead {
      deny open: for b in s.bugs where b.fixedAt is absent "{b} is open"
    }
    waiver W17 of ship.open for Bug "b1" reason "the vendor's patch is due" expires 2026-12-01
    ```
    """#,
    #"""
    # W0544: a waiver for a node that the clause does not speak of

    A waiver spares findings about all nodes that it names. A finding is about the variables of the clause's loop; without one, about the gate's
    parameters and lets. No finding is about a node of another kind, or about one node twice, so such a waiver would spare nothing. And a node of a kind
    `from request` is called what whoever asks calls it, so a waiver for one would be for all.

    ```writ
    gate ship(s: Service) waivable by role lead {
      deny open: for b in s.bugs where b.fixedAt is absent "{b} is open"
    }
    waiver W17 of ship.open for Team "red" reason "the vendor's patch is due" expires 2026-12-01
    ```

    Name what the clause speaks of.

    ```writ
    gate ship(s: Service) waivable by role lead {
      deny open: for b in s.bugs where b.fixedAt is absent "{b} is open"
    }
    waiver W17 of ship.open for Bug "b1" reason "the vendor's patch is due" expires 2026-12-01
    ```
    """#,
    #"""
    # W0545: a waiver whose reason says nothing, or too much

    The reason stands in every decision that the waiver changes: one line of 1 to 500 bytes. It is the policy's text and stays in the log, so it
    names no person.

    ```writ
    gate ship(s: Service) waivable by role lead {
      deny small: s.tier == 3
    }
    waiver W17 of ship.small for Service "a" reason " " expires 2026-12-01
    ```

    Say why.

    ```writ
    gate ship(s: Service) waivable by role lead {
      deny small: s.tier == 3
    }
    waiver W17 of ship.small for Service "a" reason "it is shut down in November" expires 2026-12-01
    ```
    """#,
  ]
}
