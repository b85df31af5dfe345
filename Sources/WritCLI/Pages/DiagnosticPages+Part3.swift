// Pages of docs/diagnostics, written by `WRIT_UPDATE=1 swift test`.

extension DiagnosticPages {
  /// As they are there.
  static let part3 = [
    #"""
    # W0502: a number of approvals that cannot be

    `count n` asks for n different people, at least one and at most a thousand.

    ```writ
    gate ship(s: Service) {
      require approved: approval by role lead count 0
    }
    ```

    Leave the count out for one.

    ```writ
    gate ship(s: Service) {
      require approved: approval by role lead count 2
    }
    ```
    """#,
    #"""
    # W0503: `except` without nodes

    `except` names who may not approve: a node or a set of nodes.

    ```writ
    gate ship(s: Service) {
      require approved: approval by role lead except s.tier
    }
    ```

    Name nodes.

    ```writ
    gate ship(s: Service) {
      require approved: approval by role lead except s.owner
    }
    ```
    """#,
    #"""
    # W0504: a message with a value that cannot be shown

    A message is read by people: in its braces stand single values, not sets and not edges.

    ```writ
    gate ship(s: Service) {
      deny bugs: s.bugs is not empty "{s.bugs} are open"
    }
    ```

    Count, or loop with `for`, which gives a message for each.

    ```writ
    gate ship(s: Service) {
      deny bugs: for b in s.bugs "{b} is open"
    }
    ```
    """#,
    #"""
    # W0505: a parameter of a type that it cannot have

    Gates, scorecards, queries and actions are asked for from outside: their parameters are scalars or
    nodes. A rule may take anything.

    ```writ
    gate ship(services: Set<Service>) {
      deny none: services is empty
    }
    ```

    Take the node from which the set is reached.

    ```writ
    gate ship(owner: Team) {
      deny none: (Service where .owner == $owner) is empty
    }
    ```
    """#,
    #"""
    # W0506: levels that are no ordered enum

    The levels of a scorecard are the members of an enum that has an order, two or more. The first
    member is the level of whoever reaches none.

    ```writ
    scorecard ready(s: Service) -> Color {
      check tier weight 1: s.tier == 1
    }
    ```

    Declare the enum with `<`.

    ```writ
    enum Level { none < good }
    scorecard ready(s: Service) -> Level {
      check tier weight 1: s.tier == 1
      level good at 50
    }
    ```
    """#,
    #"""
    # W0507: levels out of order

    Levels stand from the lowest to the highest, a higher one asks for no lower score, and the lowest
    member of the enum needs no declaration.

    ```writ
    scorecard ready(s: Service) -> Severity {
      check tier weight 1: s.tier == 1
      level critical at 90
      level high at 50
    }
    ```

    Put them in order.

    ```writ
    scorecard ready(s: Service) -> Severity {
      check tier weight 1: s.tier == 1
      level high at 50
      level critical at 90
    }
    ```
    """#,
    #"""
    # W0508: a weight that cannot be

    The weight of a check is 1 to 1,000,000. A check that weighs nothing says nothing.

    ```writ
    scorecard ready(s: Service) -> Severity {
      check tier weight 0: s.tier == 1
    }
    ```

    Give it a weight, or take it out.

    ```writ
    scorecard ready(s: Service) -> Severity {
      check tier weight 10: s.tier == 1
    }
    ```
    """#,
    #"""
    # W0509: a check that does not exist

    A level may ask that certain checks pass. The scorecard has no check of that name.

    ```writ
    scorecard ready(s: Service) -> Severity {
      check tier weight 1: s.tier == 1
      level high at 50 with teir
    }
    ```

    Use the name of a check of this scorecard.

    ```writ
    scorecard ready(s: Service) -> Severity {
      check tier weight 1: s.tier == 1
      level high at 50 with tier
    }
    ```
    """#,
    #"""
    # W0510: a scorecard without checks

    A score is what passes of what applies. Without a check there is none.

    ```writ
    scorecard ready(s: Service) -> Severity {
      level high at 50
    }
    ```

    Write at least one check.

    ```writ
    scorecard ready(s: Service) -> Severity {
      check tier weight 1: s.tier == 1
      level high at 50
    }
    ```
    """#,
    #"""
    # W0511: a column of a type that it cannot have

    A column of a query holds single values: scalars and nodes, which may be absent.

    ```writ
    query about(s: Service) {
      bugs: s.bugs
    }
    ```

    Count, or ask for rows with `for`.

    ```writ
    query about(s: Service) {
      bugs: count(s.bugs)
    }
    ```
    """#,
    #"""
    # W0512: a column that is neither key nor aggregate

    In a query with `group by` a column is a group key, or `count`, `sum`, `min` or `max` over the rows
    of the group. What stands in an aggregate is one value of a row.

    ```writ
    query owned = for s in Service
      group by team: s.owner
      select { team, tier: s.tier }
    ```

    Group by it too, or aggregate it.

    ```writ
    query owned = for s in Service
      group by team: s.owner
      select { team, tier: max(s.tier) }
    ```
    """#,
    #"""
    # W0513: a column that does not exist

    `order by` names columns of the `select`. There is none of that name.

    ```writ
    query tiers = for s in Service
      select { s, tier: s.tier }
      order by teir
    ```

    Use the name of a column.

    ```writ
    query tiers = for s in Service
      select { s, tier: s.tier }
      order by tier
    ```
    """#,
    #"""
    # W0514: a limit that lets nothing through

    `limit` keeps the first rows: at least one.

    ```writ
    query tiers = for s in Service select { s } limit 0
    ```

    Use a number above 0.

    ```writ
    query tiers = for s in Service select { s } limit 10
    ```
    """#,
    #"""
    # W0515: a path that cannot be looked for

    `shortest` looks for a path along a closure, from its start to one node.

    ```writ
    query way(a: Service, b: Service) = shortest a.dependents to b
    ```

    End the path in `+` or `*`, and name one node as its end.

    ```writ
    query way(a: Service, b: Service) = shortest a.dependents+ to b
    ```
    """#,
    #"""
    # W0516: a node that no fact makes

    Every node that a test speaks of must be made by one of its facts, in the test or in its fixtures.
    Otherwise a slip would read as an unknown.

    ```writ
    gate ship(s: Service) { deny big: s.tier > 1 }
    test "t" {
      at 2026-01-01T00:00:00Z
      given { Service checkout { tier: 1 } }
      expect ship(s: chekout) is allowed
    }
    ```

    Write the id as in the fact, or add the fact.

    ```writ
    gate ship(s: Service) { deny big: s.tier > 1 }
    test "t" {
      at 2026-01-01T00:00:00Z
      given { Service checkout { tier: 1 } }
      expect ship(s: checkout) is allowed
    }
    ```
    """#,
    #"""
    # W0517: a node whose kind is not clear

    The node may be of several kinds here, and an id alone does not say of which.

    ```writ
    fixture f {
      Library tls { }
      Service checkout { dependsOn -> tls }
    }
    ```

    Put the kind in front.

    ```writ
    fixture f {
      Library tls { }
      Service checkout { dependsOn -> Library tls }
    }
    ```
    """#,
    #"""
    # W0518: a fact that does not fit the schema

    A fact must fit the schema: `name: value` for a field, `name -> node` for an edge, said where the
    edge leaves; one target for an edge that is not `many`. A field or edge that without a fact is
    absent or empty cannot be left `unknown`.

    ```writ
    fixture f {
      Team red { }
      Service checkout { owner: red }
    }
    ```

    Write it as the schema has it. To make an optional or `many` fact unknown, silence its source.

    ```writ
    fixture f {
      Team red { }
      Service checkout { owner -> red }
    }
    ```
    """#,
    #"""
    # W0519: a clause that does not exist

    `is denied by` and `is held by` name clauses of the gate. It has none of that name.

    ```writ
    gate ship(s: Service) { deny big: s.tier > 1 }
    test "t" {
      at 2026-01-01T00:00:00Z
      given { Service checkout { tier: 2 } }
      expect ship(s: checkout) is denied by bgi
    }
    ```

    Use the id of a clause.

    ```writ
    gate ship(s: Service) { deny big: s.tier > 1 }
    test "t" {
      at 2026-01-01T00:00:00Z
      given { Service checkout { tier: 2 } }
      expect ship(s: checkout) is denied by big
    }
    ```
    """#,
    #"""
    # W0520: a clause that never holds anything

    A decision is held by clauses that wait for an approval. This clause asks for none.

    ```writ
    gate ship(s: Service) { deny big: s.tier > 1 }
    test "t" {
      at 2026-01-01T00:00:00Z
      given { Service checkout { tier: 2 } }
      expect ship(s: checkout) is held by big
    }
    ```

    Expect `denied`, or name the clause with the approval.

    ```writ
    gate ship(s: Service) { deny big: s.tier > 1 }
    test "t" {
      at 2026-01-01T00:00:00Z
      given { Service checkout { tier: 2 } }
      expect ship(s: checkout) is denied by big
    }
    ```
    """#,
    #"""
    # W0521: a set expected to be unknown

    A set is never unknown as a whole: some of its elements are known and something may be missing. What
    is made of it may be unknown.

    ```writ
    test "t" {
      at 2026-01-01T00:00:00Z
      given { source scanner silent }
      expect Bug is unknown
    }
    ```

    Ask for a count, or whether it is empty.

    ```writ
    test "t" {
      at 2026-01-01T00:00:00Z
      given { source scanner silent }
      expect count(Bug) is unknown
    }
    ```
    """#,
    #"""
    # W0522: two tests with one title

    Two tests of one text have the same title. Results are told by title, so that nobody could say which
    of the two failed.

    ```writ
    test "never scanned" {
      at 2026-11-19T10:00:00Z
      expect 1 == 1
    }

    test "never scanned" {
      at 2026-11-19T10:00:00Z
      expect 2 == 2
    }
    ```

    Give each a title that says what it shows.

    ```writ
    test "never scanned" {
      at 2026-11-19T10:00:00Z
      expect 1 == 1
    }

    test "scanned too long ago" {
      at 2026-11-19T10:00:00Z
      expect 2 == 2
    }
    ```
    """#,
    #"""
    # W0523: an action that lacks a part

    An action says what it is, `kind`, what it touches, `effect`, and what it does, `run`. One of the three is missing.

    ```writ
    action look(s: Service)
      kind scan
    {
      run "scan" s
    }
    ```

    Say it.

    ```writ
    action look(s: Service)
      kind scan
      effect none
    {
      run "scan" s
    }
    ```
    """#,
    #"""
    # W0524: a part of an action or a pipeline that stands there twice

    Each part of an action, a pipeline, a stage or a step is said once: nothing would tell which of two counts.

    ```writ
    action look(s: Service)
      kind scan
      effect none
    {
      run "scan" s
      timeout 5m
      timeout 10m
    }
    ```

    Take one of them out.

    ```writ
    action look(s: Service)
      kind scan
      effect none
    {
      run "scan" s
      timeout 10m
    }
    ```
    """#,
    #"""
    # W0525: a word of an action or a pipeline that does not exist

    What an action is, what it touches and what may come of it are told by few words, so that tools and people sort actions alike. The kinds are
    `deploy`, `migrate`, `flag`, `scan`, `chaos`, `incident`, `infrastructure` and `rollback`, the effects `none`, `staging` and `production`, the
    impacts `outage`, `dataExposure` and `regulatory`. Of a pipeline's steps, what goes wrong is a `failure`, an `error`, a `denial` or an
    `expiry`, and what is done about it is `ignore`, `rollback`, `abort` or `stage`. How a step ended is `succeeded`, `failed`, `errored`, `denied`, `expired`,
    `cancelled` or `skipped`.

    ```writ
    action look(s: Service)
      kind scanning
      effect none
    {
      run "scan" s
    }
    ```

    Write one of the words.

    ```writ
    action look(s: Service)
      kind scan
      effect none
    {
      run "scan" s
    }
    ```
    """#,
  ]
}
