// How a policy's own words tell agents from people: by names, since the language has no word for either.

import WritModel

/// What a name says of whoever it is said of.
enum CallerSort {
  case agent, person
}

/// An agent and a person, as far as a policy tells them apart.
struct CallerPair {
  /// By enum: the member that each of them is.
  var members: [Int: (agent: Int64, person: Int64)] = [:]
  /// By index into the kinds of nodes.
  var kinds: (agent: Int, person: Int)?
}

/// The names of a schema that tell agents from people.
struct CallerSorts {
  /// For each sort of agent, that beside each sort of person. Empty where no enum and no kind tells them apart.
  let pairs: [[CallerPair]]

  /// Sorts of either that are looked at.
  private static let most = 8

  /// O(members of enums, and kinds).
  init(_ schema: Schema, callerKinds: [Int]) {
    var byEnum: [Int: (agents: [Int], persons: [Int])] = [:]
    for field in callerKinds.flatMap({ schema.kinds[$0].fields }) {
      guard case .enumeration(let index) = field.type.unwrapped, byEnum[index] == nil,
        let sides = Self.sides(of: schema.enums[index].members, isKind: isKindField(field.name))
      else { continue }
      byEnum[index] = sides
    }
    let kinds = Self.sides(of: schema.kinds.map(\.name), isKind: false)
    let all = Array(byEnum.values) + (kinds.map { [$0] } ?? [])
    let agents = min(Self.most, max(1, all.map(\.agents.count).max() ?? 1))
    let persons = min(Self.most, max(1, all.map(\.persons.count).max() ?? 1))
    pairs = (0..<agents).map { agent in
      (0..<persons).map { person in
        func choice(_ sides: (agents: [Int], persons: [Int])) -> (agent: Int, person: Int) {
          (sides.agents[agent % sides.agents.count], sides.persons[person % sides.persons.count])
        }
        return CallerPair(
          members: byEnum.mapValues {
            let chosen = choice($0)
            return (Int64(chosen.agent), Int64(chosen.person))
          }, kinds: kinds.map(choice))
      }
    }
  }

  /// Which of the names are agents, and which people; `nil` where they do not tell both apart.
  private static func sides(
    of names: [String], isKind: Bool
  ) -> (agents: [Int], persons: [Int])? {
    let sorts = names.map { sort(ofMember: $0) }
    var agents = sorts.indices.filter { sorts[$0] == .agent }
    var persons = sorts.indices.filter { sorts[$0] == .person }
    // Where a field is called `kind` or so, the rest are the others.
    if isKind, agents.isEmpty != persons.isEmpty {
      let rest = sorts.indices.filter { sorts[$0] == nil }
      if agents.isEmpty { agents = rest } else { persons = rest }
    }
    return agents.isEmpty || persons.isEmpty ? nil : (agents, persons)
  }
}

/// Of a member of an enum, or of a kind of nodes.
private func sort(ofMember name: String) -> CallerSort? {
  sort(ofText: name, isKind: true) ?? words(of: name).lazy.compactMap { plainSorts[$0] }.first
}

/// Of a field that holds or does not: `isAgent`, `human`.
func sort(ofField name: String) -> CallerSort? {
  let parts = words(of: name)
  return sort(ofText: parts.drop { ["is", "by"].contains($0) }.joined(), isKind: true)
}

/// Of a text that a field, an id or a set of the caller is compared with.
///
/// - Parameter isKind: The field is called `kind` or so, and then more words say what somebody is.
func sort(ofText text: String, isKind: Bool) -> CallerSort? {
  let word = words(of: text).joined()
  return plainSorts[word] ?? (isKind ? kindSorts[word] : nil)
}

/// A field that says what sort of thing a node is.
func isKindField(_ name: String) -> Bool {
  guard let last = words(of: name).last else { return false }
  return ["kind", "type", "sort", "nature", "category"].contains(last)
}

/// A parameter of a gate that stands for whoever asks.
func isActorName(_ name: String) -> Bool {
  ["actor", "requester", "requestor", "principal", "initiator", "invoker"].contains(name)
}

/// Words in lower case: of `aiAgent`, `ai_agent` and `ai-agent` the same.
private func words(of name: String) -> [String] {
  var words = [""]
  var wasLower = false
  for byte in name.utf8 {
    let isUpper = (0x41...0x5A).contains(byte)
    let isLetter = isUpper || (0x61...0x7A).contains(byte)
    if !isLetter || (isUpper && wasLower) { words.append("") }
    if isLetter { words[words.count - 1].unicodeScalars.append(Unicode.Scalar(byte | 0x20)) }
    wasLower = isLetter && !isUpper
  }
  return words.filter { !$0.isEmpty }
}

private func sorts(_ agents: String, _ persons: String) -> [String: CallerSort] {
  let named =
    agents.split(separator: " ").map { (String($0), CallerSort.agent) }
    + persons.split(separator: " ").map { (String($0), CallerSort.person) }
  return Dictionary(named) { first, _ in first }
}

/// They say it wherever they stand.
private let plainSorts = sorts(
  "agent agents aiagent aiagents bot bots robot robots nonhuman nonhumans serviceaccount serviceaccounts",
  "person persons people human humans")

/// They say it of a kind.
private let kindSorts = sorts(
  "ai llm model automation automated automatic machine machines service services system systems workload "
    + "workloads daemon script program software app application assistant",
  "user users employee employees staff individual contractor developer engineer operator")
