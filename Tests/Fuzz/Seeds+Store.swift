// Seeds of proofs of questions, and of the files that a store writes for itself.

import WritEvidence
import WritModel

var questionSeeds: [FuzzSeed] {
  let world = QuestionWorld.shared
  let proofs = ["Service/b", "Service/aa"].compactMap { name in
    Question(subject: name, from: QuestionWorld.moment(1), to: QuestionWorld.moment(9)).map {
      world.proof($0).bytes
    }
  }
  return [
    FuzzSeed("found", [0] + (proofs.first ?? [])), FuzzSeed("absent", [0] + (proofs.last ?? [])),
    FuzzSeed("genuine", [1, 0, 0, 2, 9, 0]), FuzzSeed("smaller", [1, 1, 0, 0, 9, 1, 5, 5, 0]),
    FuzzSeed("left-out", [1, 2, 0, 1, 9, 2, 2, 1, 0, 8, 1, 0]),
    FuzzSeed("another-head", [1, 0, 0, 1, 9, 1, 6, 1, 0, 2, 0]),
    FuzzSeed("another-question", [1, 0, 0, 4, 5, 2, 0, 1, 0, 1, 0, 9]),
    FuzzSeed("changed", [1, 4, 0, 1, 9, 4, 4, 0, 0, 0, 7, 0, 1, 3, 1, 0, 0, 7, 0, 0, 1, 1, 1, 0]),
  ]
}

var storeSeeds: [FuzzSeed] {
  let token = String(repeating: "A", count: 43)
  return [
    FuzzSeed(
      "retention", choice: 0, #"{"keep": {"trace": "90d", "request": "400d", "snapshot": "1d12h"}}"#
    ),
    FuzzSeed(
      "erasure", choice: 1,
      #"{"digests":["\#(token)"],"ground":"asked to","id":"e1","names":{"\#(token)":"Identity/~\#(token)"},"#
        + #""size":7,"log":"log.example"}"#),
    FuzzSeed("run", [3, 7, 3, 0, 1, 9, 0, 1, 2, 2, 8] + [UInt8](0..<60)),
    FuzzSeed("raw-run", choice: 2, "WRITIDX2"),
    FuzzSeed("heads", [4] + headsFile), FuzzSeed("changed-heads", [5, 30, 0, 9, 200, 3, 7]),
  ]
}
