// What people approve at a step of a run that only waits for them: this step of this run, with what it was begun with.

public import WritCrypto
public import WritEvidence
public import WritModel

/// A step of a run that waits for people.
public struct StepApproval: Hashable, Sendable {
  public let run: String
  /// The step's name in the plan of the run.
  public let step: String
  /// In which round of the repeats around it; from 1. A yes is for one.
  public let round: Int
  public let request: PipelineRequest
  /// The pipeline's full name.
  public let pipeline: String
  /// The bundle that the run goes by.
  public let bundle: Digest
  /// What steps before it have given out, by name, each the text of canonical JSON.
  public let outputs: [JSONMember]
  /// What actions behind it would do, by the names of their steps, as far as that is known when people are asked: the objects of
  /// `Undertaking`.
  public let does: [JSONMember]

  public init(
    run: String, step: String, round: Int = 1, request: PipelineRequest, pipeline: String,
    bundle: Digest,
    outputs: [JSONMember] = [], does: [JSONMember] = []
  ) {
    self.outputs = outputs
    self.does = does
    self.run = run
    self.step = step
    self.round = round
    self.request = request
    self.pipeline = pipeline
    self.bundle = bundle
  }

  /// As it is put before people.
  public var json: JSONValue {
    let round = self.round == 1 ? [] : [JSONMember("round", .integer(Int64(self.round)))]
    let members =
      [JSONMember("approve", .string(step))] + round + [
        JSONMember("run", .string(run)),
        JSONMember("pipeline", .string(pipeline)),
        JSONMember("arguments", .object(request.arguments)),
        JSONMember("facts", .array(request.facts)),
        JSONMember("bundle", .string(bundle.description)),
      ]
    let further = [("outputs", outputs), ("does", does)].filter { !$0.1.isEmpty }
    return .object(members + further.map { JSONMember($0.0, .object($0.1)) })
  }

  private static let members = [
    "approve", "round", "run", "pipeline", "arguments", "facts", "bundle", "approvals",
    "outputs", "does",
  ]

  /// Reads what was put before people; a member that is not known is refused.
  public init(_ json: JSONValue) throws(RequestError) {
    guard let object = json.object,
      object.allSatisfy({ StepApproval.members.containsBytes(of: $0.name) }),
      let step = json["approve"]?.string, let run = json["run"]?.string,
      let pipeline = json["pipeline"]?.string, let arguments = json["arguments"]?.object,
      let facts = json["facts"]?.array,
      let bundle = json["bundle"]?.string.flatMap({ Digest($0) }),
      let outputs = (json["outputs"] ?? .object([])).object, json["outputs"] != .object([]),
      let does = (json["does"] ?? .object([])).object, json["does"] != .object([]),
      let round = (json["round"] ?? 1).integer, json["round"] != 1, round > 0
    else { throw RequestError("this is not what a run asks people to approve") }
    do throws(AssignmentError) {
      for one in does { _ = try Undertaking(one.value) }
    } catch {
      throw RequestError("this is not what a run asks people to approve: \(error)")
    }
    self.init(
      run: run, step: step, round: Int(clamping: round),
      request: PipelineRequest(name: pipeline, arguments: arguments, facts: facts),
      pipeline: pipeline, bundle: bundle, outputs: outputs, does: does)
  }

  /// What the action of a step behind it would do; `nil` where that was not known when people were asked.
  public func undertaking(of step: String) -> Undertaking? {
    does.first { hasSameBytes($0.name, step) }.flatMap { try? Undertaking($0.value) }
  }

  /// What an approval of it names as its gate: no gate's name has a space.
  public var gate: String { "\(pipeline) \(step)" }

  /// What an approval of it is bound to: all of it, with the run and the bundle.
  public var digest: Digest {
    get throws(RequestError) {
      do throws(CanonicalJSONError) {
        return Digest(of: try json.ownCanonicalBytes())
      } catch {
        throw RequestError("what is to be approved has no canonical form: \(error)")
      }
    }
  }
}
