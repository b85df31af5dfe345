// Pages of docs/diagnostics, written by `WRIT_UPDATE=1 swift test`.

extension DiagnosticPages {
  /// As they are there.
  static let part2 = [
    #"""
    # W0301: another type was expected

    The value is of another type than can stand here. A whole number is a `Decimal` where one is
    expected; nothing else is converted by itself.

    ```writ
    rule tiers(s: Service) -> Int = s.ratio
    ```

    Change the value or the type.

    ```writ
    rule tiers(s: Service) -> Int = s.tier
    ```
    """#,
    #"""
    # W0302: types that cannot be compared

    Values of different types are never equal and have no order, so comparing them, or looking for one
    in a set of the other, is a slip.

    ```writ
    rule one(s: Service) -> Bool = s.tier == "1"
    ```

    Compare values of one type.

    ```writ
    rule one(s: Service) -> Bool = s.tier == 1
    ```
    """#,
    #"""
    # W0303: an order where there is none

    `<`, `..` and their kin are for numbers, dates, instants, durations and enums whose members stand
    between `<`. Texts have no order, nor have other enums.

    ```writ
    rule before(c: Color) -> Bool = c < green
    ```

    Use `==`, or declare the enum with an order.

    ```writ
    rule before(b: Bug) -> Bool = b.severity < high
    ```
    """#,
    #"""
    # W0304: nodes that are never of that kind

    A node of the one kind is never one of the other, so the answer would always be the same.

    ```writ
    rule same(s: Service, t: Team) -> Bool = s == t
    ```

    Compare nodes that may be of one kind.

    ```writ
    rule same(s: Service, t: Team) -> Bool = s.owner == t
    ```
    """#,
    #"""
    # W0305: a value that may be absent

    The value is of a type with `?`: it may be known to be absent. What happens then must be said before
    it is used. Absent is not unknown: `??` answers the one and not the other.

    ```writ
    rule good(s: Service) -> Bool = s.score > 80
    ```

    Give a default with `??`, ask with `is not absent and`, or bind it with `where let`.

    ```writ
    rule good(s: Service) -> Bool = s.score is not absent and s.score > 80
    ```
    """#,
    #"""
    # W0306: arithmetic on types that have none

    Arithmetic is for two `Int`, two `Decimal`, and for times: instant and date plus or minus duration,
    the difference of two of them, duration times or by `Int`. `+`, `-` and `&` also join, subtract and
    intersect sets.

    ```writ
    rule share(s: Service) -> Decimal = s.ratio * s.tier
    ```

    Bring both sides to one type.

    ```writ
    rule share(s: Service) -> Decimal = s.ratio * 2
    ```
    """#,
    #"""
    # W0307: a number too large for a Decimal

    A `Decimal` holds six digits after the point and reaches from -9223372036854.775808 to
    9223372036854.775807.

    ```writ
    rule large(s: Service) -> Bool = s.ratio > 90000000000009
    ```

    Use a number in that range.

    ```writ
    rule large(s: Service) -> Bool = s.ratio > 9000000000000
    ```
    """#,
    #"""
    # W0308: a set was expected

    A set, a list or a single node was expected: after `for … in`, in front of `where`, in `count` or
    after `in`.

    ```writ
    rule many(s: Service) -> Int = count(s.tier)
    ```

    Use a path that leads to nodes, or a field that is a set.

    ```writ
    rule many(s: Service) -> Int = count(s.tags)
    ```
    """#,
    #"""
    # W0309: elements of different types

    The elements of a list, or of two sets that are joined, are of one type. Only nodes of different
    kinds may stand together.

    ```writ
    rule both(s: Service) -> Bool = 1 in [1, "a"]
    ```

    Use elements of one type.

    ```writ
    rule both(s: Service) -> Bool = 1 in [1, 2]
    ```
    """#,
    #"""
    # W0310: an empty list of nothing

    An empty list takes its type from where it stands. Here nothing says what it would hold.

    ```writ
    rule none() -> Bool = [] is empty
    ```

    Give it an element, or put it where a type is expected.

    ```writ
    rule none() -> Set<String> = []
    ```
    """#,
    #"""
    # W0311: a set where a single value belongs

    Sets do not hold sets. A `select` yields one value for each element, and `where let` binds one.

    ```writ
    rule all_(s: Service) -> List<String> = s.dependents select tags
    ```

    A path over a set joins what it finds.

    ```writ
    rule all_(s: Service) -> Set<String> = s.dependents.tags
    ```
    """#,
    #"""
    # W0312: a test of one value on a whole set

    `in` asks whether one value is in a set, `contains` whether one text is in another. Neither compares
    sets.

    ```writ
    rule known(s: Service) -> Bool = s.tags in ["a", "b"]
    ```

    Ask for each element.

    ```writ
    rule known(s: Service) -> Bool = all t in s.tags has t in ["a", "b"]
    ```
    """#,
    #"""
    # W0313: a member of a type that has none

    Numbers, texts, dates and members of enums have no members: nothing can stand after a dot.

    ```writ
    rule odd(s: Service) -> Int = s.tier.value
    ```

    Use the value itself.

    ```writ
    rule odd(s: Service) -> Int = s.tier
    ```
    """#,
    #"""
    # W0314: a member that not every kind has

    The node may be of several kinds, or the edge of several types, and not all of them have the member.

    ```writ
    rule recent(x: Service | Team) -> Bool = x.since within 3d
    ```

    Say first of which kind it must be; `where it is …` does so for a set.

    ```writ
    rule recent(x: Service | Team) -> Bool = x is Service and x.since within 3d
    ```
    """#,
    #"""
    # W0315: a member that is not the same for every kind

    The node may be of several kinds, and the name means different things in them: a field and an edge,
    or fields of different types.

    ```writ
    node Odd { tier: String }
    rule one(x: Service | Odd) -> Bool = x.tier == 1
    ```

    Say first of which kind it must be.

    ```writ
    node Odd { tier: String }
    rule one(x: Service | Odd) -> Bool = x is Service and x.tier == 1
    ```
    """#,
    #"""
    # W0316: a field where an edge belongs

    A step and a closure go along an edge. This is a field: it leads nowhere.

    ```writ
    rule far(s: Service) -> Set<Service> = s.tier+
    ```

    Use an edge, or an inverse edge.

    ```writ
    rule far(s: Service) -> Set<Service> = s.dependents+
    ```
    """#,
    #"""
    # W0317: a closure that is not after an edge

    `+` (one or more steps) and `*` (none or more) stand directly after the edge that is walked.

    ```writ
    rule far(s: Service) -> Set<Service> = s+
    ```

    Name the edge. A sum or a product has a space before its sign.

    ```writ
    rule far(s: Service) -> Set<Service> = s.dependents+
    ```
    """#,
    #"""
    # W0318: a bound that a closure cannot have

    `up to n` bounds the steps of a closure; n is 1 to 1,000,000.

    ```writ
    rule near(s: Service) -> Set<Service> = s.dependents+ up to 0
    ```

    Use a bound in that range, or none.

    ```writ
    rule near(s: Service) -> Set<Service> = s.dependents+ up to 2
    ```
    """#,
    #"""
    # W0319: a binding in the filter of a step

    The filter of a step only says which edges are taken. It binds no names.

    ```writ
    rule red(s: Service) -> Bool =
      s.(dependsOn where let w = weight) is empty
    ```

    Take the edges with `.edges` and bind there.

    ```writ
    rule red(s: Service) -> Bool =
      (s.dependsOn.edges where let w = weight where w > 1) is empty
    ```
    """#,
    #"""
    # W0320: `edges` that is not after one edge

    `.edges` stands after one step along one edge and stands for the edges that the step takes, with
    their fields, `from` and `to`. After a closure, or after a step that may be of several edges,
    there is no one edge to speak of.

    ```writ
    rule all_(s: Service) -> Bool = s.dependents+.edges is empty
    ```

    Take one step from the nodes that are meant.

    ```writ
    rule all_(s: Service) -> Bool = s.dependents.edges is empty
    ```
    """#,
    #"""
    # W0321: an aggregate of elements that have none

    `sum` adds `Int`, `Decimal` or `Duration`; `min` and `max` take values that have an order.

    ```writ
    rule total(s: Service) -> Int = sum(s.dependents)
    ```

    Sum a field of the elements.

    ```writ
    rule total(s: Service) -> Int = sum(s.dependents.tier)
    ```
    """#,
    #"""
    # W0322: a test with `is` that does not fit

    `is absent` is for values that may be absent, `is empty` for sets and lists, `is Kind` for nodes.

    ```writ
    rule none(s: Service) -> Bool = s.bugs is absent
    ```

    Use the test for what it is.

    ```writ
    rule none(s: Service) -> Bool = s.bugs is empty
    ```
    """#,
    #"""
    # W0323: arguments that do not fit the parameters

    A call gives every parameter one value, in order or by label.

    ```writ
    rule above(s: Service, limit: Int) -> Bool = s.tier > limit
    rule high_(s: Service) -> Bool = above(s)
    ```

    Give the arguments that are named in the message.

    ```writ
    rule above(s: Service, limit: Int) -> Bool = s.tier > limit
    rule high_(s: Service) -> Bool = above(s, 3)
    ```
    """#,
    #"""
    # W0324: a scorecard without `.score` or `.level`

    A scorecard has a score and a level. A call of it must say which of them is meant.

    ```writ
    scorecard ready(s: Service) -> Severity {
      check tier weight 1: s.tier == 1
      level high at 50
    }
    rule good(s: Service) -> Bool = ready(s) >= high
    ```

    Say `.score` or `.level`.

    ```writ
    scorecard ready(s: Service) -> Severity {
      check tier weight 1: s.tier == 1
      level high at 50
    }
    rule good(s: Service) -> Bool = ready(s).level >= high
    ```
    """#,
    #"""
    # W0325: a param that is not a scalar

    A param is set when a bundle is built: it is a number, a text, a time, a Bool or a member of an
    enum.

    ```writ
    param names: Set<String> = ["a"]
    ```

    Use a scalar, or a rule that yields the set.

    ```writ
    rule names() -> Set<String> = ["a"]
    ```
    """#,
    #"""
    # W0326: a param that is not a constant

    The value of a param is a literal or a member of an enum, so that it can be replaced when a bundle
    is built.

    ```writ
    param limit: Int = 2 * 3
    ```

    Write the value out.

    ```writ
    param limit: Int = 6
    ```
    """#,
    #"""
    # W0327: a type that cannot be

    Sets and lists hold scalars or nodes, never sets and never what may be absent; a set itself is never
    absent, only empty.

    ```writ
    rule f(x: Set<String>?) -> Bool = true
    ```

    Leave out what cannot be.

    ```writ
    rule f(x: Set<String>) -> Bool = x is empty
    ```
    """#,
    #"""
    # W0401: two members of a node with one name

    The fields and edges of a node, and the inverse names of edges that lead to it, share one name
    space; so do the fields of an edge, together with `from` and `to`.

    ```writ
    node Squad {
      lead: String
      lead -> Team
    }
    ```

    Give one of them another name.

    ```writ
    node Squad {
      lead: String
      team -> Team
    }
    ```
    """#,
    #"""
    # W0402: a type that a field cannot have

    A field holds a scalar, an optional scalar or `Set<String>`; a field of an edge a scalar or an
    optional scalar, from where the edge is from. Nodes are reached by edges. A field marked `personal`
    is a `String` or `Set<String>`: only texts can be erased from a log.

    ```writ
    node Squad {
      team: Team
    }
    ```

    Write an edge for a node.

    ```writ
    node Squad {
      team -> Team
    }
    ```
    """#,
    #"""
    # W0403: a field that cannot be the key

    The key of a node is its id under a name of its own: one field, of type `String`, never absent, with
    the origin of the node.

    ```writ
    node Squad {
      number: Int key
    }
    ```

    Make it a `String`, or leave out `key`.

    ```writ
    node Squad {
      number: String key
    }
    ```
    """#,
    #"""
    # W0404: an edge that is `many` and optional

    An edge that is `many` leads to no nodes, one or more: it is never absent.

    ```writ
    node Squad {
      members -> many Team?
    }
    ```

    Leave out `?`, or `many`.

    ```writ
    node Squad {
      members -> many Team
    }
    ```
    """#,
    #"""
    # W0405: an origin that mixes request and sources

    A kind `from request` exists only in requests, so no source can say anything about its nodes.
    Nothing comes from a request and a source at once.

    ```writ
    node Release from request {
      image: String from scanner
    }
    ```

    Let the request bring the field, or keep the fact on a node of its own.

    ```writ
    node Release from request {
      image: String
    }
    ```
    """#,
    #"""
    # W0501: an approval where none can stand

    An approval is something that a `require` waits for. It stands in the condition of one, alone or
    under `and` and `or`: not in a `deny`, a rule, a `when`, or under `not`.

    ```writ
    gate ship(s: Service) {
      deny unapproved: not approval by role lead
    }
    ```

    Require the approval.

    ```writ
    gate ship(s: Service) {
      require approved: approval by role lead
    }
    ```
    """#,
  ]
}
