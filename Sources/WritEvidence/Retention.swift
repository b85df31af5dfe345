// How long what records name is kept: a written policy (D15). Entries, tiles and checkpoints are kept for ever.
//
//     {"keep": {"trace": "90d", "request": "400d", "snapshot": "400d"}}
//
// A class that is not named is kept for ever, and without such a file nothing is removed.
import WritModel

/// Why a text is no retention policy.
public struct RetentionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Lower case, no full stop.
  public let description: String
}

/// What a decision's record names by digest.
public enum ObjectClass: String, Hashable, Sendable, CaseIterable {
  case bundle, snapshot, request, trace
  /// A result whose reasons were too long for the record.
  case result
}

/// For each class, how long after the newest record that names it an object is kept.
public struct Retention: Hashable, Sendable {
  /// Microseconds; a class that is not here is kept for ever.
  public let keep: [ObjectClass: Int64]

  /// Reads a policy; unknown members are refused, so that no typing error removes or keeps what it should not.
  public init(_ bytes: [UInt8]) throws(RetentionError) {
    guard let value = try? JSONValue(parsing: bytes), let members = value.object,
      members.count == 1, members[0].name == "keep", let classes = members[0].value.object
    else { throw RetentionError(description: "expected an object with one member, `keep`") }
    var keep: [ObjectClass: Int64] = [:]
    for member in classes {
      guard let name = ObjectClass(rawValue: member.name), keep[name] == nil else {
        let names = ObjectClass.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
        throw RetentionError(description: "expected each of \(names) once, found `\(member.name)`")
      }
      guard let duration = member.value.string.flatMap({ Duration($0) }), duration.microseconds > 0
      else {
        throw RetentionError(
          description: "expected a duration such as \"90d\" for `\(member.name)`")
      }
      keep[name] = duration.microseconds
    }
    self.keep = keep
  }
}
