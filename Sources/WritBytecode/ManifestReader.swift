// A value of a manifest and where it stands, so that every refusal says where.
import WritModel

/// Reads one JSON value; each way down knows its path.
struct ManifestReader {
  let value: JSONValue
  /// As `program.fields[3].edge`; empty at the root.
  let path: String

  init(_ value: JSONValue, _ path: String) {
    self.value = value
    self.path = path
  }

  func error(_ expectation: String) -> BundleError {
    .badPart(path.isEmpty ? "root" : path, expectation)
  }

  /// The member, `nil` if it is left out.
  func optional(_ name: String) -> ManifestReader? {
    value[name].map { ManifestReader($0, path.isEmpty ? name : "\(path).\(name)") }
  }

  /// The member, which must be there.
  func member(_ name: String) throws(BundleError) -> ManifestReader {
    guard let member = optional(name) else { throw error("expected a member `\(name)`") }
    return member
  }

  /// The elements of an array, each with its place.
  func elements() throws(BundleError) -> [ManifestReader] {
    guard let elements = value.array else { throw error("expected an array") }
    return elements.enumerated().map { ManifestReader($1, "\(path)[\($0)]") }
  }

  /// Every element of the array in that member, read.
  func list<Entry>(
    _ name: String, of read: (ManifestReader) throws(BundleError) -> Entry
  ) throws(BundleError) -> [Entry] {
    var entries: [Entry] = []
    for element in try member(name).elements() { entries.append(try read(element)) }
    return entries
  }
}

// Plain values.
extension ManifestReader {
  func text() throws(BundleError) -> String {
    guard let text = value.string else { throw error("expected a string") }
    return text
  }

  func truth() throws(BundleError) -> Bool {
    guard let truth = value.bool else { throw error("expected true or false") }
    return truth
  }

  /// A number, or the digits of one in a string.
  func number() throws(BundleError) -> Int64 {
    guard let number = value.integer ?? value.string.flatMap({ Int64($0) }) else {
      throw error("expected a whole number")
    }
    return number
  }

  /// A number that is an index or a count; its range is the verifier's affair.
  func index() throws(BundleError) -> Int {
    guard let index = Int(exactly: try number()) else { throw error("expected a whole number") }
    return index
  }

  func indexes() throws(BundleError) -> [Int] {
    var indexes: [Int] = []
    for element in try elements() { indexes.append(try element.index()) }
    return indexes
  }

  func pair() throws(BundleError) -> (Int, Int) {
    let numbers = try indexes()
    guard numbers.count == 2 else { throw error("expected two numbers") }
    return (numbers[0], numbers[1])
  }

  /// Number n of the first sort, or of the second, which is written as -1 - n.
  func signed() throws(BundleError) -> (number: Int, isSecond: Bool) {
    let number = try index()
    return number < 0 ? (-1 - number, true) : (number, false)
  }

  func text(_ name: String) throws(BundleError) -> String { try member(name).text() }
  func truth(_ name: String) throws(BundleError) -> Bool { try member(name).truth() }
  func number(_ name: String) throws(BundleError) -> Int64 { try member(name).number() }
  func index(_ name: String) throws(BundleError) -> Int { try member(name).index() }

  func texts(_ name: String) throws(BundleError) -> [String] {
    try list(name) { (element) throws(BundleError) in try element.text() }
  }
}
