// Seeds of packs: a request and a trace, and where they lie.

import WritEvidence

var packSeeds: [FuzzSeed] {
  let request = #"{"approvals":[],"arguments":{},"facts":[],"gate":"shop.deploy"}"#
  let trace = #"{"clauses":[],"gate":"shop.deploy"}"#
  let pack = ObjectPack.bytes(of: [Array(request.utf8), Array(trace.utf8), []])
  let index = ObjectPack(pack).map { ObjectPackIndex(of: $0, number: 7).bytes } ?? []
  return [
    FuzzSeed("as-it-is", [0] + pack + [0, 0, 0, 0]), FuzzSeed("mended", [1] + pack),
    FuzzSeed("index", [2] + index),
  ]
}
