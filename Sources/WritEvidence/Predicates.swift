// What the published predicates must hold, beyond being JSON.
//
// Fields that are not known are ignored, as the attestation framework asks; fields that are known
// must have their type, and those that are required must be there.
import WritModel

/// The types of predicate that this room looks into; any other is carried as it is.
public enum PredicateType {
  /// A decision of Writ, as a log holds it.
  public static let decision = "urn:writ:decision:v1"
  /// A person's signed yes.
  public static let approval = "urn:writ:approval:v1"
  /// A key of the log that comes or goes.
  public static let key = "urn:writ:key:v1"
  /// A setting of the log that somebody vouches for, such as its clock.
  public static let config = "urn:writ:config:v1"
  /// A bundle by its digest and revision, as its publisher signs it.
  public static let bundle = "urn:writ:bundle:v1"
  /// The newest entry of every subject before it.
  public static let index = "urn:writ:index:v1"
  /// A log that ends, or one that goes on from another.
  public static let shard = "urn:writ:shard:v1"
  /// Objects that a retention policy no longer keeps.
  public static let prune = "urn:writ:prune:v1"
  /// Values that can no longer be opened.
  public static let erase = "urn:writ:erase:v1"
  /// An approval that was given: who, for what, until when.
  public static let approvalGiven = "urn:writ:approval-given:v1"
  /// A person's signed no.
  public static let rejection = "urn:writ:rejection:v1"
  /// That such a no was given: by whom, in which role, to what.
  public static let rejectionGiven = "urn:writ:rejection-given:v1"
  /// A person's signed leave for a waiver.
  public static let waiver = "urn:writ:waiver:v1"
  /// That such a leave was given: by whom, for which waiver, until when.
  public static let waiverGiven = "urn:writ:waiver-given:v1"
  /// Somebody's signed word that they acted against a decision.
  public static let override = "urn:writ:override:v1"
  /// That such a word was given: by whom, against which decision, until when.
  public static let overrideGiven = "urn:writ:override-given:v1"
  /// Somebody's signed word on what another did past the usual way.
  public static let breakGlassReview = "urn:writ:break-glass-review:v1"
  /// That such a word was given: by whom, on which decision, and what it says.
  public static let breakGlassReviewed = "urn:writ:break-glass-reviewed:v1"
  /// Somebody's signed word that a version may be tried again that was taken back too often.
  public static let unlock = "urn:writ:unlock:v1"
  /// That such a word was given: by whom, for which version, in spite of what.
  public static let unlockGiven = "urn:writ:unlock-given:v1"
  /// Somebody's signed word that a token is taken back.
  public static let tokenRevocation = "urn:writ:token-revocation:v1"
  /// That such a word was given: by whom, of which block.
  public static let tokenRevoked = "urn:writ:token-revoked:v1"
  /// A span in which nothing may change, begun or ended.
  public static let freeze = "urn:writ:freeze:v1"
  /// Somebody's signed wish to act.
  public static let intent = "urn:writ:intent:v1"
  /// That somebody wanted to act, and whether they were heard.
  public static let intentGiven = "urn:writ:intent-given:v1"
  /// A leave to act that was handed out to a delegate.
  public static let permitIssued = "urn:writ:permit-issued:v1"
  /// What a delegate says became of an action.
  public static let actionResult = "urn:writ:action-result:v1"
  /// A run of a pipeline that begins: which, with what, by whom.
  public static let runBegun = "urn:writ:run-begun:v1"
  /// Somebody's signed word that a run is to stop.
  public static let runCancellation = "urn:writ:run-cancellation:v1"
  /// That a run was told to stop: how, and by whom as far as it can be told.
  public static let runCancelled = "urn:writ:run-cancelled:v1"
  /// How a run ended.
  public static let runEnded = "urn:writ:run-ended:v1"
  /// A bundle that was made.
  public static let policyPublish = "urn:writ:policy-publish:v1"
  /// A leave to have actions done within bounds.
  public static let capability = "urn:writ:capability:v1"
  /// A leave to carry out one action, once.
  public static let permit = "urn:writ:permit:v1"
  /// What became of an action that a delegate carried out.
  public static let result = "urn:writ:result:v1"
  /// SLSA Verification Summary Attestation, text 1.2.
  public static let verificationSummary = "https://slsa.dev/verification_summary/v1"
  /// in-toto Simple Verification Result 0.2.
  public static let verificationResult = "https://in-toto.io/attestation/svr/v0.2"
  /// in-toto test result 0.1.
  public static let testResult = "https://in-toto.io/attestation/test-result/v0.1"
  /// SLSA provenance 1.
  public static let provenance = "https://slsa.dev/provenance/v1"
}

extension Statement {
  /// Throws where a predicate of a known type does not hold what that type requires.
  func checkKnownPredicate() throws(StatementError) {
    switch predicateType {
    case PredicateType.verificationSummary: try checkVerificationSummary()
    case PredicateType.verificationResult: try checkVerificationResult()
    case PredicateType.testResult: try checkTestResult()
    case PredicateType.provenance: try checkProvenance()
    default: return
    }
  }

  private func checkVerificationSummary() throws(StatementError) {
    try require("verifier.id", predicate["verifier"]?["id"]?.string?.contains(":"))
    try require("resourceUri", predicate["resourceUri"]?.string.map { !$0.isEmpty })
    try require("policy.uri", predicate["policy"]?["uri"]?.string.map { !$0.isEmpty })
    try require(
      "verificationResult to be PASSED or FAILED",
      predicate["verificationResult"]?.string.map { ["PASSED", "FAILED"].contains($0) })
    if let time = predicate["timeVerified"] { try checkTime("timeVerified", time) }
    if let inputs = predicate["inputAttestations"], !inputs.isNull {
      try require(
        "inputAttestations with a digest each",
        inputs.array?.allSatisfy { $0["digest"]?.object?.isEmpty == false })
    }
    guard let levels = predicate["verifiedLevels"]?.array else {
      throw StatementError("expected `verifiedLevels`")
    }
    var tracks: Set<[UInt8]> = []
    for level in levels {
      guard let text = level.string, let track = Statement.track(of: text) else {
        throw StatementError("expected every one of `verifiedLevels` to be a level")
      }
      if let track {
        guard tracks.insert(Array(track.utf8)).inserted else {
          throw StatementError("expected one level of the track `\(track)`")
        }
      }
    }
  }

  /// The track of `SLSA_<TRACK>_LEVEL_<n>`; an inner `nil` for a name of somebody's own, an outer
  /// one for a name that only SLSA may give.
  private static func track(of level: String) -> String?? {
    guard level.utf8.starts(with: "SLSA_".utf8) else { return level.isEmpty ? nil : .some(nil) }
    let parts = level.dropFirst(5).split(separator: "_", omittingEmptySubsequences: false)
    guard parts.count >= 3, parts[parts.count - 2] == "LEVEL", let last = parts.last,
      last == "UNEVALUATED" || !last.isEmpty && last.utf8.allSatisfy({ 0x30...0x39 ~= $0 })
    else { return nil }
    let track = parts.dropLast(2).joined(separator: "_")
    return track.isEmpty ? nil : .some(track)
  }

  private func checkVerificationResult() throws(StatementError) {
    try require("verifier.id", predicate["verifier"]?["id"]?.string?.contains(":"))
    try require(
      "verifier.policies",
      predicate["verifier"]?["policies"]?.array?.allSatisfy { $0.object != nil })
    guard let time = predicate["timeCreated"] else {
      throw StatementError("expected `timeCreated`")
    }
    try checkTime("timeCreated", time)
    try require("properties", predicate["properties"]?.array?.allSatisfy { $0.string != nil })
  }

  private func checkTestResult() throws(StatementError) {
    try require(
      "result to be PASSED, WARNED or FAILED",
      predicate["result"]?.string.map { ["PASSED", "WARNED", "FAILED"].contains($0) })
    try require(
      "configuration", predicate["configuration"]?.array?.allSatisfy { $0.object != nil })
    for name in ["passedTests", "warnedTests", "failedTests"] {
      guard let tests = predicate[name], !tests.isNull else { continue }
      try require(name, tests.array?.allSatisfy { $0.string != nil })
    }
  }

  private func checkProvenance() throws(StatementError) {
    let definition = predicate["buildDefinition"]
    try require("buildDefinition.buildType", definition?["buildType"]?.string.map { !$0.isEmpty })
    try require(
      "buildDefinition.externalParameters",
      definition?["externalParameters"].map { $0.object != nil })
    try require(
      "runDetails.builder.id",
      predicate["runDetails"]?["builder"]?["id"]?.string.map { !$0.isEmpty })
  }

  private func require(_ what: String, _ holds: Bool?) throws(StatementError) {
    guard holds == true else { throw StatementError("expected `\(what)`") }
  }

  /// RFC 3339 in UTC, with `Z`.
  private func checkTime(_ name: String, _ value: JSONValue) throws(StatementError) {
    guard let text = value.string, text.utf8.last == UInt8(ascii: "Z"), Instant(text) != nil else {
      throw StatementError("expected `\(name)` to be a time in UTC")
    }
  }
}
