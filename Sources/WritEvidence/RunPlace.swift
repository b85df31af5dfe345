// Where in a run of a pipeline something was decided or done.
//
//     {"attempt":1,"id":"20261129-171500123-3f9a2c","round":1,"step":"production/ship"}
//
// A record that belongs to a run says so in its member `run`, and has the run among its subjects: so all of a run is one
// history, and nothing can be left out of it unseen.
public import WritModel

/// One attempt at one step of a run, in one round.
public struct RunPlace: Hashable, Sendable {
  /// The run's name: 1 to `Limits.nameByteCount` bytes.
  public let id: String
  /// The step's path in the plan, without its round.
  public let step: String
  /// From 1; of a step that nothing repeats 1.
  public let round: Int
  /// From 1; the attempt that is asked about, whether or not it comes to be.
  public let attempt: Int

  /// A place in a run.
  public init(id: String, step: String, round: Int, attempt: Int) {
    self.id = id
    self.step = step
    self.round = round
    self.attempt = attempt
  }

  /// As records and assignments have it.
  public var json: JSONValue {
    [
      "attempt": .integer(Int64(attempt)), "id": .string(id), "round": .integer(Int64(round)),
      "step": .string(step),
    ]
  }

  /// Reads what `json` writes and nothing else.
  public init?(_ json: JSONValue) {
    guard json.object?.count == 4, let id = json["id"]?.string, let step = json["step"]?.string,
      let round = json["round"]?.integer, let attempt = json["attempt"]?.integer,
      [id, step].allSatisfy({ 1...Limits.nameByteCount ~= $0.utf8.count }),
      [round, attempt].allSatisfy({ 1...Int64(Int32.max) ~= $0 })
    else { return nil }
    self.init(id: id, step: step, round: Int(round), attempt: Int(attempt))
  }

  /// Whether another place is of the same step in the same round, in whatever attempt.
  public func isSameStep(as other: RunPlace) -> Bool {
    hasSameBytes(id, other.id) && hasSameBytes(step, other.step) && round == other.round
  }

  /// What a run is called among subjects.
  public static func subjectName(of run: String) -> String { "Run/\(run)" }
}

extension LoggedRecord {
  /// Where in a run the record belongs; `nil` of what belongs to none.
  public var runPlace: RunPlace? { predicate["run"].flatMap { RunPlace($0) } }
}
