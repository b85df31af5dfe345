// `writ check`: syntax and types, every independent error in one run.

import Writ
import WritModel
import WritSemantics
import WritText

extension Command {
  static let check = Command(
    name: "check", summary: "find every error in policies",
    operands: [.many("PATH", "policy texts, directories of them, or -")],
    options: [
      .optional(
        "--at", "TIME", "warn of waivers that are over by then; no clock is asked without it")
    ],
    details: [
      "Imported modules that are not named are looked up beside the text that imports them.",
      "`writ help W0102` tells what the code of a message means.",
      "  writ check policies/checkout",
    ],
    run: runCheck)
}

/// Parses all texts, and compiles each root with what it imports; what is found twice is shown once.
private func runCheck(_ invocation: Invocation) throws(Failure) -> Report {
  let modules = try Modules(invocation.operands)
  var findings = Findings(invocation.errorTerminal)
  findings.add(modules.parsed.flatMap(\.diagnostics), of: modules.files)
  // Each root is a program of its own: two that know nothing of each other may use the same names.
  for root in modules.roots {
    let compilation = compile(modules.closure(of: root), root: 0)
    findings.add(compilation.diagnostics, of: compilation.files)
    if let time = try invocation.instant("--at"), let typed = compilation.typed {
      findings.add(expiredWaivers(in: typed, at: time), of: compilation.files)
    }
  }

  let unsigned = findings.hasErrors ? [] : modules.roots.compactMap(modules.unsignedCallers)
  let code: ExitCode = findings.hasErrors ? .badInput : .done
  if invocation.wantsJSON {
    return Report(
      [
        "files": .array(modules.files.map { .string($0.name) }),
        "errors": .integer(Int64(findings.errorCount)),
        "warnings": .integer(Int64(findings.warningCount)),
        "diagnostics": findings.json,
        "unsignedCallers": .array(unsigned.map { .string($0) }),
      ], code)
  }
  var report = Report(code)
  report.messages = findings.text
  for place in unsigned { report.tell("note: \(printable(place)): \(unsignedCallersNote)") }
  let count = counted(modules.files.count, "policy", plural: "policies")
  if findings.hasErrors {
    report.tell("\n\(findings.counts) in \(count)")
  } else {
    report.print("\(count) checked: \(findings.counts)")
  }
  return report
}

extension Modules {
  /// Where a root says `callers unsigned`, which may stand far behind its first word; `nil` where it does not.
  fileprivate func unsignedCallers(_ root: Int) -> String? {
    guard let header = parsed[root].tree.header, header.callers == .unsigned else { return nil }
    let position = files[root].position(of: header.range.end - "unsigned".utf8.count)
    return "\(files[root].name):\(position.line):\(position.column)"
  }
}

/// What follows for a policy that says so.
let unsignedCallersNote =
  "the policy says `callers unsigned`: whoever has no key to act with in the registry acts by a name alone"
