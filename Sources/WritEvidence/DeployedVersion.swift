// What an action puts somewhere, by its content, and that something took it back.
//
// A record of what takes a version back says so in its member `undoes`, and has the version among its subjects: so how often a version
// had to be taken back is one history, and nothing can be left out of it unseen.
//
//     {"action":"checkout.deploy","artifact":"sha256:…","deed":41,"run":"20261129-171500123-3f9a2c"}
public import WritCrypto
public import WritModel

/// An action and the content that it puts somewhere.
public struct DeployedVersion: Hashable, Sendable {
  /// The action by its full name.
  public let action: String
  /// Of the content.
  public let artifact: Digest

  public init(action: String, artifact: Digest) {
    self.action = action
    self.artifact = artifact
  }

  /// What it is called among subjects.
  public var subjectName: String { "Version/\(action)/\(artifact.hex)" }

  /// Contents that are versions of their own; of more, all together are one.
  public static let mostArtifacts = 16

  /// What an assignment puts somewhere; none where its command names no content.
  public static func all(in assignment: Assignment) -> [DeployedVersion] {
    let artifacts = assignment.artifacts
    guard artifacts.count > mostArtifacts else {
      return artifacts.map { DeployedVersion(action: assignment.action, artifact: $0) }
    }
    let whole = Digest(of: artifacts.sorted().flatMap(\.bytes))
    return [DeployedVersion(action: assignment.action, artifact: whole)]
  }
}

/// A version that is taken back, and what put it there.
public struct TakenBack: Hashable, Sendable {
  public let version: DeployedVersion
  /// The entry of the decision that let it be put there.
  public let deed: UInt64
  /// The run that this belongs to; `nil` of what belongs to none.
  public let run: String?

  public init(_ version: DeployedVersion, deed: UInt64, run: String?) {
    self.version = version
    self.deed = deed
    self.run = run
  }

  /// As records have it.
  public var json: JSONValue {
    var members = [
      JSONMember("action", .string(version.action)),
      JSONMember("artifact", .string(version.artifact.description)),
      JSONMember("deed", .integer(Int64(clamping: deed))),
    ]
    if let run { members.append(JSONMember("run", .string(run))) }
    return .object(members)
  }

  /// Reads what `json` writes and nothing else.
  public init?(_ json: JSONValue) {
    let run = json["run"]
    guard let action = json["action"]?.string, 1...Limits.nameByteCount ~= action.utf8.count,
      let artifact = json["artifact"]?.string.flatMap({ Digest($0) }),
      let deed = json["deed"]?.integer.flatMap({ UInt64(exactly: $0) }),
      run.map({ $0.string.map { 1...Limits.nameByteCount ~= $0.utf8.count } ?? false }) ?? true,
      json.object?.count == (run == nil ? 3 : 4)
    else { return nil }
    self.init(
      DeployedVersion(action: action, artifact: artifact), deed: deed, run: run?.string)
  }
}

extension LoggedRecord {
  /// What a decision, or the end of a run, says that it takes back; what is not said as it is written says nothing.
  public var takenBack: [TakenBack] {
    (predicate["undoes"]?.array ?? []).compactMap { TakenBack($0) }
  }
}
