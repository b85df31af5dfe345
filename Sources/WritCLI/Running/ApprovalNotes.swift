// What lies beside the approvals of a run and is none of what it asks for: said once, so that nobody waits for it to count.

import WritCrypto
import WritEvidence
import WritModel
import WritPipeline

/// Says of each file that nothing in it is counted, and why. One thread.
final class ApprovalNotes {
  private let desk: PipelineDesk
  private let tell: RunTeller
  /// What is asked, and was before in this run.
  private var subjects: [RunPosition: ApprovalSubject] = [:]
  private var earlier: Set<Digest> = []
  /// Files that were looked at since what is asked has changed last, and those that were told of.
  private var known: [String: FileStamp?] = [:]
  private var told: [String: FileStamp?] = [:]

  /// Microseconds after which what is no JSON is no longer taken for half written.
  private static let patience: Int64 = 2_000_000

  init(_ desk: PipelineDesk, _ tell: RunTeller) {
    self.desk = desk
    self.tell = tell
  }

  /// People are asked this from now on.
  func asks(_ subject: ApprovalSubject, at node: RunPosition, of run: Run? = nil) {
    subjects[node] = subject
    known = [:]
    guard let run else { return }
    // A runner that took the run up has not asked this itself.
    for (other, ballot) in run.ballots where other != node.node {
      if let subject = ballot.subject { earlier.insert(subject) }
    }
  }

  /// Looks at the files that are new, or that what is asked now may no longer be in.
  func look(_ now: Int64) {
    for (name, file) in desk.approvals.contents() {
      if let before = known[name], before == file.stamp { continue }
      guard file.isJSON || now - file.seen >= ApprovalNotes.patience else { continue }
      known[name] = file.stamp
      if let before = told[name], before == file.stamp { continue }
      guard let reason = reason(file) else { continue }
      told[name] = file.stamp
      tell.note("\(name) in the folder of approvals is not counted: \(reason)")
    }
  }

  /// Why something in a file is not counted; `nil` where all is what was asked for.
  private func reason(_ file: ApprovalFile) -> String? {
    guard file.isJSON else { return "it is no JSON that can be read" }
    return file.envelopes.lazy.compactMap(reason).first
  }

  private func reason(_ envelope: JSONValue) -> String? {
    let registry = desk.bundle.registry
    if (try? WaiverGrant(envelope, registry: registry)) != nil { return nil }
    let no: String
    do throws(SignedWordError) {
      let rejection = try Rejection(envelope, registry: registry)
      return reason(
        "the no by \(rejection.rejecter)",
        ApprovalTarget(gate: rejection.gate, digest: rejection.digest, does: nil), isNo: true)
    } catch {
      if case .malformed = error { no = "" } else { no = error.description }
    }
    do throws(ApprovalError) {
      let approval = try Approval(envelope, registry: registry)
      return reason("the approval by \(approval.approver)", approval.target, isNo: false)
    } catch {
      return no.isEmpty ? error.description : no
    }
  }

  private func reason(_ what: String, _ given: ApprovalTarget, isNo: Bool) -> String? {
    let asked = subjects.values.map(\.target).filter(given.asksTheSame)
    let isAsked = isNo ? !asked.isEmpty : asked.contains(where: given.isSame)
    guard !isAsked, !earlier.contains(given.whole) else { return nil }
    if let why = asked.first.flatMap(given.whyNot) { return "\(what) \(why)" }
    return "\(what) is for something else than what is asked, of `\(given.gate)`"
  }
}
