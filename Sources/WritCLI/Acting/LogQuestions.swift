// Questions to a policy that reads what was done: what the log says of that comes to the request, as it does when somebody acts.

import Writ
import WritEvidence
import WritModel

extension Option {
  /// For questions.
  static let deedLog = Option.optional(
    "--log", "DIR", "what was done, for a policy that reads `Deed`; nothing is recorded")
}

/// The log of `--log` as it stands, and its name; `nil` where none is named.
func askedWord(_ invocation: Invocation) throws(Failure) -> (word: LogWord, origin: String)? {
  guard let path = invocation.value("--log") else { return nil }
  let store = LogStore(directory: path)
  let keys = try verifierKeys(of: store, invocation)
  let history = try patiently { () throws(LogError) in
    try SubjectReader(try LogReader(store: store, keys: keys), of: store)
  }
  let origin = try withLog { () throws(LogError) in try store.configuration() }.origin
  return (LogWord(history, of: store), origin)
}

/// What was done is not known without a log, and nothing may be taken for not done.
private func needsLog() -> Failure {
  .badInput(
    "the policy reads what was done (`\(Request.deedKind)`), which only a log knows",
    remedy: "name it with --log")
}

/// A request as it is decided on: with what the log says was done, where the policy reads that.
func requestOnWord(
  _ json: JSONValue, _ engine: Engine, _ invocation: Invocation
) throws(Failure) -> JSONValue {
  guard engine.bundle.readsDeeds else { return json }
  let own = json["facts"]?.array ?? []
  try refuseDeeds(own, engine.bundle)
  guard let (word, origin) = try askedWord(invocation) else { throw needsLog() }
  let facts = try word.deedFacts(engine, origin, nil)
  let others = (json.object ?? []).filter { !hasSameBytes($0.name, "facts") }
  return .object(others + [JSONMember("facts", .array(own + facts))])
}

extension ActionInputs {
  /// The same for a question about an action.
  func asked(_ invocation: Invocation) throws(Failure) -> HeardWord {
    let unheard = HeardWord(inputs: self, notes: [], no: nil)
    guard dependsOnLog else { return unheard }
    guard let (word, origin) = try askedWord(invocation) else {
      guard !engine.bundle.readsDeeds else { throw needsLog() }
      return unheard
    }
    let clock = currentTime()
    return try onWord(
      word, origin, nil, Asking(caller: nil, now: clock, asOf: clock, isQuestion: true))
  }
}
