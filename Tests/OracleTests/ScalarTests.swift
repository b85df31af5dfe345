// Operations on scalars, worked out by hand.

import Testing
import WritModel
import WritOracle
import WritSemantics

private let unknown: ClosedRange<Int64> = 0...1
private let anything: ClosedRange<Int64> = .min ... .max

@Suite struct ScalarTests {
  private let fixture: Fixture = {
    var fixture = Fixture()
    fixture.item("t", flag: true, rank: 7, maybe: 5)
    fixture.item("f", flag: false)
    fixture.item("u")
    return fixture
  }()

  private func bounds(_ expression: TypedExpression) -> ClosedRange<Int64>? {
    fixture.value(expression)?.bounds
  }

  private func arithmetic(
    _ operation: Arithmetic, _ left: TypedExpression, _ right: TypedExpression, _ type: ValueType
  ) -> TypedExpression {
    typed(.arithmetic(operation, left, right), type)
  }

  @Test(
    arguments: [
      ("t", "t", 1...1, 1...1), ("t", "f", 0...0, 1...1), ("t", "u", 0...1, 1...1),
      ("f", "t", 0...0, 1...1), ("f", "f", 0...0, 0...0), ("f", "u", 0...0, 0...1),
      ("u", "t", 0...1, 1...1), ("u", "f", 0...0, 0...1), ("u", "u", 0...1, 0...1),
    ] as [(String, String, ClosedRange<Int64>, ClosedRange<Int64>)])
  func kleene(
    _ left: String, _ right: String, _ both: ClosedRange<Int64>, _ either: ClosedRange<Int64>
  ) {
    #expect(bounds(typed(.and(flag(left), flag(right)), .bool)) == both)
    #expect(bounds(typed(.or(flag(left), flag(right)), .bool)) == either)
  }

  @Test func negationOfUnknown() {
    #expect(bounds(negation(flag("t"))) == 0...0)
    #expect(bounds(negation(flag("u"))) == unknown)
  }

  @Test func aCauseIsTheFirst() {
    let value = fixture.value(typed(.and(flag("u"), flag("nobody")), .bool))
    #expect(value?.cause == .missingField(node: Fixture.item("u"), field: "flag"))
    let decided = fixture.value(typed(.and(flag("u"), flag("f")), .bool))
    #expect(decided == .number(0, nil))
  }

  @Test func comparisonOfIntervals() {
    #expect(bounds(compare(rank("t"), .less, int(8))) == 1...1)
    #expect(bounds(compare(rank("t"), .less, int(7))) == 0...0)
    #expect(bounds(compare(rank("u"), .less, int(7))) == unknown)
    #expect(bounds(compare(rank("u"), .lessOrEqual, int(.max))) == 1...1)
    #expect(bounds(compare(rank("u"), .less, int(.min))) == 0...0)
    #expect(bounds(compare(rank("u"), .equal, rank("u"))) == unknown)
    #expect(bounds(compare(item("t"), .notEqual, item("u"))) == 1...1)
    #expect(bounds(compare(item("t"), .equal, item("nobody"))) == unknown)
  }

  @Test func overflowIsUnknown() {
    let sum = fixture.value(arithmetic(.add, int(.max), int(1), .int))
    #expect(sum == .between(.min, .max, .overflow))
    #expect(bounds(typed(.negate(int(.min)), .int)) == anything)
    #expect(bounds(arithmetic(.multiply, int(0), rank("u"), .int)) == 0...0)
    #expect(bounds(arithmetic(.add, int(1), rank("u"), .int)) == anything)
  }

  @Test func division() {
    #expect(bounds(arithmetic(.divide, int(-7), int(2), .int)) == -3 ... -3)
    #expect(bounds(arithmetic(.remainder, int(-7), int(2), .int)) == -1 ... -1)
    #expect(bounds(arithmetic(.remainder, int(.min), int(-1), .int)) == 0...0)
    let byZero = fixture.value(arithmetic(.divide, int(1), int(0), .int))
    #expect(byZero == .between(.min, .max, .divisionByZero))
    #expect(fixture.value(arithmetic(.divide, int(.min), int(-1), .int))?.cause == .overflow)
  }

  @Test(
    arguments: [
      (500_000, 1, 0), (1_500_000, 1, 2), (2_500_000, 1, 2), (-1_500_000, 1, -2), (700_000, 3, 2),
    ] as [(Int64, Int64, Int64)])
  func decimalProductsRoundHalfToEven(_ left: Int64, _ right: Int64, _ product: Int64) {
    let value = bounds(arithmetic(.multiply, decimal(left), decimal(right), .decimal))
    #expect(value == product...product)
  }

  @Test(
    arguments: [
      (2_000_000, 3_000_000, 666_667), (1, 2_000_000, 0), (3, 2_000_000, 2), (-1, 3_000_000, 0),
    ] as [(Int64, Int64, Int64)])
  func decimalQuotientsRoundHalfToEven(_ left: Int64, _ right: Int64, _ quotient: Int64) {
    let value = bounds(arithmetic(.divide, decimal(left), decimal(right), .decimal))
    #expect(value == quotient...quotient)
  }

  @Test func datesCountWholeDays() {
    let day: Int64 = 86_400_000_000
    func date(_ days: Int64) -> TypedExpression { typed(.constant(.scalar(days)), .date) }
    func duration(_ time: Int64) -> TypedExpression { typed(.constant(.scalar(time)), .duration) }
    #expect(bounds(arithmetic(.add, date(10), duration(day * 2 - 1), .date)) == 11...11)
    #expect(bounds(arithmetic(.add, date(10), duration(-1), .date)) == 9...9)
    #expect(bounds(arithmetic(.subtract, date(10), duration(-1), .date)) == 11...11)
    #expect(bounds(arithmetic(.subtract, date(10), date(7), .duration)) == 3 * day...3 * day)
    #expect(bounds(typed(.durationPart(duration(-1), .hours), .int)) == -1 ... -1)
  }

  @Test func withinIsNeverInTheFuture() {
    func at(_ time: Int64) -> TypedExpression { typed(.constant(.scalar(time)), .instant) }
    let hour = typed(.constant(.scalar(60 * minute)), .duration)
    #expect(bounds(typed(.within(at(noon), hour), .bool)) == 1...1)
    #expect(bounds(typed(.within(at(noon - 60 * minute), hour), .bool)) == 1...1)
    #expect(bounds(typed(.within(at(noon - 60 * minute - 1), hour), .bool)) == 0...0)
    #expect(bounds(typed(.within(at(noon + 1), hour), .bool)) == 0...0)
    #expect(bounds(typed(.within(at(.min), hour), .bool)) == unknown)
  }

  @Test func optionals() {
    let none = typed(.constant(.absent), .optional(.int))
    #expect(bounds(typed(.coalesce(maybe("t"), int(1)), .int)) == 5...5)
    #expect(bounds(typed(.coalesce(maybe("f"), int(1)), .int)) == 1...1)
    #expect(bounds(typed(.coalesce(maybe("nobody"), int(1)), .int)) == anything)
    #expect(bounds(typed(.isAbsent(maybe("f")), .bool)) == 1...1)
    #expect(bounds(typed(.isAbsent(maybe("t")), .bool)) == 0...0)
    #expect(bounds(typed(.isAbsent(maybe("nobody")), .bool)) == unknown)
    #expect(fixture.value(none) == .absent(nil))
  }

  /// The one member is the only value, and still whether there is one is not known.
  @Test func anUnknownEnumOfOneMemberMayBeAbsent() {
    var silent = fixture
    silent.scanned([])
    let only = typed(.field(item("t"), name: "only"), .optional(.enumeration(2)))
    #expect(silent.value(typed(.isAbsent(only), .bool))?.bounds == unknown)
    #expect(fixture.value(typed(.isAbsent(only), .bool))?.bounds == 1...1)
  }

  @Test(arguments: [
    (StringTest.starts, "release", "rel", true), (.starts, "rel", "release", false),
    (.ends, "release", "ease", true), (.contains, "release", "", true),
    (.contains, "release", "lea", true), (.contains, "release", "ael", false),
    (.like, "release", "r*e", true), (.like, "release", "r?lease", true),
    (.like, "release", "r?ease", false), (.like, "aab", "*ab", true), (.like, "", "*", true),
    (.like, "ab", "a", false), (.starts, "e\u{301}", "\u{e9}", false),
  ])
  func tests(_ test: StringTest, _ text: String, _ other: String, _ passes: Bool) {
    let value = bounds(typed(.stringTest(test, string(text), string(other)), .bool))
    #expect(value == (passes ? 1...1 : 0...0))
  }

  @Test func freshnessEndsAfterTheLimit() {
    var fixture = fixture
    fixture.scanned(["t"], at: noon - 60 * minute)
    #expect(fixture.value(rank("t")) == .number(7, nil))
    fixture.scanned(["t"], at: noon - 60 * minute - 1)
    let about = Subject.node(Fixture.item("t"))
    #expect(
      fixture.value(rank("t"))?.cause
        == .stale(source: 0, about: about, spokeAt: noon - 60 * minute - 1))
    fixture.scanned(["t"], at: noon + 1)
    #expect(fixture.value(rank("t"))?.cause == .silent(source: 0, about: about))
  }
}
