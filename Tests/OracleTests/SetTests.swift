// Sets, lists and what is asked of them, worked out by hand.

import Testing
import WritModel
import WritOracle
import WritSemantics

@Suite struct SetTests {
  /// `a` and `b` are known; of `c` the scanner did not speak, nor of the kind as a whole.
  private let open: Fixture = {
    var fixture = Fixture()
    fixture.item("a", flag: true, rank: 3, tags: ["x", "y"])
    fixture.item("b", flag: false, rank: 5)
    fixture.item("c", flag: true, rank: -4, tags: ["z"])
    fixture.scanned(["a", "b"])
    return fixture
  }()

  /// The same, all known.
  private var closed: Fixture {
    var fixture = open
    fixture.draft.lines = Fixture().draft.lines
    return fixture
  }

  private func set(_ ids: [String]) -> TypedExpression {
    typed(.elements(ids.map { item($0) }), .set(.node([0])))
  }

  private func list(_ values: [TypedExpression]) -> TypedExpression {
    typed(.elements(values), .list(.int))
  }

  @Test func kinds() {
    #expect(closed.value(items)?.ids == "a b c")
    #expect(open.value(items)?.ids == "a b (c) …")
  }

  @Test func counts() {
    #expect(closed.value(count(items))?.bounds == 3...3)
    #expect(open.value(count(items))?.bounds == 2...(1 << 40))
    #expect(open.value(count(set(["a", "nobody"])))?.bounds == 1...(1 << 40))
    // What the filter does not decide is possible.
    let flagged = filtered(set(["a", "b", "c"]), flag(variable(1, .node([0]))))
    #expect(closed.value(count(flagged))?.bounds == 2...2)
    #expect(open.value(count(flagged))?.bounds == 1...2)
  }

  @Test func emptiness() {
    #expect(closed.value(typed(.isEmpty(items), .bool))?.bounds == 0...0)
    let flagged = filtered(items, compare(rank(variable(1, .node([0]))), .greater, int(100)))
    #expect(closed.value(typed(.isEmpty(flagged), .bool))?.bounds == 1...1)
    #expect(open.value(typed(.isEmpty(flagged), .bool))?.bounds == 0...1)
  }

  @Test func sums() {
    let ranks = mapped(set(["a", "b", "c"]), rank(variable(1, .node([0]))))
    #expect(closed.value(typed(.sum(ranks), .int))?.bounds == 4...4)
    #expect(open.value(typed(.sum(ranks), .int))?.bounds == .min ... .max)
    let possible = list([int(3), typed(.coalesce(maybe("a"), int(2)), .int)])
    #expect(open.value(typed(.sum(possible), .int))?.bounds == 5...5)
    #expect(open.value(typed(.sum(list([])), .int))?.bounds == 0...0)
    // Only the total must fit.
    let large = list([int(.max), int(1), int(-5)])
    #expect(open.value(typed(.sum(large), .int)) == .number(.max - 4, nil))
    #expect(open.value(typed(.sum(list([int(.max), int(1)])), .int))?.cause == .overflow)
  }

  @Test func possibleElementsMayOrMayNotCount() {
    let kept = filtered(set(["a", "b"]), flag(variable(1, .node([0]))))
    var fixture = closed
    fixture.draft.nodes[0].fields[0] = nil
    let ranks = mapped(kept, rank(variable(1, .node([0]))))
    #expect(fixture.value(typed(.sum(ranks), .int))?.bounds == 0...3)
  }

  @Test func extremes() {
    let ranks = mapped(items, rank(variable(1, .node([0]))))
    func least(_ set: TypedExpression) -> TypedExpression {
      typed(.least(set), .optional(.int))
    }
    func greatest(_ set: TypedExpression) -> TypedExpression {
      typed(.greatest(set), .optional(.int))
    }
    #expect(closed.value(least(ranks))?.bounds == -4 ... -4)
    #expect(open.value(least(ranks))?.bounds == .min...3)
    #expect(open.value(greatest(ranks))?.bounds == 5 ... .max)
    #expect(open.value(least(list([]))) == .absent(nil))
    let isLarge = compare(rank(variable(1, .node([0]))), .greater, int(100))
    let none = mapped(filtered(items, isLarge), rank(variable(1, .node([0]))))
    #expect(open.value(least(none))?.bounds == .min ... .max)
    #expect(closed.value(least(none)) == .absent(nil))
    // A lower bound is enough to know that there is one.
    #expect(open.value(typed(.isAbsent(greatest(ranks)), .bool))?.bounds == 0...0)
  }

  @Test func membership() {
    func member(_ id: String, _ set: TypedExpression) -> TypedExpression {
      typed(.member(item(id), of: set), .bool)
    }
    #expect(open.value(member("a", items))?.bounds == 1...1)
    #expect(open.value(member("c", items))?.bounds == 0...1)
    #expect(open.value(member("c", set(["a"])))?.bounds == 0...0)
    #expect(open.value(member("nobody", set(["a"])))?.bounds == 0...1)
    #expect(open.value(member("nobody", set([])))?.bounds == 0...0)
    #expect(open.value(typed(.member(string("x"), of: tags("a")), .bool))?.bounds == 1...1)
    #expect(open.value(typed(.member(string("q"), of: tags("a")), .bool))?.bounds == 0...0)
    #expect(open.value(typed(.member(string("q"), of: tags("b")), .bool))?.bounds == 0...0)
    #expect(open.value(typed(.member(string("q"), of: tags("c")), .bool))?.bounds == 0...1)
  }

  @Test func combinations() {
    func union(_ a: TypedExpression, _ b: TypedExpression) -> TypedExpression {
      typed(.union(a, b), .set(.node([0])))
    }
    func difference(_ a: TypedExpression, _ b: TypedExpression) -> TypedExpression {
      typed(.difference(a, b), .set(.node([0])))
    }
    func intersection(_ a: TypedExpression, _ b: TypedExpression) -> TypedExpression {
      typed(.intersection(a, b), .set(.node([0])))
    }
    let lacking = set(["b", "nobody"])
    #expect(open.value(union(set(["c", "a"]), lacking))?.ids == "a b c …")
    #expect(open.value(union(items, set(["c"])))?.ids == "a b c …")
    #expect(open.value(difference(set(["a", "b"]), lacking))?.ids == "(a)")
    #expect(open.value(difference(items, set(["a"])))?.ids == "b (c) …")
    #expect(open.value(difference(set(["a", "c"]), items))?.ids == "(c)")
    #expect(open.value(intersection(set(["a", "b"]), set(["b", "c"])))?.ids == "b")
    #expect(open.value(intersection(set(["a", "b"]), lacking))?.ids == "(a) b")
    #expect(open.value(intersection(items, lacking))?.ids == "(a) b (c) …")
  }

  @Test func distinctElements() {
    let repeated = list([int(3), int(1), int(3)])
    #expect(open.value(count(repeated))?.bounds == 3...3)
    let distinct = typed(.distinct(repeated), .set(.int))
    #expect(open.value(count(distinct))?.bounds == 2...2)
    let unknown = typed(.distinct(list([int(3), rank("nobody")])), .set(.int))
    #expect(open.value(count(unknown))?.bounds == 1...(1 << 40))
  }

  @Test func bindingsDropWhatIsAbsent() {
    var fixture = closed
    fixture.draft.nodes[0].fields[2] = .scalar(8)
    let field = typed(.field(variable(1, .node([0])), name: "maybe"), .optional(.int))
    let comprehension = Comprehension(
      generators: [Generator(variable: 1, name: "it", range: items)],
      filters: [.binding(2, name: "m", field)], yield: variable(2, .int))
    let list = typed(.comprehension(comprehension), .list(.int))
    #expect(fixture.value(typed(.sum(list), .int))?.bounds == 8...8)
    #expect(fixture.value(count(list))?.bounds == 1...1)
  }
}
