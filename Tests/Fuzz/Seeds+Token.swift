// Good inputs of what whoever acts presents.

import WritEvidence
import WritModel

func tokenSeeds() -> [FuzzSeed] {
  guard let world = try? TokenWorld(), let token = try? world.narrowed() else { return [] }
  let payloads = (token.json["blocks"]?.array ?? []).compactMap { try? Envelope($0).payload }
  guard payloads.count == 2 else { return [] }
  return [
    FuzzSeed("whole", choice: 0, token.json.compact),
    FuzzSeed("first", [1] + payloads[0]), FuzzSeed("second", [2] + payloads[1]),
  ]
}
