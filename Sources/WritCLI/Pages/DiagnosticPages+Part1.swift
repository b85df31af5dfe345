// Pages of docs/diagnostics, written by `WRIT_UPDATE=1 swift test`.

extension DiagnosticPages {
  /// As they are there.
  static let part1 = [
    #"""
    # W0116: a number that does not fit in 64 bits

    Integers lie between -9223372036854775808 and 9223372036854775807. A duration is held in
    microseconds and must fit too.

    ```writ
    param limit: Int = 9223372036854775808
    ```

    ```text
    example.writ:1:20: error W0116: expected an integer of 64 bits, found a larger one
       1 | param limit: Int = 9223372036854775808
         |                    ^^^^^^^^^^^^^^^^^^^
    ```

    Use a smaller number.

    ```writ
    param limit: Int = 9223372036854775807
    ```
    """#,
    #"""
    # W0117: a message whose braces cannot be read

    In a message `{` and `}` stand around one expression, in which there is no string and no `\`. A
    brace that is meant as such is written `\{` or `\}`.

    ```writ
    gate ship(r: Release) {
      deny open: r.isOpen "{}"
    }
    ```

    ```text
    example.writ:2:24: error W0117: expected an expression between `{` and `}`
       2 |   deny open: r.isOpen "{}"
         |                        ^^
    ```

    Write one expression between the braces; give a string a name with `let` and interpolate that.

    ```writ
    gate ship(r: Release) {
      deny open: r.isOpen "{r.name}"
    }
    ```
    """#,
    #"""
    # W0118: `is unknown` outside of `expect`

    No expression can ask whether something is unknown: making a fact unknown must never open a gate.
    Only a test can state that it expects so, at the end of an `expect`.

    ```writ
    rule isLost(s: Service) = s.tier is unknown
    ```

    ```text
    example.writ:1:34: error W0118: `is unknown` stands only at the end of an `expect`: no expression can ask for it
       1 | rule isLost(s: Service) = s.tier is unknown
         |                                  ^^^^^^^^^^
    ```

    Ask whether it `is absent`, if the type allows that. An unknown value makes a `require` fail and a
    `deny` fire by itself.

    ```writ
    rule isLost(s: Service) = s.tier is absent
    ```
    """#,
    #"""
    # W0119: a rule called after a dot

    After a dot stand fields and edges. Rules are called by their name, with what they are about as an
    argument.

    ```writ
    rule isFine(s: Service) = s.score() >= 80
    ```

    ```text
    example.writ:1:34: error W0119: nothing is called after a dot: say `score(s)`
       1 | rule isFine(s: Service) = s.score() >= 80
         |                                  ^
      fix: replace `s.score()` with `score(s)`
    ```

    Write the rule first.

    ```writ
    rule isFine(s: Service) = score(s) >= 80
    ```
    """#,
    #"""
    # W0120: `<` and `,` mixed in one enum

    The members of an enum stand either between `<`, lowest first, and can then be compared, or between
    commas.

    ```writ
    enum Level { bronze < silver, gold }
    ```

    ```text
    example.writ:1:29: error W0120: expected `<` as between the first two members, found `,`
       1 | enum Level { bronze < silver, gold }
         |                             ^
      fix: replace `,` with ` <`
    ```

    Use one of the two throughout.

    ```writ
    enum Level { bronze < silver < gold }
    ```
    """#,
    #"""
    # W0121: a header or import after a declaration

    A policy starts with its header, then come imports, then declarations. There is one header at most.

    ```writ
    rule one() = 1
    import delivery
    ```

    ```text
    example.writ:2:1: error W0121: `import` stands before all declarations
       2 | import delivery
         | ^^^^^^
    ```

    Move the line to the top.

    ```writ
    import delivery
    rule one() = 1
    ```
    """#,
    #"""
    # W0122: a test that is not complete

    A test says at which moment it plays, then what is given, then what is expected: `at` once, any
    number of `given`, at least one `expect`.

    ```writ
    test "nothing is asked" {
      at 2026-11-19T10:00:00Z
    }
    ```

    ```text
    example.writ:1:25: error W0122: expected at least one `expect` in the test
       1 | test "nothing is asked" {
         |                         ^
    ```

    Add what is missing, in this order.

    ```writ
    test "a sum" {
      at 2026-11-19T10:00:00Z
      expect 1 + 1 == 2
    }
    ```
    """#,
    #"""
    # W0123: a word or a comma of another language

    What is written so elsewhere is written otherwise here. A rule starts with `rule`, whatever other
    languages call a function. A guard before clauses is `when`, and expressions have no `if`. Fields
    and edges of a node stand without commas. What a pipeline does once something has ended is a hook: `onSuccess`, `onFailure`,
    `onError`, `onAbort`, and `ensure` for whatever came of it, not `catch` or `finally`.

    ```writ
    func isOpen(f: Finding) = f.fixedAt is absent
    ```

    ```text
    example.writ:1:1: error W0123: expected `rule`, found `func`
       1 | func isOpen(f: Finding) = f.fixedAt is absent
         | ^^^^
      fix: replace `func` with `rule`
    ```

    Write what the message says.

    ```writ
    rule isOpen(f: Finding) = f.fixedAt is absent
    ```
    """#,
    #"""
    # W0124: the id of a node without quotes

    In an expression a node is its kind and its id, and the id stands in double quotes. Only in facts,
    after `by` and in the arguments of an expected gate may an id that is a name do without them.

    ```writ
    rule isOurs(s: Service) = s.owner == Team red
    ```

    ```text
    example.writ:1:43: error W0124: expected the node's id in double quotes, found `red`
       1 | rule isOurs(s: Service) = s.owner == Team red
         |                                           ^^^
      fix: replace `red` with `"red"`
    ```

    Put the id in quotes.

    ```writ
    rule isOurs(s: Service) = s.owner == Team "red"
    ```
    """#,
    #"""
    # W0125: a list without a comma between two elements

    The elements of a list have commas between them.

    ```writ
    fixture f {
      Service web { dependsOn -> [Service api Service cache] }
    }
    ```

    ```text
    example.writ:2:43: error W0125: expected `,` between two elements of a list, found `Service`
       2 |   Service web { dependsOn -> [Service api Service cache] }
         |                                           ^^^^^^^
      fix: insert `,`
    ```

    Write the comma.

    ```writ
    fixture f {
      Service web { dependsOn -> [Service api, Service cache] }
    }
    ```
    """#,
    #"""
    # W0201: a name that means nothing here

    A bare name stands for a parameter, a `let`, a loop variable, a param, a kind of node, a member of
    an enum or, in a `where`, a member of the element. This one stands for nothing in sight; the nearest
    name that does is suggested.

    ```writ
    rule big(service: Service) -> Bool = sevice.tier == 1
    ```

    Write the name as it is declared. In the `where` of a `for` no element is in sight: name the
    variable.

    ```writ
    rule big(service: Service) -> Bool = service.tier == 1
    ```
    """#,
    #"""
    # W0202: a type that does not exist

    A type is `Bool`, `Int`, `Decimal`, `String`, `Date`, `Instant`, `Duration`, an enum, a kind of
    node, or a `Set` or `List` of these. Also said where `caller` is used and no kind of node is
    declared at all.

    ```writ
    rule big(s: Servce) -> Bool = s.tier == 1
    ```

    Use a type that is declared in this text or in one that it imports.

    ```writ
    rule big(s: Service) -> Bool = s.tier == 1
    ```
    """#,
    #"""
    # W0203: a field or edge that does not exist

    After a dot stands a field, an edge, an inverse edge or `id` of a node; a field, `from` or `to` of
    an edge; a part of an instant or a duration. This value has no such member.

    ```writ
    rule big(s: Service) -> Bool = s.teir == 1
    ```

    Use a member that the node declares, or declare it.

    ```writ
    rule big(s: Service) -> Bool = s.tier == 1
    ```
    """#,
    #"""
    # W0204: a member that the enum does not have

    A member of this enum was expected, because of the type beside it or of the enum in front of the
    dot, and it has none of that name.

    ```writ
    rule bad(b: Bug) -> Bool = b.severity == criticl
    ```

    Use one of the members that the enum declares.

    ```writ
    rule bad(b: Bug) -> Bool = b.severity == critical
    ```
    """#,
    #"""
    # W0205: a source that does not exist

    A source must be declared before facts can come from it, so that it is known for how long what it
    says may be relied on.

    ```writ
    node Scan from scaner {
      at: Instant
    }
    ```

    Use a source that is declared, or declare it with `source`.

    ```writ
    node Scan from scanner {
      at: Instant
    }
    ```
    """#,
    #"""
    # W0206: a role that does not exist

    An approval names the role of whoever gives it. The role must be declared with `role`.

    ```writ
    gate ship(s: Service) {
      require approved: approval by role leed
    }
    ```

    Use a role that is declared.

    ```writ
    gate ship(s: Service) {
      require approved: approval by role lead
    }
    ```
    """#,
    #"""
    # W0207: a rule, scorecard, gate, action or pipeline that does not exist

    A call names a rule or a scorecard; an `expect` and `guarded by` name a gate, `rollback` an action. There is none of
    that name in sight.

    ```writ
    rule big(s: Service) -> Bool = s.tier == 1
    rule bigger(s: Service) -> Bool = bigg(s)
    ```

    Write the name as it is declared, and import the policy that declares it.

    ```writ
    rule big(s: Service) -> Bool = s.tier == 1
    rule bigger(s: Service) -> Bool = big(s)
    ```
    """#,
    #"""
    # W0208: a fixture that does not exist

    A test is `given` fixtures by name, and a fixture stands `with` others. There is none of that name.

    ```writ
    fixture calm { }
    test "t" {
      at 2026-01-01T00:00:00Z
      given clam
      expect count(Service) == 0
    }
    ```

    Use a fixture that is declared.

    ```writ
    fixture calm { }
    test "t" {
      at 2026-01-01T00:00:00Z
      given calm
      expect count(Service) == 0
    }
    ```
    """#,
    #"""
    # W0209: a second declaration of a name

    A name means one thing in all texts of a program. Types, sources, roles and fixtures each have names
    of their own; params, rules, scorecards, gates, queries and actions share theirs. From outside gates, scorecards, queries and actions are called by their full name, the policy's
    name and theirs with a dot between, so no two of them may be the same either: a name in backticks may
    hold a dot.

    ```writ
    rule ready(s: Service) -> Bool = s.tier == 1
    query ready(s: Service) { tier: s.tier }
    ```

    Give one of the two another name.

    ```writ
    rule ready(s: Service) -> Bool = s.tier == 1
    query readiness(s: Service) { tier: s.tier }
    ```
    """#,
    #"""
    # W0210: a name twice in one place

    Members of an enum, parameters, lets of a gate, ids of clauses and checks, levels, columns and the
    values of a fact each stand once where they stand.

    ```writ
    gate ship(s: Service) {
      deny big: s.tier == 1
      deny big: s.tier == 2
    }
    ```

    Give each its own name: reports, tests and waivers speak of clauses by it.

    ```writ
    gate ship(s: Service) {
      deny big: s.tier == 1
      deny bigger: s.tier == 2
    }
    ```
    """#,
    #"""
    # W0211: a name of a module that is not imported

    Some text of the program declares the name, but neither this text nor one that it imports, directly
    or through others. What a text means must not depend on who imports it.

    ```writ
    import limits     // which declares `param maximum`, but imports no more
    rule big(s: Service) -> Bool = s.tier > minimum
    ```

    Import the policy that the note names.

    ```writ
    import limits
    import minima
    rule big(s: Service) -> Bool = s.tier > minimum
    ```
    """#,
    #"""
    # W0212: a name of another sort

    The name is declared, but as another sort of thing than can stand here: a gate where a value
    belongs, an enum where a kind of node belongs, a rule without its arguments.

    ```writ
    rule big(s: Service) -> Bool = s.tier == 1
    gate ship(s: Service) {
      deny big: big
    }
    ```

    Use a name of the sort that is expected; give a rule its arguments.

    ```writ
    rule big(s: Service) -> Bool = s.tier == 1
    gate ship(s: Service) {
      deny big: big(s)
    }
    ```
    """#,
    #"""
    # W0213: a member of the element or a name from outside

    In a `where` a bare name is a member of the element. This one is also the name of a variable, a
    param or a kind outside, so a reader cannot tell which is meant. In the filter of a step it may be a
    field of the edge and a member of the node that it leads to.

    ```writ
    rule alike(s: Service, tier: Int) -> Set<Service> =
      s.dependents where tier == tier
    ```

    Say `.name` for the member and `$name` for what is outside; in a step `to.name` or `from.name`.

    ```writ
    rule alike(s: Service, tier: Int) -> Set<Service> =
      s.dependents where .tier == $tier
    ```
    """#,
    #"""
    # W0214: a member of more than one enum

    The name is a member of more than one enum and nothing beside it says of which, or it is a member of
    the enum that is expected and of the element of the `where`.

    ```writ
    enum Mood { low < high }
    rule odd() -> Bool = low < high
    ```

    Put the name of the enum in front.

    ```writ
    enum Mood { low < high }
    rule odd() -> Bool = Mood.low < high
    ```
    """#,
    #"""
    # W0215: `it`, `.x` or `$x` outside of a filter

    `it`, `.name` and `$name` speak of the element of a `where`, a `select` or a quantifier without a
    variable. There is none around them.

    ```writ
    rule big(s: Service) -> Bool = it.tier == 1
    ```

    Name what is meant.

    ```writ
    rule big(s: Service) -> Bool = s.tier == 1
    ```
    """#,
    #"""
    # W0216: an argument for no parameter

    An argument with a label is for the parameter of that name. There is no such parameter.

    ```writ
    rule above(s: Service, limit: Int) -> Bool = s.tier > limit
    rule high_(s: Service) -> Bool = above(s, limt: 3)
    ```

    Use the name of a parameter, or leave the label out.

    ```writ
    rule above(s: Service, limit: Int) -> Bool = s.tier > limit
    rule high_(s: Service) -> Bool = above(s, limit: 3)
    ```
    """#,
    #"""
    # W0217: a declaration that rests on itself

    Every program ends: rules, scorecards and pipelines cannot call themselves, not through others either, and a
    fixture cannot build on itself. The message shows the way round.

    ```writ
    rule depth(s: Service) -> Int = 1 + total(s)
    rule total(s: Service) -> Int = depth(s)
    ```

    Use a closure, `x.edge+`, for what goes on through the graph.

    ```writ
    rule depth(s: Service) -> Int = count(s.dependsOn+)
    ```
    """#,
  ]
}
