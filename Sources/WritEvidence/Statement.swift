// What a signature is about: in-toto Statement v1.
//
//     {"_type": "https://in-toto.io/Statement/v1",
//      "subject": [{"name": "…", "uri": "…", "digest": {"sha256": "<hex>"}}],
//      "predicateType": "<URI>", "predicate": {…}}
//
// Fields that are not known are ignored. Subjects are matched by digest alone.
public import WritModel

/// Why a text is no statement; says what was expected.
public struct StatementError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was expected; lower case, no full stop.
  public let description: String

  init(_ description: String) { self.description = description }
}

/// What a statement is about: something that has a digest.
public struct Subject: Hashable, Sendable {
  /// What the subject is called; says nothing about its content.
  public let name: String?
  /// Where it is, or what it is known as.
  public let uri: String?
  /// Algorithm and lower-case hexadecimal value, at least one, in the order of the text.
  public let digests: [NamedDigest]

  /// A subject; a statement needs at least one digest of it.
  public init(name: String?, uri: String?, digests: [NamedDigest]) {
    self.name = name
    self.uri = uri
    self.digests = digests
  }

  /// The value under that algorithm.
  public func digest(_ algorithm: String) -> String? {
    digests.first { hasSameBytes($0.algorithm, algorithm) }?.value
  }
}

/// A digest by the name of its algorithm: `sha256`, `gitCommit`, …
public struct NamedDigest: Hashable, Sendable {
  /// As in-toto names it.
  public let algorithm: String
  /// Lower-case hexadecimal for the algorithms that are known here.
  public let value: String

  /// A value under the name of its algorithm.
  public init(algorithm: String, value: String) {
    self.algorithm = algorithm
    self.value = value
  }

  /// Bytes that the algorithm may yield; `nil` where its values are not known to be hexadecimal.
  var byteCounts: [Int]? {
    switch algorithm {
    case "sha1": [20]
    case "sha224": [28]
    case "sha256": [32]
    case "sha384": [48]
    case "sha512": [64]
    case "gitCommit", "gitTree", "gitBlob", "gitTag": [20, 32]
    default: nil
    }
  }
}

/// A typed claim about subjects.
public struct Statement: Hashable, Sendable {
  /// At least one.
  public let subjects: [Subject]
  /// A URI.
  public let predicateType: String
  /// The claim; an object.
  public let predicate: JSONValue

  /// A claim about subjects, not yet checked; reading checks.
  public init(subjects: [Subject], predicateType: String, predicate: JSONValue) {
    self.subjects = subjects
    self.predicateType = predicateType
    self.predicate = predicate
  }

  /// What `_type` must be.
  static let type = "https://in-toto.io/Statement/v1"

  /// Type of an envelope's payload that is a statement.
  public static let payloadType = "application/vnd.in-toto+json"

  /// Reads a statement, and the predicate where its type is known.
  public init(parsing bytes: [UInt8]) throws(StatementError) {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(parsing: bytes)
    } catch {
      throw StatementError("no JSON: \(error)")
    }
    try self.init(value)
  }

  /// Reads a statement, and the predicate where its type is known.
  public init(_ value: JSONValue) throws(StatementError) {
    guard let type = value["_type"]?.string, hasSameBytes(type, Statement.type) else {
      throw StatementError("expected `_type` to be \(Statement.type)")
    }
    guard let subjects = value["subject"]?.array, 1...Limits.subjects ~= subjects.count else {
      throw StatementError("expected `subject`, 1 to \(Limits.subjects) of them")
    }
    guard let predicateType = value["predicateType"]?.string, predicateType.contains(":") else {
      throw StatementError("expected `predicateType`, a URI")
    }
    var read: [Subject] = []
    for subject in subjects { read.append(try Subject(subject)) }
    try Statement.checkDistinct(read.compactMap(\.name), "names")
    try Statement.checkDistinct(read.compactMap(\.uri), "URIs")
    self.subjects = read
    self.predicateType = predicateType
    predicate = value["predicate"] ?? [:]
    guard predicate.object != nil else {
      throw StatementError("expected `predicate` to be an object")
    }
    try checkKnownPredicate()
  }

  private static func checkDistinct(_ texts: [String], _ what: String) throws(StatementError) {
    guard Set(texts.map { Array($0.utf8) }).count == texts.count else {
      throw StatementError("the \(what) of subjects must differ")
    }
  }

  /// Opens an envelope's payload, whose signatures the caller has verified.
  public init(payloadOf envelope: Envelope) throws(StatementError) {
    guard Statement.isStatement(envelope.payloadType) else {
      throw StatementError("expected the payload type \(Statement.payloadType)")
    }
    try self.init(parsing: envelope.payload)
  }

  /// `application/vnd.in-toto+json` or `application/vnd.in-toto.<predicate>+json`.
  private static func isStatement(_ payloadType: String) -> Bool {
    let bytes = payloadType.utf8
    return hasSameBytes(payloadType, Statement.payloadType)
      || bytes.starts(with: "application/vnd.in-toto.".utf8)
        && bytes.reversed().starts(with: "+json".utf8.reversed())
        && bytes.count > "application/vnd.in-toto.+json".utf8.count
  }

  /// The statement as it is written.
  public var json: JSONValue {
    [
      "_type": .string(Statement.type),
      "predicate": predicate,
      "predicateType": .string(predicateType),
      "subject": .array(subjects.map(\.json)),
    ]
  }
}

extension Subject {
  fileprivate init(_ value: JSONValue) throws(StatementError) {
    guard let members = value["digest"]?.object, !members.isEmpty else {
      throw StatementError("expected a `digest` with at least one value in every subject")
    }
    var digests: [NamedDigest] = []
    for member in members {
      guard let value = member.value.string, !value.isEmpty else {
        throw StatementError("expected the digest `\(member.name)` to be a string")
      }
      let digest = NamedDigest(algorithm: member.name, value: value)
      if let counts = digest.byteCounts {
        guard let bytes = Hex.decode(value), counts.contains(bytes.count) else {
          throw StatementError("expected `\(member.name)` in lower-case hexadecimal")
        }
      }
      digests.append(digest)
    }
    self.digests = digests
    name = try text(value["name"], "name")
    uri = try text(value["uri"], "uri")
  }

  fileprivate var json: JSONValue {
    var members = [
      JSONMember(
        "digest", .object(digests.map { JSONMember($0.algorithm, .string($0.value)) }))
    ]
    if let name { members.append(JSONMember("name", .string(name))) }
    if let uri { members.append(JSONMember("uri", .string(uri))) }
    return .object(members)
  }
}

/// A field that may be left out; null, empty and unset mean the same.
private func text(_ value: JSONValue?, _ name: String) throws(StatementError) -> String? {
  guard let value, !value.isNull else { return nil }
  guard let text = value.string else {
    throw StatementError("expected `\(name)` of a subject to be a string")
  }
  return text.isEmpty ? nil : text
}
