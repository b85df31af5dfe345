// What records say of an action that broke the glass: who looks at it afterwards, until when, and why it was done.
//
//     {"due":"2026-11-20T10:00:00Z","reason":"~<digest>","role":"incident_commander"}
//
// `reason` stands for a text that can be erased, and only in the decision; `due` is there where something was let be done.
public import WritModel

/// That the usual way was left, as a record says it.
public struct BreakGlassMark: Hashable, Sendable {
  /// In which somebody else reviews it.
  public let role: String
  /// Until when; `nil` where nothing was let be done.
  public let due: Instant?
  /// Stands for why; `nil` in records that follow from a decision, which has it.
  public let reason: DisclosureDigest?

  public init(role: String, due: Instant?, reason: DisclosureDigest?) {
    self.role = role
    self.due = due
    self.reason = reason
  }

  /// Reads what `json` writes, and nothing else.
  public init?(_ value: JSONValue) {
    guard let role = value["role"]?.string, !role.isEmpty else { return nil }
    self.init(
      role: role, due: value["due"]?.string.flatMap { Instant($0) },
      reason: value["reason"]?.string.flatMap { DisclosureDigest(token: $0) })
    guard json == value else { return nil }
  }

  /// As records of what follows from the decision have it.
  public var withoutReason: BreakGlassMark { BreakGlassMark(role: role, due: due, reason: nil) }

  /// The member of a record.
  public var json: JSONValue {
    var members: [JSONMember] = []
    if let due { members.append(JSONMember("due", .string(due.description))) }
    if let reason { members.append(JSONMember("reason", .string(reason.token))) }
    return .object(members + [JSONMember("role", .string(role))])
  }

  /// What all of an origin's uses are called among the subjects of records.
  public static func subjectName(of origin: String) -> String { "BreakGlass/\(origin)" }
}

/// Why the usual way is left, as whoever carries it out is told.
public struct BreakGlassGround: Hashable, Sendable {
  /// As `BreakGlass.isReason` has it.
  public let reason: String
  /// In which somebody else reviews it.
  public let role: String

  public init(reason: String, role: String) {
    self.reason = reason
    self.role = role
  }

  /// Reads a reason and a role that can be.
  init?(_ value: JSONValue) {
    guard let reason = value["reason"]?.string, BreakGlass.isReason(reason),
      let role = value["role"]?.string, 1...Limits.nameByteCount ~= role.utf8.count
    else { return nil }
    self.init(reason: reason, role: role)
  }

  var json: JSONValue { ["reason": .string(reason), "role": .string(role)] }
}

extension LoggedRecord {
  /// That the usual way was left; `nil` where it was not.
  public var breakGlass: BreakGlassMark? { predicate["breakGlass"].flatMap { BreakGlassMark($0) } }
}
