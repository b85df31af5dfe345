// `writ log report`: a proof as one page for an auditor.

import WritEvidence
import WritModel
import WritReport

extension Command {
  static let logReport = Command(
    name: "log report", summary: "make a page of a proof, which verifies itself in a browser",
    operands: [.one("PROOF", "a file of `writ log prove`")],
    options: [
      .required("-o", "PAGE.html", "the page to write; it loads nothing and sends nothing")
    ],
    details: [
      "The auditor opens the page and pastes the verifier key, which is not in it.",
      "The proof is put into the page as it is: whether it holds, the page and writ-verify say. What is no",
      "file of `writ log prove` is refused: a page must not carry a key away.",
      "  writ log report release.proof -o evidence.html",
    ],
    run: runLogReport)
}

/// Wraps the bytes of a proof, whether it holds or not.
private func runLogReport(_ invocation: Invocation) throws(Failure) -> Report {
  let path = try invocation.operand(0)
  let output = try invocation.required("-o")
  guard output == "-" || directoryOfLog(holding: output, or: nil) == nil else {
    throw .usage("\(output) lies inside a log", remedy: "write the page elsewhere")
  }
  let proof = try readFile(path, limit: Limits.documentBytes)
  guard EvidencePage.takes(proof) else {
    throw .badInput(
      "\(shownName(path)): no proof of an entry or of a question",
      remedy: "`writ log prove` writes one")
  }
  let page = EvidencePage.html(of: proof)
  try writeFile(output, Array(page.utf8))
  if invocation.wantsJSON {
    return Report(["file": .string(output), "bytes": .integer(Int64(page.utf8.count))])
  }
  var report = Report()
  report.print("\(output): open it in a browser, and paste the log's verifier key")
  return report
}
