// `writ ask`: whether an action would be allowed, and what would be run. Nothing is done, and nobody can act on the answer.

import Writ
import WritEvidence
import WritModel

extension Command {
  static let ask = Command(
    name: "ask", summary: "would this action be allowed? an answer that permits nothing",
    operands: [.perhaps("ACTION", "its full name, or what stands after the last dot")],
    options: [
      .bundle, .publisher, .graph, .request, .argument, .waiver, .glassReason,
      .required("--caller", "NODE", "who would act"), .deedLog,
      .flag("--explain", "tell which facts each clause read, and how old the sources' words are"),
    ],
    details: [
      "Exits 0 if it would be allowed, 1 if denied, 2 if held. No delegate accepts the answer.",
      "  writ ask deploy --bundle b --graph g --arg env=Environment/eu --caller Identity/bot",
    ],
    run: runAsk)
}

private func runAsk(_ invocation: Invocation) throws(Failure) -> Report {
  let inputs = try ActionInputs(invocation)
  let caller = try invocation.required("--caller")
  let asked = try AskedAction(inputs, by: caller, invocation)
  var report = Report(asked.code)
  var notes = asked.run.notes
  if let locked = asked.locked { notes.append(locked.note) }
  if !asked.run.decision.obligations.isEmpty, inputs.engine.bundle.registry.isAgent(caller) {
    notes.append("under a token, whoever gave it or handed it on approves nothing")
  }
  for note in notes { report.tell("note: " + printable(note)) }
  report.output =
    invocation.wantsJSON
    ? asked.json(showsTrace: invocation.has("--explain")).pretty + "\n" : asked.text(invocation)
  return report
}
