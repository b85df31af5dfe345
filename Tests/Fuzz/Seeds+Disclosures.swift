// Seeds of disclosures: the one of RFC 9901, and what is made of its digest.

private let disclosure = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
private let digest = "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"

var disclosureSeeds: [FuzzSeed] {
  [
    FuzzSeed("disclosure", choice: 0, disclosure),
    FuzzSeed("line", choice: 1, #"{"disclosure":"\#(disclosure)","of":["Identity/anna"]}"#),
    FuzzSeed("tokens", choice: 2, "Identity/~\(digest), ~~\(digest)~ and ~"),
    FuzzSeed("erasure", choice: 3, erasure),
  ]
}

private let erasure = """
  {"_type":"https://in-toto.io/Statement/v1","predicate":{"digests":["\(digest)"],"ground":"GDPR Art. 17(1)(b)",\
  "id":"1","kind":"erase","logged":"2026-11-19T00:00:00Z","prev":{"Identity/~\(digest)":-1}},\
  "predicateType":"urn:writ:erase:v1","subject":[{"digest":{"sha256":\
  "5fdc87d008eb766d4e8a3e2d5aca3d533cca26f3e80f1c26b8470edd701d442d"},"name":"Identity/~\(digest)"}]}
  """
