// Clauses, approvals, messages and fuel, worked out by hand.

import Testing
import WritModel
import WritOracle
import WritSemantics

@Suite struct ClauseTests {
  private let fixture: Fixture = {
    var fixture = Fixture()
    fixture.item("f", flag: false, rank: 1)
    fixture.item("t", flag: true, rank: 2)
    fixture.item("u")
    fixture.link("f", "t")
    fixture.link("t", "u")
    return fixture
  }()

  private let each = [Generator(variable: 1, name: "i", range: items)]
  private let it = variable(1, .node([0]))

  @Test(arguments: [
    ("t", Outcome.allow, false, Outcome.deny, false), ("f", .deny, false, .allow, false),
    ("u", .deny, true, .deny, true),
  ])
  func polarity(
    _ id: String, _ required: Outcome, _ first: Bool, _ denied: Outcome, _ second: Bool
  ) {
    let require = fixture.decision(.require, flag(id))
    #expect(require.outcome == required)
    #expect(require.isIndeterminate == first)
    let deny = fixture.decision(.deny, flag(id))
    #expect(deny.outcome == denied)
    #expect(deny.isIndeterminate == second)
  }

  @Test func anUnknownGuardSwitchesNothingOff() {
    let unknown = [flag("u")]
    #expect(fixture.decision(.require, guards: unknown, flag("t")).outcome == .allow)
    #expect(fixture.decision(.require, guards: unknown, flag("f")).isIndeterminate)
    #expect(fixture.decision(.deny, guards: unknown, flag("t")).isIndeterminate)
    #expect(fixture.decision(.deny, guards: unknown, flag("f")).outcome == .allow)
    #expect(fixture.decision(.deny, guards: [flag("f"), flag("u")], flag("t")).outcome == .allow)
  }

  @Test func loopsFindEachBinding() {
    let deny = fixture.decision(.deny, generators: each, filters: [.condition(flag(it))], nil)
    #expect(deny.findings.map(\.isCertain) == [true, false])
    #expect(
      deny.findings.map(\.bindings) == [
        [Binding(name: "i", value: .node(Fixture.item("t"), nil))],
        [Binding(name: "i", value: .node(Fixture.item("u"), nil))],
      ])
    let require = fixture.decision(.require, generators: each, flag(it))
    #expect(require.findings.map(\.isCertain) == [true, false])
    #expect(require.findings.first?.bindings.first?.value == .node(Fixture.item("f"), nil))
  }

  @Test func anOpenRangeIsAFindingOfItsOwn() {
    var open = fixture
    open.scanned(["f", "t", "u"])
    let both = each + [Generator(variable: 2, name: "j", range: linked(it))]
    let deny = open.decision(.deny, generators: both, bool(false))
    #expect(deny.findings.count == 1)
    #expect(deny.findings.first?.bindings == [])
    #expect(deny.findings.first?.cause == .silent(source: 0, about: .kind(0)))
    open.scanned([])
    let twice = open.decision(.deny, generators: both, bool(false))
    #expect(twice.findings.map(\.bindings.count) == [0, 1])
    let off = open.decision(.deny, guards: [bool(false)], generators: both, bool(true))
    #expect(off.outcome == .allow)
  }

  @Test func theWitnessIsTheWay() {
    let reached = [
      Generator(variable: 1, name: "i", range: linked(item("f"), .oneOrMore(upTo: nil)))
    ]
    let deny = fixture.decision(.deny, generators: reached, nil)
    #expect(
      deny.findings.map { $0.witness.map(\.id) } == [["f", "t"], ["f", "t", "u"]])
  }

  private func approval(
    _ count: Int = 1, except: TypedExpression? = nil, within: Int64? = nil
  ) -> TypedExpression {
    let term = ApprovalTerm(
      role: "lead", count: count, except: except, withinMicroseconds: within)
    return typed(.approval(term), .bool)
  }

  private func approved(
    _ condition: TypedExpression, by givers: [String], caller: String? = nil, role: String = "lead",
    signedAt: Int64? = nil, expiry: Int64? = nil
  ) -> Outcome {
    let approvals = givers.map {
      Approval(giver: Fixture.item($0), role: role, signedAt: signedAt, expiry: expiry)
    }
    return fixture.decision(
      .require, condition, caller: caller.map(Fixture.item), approvals: approvals
    ).outcome
  }

  @Test func approvalsCount() {
    #expect(approved(approval(), by: []) == .hold)
    #expect(approved(approval(), by: ["t"]) == .allow)
    #expect(approved(approval(), by: ["t"], caller: "t") == .hold)
    #expect(approved(approval(), by: ["t"], role: "other") == .hold)
    #expect(approved(approval(2), by: ["t", "t"]) == .hold)
    #expect(approved(approval(2), by: ["t", "f"]) == .allow)
    #expect(approved(approval(except: item("t")), by: ["t"]) == .hold)
    #expect(approved(approval(except: item("f")), by: ["t"]) == .allow)
  }

  @Test func approvalsAge() {
    #expect(approved(approval(), by: ["t"], signedAt: noon + 1) == .hold)
    #expect(approved(approval(), by: ["t"], expiry: noon) == .hold)
    #expect(approved(approval(), by: ["t"], expiry: noon + 1) == .allow)
    let signedAt = noon - 5 * minute
    #expect(approved(approval(within: 5 * minute), by: ["t"], signedAt: signedAt) == .allow)
    #expect(approved(approval(within: 5 * minute - 1), by: ["t"], signedAt: signedAt) == .hold)
  }

  @Test func whatApprovalsCannotCureFails() {
    #expect(approved(typed(.and(approval(), flag("f")), .bool), by: ["t"]) == .deny)
    #expect(approved(typed(.and(approval(), flag("u")), .bool), by: []) == .deny)
    #expect(approved(typed(.or(approval(), flag("u")), .bool), by: []) == .hold)
    #expect(approved(approval(except: item("nobody")), by: ["t"]) == .deny)
    let doubted = fixture.decision(.require, guards: [flag("u")], approval())
    #expect(doubted.outcome == .hold && doubted.isIndeterminate)
    let owed = fixture.decision(.require, guards: [flag("t")], approval())
    #expect(owed.outcome == .hold && !owed.isIndeterminate)
  }

  @Test func fuelMakesAClauseUnknown() {
    // The kind: 1 + 3; the loop: 1 + 3.
    #expect(fixture.decision(.deny, generators: each, bool(false), fuelLimit: 8).outcome == .allow)
    let short = fixture.decision(.deny, generators: each, bool(false), fuelLimit: 7)
    #expect(short.findings.map(\.cause) == [.fuel])
    let message = [MessagePart.text("all "), .value(count(items))]
    let shown = fixture.decision(.deny, bool(true), message: message, fuelLimit: 7)
    #expect(shown.findings.map(\.message) == ["…"])
  }

  @Test func messagesSayWhatIsKnown() {
    func text(_ expression: TypedExpression, _ fixture: Fixture) -> String {
      fixture.oracle().text(expression)
    }
    var open = fixture
    open.scanned(["f"])
    #expect(text(items, fixture) == "f, t, u")
    #expect(text(items, open) == "f, t, u (and maybe more)")
    #expect(text(count(items), open) == "at least 1")
    #expect(text(rank("u"), open) == "unknown")
    #expect(text(maybe("f"), open) == "none")
    let duration = typed(.constant(.scalar(129_600_000_000)), .duration)
    #expect(text(duration, open) == "36h")
    #expect(text(typed(.constant(.scalar(90_000_000)), .duration), open) == "90s")
    #expect(text(typed(.constant(.scalar(0)), .duration), open) == "0s")
    #expect(text(decimal(83_400_000), open) == "83.4")
    let twelve = typed(.elements((1...12).map { int($0) }), .list(.int))
    #expect(text(twelve, open) == "1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more")
  }

  @Test func queriesReadLastKnownValues() {
    var open = fixture
    open.scanned(["f"])
    let query = TypedQuery(
      name: "query", parameters: [],
      body: .rows(
        RowQuery(
          generators: each, filters: [.condition(flag(it))], groupKeys: [],
          columns: [TypedColumn(name: "rank", type: .int, value: .row(rank(it)))],
          order: [], limit: nil)),
      range: here)
    let answer = open.oracle(Fixture.program(queries: [query])).answer(query: 0, [])
    let doubt = Cause.silent(source: 0, about: .node(Fixture.item("t")))
    #expect(answer.rows.first == OracleRow(values: [.number(2, doubt)], cause: doubt))
    #expect(answer.rows.count == 2)
    #expect(answer.open == .silent(source: 0, about: .kind(0)))
  }
}
