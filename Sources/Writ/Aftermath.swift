// What went wrong after something had been let be done: trouble, held against the deeds that came shortly before it.

import WritEvidence
import WritModel

/// Something that went wrong.
public struct Trouble: Hashable, Sendable {
  /// What it is called: a node, or the action that opened it.
  public let name: String
  /// When it began; microseconds since the epoch.
  public let at: Int64
  /// The nodes that it is about, as records name them.
  public let about: Set<String>
  /// The entry that says so; `nil` where the graph does.
  public let entry: UInt64?
  /// Why it may be otherwise; `nil` where it is known.
  public let doubt: String?

  public init(
    _ name: String, at: Int64, about: Set<String>, entry: UInt64? = nil, doubt: String? = nil
  ) {
    self.name = name
    self.at = at
    self.about = about
    self.entry = entry
    self.doubt = doubt
  }
}

/// A deed, and what went wrong after it.
public struct Aftermath: Sendable {
  public let deed: Deed
  /// By when it began.
  public let troubles: [Trouble]
}

extension Deed {
  /// What kind of action it was; as the log has it.
  public var kind: String? { record.predicate["deed"]?["kind"]?.string }

  /// The action by its full name.
  public var action: String? { record.predicate["deed"]?["action"]?.string }

  /// It touches nothing, or is itself a word about trouble.
  private var changesNothing: Bool {
    kind == "incident" || record.predicate["deed"]?["effect"]?.string == "none"
  }

  /// An action of kind `incident` tells of trouble with what it is about; `nil` of any other.
  public var asTrouble: Trouble? {
    guard kind == "incident", outcome == nil || outcome == "succeeded" else { return nil }
    return Trouble(action ?? "-", at: at, about: Set(record.subjects), entry: entry)
  }

  /// Whether trouble began after it was decided, and not later than so long after its result; where that is not known, after the decision.
  func isFollowed(by trouble: Trouble, within window: Int64) -> Bool {
    guard trouble.at >= at, record.subjects.contains(where: trouble.about.contains) else {
      return false
    }
    let (end, isForever) = max(at, ended ?? at).addingReportingOverflow(window)
    return isForever || trouble.at <= end
  }

  /// Deeds that changed something, each with the trouble that began within so many microseconds after it, those with none left out.
  /// O(deeds × troubles about the same).
  public static func aftermaths(
    of deeds: [Deed], among troubles: [Trouble], within window: Int64
  ) -> [Aftermath] {
    var byNode: [String: [Trouble]] = [:]
    for trouble in troubles.sorted(by: { $0.at < $1.at }) {
      for node in trouble.about { byNode[node, default: []].append(trouble) }
    }
    return deeds.compactMap { deed in
      guard !deed.changesNothing else { return nil }
      var seen: Set<Trouble> = []
      let found = Set(deed.record.subjects).flatMap { byNode[$0] ?? [] }.filter {
        deed.isFollowed(by: $0, within: window) && seen.insert($0).inserted
      }
      guard !found.isEmpty else { return nil }
      return Aftermath(
        deed: deed, troubles: found.sorted { ($0.at, $0.name) < ($1.at, $1.name) })
    }
  }
}
