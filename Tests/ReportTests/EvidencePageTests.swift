// The page says of a record what writ-verify says: sentence by sentence, with its own placeholders in the members.

import Testing
import WritEvidence
import WritModel
import WritReport

@Suite struct EvidencePageTests {
  /// Members that a sentence may show.
  private static let names = [
    "action", "approver", "artifact", "at", "attempts", "begun", "block", "caller", "canceller",
    "clause", "clock",
    "confinement",
    "decision", "delegate", "exit", "expires", "gate", "ground", "granter", "how", "mode",
    "outcome",
    "overrider",
    "pipeline", "reason", "rejecter", "result", "reviewer", "revoker", "role", "rollback", "run",
    "signedAt",
    "size", "subjects", "through", "unlocker", "verdict", "waiver",
  ]

  private static let digest = String(repeating: "0", count: 64)

  /// A record each of whose members is what the page puts there.
  private func record(_ type: String, _ more: [JSONMember] = []) throws -> LoggedRecord {
    let isDecision = type == PredicateType.decision
    let names = (isDecision ? [] : EvidencePageTests.names).filter { name in
      !more.contains { $0.name == name }
    }
    let members = names.map { name in
      JSONMember(name, .string("${text(\"\(name)\")}"))
    }
    let statement: JSONValue = [
      "_type": "https://in-toto.io/Statement/v1", "predicateType": .string(type),
      "predicate": .object(more + members),
      "subject": [
        ["name": "Service/web", "digest": ["sha256": .string(EvidencePageTests.digest)]]
      ],
    ]
    let record = LoggedRecord(Array(statement.compact.utf8))
    #expect(record.statement != nil)
    return record
  }

  @Test(arguments: [
    PredicateType.approvalGiven, PredicateType.rejectionGiven, PredicateType.unlockGiven,
    PredicateType.waiverGiven, PredicateType.breakGlassReviewed, PredicateType.tokenRevoked,
    PredicateType.intentGiven, PredicateType.permitIssued, PredicateType.actionResult,
    PredicateType.runBegun, PredicateType.runCancelled, PredicateType.runEnded,
    PredicateType.index, PredicateType.config,
  ])
  func thePageSaysWhatTheProgramSays(_ type: String) throws {
    let page = EvidencePage.html(of: [])
    for taken in [true, false] {
      var marks = ["taken", "effectUnknown", "needsPerson"].map { JSONMember($0, .bool(taken)) }
      if taken { marks.append(JSONMember("outcome", "refused")) }
      let words = try record(type, marks).words { _ in nil }
      #expect(!words.isEmpty)
      for sentence in words {
        #expect(page.contains("`\(sentence)`") || page.contains("\"\(sentence)\""), "\(sentence)")
      }
    }
  }

  @Test func labelsAreSaidOfDecisionsAndPermits() throws {
    let page = EvidencePage.html(of: [])
    let labels = JSONMember("labels", ["eu", "fast"])
    let deed = JSONMember("deed", ["action": "shop.put", "kind": "deploy", "effect": "production"])
    let decided = try record(PredicateType.decision, [deed, labels]).words { _ in nil }
    #expect(decided.last == "by a delegate labelled eu, fast only")
    let permitted = try record(PredicateType.permitIssued, [labels]).words { _ in nil }
    #expect(permitted.last == "which is labelled eu, fast, as the action asks")
    // The page puts them together in the same way.
    for part in [
      #"labels("by a delegate labelled ", " only")"#,
      #"labels("which is labelled ", ", as the action asks")"#, #"predicate.labels.join(", ")"#,
    ] {
      #expect(page.contains(part))
    }
  }

  @Test func aDecisionNamesWhatItLetsBeDoneAndWhatItTakesBack() throws {
    let artifact = "sha256:" + String(repeating: "7", count: 64)
    let words = try record(
      PredicateType.decision,
      [
        JSONMember("deed", ["action": "shop.undo", "kind": "rollback", "effect": "production"]),
        JSONMember(
          "undoes",
          [["action": "shop.deploy", "artifact": .string(artifact), "deed": 34, "run": "r1"]]),
      ]
    ).words { _ in nil }
    #expect(words.first == "lets shop.undo be done: rollback, production")
    #expect(
      words.last == "takes back shop.deploy of \(artifact), which entry 34 let be done in run r1")
  }

  @Test func thePageKeepsNothingBackThatTheProgramWarnsOf() {
    let page = EvidencePage.html(of: [])
    for words in [
      "The span ends later: what was logged since, a newer proof must show.",
      "The claim says nothing of what other gates allowed: ",
    ] { #expect(page.contains(words)) }
    // Who said a fact that no source vouched for, no proof tells.
    #expect(!page.contains("\"the request\""))
  }
}
