// `writ fmt`: the one layout of a policy.

import WritModel
import WritSyntax
import WritText

extension Command {
  static let format = Command(
    name: "fmt", summary: "write policies in their one layout",
    operands: [.many("PATH", "policy texts, directories of them, or -")],
    options: [.flag("--check", "change nothing; exit 1 and name the files that differ")],
    details: [
      "A text that cannot be read to its end is left as it is. Standard input is written to standard output."
    ],
    run: runFormat)
}

/// Formats one file after the other; a text that cannot be read keeps nobody from having the others
/// formatted.
private func runFormat(_ invocation: Invocation) throws(Failure) -> Report {
  var report = Report()
  var findings = Findings(invocation.errorTerminal)
  var differing: [String] = []
  for path in try policyPaths(invocation.operands) {
    let file = SourceFile(
      name: shownName(path), bytes: try readFile(path, limit: Limits.textBytes))
    let parsed = parse(file, index: 0)
    let formatted = format(parsed)
    findings.add(parsed.diagnostics, of: [file])
    if !parsed.isComplete || formatted != file.bytes { differing.append(file.name) }
    if !parsed.isComplete { continue }
    if invocation.has("--check") { continue }
    if path == "-" {
      report.output += String(decoding: formatted, as: UTF8.self)
    } else if formatted != file.bytes {
      try writeFile(path, formatted)
    }
  }
  report.messages = findings.text
  if findings.hasErrors {
    report.code = .badInput
  } else if invocation.has("--check"), !differing.isEmpty {
    report.code = .refused
  }
  tellNames(differing, invocation, &report, findings)
  return report
}

/// Names the files that differ, or that were written.
private func tellNames(
  _ differing: [String], _ invocation: Invocation, _ report: inout Report, _ findings: Findings
) {
  let isCheck = invocation.has("--check")
  if invocation.wantsJSON {
    let names = JSONValue.array(differing.map { .string($0) })
    var members = [JSONMember(isCheck ? "differing" : "written", names)]
    // What would have been standard output.
    if !report.output.isEmpty { members.append(JSONMember("text", .string(report.output))) }
    members.append(JSONMember("diagnostics", findings.json))
    report.output = JSONValue.object(members).pretty + "\n"
    return
  }
  for name in differing where name != standardInputName || isCheck { report.print(name) }
}
