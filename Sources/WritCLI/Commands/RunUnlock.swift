// `writ run unlock`: a person lets a version be tried again that was taken back too often.

import WritModel
import WritPipeline

extension Command {
  static let runUnlock = Command(
    name: "run unlock", summary: "let a version be tried again that was taken back too often",
    operands: [
      .one("ACTION", "the action's full name"),
      .one("ARTIFACT", "what was deployed: sha256:…, as the denial names it"),
    ],
    options: [.required("--runs", "DIR", "where runs are kept")],
    details: [
      "Exits 1 if it was not locked.",
      "  writ run unlock checkout.deploy sha256:7c5a… --runs /var/lib/writ/runs",
    ],
    run: runRunUnlock)
}

private func runRunUnlock(_ invocation: Invocation) throws(Failure) -> Report {
  let runs = try invocation.required("--runs")
  guard isDirectory(runs) else {
    throw Failure(.noInput, "there is no folder \(runs)", remedy: "name that of all runs")
  }
  let target = DeployedTarget(
    service: try invocation.operand(0), artifact: try invocation.operand(1))
  // Whatever the limit is to others: what is counted is forgotten.
  let ledger = RollbackLedger(in: runs, limit: 1)
  let wasCounted = try ledger.unlock(target)
  var report = Report(wasCounted ? .done : .refused)
  let line = wasCounted ? "may be tried again" : "had not been taken back"
  if invocation.wantsJSON { return Report(["unlocked": .bool(wasCounted)], report.code) }
  report.print(printable("\(target.service) of \(target.artifact) \(line)"))
  return report
}
