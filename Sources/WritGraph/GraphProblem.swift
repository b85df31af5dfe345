// What can be wrong with facts, and where.

public import WritCrypto

/// One thing that is wrong with the facts of an import, a delta or a request.
public struct GraphProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public let cause: Cause
  /// The input that it is in, by the name it was given; `nil` for facts that were not read from
  /// text.
  public let file: String?
  /// From 1; 0 where there is no text.
  public let line: Int
  /// In bytes, from 1; 0 where there is no text.
  public let column: Int

  /// A problem at a place.
  public init(_ cause: Cause, file: String? = nil, line: Int = 0, column: Int = 0) {
    self.cause = cause
    self.file = file
    self.line = line
    self.column = column
  }

  /// `file:line:column: what is wrong`, without the place where there is none.
  public var description: String {
    guard let file else { return cause.message }
    return "\(file):\(line):\(column): \(cause.message)"
  }

  /// What is wrong, with its evidence.
  public enum Cause: Hashable, Sendable {
    /// The line is not one JSON object as JSON is defined.
    case malformed(JSONFault)
    /// The input is compressed.
    case compressed
    /// A line is none of the facts that there are.
    case noFact
    /// A fact lacks a member that it needs.
    case missingMember(String)
    /// A fact has a member that means nothing in it.
    case unknownMember(String)
    /// A name stands twice in one object.
    case duplicateMember(String)
    /// A member of a fact is of another type than it must be.
    case wrongMember(String, wanted: String)
    case unknownKind(String, nearest: String?)
    case unknownEdge(String, kind: String, nearest: String?)
    case unknownProperty(String, of: String, nearest: String?)
    case unknownSource(String, nearest: String?)
    /// A property's value is not of its declared type.
    case wrongType(property: String, of: String, wanted: String)
    case unknownEnumMember(String, property: String, nearest: String?)
    case tooManyElements(property: String)
    /// Not `Kind/id`.
    case badReference(String)
    /// A fact speaks of a node that is nowhere.
    case missingNode(String)
    /// A node is said twice, with other values.
    case conflictingNode(String)
    case wrongTarget(edge: String, found: String, wanted: String)
    /// An edge to at most one node leads to several.
    case tooManyTargets(edge: String, from: String)
    case keyDiffers(property: String, node: String)
    /// Only a request may bring this kind, field or edge.
    case onlyFromRequest(String)
    /// A request may not bring this kind, field or edge.
    case notFromRequest(String)
    /// A request may not bring source lines or removals.
    case refusedInRequest(String)
    /// The node's kind does not come from that source.
    case notItsSource(String, kind: String)
    /// There is no such edge to remove.
    case nothingToRemove(String)
    /// A `base` line is not the first one of a delta.
    case misplacedBase
    /// The delta is for another snapshot.
    case otherBase(wanted: Digest, found: Digest)
    /// The schema itself cannot be used.
    case unsoundSchema(String)
    /// A bound of this room is passed.
    case limit(String)
  }
}

extension GraphProblem.Cause {
  /// The problem in words.
  public var message: String {
    switch self {
    case .malformed(let fault): fault.message
    case .compressed: "the input is compressed; decompress it first"
    case .noFact: "expected a `node`, `edge`, `source`, `remove` or `removeEdge`"
    case .missingMember(let name): "`\(name)` is missing"
    case .unknownMember(let name): "`\(name)` means nothing here"
    case .duplicateMember(let name): "`\(name)` stands twice"
    case .wrongMember(let name, let wanted): "`\(name)` must be \(wanted)"
    case .unknownKind(let name, let nearest): "no kind `\(name)`" + hint(nearest)
    case .unknownEdge(let name, let kind, let nearest):
      "no edge `\(name)` leaves `\(kind)`" + hint(nearest)
    case .unknownProperty(let name, let owner, let nearest):
      "`\(owner)` has no property `\(name)`" + hint(nearest)
    case .unknownSource(let name, let nearest): "no source `\(name)`" + hint(nearest)
    case .wrongType(let name, let owner, let wanted): "`\(name)` of `\(owner)` must be \(wanted)"
    case .unknownEnumMember(let name, let property, let nearest):
      "`\(name)` is no member of the enum of `\(property)`" + hint(nearest)
    case .tooManyElements(let name): "`\(name)` has more than \(Limits.setElements) elements"
    case .badReference(let text): "`\(text)` is not of the form `Kind/id`"
    default: graphMessage
    }
  }

  private var graphMessage: String {
    switch self {
    case .missingNode(let node): "there is no node `\(node)`"
    case .conflictingNode(let node): "`\(node)` was said before with other values"
    case .wrongTarget(let edge, let found, let wanted):
      "`\(edge)` leads to \(wanted), not to `\(found)`"
    case .tooManyTargets(let edge, let node): "`\(edge)` of `\(node)` leads to more than one node"
    case .keyDiffers(let name, let node): "`\(name)` is the key of `\(node)` and must equal its id"
    case .onlyFromRequest(let name): "only a request may bring `\(name)`"
    case .notFromRequest(let name): "a request may not bring `\(name)`"
    case .refusedInRequest(let name): "a request may not hold a `\(name)` line"
    case .notItsSource(let name, let kind): "`\(kind)` does not come from `\(name)`"
    case .nothingToRemove(let edge): "there is no edge `\(edge)` to remove"
    case .misplacedBase: "`base` may only stand in the first line of a delta to a snapshot"
    case .otherBase(let wanted, let found):
      "the delta is for `\(wanted)`, and this is `\(found)`: apply the deltas between them first"
    case .unsoundSchema(let what): "the schema cannot be used: \(what)"
    case .limit(let what): "too many or too much: \(what)"
    default: ""
    }
  }

  private func hint(_ nearest: String?) -> String {
    nearest.map { "; did you mean `\($0)`?" } ?? ""
  }
}

extension JSONFault {
  /// The fault in words.
  public var message: String {
    switch self {
    case .unexpected: "not valid JSON here"
    case .cutShort: "the line ends within the object"
    case .control: "a control character stands in a string"
    case .notUTF8: "the string is not valid UTF-8"
    case .zero: "a string may not hold U+0000"
    case .escape: "not an escape of JSON"
    case .number: "not a number of JSON, or beyond 64 bits"
    case .depth: "nested more than \(Limits.depth) deep"
    case .tooLong: "the line is longer than \(Limits.lineBytes) bytes"
    case .reported: ""
    }
  }
}

/// Why an import, a delta or an overlay was refused: every independent problem, at most a hundred.
public struct GraphProblems: Error, Hashable, Sendable, CustomStringConvertible {
  /// In the order of the text; never empty.
  public let problems: [GraphProblem]

  /// No more are told.
  public static let limit = Limits.problems

  /// A line for each problem.
  public var description: String { problems.map(\.description).joined(separator: "\n") }

  /// In one line, for facts that are elements of a list and no lines of a text: `facts[0]` where the input is called `facts`. At
  /// most five of them.
  public var brief: String {
    let told = problems.sorted {
      ($0.file ?? "", $0.line, $0.column) < ($1.file ?? "", $1.line, $1.column)
    }
    let shown = told.prefix(5).map { problem in
      (problem.file.map { "\($0)[\(problem.line - 1)]: " } ?? "") + problem.cause.message
    }
    let rest = told.count - shown.count
    return shown.joined(separator: "; ") + (rest > 0 ? "; and \(rest) more" : "")
  }

  init(_ problems: [GraphProblem]) {
    self.problems = problems
  }
}

/// The name nearest to `name`, if one is near enough to be meant.
func nearest(_ name: String, of candidates: [String]) -> String? {
  let wanted = Array(name.utf8)
  guard wanted.count <= 64 else { return nil }
  let limit = max(1, wanted.count / 3)
  var best: (name: String, distance: Int)?
  for candidate in candidates where candidate.utf8.count <= 64 {
    let distance = editDistance(wanted, Array(candidate.utf8))
    if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best?.name
}

/// Insertions, removals, replacements and swaps of neighbours from one to the other, letters
/// compared without case.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
  func same(_ a: UInt8, _ b: UInt8) -> Bool {
    a == b || (a | 32 == b | 32 && 97...122 ~= a | 32)
  }
  var before: [Int] = []
  var above = Array(0...right.count)
  for i in left.indices {
    var row = [i + 1]
    for j in right.indices {
      let replaced = above[j] + (same(left[i], right[j]) ? 0 : 1)
      var least = min(replaced, above[j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, same(left[i], right[j - 1]), same(left[i - 1], right[j]) {
        least = min(least, before[j - 1] + 1)
      }
      row.append(least)
    }
    (before, above) = (above, row)
  }
  return above[right.count]
}
