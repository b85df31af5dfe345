// `writ test`: the tests that policies bring.

import Writ
import WritModel
import WritText

extension Command {
  static let test = Command(
    name: "test", summary: "run the tests in policies",
    operands: [.many("PATH", "policy texts, directories of them, or -")],
    options: [.optional("--junit", "FILE", "write the results as JUnit XML too")],
    details: [
      "Every test has its own `at`, so the result is the same on any day.",
      "  writ test policies",
    ],
    run: runTest)
}

/// Compiles every root and runs what tests it has. Texts with errors do not keep others from being
/// tested.
private func runTest(_ invocation: Invocation) throws(Failure) -> Report {
  let modules = try Modules(invocation.operands)
  var findings = Findings(invocation.errorTerminal)
  var outcomes: [TestOutcome] = []
  var untested: [Untested] = []
  var seen: Set<ByteText> = []
  for root in modules.roots {
    let compilation = compile(modules.closure(of: root), root: 0)
    findings.add(compilation.diagnostics, of: compilation.files)
    guard let typed = compilation.typed, let program = compilation.program else {
      untested.append(Untested(compilation))
      continue
    }
    invocation.errorTerminal.showProgress("testing \(compilation.files[0].name)")
    for result in runTests(typed, program) {
      let outcome = TestOutcome(result, compilation.files)
      // A module that two roots import is tested once.
      if seen.insert(ByteText(outcome.place)).inserted { outcomes.append(outcome) }
    }
  }
  invocation.errorTerminal.showProgress("")
  if let path = invocation.value("--junit") {
    try writeFile(path, Array(junit(outcomes, untested).utf8))
  }
  let hasFailed = outcomes.contains { !$0.hasPassed }
  var report = Report(findings.hasErrors ? .badInput : hasFailed ? .refused : .done)
  report.messages = findings.text
  if invocation.wantsJSON {
    report.output = json(outcomes, untested, findings).pretty + "\n"
  } else {
    describe(outcomes, untested, invocation.terminal, &report)
    if findings.hasErrors { report.tell("\n\(findings.counts)") }
  }
  return report
}

/// A text whose tests could not be run, because it or what it imports has errors.
private struct Untested {
  let name: String
  let errorCount: Int
  /// The errors as a person sees them.
  let errors: String

  init(_ compilation: Compilation) {
    name = compilation.files[0].name
    let found = compilation.diagnostics.filter { $0.severity == .error }
    errorCount = found.count
    errors = DiagnosticRenderer(files: compilation.files, isColoured: false).render(found)
  }

  /// Why there are no results.
  var reason: String { "not tested: \(counted(errorCount, "error"))" }
}

/// A test, ready to be shown.
private struct TestOutcome {
  /// An expectation that was not met.
  struct Complaint {
    let place: String
    /// The expectation as the text has it.
    let expectation: String
    let failure: String
    let details: [String]
  }

  let title: String
  /// `file:line:column`
  let place: String
  let complaints: [Complaint]

  var hasPassed: Bool { complaints.isEmpty }

  init(_ result: TestResult, _ files: [SourceFile]) {
    title = result.title
    place = position(result.range, files)
    var complaints = result.expectations.compactMap { expectation -> Complaint? in
      guard let failure = expectation.failure else { return nil }
      let text = files[expectation.range.file].text(of: expectation.range)
      let line = text.split(separator: "\n").map { String($0) }.first ?? ""
      return Complaint(
        place: position(expectation.range, files), expectation: line, failure: failure,
        details: expectation.details)
    }
    if let problem = result.problem {
      complaints.append(
        Complaint(place: place, expectation: "the facts of the test", failure: problem, details: [])
      )
    }
    self.complaints = complaints
  }
}

/// `file:line:column` of where a range begins.
private func position(_ range: SourceRange, _ files: [SourceFile]) -> String {
  let position = files[range.file].position(of: range.start)
  return "\(files[range.file].name):\(position.line):\(position.column)"
}

/// What failed, with what happened instead; then the sum.
private func describe(
  _ outcomes: [TestOutcome], _ untested: [Untested], _ terminal: Terminal,
  _ report: inout Report
) {
  for outcome in outcomes where !outcome.hasPassed {
    report.print("\(terminal.paint("FAILED", .bad))  \(printable(outcome.title))")
    for complaint in outcome.complaints {
      report.print(
        "  \(terminal.paint(complaint.place, .place)): \(printable(complaint.expectation))")
      report.print("    but \(printable(complaint.failure))")
      for detail in complaint.details { report.print("      \(printable(detail))") }
    }
  }
  for text in untested {
    report.print("\(terminal.paint("ERROR", .bad))   \(printable(text.name)): \(text.reason)")
  }
  let failed = outcomes.count { !$0.hasPassed }
  guard !outcomes.isEmpty else {
    return report.print(untested.isEmpty ? "no tests" : terminal.paint("no test was run", .bad))
  }
  let total = counted(outcomes.count, "test")
  let summary = failed == 0 ? "\(total) passed" : "\(failed) of \(total) failed"
  report.print(terminal.paint(summary, failed == 0 ? .good : .bad))
}

/// The same for programs.
private func json(
  _ outcomes: [TestOutcome], _ untested: [Untested], _ findings: Findings
) -> JSONValue {
  [
    "tests": .integer(Int64(outcomes.count)),
    "failed": .integer(Int64(outcomes.count { !$0.hasPassed })),
    "results": .array(
      outcomes.map { outcome in
        [
          "title": .string(outcome.title), "at": .string(outcome.place),
          "passed": .bool(outcome.hasPassed),
          "failures": .array(
            outcome.complaints.map { complaint in
              [
                "at": .string(complaint.place), "expectation": .string(complaint.expectation),
                "but": .string(complaint.failure),
                "details": .array(complaint.details.map { .string($0) }),
              ]
            }),
        ]
      }),
    "untested": .array(untested.map { .string($0.name) }),
    "diagnostics": findings.json,
  ]
}

/// The results as JUnit XML: one suite, a case a test, and one for each text that was not tested.
private func junit(_ outcomes: [TestOutcome], _ untested: [Untested]) -> String {
  let failed = outcomes.count { !$0.hasPassed }
  let count = outcomes.count + untested.count
  var text = #"<?xml version="1.0" encoding="UTF-8"?>"# + "\n"
  text += #"<testsuites><testsuite name="writ" tests="\#(count)" failures="\#(failed)""#
  text += #" errors="\#(untested.count)">"#
  text += "\n"
  for outcome in outcomes {
    let file = String(outcome.place.prefix { $0 != ":" })
    text += #"  <testcase classname="\#(escaped(file))" name="\#(escaped(outcome.title))""#
    if outcome.hasPassed {
      text += "/>\n"
      continue
    }
    text += ">\n"
    for complaint in outcome.complaints {
      let body = ([complaint.place + ": " + complaint.expectation] + complaint.details)
        .joined(separator: "\n")
      text += #"    <failure message="\#(escaped(complaint.failure))">\#(escaped(body))</failure>"#
      text += "\n"
    }
    text += "  </testcase>\n"
  }
  for entry in untested {
    text += #"  <testcase classname="\#(escaped(entry.name))" name="the text compiles">"# + "\n"
    text += #"    <error message="\#(escaped(entry.reason))">\#(escaped(entry.errors))</error>"#
    text += "\n  </testcase>\n"
  }
  return text + "</testsuite></testsuites>\n"
}

/// Text for XML 1.0: markup escaped, characters that it cannot hold replaced.
private func escaped(_ text: String) -> String {
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result.append(contentsOf: "&amp;".unicodeScalars)
    case "<": result.append(contentsOf: "&lt;".unicodeScalars)
    case ">": result.append(contentsOf: "&gt;".unicodeScalars)
    case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
    case "\t", "\n", "\u{20}"..."\u{D7FF}", "\u{E000}"..."\u{FFFD}", "\u{10000}"..."\u{10FFFF}":
      result.append(scalar)
    default: result.append("\u{FFFD}")
    }
  }
  return String(result)
}
