// Which keys a log signs with, and where their files are, as `.writ/config.json` remembers it.
//
//     {"key":"<path>","origin":"<origin>"}                       as the log was made
//
//     {"keys":[{"key":"<path>","vkey":"<verifier key>"},…],      after its first rotation
//      "origin":"<origin>",
//      "retired":["<verifier key>",…]}
//
// Nothing here is believed by those who verify.
import WritModel

/// Where a signing key is.
public struct SigningKeyPlace: Hashable, Sendable {
  /// The path of its file.
  public let path: String
  /// Which key should be there; `nil` where nobody has written it down.
  public let verifierKey: VerifierKey?

  /// A key at that place.
  public init(path: String, verifierKey: VerifierKey?) {
    self.path = path
    self.verifierKey = verifierKey
  }
}

extension LogStore {
  /// Remembers other keys than before. For whoever has just appended the record that says so.
  public func remember(
    keys: [SigningKeyPlace], retired: [VerifierKey]
  ) throws(LogError) {
    precondition(!keys.isEmpty, "a log has a key")
    let places = keys.map { place -> JSONValue in
      let path = JSONMember("key", .string(place.path))
      let key = place.verifierKey.map { JSONMember("vkey", .string("\($0)")) }
      return .object([path] + (key.map { [$0] } ?? []))
    }
    let configuration: JSONValue = [
      "keys": .array(places), "origin": .string(try self.configuration().origin),
      "retired": .array(retired.map { .string("\($0)") }),
    ]
    try replace(configurationFile, Array((configuration.pretty + "\n").utf8))
  }
}

extension LogStore.Configuration {
  /// Reads either form.
  init?(_ value: JSONValue) {
    guard let origin = value["origin"]?.string else { return nil }
    self.origin = origin
    if let path = value["key"]?.string {
      keys = [SigningKeyPlace(path: path, verifierKey: nil)]
      retired = []
      return
    }
    guard let places = value["keys"]?.array, 1...Limits.signingKeys ~= places.count,
      let retired = value["retired"]?.array
    else { return nil }
    keys = places.compactMap { place in
      guard let path = place["key"]?.string else { return nil }
      return SigningKeyPlace(
        path: path, verifierKey: place["vkey"]?.string.flatMap { VerifierKey($0) })
    }
    self.retired = retired.compactMap { $0.string.flatMap { VerifierKey($0) } }
    guard keys.count == places.count, self.retired.count == retired.count else { return nil }
  }
}
