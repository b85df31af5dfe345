// What an expression can see: variables, the elements of the filters around it, and what is known.

import WritModel
import WritText

/// A parameter, `let` or loop variable in sight.
struct Local {
  /// What people call it, for notes.
  enum Sort: String {
    case parameter
    case binding = "let"
    case variable
    /// What a step of a pipeline gives out.
    case output
  }

  let name: String
  let sort: Sort
  /// Its name where it is declared.
  let range: SourceRange
  /// The variable; `nil` where its value is wrong and has been reported.
  let value: TypedExpression?
}

/// What `it` and bare names mean in a filter.
enum Element {
  /// The set is wrong and has been reported: every bare name might be its member.
  case unknown
  /// A node, an edge or a scalar.
  case value(TypedExpression)
  /// In `.(edge where …)`: the edge's fields and ends, and members of the node it leads to.
  case step(StepElement)
}

/// The element of a step's filter.
struct StepElement {
  let edges: [DirectedEdge]
  /// The variable of the edge; of several edge types its type names the first.
  let edge: TypedExpression
  /// The variable of the node that the edge leads to.
  let target: TypedExpression
}

/// What is known at a place, beyond the declared types.
///
/// It is learnt and forgotten in step with the scopes of the text. What was known is not copied for that, there may be much of
/// it: a mark is kept, and what was learnt behind it is undone.
struct Facts {
  /// A place among the changes: what is known is forgotten back to it.
  struct Mark {
    fileprivate let count: Int
  }

  private enum Change {
    case type(ByteText, before: ValueType?)
    case nonEmpty(ByteText)
  }

  /// Narrower types, by the path of the expression that has them.
  private var types: [ByteText: ValueType] = [:]
  /// Keys of sets that are not empty.
  private var nonEmpty: Set<ByteText> = []
  private var changes: [Change] = []

  /// No type is narrower than declared.
  var hasNoTypes: Bool { types.isEmpty }

  /// The narrower type of what is reached by a path.
  func type(of path: String) -> ValueType? { types[path] }

  /// The set of that key is known to have an element.
  func isNonEmpty(_ key: String) -> Bool { nonEmpty.contains(key) }

  /// What is known now.
  var mark: Mark { Mark(count: changes.count) }

  mutating func learn(_ type: ValueType, of path: String) {
    let key = ByteText(path)
    changes.append(.type(key, before: types[key]))
    types[key] = type
  }

  mutating func learnNonEmpty(_ key: String) {
    guard nonEmpty.insert(ByteText(key)).inserted else { return }
    changes.append(.nonEmpty(ByteText(key)))
  }

  /// Undoes what was learnt since; in all no more work than learning it was.
  mutating func forget(since mark: Mark) {
    while changes.count > mark.count {
      switch changes.removeLast() {
      case .type(let path, let before): types[path] = before
      case .nonEmpty(let key): nonEmpty.remove(key)
      }
    }
  }
}

/// Frames from the outermost to the innermost.
struct Scope {
  /// What a bare name is looked up in, one after the other.
  private enum Frame {
    case local(Local)
    case element(Element)
  }

  /// What a bare name may mean.
  enum Meaning {
    case local(Local)
    /// A member of this element; `outer` is a local of the same name further out.
    case member(Element, outer: Local?, position: Int)
  }

  private var frames: [Frame] = []
  /// Positions in `frames` of the locals of a name.
  private var positions: [ByteText: [Int]] = [:]
  /// Positions in `frames` of the elements.
  private var elements: [Int] = []

  var facts = Facts()
  /// An approval may stand here: in a `require`, under `and` and `or` alone.
  var mayApprove = false
  /// The condition decides a `require`: an `all` over nothing would let it pass.
  var warnsVacuous = false
  /// Lets that have been used, by the place of their names.
  var usedLets: Set<SourceRange> = []
  /// What was asked of the scope can be undone by going back to this many frames.
  var depth: Int { frames.count }

  /// Brings a local in sight.
  mutating func push(_ local: Local) {
    positions[local.name, default: []].append(frames.count)
    frames.append(.local(local))
  }

  /// Opens the scope of an element.
  mutating func push(_ element: Element) {
    elements.append(frames.count)
    frames.append(.element(element))
  }

  /// Forgets all frames from `depth` on.
  mutating func pop(to depth: Int) {
    while frames.count > depth {
      switch frames.removeLast() {
      case .local(let local): positions[local.name]?.removeLast()
      case .element: elements.removeLast()
      }
    }
  }

  /// The innermost local of a name below a position.
  func local(_ name: String, below position: Int) -> Local? {
    guard let found = positions[name]?.last(where: { $0 < position }),
      case .local(let local) = frames[found]
    else { return nil }
    return local
  }

  /// The innermost element below a position, and where it is.
  func element(below position: Int) -> (element: Element, position: Int)? {
    guard let found = elements.last(where: { $0 < position }),
      case .element(let element) = frames[found]
    else { return nil }
    return (element, found)
  }

  /// What a bare name means below a position: the innermost local or element that has it.
  func meaning(
    of name: String, below position: Int, isMember: (Element) -> Bool
  ) -> Meaning? {
    let nearest = positions[name]?.last { $0 < position }
    var top = position
    while let (element, place) = element(below: top), place > nearest ?? -1 {
      if isMember(element) {
        return .member(element, outer: local(name, below: place), position: place)
      }
      top = place
    }
    return local(name, below: position).map { .local($0) }
  }

  /// An element whose type is not known is in sight.
  func hasUnknownElement(below position: Int) -> Bool {
    elements.contains {
      guard $0 < position, case .element(.unknown) = frames[$0] else { return false }
      return true
    }
  }

  /// All locals, innermost first, for suggestions.
  var locals: [Local] {
    frames.reversed().compactMap {
      if case .local(let local) = $0 { local } else { nil }
    }
  }

  var localNames: [String] { locals.map(\.name) }
}
